//! What a living server answers: messages as the API writes them, which is not how the exporter does. They mean the same
//! here, key for key; who reacted is left out, since the API tells it for each emoji of each message apart.

use std::io::BufRead;

use serde::Deserialize;

use super::{Attachment, Author, Channel, Embed, Guild, Info, Message, Reference, Server};
use crate::contract::{Out, Reject, Unreadable, go_on};
use crate::scan::Elements;

/// How the replies of a living server are called.
pub(super) const LIVE: &str = "live/";

#[derive(Deserialize)]
struct Said {
    id: String,
    #[serde(rename = "type", default)]
    kind: u16,
    timestamp: String,
    edited_timestamp: Option<String>,
    content: Option<String>,
    author: Option<User>,
    webhook_id: Option<String>,
    #[serde(default)]
    attachments: Vec<File>,
    #[serde(default)]
    embeds: Vec<Embed>,
    #[serde(default)]
    mentions: Vec<User>,
    message_reference: Option<Referred>,
}

#[derive(Deserialize)]
struct User {
    id: String,
    username: Option<String>,
    global_name: Option<String>,
    discriminator: Option<String>,
    #[serde(default)]
    bot: bool,
}

#[derive(Deserialize)]
struct File {
    filename: Option<String>,
}

#[derive(Deserialize)]
struct Referred {
    message_id: Option<String>,
    channel_id: Option<String>,
}

impl From<User> for Author {
    fn from(user: User) -> Author {
        Author {
            id: user.id,
            nickname: user.global_name.or_else(|| user.username.clone()),
            name: user.username,
            discriminator: user.discriminator,
            is_bot: user.bot,
            roles: Vec::new(),
        }
    }
}

/// What the exporter calls a type of message.
fn kind(number: u16) -> String {
    let name = match number {
        0 => "Default",
        1 => "RecipientAdd",
        2 => "RecipientRemove",
        3 => "Call",
        4 => "ChannelNameChange",
        5 => "ChannelIconChange",
        6 => "ChannelPinnedMessage",
        7 => "GuildMemberJoin",
        18 => "ThreadCreated",
        19 => "Reply",
        other => return other.to_string(),
    };
    name.to_owned()
}

impl From<Said> for Message {
    fn from(said: Said) -> Message {
        let hook = said.webhook_id.is_some();
        let files = said.attachments.into_iter();
        Message {
            id: said.id,
            kind: kind(said.kind),
            timestamp: said.timestamp,
            timestamp_edited: said.edited_timestamp,
            content: said.content,
            author: said.author.map(Author::from).map(|mut author| {
                author.is_bot |= hook;
                author
            }),
            attachments: files.map(|f| Attachment { file_name: f.filename }).collect(),
            embeds: said.embeds,
            reactions: Vec::new(),
            mentions: said.mentions.into_iter().map(Author::from).collect(),
            reference: said
                .message_reference
                .map(|r| Reference { message_id: r.message_id, channel_id: r.channel_id }),
        }
    }
}

impl Server {
    /// `messages/<channel>/<thread|channel>/<first|later>` with the names behind it, each on a line of its own; or
    /// `unheard` with the name of a channel that is not for us.
    pub(super) fn living(
        &self,
        name: &str,
        body: &mut dyn BufRead,
        out: &mut dyn Out,
    ) -> Result<(), Unreadable> {
        let mut lines = name.lines();
        let mut parts = lines.next().unwrap_or("").split('/');
        let what = parts.next();
        if what == Some("unheard") {
            let why = "not heard: the bot may not view this channel and read its history (Missing Access)";
            let at = format!("#{}", lines.next().unwrap_or("?"));
            return go_on(out.reject(Reject::new(at, why, b"")));
        }
        let id = parts.next().unwrap_or("").to_owned();
        let thread = parts.next() == Some("thread");
        let first = parts.next() == Some("first");
        let kind = if thread { "GuildPublicThread" } else { "GuildTextChat" }.to_owned();
        let (name, category) = (lines.next().map(str::to_owned), lines.next().map(str::to_owned));
        let guild = Guild { id: self.guild.clone(), name: None };
        let channel = Channel { guild, channel: Info { id, kind, category, name }, range: None };
        let mut messages = Vec::new();
        let mut elements = Elements::new(body, &["[]"]);
        while let Some(element) = elements.next()? {
            match serde_json::from_slice::<Said>(element.bytes) {
                Ok(said) => messages.push((said, element.bytes.to_vec(), element.at())),
                Err(error) => go_on(out.reject(Reject::new(element.at(), error.to_string(), element.bytes)))?,
            }
        }
        // The API begins with the newest, the exporter with the oldest; an answer comes behind what it answers.
        messages.sort_by_key(|(said, _, _)| said.id.parse::<u64>().unwrap_or(u64::MAX));
        let mut opens = first;
        for (said, bytes, at) in messages {
            match self.record(&channel, std::mem::take(&mut opens), said.into(), &bytes) {
                Ok(record) => go_on(out.record(record))?,
                Err(why) => go_on(out.reject(Reject::new(at, why, &bytes)))?,
            }
        }
        Ok(())
    }
}
