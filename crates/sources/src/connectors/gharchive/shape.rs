//! What an event looks like, as far as it is read. Every part but the event's own may be missing.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};

use crate::connectors::github::Label;

#[derive(Deserialize)]
pub(super) struct Event<'a> {
    pub(super) id: Id,
    #[serde(rename = "type", borrow)]
    pub(super) kind: Cow<'a, str>,
    pub(super) actor: Option<User>,
    #[serde(borrow)]
    pub(super) repo: Repo<'a>,
    #[serde(borrow)]
    pub(super) payload: Payload<'a>,
    pub(super) created_at: String,
}

#[derive(Deserialize)]
#[serde(untagged)] // ids are texts on events and numbers inside payloads, and have been the other way round
pub(super) enum Id {
    Number(u64),
    Text(String),
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Id::Number(n) => write!(f, "{n}"),
            Id::Text(text) => f.write_str(text),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct User {
    pub(super) login: String,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Repo<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
}

#[derive(Deserialize)]
pub(super) struct Payload<'a> {
    #[serde(borrow)]
    pub(super) action: Option<Cow<'a, str>>,
    pub(super) number: Option<u64>,
    #[serde(borrow)]
    pub(super) issue: Option<Thread<'a>>,
    #[serde(borrow)]
    pub(super) pull_request: Option<Thread<'a>>,
    #[serde(borrow)]
    pub(super) discussion: Option<Thread<'a>>,
    #[serde(borrow)]
    pub(super) comment: Option<Said<'a>>,
    #[serde(borrow)]
    pub(super) review: Option<Said<'a>>,
    #[serde(borrow)]
    pub(super) release: Option<Said<'a>>,
    #[serde(default, borrow)]
    pub(super) commits: Option<Vec<Commit<'a>>>,
    #[serde(borrow, rename = "ref")]
    pub(super) reference: Option<Cow<'a, str>>,
    pub(super) ref_type: Option<String>,
    pub(super) member: Option<User>,
    #[serde(borrow)]
    pub(super) label: Option<Label<'a>>,
    pub(super) forkee: Option<Forkee>,
}

/// An issue, a pull request or a discussion as it stood at the event.
#[derive(Deserialize)]
pub(super) struct Thread<'a> {
    pub(super) number: Option<u64>,
    #[serde(borrow)]
    pub(super) title: Option<Cow<'a, str>>,
    #[serde(default, borrow, deserialize_with = "present")]
    pub(super) body: Option<Option<Cow<'a, str>>>,
    pub(super) html_url: Option<String>,
    pub(super) state: Option<String>,
    pub(super) state_reason: Option<String>,
    pub(super) user: Option<User>,
    #[serde(default, borrow)]
    pub(super) labels: Option<Vec<Label<'a>>>,
    pub(super) created_at: Option<String>,
    pub(super) updated_at: Option<String>,
    pub(super) closed_at: Option<String>,
    pub(super) merged_at: Option<String>,
    pub(super) merged: Option<bool>,
    pub(super) pull_request: Option<Merging>,
    pub(super) category: Option<Category>,
}

#[derive(Deserialize)]
pub(super) struct Merging {
    pub(super) merged_at: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Category {
    pub(super) name: Option<String>,
}

/// A comment, a review or a release.
#[derive(Deserialize)]
pub(super) struct Said<'a> {
    pub(super) id: Option<Id>,
    pub(super) user: Option<User>,
    #[serde(borrow)]
    pub(super) body: Option<Cow<'a, str>>,
    pub(super) html_url: Option<String>,
    pub(super) state: Option<String>,
    pub(super) created_at: Option<String>,
    pub(super) updated_at: Option<String>,
    pub(super) submitted_at: Option<String>,
    pub(super) published_at: Option<String>,
    pub(super) tag_name: Option<String>,
    pub(super) in_reply_to_id: Option<u64>,
    pub(super) pull_request_review_id: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct Commit<'a> {
    pub(super) sha: String,
    pub(super) author: Option<Author>,
    #[serde(borrow)]
    pub(super) message: Option<Cow<'a, str>>,
    pub(super) distinct: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct Author {
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Forkee {
    pub(super) full_name: Option<String>,
    pub(super) html_url: Option<String>,
}

/// Tells a text that is null from one that was trimmed away.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<Cow<'de, str>>>, D::Error> {
    Option::<String>::deserialize(from).map(|text| Some(text.map(Cow::Owned)))
}
