//! Discourse, living: all posts from the newest back to what was known, fifty a request, then the topics that changed:
//! whether they are closed, tagged, solved, and which of their posts are gone. What changes without moving its topic is met
//! as older pages are read anew.

mod older;

use std::collections::BTreeSet;

use rapport_model::{Key, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::github::{state, value};
use super::manners::{self, Verdict};
use super::{Ask, At, Held, Live, LiveAbout, Place, Progress, Reply, Turn, origin, web};

/// The channel.
pub(super) struct Forum;

const OLDER: &str = "older posts";

/// How far the walk back through the posts is.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Posts {
    /// Every post up to this id is in.
    known: u64,
    /// The newest of the round that is under way.
    newest: u64,
    /// Go on below this id; 0 begins a round.
    before: u64,
    /// When the newest post was written as the first round began.
    began: Option<String>,
    progress: Progress,
}

/// How far the walk back through the topics is, and whose own page is still to be read.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Topics {
    known: Option<String>,
    newest: Option<String>,
    page: u64,
    /// The list is through; what is queued remains.
    listed: bool,
    queue: Vec<Queued>,
    /// The topics that were listed or read last.
    shown: Vec<Shown>,
    progress: Progress,
}

/// A topic, how many of its posts the log can have, and how often it was read again for what came since.
#[derive(Debug, Serialize, Deserialize)]
struct Shown(u64, u64, u32);

/// So many of them are remembered, and read again so often.
const SHOWN: usize = 400;
const AGAIN: u32 = 8;

impl Topics {
    fn show(&mut self, topic: u64, posts: u64) {
        let times = self.shown.iter().find(|shown| shown.0 == topic).map_or(0, |shown| shown.2);
        self.shown.retain(|shown| shown.0 != topic);
        self.shown.push(Shown(topic, posts, times));
        let surplus = self.shown.len().saturating_sub(SHOWN);
        self.shown.drain(..surplus);
    }

    /// Queues the topics of which the log holds more posts than they showed. A delivery brought them late, or while the
    /// topic was asked for: what is gone since, nobody tells a second time.
    fn recount(&mut self, held: &dyn Held) {
        for Shown(topic, posts, times) in &mut self.shown {
            let holds = of(held, *topic).count() as u64;
            if holds > *posts && *times < AGAIN {
                *times += 1;
                self.queue.push(Queued { topic: *topic, posts: Vec::new() });
            }
        }
    }
}

/// The posts of a topic that the log holds.
fn of(held: &dyn Held, topic: u64) -> impl Iterator<Item = Key> {
    let keys = held.keys(&Key::new(format!("topic/{topic}"))).into_iter();
    keys.filter(|key| key.as_str().starts_with("post/"))
}

/// A topic to be read, or, with ids, more of its posts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Queued {
    topic: u64,
    #[serde(default)]
    posts: Vec<u64>,
}

#[derive(Deserialize)]
struct Latest {
    latest_posts: Vec<Numbered>,
}

#[derive(Deserialize)]
struct Numbered {
    id: u64,
    created_at: Option<String>,
}

#[derive(Deserialize)]
struct List {
    topic_list: Inner,
}

#[derive(Deserialize)]
struct Inner {
    topics: Vec<Listed>,
    more_topics_url: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    id: u64,
    bumped_at: Option<String>,
    #[serde(default)]
    pinned: bool,
    #[serde(default)]
    has_accepted_answer: bool,
    posts_count: Option<u64>,
}

#[derive(Deserialize)]
struct Topic {
    id: u64,
    post_stream: Stream,
}

#[derive(Deserialize)]
struct Stream {
    posts: Vec<Numbered>,
    #[serde(default)]
    stream: Vec<u64>,
}

