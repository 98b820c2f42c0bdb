//! What people agreed to: to be quoted by name, to be written to, to be introduced. Recorded with a date, never assumed.

use std::collections::HashMap;

use rapport_model::Time;
use rusqlite::{Connection, params};
use serde::Serialize;

use super::person::linked;
use crate::audit::audit;
use crate::open::{Store, StoreError, fault};

/// What a person agreed to. `None` is "never asked": nothing is allowed that needs a yes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Consent {
    /// To be quoted by name.
    pub quote: Option<bool>,
    /// To be written to. `Some(false)` is "do not contact".
    pub contact: Option<bool>,
    /// To be introduced to somebody outside DevRel.
    pub introduce: Option<bool>,
    /// What was noted with the last answer.
    pub note: Option<String>,
    /// When the last answer was recorded.
    pub at: Option<Time>,
    /// By whom.
    pub by: Option<String>,
}

impl Consent {
    /// Whether a quote may carry the person's name: only after a recorded yes.
    #[must_use]
    pub fn may_name(&self) -> bool {
        self.quote == Some(true)
    }
    /// Whether the person may be written to: unless they said no.
    #[must_use]
    pub fn may_contact(&self) -> bool {
        self.contact != Some(false)
    }
    /// Whether the person may be introduced: only after a recorded yes.
    #[must_use]
    pub fn may_introduce(&self) -> bool {
        self.introduce == Some(true)
    }

    fn hear(&mut self, later: Consent) {
        self.quote = later.quote.or(self.quote);
        self.contact = later.contact.or(self.contact);
        self.introduce = later.introduce.or(self.introduce);
        self.note = later.note.or_else(|| self.note.take());
        (self.at, self.by) = (later.at, later.by);
    }
}

/// Somebody asked to be introduced to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Introduction {
    /// Its number.
    pub id: i64,
    /// When it was asked.
    pub at: Time,
    /// Who asked.
    pub who: String,
    /// In which role.
    pub role: String,
    /// The person, as the asker called them.
    pub asked: String,
    /// The identity that this is, if any.
    pub identity: Option<i64>,
    /// To whom.
    pub towards: String,
    /// What for.
    pub about: String,
    /// A yes was on record when it was asked.
    pub granted: bool,
}

impl Store {
    /// What the person behind an identity agreed to: the last answer to each question, over all linked identities.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn consent(&self, identity: i64) -> Result<Consent, StoreError> {
        self.ask(|db| consent(db, &linked(db, identity)?))
    }

    /// The same of everybody who ever answered, by identity: for lists.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn consents(&self) -> Result<HashMap<i64, Consent>, StoreError> {
        self.ask(|db| {
            let asked: Vec<i64> = db
                .prepare("SELECT DISTINCT identity FROM consent ORDER BY identity")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let mut all = HashMap::new();
            for identity in asked {
                if all.contains_key(&identity) {
                    continue;
                }
                let person = linked(db, identity)?;
                let found = consent(db, &person)?;
                all.extend(person.into_iter().map(|id| (id, found.clone())));
            }
            Ok(all)
        })
    }

    /// Every answer on record about a person, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn answers(&self, identity: i64) -> Result<Vec<Consent>, StoreError> {
        self.ask(|db| answers(db, &linked(db, identity)?))
    }

    /// Grows with every person who is forgotten and every answer on record: what was made before shows nobody any more.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn withdrawn(&self) -> Result<i64, StoreError> {
        self.ask(|db| {
            let both = "SELECT COALESCE((SELECT MAX(id) FROM forgotten), 0) + COALESCE((SELECT MAX(id) FROM consent), 0)";
            db.query_row(both, [], |row| row.get(0))
        })
    }

    /// Records an answer; what it leaves open stays as it was.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn record_consent(
        &mut self,
        identity: i64,
        consent: &Consent,
        who: &str,
        at: Time,
    ) -> Result<(), StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            tx.execute(
                "INSERT INTO consent (at, who, identity, quote, contact, introduce, note) VALUES (?, ?, ?, ?, ?, ?, ?)",
                params![at.millis(), who, identity, consent.quote, consent.contact, consent.introduce, consent.note],
            )?;
            let answer = |word: &str, said: Option<bool>| {
                said.map(|yes| format!(" {word} {}", if yes { "yes" } else { "no" })).unwrap_or_default()
            };
            let what = format!(
                "identity {identity}:{}{}{}",
                answer("quote", consent.quote),
                answer("contact", consent.contact),
                answer("introduce", consent.introduce)
            );
            audit(&tx, at, who, "consent", &what)?;
            tx.commit()
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// Logs that somebody asked to be introduced.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn log_introduction(&mut self, asked: &Introduction) -> Result<i64, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            tx.execute(
                "INSERT INTO introduction (at, who, role, asked, identity, towards, about, granted)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                params![
                    asked.at.millis(),
                    asked.who,
                    asked.role,
                    asked.asked,
                    asked.identity,
                    asked.towards,
                    asked.about,
                    asked.granted
                ],
            )?;
            let id = tx.last_insert_rowid();
            let what = format!("request {id} by {} for {}", asked.role, asked.towards);
            audit(&tx, asked.at, &asked.who, "introduce", &what)?;
            tx.commit()?;
            Ok(id)
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// Who asked to be introduced to whom, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn introductions(&self) -> Result<Vec<Introduction>, StoreError> {
        self.ask(|db| {
            db.prepare("SELECT id, at, who, role, asked, identity, towards, about, granted FROM introduction ORDER BY id DESC")?
                .query_map([], |row| {
                    Ok(Introduction {
                        id: row.get(0)?,
                        at: Time::from_millis(row.get(1)?).unwrap_or(Time::MIN),
                        who: row.get(2)?,
                        role: row.get(3)?,
                        asked: row.get(4)?,
                        identity: row.get(5)?,
                        towards: row.get(6)?,
                        about: row.get(7)?,
                        granted: row.get(8)?,
                    })
                })?
                .collect()
        })
    }

    /// Writes one line of the audit log.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn note(&mut self, verb: &str, what: &str, who: &str, at: Time) -> Result<(), StoreError> {
        self.ask(|db| audit(db, at, who, verb, what))
    }
}

fn consent(db: &Connection, person: &[i64]) -> rusqlite::Result<Consent> {
    let mut found = Consent::default();
    answers(db, person)?.into_iter().for_each(|later| found.hear(later));
    Ok(found)
}

fn answers(db: &Connection, person: &[i64]) -> rusqlite::Result<Vec<Consent>> {
    let mut all: Vec<(i64, Consent)> = Vec::new();
    let mut statement = db.prepare_cached(
        "SELECT id, quote, contact, introduce, note, at, who FROM consent WHERE identity = ?",
    )?;
    for identity in person {
        let rows = statement.query_map([identity], |row| {
            Ok((
                row.get(0)?,
                Consent {
                    quote: row.get(1)?,
                    contact: row.get(2)?,
                    introduce: row.get(3)?,
                    note: row.get(4)?,
                    at: Time::from_millis(row.get(5)?),
                    by: row.get(6)?,
                },
            ))
        })?;
        for row in rows {
            all.push(row?);
        }
    }
    all.sort_by_key(|(id, _)| *id);
    Ok(all.into_iter().map(|(_, consent)| consent).collect())
}
