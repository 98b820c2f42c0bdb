//! How often was a package downloaded each day?

use rapport_model::Time;
use rusqlite::params;

use crate::open::{Store, StoreError};

/// One day of one package, as its registry counts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downloads {
    /// The source's name: `crates:relay`.
    pub source: String,
    /// The day's beginning.
    pub day: Time,
    /// How often. Not by how many: mirrors, CI and caches count too.
    pub n: u64,
}

impl Store {
    /// Days from `from` until before `to`, source by source, oldest first; of one source where it is given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn downloads(&self, source: Option<i64>, from: Time, to: Time) -> Result<Vec<Downloads>, StoreError> {
        self.ask(|db| {
            // By the index of keys: a day's key begins with its name, and an activity has the number of its first revision.
            let mut statement = db.prepare_cached(
                "SELECT s.name, a.at, l.detail FROM source s CROSS JOIN log f ON f.source = s.id
                   CROSS JOIN activity a ON a.id = f.id JOIN log l ON l.id = a.newest
                 WHERE s.kind IN ('crates', 'npm', 'pypi') AND (?1 IS NULL OR s.id = ?1)
                   AND f.key >= 'day/' AND f.key < 'day0' AND a.act = 'other' AND a.deleted = 0
                   AND a.at >= ?2 AND a.at < ?3
                 ORDER BY s.name, a.at, a.id",
            )?;
            let mut rows = statement.query(params![source, from.millis(), to.millis()])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let detail = row.get_ref(2)?.as_str_or_null()?.unwrap_or("");
                let n = detail.strip_prefix("downloads=").and_then(|n| n.parse().ok());
                found.extend(n.map(|n| Downloads {
                    source: row.get(0).unwrap_or_default(),
                    day: row.get(1).ok().and_then(Time::from_millis).unwrap_or(Time::MIN),
                    n,
                }));
            }
            Ok(found)
        })
    }
}
