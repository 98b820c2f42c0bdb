//! What a member may ask for: that a yes or a no is kept, to be given everything that is held, to be forgotten.

use std::collections::{BTreeMap, HashMap};
use std::path::Path as File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use rapport_model::Time;
use serde::Deserialize;

use super::{Frame, checked, html, page};
use crate::fault::Fault;
use crate::web::texts::{Texts, key};
use crate::web::{App, words};

/// `consent`, as far as a page shows it.
#[derive(Deserialize)]
pub(super) struct Agreed {
    pub(super) quote: Option<bool>,
    pub(super) contact: Option<bool>,
    pub(super) introduce: Option<bool>,
    pub(super) answers: Vec<Said>,
}

/// One answer, as it was recorded.
#[derive(Deserialize)]
pub(super) struct Said {
    quote: Option<bool>,
    contact: Option<bool>,
    introduce: Option<bool>,
    pub(super) note: Option<String>,
    pub(super) at: Option<Time>,
    pub(super) by: Option<String>,
}

impl Said {
    /// `quoted by name: yes; written to: no`
    pub(super) fn words(&self, texts: &Texts) -> String {
        let each = [self.quote, self.contact, self.introduce];
        let said = ASKED.iter().zip(each).filter_map(|((_, what, _), said)| Some((what, said?)));
        let words = said.map(|(what, yes)| {
            let word = if yes { texts.t("privacy-yes") } else { texts.t("privacy-no") };
            texts.t("privacy-said").with("what", texts.t(what)).with("word", word).to_string()
        });
        words.collect::<Vec<_>>().join("; ")
    }
}

/// What can be agreed to: the option of `consent`, what it is about, and what holds while nobody has asked.
pub(super) const ASKED: [(&str, &str, &str); 3] = [
    ("quote", key("privacy-quote"), key("privacy-quote-unasked")),
    ("contact", key("privacy-contact"), key("privacy-contact-unasked")),
    ("introduce", key("privacy-introduce"), key("privacy-introduce-unasked")),
];

impl Agreed {
    /// What was said to one of the three.
    pub(super) fn to(&self, key: &str) -> Option<bool> {
        match key {
            "quote" => self.quote,
            "contact" => self.contact,
            _ => self.introduce,
        }
    }
}

/// What a person agreed to; the numbers are those of their accounts.
pub(super) fn agreed(app: &App, accounts: &[i64]) -> Result<Agreed, Fault> {
    let numbers: Vec<String> = accounts.iter().map(i64::to_string).collect();
    let call = ["consent", "--"].into_iter().chain(numbers.iter().map(String::as_str));
    let mut agreed: Agreed = app.ask(&call.collect::<Vec<_>>())?;
    for said in &mut agreed.answers {
        said.note = said.note.take().map(|note| words::short(&note, 300));
    }
    Ok(agreed)
}

/// `people show`, as far as its accounts are needed.
#[derive(Deserialize)]
struct Row {
    name: String,
    identities: Vec<Account>,
}

#[derive(Deserialize)]
struct Account {
    id: i64,
}

/// A person, and the numbers of all their accounts.
fn person(app: &App, id: i64) -> Result<(String, Vec<String>), Fault> {
    let row: Row = app.ask(&["people", "show", "--", &id.to_string()])?;
    let accounts = row.identities.into_iter().map(|account| account.id.to_string()).collect();
    Ok((words::short(&row.name, 80), accounts))
}

/// Records what a person said.
pub(in crate::web) async fn consent(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        checked(app, &form)?;
        let mut call = vec!["consent".to_owned()];
        for (key, ..) in ASKED {
            let said = form.get(key).filter(|word| matches!(word.as_str(), "yes" | "no"));
            call.extend(said.map(|word| format!("--{key}={word}")));
        }
        if call.len() == 1 {
            return Err(Fault::usage(app.t("privacy-no-answer")).hint(app.t("privacy-no-answer-next")));
        }
        let note = form.get("note").map(|note| note.trim()).filter(|note| !note.is_empty());
        call.extend(note.map(|note| format!("--note={note}")));
        call.push("--".to_owned());
        call.extend(person(app, id)?.1);
        app.act(true, &call)?;
        Ok(Redirect::to(&format!("/people/{id}#privacy")).into_response())
    })
    .await
}

