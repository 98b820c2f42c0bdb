//! One thread: what was said, what the program concludes and why, and what can be done.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use rapport_model::Time;
use serde::Deserialize;

use super::{Frame, html, page};
use crate::fault::Fault;
use crate::web::{App, markup, words};

/// `thread`, as far as the page shows it.
#[derive(Deserialize)]
struct Shown {
    thread: i64,
    source: String,
    title: String,
    kind: Option<String>,
    url: Option<String>,
    container: Option<String>,
    opened_at: Time,
    need: Option<String>,
    need_why: String,
    state: String,
    why: String,
    people: u32,
    messages: u32,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    activity: i64,
    act: String,
    at: Time,
    who: Option<String>,
    member: String,
    text: String,
    url: Option<String>,
    detail: Option<String>,
    revisions: u32,
}

struct Said {
    activity: i64,
    act: String,
    at: String,
    who: String,
    member: String,
    html: String,
    cut: bool,
    url: Option<String>,
    detail: String,
    revisions: u32,
    /// It says nothing in words: a mark, a label, a reaction.
    quiet: bool,
}

#[derive(Template)]
#[template(path = "thread.html")]
struct Thread {
    frame: Frame,
    thread: i64,
    source: String,
    title: String,
    kind: String,
    url: Option<String>,
    container: String,
    opened: String,
    need: Option<String>,
    need_why: String,
    state: String,
    why: String,
    people: String,
    messages: String,
    lines: Vec<Said>,
}

pub(in crate::web) async fn show(State(app): State<Arc<App>>, Path(id): Path<i64>) -> Response {
    page(app, move |app| html(&thread(app, id)?)).await
}

fn thread(app: &App, id: i64) -> Result<Thread, Fault> {
    let shown: Shown = app.ask(&["thread", "--", &id.to_string()])?;
    let title = words::short(&shown.title, 200);
    Ok(Thread {
        frame: Frame::new(app, title.clone(), "today"),
        thread: shown.thread,
        source: words::short(&shown.source, 60),
        title,
        kind: shown.kind.unwrap_or_else(|| "thread".to_owned()),
        url: markup::link(shown.url.as_deref()).map(str::to_owned),
        container: words::short(shown.container.as_deref().unwrap_or_default(), 60),
        opened: words::moment(&shown.opened_at),
        need: shown.need,
        need_why: words::short(&shown.need_why, 300),
        state: shown.state,
        why: words::short(&shown.why, 300),
        people: words::count(shown.people as usize, "person", "people"),
        messages: words::count(shown.messages as usize, "message", "messages"),
        lines: shown.lines.into_iter().map(said).collect(),
    })
}

fn said(line: Line) -> Said {
    let (html, cut) = markup::safe(&line.text);
    Said {
        activity: line.activity,
        quiet: line.text.trim().is_empty(),
        act: line.act,
        at: words::moment(&line.at),
        who: words::short(line.who.as_deref().unwrap_or("an account that is gone"), 60),
        member: line.member,
        html,
        cut,
        url: markup::link(line.url.as_deref()).map(str::to_owned),
        detail: words::short(line.detail.as_deref().unwrap_or_default(), 60),
        revisions: line.revisions,
    }
}

/// Claims, snoozes, marks as met, or takes that back; then back to where the form stood.
pub(in crate::web) async fn act(
    State(app): State<Arc<App>>,
    Path((id, act)): Path<(i64, String)>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        let given = |key: &str| form.get(key).map(String::as_str).filter(|value| !value.is_empty());
        if !app.ours(given("token").unwrap_or_default()) {
            return Err(Fault::usage("this page is from before the last start").hint("load it again"));
        }
        let mut call = match act.as_str() {
            "claim" | "snooze" | "met" => vec![act.clone()],
            _ => return Err(Fault::usage(format!("a thread cannot be '{}'", words::short(&act, 20)))),
        };
        if given("undo").is_some() {
            call.push("--undo".to_owned());
        }
        for key in ["note", "days"] {
            if let Some(value) = given(key) {
                call.push(format!("--{key}={value}"));
            }
        }
        call.extend(["--".to_owned(), id.to_string()]);
        app.act(true, &call)?;
        let back =
            given("back").filter(|back| back.starts_with('/') && !back.starts_with("//")).unwrap_or("/");
        Ok(Redirect::to(back).into_response())
    })
    .await
}
