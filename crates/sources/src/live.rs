//! Living channels: a connector says the next request from a cursor, and what a recorded reply means.
//!
//! A [`Live`] is as pure as a [`crate::Connector`]: it performs no IO, waits for nobody and knows no clock. Its replies
//! are read by the connector of the same name, as if they were the items of an archive, so that recorded replies can be
//! read again offline. [`drive`] runs one source; [`crate::transport`] alone talks to the network.

pub mod drive;
pub mod manners;
pub mod registry;

mod bluesky;
mod discord;
mod discourse;
mod events;
mod feed;
mod gitea;
mod github;
mod gitlab;
mod hackernews;
mod mastodon;
mod matrix;
pub(crate) mod mbox;
mod packages;
mod plausible;
mod reddit;
mod slack;
mod stackexchange;
mod youtube;
mod zulip;

use rapport_model::{Key, Page, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use drive::{Ended, sync};
pub use manners::{Quota, Verdict};
pub use registry::{LIVE, located, probes};

/// What is known about a living channel without asking it.
#[derive(Debug)]
pub struct LiveAbout {
    /// The connector that reads its replies, and its name here.
    pub name: &'static str,
    /// What people call the service: `GitHub`.
    pub title: &'static str,
    /// How its places are written for `add`, an example each.
    pub addresses: &'static [&'static str],
    /// What a token changes, and how to get one; empty where there is none.
    pub token: &'static str,
    /// The environment variables that may hold a token, the first that is set is used.
    pub token_env: &'static [&'static str],
    /// What the service allows and how this client keeps to it, in a sentence or two.
    pub limits: &'static str,
    /// How long `sync --watch` rests between two looks, in seconds.
    pub interval: u32,
    /// The shortest rest between two requests to the host, in milliseconds.
    pub gap_ms: u32,
}

/// One place of a living channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What the source is called behind `<connector>:`; the same as an archive of the place would be called.
    pub what: String,
    /// Where its API begins, without a slash at the end: `https://api.github.com`.
    pub base: String,
    /// A token is at hand.
    pub token: bool,
}

/// How what an owner gives (an id and a secret, `ID:SECRET`) becomes a token that soon ends. The transport does it, and
/// keeps that token in memory alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Where; one of the place's hosts.
    pub url: String,
    /// What is posted there, as a form.
    pub form: &'static str,
}

/// One request, as a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The whole address.
    pub url: String,
    /// Which of the service's limits it counts against: GitHub's `graphql`, Stack Exchange's method.
    pub bucket: String,
    /// JSON to post; a plain GET without.
    pub post: Option<String>,
    /// Ask only for what changed since the reply that the log remembers for this very address.
    pub conditional: bool,
    /// The media type wanted.
    pub accept: &'static str,
}

impl Ask {
    /// A GET for JSON.
    #[must_use]
    pub fn get(url: String, bucket: &str) -> Ask {
        Ask { url, bucket: bucket.to_owned(), post: None, conditional: false, accept: "application/json" }
    }
}

/// What came back: the status, the headers in lower case, the body without its packing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The first header of this (lower-case) name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
    /// The address that a `Link` header names for a relation.
    #[must_use]
    pub fn link(&self, rel: &str) -> Option<&str> {
        let wanted = format!("rel=\"{rel}\"");
        self.header("link")?.split(',').find_map(|part| {
            let (url, rest) = part.split_once('>')?;
            rest.contains(&wanted).then(|| url.trim().trim_start_matches('<'))
        })
    }
}

/// How far a stream has come, for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is in.
    pub done: u64,
    /// About how many there are, where the service tells.
    pub about: Option<u64>,
}

/// What the log knows, for connectors that have to ask again what looks changed.
pub trait Held {
    /// The key of the message that a thread began with.
    fn opening(&self, thread: &Key) -> Option<Key>;
    /// The keys of a thread's activities that are not deleted.
    fn keys(&self, thread: &Key) -> Vec<Key>;
    /// The threads whose keys lie between two keys, both included, in the order of text.
    fn threads(&self, from: &Key, to: &Key) -> Vec<Key>;
    /// What stands between two keys (both included, in the order of text) at web addresses that begin so: each with its
    /// thread.
    fn between(&self, from: &Key, to: &Key, url: &str) -> Vec<(Key, Key)>;
    /// The keys of the threads that began between two moments and whose opening is not deleted.
    fn opened(&self, _from: Time, _to: Time) -> Vec<Key> {
        Vec::new()
    }
    /// How far a stream has been read.
    fn cursor(&self, stream: &str) -> Option<Value>;
    /// When an activity happened, as the log has it.
    fn at(&self, _key: &Key) -> Option<Time> {
        None
    }
    /// The thread that an activity stands in.
    fn thread(&self, _activity: &Key) -> Option<Key> {
        None
    }
}

/// What a reply means for the stream that asked for it.
#[derive(Debug, Default)]
pub struct Turn {
    /// The cursor behind it. Stored with the reply's rows or not at all.
    pub cursor: Value,
    /// The name under which the connector reads the body; `None` when there is nothing to read in it.
    pub item: Option<String>,
    /// All keys of a thread that the service shows, where it says so apart from the messages: others were deleted.
    pub whole: Vec<(Key, std::collections::BTreeSet<u64>)>,
    /// What was withdrawn, where the service says so by name alone.
    pub gone: Vec<Key>,
    /// The stream has everything.
    pub end: bool,
    /// How far it is.
    pub progress: Progress,
}

