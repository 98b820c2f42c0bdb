//! Charts: a drawing made here that every browser shows, and the same numbers for the chart library, which takes its place
//! where scripts run. Lines are told apart by their strokes, too, and a sentence says what is shown.

use std::fmt::Write;

use serde_json::json;

use crate::page::span;
use crate::report::html::esc;

/// What the numbers count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Count,
    Seconds,
}

/// Lines over the same months or weeks.
pub(super) struct Chart {
    /// What it shows, in a few words.
    pub(super) title: String,
    pub(super) unit: Unit,
    /// The first day of each step, as `2026-09-01`.
    pub(super) at: Vec<String>,
    /// A name and one value a step; none where nothing is known.
    pub(super) lines: Vec<(String, Vec<Option<f64>>)>,
}

const WIDE: f64 = 740.0;
const HIGH: f64 = 180.0;
/// Left of the drawing, for the numbers of its scale.
const LEFT: f64 = 64.0;
const TOP: f64 = 8.0;
/// More lines than this are a tangle.
pub(super) const LINES: usize = 4;

impl Chart {
    /// The whole figure; nothing where there are fewer than two steps, for a line needs two points.
    pub(super) fn figure(&self) -> String {
        if self.at.len() < 2 || self.lines.is_empty() {
            return String::new();
        }
        let said = self.said();
        let mut out = format!(
            "<figure class=\"plot\" data-plot=\"{}\"><figcaption>{}",
            esc(&self.data()),
            esc(&self.title)
        );
        for (n, (name, _)) in self.lines.iter().enumerate() {
            let _ = write!(out, " <span class=\"key line-{n}\">{}</span>", esc(name));
        }
        let _ = write!(out, "</figcaption>{}</figure>", self.svg(&said));
        out
    }

    /// The numbers, for the library: days since 1970 are its own affair.
    fn data(&self) -> String {
        let unit = if self.unit == Unit::Seconds { "seconds" } else { "count" };
        let lines: Vec<_> =
            self.lines.iter().map(|(name, values)| json!({ "name": name, "values": values })).collect();
        json!({ "title": self.title, "unit": unit, "at": self.at, "lines": lines, "says": self.said() })
            .to_string()
    }

    fn shown(&self, value: f64) -> String {
        match self.unit {
            Unit::Seconds => span(value),
            Unit::Count => format!("{value:.0}"),
        }
    }

    /// The same in words.
    fn said(&self) -> String {
        let mut text = format!(
            "{}, from {} to {}",
            self.title,
            self.at.first().map_or("", String::as_str),
            self.at.last().map_or("", String::as_str)
        );
        for (name, values) in &self.lines {
            let known = || values.iter().copied().flatten();
            let last = known().next_back();
            let most = known().max_by(f64::total_cmp);
            if let (Some(last), Some(most)) = (last, most) {
                let _ = write!(text, "; {name}: last {}, at most {}", self.shown(last), self.shown(most));
            }
        }
        text
    }

    fn svg(&self, said: &str) -> String {
        let top = self.lines.iter().flat_map(|(_, v)| v.iter().copied().flatten()).fold(0.0, f64::max);
        let top = if top > 0.0 { round_up(top, self.unit) } else { 1.0 };
        #[allow(clippy::cast_precision_loss)] // steps of a few years
        let x = |n: usize| LEFT + (WIDE - LEFT) * n as f64 / (self.at.len() - 1) as f64;
        let y = |value: f64| TOP + HIGH * (1.0 - value / top);
        let mut out = format!(
            "<svg class=\"plotted\" viewBox=\"0 0 {WIDE} {}\" role=\"img\" aria-label=\"{}\">",
            HIGH + TOP + 20.0,
            esc(said)
        );
        for part in [0.0, 0.5, 1.0] {
            let (level, text) = (y(top * part), self.shown(top * part));
            let _ = write!(
                out,
                "<line class=\"rule\" x1=\"{LEFT}\" x2=\"{WIDE}\" y1=\"{level:.1}\" y2=\"{level:.1}\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 6.0,
                level + 4.0,
                esc(&text)
            );
        }
        for (n, (_, values)) in self.lines.iter().enumerate() {
            // A step of which nothing is known breaks the line; one alone between two such is a dot.
            for run in runs(values) {
                let points: Vec<String> =
                    run.iter().map(|(step, value)| format!("{:.1},{:.1}", x(*step), y(*value))).collect();
                if let [(step, value)] = run[..] {
                    let _ = write!(
                        out,
                        "<circle class=\"line-{n}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.5\"/>",
                        x(step),
                        y(value)
                    );
                } else {
                    let _ = write!(out, "<polyline class=\"line-{n}\" points=\"{}\"/>", points.join(" "));
                }
            }
        }
        let last = self.at.len() - 1;
        let middle = (last > 3).then_some((last / 2, "middle"));
        for (step, anchor) in [Some((0, "start")), middle, Some((last, "end"))].into_iter().flatten() {
            let _ = write!(
                out,
                "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
                x(step),
                TOP + HIGH + 15.0,
                esc(&self.at[step])
            );
        }
        out.push_str("</svg>");
        out
    }
}

