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
use crate::web::{App, markup, words};

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    source: Option<String>,
    kind: Option<String>,
    /// How many cards at most.
    top: Option<usize>,
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
        deaf: all.is_empty() && app.ask::<Vec<serde::de::IgnoredAny>>(&["sources"])?.is_empty(),
        cards: chosen.into_iter().take(top).map(|need| card(app, need, &now)).collect(),
    })
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
