//! How one look goes through a server: the lists, what is new in each channel and thread, archived threads, and some older
//! pages anew.
//!
//! Ids are times. Of plain channels it is kept how far each is read; of threads, of which there may be very many, one id
//! serves all: up to it everything was met, since one reply lists all that are active.

use std::collections::{BTreeMap, BTreeSet};

use rapport_model::Key;
use serde::{Deserialize, Serialize};

use crate::live::github::value;
use crate::live::{Ask, Held, Place, Progress, Turn, encoded};

/// Messages of one request at most, and archived threads.
const PAGE: usize = 100;
/// Older pages that one look reads again.
const ANEW: u64 = 10;
/// Kinds of channels that hold messages: text, voice, announcements, stage.
const TALKS: [u64; 4] = [0, 2, 5, 13];
/// Kinds that hold threads: text, announcements, forum, media.
const HOLDS: [u64; 4] = [0, 5, 15, 16];

/// Where a look is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Step {
    /// The list of channels.
    #[default]
    Channels,
    /// The list of active threads.
    Active,
    /// Archived threads, channel by channel.
    Archived,
    /// Older pages.
    Older,
}

/// A channel as it is listed.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Listed {
    id: u64,
    name: String,
    holds: bool,
    talks: bool,
    last: u64,
}

/// A channel or thread to be read from behind an id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Queued {
    id: u64,
    after: u64,
    /// Its last message as it was listed, whether or not that still stands.
    #[serde(default)]
    last: u64,
    thread: bool,
    name: String,
    parent: String,
    /// Read anew: nothing new is promised of it, and one page is enough.
    #[serde(default)]
    anew: bool,
}

/// How far the messages are read.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Walk {
    step: Step,
    channels: Vec<Listed>,
    /// Plain channels, each with the last message that was met.
    known: BTreeMap<u64, u64>,
    /// Everything in threads up to this message was met, before this look.
    threads: u64,
    /// And with it.
    newest: u64,
    queue: Vec<Queued>,
    /// The channel whose archive is being walked, by its place in the list, and before which moment.
    archive: usize,
    before: String,
    /// By channel: archived threads up to this moment were met; with `fresh`, what this walk adds to that.
    archived: BTreeMap<u64, String>,
    fresh: String,
    again: Again,
    /// Channels of which it was said that they are not for the bot.
    told: BTreeSet<u64>,
    progress: Progress,
}

/// The walk through what is older, around and around: plain channels page by page, and threads as they were met, in the
/// order of their ids.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Again {
    /// The channel being walked, by its place in the list; behind the last come the archives.
    channel: usize,
    after: u64,
    /// Its own messages are through, its archive remains.
    through: bool,
    /// In an archive: before this moment; and the threads of the page that are still to be read.
    before: String,
    threads: Vec<Queued>,
    /// The active threads had their turn up to this one.
    active: u64,
    /// Pages left for this look.
    left: u64,
}

#[derive(Deserialize)]
struct Channel {
    #[serde(deserialize_with = "id")]
    id: u64,
    #[serde(rename = "type")]
    kind: u64,
    name: Option<String>,
    #[serde(default, deserialize_with = "maybe")]
    last_message_id: Option<u64>,
    #[serde(default, deserialize_with = "maybe")]
    parent_id: Option<u64>,
    thread_metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    archive_timestamp: Option<String>,
}

#[derive(Deserialize)]
struct Threads {
    threads: Vec<Channel>,
    #[serde(default)]
    has_more: bool,
}

#[derive(Deserialize)]
struct Numbered {
    #[serde(deserialize_with = "id")]
    id: u64,
}

fn id<'d, D: serde::Deserializer<'d>>(from: D) -> Result<u64, D::Error> {
    maybe(from)?.ok_or_else(|| serde::de::Error::custom("an id is missing"))
}

fn maybe<'d, D: serde::Deserializer<'d>>(from: D) -> Result<Option<u64>, D::Error> {
    Option::<String>::deserialize(from)?
        .map(|text| text.parse().map_err(serde::de::Error::custom))
        .transpose()
}

