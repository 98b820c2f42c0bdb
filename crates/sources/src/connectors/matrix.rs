//! Matrix: events of rooms, as Element exports them (JSON) and as the client-server API gives them.
//!
//! A message begins a thread of its own, as in any chat; what stands in a thread (`m.thread`) belongs to the thread's
//! first message, and a reply goes where the message goes that it answers. An event that was redacted has lost its
//! words and its relations: it is the same message, deleted. State (names, power levels, topics) is nobody's message.

use std::collections::HashMap;
use std::io::BufRead;

use rapport_model::{Act, Activity, Key, Place, ThreadFacts, ThreadKind, ThreadRef, Time, Who};
use serde::Deserialize;
use serde_json::Value;

use crate::contract::{
    About, Connector, Detected, Item, Out, Peek, Plan, Reader, Record, Reject, Unreadable, go_on,
};
use crate::markup;
use crate::scan::Elements;

/// The connector.
pub(crate) struct Matrix;

/// How the replies of a living server are called: pages and single events of a room, with its name behind.
pub(crate) const PAGE: &str = "live/messages/";
pub(crate) const EVENT: &str = "live/event/";
pub(crate) const SYNC: &str = "live/sync";

impl Connector for Matrix {
    fn about(&self) -> &'static About {
        &About {
            name: "matrix",
            reads: "Matrix rooms: Element's JSON export of a room, and the replies of the client-server API",
            how_to_get: "In Element: the room's info, Export chat, Format JSON, from the beginning.",
            terms: "as the server states",
            limits: "encrypted messages cannot be read; an edit that was itself withdrawn is not noticed",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        let mut json = peek.items().iter().filter(|n| n.ends_with(".json")).take(20);
        json.find_map(|name| {
            let head = String::from_utf8_lossy(&peek.head(name, 256 * 1024)).into_owned();
            let listed = head.contains("\"messages\"") || head.contains("\"chunk\"");
            let fits =
                listed && ["\"origin_server_ts\"", "\"event_id\""].iter().all(|key| head.contains(key));
            let room = super::github::after(&head, "\"room_id\"").filter(|room| room.starts_with('!'));
            let what = room.unwrap_or_else(|| peek.name().to_owned());
            fits.then(|| Detected { sure: 95, why: format!("{name} holds events of a Matrix room"), what })
        })
    }

    fn reader(&self, _what: &str) -> Box<dyn Reader> {
        Box::new(Rooms { place: Place::new("matrix") })
    }
}

struct Rooms {
    place: Place,
}

/// An event, as lenient as servers are.
#[derive(Deserialize)]
pub(crate) struct Event {
    #[serde(rename = "type", default)]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) event_id: String,
    #[serde(default)]
    sender: String,
    origin_server_ts: Option<i64>,
    room_id: Option<String>,
    redacts: Option<String>,
    #[serde(default)]
    pub(crate) content: Value,
    #[serde(default)]
    unsigned: Value,
}

impl Event {
    /// The message that this event replaces.
    pub(crate) fn replaces(&self) -> Option<&str> {
        let relation = &self.content["m.relates_to"];
        (relation["rel_type"] == "m.replace").then(|| relation["event_id"].as_str())?
    }
    /// The event that this one takes back. It stands outside of the content in rooms of older versions.
    pub(crate) fn redacts(&self) -> Option<&str> {
        let target = self.redacts.as_deref().or_else(|| self.content["redacts"].as_str());
        target.filter(|_| self.kind == "m.room.redaction")
    }
    fn is_redacted(&self) -> bool {
        self.unsigned["redacted_because"].is_object() || self.unsigned["redacted_by"].is_string()
    }
    /// The newest edit, which servers put beside the message. Only who wrote it may change it.
    fn edit(&self) -> Option<(&Value, Option<i64>)> {
        let edit = &self.unsigned["m.relations"]["m.replace"];
        let words = &edit["content"]["m.new_content"];
        (words.is_object() && edit["sender"] == self.sender.as_str())
            .then(|| (words, edit["origin_server_ts"].as_i64()))
    }
}

impl Reader for Rooms {
    fn plan(&self, name: &str) -> Plan {
        if name.ends_with(".json") || name.starts_with("live/") { Plan::Read(0) } else { Plan::Skip }
    }

