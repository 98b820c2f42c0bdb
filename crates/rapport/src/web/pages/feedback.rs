//! Feedback: the board by state, the brief with what became of it, and the page that answers without an account.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use rapport_model::Time;
use serde::Deserialize;

use super::drafts::{Department, departments};
use super::{Frame, html, page};
use crate::fault::Fault;
use crate::web::{App, markup, words};

/// `feedback list` and `feedback show`, as far as the pages show them.
#[derive(Deserialize)]
struct Row {
    feedback: i64,
    title: String,
    department: String,
    severity: String,
    state: String,
    waiting: Option<String>,
    late_days: i64,
    asked: usize,
    told: usize,
    owner: String,
    #[serde(default)]
    brief: Option<String>,
    #[serde(default)]
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    at: Time,
    who: String,
    state: String,
    via: String,
    reason: Option<String>,
    release: Option<String>,
}

/// `feedback told`, as far as the page shows it.
#[derive(Deserialize)]
struct Told {
    says: String,
    places: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    place: usize,
    thread: i64,
    url: Option<String>,
    draft: String,
    told_at: Option<Time>,
}

struct Column {
    state: &'static str,
    cards: Vec<Row>,
}

#[derive(Template)]
#[template(path = "board.html")]
struct Board {
    frame: Frame,
    columns: Vec<Column>,
    none: bool,
    topics: Vec<Topic>,
    departments: Vec<Department>,
}

/// `topics`, as far as a choice needs it.
#[derive(Deserialize)]
struct Topic {
    id: u32,
    label: String,
    people: usize,
}

struct Taken {
    at: String,
    says: String,
}

#[derive(Template)]
#[template(path = "feedback.html")]
struct Shown {
    frame: Frame,
    row: Row,
    brief: String,
    steps: Vec<Taken>,
    told: Option<Told>,
    /// What would go where, before anything goes.
    plan: Option<String>,
    /// Seen through a link: its last part.
    link: Option<String>,
    departments: Vec<Department>,
}

const STATES: [&str; 7] = ["draft", "delivered", "acknowledged", "accepted", "declined", "shipped", "told"];

pub(in crate::web) async fn board(State(app): State<Arc<App>>) -> Response {
    page(app, |app| {
        let rows: Vec<Row> = app.ask(&["feedback", "list"])?;
        let none = rows.is_empty();
        let mut columns: Vec<Column> =
            STATES.iter().map(|state| Column { state, cards: Vec::new() }).collect();
        for row in rows {
            if let Some(column) = columns.iter_mut().find(|c| c.state == row.state) {
                column.cards.push(row);
            }
        }
        columns.retain(|c| !c.cards.is_empty());
        let departments = departments(app)?;
        let mut topics: Vec<Topic> = if departments.is_empty() { Vec::new() } else { app.ask(&["topics"])? };
        for topic in &mut topics {
            topic.label = words::short(&topic.label, 60);
        }
        html(&Board {
            frame: Frame::new(app, app.t("base-feedback"), "feedback"),
            columns,
            none,
            topics,
            departments,
        })
    })
    .await
}

pub(in crate::web) async fn one(State(app): State<Arc<App>>, Path(id): Path<i64>) -> Response {
    page(app, move |app| html(&shown(app, &["feedback", "show", "--", &id.to_string()], None)?)).await
}

