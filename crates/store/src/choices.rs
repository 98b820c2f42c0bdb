//! What people decided: claimed, snoozed, met. Kept by the thread's key, so that a rebuild does not lose them.

use rapport_model::Time;
use rusqlite::params;

use crate::open::{Store, StoreError};

/// One choice about one thread.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The thread's number.
    pub thread: i64,
    /// `claim`, `snooze` or `met`.
    pub what: String,
    /// Who chose.
    pub who: String,
    /// When.
    pub at: Time,
    /// Until when it holds, for a snooze.
    pub until: Option<Time>,
    /// A word on why.
    pub note: Option<String>,
}

impl Store {
    /// Records a choice; a second one of the same sort replaces the first. The audit log keeps both.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn choose(&mut self, choice: &Choice) -> Result<(), StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            tx.execute(
                "INSERT INTO choice (source, thread_key, what, who, at, until, note)
                 SELECT source, key, ?2, ?3, ?4, ?5, ?6 FROM thread WHERE id = ?1
                 ON CONFLICT DO UPDATE SET who = excluded.who, at = excluded.at, until = excluded.until,
                   note = excluded.note",
                params![
                    choice.thread,
                    choice.what,
                    choice.who,
                    choice.at.millis(),
                    choice.until.map(Time::millis),
                    choice.note
                ],
            )?;
            audit(&tx, choice.at, &choice.who, &choice.what, choice.thread)?;
            tx.commit()
        });
        result.map_err(|e| crate::open::fault(&path, &e))
    }

    /// Takes a choice back.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn unchoose(&mut self, thread: i64, what: &str, who: &str, at: Time) -> Result<bool, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            let n = tx.execute(
                "DELETE FROM choice WHERE what = ?2 AND (source, thread_key) IN
                   (SELECT source, key FROM thread WHERE id = ?1)",
                params![thread, what],
            )?;
            audit(&tx, at, who, &format!("undo {what}"), thread)?;
            tx.commit()?;
            Ok(n > 0)
        });
        result.map_err(|e| crate::open::fault(&path, &e))
    }

    /// Every choice in force.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn choices(&self) -> Result<Vec<Choice>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT t.id, c.what, c.who, c.at, c.until, c.note
                 FROM choice c CROSS JOIN thread t ON t.source = c.source AND t.key = c.thread_key ORDER BY t.id, c.what",
            )?
            .query_map([], |row| {
                Ok(Choice {
                    thread: row.get(0)?,
                    what: row.get(1)?,
                    who: row.get(2)?,
                    at: Time::from_millis(row.get(3)?).unwrap_or(Time::MIN),
                    until: row.get::<_, Option<i64>>(4)?.and_then(Time::from_millis),
                    note: row.get(5)?,
                })
            })?
            .collect()
        })
    }
}

pub(crate) fn audit(
    db: &rusqlite::Connection,
    at: Time,
    who: &str,
    verb: &str,
    thread: i64,
) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO audit (at, who, verb, what) SELECT ?, ?, ?, s.name || ' ' || t.key
         FROM thread t JOIN source s ON s.id = t.source WHERE t.id = ?",
        params![at.millis(), who, verb, thread],
    )
    .map(drop)
}
