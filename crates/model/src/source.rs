//! Where activities come from.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::slug::Slug;

/// The name of a connector, for example `discourse`.
pub type ConnectorName = Slug;

/// What a source tells about: our own product, or the market around it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Our repositories, forum, chat, lists.
    #[default]
    Product,
    /// Places that are not ours: tags on Q&A sites, other projects' trackers, feeds.
    Market,
}

impl Scope {
    /// The word as written in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Scope::Product => "product",
            Scope::Market => "market",
        }
    }
    /// Reads the word back.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Scope> {
        [Scope::Product, Scope::Market].into_iter().find(|scope| scope.as_str() == word)
    }
}

/// The stable name of one source, `<connector>:<what>`, for example `github:acme/relay`.
///
/// Printable, without white space or control characters, at most 200 bytes: it appears in commands, URLs and files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceKey(String);

impl SourceKey {
    /// Names a source. Characters that would break a command line or a path become `-`; the rest is kept.
    #[must_use]
    pub fn new(connector: &str, what: &str) -> SourceKey {
        let mut name = String::with_capacity(connector.len() + what.len() + 1);
        name.push_str(connector);
        name.push(':');
        for c in what.trim().chars() {
            let c = if c.is_whitespace() || c.is_control() || "\\'\"`$<>|&;*?".contains(c) { '-' } else { c };
            if name.len() + c.len_utf8() > 200 {
                break;
            }
            name.push(c);
        }
        SourceKey(name)
    }

    /// Takes a name that was made by [`SourceKey::new`] before (from the database or a command line).
    #[must_use]
    pub fn from_stored(name: &str) -> SourceKey {
        match name.split_once(':') {
            Some((connector, what)) => SourceKey::new(connector, what),
            None => SourceKey::new("", name),
        }
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part behind the connector.
    #[must_use]
    pub fn what(&self) -> &str {
        self.0.split_once(':').map_or(&self.0, |(_, what)| what)
    }
}

impl fmt::Display for SourceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
