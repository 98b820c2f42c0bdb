//! The account of a read: nothing is lost between what was read and what is kept.

use serde::{Deserialize, Serialize};

/// What one read of a source came to. Always `read = stored + known + rejected`.
///
/// The unit is the activity: one that was new or newer than the log's revision (`stored`), one that the log already
/// held unchanged (`known`), or a stretch of input that could not be read (`rejected`, its bytes set aside).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadCount {
    /// All that the source gave.
    pub read: u64,
    /// New activities and new revisions of known ones.
    pub stored: u64,
    /// Already in the log, unchanged.
    pub known: u64,
    /// Set aside unread.
    pub rejected: u64,
}

impl ReadCount {
    /// Whether the account closes.
    #[must_use]
    pub const fn closes(&self) -> bool {
        self.read == self.stored + self.known + self.rejected
    }
    /// Adds another read's account.
    pub const fn add(&mut self, other: &ReadCount) {
        self.read += other.read;
        self.stored += other.stored;
        self.known += other.known;
        self.rejected += other.rejected;
    }
}
