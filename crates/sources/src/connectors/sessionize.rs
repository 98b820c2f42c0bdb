//! Sessionize: the sessions of a conference, as its public API tells them: everything (`view/All`), the list
//! (`view/Sessions`) or the timetable (`view/GridSmart`).
//!
//! Who speaks is left out before anything is kept. A session without a time is not in the programme yet.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use rapport_model::{Key, Record, Reject, Time};
use serde_json::{Value, json};

use crate::contract::{About, Connector, Detected, Item, Out, Peek, Plan, Reader, Unreadable, go_on};
use crate::events::{State, Told};
use crate::scan::LARGEST;

/// The connector.
pub(crate) struct Sessionize;

/// How the replies of the living service are called.
pub(crate) const ITEM: &str = "live/sessions.json";

/// What stays of a session.
const KEPT: [&str; 9] =
    ["description", "endsAt", "id", "isServiceSession", "liveUrl", "room", "startsAt", "status", "title"];

impl Connector for Sessionize {
    fn about(&self) -> &'static About {
        &About {
            name: "sessionize",
            reads: "Sessionize: the sessions of a conference, with rooms and times",
            how_to_get: "rapport add https://sessionize.com/api/v2/ID/view/All, an endpoint that the organisers made; or save its answer as a JSON file.",
            terms: "the organisers'",
            limits: "who speaks is left out; times are the venue's own, for no zone is told; sessions without a time are not in the programme yet",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        let mut json = peek.items().iter().filter(|name| name.ends_with(".json")).take(20);
        json.find_map(|name| {
            let head = String::from_utf8_lossy(&peek.head(name, 1 << 20)).into_owned();
            is_one(&head).then(|| Detected {
                sure: 95,
                what: peek.name().strip_suffix(".json").unwrap_or(peek.name()).to_lowercase(),
                why: format!("{name} holds sessions of Sessionize"),
            })
        })
    }

    fn reader(&self, _what: &str) -> Box<dyn Reader> {
        Box::new(Sessions)
    }
}

/// Whether a document is of Sessionize's making.
pub(crate) fn is_one(head: &str) -> bool {
    head.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '['])
        && ["\"sessions\"", "\"isServiceSession\"", "\"isPlenumSession\"", "\"startsAt\""]
            .iter()
            .all(|mark| head.contains(mark))
}

struct Sessions;

impl Reader for Sessions {
    fn plan(&self, name: &str) -> Plan {
        if name.ends_with(".json") { Plan::Read(0) } else { Plan::Skip }
    }

    fn read(&mut self, _item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let shape = |why: String| Unreadable::Shape { at: "byte 0".to_owned(), why };
        let mut bytes = Vec::new();
        body.take(LARGEST as u64).read_to_end(&mut bytes)?;
        let all: Value = serde_json::from_slice(&bytes).map_err(|e| shape(e.to_string()))?;
        let mut found = Vec::new();
        match &all {
            Value::Object(whole) if whole.contains_key("sessions") => gather(&all, "", &mut found),
            Value::Array(parts) => parts.iter().for_each(|part| gather(part, "", &mut found)),
            _ => return Err(shape("it holds no sessions".to_owned())),
        }
        // The timetable shows one of all rooms in each of them.
        let mut told: BTreeMap<Key, ()> = BTreeMap::new();
        for (n, (session, room)) in found.into_iter().enumerate() {
            let place = format!("session {}", n + 1);
            if session["startsAt"].is_null() && session["title"].is_string() {
                continue;
            }
            match record(session, room) {
                Ok(record) => {
                    let key = record.activities.first().map(|a| a.key.clone());
                    if key.is_some_and(|key| told.insert(key, ()).is_none()) {
                        go_on(out.record(record))?;
                    }
                }
                Err(why) => {
                    go_on(out.reject(Reject::new(place, why, session.to_string().as_bytes())))?;
                }
            }
        }
        Ok(())
    }
}

/// The sessions of a part and of the rooms in it, each with its room.
fn gather<'v>(part: &'v Value, room: &'v str, found: &mut Vec<(&'v Value, &'v str)>) {
    let list = |name: &str| part[name].as_array().map_or(&[][..], Vec::as_slice);
    let rooms = list("rooms");
    let named: BTreeMap<String, &str> =
        rooms.iter().filter_map(|room| Some((room["id"].to_string(), room["name"].as_str()?))).collect();
    for session in list("sessions") {
        let own = session["room"].as_str().or_else(|| named.get(&session["roomId"].to_string()).copied());
        found.push((session, own.unwrap_or(room)));
    }
    for inner in rooms.iter().filter(|inner| inner["sessions"].is_array()) {
        for session in inner["sessions"].as_array().map_or(&[][..], Vec::as_slice) {
            found.push((session, session["room"].as_str().or(inner["name"].as_str()).unwrap_or(room)));
        }
    }
}

fn record(session: &Value, room: &str) -> Result<Record, String> {
    let id = match &session["id"] {
        Value::String(id) if !id.trim().is_empty() => id.trim().to_owned(),
        Value::Number(id) => id.to_string(),
        _ => return Err("it has no id".to_owned()),
    };
    let title =
        session["title"].as_str().filter(|title| !title.trim().is_empty()).ok_or("it has no title")?;
    let moment = |name: &str| match &session[name] {
        Value::Null => Ok(None),
        Value::String(text) => Time::parse(text).map(Some).map_err(|_| format!("its {name} is no moment")),
        _ => Err(format!("its {name} is no moment")),
    };
    let starts = moment("startsAt")?;
    let told = Told {
        name: title.to_owned(),
        starts,
        ends: moment("endsAt")?.filter(|ends| Some(*ends) >= starts),
        place: Some(room.to_owned()).filter(|room| !room.is_empty()),
        state: match session["status"].as_str().unwrap_or("") {
            "Declined" | "Cancelled" | "Canceled" => State::Cancelled,
            _ => State::Planned,
        },
        session: true,
        about: session["description"].as_str().unwrap_or("").to_owned(),
        ..Told::default()
    };
    let key = Key::new(format!("session/{id}"));
    let activity = told.activity(key.clone(), key, session["liveUrl"].as_str())?;
    // In order of name, with the room's name for its number.
    let mut kept: BTreeMap<&str, Value> =
        KEPT.iter().filter_map(|name| Some((*name, session.get(*name)?.clone()))).collect();
    kept.insert("room", json!(room));
    kept.insert("isPlenumSession", session["isPlenumSession"].clone());
    let raw = json!({"sessions": [kept]}).to_string();
    Ok(Record::one(raw.as_bytes(), activity))
}
