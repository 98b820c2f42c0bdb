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
/// The largest parts of the plan, and the heaviest priorities nobody asks for; a drawing of more says nothing.
const DRAWN: usize = 24;
/// Half of a letter, as wide as it gets in the names.
const LETTER: f64 = 3.6;

pub(in crate::web) async fn show(State(app): State<Arc<App>>) -> Response {
    page(app, |app| {
        let map: Map = app.ask(&["focus"])?;
        html(&drawn(Frame::new(app, app.t("base-focus"), "focus"), map))
    })
    .await
}

fn drawn(frame: Frame, map: Map) -> Focus {
    let Parts { points, both, needed, wanted, not_now, more } = placed(map);
    Focus { frame, points, both, needed, wanted, not_now, more }
}

/// What the page is made of.
struct Parts {
    points: Vec<Point>,
    both: Vec<Line>,
    needed: Vec<Line>,
    wanted: Vec<Wanted>,
    not_now: Vec<String>,
    more: usize,
}

#[allow(clippy::cast_precision_loss)] // people of half a year
fn placed(mut map: Map) -> Parts {
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
            points.push(Point { x, y, r, number, label: words::short(&t.label, 28), sort, says: None });
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
            label: words::short(&p.text, 28),
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
    points.retain({
        let mut drawn = [0; 2];
        move |p| {
            let n = match p.sort {
                "both" => &mut drawn[0],
                "wanted" => &mut drawn[1],
                _ => return true,
            };
            *n += 1;
            *n <= DRAWN
        }
    });
    apart(&mut points);
    name(&mut points);
    Parts { points, both, needed, wanted, not_now: map.not_now, more }
}

/// Points that would hide each other are moved aside, the later one: to the nearest free place beside, then above.
fn apart(points: &mut [Point]) {
    let at = |p: &Point| -> (f64, f64, f64) {
        (p.x.parse().unwrap_or(0.0), p.y.parse().unwrap_or(0.0), p.r.parse().unwrap_or(0.0))
    };
    for n in 1..points.len() {
        let (x, y, r) = at(&points[n]);
        let before: Vec<(f64, f64, f64)> = points[..n].iter().map(at).collect();
        let free = |x: f64, y: f64| {
            (LEFT..=LEFT + WIDE - r).contains(&x)
                && (TOP..=TOP + HIGH).contains(&y)
                && !before
                    .iter()
                    .any(|(ox, oy, or)| ((x - ox).powi(2) + (y - oy).powi(2)).sqrt() < (r + or) * 0.95)
        };
        // Rows upwards and downwards, and in each the nearest place on either side.
        // What is wanted is not to look less or more wanted: aside is better than up.
        let away = |(dx, dy): &(f64, f64)| dx.abs() + 8.0 * dy.abs();
        let rows = (0..30_i32).flat_map(|k| [f64::from(k) * -9.0, f64::from(k) * 9.0]);
        let places = rows.flat_map(|dy| {
            (0..110_i32).flat_map(move |k| [(f64::from(k) * 6.0, dy), (f64::from(k) * -6.0, dy)])
        });
        let nearest =
            places.filter(|(dx, dy)| free(x + dx, y + dy)).min_by(|a, b| away(a).total_cmp(&away(b)));
        if let Some((dx, dy)) = nearest {
            points[n].x = format!("{:.1}", x + dx);
            points[n].y = format!("{:.1}", y + dy);
        }
    }
}

/// Writes a point's name above or below it where it hides nothing, the plan's first; the lists have all names.
#[allow(clippy::cast_precision_loss)] // letters
fn name(points: &mut [Point]) {
    let number = |text: &str| text.parse::<f64>().unwrap_or(0.0);
    let circles: Vec<(f64, f64, f64)> =
        points.iter().map(|p| (number(&p.x), number(&p.y), number(&p.r))).collect();
    let mut taken: Vec<(f64, f64, f64)> = Vec::new();
    for (n, point) in points.iter_mut().enumerate() {
        let (x, y, r) = circles[n];
        let half = point.label.chars().count() as f64 * LETTER;
        let x = x.min(LEFT + WIDE - half).max(LEFT + half + 4.0);
        let hides = |y: f64| {
            !(TOP..=TOP + HIGH - 4.0).contains(&y)
                || circles
                    .iter()
                    .any(|(cx, cy, cr)| (cx - x).abs() < half + cr && (cy - (y - 4.0)).abs() < cr + 6.0)
                || taken.iter().any(|(ox, oy, ohalf)| (ox - x).abs() < half + ohalf && (oy - y).abs() < 14.0)
        };
        if let Some(y) = [y - r - 6.0, y + r + 14.0].into_iter().find(|y| !hides(*y)) {
            taken.push((x, y, half));
            point.says = Some((format!("{x:.1}"), format!("{y:.1}")));
        }
    }
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss)] // letters
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
        clear(&points);
    }

    fn clear(points: &[Point]) {
        let n = |text: &str| text.parse::<f64>().unwrap();
        for (m, a) in points.iter().enumerate() {
            assert!(n(&a.x) + n(&a.r) <= 680.0 && n(&a.y) >= TOP, "{} {}", a.x, a.y);
            for b in &points[..m] {
                let far = ((n(&a.x) - n(&b.x)).powi(2) + (n(&a.y) - n(&b.y)).powi(2)).sqrt();
                assert!(far >= (n(&a.r) + n(&b.r)) * 0.9, "{} hides {}", a.number, b.number);
            }
        }
    }

    #[test]
    fn of_three_thirty_and_two_hundred_topics_no_name_meets_another() {
        for many in [3_u32, 30, 200] {
            let topic = |n: u32| Topic {
                topic: i64::from(n),
                label: format!("{n} \u{202e}<script>{}", "wwww, ".repeat(40)),
                people: 3,
                need: f64::from(n % 7),
                priority: f64::from(n % 5),
                share: 0.0,
                because: String::new(),
                evidence: vec![],
            };
            let wanted = |n: u32| Priority {
                priority: n.to_string(),
                text: "w".repeat(300),
                weight: f64::from(n % 3),
                because: String::new(),
            };
            let map = Map {
                both: (0..many).map(topic).collect(),
                industry_only: (0..many).map(topic).collect(),
                employer_only: (0..many).map(wanted).collect(),
                not_now: vec![],
            };
            let parts = placed(map);
            assert_eq!(parts.both.len(), usize::try_from(many).unwrap(), "the list has them all");
            let mut points = parts.points;
            clear(&points);
            points.retain(|p| p.says.is_some());
            assert!(points.len() >= 3, "{many}: {}", points.len());
            let n = |text: &str| text.parse::<f64>().unwrap();
            let boxes: Vec<(f64, f64, f64)> = points
                .iter()
                .map(|p| {
                    let (x, y) = p.says.as_ref().unwrap();
                    assert!(p.label.chars().count() <= 28, "{}", p.label);
                    (n(x), n(y), p.label.chars().count() as f64 * LETTER)
                })
                .collect();
            for (m, (x, y, half)) in boxes.iter().enumerate() {
                assert!(x - half >= LEFT && x + half <= LEFT + WIDE + 0.1, "{x} {half}");
                for (ox, oy, ohalf) in &boxes[..m] {
                    assert!((ox - x).abs() >= half + ohalf - 0.2 || (oy - y).abs() >= 13.9);
                }
            }
        }
    }
}
