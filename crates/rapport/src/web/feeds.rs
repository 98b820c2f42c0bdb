//! Atom feeds over HTTP: the community's week, and who waits. A feed reader has no session: it comes with a private key
//! of an account, which shows what the account's role may see and nothing else.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use rapport_model::Time;
use rapport_store::Store;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::pages::page;
use super::visitor::Visitor;
use super::{App, markup, words};
use crate::config::Config;
use crate::desk::feeds::digest;
use crate::fault::Fault;

/// `needs`, as far as the feed shows it.
#[derive(Deserialize)]
struct Need {
    thread: i64,
    source: String,
    title: String,
    url: Option<String>,
    kind: String,
    opened_at: Option<Time>,
    waiting_since: Option<Time>,
    asker: Option<String>,
    why: String,
}

/// What a feed reader is told to wait before it asks again; what was made within that time is not made anew for it.
pub(super) const FRESH: Duration = Duration::from_secs(60);

/// A feed holds so many entries at most.
const MOST: usize = 200;

/// The account behind a feed's key, in the role that it has now.
pub(super) fn visitor(app: &App, path: &str, query: &str) -> Option<Visitor> {
    let key = query.split('&').find_map(|pair| pair.strip_prefix("key="))?;
    if !path.starts_with("/feeds/") || key.len() > 200 {
        return None;
    }
    let store = Store::read(&app.folder).ok()?;
    let account = store.feed_account(&digest(key)).ok()??;
    let login = store.logins().ok()?.into_iter().find(|login| login.name == account)?;
    Some(Visitor { name: login.name, role: Some(login.role), token: String::new() })
}

/// `GET /feeds/digest.atom`, `GET /feeds/needs.atom`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let held = headers.get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    let made = page(app, move |app| {
        let body = match name.as_str() {
            "digest.atom" => {
                let call = ["digest", "--format=atom"].map(str::to_owned);
                app.look(false, &call)?.text.clone()
            }
            "needs.atom" => needs(app)?,
            _ => {
                let why = "there are /feeds/digest.atom and /feeds/needs.atom\n";
                return Ok((StatusCode::NOT_FOUND, why).into_response());
            }
        };
        let tag =
            Sha256::digest(body.as_bytes()).iter().take(12).map(|b| format!("{b:02x}")).collect::<String>();
        let headers = [
            (header::CONTENT_TYPE, "application/atom+xml; charset=utf-8".to_owned()),
            (header::ETAG, format!("\"{tag}\"")),
            (header::CACHE_CONTROL, format!("private, max-age={}", FRESH.as_secs())),
        ];
        Ok((headers, body).into_response())
    })
    .await;
    let same =
        held.is_some_and(|held| made.headers().get(header::ETAG).is_some_and(|tag| tag == held.as_str()));
    if same { StatusCode::NOT_MODIFIED.into_response() } else { made }
}

fn needs(app: &App) -> Result<String, Fault> {
    let all: Vec<Need> = app.ask(&["needs"])?;
    let name = words::short(&Config::load(&app.folder)?.community.name, 80);
    let mut out = Writer::new_with_indent(Vec::new(), b' ', 2);
    let _ = feed(&mut out, app, &name, &all); // writing into memory cannot fail
    let mut text = String::from_utf8(out.into_inner()).unwrap_or_default();
    text.push('\n');
    Ok(text)
}

fn feed(out: &mut Writer<Vec<u8>>, app: &App, name: &str, all: &[Need]) -> std::io::Result<()> {
    // The feed is as old as what it tells, so that it is the same when nothing new waits.
    let newest = all.iter().filter_map(|n| n.waiting_since).max();
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    out.write_event(Event::Start(
        BytesStart::new("feed").with_attributes([("xmlns", "http://www.w3.org/2005/Atom")]),
    ))?;
    text(out, "id", &format!("urn:rapport:needs:{}", slug(name)))?;
    text(out, "title", &format!("{name}: who waits"))?;
    text(out, "updated", &newest.unwrap_or_else(|| app.now()).to_string())?;
    author(out, name)?;
    text(out, "generator", "Rapport")?;
    for need in all.iter().take(MOST) {
        out.write_event(Event::Start(BytesStart::new("entry")))?;
        text(out, "id", &format!("urn:rapport:need:{}:{}", slug(&need.source), need.thread))?;
        text(out, "title", &format!("{}: {}", need.kind, words::short(&need.title, 160)))?;
        let since = need.waiting_since.or(need.opened_at).unwrap_or_else(|| app.now());
        text(out, "updated", &since.to_string())?;
        author(out, &words::short(need.asker.as_deref().unwrap_or("an account that is gone"), 60))?;
        let there = markup::link(need.url.as_deref()).map(str::to_owned);
        let here = app.address().map(|base| format!("{base}/thread/{}", need.thread));
        for (rel, url) in [("alternate", there), ("related", here)] {
            if let Some(url) = url {
                let link = BytesStart::new("link").with_attributes([("rel", rel), ("href", url.as_str())]);
                out.write_event(Event::Empty(link))?;
            }
        }
        let why = words::short(&need.why, 300);
        text(out, "summary", &format!("{}: waits since {}. {why}", need.source, words::moment(&since)))?;
        out.write_event(Event::End(BytesEnd::new("entry")))?;
    }
    out.write_event(Event::End(BytesEnd::new("feed")))
}

fn slug(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

fn author(out: &mut Writer<Vec<u8>>, name: &str) -> std::io::Result<()> {
    out.write_event(Event::Start(BytesStart::new("author")))?;
    text(out, "name", name)?;
    out.write_event(Event::End(BytesEnd::new("author")))
}

fn text(out: &mut Writer<Vec<u8>>, tag: &str, words: &str) -> std::io::Result<()> {
    // What XML cannot hold at all goes, even when it is escaped.
    let plain = |c: &char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    let words: String = words.chars().filter(plain).collect();
    out.write_event(Event::Start(BytesStart::new(tag)))?;
    out.write_event(Event::Text(BytesText::new(&words)))?;
    out.write_event(Event::End(BytesEnd::new(tag)))
}
