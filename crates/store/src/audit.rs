//! The audit log: who did what, and when. What was done, never what was said.

use rapport_model::Time;
use rusqlite::{Connection, params};

/// One line.
pub(crate) fn audit(db: &Connection, at: Time, who: &str, verb: &str, what: &str) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO audit (at, who, verb, what) VALUES (?, ?, ?, ?)")?
        .execute(params![at.millis(), who, verb, what])
        .map(drop)
}
