//! Forum topics, a file for each.

use serde_json::{Value, json};

use super::{Files, json};
use crate::Fault;
use crate::html::cooked;
use crate::when::{self, iso};
use crate::world::{NOW, Thread, World};

/// The forum's host.
const HOST: &str = "forum.tidewater.example.com";
/// The categories, numbered from 4.
const CATEGORIES: [&str; 4] = ["General", "Webhooks", "Streaming", "Announcements"];

/// Renders every topic.
pub(crate) fn render(world: &World, files: &mut Files) -> Result<(), Fault> {
    for thread in world.of("forum") {
        let (name, topic) = topic(world, thread).map_err(|e| format!("{}: {e}", thread.id))?;
        files.insert(format!("sources/forum/{name}.json"), json(&topic));
    }
    Ok(())
}

/// The title as the address has it; `topic` when nothing of it can stand there.
fn slug(title: &str) -> String {
    let plain: String =
        title.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let words: Vec<&str> = plain.split_whitespace().take(8).collect();
    if words.is_empty() { "topic".to_owned() } else { words.join("-") }
}

fn topic(world: &World, thread: &Thread) -> Result<(String, Value), Fault> {
    let (number, slug, now) = (thread.number()?, slug(&thread.title), when::parse(NOW)?);
    let mut posts: Vec<Value> = Vec::new();
    for (n, message) in thread.messages.iter().enumerate() {
        let Some(text) = message.seen(now)? else { continue };
        let handle = world.handle(&message.by, "forum")?;
        let person = world.person(&message.by)?;
        let own = person.kind != "community";
        let reactions: Vec<Value> = message
            .reactions()
            .map(|(emoji, people)| json!({ "id": emoji, "type": "emoji", "count": people.len() }))
            .collect();
        posts.push(json!({
            "id": number * 100 + n as u64, "name": person.name, "username": handle,
            "avatar_template": format!("/user_avatar/{HOST}/{handle}/{{size}}/1.png"),
            "created_at": iso(message.at()?).replace('Z', ".000Z"),
            "cooked": if message.html { text } else { cooked(&text) },
            "post_number": n + 1, "post_type": 1, "posts_count": thread.messages.len(),
            "updated_at": iso(message.touched(now)?).replace('Z', ".000Z"),
            "reply_count": 0, "reply_to_post_number": message.re, "topic_id": number, "topic_slug": slug,
            "user_title": if own { json!(person.title) } else { Value::Null }, "staff": own,
            "accepted_answer": thread.accept == Some(n + 1), "reactions": reactions,
            "hidden": false, "user_deleted": false, "deleted_at": null, "version": if message.edited.is_some() { 2 } else { 1 },
        }));
    }
    let ids: Vec<&Value> = posts.iter().map(|p| &p["id"]).collect();
    let place = thread.place.as_deref().unwrap_or("General");
    let category =
        (4_u64..).zip(CATEGORIES).find(|(_, name)| *name == place).ok_or("there is no such category")?.0;
    let stream = json!(ids);
    let topic = json!({
        "post_stream": { "posts": posts, "stream": stream }, "id": number, "title": thread.title,
        "fancy_title": thread.title, "posts_count": thread.messages.len(),
        "created_at": iso(thread.opened()?).replace('Z', ".000Z"), "slug": slug, "category_id": category,
        "closed": thread.closed_by(now)?.is_some(), "archived": false, "tags": thread.labels,
    });
    Ok((format!("{number}-{slug}"), topic))
}
