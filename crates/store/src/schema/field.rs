//! Migration: friction logs, field notes, talks and relations.

pub(super) const SQL: &str = r"
-- State: friction logs as they were written; what they say is read from their text.
CREATE TABLE friction_log (
  id INTEGER PRIMARY KEY, scenario TEXT NOT NULL, date INTEGER NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL,
  who TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;
-- State: events, what was heard there and who follows up, and the talks held or sent in.
CREATE TABLE event_row (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, starts INTEGER, ends INTEGER, place TEXT, url TEXT, area TEXT,
  call_url TEXT, call_until INTEGER, at INTEGER NOT NULL
) STRICT;
CREATE TABLE field_note (
  id INTEGER PRIMARY KEY, event INTEGER NOT NULL REFERENCES event_row(id), date INTEGER NOT NULL, text TEXT NOT NULL,
  said_by TEXT, consent TEXT NOT NULL, writer TEXT, owner TEXT, due INTEGER, done_at INTEGER, done_by TEXT,
  done_note TEXT, who TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX field_note_once ON field_note (event, date, text);
CREATE TABLE talk (
  id INTEGER PRIMARY KEY, title TEXT NOT NULL, event INTEGER NOT NULL REFERENCES event_row(id), speaker TEXT
) STRICT;
CREATE TABLE talk_step (
  id INTEGER PRIMARY KEY, talk INTEGER NOT NULL REFERENCES talk(id), state TEXT NOT NULL, at INTEGER NOT NULL,
  who TEXT NOT NULL, note TEXT
) STRICT;
-- State: what people searched in the docs, and the pages that were written since.
CREATE TABLE docs_search (
  id INTEGER PRIMARY KEY, log TEXT NOT NULL, at INTEGER NOT NULL, query TEXT NOT NULL, results INTEGER,
  searches INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX docs_search_once ON docs_search (log, at, query, coalesce(results, -1));
CREATE TABLE docs_page (
  id INTEGER PRIMARY KEY, topic INTEGER, about TEXT NOT NULL, url TEXT NOT NULL, shipped INTEGER NOT NULL, who TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
-- State: when we spoke with another department, and who turned to whom.
CREATE TABLE contact (
  id INTEGER PRIMARY KEY, department TEXT NOT NULL, side TEXT NOT NULL, person TEXT, note TEXT NOT NULL,
  date INTEGER NOT NULL, who TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;
";
