//! What forgetting leaves outside the transaction: free pages, the log of writes, older copies in the folder, the owner's
//! own list of names. It can be done again and again, and knows nobody's name: a writer that finds it undone does it.

use std::path::{Path, PathBuf};

use super::tombstone::Tombstones;
use crate::open::{Store, StoreError, fault};

/// Does what is left to do after people were forgotten; nothing when nothing is left.
pub(crate) fn finish(store: &mut Store) -> Result<(), StoreError> {
    let left: bool = store.ask(|db| {
        db.query_row("SELECT EXISTS (SELECT 1 FROM forgotten WHERE cleaned = 0)", [], |row| row.get(0))
    })?;
    if !left {
        return Ok(());
    }
    let path = store.path.clone();
    let disk = |e: std::io::Error| StoreError::Disk { path: path.clone(), why: e.to_string() };
    let tombstones = store.ask(Tombstones::load)?;
    for copy in older_copies(&path) {
        std::fs::remove_file(&copy).map_err(disk)?;
    }
    if let Some(tombstones) = &tombstones {
        owners_list(&path.with_file_name("rapport.toml"), tombstones).map_err(disk)?;
    }
    let cleaned = (|| {
        // The index keeps the words of a deleted row until its parts are merged into one.
        store.db.execute_batch("INSERT INTO words (words) VALUES ('optimize')")?;
        // What is rebuilt goes through a file of its own: in memory it would take as much as the whole folder.
        store.db.pragma_update(None, "temp_store", "file")?;
        store.db.execute_batch("VACUUM")?;
        store.db.pragma_update(None, "temp_store", "memory")?;
        let truncate =
            || store.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        if truncate()? == 0 {
            store.db.execute("UPDATE forgotten SET cleaned = 1", [])?;
            truncate()?;
        }
        Ok(())
    })();
    cleaned.map_err(|e| fault(&path, &e))
}

/// Copies that migrations left beside the database.
pub(crate) fn older_copies(database: &Path) -> Vec<PathBuf> {
    let Some(folder) = database.parent() else { return Vec::new() };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut copies: Vec<PathBuf> = entries
        .filter(|path| {
            path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("rapport.before-schema-"))
        })
        .collect();
    copies.sort();
    copies
}

/// Replaces names in `rapport.toml`, as a whole or not at all.
fn owners_list(path: &Path, tombstones: &Tombstones) -> std::io::Result<()> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if let Some(cleared) = tombstones.link(&text) {
        let beside = path.with_extension("toml.new");
        std::fs::write(&beside, cleared)?;
        std::fs::rename(&beside, path)?;
    }
    Ok(())
}

impl Store {
    /// Whether something is left to do after people were forgotten, because another process was reading.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn is_clean(&self) -> Result<bool, StoreError> {
        self.ask(|db| {
            db.query_row("SELECT NOT EXISTS (SELECT 1 FROM forgotten WHERE cleaned = 0)", [], |row| {
                row.get(0)
            })
        })
    }

    /// Copies of the database that migrations left in the folder; forgetting somebody deletes them.
    #[must_use]
    pub fn older_copies(&self) -> Vec<PathBuf> {
        older_copies(&self.path)
    }
}
