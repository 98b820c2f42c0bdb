//! Talks: where each stands, moved on from there, and the calls for papers that are open.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rapport_model::Time;
use serde::Deserialize;

use super::{Frame, checked, html, page};
use crate::fault::{Fault, FaultKind};
use crate::web::{App, markup, words};

/// `talks list`, as far as the page shows it.
#[derive(Deserialize)]
struct Talk {
    talk: i64,
    title: String,
    event: String,
    event_starts: Option<Time>,
    speaker: Option<String>,
    state: String,
    since: Time,
    may_become: Vec<String>,
    note: Option<String>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    state: String,
    at: Time,
    who: String,
    note: Option<String>,
}

/// `talks deadlines`, as far as the page shows it.
#[derive(Deserialize)]
struct Call {
    event: String,
    starts: Option<Time>,
    place: Option<String>,
    url: Option<String>,
    call_url: Option<String>,
    call_until: Time,
    days_left: i64,
    talks: Vec<String>,
}

#[derive(Template)]
#[template(path = "talks.html")]
struct Talks {
    frame: Frame,
    /// By where they stand, in the order of the verb.
    groups: Vec<(String, Vec<Talk>)>,
    calls: Vec<Call>,
    days: u32,
    /// What was sent and could not be taken in.
    sent: HashMap<String, String>,
    fault: Option<(String, Vec<String>)>,
}

impl Talks {
    /// What a field of the form holds.
    fn was(&self, field: &str) -> &str {
        self.sent.get(field).map(String::as_str).unwrap_or_default()
    }
}

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    days: Option<u32>,
    /// The event of a call, for the form.
    event: Option<String>,
    on: Option<String>,
}

/// Calls that end within so many days, where nothing else is asked.
const DAYS: u32 = 60;

pub(in crate::web) async fn list(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    page(app, move |app| {
        let given = [("event", asked.event), ("on", asked.on)];
        let sent = given.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
        html(&talks(app, asked.days.unwrap_or(DAYS), sent, None)?)
    })
    .await
}

fn talks(app: &App, days: u32, sent: HashMap<String, String>, fault: Option<Fault>) -> Result<Talks, Fault> {
    let mut groups: Vec<(String, Vec<Talk>)> = Vec::new();
    for mut talk in app.ask::<Vec<Talk>>(&["talks", "list"])? {
        talk.title = words::short(&talk.title, 160);
        talk.event = words::short(&talk.event, 120);
        talk.speaker = talk.speaker.map(|who| words::short(&who, 80));
        match groups.iter_mut().find(|(state, _)| *state == talk.state) {
            Some((_, all)) => all.push(talk),
            None => groups.push((talk.state.clone(), vec![talk])),
        }
    }
    let mut calls: Vec<Call> = app.ask(&["talks", "deadlines", &format!("--days={days}")])?;
    for call in &mut calls {
        call.event = words::short(&call.event, 160);
        call.place = call.place.take().map(|place| words::short(&place, 120));
        for url in [&mut call.url, &mut call.call_url] {
            *url = markup::link(url.as_deref()).map(str::to_owned);
        }
    }
    let frame = Frame::new(app, app.t("talks-title"), "talks");
    Ok(Talks { frame, groups, calls, days, sent, fault: fault.map(|f| (f.message, f.hints)) })
}

/// A talk is sent in; what was typed stays where it cannot be taken.
pub(in crate::web) async fn propose(
    State(app): State<Arc<App>>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        checked(app, &form)?;
        let given = |key: &str| form.get(key).map(|text| text.trim()).filter(|text| !text.is_empty());
        let mut call = vec!["talks".to_owned(), "propose".to_owned()];
        for key in ["event", "on", "speaker"] {
            call.extend(given(key).map(|value| format!("--{key}={value}")));
        }
        call.extend(["--".to_owned(), given("title").unwrap_or_default().to_owned()]);
        let done = match (given("title"), given("event")) {
            (Some(_), Some(_)) => app.act(true, &call),
            _ => Err(Fault::usage(app.t("talks-both"))),
        };
        again(app, done.map(|_| ()), form)
    })
    .await
}

/// A talk goes on to where the verb lets it go.
pub(in crate::web) async fn go_on(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        checked(app, &form)?;
        let mut call = vec!["talks".to_owned(), "move".to_owned()];
        let note = form.get("note").filter(|note| !note.trim().is_empty());
        call.extend(note.map(|note| format!("--note={}", note.trim())));
        call.extend(["--".to_owned(), id.to_string(), form.get("to").cloned().unwrap_or_default()]);
        let done = app.act(true, &call);
        again(app, done.map(|_| ()), HashMap::new())
    })
    .await
}

/// The page again; with what was wrong, where it was.
fn again(app: &App, done: Result<(), Fault>, sent: HashMap<String, String>) -> Result<Response, Fault> {
    match done {
        Ok(()) => Ok(Redirect::to("/talks").into_response()),
        Err(fault) if matches!(fault.kind, FaultKind::Usage | FaultKind::Refused) => {
            let status = super::status(&fault);
            let mut response = html(&talks(app, DAYS, sent, Some(fault))?)?;
            *response.status_mut() = if status.is_client_error() { status } else { StatusCode::BAD_REQUEST };
            Ok(response)
        }
        Err(fault) => Err(fault),
    }
}