/// A name on one line.
fn line(name: Option<&str>) -> String {
    name.unwrap_or("").replace(['\n', '\r'], " ")
}

impl Walk {
    pub(super) fn ask(&self, place: &Place) -> Ask {
        let (base, guild) = (&place.base, &place.what);
        if let Some(queued) = self.queue.first() {
            let url = format!("{base}/channels/{}/messages?limit={PAGE}&after={}", queued.id, queued.after);
            return Ask::get(url, "messages");
        }
        match self.step {
            Step::Channels => Ask::get(format!("{base}/guilds/{guild}/channels"), "channels"),
            Step::Active => Ask::get(format!("{base}/guilds/{guild}/threads/active"), "threads"),
            Step::Archived => self.archive_of(base, self.archive, &self.before),
            Step::Older => self.archive_of(base, self.again.channel, &self.again.before),
        }
    }

    fn archive_of(&self, base: &str, channel: usize, before: &str) -> Ask {
        let id = self.channels.get(channel).map_or(0, |c| c.id);
        let before = if before.is_empty() { String::new() } else { format!("&before={}", encoded(before)) };
        Ask::get(format!("{base}/channels/{id}/threads/archived/public?limit={PAGE}{before}"), "archived")
    }

    pub(super) fn turn(
        mut self,
        place: &Place,
        held: &dyn Held,
        _ask: &Ask,
        body: &[u8],
    ) -> Result<Turn, String> {
        if !self.queue.is_empty() {
            return self.messages(place, held, body);
        }
        match self.step {
            Step::Channels => {
                let listed: Vec<Channel> = serde_json::from_slice(body).map_err(|e| e.to_string())?;
                self.channels.clear();
                for c in &listed {
                    let (talks, holds) = (TALKS.contains(&c.kind), HOLDS.contains(&c.kind));
                    let name = line(c.name.as_deref());
                    let known = self.known.get(&c.id).copied().unwrap_or(0);
                    if talks && c.last_message_id.is_some_and(|last| last > known) {
                        let (name, last) = (name.clone(), c.last_message_id.unwrap_or(0));
                        self.queue.push(Queued { id: c.id, after: known, last, name, ..Queued::default() });
                    }
                    if talks || holds {
                        self.channels.push(Listed {
                            id: c.id,
                            name,
                            holds,
                            talks,
                            last: c.last_message_id.unwrap_or(0),
                        });
                    }
                }
                self.channels.sort_by_key(|c| c.id);
                self.step = Step::Active;
            }
            Step::Active => {
                let page: Threads = serde_json::from_slice(body).map_err(|e| e.to_string())?;
                self.newest = page.threads.iter().filter_map(|t| t.last_message_id).max().unwrap_or(0);
                self.newest = self.newest.max(self.threads);
                let fresh = |t: &&Channel| t.last_message_id.unwrap_or(t.id) > self.threads;
                let queued = page.threads.iter().filter(fresh).filter_map(|t| self.queued(t, false));
                let queued: Vec<Queued> = queued.collect();
                // One of the active ones anew, too.
                let mut active: Vec<Queued> =
                    page.threads.iter().filter_map(|t| self.queued(t, true)).collect();
                active.sort_by_key(|t| t.id);
                active.retain(|t| t.id > self.again.active && !queued.iter().any(|q| q.id == t.id));
                active.truncate(usize::try_from(ANEW / 2).unwrap_or(1));
                self.again.active = active.last().map_or(0, |t| t.id);
                self.again.left = ANEW - active.len() as u64;
                self.queue.extend(queued);
                self.queue.extend(active);
                (self.step, self.archive) = (Step::Archived, 0);
            }
            Step::Archived => {
                let page: Threads = serde_json::from_slice(body).map_err(|e| e.to_string())?;
                let here = self.channels.get(self.archive).map_or(0, |c| c.id);
                let met = self.archived.get(&here).cloned().unwrap_or_default();
                let mut through = !page.has_more || page.threads.is_empty();
                for thread in &page.threads {
                    let at = moment(thread);
                    through |= at <= met;
                    self.fresh = std::mem::take(&mut self.fresh).max(at.clone());
                    if at > met && thread.last_message_id.unwrap_or(thread.id) > self.threads {
                        self.queue.extend(self.queued(thread, false));
                    }
                    self.before = at;
                }
                if through {
                    self.archived.insert(here, std::mem::take(&mut self.fresh).max(met));
                    self.archive += 1;
                    self.before.clear();
                }
            }
            Step::Older => {
                let page: Threads = serde_json::from_slice(body).map_err(|e| e.to_string())?;
                self.again.left = self.again.left.saturating_sub(1);
                self.again.threads = page.threads.iter().filter_map(|t| self.queued(t, true)).collect();
                self.again.before = match page.threads.last().map(moment) {
                    Some(at) if page.has_more => at,
                    _ => String::new(),
                };
                if self.again.before.is_empty() {
                    self.again.on();
                }
            }
        }
        Ok(self.moved())
    }

