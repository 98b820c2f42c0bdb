//! When sources were looked at, which are wanted soon, and which rest because somebody said so.

use std::collections::HashMap;

use rapport_model::Time;
use rusqlite::{OptionalExtension, params};

use crate::audit::audit;
use crate::open::{Store, StoreError, fault};

/// One source in the round of looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookRow {
    /// When the look that is under way began; what began and did not end was broken off.
    pub began: Option<Time>,
    /// When the last one ended.
    pub ended: Option<Time>,
    /// A delivery could not tell everything: it is wanted since then.
    pub wanted: Option<Time>,
    /// Who told it to rest, and when.
    pub rests: Option<(String, Time)>,
    /// What the service asked for: not before, and why.
    pub paused: Option<(Time, String)>,
}

impl Store {
    /// The round of looks, by source.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn looks(&self) -> Result<HashMap<i64, LookRow>, StoreError> {
        let time = |row: &rusqlite::Row<'_>, n: usize| -> rusqlite::Result<Option<Time>> {
            Ok(row.get::<_, Option<i64>>(n)?.and_then(Time::from_millis))
        };
        self.ask(|db| {
            db.prepare_cached(
                "SELECT s.id, l.began, l.ended, l.wanted, r.at, r.who, p.until, p.why FROM source s
                 LEFT JOIN look l ON l.source = s.id LEFT JOIN rest r ON r.source = s.id
                 LEFT JOIN pause p ON p.source = s.id ORDER BY s.id",
            )?
            .query_map([], |row| {
                let rests =
                    time(row, 4)?.map(|at| Ok::<_, rusqlite::Error>((row.get(5)?, at))).transpose()?;
                let paused =
                    time(row, 6)?.map(|at| Ok::<_, rusqlite::Error>((at, row.get(7)?))).transpose()?;
                let (began, ended, wanted) = (time(row, 1)?, time(row, 2)?, time(row, 3)?);
                Ok((row.get(0)?, LookRow { began, ended, wanted, rests, paused }))
            })?
            .collect()
        })
    }

    /// A look begins.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn look_begins(&mut self, source: i64, at: Time) -> Result<(), StoreError> {
        self.ask(|db| {
            db.execute(
                "INSERT INTO look (source, began) VALUES (?1, ?2) ON CONFLICT (source) DO UPDATE SET began = ?2",
                params![source, at.millis()],
            )
            .map(drop)
        })
    }

    /// A look that began at a moment has ended: what was wanted before it began is done with.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn look_ends(&mut self, source: i64, began: Time, at: Time) -> Result<(), StoreError> {
        self.ask(|db| {
            db.execute(
                "INSERT INTO look (source, ended) VALUES (?1, ?3) ON CONFLICT (source) DO UPDATE SET
                   began = NULL, ended = ?3, wanted = CASE WHEN wanted > ?2 THEN wanted END",
                params![source, began.millis(), at.millis()],
            )
            .map(drop)
        })
    }

    /// Tells a source to rest, or to go on; false when it did already.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn set_rest(&mut self, source: i64, rests: bool, who: &str, at: Time) -> Result<bool, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            let name: Option<String> = tx
                .query_row("SELECT name FROM source WHERE id = ?", [source], |row| row.get(0))
                .optional()?;
            let changed = if rests {
                tx.execute(
                    "INSERT OR IGNORE INTO rest (source, who, at) VALUES (?, ?, ?)",
                    params![source, who, at.millis()],
                )?
            } else {
                tx.execute("DELETE FROM rest WHERE source = ?", [source])?
            } > 0;
            if changed {
                let verb = if rests { "sync pause" } else { "sync resume" };
                audit(&tx, at, who, verb, name.as_deref().unwrap_or_default())?;
            }
            tx.commit()?;
            Ok(changed)
        });
        result.map_err(|e| fault(&path, &e))
    }
}
