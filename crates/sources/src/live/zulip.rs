//! Zulip, living: messages by their number, a thousand a request, and with every look one older page anew, for what was
//! edited, moved or deleted there since.

use std::collections::{BTreeMap, BTreeSet};

use rapport_model::{Act, Key, Page, ThreadFacts, ThreadRef};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::github::{state, value};
use super::{Ask, At, Held, Live, LiveAbout, Place, Progress, Reply, Turn, base64, encoded, origin, web};

/// The channel.
pub(super) struct Zulip;

const PAGE: usize = 1_000;

/// How far the messages are read.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Walk {
    /// Everything up to this message is in.
    anchor: u64,
    /// The page that was read last began behind this one: the next look begins there again.
    again: u64,
    progress: Progress,
}

#[derive(Deserialize)]
struct Answer {
    messages: Vec<Numbered>,
    #[serde(default)]
    found_newest: bool,
}

#[derive(Deserialize)]
struct Numbered {
    id: u64,
}

impl Live for Zulip {
    fn about(&self) -> &'static LiveAbout {
        &LiveAbout {
            name: "zulip",
            title: "Zulip",
            addresses: &["zulip:chat.example.org", "https://chat.example.org"],
            token: "Streams that are open to the web need none. A bot's `address:key` reads all public streams.",
            token_env: &[],
            limits: "serial requests of up to 1,000 messages; pauses exactly as told (429); edits of older messages are met within one round of looks",
            interval: 120,
            gap_ms: 300,
        }
    }

    fn place(&self, address: &str) -> Option<Place> {
        match address.strip_prefix("zulip:") {
            Some(rest) => self.hosted(rest),
            None => {
                let (host, _) = web(address)?;
                host.ends_with(".zulipchat.com").then(|| self.hosted(address))?
            }
        }
    }

    fn probe(&self, url: &str) -> Option<Ask> {
        Some(Ask::get(format!("{}/api/v1/server_settings", self.hosted(url)?.base), ""))
    }

    fn is_it(&self, reply: &Reply) -> bool {
        serde_json::from_slice::<Value>(&reply.body).is_ok_and(|v| v["zulip_version"].is_string())
    }

    fn hosted(&self, url: &str) -> Option<Place> {
        let url = if url.contains("://") { url.to_owned() } else { format!("https://{url}") };
        let (host, path) = web(&url)?;
        // Usually the whole host; a played one stands below a folder.
        let folder: String = path.iter().take(1).map(|p| format!("/{p}")).collect();
        Some(Place {
            what: format!("{host}{folder}"),
            base: format!("{}{folder}", origin(&url)?),
            token: false,
        })
    }

    fn streams(&self, _place: &Place) -> Vec<&'static str> {
        vec!["messages", "older messages"]
    }

    fn next(&self, place: &Place, at: At<'_>) -> Option<Ask> {
        let walk: Walk = state(at.cursor);
        let from = if at.stream == "messages" { walk.anchor } else { walk.again };
        let which = if place.token { "public" } else { "web-public" };
        let narrow = encoded(&format!("[{{\"operator\":\"streams\",\"operand\":\"{which}\"}}]"));
        Some(Ask::get(
            format!(
                "{}/api/v1/messages?anchor={from}&include_anchor=false&num_before=0&num_after={PAGE}&apply_markdown=true&narrow={narrow}",
                place.base
            ),
            "",
        ))
    }

    fn turn(&self, _place: &Place, at: At<'_>, _ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        let answer: Answer = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
        let mut walk: Walk = state(at.cursor);
        let last = answer.messages.iter().map(|m| m.id).max();
        let full = answer.messages.len() >= PAGE && !answer.found_newest;
        let mut end = !full;
        if at.stream == "messages" {
            walk.progress.done += answer.messages.len() as u64;
            walk.anchor = walk.anchor.max(last.unwrap_or(0));
        } else {
            // One page a look, around and around.
            walk.again = if full { last.unwrap_or(0) } else { 0 };
            end = true;
        }
        let item = Some("live/messages.json".to_owned());
        Ok(Turn { cursor: value(&walk), item, end, progress: walk.progress, ..Turn::default() })
    }

    fn authorize(&self, token: &str) -> (&'static str, String) {
        ("authorization", format!("Basic {}", base64(token.as_bytes())))
    }

    fn mend(&self, page: &mut Page, held: &dyn Held) {
        let number = |key: &Key| key.as_str().strip_prefix("message/").and_then(|n| n.parse::<u64>().ok());
        let ids: BTreeSet<u64> =
            page.records.iter().flat_map(|r| &r.activities).filter_map(|a| number(&a.key)).collect();
        let (Some(first), Some(last)) = (ids.first().copied(), ids.last().copied()) else { return };
        let mut openings: BTreeMap<Key, (Option<Key>, Vec<Key>)> = BTreeMap::new();
        for said in page.records.iter_mut().flat_map(|r| &mut r.activities) {
            let ThreadRef::Key(thread) = &said.thread else { continue };
            let (opening, _) = openings.entry(thread.clone()).or_insert_with(|| {
                let keys = held.keys(thread);
                // What stands before this page began the topic; else the first message that is met.
                (
                    keys.iter()
                        .filter(|k| number(k).is_some_and(|n| n < first))
                        .min_by_key(|k| number(k))
                        .cloned(),
                    keys,
                )
            });
            let opening = opening.get_or_insert_with(|| said.key.clone());
            if *opening == said.key {
                said.act = Act::Opened;
            } else if let Some(facts) = &mut said.facts {
                // The rest of what is known about a topic stands on its first message.
                let resolved = facts.resolved;
                said.facts = resolved.then(|| Box::new(ThreadFacts { resolved, ..ThreadFacts::default() }));
            }
        }
        // What the log has between this page's ends, and the page has not, was deleted or moved.
        for (thread, (_, keys)) in openings {
            let missing =
                |k: &Key| number(k).is_some_and(|n| (first..=last).contains(&n) && !ids.contains(&n));
            if keys.iter().any(missing) {
                let mut seen: BTreeSet<u64> =
                    keys.iter().filter(|k| !missing(k)).map(Key::fingerprint).collect();
                seen.extend(ids.iter().map(|id| Key::new(format!("message/{id}")).fingerprint()));
                page.whole.push((thread, seen));
            }
        }
    }
}
