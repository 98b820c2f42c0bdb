//! Mastodon: statuses and their contexts, as the API of any server gives them. What is not public is left out, and so is
//! whoever asks programs to keep away (`#nobot` in the profile).
//!
//! A status that answers nothing begins a thread; a reply goes where the status goes that it answers.

use std::io::BufRead;

use rapport_model::{Act, Activity, Key, Place, ThreadFacts, ThreadKind, ThreadRef, Time, Who};
use serde::Deserialize;
use serde_json::Value;

use crate::contract::{
    About, Connector, Detected, Item, Out, Peek, Plan, Reader, Record, Reject, Unreadable, go_on,
};
use crate::live::web;
use crate::markup;
use crate::scan::Elements;

/// The connector.
pub(crate) struct Mastodon;

/// How the replies of a living server are called.
pub(crate) const LIST: &str = "live/statuses.json";
pub(crate) const CONTEXT: &str = "live/context.json";

impl Connector for Mastodon {
    fn about(&self) -> &'static About {
        &About {
            name: "mastodon",
            reads: "Mastodon: public statuses under a hashtag or of an account, with what was answered",
            how_to_get: "rapport add mastodon:#tag@server --agree; or save https://SERVER/api/v1/timelines/tag/TAG as a JSON file.",
            terms: "each author's own; the server's rules",
            limits: "only what this server has heard of, and of a thread without a token its first 60 replies; an edit of a reply is noticed when its thread changes",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        let mut json = peek.items().iter().filter(|n| n.ends_with(".json")).take(20);
        json.find_map(|name| {
            let head = String::from_utf8_lossy(&peek.head(name, 256 * 1024)).into_owned();
            let marks = ["\"in_reply_to_id\"", "\"visibility\"", "\"reblogs_count\"", "\"acct\""];
            let uri = super::github::after(&head, "\"uri\"");
            let what = uri.and_then(|uri| Some(web(&uri)?.0)).unwrap_or_else(|| peek.name().to_owned());
            let why = format!("{name} holds statuses of Mastodon");
            marks.iter().all(|mark| head.contains(mark)).then_some(Detected { sure: 95, what, why })
        })
    }

    fn reader(&self, what: &str) -> Box<dyn Reader> {
        let (container, host) = what.rsplit_once('@').unwrap_or(("", what));
        Box::new(Statuses {
            place: Place::new("mastodon"),
            host: host.to_owned(),
            container: Some(container.to_owned()).filter(|c| !c.is_empty()),
        })
    }
}

struct Statuses {
    place: Place,
    /// The server, whose own accounts it names without it.
    host: String,
    container: Option<String>,
}

/// A status, as far as it is read.
#[derive(Deserialize)]
pub(crate) struct Status {
    pub(crate) id: String,
    pub(crate) created_at: String,
    edited_at: Option<String>,
    pub(crate) in_reply_to_id: Option<String>,
    visibility: Option<String>,
    #[serde(default)]
    spoiler_text: String,
    #[serde(default)]
    content: String,
    url: Option<String>,
    uri: Option<String>,
    reblog: Option<Value>,
    #[serde(default)]
    pub(crate) replies_count: u64,
    account: Option<Account>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
struct Account {
    #[serde(default)]
    acct: String,
    display_name: Option<String>,
    #[serde(default)]
    bot: bool,
    #[serde(default)]
    note: String,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
}

impl Status {
    /// Whether it is for everybody, and its author wants no programs to keep away.
    pub(crate) fn is_ours(&self) -> bool {
        let public = self.visibility.as_deref().is_none_or(|v| matches!(v, "public" | "unlisted"));
        let note = self.account.as_ref().map_or("", |a| a.note.as_str()).to_lowercase();
        // Tags are links there: the words stand between marks.
        let asks = note.contains("nobot") || note.contains("#<span>nobot");
        public && !asks && self.reblog.as_ref().is_none_or(Value::is_null)
    }
}

pub(crate) fn key(id: &str) -> Key {
    Key::new(format!("status/{id}"))
}

impl Reader for Statuses {
    fn plan(&self, name: &str) -> Plan {
        if name.ends_with(".json") { Plan::Read(0) } else { Plan::Skip }
    }

    fn read(&mut self, _item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let mut elements = Elements::new(body, &["[]", "ancestors[]", "descendants[]"]);
        while let Some(element) = elements.next()? {
            match self.status(element.bytes) {
                Ok(said) => go_on(out.record(Record {
                    raw: element.bytes.to_vec(),
                    activities: said.into_iter().collect(),
                    rejects: Vec::new(),
                    whole: None,
                    fixed: false,
                }))?,
                Err(why) => go_on(out.reject(Reject::new(element.at(), why, element.bytes)))?,
            }
        }
        Ok(())
    }
}

impl Statuses {
    /// The same account is written alike whichever server tells of it.
    fn who(&self, account: &Account) -> Option<Who> {
        let name = account.acct.trim().to_lowercase();
        if name.is_empty() {
            return None;
        }
        let full = if name.contains('@') { name } else { format!("{name}@{}", self.host) };
        let mut who = Who::new(&self.place, full.as_str());
        who.handle = Some(full);
        who.name = account.display_name.clone().filter(|name| !name.trim().is_empty());
        who.bot = account.bot;
        Some(who)
    }

    fn status(&self, bytes: &[u8]) -> Result<Option<Activity>, String> {
        let status: Status = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        if status.id.trim().is_empty() {
            return Err("the id is missing".to_owned());
        }
        let at = Time::parse(&status.created_at).map_err(|e| e.to_string())?;
        if !status.is_ours() {
            return Ok(None);
        }
        let own = key(&status.id);
        let parent = status.in_reply_to_id.as_deref().filter(|id| !id.is_empty()).map(key);
        let (act, thread) = match &parent {
            Some(parent) => (Act::Replied, ThreadRef::Of(parent.clone())),
            None => (Act::Opened, ThreadRef::Key(own.clone())),
        };
        let who = status.account.as_ref().and_then(|account| self.who(account));
        let mut said = Activity::new(own, act, at, who, thread);
        let words = markup::from_html(&status.content);
        said.text = format!("{}\n{words}", status.spoiler_text.trim()).trim().to_owned();
        said.url = status.url.or(status.uri).filter(|url| url.starts_with("https://"));
        said.updated = status.edited_at.as_deref().and_then(|t| Time::parse(t).ok()).or(Some(at));
        if parent.is_none() {
            said.facts = Some(Box::new(ThreadFacts {
                kind: Some(ThreadKind::Topic),
                url: said.url.clone(),
                container: self.container.clone(),
                labels: status.tags.into_iter().map(|tag| tag.name).collect(),
                ..ThreadFacts::default()
            }));
        }
        said.reply_to = parent;
        Ok(Some(said))
    }
}
