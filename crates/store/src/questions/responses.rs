//! When was a thread opened, first answered by another human, and closed?

use rapport_model::{ThreadKind, Time};
use rusqlite::params;

use crate::open::{Store, StoreError};

/// One thread with a human opener.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response {
    /// Its number.
    pub thread: i64,
    /// The source's number.
    pub source: i64,
    /// What it is.
    pub kind: ThreadKind,
    /// When it was opened.
    pub opened_at: Time,
    /// The first reply by a human who is not the opener.
    pub responded_at: Option<Time>,
    /// When it was closed, merged or settled.
    pub closed_at: Option<Time>,
}

impl Store {
    /// Threads with a human opener, opened from `from` until before `to`; all from a covering index.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn responses(&self, from: Time, to: Time) -> Result<Vec<Response>, StoreError> {
        self.ask(|db| {
            let mut found = Vec::new();
            let mut statement = db.prepare_cached(
                "SELECT id, source, kind, opened_at, responded_at, closed_at FROM thread INDEXED BY thread_response
                 WHERE human_opener = 1 AND opened_at >= ? AND opened_at < ?",
            )?;
            let mut rows = statement.query(params![from.millis(), to.millis()])?;
            while let Some(row) = rows.next()? {
                let time = |column| -> rusqlite::Result<Option<Time>> {
                    Ok(row.get::<_, Option<i64>>(column)?.and_then(Time::from_millis))
                };
                found.push(Response {
                    thread: row.get(0)?,
                    source: row.get(1)?,
                    kind: row.get_ref(2)?.as_str_or_null()?.and_then(ThreadKind::from_word).unwrap_or(ThreadKind::Topic),
                    opened_at: time(3)?.unwrap_or(Time::MIN),
                    responded_at: time(4)?,
                    closed_at: time(5)?,
                });
            }
            Ok(found)
        })
    }
}
