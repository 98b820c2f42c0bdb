//! Migration: which accounts are called otherwise since when, so that a book of names knows what it does not say yet.

// New accounts are seen by their number.
pub(super) const SQL: &str = r"
CREATE TABLE named (identity INTEGER PRIMARY KEY, change INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX named_change ON named (change);
CREATE TRIGGER identity_renamed AFTER UPDATE OF place, key, handle, name, email, bot, person ON identity
  WHEN old.place IS NOT new.place OR old.key IS NOT new.key OR old.handle IS NOT new.handle OR old.name IS NOT new.name
    OR old.email IS NOT new.email OR old.bot IS NOT new.bot OR old.person IS NOT new.person
  BEGIN
    INSERT INTO named VALUES (new.id, (SELECT coalesce(max(change), 0) + 1 FROM named))
      ON CONFLICT (identity) DO UPDATE SET change = excluded.change;
  END;
";
