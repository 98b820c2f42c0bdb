//! Reddit: the posts of a community and the comments under them, in the shapes of its API: listings, the tree under a
//! post, and the rest of a tree.
//!
//! Of a record only what is read is kept: no scores, no flair, no awards of people. What its author deleted or a moderator
//! removed becomes a revision without words, author and title.

use std::collections::BTreeMap;
use std::io::BufRead;

use rapport_model::{Act, Activity, Key, Place, ThreadFacts, ThreadKind, ThreadRef, Time, Who};
use serde_json::Value;

use crate::contract::{
    About, Connector, Detected, Item, Out, Peek, Plan, Reader, Record, Reject, Unreadable, go_on,
};
use crate::scan::Elements;

/// The connector.
pub(crate) struct Reddit;

/// How the replies of the living service are called.
pub(crate) const LIST: &str = "live/listing.json";

/// What stays of a post or comment.
const KEPT: [&str; 13] = [
    "author",
    "body",
    "created_utc",
    "edited",
    "id",
    "is_self",
    "link_flair_text",
    "link_id",
    "parent_id",
    "selftext",
    "subreddit",
    "title",
    "url",
];
/// What stays of one that was deleted or removed.
const LEFT: [&str; 5] = ["created_utc", "id", "link_id", "parent_id", "subreddit"];

impl Connector for Reddit {
    fn about(&self) -> &'static About {
        &About {
            name: "reddit",
            reads: "Reddit: posts of a community and the comments under them",
            how_to_get: "rapport add https://www.reddit.com/r/NAME --agree, with a client of your own; or save answers of its API (r/NAME/new, comments/ID), asked for with raw_json=1, as JSON files.",
            terms: "each author's own; Reddit's Data API terms: deletions have to be honoured, no commercial use without an agreement",
            limits: "a first look has only the newest 1,000 posts and 1,000 comments, for Reddit tells no more; edits and deletions are met within one round of looks",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        let mut json = peek.items().iter().filter(|n| n.ends_with(".json")).take(20);
        json.find_map(|name| {
            let head = String::from_utf8_lossy(&peek.head(name, 256 * 1024)).into_owned();
            let has = |mark: &str| head.contains(mark);
            let fits = has("\"kind\"")
                && (has("\"Listing\"") || has("\"things\""))
                && has("\"subreddit\"")
                && (has("\"selftext\"") || has("\"link_id\""));
            let what = super::github::after(&head, "\"subreddit\"").map(|name| name.to_lowercase());
            let what = what.unwrap_or_else(|| peek.name().to_owned());
            fits.then(|| Detected { sure: 95, what, why: format!("{name} holds listings of Reddit") })
        })
    }

    fn reader(&self, what: &str) -> Box<dyn Reader> {
        Box::new(Community { place: Place::new("reddit"), name: what.to_lowercase() })
    }
}

struct Community {
    place: Place,
    name: String,
}

/// `t3_1abcd`: a post, `t1_1abcd`: a comment.
pub(crate) fn key(full: &str) -> Key {
    Key::new(full)
}

/// Whether a text is an id: a number in base 36.
pub(crate) fn is_id(text: &str) -> bool {
    let digit = |b: u8| b.is_ascii_digit() || b.is_ascii_lowercase();
    !text.is_empty() && text.len() <= 20 && text.bytes().all(digit)
}

/// Whether what is shown says that it was deleted or removed.
pub(crate) fn is_gone(data: &Value) -> bool {
    let words = data["body"].as_str().or(data["selftext"].as_str()).unwrap_or("").trim();
    data["removed_by_category"].is_string()
        || matches!(words, "[deleted]" | "[removed]")
        || (words.starts_with("[ Removed by ") && words.ends_with(']'))
}

impl Reader for Community {
    fn plan(&self, name: &str) -> Plan {
        if name.ends_with(".json") { Plan::Read(0) } else { Plan::Skip }
    }

    fn read(&mut self, _item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let lists = ["data.children[]", "[].data.children[]", "json.data.things[]"];
        let mut elements = Elements::new(body, &lists);
        while let Some(element) = elements.next()? {
            let at = element.at();
            match serde_json::from_slice::<Value>(element.bytes) {
                Ok(thing) => self.thing(&thing, &at, out)?,
                Err(error) => go_on(out.reject(Reject::new(at, error.to_string(), element.bytes)))?,
            }
        }
        Ok(())
    }
}

