//! Migration: who may sit down at the desk over the network.

pub(super) const SQL: &str = r"
CREATE TABLE account (
  name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL, made_at INTEGER NOT NULL, made_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";
