//! Zulip: an archive with one JSON list of messages per topic, `<stream id>-<stream>/<dot-encoded topic>.json`.

use std::io::BufRead;

use rapport_model::{Act, Activity, Key, Place, ThreadFacts, ThreadKind, ThreadRef, Time, Who};
use serde::Deserialize;

use crate::contract::{
    About, Connector, Detected, Item, Out, Peek, Plan, Reader, Record, Reject, Unreadable, go_on,
};
use crate::markup;
use crate::scan::Elements;

/// The connector.
pub(crate) struct Zulip;

#[derive(Deserialize)]
struct Message<'a> {
    id: i64,
    #[serde(borrow)]
    content: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    sender_full_name: std::borrow::Cow<'a, str>,
    timestamp: i64,
    #[serde(default)]
    sender_id: Option<i64>,
    #[serde(default)]
    sender_email: Option<String>,
    /// What only the API tells; in an archive the file's name does.
    #[serde(default)]
    stream_id: Option<i64>,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    display_recipient: Option<serde_json::Value>,
    #[serde(default)]
    last_edit_timestamp: Option<i64>,
}

impl Connector for Zulip {
    fn about(&self) -> &'static About {
        &About {
            name: "zulip",
            reads: "Zulip archives: one JSON file of messages per topic",
            how_to_get: "zulip-archive writes it: a folder per stream, a JSON file per topic.",
            terms: "as the organisation states",
            limits: "",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        // One stream's folder alone: its own name tells the stream.
        let within = is_stream(peek.name()).then(|| peek.name());
        let of_stream = |name: &&String| split_stream(&placed(name, within.unwrap_or_default())).is_some();
        let topic = peek.items().iter().find(of_stream)?;
        let head = String::from_utf8_lossy(&peek.head(topic, 64 * 1024)).into_owned();
        let fits = head.trim_start().starts_with('[') && head.contains("\"sender_full_name\"");
        fits.then(|| Detected {
            sure: 90,
            what: peek.name().to_owned(),
            why: format!("a folder of Zulip topics, {topic} is one"),
        })
    }

    fn reader(&self, what: &str) -> Box<dyn Reader> {
        Box::new(Topics { place: Place::new(&format!("zulip:{what}")), what: what.to_owned() })
    }
}

struct Topics {
    place: Place,
    /// What the archive is called: where it is one stream's folder, the stream's name.
    what: String,
}

/// `513188-CSLib`
fn is_stream(folder: &str) -> bool {
    folder.split_once('-').is_some_and(|(id, _)| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
}

/// An item's name with its stream's folder, which stands before it or is the archive's own name.
fn placed<'n>(item: &'n str, archive: &str) -> std::borrow::Cow<'n, str> {
    if item.contains('/') || !is_stream(archive) { item.into() } else { format!("{archive}/{item}").into() }
}

/// `513188-CSLib/.60lake.60.json` -> (513188, CSLib, file stem)
fn split_stream(name: &str) -> Option<(&str, &str, &str)> {
    let (folder, file) = name.rsplit_once('/')?;
    let folder = folder.rsplit('/').next()?;
    let (id, stream) = folder.split_once('-').filter(|_| is_stream(folder))?;
    Some((id, stream, file.strip_suffix(".json")?))
}

