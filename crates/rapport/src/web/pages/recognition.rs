//! Recognition: who helped whom and who is new, with the evidence; champions by published criteria, for a term. Lists, never
//! a score.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use rapport_model::Time;
use serde::Deserialize;

use super::{Frame, checked, html, page};
use crate::fault::Fault;
use crate::web::texts::{Texts, key};
use crate::web::{App, markup, words};

/// One thing that somebody did for others.
#[derive(Deserialize)]
struct Evidence {
    at: Time,
    what: String,
    url: Option<String>,
    whom: Option<String>,
    #[serde(default)]
    accepted: bool,
}

/// By way of helping.
type Did = BTreeMap<String, Vec<Evidence>>;

/// `people recognise`.
#[derive(Deserialize)]
struct Recognised {
    period: String,
    helpers: Vec<Helper>,
    first_timers: Vec<First>,
    stopped: Vec<Silent>,
}

#[derive(Deserialize)]
struct Helper {
    person: i64,
    name: String,
    kind: String,
    helped: Vec<String>,
    did: Did,
    quiet: bool,
}

impl Helper {
    /// The first few of those who were helped.
    fn some(&self) -> String {
        self.helped.iter().take(6).map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

#[derive(Deserialize)]
struct First {
    person: i64,
    name: String,
    at: Time,
    thread: i64,
    title: String,
    answered: bool,
}

#[derive(Deserialize)]
struct Silent {
    person: i64,
    name: String,
    last: String,
    months: BTreeMap<String, i64>,
}

impl Silent {
    /// `2026-07: 40, 2026-08: 52`
    fn load(&self) -> String {
        self.months.iter().map(|(month, n)| format!("{month}: {n}")).collect::<Vec<_>>().join(", ")
    }
}

/// A champion's term.
#[derive(Deserialize)]
pub(super) struct Term {
    pub(super) person: i64,
    pub(super) name: String,
    /// `champion`, `ending` or `alumni`.
    pub(super) standing: String,
    pub(super) begins: Time,
    pub(super) ends: Time,
    pub(super) by: String,
    pub(super) because: String,
    #[serde(default)]
    meets: Vec<Met>,
}

impl Term {
    pub(super) fn runs(&self) -> bool {
        self.standing != "alumni"
    }
}

#[derive(Deserialize)]
struct Met {
    words: String,
    evidence: Vec<Evidence>,
}

/// `champions review`.
#[derive(Deserialize)]
struct Reviewed {
    from: Time,
    ending: Vec<Term>,
    champions: Vec<Term>,
    alumni: Vec<Term>,
    candidates: Vec<Candidate>,
    quiet: Vec<Quiet>,
}

#[derive(Deserialize)]
struct Candidate {
    person: i64,
    name: String,
    meets: Vec<Met>,
    quiet: bool,
}

#[derive(Deserialize)]
struct Quiet {
    person: i64,
    name: String,
    did: Did,
}

/// `champions criteria`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Criteria {
    name: String,
    version: u32,
    window_months: u32,
    term_months: u32,
    criterion: Vec<Criterion>,
}

#[derive(Deserialize)]
struct Criterion {
    words: String,
}

#[derive(Template)]
#[template(path = "recognition.html")]
struct Helped {
    frame: Frame,
    period: String,
    ours: bool,
    found: Recognised,
    more: usize,
}

#[derive(Template)]
#[template(path = "champions.html")]
struct Champions {
    frame: Frame,
    review: Reviewed,
    criteria: Criteria,
}

/// People in one list of a page; the verb prints any number.
const ROWS: usize = 100;
/// Pieces of evidence for each way of helping: enough to open, and the rest is counted.
const PIECES: usize = 20;

/// What people wrote, in a line, and only links that a page may carry.
fn tidied(all: &mut Vec<Evidence>) {
    for one in all {
        one.what = words::short(&one.what, 120);
        one.whom = one.whom.take().map(|whom| words::short(&whom, 60));
        one.url = markup::link(one.url.as_deref()).map(str::to_owned);
    }
}

/// How a way of helping is called, for so many.
fn way(texts: &Texts, help: &str, n: usize) -> String {
    let said = match help {
        "answer" => key("recognition-answer"),
        "review" => key("recognition-review"),
        "docs" => key("recognition-docs"),
        "mentoring" => key("recognition-mentoring"),
        "organising" => key("recognition-organising"),
        other => return format!("{n} {other}"),
    };
    texts.t(said).n("n", n).to_string()
}

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    period: Option<String>,
    ours: Option<String>,
}

