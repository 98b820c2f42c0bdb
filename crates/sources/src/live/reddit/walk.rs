//! How far a walk through a community is, and what each kind of reply moves.

use std::collections::{BTreeMap, BTreeSet};

use rapport_model::Key;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::github::{state, value};
use super::super::{At, Progress, Turn};
use super::{COMMENTS, PAGE, POSTS, THREADS, gaps};
use crate::connectors::reddit::{LIST, is_gone, is_id, key};

/// Requests with which one look reads what is older anew, at least.
const PAGES: u64 = 3;
/// A round of what is older takes at most so many looks.
const LOOKS: u64 = 24;
/// Requests for the rest of one tree, at most.
const STEPS: u32 = 500;
/// Names at which a list may be gone on with, when the last one was deleted meanwhile.
const ANCHORS: usize = 5;
/// How often one look begins a list again.
const AGAIN: u64 = 3;
/// A list ends with its newest thousand.
const TOLD: u64 = 1_000;
/// Threads of which it is remembered how many comments are counted and never shown.
const REMEMBERED: usize = 2_000;

/// How far one stream is.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Walk {
    /// Everything up to this id is in.
    known: Option<String>,
    /// The newest of the walk that is under way.
    newest: Option<String>,
    /// The last names of the page before; the list goes on after the last of them.
    pub(super) anchors: Vec<String>,
    /// The list is through; what is queued remains.
    listed: bool,
    /// The list ended, as lists of Reddit do, before its beginning.
    pub(super) short: bool,
    /// Entries of this walk.
    entries: u64,
    /// How often the list of comments ended before what was known; for the threads: up to which of these they were compared.
    pub(super) gaps: u64,
    /// The gap for which this comparison goes on.
    aim: u64,
    /// Requests of this look.
    pages: u64,
    /// Posts whose tree is to be read.
    pub(super) queue: Vec<String>,
    /// What of a tree is still to be read.
    pub(super) stubs: Vec<Stub>,
    steps: u32,
    /// Comments that a thread counts and never shows, by its post.
    unshown: BTreeMap<String, u64>,
    /// The last name of the round that was read anew.
    position: String,
    /// Names of this round, and of the one before.
    walked: u64,
    total: u64,
    progress: Progress,
}

/// What stands for the rest of a tree.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stub {
    /// The comments of these ids under a post.
    Children(String, Vec<String>),
    /// What answers this comment.
    Under(String, String),
}

/// Ids are numbers: a longer one is a later one.
fn later(a: &str, b: &str) -> bool {
    (a.len(), a) > (b.len(), b)
}

/// The things of a reply, whichever of its shapes it has.
pub(super) fn children(told: &Value) -> Option<Vec<&Value>> {
    let list = |listing: &'_ Value| listing["data"]["children"].is_array();
    if let Some(both) = told.as_array() {
        let all = both.iter().filter(|l| list(l)).flat_map(|l| l["data"]["children"].as_array()).flatten();
        return Some(all.collect());
    }
    let things = told["json"]["data"]["things"].as_array().or(told["data"]["children"].as_array());
    // `errors` without things: the comments are gone meanwhile.
    things.map(|things| things.iter().collect()).or_else(|| told["json"].is_object().then(Vec::new))
}

fn id(thing: &Value) -> Option<&str> {
    thing["data"]["id"].as_str().filter(|id| is_id(id))
}

fn name(thing: &Value) -> Option<String> {
    let kind = thing["kind"].as_str().filter(|kind| matches!(*kind, "t1" | "t3"))?;
    Some(format!("{kind}_{}", id(thing)?))
}

/// The post that a comment stands under.
fn post(thing: &Value) -> Option<&str> {
    thing["data"]["link_id"].as_str()?.strip_prefix("t3_").filter(|id| is_id(id))
}

/// Whether the log has the post itself.
fn is_held(at: At<'_>, post: &str) -> bool {
    let own = key(&format!("t3_{post}"));
    at.held.keys(&own).contains(&own)
}

/// How many comments of a post stand in the log.
fn held(at: At<'_>, post: &str) -> u64 {
    let own = key(&format!("t3_{post}"));
    at.held.keys(&own).iter().filter(|k| **k != own).count() as u64
}

impl Walk {
    fn want(&mut self, post: &str) {
        if !self.queue.iter().any(|queued| queued == post) {
            self.queue.push(post.to_owned());
        }
    }

