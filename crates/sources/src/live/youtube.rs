//! YouTube, living: the comments of a video from the newest back to what was known, and two older pages anew with each
//! look, so that nothing is kept longer than the service still shows it. A thread that is missing there is asked for by
//! its id; replies beyond the few that come with a thread are listed by themselves.

use std::collections::BTreeSet;

use rapport_model::{Key, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::github::{state, value};
use super::manners::{self, Verdict};
use super::{Ask, At, Live, LiveAbout, Place, Progress, Reply, Turn, encoded, web};
use crate::connectors::youtube::{Comment, LIST, Thread, key};

/// The channel.
pub(super) struct YouTube;

const PAGES: u32 = 2;
/// Ids of one request.
const IDS: usize = 50;
const NEW: &str = "comments";

/// How far one walk through the comments is.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Walk {
    /// Everything up to this millisecond is in.
    known: Option<i64>,
    newest: Option<i64>,
    /// The service's word for the next page.
    page: Option<String>,
    pages: u32,
    listed: bool,
    /// Threads whose replies are to be listed, and the word for the next page of them.
    queue: Vec<(String, Option<String>)>,
    /// Threads that may be gone.
    missing: Vec<String>,
    progress: Progress,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    items: Vec<Value>,
    next_page_token: Option<String>,
}

impl Live for YouTube {
    fn about(&self) -> &'static LiveAbout {
        &LiveAbout {
            name: "youtube",
            title: "YouTube",
            addresses: &["youtube:AbCdEfGhIjK", "https://www.youtube.com/watch?v=AbCdEfGhIjK"],
            token: "A key of the YouTube Data API v3, from a project of your own.",
            token_env: &["RAPPORT_YOUTUBE_KEY"],
            limits: "every request costs one of the key's 10,000 units a day; when they are used up it goes on after midnight there (Pacific time); deletions and edits of older comments are met within one round of looks, two pages of 100 each",
            interval: 3_600,
            gap_ms: 250,
        }
    }

    fn terms(&self) -> Option<&'static str> {
        Some(
            "YouTube's API terms hold for your key: what is stored has to be refreshed or deleted within 30 days, so leave `sync` running; what is deleted there is deleted here, and nothing is ever posted",
        )
    }

    fn place(&self, address: &str) -> Option<Place> {
        let video = match address.strip_prefix("youtube:") {
            Some(video) => video.to_owned(),
            None => {
                let (host, path) = web(address)?;
                let query = address.split_once('?').map_or("", |(_, query)| query);
                match host.trim_start_matches("www.") {
                    "youtu.be" => path.first()?.clone(),
                    "youtube.com" => query.split(['&', '#']).find_map(|p| p.strip_prefix("v="))?.to_owned(),
                    _ => return None,
                }
            }
        };
        let fits =
            video.len() == 11 && video.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        fits.then(|| Place {
            what: video,
            base: "https://www.googleapis.com/youtube/v3".to_owned(),
            token: false,
        })
    }

    fn streams(&self, _place: &Place) -> Vec<&'static str> {
        vec![NEW, "older comments"]
    }

    fn next(&self, place: &Place, at: At<'_>) -> Option<Ask> {
        let walk: Walk = state(at.cursor);
        let page = |word: Option<&String>| {
            word.map(|word| format!("&pageToken={}", encoded(word))).unwrap_or_default()
        };
        let threads =
            format!("{}/commentThreads?part=snippet,replies&textFormat=plainText&maxResults=100", place.base);
        let url = if !walk.missing.is_empty() {
            let ids: Vec<&str> = walk.missing.iter().take(IDS).map(String::as_str).collect();
            format!("{threads}&id={}", encoded(&ids.join(",")))
        } else if let Some((parent, word)) = walk.queue.first() {
            format!(
                "{}/comments?part=snippet&textFormat=plainText&maxResults=100&parentId={}{}",
                place.base,
                encoded(parent),
                page(word.as_ref())
            )
        } else {
            format!("{threads}&videoId={}&order=time{}", encoded(&place.what), page(walk.page.as_ref()))
        };
        Some(Ask::get(url, ""))
    }

    fn turn(&self, _place: &Place, at: At<'_>, _ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        let mut walk: Walk = state(at.cursor);
        let list: List = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
        if !walk.missing.is_empty() {
            let asked: Vec<String> = walk.missing.drain(..walk.missing.len().min(IDS)).collect();
            let here: BTreeSet<&str> = list.items.iter().filter_map(|t| t["id"].as_str()).collect();
            // A comment takes its replies with it.
            let gone = asked.iter().filter(|id| !here.contains(id.as_str()));
            let whole = gone.map(|id| (key(id), BTreeSet::new())).collect();
            return Ok(Turn { whole, ..settled(walk, true) });
        }
        if walk.queue.is_empty() {
            return Ok(listed(walk, at, list));
        }
        let (parent, word) = walk.queue.remove(0);
        let replies: Vec<Comment> =
            list.items.into_iter().filter_map(|c| serde_json::from_value(c).ok()).collect();
        walk.progress.done += replies.len() as u64;
        let mut whole = Vec::new();
        match list.next_page_token {
            Some(next) if Some(&next) != word.as_ref() => walk.queue.insert(0, (parent, Some(next))),
            _ if word.is_none() => whole.push(all(&parent, &replies)),
            _ => {} // of many pages none shows everything
        }
        Ok(Turn { whole, ..settled(walk, true) })
    }

    fn gone(&self, _place: &Place, at: At<'_>, _ask: &Ask) -> Option<Turn> {
        let mut walk: Walk = state(at.cursor);
        if !walk.missing.is_empty() {
            return None;
        }
        if !walk.queue.is_empty() {
            // The thread went while its replies were listed.
            let (parent, _) = walk.queue.remove(0);
            return Some(Turn { whole: vec![(key(&parent), BTreeSet::new())], ..settled(walk, false) });
        }
        // The word for a page is too old: the walk begins again.
        walk.page.take()?;
        Some(settled(walk, false))
    }

    fn verdict(&self, ask: &Ask, reply: &Reply, tries: u32, now: Time) -> Verdict {
        let told: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        match (reply.status, told["error"]["errors"][0]["reason"].as_str()) {
            (403, Some("quotaExceeded" | "dailyLimitExceeded")) => Verdict::Later {
                until: midnight(now),
                why: "the key's units of today are used up".to_owned(),
                host: true,
            },
            (403, Some("commentsDisabled")) => Verdict::Denied {
                why: "comments are switched off for this video".to_owned(),
                hint: "name another video".to_owned(),
            },
            (400 | 403, Some("forbidden" | "keyInvalid" | "badRequest")) | (403, None) => Verdict::Denied {
                why: "it wants a key of the YouTube Data API, or does not accept this one".to_owned(),
                hint: "RAPPORT_YOUTUBE_KEY, or a line in the file tokens:  www.googleapis.com = \"KEY\""
                    .to_owned(),
            },
            (400, Some("invalidPageToken")) => Verdict::Gone,
            _ => manners::http(ask, reply, tries, now),
        }
    }

    fn token_parameter(&self) -> Option<&'static str> {
        Some("key")
    }
}

