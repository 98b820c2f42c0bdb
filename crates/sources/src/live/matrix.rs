//! Matrix, living: one `/sync` says in which rooms something happened; their messages are read page by page, from the
//! newest to the first when a room is new, and onward from the last look when it is known. What was edited or redacted
//! is read once more by itself: the server gives it with its newest words, or without any.

use std::collections::{BTreeMap, BTreeSet};

use rapport_model::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::github::{state, value};
use super::manners::{self, Verdict};
use super::{Ask, At, Live, LiveAbout, Place, Progress, Reply, Turn, encoded, web};
use crate::connectors::matrix::{EVENT, Event, PAGE, SYNC};

/// The channel.
pub(super) struct Matrix;

const MOST: u32 = 500;
/// Looks for what is new within one run: a room that never rests is left for the next run.
const ROUNDS: u32 = 2;

/// How far the rooms are read.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Walk {
    /// The room that an alias names.
    room: Option<String>,
    /// Everything before this moment (of `/sync`) is in, or among the tasks.
    since: Option<String>,
    rooms: BTreeMap<String, Room>,
    tasks: Vec<Task>,
    /// Events to be read once more: room and event.
    again: Vec<(String, String)>,
    round: u32,
    progress: Progress,
}

/// What is known of a room.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Room {
    alias: Option<String>,
    name: Option<String>,
    public: bool,
    encrypted: bool,
}

impl Room {
    fn hears(&mut self, event: &Event) {
        let told = |key: &str| event.content[key].as_str().map(str::to_owned).filter(|t| !t.is_empty());
        match event.kind.as_str() {
            "m.room.canonical_alias" => self.alias = told("alias"),
            "m.room.name" => self.name = told("name"),
            "m.room.join_rules" => self.public = event.content["join_rule"] == "public",
            // It cannot be taken back.
            "m.room.encryption" => self.encrypted = true,
            _ => {}
        }
    }
    fn called(&self) -> String {
        self.alias.clone().or_else(|| self.name.clone()).unwrap_or_default()
    }
}

/// Messages to be read, from where, in which direction.
#[derive(Debug, Serialize, Deserialize)]
struct Task {
    room: String,
    from: String,
    back: bool,
}

#[derive(Deserialize)]
struct Sync {
    next_batch: String,
    #[serde(default)]
    rooms: Rooms,
}

#[derive(Default, Deserialize)]
struct Rooms {
    #[serde(default)]
    join: BTreeMap<String, Joined>,
    #[serde(default)]
    leave: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Joined {
    #[serde(default)]
    timeline: Events,
    #[serde(default)]
    state: Events,
}

#[derive(Default, Deserialize)]
struct Events {
    #[serde(default)]
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Messages {
    #[serde(default)]
    chunk: Vec<Value>,
    end: Option<String>,
}

const STATE: [&str; 4] = ["m.room.encryption", "m.room.canonical_alias", "m.room.name", "m.room.join_rules"];
const SAID: [&str; 6] =
    ["m.room.message", "m.sticker", "m.reaction", "m.room.redaction", "m.room.member", "m.room.encrypted"];

/// The one room that a place names.
fn target(place: &Place) -> Option<&str> {
    place.what.starts_with(['#', '!']).then_some(place.what.as_str())
}

/// What is asked next.
enum Step {
    Alias,
    Again,
    Page,
    Sync,
}

impl Walk {
    fn step(&self, place: &Place) -> Step {
        if target(place).is_some() && self.wanted(place).is_none() {
            Step::Alias
        } else if !self.again.is_empty() {
            Step::Again
        } else if !self.tasks.is_empty() {
            Step::Page
        } else {
            Step::Sync
        }
    }
    /// The id of the one room that is meant.
    fn wanted(&self, place: &Place) -> Option<String> {
        let named = target(place).filter(|room| room.starts_with('!')).map(str::to_owned);
        named.or_else(|| self.room.clone())
    }
    fn called(&self, room: &str) -> String {
        self.rooms.get(room).map(Room::called).unwrap_or_default()
    }
    /// The cursor behind a step. After the last task it is looked once more for what came meanwhile.
    fn settled(mut self, item: Option<String>) -> Turn {
        let idle = self.tasks.is_empty() && self.again.is_empty();
        let end = idle && self.round >= ROUNDS;
        if end {
            self.round = 0;
        }
        Turn { cursor: value(&self), item, end, progress: self.progress, ..Turn::default() }
    }
}

impl Live for Matrix {
    fn about(&self) -> &'static LiveAbout {
        &LiveAbout {
            name: "matrix",
            title: "Matrix",
            addresses: &[
                "matrix:#room:example.org",
                "matrix:matrix.example.org/#room:example.org",
                "matrix:matrix.example.org",
            ],
            token: "The access token of an account that has joined the rooms, best one of its own. A server alone means all public rooms that the account has joined.",
            token_env: &["RAPPORT_MATRIX_TOKEN"],
            limits: "serial requests of up to 500 messages; pauses exactly as long as the server asks (M_LIMIT_EXCEEDED); encrypted rooms are left out, and named",
            interval: 120,
            gap_ms: 200,
        }
    }

