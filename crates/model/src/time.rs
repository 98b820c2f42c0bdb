//! Moments and the calendar buckets that questions group by. Everything is UTC.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment: whole milliseconds since 1970-01-01T00:00:00Z. Printed as RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

/// A text that is no moment. Carries the text (cut to 80 characters).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a time; wanted is RFC 3339, for example 2026-09-28T08:00:00Z")]
pub struct BadTime(pub String);

impl Time {
    /// 0001-01-01T00:00:00Z: the earliest moment that is accepted.
    pub const MIN: Time = Time(-62_135_596_800_000);
    /// 9999-12-30T22:00:00Z: the latest moment that every calendar of the program can print.
    pub const MAX: Time = Time(253_402_207_200_000);

    /// A moment from milliseconds since the epoch; `None` outside [`Time::MIN`] to [`Time::MAX`].
    #[must_use]
    pub const fn from_millis(millis: i64) -> Option<Time> {
        if millis < Time::MIN.0 || millis > Time::MAX.0 { None } else { Some(Time(millis)) }
    }

    /// A moment from whole seconds since the epoch; `None` when out of range.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Option<Time> {
        match seconds.checked_mul(1000) {
            Some(millis) => Time::from_millis(millis),
            None => None,
        }
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This moment moved by `millis` milliseconds, held inside the accepted range.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Time {
        Time(self.0.saturating_add(millis).clamp(Time::MIN.0, Time::MAX.0))
    }

    /// Seconds from `earlier` to this moment; negative when `earlier` is later.
    #[must_use]
    pub fn seconds_since(self, earlier: Time) -> f64 {
        #[allow(clippy::cast_precision_loss)] // milliseconds of ten thousand years fit 53 bits
        let millis = (self.0 - earlier.0) as f64;
        millis / 1000.0
    }

    /// Reads RFC 3339; a text without a zone mark is taken as UTC, and a lone date as its midnight.
    ///
    /// # Errors
    /// [`BadTime`] when the text is none of these or is out of range.
    pub fn parse(text: &str) -> Result<Time, BadTime> {
        let text = text.trim();
        let bad = || BadTime(text.chars().take(80).collect());
        let stamp = match text.parse::<Timestamp>() {
            Ok(stamp) => stamp,
            Err(_) => {
                let civil = text
                    .parse::<jiff::civil::DateTime>()
                    .or_else(|_| text.parse::<Date>().map(|d| d.at(0, 0, 0, 0)))
                    .map_err(|_| bad())?;
                civil.to_zoned(TimeZone::UTC).map_err(|_| bad())?.timestamp()
            }
        };
        Time::from_millis(stamp.as_millisecond()).ok_or_else(bad)
    }

    /// The UTC date.
    #[must_use]
    pub fn date(self) -> Date {
        Timestamp::from_millisecond(self.0)
            .map_or(Date::ZERO, |stamp| TimeZone::UTC.to_datetime(stamp).date())
    }

    /// The calendar month, UTC.
    #[must_use]
    pub fn month(self) -> Month {
        let date = self.date();
        Month(i32::from(date.year()) * 100 + i32::from(date.month()))
    }

    /// The week, named by its Monday, UTC.
    #[must_use]
    pub fn week(self) -> Week {
        const DAY: i64 = 86_400_000;
        // 1970-01-01 was a Thursday: three days after a Monday.
        let day = self.0.div_euclid(DAY);
        let monday = day - (day + 3).rem_euclid(7);
        let date = Time((monday * DAY).max(Time::MIN.0)).date();
        Week(i32::from(date.year()) * 10_000 + i32::from(date.month()) * 100 + i32::from(date.day()))
    }
}

/// A calendar month as the number `yyyymm`, for example 202609: sorts and prints as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Month(pub i32);

/// A week named by its Monday as the number `yyyymmdd`, for example 20260928.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Week(pub i32);

impl Week {
    /// This week and every following one until `last`, which is included; at most 10,000.
    pub fn through(self, last: Week) -> impl Iterator<Item = Week> {
        let start = |week: Week| Time::parse(&week.to_string()).unwrap_or(Time::MIN);
        (0..10_000_i64)
            .map(move |n| start(self).plus_millis(n * 7 * 86_400_000).week())
            .take_while(move |w| *w <= last)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0 / 100, self.0 % 100)
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0 / 10_000, self.0 / 100 % 100, self.0 % 100)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_millisecond(self.0) {
            Ok(stamp) => write!(f, "{stamp}"),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

impl FromStr for Time {
    type Err = BadTime;
    fn from_str(text: &str) -> Result<Time, BadTime> {
        Time::parse(text)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Time::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_that_sources_use() {
        for (text, wanted) in [
            ("2026-05-21T13:00:34.854Z", "2026-05-21T13:00:34.854Z"),
            ("2018-03-12T17:00:45.567", "2018-03-12T17:00:45.567Z"),
            ("2024-01-02T13:59:13+01:00", "2024-01-02T12:59:13Z"),
            ("2026-09-28", "2026-09-28T00:00:00Z"),
            ("2026-09-28 08:00:00", "2026-09-28T08:00:00Z"),
        ] {
            assert_eq!(Time::parse(text).map(|t| t.to_string()), Ok(wanted.to_owned()), "{text}");
        }
        assert!(Time::parse("yesterday").is_err());
        assert!(Time::from_millis(i64::MAX).is_none());
    }

    #[test]
    fn buckets_follow_the_calendar() {
        let sunday = Time::parse("2026-09-27T23:59:59.999Z").unwrap();
        let monday = Time::parse("2026-09-28T00:00:00Z").unwrap();
        assert_eq!((sunday.week(), monday.week()), (Week(20_260_921), Week(20_260_928)));
        assert_eq!(Week(20_260_921).through(Week(20_261_005)).count(), 3);
        assert_eq!(monday.month().to_string(), "2026-09");
        assert_eq!(Time::parse("1969-12-31T12:00:00Z").unwrap().week(), Week(19_691_229));
    }
}
