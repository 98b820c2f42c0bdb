//! Conversations: what is told about them, their history, and what the program concludes.

use serde::{Deserialize, Serialize};

use crate::activity::{Act, Key};
use crate::identity::MemberKind;
use crate::need::{Because, NeedKind, NeedState};
use crate::time::Time;

/// What a thread is, across all sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThreadKind {
    /// A tracker's issue.
    Issue,
    /// A pull request, merge request or patch.
    ChangeRequest,
    /// A question on a Q&A site or in a Q&A category.
    Question,
    /// A forum topic or a discussion.
    Topic,
    /// A chat conversation.
    Chat,
    /// A mail conversation.
    Mail,
}

impl ThreadKind {
    /// All kinds.
    pub const ALL: [ThreadKind; 6] = [
        ThreadKind::Issue,
        ThreadKind::ChangeRequest,
        ThreadKind::Question,
        ThreadKind::Topic,
        ThreadKind::Chat,
        ThreadKind::Mail,
    ];

    /// The word as written in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ThreadKind::Issue => "issue",
            ThreadKind::ChangeRequest => "change-request",
            ThreadKind::Question => "question",
            ThreadKind::Topic => "topic",
            ThreadKind::Chat => "chat",
            ThreadKind::Mail => "mail",
        }
    }
    /// Reads the word back.
    #[must_use]
    pub fn from_word(word: &str) -> Option<ThreadKind> {
        ThreadKind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// How the source itself says that a thread ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// Open, or opened again.
    Open,
    /// Closed as done, or closed without saying why.
    Closed,
    /// Closed as not planned, duplicate, off-topic.
    NotPlanned,
    /// A change that was merged.
    Merged,
}

impl Mark {
    /// The word as written in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Mark::Open => "open",
            Mark::Closed => "closed",
            Mark::NotPlanned => "not-planned",
            Mark::Merged => "merged",
        }
    }
}

/// What an activity tells about its thread. Fields that a source does not tell stay empty; a thread's facts are the
/// opening's, filled up from the other activities in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ThreadFacts {
    /// What the thread is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<ThreadKind>,
    /// Its title or subject, or none for chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// A link that opens it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The channel, category, stream or list it stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// How it ended, as the source says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// When it was closed or merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Time>,
    /// Labels or tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The reply that was accepted as the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Key>,
    /// Marked as resolved by the people in it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub resolved: bool,
    /// What was concluded from words that were erased with their writer. No part of the digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased: Option<Erased>,
}

/// What was concluded from words before they were erased, so that counts stay as they were when they are judged anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Erased {
    /// For an opening: the kind of need it carried; empty when it asked for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// For a reply: of the words that judges look for, those that were found. The program's own words, not the writer's;
    /// judges read them in the text's place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

impl ThreadFacts {
    /// Takes from `later` what is still empty here.
    pub fn fill(&mut self, later: &ThreadFacts) {
        self.kind = self.kind.or(later.kind);
        self.mark = self.mark.or(later.mark);
        self.closed_at = self.closed_at.or(later.closed_at);
        for (mine, other) in [
            (&mut self.title, &later.title),
            (&mut self.url, &later.url),
            (&mut self.container, &later.container),
        ] {
            if mine.is_none() {
                mine.clone_from(other);
            }
        }
        if self.labels.is_empty() {
            self.labels.clone_from(&later.labels);
        }
        if self.accepted.is_none() {
            self.accepted.clone_from(&later.accepted);
        }
        self.resolved |= later.resolved;
    }

    pub(crate) fn feed(&self, part: &mut impl FnMut(&[u8])) {
        part(self.kind.map_or("", ThreadKind::as_str).as_bytes());
        for text in [&self.title, &self.url, &self.container] {
            part(text.as_deref().unwrap_or("").as_bytes());
        }
        part(self.mark.map_or("", Mark::as_str).as_bytes());
        part(&self.closed_at.map_or(0, Time::millis).to_le_bytes());
        for label in &self.labels {
            part(label.as_bytes());
        }
        part(self.accepted.as_ref().map_or("", Key::as_str).as_bytes());
        part(&[u8::from(self.resolved)]);
    }
}

/// One line of a thread's history, in the newest revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The activity's number in the log: evidence points here.
    pub id: i64,
    /// Its key in the source.
    pub key: Key,
    /// What was done.
    pub act: Act,
    /// When.
    pub at: Time,
    /// The identity's number in the ledger; `None` where the account is gone.
    pub who: Option<i64>,
    /// What kind of member that is.
    pub member: MemberKind,
    /// Which activity it answers.
    pub reply_to: Option<Key>,
    /// What it tells about the thread.
    pub facts: Option<ThreadFacts>,
    /// Its first 4,000 bytes of text, for judging.
    pub text: String,
}

/// Everything a judgement about one thread may look at, entries in order of time (then key).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadHistory {
    /// The thread's key in its source.
    pub key: Option<Key>,
    /// The entries that are not deleted.
    pub entries: Vec<Entry>,
}

/// How a thread began, for a list or a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The first message's activity.
    pub id: i64,
    /// When.
    pub at: Time,
    /// By whom.
    pub who: Option<i64>,
}

/// What the program concludes about a thread from its history alone (never from "now").
#[derive(Clone, Debug, PartialEq)]
pub struct ThreadState {
    /// Merged facts.
    pub facts: ThreadFacts,
    /// How it began: the first message by anyone, deleted accounts too.
    pub opening: Option<Opening>,
    /// The opener is a person, as far as is known.
    pub human_opener: bool,
    /// The first reply by a human who is not the opener: its activity and time.
    pub first_response: Option<(i64, Time, i64)>,
    /// The last message by anyone.
    pub last_at: Option<Time>,
    /// Messages by anyone; distinct humans among their writers.
    pub messages: u32,
    /// Distinct human writers.
    pub people: u32,
    /// It asks for something.
    pub need: Option<NeedKind>,
    /// Why that kind.
    pub kind_because: Because,
    /// How far the need has come; never [`NeedState::Stale`].
    pub state: NeedState,
    /// Why.
    pub because: Because,
    /// For a need that waits: since when.
    pub waiting_since: Option<Time>,
    /// When it was closed, merged or settled, where the source says.
    pub closed_at: Option<Time>,
    /// Distinct humans besides the opener who reacted or wrote that they have it too.
    pub reach: u32,
    /// A fingerprint of the opening's words (a minhash), for folding copies; empty when there are too few words.
    pub sketch: Vec<u32>,
}
