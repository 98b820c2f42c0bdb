//! Migration: what comes in by itself (deliveries of webhooks), when each source is looked at, and keys of feeds.

pub(super) const SQL: &str = r"
-- Every delivery that was taken, by its own id and by its bytes: the same is not taken twice.
CREATE TABLE hook_delivery (
  hook TEXT NOT NULL, id TEXT NOT NULL, digest BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (hook, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX hook_delivery_digest ON hook_delivery (hook, digest);
CREATE INDEX hook_delivery_at ON hook_delivery (at);
-- What was taken and is not in the log yet; it leaves in the transaction that brings its rows.
CREATE TABLE hook_inbox (
  id INTEGER PRIMARY KEY, hook TEXT NOT NULL, event TEXT NOT NULL, hint TEXT NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
-- How each hook is doing.
CREATE TABLE hook (
  name TEXT PRIMARY KEY, received INTEGER NOT NULL DEFAULT 0, repeated INTEGER NOT NULL DEFAULT 0,
  stored INTEGER NOT NULL DEFAULT 0, known INTEGER NOT NULL DEFAULT 0, aside INTEGER NOT NULL DEFAULT 0,
  passed INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0, last_at INTEGER,
  refused_at INTEGER, refused_why TEXT NOT NULL DEFAULT '', aside_at INTEGER, aside_why TEXT NOT NULL DEFAULT '',
  passed_why TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
-- When a source was looked at, and since when it is wanted again.
CREATE TABLE look (
  source INTEGER PRIMARY KEY REFERENCES source(id), began INTEGER, ended INTEGER, wanted INTEGER
) STRICT;
-- Sources that somebody told to rest.
CREATE TABLE rest (
  source INTEGER PRIMARY KEY REFERENCES source(id), who TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;
-- Keys that open an account's feeds, as digests.
CREATE TABLE feed_key (
  id INTEGER PRIMARY KEY, account TEXT NOT NULL, digest BLOB NOT NULL UNIQUE, made_at INTEGER NOT NULL, made_by TEXT NOT NULL
) STRICT;
";
