//! Accounts and addresses, as a source shows them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where an account lives: `github.com`, `slack:T0AAA`, `mail`, `discourse:forum.example.org`.
/// Two sources on one place share its accounts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Place(String);

impl Place {
    /// The place where mail addresses live.
    pub const MAIL: &'static str = "mail";

    /// Names a place, lower-cased.
    #[must_use]
    pub fn new(name: &str) -> Place {
        Place(name.trim().to_lowercase())
    }
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One identity as one activity shows it. `place` and `key` say which account; the rest is what the source tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Who {
    /// Where the account lives.
    pub place: Place,
    /// What never changes about the account there: an id where there is one, else the login, else the address.
    /// Compared as written; connectors lower-case what their service compares without case.
    pub key: String,
    /// The login or screen name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A mail address, lower-cased, unmasked where the archive only obfuscates it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What the profile says about the person's role, for example a Slack title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The source itself marks this account as a program.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bot: bool,
}

impl Who {
    /// An identity known by its place and key alone.
    #[must_use]
    pub fn new(place: &Place, key: impl Into<String>) -> Who {
        Who {
            place: place.clone(),
            key: key.into(),
            handle: None,
            name: None,
            email: None,
            title: None,
            bot: false,
        }
    }

    /// The best name to show for it: display name, else login, else key.
    #[must_use]
    pub fn shown(&self) -> &str {
        let filled = |text: &'_ Option<String>| text.as_deref().is_some_and(|t| !t.trim().is_empty());
        match (&self.name, &self.handle) {
            (Some(name), _) if filled(&self.name) => name,
            (_, Some(handle)) if filled(&self.handle) => handle,
            _ => &self.key,
        }
    }
}

/// What kind of member an identity belongs to, as far as is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MemberKind {
    /// A person of the community. The default: nobody is staff or a bot without a reason.
    #[default]
    Community,
    /// Works for the company that runs this Rapport.
    Staff,
    /// Staff whose only, full-time job is Developer Relations.
    Practitioner,
    /// A program.
    Bot,
}

impl MemberKind {
    /// All kinds.
    pub const ALL: [MemberKind; 4] =
        [MemberKind::Community, MemberKind::Staff, MemberKind::Practitioner, MemberKind::Bot];

    /// The word as written in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            MemberKind::Community => "community",
            MemberKind::Staff => "staff",
            MemberKind::Practitioner => "practitioner",
            MemberKind::Bot => "bot",
        }
    }
    /// Reads the word back.
    #[must_use]
    pub fn from_word(word: &str) -> Option<MemberKind> {
        MemberKind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
    /// What one person is who goes by several identities: one of ours is ours in every place, and a program is none of
    /// them unless all are.
    #[must_use]
    pub fn together(kinds: impl IntoIterator<Item = MemberKind>) -> MemberKind {
        let rank = |kind: &MemberKind| match kind {
            MemberKind::Bot => 0,
            MemberKind::Community => 1,
            MemberKind::Staff => 2,
            MemberKind::Practitioner => 3,
        };
        kinds.into_iter().max_by_key(rank).unwrap_or_default()
    }
    /// Whether a person writes here.
    #[must_use]
    pub const fn is_human(self) -> bool {
        !matches!(self, MemberKind::Bot)
    }
    /// Whether it is one of ours: staff or practitioner.
    #[must_use]
    pub const fn is_ours(self) -> bool {
        matches!(self, MemberKind::Staff | MemberKind::Practitioner)
    }
}
