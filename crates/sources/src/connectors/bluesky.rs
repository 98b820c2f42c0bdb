//! Bluesky: posts as the AppView shows them (search, an author's feed, a thread). The app has
//! no edits. Whoever asks to be shown only to people with an account is left out.

use std::io::BufRead;

use rapport_model::{Act, Activity, Key, Place, ThreadFacts, ThreadKind, ThreadRef, Time, Who};
use serde::Deserialize;
use serde_json::Value;

use crate::contract::{
    About, Connector, Detected, Item, Out, Peek, Plan, Reader, Record, Reject, Unreadable, go_on,
};
use crate::scan::Elements;

/// The connector.
pub(crate) struct Bluesky;

/// How the replies of the living service are called.
pub(crate) const LIST: &str = "live/posts.json";
pub(crate) const THREAD: &str = "live/thread";

impl Connector for Bluesky {
    fn about(&self) -> &'static About {
        &About {
            name: "bluesky",
            reads: "Bluesky: posts that hold words or a tag, or an author's own, with their threads",
            how_to_get: "rapport add 'bluesky:#tag' --agree; or save https://api.bsky.app/xrpc/app.bsky.feed.searchPosts?q=WORDS&limit=100 as a JSON file.",
            terms: "each author's own",
            limits: "only what the search finds, which is not everything; authors who are shown only to people with an account are left out",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        let mut json = peek.items().iter().filter(|n| n.ends_with(".json")).take(20);
        json.find_map(|name| {
            let head = String::from_utf8_lossy(&peek.head(name, 256 * 1024)).into_owned();
            let marks = ["\"at://did:", "/app.bsky.feed.post/", "\"indexedAt\"", "\"record\""];
            let why = format!("{name} holds posts of Bluesky");
            let what = peek.name().strip_suffix(".json").unwrap_or(peek.name()).to_owned();
            marks.iter().all(|mark| head.contains(mark)).then_some(Detected { sure: 95, what, why })
        })
    }

    fn reader(&self, what: &str) -> Box<dyn Reader> {
        let container = Some(what.to_owned()).filter(|what| what.starts_with(['#', '@']));
        Box::new(Posts { place: Place::new("bluesky"), container })
    }
}

struct Posts {
    place: Place,
    container: Option<String>,
}

/// A post, as far as it is read.
#[derive(Deserialize)]
pub(crate) struct Post {
    pub(crate) uri: String,
    #[serde(rename = "indexedAt")]
    indexed: Option<String>,
    #[serde(rename = "replyCount", default)]
    pub(crate) replies: u64,
    author: Option<Author>,
    #[serde(default)]
    record: Value,
}

#[derive(Deserialize)]
struct Author {
    did: String,
    handle: Option<String>,
    #[serde(rename = "displayName")]
    name: Option<String>,
    #[serde(default)]
    labels: Vec<Value>,
}

impl Author {
    fn is(&self, label: &str) -> bool {
        self.labels.iter().any(|l| l["val"] == label && l["neg"] != true)
    }
}

impl Post {
    /// The post that began the thread, when this one answers.
    pub(crate) fn root(&self) -> Option<&str> {
        self.record["reply"]["root"]["uri"].as_str()
    }
    /// Whether its author is for everybody to see.
    pub(crate) fn is_ours(&self) -> bool {
        self.author.as_ref().is_none_or(|author| !author.is("!no-unauthenticated"))
    }
    /// When it was written, as its client says, but not later than the service first saw it.
    pub(crate) fn at(&self) -> Option<Time> {
        let told = |text: Option<&str>| text.and_then(|text| Time::parse(text).ok());
        let (written, seen) = (told(self.record["createdAt"].as_str()), told(self.indexed.as_deref()));
        match (written, seen) {
            (Some(written), Some(seen)) => Some(written.min(seen)),
            (written, seen) => written.or(seen),
        }
    }
}

/// `at://did:plc:x/app.bsky.feed.post/3k` -> (`did:plc:x`, `3k`)
pub(crate) fn parts(uri: &str) -> Option<(&str, &str)> {
    let (did, rest) = uri.strip_prefix("at://")?.split_once('/')?;
    let name = rest.strip_prefix("app.bsky.feed.post/")?;
    let plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:~%".contains(&b))
    };
    (plain(did) && plain(name)).then_some((did, name))
}

pub(crate) fn key(uri: &str) -> Option<Key> {
    let (did, name) = parts(uri)?;
    Some(Key::new(format!("post/{did}/{name}")))
}

