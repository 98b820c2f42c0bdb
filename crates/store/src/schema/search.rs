//! Migration: how the full-text index is written.

// The index gathers the words of a whole transaction before it writes them, instead of a MiB at a time, and merges what
// it wrote half as often.
pub(super) const SQL: &str = r"
INSERT INTO words (words, rank) VALUES ('hashsize', 33554432), ('automerge', 8);
";