impl Live for Forum {
    fn about(&self) -> &'static LiveAbout {
        &LiveAbout {
            name: "discourse",
            title: "Discourse",
            addresses: &["https://forum.example.org"],
            token: "Public categories need none. A user's API key reads what that user may read.",
            token_env: &["RAPPORT_DISCOURSE_TOKEN"],
            limits: "serial requests with a rest between; pauses exactly as long as the forum asks (429); what is edited, deleted or restored without moving its topic is met within one round of looks, three pages of 50 posts and one of 30 topics each",
            interval: 600,
            gap_ms: 350,
        }
    }

    fn place(&self, address: &str) -> Option<Place> {
        self.hosted(address.strip_prefix("discourse:")?)
    }

    fn probe(&self, url: &str) -> Option<Ask> {
        Some(Ask::get(format!("{}/posts.json", self.hosted(url)?.base), ""))
    }

    fn is_it(&self, reply: &Reply) -> bool {
        serde_json::from_slice::<Latest>(&reply.body).is_ok()
    }

    fn hosted(&self, url: &str) -> Option<Place> {
        let url = if url.contains("://") { url.to_owned() } else { format!("https://{url}") };
        let (host, path) = web(&url)?;
        // A forum may live below a path; a link into it ends where its own pages begin.
        let inner = ["t", "c", "latest", "categories", "u", "tag"];
        let below: Vec<&str> = path.iter().map(String::as_str).take_while(|p| !inner.contains(p)).collect();
        let folder = below.iter().map(|p| format!("/{p}")).collect::<String>();
        Some(Place {
            what: format!("{host}{folder}"),
            base: format!("{}{folder}", origin(&url)?),
            token: false,
        })
    }

    fn streams(&self, _place: &Place) -> Vec<&'static str> {
        vec!["posts", "topics", OLDER]
    }

    fn next(&self, place: &Place, at: At<'_>) -> Option<Ask> {
        let At { stream, cursor, .. } = at;
        let base = &place.base;
        if stream == OLDER {
            return Some(older::next(place, at));
        }
        if stream == "posts" {
            let at: Posts = state(cursor);
            return Some(Ask::get(before(base, at.before), ""));
        }
        let at: Topics = state(cursor);
        if !at.listed {
            return Some(Ask::get(latest(base, at.page), ""));
        }
        let queued = at.queue.first()?;
        let url = if queued.posts.is_empty() {
            format!("{base}/t/{}.json", queued.topic)
        } else {
            let ids = queued.posts.iter().map(|id| format!("post_ids%5B%5D={id}")).collect::<Vec<_>>();
            format!("{base}/t/{}/posts.json?{}", queued.topic, ids.join("&"))
        };
        Some(Ask::get(url, ""))
    }

    fn turn(&self, _place: &Place, at: At<'_>, _ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        let At { stream, cursor, held } = at;
        if stream == OLDER {
            return older::turn(at, reply);
        }
        if stream == "posts" {
            return posts(state(cursor), reply);
        }
        let at: Topics = state(cursor);
        if at.listed {
            return topic(at, held, reply);
        }
        let posts: Posts = held.cursor("posts").map(|cursor| state(&cursor)).unwrap_or_default();
        list(at, held, posts.began.as_ref(), reply)
    }

    fn gone(&self, _place: &Place, at: At<'_>, _ask: &Ask) -> Option<Turn> {
        let At { stream, cursor, held } = at;
        if stream == OLDER {
            return older::gone(at);
        }
        let mut at: Topics = state(cursor);
        if stream != "topics" || !at.listed || at.queue.is_empty() {
            return None;
        }
        let gone = at.queue.remove(0);
        // A topic that the forum no longer shows was deleted, with all that was said in it.
        let whole = if gone.posts.is_empty() {
            vec![(Key::new(format!("topic/{}", gone.topic)), BTreeSet::new())]
        } else {
            Vec::new()
        };
        Some(Turn { whole, ..settled(at, held) })
    }

    fn verdict(&self, ask: &Ask, reply: &Reply, tries: u32, now: Time) -> Verdict {
        match reply.status {
            429 if reply.header("retry-after").is_none() => {
                let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
                match body["extras"]["wait_seconds"].as_i64() {
                    Some(seconds) => Verdict::Later {
                        until: now.plus_millis(seconds.clamp(0, 86_400) * 1000),
                        why: "it asks for a pause".to_owned(),
                        host: true,
                    },
                    None => manners::http(ask, reply, tries, now),
                }
            }
            // A topic that was moved to where we may not look.
            403 if ask.url.contains("/t/") => Verdict::Gone,
            _ => manners::http(ask, reply, tries, now),
        }
    }

    fn authorize(&self, token: &str) -> (&'static str, String) {
        ("api-key", token.to_owned())
    }
}

/// Posts that one request gives at most.
const WINDOW: u64 = 50;

/// The list of posts from an id down, or from the newest; a page of the list of topics.
fn before(base: &str, before: u64) -> String {
    let before = if before == 0 { String::new() } else { format!("?before={before}") };
    format!("{base}/posts.json{before}")
}

fn latest(base: &str, page: u64) -> String {
    format!("{base}/latest.json?order=activity&no_definitions=true&page={page}")
}

