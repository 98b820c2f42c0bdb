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
use crate::fault::Fault;
use crate::web::chart::{Chart, LINES, Unit};
use crate::web::{App, words};

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    name: Option<String>,
    period: Option<String>,
    source: Option<String>,
    rows: Option<String>,
}

struct Metric {
    name: &'static str,
    /// Its name as a heading.
    head: String,
    definition: &'static str,
    /// How it went, drawn.
    chart: String,
    table: String,
    /// Rows that are not shown among all metrics: the metric by itself has them.
    more: usize,
}

/// Rows of a metric among all others, the newest.
const FEW: usize = 12;

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
        let months = months(app, &name, &period, &source)?;
        let of =
            |wanted: &str| if name.is_empty() { value.get(wanted).cloned() } else { Some(value.clone()) };
        let shown = NAMES.iter().filter(|(known, _)| name.is_empty() || *known == name);
        let metrics = shown.map(|(known, definition)| {
            let mut value = of(known).unwrap_or(Value::Null);
            let mut more = 0;
            if let Some(all) = value.as_array_mut().filter(|all| name.is_empty() && all.len() > FEW) {
                more = all.len() - FEW;
                all.drain(..more);
            }
            Metric {
                name: known,
                head: headed(known),
                definition,
                chart: months.get(*known).and_then(|rows| chart(known, rows)).unwrap_or_default(),
                table: table(&value),
                more,
            }
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

/// The metrics that have months, month by month, by name.
fn months(app: &App, name: &str, period: &str, source: &str) -> Result<Value, Fault> {
    let drawn = |name: &str| DRAWN.iter().any(|(known, ..)| *known == name);
    if !name.is_empty() && !drawn(name) {
        return Ok(Value::Null);
    }
    let mut call = vec!["metrics".to_owned(), "--monthly".to_owned()];
    for (flag, value) in [("period", period), ("source", source)] {
        if !value.is_empty() {
            call.push(format!("--{flag}={value}"));
        }
    }
    if !name.is_empty() {
        call.extend(["--".to_owned(), name.to_owned()]);
    }
    let call: Vec<&str> = call.iter().map(String::as_str).collect();
    let value: Value = app.ask(&call)?;
    Ok(if name.is_empty() { value } else { serde_json::json!({ name: value }) })
}

/// What is drawn of a metric: its lines, by field and name.
type Lines = &'static [(&'static str, &'static str)];

/// Metrics with a drawing: what it shows, what it counts, its lines.
const DRAWN: [(&str, &str, Unit, Lines); 5] = [
    (
        "time-to-first-response",
        "Time to the first human reply, by the month of the question; months with fewer than five replies are left out",
        Unit::Seconds,
        &[("median_s", "median"), ("p90_s", "90th percentile")],
    ),
    (
        "closure-ratio",
        "Issues and change requests by month",
        Unit::Count,
        &[("opened", "opened"), ("closed", "closed")],
    ),
    (
        "contributors",
        "People with a contribution, by month",
        Unit::Count,
        &[("new", "for the first time"), ("returning", "returning")],
    ),
    ("downloads", "Downloads by week (not people)", Unit::Count, &[]),
    (
        "unanswered",
        "Threads without a reply of another human, by the month of their opening",
        Unit::Count,
        &[("unanswered", "without a reply"), ("n", "all threads")],
    ),
];

/// Months or weeks on a drawing, the newest: what was before is in the table.
const STEPS: usize = 60;
/// Replies in a month of which a quantile is drawn.
const LEAST: u64 = 5;

/// The rows of a metric as a figure; none where it has no drawing, or too little to draw.
fn chart(name: &str, rows: &Value) -> Option<String> {
    let (_, title, unit, lines) = DRAWN.iter().find(|(known, ..)| *known == name)?;
    let rows = rows.as_array()?;
    let mut at: Vec<String> = rows
        .iter()
        .filter_map(|row| row["month"].as_str().map(first_day).or(row["week"].as_str().map(first_day)))
        .collect();
    at.sort();
    at.dedup();
    at.drain(..at.len().saturating_sub(STEPS));
    let step = |row: &Value| row["month"].as_str().or(row["week"].as_str()).map(first_day);
    let values = |wanted: &dyn Fn(&Value) -> Option<f64>| -> Vec<Option<f64>> {
        at.iter()
            .map(|day| rows.iter().find_map(|row| wanted(row).filter(|_| step(row).as_ref() == Some(day))))
            .collect()
    };
    let lines: Vec<(String, Vec<Option<f64>>)> = if name == "downloads" {
        packages(rows)
            .into_iter()
            .map(|package| {
                let of =
                    |row: &Value| row["downloads"].as_f64().filter(|_| row["source"] == package.as_str());
                (words::short(&package, 40), values(&of))
            })
            .collect()
    } else {
        // A quantile of a handful says nothing of a month.
        let enough = |row: &Value| *unit == Unit::Count || row["n"].as_u64() >= Some(LEAST);
        let line = |field: &str| values(&|row| row[field].as_f64().filter(|_| enough(row)));
        lines.iter().map(|(field, says)| ((*says).to_owned(), line(field))).collect()
    };
    Some(Chart { title: (*title).to_owned(), unit: *unit, at, lines }.figure())
}

/// `time-to-first-response` as a heading.
fn headed(name: &str) -> String {
    let words = name.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `2026-09` is drawn at its first day.
fn first_day(month: &str) -> String {
    if month.len() == 7 { format!("{month}-01") } else { month.to_owned() }
}

/// The packages downloaded most.
fn packages(rows: &[Value]) -> Vec<String> {
    let mut sums = std::collections::BTreeMap::<&str, u64>::new();
    for row in rows {
        let sum = sums.entry(row["source"].as_str().unwrap_or_default()).or_default();
        *sum = sum.saturating_add(row["downloads"].as_u64().unwrap_or(0));
    }
    let mut all: Vec<(&str, u64)> = sums.into_iter().collect();
    all.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    all.into_iter().take(LINES).map(|(name, _)| name.to_owned()).collect()
}
