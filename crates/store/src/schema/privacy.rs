//! Migration: what was forgotten, what people agreed to, and who asked to be introduced.

pub(super) const SQL: &str = r"
-- State: this folder's salt. Pseudonyms and tombstones are made with it, and mean nothing beside another.
CREATE TABLE folder_salt (id INTEGER PRIMARY KEY CHECK (id = 1), bytes BLOB NOT NULL) STRICT;
INSERT INTO folder_salt (id, bytes) VALUES (1, randomblob(32));
-- State: tombstones. Nothing here can be read back: digests, salted, slow to make.
CREATE TABLE forgotten (
  id INTEGER PRIMARY KEY, label TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, cleaned INTEGER NOT NULL
) STRICT;
CREATE TABLE forgotten_mark (
  id INTEGER PRIMARY KEY, forgotten INTEGER NOT NULL REFERENCES forgotten(id), sort TEXT NOT NULL, weak INTEGER NOT NULL,
  begins INTEGER NOT NULL, quick INTEGER NOT NULL, words INTEGER NOT NULL, digest BLOB NOT NULL
) STRICT;
CREATE TABLE forgotten_text (
  forgotten INTEGER NOT NULL REFERENCES forgotten(id), sort TEXT NOT NULL, digests BLOB NOT NULL,
  PRIMARY KEY (forgotten, sort)
) STRICT, WITHOUT ROWID;
-- State: what a person agreed to, as recorded; rows are only added, the last answer to each question counts.
CREATE TABLE consent (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, identity INTEGER NOT NULL REFERENCES identity(id),
  quote INTEGER, contact INTEGER, introduce INTEGER, note TEXT
) STRICT;
CREATE INDEX consent_identity ON consent (identity);
-- State: who asked to be introduced to whom. Logged whatever the answer.
CREATE TABLE introduction (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, role TEXT NOT NULL, asked TEXT NOT NULL,
  identity INTEGER REFERENCES identity(id), towards TEXT NOT NULL, about TEXT NOT NULL, granted INTEGER NOT NULL
) STRICT;
";
