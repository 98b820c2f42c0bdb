//! Who answered a thread first, and which releases came out, with where to read about them.

use rapport_model::Time;
use rusqlite::{OptionalExtension, params};

use crate::open::{Store, StoreError};

/// How an account is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub id: i64,
    /// The source's own key.
    pub key: String,
    /// Its login.
    pub handle: Option<String>,
    /// The shown name.
    pub name: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// community, staff, practitioner or bot.
    pub member: String,
}

/// A release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// When it came out.
    pub at: Time,
    /// Where it can be read about.
    pub url: Option<String>,
    /// The source's name.
    pub source: String,
}

impl Store {
    /// Who gave the first answer of a thread.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn responder(&self, thread: i64) -> Result<Option<Account>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT i.id, i.key, i.handle, i.name, i.email, i.member FROM thread t
                 JOIN identity i ON i.id = t.responder WHERE t.id = ?",
            )?
            .query_row([thread], |row| {
                Ok(Account {
                    id: row.get(0)?,
                    key: row.get(1)?,
                    handle: row.get(2)?,
                    name: row.get(3)?,
                    email: row.get(4)?,
                    member: row.get(5)?,
                })
            })
            .optional()
        })
    }

    /// What was released after `from` until `to`, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn released(&self, from: Time, to: Time) -> Result<Vec<Release>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT coalesce(l.detail, l.key), a.at, l.url, s.name FROM activity a JOIN log l ON l.id = a.newest
                   JOIN source s ON s.id = a.source
                 WHERE a.act = 'released' AND a.deleted = 0 AND a.at >= ? AND a.at < ?
                   AND a.week >= ? AND a.week <= ? ORDER BY a.at, a.id",
            )?
            .query_map(params![from.millis(), to.millis(), from.week().0, to.week().0], |row| {
                Ok(Release {
                    name: row.get(0)?,
                    at: Time::from_millis(row.get(1)?).unwrap_or(Time::MIN),
                    url: row.get(2)?,
                    source: row.get(3)?,
                })
            })?
            .collect()
        })
    }
}
