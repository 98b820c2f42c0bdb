//! One thing one identity did at one time in one source.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::identity::Who;
use crate::thread::ThreadFacts;
use crate::time::Time;

/// The stable name of an activity or a thread inside its source, for example `issue/12` or `post/7561`.
/// The same thing read twice has the same key. At most 500 bytes: longer native ids keep a prefix and a digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    const LONGEST: usize = 500;

    /// Takes a native id. Control characters become `-`; an over-long id is cut and ends in its own digest.
    #[must_use]
    pub fn new(native: impl AsRef<str>) -> Key {
        let native = native.as_ref();
        if native.len() <= Key::LONGEST && !native.contains(char::is_control) {
            return Key(native.to_owned());
        }
        let mut kept: String = native
            .chars()
            .map(|c| if c.is_control() { '-' } else { c })
            .take(Key::LONGEST / 4 - 10)
            .collect();
        kept.push('~');
        kept.push_str(&short_digest(native.as_bytes()));
        Key(kept)
    }

    /// A key for something that carries no id of its own: a prefix and a digest of what identifies it.
    #[must_use]
    pub fn of_content(prefix: &str, parts: &[&str]) -> Key {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        Key::new(format!("{prefix}{}", hex(&hash.finalize()[..8])))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A 64-bit fingerprint (FNV-1a), for sets of very many keys where a rare clash does no harm.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.0
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn short_digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)[..8])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// What was done. A closed set: questions count by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// Began a thread: an issue, a question, a topic, a first message.
    Opened,
    /// Wrote in somebody's thread (or on in one's own).
    Replied,
    /// Reviewed a change.
    Reviewed,
    /// Left a reaction, a vote or a like. The detail names it.
    Reacted,
    /// Closed a thread.
    Closed,
    /// Opened a closed thread again.
    Reopened,
    /// Merged a change.
    Merged,
    /// Marked a reply as the answer.
    Accepted,
    /// Marked a thread as settled.
    Resolved,
    /// Changed labels, titles or assignees.
    Labelled,
    /// Wrote a commit.
    Committed,
    /// Wrote a commit together with its author.
    Coauthored,
    /// Published a release or a tag.
    Released,
    /// Starred or bookmarked a project.
    Starred,
    /// Forked a project.
    Forked,
    /// Joined a place.
    Joined,
    /// Attended an event.
    Attended,
    /// Anything else that a source tells; the detail names it.
    Other,
}

impl Act {
    /// All acts.
    pub const ALL: [Act; 18] = [
        Act::Opened,
        Act::Replied,
        Act::Reviewed,
        Act::Reacted,
        Act::Closed,
        Act::Reopened,
        Act::Merged,
        Act::Accepted,
        Act::Resolved,
        Act::Labelled,
        Act::Committed,
        Act::Coauthored,
        Act::Released,
        Act::Starred,
        Act::Forked,
        Act::Joined,
        Act::Attended,
        Act::Other,
    ];

    /// The word as written in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Act::Opened => "opened",
            Act::Replied => "replied",
            Act::Reviewed => "reviewed",
            Act::Reacted => "reacted",
            Act::Closed => "closed",
            Act::Reopened => "reopened",
            Act::Merged => "merged",
            Act::Accepted => "accepted",
            Act::Resolved => "resolved",
            Act::Labelled => "labelled",
            Act::Committed => "committed",
            Act::Coauthored => "coauthored",
            Act::Released => "released",
            Act::Starred => "starred",
            Act::Forked => "forked",
            Act::Joined => "joined",
            Act::Attended => "attended",
            Act::Other => "other",
        }
    }
    /// Reads the word back.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Act> {
        Act::ALL.into_iter().find(|act| act.as_str() == word)
    }
    /// Whether it is something said in a thread: what can open, answer or bump a conversation.
    #[must_use]
    pub const fn is_message(self) -> bool {
        matches!(self, Act::Opened | Act::Replied | Act::Reviewed)
    }
    /// Whether it counts as a contribution in the CHAOSS sense: work on the project or in its conversations,
    /// not merely watching it.
    #[must_use]
    pub const fn is_contribution(self) -> bool {
        matches!(
            self,
            Act::Opened
                | Act::Replied
                | Act::Reviewed
                | Act::Merged
                | Act::Closed
                | Act::Committed
                | Act::Coauthored
                | Act::Released
        )
    }
}

