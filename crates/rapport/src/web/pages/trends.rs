//! Trends: what changed more than chance explains.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::{Frame, html, page};
use crate::web::{App, markup, timeline, words};

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    by: Option<String>,
    scope: Option<String>,
}

/// `trends`, as far as the page shows it.
#[derive(Deserialize)]
struct Row {
    id: String,
    label: String,
    direction: String,
    people: usize,
    expected: f64,
    rate_ratio: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    q: Option<f64>,
    weeks: Vec<u32>,
    #[serde(default)]
    evidence: Vec<String>,
    meanwhile: Option<String>,
}

struct Line {
    id: String,
    label: String,
    direction: String,
    people: usize,
    expected: String,
    ratio: String,
    interval: String,
    /// The interval as a drawing; none where nothing can be said.
    drawing: Option<String>,
    q: String,
    spark: String,
    evidence: Vec<String>,
    meanwhile: Option<String>,
}

#[derive(Template)]
#[template(path = "trends.html")]
struct Trends {
    frame: Frame,
    speaks: Vec<Line>,
    steady: Vec<Line>,
    silent: usize,
    by: String,
    scope: String,
}

pub(in crate::web) async fn show(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    page(app, move |app| {
        let by = asked.by.filter(|b| !b.is_empty()).unwrap_or_else(|| "topic".to_owned());
        let scope = asked.scope.filter(|s| !s.is_empty()).unwrap_or_default();
        let (by_option, scope_option) = (format!("--by={by}"), format!("--scope={scope}"));
        let mut call = vec!["trends", &by_option];
        if !scope.is_empty() {
            call.push(&scope_option);
        }
        let rows: Vec<Row> = app.ask(&call)?;
        let silent = rows.iter().filter(|r| r.direction == "not-enough").count();
        let lines = rows.into_iter().filter(|r| r.direction != "not-enough").map(|row| line(app, row));
        let (steady, speaks) = lines.partition(|l| l.direction == "steady");
        html(&Trends {
            frame: Frame::new(app, app.t("base-trends"), "trends"),
            speaks,
            steady,
            silent,
            by,
            scope,
        })
    })
    .await
}

fn line(app: &App, row: Row) -> Line {
    Line {
        id: row.id,
        label: words::short(&row.label, 80),
        direction: row.direction,
        people: row.people,
        expected: format!("{:.1}", row.expected),
        ratio: words::two(row.rate_ratio.as_ref()),
        interval: match (row.low, row.high) {
            (Some(low), Some(high)) => app
                .t("trends-from-to")
                .with("low", format!("{low:.2}"))
                .with("high", format!("{high:.2}"))
                .to_string(),
            _ => "\u{2013}".to_owned(),
        },
        drawing: match (row.low, row.rate_ratio, row.high) {
            (Some(low), Some(mid), Some(high)) => Some(timeline::interval(app.texts, low, mid, high)),
            _ => None,
        },
        q: words::two(row.q.as_ref()),
        spark: words::spark(&row.weeks),
        evidence: row
            .evidence
            .iter()
            .filter_map(|u| markup::link(Some(u)))
            .take(5)
            .map(str::to_owned)
            .collect(),
        meanwhile: row.meanwhile.map(|m| words::short(&m, 120)),
    }
}
