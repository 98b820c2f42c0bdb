//! Migration: sources, identities, choices, the log and what is derived from it, and the documented views.

pub(super) const SQL: &str = r"
-- State: where we listen, and how far each place has been read.
CREATE TABLE source (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, scope TEXT NOT NULL,
  location TEXT NOT NULL, added_at INTEGER NOT NULL, last_at INTEGER, status TEXT NOT NULL DEFAULT 'added',
  read INTEGER NOT NULL DEFAULT 0, stored INTEGER NOT NULL DEFAULT 0,
  known INTEGER NOT NULL DEFAULT 0, rejected INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE item (
  source INTEGER NOT NULL REFERENCES source(id), name TEXT NOT NULL, len INTEGER NOT NULL, stamp TEXT NOT NULL,
  done INTEGER NOT NULL, complete INTEGER NOT NULL, PRIMARY KEY (source, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE identity (
  id INTEGER PRIMARY KEY, place TEXT NOT NULL, key TEXT NOT NULL, handle TEXT, name TEXT, email TEXT, title TEXT,
  bot INTEGER NOT NULL DEFAULT 0, member TEXT NOT NULL, because TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX identity_key ON identity (place, key);
CREATE TABLE choice (
  source INTEGER NOT NULL REFERENCES source(id), thread_key TEXT NOT NULL, what TEXT NOT NULL,
  who TEXT NOT NULL, at INTEGER NOT NULL, until INTEGER, note TEXT, PRIMARY KEY (source, thread_key, what)
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, verb TEXT NOT NULL, what TEXT NOT NULL
) STRICT;

-- The log: append-only, one row per revision, with the bytes it was read from.
CREATE TABLE dictionary (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TABLE raw (
  id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES source(id), digest BLOB NOT NULL,
  dictionary INTEGER REFERENCES dictionary(id), activities INTEGER NOT NULL, current INTEGER NOT NULL,
  len INTEGER NOT NULL, bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX raw_digest ON raw (source, digest);
CREATE TABLE reject (
  id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES source(id), item TEXT NOT NULL, at TEXT NOT NULL,
  why TEXT NOT NULL, seen INTEGER NOT NULL, digest BLOB NOT NULL, bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX reject_digest ON reject (source, digest);
CREATE TABLE log (
  id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES source(id), key TEXT NOT NULL, rev INTEGER NOT NULL,
  seen INTEGER NOT NULL, act TEXT NOT NULL, at INTEGER NOT NULL, who INTEGER REFERENCES identity(id),
  thread_key TEXT, thread_of INTEGER NOT NULL, reply_to TEXT, url TEXT, detail TEXT, facts TEXT,
  text TEXT NOT NULL, deleted INTEGER NOT NULL, digest BLOB NOT NULL, raw INTEGER REFERENCES raw(id),
  updated INTEGER
) STRICT;
CREATE UNIQUE INDEX log_key ON log (source, key, rev);

-- Derived from the log: `rebuild` makes the same again.
CREATE TABLE activity (
  id INTEGER PRIMARY KEY, newest INTEGER NOT NULL, source INTEGER NOT NULL, act TEXT NOT NULL, at INTEGER NOT NULL,
  month INTEGER NOT NULL, week INTEGER NOT NULL, who INTEGER, thread INTEGER, deleted INTEGER NOT NULL
) STRICT;
CREATE INDEX activity_thread ON activity (thread, at, id) WHERE thread IS NOT NULL;
CREATE INDEX activity_who ON activity (who, at);
CREATE TABLE thread (
  id INTEGER PRIMARY KEY, source INTEGER NOT NULL, key TEXT NOT NULL, kind TEXT, title TEXT, url TEXT,
  container TEXT, labels TEXT NOT NULL DEFAULT '[]', mark TEXT, closed_at INTEGER, opening INTEGER,
  opened_at INTEGER, opener INTEGER, human_opener INTEGER NOT NULL DEFAULT 0, response INTEGER,
  responded_at INTEGER, responder INTEGER, last_at INTEGER, messages INTEGER NOT NULL DEFAULT 0,
  people INTEGER NOT NULL DEFAULT 0, need TEXT, need_because TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'waiting', because TEXT NOT NULL DEFAULT '', waiting_since INTEGER,
  reach INTEGER NOT NULL DEFAULT 0, accepted TEXT, resolved INTEGER NOT NULL DEFAULT 0, sketch BLOB
) STRICT;
CREATE UNIQUE INDEX thread_key ON thread (source, key);
CREATE INDEX thread_waiting ON thread (waiting_since) WHERE waiting_since IS NOT NULL;
CREATE INDEX thread_opened ON thread (opened_at, need, state);
CREATE INDEX thread_response ON thread (source, kind, human_opener, opened_at, responded_at, closed_at);
CREATE TABLE person_month (
  month INTEGER NOT NULL, source INTEGER NOT NULL, who INTEGER NOT NULL,
  contributions INTEGER NOT NULL, messages INTEGER NOT NULL, PRIMARY KEY (month, source, who)
) STRICT, WITHOUT ROWID;
CREATE TABLE source_week (
  week INTEGER NOT NULL, source INTEGER NOT NULL, act TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (week, source, act)
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (
  title, text, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2'
);

-- The documented views: what other programs may rely on. Times are milliseconds since 1970 in UTC and, beside, text.
CREATE VIEW activities AS
  SELECT a.id, s.name AS source, s.scope, l.key, l.rev AS revision, a.act, a.at,
         strftime('%Y-%m-%dT%H:%M:%SZ', a.at / 1000, 'unixepoch') AS at_text, a.month, a.week, a.who AS person,
         a.thread, l.reply_to, l.text, l.url, l.detail, a.deleted
  FROM activity a JOIN log l ON l.id = a.newest JOIN source s ON s.id = a.source;
CREATE VIEW threads AS
  SELECT t.id, s.name AS source, s.scope, t.key, t.kind, t.title, t.url, t.container, t.labels, t.mark,
         t.opened_at, strftime('%Y-%m-%dT%H:%M:%SZ', t.opened_at / 1000, 'unixepoch') AS opened_text,
         t.opener, t.human_opener, t.responded_at, t.responder, t.closed_at, t.last_at, t.messages, t.people,
         t.accepted, t.resolved
  FROM thread t JOIN source s ON s.id = t.source WHERE t.opened_at IS NOT NULL;
CREATE VIEW needs AS
  SELECT t.id AS thread, s.name AS source, s.scope, t.title, t.url, t.need AS kind, t.need_because, t.state, t.because,
         t.opened_at, t.waiting_since, t.opener AS asker, t.reach
  FROM thread t JOIN source s ON s.id = t.source WHERE t.need IS NOT NULL;
CREATE VIEW people AS
  SELECT id, place, key, handle, name, email, title, member, because FROM identity;
";