/// Who helped whom in a time, who is here for the first time, and who fell silent.
pub(in crate::web) async fn helped(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    page(app, move |app| {
        let period = asked.period.map(|text| text.trim().to_owned()).unwrap_or_default();
        let ours = asked.ours.is_some();
        let mut call = vec!["people".to_owned(), "recognise".to_owned()];
        if !period.is_empty() {
            call.push(format!("--period={period}"));
        }
        call.extend(ours.then(|| "--ours".to_owned()));
        let mut found: Recognised = app.ask(&call.iter().map(String::as_str).collect::<Vec<_>>())?;
        let more = found.helpers.len().saturating_sub(ROWS);
        found.helpers.truncate(ROWS);
        found.first_timers.truncate(ROWS);
        for helper in &mut found.helpers {
            helper.name = words::short(&helper.name, 80);
            helper.did.values_mut().for_each(tidied);
        }
        for first in &mut found.first_timers {
            first.name = words::short(&first.name, 80);
            first.title = words::short(&first.title, 120);
        }
        html(&Helped {
            frame: Frame::new(app, app.t("recognition-title"), "recognition"),
            period,
            ours,
            found,
            more,
        })
    })
    .await
}

/// The term review: who is a champion, whose term ends, who meets the criteria, who helps quietly.
pub(in crate::web) async fn champions(State(app): State<Arc<App>>) -> Response {
    page(app, |app| {
        let mut review: Reviewed = app.ask(&["champions", "review"])?;
        review.candidates.truncate(ROWS);
        review.quiet.truncate(ROWS);
        for term in review.ending.iter_mut().chain(&mut review.champions).chain(&mut review.alumni) {
            term.name = words::short(&term.name, 80);
            term.because = words::short(&term.because, 300);
            term.meets.iter_mut().for_each(|met| tidied(&mut met.evidence));
        }
        for candidate in &mut review.candidates {
            candidate.name = words::short(&candidate.name, 80);
            candidate.meets.iter_mut().for_each(|met| tidied(&mut met.evidence));
        }
        for quiet in &mut review.quiet {
            quiet.name = words::short(&quiet.name, 80);
            quiet.did.values_mut().for_each(tidied);
        }
        let criteria = app.ask(&["champions", "criteria"])?;
        html(&Champions {
            frame: Frame::new(app, app.t("recognition-champions"), "champions"),
            review,
            criteria,
        })
    })
    .await
}

/// The last term of one person, when there was any.
pub(super) fn term(app: &App, person: i64) -> Result<Option<Term>, Fault> {
    let all: Vec<Term> = app.ask(&["champions"])?;
    let mut found = all.into_iter().find(|term| term.person == person);
    if let Some(term) = &mut found {
        term.because = words::short(&term.because, 300);
    }
    Ok(found)
}

/// Begins, renews or ends a term.
pub(in crate::web) async fn act(
    State(app): State<Arc<App>>,
    Path((id, act)): Path<(i64, String)>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        checked(app, &form)?;
        if !matches!(act.as_str(), "add" | "end") {
            return Err(Fault::usage(app.t("recognition-no-act")).hint(app.t("recognition-no-act-next")));
        }
        let because = form.get("because").map(|text| text.trim()).unwrap_or_default();
        if act == "add" && because.is_empty() {
            return Err(
                Fault::usage(app.t("recognition-no-reason")).hint(app.t("recognition-no-reason-next"))
            );
        }
        let call = ["champions", &act, &format!("--because={because}"), "--", &id.to_string()];
        app.act(true, &call.map(str::to_owned))?;
        let back = match form.get("back").map(String::as_str) {
            Some("champions") => "/people/champions".to_owned(),
            _ => format!("/people/{id}#recognition"),
        };
        Ok(Redirect::to(&back).into_response())
    })
    .await
}
