//! Discord: what DiscordChatExporter writes, a JSON or a CSV file per channel. Direct messages and private threads are
//! left out.
//!
//! A thread or forum post is a channel of its own in Discord, and bears the id of the message that it began with; so
//! the thread's key is that message's key, in whichever file each of them stands. In a plain channel a message begins
//! a thread of its own, and a reply goes where the message goes that it answers.

mod living;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::io::BufRead;

use rapport_model::{Act, Activity, Key, Place, ThreadFacts, ThreadKind, ThreadRef, Time, Who};
use serde::Deserialize;

use crate::contract::{
    About, Connector, Detected, Item, Out, Peek, Plan, Reader, Record, Reject, Unreadable, go_on,
};
use crate::scan::Elements;

/// The connector.
pub(crate) struct Discord;

impl Connector for Discord {
    fn about(&self) -> &'static About {
        &About {
            name: "discord",
            reads: "Discord channels as DiscordChatExporter writes them, JSON or CSV",
            how_to_get: "DiscordChatExporter with a bot's token: exportguild --format Json --include-threads All.",
            terms: "as the server states",
            limits: "direct messages and private threads are left out; CSV exports carry no replies, no ids and no time zone: there every message stands alone, at the time written taken as UTC",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        let some = |end: &'static str| peek.items().iter().filter(move |n| n.ends_with(end)).take(20);
        let json = some(".json").find_map(|name| {
            let head = peek.head(name, 64 * 1024);
            let text = String::from_utf8_lossy(&head).into_owned();
            let fits = text.trim_start_matches('\u{feff}').trim_start().starts_with('{')
                && ["\"guild\"", "\"channel\"", "\"messages\""].iter().all(|key| text.contains(key));
            let mut head = head.as_slice();
            let mut elements = Elements::new(&mut head, &["messages[]"]);
            let _ = elements.next(); // the head is cut somewhere; what comes before the messages is enough
            let channel = fits.then(|| channel(elements.shell())).flatten()?;
            let why =
                format!("{name} is a channel of {}", channel.guild.name.as_deref().unwrap_or("a server"));
            Some(Detected { sure: 95, what: channel.guild.id, why })
        });
        json.or_else(|| {
            let name = some(".csv").find(|name| table::is_header(&peek.head(name, 4_096)))?;
            let file = name.rsplit('/').next().unwrap_or(name);
            let server = file.split_once(" - ").map_or_else(|| peek.name(), |(server, _)| server);
            let server = server.strip_suffix(".csv").unwrap_or(server).to_lowercase();
            Some(Detected { sure: 90, what: server, why: format!("{name} is a table of Discord messages") })
        })
    }

    fn reader(&self, what: &str) -> Box<dyn Reader> {
        Box::new(Server { place: Place::new("discord"), guild: what.to_owned() })
    }
}

/// The account that stands for everybody whose account was deleted.
const DELETED_USER: &str = "456226577798135808";

struct Server {
    place: Place,
    /// The server that a living place is.
    guild: String,
}

#[derive(Deserialize)]
struct Channel {
    guild: Guild,
    channel: Info,
    #[serde(rename = "dateRange", default)]
    range: Option<Range>,
}

