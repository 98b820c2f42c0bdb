//! The chat workspace, exported twice with an overlap.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Files, json};
use crate::Fault;
use crate::html::escape;
use crate::when::{self, Seconds, day};
use crate::world::{Message, NOW, Person, Thread, World};

/// The exports: what was known at which moment.
const EXPORTS: [(&str, &str); 2] = [("chat.2026-08", "2026-08-05T00:00:00Z"), ("chat", NOW)];
const CHANNELS: [(&str, &str); 2] = [("general", "C0GENERAL"), ("help", "C0HELP")];

/// Renders both exports.
pub(crate) fn render(world: &World, files: &mut Files) -> Result<(), Fault> {
    for (folder, now) in EXPORTS {
        let now = when::parse(now)?;
        let mut days: BTreeMap<String, Vec<(Seconds, Value)>> = BTreeMap::new();
        for thread in world.of("slack") {
            messages(world, thread, now, &mut days).map_err(|e| format!("{}: {e}", thread.id))?;
        }
        for (name, mut messages) in days {
            messages.sort_by_key(|(at, _)| *at);
            let messages: Vec<Value> = messages.into_iter().map(|(_, message)| message).collect();
            files.insert(format!("sources/{folder}/{name}.json"), json(&json!(messages)));
        }
        let people: Vec<&Person> = world.people.iter().filter(|p| p.handles.contains_key("slack")).collect();
        let members: Vec<String> = people.iter().filter(|p| p.kind != "bot").map(|p| user_id(p)).collect();
        let channels: Vec<Value> = CHANNELS
            .iter()
            .map(|(name, id)| {
                json!({ "id": id, "name": name, "created": 1_767_225_600, "creator": members.first(),
                    "is_archived": false, "is_general": *name == "general", "members": members })
            })
            .collect();
        files.insert(format!("sources/{folder}/channels.json"), json(&json!(channels)));
        files.insert(format!("sources/{folder}/dms.json"), json(&json!([])));
        let users: Vec<Value> = people.iter().map(|p| user(p)).collect();
        files.insert(format!("sources/{folder}/users.json"), json(&json!(users)));
    }
    Ok(())
}

fn user_id(person: &Person) -> String {
    format!("U0{}", person.id.to_uppercase().replace('-', ""))
}

fn user(person: &Person) -> Value {
    let handle = person.handles.get("slack");
    json!({ "id": user_id(person), "team_id": "T0TIDEWATER", "name": handle, "deleted": false,
        "real_name": person.name, "tz": "Etc/UTC", "is_admin": person.kind == "practitioner",
        "is_bot": person.kind == "bot", "profile": { "title": person.title, "real_name": person.name,
        "display_name": handle, "email": person.email } })
}

/// The time stamp that also names a message.
fn ts(thread: &Thread, n: usize, message: &Message) -> Result<String, Fault> {
    let micros = thread.id.bytes().fold(0_u64, |h, b| (h * 31 + u64::from(b)) % 9_000) * 100 + n as u64;
    Ok(format!("{}.{micros:06}", message.at()?))
}

fn messages(
    world: &World,
    thread: &Thread,
    now: Seconds,
    days: &mut BTreeMap<String, Vec<(Seconds, Value)>>,
) -> Result<(), Fault> {
    let place = thread.place.as_deref().unwrap_or("general");
    if !CHANNELS.iter().any(|(name, _)| *name == place) {
        return Err(format!("there is no channel '{place}'").into());
    }
    let Some(first) = thread.messages.first() else { return Ok(()) };
    let root = ts(thread, 0, first)?;
    for (n, message) in thread.messages.iter().enumerate() {
        let Some(text) = message.seen(now)? else { continue };
        let at = message.at()?;
        let person = world.person(&message.by)?;
        let text = mentions(world, &text);
        let mut value = if person.kind == "bot" {
            json!({ "type": "message", "subtype": "bot_message", "bot_id": user_id(person).replacen('U', "B", 1),
                "username": person.name, "text": text, "ts": ts(thread, n, message)? })
        } else {
            json!({ "type": "message", "user": user_id(person), "text": text, "ts": ts(thread, n, message)?,
                "team": "T0TIDEWATER" })
        };
        if thread.messages.len() > 1 {
            value["thread_ts"] = json!(root);
        }
        if n == 0 && thread.messages.len() > 1 {
            value["reply_count"] = json!(thread.messages.len() - 1);
        }
        let touched = message.touched(now)?;
        if touched > at {
            value["edited"] = json!({ "user": user_id(person), "ts": format!("{touched}.000000") });
        }
        let mut reactions = Vec::new();
        for (emoji, people) in message.reactions() {
            let users: Vec<String> =
                people.iter().map(|id| world.person(id).map(user_id)).collect::<Result<_, _>>()?;
            reactions.push(json!({ "name": emoji, "users": users, "count": users.len() }));
        }
        if !reactions.is_empty() {
            value["reactions"] = json!(reactions);
        }
        days.entry(format!("{place}/{}", day(at))).or_default().push((at, value));
    }
    Ok(())
}

/// `<@linnea>` becomes the account's id; links stay as they are; all else is escaped.
fn mentions(world: &World, text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(&escape(before));
        rest = after;
        let Some((inside, tail)) = after.split_once('>') else {
            out.push_str("&lt;");
            continue;
        };
        match inside.strip_prefix('@').and_then(|id| world.person(id).ok()) {
            Some(person) => out.push_str(&format!("<@{}>", user_id(person))),
            None if inside.starts_with("https://") => out.push_str(&format!("<{inside}>")),
            None => {
                out.push_str("&lt;");
                continue;
            }
        }
        rest = tail;
    }
    out.push_str(&escape(rest));
    out
}