/// The next midnight of the Pacific coast, by its winter time: an hour late in summer, never early.
fn midnight(now: Time) -> Time {
    const DAY: i64 = 86_400_000;
    const BEHIND: i64 = 8 * 3_600_000;
    let passed = (now.millis() - BEHIND).rem_euclid(DAY);
    now.plus_millis(DAY - passed)
}

/// A thread with everything in it.
fn all(parent: &str, replies: &[Comment]) -> (Key, BTreeSet<u64>) {
    let keys = replies.iter().map(|c| key(&c.id)).chain([key(parent)]);
    (key(parent), keys.map(|key| key.fingerprint()).collect())
}

/// A page of threads.
fn listed(mut walk: Walk, at: At<'_>, list: List) -> Turn {
    let fresh = at.stream == NEW;
    let read: Vec<Thread> = list.items.into_iter().filter_map(|t| serde_json::from_value(t).ok()).collect();
    let when = |thread: &Thread| {
        Time::parse(&thread.snippet.top_level_comment.snippet.published_at).ok().map(Time::millis)
    };
    let mut whole = Vec::new();
    for thread in &read {
        let new = fresh && walk.known.is_none_or(|known| when(thread).is_some_and(|at| at > known));
        let (shown, total) = (thread.replies.comments.len() as u64, thread.snippet.total_reply_count);
        if new {
            walk.progress.done += 1 + shown;
        }
        if shown >= total {
            whole.push(all(&thread.id, &thread.replies.comments));
            continue;
        }
        let held = at.held.keys(&key(&thread.id)).len() as u64;
        let queued = walk.queue.iter().any(|(id, _)| *id == thread.id);
        if total + 1 != held && !queued {
            walk.queue.push((thread.id.clone(), None));
        }
    }
    let times = || read.iter().filter_map(when);
    let (lowest, highest) = (times().min(), times().max());
    // What the log has between the page's ends, and the page has not, may be deleted.
    let between = lowest.zip(highest).and_then(|(low, high)| {
        Some(at.held.opened(Time::from_millis(low + 1)?, Time::from_millis(high - 1)?))
    });
    let here: BTreeSet<Key> = read.iter().map(|t| key(&t.id)).collect();
    for missing in between.into_iter().flatten().filter(|k| !here.contains(k)) {
        let id = missing.as_str().strip_prefix("comment/").unwrap_or_default().to_owned();
        if !id.is_empty() && !walk.missing.contains(&id) {
            walk.missing.push(id);
        }
    }
    let more = list.next_page_token.is_some() && list.next_page_token != walk.page;
    walk.pages += 1;
    if fresh {
        walk.newest = walk.newest.max(highest);
        walk.listed = !more || walk.known.zip(lowest).is_some_and(|(known, low)| low <= known);
    } else {
        walk.listed = !more || walk.pages >= PAGES;
    }
    walk.page = list.next_page_token.filter(|_| more && !(fresh && walk.listed));
    if fresh && walk.listed {
        walk.known = walk.newest.take().max(walk.known);
    }
    Turn { whole, ..settled(walk, true) }
}

/// The cursor behind a step; the look ends when the list is through and nothing is queued.
fn settled(mut walk: Walk, read: bool) -> Turn {
    let end = walk.listed && walk.queue.is_empty() && walk.missing.is_empty();
    if end {
        (walk.listed, walk.pages) = (false, 0);
    }
    let item = read.then(|| LIST.to_owned());
    Turn { cursor: value(&walk), item, end, progress: walk.progress, ..Turn::default() }
}
