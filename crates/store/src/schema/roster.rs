//! Migration: the organisation's last good copies, and applications with the words that were said about them.

pub(super) const SQL: &str = r"
-- State: every copy of the organisation's file that could be used, the newest in force while the file cannot.
CREATE TABLE org_copy (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, file TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
-- State: who asked to be judged by the definition, in their own words, and what people said to that. A refusal takes the
-- words of two.
CREATE TABLE application (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, who TEXT NOT NULL, person TEXT NOT NULL
) STRICT;
CREATE TABLE application_word (
  id INTEGER PRIMARY KEY, application INTEGER NOT NULL REFERENCES application(id), at INTEGER NOT NULL,
  who TEXT NOT NULL, verdict TEXT NOT NULL, clause TEXT, definition TEXT NOT NULL, because TEXT
) STRICT;
CREATE INDEX application_word_of ON application_word (application, id);
";
