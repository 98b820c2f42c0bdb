//! Settings: what holds, where it comes from and how it is changed. What a verb does is a form; what is a file is shown
//! with its line.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use rapport_model::Time;
use serde::Deserialize;

use super::{Frame, checked, html, page};
use crate::config::Config;
use crate::desk::account;
use crate::desk::wall::Role;
use crate::fault::Fault;
use crate::web::texts::Texts;
use crate::web::visitor::ASKED;
use crate::web::{App, entry, words};

#[derive(Deserialize)]
struct Account {
    name: String,
    role: String,
    made_at: Time,
    made_by: String,
}

#[derive(Deserialize)]
struct Key {
    id: i64,
    account: String,
    made_at: Time,
    made_by: String,
}

/// A new key, and what it opens.
#[derive(Deserialize)]
struct Made {
    id: i64,
    account: String,
    feeds: Vec<String>,
}

/// `hooks`, as far as the page shows it.
#[derive(Deserialize)]
struct Hook {
    hook: String,
    title: String,
    path: String,
    secret: String,
    ready: bool,
    trouble: Option<String>,
    received: u64,
    refused: u64,
    last: Option<Time>,
    steps: String,
}

/// `settings`, as far as the page shows it.
#[derive(Deserialize)]
struct Holds {
    version: String,
    folder: String,
    bytes: u64,
    files: Vec<OneFile>,
    backup: Option<Line>,
    backup_command: String,
    config: String,
    config_exists: bool,
    values: Vec<Value>,
    areas: Vec<Area>,
    needs: Needs,
    privacy: Agreed,
}

#[derive(Deserialize)]
struct OneFile {
    name: String,
    bytes: u64,
    what: String,
}

#[derive(Deserialize)]
struct Value {
    section: String,
    key: String,
    value: String,
    about: String,
    declared: bool,
    line: Option<usize>,
}

impl Value {
    /// Where it comes from.
    fn from(&self, texts: &Texts) -> String {
        match (self.declared, self.line) {
            (true, Some(n)) => texts.t("settings-line").n("n", n).to_string(),
            (true, None) => texts.t("settings-the-file").to_string(),
            _ => texts.t("settings-default").to_string(),
        }
    }
}

#[derive(Deserialize)]
struct Area {
    name: String,
    words: Vec<String>,
    examples: usize,
    from: String,
    change: String,
}

#[derive(Deserialize)]
struct Needs {
    kinds: Vec<String>,
    learned: Vec<(String, u32)>,
    within_working_days: f64,
    stale_after_days: u32,
}

#[derive(Deserialize)]
struct Agreed {
    forgotten: i64,
    quote_yes: i64,
    quote_no: i64,
    contact_yes: i64,
    contact_no: i64,
    introduce_yes: i64,
    introduce_no: i64,
}

#[derive(Deserialize)]
struct Line {
    at: Time,
    who: String,
    verb: String,
    what: String,
}