/// All that stands in a topic.
fn whole(topic: &Topic) -> (Key, BTreeSet<u64>) {
    let thread = Key::new(format!("topic/{}", topic.id));
    let stream = topic.post_stream.stream.iter();
    let mut seen: BTreeSet<u64> = stream.map(|id| Key::new(format!("post/{id}")).fingerprint()).collect();
    // What is said apart: one of the posts that are not given may be the solution.
    for apart in ["state", "solution"] {
        seen.insert(Key::new(format!("{thread}/{apart}")).fingerprint());
    }
    (thread, seen)
}

fn posts(mut at: Posts, reply: &Reply) -> Result<Turn, String> {
    let latest: Latest = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
    let ids = || latest.latest_posts.iter().map(|p| p.id);
    let first = latest.latest_posts.iter().max_by_key(|p| p.id);
    at.began = at.began.take().or_else(|| first.and_then(|p| p.created_at.clone()));
    at.newest = at.newest.max(ids().max().unwrap_or(0));
    at.progress.done += ids().filter(|id| *id > at.known).count() as u64;
    // An empty window is a stretch of ids that are not for us to see.
    let lowest = ids().min().unwrap_or_else(|| at.before.saturating_sub(WINDOW));
    let end = lowest <= at.known + 1 || at.newest == 0 || lowest <= 1;
    if end {
        at.known = at.known.max(at.newest);
        (at.newest, at.before) = (0, 0);
        at.progress.about = Some(at.progress.done);
    } else {
        at.before = lowest - 1;
        at.progress.about = Some(at.progress.done + at.before.saturating_sub(at.known));
    }
    let item = Some("live/posts.json".to_owned());
    Ok(Turn { cursor: value(&at), item, end, progress: at.progress, ..Turn::default() })
}

fn list(mut at: Topics, held: &dyn Held, began: Option<&String>, reply: &Reply) -> Result<Turn, String> {
    let list: List = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
    let topics = list.topic_list.topics;
    let known = at.known.clone();
    let is_new = |t: &&Listed| known.is_none() || t.bumped_at >= known;
    for t in topics.iter().filter(is_new) {
        at.newest = at.newest.take().max(t.bumped_at.clone());
        // The first round has the posts from their own list: only a solution, and what changed since, stand nowhere else.
        let since = began.is_some() && t.bumped_at.as_ref() >= began;
        let wanted = Queued { topic: t.id, posts: Vec::new() };
        if (known.is_some() || since || t.has_accepted_answer) && !at.queue.contains(&wanted) {
            at.shown.iter_mut().filter(|shown| shown.0 == t.id).for_each(|shown| shown.2 = 0);
            at.queue.push(wanted);
        } else if let Some(posts) = t.posts_count {
            at.show(t.id, posts);
        }
    }
    let met = topics.iter().any(|t| !t.pinned && !is_new(&t));
    if met || topics.is_empty() || list.topic_list.more_topics_url.is_none() {
        (at.listed, at.page) = (true, 0);
    } else {
        at.page += 1;
    }
    Ok(Turn { item: Some("live/latest.json".to_owned()), ..settled(at, held) })
}

fn topic(mut at: Topics, held: &dyn Held, reply: &Reply) -> Result<Turn, String> {
    let topic: Topic = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
    let queued = if at.queue.is_empty() { return Ok(settled(at, held)) } else { at.queue.remove(0) };
    let mut told = Vec::new();
    if queued.posts.is_empty() {
        told.push(whole(&topic));
        let stream = topic.post_stream.stream;
        // A long topic's newest posts, where edits happen, stand on another page.
        let given: Vec<u64> = topic.post_stream.posts.iter().map(|p| p.id).collect();
        let known: BTreeSet<Key> = of(held, topic.id).collect();
        let can =
            stream.iter().filter(|id| given.contains(id) || known.contains(&Key::new(format!("post/{id}"))));
        at.show(topic.id, can.count() as u64);
        let last: Vec<u64> = stream.iter().rev().take(20).copied().filter(|id| !given.contains(id)).collect();
        if !last.is_empty() {
            at.queue.insert(0, Queued { topic: topic.id, posts: last });
        }
    }
    let item = Some("live/topic.json".to_owned());
    Ok(Turn { item, whole: told, ..settled(at, held) })
}

/// The cursor behind a step; the round ends when the list is through and nothing is queued.
fn settled(mut at: Topics, held: &dyn Held) -> Turn {
    if at.listed && at.queue.is_empty() {
        at.recount(held);
    }
    let end = at.listed && at.queue.is_empty();
    if end {
        at.known = at.newest.take().or(at.known);
        at.listed = false;
    }
    Turn { cursor: value(&at), end, progress: at.progress, ..Turn::default() }
}
