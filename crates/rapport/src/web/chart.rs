//! Charts over time. The server draws each as SVG beside a table of the same numbers, so that a page reads without
//! scripts; where scripts run, `chart.js` draws it anew with uPlot, from the same numbers in an attribute.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::report::html::esc;
use crate::web::texts::{Texts, key};
use crate::web::words;

/// What a chart's numbers are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Count,
    Seconds,
}

/// How a row of numbers is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Line,
    /// A thin line without marks.
    Edge,
    /// A thin line, with the space down to the series before it filled.
    Band,
    /// One mark a number.
    Dots,
    Bars,
}

impl Look {
    const fn word(self) -> &'static str {
        match self {
            Look::Line => "line",
            Look::Edge => "edge",
            Look::Band => "band",
            Look::Dots => "dots",
            Look::Bars => "bars",
        }
    }
}

/// One row of numbers.
pub(super) struct Series {
    pub(super) name: String,
    pub(super) look: Look,
    pub(super) values: Vec<Option<f64>>,
}

/// A chart: what happened at each moment, in order of time.
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) unit: Unit,
    /// Seconds since 1970.
    pub(super) at: Vec<i64>,
    /// How each moment reads: `2026-07`.
    pub(super) named: Vec<String>,
    pub(super) series: Vec<Series>,
    /// What happened meanwhile, with the letter of its sort.
    pub(super) marks: Vec<(i64, String, char)>,
}

const WIDE: f64 = 740.0;
const HIGH: f64 = 150.0;
const LEFT: f64 = 52.0;
const TOP: f64 = 10.0;
/// The marks of a scale of time.
const STEPS: [(f64, &str); 6] = [
    (60.0, key("unit-scale-minute")),
    (3_600.0, key("unit-scale-hour")),
    (86_400.0, key("unit-scale-day")),
    (604_800.0, key("unit-scale-week")),
    (2_592_000.0, key("unit-scale-month")),
    (31_536_000.0, key("unit-scale-year")),
];
/// Sources drawn in one chart; the table has all.
pub(super) const SERIES: usize = 6;

impl Chart {
    /// The figure: `svg` as the server draws it, `table` with the same numbers.
    pub(super) fn figure(&self, texts: &Texts, svg: &str, table: &str) -> String {
        format!(
            "<figure class=\"plot\" data-chart=\"{}\"><figcaption>{}</figcaption>{svg}<details><summary>{}</summary>{table}</details></figure>",
            esc(&self.data(texts).to_string()),
            esc(&words::short(&self.title, 120)),
            esc(&texts.t("chart-table").to_string()),
        )
    }

    /// What the script draws. It stands in an attribute: whatever a name says stays text.
    fn data(&self, texts: &Texts) -> Value {
        let series = self
            .series
            .iter()
            .map(|s| json!({ "name": words::short(&s.name, 60), "look": s.look.word(), "values": s.values }));
        let long = |text: &str, name| texts.t(text).with(name, "{n}").to_string();
        // The words of the script: what a length of time is called, and the marks of the scale of time.
        let reads = match self.unit {
            Unit::Seconds => json!({
                "s": long(key("unit-seconds"), "s"), "min": long(key("unit-minutes"), "m"),
                "h": long(key("unit-hours"), "h"), "d": long(key("unit-days"), "d"),
                "scale": STEPS.iter().map(|(s, name)| json!([s, texts.t(name).to_string()])).collect::<Value>(),
            }),
            Unit::Count => Value::Null,
        };
        json!({
            "says": self.says(texts), "time": texts.t("chart-time").to_string(), "reads": reads,
            "unit": if self.unit == Unit::Seconds { "seconds" } else { "count" },
            "at": self.at, "named": self.named, "series": series.collect::<Value>(),
            "marks": self.marks.iter().map(|(at, what, letter)| json!([at, words::short(what, 120), letter])).collect::<Value>(),
        })
    }

    fn top(&self) -> f64 {
        self.series.iter().flat_map(|s| &s.values).flatten().copied().fold(0.0, f64::max)
    }

