//! Migration: friction logs, field notes, talks and relations.

pub(super) const SQL: &str = r"
";