    fn read(&mut self, item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        if item.name == SYNC {
            return closed(body, out);
        }
        if let Some(name) = item.name.strip_prefix(EVENT) {
            let mut bytes = Vec::new();
            body.read_to_end(&mut bytes)?;
            return match self.event(Some(name), &bytes) {
                Ok(told) => go_on(out.record(record(&bytes, told.map(|(said, _)| said)))),
                Err(why) => go_on(out.reject(Reject::new("the event", why, &bytes))),
            };
        }
        let living = item.name.strip_prefix(PAGE);
        let mut elements = Elements::new(body, &["messages[]", "chunk[]"]);
        let mut named: Option<String> = living.map(str::to_owned);
        // An export is in order of time and shows edits and redactions as events of their own: they change what stands before.
        let mut met: HashMap<String, (Activity, String)> = HashMap::new();
        loop {
            let (bytes, at, export) = match elements.next()? {
                Some(element) => (element.bytes.to_vec(), element.at(), element.list == 0),
                None => return Ok(()),
            };
            if named.is_none() {
                // What stands before the messages is enough; an export begins with the room's name.
                let shell = String::from_utf8_lossy(elements.shell()).into_owned();
                named = Some(super::github::after(&shell, "\"room_name\"").unwrap_or_default());
            }
            let told = self.event(named.as_deref(), &bytes);
            let told = match told {
                Ok(Some((said, event))) => {
                    if export && said.act.is_message() {
                        met.insert(event.event_id.clone(), (said.clone(), event.sender.clone()));
                    }
                    Ok(Some(said))
                }
                Ok(None) if export => Ok(later(&met, &bytes)),
                Ok(None) => Ok(None),
                Err(why) => Err(why),
            };
            match told {
                Ok(said) => go_on(out.record(record(&bytes, said)))?,
                Err(why) => go_on(out.reject(Reject::new(at, why, &bytes)))?,
            }
        }
    }
}

fn record(bytes: &[u8], said: Option<Activity>) -> Record {
    Record {
        raw: bytes.to_vec(),
        activities: said.into_iter().collect(),
        rejects: Vec::new(),
        whole: None,
        fixed: false,
    }
}

/// What an edit or a redaction makes of a message that stands before it.
fn later(met: &HashMap<String, (Activity, String)>, bytes: &[u8]) -> Option<Activity> {
    let event: Event = serde_json::from_slice(bytes).ok()?;
    if let Some(target) = event.redacts() {
        let mut said = met.get(target)?.0.clone();
        said.deleted = true;
        said.text.clear();
        said.updated = None;
        return Some(said);
    }
    let (said, sender) = met.get(event.replaces()?)?;
    let words = &event.content["m.new_content"];
    (words.is_object() && *sender == event.sender && !said.deleted).then(|| {
        let updated = event.origin_server_ts.and_then(Time::from_millis).max(said.updated);
        Activity { text: text(words), updated, ..said.clone() }
    })
}

/// Of the rooms that a server names, those whose words are not for us to read: told, and left alone.
fn closed(body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
    let shape = |e: serde_json::Error| Unreadable::Shape { at: "the reply".to_owned(), why: e.to_string() };
    let sync: Value = serde_json::from_reader(body).map_err(shape)?;
    let rooms = sync["rooms"]["join"].as_object();
    for (id, room) in rooms.into_iter().flatten() {
        let events = |part: &str| room[part]["events"].as_array().into_iter().flatten();
        if events("state").chain(events("timeline")).any(|e| e["type"] == "m.room.encryption") {
            let why = "the room is encrypted: it is left out";
            go_on(out.reject(Reject::new(format!("room {id}"), why, b"")))?;
        }
    }
    Ok(())
}

fn key(event: &str) -> Key {
    Key::new(format!("event/{event}"))
}

/// A link that every client opens. The server that the writer is at helps clients that do not know the room.
fn link(room: &str, event: &str, sender: &str) -> String {
    let bare = |text: &str| -> String {
        let fine = |c: char| c.is_ascii_alphanumeric() || "!$:-_.~=+[]".contains(c);
        text.chars().filter(|c| fine(*c)).collect()
    };
    let via = sender.split_once(':').map_or("", |(_, server)| server);
    format!("https://matrix.to/#/{}/{}?via={}", bare(room), bare(event), bare(via))
}

/// The words of a message: without the quote that older clients put before a reply, files by name.
fn text(content: &Value) -> String {
    let plain = content["body"].as_str().unwrap_or("");
    if matches!(content["msgtype"].as_str(), Some("m.image" | "m.file" | "m.video" | "m.audio")) {
        let name = content["filename"].as_str();
        let words = name.filter(|name| *name != plain).map_or("", |_| plain);
        return format!("{words}\n[file: {}]", name.unwrap_or(plain)).trim().to_owned();
    }
    let html = content["formatted_body"].as_str().filter(|_| content["format"] == "org.matrix.custom.html");
    if let Some(html) = html {
        let own = match (html.find("<mx-reply>"), html.find("</mx-reply>")) {
            (Some(from), Some(to)) if from < to => {
                format!("{}{}", &html[..from], &html[to + "</mx-reply>".len()..])
            }
            _ => html.to_owned(),
        };
        return markup::from_html(&own);
    }
    let answers = content["m.relates_to"]["m.in_reply_to"].is_object();
    if answers && plain.starts_with("> <@") {
        let own = plain.lines().skip_while(|line| line.starts_with('>'));
        return own.collect::<Vec<_>>().join("\n").trim().to_owned();
    }
    plain.trim().to_owned()
}

