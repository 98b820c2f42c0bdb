//! The focus map: what people need against what the employer wants, as a drawing and as three lists.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::{Frame, html, page};
use crate::web::{App, markup, words};

/// `focus`, as the page shows it.
#[derive(Deserialize)]
struct Map {
    both: Vec<Topic>,
    industry_only: Vec<Topic>,
    employer_only: Vec<Priority>,
    #[serde(default)]
    not_now: Vec<String>,
}

#[derive(Deserialize)]
struct Topic {
    topic: i64,
    label: String,
    people: usize,
    need: f64,
    priority: f64,
    share: f64,
    because: String,
    evidence: Vec<String>,
}

#[derive(Deserialize)]
struct Priority {
    priority: String,
    text: String,
    weight: f64,
    because: String,
}

/// A topic or a priority on the drawing.
struct Point {
    x: String,
    y: String,
    r: String,
    /// The number by which the lists name it.
    number: usize,
    /// What it is called where there is no drawing.
    label: String,
    sort: &'static str,
    /// Where its name stands, for those that the plan is made of.
    says: Option<(String, String)>,
}

struct Line {
    number: usize,
    topic: i64,
    label: String,
    people: usize,
    share: String,
    because: String,
    evidence: Vec<String>,
}

struct Wanted {
    number: usize,
    name: String,
    text: String,
    because: String,
}

#[derive(Template)]
#[template(path = "focus.html")]
struct Focus {
    frame: Frame,
    points: Vec<Point>,
    both: Vec<Line>,
    needed: Vec<Line>,
    wanted: Vec<Wanted>,
    not_now: Vec<String>,
    more: usize,
}

/// The drawing: so wide and high inside its axes, which begin here.
const WIDE: f64 = 620.0;
const HIGH: f64 = 300.0;
const LEFT: f64 = 40.0;
const TOP: f64 = 16.0;
/// Topics that are needed and nobody wants, on the drawing and in the list: those most people need.
const NEEDED: usize = 12;

pub(in crate::web) async fn show(State(app): State<Arc<App>>) -> Response {
    page(app, |app| {
        let map: Map = app.ask(&["focus"])?;
        html(&drawn(Frame::new(app, "Focus", "focus"), map))
    })
    .await
}

#[allow(clippy::cast_precision_loss)] // people of half a year
fn drawn(frame: Frame, mut map: Map) -> Focus {
    let more = map.industry_only.len().saturating_sub(NEEDED);
    map.industry_only.truncate(NEEDED);
    let topics = || map.both.iter().chain(&map.industry_only);
    let most = |of: &mut dyn Iterator<Item = f64>| of.fold(0.0, f64::max).max(1e-9);
    let need = most(&mut topics().map(|t| t.need));
    let want = most(&mut topics().map(|t| t.priority).chain(map.employer_only.iter().map(|p| p.weight)));
    let people = most(&mut topics().map(|t| t.people as f64));
    // The square root brings what few need apart from nothing.
    let place = |x: f64, y: f64| {
        let x = LEFT + WIDE * (x / need).clamp(0.0, 1.0).sqrt() * 0.94;
        let y = TOP + HIGH * (1.0 - (y / want).clamp(0.0, 1.0) * 0.9) - 8.0;
        (format!("{x:.1}"), format!("{y:.1}"))
    };
    let (mut points, mut number) = (Vec::new(), 0);
    let mut lines = |topics: &[Topic], sort: &'static str| -> Vec<Line> {
        let mut line = |t: &Topic| {
            number += 1;
            let (x, y) = place(t.need, t.priority);
            let r = format!("{:.1}", 7.0 + 13.0 * (t.people as f64 / people).sqrt());
            points.push(Point { x, y, r, number, label: words::short(&t.label, 32), sort, says: None });
            Line {
                number,
                topic: t.topic,
                label: words::short(&t.label, 80),
                people: t.people,
                share: format!("{:.0} %", t.share * 100.0),
                because: t.because.clone(),
                evidence: t
                    .evidence
                    .iter()
                    .filter_map(|url| markup::link(Some(url)))
                    .take(5)
                    .map(str::to_owned)
                    .collect(),
            }
        };
        topics.iter().map(&mut line).collect()
    };
    let both = lines(&map.both, "both");
    let needed = lines(&map.industry_only, "needed");
    let wanted = map.employer_only.iter().map(|p| {
        number += 1;
        let (x, y) = place(0.0, p.weight);
        points.push(Point {
            x,
            y,
            r: "7.0".into(),
            number,
            label: words::short(&p.text, 60),
            sort: "wanted",
            says: None,
        });
        Wanted {
            number,
            name: words::short(&p.priority, 60),
            text: words::short(&p.text, 160),
            because: p.because.clone(),
        }
    });
    let wanted = wanted.collect();
    apart(&mut points);
    name(&mut points);
    Focus { frame, points, both, needed, wanted, not_now: map.not_now, more }
}

/// Points that would hide each other are moved aside, the later one to the right.
fn apart(points: &mut [Point]) {
    let at = |p: &Point| -> (f64, f64, f64) {
        (p.x.parse().unwrap_or(0.0), p.y.parse().unwrap_or(0.0), p.r.parse().unwrap_or(0.0))
    };
    for n in 1..points.len() {
        for _ in 0..40 {
            let (x, y, r) = at(&points[n]);
            let hidden = points[..n]
                .iter()
                .map(at)
                .any(|(ox, oy, or)| ((x - ox).powi(2) + (y - oy).powi(2)).sqrt() < (r + or) * 0.8);
            if !hidden || x > LEFT + WIDE - r {
                break;
            }
            points[n].x = format!("{:.1}", x + 6.0);
        }
    }
}

/// Writes a point's name above it where it hides nothing; the lists have all names.
#[allow(clippy::cast_precision_loss)] // letters
fn name(points: &mut [Point]) {
    let number = |text: &str| text.parse::<f64>().unwrap_or(0.0);
    let circles: Vec<(f64, f64, f64)> =
        points.iter().map(|p| (number(&p.x), number(&p.y), number(&p.r))).collect();
    let mut taken: Vec<(f64, f64, f64)> = Vec::new();
    for (n, point) in points.iter_mut().enumerate().filter(|(_, p)| p.sort == "both") {
        let (x, y, r) = circles[n];
        let half = point.label.chars().count() as f64 * 3.6;
        let (x, y) = (x.min(LEFT + WIDE - half), y - r - 5.0);
        let hides =
            circles.iter().enumerate().any(|(m, (cx, cy, cr))| {
                m != n && (cx - x).abs() < half + cr && (cy - (y - 4.0)).abs() < cr + 7.0
            }) || taken.iter().any(|(ox, oy, ohalf)| (ox - x).abs() < half + ohalf && (oy - y).abs() < 14.0);
        if !hides {
            taken.push((x, y, half));
            point.says = Some((format!("{x:.1}"), format!("{y:.1}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_point_hides_another() {
        let point = |number| Point {
            x: "100.0".into(),
            y: "50.0".into(),
            r: "10.0".into(),
            number,
            label: String::new(),
            sort: "both",
            says: None,
        };
        let mut points: Vec<Point> = (1..6).map(point).collect();
        apart(&mut points);
        let xs: Vec<f64> = points.iter().map(|p| p.x.parse().unwrap()).collect();
        assert!(xs.windows(2).all(|two| (two[1] - two[0]).abs() >= 15.0), "{xs:?}");
    }
}
