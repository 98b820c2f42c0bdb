//! Working time: an answer promised "within two working days" does not run at the weekend.

use rapport_model::Time;

const DAY: i64 = 86_400_000;

/// Working milliseconds between two moments: Mondays to Fridays, whole days in UTC. 0 when `to` is not later.
#[must_use]
pub fn working_millis(from: Time, to: Time) -> i64 {
    if to <= from {
        return 0;
    }
    worked_until(to.millis()) - worked_until(from.millis())
}

/// Whole working days, as a fraction.
#[must_use]
pub fn working_days(from: Time, to: Time) -> f64 {
    #[allow(clippy::cast_precision_loss)] // far below 2^53
    let days = working_millis(from, to) as f64 / DAY as f64;
    days
}

/// Working milliseconds from a fixed Monday until `millis`.
fn worked_until(millis: i64) -> i64 {
    let since_monday = millis + 3 * DAY; // 1970-01-01 was a Thursday
    let (week, within) = (since_monday.div_euclid(7 * DAY), since_monday.rem_euclid(7 * DAY));
    week * 5 * DAY + within.min(5 * DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weekend_does_not_count() {
        let at = |text: &str| Time::parse(text).unwrap();
        for (from, to, days) in [
            ("2026-09-25T12:00:00Z", "2026-09-28T12:00:00Z", 1.0),
            ("2026-09-26T00:00:00Z", "2026-09-27T23:00:00Z", 0.0),
            ("2026-09-21T00:00:00Z", "2026-09-28T00:00:00Z", 5.0),
            ("2026-09-22T00:00:00Z", "2026-09-22T12:00:00Z", 0.5),
        ] {
            assert!((working_days(at(from), at(to)) - days).abs() < 1e-9, "{from} {to}");
        }
    }
}
