//! Bluesky, living: posts from the newest back to what was known, each page ending where the last one ended (the search's own
//! cursor is refused without an account), and the threads that have answers. Nothing tells of a deletion: two older pages
//! are read anew with each look, and a thread that is missing or counts other than the log is asked for by itself.

use std::collections::BTreeSet;

use rapport_model::{Key, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::github::{state, value};
use super::manners::{self, Verdict};
use super::{Ask, At, Live, LiveAbout, Place, Progress, Reply, Turn, encoded, web};
use crate::connectors::bluesky::{LIST, Post, THREAD, key, parts, posts};

/// The channel.
pub(super) struct Bluesky;

const PAGE: usize = 100;
/// Older pages that one look reads anew.
const PAGES: u32 = 2;
/// A thread of more posts may be cut by the service: then nothing is said of what is missing in it.
const WHOLE: usize = 500;

const NEW: &str = "posts";

/// How far one walk through the posts is: from the newest back, or around.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Walk {
    /// Every post up to this millisecond is in.
    known: Option<i64>,
    /// The newest of the round that is under way.
    newest: Option<i64>,
    /// Go on at this millisecond or, in a feed, with this word of the service.
    until: Option<i64>,
    cursor: Option<String>,
    /// Pages of this look.
    pages: u32,
    /// The list is through; what is queued remains.
    listed: bool,
    /// First posts whose threads are to be read.
    queue: Vec<String>,
    progress: Progress,
}

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    posts: Vec<Value>,
    #[serde(default)]
    feed: Vec<Value>,
    cursor: Option<String>,
}

impl Live for Bluesky {
    fn about(&self) -> &'static LiveAbout {
        &LiveAbout {
            name: "bluesky",
            title: "Bluesky",
            addresses: &["bluesky:#tag", "bluesky:@name.bsky.social", "bluesky:words"],
            token: "None is needed, as long as the service lets the public search.",
            token_env: &[],
            limits: "3,000 requests in 5 minutes for an address: serial, with a rest between, pauses until the moment that the service names; deletions of older posts are met within one round of looks, two pages of 100 each",
            interval: 1_800,
            gap_ms: 500,
        }
    }

    fn terms(&self) -> Option<&'static str> {
        Some(
            "the service means its search for people and may close it; only what everybody may see is read, authors who want to be seen by signed-in people only are left out, what is deleted there is deleted here, and nothing is ever posted",
        )
    }

    fn place(&self, address: &str) -> Option<Place> {
        let what = match address.strip_prefix("bluesky:") {
            Some(what) => what.trim().to_lowercase(),
            None => match web(address)? {
                (host, path) if host == "bsky.app" => match path.as_slice() {
                    [profile, name] if profile == "profile" => format!("@{}", name.to_lowercase()),
                    [hashtag, tag] if hashtag == "hashtag" => format!("#{}", tag.to_lowercase()),
                    _ => return None,
                },
                _ => return None,
            },
        };
        let bare = what.trim_start_matches(['#', '@']);
        let whole = !bare.is_empty() && what.len() <= 100 && !what.chars().any(char::is_control);
        whole.then(|| Place { what, base: "https://api.bsky.app".to_owned(), token: false })
    }

    fn streams(&self, _place: &Place) -> Vec<&'static str> {
        vec![NEW, "older posts"]
    }

    fn next(&self, place: &Place, at: At<'_>) -> Option<Ask> {
        let walk: Walk = state(at.cursor);
        let api = format!("{}/xrpc/app.bsky.feed", place.base);
        if let Some(uri) = walk.queue.first() {
            return Some(Ask::get(
                format!("{api}.getPostThread?depth=1000&parentHeight=0&uri={}", encoded(uri)),
                "",
            ));
        }
        let url = match (place.what.strip_prefix('@'), place.what.strip_prefix('#')) {
            (Some(name), _) => {
                let cursor = walk.cursor.map(|cursor| format!("&cursor={}", encoded(&cursor)));
                format!(
                    "{api}.getAuthorFeed?actor={}&filter=posts_with_replies&limit={PAGE}{}",
                    encoded(name),
                    cursor.unwrap_or_default()
                )
            }
            (None, tag) => {
                // Not inclusive: the millisecond that the last page ended in comes again.
                let until = walk.until.and_then(|at| Time::from_millis(at + 1));
                let until = until.map(|at| format!("&until={}", encoded(&fine(at))));
                let narrow = tag.map(|tag| format!("&tag={}", encoded(tag))).unwrap_or_default();
                format!(
                    "{api}.searchPosts?q={}&sort=latest&limit={PAGE}{narrow}{}",
                    encoded(&place.what),
                    until.unwrap_or_default()
                )
            }
        };
        Some(Ask::get(url, ""))
    }

    fn turn(&self, place: &Place, at: At<'_>, _ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        let mut walk: Walk = state(at.cursor);
        if walk.queue.is_empty() {
            return listed(walk, place, at, reply);
        }
        let thread: Value = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
        let (found, hidden) = posts(&thread["thread"]);
        let asked = walk.queue.remove(0);
        let mut whole = Vec::new();
        if let Some(root) = key(&asked).filter(|_| found.len() < WHOLE) {
            let uris = found.iter().filter_map(|post| post["uri"].as_str()).chain(hidden);
            whole.push((root, uris.filter_map(key).map(|key| key.fingerprint()).collect()));
        }
        walk.progress.done += found.len() as u64;
        Ok(Turn { whole, ..settled(walk, Some(THREAD)) })
    }

    fn gone(&self, _place: &Place, at: At<'_>, _ask: &Ask) -> Option<Turn> {
        let mut walk: Walk = state(at.cursor);
        if walk.queue.is_empty() {
            return None;
        }
        // What was deleted takes no answers with it: they stand in other people's repositories.
        let whole = key(&walk.queue.remove(0)).map(|gone| {
            let keys = at.held.keys(&gone);
            let rest: BTreeSet<u64> = keys.iter().filter(|k| **k != gone).map(Key::fingerprint).collect();
            (gone, rest)
        });
        Some(Turn { whole: whole.into_iter().collect(), ..settled(walk, None) })
    }

    fn verdict(&self, ask: &Ask, reply: &Reply, tries: u32, now: Time) -> Verdict {
        match reply.status {
            // A post that is not there is a bad request to them.
            400 => {
                let told: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
                if told["error"] == "NotFound" {
                    Verdict::Gone
                } else {
                    manners::http(ask, reply, tries, now)
                }
            }
            403 if ask.url.contains("searchPosts") => Verdict::Denied {
                why: "the service has closed its search to the public (403)".to_owned(),
                hint: "an author's own posts stay open: rapport add bluesky:@NAME --agree".to_owned(),
            },
            429 if reply.header("retry-after").is_none() => {
                match manners::quota(reply, now).and_then(|quota| quota.resets) {
                    Some(until) => {
                        Verdict::Later { until, why: "its quota is used up".to_owned(), host: true }
                    }
                    None => manners::http(ask, reply, tries, now),
                }
            }
            _ => manners::http(ask, reply, tries, now),
        }
    }
}

