//! The Zulip stream as its archiver writes it: a file per topic.

use serde_json::{Value, json};

use super::{Files, json};
use crate::Fault;
use crate::html::cooked;
use crate::world::World;

/// Renders every topic.
pub(crate) fn render(world: &World, files: &mut Files) -> Result<(), Fault> {
    for (thread, nth) in world.of("zulip").zip(1_u64..) {
        let mut messages: Vec<Value> = Vec::new();
        for (message, n) in thread.messages.iter().zip(0_u64..) {
            let content = cooked(message.text.trim());
            messages.push(json!({ "content": content.trim_end(), "id": 90_000 + nth * 100 + n,
                "sender_full_name": world.handle(&message.by, "zulip")?, "sender_id": 700 + world.number(&message.by),
                "timestamp": message.at()? }));
        }
        let stream = thread.place.as_deref().unwrap_or("general").replace(' ', "-");
        files.insert(
            format!("sources/zulip/412-{stream}/{}.json", dotted(&thread.title)),
            json(&json!(messages)),
        );
    }
    Ok(())
}

/// A topic as a file name: percent encoding, with a dot for the percent sign.
fn dotted(topic: &str) -> String {
    topic
        .bytes()
        .map(|b| match b {
            b if b.is_ascii_alphanumeric() || b"-_~()*!'".contains(&b) => char::from(b).to_string(),
            b => format!(".{b:02X}"),
        })
        .collect()
}
