//! Threads whose comments the service counts otherwise than the log: each is asked for as a whole, and what the log has
//! beyond it was deleted. A long one comes in pages, the last first, for a deletion meanwhile pulls the rest towards us;
//! each page speaks for itself of the comments from its first on to the page that was read before.

use rapport_model::Key;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Walk, state, value};
use crate::live::{Ask, At, Held, Reply, Turn};

/// How many changed threads are remembered, to see whether comments went missing.
const WATCHED: usize = 400;

/// A thread as it was listed: its key, how many comments the service counted, and its last change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::live) struct Watched(String, u64, #[serde(default)] String);

/// Remembers how many comments a listed thread has, and forgets the oldest of too many.
pub(in crate::live) fn watch(watched: &mut Vec<Watched>, key: String, comments: u64, changed: Option<&str>) {
    watched.retain(|other| other.0 != key);
    watched.push(Watched(key, comments, changed.unwrap_or_default().to_owned()));
    let surplus = watched.len().saturating_sub(WATCHED);
    watched.drain(..surplus);
}

/// A thread whose comments were asked for: its key, its count and last change as it was listed then, how many there
/// were, and how often they were asked for since that change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Recounted(String, u64, #[serde(default)] String, #[serde(default)] u64, #[serde(default)] u32);

/// So often a thread is asked for that did not change: what the log holds beyond its list may be kept on purpose.
const AGAIN: u32 = 8;

impl Recounted {
    /// Whether asking once more would bring nothing: the thread is as it was, and since then no delivery brought back what
    /// had been deleted before. One that comes late, or while its thread is asked for, does that.
    fn settles(&self, listed: &Watched, holds: u64) -> bool {
        let Watched(thread, count, changed) = listed;
        (&self.0, &self.1, &self.2) == (thread, count, changed) && (holds <= self.3 || self.4 >= AGAIN)
    }
}

/// A long thread that is being read, from its last page to its first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Reading {
    /// As it was listed.
    listed: Watched,
    /// The page that comes next.
    page: u64,
    /// Of the comments from this one on the pages before have spoken; none yet without.
    from: Option<u64>,
    /// How many they showed.
    shown: u64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Recounts {
    tried: Vec<Recounted>,
    reading: Option<Reading>,
}

#[derive(Deserialize)]
struct Comment {
    id: u64,
}

/// The first changed thread of which the log holds more or fewer comments than the service counts, and the page to ask
/// for; all are on one where the service has no pages.
pub(in crate::live) fn missing(
    cursor: &Value,
    held: &dyn Held,
    per_page: Option<u64>,
) -> Option<(String, u64)> {
    let state: Recounts = state(cursor);
    if let Some(reading) = state.reading {
        return Some((reading.listed.0, reading.page));
    }
    let issues: Walk = super::state(&held.cursor("issues")?);
    let unequal = issues.watched.into_iter().find(|listed| {
        let Watched(thread, count, _) = listed;
        let holds = comments(held, thread).count() as u64;
        holds != *count && !state.tried.iter().any(|t| t.settles(listed, holds))
    });
    unequal.map(|Watched(thread, count, _)| {
        let last = per_page.map_or(1, |per_page| count.div_ceil(per_page).max(1));
        (thread, last)
    })
}

/// The comments of a thread that the log holds.
fn comments(held: &dyn Held, thread: &str) -> impl Iterator<Item = Key> + use<> {
    let prefix = format!("{thread}/c/");
    held.keys(&Key::new(thread)).into_iter().filter(move |key| key.as_str().starts_with(&prefix))
}

/// A page of the comments of the thread that was asked about, or all of them: what the log has beyond them was deleted.
///
/// Which thread that was stands in the request: the log may have gone on since, and another one be missing something now.
/// A reply that is none (the thread went away) ends it, and nothing is said.
pub(in crate::live) fn recounted(at: At<'_>, ask: &Ask, reply: &Reply) -> Turn {
    let mut state: Recounts = state(at.cursor);
    let unchanged = || Turn { cursor: at.cursor.clone(), ..Turn::default() };
    let (url, query) = ask.url.split_once('?').unwrap_or((&ask.url, ""));
    let page = query.split('&').find_map(|part| part.strip_prefix("page=")?.parse().ok()).unwrap_or(1_u64);
    let Some(number) = url.strip_suffix("/comments").and_then(|url| url.rsplit('/').next()) else {
        return unchanged();
    };
    let is_asked = |listed: &Watched| listed.0.rsplit('/').next() == Some(number);
    let began = state.reading.take().filter(|reading| is_asked(&reading.listed) && reading.page == page);
    let first = || {
        let issues: Walk = at.held.cursor("issues").map(|cursor| super::state(&cursor)).unwrap_or_default();
        let listed = issues.watched.into_iter().find(is_asked)?;
        Some(Reading { listed, page, ..Reading::default() })
    };
    let Some(mut reading) = began.or_else(first) else { return unchanged() };
    let told: Vec<Comment> = serde_json::from_slice(&reply.body).unwrap_or_default();
    let ids = || told.iter().map(|c| c.id);
    let thread = Key::new(&reading.listed.0);
    let prefix = format!("{thread}/c/");
    let mut whole = Vec::new();
    if reply.status != 0 {
        let more = reply.link("next").is_some();
        let low = if page > 1 { ids().min() } else { Some(0) };
        // Behind the last page nothing stands, unless it is the last no more.
        let high = reading.from.or(if more { ids().max().map(|id| id + 1) } else { Some(u64::MAX) });
        if let (Some(low), Some(high)) = (low, high) {
            let of_a_page = page > 1 || reading.from.is_some() || more;
            let speaks = |key: &Key| match key.as_str().strip_prefix(&prefix).and_then(|id| id.parse().ok()) {
                Some(id) => (low..high).contains(&id),
                // An archive's comments have no number: only a list of all of them says that one is gone.
                None => !of_a_page,
            };
            let others = comments(at.held, thread.as_str()).filter(|key| !speaks(key));
            let here = ids().map(|id| Key::new(format!("{prefix}{id}")));
            whole.push((thread, here.chain(others).map(|key| key.fingerprint()).collect()));
            reading.from = Some(low);
        }
        reading.shown += told.len() as u64;
    }
    if reply.status != 0 && page > 1 {
        state.reading = Some(Reading { page: page - 1, ..reading });
    } else {
        let Watched(thread, count, changed) = reading.listed;
        let before = state.tried.iter().find(|t| (&t.0, &t.1, &t.2) == (&thread, &count, &changed));
        let times = before.map_or(1, |t| t.4 + 1);
        state.tried.retain(|other| other.0 != thread);
        state.tried.push(Recounted(thread, count, changed, reading.shown, times));
        let surplus = state.tried.len().saturating_sub(2 * WATCHED);
        state.tried.drain(..surplus);
    }
    Turn { cursor: value(&state), whole, ..Turn::default() }
}
