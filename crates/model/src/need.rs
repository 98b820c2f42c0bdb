//! What a community member asks of somebody.

use serde::{Deserialize, Serialize};

use crate::slug::Slug;

/// The kind of a need: an open set, extended by data files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NeedKind(pub Slug);

impl NeedKind {
    /// The kinds that the program itself can tell apart.
    pub const KNOWN: [&'static str; 6] = ["question", "bug", "feature", "docs", "friction", "other"];

    /// One of [`NeedKind::KNOWN`], or `other` for any word that is no name.
    #[must_use]
    pub fn named(word: &str) -> NeedKind {
        let slug = Slug::new(word).or_else(|_| Slug::new("other"));
        NeedKind(slug.unwrap_or_else(|_| unreachable!("'other' is a name")))
    }
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// How far a need has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NeedState {
    /// Nobody but bots and the asker has written since it was asked.
    Waiting,
    /// Another human replied.
    Answered,
    /// The asker, the community or a maintainer marked it as settled.
    Met,
    /// Closed without an answer, or marked as not planned.
    Declined,
    /// Waited so long that an answer would hardly be read. Depends on "now", so it is judged when asked, never stored.
    Stale,
}

impl NeedState {
    /// All states.
    pub const ALL: [NeedState; 5] =
        [NeedState::Waiting, NeedState::Answered, NeedState::Met, NeedState::Declined, NeedState::Stale];

    /// The word as written in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            NeedState::Waiting => "waiting",
            NeedState::Answered => "answered",
            NeedState::Met => "met",
            NeedState::Declined => "declined",
            NeedState::Stale => "stale",
        }
    }
    /// Reads the word back.
    #[must_use]
    pub fn from_word(word: &str) -> Option<NeedState> {
        NeedState::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A reason in words a reader understands, for example "only a bot replied".
pub type Because = String;