    /// A public thread, to be read from what was met, or from its beginning: anew, or when it began since.
    fn queued(&self, thread: &Channel, anew: bool) -> Option<Queued> {
        let parent = thread.parent_id.and_then(|id| self.channels.iter().find(|c| c.id == id));
        // 10 and 11 are public, 12 is private.
        let parent = parent.filter(|_| matches!(thread.kind, 10 | 11))?;
        let name = line(thread.name.as_deref());
        let after = if anew || thread.id > self.threads { 0 } else { self.threads };
        Some(Queued {
            id: thread.id,
            after,
            last: thread.last_message_id.unwrap_or(0),
            thread: true,
            name,
            parent: parent.name.clone(),
            anew,
        })
    }

    /// What was said in a channel or thread.
    fn messages(mut self, place: &Place, held: &dyn Held, body: &[u8]) -> Result<Turn, String> {
        let page: Vec<Numbered> = serde_json::from_slice(body).map_err(|e| e.to_string())?;
        let queued = self.queue.remove(0);
        let ids: BTreeSet<u64> = page.iter().map(|m| m.id).collect();
        let last = ids.last().copied().unwrap_or(queued.after);
        let full = page.len() >= PAGE;
        let whole = missing(place, held, &queued, &ids, full);
        if !queued.anew {
            self.progress.done += page.len() as u64;
            if !queued.thread {
                self.known.insert(queued.id, last);
            }
        } else if !queued.thread {
            // A page of a plain channel; the next one has its turn next.
            self.again.after = if full { last } else { 0 };
            self.again.through = !full;
        }
        if full && (!queued.anew || queued.thread) {
            self.queue.insert(0, Queued { after: last, ..queued.clone() });
        }
        let item = format!(
            "live/messages/{}/{}/{}\n{}\n{}",
            queued.id,
            if queued.thread { "thread" } else { "channel" },
            if queued.after == 0 { "first" } else { "later" },
            queued.name,
            queued.parent
        );
        Ok(Turn { item: Some(item), whole, ..self.moved() })
    }

    /// What was asked for is not there, or not for the bot: the next one. A channel that is not for it is told once.
    pub(super) fn passed_over(mut self) -> Turn {
        let mut item = None;
        if self.queue.is_empty() {
            if self.step == Step::Older {
                self.again.on();
                self.again.left = self.again.left.saturating_sub(1);
            } else {
                self.archive += 1;
                self.before.clear();
                self.fresh.clear();
            }
        } else {
            let queued = self.queue.remove(0);
            if !queued.thread && self.told.insert(queued.id) {
                item = Some(format!("live/unheard\n{}", queued.name));
            }
            if !queued.thread && queued.anew {
                (self.again.after, self.again.through) = (0, true);
            }
        }
        Turn { item, ..self.moved() }
    }