/// `audit`, as it is.
#[derive(Deserialize)]
struct Log {
    all: i64,
    lines: Vec<Line>,
    people: Vec<String>,
    verbs: Vec<String>,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct Settings {
    frame: Frame,
    holds: Holds,
    accounts: Vec<Account>,
    roles: [&'static str; 8],
    /// Who is inside: name, role, how long ago it was used.
    inside: Vec<(String, String, String)>,
    shared: bool,
    issuer: String,
    hooks: Vec<Hook>,
    keys: Vec<Key>,
    made: Option<Made>,
    address: String,
    fault: Option<(String, Vec<String>)>,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Audit {
    frame: Frame,
    log: Log,
    by: String,
    verb: String,
    from: i64,
    earlier: Option<i64>,
    later: Option<i64>,
}

/// How long ago, in words.
fn ago(texts: &Texts, past: Duration) -> String {
    match past.as_secs() / 60 {
        0 => texts.t("unit-now").to_string(),
        n => texts.t("unit-ago").with("span", texts.span(n as f64 * 60.0)).to_string(),
    }
}

fn view(app: &App) -> Result<Settings, Fault> {
    // Sizes and sessions change without the log: nothing kept will do.
    let fresh = app.act(true, &["settings".to_owned()])?;
    let holds: Holds = serde_json::from_str(&fresh.json).map_err(|e| app.misread("settings", &e))?;
    let mut hooks: Vec<Hook> = app.ask(&["hooks"])?;
    for hook in &mut hooks {
        hook.steps = words::plain(&hook.steps);
    }
    let inside = app.sessions.inside();
    Ok(Settings {
        frame: Frame::new(app, app.t("settings-title"), "settings"),
        holds,
        accounts: app.ask(&["account", "list"])?,
        roles: Role::ALL.map(Role::as_str),
        inside: inside.into_iter().map(|(name, role, past)| (name, role, ago(app.texts, past))).collect(),
        shared: app.shared,
        issuer: Config::load(&app.folder)?.login.issuer,
        hooks,
        keys: app.ask(&["feeds", "list"])?,
        made: None,
        address: app.address().unwrap_or_default().to_owned(),
        fault: None,
    })
}

pub(in crate::web) async fn show(State(app): State<Arc<App>>) -> Response {
    ASKED.scope(None, page(app, |app| html(&view(app)?))).await
}

/// Accounts, sessions and keys: what the verbs do, and what only this process knows.
pub(in crate::web) async fn act(
    State(app): State<Arc<App>>,
    Path(act): Path<String>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        checked(app, &form)?;
        let said = |key: &str| form.get(key).map(|text| text.trim().to_owned()).unwrap_or_default();
        let call = |words: &[&str]| app.act(true, &words.iter().map(|&w| w.to_owned()).collect::<Vec<_>>());
        let (name, key) = (said("name"), said("key"));
        let done = match act.as_str() {
            "account" => {
                let (role, password) = (format!("--as={}", said("role")), form.get("password").cloned());
                account::typed(password.unwrap_or_default(), || call(&["account", "add", &role, "--", &name]))
            }
            "remove" => call(&["account", "remove", "--", &name]),
            "feed" => call(&["feeds", "new", "--", &name]),
            "revoke" => call(&["feeds", "revoke", "--", &key]),
            "leave" => {
                // Who may remove an account may send somebody out.
                app.ask::<Vec<Account>>(&["account", "list"])?;
                app.sessions.end(&name);
                return Ok(Redirect::to("/settings#people").into_response());
            }
            _ => return Err(Fault::usage(app.t("settings-no-act")).hint(app.t("settings-no-act-next"))),
        };
        match (done, act.as_str()) {
            (Ok(answer), "feed") => {
                // Shown this once: it is part of no address, and no page is kept of it.
                let made = serde_json::from_str(&answer.json).ok();
                html(&Settings { made, ..view(app)? })
            }
            (Ok(_), act) => {
                entry::recheck(app);
                let part = if act == "revoke" { "feeds" } else { "people" };
                Ok(Redirect::to(&format!("/settings#{part}")).into_response())
            }
            (Err(fault), _) if fault.kind == crate::fault::FaultKind::Usage => {
                html(&Settings { fault: Some((fault.message, fault.hints)), ..view(app)? })
            }
            (Err(fault), _) => Err(fault),
        }
    })
    .await
}

#[derive(Deserialize)]
pub(in crate::web) struct Narrowed {
    by: Option<String>,
    verb: Option<String>,
    skip: Option<u32>,
}

/// Lines of the audit log on one page.
const LINES: u32 = 100;

pub(in crate::web) async fn audit(State(app): State<Arc<App>>, Query(asked): Query<Narrowed>) -> Response {
    page(app, move |app| {
        let (by, verb) = (asked.by.unwrap_or_default(), asked.verb.unwrap_or_default());
        let skip = asked.skip.unwrap_or(0);
        let mut call = vec!["audit".to_owned(), format!("--top={LINES}"), format!("--skip={skip}")];
        call.extend(Some(&by).filter(|by| !by.is_empty()).map(|by| format!("--by={by}")));
        call.extend(Some(&verb).filter(|verb| !verb.is_empty()).map(|verb| format!("--verb={verb}")));
        let mut log: Log = app.ask(&call.iter().map(String::as_str).collect::<Vec<_>>())?;
        for line in &mut log.lines {
            line.what = words::short(&line.what, 200);
        }
        let (from, step) = (i64::from(skip), i64::from(LINES));
        html(&Audit {
            frame: Frame::new(app, app.t("settings-log"), "settings"),
            earlier: Some(from + step).filter(|next| *next < log.all),
            later: (from > 0).then(|| (from - step).max(0)),
            log,
            by,
            verb,
            from,
        })
    })
    .await
}
