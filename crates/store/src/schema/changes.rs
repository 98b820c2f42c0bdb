//! Migration: which threads changed in which order, so that a program that stays knows which to read anew.

// A thread that is made is written once more when it has been judged.
pub(super) const SQL: &str = r"
CREATE TABLE thread_change (thread INTEGER PRIMARY KEY, change INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX thread_change_order ON thread_change (change);
CREATE TRIGGER thread_changed AFTER UPDATE ON thread
  BEGIN
    INSERT INTO thread_change VALUES (new.id, (SELECT coalesce(max(change), 0) + 1 FROM thread_change))
      ON CONFLICT (thread) DO UPDATE SET change = excluded.change;
  END;
CREATE TRIGGER thread_gone AFTER DELETE ON thread
  BEGIN
    INSERT INTO thread_change VALUES (old.id, (SELECT coalesce(max(change), 0) + 1 FROM thread_change))
      ON CONFLICT (thread) DO UPDATE SET change = excluded.change;
  END;
";
