//! People: who is here, one member with what is known and why, and which accounts may be one person. What a member may ask
//! for has its own file beside this one.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use rapport_model::Time;
use rapport_store::questions::free;
use serde::Deserialize;

use super::privacy::{self, Agreed};
use super::recognition::{self, Term};
use super::{Frame, any, checked, html, page};
use crate::fault::Fault;
use crate::web::texts::Texts;
use crate::web::{App, markup, words};

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    named: Option<String>,
    kind: Option<String>,
}

/// `people` and `people show`, as far as the pages show them.
#[derive(Deserialize)]
struct Row {
    person: i64,
    name: String,
    kind: String,
    why: String,
    #[serde(default)]
    identities: Vec<Account>,
    #[serde(default)]
    employers: Vec<Employer>,
    first: Option<String>,
    last: Option<String>,
    messages: i64,
    #[serde(default)]
    links: Vec<Link>,
    #[serde(default)]
    apart: Vec<Link>,
    #[serde(default)]
    did: BTreeMap<String, BTreeMap<String, u64>>,
    #[serde(default)]
    threads: Vec<Wrote>,
}

impl Row {
    /// Where what this person did in a source is, one by one.
    fn acts(&self, source: &str, act: &str) -> String {
        any::sql(&free::acts_of(self.person, source, act))
    }
}

#[derive(Deserialize)]
struct Account {
    id: i64,
    place: String,
    handle: Option<String>,
    name: Option<String>,
    email: Option<String>,
}

impl Account {
    /// As it is known where it is.
    fn shown<'a>(&'a self, texts: &Texts) -> Cow<'a, str> {
        let known = self.handle.as_deref().or(self.email.as_deref()).or(self.name.as_deref());
        let known = known.filter(|text| !text.is_empty());
        known.map_or_else(|| Cow::Owned(texts.t("people-account").to_string()), Cow::Borrowed)
    }
}

#[derive(Deserialize)]
struct Employer {
    organisation: String,
    because: String,
}

#[derive(Deserialize)]
struct Link {
    a: i64,
    b: i64,
    by: String,
    at: Time,
    because: String,
}

#[derive(Deserialize)]
struct Wrote {
    thread: i64,
    title: String,
    url: Option<String>,
}

/// `people suggest`, as far as the page shows it.
#[derive(Deserialize)]
struct Pair {
    a: i64,
    b: i64,
    a_shown: String,
    b_shown: String,
    confidence: f64,
    because: String,
}

impl Pair {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a share of one
    fn percent(&self) -> u32 {
        (self.confidence * 100.0).round() as u32
    }
    /// What speaks for it, one reason each.
    fn reasons(&self) -> std::str::Split<'_, &'static str> {
        self.because.split("; ")
    }
}

#[derive(Template)]
#[template(path = "people.html")]
struct People {
    frame: Frame,
    rows: Vec<Row>,
    more: usize,
    open: Option<usize>,
    named: String,
    kind: String,
}

#[derive(Template)]
#[template(path = "person.html")]
struct Person {
    frame: Frame,
    row: Row,
    agreed: Agreed,
    term: Option<Term>,
}

#[derive(Template)]
#[template(path = "merges.html")]
struct Merges {
    frame: Frame,
    pairs: Vec<Pair>,
    more: usize,
    /// Where the next page of pairs begins.
    next: usize,
}

#[derive(Deserialize)]
pub(in crate::web) struct Skipped {
    skip: Option<usize>,
}

/// Rows of the list on one page; a search finds the others.
const ROWS: usize = 200;
/// Pairs on one page: nobody reviews more at a time.
const PAIRS: usize = 50;

const KINDS: [&str; 4] = ["community", "staff", "practitioner", "bot"];

