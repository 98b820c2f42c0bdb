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

/// `Mon, 28 Sep 2026 08:00:00 +0000`, as mail writes it.
pub(crate) fn mail(at: Seconds) -> String {
    written(at, "%a, %d %b %Y %H:%M:%S +0000")
}

/// `Mon Sep 28 08:00:00 2026`, as the line before each mail of an mbox has it.
pub(crate) fn envelope(at: Seconds) -> String {
    written(at, "%a %b %e %H:%M:%S %Y")
}