    fn place(&self, address: &str) -> Option<Place> {
        if let Some(link) = address.strip_prefix("https://matrix.to/#/") {
            let room = link.split(['/', '?']).next()?.replace("%23", "#").replace("%21", "!");
            return at_home(&room.replace("%3A", ":").replace("%3a", ":"));
        }
        let rest = address.strip_prefix("matrix:")?;
        if rest.starts_with(['#', '!']) {
            return at_home(rest);
        }
        match rest.find("/#").or_else(|| rest.find("/!")) {
            Some(cut) => {
                let room = is_room(&rest[cut + 1..]).then(|| rest[cut + 1..].to_owned())?;
                Some(Place { what: room, ..self.hosted(&rest[..cut])? })
            }
            None => self.hosted(rest),
        }
    }

    fn probe(&self, url: &str) -> Option<Ask> {
        Some(Ask::get(format!("{}/_matrix/client/versions", self.hosted(url)?.base), ""))
    }

    fn is_it(&self, reply: &Reply) -> bool {
        serde_json::from_slice::<Value>(&reply.body).is_ok_and(|v| v["versions"].is_array())
    }

    fn hosted(&self, url: &str) -> Option<Place> {
        let url = if url.contains("://") { url.to_owned() } else { format!("https://{url}") };
        let (host, path) = web(&url)?;
        let folder: String = path.iter().take(1).map(|p| format!("/{p}")).collect();
        let base = format!("{}{folder}", super::origin(&url)?);
        Some(Place { what: format!("{host}{folder}"), base, token: false })
    }

    fn streams(&self, _place: &Place) -> Vec<&'static str> {
        vec!["messages"]
    }

    fn next(&self, place: &Place, at: At<'_>) -> Option<Ask> {
        let walk: Walk = state(at.cursor);
        let client = format!("{}/_matrix/client/v3", place.base);
        let url = match walk.step(place) {
            Step::Alias => format!("{client}/directory/room/{}", encoded(target(place)?)),
            Step::Again => {
                let (room, event) = walk.again.first()?;
                format!("{client}/rooms/{}/event/{}", encoded(room), encoded(event))
            }
            Step::Page => {
                let task = walk.tasks.first()?;
                let filter = json!({"types": SAID}).to_string();
                format!(
                    "{client}/rooms/{}/messages?dir={}&limit={MOST}&from={}&filter={}",
                    encoded(&task.room),
                    if task.back { "b" } else { "f" },
                    encoded(&task.from),
                    encoded(&filter)
                )
            }
            Step::Sync => {
                let types: Vec<&str> = SAID.into_iter().chain(STATE).collect();
                let none = json!({"types": []});
                let mut filter = json!({"presence": none, "account_data": none, "room": {
                    "timeline": {"limit": 1, "types": types}, "state": {"types": STATE},
                    "ephemeral": none, "account_data": none}});
                if let Some(room) = walk.wanted(place) {
                    filter["room"]["rooms"] = json!([room]);
                }
                let since = walk.since.as_ref().map(|since| format!("&since={}", encoded(since)));
                format!(
                    "{client}/sync?timeout=0&set_presence=offline&filter={}{}",
                    encoded(&filter.to_string()),
                    since.unwrap_or_default()
                )
            }
        };
        Some(Ask::get(url, ""))
    }

    fn barred(&self, place: &Place, at: At<'_>, reply: &Reply) -> Option<(String, String)> {
        let walk: Walk = state(at.cursor);
        if !matches!(walk.step(place), Step::Sync) || walk.since.is_some() {
            return None;
        }
        let (wanted, sync) = (walk.wanted(place)?, serde_json::from_slice::<Sync>(&reply.body).ok()?);
        let Some(room) = sync.rooms.join.get(&wanted) else {
            return Some((
                "the account of this token has not joined the room".to_owned(),
                "join it with that account, then sync again".to_owned(),
            ));
        };
        let mut told = room.state.events.iter().chain(&room.timeline.events);
        told.any(|e| e.kind == "m.room.encryption").then(|| {
            (
                "the room is encrypted: nothing in it can be read from here".to_owned(),
                "Element exports what its owner may read: Export chat, Format JSON; then rapport add FILE"
                    .to_owned(),
            )
        })
    }

    fn turn(&self, place: &Place, at: At<'_>, _ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        let mut walk: Walk = state(at.cursor);
        match walk.step(place) {
            Step::Alias => {
                let found: Value = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
                let room = found["room_id"].as_str().filter(|room| room.starts_with('!'));
                walk.room = Some(room.ok_or("the room's id is missing")?.to_owned());
                Ok(walk.settled(None))
            }
            Step::Again => {
                let (room, _) = walk.again.remove(0);
                let item = format!("{EVENT}{}", walk.called(&room));
                Ok(walk.settled(Some(item)))
            }
            Step::Page => page(walk, reply),
            Step::Sync => {
                let sync: Sync = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
                Ok(looked(walk, place, sync))
            }
        }
    }

