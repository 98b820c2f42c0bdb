//! `[deliver.<department>]`: who gets feedback there, and by which ways. Never a secret: tokens, passwords and webhook
//! addresses come from the environment or from `secrets.toml`.

use serde::{Deserialize, Serialize};

/// One department's ways.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Deliver {
    /// Who is suggested to take it.
    pub(crate) owner: String,
    /// Days until a decision is asked for; 0: by severity.
    pub(crate) decide_within_days: u32,
    /// Where links that answer without an account open; empty: nowhere yet.
    pub(crate) answer_at: String,
    /// How long the other side has to answer.
    pub(crate) timeout_seconds: u64,
    /// A folder for Markdown files, inside the data folder unless it is absolute; empty: none.
    pub(crate) folder: String,
    /// Slack-compatible webhook, its address being a secret.
    pub(crate) webhook: bool,
    /// An issue tracker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tracker: Option<Tracker>,
    /// Mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mail: Option<Mail>,
}

impl Default for Deliver {
    fn default() -> Deliver {
        Deliver {
            owner: String::new(),
            decide_within_days: 0,
            answer_at: String::new(),
            timeout_seconds: 20,
            folder: String::new(),
            webhook: false,
            tracker: None,
            mail: None,
        }
    }
}

/// Which tracker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TrackerKind {
    Github,
    Gitlab,
    /// Forgejo speaks the same.
    Gitea,
}

impl TrackerKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            TrackerKind::Github => "github",
            TrackerKind::Gitlab => "gitlab",
            TrackerKind::Gitea => "gitea",
        }
    }
}

/// An issue tracker.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Tracker {
    pub(crate) kind: TrackerKind,
    /// `owner/name`.
    pub(crate) repository: String,
    /// The root of its API.
    pub(crate) api: String,
    /// Labels for what is made there.
    #[serde(default)]
    pub(crate) labels: Vec<String>,
}

/// How a mail server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Security {
    /// Encrypted from the first byte.
    Tls,
    /// Encrypted from `STARTTLS` on; a server that cannot is not written to.
    Starttls,
    /// In the clear: for a server on the same machine.
    None,
}

/// Mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Mail {
    pub(crate) to: Vec<String>,
    pub(crate) from: String,
    /// `host:port`.
    pub(crate) server: String,
    pub(crate) security: Security,
}