/// With its milliseconds, in the form that the service writes.
fn fine(at: Time) -> String {
    let whole = Time::from_millis(at.millis().div_euclid(1_000) * 1_000).unwrap_or(at).to_string();
    whole.replace('Z', &format!(".{:03}Z", at.millis().rem_euclid(1_000)))
}

/// A page of posts.
fn listed(mut walk: Walk, place: &Place, at: At<'_>, reply: &Reply) -> Result<Turn, String> {
    let list: List = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
    let feed = place.what.starts_with('@');
    let views = list.feed.into_iter().filter(|v| !v["reason"].is_object()).map(|mut v| v["post"].take());
    let all: Vec<Value> = if feed { views.collect() } else { list.posts };
    let count = all.len();
    let read: Vec<Post> = all.into_iter().filter_map(|p| serde_json::from_value(p).ok()).collect();
    let fresh = at.stream == NEW;
    for post in read.iter().filter(|p| p.is_ours()) {
        let (Some(own), Some(when)) = (key(&post.uri), post.at()) else { continue };
        let new = fresh && walk.known.is_none_or(|known| when.millis() > known);
        walk.progress.done += u64::from(new);
        let root = post.root().unwrap_or(&post.uri);
        let held = at.held.keys(&key(root).unwrap_or_else(|| own.clone())).len() as u64;
        let wanted = if post.root().is_some() {
            new
        } else if held == 0 {
            post.replies > 0
        } else {
            post.replies + 1 != held
        };
        if wanted && parts(root).is_some() && !walk.queue.iter().any(|queued| queued == root) {
            walk.queue.push(root.to_owned());
        }
    }
    let times = || read.iter().filter_map(Post::at).map(Time::millis);
    let (lowest, highest) = (times().min(), times().max());
    // What the log has between the page's ends, and the page has not, may be deleted.
    let between = lowest.zip(highest).and_then(|(low, high)| {
        Some(at.held.opened(Time::from_millis(low + 1)?, Time::from_millis(high - 1)?))
    });
    let here: BTreeSet<Key> = read.iter().filter_map(|p| key(&p.uri)).collect();
    for missing in between.into_iter().flatten().filter(|k| !here.contains(k)) {
        let Some((did, name)) = missing.as_str().strip_prefix("post/").and_then(|k| k.split_once('/')) else {
            continue;
        };
        let uri = format!("at://{did}/app.bsky.feed.post/{name}");
        if !walk.queue.contains(&uri) {
            walk.queue.push(uri);
        }
    }
    // A search gives fewer than were asked for at its end; a feed says how to go on.
    let stuck = !feed && lowest.is_none_or(|low| walk.until == Some(low));
    let more = if feed { list.cursor.is_some() && count > 0 } else { count >= PAGE && !stuck };
    walk.pages += 1;
    if fresh {
        walk.newest = walk.newest.max(highest);
        walk.listed = !more || walk.known.zip(lowest).is_some_and(|(known, low)| low <= known);
    } else {
        walk.listed = !more || walk.pages >= PAGES;
    }
    let on = more && !(fresh && walk.listed);
    walk.until = lowest.filter(|_| on);
    walk.cursor = list.cursor.filter(|_| on);
    if fresh && walk.listed {
        walk.known = walk.newest.take().max(walk.known);
    }
    Ok(settled(walk, Some(LIST)))
}

/// The cursor behind a step; the look ends when the list is through and nothing is queued.
fn settled(mut walk: Walk, item: Option<&str>) -> Turn {
    let end = walk.listed && walk.queue.is_empty();
    if end {
        (walk.listed, walk.pages) = (false, 0);
    }
    let item = item.map(str::to_owned);
    Turn { cursor: value(&walk), item, end, progress: walk.progress, ..Turn::default() }
}
