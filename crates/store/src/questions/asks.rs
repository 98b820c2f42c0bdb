//! Which threads ask for something?

use rapport_model::Time;
use rusqlite::params;

use crate::open::{Store, StoreError};
use crate::threads::{THREAD_COLUMNS, ThreadRow, sketch, thread_row};

impl Store {
    /// Threads that ask for something and were opened until `until`, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn asks(&self, until: Time) -> Result<Vec<ThreadRow>, StoreError> {
        self.select("", "t.need IS NOT NULL AND t.opened_at <= ?1", until, Time::MAX)
    }

    /// Of [`Store::asks`] those that wait since `since` or later: a partial index finds the few among the many.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn waiting(&self, since: Time, until: Time) -> Result<Vec<ThreadRow>, StoreError> {
        // Left alone, the planner walks all threads in the order wanted instead of the few that wait.
        let few = "INDEXED BY thread_waiting";
        self.select(few, "t.need IS NOT NULL AND t.opened_at <= ?2 AND t.waiting_since >= ?1", since, until)
    }

    /// The opening words' fingerprints of threads opened from `from` until before `to`, whatever the threads are.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn sketches(&self, from: Time, to: Time) -> Result<Vec<Sketched>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT id, opened_at, sketch, source FROM thread INDEXED BY thread_sketch
                 WHERE opened_at >= ? AND opened_at < ? AND length(sketch) > 0 ORDER BY opened_at, id",
            )?
            .query_map(params![from.millis(), to.millis()], |row| {
                Ok(Sketched {
                    thread: row.get(0)?,
                    opened_at: Time::from_millis(row.get(1)?).unwrap_or(Time::MIN),
                    sketch: sketch(row.get_ref(2)?.as_blob_or_null()?),
                    source: row.get(3)?,
                })
            })?
            .collect()
        })
    }

    /// Threads opened until `until` that went on after it: what they were at `until` has to be judged anew.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn moved_after(&self, until: Time) -> Result<Vec<ThreadRow>, StoreError> {
        self.select("", "t.opened_at <= ?1 AND (t.last_at > ?1 OR t.closed_at > ?1)", until, Time::MAX)
    }

    fn select(&self, index: &str, filter: &str, one: Time, two: Time) -> Result<Vec<ThreadRow>, StoreError> {
        let two_used = if filter.contains("?2") { "" } else { "AND ?2 IS NOT NULL" };
        let sql = format!(
            "SELECT {THREAD_COLUMNS} FROM thread t {index} JOIN source s ON s.id = t.source
             LEFT JOIN identity i ON i.id = t.opener WHERE {filter} {two_used} ORDER BY t.opened_at, t.id"
        );
        self.ask(|db| {
            db.prepare_cached(&sql)?.query_map(params![one.millis(), two.millis()], thread_row)?.collect()
        })
    }
}

/// A thread's opening words as a fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketched {
    /// Its number.
    pub thread: i64,
    /// When it was opened.
    pub opened_at: Time,
    /// The fingerprint.
    pub sketch: Vec<u32>,
    /// The source's number.
    pub source: i64,
}
