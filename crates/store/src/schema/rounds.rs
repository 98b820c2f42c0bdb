//! Migration: evidence, feedback, its steps, and who was told.

pub(super) const SQL: &str = r"
";
