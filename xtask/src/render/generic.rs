//! Activities noted down by hand: a line of JSON each, with the activity and who did it.

use serde_json::json;

use super::Files;
use crate::Fault;
use crate::when::iso;
use crate::world::World;

/// Renders the file.
pub(crate) fn render(world: &World, files: &mut Files) -> Result<(), Fault> {
    let mut out = String::new();
    for thread in world.of("generic") {
        for (n, message) in thread.messages.iter().enumerate() {
            let person = world.person(&message.by)?;
            let line = json!({
                "activity": {
                    "key": format!("{}/{n}", thread.id), "thread": thread.id,
                    "activity_type": if n == 0 { "question" } else { "answer" },
                    "title": thread.title, "description": message.text.trim(), "occurred_at": iso(message.at()?),
                    "link": format!("https://docs.tidewater.example.com/office-hours#{}", thread.id),
                },
                "member": { "username": world.handle(&message.by, "generic")?, "name": person.name, "email": person.email },
            });
            out.push_str(&format!("{line}\n"));
        }
    }
    files.insert("sources/office-hours/activities.jsonl".to_owned(), out.into_bytes());
    Ok(())
}
