//! How one look goes through the channels of a workspace: each back to what was known, then one older page anew.

use std::collections::{BTreeMap, BTreeSet};

use rapport_model::Key;
use serde::{Deserialize, Serialize};

use super::PAGE;
use crate::live::github::value;
use crate::live::{Ask, Held, Progress, Turn, encoded};

/// What is younger than this behind the last look is read again: most edits, deletions and replies happen there.
const OVERLAP: u64 = 7 * 86_400;
/// So many threads of an older page are read again in one look.
const ANEW: u64 = 9;

/// How far the messages are read.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Walk {
    /// By channel: everything up to this time stamp was met.
    known: BTreeMap<String, String>,
    /// The channel that is being read; empty begins a look.
    channel: String,
    /// Go on before this time stamp; empty begins with the newest.
    before: String,
    /// The newest time stamp of this walk.
    newest: String,
    /// The new is through, the older page remains.
    older: bool,
    /// Threads of the last page that are to be read, each with where its next page begins.
    queue: Vec<(String, String)>,
    /// What comes after the queue: another page of the same channel.
    more: bool,
    again: Again,
    /// Channels of which it was said that they are not heard.
    pub(super) told: BTreeSet<String>,
    progress: Progress,
}

/// The page that is read anew.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Again {
    channel: String,
    before: String,
    /// How often all channels were gone through.
    round: u64,
}

#[derive(Deserialize)]
struct History {
    messages: Vec<Message>,
    #[serde(default)]
    has_more: bool,
    #[serde(default)]
    response_metadata: super::Metadata,
}

#[derive(Deserialize)]
struct Message {
    ts: String,
    thread_ts: Option<String>,
    #[serde(default)]
    reply_count: u64,
    latest_reply: Option<String>,
}

/// The channel behind this one, and whether there is one.
fn behind(channels: &BTreeSet<String>, id: &str) -> Option<String> {
    let from = (std::ops::Bound::Excluded(id.to_owned()), std::ops::Bound::Unbounded);
    channels.range(from).next().cloned()
}

/// A time stamp so many seconds earlier. The form stays: they are compared as text, ten digits until 2286.
fn earlier(ts: &str, seconds: u64) -> String {
    let (whole, rest) = ts.split_once('.').unwrap_or((ts, "000000"));
    whole
        .parse::<u64>()
        .map_or_else(|_| "0".to_owned(), |n| format!("{:010}.{rest}", n.saturating_sub(seconds)))
}

impl Walk {
    /// The channel that is next, or being read.
    fn here(&self, channels: &BTreeSet<String>) -> Option<String> {
        if self.older {
            let again = &self.again.channel;
            return if channels.contains(again) { Some(again.clone()) } else { channels.first().cloned() };
        }
        if channels.contains(&self.channel) {
            Some(self.channel.clone())
        } else {
            behind(channels, &self.channel)
        }
    }

    pub(super) fn ask(&self, base: &str, channels: &BTreeSet<String>) -> Option<Ask> {
        let channel = self.here(channels)?;
        if let Some((thread, next)) = self.queue.first() {
            let url = format!(
                "{base}/conversations.replies?channel={channel}&ts={}&limit={PAGE}&cursor={}",
                encoded(thread),
                encoded(next)
            );
            return Some(Ask::get(url, "conversations.replies"));
        }
        let before = if self.older { &self.again.before } else { &self.before };
        let mut url = format!("{base}/conversations.history?channel={channel}&limit={PAGE}");
        if !before.is_empty() {
            url.push_str(&format!("&latest={}", encoded(before)));
        }
        if let (false, Some(known)) = (self.older, self.known.get(&channel)) {
            url.push_str(&format!("&oldest={}", encoded(&earlier(known, OVERLAP))));
        }
        Some(Ask::get(url, "conversations.history"))
    }