    fn gone(&self, place: &Place, at: At<'_>, _ask: &Ask) -> Option<Turn> {
        let mut walk: Walk = state(at.cursor);
        match walk.step(place) {
            // An event that nobody shows any more says nothing; a redacted one is shown.
            Step::Again => {
                walk.again.remove(0);
            }
            // A room that the account was put out of.
            Step::Page if target(place).is_none() => {
                let room = walk.tasks.remove(0).room;
                walk.tasks.retain(|task| task.room != room);
            }
            Step::Alias | Step::Page | Step::Sync => return None,
        }
        Some(walk.settled(None))
    }

    fn verdict(&self, ask: &Ask, reply: &Reply, tries: u32, now: Time) -> Verdict {
        let told = || serde_json::from_slice::<Value>(&reply.body).unwrap_or_default();
        match reply.status {
            // The header came later to the protocol than the field.
            429 if reply.header("retry-after").is_none() => match told()["retry_after_ms"].as_i64() {
                Some(millis) => Verdict::Later {
                    until: now.plus_millis(millis.clamp(0, 86_400_000)),
                    why: "it asks for a pause".to_owned(),
                    host: true,
                },
                None => manners::http(ask, reply, tries, now),
            },
            403 if ask.url.contains("/rooms/") => Verdict::Gone,
            401 => Verdict::Denied {
                why: "it wants the access token of an account, or does not accept this one (401)".to_owned(),
                hint: "RAPPORT_MATRIX_TOKEN, or a line in the file tokens:  HOST = \"TOKEN\"".to_owned(),
            },
            _ => manners::http(ask, reply, tries, now),
        }
    }
}

/// A room at the server that its name ends in.
fn at_home(room: &str) -> Option<Place> {
    let (_, server) = room.split_once(':').filter(|_| is_room(room))?;
    let base = format!("https://{}", server.to_lowercase());
    Some(Place { what: room.to_owned(), base, token: false })
}

fn is_room(text: &str) -> bool {
    let (name, server) = text.split_once(':').unwrap_or((text, ""));
    let host = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    let whole = (name.len() > 1 && name.starts_with('#') && !server.is_empty())
        || (name.len() > 1 && name.starts_with('!'));
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '/';
    whole && text.len() <= 255 && name.chars().all(plain) && server.chars().all(host)
}

/// What `/sync` says: where to read, from which moment on.
fn looked(mut walk: Walk, place: &Place, sync: Sync) -> Turn {
    let since = walk.since.replace(sync.next_batch.clone());
    walk.round += 1;
    let wanted = walk.wanted(place);
    for (id, joined) in sync.rooms.join {
        if wanted.as_ref().is_some_and(|room| *room != id) {
            continue;
        }
        let known = walk.rooms.contains_key(&id);
        let room = walk.rooms.entry(id.clone()).or_default();
        joined.state.events.iter().chain(&joined.timeline.events).for_each(|event| room.hears(event));
        // A room that the owner named is read whoever may join it.
        if room.encrypted || !(room.public || target(place).is_some()) {
            continue;
        }
        match since.clone().filter(|_| known) {
            Some(from) => walk.tasks.push(Task { room: id, from, back: false }),
            None => walk.tasks.push(Task { room: id, from: sync.next_batch.clone(), back: true }),
        }
    }
    for id in sync.rooms.leave.keys() {
        walk.rooms.remove(id);
    }
    if walk.tasks.is_empty() {
        walk.round = ROUNDS; // nothing came
    }
    walk.settled(Some(SYNC.to_owned()))
}

fn page(mut walk: Walk, reply: &Reply) -> Result<Turn, String> {
    let messages: Messages = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
    let Task { room, from, back } = walk.tasks.remove(0);
    let events: Vec<Event> =
        messages.chunk.into_iter().filter_map(|e| serde_json::from_value(e).ok()).collect();
    walk.progress.done +=
        events.iter().filter(|e| e.kind == "m.room.message" && e.replaces().is_none()).count() as u64;
    if !back {
        // What stands on this very page has its newest words already.
        let here: BTreeSet<&str> = events.iter().map(|e| e.event_id.as_str()).collect();
        for target in events.iter().filter_map(|e| e.redacts().or_else(|| e.replaces())) {
            let wanted = (room.clone(), target.to_owned());
            if !here.contains(target) && !walk.again.contains(&wanted) {
                walk.again.push(wanted);
            }
        }
    }
    let item = format!("{PAGE}{}", walk.called(&room));
    // A page may be empty, as what was filtered out is counted; at the end there is no word on how to go on.
    let more = messages.end.filter(|end| *end != from && (back || !events.is_empty()));
    if let Some(from) = more {
        walk.tasks.insert(0, Task { room, from, back });
    }
    Ok(walk.settled(Some(item)))
}