impl Community {
    /// A post, or a comment with what answers it. The stubs that stand for more are none of the reader's business.
    fn thing(&self, thing: &Value, at: &str, out: &mut dyn Out) -> Result<(), Unreadable> {
        let data = &thing["data"];
        match thing["kind"].as_str() {
            Some(kind @ ("t1" | "t3")) => {
                let raw = kept(kind, data);
                match self.said(kind, data) {
                    Ok(said) => go_on(out.record(Record::one(raw.as_bytes(), said)))?,
                    Err(why) => go_on(out.reject(Reject::new(at.to_owned(), why, raw.as_bytes())))?,
                }
            }
            Some("more") => return Ok(()),
            _ => {
                let why = "neither a post nor a comment".to_owned();
                return go_on(out.reject(Reject::new(at.to_owned(), why, b"")));
            }
        }
        // The API does not nest deeper than its pages show.
        for answer in data["replies"]["data"]["children"].as_array().into_iter().flatten() {
            self.thing(answer, at, out)?;
        }
        Ok(())
    }

    fn said(&self, kind: &str, data: &Value) -> Result<Activity, String> {
        let text = |name: &str| data[name].as_str().map(str::trim).filter(|text| !text.is_empty());
        let id = text("id").filter(|id| is_id(id)).ok_or("the id is missing")?;
        let at = seconds(&data["created_utc"]).ok_or("created_utc is no moment")?;
        let name = text("subreddit").map_or_else(|| self.name.clone(), str::to_lowercase);
        if name != self.name {
            return Err(format!("it stands in r/{}", name.chars().take(50).collect::<String>()));
        }
        let gone = is_gone(data);
        let who = text("author").filter(|name| !gone && *name != "[deleted]").map(|name| {
            // A name is its account's for good, and nobody else's after it.
            let mut who = Who::new(&self.place, name.to_lowercase().as_str());
            who.handle = Some(name.to_owned());
            who.bot = name == "AutoModerator";
            who
        });
        let facts = ThreadFacts {
            kind: Some(ThreadKind::Topic),
            container: Some(format!("r/{name}")),
            ..ThreadFacts::default()
        };
        let mut said = if kind == "t3" {
            let own = key(&format!("t3_{id}"));
            let mut said = Activity::new(own.clone(), Act::Opened, at, who, ThreadRef::Key(own));
            let words = data["selftext"].as_str().ok_or("selftext is no text")?.trim();
            let link = text("url").filter(|_| data["is_self"] == false);
            said.text = [words, link.unwrap_or("")].join("\n").trim().to_owned();
            said.url = Some(format!("https://www.reddit.com/r/{name}/comments/{id}/"));
            let title = text("title").filter(|_| !gone).map(str::to_owned);
            let labels = text("link_flair_text").filter(|_| !gone).map(str::to_owned);
            said.facts = Some(Box::new(ThreadFacts {
                title,
                url: said.url.clone(),
                labels: labels.into_iter().collect(),
                ..facts
            }));
            said
        } else {
            let link = text("link_id").and_then(|name| name.strip_prefix("t3_")).filter(|id| is_id(id));
            let link = link.ok_or("the post that it stands under is missing")?;
            let thread = key(&format!("t3_{link}"));
            let parent = text("parent_id").filter(|name| name.starts_with("t1_") || name.starts_with("t3_"));
            let mut said = Activity::new(
                key(&format!("t1_{id}")),
                Act::Replied,
                at,
                who,
                ThreadRef::Key(thread.clone()),
            );
            data["body"].as_str().ok_or("the body is no text")?.trim().clone_into(&mut said.text);
            said.reply_to = Some(parent.map_or(thread, key));
            said.url = Some(format!("https://www.reddit.com/r/{name}/comments/{link}/_/{id}/"));
            said
        };
        said.deleted = gone;
        if gone {
            // Nothing says when: what comes is the newer state, whatever the last edit was.
            said.text.clear();
        } else {
            said.updated = seconds(&data["edited"]).or(Some(at));
        }
        Ok(said)
    }
}

/// Seconds since the epoch, as a number; `false` where nothing was edited.
fn seconds(told: &Value) -> Option<Time> {
    let told = told.as_f64().filter(|n| (0.0..1e11).contains(n))?;
    #[allow(clippy::cast_possible_truncation)] // in range by the line above
    Time::from_seconds(told as i64)
}

/// The record's bytes: what is read of it.
fn kept(kind: &str, data: &Value) -> String {
    let gone = is_gone(data);
    let names: &[&str] = if gone { &LEFT } else { &KEPT };
    // In order of name, so that the same is the same bytes.
    let mut left: BTreeMap<&str, Value> =
        names.iter().filter_map(|name| Some((*name, data.get(*name)?.clone()))).collect();
    if gone {
        left.insert(if kind == "t3" { "selftext" } else { "body" }, "[deleted]".into());
    }
    serde_json::json!({ "data": left, "kind": kind }).to_string()
}
