//! Gaps: where needs stay unmet beyond chance, and whom each concerns.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::drafts::{Department, departments};
use super::{Frame, html, page};
use crate::web::{App, markup, timeline, words};

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    kind: Option<String>,
}

/// `gaps`, as far as the page shows it.
#[derive(Deserialize)]
struct Row {
    id: u32,
    label: String,
    kind: String,
    need: String,
    people: u64,
    of: u64,
    messages: u64,
    waiting_s: Option<f64>,
    rate_ratio: f64,
    low: f64,
    high: f64,
    q: f64,
    department: String,
    #[serde(default)]
    why: String,
    #[serde(default)]
    evidence: Vec<String>,
    threads: usize,
}

/// Links of one gap on the page; the topic has them all.
const LINKS: usize = 10;

struct Gap {
    row: Row,
    waiting: Option<String>,
    figures: String,
    /// The interval as a drawing.
    drawing: String,
}

#[derive(Template)]
#[template(path = "gaps.html")]
struct Gaps {
    frame: Frame,
    gaps: Vec<Gap>,
    kind: String,
    departments: Vec<Department>,
}

pub(in crate::web) async fn show(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    page(app, move |app| {
        let kind = asked.kind.filter(|k| !k.is_empty()).unwrap_or_default();
        let option = format!("--kind={kind}");
        let mut call = vec!["gaps"];
        if !kind.is_empty() {
            call.push(&option);
        }
        let rows: Vec<Row> = app.ask(&call)?;
        let gaps = rows.into_iter().map(|mut row| {
            row.label = words::short(&row.label, 80);
            row.evidence.retain(|url| markup::link(Some(url)).is_some());
            row.evidence.truncate(LINKS);
            Gap {
                waiting: row.waiting_s.map(|s| app.texts.span(s)),
                figures: app
                    .t("gaps-figures")
                    .with("ratio", format!("{:.2}", row.rate_ratio))
                    .with("low", format!("{:.2}", row.low))
                    .with("high", format!("{:.2}", row.high))
                    .with(
                        "q",
                        if row.q < 0.001 { "q < 0.001".to_owned() } else { format!("q = {:.3}", row.q) },
                    )
                    .to_string(),
                drawing: timeline::interval(app.texts, row.low, row.rate_ratio, row.high),
                row,
            }
        });
        html(&Gaps {
            frame: Frame::new(app, app.t("base-gaps"), "gaps"),
            gaps: gaps.collect(),
            kind,
            departments: departments(app)?,
        })
    })
    .await
}