/// Which thread an activity belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ThreadRef {
    /// To none: a star, a release, a commit.
    None,
    /// To the thread of this key.
    Key(Key),
    /// To whichever thread the activity of this key belongs to, and to a thread of that very key until it is known.
    /// Mail needs this: a reply names its parent, and the parent may arrive years later in another file.
    Of(Key),
}

/// One thing one identity did at one time in one source, as one connector read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// Its stable name inside the source.
    pub key: Key,
    /// What was done.
    pub act: Act,
    /// When, UTC.
    pub at: Time,
    /// By whom; `None` where the account was deleted or the source names nobody.
    pub who: Option<Who>,
    /// In which thread.
    pub thread: ThreadRef,
    /// Which activity it answers, where the source says so.
    pub reply_to: Option<Key>,
    /// What was written, as Markdown-like plain text: mentions by name, code fenced, quotes behind `> `. Empty for
    /// acts without words.
    pub text: String,
    /// A link that opens it where it was said.
    pub url: Option<String>,
    /// What a word cannot hold: the reaction's name, the review's verdict, the tag, the number of likes.
    pub detail: Option<String>,
    /// What it tells about its thread: title, labels, state. Usually on the opening alone.
    pub facts: Option<Box<ThreadFacts>>,
    /// The source says that it was deleted.
    pub deleted: bool,
    /// When the source last changed it, where it says so: an older state met later (archives are read in any order) is
    /// no revision. Not part of the digest.
    pub updated: Option<Time>,
}

impl Activity {
    /// An activity with the parts that every one has; the rest is empty.
    #[must_use]
    pub fn new(key: Key, act: Act, at: Time, who: Option<Who>, thread: ThreadRef) -> Activity {
        Activity {
            key,
            act,
            at,
            who,
            thread,
            reply_to: None,
            text: String::new(),
            url: None,
            detail: None,
            facts: None,
            deleted: false,
            updated: None,
        }
    }

    /// A digest of everything that a revision would change: two readings of one activity are the same revision
    /// exactly when their digests agree. Profile fields of the author are left out: a new display name is no edit.
    #[must_use]
    pub fn digest(&self) -> [u8; 16] {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(self.act.as_str().as_bytes());
        part(&self.at.millis().to_le_bytes());
        if let Some(who) = &self.who {
            part(who.place.as_str().as_bytes());
            part(who.key.as_bytes());
        }
        match &self.thread {
            ThreadRef::None => part(b""),
            ThreadRef::Key(key) => part(key.as_str().as_bytes()),
            ThreadRef::Of(key) => {
                part(b"of");
                part(key.as_str().as_bytes());
            }
        }
        part(self.reply_to.as_ref().map_or("", Key::as_str).as_bytes());
        part(self.text.as_bytes());
        part(self.url.as_deref().unwrap_or("").as_bytes());
        part(self.detail.as_deref().unwrap_or("").as_bytes());
        if let Some(facts) = &self.facts {
            facts.feed(&mut part);
        }
        part(&[u8::from(self.deleted)]);
        let mut out = [0; 16];
        out.copy_from_slice(&hash.finalize()[..16]);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_bounded_and_stable() {
        let long = "x".repeat(9000);
        assert_eq!(Key::new(&long), Key::new(&long));
        assert!(Key::new(&long).as_str().len() <= 500);
        assert_ne!(Key::new(&long), Key::new(format!("{long}y")));
        assert!(!Key::new("a\nb").as_str().contains('\n'));
        assert_ne!(Key::of_content("c/", &["ab", "c"]), Key::of_content("c/", &["a", "bc"]));
    }

    #[test]
    fn digest_moves_with_every_field_that_an_edit_can_change() {
        let base =
            Activity::new(Key::new("k"), Act::Opened, Time::from_seconds(1).unwrap(), None, ThreadRef::None);
        let mut edited = base.clone();
        edited.text = "now with words".into();
        let mut gone = base.clone();
        gone.deleted = true;
        let mut relabelled = base.clone();
        relabelled.facts =
            Some(Box::new(ThreadFacts { labels: vec!["bug".into()], ..ThreadFacts::default() }));
        let digests = [base.digest(), edited.digest(), gone.digest(), relabelled.digest()];
        for (i, a) in digests.iter().enumerate() {
            assert!(digests.iter().skip(i + 1).all(|b| a != b));
        }
        assert_eq!(base.digest(), base.clone().digest());
    }
}
