//! Migration: what threads are about as vectors, and what people corrected about kinds.

pub(super) const SQL: &str = r"
-- Derived: the meaning of each thread that asks for something, 256 numbers of a byte, and their signs in blocks of
-- 1,024 threads, so that a search reads a thirty-second of the rest.
CREATE TABLE thread_vector (thread INTEGER PRIMARY KEY, vector BLOB NOT NULL) STRICT;
CREATE TABLE thread_signs (block INTEGER PRIMARY KEY, signs BLOB NOT NULL) STRICT;

-- Derived: messages of a chat that stand in no thread of their source, the thread that each would be by itself, and in
-- `activity` the one that it was found to belong to.
CREATE TABLE chat_line (
  activity INTEGER PRIMARY KEY, source INTEGER NOT NULL, container TEXT NOT NULL, at INTEGER NOT NULL,
  own INTEGER NOT NULL
) STRICT;
CREATE INDEX chat_line_at ON chat_line (source, container, at, activity);
CREATE INDEX chat_line_own ON chat_line (own);

-- State: the kind that a person gave a thread. By the thread's key, so that a rebuild does not lose it.
CREATE TABLE thread_kind (
  source INTEGER NOT NULL REFERENCES source(id), thread_key TEXT NOT NULL, kind TEXT NOT NULL,
  who TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (source, thread_key)
) STRICT, WITHOUT ROWID;
-- State: what the judgement of kinds learned from a source's labels and corrections. State, not derived: what comes
-- later is judged by it as what was there, until somebody lets it learn again.
CREATE TABLE kind_learned (
  source INTEGER PRIMARY KEY REFERENCES source(id), at INTEGER NOT NULL, who TEXT NOT NULL,
  examples INTEGER NOT NULL, weights BLOB NOT NULL
) STRICT;
";