/// Zulip's dot encoding: `.20` is a space, `.E2.9C.94` a check mark.
fn undot(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let code = (bytes[i] == b'.').then(|| bytes.get(i + 1..i + 3)).flatten();
        let code = code
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(byte) => {
                out.push(byte);
                i += 3;
            }
            None => {
                out.push(bytes[i]);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

impl Reader for Topics {
    fn plan(&self, name: &str) -> Plan {
        if split_stream(&placed(name, &self.what)).is_some() || name.starts_with(LIVE) {
            Plan::Read(0)
        } else {
            Plan::Skip
        }
    }

    fn read(&mut self, item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        if item.name.starts_with(LIVE) {
            return self.living(body, out);
        }
        let name = placed(&item.name, &self.what).into_owned();
        let Some((id, stream, file)) = split_stream(&name) else { return Ok(()) };
        let written = undot(file);
        let (resolved, topic) = match written.strip_prefix('\u{2714}') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, written.as_str()),
        };
        let thread = Key::new(format!("stream/{id}/topic/{topic}"));
        let mut first = true;
        let mut elements = Elements::new(body, &["[]"]);
        while let Some(element) = elements.next()? {
            let message: Message<'_> = match serde_json::from_slice(element.bytes) {
                Ok(message) => message,
                Err(error) => {
                    go_on(out.reject(Reject::new(element.at(), error.to_string(), element.bytes)))?;
                    continue;
                }
            };
            let Some(at) = Time::from_seconds(message.timestamp) else {
                go_on(out.reject(Reject::new(element.at(), "the timestamp is out of range", element.bytes)))?;
                continue;
            };
            let who = self.who(&message);
            let act = if first { Act::Opened } else { Act::Replied };
            let mut activity = Activity::new(
                Key::new(format!("message/{}", message.id)),
                act,
                at,
                who,
                ThreadRef::Key(thread.clone()),
            );
            activity.text = markup::from_html(&message.content);
            if first {
                activity.facts = Some(Box::new(ThreadFacts {
                    kind: Some(ThreadKind::Topic),
                    title: Some(topic.to_owned()),
                    container: Some(stream.to_owned()),
                    resolved,
                    ..ThreadFacts::default()
                }));
                first = false;
            }
            go_on(out.record(Record::one(element.bytes, activity)))?;
        }
        Ok(())
    }
}

/// How the replies of a living organisation are called.
const LIVE: &str = "live/";

impl Topics {
    fn who(&self, message: &Message<'_>) -> Option<Who> {
        let key =
            message.sender_id.map_or_else(|| message.sender_full_name.to_lowercase(), |id| id.to_string());
        if key.trim().is_empty() {
            return None;
        }
        let mut who = Who::new(&self.place, key);
        let name = message.sender_full_name.as_ref();
        who.bot = matches!(name, "Notification Bot" | "Welcome Bot" | "Reminder Bot");
        who.name = Some(name.to_owned());
        who.email.clone_from(&message.sender_email);
        Some(who)
    }

    /// Messages of all streams, as the API gives them: each says where it stands. Which one began its topic only the log
    /// knows; all are told as replies that know their topic.
    fn living(&self, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let mut elements = Elements::new(body, &["messages[]"]);
        while let Some(element) = elements.next()? {
            let told = serde_json::from_slice::<Message<'_>>(element.bytes)
                .map_err(|e| e.to_string())
                .and_then(|message| self.said(&message));
            match told {
                Ok(Some(said)) => go_on(out.record(Record::one(element.bytes, said)))?,
                Ok(None) => {} // a private conversation
                Err(why) => go_on(out.reject(Reject::new(element.at(), why, element.bytes)))?,
            }
        }
        Ok(())
    }

    fn said(&self, message: &Message<'_>) -> Result<Option<Activity>, String> {
        let Some(stream) = message.stream_id else { return Ok(None) };
        let at = Time::from_seconds(message.timestamp).ok_or("the timestamp is out of range")?;
        let subject = message.subject.as_deref().ok_or("the topic is missing")?;
        let (resolved, topic) = match subject.strip_prefix('\u{2714}') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, subject),
        };
        let thread = Key::new(format!("stream/{stream}/topic/{topic}"));
        let name = Key::new(format!("message/{}", message.id));
        let mut said = Activity::new(name, Act::Replied, at, self.who(message), ThreadRef::Key(thread));
        said.text = markup::from_html(&message.content);
        said.url = Some(format!(
            "https://{}/#narrow/near/{}",
            self.place.as_str().trim_start_matches("zulip:"),
            message.id
        ));
        said.updated = message.last_edit_timestamp.and_then(Time::from_seconds);
        said.facts = Some(Box::new(ThreadFacts {
            kind: Some(ThreadKind::Topic),
            title: Some(topic.to_owned()),
            container: message.display_recipient.as_ref().and_then(|v| v.as_str()).map(str::to_owned),
            resolved,
            ..ThreadFacts::default()
        }));
        Ok(Some(said))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded() {
        assert_eq!(undot("a.20b.3F"), "a b?");
        assert_eq!(undot("v1.x.E2.9C.94"), "v1.x\u{2714}");
        assert_eq!(split_stream("x/12-general/.60a.60.json"), Some(("12", "general", ".60a.60")));
        // One stream's folder alone is told by its own name.
        assert_eq!(placed("a.json", "12-general"), "12-general/a.json");
        assert_eq!(placed("a.json", "chat"), "a.json");
        assert_eq!(placed("3-x/a.json", "12-general"), "3-x/a.json");
    }
}
