//! What a forum tells nobody: a post that was deleted, restored or edited in the middle of a topic does not move it, nor does
//! closing it. With each look one older page of the list of topics and a few of the list of posts are read anew, around and
//! around. A post that the log has between a page's ends, and the page has not, may be gone: its topic is asked for, which
//! shows all that stands in it.

use std::collections::BTreeSet;

use rapport_model::Key;
use serde::{Deserialize, Serialize};

use super::{Latest, List, Posts, Topic, WINDOW, whole};
use crate::live::github::{state, value};
use crate::live::{Ask, At, Held, Place, Reply, Turn};

/// Pages of posts that one look reads anew.
const PAGES: u32 = 3;
/// So many posts are remembered that stand though the list of posts does not show them: what only a topic's own page has,
/// and the topics that are not listed.
const APART: usize = 4_000;

/// How far the walk around is.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Older {
    /// The page of the list of topics that comes next.
    page: u64,
    /// Go on with the posts below this id; 0 begins a round.
    before: u64,
    /// This look has read its page of topics, and so many pages of posts.
    listed: bool,
    pages: u32,
    /// Topics to be asked for, each with the posts that were not where they should be.
    queue: Vec<(u64, Vec<u64>)>,
    apart: Vec<u64>,
}

pub(super) fn next(place: &Place, at: At<'_>) -> Ask {
    let (older, base): (Older, _) = (state(at.cursor), &place.base);
    let url = if let Some((topic, _)) = older.queue.first() {
        format!("{base}/t/{topic}.json")
    } else if !older.listed {
        super::latest(base, older.page)
    } else {
        super::before(base, older.before)
    };
    Ask::get(url, "")
}

pub(super) fn turn(at: At<'_>, reply: &Reply) -> Result<Turn, String> {
    let mut older: Older = state(at.cursor);
    if !older.queue.is_empty() {
        let topic: Topic = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
        let (_, missing) = older.queue.remove(0);
        let stands: BTreeSet<u64> = topic.post_stream.stream.iter().copied().collect();
        older.apart.extend(missing.into_iter().filter(|id| stands.contains(id)));
        let surplus = older.apart.len().saturating_sub(APART);
        older.apart.drain(..surplus);
        let item = Some("live/topic.json".to_owned());
        return Ok(Turn { item, whole: vec![whole(&topic)], ..settled(older) });
    }
    if !older.listed {
        let list: List = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
        let more = !list.topic_list.topics.is_empty() && list.topic_list.more_topics_url.is_some();
        (older.listed, older.page) = (true, if more { older.page + 1 } else { 0 });
        return Ok(Turn { item: Some("live/latest.json".to_owned()), ..settled(older) });
    }
    let latest: Latest = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
    let shown: BTreeSet<u64> = latest.latest_posts.iter().map(|post| post.id).collect();
    let lowest = shown.first().copied().unwrap_or_else(|| older.before.saturating_sub(WINDOW));
    let through = lowest <= 1;
    let known: Posts = at.held.cursor("posts").map(|cursor| state(&cursor)).unwrap_or_default();
    let highest = if older.before > 0 { older.before } else { known.known.max(known.newest) };
    let apart: BTreeSet<u64> = older.apart.iter().copied().collect();
    for (post, topic) in held(at.held, lowest, highest) {
        if shown.contains(&post) || apart.contains(&post) {
            continue;
        }
        match older.queue.iter_mut().find(|(queued, _)| *queued == topic) {
            Some((_, missing)) => missing.push(post),
            None => older.queue.push((topic, vec![post])),
        }
    }
    older.pages += 1;
    if through {
        // One round a look is enough, also where the forum is small.
        (older.before, older.pages) = (0, PAGES);
    } else {
        older.before = lowest - 1;
    }
    Ok(Turn { item: Some("live/posts.json".to_owned()), ..settled(older) })
}

/// A topic that is not there, or not for us (any more), is gone with all that was said in it.
pub(super) fn gone(at: At<'_>) -> Option<Turn> {
    let mut older: Older = state(at.cursor);
    if older.queue.is_empty() {
        return None;
    }
    let (topic, _) = older.queue.remove(0);
    let whole = vec![(Key::new(format!("topic/{topic}")), BTreeSet::new())];
    Some(Turn { whole, ..settled(older) })
}

/// The posts that the log holds between two ids, both included, each with its topic. Keys are in the order of text, which
/// is that of numbers only among numbers of one length.
fn held(held: &dyn Held, lowest: u64, highest: u64) -> Vec<(u64, u64)> {
    let number = |key: &Key, kind: &str| key.as_str().strip_prefix(kind)?.parse::<u64>().ok();
    let mut found = Vec::new();
    let mut from = lowest.max(1);
    while from <= highest {
        let last = highest.min(10_u64.saturating_pow(from.ilog10() + 1).saturating_sub(1));
        let key = |id: u64| Key::new(format!("post/{id}"));
        let posts = held.between(&key(from), &key(last), "").into_iter();
        let posts =
            posts.filter_map(|(post, topic)| Some((number(&post, "post/")?, number(&topic, "topic/")?)));
        found.extend(posts.filter(|(post, _)| (from..=last).contains(post)));
        from = last.saturating_add(1);
    }
    found
}

/// The cursor behind a step; the look ends when it has read its pages and nothing is queued.
fn settled(mut older: Older) -> Turn {
    let end = older.listed && older.pages >= PAGES && older.queue.is_empty();
    if end {
        (older.listed, older.pages) = (false, 0);
    }
    Turn { cursor: value(&older), end, ..Turn::default() }
}
