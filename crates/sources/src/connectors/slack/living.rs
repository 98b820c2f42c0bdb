//! What a living workspace answers: people, channels, a channel's history, a thread's replies. Messages mean here what
//! they mean in an export, key for key.

use std::io::BufRead;

use rapport_model::Key;

use super::{Channel, User, Workspace};
use crate::contract::{Out, Reject, Unreadable, go_on};
use crate::scan::Elements;

/// How the replies of a living workspace are called.
pub(super) const LIVE: &str = "live/";

/// So many channels are named that are not heard.
const NAMED: usize = 10;

#[derive(serde::Deserialize)]
struct Listed {
    #[serde(flatten)]
    channel: Channel,
    #[serde(default)]
    is_member: bool,
    #[serde(default)]
    is_private: bool,
    #[serde(default)]
    is_im: bool,
    #[serde(default)]
    is_mpim: bool,
    #[serde(default)]
    is_archived: bool,
}

impl Workspace {
    /// `users.json`, `channels.json`, `history/C1.json`, `thread/C1/<ts>.json`, `replies/C1/<ts>.json`.
    pub(super) fn living(
        &mut self,
        name: &str,
        body: &mut dyn BufRead,
        out: &mut dyn Out,
    ) -> Result<(), Unreadable> {
        match name {
            "users.json" => {
                let mut elements = Elements::new(body, &["members[]"]);
                while let Some(element) = elements.next()? {
                    match serde_json::from_slice::<User>(element.bytes) {
                        Ok(user) => self.user(user),
                        Err(error) => {
                            go_on(out.reject(Reject::new(element.at(), error.to_string(), element.bytes)))?;
                        }
                    }
                }
                Ok(())
            }
            "channels.json" | "channels-told.json" => self.channels_of(name, body, out),
            _ => self.said(name, body, out),
        }
    }

    fn channels_of(
        &mut self,
        name: &str,
        body: &mut dyn BufRead,
        out: &mut dyn Out,
    ) -> Result<(), Unreadable> {
        let mut unheard = Vec::new();
        let mut elements = Elements::new(body, &["channels[]"]);
        while let Some(element) = elements.next()? {
            match serde_json::from_slice::<Listed>(element.bytes) {
                Ok(l) if l.is_private || l.is_im || l.is_mpim => {}
                Ok(l) if l.is_member => drop(self.names.insert(l.channel.id, l.channel.name)),
                Ok(l) if l.is_archived => {} // nobody can invite the app there any more
                Ok(l) => unheard.push(l.channel.name),
                Err(error) => go_on(out.reject(Reject::new(element.at(), error.to_string(), element.bytes)))?,
            }
        }
        if name == "channels-told.json" && !unheard.is_empty() {
            let named: Vec<String> = unheard.iter().take(NAMED).map(|name| format!("#{name}")).collect();
            let rest = unheard.len().saturating_sub(NAMED);
            let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
            let why =
                format!("not heard, the app is not in them (/invite it there): {}{rest}", named.join(", "));
            go_on(out.reject(Reject::new("channels".to_owned(), why, b"")))?;
        }
        Ok(())
    }

    fn said(&self, name: &str, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let mut parts = name.trim_end_matches(".json").split('/');
        let (kind, id, thread) = (parts.next(), parts.next().unwrap_or(""), parts.next());
        let Some(channel) = self.names.get(id) else { return Ok(()) }; // private, or not ours to hear
        let mut elements = Elements::new(body, &["messages[]"]);
        while let Some(element) = elements.next()? {
            match self.message(id, channel, element.bytes) {
                Ok(record) => go_on(out.record(record))?,
                Err(why) => go_on(out.reject(Reject::new(element.at(), why, element.bytes)))?,
            }
        }
        if let (Some("thread"), Some(ts)) = (kind, thread) {
            out.whole_thread(Key::new(format!("{id}/{ts}")));
        }
        Ok(())
    }
}
