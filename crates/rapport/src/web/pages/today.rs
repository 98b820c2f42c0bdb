//! Today: who waits, the most urgent first.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use rapport_model::Time;
use serde::Deserialize;

use super::{Frame, html, page, role};
use crate::desk::wall;
use crate::fault::Fault;
use crate::web::guard::urlencoded;
use crate::web::texts::key;
use crate::web::{App, markup, words};

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    source: Option<String>,
    kind: Option<String>,
    /// How many cards at most.
    top: Option<usize>,
    /// What was done a moment ago, with which thread, and which evidence came of it.
    did: Option<String>,
    of: Option<i64>,
    piece: Option<i64>,
}

/// What was done a moment ago, as it can be taken back.
struct Did {
    act: &'static str,
    says: &'static str,
    thread: i64,
    /// What the form says to take it back.
    undo: i64,
}

impl Did {
    fn of(asked: &Asked) -> Option<Did> {
        let said = [
            ("claim", key("today-did-claim")),
            ("snooze", key("today-did-snooze")),
            ("met", key("today-did-met")),
            ("evidence", key("today-did-evidence")),
        ];
        let (act, says) = said.into_iter().find(|(act, _)| asked.did.as_deref() == Some(act))?;
        let undo = if act == "evidence" { asked.piece? } else { 1 };
        Some(Did { act, says, thread: asked.of?, undo })
    }
}

/// `needs`, as far as the page shows it.
#[derive(Deserialize)]
struct Need {
    thread: i64,
    source: String,
    title: String,
    url: Option<String>,
    kind: String,
    kind_why: String,
    waiting_since: Option<Time>,
    asker: Option<String>,
    people: u32,
    why: String,
    same_as: Vec<i64>,
    claimed_by: Option<String>,
}

pub(super) struct Card {
    thread: i64,
    source: String,
    title: String,
    url: Option<String>,
    kind: String,
    kind_why: String,
    wait: String,
    since: String,
    asker: String,
    people: u32,
    many: bool,
    why: String,
    copies: Vec<i64>,
    claimed_by: Option<String>,
}

#[derive(Template)]
#[template(path = "today.html")]
struct Today {
    frame: Frame,
    cards: Vec<Card>,
    total: usize,
    people: usize,
    places: usize,
    longest: String,
    sources: Vec<Choice>,
    kinds: Vec<Choice>,
    more: Option<usize>,
    filtered: bool,
    did: Option<Did>,
    /// This page with its filters, to come back to.
    here: String,
    /// No source was ever added.
    deaf: bool,
}

/// One entry of a filter.
struct Choice {
    value: String,
    n: usize,
    chosen: bool,
}

const FEW: usize = 30;

pub(in crate::web) async fn show(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    page(app, move |app| {
        // Who may see counts alone begins at the topics: nobody's question is theirs to read.
        if !wall::open(role(app), "needs") {
            return Ok(Redirect::to("/topics").into_response());
        }
        html(&today(app, &asked)?)
    })
    .await
}

fn today(app: &App, asked: &Asked) -> Result<Today, Fault> {
    let all: Vec<Need> = app.ask(&["needs"])?;
    let now = app.now();
    let fits = |chosen: &Option<String>, value: &str| {
        chosen.as_deref().is_none_or(|wanted| wanted.is_empty() || wanted == value)
    };
    let choices = |of: fn(&Need) -> &str, chosen: &Option<String>| {
        let mut counts = std::collections::BTreeMap::<&str, usize>::new();
        for need in &all {
            *counts.entry(of(need)).or_default() += 1;
        }
        let each = counts.into_iter().map(|(value, n)| Choice {
            value: value.to_owned(),
            n,
            chosen: chosen.as_deref() == Some(value),
        });
        each.collect::<Vec<_>>()
    };
    let chosen: Vec<&Need> =
        all.iter().filter(|n| fits(&asked.source, &n.source) && fits(&asked.kind, &n.kind)).collect();
    let top = asked.top.unwrap_or(FEW);
    let places = chosen.iter().map(|n| n.source.as_str()).collect::<BTreeSet<_>>().len();
    // People, not questions; somebody whose account is gone is a person of their own.
    let named = chosen.iter().filter_map(|n| n.asker.as_deref()).collect::<BTreeSet<_>>().len();
    let people = named + chosen.iter().filter(|n| n.asker.is_none()).count();
    let longest = chosen.iter().filter_map(|n| n.waiting_since).min();
    Ok(Today {
        frame: Frame::new(app, app.t("base-today"), "today"),
        total: chosen.len(),
        people,
        places,
        longest: app.texts.since(longest.as_ref(), &now),
        sources: choices(|n| &n.source, &asked.source),
        kinds: choices(|n| &n.kind, &asked.kind),
        more: (chosen.len() > top).then_some(top + 100),
        filtered: chosen.len() < all.len(),
        did: Did::of(asked),
        here: here(asked),
        deaf: all.is_empty() && app.ask::<Vec<serde::de::IgnoredAny>>(&["sources"])?.is_empty(),
        cards: chosen.into_iter().take(top).map(|need| card(app, need, &now)).collect(),
    })
}

fn here(asked: &Asked) -> String {
    let top = asked.top.map(|top| top.to_string());
    let all = [("source", &asked.source), ("kind", &asked.kind), ("top", &top)];
    let pairs = all.into_iter().filter_map(|(name, value)| {
        let value = value.as_deref().filter(|value| !value.is_empty())?;
        Some(format!("{name}={}", urlencoded(value)))
    });
    let pairs = pairs.collect::<Vec<_>>().join("&");
    if pairs.is_empty() { "/".to_owned() } else { format!("/?{pairs}") }
}

fn card(app: &App, need: &Need, now: &Time) -> Card {
    Card {
        thread: need.thread,
        source: words::short(&need.source, 60),
        title: words::short(&need.title, 160),
        url: markup::link(need.url.as_deref()).map(str::to_owned),
        kind: need.kind.clone(),
        kind_why: words::short(&need.kind_why, 200),
        wait: app.texts.since(need.waiting_since.as_ref(), now),
        since: need.waiting_since.as_ref().map(|at| app.texts.moment(at)).unwrap_or_default(),
        asker: words::short(&words::named(app.texts, need.asker.as_deref()), 60),
        people: need.people,
        many: need.people > 1,
        why: words::short(&need.why, 300),
        copies: need.same_as.clone(),
        claimed_by: need.claimed_by.clone(),
    }
}
