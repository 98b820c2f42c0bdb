//! What the documentation lacks: from questions that come back and from searches that found nothing.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::{Frame, html, page};
use crate::web::{App, markup, words};

/// `docs gaps`, as far as the page shows it.
#[derive(Deserialize)]
struct Row {
    rank: usize,
    about: String,
    lack: String,
    people: usize,
    searches: u64,
    nothing: u64,
    because: Vec<String>,
    topic: Option<i64>,
    label: Option<String>,
    evidence: Vec<String>,
    queries: Vec<String>,
}

#[derive(Template)]
#[template(path = "lacks.html")]
struct Lacks {
    frame: Frame,
    rows: Vec<Row>,
}

pub(in crate::web) async fn show(State(app): State<Arc<App>>) -> Response {
    page(app, |app| {
        let mut rows: Vec<Row> = app.ask(&["docs", "gaps"])?;
        for row in &mut rows {
            row.about = words::short(&row.about, 160);
            // The page counts people in a line of its own, with its rows behind it.
            row.because.retain(|why| !why.starts_with("asked by "));
            let links = row.evidence.iter().filter_map(|url| markup::link(Some(url)));
            row.evidence = links.take(8).map(str::to_owned).collect();
            row.queries.truncate(5);
        }
        html(&Lacks { frame: Frame::new(app, app.t("docs-title"), "docs"), rows })
    })
    .await
}
