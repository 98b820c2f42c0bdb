//! Metrics: each with its definition, how it went month by month, and its rows.

mod drawn;
mod rows;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;

use super::{Frame, html, page, role};
use crate::desk::metrics::{BY_MONTH, LATE_IN_ALL, NAMES};
use crate::desk::wall;
use crate::fault::{Fault, FaultKind};
use crate::web::guard::urlencoded;
use crate::web::{App, words};

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    name: Option<String>,
    period: Option<String>,
    source: Option<String>,
    rows: Option<String>,
    /// The column whose rows are asked for, and the row that it stands in.
    behind: Option<String>,
    within: Option<String>,
    kind: Option<String>,
}

/// What is asked of every metric, as the address has it.
#[derive(Default)]
struct Wanted {
    period: String,
    source: String,
    /// The one who reads may open the rows behind a number.
    opens: bool,
    /// They may open a person, too.
    people: bool,
}

struct Metric {
    name: &'static str,
    definition: &'static str,
    chart: String,
    table: String,
    alone: String,
    csv: String,
    json: String,
}

#[derive(Template)]
#[template(path = "metrics.html")]
struct Metrics {
    frame: Frame,
    metrics: Vec<Metric>,
    names: Vec<&'static str>,
    /// Name, and how it reads.
    sources: Vec<(String, String)>,
    name: String,
    period: String,
    source: String,
    rows: bool,
}

/// The rows behind one number.
#[derive(Template)]
#[template(path = "behind.html")]
struct Behind {
    frame: Frame,
    metric: String,
    what: String,
    n: usize,
    /// Where the number stands: the source, the month, the kind of thread.
    of: String,
    table: String,
    back: String,
    json: String,
}

#[derive(Deserialize)]
struct Source {
    source: String,
}

impl Wanted {
    fn by(app: &App, period: Option<String>, source: Option<String>) -> Wanted {
        let may = |verb: &str| wall::open(role(app), verb);
        let (opens, people) = (may("thread"), may("people"));
        Wanted { period: given(period), source: given(source), opens, people }
    }

    /// The call of the verb.
    fn call(&self, name: &str, option: &str) -> Vec<String> {
        let mut call = vec!["metrics".to_owned()];
        for (flag, value) in [("period", &self.period), ("source", &self.source)] {
            if !value.is_empty() {
                call.push(format!("--{flag}={value}"));
            }
        }
        if !option.is_empty() {
            call.push(option.to_owned());
        }
        if !name.is_empty() {
            call.extend(["--".to_owned(), name.to_owned()]);
        }
        call
    }

