//! Migration: what topics were found, and what people said about them.

pub(super) const SQL: &str = r"
-- State: the finder's own, where each thread belongs, and what people said about it.
CREATE TABLE topic_finding (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL, seen INTEGER NOT NULL) STRICT;
CREATE TABLE topic_place (
  source INTEGER NOT NULL, thread_key TEXT NOT NULL, topic INTEGER NOT NULL, cosine REAL NOT NULL,
  PRIMARY KEY (source, thread_key)
) STRICT, WITHOUT ROWID;
CREATE TABLE topic_word (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, topic INTEGER,
  source INTEGER REFERENCES source(id), thread_key TEXT, text TEXT NOT NULL
) STRICT;
";
