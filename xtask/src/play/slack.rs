//! A Slack workspace: two public channels that the app is in, one that it is not in, and what it must never ask for.

use serde_json::{Value, json};

use super::{Post, Request, Response, Stage, Thread};

/// The workspace.
pub const TEAM: &str = "T0TIDE";

/// The channel that a thread stands in.
pub fn channel(t: &Thread) -> (&'static str, &'static str) {
    if t.number.is_multiple_of(4) { ("C0SDK", "sdk") } else { ("C0HELP", "help") }
}

/// A message's own key: its time, made single by its number.
pub fn ts(p: &Post) -> String {
    format!("{}.{:06}", p.at, p.id % 1_000_000)
}

pub fn user(stage_people: &[&str], n: usize) -> Value {
    let name = stage_people[n];
    json!({"id": format!("U0{n:03}"), "team_id": TEAM, "name": name, "deleted": false, "is_bot": false,
        "profile": {"real_name": name, "display_name": name, "email": format!("{name}@tidewater.example")}})
}

/// A message as exports and the API write it; `reply_count` and what goes with it stand on openings that have replies.
pub fn message(t: &Thread, p: &Post) -> Value {
    let mut message = json!({"type": "message", "user": format!("U0{:03}", p.author), "text": format!("{} <@U0{:03}>", p.text, (p.author + 1) % 12), "ts": ts(p), "team": TEAM});
    if p.edited > p.at {
        message["edited"] =
            json!({"user": format!("U0{:03}", p.author), "ts": format!("{}.000000", p.edited)});
    }
    let opening = &t.posts[0];
    if p.id != opening.id {
        message["thread_ts"] = ts(opening).into();
        message["parent_user_id"] = format!("U0{:03}", opening.author).into();
    } else if let Some(last) = t.replies().max_by_key(|p| p.id) {
        message["thread_ts"] = ts(opening).into();
        message["reply_count"] = t.replies().count().into();
        message["latest_reply"] = ts(last).into();
    }
    message
}

fn refused(error: &str) -> Response {
    Response::json(&json!({"ok": false, "error": error}))
}

fn listed(id: &str, name: &str, member: bool, kind: &str) -> Value {
    json!({"id": id, "name": name, "is_channel": kind == "public", "is_private": kind != "public", "is_im": kind == "im",
        "is_mpim": false, "is_member": member, "is_archived": false, "num_members": 12})
}

pub fn answer(stage: &mut Stage, request: &Request) -> Response {
    if stage.token.as_ref().is_some_and(|token| {
        request.headers.get("authorization").is_none_or(|given| *given != format!("Bearer {token}"))
    }) {
        return refused("invalid_auth");
    }
    let path = request.path.clone();
    let most = usize::try_from(request.number("limit").unwrap_or(100).min(1_000)).unwrap_or(100);
    match request.bare() {
        "/users.list" => {
            // Pages of five, so that paging is seen.
            let from = request.query("cursor").and_then(|c| c.parse().ok()).unwrap_or(0_usize);
            let people = &stage.community.people;
            let size = if people.len() > 5 && most > 5 { 8 } else { most };
            let members: Vec<Value> = (from..people.len()).take(size).map(|n| user(people, n)).collect();
            let next = if from + size < people.len() { (from + size).to_string() } else { String::new() };
            Response::json(
                &json!({"ok": true, "members": members, "response_metadata": {"next_cursor": next}}),
            )
        }
        "/conversations.list" => {
            if request.query("types").as_deref() != Some("public_channel") {
                stage.failures.push(format!("private conversations were asked for: {path}"));
            }
            let mut channels =
                vec![listed("C0HELP", "help", true, "public"), listed("C0SDK", "sdk", true, "public")];
            if stage.shut {
                channels.push(listed("C0SHUT", "lounge", false, "public"));
                channels.push(listed("G0SECRET", "board", true, "private"));
                channels.push(listed("D0TWO", "", true, "im"));
            }
            Response::json(
                &json!({"ok": true, "channels": channels, "response_metadata": {"next_cursor": ""}}),
            )
        }
        "/conversations.info" => {
            let id = request.query("channel").unwrap_or_default();
            let name = if id == "C0SDK" { "sdk" } else { "help" };
            Response::json(&json!({"ok": true, "channel": listed(&id, name, true, "public")}))
        }
        "/conversations.members" => Response::json(
            &json!({"ok": true, "members": ["U0000", "U0001"], "response_metadata": {"next_cursor": ""}}),
        ),
        "/users.info" => {
            let id = request.query("user").unwrap_or_default();
            let number = id.trim_start_matches("U0").parse().unwrap_or(0_usize);
            let people = &stage.community.people;
            Response::json(&json!({"ok": true, "user": user(people, number.min(people.len() - 1))}))
        }
        "/conversations.history" => {
            let id = request.query("channel").unwrap_or_default();
            if !matches!(id.as_str(), "C0HELP" | "C0SDK") {
                stage.failures.push(format!("a channel that is not for us was asked for: {path}"));
                return refused("not_in_channel");
            }
            let (oldest, latest) = (request.query("oldest"), request.query("latest"));
            let mut all: Vec<(String, Value)> = Vec::new();
            for t in stage.community.threads.iter().filter(|t| channel(t).0 == id) {
                let at = ts(&t.posts[0]);
                let inside =
                    oldest.as_ref().is_none_or(|o| at > *o) && latest.as_ref().is_none_or(|l| at < *l);
                if inside {
                    all.push((at, message(t, &t.posts[0])));
                }
            }
            all.sort_by(|a, b| b.0.cmp(&a.0));
            let more = all.len() > most;
            let messages: Vec<Value> = all.into_iter().take(most).map(|(_, m)| m).collect();
            Response::json(&json!({"ok": true, "messages": messages, "has_more": more, "pin_count": 0}))
        }
        "/conversations.replies" => {
            let (id, at) =
                (request.query("channel").unwrap_or_default(), request.query("ts").unwrap_or_default());
            let second = at.split('.').next().and_then(|n| n.parse::<i64>().ok()).unwrap_or(0);
            let mut then = stage.community.threads.iter().filter(|t| t.posts[0].at == second);
            let found = then.find(|t| channel(t).0 == id && ts(&t.posts[0]) == at);
            let Some(t) = found else { return refused("thread_not_found") };
            let mut messages = vec![message(t, &t.posts[0])];
            messages.extend(t.replies().map(|p| message(t, p)));
            Response::json(&json!({"ok": true, "messages": messages, "has_more": false}))
        }
        _ => refused("unknown_method"),
    }
}
