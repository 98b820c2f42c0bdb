//! How does an account write, and what did two accounts ask alike?

use std::collections::BTreeSet;

use rapport_model::Time;
use rusqlite::params;

use crate::append::Judge;
use crate::open::{Store, StoreError, fault};
use crate::rollup::Derive;
use crate::threads;

/// One message of an account: seconds since the one before it by somebody else in its thread, and its words.
pub type Written = (Option<f64>, String);

impl Store {
    /// Accounts with at least so many messages at whose writing nobody has looked; with `again` all that have as many.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn writers(&self, least: usize, again: bool) -> Result<Vec<i64>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT p.who FROM person_month p JOIN identity i ON i.id = p.who
                 WHERE ?2 OR i.behaviour IS NULL GROUP BY p.who HAVING sum(p.messages) >= ?1 ORDER BY p.who",
            )?
            .query_map(params![i64::try_from(least).unwrap_or(i64::MAX), again], |row| row.get(0))?
            .collect()
        })
    }

    /// The last messages of an account.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn writing(&self, who: i64, most: usize) -> Result<Vec<Written>, StoreError> {
        self.ask(|db| {
            let mut before = db.prepare_cached(
                "SELECT b.at FROM activity b WHERE b.thread = ? AND b.at <= ? AND b.id <> ? AND b.who <> ?
                   AND b.deleted = 0 AND b.act IN ('opened', 'replied', 'reviewed') ORDER BY b.at DESC LIMIT 1",
            )?;
            let mut last = db.prepare_cached(
                "SELECT a.id, a.thread, a.at, substr(l.text, 1, 400) FROM activity a JOIN log l ON l.id = a.newest
                 WHERE a.who = ? AND a.deleted = 0 AND a.act IN ('opened', 'replied', 'reviewed')
                 ORDER BY a.at DESC LIMIT ?",
            )?;
            let rows = last.query_map(params![who, i64::try_from(most).unwrap_or(i64::MAX)], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, i64>(2)?, row.get(3)?))
            })?;
            let mut found = Vec::new();
            for row in rows {
                let (id, thread, at, text) = row?;
                let mut earlier = before.query(params![thread, at, id, who])?;
                #[allow(clippy::cast_precision_loss)] // milliseconds between two messages
                let after = match earlier.next()? {
                    Some(row) => Some((at - row.get::<_, i64>(0)?) as f64 / 1_000.0),
                    None => None,
                };
                found.push((after, text));
            }
            Ok(found)
        })
    }

    /// Keeps what the way accounts write says of them, and judges them and their threads by it.
    ///
    /// # Errors
    /// When the database cannot be written; nothing is changed then.
    pub fn keep_behaviour(&mut self, found: &[(i64, String)], judge: Judge<'_>) -> Result<u64, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            let mut changed = BTreeSet::new();
            {
                let mut write =
                    tx.prepare("UPDATE identity SET behaviour = ?1 WHERE id = ?2 AND behaviour IS NOT ?1")?;
                let mut said = BTreeSet::new();
                for (id, what) in found {
                    if write.execute(params![what, id])? > 0 && !what.is_empty() {
                        said.insert(*id);
                    }
                }
                changed.extend(crate::identities::rejudge(&tx, &said, judge)?);
            }
            let mut touch = Derive::default();
            for id in &changed {
                touch.touched.extend(crate::ledger::threads_of(&tx, *id)?);
            }
            threads::settle(&tx, touch, judge)?;
            tx.commit()?;
            Ok(changed.len() as u64)
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// The openings of accounts, the newest first: when, the source's name, and the fingerprint of the words.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn openings(&self, who: &[i64], most: usize) -> Result<Vec<(Time, String, Vec<u32>)>, StoreError> {
        self.ask(|db| {
            let mut statement = db.prepare_cached(
                "SELECT t.opened_at, s.name, t.sketch FROM activity a JOIN thread t ON t.opening = a.id AND t.id = a.thread
                 JOIN source s ON s.id = t.source
                 WHERE a.who = ? AND a.act = 'opened' AND a.deleted = 0 AND length(t.sketch) > 0
                 ORDER BY a.at DESC LIMIT ?",
            )?;
            let mut found = Vec::new();
            for id in who {
                let rows = statement.query_map(params![id, i64::try_from(most).unwrap_or(i64::MAX)], |row| {
                    let at = Time::from_millis(row.get(0)?).unwrap_or(Time::MIN);
                    Ok((at, row.get(1)?, threads::sketch(row.get_ref(2)?.as_blob_or_null()?)))
                })?;
                for row in rows {
                    found.push(row?);
                }
            }
            Ok(found)
        })
    }
}
