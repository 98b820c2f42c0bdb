//! Slack's events, of public channels alone.

use serde_json::{Value, json};

use super::{Gone, Heard, Said, nothing, text};
use crate::contract::epoch_seconds;

pub(super) fn heard(body: &Value) -> Result<Heard, String> {
    if text(body, "/type") != Some("event_callback") {
        return nothing("no event");
    }
    let team = text(body, "/team_id").ok_or("the team is missing")?;
    let event = body.get("event").filter(|e| e.is_object()).ok_or("the event is missing")?;
    if text(event, "/type") != Some("message") {
        return nothing("none of the events that are listened to");
    }
    if text(event, "/channel_type") != Some("channel") {
        return nothing("a private conversation");
    }
    let channel = text(event, "/channel").ok_or("the channel is missing")?;
    let mut said = Said::of(team.to_lowercase());
    let message = match text(event, "/subtype") {
        Some("message_changed") => event["message"].clone(),
        Some("message_deleted") => {
            said.gone = Gone::Everything;
            let mut message = event.get("previous_message").cloned().unwrap_or(Value::Null);
            if !message.is_object() {
                message = json!({ "text": "" });
            }
            message["ts"] = event["deleted_ts"].clone();
            message
        }
        Some(_) | None => event.clone(),
    };
    if !message.is_object() {
        return Err("the message is missing".to_owned());
    }
    said.items.push(("channels.json".to_owned(), json!([{ "id": channel, "name": channel }])));
    said.items.push((format!("{channel}/2000-01-01.json"), json!([message])));
    // Told late, a message as it first stood does not undo its edit.
    let stamp = text(&message, "/edited/ts").or_else(|| text(&message, "/ts"));
    said.changed = stamp.and_then(epoch_seconds);
    said.nameless = true;
    Ok(Heard::Said(Box::new(said)))
}
