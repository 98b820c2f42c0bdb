//! Who contributed in which month?

use rapport_model::Month;
use rusqlite::params;

use crate::open::{Store, StoreError};

/// One person's months, from the roll-up. Bots are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonMonth {
    /// The identity.
    pub who: i64,
    /// The month.
    pub month: Month,
    /// Contributions in it (see [`rapport_model::Act::is_contribution`]).
    pub contributions: i64,
}

impl Store {
    /// Contributions per human and month until a month (included), all sources or one; in order of month, then person.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn contributors(&self, source: Option<i64>, until: Month) -> Result<Vec<PersonMonth>, StoreError> {
        self.ask(|db| {
            let mut statement = db.prepare_cached(
                "SELECT p.who, p.month, sum(p.contributions) FROM person_month p
                 WHERE p.contributions > 0 AND p.month <= ?1 AND (?2 IS NULL OR p.source = ?2)
                   AND p.who NOT IN (SELECT id FROM identity WHERE member = 'bot')
                 GROUP BY p.month, p.who ORDER BY p.month, p.who",
            )?;
            let rows = statement.query_map(params![until.0, source], |row| {
                Ok(PersonMonth { who: row.get(0)?, month: Month(row.get(1)?), contributions: row.get(2)? })
            })?;
            rows.collect()
        })
    }

    /// The name an identity is shown by.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn shown(&self, who: i64) -> Result<String, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT coalesce(nullif(name, ''), nullif(handle, ''), key) FROM identity WHERE id = ?",
            )?
            .query_row([who], |row| row.get(0))
        })
    }
}
