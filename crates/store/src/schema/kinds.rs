//! Migration: what people corrected about kinds and answers, and what chat replies were found.

pub(super) const SQL: &str = r"
";
