//! Drawings made here, as SVG text: a topic's weeks with what was released meanwhile, and an interval. Each says in words
//! what it shows, for those who do not see it.

use std::fmt::Write;

use super::chart::{Chart, Look, Series, Unit};
use super::texts::{Text, Texts};
use crate::report::html::esc;

/// One week of a topic.
pub(super) struct Week {
    /// Its first day.
    pub(super) from: String,
    /// Its beginning in seconds.
    pub(super) at: i64,
    pub(super) messages: u32,
    pub(super) people: u32,
    /// What happened in it.
    pub(super) marks: Vec<Mark>,
}

/// What happened meanwhile.
pub(super) struct Mark {
    /// In seconds.
    pub(super) at: i64,
    pub(super) sort: Sort,
    pub(super) says: String,
}

/// Sorts of marks, each with a letter over its line, so that no colour is needed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Release,
    Event,
    Docs,
    Shipped,
}

impl Sort {
    const fn letter(self) -> char {
        match self {
            Sort::Release => 'R',
            Sort::Event => 'E',
            Sort::Docs => 'D',
            Sort::Shipped => 'F',
        }
    }
    const fn class(self) -> &'static str {
        match self {
            Sort::Release | Sort::Event => "event",
            Sort::Docs | Sort::Shipped => "event done",
        }
    }
}

/// What was expected of the last weeks, people a week.
pub(super) struct Band {
    pub(super) mid: f64,
    pub(super) low: f64,
    /// None where the interval has no end.
    pub(super) high: Option<f64>,
    pub(super) weeks: usize,
}

const WIDE: f64 = 740.0;
const HIGH: f64 = 120.0;
/// Above the bars, for the marks of events.
const TOP: f64 = 14.0;
/// Events named in the alternative text; the table has them all.
const NAMED: usize = 6;