impl Rooms {
    fn who(&self, event: &Event) -> Option<Who> {
        if event.sender.trim().is_empty() {
            return None;
        }
        let mut who = Who::new(&self.place, event.sender.as_str());
        who.handle = Some(event.sender.clone());
        // Notices are for programs, and only they answer with them.
        who.bot = event.content["msgtype"] == "m.notice";
        Some(who)
    }

    /// What one event means; `None` where it is nobody's message.
    fn event(&self, name: Option<&str>, bytes: &[u8]) -> Result<Option<(Activity, Event)>, String> {
        let event: Event = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        match event.kind.as_str() {
            "m.room.message" | "m.sticker" | "m.reaction" | "m.room.member" => {}
            "m.room.encrypted" if !event.is_redacted() => {
                return Err("it is encrypted, and cannot be read".to_owned());
            }
            "" => return Err("it is no event: the type is missing".to_owned()),
            _ => return Ok(None),
        }
        let at = event.origin_server_ts.and_then(Time::from_millis).ok_or("the time is missing")?;
        if !event.event_id.starts_with('$') {
            return Err("the event's name is missing".to_owned());
        }
        let own = key(&event.event_id);
        let mut said = Activity::new(own.clone(), Act::Opened, at, self.who(&event), ThreadRef::None);
        said.url = event.room_id.as_deref().map(|room| link(room, &event.event_id, &event.sender));
        if event.is_redacted() {
            if event.kind == "m.room.member" {
                return Ok(None);
            }
            // Where it stood was redacted, too: it stays where it is. No edit is later than a deletion, whatever the
            // clock of its server says.
            said.deleted = true;
            said.act = if event.kind == "m.reaction" { Act::Reacted } else { Act::Opened };
            said.thread = ThreadRef::Of(own);
            return Ok(Some((said, event)));
        }
        let relation = &event.content["m.relates_to"];
        let target = relation["event_id"].as_str().map(key);
        match event.kind.as_str() {
            "m.room.member" => {
                let before = event.unsigned["prev_content"]["membership"].as_str();
                if event.content["membership"] != "join" || before == Some("join") {
                    return Ok(None);
                }
                said.act = Act::Joined;
                if let (Some(who), Some(name)) = (&mut said.who, event.content["displayname"].as_str()) {
                    who.name = Some(name.to_owned()).filter(|name| !name.trim().is_empty());
                }
                said.detail = name.filter(|name| !name.is_empty()).map(str::to_owned);
                return Ok(Some((said, event)));
            }
            "m.reaction" => {
                let Some(target) = target else { return Ok(None) };
                said.act = Act::Reacted;
                said.detail = relation["key"].as_str().map(str::to_owned);
                said.thread = ThreadRef::Of(target.clone());
                said.reply_to = Some(target);
                return Ok(Some((said, event)));
            }
            _ => {}
        }
        if event.replaces().is_some() {
            return Ok(None); // the message itself is read with its newest words
        }
        let answers = relation["m.in_reply_to"]["event_id"].as_str().map(key);
        match (relation["rel_type"] == "m.thread", target, answers) {
            (true, Some(root), answers) => {
                said.act = Act::Replied;
                // Clients that know no threads are told that it answers the last message there.
                said.reply_to = answers.filter(|_| relation["is_falling_back"] != true);
                said.thread = ThreadRef::Key(root);
            }
            (_, _, Some(parent)) => {
                said.act = Act::Replied;
                said.thread = ThreadRef::Of(parent.clone());
                said.reply_to = Some(parent);
            }
            _ => said.thread = ThreadRef::Key(own),
        }
        let (words, changed) = event.edit().unwrap_or((&event.content, None));
        said.text = text(words);
        said.updated = changed.and_then(Time::from_millis).max(Some(at));
        said.facts = Some(Box::new(ThreadFacts {
            kind: Some(ThreadKind::Chat),
            container: name.filter(|name| !name.is_empty()).map(str::to_owned),
            ..ThreadFacts::default()
        }));
        Ok(Some((said, event)))
    }
}
