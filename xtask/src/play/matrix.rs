//! A Matrix server: one public room of a community, an encrypted one beside it, and everything that happens as events in one order.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{Post, Request, Response, Stage, Thread, Told};

const SERVER: &str = "tidewater.example";
const ROOM: &str = "!relay:tidewater.example";
const SECRET: &str = "!board:tidewater.example";

fn error(status: u16, code: &str, words: &str) -> Response {
    Response::status(status, &json!({"errcode": code, "error": words}))
}

fn user(stage: &Stage, p: &Post) -> String {
    format!("@{}:{SERVER}", stage.community.people[p.author])
}

fn state_event(n: usize, kind: &str, content: &Value) -> Value {
    json!({"type": kind, "event_id": format!("$s{n}"), "room_id": ROOM, "sender": format!("@ada-k:{SERVER}"), "state_key": "",
        "origin_server_ts": 1_780_000_000_000_i64 + i64::try_from(n).unwrap_or(0), "content": content, "unsigned": {}})
}

/// What every room begins with: nobody's words.
fn beginning() -> Vec<Value> {
    [
        ("m.room.create", json!({"room_version": "10"})),
        ("m.room.power_levels", json!({"users_default": 0, "events_default": 0})),
        ("m.room.join_rules", json!({"join_rule": "public"})),
        ("m.room.canonical_alias", json!({"alias": format!("#relay:{SERVER}")})),
        ("m.room.name", json!({"name": "Relay help"})),
        ("m.room.topic", json!({"topic": "How do I sign in?"})),
    ]
    .iter()
    .enumerate()
    .map(|(n, (kind, content))| state_event(n, kind, content))
    .collect()
}

/// The room, with an index of its posts.
struct Play<'a> {
    stage: &'a Stage,
    posts: HashMap<u64, (&'a Thread, &'a Post)>,
    /// Of each post, its newest edit and its redaction: places in the story.
    edits: HashMap<u64, usize>,
    redactions: HashMap<u64, usize>,
    first: Vec<Value>,
}