    fn reads(&self, texts: &Texts, value: f64) -> String {
        match self.unit {
            Unit::Seconds => texts.span(value),
            Unit::Count => format!("{value:.0}"),
        }
    }

    /// The chart in words.
    pub(super) fn says(&self, texts: &Texts) -> String {
        let (Some(first), Some(last)) = (self.named.first(), self.named.last()) else {
            return texts.t("chart-none").with("title", &self.title).to_string();
        };
        let mut text = texts
            .t("chart-span")
            .with("title", &self.title)
            .with("first", first)
            .with("last", last)
            .to_string();
        for s in &self.series {
            let highest = s.values.iter().enumerate().filter_map(|(n, v)| v.map(|v| (n, v)));
            // Of equally high ones the first.
            if let Some((n, v)) = highest.rev().max_by(|a, b| a.1.total_cmp(&b.1)) {
                let most = texts
                    .t("chart-most")
                    .with("name", &s.name)
                    .with("value", self.reads(texts, v))
                    .with("moment", &self.named[n]);
                let _ = write!(text, "; {most}");
            }
        }
        text
    }

    /// As SVG, for whoever has no scripts, and for paper.
    pub(super) fn svg(&self, texts: &Texts) -> String {
        let top = self.top();
        let (Some(first), Some(last)) = (self.at.first(), self.at.last()) else { return String::new() };
        let mut out = format!(
            "<svg class=\"drawn\" viewBox=\"0 0 {WIDE} {}\" role=\"img\" aria-label=\"{}\">",
            HIGH + TOP + 20.0,
            esc(&self.says(texts))
        );
        let bars: Vec<usize> =
            (0..self.series.len()).filter(|n| self.series[*n].look == Look::Bars).collect();
        #[allow(clippy::cast_precision_loss)] // seconds of some years, months of some years
        let (wide, step) = ((*last - *first) as f64, (WIDE - LEFT) / self.at.len().max(1) as f64);
        #[allow(clippy::cast_precision_loss)]
        let x = |n: usize| match wide {
            // Bars stand in their own places; a single moment stands in the middle.
            _ if !bars.is_empty() => LEFT + step * (n as f64 + 0.5),
            0.0 => LEFT + (WIDE - LEFT) / 2.0,
            _ => LEFT + 6.0 + (WIDE - LEFT - 12.0) * (self.at[n] - first) as f64 / wide,
        };
        // What takes from minutes to months is told on a scale of its own; less than a minute is at the bottom.
        let longest = top.max(3_600.0) * 1.2;
        let y = |v: f64| {
            let share = match self.unit {
                Unit::Seconds => (v.max(60.0) / 60.0).ln() / (longest / 60.0).ln(),
                Unit::Count if top > 0.0 => v / top,
                Unit::Count => 0.0,
            };
            TOP + HIGH * (1.0 - share)
        };
        let ticks: Vec<(f64, String)> = match self.unit {
            Unit::Seconds => STEPS
                .iter()
                .filter(|(s, _)| *s <= longest)
                .map(|(s, name)| (*s, texts.t(name).to_string()))
                .collect(),
            Unit::Count => vec![(0.0, "0".to_owned()), (top, self.reads(texts, top))],
        };
        for (value, name) in ticks {
            let y = y(value);
            let _ = write!(
                out,
                "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{WIDE}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 6.0,
                y + 4.0,
                esc(&name)
            );
        }
        for (n, s) in self.series.iter().enumerate() {
            let points = || s.values.iter().enumerate().filter_map(|(n, v)| v.map(|v| (x(n), y(v))));
            match s.look {
                Look::Line | Look::Edge | Look::Band => {
                    if s.look == Look::Band && n > 0 {
                        let under = self.series[n - 1].values.iter().enumerate();
                        let under = under.filter_map(|(n, v)| v.map(|v| (x(n), y(v)))).rev();
                        let _ = write!(
                            out,
                            "<polygon class=\"band\" points=\"{}\"/>",
                            line(points().chain(under))
                        );
                    }
                    let _ = write!(out, "<polyline class=\"s{n}\" points=\"{}\"/>", line(points()));
                    for (x, y) in points() {
                        let _ = write!(out, "<circle class=\"s{n}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2\"/>");
                    }
                }
                Look::Dots => {
                    for (x, y) in points() {
                        let _ = write!(out, "<circle class=\"one\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\"/>");
                    }
                }
                Look::Bars => {
                    #[allow(clippy::cast_precision_loss)] // a few series
                    let (place, many) =
                        (bars.iter().position(|b| *b == n).unwrap_or(0) as f64, bars.len() as f64);
                    let w = (step * 0.8 / many).min(28.0);
                    for (x, y) in points() {
                        let _ = write!(
                            out,
                            "<rect class=\"s{n}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{:.1}\"/>",
                            x + w * (place - many / 2.0),
                            TOP + HIGH - y
                        );
                    }
                }
            }
        }
        let (a, z) = (self.named.first().map_or("", |n| n), self.named.last().map_or("", |n| n));
        let foot = TOP + HIGH + 14.0;
        let _ = write!(
            out,
            "<text x=\"{LEFT}\" y=\"{foot}\">{}</text><text x=\"{WIDE}\" y=\"{foot}\" text-anchor=\"end\">{}</text></svg><ul class=\"keys\">",
            esc(a),
            esc(z)
        );
        for (n, s) in self.series.iter().enumerate() {
            let class = if s.look == Look::Dots { "one".to_owned() } else { format!("s{n}") };
            let _ = write!(
                out,
                "<li><span class=\"key {class}\"></span>{}</li>",
                esc(&words::short(&s.name, 60))
            );
        }
        out.push_str("</ul>");
        out
    }
}

