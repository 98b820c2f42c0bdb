//! Applications to be judged by the definition, and what people said to them. What a word means is judged elsewhere.

use rapport_model::Time;
use rusqlite::{OptionalExtension, Row, params};

use crate::audit;
use crate::open::{Store, StoreError, fault};

/// One application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its number.
    pub id: i64,
    /// What the applicant is called here.
    pub name: String,
    /// When it came.
    pub at: Time,
    /// Who entered it.
    pub who: String,
    /// The application itself, as JSON.
    pub person: String,
}

/// One word on an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationWord {
    /// The application's number.
    pub application: i64,
    /// When.
    pub at: Time,
    /// Whose.
    pub who: String,
    /// What.
    pub verdict: String,
    /// The clause that it rests on.
    pub clause: Option<String>,
    /// The definition it was judged by.
    pub definition: String,
    /// A reason, where it differs from what the definition says.
    pub because: Option<String>,
}

fn application(row: &Row<'_>) -> rusqlite::Result<Application> {
    Ok(Application {
        id: row.get(0)?,
        name: row.get(1)?,
        at: Time::from_millis(row.get(2)?).unwrap_or(Time::MIN),
        who: row.get(3)?,
        person: row.get(4)?,
    })
}

impl Store {
    /// Keeps an application; a newer one of the same name takes its place, and what was said to the old one goes with it:
    /// it was said about something else. Gives its number, and whether anything changed.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn apply(
        &mut self,
        name: &str,
        person: &str,
        who: &str,
        at: Time,
    ) -> Result<(i64, bool), StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            let old: Option<(i64, String)> = tx
                .query_row("SELECT id, person FROM application WHERE name = ?", [name], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()?;
            let id = match old {
                Some((id, told)) if told == person => return Ok((id, false)),
                Some((id, _)) => {
                    tx.execute("DELETE FROM application_word WHERE application = ?", [id])?;
                    tx.execute(
                        "UPDATE application SET at = ?, who = ?, person = ? WHERE id = ?",
                        params![at.millis(), who, person, id],
                    )?;
                    id
                }
                None => {
                    tx.execute(
                        "INSERT INTO application (name, at, who, person) VALUES (?, ?, ?, ?)",
                        params![name, at.millis(), who, person],
                    )?;
                    tx.last_insert_rowid()
                }
            };
            audit(&tx, at, who, "roster apply", id)?;
            tx.commit()?;
            Ok((id, true))
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// All applications, in the order of their numbers.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn applications(&self) -> Result<Vec<Application>, StoreError> {
        self.ask(|db| {
            db.prepare_cached("SELECT id, name, at, who, person FROM application ORDER BY id")?
                .query_map([], application)?
                .collect()
        })
    }

    /// One application, by its name or number.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn application(&self, name: &str) -> Result<Option<Application>, StoreError> {
        self.ask(|db| {
            db.query_row(
                "SELECT id, name, at, who, person FROM application WHERE name = ?1 OR CAST(id AS TEXT) = ?1
                 ORDER BY name = ?1 DESC LIMIT 1",
                [name],
                application,
            )
            .optional()
        })
    }

    /// Records a word on an application.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn say_on_application(&mut self, word: &ApplicationWord) -> Result<(), StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            tx.execute(
                "INSERT INTO application_word (application, at, who, verdict, clause, definition, because)
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
                params![
                    word.application,
                    word.at.millis(),
                    word.who,
                    word.verdict,
                    word.clause,
                    word.definition,
                    word.because
                ],
            )?;
            let verb = format!("roster decide {}", word.verdict);
            audit(&tx, word.at, &word.who, &verb, word.application)?;
            tx.commit()
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// Every word on applications, in order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn words_on_applications(&self) -> Result<Vec<ApplicationWord>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT application, at, who, verdict, clause, definition, because FROM application_word
                 ORDER BY application, id",
            )?
            .query_map([], |row| {
                Ok(ApplicationWord {
                    application: row.get(0)?,
                    at: Time::from_millis(row.get(1)?).unwrap_or(Time::MIN),
                    who: row.get(2)?,
                    verdict: row.get(3)?,
                    clause: row.get(4)?,
                    definition: row.get(5)?,
                    because: row.get(6)?,
                })
            })?
            .collect()
        })
    }

    /// Takes an application out, with all that was said to it. The audit log keeps its number, which names nobody.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn withdraw_application(&mut self, id: i64, who: &str, at: Time) -> Result<(), StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            tx.execute("DELETE FROM application_word WHERE application = ?", [id])?;
            tx.execute("DELETE FROM application WHERE id = ?", [id])?;
            audit(&tx, at, who, "roster withdraw", id)?;
            tx.commit()
        });
        result.map_err(|e| fault(&path, &e))
    }
}

fn audit(
    db: &rusqlite::Connection,
    at: Time,
    who: &str,
    verb: &str,
    application: i64,
) -> rusqlite::Result<()> {
    audit::audit(db, at, who, verb, &format!("application {application}"))
}
