//! Slack: workspace exports, as a ZIP or a folder: `channels.json`, `users.json`, a folder per channel, a file per day.
//! Private channels and direct messages are left out. The replies of the living workspace are read here, too.

mod living;

use std::collections::{HashMap, HashSet};
use std::io::BufRead;

use rapport_model::{Act, Activity, Key, Place, ThreadFacts, ThreadKind, ThreadRef, Who};
use serde::Deserialize;

use crate::contract::{
    About, Connector, Detected, Item, Out, Peek, Plan, Reader, Record, Reject, Unreadable, epoch_seconds,
    go_on,
};
use crate::scan::Elements;

/// The connector.
pub(crate) struct Slack;

impl Connector for Slack {
    fn about(&self) -> &'static About {
        &About {
            name: "slack",
            reads: "Slack workspace exports (ZIP or folder)",
            how_to_get: "Workspace settings, Import/Export Data, Export. Public channels only.",
            terms: "as the workspace states",
            limits: "direct messages and private channels are left out",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        let users = peek.items().iter().find(|n| file(n) == "users.json")?;
        peek.items().iter().find(|n| file(n) == "channels.json")?;
        let head = String::from_utf8_lossy(&peek.head(users, 64 * 1024)).into_owned();
        let team = head
            .split_once("\"team_id\"")
            .and_then(|(_, rest)| rest.split('"').nth(1))
            .map(str::to_lowercase);
        (head.contains("\"profile\"") || head.trim() == "[]").then(|| Detected {
            sure: 95,
            what: team.unwrap_or_else(|| peek.name().to_owned()),
            why: "channels.json and users.json of a Slack export".to_owned(),
        })
    }

    fn reader(&self, what: &str) -> Box<dyn Reader> {
        Box::new(Workspace {
            place: Place::new(&format!("slack:{what}")),
            users: HashMap::new(),
            channels: HashMap::new(),
            names: HashMap::new(),
        })
    }
}

