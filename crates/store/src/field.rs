//! What the team brings in itself: friction logs, field notes and talks, docs searches, contacts with departments.

pub(crate) mod contacts;
pub(crate) mod docs;
pub(crate) mod events;
pub(crate) mod friction;
pub(crate) mod notes;

use rapport_model::Time;
use rusqlite::Transaction;

use crate::audit::audit;
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

fn time(millis: i64) -> Time {
    Time::from_millis(millis).unwrap_or(Time::MIN)
}
