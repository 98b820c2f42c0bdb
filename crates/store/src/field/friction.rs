//! Friction logs, kept as they were written.

use rapport_model::Time;
use rusqlite::{OptionalExtension, Row, params};

use super::{audit, keep, time};
use crate::open::{Store, StoreError};

/// One log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrictionLog {
    /// Its number; 0 for one that is not kept yet.
    pub id: i64,
    /// What was tried.
    pub scenario: String,
    /// The day.
    pub date: Time,
    /// The file's name.
    pub name: String,
    /// The whole file.
    pub text: String,
    /// Who added it.
    pub who: String,
    /// When.
    pub at: Time,
}

fn read(row: &Row<'_>) -> rusqlite::Result<FrictionLog> {
    Ok(FrictionLog {
        id: row.get(0)?,
        scenario: row.get(1)?,
        date: time(row.get(2)?),
        name: row.get(3)?,
        text: row.get(4)?,
        who: row.get(5)?,
        at: time(row.get(6)?),
    })
}

impl Store {
    /// Keeps a log and gives its number, and whether it is new: the same text is kept once.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn add_friction(&mut self, new: &FrictionLog) -> Result<(i64, bool), StoreError> {
        keep(self, |tx| {
            let known: Option<i64> = tx
                .query_row("SELECT id FROM friction_log WHERE text = ?", [&new.text], |row| row.get(0))
                .optional()?;
            if let Some(id) = known {
                return Ok((id, false));
            }
            tx.execute(
                "INSERT INTO friction_log (scenario, date, name, text, who, at) VALUES (?, ?, ?, ?, ?, ?)",
                params![new.scenario, new.date.millis(), new.name, new.text, new.who, new.at.millis()],
            )?;
            let id = tx.last_insert_rowid();
            audit(tx, new.at, &new.who, "friction add", &format!("friction log {id}, {}", new.scenario))?;
            Ok((id, true))
        })
    }

    /// Every log, the oldest day first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn friction_logs(&self) -> Result<Vec<FrictionLog>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT id, scenario, date, name, text, who, at FROM friction_log ORDER BY date, id",
            )?
            .query_map([], read)?
            .collect()
        })
    }

    /// Takes a log out. Its evidence is the caller's to take back first.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn remove_friction(&mut self, id: i64, who: &str, at: Time) -> Result<bool, StoreError> {
        keep(self, |tx| {
            let gone = tx.execute("DELETE FROM friction_log WHERE id = ?", [id])? > 0;
            if gone {
                audit(tx, at, who, "undo friction add", &format!("friction log {id}"))?;
            }
            Ok(gone)
        })
    }
}
