//! One page per file. A page asks verbs, makes a view of their answers, and leaves the looks to its template.

pub(super) mod any;
pub(super) mod asks;
mod draft;
pub(super) mod drafts;
pub(super) mod events;
pub(super) mod feedback;
pub(super) mod focus;
pub(super) mod friction;
pub(super) mod gaps;
pub(super) mod introduce;
pub(super) mod lacks;
pub(super) mod metrics;
pub(super) mod notes;
pub(super) mod organisation;
pub(super) mod people;
pub(super) mod privacy;
pub(super) mod recognition;
pub(super) mod relations;
pub(super) mod report;
pub(super) mod roster;
pub(super) mod search;
pub(super) mod settings;
pub(super) mod sources;
pub(super) mod talks;
pub(super) mod thread;
pub(super) mod today;
pub(super) mod topics;
pub(super) mod trends;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::App;
use super::app::{Will, held, working_for};
use super::feeds;
use super::kept::{Made, Page, bytes_of};
use super::menu;
use super::texts::{Text, Texts};
use super::visitor::{ASKED, Asked, VISITOR, Visitor};
use crate::config::Config;
use crate::desk::wall::{self, Role};
use crate::fault::{Fault, FaultKind};

/// What stands around every page.
pub(super) struct Frame {
    texts: &'static Texts,
    title: String,
    /// Which entry of the menu this page belongs to.
    active: &'static str,
    token: String,
    /// Who has logged in, where people do.
    who: Option<String>,
    community: String,
    as_of: String,
    fixed: bool,
    version: &'static str,
    /// Without a menu, for somebody who may see this page alone.
    bare: bool,
    /// What the one who reads works as.
    role: Role,
}

impl Frame {
    fn new(app: &App, title: impl std::fmt::Display, active: &'static str) -> Frame {
        Frame {
            texts: app.texts,
            title: title.to_string(),
            active,
            token: app.visitor().token,
            who: app.visitor().role.map(|role| format!("{}, {role}", app.visitor().name)),
            community: Config::load(&app.folder).map_or_else(|_| String::new(), |c| c.community.name),
            as_of: app.texts.moment(&app.now()),
            fixed: app.fixed.is_some(),
            version: env!("CARGO_PKG_VERSION"),
            bare: false,
            role: role(app),
        }
    }

    /// Whether the one who reads may use a verb: no page offers what the wall refuses.
    fn may(&self, verb: &str) -> bool {
        wall::open(self.role, verb)
    }

    /// The groups of the menu.
    fn menu(&self) -> Vec<menu::Group> {
        menu::menu(self.role, self.active)
    }

    /// What the page says, in its language.
    fn t<'a>(&self, key: &'a str) -> Text<'a> {
        self.texts.t(key)
    }

    fn here(&self, entry: &str) -> bool {
        self.active == entry
    }
}

/// What the one who reads works as: a word that nobody knows opens as little as there is.
fn role(app: &App) -> Role {
    let said = app.visitor().role;
    said.map_or_else(Role::default, |role| Role::from_word(&role).unwrap_or(Role::Sales))
}

