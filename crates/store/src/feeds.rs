//! Keys that open an account's feeds. Only their digests are kept.

use rapport_model::Time;
use rusqlite::{OptionalExtension, params};

use crate::audit::audit;
use crate::open::{Store, StoreError, fault};

/// One key, without itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedKey {
    /// Its number.
    pub id: i64,
    /// Whose feeds it opens.
    pub account: String,
    /// When it was made.
    pub made_at: Time,
    /// By whom.
    pub made_by: String,
}

impl Store {
    /// Every key, in the order they were made.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn feed_keys(&self) -> Result<Vec<FeedKey>, StoreError> {
        self.ask(|db| {
            db.prepare_cached("SELECT id, account, made_at, made_by FROM feed_key ORDER BY id")?
                .query_map([], |row| {
                    Ok(FeedKey {
                        id: row.get(0)?,
                        account: row.get(1)?,
                        made_at: Time::from_millis(row.get(2)?).unwrap_or(Time::MIN),
                        made_by: row.get(3)?,
                    })
                })?
                .collect()
        })
    }

    /// The account whose feeds a key of this digest opens.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn feed_account(&self, digest: &[u8; 32]) -> Result<Option<String>, StoreError> {
        self.ask(|db| {
            db.prepare_cached("SELECT account FROM feed_key WHERE digest = ?")?
                .query_row([digest], |row| row.get(0))
                .optional()
        })
    }

    /// Keeps the digest of a new key.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn add_feed_key(
        &mut self,
        account: &str,
        digest: &[u8; 32],
        who: &str,
        at: Time,
    ) -> Result<i64, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            tx.execute(
                "INSERT INTO feed_key (account, digest, made_at, made_by) VALUES (?, ?, ?, ?)",
                params![account, digest, at.millis(), who],
            )?;
            let id = tx.last_insert_rowid();
            audit(&tx, at, who, "feeds new", &format!("key {id} for {account}"))?;
            tx.commit()?;
            Ok(id)
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// Takes a key back; false when there is none of this number.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn revoke_feed_key(&mut self, id: i64, who: &str, at: Time) -> Result<bool, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            let gone = tx.execute("DELETE FROM feed_key WHERE id = ?", [id])? > 0;
            if gone {
                audit(&tx, at, who, "feeds revoke", &format!("key {id}"))?;
            }
            tx.commit()?;
            Ok(gone)
        });
        result.map_err(|e| fault(&path, &e))
    }
}
