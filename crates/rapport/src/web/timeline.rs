//! Drawings made here, as SVG text: a topic's weeks with what was released meanwhile, and an interval. Each says in words
//! what it shows, for those who do not see it.

use std::fmt::Write;

use crate::report::html::esc;

/// One week of a topic.
pub(super) struct Week {
    /// Its first day.
    pub(super) from: String,
    pub(super) messages: u32,
    pub(super) people: u32,
    /// What was released in it.
    pub(super) events: Vec<String>,
}

const WIDE: f64 = 740.0;
const HIGH: f64 = 120.0;
/// Above the bars, for the marks of events.
const TOP: f64 = 14.0;
/// Events named in the alternative text; the table has them all.
const NAMED: usize = 6;

/// The weeks as bars: messages behind, distinct people before them, a line where something was released.
pub(super) fn weeks(weeks: &[Week]) -> String {
    let top = weeks.iter().map(|w| w.messages.max(w.people)).max().unwrap_or(0).max(1);
    #[allow(clippy::cast_precision_loss)] // weeks of a few years
    let step = WIDE / weeks.len().max(1) as f64;
    let high = |n: u32| HIGH * f64::from(n) / f64::from(top);
    let mut out = format!(
        "<svg class=\"timeline\" viewBox=\"0 0 {WIDE} {}\" role=\"img\" aria-label=\"{}\">",
        HIGH + TOP + 16.0,
        esc(&said(weeks))
    );
    for (n, week) in weeks.iter().enumerate() {
        #[allow(clippy::cast_precision_loss)]
        let x = step * n as f64;
        let about = format!("{}: {} messages, {} people", week.from, week.messages, week.people);
        let _ = write!(out, "<g><title>{}</title>", esc(&about));
        for (class, count, inset) in [("messages", week.messages, 0.05), ("people", week.people, 0.25)] {
            let (y, h) = (TOP + HIGH - high(count), high(count));
            let (x, w) = (x + step * inset, step * (1.0 - 2.0 * inset));
            let _ = write!(
                out,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\"/>"
            );
        }
        out.push_str("</g>");
        if !week.events.is_empty() {
            let x = x + step / 2.0;
            let names = week.events.join(", ");
            let _ = write!(
                out,
                "<g><title>{}</title><line class=\"event\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"2\" y2=\"{}\"/></g>",
                esc(&format!("{}: {names}", week.from)),
                TOP + HIGH
            );
        }
    }
    if let (Some(first), Some(last)) = (weeks.first(), weeks.last()) {
        let y = HIGH + TOP + 12.0;
        let _ = write!(
            out,
            "<text x=\"0\" y=\"{y}\">{}</text><text x=\"{WIDE}\" y=\"{y}\" text-anchor=\"end\">{}</text>",
            esc(&first.from),
            esc(&last.from)
        );
    }
    out.push_str("</svg>");
    out
}

/// The same in words.
fn said(weeks: &[Week]) -> String {
    let (Some(first), Some(last)) = (weeks.first(), weeks.last()) else { return "no week".to_owned() };
    let messages: u32 = weeks.iter().map(|w| w.messages).sum();
    let mut text = format!("Week by week from {} to {}: {messages} messages", first.from, last.from);
    // Of equally busy weeks the first.
    if let Some(most) = weeks.iter().rev().max_by_key(|w| w.people).filter(|w| w.people > 0) {
        let _ = write!(text, "; most people, {}, in the week of {}", most.people, most.from);
    }
    let events: Vec<&String> = weeks.iter().flat_map(|w| &w.events).collect();
    if !events.is_empty() {
        let named: Vec<&str> = events.iter().rev().take(NAMED).map(|e| e.as_str()).collect();
        let _ = write!(text, "; {} released, the last: {}", events.len(), named.join(", "));
    }
    text
}

/// A ratio with its interval, on a scale of doublings from an eighth to eight, with a mark where nothing would differ.
pub(super) fn interval(low: f64, mid: f64, high: f64) -> String {
    let x = |ratio: f64| 4.0 + 120.0 * ((ratio.max(1e-9).log2() + 3.0) / 6.0).clamp(0.0, 1.0);
    format!(
        "<svg class=\"interval\" viewBox=\"0 0 128 16\" role=\"img\" aria-label=\"{mid:.2} times, between {low:.2} and {high:.2}\"><line class=\"one\" x1=\"64\" x2=\"64\" y1=\"1\" y2=\"15\"/><line class=\"span\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"8\" y2=\"8\"/><circle class=\"mid\" cx=\"{:.1}\" cy=\"8\" r=\"3.5\"/></svg>",
        x(low),
        x(high),
        x(mid)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(from: &str, messages: u32, people: u32, events: &[&str]) -> Week {
        let events = events.iter().map(|e| (*e).to_owned()).collect();
        Week { from: from.to_owned(), messages, people, events }
    }

    #[test]
    fn the_weeks_are_drawn_and_said() {
        let all = [week("2026-01-05", 4, 2, &[]), week("2026-01-12", 2, 2, &["v2 <b>"])];
        let svg = weeks(&all);
        assert!(svg.contains("height=\"120.0\"") && svg.contains("height=\"60.0\""), "{svg}");
        assert!(svg.contains("6 messages; most people, 2, in the week of 2026-01-05; 1 released"), "{svg}");
        assert!(svg.contains("v2 &lt;b&gt;") && !svg.contains("<b>"));
        assert!(weeks(&[]).contains("no week"));
    }

    #[test]
    fn no_difference_is_in_the_middle_and_what_is_too_large_stays_inside() {
        let svg = interval(0.5, 1.0, 400.0);
        assert!(svg.contains("cx=\"64.0\"") && svg.contains("x1=\"44.0\" x2=\"124.0\""), "{svg}");
        assert!(interval(0.0, 0.01, 1.0).contains("x1=\"4.0\""));
    }
}
