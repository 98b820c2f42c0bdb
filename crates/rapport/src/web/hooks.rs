//! The door for webhooks: no session opens it and no page leads here. A delivery is checked, kept in the inbox and
//! answered; what it means is read behind the door. Nothing else can be reached this way.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use rapport_model::Time;
use rapport_sources::hooks::signed::{self, Delivery};
use rapport_sources::hooks::{Hook, hook};
use rapport_store::{Arrived, Inbound, Store, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use crate::cli::clock;
use crate::desk::hooks::secrets;

/// The largest delivery that is taken. A message has a few kilobytes.
const LARGEST: usize = 4 << 20;
/// How long a delivery may be under way.
const SLOWEST: Duration = Duration::from_secs(15);
/// Deliveries that are received at the same time: bounds what they hold in memory.
const AT_ONCE: usize = 16;
/// Deliveries of one address that may come in a burst, and how many a second after that.
const BURST: f64 = 2_000.0;
const EACH_SECOND: f64 = 100.0;
/// Addresses that are remembered for that.
const ADDRESSES: usize = 10_000;

/// What stands behind the door.
pub(super) struct Door {
    store: Mutex<Option<Store>>,
    /// Somebody knocked, or it is time to look.
    knocked: Mutex<bool>,
    knock: Condvar,
    /// Refusals that are not written down yet: writing each would let anybody make the disk work.
    refused: Mutex<HashMap<&'static str, (u64, Time, String)>>,
    from: Mutex<HashMap<IpAddr, (f64, Instant)>>,
    places: tokio::sync::Semaphore,
}

impl Default for Door {
    fn default() -> Door {
        Door {
            store: Mutex::default(),
            knocked: Mutex::default(),
            knock: Condvar::new(),
            refused: Mutex::default(),
            from: Mutex::default(),
            places: tokio::sync::Semaphore::new(AT_ONCE),
        }
    }
}

impl Door {
    /// Waits until something came, or for so long.
    pub(super) fn wait(&self, longest: Duration) {
        let knocked = self.knocked.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut knocked, _) = self
            .knock
            .wait_timeout_while(knocked, longest, |knocked| !*knocked)
            .unwrap_or_else(PoisonError::into_inner);
        *knocked = false;
    }

    /// Wakes whoever waits behind the door.
    pub(super) fn knock(&self) {
        *self.knocked.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.knock.notify_all();
    }

    /// The refusals since the last time.
    pub(super) fn refusals(&self) -> Vec<(&'static str, u64, Time, String)> {
        let mut all = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        all.drain().map(|(hook, (times, at, why))| (hook, times, at, why)).collect()
    }

    fn refuse(&self, hook: &Hook, why: &str) {
        let mut all = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = all.entry(hook.name).or_insert((0, Time::MIN, String::new()));
        *entry = (entry.0 + 1, clock(), why.to_owned());
    }

    /// Whether an address may send one more now.
    fn admits(&self, from: IpAddr) -> bool {
        let mut all = self.from.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= ADDRESSES {
            all.clear();
        }
        let (left, last) = all.entry(from).or_insert((BURST, Instant::now()));
        *left = (*left + last.elapsed().as_secs_f64() * EACH_SECOND).min(BURST);
        *last = Instant::now();
        let admitted = *left >= 1.0;
        if admitted {
            *left -= 1.0;
        }
        admitted
    }

    /// Keeps a delivery; the database is opened once, and again after it failed.
    fn keep(&self, app: &App, delivery: &Inbound, id: &str) -> Result<Arrived, StoreError> {
        let mut held = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let mut store = match held.take() {
            Some(store) => store,
            None => Store::noting(&app.folder)?,
        };
        let arrived = store.arrive(delivery, id, &signed::digest(&delivery.body))?;
        *held = Some(store);
        Ok(arrived)
    }
}

/// The addresses of the hooks. Whatever else is asked for goes to the guarded ones.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/hooks/{hook}", post(named))
        .route("/api/activities", post(activities))
        .layer(DefaultBodyLimit::disable()) // bounded where it is read
}

#[derive(Deserialize)]
struct Source {
    source: Option<String>,
}

async fn named(
    State(app): State<Arc<App>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match hook(&name).filter(|hook| hook.path.starts_with("/hooks/")) {
        Some(hook) => take(app, hook, from.ip(), headers, body, None).await,
        None => said(StatusCode::NOT_FOUND, "there is no such hook"),
    }
}

async fn activities(
    State(app): State<Arc<App>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Query(source): Query<Source>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match (hook("activities"), source.source) {
        (Some(hook), Some(source)) => take(app, hook, from.ip(), headers, body, Some(source)).await,
        _ => said(StatusCode::BAD_REQUEST, "say which source it is: /api/activities?source=NAME"),
    }
}

fn said(status: StatusCode, why: &str) -> Response {
    answer(status, &json!({ "error": why }))
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, body.to_string()).into_response()
}

