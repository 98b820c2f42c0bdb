//! Addresses, and the server itself.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use super::pages::{
    any, asks, drafts, events, feedback, focus, friction, gaps, introduce, lacks, metrics, notes,
    organisation, people, privacy, recognition, relations, report, roster, search, settings, sources, talks,
    thread, today, topics, trends,
};
use super::{App, api, assets, behind, entry, feeds, guard, hooks, live, oidc, schedule};
use crate::desk::ending;
use crate::fault::Fault;

/// A form of ours holds a note or a draft, not a book.
const FORM: usize = 256 * 1024;

/// Every page, for whoever comes through the guard.
pub(super) fn router(app: &Arc<App>) -> Router {
    pages()
        .layer(from_fn_with_state(Arc::clone(app), guard::guard))
        .layer(DefaultBodyLimit::max(FORM))
        .merge(hooks::routes())
        .with_state(Arc::clone(app))
}

/// Every page, for whoever was let in before.
pub(super) fn pages() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(today::show))
        .route("/thread/{id}", get(thread::show))
        .route("/thread/{id}/{act}", post(thread::act))
        .route("/topics", get(topics::list))
        .route("/topics/{id}", get(topics::one))
        .route("/topics/{id}/{act}", post(topics::act))
        .route("/trends", get(trends::show))
        .route("/gaps", get(gaps::show))
        .route("/feedback", get(feedback::board).post(drafts::new))
        .route("/feedback/{id}/drop", post(drafts::drop))
        .route("/feedback/{id}/edit", post(drafts::edit))
        .route("/feedback/{id}", get(feedback::one))
        .route("/feedback/{id}/{act}", post(feedback::act))
        .route("/answer/{word}", get(feedback::through).post(feedback::answer))
        .route("/people", get(people::list))
        .route("/people/review", get(people::review))
        .route("/people/review/{said}", post(people::judge))
        .route("/people/champions", get(recognition::champions))
        .route("/people/recognition", get(recognition::helped))
        .route("/people/{id}", get(people::one))
        .route("/people/{id}/mark", post(people::mark))
        .route("/people/{id}/consent", post(privacy::consent))
        .route("/people/{id}/export/{form}", post(privacy::export))
        .route("/people/{id}/champion/{act}", post(recognition::act))
        .route("/people/{id}/forget", post(privacy::forget))
        .route("/introduce", get(introduce::show).post(introduce::ask))
        .route("/focus", get(focus::show))
        .route("/docs", get(lacks::show))
        .route("/friction", get(friction::list).post(friction::add))
        .route("/friction/{id}", get(friction::one))
        .route("/events", get(events::show))
        .route("/notes", get(notes::list).post(notes::add))
        .route("/notes/done", post(notes::done))
        .route("/notes/report", get(notes::report))
        .route("/talks", get(talks::list).post(talks::propose))
        .route("/talks/{id}/move", post(talks::go_on))
        .route("/relations", get(relations::show))
        .route("/organisation", get(organisation::show))
        .route("/roster", get(roster::list).post(roster::apply))
        .route("/roster/{id}", get(roster::one))
        .route("/roster/{id}/{act}", post(roster::say))
        .route("/search", get(search::show))
        .route("/metrics", get(metrics::show))
        .route("/metrics/save", get(metrics::save))
        .route("/report", get(report::show))
        .route("/report/page", get(report::page))
        .route("/sources", get(sources::show))
        .route("/sources/turn/{act}", post(sources::rest))
        .route("/sources/upload", post(sources::upload).layer(DefaultBodyLimit::disable()))
        .route("/settings", get(settings::show))
        .route("/settings/log", get(settings::audit))
        .route("/settings/{act}", post(settings::act))
        .route("/desk", get(any::list))
        .route("/desk/{*verb}", get(any::show).post(any::call))
        .route("/api/openapi.json", get(api::document))
        .route("/api/{*verb}", get(api::get).post(api::post))
        .route("/login", get(entry::login_page).post(entry::login))
        .route("/login/leave", get(oidc::leave))
        .route("/login/return", get(oidc::come_back))
        .route("/logout", post(entry::logout))
        .route("/setup", get(entry::first_page).post(entry::first))
        .route("/feeds/{name}", get(feeds::show))
        .route("/live", get(live::events))
        .route("/asks", get(asks::show))
        .route("/assets/{version}/{name}", get(assets::asset))
        .fallback(super::pages::missing)
}

/// Serves until the process is told to stop; `looks` when sources are to be looked at meanwhile.
///
/// # Errors
/// When the address is taken.
pub(crate) fn serve(app: App, listen: SocketAddr, looks: bool) -> Result<(), Fault> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build()?;
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen).await.map_err(|e| {
            Fault::usage(format!("{listen}: {e}"))
                .hint("rapport serve --listen 127.0.0.1:0  takes any free port")
        })?;
        let at = listener.local_addr()?;
        let app = Arc::new(app);
        eprintln!("Rapport is open at http://{at}   (Ctrl-C closes it)");
        if let Some(key) = app.setup_key() {
            eprintln!("  make the first account: http://{at}/setup?key={key}");
        }
        if app.shared && !app.secure() {
            eprintln!("  passwords travel as they are typed: put TLS in front, and name it with --public-url https://…");
        }
        if app.shared {
            let watched = Arc::clone(&app);
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(std::time::Duration::from_secs(30)).await;
                    let app = Arc::clone(&watched);
                    let _ = tokio::task::spawn_blocking(move || entry::recheck(&app)).await;
                }
            });
        }
        crate::desk::topics::read::stay();
        schedule::start(&app, looks);
        tokio::spawn(live::watch_folder(Arc::clone(&app)));
        tokio::spawn(behind::work(Arc::clone(&app), pages().with_state(Arc::clone(&app))));
        let open = Arc::clone(&app);
        let service = router(&app).into_make_service_with_connect_info::<SocketAddr>();
        let closing = Arc::clone(&open);
        let (asked, late) = tokio::sync::oneshot::channel();
        let told = async move {
            ending::interrupted().await;
            // Looks that are under way end between two replies.
            ending::tell();
            // Streams never end by themselves.
            closing.listeners.close();
            let _ = asked.send(());
        };
        let answers = axum::serve(listener, service).with_graceful_shutdown(told);
        let closed = async {
            answers.await?;
            let closed = tokio::task::spawn_blocking(move || schedule::stop(&open)).await;
            drop(closed);
            Ok(())
        };
        let late = async {
            if late.await.is_err() {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(PATIENCE).await;
        };
        tokio::select! {
            closed = closed => closed,
            () = late => {
                eprintln!("closed with an answer still under way; the folder is whole");
                Ok(())
            }
        }
    });
    // What is half written is taken back by the store when it is opened next.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    served
}

/// How long answers and looks that are under way may take to end after the program was told to.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