/// Steps with a value that follow each other.
fn runs(values: &[Option<f64>]) -> Vec<Vec<(usize, f64)>> {
    let mut all: Vec<Vec<(usize, f64)>> = Vec::new();
    let mut open = false;
    for (step, value) in values.iter().enumerate() {
        match value {
            Some(value) if open => all.last_mut().map(|run| run.push((step, *value))).unwrap_or_default(),
            Some(value) => all.push(vec![(step, *value)]),
            None => {}
        }
        open = value.is_some();
    }
    all
}

/// A top of the scale that reads well: 1, 2 or 5 times a power of ten, or of spans a round one.
fn round_up(value: f64, unit: Unit) -> f64 {
    if unit == Unit::Seconds {
        const HOUR: f64 = 3_600.0;
        const ROUND: [f64; 10] = [
            600.0,
            HOUR,
            6.0 * HOUR,
            12.0 * HOUR,
            24.0 * HOUR,
            48.0 * HOUR,
            96.0 * HOUR,
            240.0 * HOUR,
            480.0 * HOUR,
            960.0 * HOUR,
        ];
        if let Some(round) = ROUND.into_iter().find(|round| *round >= value) {
            return round;
        }
        let days = value / (24.0 * HOUR);
        return round_up(days, Unit::Count) * 24.0 * HOUR;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 4.0, 6.0, 10.0]
        .into_iter()
        .map(|n| n * power)
        .find(|round| *round >= value)
        .unwrap_or(value)
        .max(2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(unit: Unit, values: &[Option<f64>]) -> Chart {
        let at = (1..=values.len()).map(|n| format!("2026-{n:02}-01")).collect();
        Chart { title: "Time <b>".to_owned(), unit, at, lines: vec![("median".to_owned(), values.to_vec())] }
    }

    #[test]
    fn a_line_is_drawn_and_said() {
        let figure = chart(Unit::Count, &[Some(0.0), Some(5.0), Some(10.0)]).figure();
        assert!(figure.contains("points=\"64.0,188.0 402.0,98.0 740.0,8.0\""), "{figure}");
        assert!(figure.contains("from 2026-01-01 to 2026-03-01; median: last 10, at most 10"), "{figure}");
        assert!(figure.contains("Time &lt;b&gt;") && !figure.contains("<b>"), "{figure}");
        let spans = chart(Unit::Seconds, &[Some(7_000.0), Some(1.0)]).figure();
        assert!(spans.contains(">6 h<") && spans.contains("at most 1 h 56 min"), "{spans}");
    }

    #[test]
    fn what_is_not_known_breaks_the_line() {
        let figure = chart(Unit::Count, &[Some(1.0), None, Some(2.0), Some(2.0)]).figure();
        assert!(figure.contains("<circle") && figure.matches("<polyline").count() == 1, "{figure}");
        assert_eq!(chart(Unit::Count, &[Some(1.0)]).figure(), "", "one point is no line");
    }

    #[test]
    fn scales_end_where_people_count() {
        for (value, wanted) in [(1.0, 2.0), (7.0, 10.0), (23.0, 40.0), (59_000.0, 60_000.0)] {
            assert!((round_up(value, Unit::Count) - wanted).abs() < 1e-6, "{value}");
        }
        assert!((round_up(5_000_000.0, Unit::Seconds) - 60.0 * 86_400.0).abs() < 1e-3);
    }
}
