//! One thread: what was said, what the program concludes and why, and what can be done.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use rapport_model::Time;
use serde::Deserialize;

use super::draft::{self, Like};
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
    /// Its number among the messages; none for what has no words.
    message: Option<usize>,
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
    message: Option<usize>,
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
    people: u32,
    messages: u32,
    lines: Vec<Said>,
    /// Answered threads like it; none before they were asked for.
    likes: Option<Vec<Like>>,
    draft: String,
    /// Feedback that evidence can still be added to.
    open: Vec<Open>,
    /// What was marked here already.
    marked: Vec<Marked>,
}

/// `feedback list`, as far as the page shows it.
#[derive(Deserialize)]
struct Open {
    feedback: i64,
    title: String,
    state: String,
}

/// `evidence`, as far as the page shows it.
#[derive(Deserialize)]
struct Marked {
    evidence: i64,
    quote: String,
    url: Option<String>,
    said_at: Time,
    channel: String,
    licence: String,
    kind: String,
    kind_why: String,
    stage: String,
    stage_why: String,
}

/// What the address asks for beside the thread itself.
#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    #[serde(default)]
    similar: Option<String>,
}

/// The kinds that a person can say a thread is.
const KINDS: [&str; 7] = ["question", "bug", "feature", "docs", "friction", "other", "none"];

/// Where on the journey a person can say that somebody stood.
const STAGES: [&str; 6] = ["discover", "evaluate", "learn", "build", "scale", "operate"];

pub(in crate::web) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
    Query(asked): Query<Asked>,
) -> Response {
    page(app, move |app| html(&thread(app, id, asked.similar.is_some(), String::new())?)).await
}

fn thread(app: &App, id: i64, similar: bool, draft: String) -> Result<Thread, Fault> {
    let shown: Shown = app.ask(&["thread", "--", &id.to_string()])?;
    let title = words::short(&shown.title, 200);
    let likes = if similar { Some(draft::likes(app, id)?) } else { None };
    // Who may not see feedback or evidence sees the thread without it.
    let mut open: Vec<Open> = app.ask(&["feedback", "list"]).unwrap_or_default();
    open.retain(|f| matches!(f.state.as_str(), "draft" | "delivered" | "acknowledged" | "accepted"));
    for f in &mut open {
        f.title = words::short(&f.title, 80);
    }
    let mut marked: Vec<Marked> = app.ask(&["evidence", &format!("--thread={id}")]).unwrap_or_default();
    for m in &mut marked {
        m.quote = words::short(&m.quote, 300);
        m.channel = words::short(&m.channel, 60);
        m.licence = words::short(&m.licence, 120);
        m.url = markup::link(m.url.as_deref()).map(str::to_owned);
    }
    Ok(Thread {
        frame: Frame::new(app, title.clone(), "today"),
        thread: shown.thread,
        source: words::short(&shown.source, 60),
        title,
        kind: shown.kind.unwrap_or_else(|| app.t("thread-kind").to_string()),
        url: markup::link(shown.url.as_deref()).map(str::to_owned),
        container: words::short(shown.container.as_deref().unwrap_or_default(), 60),
        opened: app.texts.moment(&shown.opened_at),
        need: shown.need,
        need_why: words::short(&shown.need_why, 300),
        state: shown.state,
        why: words::short(&shown.why, 300),
        people: shown.people,
        messages: shown.messages,
        lines: shown.lines.into_iter().map(|line| said(app, line)).collect(),
        likes,
        draft,
        open,
        marked,
    })
}

fn said(app: &App, line: Line) -> Said {
    let (html, cut) = markup::safe(&line.text);
    Said {
        message: line.message,
        activity: line.activity,
        quiet: line.text.trim().is_empty(),
        act: line.act,
        at: app.texts.moment(&line.at),
        who: words::short(&words::named(app.texts, line.who.as_deref()), 60),
        member: line.member,
        html,
        cut,
        url: markup::link(line.url.as_deref()).map(str::to_owned),
        detail: words::short(line.detail.as_deref().unwrap_or_default(), 60),
        revisions: line.revisions,
    }
}

