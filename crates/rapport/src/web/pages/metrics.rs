//! Metrics: each with its definition and its rows.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;

use super::any::table;
use super::{Frame, html, page};
use crate::desk::metrics::NAMES;
use crate::web::App;

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    name: Option<String>,
    period: Option<String>,
    source: Option<String>,
    rows: Option<String>,
}

struct Metric {
    name: &'static str,
    definition: &'static str,
    table: String,
}

#[derive(Template)]
#[template(path = "metrics.html")]
struct Metrics {
    frame: Frame,
    metrics: Vec<Metric>,
    names: Vec<&'static str>,
    name: String,
    period: String,
    source: String,
    rows: bool,
}

pub(in crate::web) async fn show(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    page(app, move |app| {
        let given = |value: Option<String>| value.filter(|v| !v.is_empty()).unwrap_or_default();
        let (name, period, source) = (given(asked.name), given(asked.period), given(asked.source));
        let rows = asked.rows.is_some();
        let mut call: Vec<String> = vec!["metrics".to_owned()];
        for (flag, value) in [("period", &period), ("source", &source)] {
            if !value.is_empty() {
                call.push(format!("--{flag}={value}"));
            }
        }
        if rows {
            call.push("--rows".to_owned());
        }
        if !name.is_empty() {
            call.extend(["--".to_owned(), name.clone()]);
        }
        let call: Vec<&str> = call.iter().map(String::as_str).collect();
        let value: Value = app.ask(&call)?;
        let of =
            |wanted: &str| if name.is_empty() { value.get(wanted).cloned() } else { Some(value.clone()) };
        let shown = NAMES.iter().filter(|(known, _)| name.is_empty() || *known == name);
        let metrics = shown.map(|(known, definition)| Metric {
            name: known,
            definition,
            table: of(known).map_or_else(String::new, |value| table(&value)),
        });
        html(&Metrics {
            frame: Frame::new(app, "Metrics", "metrics"),
            metrics: metrics.collect(),
            names: NAMES.iter().map(|(name, _)| *name).collect(),
            name,
            period,
            source,
            rows,
        })
    })
    .await
}
