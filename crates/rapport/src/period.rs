//! A stretch of the calendar: a year, a quarter, a month, or everything until now.

use rapport_model::{Month, Time};

use crate::fault::Fault;

/// From `from` until before `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) from: Time,
    pub(crate) to: Time,
}

const WEEK: i64 = 7 * 86_400_000;

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

    /// Reads `2026-W45`; without words the last week that was over at `now`.
    pub(crate) fn week(words: Option<&str>, now: Time) -> Result<Period, Fault> {
        let monday = |week: rapport_model::Week| Time::parse(&week.to_string()).unwrap_or(Time::MIN);
        let from = match words {
            None => monday(now.plus_millis(-WEEK).week()),
            Some(words) => {
                let bad = || Fault::usage(format!("'{words}' is no week")).hint("2026-W45");
                let (year, week) =
                    words.split_once("-W").or_else(|| words.split_once("-w")).ok_or_else(bad)?;
                let year: i32 = year.parse().ok().filter(|y| (1970..=9000).contains(y)).ok_or_else(bad)?;
                let week: i64 = week.parse().ok().filter(|w| (1..=53).contains(w)).ok_or_else(bad)?;
                // The fourth of January is always in the first week.
                let first = Time::parse(&format!("{year:04}-01-04")).map_err(|_| bad())?;
                let from = monday(first.week()).plus_millis((week - 1) * WEEK);
                if from.date().iso_week_date().year() != i16::try_from(year).unwrap_or(0) {
                    return Err(bad());
                }
                from
            }
        };
        Ok(Period { from, to: from.plus_millis(WEEK) })
    }

    /// `2026-W45`, of a week.
    pub(crate) fn week_name(&self) -> String {
        let week = self.from.date().iso_week_date();
        format!("{}-W{:02}", week.year(), week.week())
    }

    /// The quarter that a moment is in.
    pub(crate) fn quarter(now: Time) -> Result<Period, Fault> {
        let month = now.month().0;
        Period::parse(Some(&format!("{:04}-Q{}", month / 100, (month % 100 + 2) / 3)), now)
    }

    /// The stretch of as many months just before; none before everything.
    pub(crate) fn before(&self) -> Option<Period> {
        if self.from == Time::MIN {
            return None;
        }
        let months = |t: Time| i64::from(t.month().0 / 100) * 12 + i64::from(t.month().0 % 100) - 1;
        let first = months(self.from) - (months(self.to) - months(self.from)).max(1);
        let from = Time::parse(&format!("{:04}-{:02}-01T00:00:00Z", first / 12, first % 12 + 1)).ok()?;
        Some(Period { from, to: self.from })
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
        let before = |words: &str| Period::parse(Some(words), now).ok()?.before().map(|p| p.words());
        assert_eq!(before("2026-Q1").as_deref(), Some("2025-10-01 to 2025-12-31"));
        assert_eq!(before("2026-03").as_deref(), Some("2026-02-01 to 2026-02-28"));
        assert_eq!(before("2026").as_deref(), Some("2025-01-01 to 2025-12-31"));
    }

    #[test]
    fn weeks_are_those_of_the_calendar() {
        let now = Time::parse("2026-09-28T08:00:00Z").unwrap();
        let week = |words: Option<&str>| Period::week(words, now).map(|p| (p.week_name(), p.words())).ok();
        assert_eq!(week(None), Some(("2026-W39".to_owned(), "2026-09-21 to 2026-09-27".to_owned())));
        assert_eq!(
            week(Some("2026-W01")),
            Some(("2026-W01".to_owned(), "2025-12-29 to 2026-01-04".to_owned()))
        );
        assert_eq!(week(Some("2026-W53")).map(|w| w.0).as_deref(), Some("2026-W53"));
        assert_eq!((week(Some("2025-W53")), week(Some("W3"))), (None, None));
    }
}
