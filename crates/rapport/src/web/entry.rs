//! The way in, where the desk can be reached from other machines: the first account, logging in and out.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::extract::{ConnectInfo, Form, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::App;
use super::guard::{same, urlencoded};
use super::texts::Texts;
use super::visitor::VISITOR;
use crate::desk::wall::Role;
use crate::desk::{Desk, account};
use crate::fault::Fault;

#[derive(Template)]
#[template(path = "entry.html")]
struct Entry<'a> {
    texts: &'static Texts,
    version: &'static str,
    /// The first account is made; else somebody logs in.
    first: bool,
    key: &'a str,
    fault: Option<String>,
    back: &'a str,
    /// The provider's host and where it is left for, where people may log in there, too.
    elsewhere: Option<(&'a str, String)>,
}

impl<'a> Entry<'a> {
    fn login(app: &'a App, fault: Option<String>, back: &'a str) -> Entry<'a> {
        let leave = || format!("/login/leave?back={}", urlencoded(back));
        let elsewhere = app.provider.as_ref().map(|provider| (provider.host(), leave()));
        Entry { texts: app.texts, version: VERSION, first: false, key: "", fault, back, elsewhere }
    }

    fn first(app: &App, key: &'a str, fault: Option<String>) -> Entry<'a> {
        Entry { texts: app.texts, version: VERSION, first: true, key, fault, back: "", elsewhere: None }
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    key: String,
    #[serde(default)]
    back: String,
}

fn shown(status: StatusCode, entry: &Entry<'_>) -> Response {
    (status, Html(entry.render().unwrap_or_default())).into_response()
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(super) async fn login_page(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    shown(StatusCode::OK, &Entry::login(&app, None, &asked.back))
}

/// The way in once more, with what went wrong.
pub(super) fn again(app: &App, status: StatusCode, fault: String, back: &str) -> Response {
    shown(status, &Entry::login(app, Some(fault), back))
}

#[derive(Deserialize)]
pub(super) struct Given {
    name: String,
    password: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    back: String,
}

/// Where to go after logging in: only to a page of ours.
pub(super) fn inside(back: &str) -> &str {
    // Browsers leave tabs and line ends out, and read `\` as `/`.
    let plain = !back.contains(|c: char| c == '\\' || c.is_control());
    let ours = back.starts_with('/') && !back.starts_with("//") && plain;
    if ours { back } else { "/" }
}

pub(super) async fn login(
    State(app): State<Arc<App>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Form(given): Form<Given>,
) -> Response {
    if let Some(wait) = app.sessions.must_wait(from.ip(), &given.name) {
        let seconds = wait.as_secs() + 1;
        let fault = Some(app.t("entry-wait").n("seconds", seconds).to_string());
        let mut response = shown(StatusCode::TOO_MANY_REQUESTS, &Entry::login(&app, fault, &given.back));
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        return response;
    }
    let (name, password) = (given.name.clone(), given.password.clone());
    let known = Arc::clone(&app);
    let role = tokio::task::spawn_blocking(move || {
        let accounts = known.accounts().unwrap_or_default();
        account::role_of(&accounts, &name, &password)
    })
    .await
    .ok()
    .flatten();
    app.sessions.tried(from.ip(), &given.name, role.is_some());
    match role {
        Some(role) => opened(&app, &given.name, &role, &given.back),
        None => {
            let fault = app.t("entry-wrong").to_string();
            again(&app, StatusCode::UNAUTHORIZED, fault, &given.back)
        }
    }
}

pub(super) fn opened(app: &App, name: &str, role: &str, back: &str) -> Response {
    let Some(secret) = app.sessions.open(name, role) else {
        return (StatusCode::INTERNAL_SERVER_ERROR, "no random bytes\n").into_response();
    };
    let secure = if app.secure() { "; Secure" } else { "" };
    let cookie = format!("rapport={secret}; Path=/; HttpOnly; SameSite=Lax{secure}");
    ([(header::SET_COOKIE, cookie)], Redirect::to(inside(back))).into_response()
}

pub(super) async fn logout(
    State(app): State<Arc<App>>,
    headers: axum::http::HeaderMap,
    form: String,
) -> Response {
    let token = form.strip_prefix("token=").unwrap_or_default();
    let ours = VISITOR.try_with(|v| same(v.token.as_bytes(), token.as_bytes())).unwrap_or(false);
    if let (true, Some(secret)) = (ours, super::guard::cookie(&headers)) {
        app.sessions.close(secret);
    }
    ([(header::SET_COOKIE, "rapport=; Path=/; Max-Age=0")], Redirect::to("/login")).into_response()
}

/// The first account: only while there is none, and only with the key that the terminal showed.
pub(super) async fn first_page(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    match app.setup_key() {
        Some(key) if same(key.as_bytes(), asked.key.as_bytes()) => {
            shown(StatusCode::OK, &Entry::first(&app, &asked.key, None))
        }
        _ => Redirect::to("/login").into_response(),
    }
}

pub(super) async fn first(State(app): State<Arc<App>>, Form(given): Form<Given>) -> Response {
    let right = app.setup_key().is_some_and(|key| same(key.as_bytes(), given.key.as_bytes()));
    if !right {
        return Redirect::to("/login").into_response();
    }
    let making = Arc::clone(&app);
    let (name, password) = (given.name.clone(), given.password.clone());
    let made = tokio::task::spawn_blocking(move || {
        let desk = Desk {
            folder: making.folder.clone(),
            json: true,
            now: making.now(),
            fixed: false,
            role: Role::Head,
        };
        crate::desk::acting(&name, || account::keep(&desk, &name, Role::Head, &password))
    })
    .await
    .unwrap_or_else(|_| Err(Fault::usage(app.t("base-mistake"))));
    match made {
        Ok(()) => opened(&app, given.name.trim(), "head", "/"),
        Err(fault) => {
            let fault = Some(format!("{}. {}", fault.message, fault.hints.join("; ")));
            shown(StatusCode::BAD_REQUEST, &Entry::first(&app, &given.key, fault))
        }
    }
}

/// Accounts that changed since: their sessions end.
pub(super) fn recheck(app: &App) {
    if let Ok(accounts) = app.accounts() {
        app.sessions.keep(&accounts.into_iter().map(|a| (a.name, a.role)).collect::<HashMap<_, _>>());
    }
}
