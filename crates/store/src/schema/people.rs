//! Migration: who is one person, who said so, consent, roles, and what was forgotten.

pub(super) const SQL: &str = r"
";