    fn remember(&mut self, post: &str, unshown: u64) {
        if unshown == 0 {
            self.unshown.remove(post);
            return;
        }
        self.unshown.insert(post.to_owned(), unshown);
        if self.unshown.len() > REMEMBERED {
            self.unshown.pop_first();
        }
    }

    /// The next names of the round: in order of name, from the first again behind the last.
    pub(super) fn round(&self, at: At<'_>) -> Vec<String> {
        let end = Key::new("t9");
        let from = |name: &str| -> Vec<String> {
            let found = at.held.between(&Key::new(name), &end, "");
            found.into_iter().take(PAGE).map(|(key, _)| key.as_str().to_owned()).collect()
        };
        let rest = from(&format!("{}!", self.position));
        if rest.is_empty() && !self.position.is_empty() { from("!") } else { rest }
    }
}

/// A page of the newest posts or comments.
pub(super) fn listed(mut walk: Walk, at: At<'_>, things: &[&Value], after: bool) -> Turn {
    if walk.anchors.is_empty() {
        (walk.aim, walk.entries) = (gaps(at), 0);
    }
    if things.is_empty() && !walk.anchors.is_empty() && walk.pages < AGAIN {
        // The entry after which the list was to go on is gone, and the list with it: one before it may stand, and where
        // none of them does the walk begins again at the top.
        walk.anchors.pop();
        walk.pages += u64::from(walk.anchors.is_empty());
        return settled(walk, false);
    }
    let first = walk.known.is_none();
    for thing in things {
        let Some(own) = id(thing) else { continue };
        let new = walk.known.as_ref().is_none_or(|known| later(own, known));
        let counted = thing["data"]["num_comments"].as_u64().unwrap_or(0);
        match at.stream {
            THREADS if counted != held(at, own) => walk.want(own),
            COMMENTS if new && !first => {
                if let Some(post) = post(thing).filter(|post| !is_held(at, post)) {
                    walk.want(post);
                }
            }
            _ => {}
        }
        walk.progress.done += u64::from(new && at.stream != THREADS);
    }
    walk.entries += things.len() as u64;
    let ids = || things.iter().filter_map(|thing| id(thing));
    let lowest = ids().reduce(|a, b| if later(a, b) { b } else { a }).map(str::to_owned);
    let highest = ids().reduce(|a, b| if later(b, a) { b } else { a }).map(str::to_owned);
    if walk.newest.is_none() {
        walk.newest = highest;
    }
    let met = walk.known.as_ref().zip(lowest.as_ref()).is_some_and(|(known, low)| !later(low, known));
    let met = met && at.stream != THREADS;
    let names: Vec<String> = things.iter().filter_map(|thing| name(thing)).collect();
    let more = after && !names.is_empty();
    walk.listed = met || !more;
    if walk.listed {
        let whole = met || walk.entries < TOLD - PAGE as u64;
        match at.stream {
            POSTS => walk.short |= !whole,
            // The first look has no more of the comments than the list tells.
            COMMENTS if !met => walk.gaps += 1,
            THREADS => walk.gaps = walk.aim,
            _ => {}
        }
        if at.stream != THREADS {
            walk.known = walk.newest.take().or(walk.known);
        }
        walk.anchors.clear();
    } else {
        walk.anchors = names[names.len().saturating_sub(ANCHORS)..].to_vec();
    }
    settled(walk, at.stream != THREADS)
}

/// What a page of a tree holds: comments that are shown, comments that stand, and stubs.
struct Shown {
    standing: u64,
    stubs: Vec<Stub>,
}

fn shown(things: &[&Value], post: &str, asked: &BTreeSet<String>, out: &mut Shown) {
    for thing in things {
        let data = &thing["data"];
        match thing["kind"].as_str() {
            Some("t1") => {
                out.standing += u64::from(!is_gone(data));
                if let Some(answers) = data["replies"]["data"]["children"].as_array() {
                    shown(&answers.iter().collect::<Vec<_>>(), post, asked, out);
                }
            }
            Some("more") => {
                let ids = data["children"].as_array().into_iter().flatten().filter_map(Value::as_str);
                let ids: Vec<String> =
                    ids.filter(|id| is_id(id) && !asked.contains(*id)).map(str::to_owned).collect();
                let under = data["parent_id"].as_str().and_then(|name| name.strip_prefix("t1_"));
                // Where a branch is too deep the stub names nothing but what it hangs on.
                match under.filter(|id| ids.is_empty() && is_id(id) && !asked.contains(*id)) {
                    Some(id) => out.stubs.push(Stub::Under(post.to_owned(), id.to_owned())),
                    None if !ids.is_empty() => out.stubs.push(Stub::Children(post.to_owned(), ids)),
                    None => {}
                }
            }
            _ => {}
        }
    }
}

