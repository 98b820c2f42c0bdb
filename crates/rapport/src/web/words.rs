//! How figures and times read on a page.

use rapport_model::Time;

use std::borrow::Cow;

use super::texts::Texts;
use crate::page;

/// `4 d 6 h` between two moments, in English.
#[allow(dead_code)] // for a page that is not translated yet
pub(super) fn since(then: Option<&Time>, now: &Time) -> String {
    #[allow(clippy::cast_precision_loss)] // a calendar
    then.map_or_else(String::new, |then| page::span((now.millis() - then.millis()) as f64 / 1_000.0))
}

/// `Mon 2026-09-28 08:00 UTC`
pub(super) fn moment(at: &Time) -> String {
    page::moment(*at)
}

/// One line, cut, without characters that rearrange it.
pub(super) fn short(text: &str, most: usize) -> String {
    page::line(text, most)
}

/// `1 person`, `3 people`, in English.
#[allow(dead_code)] // for a page that is not translated yet
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    page::count(n, one, many)
}

/// Who somebody is; of an account that is gone no name is left.
pub(super) fn named<'a>(texts: &Texts, who: Option<&'a str>) -> Cow<'a, str> {
    who.map_or_else(|| Cow::Owned(texts.t("page-nobody").to_string()), Cow::Borrowed)
}

/// The points of a line through weekly counts, for a drawing 120 wide and 28 high.
pub(super) fn spark(weeks: &[u32]) -> String {
    let top = weeks.iter().copied().max().unwrap_or(0).max(1);
    #[allow(clippy::cast_precision_loss)] // weeks of a few years, people of a week
    let point = |(n, count): (usize, &u32)| {
        let x = 1.0 + 118.0 * n as f64 / (weeks.len().max(2) - 1) as f64;
        let y = 26.0 - 24.0 * f64::from(*count) / f64::from(top);
        format!("{x:.1},{y:.1}")
    };
    weeks.iter().enumerate().map(point).collect::<Vec<_>>().join(" ")
}

/// Two digits behind the point, or nothing.
pub(super) fn two(number: Option<&f64>) -> String {
    number.map_or_else(|| "\u{2013}".to_owned(), |n| format!("{n:.2}"))
}

/// Text for a terminal without its colours.
pub(super) fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
