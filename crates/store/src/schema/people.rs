//! Migration: who is one person, who said so, and the terms of champions.

pub(super) const SQL: &str = r"
-- State: what was said of people, in order. Rows are only added; a later one takes an earlier one back.
CREATE TABLE ledger (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, automatic INTEGER NOT NULL, word TEXT NOT NULL,
  a INTEGER NOT NULL REFERENCES identity(id), b INTEGER REFERENCES identity(id), kind TEXT, undoes INTEGER,
  confidence REAL, because TEXT NOT NULL
) STRICT;
CREATE INDEX ledger_a ON ledger (a);
CREATE INDEX ledger_b ON ledger (b) WHERE b IS NOT NULL;
-- Who may be one person, for somebody to say: what the last weighing left over.
CREATE TABLE suggestion (
  a INTEGER NOT NULL REFERENCES identity(id), b INTEGER NOT NULL REFERENCES identity(id), confidence REAL NOT NULL,
  because TEXT NOT NULL, PRIMARY KEY (a, b)
) STRICT, WITHOUT ROWID;
CREATE INDEX suggestion_b ON suggestion (b);
-- Terms of champions, as appointed; rows are only added, the last one of a person counts.
CREATE TABLE term (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, identity INTEGER NOT NULL REFERENCES identity(id),
  begins INTEGER NOT NULL, ends INTEGER NOT NULL, because TEXT NOT NULL
) STRICT;
CREATE INDEX term_identity ON term (identity);
-- Derived from the ledger: the person of an identity that is linked to another, by the smallest number of them all.
ALTER TABLE identity ADD COLUMN person INTEGER;
CREATE INDEX identity_person ON identity (person) WHERE person IS NOT NULL;
-- It was weighed against the others as it is now.
ALTER TABLE identity ADD COLUMN weighed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX identity_unweighed ON identity (id) WHERE weighed = 0;
-- What the way it writes says of it: empty while that is nothing particular.
ALTER TABLE identity ADD COLUMN behaviour TEXT;
DROP VIEW people;
CREATE VIEW people AS
  SELECT id, coalesce(person, id) AS person, place, key, handle, name, email, title, member, because FROM identity;
";
