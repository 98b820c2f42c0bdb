//! When a series is: the rule of an iCalendar, rolled out as far as it is asked for.

use calcard::icalendar::ICalendar;
use calcard::{Entry, Parser};
use rapport_model::Time;

/// A series is followed for so many times; daily, that is more than fifty years.
pub(super) const MOST: usize = 20_000;

/// The times at which a series begins, before `to`, in order and each once.
pub(super) fn times(rule: &[String], days: bool, to: Time) -> Vec<Time> {
    let mut text = String::from("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:series\r\n");
    for line in rule.iter().filter(|line| !line.contains(['\r', '\n'])) {
        text.push_str(line);
        // Without an end of its own it ends a day behind what is asked for: nothing is rolled out for nobody.
        let upper = line.to_ascii_uppercase();
        if upper.starts_with("RRULE") && !upper.contains("COUNT=") && !upper.contains("UNTIL=") {
            let end = to.plus_millis(super::DAY).date();
            text.push_str(&format!(";UNTIL={:04}{:02}{:02}T235959", end.year(), end.month(), end.day()));
        }
        text.push_str("\r\n");
    }
    text.push_str("END:VEVENT\r\nEND:VCALENDAR\r\n");
    let Some(calendar) = calendar(&text) else { return Vec::new() };
    let rolled = calendar.expand_dates(calcard::common::timezone::Tz::UTC, MOST);
    let mut all: Vec<Time> = rolled
        .events
        .iter()
        .filter_map(|event| {
            // Of a day the day counts, wherever it is.
            let local = event.start.naive_local().and_utc().timestamp();
            Time::from_seconds(if days { local } else { event.start.timestamp() })
        })
        .filter(|at| *at < to)
        .collect();
    all.sort_unstable();
    all.dedup();
    all.truncate(MOST);
    all
}

/// The first calendar of a text.
pub(crate) fn calendar(text: &str) -> Option<ICalendar> {
    let mut parser = Parser::new(text);
    // Each entry takes at least a byte, but a text of nothing else is no calendar either.
    for _ in 0..64 {
        match parser.entry() {
            Entry::ICalendar(calendar) => return Some(calendar),
            Entry::Eof => return None,
            _ => {}
        }
    }
    None
}
