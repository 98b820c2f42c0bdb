//! Relations to the departments: what went there, what came of it, and for how long nobody spoke.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rapport_model::Time;
use serde::Deserialize;

use super::{Frame, html, page};
use crate::web::App;
use crate::web::texts::Texts;

/// `relations`, as far as the page shows it.
#[derive(Deserialize)]
struct Row {
    department: String,
    delivered: Vec<i64>,
    decided: Vec<i64>,
    declined: Vec<i64>,
    shipped: Vec<i64>,
    told: Vec<i64>,
    waiting: Vec<Waits>,
    median_to_decide_s: Option<f64>,
    median_to_ship_s: Option<f64>,
    last_ours: Option<Time>,
    last_theirs: Option<Time>,
    says: String,
}

#[derive(Deserialize)]
struct Waits {
    feedback: i64,
    waiting_s: f64,
}

impl Waits {
    fn long(&self, texts: &Texts) -> String {
        texts.span(self.waiting_s)
    }
}

impl Row {
    fn decides(&self, texts: &Texts) -> String {
        self.median_to_decide_s.map_or_else(|| "\u{2013}".to_owned(), |s| texts.span(s))
    }
    fn ships(&self, texts: &Texts) -> String {
        self.median_to_ship_s.map_or_else(|| "\u{2013}".to_owned(), |s| texts.span(s))
    }
    fn day(texts: &Texts, at: Option<&Time>) -> String {
        at.map_or_else(|| texts.t("organisation-never").to_string(), |at| at.date().to_string())
    }
}

#[derive(Template)]
#[template(path = "relations.html")]
struct Relations {
    frame: Frame,
    rows: Vec<Row>,
}

pub(in crate::web) async fn show(State(app): State<Arc<App>>) -> Response {
    page(app, |app| {
        let rows = app.ask(&["relations"])?;
        html(&Relations { frame: Frame::new(app, app.t("organisation-relations-title"), "relations"), rows })
    })
    .await
}
