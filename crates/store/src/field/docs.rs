//! What people searched in the docs, and which pages were written since.

use rapport_model::Time;
use rusqlite::params;

use super::{audit, keep, time};
use crate::open::{Store, StoreError};

/// One query of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocsSearch {
    /// The log it is from.
    pub log: String,
    /// When.
    pub at: Time,
    /// The words that were looked for.
    pub query: String,
    /// How many pages came; none when the log does not tell.
    pub results: Option<i64>,
    /// How often.
    pub searches: i64,
}

/// A page that was written for a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocsPage {
    /// Its number; 0 for one that is not kept yet.
    pub id: i64,
    /// The topic, when it is for one.
    pub topic: Option<i64>,
    /// What it is about: the topic's name then, or the words it was described with.
    pub about: String,
    /// Where it is.
    pub url: String,
    /// When it went online.
    pub shipped: Time,
    /// Who said so.
    pub who: String,
    /// When.
    pub at: Time,
}

impl Store {
    /// Keeps the rows of a search log and gives how many were new. A row that is known with another count (the log
    /// was exported in the middle of its day) takes the larger one.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn add_searches(
        &mut self,
        rows: &[DocsSearch],
        log: &str,
        who: &str,
        at: Time,
    ) -> Result<i64, StoreError> {
        keep(self, |tx| {
            let count = |tx: &rusqlite::Transaction<'_>| {
                tx.query_row("SELECT count(*) FROM docs_search", [], |row| row.get::<_, i64>(0))
            };
            let before = count(tx)?;
            {
                let mut add = tx.prepare_cached(
                    "INSERT INTO docs_search (log, at, query, results, searches) VALUES (?, ?, ?, ?, ?)
                     ON CONFLICT DO UPDATE SET searches = max(searches, excluded.searches)",
                )?;
                for row in rows {
                    add.execute(params![row.log, row.at.millis(), row.query, row.results, row.searches])?;
                }
            }
            let new = count(tx)? - before;
            audit(tx, at, who, "docs add", &format!("{new} rows of {log}"))?;
            Ok(new)
        })
    }

    /// What was searched until a moment, in order of time: what was added by hand, and what living sources tell.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn searches(&self, until: Time) -> Result<Vec<DocsSearch>, StoreError> {
        let mut all = self.added_searches(until)?;
        all.extend(self.told_searches(until)?);
        all.sort_by(|a, b| (a.at, &a.log, &a.query, a.results).cmp(&(b.at, &b.log, &b.query, b.results)));
        Ok(all)
    }

    /// A day of a living source is one activity, whose text has a line for each query: how often, how many pages came,
    /// the words. A line that is none (a name was cleared from it) is nothing.
    fn told_searches(&self, until: Time) -> Result<Vec<DocsSearch>, StoreError> {
        self.ask(|db| {
            let mut statement = db.prepare_cached(
                "SELECT s.name, a.at, l.text FROM source s CROSS JOIN log f ON f.source = s.id
                   CROSS JOIN activity a ON a.id = f.id JOIN log l ON l.id = a.newest
                 WHERE s.kind = 'plausible' AND f.key >= 'day/' AND f.key < 'day0' AND a.act = 'other'
                   AND a.deleted = 0 AND a.at <= ?
                 ORDER BY s.name, a.at, a.id",
            )?;
            let mut rows = statement.query([until.millis()])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let (log, at): (String, i64) = (row.get(0)?, row.get(1)?);
                for line in row.get_ref(2)?.as_str_or_null()?.unwrap_or("").lines() {
                    let mut parts = line.splitn(3, '\t');
                    let (Some(n), Some(pages), Some(query)) = (parts.next(), parts.next(), parts.next())
                    else {
                        continue;
                    };
                    let Ok(searches) = n.parse() else { continue };
                    let (query, results) = (query.to_owned(), pages.parse().ok());
                    found.push(DocsSearch { log: log.clone(), at: time(at), query, results, searches });
                }
            }
            Ok(found)
        })
    }

    fn added_searches(&self, until: Time) -> Result<Vec<DocsSearch>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT log, at, query, results, searches FROM docs_search WHERE at <= ? ORDER BY at, log, query, results",
            )?
            .query_map([until.millis()], |row| {
                Ok(DocsSearch {
                    log: row.get(0)?,
                    at: time(row.get(1)?),
                    query: row.get(2)?,
                    results: row.get(3)?,
                    searches: row.get(4)?,
                })
            })?
            .collect()
        })
    }

    /// A page was written; gives its number. The same page for the same topic is kept once, with its newest day.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn add_page(&mut self, new: &DocsPage) -> Result<i64, StoreError> {
        keep(self, |tx| {
            tx.execute(
                "DELETE FROM docs_page WHERE topic IS ? AND (topic IS NOT NULL OR about = ?) AND url = ?",
                params![new.topic, new.about, new.url],
            )?;
            tx.execute(
                "INSERT INTO docs_page (topic, about, url, shipped, who, at) VALUES (?, ?, ?, ?, ?, ?)",
                params![new.topic, new.about, new.url, new.shipped.millis(), new.who, new.at.millis()],
            )?;
            let id = tx.last_insert_rowid();
            audit(tx, new.at, &new.who, "docs shipped", &format!("{}: {}", new.about, new.url))?;
            Ok(id)
        })
    }

    /// The pages that were written, the oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn pages(&self) -> Result<Vec<DocsPage>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT id, topic, about, url, shipped, who, at FROM docs_page ORDER BY shipped, id",
            )?
            .query_map([], |row| {
                Ok(DocsPage {
                    id: row.get(0)?,
                    topic: row.get(1)?,
                    about: row.get(2)?,
                    url: row.get(3)?,
                    shipped: time(row.get(4)?),
                    who: row.get(5)?,
                    at: time(row.get(6)?),
                })
            })?
            .collect()
        })
    }
}