/// Claims, snoozes, marks as met, says the kind, makes a passage evidence, or takes that back; then back to where the form
/// stood. A draft comes back with the link that was chosen, and is kept nowhere.
pub(in crate::web) async fn act(
    State(app): State<Arc<App>>,
    Path((id, act)): Path<(i64, String)>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        let given = |key: &str| form.get(key).map(String::as_str).filter(|value| !value.is_empty());
        if !app.ours(given("token").unwrap_or_default()) {
            return Err(Fault::usage(app.t("page-stale")).hint(app.t("page-stale-next")));
        }
        if act == "draft" {
            let text = draft::with_link(app.texts, given("draft").unwrap_or_default(), given("url"))?;
            return html(&thread(app, id, true, text)?);
        }
        let mut piece = None;
        if act == "evidence" {
            piece = mark(app, id, &given)?;
        } else {
            app.act(true, &call(app, id, &act, &given)?)?;
        }
        let back =
            given("back").filter(|back| back.starts_with('/') && !back.starts_with("//")).unwrap_or("/");
        // Today says what was done, and takes it back.
        let today = back == "/" || back.starts_with("/?");
        if !today || given("undo").is_some() {
            return Ok(Redirect::to(back).into_response());
        }
        let sign = if back.contains('?') { '&' } else { '?' };
        let piece = piece.map_or_else(String::new, |piece: i64| format!("&piece={piece}"));
        Ok(Redirect::to(&format!("{back}{sign}did={act}&of={id}{piece}")).into_response())
    })
    .await
}

/// The words of the verb that a button stands for.
fn call<'a>(
    app: &App,
    id: i64,
    act: &str,
    given: &impl Fn(&str) -> Option<&'a str>,
) -> Result<Vec<String>, Fault> {
    let options: &[&str] = match act {
        "claim" | "snooze" | "met" => &["note", "days"],
        "kind" => &[],
        _ => return Err(Fault::usage(app.t("thread-no-act").with("act", words::short(act, 20)))),
    };
    let mut call = vec![act.to_owned()];
    if given("undo").is_some() {
        call.push("--undo".to_owned());
    }
    for key in options {
        if let Some(value) = given(key) {
            call.push(format!("--{key}={value}"));
        }
    }
    call.extend(["--".to_owned(), id.to_string()]);
    call.extend(given("kind").filter(|_| act == "kind" && given("undo").is_none()).map(str::to_owned));
    Ok(call)
}

/// Makes the chosen words, or a whole message, evidence, and puts it to a feedback when one was chosen; or says what it is
/// about after all, or takes it back. The number of what was marked comes back.
fn mark<'a>(app: &App, id: i64, given: &impl Fn(&str) -> Option<&'a str>) -> Result<Option<i64>, Fault> {
    if let Some(evidence) = given("undo") {
        let call = ["evidence", "undo", "--", evidence].map(str::to_owned);
        return app.act(true, &call).map(|_| None);
    }
    if let Some(evidence) = given("change") {
        let mut call = vec!["evidence".to_owned(), "change".to_owned()];
        let said = ["kind", "stage"].iter().filter_map(|key| Some(format!("--{key}={}", given(key)?)));
        call.extend(said);
        call.extend(["--".to_owned(), evidence.to_owned()]);
        return app.act(true, &call).map(|_| None);
    }
    let mut call = vec!["evidence".to_owned(), "mark".to_owned()];
    // The words say more exactly what is meant than the message that they stand in; a browser ends lines its own way.
    match (given("words").map(|w| w.replace("\r\n", "\n")), given("message")) {
        (Some(words), _) if !words.trim().is_empty() => call.push(format!("--words={}", words.trim())),
        (_, Some(message)) => call.push(format!("--message={message}")),
        _ => {
            return Err(Fault::usage(app.t("thread-no-words")).hint(app.t("thread-no-words-next")));
        }
    }
    for key in ["kind", "note"] {
        if let Some(value) = given(key) {
            call.push(format!("--{key}={value}"));
        }
    }
    call.extend(["--".to_owned(), id.to_string()]);
    let answer = app.act(true, &call)?;
    let made: Made = serde_json::from_str(&answer.json).map_err(|e| app.misread("evidence mark", &e))?;
    let Some(feedback) = given("feedback") else { return Ok(Some(made.evidence)) };
    let widen = ["feedback", "add", &format!("--evidence={}", made.evidence), "--", feedback];
    app.act(true, &widen.map(str::to_owned)).map(|_| Some(made.evidence))
}

/// `evidence mark`, as far as it is needed to go on.
#[derive(Deserialize)]
struct Made {
    evidence: i64,
}