/// Makes a page away from the threads that serve connections: verbs read files. A page made before is shown as it is
/// while nothing has changed; where only others changed something and making it takes long, it is shown with its age and
/// made anew behind.
pub(super) async fn page(
    app: Arc<App>,
    make: impl FnOnce(&App) -> Result<Response, Fault> + Send + 'static,
) -> Response {
    let visitor = VISITOR.try_with(Clone::clone).ok();
    let asked = ASKED.try_with(Clone::clone).ok().flatten();
    let both = visitor.as_ref().zip(asked.as_ref());
    if let Some((visitor, asked)) = both
        && asked.old
    {
        app.behind.used(visitor);
    }
    let known = || both.and_then(|(visitor, asked)| known(&app, visitor, asked));
    if let Some(kept) = known() {
        return kept;
    }
    // Whoever waited for a turn may find that somebody else asked for the same.
    // What changes something is not kept, and does not wait behind what looks through the whole log.
    let what = asked.as_ref().map_or("act", Asked::what);
    let turn = app.turns(what).acquire().await;
    if let Some(kept) = known() {
        return kept;
    }
    let now = app.present(visitor.as_ref().unwrap_or(&app.local), what);
    let will = match &asked {
        Some(asked) if asked.old => Will::Old,
        Some(asked) if asked.what() == "feeds" => Will::Lately(feeds::FRESH),
        Some(asked) => asked.since.map_or(Will::New, Will::Since),
        None => Will::New,
    };
    let (making, worker) = (Arc::clone(&app), visitor.clone());
    let began = Instant::now();
    let made = tokio::task::spawn_blocking(move || {
        working_for(worker, will, || make(&making).unwrap_or_else(|fault| failed(&making, &fault)))
    });
    let (made, oldest) = made.await.unwrap_or_else(|_| {
        let why = format!("rapport: {}\n", app.t("base-mistake-where"));
        ((StatusCode::INTERNAL_SERVER_ERROR, why).into_response(), None)
    });
    drop(turn);
    let (parts, body) = made.into_parts();
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let (Some((visitor, asked)), StatusCode::OK) = (both, parts.status) else {
        return Response::from_parts(parts, body.into());
    };
    let late = oldest.is_some();
    let mut about = Made { state: now.state, at: began, took: began.elapsed(), withdrawn: now.withdrawn };
    if let Some(oldest) = oldest {
        // It is as old as the oldest that went in, and to make that anew takes as long as it took.
        about = Made { took: about.took + oldest.took, ..oldest };
    }
    let page = Page::new(about, parts.headers, body);
    let bytes = bytes_of(&page);
    held(&app.pages).put(asked.key.clone(), page.clone(), bytes);
    if late && asked.old {
        app.behind.wish(visitor, asked);
        return page.with_age(app.texts, true);
    }
    page.plainly()
}

/// The page made last, when it will do.
fn known(app: &App, visitor: &Visitor, asked: &Asked) -> Option<Response> {
    let page = held(&app.pages).get(&asked.key)?.clone();
    let now = app.present(visitor, asked.what());
    if page.made.current(&now) {
        return Some(page.plainly());
    }
    // Behind, what was made since the wish is new enough; a quick page is shown late only where it would have to wait.
    if asked.since.is_some_and(|since| page.made.at >= since) {
        return Some(page.plainly());
    }
    let waits = page.made.slow(&now) || app.turns(asked.what()).available_permits() == 0;
    if !(asked.old && waits && page.says_its_age() && page.made.will_do(&now)) {
        return None;
    }
    app.behind.wish(visitor, asked);
    let changed = page.made.state != now.state;
    Some(page.with_age(app.texts, changed))
}

/// Refuses a form that does not carry what our own pages give it.
fn checked(app: &App, form: &HashMap<String, String>) -> Result<(), Fault> {
    match app.ours(form.get("token").map(String::as_str).unwrap_or_default()) {
        true => Ok(()),
        false => Err(Fault::usage(app.t("page-stale")).hint(app.t("page-stale-next"))),
    }
}

/// A template as an answer.
fn html(template: &impl Template) -> Result<Response, Fault> {
    let text = template.render().map_err(|e| Fault::usage(e.to_string()))?;
    Ok(Html(text).into_response())
}

#[derive(Template)]
#[template(path = "fault.html")]
struct Failed<'a> {
    frame: Frame,
    message: &'a str,
    hints: &'a [String],
}

/// The status that tells a browser or a script what sort of fault it is.
pub(super) fn status(fault: &Fault) -> StatusCode {
    match fault.kind {
        FaultKind::Refused => StatusCode::CONFLICT,
        FaultKind::Usage => StatusCode::BAD_REQUEST,
        FaultKind::Source => StatusCode::UNPROCESSABLE_ENTITY,
        FaultKind::Store => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn failed(app: &App, fault: &Fault) -> Response {
    let view = Failed {
        frame: Frame::new(app, app.t("base-failed"), ""),
        message: &fault.message,
        hints: &fault.hints,
    };
    let body = view.render().unwrap_or_else(|_| fault.message.clone());
    (status(fault), Html(body)).into_response()
}

/// An address that no page has.
pub(super) async fn missing(State(app): State<Arc<App>>) -> Response {
    page(app, |app| {
        let hints = [app.t("base-missing-next").to_string()];
        let frame = Frame::new(app, app.t("base-missing"), "");
        let message = &app.t("base-missing-why").to_string();
        let view = Failed { frame, message, hints: &hints };
        Ok((StatusCode::NOT_FOUND, html(&view)?).into_response())
    })
    .await
}
