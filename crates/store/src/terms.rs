//! Terms of champions: who was appointed, by whom, from when until when. Rows are only added; the last one counts.

use rapport_model::Time;
use rusqlite::params;

use crate::audit::audit;
use crate::open::{Store, StoreError, fault};

/// One term, as appointed, renewed or ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Its number.
    pub id: i64,
    /// When it was said.
    pub at: Time,
    /// Who said it.
    pub who: String,
    /// Whose term: the identity that was named.
    pub identity: i64,
    /// The person of that identity.
    pub person: i64,
    /// From when.
    pub begins: Time,
    /// Until when; not after `begins` when it was taken back.
    pub ends: Time,
    /// Why.
    pub because: String,
}

impl Store {
    /// Every term, in the order said.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn terms(&self) -> Result<Vec<Term>, StoreError> {
        self.ask(|db| {
            let time = |at: i64| Time::from_millis(at).unwrap_or(Time::MIN);
            db.prepare_cached(
                "SELECT t.id, t.at, t.who, t.identity, coalesce(i.person, i.id), t.begins, t.ends, t.because
                 FROM term t JOIN identity i ON i.id = t.identity ORDER BY t.id",
            )?
            .query_map([], |row| {
                Ok(Term {
                    id: row.get(0)?,
                    at: time(row.get(1)?),
                    who: row.get(2)?,
                    identity: row.get(3)?,
                    person: row.get(4)?,
                    begins: time(row.get(5)?),
                    ends: time(row.get(6)?),
                    because: row.get(7)?,
                })
            })?
            .collect()
        })
    }

    /// Records a term.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn appoint(
        &mut self,
        identity: i64,
        (begins, ends): (Time, Time),
        because: &str,
        who: &str,
        at: Time,
    ) -> Result<(), StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            tx.execute(
                "INSERT INTO term (at, who, identity, begins, ends, because) VALUES (?, ?, ?, ?, ?, ?)",
                params![at.millis(), who, identity, begins.millis(), ends.millis(), because],
            )?;
            audit(&tx, at, who, "champions", &format!("identity {identity}"))?;
            tx.commit()
        });
        result.map_err(|e| fault(&path, &e))
    }
}