/// The weeks as bars: messages behind, distinct people before them, a line where something was released.
pub(super) fn weeks(texts: &Texts, weeks: &[Week], band: Option<&Band>) -> String {
    let top = weeks.iter().map(|w| w.messages.max(w.people)).max().unwrap_or(0).max(1);
    let top = band.map_or(0.0, |b| b.mid).max(f64::from(top)).ceil();
    #[allow(clippy::cast_precision_loss)] // weeks of a few years
    let step = WIDE / weeks.len().max(1) as f64;
    let high = |n: f64| HIGH * (n / top).min(1.0);
    let mut out = format!(
        "<svg class=\"timeline drawn\" viewBox=\"0 0 {WIDE} {}\" role=\"img\" aria-label=\"{}\">",
        HIGH + TOP + 16.0,
        esc(&said(texts, weeks))
    );
    let _ = write!(out, "<text x=\"0\" y=\"9\">{top}</text>");
    if let Some(band) = band {
        #[allow(clippy::cast_precision_loss)]
        let x = step * weeks.len().saturating_sub(band.weeks) as f64;
        let y = |n: f64| TOP + HIGH - high(n);
        let (low, most) = (y(band.low), y(band.high.unwrap_or(top)));
        let _ = write!(
            out,
            "<rect class=\"expected\" x=\"{x:.1}\" y=\"{most:.1}\" width=\"{:.1}\" height=\"{:.1}\"/><line class=\"expected\" x1=\"{x:.1}\" x2=\"{WIDE}\" y1=\"{2:.1}\" y2=\"{2:.1}\"/>",
            WIDE - x,
            low - most,
            y(band.mid)
        );
    }
    for (n, week) in weeks.iter().enumerate() {
        #[allow(clippy::cast_precision_loss)]
        let x = step * n as f64;
        let about = texts
            .t("chart-week")
            .with("day", &week.from)
            .n("messages", week.messages)
            .n("people", week.people)
            .to_string();
        let _ = write!(out, "<g><title>{}</title>", esc(&about));
        for (class, count, inset) in [("messages", week.messages, 0.05), ("people", week.people, 0.25)] {
            let (y, h) = (TOP + HIGH - high(f64::from(count)), high(f64::from(count)));
            let (x, w) = (x + step * inset, step * (1.0 - 2.0 * inset));
            let _ = write!(
                out,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\"/>"
            );
        }
        out.push_str("</g>");
        if !week.marks.is_empty() {
            let x = x + step / 2.0;
            let names: Vec<&str> = week.marks.iter().map(|m| m.says.as_str()).collect();
            let mut sorts: Vec<Sort> = week.marks.iter().map(|m| m.sort).collect();
            sorts.sort_unstable();
            sorts.dedup();
            let class = sorts.last().map_or("event", |s| s.class());
            let letters: String = sorts.iter().map(|s| s.letter()).collect();
            let _ = write!(
                out,
                "<g><title>{}</title><line class=\"{class}\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{}\"/><text x=\"{x:.1}\" y=\"10\" text-anchor=\"middle\">{letters}</text></g>",
                esc(&format!("{}: {}", week.from, names.join(", "))),
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
fn said(texts: &Texts, weeks: &[Week]) -> String {
    let (Some(first), Some(last)) = (weeks.first(), weeks.last()) else {
        return texts.t("chart-weeks-none").to_string();
    };
    let messages: u32 = weeks.iter().map(|w| w.messages).sum();
    let mut text = texts
        .t("chart-weeks")
        .with("first", &first.from)
        .with("last", &last.from)
        .n("messages", messages)
        .to_string();
    // Of equally busy weeks the first.
    if let Some(most) = weeks.iter().rev().max_by_key(|w| w.people).filter(|w| w.people > 0) {
        let most = texts.t("chart-weeks-most").n("people", most.people).with("day", &most.from);
        let _ = write!(text, "; {most}");
    }
    let marks: Vec<&Mark> = weeks.iter().flat_map(|w| &w.marks).collect();
    if !marks.is_empty() {
        let named: Vec<&str> = marks.iter().rev().take(NAMED).map(|m| m.says.as_str()).collect();
        let marks = texts.t("chart-weeks-marks").n("n", marks.len()).with("last", named.join(", "));
        let _ = write!(text, "; {marks}");
    }
    text
}

/// The same weeks for the script.
pub(super) fn chart(texts: &Texts, weeks: &[Week], band: Option<&Band>) -> Chart {
    let from = weeks.len().saturating_sub(band.map_or(0, |b| b.weeks));
    let row = |name: Text<'_>, look, values| Series { name: name.to_string(), look, values };
    let mut series = vec![
        row(
            texts.t("chart-messages"),
            Look::Bars,
            weeks.iter().map(|w| Some(f64::from(w.messages))).collect(),
        ),
        row(texts.t("chart-people"), Look::Bars, weeks.iter().map(|w| Some(f64::from(w.people))).collect()),
    ];
    if let Some(band) = band {
        let late = |value: f64| (0..weeks.len()).map(|n| (n >= from).then_some(value)).collect::<Vec<_>>();
        series.push(row(texts.t("chart-expected"), Look::Line, late(band.mid)));
        series.push(row(texts.t("chart-expected-low"), Look::Edge, late(band.low)));
        if let Some(high) = band.high {
            series.push(row(texts.t("chart-expected-high"), Look::Band, late(high)));
        }
    }
    Chart {
        title: texts.t("chart-weeks-title").to_string(),
        unit: Unit::Count,
        at: weeks.iter().map(|w| w.at).collect(),
        named: weeks.iter().map(|w| w.from.clone()).collect(),
        series,
        marks: weeks.iter().flat_map(|w| &w.marks).map(|m| (m.at, m.says.clone(), m.sort.letter())).collect(),
    }
}

/// The same weeks as rows.
pub(super) fn table(texts: &Texts, weeks: &[Week]) -> String {
    let head = |text: Text<'_>| esc(&text.to_string());
    let mut out = format!(
        "<table><thead><tr><th scope=\"col\">{}</th><th scope=\"col\" class=\"n\">{}</th><th scope=\"col\" class=\"n\">{}</th><th scope=\"col\">{}</th></tr></thead><tbody>",
        head(texts.t("chart-week-from")),
        head(texts.t("page-people-head")),
        head(texts.t("page-messages-head")),
        head(texts.t("chart-meanwhile"))
    );
    for w in weeks {
        let names: Vec<&str> = w.marks.iter().map(|m| m.says.as_str()).collect();
        let _ = write!(
            out,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>",
            esc(&w.from),
            w.people,
            w.messages,
            esc(&names.join(", "))
        );
    }
    out.push_str("</tbody></table>");
    out
}

/// A ratio with its interval, on a scale of doublings from an eighth to eight, with a mark where nothing would differ.
pub(super) fn interval(texts: &Texts, low: f64, mid: f64, high: f64) -> String {
    let x = |ratio: f64| 4.0 + 120.0 * ((ratio.max(1e-9).log2() + 3.0) / 6.0).clamp(0.0, 1.0);
    let two = |n: f64| format!("{n:.2}");
    let says =
        texts.t("chart-interval").with("ratio", two(mid)).with("low", two(low)).with("high", two(high));
    let says = esc(&says.to_string());
    format!(
        "<svg class=\"interval\" viewBox=\"0 0 128 16\" role=\"img\" aria-label=\"{says}\"><line class=\"one\" x1=\"64\" x2=\"64\" y1=\"1\" y2=\"15\"/><line class=\"span\" x1=\"{0:.1}\" x2=\"{1:.1}\" y1=\"8\" y2=\"8\"/><path class=\"span\" d=\"M{0:.1} 4v8M{1:.1} 4v8\"/><circle class=\"mid\" cx=\"{2:.1}\" cy=\"8\" r=\"3.5\"/></svg>",
        x(low),
        x(high),
        x(mid)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(from: &str, messages: u32, people: u32, marks: &[(Sort, &str)]) -> Week {
        let marks = marks.iter().map(|(sort, says)| Mark { at: 0, sort: *sort, says: (*says).to_owned() });
        Week { from: from.to_owned(), at: 0, messages, people, marks: marks.collect() }
    }

    #[test]
    fn the_weeks_are_drawn_and_said() {
        let texts = Texts::of("en").unwrap();
        let marks = [(Sort::Shipped, "it is out"), (Sort::Release, "v2 <b>")];
        let all = [week("2026-01-05", 4, 2, &[]), week("2026-01-12", 2, 2, &marks)];
        let svg = weeks(texts, &all, None);
        assert!(svg.contains("height=\"120.0\"") && svg.contains("height=\"60.0\""), "{svg}");
        assert!(svg.contains("6 messages; most people, 2, in the week of 2026-01-05; 2 happened"), "{svg}");
        assert!(svg.contains(">RF</text>") && svg.contains("event done"), "{svg}");
        let made = chart(texts, &all, None).figure(texts, &svg, &table(texts, &all));
        assert!(made.contains("v2 &lt;b&gt;") && !made.contains("<b>"));
        assert!(weeks(texts, &[], None).contains("no week"));
    }

    #[test]
    fn what_was_expected_lies_over_the_last_weeks() {
        let texts = Texts::of("en").unwrap();
        let all: Vec<Week> = (0..8).map(|_| week("2026-01-05", 4, 2, &[])).collect();
        let band = Band { mid: 2.0, low: 1.0, high: Some(3.0), weeks: 4 };
        let svg = weeks(texts, &all, Some(&band));
        assert!(
            svg.contains("class=\"expected\" x=\"370.0\" y=\"44.0\" width=\"370.0\" height=\"60.0\""),
            "{svg}"
        );
        assert_eq!(chart(texts, &all, Some(&band)).series[2].values[3..5], [None, Some(2.0)]);
        let open = weeks(texts, &all, Some(&Band { high: None, ..band }));
        assert!(open.contains("y=\"14.0\" width=\"370.0\" height=\"90.0\""), "{open}");
    }

    #[test]
    fn no_difference_is_in_the_middle_and_what_is_too_large_stays_inside() {
        let texts = Texts::of("en").unwrap();
        let svg = interval(texts, 0.5, 1.0, 400.0);
        assert!(svg.contains("cx=\"64.0\"") && svg.contains("x1=\"44.0\" x2=\"124.0\""), "{svg}");
        assert!(interval(texts, 0.0, 0.01, 1.0).contains("x1=\"4.0\""));
    }
}
