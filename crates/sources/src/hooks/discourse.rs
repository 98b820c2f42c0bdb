//! Deliveries of Discourse: posts and topics as the forum's own API gives them.

use rapport_model::Key;
use serde_json::{Value, json};

use super::{Gone, Heard, Said, nothing, place};

pub(super) fn heard(event: &str, instance: &str, body: &Value) -> Result<Heard, String> {
    if event == "ping" {
        return nothing("a greeting: it is set up");
    }
    let what = place(instance).ok_or("X-Discourse-Instance names no forum")?;
    let mut said = Said::of(what);
    if let Some(post) = body.get("post").filter(|p| p.is_object()) {
        if post["topic_archetype"].as_str() == Some("private_message") {
            return nothing("a private message");
        }
        if event == "post_destroyed" {
            said.gone = Gone::Everything;
        }
        said.back = event == "post_recovered";
        return Ok(Heard::Said(Box::new(said.list(vec![post.clone()]))));
    }
    if let Some(topic) = body.get("topic").filter(|t| t.is_object()) {
        if topic["archetype"].as_str() == Some("private_message") {
            return nothing("a private message");
        }
        if event == "topic_destroyed" {
            let id = topic["id"].as_u64().ok_or("the id is missing")?;
            said.gone_threads.push(Key::new(format!("topic/{id}")));
            return Ok(Heard::Said(Box::new(said)));
        }
        // Its posts come back one by one in their own list.
        said.wanted = event == "topic_recovered";
        said.items.push(("live/hook.json".to_owned(), json!({ "topic_list": { "topics": [topic] } })));
        return Ok(Heard::Said(Box::new(said)));
    }
    if body.get("solved").is_some() || event.contains("solution") {
        // Which post it is stands in the topic's own page.
        said.wanted = true;
        return Ok(Heard::Said(Box::new(said)));
    }
    nothing(format!("'{event}' is none of the events that are listened to"))
}
