//! Migration: what the living channels need: cursors, validators, quotas, raw replies.

pub(super) const SQL: &str = r"
";
