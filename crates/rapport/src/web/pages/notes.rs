//! Field notes: what was heard at an event, who follows up until when, the trip report, and where the talks stand.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use rapport_model::Time;
use serde::Deserialize;

use super::{Frame, checked, html, page};
use crate::fault::Fault;
use crate::web::sent::with_file;
use crate::web::texts::Texts;
use crate::web::{App, markup, words};

/// `notes list` and `notes due`, as far as the page shows them.
#[derive(Deserialize)]
struct Row {
    note: i64,
    event: String,
    text: String,
    consent: String,
    owner: Option<String>,
    due: Option<Time>,
    done_at: Option<Time>,
    done_word: Option<String>,
    overdue: bool,
    kind: Option<String>,
    topic: Option<i64>,
    label: Option<String>,
}

impl Row {
    /// Who follows up until when.
    fn follow(&self, texts: &Texts) -> String {
        let nobody = texts.t("notes-nobody").to_string();
        let owner = self.owner.as_deref().unwrap_or(&nobody);
        match self.due {
            Some(day) => texts.t("notes-until").with("owner", owner).with("day", day.date()).to_string(),
            None => texts.t("notes-no-day").with("owner", owner).to_string(),
        }
    }

    fn shortened(mut self) -> Row {
        self.text = words::short(&self.text, 300);
        self.owner = self.owner.map(|owner| words::short(&owner, 60));
        self.done_word = self.done_word.map(|word| words::short(&word, 160));
        self
    }
}

/// `talks list`, as far as the page shows it.
#[derive(Deserialize)]
struct Talk {
    title: String,
    event: String,
    state: String,
    since: Time,
    note: Option<String>,
}

/// `notes add`, as far as the page needs it.
#[derive(Deserialize)]
struct Outcome {
    new: usize,
    known: usize,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    line: usize,
    say: String,
    refuses: bool,
}

#[derive(Template)]
#[template(path = "notes.html")]
struct Notes {
    frame: Frame,
    due: Vec<Row>,
    /// The notes of each event, the latest event first.
    events: Vec<(String, Vec<Row>)>,
    talks: Vec<Talk>,
    /// What was sent and could not be taken in.
    draft: String,
    fault: Option<(String, Vec<String>)>,
}

#[derive(Template)]
#[template(path = "trip.html")]
struct Trip {
    frame: Frame,
    event: String,
    /// Without what may not be quoted.
    outside: bool,
    body: String,
}

pub(in crate::web) async fn list(State(app): State<Arc<App>>) -> Response {
    page(app, |app| html(&notes(app, String::new(), None)?)).await
}

fn notes(app: &App, draft: String, fault: Option<Fault>) -> Result<Notes, Fault> {
    let rows: Vec<Row> = app.ask(&["notes", "list"])?;
    let mut events: Vec<(String, Vec<Row>)> = Vec::new();
    for row in rows.into_iter().rev().map(Row::shortened) {
        match events.iter_mut().find(|(event, _)| *event == row.event) {
            Some((_, of)) => of.insert(0, row),
            None => events.push((row.event.clone(), vec![row])),
        }
    }
    let due: Vec<Row> = app.ask(&["notes", "due"])?;
    let mut talks: Vec<Talk> = app.ask(&["talks", "list"])?;
    for talk in &mut talks {
        talk.title = words::short(&talk.title, 160);
        talk.event = words::short(&talk.event, 120);
    }
    Ok(Notes {
        frame: Frame::new(app, app.t("notes-head"), "notes"),
        due: due.into_iter().map(Row::shortened).collect(),
        events,
        talks,
        draft,
        fault: fault.map(|f| (f.message, f.hints)),
    })
}

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    event: String,
    /// For readers outside the team.
    outside: Option<String>,
    /// Save it instead of showing it.
    save: Option<String>,
}

/// The trip report on one event, drafted from its notes.
pub(in crate::web) async fn report(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    page(app, move |app| {
        let outside = asked.outside.is_some();
        let mut call = ["notes", "report", "--format=markdown"].map(str::to_owned).to_vec();
        call.extend(outside.then(|| "--outside".to_owned()));
        call.extend(["--".to_owned(), asked.event.clone()]);
        let answer = app.look(false, &call)?;
        if asked.save.is_some() {
            let named = format!("attachment; filename=\"{}\"", file_name(&asked.event));
            let heads = [
                (header::CONTENT_TYPE, "text/markdown; charset=utf-8".to_owned()),
                (header::CONTENT_DISPOSITION, named),
            ];
            return Ok((heads, answer.text.clone()).into_response());
        }
        let title = app.t("notes-report").with("event", words::short(&asked.event, 80));
        let (frame, body) = (Frame::new(app, title, "notes"), markup::page(&answer.text));
        html(&Trip { frame, event: asked.event, outside, body })
    })
    .await
}

/// A name for the file that every system takes, whatever the event is called.
fn file_name(event: &str) -> String {
    let plain = event.to_lowercase();
    let words = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut name = String::from("trip-report");
    for word in words.take(8) {
        name.push('-');
        name.extend(word.chars().take(20));
    }
    name + ".md"
}

/// Takes notes in as they were typed; what is wrong with a line is said, and nothing that was written is lost.
pub(in crate::web) async fn add(
    State(app): State<Arc<App>>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        checked(app, &form)?;
        let text = form.get("notes").map(|notes| notes.replace("\r\n", "\n")).unwrap_or_default();
        let added = with_file(app, &["notes", "add"], "notes.txt", &text)?;
        let outcomes: Vec<Outcome> =
            serde_json::from_str(&added.json).map_err(|e| app.misread("notes add", &e))?;
        let findings = || outcomes.iter().flat_map(|outcome| &outcome.findings);
        if !findings().any(|finding| finding.refuses) && outcomes.iter().any(|o| o.new + o.known > 0) {
            return Ok(Redirect::to("/notes").into_response());
        }
        let mut fault = Fault::usage(app.t("notes-refused"));
        fault.hints = findings()
            .map(|f| app.t("notes-line").n("line", f.line).with("says", &f.say).to_string())
            .collect();
        html(&notes(app, text, Some(fault))?)
    })
    .await
}

/// A follow-up is done.
pub(in crate::web) async fn done(
    State(app): State<Arc<App>>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        checked(app, &form)?;
        let mut call = vec!["notes".to_owned(), "done".to_owned()];
        call.extend(form.get("word").filter(|w| !w.trim().is_empty()).map(|w| format!("--word={w}")));
        call.extend(["--".to_owned(), form.get("note").cloned().unwrap_or_default()]);
        app.act(true, &call)?;
        Ok(Redirect::to("/notes").into_response())
    })
    .await
}