fn shown(app: &App, call: &[&str], link: Option<String>) -> Result<Shown, Fault> {
    let row: Row = app.ask(call)?;
    let told = match row.state.as_str() {
        "shipped" | "declined" | "told" if link.is_none() => {
            Some(app.ask(&["feedback", "told", "--", &row.feedback.to_string()])?)
        }
        _ => None,
    };
    let step = |step: &Step| Taken {
        at: app.texts.moment(&step.at),
        says: {
            let says = match (&step.release, &step.reason) {
                (Some(release), Some(reason)) => app
                    .t("feedback-step-both")
                    .with("state", &step.state)
                    .with("who", &step.who)
                    .with("via", &step.via)
                    .with("release", release)
                    .with("reason", reason),
                (Some(release), None) => app
                    .t("feedback-step-release")
                    .with("state", &step.state)
                    .with("who", &step.who)
                    .with("via", &step.via)
                    .with("release", release),
                (None, Some(reason)) => app
                    .t("feedback-step-reason")
                    .with("state", &step.state)
                    .with("who", &step.who)
                    .with("via", &step.via)
                    .with("reason", reason),
                (None, None) => app
                    .t("feedback-step")
                    .with("state", &step.state)
                    .with("who", &step.who)
                    .with("via", &step.via),
            };
            says.to_string()
        },
    };
    Ok(Shown {
        frame: Frame::new(app, words::short(&row.title, 80), "feedback"),
        brief: row.brief.as_deref().map(markup::page).unwrap_or_default(),
        steps: row.steps.iter().map(step).collect(),
        departments: if link.is_none() && row.state == "draft" { departments(app)? } else { Vec::new() },
        row,
        told,
        plan: None,
        link,
    })
}

/// The words of a step, from a form's button and fields.
fn step(app: &App, act: &str, form: &HashMap<String, String>) -> Result<Vec<String>, Fault> {
    let given = |key: &str| form.get(key).map(String::as_str).filter(|v| !v.trim().is_empty());
    let mut call: Vec<String> = match act {
        "acknowledge" | "accept" | "decline" | "reopen" => {
            vec!["feedback".to_owned(), "answer".to_owned(), format!("--{act}")]
        }
        "shipped" | "deliver" | "sync" | "told" => vec!["feedback".to_owned(), act.to_owned()],
        _ => return Err(Fault::usage(app.t("feedback-no-act").with("act", words::short(act, 20)))),
    };
    let fields: &[&str] = match act {
        "accept" => &["release"],
        "decline" | "reopen" => &["reason"],
        "shipped" => &["release"],
        "told" => &["place", "note"],
        "deliver" => &["by-hand"],
        _ => &[],
    };
    call.extend(fields.iter().filter_map(|key| given(key).map(|value| format!("--{key}={value}"))));
    Ok(call)
}

/// Takes a step; delivering shows the plan first, and goes only when it is sent again with a yes.
pub(in crate::web) async fn act(
    State(app): State<Arc<App>>,
    Path((id, act)): Path<(i64, String)>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        if !app.ours(form.get("token").map(String::as_str).unwrap_or_default()) {
            return Err(Fault::usage(app.t("page-stale")).hint(app.t("page-stale-next")));
        }
        let mut call = step(app, &act, &form)?;
        let yes = act == "told" || form.contains_key("yes");
        if yes && matches!(act.as_str(), "deliver" | "told") {
            call.push("--yes".to_owned());
        }
        call.extend(["--".to_owned(), id.to_string()]);
        let answer = app.act(false, &call)?;
        if act == "deliver" && !yes {
            let mut view = shown(app, &["feedback", "show", "--", &id.to_string()], None)?;
            view.plan = Some(words::plain(&answer.text));
            return html(&view);
        }
        Ok(Redirect::to(&format!("/feedback/{id}")).into_response())
    })
    .await
}

/// The brief and the answer, for whoever holds the link.
pub(in crate::web) async fn through(State(app): State<Arc<App>>, Path(word): Path<String>) -> Response {
    page(app, move |app| {
        let option = format!("--link={word}");
        let mut view = shown(app, &["feedback", "show", &option], Some(word.clone()))?;
        view.frame.bare = true;
        html(&view)
    })
    .await
}

pub(in crate::web) async fn answer(
    State(app): State<Arc<App>>,
    Path(word): Path<String>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        let act = form.get("act").map(String::as_str).unwrap_or_default();
        if !matches!(act, "acknowledge" | "accept" | "decline") {
            return Err(Fault::usage(app.t("feedback-no-answer")));
        }
        let mut call = step(app, act, &form)?;
        if let Some(by) = form.get("by").filter(|by| !by.trim().is_empty()) {
            call.push(format!("--by={by}"));
        }
        call.push(format!("--link={word}"));
        app.act(true, &call)?;
        Ok(Redirect::to(&format!("/answer/{word}")).into_response())
    })
    .await
}
