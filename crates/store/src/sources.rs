//! The sources of a folder and what was set aside from them.

use std::collections::HashMap;

use rapport_model::{ItemInfo, ReadCount, Scope, SourceKey, Time};
use rusqlite::{OptionalExtension, params};

use crate::open::{Store, StoreError};

/// One source, with the sums of its reads and what it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceRow {
    /// Its number in this folder.
    pub id: i64,
    /// Its name.
    pub name: SourceKey,
    /// The connector that reads it.
    pub kind: String,
    /// What it tells about.
    pub scope: Scope,
    /// Where it was read from last.
    pub location: String,
    /// When it was read last.
    pub last: Option<Time>,
    /// How that went, in words.
    pub status: String,
    /// The sums of all reads.
    pub count: ReadCount,
    /// Activities it holds (deleted ones too).
    pub activities: u64,
    /// Threads it holds.
    pub threads: u64,
}

/// One piece of input that was set aside.
#[derive(Clone, Debug, PartialEq)]
pub struct RejectRow {
    /// The item it stood in.
    pub item: String,
    /// Where in it.
    pub at: String,
    /// Why it could not be read.
    pub why: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Store {
    /// Makes a source known, or takes its new location and (if given) scope.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn add_source(
        &mut self,
        name: &SourceKey,
        kind: &str,
        scope: Option<Scope>,
        location: &str,
        at: Time,
    ) -> Result<i64, StoreError> {
        let scope = scope.map(Scope::as_str);
        self.ask(|db| {
            db.execute(
                "INSERT INTO source (name, kind, scope, location, added_at) VALUES (?1, ?2, coalesce(?3, 'product'), ?4, ?5)
                 ON CONFLICT (name) DO UPDATE SET location = excluded.location, scope = coalesce(?3, scope)",
                params![name.as_str(), kind, scope, location, at.millis()],
            )?;
            db.query_row("SELECT id FROM source WHERE name = ?", [name.as_str()], |row| row.get(0))
        })
    }

    /// Records how the last read of a source went, in words.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn set_status(&mut self, source: i64, status: &str) -> Result<(), StoreError> {
        self.ask(|db| {
            db.execute("UPDATE source SET status = ? WHERE id = ?", params![status, source]).map(drop)
        })
    }

    /// How many records of an item the log holds; see [`crate::NewRead::progress`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn progress(&self, source: i64, item: &ItemInfo) -> Result<Option<u64>, StoreError> {
        crate::append::progress(self, source, item)
    }

    /// The sources' names by number.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn source_names(&self) -> Result<HashMap<i64, String>, StoreError> {
        self.ask(|db| {
            db.prepare_cached("SELECT id, name FROM source")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
    }

    /// Every source, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn sources(&self) -> Result<Vec<SourceRow>, StoreError> {
        let n = |row: &rusqlite::Row<'_>, column: usize| -> rusqlite::Result<u64> {
            Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
        };
        self.ask(|db| {
            db.prepare_cached(
                "SELECT s.id, s.name, s.kind, s.scope, s.location, s.last_at, s.status, s.read, s.stored, s.known,
                   s.rejected, coalesce((SELECT sum(n) FROM source_week w WHERE w.source = s.id), 0),
                   (SELECT count(*) FROM thread t WHERE t.source = s.id AND t.opened_at IS NOT NULL)
                 FROM source s ORDER BY s.name",
            )?
            .query_map([], |row| {
                Ok(SourceRow {
                    id: row.get(0)?,
                    name: SourceKey::from_stored(row.get_ref(1)?.as_str()?),
                    kind: row.get(2)?,
                    scope: Scope::from_word(row.get_ref(3)?.as_str()?).unwrap_or_default(),
                    location: row.get(4)?,
                    last: row.get::<_, Option<i64>>(5)?.and_then(Time::from_millis),
                    status: row.get(6)?,
                    count: ReadCount {
                        read: n(row, 7)?,
                        stored: n(row, 8)?,
                        known: n(row, 9)?,
                        rejected: n(row, 10)?,
                    },
                    activities: n(row, 11)?,
                    threads: n(row, 12)?,
                })
            })?
            .collect()
        })
    }

    /// The source of this name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn source_id(&self, name: &str) -> Result<Option<i64>, StoreError> {
        self.ask(|db| {
            db.query_row("SELECT id FROM source WHERE name = ?", [name], |row| row.get(0)).optional()
        })
    }

    /// What was set aside from a source, in the order met; at most `most`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn rejects(&self, source: i64, most: usize) -> Result<Vec<RejectRow>, StoreError> {
        self.ask(|db| {
            db.prepare_cached("SELECT item, at, why, bytes FROM reject WHERE source = ? ORDER BY id LIMIT ?")?
                .query_map(params![source, i64::try_from(most).unwrap_or(i64::MAX)], |row| {
                    Ok(RejectRow { item: row.get(0)?, at: row.get(1)?, why: row.get(2)?, bytes: row.get(3)? })
                })?
                .collect()
        })
    }
}