    pub(super) fn turn(
        mut self,
        channels: &BTreeSet<String>,
        held: &dyn Held,
        body: &[u8],
    ) -> Result<Turn, String> {
        let page: History = serde_json::from_slice(body).map_err(|e| e.to_string())?;
        let Some(channel) = self.here(channels) else { return Ok(self.moved(channels)) };
        if !self.queue.is_empty() {
            let (thread, from) = self.queue.remove(0);
            let next = page.response_metadata.next_cursor;
            // One page that is the whole thread tells what is missing from it.
            let whole = from.is_empty() && next.is_empty() && !page.has_more;
            if !next.is_empty() {
                self.queue.insert(0, (thread.clone(), next));
            }
            let kind = if whole { "thread" } else { "replies" };
            let turn = self.moved(channels);
            return Ok(Turn { item: Some(format!("live/{kind}/{channel}/{thread}.json")), ..turn });
        }
        let key = |ts: &str| Key::new(format!("{channel}/{ts}"));
        let oldest = page.messages.iter().map(|m| &m.ts).min().cloned();
        let newest = page.messages.iter().map(|m| &m.ts).max().cloned();
        let here: BTreeSet<Key> = page.messages.iter().map(|m| key(&m.ts)).collect();
        // What began in this stretch and is not shown any more was deleted.
        let mut whole = Vec::new();
        if let Some(first) = &oldest {
            let before = if self.older { &self.again.before } else { &self.before };
            let end = key(if before.is_empty() { "9999999999.999999" } else { before });
            let gone = held.threads(&key(first), &end).into_iter().filter(|k| !here.contains(k) && *k != end);
            whole.extend(gone.map(|thread| (thread, BTreeSet::new())));
        }
        let opening = |m: &&Message| m.thread_ts.as_ref().is_none_or(|t| *t == m.ts);
        let threads: Vec<&Message> = page.messages.iter().filter(opening).collect();
        let answered = threads.iter().filter(|m| m.reply_count > 0).count() as u64;
        let stride = answered.div_ceil(ANEW).max(1);
        for m in threads {
            let keys = held.keys(&key(&m.ts));
            let replies =
                keys.iter().filter(|k| !k.as_str().contains("/r/") && **k != key(&m.ts)).count() as u64;
            let newest_in = m.latest_reply.as_ref().is_none_or(|ts| keys.contains(&key(ts)));
            let its_turn = self.older
                && m.reply_count > 0
                && key(&m.ts).fingerprint() % stride == self.again.round % stride;
            if replies != m.reply_count || !newest_in || its_turn {
                self.queue.push((m.ts.clone(), String::new()));
            }
        }
        self.more = page.has_more && oldest.is_some();
        if self.older {
            self.again.channel.clone_from(&channel);
            self.again.before = oldest.unwrap_or_default();
        } else {
            self.progress.done += page.messages.len() as u64;
            self.channel.clone_from(&channel);
            self.before = oldest.unwrap_or_default();
            self.newest = std::mem::take(&mut self.newest).max(newest.unwrap_or_default());
        }
        let turn = self.moved(channels);
        Ok(Turn { item: Some(format!("live/history/{channel}.json")), whole, ..turn })
    }

    /// What was asked for is not there (any more), or not for us: the next one.
    pub(super) fn passed_over(mut self, channels: &BTreeSet<String>) -> Turn {
        if self.queue.is_empty() {
            self.more = false;
            if let Some(here) = self.here(channels) {
                if self.older { self.again.channel = here } else { self.channel = here }
            }
        } else {
            self.queue.remove(0);
        }
        self.moved(channels)
    }

    /// The cursor behind a step.
    fn moved(mut self, channels: &BTreeSet<String>) -> Turn {
        let mut end = false;
        if self.queue.is_empty() && !self.more {
            if self.older {
                // One page a look, around and around.
                self.again.before.clear();
                let next = behind(channels, &self.again.channel);
                self.again.round += u64::from(next.is_none());
                self.again.channel = next.or_else(|| channels.first().cloned()).unwrap_or_default();
                end = true;
            } else {
                if !self.newest.is_empty() {
                    self.known.insert(self.channel.clone(), std::mem::take(&mut self.newest));
                }
                self.before.clear();
                match behind(channels, &self.channel) {
                    Some(next) => self.channel = next,
                    None => {
                        self.channel.clear();
                        self.older = true;
                    }
                }
            }
        } else if self.queue.is_empty() && self.older {
            end = true; // the next page is for the next look
        }
        if end {
            (self.older, self.more) = (false, false);
        }
        if channels.is_empty() {
            end = true;
        }
        Turn { cursor: value(&self), end, progress: self.progress, ..Turn::default() }
    }
}