/// Everything that is held about a person, as a file to hand over: to read, or for programs.
pub(in crate::web) async fn export(
    State(app): State<Arc<App>>,
    Path((id, form)): Path<(i64, String)>,
    Form(given): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        checked(app, &given)?;
        let (ending, kind) = match form.as_str() {
            "data" => ("json", "application/json"),
            "letter" => ("md", "text/markdown; charset=utf-8"),
            _ => {
                return Err(Fault::usage(app.t("privacy-no-form")).hint(app.t("privacy-no-form-next")));
            }
        };
        let (_, accounts) = person(app, id)?;
        // A folder of its own that goes with the answer: a copy that stays would outlive a forgetting.
        static HANDED: AtomicU64 = AtomicU64::new(0);
        let place =
            app.folder.join("uploads").join(format!("person-{}", HANDED.fetch_add(1, Ordering::Relaxed)));
        let body = exported(app, &place, &accounts, ending);
        let _ = std::fs::remove_dir_all(&place);
        let name = format!("attachment; filename=\"person-{id}.{ending}\"");
        let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)];
        Ok((headers, body?).into_response())
    })
    .await
}

/// One of the two files that `export-person` writes.
fn exported(app: &App, place: &File, accounts: &[String], ending: &str) -> Result<Vec<u8>, Fault> {
    let mut call = vec!["export-person".to_owned(), format!("--to={}", place.display()), "--".to_owned()];
    call.extend_from_slice(accounts);
    app.act(true, &call)?;
    Ok(std::fs::read(place.join(format!("person.{ending}")))?)
}

/// `forget`: what would go, or what went.
#[derive(Deserialize)]
struct Forgot {
    done: bool,
    accounts: Vec<String>,
    names: Vec<Name>,
    pseudonym: String,
    identities: u64,
    activities: u64,
    revisions: u64,
    threads: u64,
    mentions: u64,
    payloads: u64,
    rejects: u64,
    elsewhere: BTreeMap<String, u64>,
    copies: Vec<String>,
    remains: Vec<Remains>,
    notes: Vec<String>,
    clean: bool,
}

#[derive(Deserialize)]
struct Name {
    name: String,
    everyday: bool,
}

#[derive(Deserialize)]
struct Remains {
    file: String,
    times: usize,
}

impl Forgot {
    /// What names the person in texts: alone, or only where a name is meant.
    fn names(&self, everyday: bool) -> Vec<&str> {
        self.names.iter().filter(|name| name.everyday == everyday).map(|name| name.name.as_str()).collect()
    }
    /// How many of what, and what happens to it.
    fn rows(&self) -> Vec<(u64, &'static str, &'static str)> {
        let all = [
            (self.identities, key("privacy-accounts"), key("privacy-accounts-go")),
            (self.activities, key("privacy-activities"), key("privacy-activities-go")),
            (self.revisions, key("privacy-revisions"), key("privacy-revisions-go")),
            (self.threads, key("privacy-threads"), key("privacy-threads-go")),
            (self.mentions, key("privacy-mentions"), key("privacy-mentions-go")),
            (self.payloads, key("privacy-payloads"), key("privacy-payloads-go")),
            (self.rejects, key("privacy-rejects"), key("privacy-rejects-go")),
        ];
        all.into_iter().filter(|(n, ..)| *n > 0).collect()
    }
}

#[derive(Template)]
#[template(path = "forget.html")]
struct Forget {
    frame: Frame,
    id: i64,
    name: String,
    forgot: Forgot,
}

/// Shows what forgetting somebody would take, and does it when it is sent again with a yes.
pub(in crate::web) async fn forget(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        checked(app, &form)?;
        let (name, accounts) = person(app, id)?;
        let yes = form.contains_key("yes");
        let mut call = vec!["forget".to_owned()];
        call.extend(yes.then(|| "--yes".to_owned()));
        call.push("--".to_owned());
        call.extend(accounts);
        let answer = app.act(true, &call)?;
        let forgot: Forgot = serde_json::from_str(&answer.json).map_err(|e| app.misread("forget", &e))?;
        // The name goes with the person, from this page, too.
        let (title, name) = match forgot.done {
            true => (app.t("privacy-forgotten").to_string(), String::new()),
            false => (app.t("privacy-forget-whom").with("who", &name).to_string(), name),
        };
        html(&Forget { frame: Frame::new(app, title, "people"), id, name, forgot })
    })
    .await
}
