//! Who contributed in which month?

use rapport_model::Month;
use rusqlite::params;

use crate::open::{Store, StoreError};

/// One person's months, from the roll-up. Bots are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonMonth {
    /// The person: the smallest number of all its identities.
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
            let mut bots = std::collections::HashSet::new();
            let mut statement = db.prepare_cached("SELECT id FROM identity WHERE member = 'bot'")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                bots.insert(row.get::<_, i64>(0)?);
            }
            let persons = crate::identities::persons(db)?;
            // In the order of the primary key: no sorting by the database, and months arrive one after the other.
            let mut statement = db.prepare_cached(
                "SELECT month, source, who, contributions FROM person_month
                 WHERE month <= ?1 AND (?2 IS NULL OR source = ?2) AND contributions > 0
                 ORDER BY month, source, who",
            )?;
            let mut rows = statement.query(params![until.0, source])?;
            let mut all: Vec<PersonMonth> = Vec::new();
            let mut month_began = 0;
            while let Some(row) = rows.next()? {
                let (month, who): (Month, i64) = (Month(row.get(0)?), row.get(2)?);
                if all.last().is_some_and(|last| last.month != month) {
                    merge(&mut all, month_began);
                    month_began = all.len();
                }
                if !bots.contains(&who) {
                    let who = persons.get(&who).copied().unwrap_or(who);
                    all.push(PersonMonth { who, month, contributions: row.get(3)? });
                }
            }
            merge(&mut all, month_began);
            Ok(all)
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

/// Makes one row per person of the month that begins at `from`: a person counts once, in however many sources.
fn merge(all: &mut Vec<PersonMonth>, from: usize) {
    if all[from..].is_sorted_by(|a, b| a.who < b.who) {
        return; // one source in this month
    }
    all[from..].sort_unstable_by_key(|row| row.who);
    let mut kept = from;
    for n in from..all.len() {
        if kept > from && all[kept - 1].who == all[n].who {
            all[kept - 1].contributions += all[n].contributions;
        } else {
            all[kept] = all[n];
            kept += 1;
        }
    }
    all.truncate(kept);
}
