//! Pseudonyms: whoever sits outside DevRel sees every account under a name of this folder's own making. The veil lies
//! over the table of accounts itself, so that no question, today's or tomorrow's, can reach behind it by forgetting to.

use std::collections::HashMap;

use rapport_model::{Place, Who};
use rusqlite::functions::FunctionFlags;

use super::ledger::columns;
use super::tombstone::{account, line_digest, salt, short};
use crate::open::{Store, StoreError};

/// How far the names of a folder go: what came or changed later is told by [`Store::pseudonyms_since`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamesMark {
    folder: Vec<u8>,
    withdrawn: i64,
    pub(crate) change: i64,
    pub(crate) newest: i64,
}

impl NamesMark {
    /// Whether this is the same folder, and nobody has been forgotten in between.
    #[must_use]
    pub fn continues(&self, earlier: &NamesMark) -> bool {
        self.folder == earlier.folder && self.withdrawn == earlier.withdrawn
    }
}

impl Store {
    /// From now on every account but those of programs goes by its pseudonym, the same in every run.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn veil(&mut self) -> Result<(), StoreError> {
        self.ask(|db| {
            let salt = salt(db)?;
            let flags = FunctionFlags::SQLITE_UTF8
                | FunctionFlags::SQLITE_DETERMINISTIC
                | FunctionFlags::SQLITE_INNOCUOUS;
            db.create_scalar_function("pseudonym", 2, flags, move |call| {
                let place = call.get_raw(0).as_str()?.to_owned();
                Ok(pseudonym(&salt, &format!("{place}\0{}", call.get_raw(1).as_str()?)))
            })?;
            let hidden: Vec<String> = columns(db, "identity")?
                .into_iter()
                .map(|column| match column.name.as_str() {
                    "key" | "name" => format!(
                        "CASE WHEN i.member = 'bot' THEN i.{0} ELSE pseudonym(
                           (SELECT p.place FROM main.identity p WHERE p.id = coalesce(i.person, i.id)),
                           (SELECT p.key FROM main.identity p WHERE p.id = coalesce(i.person, i.id))) END AS {0}",
                        column.name
                    ),
                    "handle" | "email" | "title" => {
                        format!("CASE WHEN i.member = 'bot' THEN i.{0} END AS {0}", column.name)
                    }
                    "because" | "behaviour" => format!("'hidden' AS {}", column.name),
                    name => format!("i.{name}"),
                })
                .collect();
            // A name without a schema means the temporary one first. No join: as the right side of a LEFT JOIN SQLite
            // would make the whole of it anew for each question, a pseudonym for every account.
            let writable: bool = db.pragma_query_value(None, "query_only", |row| row.get(0))?;
            db.pragma_update(None, "query_only", false)?;
            db.execute_batch(&format!(
                "CREATE TEMP VIEW IF NOT EXISTS identity AS SELECT {} FROM main.identity i",
                hidden.join(", ")
            ))?;
            db.pragma_update(None, "query_only", writable)
        })
    }

    /// How far the names of this folder go.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn names_mark(&self) -> Result<NamesMark, StoreError> {
        let withdrawn = self.withdrawn()?;
        self.ask(|db| {
            let salt = salt(db)?;
            let mut asked = db.prepare_cached(
                "SELECT (SELECT coalesce(max(change), 0) FROM named), (SELECT coalesce(max(id), 0) FROM main.identity)",
            )?;
            asked.query_row([], |row| {
                Ok(NamesMark { folder: salt.clone(), withdrawn, change: row.get(0)?, newest: row.get(1)? })
            })
        })
    }

    /// The accounts that have come, or are called otherwise, since a mark, as [`Self::pseudonyms`] has them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn pseudonyms_since(&self, mark: &NamesMark) -> Result<Vec<(i64, Who, String)>, StoreError> {
        self.ask(|db| {
            let salt = salt(db)?;
            let mut asked = db.prepare_cached(
                "SELECT i.id, i.place, i.key, i.handle, i.name, i.email, i.title, i.bot, p.place, p.key
                 FROM main.identity i JOIN main.identity p ON p.id = coalesce(i.person, i.id)
                 WHERE i.id IN (SELECT id FROM main.identity WHERE id > ?1
                                UNION SELECT identity FROM named WHERE change > ?2) ORDER BY i.id",
            )?;
            asked
                .query_map([mark.newest, mark.change], |row| {
                    let mut who = Who::new(&Place::new(row.get_ref(1)?.as_str()?), row.get::<_, String>(2)?);
                    (who.handle, who.name, who.email, who.title) =
                        (row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?);
                    who.bot = row.get(7)?;
                    let person = Who::new(&Place::new(row.get_ref(8)?.as_str()?), row.get::<_, String>(9)?);
                    Ok((row.get(0)?, who, pseudonym(&salt, &account(&person))))
                })?
                .collect()
        })
    }

    /// Every account with its number, and what it is called outside DevRel.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn pseudonyms(&self) -> Result<Vec<(i64, Who, String)>, StoreError> {
        let all = self.names_but(&[])?;
        let persons: HashMap<i64, i64> = self.persons()?;
        let salt = self.ask(salt)?;
        let by_id: HashMap<i64, &Who> = all.iter().map(|(id, who)| (*id, who)).collect();
        let named = all.iter().map(|(id, who)| {
            let person = persons.get(id).and_then(|person| by_id.get(person)).copied().unwrap_or(who);
            (*id, who.clone(), pseudonym(&salt, &account(person)))
        });
        Ok(named.collect())
    }
}

fn pseudonym(salt: &[u8], account: &str) -> String {
    format!("person-{}", short(&line_digest(salt, "pseudonym", account).to_le_bytes(), 4))
}
