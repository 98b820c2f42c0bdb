//! Friction logs: what a person met who tried it for the first time, in a list and one by one.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use rapport_model::Time;
use serde::Deserialize;

use super::{Frame, html, page, role};
use crate::desk::wall;
use crate::fault::Fault;
use crate::web::sent::with_file;
use crate::web::{App, markup, words};

/// `friction list`, as far as the page shows it.
#[derive(Deserialize)]
struct Row {
    log: i64,
    scenario: String,
    date: Time,
    persona: String,
    steps: usize,
    bad_steps: usize,
    first_success_min: Option<u32>,
    before: Option<Before>,
}

#[derive(Deserialize)]
struct Before {
    change: String,
}

/// `friction add`, as far as the page needs it.
#[derive(Deserialize)]
struct Outcome {
    log: Option<i64>,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    line: usize,
    say: String,
}

#[derive(Template)]
#[template(path = "friction.html")]
struct Logs {
    frame: Frame,
    rows: Vec<Row>,
    /// An empty log to begin with, or what was sent and could not be taken.
    draft: String,
    fault: Option<(String, Vec<String>)>,
}

#[derive(Template)]
#[template(path = "log.html")]
struct Log {
    frame: Frame,
    body: String,
}

pub(in crate::web) async fn list(State(app): State<Arc<App>>) -> Response {
    page(app, |app| html(&logs(app, None, None)?)).await
}

fn logs(app: &App, draft: Option<String>, fault: Option<Fault>) -> Result<Logs, Fault> {
    let mut rows: Vec<Row> = app.ask(&["friction", "list"])?;
    for row in &mut rows {
        row.scenario = words::short(&row.scenario, 120);
        row.persona = words::short(&row.persona, 120);
    }
    let draft = match draft {
        Some(text) => text,
        // Who may not add one is not asked for one.
        None if !wall::open(role(app), "friction add") => String::new(),
        None => app.look(false, &["friction", "template"].map(str::to_owned))?.text.clone(),
    };
    let fault = fault.map(|f| (f.message, f.hints));
    Ok(Logs { frame: Frame::new(app, app.t("friction-head"), "friction"), rows, draft, fault })
}

pub(in crate::web) async fn one(State(app): State<Arc<App>>, Path(id): Path<i64>) -> Response {
    page(app, move |app| {
        let call = ["friction", "show", "--format=markdown", "--", &id.to_string()].map(str::to_owned);
        let answer = app.look(false, &call)?;
        let frame = Frame::new(app, app.t("friction-one").n("n", id), "friction");
        html(&Log { frame, body: markup::page(&answer.text) })
    })
    .await
}

/// Takes a log in as it was written; what is wrong with it is said beside it, and nothing of it is lost.
pub(in crate::web) async fn add(
    State(app): State<Arc<App>>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        if !app.ours(form.get("token").map(String::as_str).unwrap_or_default()) {
            return Err(Fault::usage(app.t("page-stale")).hint(app.t("page-stale-next")));
        }
        let text = form.get("log").map(|log| log.replace("\r\n", "\n")).unwrap_or_default();
        let added = with_file(app, &["friction", "add"], "log.md", &text);
        let outcomes: Vec<Outcome> =
            serde_json::from_str(&added?.json).map_err(|e| app.misread("friction add", &e))?;
        let refused: Vec<String> = outcomes
            .iter()
            .filter(|outcome| outcome.log.is_none())
            .flat_map(|outcome| &outcome.findings)
            .map(|finding| {
                app.t("friction-line").n("line", finding.line).with("says", &finding.say).to_string()
            })
            .collect();
        if outcomes.iter().all(|outcome| outcome.log.is_some()) {
            return Ok(Redirect::to("/friction").into_response());
        }
        let mut fault = Fault::usage(app.t("friction-refused"));
        fault.hints = refused;
        html(&logs(app, Some(text), Some(fault))?)
    })
    .await
}
