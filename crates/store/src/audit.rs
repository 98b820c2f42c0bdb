//! The audit log: who did what, and when. What was done, never what was said.

use rapport_model::Time;
use rusqlite::{Connection, params};
use serde::Serialize;

use crate::open::{Store, StoreError};

/// One line.
pub(crate) fn audit(db: &Connection, at: Time, who: &str, verb: &str, what: &str) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO audit (at, who, verb, what) VALUES (?, ?, ?, ?)")?
        .execute(params![at.millis(), who, verb, what])
        .map(drop)
}

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditLine {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Time,
    /// Who.
    pub who: String,
    /// By which verb.
    pub verb: String,
    /// What was done, by numbers rather than names.
    pub what: String,
}

/// Which lines are wanted.
#[derive(Clone, Debug, Default)]
pub struct AuditWanted {
    /// Only of this person.
    pub who: Option<String>,
    /// Only of this verb, and of the verbs inside it.
    pub verb: Option<String>,
    /// So many of the newest are left out.
    pub skip: u32,
    /// So many at most.
    pub most: u32,
}

impl Store {
    /// Lines of the audit log, the newest first, and how many there are of that sort.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn audited(&self, wanted: &AuditWanted) -> Result<(i64, Vec<AuditLine>), StoreError> {
        const OF: &str = "(?1 IS NULL OR who = ?1) AND (?2 IS NULL OR verb = ?2 OR substr(verb, 1, length(?2) + 1) = ?2 || ' ')";
        self.ask(|db| {
            let count = format!("SELECT count(*) FROM audit WHERE {OF}");
            let all: i64 = db.query_row(&count, params![wanted.who, wanted.verb], |row| row.get(0))?;
            let lines = format!(
                "SELECT id, at, who, verb, what FROM audit WHERE {OF} ORDER BY id DESC LIMIT ?3 OFFSET ?4"
            );
            let lines = db
                .prepare_cached(&lines)?
                .query_map(params![wanted.who, wanted.verb, wanted.most, wanted.skip], |row| {
                    Ok(AuditLine {
                        id: row.get(0)?,
                        at: Time::from_millis(row.get(1)?).unwrap_or(Time::MIN),
                        who: row.get(2)?,
                        verb: row.get(3)?,
                        what: row.get(4)?,
                    })
                })?
                .collect::<rusqlite::Result<_>>()?;
            Ok((all, lines))
        })
    }

    /// Everybody who did something, and every verb that it was done by.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn audit_names(&self) -> Result<(Vec<String>, Vec<String>), StoreError> {
        self.ask(|db| {
            let list = |sql: &str| -> rusqlite::Result<Vec<String>> {
                db.prepare_cached(sql)?.query_map([], |row| row.get(0))?.collect()
            };
            let who = list("SELECT DISTINCT who FROM audit ORDER BY who")?;
            Ok((who, list("SELECT DISTINCT verb FROM audit ORDER BY verb")?))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_by_person_and_by_verb_the_newest_first() {
        let folder = tempfile::TempDir::new().unwrap();
        let mut store = Store::open(folder.path()).unwrap();
        for (n, (who, verb)) in
            [("mara", "roster decide"), ("jo", "roster"), ("jo", "rosters"), ("mara", "backup")]
                .iter()
                .enumerate()
        {
            let at = Time::MIN.plus_millis(i64::try_from(n).unwrap());
            store.note(verb, "application 1", who, at).unwrap();
        }
        let of = |who: Option<&str>, verb: Option<&str>, skip, most| {
            let wanted =
                AuditWanted { who: who.map(str::to_owned), verb: verb.map(str::to_owned), skip, most };
            let (all, lines) = store.audited(&wanted).unwrap();
            (all, lines.into_iter().map(|l| l.verb).collect::<Vec<_>>())
        };
        assert_eq!(of(None, None, 0, 2), (4, vec!["backup".to_owned(), "rosters".to_owned()]));
        assert_eq!(
            of(None, Some("roster"), 0, 9),
            (2, vec!["roster".to_owned(), "roster decide".to_owned()])
        );
        assert_eq!(of(Some("mara"), None, 1, 9), (2, vec!["roster decide".to_owned()]));
        assert_eq!(store.audit_names().unwrap().0, ["jo", "mara"]);
    }
}
