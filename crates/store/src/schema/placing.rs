//! Migration: which earlier threads a thread resembles, and how many threads the topics were learnt from.

pub(super) const SQL: &str = r"
-- Threads of the same topic that asked alike before, as JSON: an array of [source, thread key].
ALTER TABLE topic_place ADD COLUMN earlier TEXT;
ALTER TABLE topic_finding ADD COLUMN learnt INTEGER NOT NULL DEFAULT 0;
-- What is kept from before knows nothing of that: topics are found anew.
UPDATE topic_finding SET seen = -1;
";
