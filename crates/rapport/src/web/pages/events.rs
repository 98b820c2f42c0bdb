//! Events: what calendars, programmes and lists of conferences announce, and which calls for papers end next.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use rapport_model::Time;
use serde::Deserialize;

use super::{Frame, html, page};
use crate::web::{App, markup, words};

/// `events`, as far as the page shows it.
#[derive(Deserialize)]
struct Row {
    event: String,
    source: String,
    state: String,
    starts: Time,
    ends: Option<Time>,
    whole_days: bool,
    series: bool,
    place: Option<String>,
    url: Option<String>,
    call_url: Option<String>,
    call_until: Option<Time>,
}

impl Row {
    /// Its days, and its hour where it has one.
    fn day(&self) -> String {
        match self.ends.filter(|ends| ends.date() != self.starts.date()) {
            Some(ends) => format!("{} \u{2013} {}", self.starts.date(), ends.date()),
            None if self.whole_days => self.starts.date().to_string(),
            None => {
                let hour = self.starts.to_string().get(11..16).unwrap_or_default().to_owned();
                format!("{} {hour}", self.starts.date())
            }
        }
    }

    fn off(&self) -> bool {
        self.state == "cancelled"
    }

    fn shown(mut self) -> Row {
        self.event = words::short(&self.event, 160);
        self.place = self.place.map(|place| words::short(&place, 120));
        self.url = markup::link(self.url.as_deref()).map(str::to_owned);
        self.call_url = markup::link(self.call_url.as_deref()).map(str::to_owned);
        self
    }
}

#[derive(Template)]
#[template(path = "events.html")]
struct Events {
    frame: Frame,
    days: u32,
    past: bool,
    source: String,
    sources: Vec<String>,
    /// The events of each month.
    months: Vec<(String, Vec<Row>)>,
    calls: Vec<Row>,
}

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    days: Option<u32>,
    past: Option<String>,
    source: Option<String>,
}

/// Connectors that tell of events.
const TELL: [&str; 3] = ["ical", "sessionize", "conferences"];

#[derive(Deserialize)]
struct Source {
    source: String,
    kind: String,
}

pub(in crate::web) async fn show(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    page(app, move |app| {
        let days = asked.days.unwrap_or(90).clamp(1, 3_660);
        let past = asked.past.is_some_and(|past| !past.is_empty());
        let source = asked.source.unwrap_or_default();
        let within = format!("--days={days}");
        let of = format!("--source={source}");
        let mut call = vec!["events", within.as_str()];
        call.extend(past.then_some("--past"));
        call.extend((!source.is_empty()).then_some(of.as_str()));
        let rows: Vec<Row> = app.ask(&call)?;
        let mut months: Vec<(String, Vec<Row>)> = Vec::new();
        for row in rows.into_iter().map(Row::shown) {
            let month = row.starts.date().strftime("%Y-%m").to_string();
            match months.last_mut().filter(|(last, _)| *last == month) {
                Some((_, of)) => of.push(row),
                None => months.push((month, vec![row])),
            }
        }
        let calls: Vec<Row> = app.ask(&["events", "--calls", "--days=365"])?;
        let told: Vec<Source> = app.ask(&["sources"])?;
        html(&Events {
            frame: Frame::new(app, app.t("events-head"), "events"),
            days,
            past,
            source,
            sources: told.into_iter().filter(|s| TELL.contains(&s.kind.as_str())).map(|s| s.source).collect(),
            months,
            calls: calls.into_iter().map(Row::shown).collect(),
        })
    })
    .await
}