fn later(why: &str) -> Response {
    let mut response = said(StatusCode::TOO_MANY_REQUESTS, why);
    response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("10"));
    response
}

async fn take(
    app: Arc<App>,
    hook: &'static Hook,
    from: IpAddr,
    headers: HeaderMap,
    body: Body,
    source: Option<String>,
) -> Response {
    if !app.door.admits(from) {
        return later("too many deliveries at once");
    }
    let Ok(place) = app.door.places.acquire().await else {
        return said(StatusCode::SERVICE_UNAVAILABLE, "the desk is closing");
    };
    let told = headers.get(header::CONTENT_LENGTH).and_then(|n| n.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|n| n > LARGEST) {
        app.door.refuse(hook, "larger than 4 MiB");
        return said(StatusCode::PAYLOAD_TOO_LARGE, "larger than 4 MiB");
    }
    let body = match tokio::time::timeout(SLOWEST, axum::body::to_bytes(body, LARGEST)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => {
            app.door.refuse(hook, "larger than 4 MiB, or broken off");
            return said(StatusCode::PAYLOAD_TOO_LARGE, "larger than 4 MiB, or broken off");
        }
        Err(_) => return said(StatusCode::REQUEST_TIMEOUT, "it did not come to its end in time"),
    };
    let desk = Arc::clone(&app);
    let work = tokio::task::spawn_blocking(move || checked(&desk, hook, &headers, &body, source.as_deref()));
    let response =
        work.await.unwrap_or_else(|_| said(StatusCode::INTERNAL_SERVER_ERROR, "a mistake of the program"));
    drop(place);
    response
}

fn checked(
    app: &App,
    hook: &'static Hook,
    headers: &HeaderMap,
    body: &Bytes,
    source: Option<&str>,
) -> Response {
    let Ok(secrets) = secrets(&app.background(), hook) else {
        let why = "this hook has no secret here: rapport hooks";
        app.door.refuse(hook, why);
        return said(StatusCode::FORBIDDEN, why);
    };
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let now = clock();
    let kind = text("content-type").unwrap_or_default();
    let filled = FORMS.contains(&hook.name) && kind.starts_with("application/x-www-form-urlencoded");
    let inner = filled.then(|| payload(body)).flatten();
    // GitHub signs the form as it goes over the line, Gitea what is in it.
    let signed = inner.as_deref().filter(|_| hook.name == "gitea").unwrap_or(body);
    let Delivery { id, mut event, mut hint } = match signed::check(hook, &text, signed, &secrets, now) {
        Ok(delivery) => delivery,
        Err(refused) => {
            app.door.refuse(hook, &refused.to_string());
            return said(StatusCode::UNAUTHORIZED, &refused.to_string());
        }
    };
    if hook.name == "slack"
        && event == "url_verification"
        && let Ok(value) = serde_json::from_slice::<Value>(body)
    {
        // The service asks whether the address is ours; the answer is what it sent.
        return answer(
            StatusCode::OK,
            &json!({ "challenge": value["challenge"].as_str().unwrap_or_default() }),
        );
    }
    if let Some(source) = source {
        hint = source.to_owned();
        event = form(&kind).to_owned();
    } else if inner.is_none() && !kind.is_empty() && !kind.starts_with("application/json") {
        let why = "choose application/json as its content type";
        app.door.refuse(hook, why);
        return said(StatusCode::UNSUPPORTED_MEDIA_TYPE, why);
    }
    let delivery = Inbound {
        id: 0,
        hook: hook.name.to_owned(),
        event,
        hint,
        at: now,
        body: inner.unwrap_or_else(|| body.to_vec()),
    };
    match app.door.keep(app, &delivery, &id) {
        Ok(Arrived::Taken) => {
            app.door.knock();
            answer(StatusCode::ACCEPTED, &json!({ "taken": id }))
        }
        Ok(Arrived::Repeated) => answer(StatusCode::OK, &json!({ "known": id })),
        Ok(Arrived::Full) => later("too many deliveries wait to be read"),
        Err(_) => {
            let mut response = said(StatusCode::SERVICE_UNAVAILABLE, "it cannot be kept now; come again");
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("30"));
            response
        }
    }
}

/// Services that offer to send a form, and GitHub does so unless it is told otherwise: JSON in its field `payload`.
const FORMS: [&str; 2] = ["gitea", "github"];

/// The field `payload` of a form.
fn payload(body: &[u8]) -> Option<Vec<u8>> {
    let mut fields = form_urlencoded::parse(body);
    fields.find(|(name, _)| name == "payload").map(|(_, value)| value.into_owned().into_bytes())
}

/// The name under which rows of a content type are read.
fn form(content_type: &str) -> &'static str {
    match content_type.split(';').next().unwrap_or_default().trim() {
        "text/csv" => "hook.csv",
        "text/tab-separated-values" => "hook.tsv",
        "application/x-ndjson" | "application/jsonl" => "hook.jsonl",
        _ => "hook.json",
    }
}
