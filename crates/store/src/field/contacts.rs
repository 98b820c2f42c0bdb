//! When we spoke with another department, and who turned to whom.

use rapport_model::Time;
use rusqlite::params;

use super::{audit, keep, time};
use crate::open::{Store, StoreError};

/// One conversation with a department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Its number; 0 for one that is not kept yet.
    pub id: i64,
    /// The department.
    pub department: String,
    /// Who turned to whom: `ours` or `theirs`.
    pub side: String,
    /// With whom.
    pub person: Option<String>,
    /// What it was about.
    pub note: String,
    /// The day.
    pub date: Time,
    /// Who wrote it down.
    pub who: String,
    /// When.
    pub at: Time,
}

impl Store {
    /// Keeps a conversation; gives its number.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn add_contact(&mut self, new: &Contact) -> Result<i64, StoreError> {
        keep(self, |tx| {
            tx.execute(
                "INSERT INTO contact (department, side, person, note, date, who, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                params![
                    new.department,
                    new.side,
                    new.person,
                    new.note,
                    new.date.millis(),
                    new.who,
                    new.at.millis()
                ],
            )?;
            let id = tx.last_insert_rowid();
            audit(tx, new.at, &new.who, "relations note", &format!("contact {id} with {}", new.department))?;
            Ok(id)
        })
    }

    /// Every conversation that was noted, in order of days.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn contacts(&self) -> Result<Vec<Contact>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT id, department, side, person, note, date, who, at FROM contact ORDER BY date, id",
            )?
            .query_map([], |row| {
                Ok(Contact {
                    id: row.get(0)?,
                    department: row.get(1)?,
                    side: row.get(2)?,
                    person: row.get(3)?,
                    note: row.get(4)?,
                    date: time(row.get(5)?),
                    who: row.get(6)?,
                    at: time(row.get(7)?),
                })
            })?
            .collect()
        })
    }
}
