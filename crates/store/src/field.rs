//! What the team brings in itself: friction logs, field notes and talks, docs searches, contacts with departments.

pub(crate) mod contacts;
pub(crate) mod docs;
pub(crate) mod friction;
pub(crate) mod notes;

use rapport_model::Time;
use rusqlite::{Transaction, params};

use crate::open::{Store, StoreError, fault};

/// One transaction, kept when `act` succeeds.
fn keep<T>(
    store: &mut Store,
    act: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
) -> Result<T, StoreError> {
    let path = store.path.clone();
    let result = store.db.transaction().and_then(|tx| {
        let done = act(&tx)?;
        tx.commit()?;
        Ok(done)
    });
    result.map_err(|e| fault(&path, &e))
}

/// One line of the audit log: what was done, never what was said.
fn audit(tx: &Transaction<'_>, at: Time, who: &str, verb: &str, what: &str) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT INTO audit (at, who, verb, what) VALUES (?, ?, ?, ?)",
        params![at.millis(), who, verb, what],
    )
    .map(drop)
}

fn time(millis: i64) -> Time {
    Time::from_millis(millis).unwrap_or(Time::MIN)
}
