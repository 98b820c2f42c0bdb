//! Introductions: whoever would like to meet a person of the community asks here; DevRel sees who asked.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::Response;
use rapport_model::Time;
use serde::Deserialize;

use super::{Frame, checked, html, page};
use crate::fault::{Fault, FaultKind};
use crate::web::{App, words};

/// `introduce`, as the list of who asked.
#[derive(Deserialize)]
struct Request {
    at: Time,
    who: String,
    role: String,
    asked: String,
    identity: Option<i64>,
    towards: String,
    about: String,
    granted: bool,
}

impl Request {
    /// Where a person's word is recorded.
    fn to_ask(&self, id: &i64) -> String {
        format!("/people/{id}#privacy")
    }
}

/// `introduce`, as the answer to whoever asks.
#[derive(Deserialize)]
struct Answered {
    granted: bool,
    says: String,
}

#[derive(Template)]
#[template(path = "introduce.html")]
struct Introduce {
    frame: Frame,
    /// For DevRel alone, the newest first.
    requests: Option<Vec<Request>>,
    said: Option<Answered>,
    sent: HashMap<String, String>,
    fault: Option<(String, Vec<String>)>,
}

impl Introduce {
    /// What was in a field when it was sent.
    fn was(&self, key: &str) -> &str {
        self.sent.get(key).map_or("", String::as_str)
    }
}

fn introductions(app: &App) -> Result<Introduce, Fault> {
    let frame = Frame::new(app, app.t("introduce-head"), "introduce");
    // The list of who asked is DevRel's; everybody may ask.
    let requests = match frame.may("people") {
        true => {
            let mut all: Vec<Request> = app.ask(&["introduce"])?;
            all.reverse();
            for one in &mut all {
                one.asked = words::short(&one.asked, 80);
                one.towards = words::short(&one.towards, 80);
                one.about = words::short(&one.about, 300);
            }
            Some(all)
        }
        false => None,
    };
    Ok(Introduce { frame, requests, said: None, sent: HashMap::new(), fault: None })
}

/// Who asked, and the form to ask with; a person's page names the person.
pub(in crate::web) async fn show(
    State(app): State<Arc<App>>,
    axum::extract::Query(sent): axum::extract::Query<HashMap<String, String>>,
) -> Response {
    page(app, |app| html(&Introduce { sent, ..introductions(app)? })).await
}

/// Asks for an introduction. What is answered is no more than the verb says to this role.
pub(in crate::web) async fn ask(
    State(app): State<Arc<App>>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        checked(app, &form)?;
        let said = |key: &str| form.get(key).map(|text| text.trim()).unwrap_or_default();
        let call = [
            "introduce".to_owned(),
            format!("--for={}", said("for")),
            format!("--about={}", said("about")),
            "--".to_owned(),
            said("person").to_owned(),
        ];
        let done = match said("person").is_empty() || said("for").is_empty() {
            true => Err(Fault::usage(app.t("introduce-both"))),
            false => app.act(true, &call),
        };
        match done {
            Ok(answer) => {
                let said = serde_json::from_str(&answer.json).map_err(|e| app.misread("introduce", &e))?;
                html(&Introduce { said: Some(said), ..introductions(app)? })
            }
            Err(fault) if fault.kind == FaultKind::Usage => {
                let fault = Some((fault.message, fault.hints));
                let mut response = html(&Introduce { fault, sent: form, ..introductions(app)? })?;
                *response.status_mut() = StatusCode::BAD_REQUEST;
                Ok(response)
            }
            Err(fault) => Err(fault),
        }
    })
    .await
}
