//! Live pages: a stream that says that something changed, and nothing more. What a page shows then it asks for like
//! any page, so that nobody sees by this way what is not theirs.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::channel::{Channel, Sender};
use tokio::sync::watch;

use super::App;

/// Pages that may listen at the same time.
const LISTENERS: usize = 200;
/// A listener is sent away after so long and comes again, with the session it then has.
const LONGEST: Duration = Duration::from_secs(600);
/// Proxies close what is silent.
const BEAT: Duration = Duration::from_secs(20);
/// Changes are told no closer than this.
const APART: Duration = Duration::from_secs(2);

/// Who is told.
pub(super) struct Listeners {
    change: watch::Sender<u64>,
    places: Arc<tokio::sync::Semaphore>,
}

impl Default for Listeners {
    fn default() -> Listeners {
        Listeners { change: watch::Sender::new(0), places: Arc::new(tokio::sync::Semaphore::new(LISTENERS)) }
    }
}

impl Listeners {
    /// The desk is closing.
    pub(super) fn closed(&self) -> bool {
        self.places.is_closed()
    }

    /// There is something newer to see.
    pub(super) fn tell(&self) {
        self.change.send_modify(|n| *n = n.saturating_add(1));
    }

    /// No more listeners: those that are there are sent away.
    pub(super) fn close(&self) {
        self.places.close();
        self.change.send_modify(|n| *n = u64::MAX);
    }
}

/// Watches the folder and tells the listeners.
pub(super) async fn watch_folder(app: Arc<App>) {
    let mut before = app.state();
    loop {
        tokio::time::sleep(APART).await;
        if app.listeners.closed() {
            return;
        }
        let state = app.state();
        if state != before {
            before = state;
            app.listeners.tell();
        }
    }
}

/// `GET /live`
pub(super) async fn events(State(app): State<Arc<App>>) -> Response {
    let Ok(place) = Arc::clone(&app.listeners.places).try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", app.t("base-listeners"))).into_response();
    };
    let (sender, body) = Channel::<Bytes, Infallible>::new(4);
    let changes = app.listeners.change.subscribe();
    tokio::spawn(async move {
        tell(sender, changes).await;
        drop(place);
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    (headers, Body::new(body)).into_response()
}

async fn tell(mut sender: Sender<Bytes, Infallible>, mut changes: watch::Receiver<u64>) {
    let ends = tokio::time::Instant::now() + LONGEST;
    let mut said = Bytes::from_static(b"retry: 5000\n\n");
    while sender.send_data(said).await.is_ok() && tokio::time::Instant::now() < ends {
        said = tokio::select! {
            changed = changes.changed() => {
                let n = *changes.borrow_and_update();
                if changed.is_err() || n == u64::MAX {
                    return;
                }
                Bytes::from(format!("event: changed\ndata: {n}\n\n"))
            }
            () = tokio::time::sleep(BEAT) => Bytes::from_static(b": here\n\n"),
        };
    }
}