/// Where a stream is, and what the log knows.
#[derive(Clone, Copy)]
pub struct At<'a> {
    /// The stream.
    pub stream: &'a str,
    /// Its cursor.
    pub cursor: &'a Value,
    /// The log.
    pub held: &'a dyn Held,
}

/// One kind of living channel.
pub trait Live: Sync {
    /// What it is.
    fn about(&self) -> &'static LiveAbout;
    /// What somebody has to agree to before a place of this kind is added; `None` where it goes without saying.
    fn terms(&self) -> Option<&'static str> {
        None
    }
    /// The place that an address names, when it is surely of this kind.
    fn place(&self, address: &str) -> Option<Place>;
    /// A question to an unknown web address, and whether the answer shows that it is of this kind.
    fn probe(&self, _url: &str) -> Option<Ask> {
        None
    }
    /// Whether the reply to [`Live::probe`] shows this kind.
    fn is_it(&self, _reply: &Reply) -> bool {
        false
    }
    /// The place at an address that the probe (or the user) says is of this kind.
    fn hosted(&self, _url: &str) -> Option<Place> {
        None
    }
    /// The streams of a place in the order to read them, each with what it holds in the plural: `issues`.
    fn streams(&self, place: &Place) -> Vec<&'static str>;
    /// The origins that it is read from; the first is the place's own, and only that one is shown a token.
    fn hosts(&self, place: &Place) -> Vec<String> {
        origin(&place.base).into_iter().collect()
    }
    /// Streams that every look reads from their beginning, and that the reader keeps in mind while it lasts: who is who, and
    /// what places are called. Nothing of them has to be stored then.
    fn directories(&self) -> &'static [&'static str] {
        &[]
    }
    /// The next request of a stream; `None` when there is nothing to ask for.
    fn next(&self, place: &Place, at: At<'_>) -> Option<Ask>;
    /// What a good reply (2xx or 304) means.
    ///
    /// # Errors
    /// When the reply is of no shape that is known, in words. The cursor stays then.
    fn turn(&self, place: &Place, at: At<'_>, ask: &Ask, reply: &Reply) -> Result<Turn, String>;
    /// What a good reply says that closes the place to us: why, and what to do about it.
    fn barred(&self, _place: &Place, _at: At<'_>, _reply: &Reply) -> Option<(String, String)> {
        None
    }
    /// What it means that what a stream asked for is not there (404, 410); `None` when the place itself is gone.
    fn gone(&self, _place: &Place, _at: At<'_>, _ask: &Ask) -> Option<Turn> {
        None
    }
    /// What a reply means for the manners. The rules of HTTP, where the service has none of its own.
    fn verdict(&self, ask: &Ask, reply: &Reply, tries: u32, now: Time) -> Verdict {
        manners::http(ask, reply, tries, now)
    }
    /// What the service says of its quota.
    fn quota(&self, reply: &Reply, now: Time) -> Option<Quota> {
        manners::quota(reply, now)
    }
    /// The header that carries the token.
    fn authorize(&self, token: &str) -> (&'static str, String) {
        ("authorization", format!("Bearer {token}"))
    }
    /// Where an id and a secret become a token; `None` where what the owner gives is the token.
    fn exchange(&self, _place: &Place) -> Option<Exchange> {
        None
    }
    /// What its numbers cannot tell when these of its streams were read; `None` where its archives lack the same.
    fn note(&self, _read: &[&str]) -> Option<&'static str> {
        None
    }
    /// What a stream does not have though it is through, in words: for people, beside its numbers.
    fn short(&self, _stream: &str, _cursor: &Value) -> Option<&'static str> {
        None
    }
    /// A query parameter that carries the token instead of a header.
    fn token_parameter(&self) -> Option<&'static str> {
        None
    }
    /// Mends what a page alone cannot know (which message began a thread).
    fn mend(&self, _page: &mut Page, _held: &dyn Held) {}
}

/// Text as a query parameter's value.
#[must_use]
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// A web address without its scheme, query and closing slash: its host and the parts of its path.
#[must_use]
pub fn web(address: &str) -> Option<(String, Vec<String>)> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let rest = rest.split(['?', '#']).next()?;
    let mut parts = rest.split('/').filter(|p| !p.is_empty()).map(str::to_owned);
    let host = parts.next()?.to_lowercase();
    Some((host, parts.collect()))
}

/// The scheme and host of a web address.
#[must_use]
pub fn origin(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    Some(format!("{scheme}://{}", rest.split(['/', '?', '#']).next()?))
}

/// Base64, for `Authorization: Basic`.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let three = [chunk[0], *chunk.get(1).unwrap_or(&0), *chunk.get(2).unwrap_or(&0)];
        let word = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        for n in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * n) & 63) as usize];
            out.push(if n <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// `owner/repo`, in the characters that such names have.
pub(crate) fn is_name(part: &str) -> bool {
    !part.is_empty()
        && part.len() <= 100
        && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        && part != "."
        && part != ".."
}
