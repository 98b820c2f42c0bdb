//! When a message was written, as chats say it: an instant, or only the time of day.

/// A moment of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Seconds since 1970.
    Instant(i64),
    /// Seconds since midnight, of a day that is not told.
    OfDay(i64),
}

/// Reads RFC 3339, a date with a time, seconds since 1970, or `HH:MM[:SS]`; `None` when it is none of them.
#[must_use]
pub fn when(text: &str) -> Option<When> {
    let text = text.trim().trim_matches(['[', ']']);
    if let Some(seconds) = of_day(text) {
        return Some(When::OfDay(seconds));
    }
    if let Ok(time) = rapport_model::Time::parse(text) {
        return Some(When::Instant(time.millis().div_euclid(1_000)));
    }
    let (whole, _) = text.split_once('.').unwrap_or((text, ""));
    whole.parse().ok().filter(|seconds| *seconds >= 100_000_000).map(When::Instant)
}

fn of_day(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let number = |part: Option<&str>, most: i64| {
        let part = part?;
        let fits = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| part.parse::<i64>().ok()).flatten().filter(|n| *n <= most)
    };
    let hours = number(parts.next(), 23)?;
    let minutes = number(parts.next(), 59)?;
    let seconds = match parts.next() {
        None => 0,
        more => number(more, 60)?,
    };
    parts.next().is_none().then_some(hours * 3_600 + minutes * 60 + seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_chats_write() {
        assert_eq!(when("03:10"), Some(When::OfDay(11_400)));
        assert_eq!(when("[23:59:60]"), Some(When::OfDay(86_400)));
        assert_eq!(when("1970-01-02T00:00:01Z"), Some(When::Instant(86_401)));
        assert_eq!(when("1970-01-02T01:00:01+01:00"), Some(When::Instant(86_401)));
        assert_eq!(when("2000-03-01 00:00"), Some(When::Instant(951_868_800)));
        assert_eq!(when("1700000000.123"), Some(When::Instant(1_700_000_000)));
        for odd in ["", "noon", "25:00", "3:", "99", "2000-13-01 00:00", "\u{0660}\u{0663}:10"] {
            assert_eq!(when(odd), None, "{odd}");
        }
    }
}
