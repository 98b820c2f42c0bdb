//! What was released, and when?

use rapport_model::Time;
use rusqlite::params;

use crate::open::{Store, StoreError};

impl Store {
    /// Releases from `from` until `to` as (name, moment), oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn releases(&self, from: Time, to: Time) -> Result<Vec<(String, Time)>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT coalesce(l.detail, l.key), a.at FROM activity a JOIN log l ON l.id = a.newest
                 WHERE a.act = 'released' AND a.deleted = 0 AND a.at > ? AND a.at <= ?
                   AND a.week >= ? AND a.week <= ? ORDER BY a.at, a.id",
            )?
            .query_map(params![from.millis(), to.millis(), from.week().0, to.week().0], |row| {
                Ok((row.get(0)?, Time::from_millis(row.get(1)?).unwrap_or(Time::MIN)))
            })?
            .collect()
        })
    }
}
