//! Migration: copies of a question are looked for.

// Copies of a question are looked for among all openings of half a year: from a narrow index, not from the wide table.
pub(super) const SQL: &str = r"
CREATE INDEX thread_sketch ON thread (opened_at, id, source, sketch) WHERE length(sketch) > 0;
";
