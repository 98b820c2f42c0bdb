//! Making the derived tables again from the log, with an identical result.

use rapport_model::{Act, Key, ThreadFacts, Time};
use rusqlite::{Connection, Row};

use crate::append::Judge;
use crate::open::{Store, StoreError};
use crate::rollup::{Derive, LogRow};
use crate::threads;

const COLUMNS: &str =
    "id, source, key, rev, act, at, who, thread_key, thread_of, facts, text, deleted, reply_to";

impl Store {
    /// Empties and refills every derived table, in one transaction.
    ///
    /// # Errors
    /// When the database cannot be written; the tables are as before then.
    pub fn rebuild(&mut self, judge: Judge<'_>, progress: &mut dyn FnMut(u64)) -> Result<u64, StoreError> {
        let path = self.path.clone();
        let result = (|| {
            let tx = self.db.transaction()?;
            let done = refill(&tx, judge, progress)?;
            tx.commit()?;
            Ok(done)
        })();
        result.map_err(|error| crate::open::fault(&path, &error))
    }
}

/// Empties and refills the derived tables inside the caller's transaction; gives the number of revisions.
pub(crate) fn refill(
    db: &Connection,
    judge: Judge<'_>,
    progress: &mut dyn FnMut(u64),
) -> rusqlite::Result<u64> {
    db.execute_batch(
        "DELETE FROM activity; DELETE FROM thread; DELETE FROM person_month; DELETE FROM source_week;
         DELETE FROM chat_line; DELETE FROM thread_vector; DELETE FROM thread_signs;
         INSERT INTO words(words) VALUES ('delete-all');",
    )?;
    let mut derive = Derive::default();
    let mut done = 0;
    let mut statement = db.prepare(&format!("SELECT {COLUMNS} FROM log ORDER BY id"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        take(db, &mut derive, row)?;
        done += 1;
        if done % 10_000 == 0 {
            derive.write(db)?;
            progress(done);
        }
    }
    threads::settle(db, derive, judge)?;
    Ok(done)
}

/// Brings one log row into the derived tables.
pub(crate) fn one(db: &Connection, derive: &mut Derive, id: i64) -> rusqlite::Result<()> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM log WHERE id = ?"))?;
    let mut rows = statement.query([id])?;
    match rows.next()? {
        Some(row) => take(db, derive, row),
        None => Ok(()),
    }
}

fn take(db: &Connection, derive: &mut Derive, row: &Row<'_>) -> rusqlite::Result<()> {
    let facts: Option<String> = row.get(9)?;
    let facts: Option<ThreadFacts> = facts.and_then(|text| serde_json::from_str(&text).ok());
    derive.take(
        db,
        &LogRow {
            id: row.get(0)?,
            source: row.get(1)?,
            key: row.get_ref(2)?.as_str()?,
            rev: row.get(3)?,
            act: Act::from_word(row.get_ref(4)?.as_str()?).unwrap_or(Act::Other),
            at: Time::from_millis(row.get(5)?).unwrap_or(Time::MIN),
            who: row.get(6)?,
            thread_key: row.get_ref(7)?.as_str_or_null()?,
            thread_of: row.get(8)?,
            reply_to: row.get_ref(12)?.as_str_or_null()?.map(Key::new).as_ref(),
            facts: facts.as_ref(),
            text: row.get_ref(10)?.as_str()?,
            deleted: row.get(11)?,
        },
    )
}
