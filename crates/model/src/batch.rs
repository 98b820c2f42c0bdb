//! What a read hands to the log: records with their bytes, and what could not be read.

use std::collections::BTreeSet;

use crate::activity::{Activity, Key};

/// One piece of input that could not be read: set aside with its bytes and counted, never dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Where inside the item: `byte 1042`, `row 17`, `message 3`.
    pub at: String,
    /// Why, and what was expected instead.
    pub why: String,
    /// The bytes, cut to [`Reject::MOST`].
    pub raw: Vec<u8>,
}

impl Reject {
    /// The most bytes of one reject that are kept.
    pub const MOST: usize = 64 * 1024;

    /// A reject with its bytes cut to what is kept.
    #[must_use]
    pub fn new(at: impl Into<String>, why: impl Into<String>, raw: &[u8]) -> Reject {
        Reject { at: at.into(), why: why.into(), raw: raw[..raw.len().min(Reject::MOST)].to_vec() }
    }
}

/// The smallest piece of a source that can be read by itself (a message, a post, an issue with its comments), with
/// its bytes and what they mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The bytes as the source gave them, kept so that a better connector can read them again.
    pub raw: Vec<u8>,
    /// What they mean.
    pub activities: Vec<Activity>,
    /// Activities of this record that could not be made sense of; the rest of it stands.
    pub rejects: Vec<Reject>,
    /// When set, `activities` are all that this thread holds: what the log has beyond them was deleted at the source.
    pub whole: Option<Key>,
    /// What was said cannot be edited at the source (a mail, a commit): another text under the same key is a damaged
    /// copy, not a revision, and the first one stands.
    pub fixed: bool,
}

impl Record {
    /// A record of one activity.
    #[must_use]
    pub fn one(raw: &[u8], activity: Activity) -> Record {
        Record {
            raw: raw.to_vec(),
            activities: vec![activity],
            rejects: Vec::new(),
            whole: None,
            fixed: false,
        }
    }
}

/// One item of an archive: a file in a folder, a member of a ZIP, a stream out of git.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemInfo {
    /// Relative name, `/`-separated.
    pub name: String,
    /// Its length in bytes, uncompressed where known.
    pub len: u64,
    /// What changes when its content does: modification time or checksum. With `len` it tells "read before".
    pub stamp: String,
}

/// A stretch of what one item gave, small enough to be kept in one transaction.
#[derive(Clone, Debug)]
pub struct Page {
    /// The item.
    pub item: ItemInfo,
    /// Records in the order read.
    pub records: Vec<Record>,
    /// What could not be read.
    pub rejects: Vec<Reject>,
    /// Threads that end here and are complete: the log's other activities of them were deleted. With the
    /// fingerprints of all keys that were seen.
    pub whole: Vec<(Key, BTreeSet<u64>)>,
    /// How many records and rejects of the item are out, this page's included: the cursor.
    pub done: u64,
    /// The item is at its end.
    pub last: bool,
}
