//! RSS and Atom, living: one document, asked for only when it changed.

use serde_json::{Value, json};

use super::{Ask, At, Live, LiveAbout, Place, Progress, Reply, Turn, origin, web};

/// The channel.
pub(super) struct Feed;

impl Live for Feed {
    fn about(&self) -> &'static LiveAbout {
        &LiveAbout {
            name: "feed",
            title: "Feed",
            addresses: &["feed:https://blog.example.org/feed.xml", "https://blog.example.org/feed.xml"],
            token: "None is needed.",
            token_env: &[],
            limits: "one request a look, answered with 304 when nothing is new",
            interval: 3_600,
            gap_ms: 1_000,
        }
    }

    fn place(&self, address: &str) -> Option<Place> {
        if let Some(rest) = address.strip_prefix("feed:") {
            let url = if rest.contains("://") {
                rest.to_owned()
            } else {
                format!("https://{}", rest.trim_start_matches('/'))
            };
            return self.hosted(&url);
        }
        let path = web(address)?.1;
        let last = path.last()?.to_lowercase();
        let ends = [".xml", ".rss", ".atom"].iter().any(|end| last.ends_with(end));
        (ends || last == "feed" || last == "rss").then(|| self.hosted(address))?
    }

    fn probe(&self, url: &str) -> Option<Ask> {
        Some(ask(url))
    }

    fn is_it(&self, reply: &Reply) -> bool {
        let head = String::from_utf8_lossy(&reply.body[..reply.body.len().min(4_096)]).into_owned();
        crate::connectors::feed::is_feed(&head)
    }

    fn hosted(&self, url: &str) -> Option<Place> {
        origin(url)?;
        let what = url.split_once("://")?.1.trim_end_matches('/').to_lowercase();
        Some(Place { what, base: url.to_owned(), token: false })
    }

    fn streams(&self, _place: &Place) -> Vec<&'static str> {
        vec!["entries"]
    }

    fn next(&self, place: &Place, _at: At<'_>) -> Option<Ask> {
        Some(ask(&place.base))
    }

    fn turn(&self, _place: &Place, at: At<'_>, _ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        if reply.status == 304 {
            let done = at.cursor["entries"].as_u64().unwrap_or(0);
            let progress = Progress { done, about: None };
            return Ok(Turn { cursor: at.cursor.clone(), end: true, progress, ..Turn::default() });
        }
        if !self.is_it(reply) {
            return Err("it is no feed".to_owned());
        }
        let entries =
            ["<item", "<entry"].iter().map(|tag| memchr::memmem::find_iter(&reply.body, tag).count());
        let done = entries.max().unwrap_or(0) as u64;
        let cursor: Value = json!({"entries": done});
        let progress = Progress { done, about: None };
        Ok(Turn {
            cursor,
            item: Some(crate::connectors::feed::ITEM.to_owned()),
            end: true,
            progress,
            ..Turn::default()
        })
    }
}

fn ask(url: &str) -> Ask {
    let accept = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8";
    Ask { conditional: true, accept, ..Ask::get(url.to_owned(), "") }
}
