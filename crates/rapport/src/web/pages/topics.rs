//! Topics: what keeps coming back.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::{Frame, html, page};
use crate::fault::Fault;
use crate::web::{App, markup, words};

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    scope: Option<String>,
}

/// `topics`, as far as the pages show it.
#[derive(Deserialize)]
struct Row {
    id: u32,
    label: String,
    kind: String,
    people: usize,
    messages: u64,
    threads: usize,
    waiting: usize,
    terms: Vec<String>,
    example: String,
    #[serde(default)]
    of: Vec<Member>,
}

#[derive(Deserialize)]
struct Member {
    thread: i64,
    source: String,
    title: String,
    url: Option<String>,
    state: String,
    cosine: f64,
}

#[derive(Template)]
#[template(path = "topics.html")]
struct Topics {
    frame: Frame,
    rows: Vec<Row>,
    scope: String,
    widest: usize,
}

#[derive(Template)]
#[template(path = "topic.html")]
struct Topic {
    frame: Frame,
    row: Row,
    terms: String,
    more: usize,
}

/// Threads of one topic on its page, those that fit best.
const MEMBERS: usize = 200;

pub(in crate::web) async fn list(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    page(app, move |app| {
        let scope = asked.scope.filter(|s| !s.is_empty()).unwrap_or_default();
        let option = format!("--scope={scope}");
        let mut call = vec!["topics"];
        if !scope.is_empty() {
            call.push(&option);
        }
        let rows: Vec<Row> = app.ask(&call)?;
        let widest = rows.iter().map(|r| r.people).max().unwrap_or(1).max(1);
        html(&Topics { frame: Frame::new(app, "Topics", "topics"), rows, scope, widest })
    })
    .await
}

pub(in crate::web) async fn one(State(app): State<Arc<App>>, Path(id): Path<u32>) -> Response {
    page(app, move |app| html(&topic(app, id)?)).await
}

fn topic(app: &App, id: u32) -> Result<Topic, Fault> {
    let rows: Vec<Row> = app.ask(&["topics", &format!("--of={id}")])?;
    let mut row = rows.into_iter().next().ok_or_else(|| {
        Fault::usage(format!("there is no topic {id}")).hint("the list of topics has them all")
    })?;
    row.of.sort_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.thread.cmp(&b.thread)));
    let all = row.of.len();
    row.of.truncate(MEMBERS);
    for member in &mut row.of {
        member.title = words::short(&member.title, 160);
        member.url = markup::link(member.url.as_deref()).map(str::to_owned);
    }
    Ok(Topic {
        frame: Frame::new(app, words::short(&row.label, 80), "topics"),
        terms: row.terms.join(", "),
        more: all - row.of.len(),
        row,
    })
}