pub(in crate::web) async fn list(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    page(app, move |app| {
        let given = |text: Option<String>| text.map(|t| t.trim().to_owned()).unwrap_or_default();
        let (named, kind) = (given(asked.named), given(asked.kind));
        let mut call = vec!["people".to_owned(), "--top=1000000".to_owned()];
        if !named.is_empty() {
            call.push(format!("--named={named}"));
        }
        if KINDS.contains(&kind.as_str()) {
            call.push(format!("--kind={kind}"));
        }
        let mut rows: Vec<Row> = app.ask(&call.iter().map(String::as_str).collect::<Vec<_>>())?;
        rows.sort_by(|a, b| b.messages.cmp(&a.messages).then(a.person.cmp(&b.person)));
        let all = rows.len();
        rows.truncate(ROWS);
        for row in &mut rows {
            row.name = words::short(&row.name, 80);
        }
        // A role that may not see who is who has no pairs to look at either.
        let open = suggested(app).ok().map(|pairs| pairs.len());
        let more = all - rows.len();
        html(&People {
            frame: Frame::new(app, app.t("base-people"), "people"),
            rows,
            more,
            open,
            named,
            kind,
        })
    })
    .await
}

fn suggested(app: &App) -> Result<Vec<Pair>, Fault> {
    app.ask(&["people", "suggest", "--top=100000"])
}

pub(in crate::web) async fn one(State(app): State<Arc<App>>, Path(id): Path<i64>) -> Response {
    page(app, move |app| html(&person(app, id)?)).await
}

fn person(app: &App, id: i64) -> Result<Person, Fault> {
    let mut row: Row = app.ask(&["people", "show", "--", &id.to_string()])?;
    for wrote in &mut row.threads {
        wrote.title = words::short(&wrote.title, 160);
        wrote.url = markup::link(wrote.url.as_deref()).map(str::to_owned);
    }
    let accounts: Vec<i64> = row.identities.iter().map(|account| account.id).collect();
    let (agreed, term) = (privacy::agreed(app, &accounts)?, recognition::term(app, row.person)?);
    Ok(Person { frame: Frame::new(app, words::short(&row.name, 80), "people"), row, agreed, term })
}

/// Pairs of accounts that may be one person each, the surest first.
pub(in crate::web) async fn review(State(app): State<Arc<App>>, Query(asked): Query<Skipped>) -> Response {
    page(app, move |app| {
        let mut pairs = suggested(app)?;
        let all = pairs.len();
        // Those left for later are behind; what is said meanwhile makes the list shorter than an old address knows.
        let skip = asked.skip.filter(|skip| *skip < all).unwrap_or(0);
        pairs.drain(..skip);
        pairs.truncate(PAIRS);
        let next = skip + pairs.len();
        let more = all - next;
        html(&Merges { frame: Frame::new(app, app.t("people-pair"), "people"), pairs, more, next })
    })
    .await
}

/// Two accounts are one person, or they are not.
pub(in crate::web) async fn judge(
    State(app): State<Arc<App>>,
    Path(said): Path<String>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        checked(app, &form)?;
        let verb = match said.as_str() {
            "same" => "merge",
            "apart" => "unmerge",
            _ => return Err(Fault::usage(app.t("people-no-judgement")).hint(app.t("people-no-judgement-next"))),
        };
        let number = |key: &str| -> Result<i64, Fault> {
            let given = form.get(key).and_then(|text| text.parse().ok());
            given.ok_or_else(|| Fault::usage(app.t("people-no-number").with("field", key)))
        };
        let mut call = vec![verb.to_owned()];
        if form.contains_key("undo") {
            call.push("--undo".to_owned());
        }
        call.extend(["--".to_owned(), number("one")?.to_string()]);
        if form.contains_key("other") {
            call.push(number("other")?.to_string());
        }
        app.act(true, &call)?;
        let back = match form.get("back").and_then(|id| id.parse::<i64>().ok()) {
            Some(id) => format!("/people/{id}"),
            None => "/people/review".to_owned(),
        };
        Ok(Redirect::to(&back).into_response())
    })
    .await
}

/// Says what kind of member somebody is.
pub(in crate::web) async fn mark(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        checked(app, &form)?;
        let kind = form.get("kind").map(String::as_str).filter(|kind| KINDS.contains(kind));
        let kind =
            kind.ok_or_else(|| Fault::usage(app.t("people-no-kind").with("kinds", KINDS.join(", "))))?;
        let call = ["people", "mark", "--because=said on the page", "--", &id.to_string(), kind];
        app.act(true, &call.map(str::to_owned))?;
        Ok(Redirect::to(&format!("/people/{id}")).into_response())
    })
    .await
}