/// A tree, or a part of it.
pub(super) fn tree(mut walk: Walk, things: &[&Value]) -> Turn {
    let mut found = Shown { standing: 0, stubs: Vec::new() };
    match walk.stubs.pop() {
        Some(Stub::Children(post, mut ids)) => {
            let asked: BTreeSet<String> = ids.drain(..ids.len().min(PAGE)).collect();
            if !ids.is_empty() {
                walk.stubs.push(Stub::Children(post.clone(), ids));
            }
            shown(things, &post, &asked, &mut found);
        }
        Some(Stub::Under(post, id)) => shown(things, &post, &BTreeSet::from([id]), &mut found),
        None => {
            let post = walk.queue.remove(0);
            walk.steps = 0;
            shown(things, &post, &BTreeSet::new(), &mut found);
            let counted = things.iter().find_map(|thing| thing["data"]["num_comments"].as_u64());
            if found.stubs.is_empty() {
                walk.remember(&post, counted.unwrap_or(0).saturating_sub(found.standing));
            }
        }
    }
    walk.steps += 1;
    walk.progress.done += found.standing;
    walk.stubs.append(&mut found.stubs);
    if walk.steps > STEPS {
        walk.stubs.clear();
    }
    settled(walk, true)
}

/// What was asked for by its names.
pub(super) fn read_anew(mut walk: Walk, at: At<'_>, asked: &BTreeSet<&str>, things: &[&Value]) -> Turn {
    let compared: Walk = at.held.cursor(THREADS).map(|cursor| state(&cursor)).unwrap_or_default();
    for thing in things {
        let Some(own) = id(thing) else { continue };
        if thing["kind"] == "t3" && !is_gone(&thing["data"]) {
            let counted = thing["data"]["num_comments"].as_u64().unwrap_or(0);
            let missing = counted.saturating_sub(held(at, own));
            let usual = walk.unshown.get(own).or_else(|| compared.unshown.get(own)).copied().unwrap_or(0);
            if missing > usual {
                walk.remember(own, missing);
                walk.want(own);
            }
        } else if let Some(post) = post(thing)
            && !walk.unshown.contains_key(post)
            && !is_held(at, post)
        {
            // Of a post that is older than the list only a comment is here.
            walk.remember(post, u64::MAX);
            walk.want(post);
        }
    }
    // What is not even told as deleted is gone.
    let here: BTreeSet<String> = things.iter().filter_map(|thing| name(thing)).collect();
    let gone = asked.iter().filter(|name| !here.contains(**name)).map(|name| key(name)).collect();
    let last = asked.iter().max().copied().unwrap_or_default().to_owned();
    let again = last <= walk.position;
    if again {
        walk.walked = 0;
    }
    walk.walked += asked.len() as u64;
    walk.position = last;
    walk.progress.done = walk.walked;
    if asked.len() < PAGE {
        (walk.total, walk.position) = (walk.walked, String::new());
        walk.walked = 0;
    }
    walk.pages += 1;
    let most = PAGES.max(walk.total / (PAGE as u64 * LOOKS) + 1);
    walk.listed = walk.pages >= most || (walk.position.is_empty() && walk.total <= most * PAGE as u64);
    Turn { gone, ..settled(walk, true) }
}

/// The cursor behind a step; the look ends when the list is through and nothing is queued.
pub(super) fn settled(mut walk: Walk, read: bool) -> Turn {
    let end = walk.listed && walk.queue.is_empty() && walk.stubs.is_empty();
    if end {
        (walk.listed, walk.pages) = (false, 0);
    }
    let item = read.then(|| LIST.to_owned());
    Turn { cursor: value(&walk), item, end, progress: walk.progress, ..Turn::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ordered_as_numbers() {
        assert!(later("1000", "zzz") && later("zz1", "zz0") && !later("zz0", "zz0"));
    }
}