    /// The cursor behind a step: what comes next is found here, and whether the look is over.
    fn moved(mut self) -> Turn {
        if self.step == Step::Archived && self.queue.is_empty() {
            while self.channels.get(self.archive).is_some_and(|c| !c.holds) {
                self.archive += 1;
            }
            if self.archive >= self.channels.len() {
                self.step = Step::Older;
                self.threads = self.threads.max(std::mem::take(&mut self.newest));
            }
        }
        let end = self.step == Step::Older && self.queue.is_empty() && !self.older();
        if end {
            self.step = Step::Channels;
        }
        Turn { cursor: value(&self), end, progress: self.progress, ..Turn::default() }
    }

    /// Queues the next older page, or leaves a list to be asked for; whether there is one for this look.
    fn older(&mut self) -> bool {
        if self.again.left == 0 || self.channels.is_empty() {
            return false;
        }
        if !self.again.threads.is_empty() {
            self.again.left -= 1;
            let next = self.again.threads.remove(0);
            self.queue.push(next);
            return true;
        }
        let Some(here) = self.channels.get(self.again.channel).cloned() else {
            // Once around: the next look begins again.
            self.again.channel = 0;
            return false;
        };
        // Its own messages first; when they are through, its archive.
        if here.talks && self.known.contains_key(&here.id) && !self.again.through {
            self.again.left -= 1;
            self.queue.push(Queued {
                id: here.id,
                after: self.again.after,
                last: here.last,
                name: here.name,
                anew: true,
                ..Queued::default()
            });
            return true;
        }
        if here.holds {
            return true; // its archive is asked for
        }
        self.again.on();
        self.older()
    }
}

impl Again {
    /// The next channel.
    fn on(&mut self) {
        self.channel += 1;
        (self.after, self.through) = (0, false);
        self.before.clear();
    }
}

fn moment(thread: &Channel) -> String {
    thread.thread_metadata.as_ref().and_then(|m| m.archive_timestamp.clone()).unwrap_or_default()
}

/// What the log has of this stretch of this channel, and the reply has not, was deleted.
fn missing(
    place: &Place,
    held: &dyn Held,
    queued: &Queued,
    ids: &BTreeSet<u64>,
    full: bool,
) -> Vec<(Key, BTreeSet<u64>)> {
    let key = |id: u64| Key::new(format!("message/{id}"));
    if queued.after == 0 && !queued.anew {
        return Vec::new(); // read for the first time: the log has none of it
    }
    // Ids are compared as text, so both ends have the same number of digits.
    let Some((first, newest)) = ids.first().zip(ids.last()) else { return Vec::new() };
    let last = if full { *newest } else { queued.last.max(*newest) };
    let begins = if queued.thread { queued.id.max(queued.after.saturating_add(1)) } else { *first };
    let digits = |n: u64| n.checked_ilog10();
    let first = if digits(begins) == digits(*first) { begins.min(*first) } else { *first };
    if digits(first) != digits(last) {
        return Vec::new();
    }
    let at = format!("https://discord.com/channels/{}/{}/", place.what, queued.id);
    let mut gone: BTreeMap<Key, Vec<Key>> = BTreeMap::new();
    let here: BTreeSet<Key> = ids.iter().map(|id| key(*id)).collect();
    for (said, thread) in held.between(&key(first), &key(last), &at) {
        if !here.contains(&said) && !said.as_str().contains("/r/") {
            gone.entry(thread).or_default().push(said);
        }
    }
    let seen = |thread: &Key, gone: &[Key]| {
        let of_gone = |k: &Key| gone.iter().any(|g| k == g || k.as_str().starts_with(&format!("{g}/")));
        let stays = held.keys(thread).into_iter().filter(|k| !of_gone(k));
        stays.chain(here.iter().cloned()).map(|k| k.fingerprint()).collect()
    };
    gone.iter().map(|(thread, keys)| (thread.clone(), seen(thread, keys))).collect()
}
