//! Sources: where we listen, how each is doing, what was set aside; and a place to drop an export.

use std::io::Write;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rapport_model::Time;
use rapport_store::questions::free;
use serde::Deserialize;

use super::{Frame, any, html, page};
use crate::fault::Fault;
use crate::web::{App, words};

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    rejects: Option<String>,
}

/// `sources`, as far as the page shows it.
#[derive(Deserialize)]
struct Row {
    source: String,
    scope: String,
    stored: u64,
    known: u64,
    rejected: u64,
    activities: u64,
    threads: u64,
    last: Option<Time>,
    status: String,
    limits: String,
    looking: bool,
    next: Option<Time>,
    paused: Option<Paused>,
}

#[derive(Deserialize)]
struct Paused {
    by: String,
    since: Time,
}

#[derive(Deserialize)]
struct Reject {
    #[serde(rename = "where")]
    place: String,
    why: String,
    bytes: String,
}

struct Shown {
    row: Row,
    last: String,
    /// Where its threads and its activities are, row by row.
    threads: String,
    activities: String,
    /// When it is looked at next, or who said that it rests; empty where nothing living is.
    turn: String,
}

#[derive(Template)]
#[template(path = "sources.html")]
struct Sources {
    frame: Frame,
    rows: Vec<Shown>,
    rejects_of: String,
    rejects: Vec<Reject>,
}

pub(in crate::web) async fn show(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    page(app, move |app| {
        let rows: Vec<Row> = app.ask(&["sources"])?;
        let rejects_of = asked.rejects.filter(|r| !r.is_empty()).unwrap_or_default();
        let mut rejects: Vec<Reject> = match rejects_of.is_empty() {
            true => Vec::new(),
            false => app.ask(&["sources", &format!("--rejects={rejects_of}")])?,
        };
        for reject in &mut rejects {
            reject.bytes = words::short(&reject.bytes, 400);
        }
        let rows = rows.into_iter().map(|row| Shown {
            last: row.last.as_ref().map(|at| app.texts.moment(at)).unwrap_or_default(),
            turn: turn(app, &row),
            threads: any::sql(&free::threads_of(&row.source)),
            activities: any::sql(&free::activities_of(&row.source)),
            row,
        });
        html(&Sources {
            frame: Frame::new(app, app.t("base-sources"), "sources"),
            rows: rows.collect(),
            rejects_of,
            rejects,
        })
    })
    .await
}

fn turn(app: &App, row: &Row) -> String {
    match (&row.paused, &row.next) {
        (Some(paused), _) => {
            let rests = app.t("sources-rests").with("moment", app.texts.moment(&paused.since));
            rests.with("who", words::short(&paused.by, 40)).to_string()
        }
        (None, Some(_)) if row.looking => app.t("sources-reading").to_string(),
        (None, Some(at)) => app.t("sources-next").with("moment", app.texts.moment(at)).to_string(),
        (None, None) => String::new(),
    }
}

#[derive(Deserialize)]
pub(in crate::web) struct Told {
    token: String,
    source: String,
}

/// A source rests, or goes on.
pub(in crate::web) async fn rest(
    State(app): State<Arc<App>>,
    Path(act): Path<String>,
    Form(told): Form<Told>,
) -> Response {
    page(app, move |app| {
        if !app.ours(&told.token) || !matches!(act.as_str(), "pause" | "resume") {
            return Err(Fault::usage(app.t("page-stale")).hint(app.t("page-stale-next")));
        }
        app.act(false, &[act, "--".to_owned(), told.source])?;
        Ok(Redirect::to("/sources").into_response())
    })
    .await
}

#[derive(Deserialize)]
pub(in crate::web) struct Upload {
    name: String,
    scope: Option<String>,
}

/// Takes one export as it is and reads it. The guard lets only our own pages send one.
pub(in crate::web) async fn upload(
    State(app): State<Arc<App>>,
    Query(upload): Query<Upload>,
    body: Body,
) -> Response {
    match received(&app, &upload.name, body).await {
        Err(fault) => (StatusCode::BAD_REQUEST, format!("{}\n", fault.message)).into_response(),
        Ok(path) => {
            page(app, move |app| {
                let mut call = vec!["add".to_owned()];
                if upload.scope.as_deref() == Some("market") {
                    call.push("--scope=market".to_owned());
                }
                call.extend(["--".to_owned(), path.display().to_string()]);
                let added = app.act(false, &call);
                // The log holds its bytes; a second copy would outlive what is erased there.
                let _ = std::fs::remove_file(&path);
                match added {
                    Ok(answer) => Ok(words::plain(&answer.text).into_response()),
                    Err(fault) => {
                        let said = format!("{}\n{}\n", fault.message, fault.hints.join("\n"));
                        Ok((StatusCode::UNPROCESSABLE_ENTITY, said).into_response())
                    }
                }
            })
            .await
        }
    }
}

/// Writes the body beside the data, under its own plain name, for as long as it takes to read it.
async fn received(app: &App, name: &str, body: Body) -> Result<std::path::PathBuf, Fault> {
    let plain: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' })
        .collect();
    let plain = plain.trim_start_matches('.');
    if plain.is_empty() || plain.len() > 200 {
        return Err(Fault::usage(app.t("sources-no-name")));
    }
    let folder = app.folder.join("uploads");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(plain);
    let mut file = std::fs::File::create(&path)?;
    let mut stream = body;
    while let Some(frame) = http_body_util::BodyExt::frame(&mut stream).await {
        let frame = frame.map_err(|e| Fault::usage(app.t("sources-broke-off").with("why", e)))?;
        if let Ok(data) = frame.into_data() {
            file.write_all(&data)?;
        }
    }
    file.sync_all()?;
    Ok(path)
}
