//! The organisation's copies: what was in force, and since when.

use rapport_model::Time;
use rusqlite::{OptionalExtension, params};

use crate::audit::audit;
use crate::open::{Store, StoreError, fault};

/// One copy of the organisation's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgCopy {
    /// Since when.
    pub at: Time,
    /// Who checked it in.
    pub who: String,
    /// The file it was read from.
    pub file: String,
    /// What it said.
    pub text: String,
}

impl Store {
    /// Keeps a copy when it differs from the newest one. Gives whether it was kept.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn keep_org(&mut self, copy: &OrgCopy) -> Result<bool, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            let newest: Option<String> = tx
                .query_row("SELECT text FROM org_copy ORDER BY id DESC LIMIT 1", [], |row| row.get(0))
                .optional()?;
            if newest.as_deref() == Some(copy.text.as_str()) {
                return Ok(false);
            }
            tx.execute(
                "INSERT INTO org_copy (at, who, file, text) VALUES (?, ?, ?, ?)",
                params![copy.at.millis(), copy.who, copy.file, copy.text],
            )?;
            audit(&tx, copy.at, &copy.who, "org keep", &copy.file)?;
            tx.commit()?;
            Ok(true)
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// The copy that was the newest at a moment, or the newest of all.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn org_copy(&self, until: Option<Time>) -> Result<Option<OrgCopy>, StoreError> {
        self.ask(|db| {
            db.query_row(
                "SELECT at, who, file, text FROM org_copy WHERE at <= ? ORDER BY id DESC LIMIT 1",
                [until.unwrap_or(Time::MAX).millis()],
                |row| {
                    Ok(OrgCopy {
                        at: Time::from_millis(row.get(0)?).unwrap_or(Time::MIN),
                        who: row.get(1)?,
                        file: row.get(2)?,
                        text: row.get(3)?,
                    })
                },
            )
            .optional()
        })
    }
}
