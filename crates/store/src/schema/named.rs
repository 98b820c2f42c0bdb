//! Migration: how often what names people has changed, so that a book of names knows whether it is still whole.

// New accounts are seen by their number. Deleting happens nowhere today; who begins to is counted, too.
pub(super) const SQL: &str = r"
CREATE TABLE named (one INTEGER PRIMARY KEY CHECK (one = 1), changes INTEGER NOT NULL) STRICT;
INSERT INTO named VALUES (1, 0);
CREATE TRIGGER identity_renamed AFTER UPDATE OF place, key, handle, name, email, bot, member, person ON identity
  WHEN old.place IS NOT new.place OR old.key IS NOT new.key OR old.handle IS NOT new.handle OR old.name IS NOT new.name
    OR old.email IS NOT new.email OR old.bot IS NOT new.bot OR old.member IS NOT new.member
    OR old.person IS NOT new.person
  BEGIN UPDATE named SET changes = changes + 1; END;
CREATE TRIGGER identity_removed AFTER DELETE ON identity BEGIN UPDATE named SET changes = changes + 1; END;
";
