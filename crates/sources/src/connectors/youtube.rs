//! YouTube: the comments of a video with their replies, as the Data API lists them.

use std::io::BufRead;

use rapport_model::{Act, Activity, Key, Place, ThreadFacts, ThreadKind, ThreadRef, Time, Who};
use serde::Deserialize;

use crate::contract::{
    About, Connector, Detected, Item, Out, Peek, Plan, Reader, Record, Reject, Unreadable, go_on,
};
use crate::scan::Elements;

/// The connector.
pub(crate) struct YouTube;

/// How the replies of the living service are called.
pub(crate) const LIST: &str = "live/comments.json";

impl Connector for YouTube {
    fn about(&self) -> &'static About {
        &About {
            name: "youtube",
            reads: "YouTube: the comments of a video and their replies",
            how_to_get: "rapport add youtube:VIDEO --agree, with a key of the YouTube Data API; or save an answer of its commentThreads.list as a JSON file.",
            terms: "each author's own; YouTube's API terms want stored data refreshed or deleted within 30 days",
            limits: "of a thread with more than the few replies that are listed with it, an edit is noticed when their number changes",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        let mut json = peek.items().iter().filter(|n| n.ends_with(".json")).take(20);
        json.find_map(|name| {
            let head = String::from_utf8_lossy(&peek.head(name, 256 * 1024)).into_owned();
            let fits =
                ["\"youtube#comment", "\"textDisplay\"", "\"snippet\""].iter().all(|m| head.contains(m));
            let video = super::github::after(&head, "\"videoId\"");
            let what = video.unwrap_or_else(|| peek.name().to_owned());
            let why = format!("{name} holds comments of YouTube");
            fits.then_some(Detected { sure: 95, what, why })
        })
    }

    fn reader(&self, what: &str) -> Box<dyn Reader> {
        Box::new(Comments { place: Place::new("youtube"), video: what.to_owned() })
    }
}

struct Comments {
    place: Place,
    video: String,
}

/// A comment with its replies, as far as it is read.
#[derive(Deserialize)]
pub(crate) struct Thread {
    pub(crate) id: String,
    pub(crate) snippet: Head,
    #[serde(default)]
    pub(crate) replies: Replies,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Head {
    pub(crate) top_level_comment: Comment,
    #[serde(default)]
    pub(crate) total_reply_count: u64,
}

#[derive(Default, Deserialize)]
pub(crate) struct Replies {
    #[serde(default)]
    pub(crate) comments: Vec<Comment>,
}

/// One comment.
#[derive(Deserialize)]
pub(crate) struct Comment {
    pub(crate) id: String,
    pub(crate) snippet: Said,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Said {
    text_display: Option<String>,
    text_original: Option<String>,
    parent_id: Option<String>,
    author_display_name: Option<String>,
    author_channel_id: Option<Channel>,
    pub(crate) published_at: String,
    updated_at: Option<String>,
}

#[derive(Deserialize)]
struct Channel {
    #[serde(default)]
    value: String,
}

pub(crate) fn key(id: &str) -> Key {
    Key::new(format!("comment/{id}"))
}

impl Reader for Comments {
    fn plan(&self, name: &str) -> Plan {
        if name.ends_with(".json") { Plan::Read(0) } else { Plan::Skip }
    }

    fn read(&mut self, _item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let mut elements = Elements::new(body, &["items[]"]);
        while let Some(element) = elements.next()? {
            match self.listed(element.bytes) {
                Ok(activities) => go_on(out.record(Record {
                    raw: element.bytes.to_vec(),
                    activities,
                    rejects: Vec::new(),
                    whole: None,
                    fixed: false,
                }))?,
                Err(why) => go_on(out.reject(Reject::new(element.at(), why, element.bytes)))?,
            }
        }
        Ok(())
    }
}

impl Comments {
    /// A thread, or a reply by itself.
    fn listed(&self, bytes: &[u8]) -> Result<Vec<Activity>, String> {
        let shape: serde_json::Value = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        if shape["snippet"]["topLevelComment"].is_null() {
            let reply: Comment = serde_json::from_value(shape).map_err(|e| e.to_string())?;
            return Ok(vec![self.comment(&reply, None)?]);
        }
        let thread: Thread = serde_json::from_value(shape).map_err(|e| e.to_string())?;
        let mut said = vec![self.comment(&thread.snippet.top_level_comment, None)?];
        for reply in &thread.replies.comments {
            let reply = self.comment(reply, Some(&thread.id))?;
            if said.iter().all(|other| other.key != reply.key) {
                said.push(reply);
            }
        }
        Ok(said)
    }

    fn comment(&self, comment: &Comment, parent: Option<&str>) -> Result<Activity, String> {
        let said = &comment.snippet;
        if comment.id.trim().is_empty() {
            return Err("the id is missing".to_owned());
        }
        let at = Time::parse(&said.published_at).map_err(|e| e.to_string())?;
        let own = key(&comment.id);
        let parent = parent.or(said.parent_id.as_deref()).filter(|id| !id.is_empty()).map(key);
        let who = said.author_channel_id.as_ref().filter(|c| !c.value.trim().is_empty()).map(|channel| {
            let mut who = Who::new(&self.place, channel.value.as_str());
            let name = said.author_display_name.clone().filter(|name| !name.trim().is_empty());
            who.handle = name.clone().filter(|name| name.starts_with('@'));
            who.name = name;
            who
        });
        let act = if parent.is_some() { Act::Replied } else { Act::Opened };
        let thread = ThreadRef::Key(parent.clone().unwrap_or_else(|| own.clone()));
        let mut activity = Activity::new(own, act, at, who, thread);
        // Asked for as plain text; the original is shown to its author alone.
        let words = said.text_original.as_deref().or(said.text_display.as_deref()).unwrap_or("");
        activity.text = words.trim().to_owned();
        let fine = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if fine(&self.video) && fine(&comment.id) {
            activity.url = Some(format!("https://www.youtube.com/watch?v={}&lc={}", self.video, comment.id));
        }
        activity.updated = said.updated_at.as_deref().and_then(|t| Time::parse(t).ok()).or(Some(at));
        if parent.is_none() {
            activity.facts = Some(Box::new(ThreadFacts {
                kind: Some(ThreadKind::Topic),
                url: activity.url.clone(),
                container: Some(self.video.clone()),
                ..ThreadFacts::default()
            }));
        }
        activity.reply_to = parent;
        Ok(activity)
    }
}
