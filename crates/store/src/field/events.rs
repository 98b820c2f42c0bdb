//! What living sources and files tell of events: calendars, programmes, lists of conferences.

use super::time;
use crate::open::{Store, StoreError};
use rapport_model::Time;

/// An event, or a series of them, as a source tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldEvent {
    /// The name of the source.
    pub source: String,
    /// What belongs together: a series and its parts have the same.
    pub thread: i64,
    /// When it begins; a series: for the first time.
    pub at: Time,
    /// What is told, as the source's connector wrote it.
    pub text: String,
    /// Where more is said.
    pub url: Option<String>,
}

impl Store {
    /// Every event that sources of these kinds tell, in order of source and time. What was forgotten or has gone is left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn told_events(&self, kinds: &[&str]) -> Result<Vec<ToldEvent>, StoreError> {
        self.ask(|db| {
            let mut statement = db.prepare_cached(
                "SELECT s.name, coalesce(a.thread, -a.id), a.at, l.text, l.url
                 FROM source s CROSS JOIN log f ON f.source = s.id AND f.rev = 0 JOIN activity a ON a.id = f.id
                 JOIN log l ON l.id = a.newest
                 WHERE s.kind = ? AND a.act = 'other' AND a.deleted = 0 ORDER BY s.name, a.at, a.id",
            )?;
            let mut all = Vec::new();
            for kind in kinds {
                let rows = statement.query_map([kind], |row| {
                    Ok(ToldEvent {
                        source: row.get(0)?,
                        thread: row.get(1)?,
                        at: time(row.get(2)?),
                        text: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
                        url: row.get(4)?,
                    })
                })?;
                all.extend(rows.collect::<Result<Vec<_>, _>>()?);
            }
            Ok(all)
        })
    }
}