fn line(points: impl Iterator<Item = (f64, f64)>) -> String {
    points.map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english() -> &'static Texts {
        Texts::of("en").unwrap()
    }

    fn chart() -> Chart {
        Chart {
            title: "a\" onload=\"x <b>".to_owned(),
            unit: Unit::Seconds,
            at: vec![0, 86_400, 172_800],
            named: ["1", "2", "3"].map(str::to_owned).to_vec(),
            series: vec![
                Series {
                    name: "median".to_owned(),
                    look: Look::Line,
                    values: vec![Some(60.0), None, Some(30.0)],
                },
                Series {
                    name: "</script><img>".to_owned(),
                    look: Look::Band,
                    values: vec![Some(120.0), None, Some(120.0)],
                },
            ],
            marks: vec![(86_400, "v1'><svg onload=x>".to_owned(), 'R')],
        }
    }

    #[test]
    fn what_strangers_called_things_stays_text() {
        let made = chart().figure(english(), &chart().svg(english()), "");
        assert!(!made.contains("<b>") && !made.contains("<img>") && !made.contains("\" onload="), "{made}");
        assert!(!made.contains("'><svg"), "{made}");
        // The attribute holds all of it, and what a browser reads from it is the data.
        let inside = made.split("data-chart=\"").nth(1).unwrap().split('"').next().unwrap();
        let plain = inside.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">");
        let plain = plain.replace("&#39;", "'").replace("&amp;", "&");
        let data: Value = serde_json::from_str(&plain).unwrap();
        assert_eq!(data["series"][1]["name"], "</script><img>");
        assert_eq!(data["series"][0]["values"], json!([60.0, null, 30.0]));
    }

    #[test]
    fn it_is_drawn_to_scale_and_said() {
        let svg = Chart { unit: Unit::Count, ..chart() }.svg(english());
        assert!(svg.contains("points=\"58.0,85.0 734.0,122.5\""), "half and a quarter of the highest: {svg}");
        let svg = chart().svg(english());
        assert!(svg.contains("points=\"58.0,160.0 734.0,160.0\"") && svg.contains(">1 h</text>"), "{svg}");
        assert!(svg.contains("median: at most 1 min in 1"), "{svg}");
        let nothing = Chart { at: vec![], named: vec![], series: vec![], marks: vec![], ..chart() };
        assert_eq!(nothing.svg(english()), "");
    }
}
