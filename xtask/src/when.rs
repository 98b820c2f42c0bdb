//! Moments as seconds since 1970, and how each kind of archive writes them.

use jiff::Timestamp;

use crate::Fault;

/// Seconds since 1970.
pub(crate) type Seconds = i64;

/// `2026-09-28T08:00:00Z` as seconds.
pub(crate) fn parse(text: &str) -> Result<Seconds, Fault> {
    let at: Timestamp = text.parse().map_err(|e| format!("'{text}' is no time: {e}"))?;
    Ok(at.as_second())
}

fn written(at: Seconds, shape: &str) -> String {
    Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH).strftime(shape).to_string()
}

/// `2026-09-28T08:00:00Z`
pub(crate) fn iso(at: Seconds) -> String {
    written(at, "%Y-%m-%dT%H:%M:%SZ")
}

/// `2026-09-28`
pub(crate) fn day(at: Seconds) -> String {
    written(at, "%Y-%m-%d")
}

/// `2026-09`
pub(crate) fn month(at: Seconds) -> String {
    written(at, "%Y-%m")
}

/// `Mon, 28 Sep 2026 10:00:00 +0200`, as mail writes it, on a clock that is some hours ahead of UTC.
pub(crate) fn mail(at: Seconds, ahead: i64) -> String {
    format!("{} +{ahead:02}00", written(at + ahead * 3_600, "%a, %d %b %Y %H:%M:%S"))
}

/// `2026-September`, as list servers name their archives.
pub(crate) fn month_in_words(at: Seconds) -> String {
    written(at, "%Y-%B")
}

/// `Mon Sep 28 08:00:00 2026`, as the line before each mail of an mbox has it.
pub(crate) fn envelope(at: Seconds) -> String {
    written(at, "%a %b %e %H:%M:%S %Y")
}