/// The posts of a thread, from its first on, and those that are there but not for us to see.
pub(crate) fn posts(thread: &Value) -> (Vec<&Value>, Vec<&str>) {
    let (mut found, mut hidden) = (Vec::new(), Vec::new());
    let mut open = vec![thread];
    while let Some(node) = open.pop() {
        if node["post"].is_object() {
            found.push(&node["post"]);
        } else if node["blocked"] == true {
            hidden.extend(node["uri"].as_str());
        }
        open.extend(node["replies"].as_array().into_iter().flatten().rev());
    }
    (found, hidden)
}

impl Reader for Posts {
    fn plan(&self, name: &str) -> Plan {
        if name.ends_with(".json") || name == THREAD { Plan::Read(0) } else { Plan::Skip }
    }

    fn read(&mut self, item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        if item.name == THREAD {
            let shape =
                |e: serde_json::Error| Unreadable::Shape { at: "the thread".to_owned(), why: e.to_string() };
            let thread: Value = serde_json::from_reader(body).map_err(shape)?;
            for (n, post) in posts(&thread["thread"]).0.into_iter().enumerate() {
                let bytes = post.to_string();
                self.tell(&format!("post {}", n + 1), bytes.as_bytes(), bytes.as_bytes(), out)?;
            }
            return Ok(());
        }
        let mut elements = Elements::new(body, &["posts[]", "feed[]"]);
        loop {
            let (bytes, at, feed) = match elements.next()? {
                Some(element) => (element.bytes.to_vec(), element.at(), element.list == 1),
                None => return Ok(()),
            };
            if !feed {
                self.tell(&at, &bytes, &bytes, out)?;
                continue;
            }
            let view: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            if view["reason"].is_object() {
                continue; // somebody's repost is another's post
            }
            self.tell(&at, view["post"].to_string().as_bytes(), &bytes, out)?;
        }
    }
}

impl Posts {
    /// Hands a post on, with the bytes that it stood in.
    fn tell(&self, at: &str, post: &[u8], raw: &[u8], out: &mut dyn Out) -> Result<(), Unreadable> {
        match self.post(post) {
            Ok(said) => go_on(out.record(Record {
                raw: raw.to_vec(),
                activities: said.into_iter().collect(),
                rejects: Vec::new(),
                whole: None,
                fixed: false,
            })),
            Err(why) => go_on(out.reject(Reject::new(at, why, raw))),
        }
    }

    fn post(&self, bytes: &[u8]) -> Result<Option<Activity>, String> {
        let post: Post = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        let (did, name) = parts(&post.uri).ok_or("the uri names no post")?;
        let own = key(&post.uri).ok_or("the uri names no post")?;
        let at = post.at().ok_or("the time is missing")?;
        if !post.is_ours() {
            return Ok(None);
        }
        let who = post.author.as_ref().filter(|a| !a.did.trim().is_empty()).map(|author| {
            let mut who = Who::new(&self.place, author.did.as_str());
            who.handle = author.handle.clone().filter(|h| !h.is_empty() && h != "handle.invalid");
            who.name = author.name.clone().filter(|name| !name.trim().is_empty());
            who.bot = author.is("bot");
            who
        });
        let root = post.root().and_then(key).filter(|root| *root != own);
        let act = if root.is_some() { Act::Replied } else { Act::Opened };
        let thread = ThreadRef::Key(root.clone().unwrap_or_else(|| own.clone()));
        let mut said = Activity::new(own, act, at, who, thread);
        said.text = text(&post.record);
        said.url = Some(format!("https://bsky.app/profile/{did}/post/{name}"));
        if root.is_some() {
            said.reply_to = post.record["reply"]["parent"]["uri"].as_str().and_then(key);
        } else {
            said.facts = Some(Box::new(ThreadFacts {
                kind: Some(ThreadKind::Topic),
                url: said.url.clone(),
                container: self.container.clone(),
                labels: tags(&post.record),
                ..ThreadFacts::default()
            }));
        }
        Ok(Some(said))
    }
}

fn features(record: &Value) -> impl Iterator<Item = &Value> {
    let facets = record["facets"].as_array().into_iter().flatten();
    facets.flat_map(|facet| facet["features"].as_array().into_iter().flatten())
}

/// The words, and the links behind them, which the words may show cut short.
fn text(record: &Value) -> String {
    let mut text = record["text"].as_str().unwrap_or("").trim().to_owned();
    let card = record["embed"]["external"]["uri"].as_str();
    let links: Vec<&str> = features(record).filter_map(|f| f["uri"].as_str()).chain(card).collect();
    for link in links {
        if !text.contains(link) {
            text.push('\n');
            text.push_str(link);
        }
    }
    text.trim().to_owned()
}

fn tags(record: &Value) -> Vec<String> {
    let beside = record["tags"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let inside = features(record).filter_map(|f| f["tag"].as_str());
    let mut tags: Vec<String> = Vec::new();
    for tag in inside.chain(beside).map(str::to_lowercase) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}
