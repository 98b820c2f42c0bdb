//! The Discord server as DiscordChatExporter writes it: JSON per channel and thread, one channel as CSV.

use serde_json::{Value, json};

use super::{Files, json};
use crate::Fault;
use crate::when::{self, Seconds};
use crate::world::{Message, NOW, Thread, World};

const GUILD: &str = "1103000000000000000";
const SUPPORT: u64 = 1_103_000_000_000_000_100;

/// Renders the channel, its public threads, and the channel that was exported as CSV.
pub(crate) fn render(world: &World, files: &mut Files) -> Result<(), Fault> {
    let mut places: Vec<&str> = world.of("discord").filter_map(|t| t.place.as_deref()).collect();
    places.sort_unstable();
    places.dedup();
    for (number, place) in (SUPPORT..).zip(places) {
        let threads: Vec<&Thread> =
            world.of("discord").filter(|t| t.place.as_deref() == Some(place)).collect();
        let mut messages: Vec<(Seconds, Value)> = Vec::new();
        for thread in threads {
            for (n, message) in thread.messages.iter().enumerate() {
                messages.push((message.at()?, rendered(world, thread, n, message, number)?));
            }
        }
        messages.sort_by_key(|(at, _)| *at);
        let messages: Vec<Value> = messages.into_iter().map(|(_, m)| m).collect();
        let (kind, parent, name) = match place.strip_prefix("thread:") {
            Some(name) => ("GuildPublicThread", "support", name),
            None => ("GuildTextChat", "Community", place),
        };
        let export = json!({
            "guild": { "id": GUILD, "name": "Tidewater Relay", "iconUrl": "https://cdn.example.net/icon.png" },
            "channel": { "id": number.to_string(), "type": kind, "categoryId": (SUPPORT - 1).to_string(),
                "category": parent, "name": name, "topic": null },
            "dateRange": { "after": null, "before": null }, "exportedAt": stamp(when::parse(NOW)?),
            "messages": messages, "messageCount": messages.len(),
        });
        let file = format!("sources/discord/Tidewater Relay - {parent} - {name} [{number}].json");
        files.insert(file, json(&export));
    }
    csv(world, files)
}

fn stamp(at: Seconds) -> String {
    when::iso(at).replace('Z', "+00:00")
}

/// A number that holds the time, as this service makes its ids.
fn snowflake(at: Seconds, n: usize) -> String {
    (((at * 1_000 - 1_420_070_400_000) << 22) + i64::try_from(n).unwrap_or(0)).to_string()
}

fn author(world: &World, id: &str) -> Result<Value, Fault> {
    let (person, handle) = (world.person(id)?, world.handle(id, "discord")?);
    Ok(json!({ "id": (1_103_000_000_000_500_000 + world.number(id)).to_string(), "name": handle,
        "discriminator": "0000", "nickname": person.name, "color": null, "isBot": person.kind == "bot",
        "roles": [], "avatarUrl": format!("https://cdn.example.net/avatars/{}.png", world.number(id)) }))
}

fn rendered(
    world: &World,
    thread: &Thread,
    n: usize,
    message: &Message,
    channel: u64,
) -> Result<Value, Fault> {
    let at = message.at()?;
    let mut reactions = Vec::new();
    for (emoji, people) in message.reactions() {
        let users: Vec<Value> = people.iter().map(|id| author(world, id)).collect::<Result<_, _>>()?;
        reactions.push(json!({ "emoji": { "id": "", "name": emoji, "code": "tada", "isAnimated": false,
            "imageUrl": "https://cdn.example.net/emoji.svg" }, "count": users.len(), "users": users }));
    }
    let mut value = json!({
        "id": snowflake(at, n), "type": if message.re.is_some() { "Reply" } else { "Default" },
        "timestamp": stamp(at), "timestampEdited": null, "callEndedTimestamp": null, "isPinned": false,
        "content": message.text.trim(), "author": author(world, &message.by)?, "attachments": [], "embeds": [],
        "stickers": [], "reactions": reactions, "mentions": [], "inlineEmojis": [],
    });
    if let Some(re) = message.re {
        let to = thread.messages.get(re - 1).ok_or("it answers a message that is not there")?;
        value["reference"] = json!({ "messageId": snowflake(to.at()?, re - 1), "channelId": channel.to_string(),
            "guildId": GUILD });
    }
    Ok(value)
}

fn csv(world: &World, files: &mut Files) -> Result<(), Fault> {
    for thread in world.of("discord-csv") {
        let mut out = "AuthorID,Author,Date,Content,Attachments,Reactions\r\n".to_owned();
        for message in &thread.messages {
            let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
            let person = author(world, &message.by)?;
            let text = |value: &Value| value.as_str().map(cell).unwrap_or_default();
            out.push_str(&format!(
                "{},{},{},{},\"\",\"\"\r\n",
                text(&person["id"]),
                text(&person["name"]),
                cell(&when::iso(message.at()?).replace('Z', ".0000000+00:00")),
                cell(message.text.trim()),
            ));
        }
        let place = thread.place.as_deref().unwrap_or("general");
        let file =
            format!("sources/discord-csv/Tidewater Relay - Community - {place} [{}].csv", SUPPORT + 50);
        files.insert(file, out.into_bytes());
    }
    Ok(())
}
