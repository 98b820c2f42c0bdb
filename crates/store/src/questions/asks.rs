//! Which threads ask for something?

use rapport_model::Time;
use rusqlite::params;

use crate::open::{Store, StoreError};
use crate::threads::{THREAD_COLUMNS, ThreadRow, thread_row};

impl Store {
    /// Threads that ask for something and were opened until `until`, oldest first; those that wait only, if asked.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn asks(&self, until: Time, waiting_only: bool) -> Result<Vec<ThreadRow>, StoreError> {
        // With waiting_only the partial index on waiting_since finds the few among the many.
        let waiting = if waiting_only { "AND t.waiting_since IS NOT NULL" } else { "" };
        self.select(&format!("t.need IS NOT NULL AND t.opened_at <= ?1 {waiting}"), until, Time::MAX)
    }

    /// Threads opened in a stretch of time (`from` until before `to`), oldest first, whatever they are.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn opened(&self, from: Time, to: Time) -> Result<Vec<ThreadRow>, StoreError> {
        self.select("t.opened_at >= ?1 AND t.opened_at < ?2", from, to)
    }

    /// Threads opened until `until` that went on after it: what they were at `until` has to be judged anew.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn moved_after(&self, until: Time) -> Result<Vec<ThreadRow>, StoreError> {
        self.select("t.opened_at <= ?1 AND (t.last_at > ?1 OR t.closed_at > ?1)", until, Time::MAX)
    }

    fn select(&self, filter: &str, one: Time, two: Time) -> Result<Vec<ThreadRow>, StoreError> {
        let two_used = if filter.contains("?2") { "" } else { "AND ?2 IS NOT NULL" };
        let sql = format!(
            "SELECT {THREAD_COLUMNS} FROM thread t JOIN source s ON s.id = t.source
             LEFT JOIN identity i ON i.id = t.opener WHERE {filter} {two_used} ORDER BY t.opened_at, t.id"
        );
        self.ask(|db| {
            db.prepare_cached(&sql)?.query_map(params![one.millis(), two.millis()], thread_row)?.collect()
        })
    }
}
