//! What was asked for and what became of it, for everybody: titles, states and releases. Whoever looks, it is made as a
//! viewer sees it, in whose sight nobody has a name, and says nothing of departments, reasons or numbers of people.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rapport_model::Time;
use serde::Deserialize;

use super::{Frame, html, page};
use crate::config::Config;
use crate::fault::Fault;
use crate::web::App;
use crate::web::texts::key;
use crate::web::visitor::{ASKED, Asked, VISITOR, Visitor};

/// `feedback list`, as far as this page may show it.
#[derive(Deserialize)]
struct Row {
    feedback: i64,
    title: String,
    state: String,
    since: Time,
    release: Option<String>,
}

struct Part {
    head: &'static str,
    asks: Vec<Ask>,
}

struct Ask {
    title: String,
    says: String,
}

#[derive(Template)]
#[template(path = "asks.html")]
struct Asks {
    frame: Frame,
    parts: Vec<Part>,
}

/// What outsiders read for a state; drafts are nobody's business yet.
const PARTS: [(&str, &[&str]); 4] = [
    (key("asks-shipped"), &["shipped", "told"]),
    (key("asks-planned"), &["accepted"]),
    (key("asks-looked-at"), &["delivered", "acknowledged"]),
    (key("asks-not-planned"), &["declined"]),
];

/// Whether the owner wants the page to be there.
pub(in crate::web) fn public(app: &App) -> bool {
    Config::load(&app.folder).is_ok_and(|config| config.asks.public)
}

pub(in crate::web) async fn show(State(app): State<Arc<App>>) -> Response {
    let looking = Arc::clone(&app);
    if !tokio::task::spawn_blocking(move || public(&looking)).await.unwrap_or(false) {
        return super::missing(State(app)).await;
    }
    let anybody = Visitor { name: String::new(), role: Some("viewer".to_owned()), token: String::new() };
    // One page for all, whatever stands behind the question mark.
    let asked = Some(Asked::new(&anybody, &Uri::from_static("/asks")));
    VISITOR
        .scope(anybody, ASKED.scope(asked, page(app, |app| Ok(made(app).unwrap_or_else(|_| away(app))))))
        .await
}

/// What exactly went wrong is for the people of the desk.
fn away(app: &App) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", app.t("asks-away"))).into_response()
}

fn made(app: &App) -> Result<Response, Fault> {
    let left_out = Config::load(&app.folder)?.asks.leave_out;
    let rows: Vec<Row> = app.ask(&["feedback", "list"])?;
    let ask = |row: &Row| Ask {
        title: row.title.clone(),
        says: match &row.release {
            Some(release) => {
                app.t("asks-in").with("release", release).with("day", row.since.date()).to_string()
            }
            None => app.t("asks-since").with("day", row.since.date()).to_string(),
        },
    };
    let part = |(head, states): (&'static str, &[&str])| {
        let within = |row: &&Row| states.contains(&row.state.as_str()) && !left_out.contains(&row.feedback);
        Part { head, asks: rows.iter().filter(within).map(ask).collect() }
    };
    let mut parts: Vec<Part> = PARTS.into_iter().map(part).collect();
    parts.retain(|part| !part.asks.is_empty());
    let mut frame = Frame::new(app, app.t("asks-title"), "asks");
    (frame.who, frame.bare) = (None, true);
    let mut response = html(&Asks { frame, parts })?;
    let keep = HeaderValue::from_static("public, max-age=60");
    response.headers_mut().insert(header::CACHE_CONTROL, keep);
    Ok(response)
}