#[derive(Deserialize)]
struct Guild {
    id: String,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Info {
    id: String,
    #[serde(rename = "type", default)]
    kind: String,
    category: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Range {
    after: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    id: String,
    #[serde(rename = "type", default)]
    kind: String,
    timestamp: String,
    timestamp_edited: Option<String>,
    content: Option<String>,
    author: Option<Author>,
    #[serde(default)]
    attachments: Vec<Attachment>,
    #[serde(default)]
    embeds: Vec<Embed>,
    #[serde(default)]
    reactions: Vec<Reaction>,
    #[serde(default)]
    mentions: Vec<Author>,
    reference: Option<Reference>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Author {
    id: String,
    name: Option<String>,
    discriminator: Option<String>,
    nickname: Option<String>,
    #[serde(default)]
    is_bot: bool,
    #[serde(default)]
    roles: Vec<Role>,
}

#[derive(Deserialize)]
struct Role {
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attachment {
    file_name: Option<String>,
}

#[derive(Deserialize)]
struct Embed {
    title: Option<String>,
    description: Option<String>,
}

#[derive(Deserialize)]
struct Reaction {
    emoji: Emoji,
    #[serde(default)]
    count: u64,
    #[serde(default)]
    users: Vec<Author>,
}

#[derive(Deserialize)]
struct Emoji {
    name: Option<String>,
    code: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    message_id: Option<String>,
    channel_id: Option<String>,
}

/// What stands before the messages: the scanned shell up to there, closed by hand.
fn channel(shell: &[u8]) -> Option<Channel> {
    let closed = [shell, b"]}"].concat();
    serde_json::from_slice(&closed).or_else(|_| serde_json::from_slice(shell)).ok()
}

impl Channel {
    fn is_private(&self) -> bool {
        self.guild.id == "0"
            || self.channel.kind.starts_with("Direct")
            || self.channel.kind.contains("PrivateThread")
    }

    fn is_thread(&self) -> bool {
        self.channel.kind.contains("Thread")
    }

    fn facts(&self) -> ThreadFacts {
        let info = &self.channel;
        let thread = self.is_thread();
        let container = if thread { &info.category } else { &info.name };
        ThreadFacts {
            kind: Some(ThreadKind::Chat),
            title: info.name.clone().filter(|_| thread),
            url: thread.then(|| format!("https://discord.com/channels/{}/{}", self.guild.id, info.id)),
            container: container.as_ref().map(|name| format!("#{name}")),
            ..ThreadFacts::default()
        }
    }
}

impl Reader for Server {
    fn plan(&self, name: &str) -> Plan {
        if name.ends_with(".json") || name.starts_with(living::LIVE) || name.ends_with(".csv") {
            Plan::Read(0)
        } else {
            Plan::Skip
        }
    }

    fn read(&mut self, item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        if let Some(name) = item.name.strip_prefix(living::LIVE) {
            return self.living(name, body, out);
        }
        if item.name.ends_with(".csv") {
            return table::read(&self.place, &item.name, body, out);
        }
        let mut elements = Elements::new(body, &["messages[]"]);
        let mut here: Option<Channel> = None;
        let mut first = true;
        loop {
            let (bytes, at) = match elements.next()? {
                Some(element) => (element.bytes.to_vec(), element.at()),
                None => return Ok(()),
            };
            let Some(channel) = here.take().or_else(|| channel(elements.shell())) else {
                let why = "messages without a guild and a channel before them".to_owned();
                return Err(Unreadable::Shape { at, why });
            };
            if channel.is_private() {
                return Ok(());
            }
            // A channel's beginning is told by its file alone when the file is not a stretch or a later part of it.
            let whole = channel.range.as_ref().is_none_or(|range| range.after.is_none());
            let part = item.name.contains("[part ") && !item.name.contains("[part 1]");
            let opens = std::mem::take(&mut first) && whole && !part;
            match self.message(&channel, opens, &bytes) {
                Ok(record) => go_on(out.record(record))?,
                Err(why) => go_on(out.reject(Reject::new(at, why, &bytes)))?,
            }
            here = Some(channel);
        }
    }
}

fn key_of(id: &str) -> Key {
    Key::new(format!("message/{id}"))
}

impl Server {
    fn who(&self, author: &Author) -> Option<Who> {
        if author.id == DELETED_USER || author.id.trim().is_empty() {
            return None;
        }
        let filled = |text: &Option<String>| text.clone().filter(|t| !t.trim().is_empty());
        let mut who = Who::new(&self.place, author.id.as_str());
        let number =
            author.discriminator.as_deref().filter(|d| !d.is_empty() && !d.trim_matches('0').is_empty());
        who.handle = filled(&author.name).map(|name| match number {
            Some(number) => format!("{name}#{number}"),
            None => name,
        });
        who.name = filled(&author.nickname).or_else(|| filled(&author.name));
        who.title = author.roles.first().and_then(|role| filled(&role.name));
        who.bot = author.is_bot;
        Some(who)
    }

    fn message(&self, channel: &Channel, opens: bool, bytes: &[u8]) -> Result<Record, String> {
        let m: Message = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        self.record(channel, opens, m, bytes)
    }

    fn record(&self, channel: &Channel, opens: bool, m: Message, bytes: &[u8]) -> Result<Record, String> {
        let at = Time::parse(&m.timestamp).map_err(|e| e.to_string())?;
        let key = key_of(&m.id);
        let who = m.author.as_ref().and_then(|author| self.who(author));
        let info = &channel.channel;
        let url = format!("https://discord.com/channels/{}/{}/{}", channel.guild.id, info.id, m.id);
        let nothing = |activities| Record {
            raw: bytes.to_vec(),
            activities,
            rejects: Vec::new(),
            whole: None,
            fixed: false,
        };
        let event = match m.kind.as_str() {
            "" | "Default" | "0" | "Reply" | "19" | "ApplicationCommand" | "ChatInputCommand" | "20"
            | "ContextMenuCommand" | "23" => None,
            // It repeats the message that the thread began with, which stands in the channel above.
            "ThreadStarterMessage" | "21" => return Ok(nothing(Vec::new())),
            "GuildMemberJoin" | "7" => Some(Act::Joined),
            _ => Some(Act::Other),
        };
        if let Some(act) = event {
            let mut event = Activity::new(key, act, at, who, ThreadRef::None);
            event.detail = Some(m.kind);
            event.url = Some(url);
            return Ok(nothing(vec![event]));
        }
        let here = |r: &&Reference| r.channel_id.as_deref().is_none_or(|id| id == info.id);
        let answers = m.reference.as_ref().filter(here).and_then(|r| r.message_id.as_deref()).map(key_of);
        let (act, thread) = match (&answers, channel.is_thread()) {
            (_, true) => {
                let began = m.id == info.id || (opens && answers.is_none());
                (if began { Act::Opened } else { Act::Replied }, ThreadRef::Key(key_of(&info.id)))
            }
            (Some(parent), false) => (Act::Replied, ThreadRef::Of(parent.clone())),
            (None, false) => (Act::Opened, ThreadRef::Key(key.clone())),
        };
        let mut said = Activity::new(key.clone(), act, at, who, thread.clone());
        said.text = text(&m);
        said.url = Some(url);
        said.reply_to = answers;
        said.updated = m.timestamp_edited.as_deref().and_then(|t| Time::parse(t).ok()).or(Some(at));
        said.facts = Some(Box::new(channel.facts()));
        let mut record = Record::one(bytes, said);
        let mut named = HashSet::new();
        for reaction in &m.reactions {
            let emoji = [&reaction.emoji.code, &reaction.emoji.name];
            let emoji = emoji.into_iter().flatten().find(|e| !e.is_empty()).map_or("?", String::as_str);
            let mut react = |name: Key, who: Option<Who>, detail: String| {
                if !named.insert(name.clone()) {
                    return;
                }
                let mut reacted = Activity::new(name, Act::Reacted, at, who, thread.clone());
                reacted.reply_to = Some(key.clone());
                reacted.detail = Some(detail);
                record.activities.push(reacted);
            };
            for user in &reaction.users {
                react(Key::new(format!("{key}/r/{emoji}/{}", user.id)), self.who(user), emoji.to_owned());
            }
            if reaction.users.is_empty() && reaction.count > 0 {
                let detail = format!("{emoji} x{}", reaction.count); // older exports do not say who
                react(Key::new(format!("{key}/r/{emoji}")), None, detail);
            }
        }
        Ok(record)
    }
}

/// Mentions by name, in one pass: what a name holds is no mention again.
fn named(content: &str, mentions: &[Author]) -> String {
    let names: HashMap<&str, &Author> = mentions.iter().map(|user| (user.id.as_str(), user)).collect();
    let mut out = String::with_capacity(content.len());
    let mut rest = content;
    while let Some((before, after)) = rest.split_once("<@") {
        out.push_str(before);
        let id = after.strip_prefix('!').unwrap_or(after);
        let digits = id.bytes().take_while(u8::is_ascii_digit).count();
        match (names.get(&id[..digits]), id[digits..].strip_prefix('>')) {
            (Some(user), Some(tail)) => {
                out.push('@');
                out.push_str(user.nickname.as_deref().or(user.name.as_deref()).unwrap_or(&user.id));
                rest = tail;
            }
            _ => {
                out.push_str("<@");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The words of a message: its content with mentions by name, else its embeds; then the names of attached files, whose
/// links expire.
fn text(m: &Message) -> String {
    let text = named(m.content.as_deref().unwrap_or(""), &m.mentions);
    let mut parts: Vec<&str> = vec![text.trim_end()];
    if text.trim().is_empty() {
        parts =
            m.embeds.iter().flat_map(|e| [e.title.as_deref(), e.description.as_deref()]).flatten().collect();
    }
    let files: Vec<String> = m
        .attachments
        .iter()
        .filter_map(|a| a.file_name.as_ref())
        .map(|name| format!("[file: {name}]"))
        .collect();
    parts.extend(files.iter().map(String::as_str));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}
