//! Migration: what the living channels need: cursors, validators, quotas and when to try again.

pub(super) const SQL: &str = r"
-- How far each stream of a living source has been read; moves in the transaction of its rows and never alone.
CREATE TABLE cursor (
  source INTEGER NOT NULL REFERENCES source(id), stream TEXT NOT NULL, state TEXT NOT NULL,
  done INTEGER NOT NULL DEFAULT 0, about INTEGER, complete INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL,
  PRIMARY KEY (source, stream)
) STRICT, WITHOUT ROWID;
-- What the last conditional reply of a stream can be asked again with.
CREATE TABLE validator (
  source INTEGER NOT NULL REFERENCES source(id), stream TEXT NOT NULL, url TEXT NOT NULL, etag TEXT NOT NULL,
  modified TEXT NOT NULL, PRIMARY KEY (source, stream)
) STRICT, WITHOUT ROWID;
-- When a living source may be tried again, and why not before.
CREATE TABLE pause (
  source INTEGER PRIMARY KEY REFERENCES source(id), until INTEGER NOT NULL, why TEXT NOT NULL
) STRICT;
-- What a service said of its limits, by host and kind of request: a second run keeps to it as well.
CREATE TABLE host_limit (
  host TEXT NOT NULL, bucket TEXT NOT NULL, until INTEGER, why TEXT NOT NULL DEFAULT '', remaining INTEGER,
  quota INTEGER, resets INTEGER, PRIMARY KEY (host, bucket)
) STRICT, WITHOUT ROWID;
";