fn file(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

struct Workspace {
    place: Place,
    users: HashMap<String, Who>,
    /// Name to id.
    channels: HashMap<String, String>,
    /// Id to name, of the living workspace.
    names: HashMap<String, String>,
}

#[derive(Deserialize)]
struct User {
    id: String,
    name: Option<String>,
    real_name: Option<String>,
    #[serde(default)]
    is_bot: bool,
    #[serde(default)]
    profile: Profile,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Profile {
    real_name: Option<String>,
    display_name: Option<String>,
    email: Option<String>,
    title: Option<String>,
}

#[derive(Deserialize)]
struct Channel {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    subtype: Option<String>,
    user: Option<String>,
    bot_id: Option<String>,
    username: Option<String>,
    text: Option<String>,
    ts: String,
    thread_ts: Option<String>,
    #[serde(default)]
    reactions: Vec<Reaction>,
}

#[derive(Deserialize)]
struct Reaction {
    name: String,
    #[serde(default)]
    users: Vec<String>,
}

impl Reader for Workspace {
    fn plan(&self, name: &str) -> Plan {
        if let Some(rest) = name.strip_prefix(living::LIVE) {
            return if rest.contains('/') { Plan::Read(0) } else { Plan::Setup };
        }
        match file(name) {
            "users.json" | "channels.json" => Plan::Setup,
            day if day.ends_with(".json")
                && day.len() == 15
                && day.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                Plan::Read(0)
            }
            _ => Plan::Skip,
        }
    }

    fn read(&mut self, item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        if let Some(name) = item.name.strip_prefix(living::LIVE) {
            return self.living(name, body, out);
        }
        let mut elements = Elements::new(body, &["[]"]);
        match file(&item.name) {
            "users.json" => {
                while let Some(element) = elements.next()? {
                    match serde_json::from_slice::<User>(element.bytes) {
                        Ok(user) => self.user(user),
                        Err(error) => {
                            go_on(out.reject(Reject::new(element.at(), error.to_string(), element.bytes)))?;
                        }
                    }
                }
            }
            "channels.json" => {
                while let Some(element) = elements.next()? {
                    match serde_json::from_slice::<Channel>(element.bytes) {
                        Ok(channel) => drop(self.channels.insert(channel.name, channel.id)),
                        Err(error) => {
                            go_on(out.reject(Reject::new(element.at(), error.to_string(), element.bytes)))?;
                        }
                    }
                }
            }
            _ => {
                let folder = item.name.rsplit('/').nth(1).unwrap_or("");
                let Some(channel) = self.channels.get(folder).cloned() else { return Ok(()) }; // private, or unknown
                while let Some(element) = elements.next()? {
                    match self.message(&channel, folder, element.bytes) {
                        Ok(record) => go_on(out.record(record))?,
                        Err(why) => go_on(out.reject(Reject::new(element.at(), why, element.bytes)))?,
                    }
                }
            }
        }
        Ok(())
    }
}

impl Workspace {
    fn user(&mut self, user: User) {
        let filled = |text: Option<String>| text.filter(|t| !t.trim().is_empty());
        let mut who = Who::new(&self.place, user.id.as_str());
        who.handle = filled(user.profile.display_name).or(filled(user.name));
        who.name = filled(user.profile.real_name).or(filled(user.real_name));
        who.email = filled(user.profile.email).map(|m| m.to_lowercase());
        who.title = filled(user.profile.title);
        who.bot = user.is_bot || user.id == "USLACKBOT";
        self.users.insert(user.id, who);
    }

    fn who(&self, id: &str) -> Option<Who> {
        let filled = !id.trim().is_empty();
        filled.then(|| self.users.get(id).cloned().unwrap_or_else(|| Who::new(&self.place, id)))
    }

    fn message(&self, channel: &str, name: &str, bytes: &[u8]) -> Result<Record, String> {
        let m: Message = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        let at = epoch_seconds(&m.ts).ok_or_else(|| format!("'{}' is no time stamp", m.ts))?;
        let key = Key::new(format!("{channel}/{}", m.ts));
        let bot = m.bot_id.is_some() || m.subtype.as_deref() == Some("bot_message");
        let who = match (&m.user, &m.bot_id, &m.username) {
            (Some(user), ..) => self.who(user),
            (None, Some(id), _) => self.who(id),
            (None, None, Some(name)) => self.who(&name.to_lowercase()),
            _ => None,
        };
        let who = who.map(|mut who| {
            who.bot |= bot;
            if who.name.is_none() {
                who.name.clone_from(&m.username);
            }
            who
        });
        let act = match m.subtype.as_deref() {
            Some("channel_join" | "group_join") => Some(Act::Joined),
            None
            | Some(
                "thread_broadcast" | "bot_message" | "file_share" | "me_message" | "tombstone"
                | "message_deleted",
            ) => None,
            Some(_) => Some(Act::Other),
        };
        if let Some(act) = act {
            let mut event = Activity::new(key, act, at, who, ThreadRef::None);
            event.detail = m.subtype;
            return Ok(Record::one(bytes, event));
        }
        let top = m.thread_ts.as_ref().is_none_or(|thread| *thread == m.ts);
        let thread = Key::new(format!("{channel}/{}", m.thread_ts.as_deref().unwrap_or(&m.ts)));
        let act = if top { Act::Opened } else { Act::Replied };
        let mut said = Activity::new(key.clone(), act, at, who, ThreadRef::Key(thread.clone()));
        said.text = self.readable(m.text.as_deref().unwrap_or(""));
        said.deleted = matches!(m.subtype.as_deref(), Some("tombstone" | "message_deleted"));
        said.facts = Some(Box::new(ThreadFacts {
            kind: Some(ThreadKind::Chat),
            container: Some(format!("#{name}")),
            ..ThreadFacts::default()
        }));
        let mut record = Record::one(bytes, said);
        let mut named = HashSet::new();
        for reaction in &m.reactions {
            for user in &reaction.users {
                let name = Key::new(format!("{key}/r/{}/{user}", reaction.name));
                if !named.insert(name.clone()) {
                    continue;
                }
                let mut reacted =
                    Activity::new(name, Act::Reacted, at, self.who(user), ThreadRef::Key(thread.clone()));
                reacted.reply_to = Some(key.clone());
                reacted.detail = Some(reaction.name.clone());
                record.activities.push(reacted);
            }
        }
        Ok(record)
    }

    /// Slack's own markup as text: `<@U1>` a name, `<url|label>` the label with its link, entities undone.
    fn readable(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('<') {
            out.push_str(before);
            let Some((inside, tail)) = after.split_once('>') else {
                out.push('<');
                rest = after;
                break; // and none of those behind it is closed
            };
            let (target, label) = inside.split_once('|').map_or((inside, None), |(t, l)| (t, Some(l)));
            if let Some(user) = target.strip_prefix('@') {
                out.push('@');
                out.push_str(self.users.get(user).map_or(user, |who| who.shown()));
            } else if let Some(channel) = target.strip_prefix('#') {
                out.push('#');
                out.push_str(label.unwrap_or(channel));
            } else if let Some(special) = target.strip_prefix('!') {
                out.push('@');
                out.push_str(label.unwrap_or(special));
            } else {
                match label {
                    Some(label) if !target.ends_with(label) => out.push_str(&format!("{label} ({target})")),
                    _ => out.push_str(target),
                }
            }
            rest = tail;
        }
        out.push_str(rest);
        out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    }
}