    fn ask(&self, app: &App, name: &str, option: &str) -> Result<Value, Fault> {
        let call = self.call(name, option);
        app.ask(&call.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// An address with the same filters.
    fn at(&self, path: &str, more: &[(&str, &str)]) -> String {
        let kept = [("period", self.period.as_str()), ("source", self.source.as_str())];
        let kept = kept.iter().filter(|(k, v)| !v.is_empty() && more.iter().all(|(key, _)| key != k));
        let pairs = more.iter().chain(kept).map(|(key, value)| format!("{key}={}", urlencoded(value)));
        format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
    }
}

/// How many there are of what is shown in part.
fn in_all(value: &Value, name: &str) -> Option<usize> {
    let n = value.get(LATE_IN_ALL).filter(|_| name == "late")?.as_u64()?;
    usize::try_from(n).ok()
}

fn given(value: Option<String>) -> String {
    value.unwrap_or_default()
}

pub(in crate::web) async fn show(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    page(app, move |app| {
        let name = given(asked.name);
        let wanted = Wanted::by(app, asked.period, asked.source);
        if let Some(column) = asked.behind.filter(|column| !column.is_empty()) {
            return behind(app, &wanted, &name, &column, [given(asked.within), given(asked.kind)]);
        }
        let rows = asked.rows.is_some();
        let value = wanted.ask(app, &name, if rows { "--rows" } else { "" })?;
        let all = name.is_empty();
        let months = match name.as_str() {
            "" => wanted.ask(app, "", "--months")?,
            one if BY_MONTH.contains(&one) => wanted.ask(app, one, "--months")?,
            _ => Value::Null,
        };
        // Of all at once a year or so; a metric by itself has them all.
        let most = if all { rows::FEW } else { rows::MANY };
        let of = |from: &Value, one: &str| if all { from.get(one).cloned() } else { Some(from.clone()) };
        let shown = NAMES.iter().filter(|(known, _)| all || *known == name);
        let metrics = shown.map(|(known, definition)| {
            let answer = of(&value, known).unwrap_or(Value::Null);
            let by_month = of(&months, known).filter(|_| BY_MONTH.contains(known)).unwrap_or(Value::Null);
            Metric {
                name: known,
                definition,
                chart: drawn::figure(app.texts, known, &answer, &by_month, &wanted, most),
                table: rows::table(
                    app.texts,
                    known,
                    &answer,
                    &wanted,
                    most,
                    in_all(&value, known).filter(|_| all),
                ),
                alone: wanted.at("/metrics", &[("name", known), ("rows", "1")]),
                csv: wanted.at("/metrics/save", &[("name", known)]),
                json: wanted.at("/api/metrics", &[("name", known)]),
            }
        });
        let metrics = metrics.collect();
        // A role that sees counts alone may not list sources: then there is nothing to choose.
        let sources: Vec<Source> = app.ask(&["sources"]).unwrap_or_default();
        let mut sources: Vec<(String, String)> =
            sources.into_iter().map(|s| (s.source.clone(), words::short(&s.source, 60))).collect();
        if !wanted.source.is_empty() && sources.iter().all(|s| s.0 != wanted.source) {
            sources.push((wanted.source.clone(), words::short(&wanted.source, 60)));
        }
        html(&Metrics {
            frame: Frame::new(app, app.t("base-metrics"), "metrics"),
            metrics,
            names: NAMES.iter().map(|(name, _)| *name).collect(),
            sources,
            name,
            period: wanted.period,
            source: wanted.source,
            rows,
        })
    })
    .await
}

/// The rows behind one number: as many as it says.
fn behind(
    app: &App,
    wanted: &Wanted,
    name: &str,
    column: &str,
    [within, kind]: [String; 2],
) -> Result<Response, Fault> {
    if !wanted.opens {
        let why = app.t("metrics-behind-not").with("role", role(app));
        return Err(Fault::new(FaultKind::Refused, why.to_string()));
    }
    let mut call = wanted.call("", "");
    let mut more = vec![("name", name), ("behind", column)];
    for (key, value) in [("within", &within), ("kind", &kind)] {
        if !value.is_empty() {
            call.push(format!("--{key}={value}"));
            more.push((key, value));
        }
    }
    call.extend([format!("--behind={column}"), "--".to_owned(), name.to_owned()]);
    let value: Value = app.ask(&call.iter().map(String::as_str).collect::<Vec<_>>())?;
    let of = [&wanted.source, &kind, &within, &wanted.period].map(|part| words::short(part, 80));
    html(&Behind {
        frame: Frame::new(app, name, "metrics"),
        metric: name.to_owned(),
        what: rows::reads(app.texts, column),
        n: value["rows"].as_array().map_or(0, Vec::len),
        of: of.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
        table: rows::table(app.texts, "", &value["rows"], wanted, rows::MOST, None),
        back: wanted.at("/metrics", &[("name", name)]),
        json: wanted.at("/api/metrics", &more),
    })
}

/// One metric as CSV, as the page has it.
pub(in crate::web) async fn save(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    page(app, move |app| {
        let name = given(asked.name);
        let Some((known, _)) = NAMES.iter().find(|(known, _)| *known == name) else {
            return Err(Fault::usage(app.t("metrics-which")).hint(app.t("metrics-which-next")));
        };
        let wanted = Wanted::by(app, asked.period, asked.source);
        let value = wanted.ask(app, known, if asked.rows.is_some() { "--rows" } else { "" })?;
        let named = format!("attachment; filename=\"{known}.csv\"");
        let heads = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (header::CONTENT_DISPOSITION, named),
        ];
        Ok((heads, rows::csv(&value)).into_response())
    })
    .await
}
