//! A stretch of the calendar: a year, a quarter, a month, or everything until now.

use rapport_model::{Month, Time};

use crate::fault::Fault;

/// From `from` until before `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) from: Time,
    pub(crate) to: Time,
}

impl Period {
    /// Reads `2026`, `2026-Q3` or `2026-09`; without words everything until `now`.
    pub(crate) fn parse(words: Option<&str>, now: Time) -> Result<Period, Fault> {
        let Some(words) = words else { return Ok(Period { from: Time::MIN, to: now.plus_millis(1) }) };
        let bad = || Fault::usage(format!("'{words}' is no period")).hint("2026, 2026-Q3 or 2026-09");
        let (year, rest) = words.split_once('-').unwrap_or((words, ""));
        let year: i32 = year.parse().ok().filter(|y| (1970..=9000).contains(y)).ok_or_else(bad)?;
        let (first, months) = match rest.strip_prefix(['Q', 'q']) {
            Some(quarter) => {
                (quarter.parse::<i32>().ok().filter(|q| (1..=4).contains(q)).ok_or_else(bad)? * 3 - 2, 3)
            }
            None if rest.is_empty() => (1, 12),
            None => (rest.parse().ok().filter(|m| (1..=12).contains(m)).ok_or_else(bad)?, 1),
        };
        let start = |month: i32| {
            let (y, m) = (year + (month - 1) / 12, (month - 1) % 12 + 1);
            Time::parse(&format!("{y:04}-{m:02}-01T00:00:00Z")).map_err(|_| bad())
        };
        Ok(Period { from: start(first)?, to: start(first + months)? })
    }

    /// The last month that it touches.
    pub(crate) fn last_month(&self) -> Month {
        self.to.plus_millis(-1).month()
    }

    /// For a heading.
    pub(crate) fn words(&self) -> String {
        let day = |t: Time| t.to_string().get(..10).unwrap_or_default().to_owned();
        let last = day(self.to.plus_millis(-1));
        if self.from == Time::MIN {
            format!("everything until {last}")
        } else {
            format!("{} to {last}", day(self.from))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_years_quarters_and_months() {
        let now = Time::parse("2026-09-28T08:00:00Z").unwrap();
        let check = |words: &str| Period::parse(Some(words), now).map(|p| p.words()).ok();
        assert_eq!(check("2026-Q3").as_deref(), Some("2026-07-01 to 2026-09-30"));
        assert_eq!(check("2025").as_deref(), Some("2025-01-01 to 2025-12-31"));
        assert_eq!(check("2026-12").as_deref(), Some("2026-12-01 to 2026-12-31"));
        assert_eq!((check("2026-Q5"), check("soon")), (None, None));
    }
}