impl<'a> Play<'a> {
    fn new(stage: &'a Stage) -> Play<'a> {
        let threads = stage.community.threads.iter();
        let posts = threads.flat_map(|t| t.posts.iter().map(move |p| (p.id, (t, p)))).collect();
        let (mut edits, mut redactions) = (HashMap::new(), HashMap::new());
        for (n, (told, id, _)) in stage.community.story.iter().enumerate() {
            match told {
                Told::Posted => {}
                Told::Edited => drop(edits.insert(*id, n)),
                Told::Deleted => drop(redactions.insert(*id, n)),
            }
        }
        Play { stage, posts, edits, redactions, first: beginning() }
    }
    fn len(&self) -> usize {
        self.first.len() + self.stage.community.story.len()
    }

    /// The event at a place of the room, as it is shown now.
    fn event(&self, place: usize) -> Value {
        if let Some(state) = self.first.get(place) {
            return state.clone();
        }
        let n = place - self.first.len();
        let (told, id, at) = self.stage.community.story[n];
        let (thread, post) = self.posts[&id];
        let mut event = json!({"room_id": ROOM, "sender": user(self.stage, post), "origin_server_ts": at * 1000, "type": "m.room.message",
            "event_id": format!("$p{id}"), "unsigned": {"age": 1234}});
        match told {
            Told::Posted => {
                if let Some(redaction) = self.redactions.get(&id) {
                    event["content"] = json!({});
                    let because = self.event(self.first.len() + redaction);
                    event["unsigned"]["redacted_by"] = because["event_id"].clone();
                    event["unsigned"]["redacted_because"] = because;
                    return event;
                }
                let first = post.text.split(" Edited:").next().unwrap_or(&post.text);
                event["content"] = json!({"msgtype": "m.text", "body": first});
                let root = &thread.posts[0];
                if root.id != id && thread.number.is_multiple_of(3) {
                    event["content"]["m.relates_to"] =
                        json!({"m.in_reply_to": {"event_id": format!("$p{}", root.id)}});
                    event["content"]["body"] = format!("> <@ada-k:{SERVER}> {}\n\n{first}", root.text).into();
                } else if root.id != id {
                    let root = format!("$p{}", root.id);
                    event["content"]["m.relates_to"] = json!({"rel_type": "m.thread", "event_id": root, "is_falling_back": true,
                        "m.in_reply_to": {"event_id": root}});
                } else {
                    event["content"]["body"] = format!("{} {first}", thread.title).into();
                }
                if let Some(edit) = self.edits.get(&id) {
                    event["unsigned"]["m.relations"] =
                        json!({"m.replace": self.event(self.first.len() + edit)});
                }
            }
            Told::Edited if self.redactions.contains_key(&id) => {
                event["event_id"] = format!("$e{n}").into();
                event["content"] = json!({});
                event["unsigned"]["redacted_by"] = json!("$r0");
            }
            Told::Edited => {
                event["event_id"] = format!("$e{n}").into();
                event["content"] = json!({"msgtype": "m.text", "body": format!("* {}", post.text),
                    "m.new_content": {"msgtype": "m.text", "body": post.text},
                    "m.relates_to": {"rel_type": "m.replace", "event_id": format!("$p{id}")}});
            }
            Told::Deleted => {
                event["event_id"] = format!("$r{n}").into();
                event["type"] = "m.room.redaction".into();
                // Where it stands depends on the version of the room.
                if id.is_multiple_of(2) {
                    event["redacts"] = format!("$p{id}").into();
                    event["content"] = json!({});
                } else {
                    event["content"] = json!({"redacts": format!("$p{id}")});
                }
            }
        }
        event
    }

    /// The place of a token: so many events stand before it.
    fn place(&self, token: &str) -> Option<usize> {
        token.strip_prefix('s')?.parse().ok().filter(|n| *n <= self.len())
    }

    fn sync(&self, request: &Request) -> Response {
        let len = self.len();
        let since = match request.query("since") {
            Some(token) => match self.place(&token) {
                Some(place) => Some(place),
                None => return error(400, "M_UNKNOWN", "Invalid stream token"),
            },
            None => None,
        };
        let filter: Value =
            serde_json::from_str(&request.query("filter").unwrap_or_default()).unwrap_or_default();
        if filter["room"]["timeline"]["limit"] != 1 || filter["presence"]["types"] != json!([]) {
            return error(400, "M_BAD_JSON", "more is asked for than is read");
        }
        let mut join = json!({});
        let wanted = |room: &str| {
            filter["room"]["rooms"].as_array().is_none_or(|rooms| rooms.iter().any(|r| r == room))
        };
        if wanted(ROOM) && since.is_none_or(|since| since < len) {
            let mut state: Vec<Value> = self.first.clone();
            let types = filter["room"]["state"]["types"].as_array().cloned().unwrap_or_default();
            state.retain(|e| since.is_none() && types.contains(&e["type"]));
            let mut last = self.event(len - 1);
            // Inside of a room's part its events do not repeat the room.
            last.as_object_mut().map(|e| e.remove("room_id"));
            join[ROOM] = json!({"timeline": {"events": [last], "limited": true, "prev_batch": format!("s{}", len - 1)},
                "state": {"events": state}, "ephemeral": {"events": []}, "account_data": {"events": []}});
        }
        if wanted(SECRET) && since.is_none() {
            let closed = [
                state_event(0, "m.room.encryption", &json!({"algorithm": "m.megolm.v1.aes-sha2"})),
                state_event(1, "m.room.join_rules", &json!({"join_rule": "public"})),
            ];
            join[SECRET] = json!({"timeline": {"events": [], "limited": true, "prev_batch": "s0"}, "state": {"events": closed}});
        }
        Response::json(
            &json!({"next_batch": format!("s{len}"), "rooms": {"join": join, "leave": {}, "invite": {}}}),
        )
    }

    fn messages(&self, request: &Request) -> Response {
        let limit = usize::try_from(request.number("limit").unwrap_or(10)).unwrap_or(10).clamp(1, 1_000);
        let Some(from) = request.query("from").and_then(|token| self.place(&token)) else {
            return error(400, "M_UNKNOWN", "Invalid token");
        };
        let filter: Value =
            serde_json::from_str(&request.query("filter").unwrap_or_default()).unwrap_or_default();
        let types = filter["types"].as_array().cloned();
        let back = request.query("dir").as_deref() == Some("b");
        let (to, places): (usize, Vec<usize>) = if back {
            let to = from.saturating_sub(limit);
            (to, (to..from).rev().collect())
        } else {
            let to = (from + limit).min(self.len());
            (to, (from..to).collect())
        };
        let read = !places.is_empty();
        let chunk: Vec<Value> = places
            .into_iter()
            .map(|place| self.event(place))
            .filter(|e| types.as_ref().is_none_or(|types| types.contains(&e["type"])))
            .collect();
        let mut reply = json!({"chunk": chunk, "start": format!("s{from}")});
        if read && !(back && to == 0) {
            reply["end"] = format!("s{to}").into();
        }
        Response::json(&reply)
    }
}

pub fn answer(stage: &Stage, request: &Request) -> Response {
    let bare = request.bare();
    if bare == "/_matrix/client/versions" {
        return Response::json(&json!({"versions": ["v1.11"]}));
    }
    let path = super::decoded(bare.strip_prefix("/_matrix/client/v3").unwrap_or(""));
    if path == format!("/directory/room/#relay:{SERVER}") {
        return Response::json(&json!({"room_id": ROOM, "servers": [SERVER]}));
    }
    if path.starts_with("/directory/") {
        return error(404, "M_NOT_FOUND", "Room alias not found");
    }
    let play = Play::new(stage);
    if path == "/sync" {
        return play.sync(request);
    }
    let Some(within) = path.strip_prefix(&format!("/rooms/{ROOM}")) else {
        return error(403, "M_FORBIDDEN", "You aren't a member of the room");
    };
    if within == "/messages" {
        return play.messages(request);
    }
    let wanted = within.strip_prefix("/event/$").unwrap_or("");
    let posted = wanted.strip_prefix('p').and_then(|id| id.parse::<u64>().ok());
    let story = &stage.community.story;
    let place = match posted {
        Some(id) => story.iter().position(|(told, post, _)| *told == Told::Posted && *post == id),
        None => wanted.get(1..).and_then(|n| n.parse().ok()).filter(|n| *n < story.len()),
    };
    match place {
        Some(place) => Response::json(&play.event(play.first.len() + place)),
        None => error(404, "M_NOT_FOUND", "Event not found."),
    }
}
