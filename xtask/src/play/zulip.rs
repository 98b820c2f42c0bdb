//! A Zulip organisation: one stream, a topic a thread, messages by number.

use serde_json::{Value, json};

use super::{Post, Request, Response, Stage, Thread};

fn message(stage: &Stage, t: &Thread, p: &Post) -> Value {
    let mark = if t.closed.is_some() { "\u{2714} " } else { "" };
    let name = stage.community.people[p.author];
    let mut message = json!({
        "id": p.id, "sender_id": p.author + 1, "sender_full_name": name, "sender_email": format!("user{}@chat.example", p.author + 1),
        "timestamp": p.at, "content": format!("<p>{}</p>", p.text), "content_type": "text/html", "type": "stream", "stream_id": 412,
        "display_recipient": "sdk-contributors", "subject": format!("{mark}{}", t.title), "reactions": [], "flags": ["read"],
    });
    if p.edited > p.at {
        message["last_edit_timestamp"] = p.edited.into();
    }
    message
}

/// What the web may see is open to all, everything public to whoever logs in.
fn open(stage: &Stage, request: &Request) -> bool {
    let Some(narrow) = request.query("narrow") else { return false };
    let basic = stage.token.as_ref().map(|pair| format!("Basic {}", super::reddit::base64(pair)));
    let named = basic.is_some() && request.headers.get("authorization") == basic.as_ref();
    narrow.contains("\"web-public\"") || narrow.contains("\"public\"") && named
}

pub fn answer(stage: &Stage, request: &Request) -> Response {
    match request.bare() {
        "/api/v1/server_settings" => {
            Response::json(&json!({"result": "success", "zulip_version": "11.0", "realm_name": "Tidewater"}))
        }
        "/api/v1/messages" if !open(stage, request) => Response::status(
            401,
            &json!({"result": "error", "msg": "Not logged in: API authentication or user session required", "code": "UNAUTHORIZED"}),
        ),
        "/api/v1/messages" => {
            let anchor = request.number("anchor").unwrap_or(0);
            let most = usize::try_from(request.number("num_after").unwrap_or(0).min(5_000)).unwrap_or(0);
            let mut all: Vec<(u64, &Thread, &Post)> = Vec::new();
            for t in &stage.community.threads {
                all.extend(t.posts.iter().filter(|p| !p.deleted && p.id > anchor).map(|p| (p.id, t, p)));
            }
            all.sort_by_key(|(id, _, _)| *id);
            let messages: Vec<Value> = all.iter().take(most).map(|(_, t, p)| message(stage, t, p)).collect();
            Response::json(&json!({"result": "success", "msg": "", "messages": messages, "anchor": anchor,
                "found_newest": all.len() <= most, "found_oldest": false, "found_anchor": true, "history_limited": false}))
        }
        _ => Response::status(404, &json!({"result": "error", "msg": "Not found"})),
    }
}
