//! Search: which messages say this.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use rapport_model::Time;
use serde::Deserialize;

use super::{Frame, html, page};
use crate::web::{App, words};

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    #[serde(default)]
    q: String,
    state: Option<String>,
}

/// `search`, as far as the page shows it.
#[derive(Deserialize)]
struct Hit {
    activity: i64,
    thread: Option<i64>,
    source: String,
    title: String,
    at: Time,
    who: Option<String>,
    text: String,
}

struct Found {
    activity: i64,
    thread: Option<i64>,
    source: String,
    title: String,
    at: String,
    who: String,
    text: String,
}

#[derive(Template)]
#[template(path = "search.html")]
struct Search {
    frame: Frame,
    q: String,
    state: String,
    found: Vec<Found>,
    asked: bool,
}

pub(in crate::web) async fn show(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    page(app, move |app| {
        let words_given = asked.q.contains(char::is_alphanumeric);
        let state = asked.state.filter(|s| !s.is_empty()).unwrap_or_default();
        let option = format!("--state={state}");
        let mut call = vec!["search", "--top=50"];
        if !state.is_empty() {
            call.push(&option);
        }
        call.extend(["--", asked.q.as_str()]);
        let hits: Vec<Hit> = if words_given { app.ask(&call)? } else { Vec::new() };
        let found = hits.into_iter().map(|hit| Found {
            activity: hit.activity,
            thread: hit.thread,
            source: hit.source,
            title: words::short(&hit.title, 160),
            at: app.texts.moment(&hit.at),
            who: words::short(&words::named(app.texts, hit.who.as_deref()), 60),
            text: words::short(&hit.text, 280),
        });
        html(&Search {
            frame: Frame::new(app, app.t("search-head"), "search"),
            found: found.collect(),
            asked: words_given,
            q: asked.q,
            state,
        })
    })
    .await
}
