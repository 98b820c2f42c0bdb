//! When was a thread opened, first answered by another human, and closed?

use rapport_model::{ThreadKind, Time};
use rusqlite::params;

use crate::open::{Store, StoreError};

/// One thread with a human opener.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response {
    /// Its number.
    pub thread: i64,
    /// The source's number.
    pub source: i64,
    /// What it is.
    pub kind: ThreadKind,
    /// When it was opened.
    pub opened_at: Time,
    /// The first reply by a human who is not the opener.
    pub responded_at: Option<Time>,
    /// When it was closed, merged or settled.
    pub closed_at: Option<Time>,
}

impl Store {
    /// Threads with a human opener, opened from `from` until before `to`; all from a covering index.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn responses(&self, from: Time, to: Time) -> Result<Vec<Response>, StoreError> {
        self.ask(|db| {
            let mut found = Vec::new();
            let mut statement = db.prepare_cached(
                "SELECT id, source, kind, opened_at, responded_at, closed_at FROM thread INDEXED BY thread_response
                 WHERE human_opener = 1 AND opened_at >= ? AND opened_at < ?",
            )?;
            let mut rows = statement.query(params![from.millis(), to.millis()])?;
            while let Some(row) = rows.next()? {
                let time = |column| -> rusqlite::Result<Option<Time>> {
                    Ok(row.get::<_, Option<i64>>(column)?.and_then(Time::from_millis))
                };
                found.push(Response {
                    thread: row.get(0)?,
                    source: row.get(1)?,
                    kind: row.get_ref(2)?.as_str_or_null()?.and_then(ThreadKind::from_word).unwrap_or(ThreadKind::Topic),
                    opened_at: time(3)?.unwrap_or(Time::MIN),
                    responded_at: time(4)?,
                    closed_at: time(5)?,
                });
            }
            Ok(found)
        })
    }

    /// Threads with a human opener, opened from `from` until before `to`, whose first response until `now` took at
    /// least `least` milliseconds or never came, oldest first. Only threads that ask for something, and changes that
    /// wait for a review: talk and announcements wait for nobody.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn slow_responses(
        &self,
        from: Time,
        to: Time,
        now: Time,
        least: i64,
    ) -> Result<Vec<Slow>, StoreError> {
        self.ask(|db| {
            let mut statement = db.prepare_cached(
                "SELECT t.id, t.source, coalesce(nullif(t.title, ''), (SELECT substr(l.text, 1, 200)
                     FROM activity a JOIN log l ON l.id = a.newest WHERE a.id = t.opening), ''),
                   t.url, t.opened_at, CASE WHEN t.responded_at <= ?3 THEN t.responded_at END
                 FROM (SELECT id FROM thread INDEXED BY thread_response
                       WHERE human_opener = 1 AND opened_at >= ?1 AND opened_at < ?2
                         AND coalesce(CASE WHEN responded_at <= ?3 THEN responded_at END, ?3) - opened_at >= ?4) few
                 JOIN thread t ON t.id = few.id
                 WHERE (t.need IS NOT NULL OR t.kind = 'change-request')
                 ORDER BY t.opened_at, t.id",
            )?;
            let rows =
                statement.query_map(params![from.millis(), to.millis(), now.millis(), least], |row| {
                    Ok(Slow {
                        thread: row.get(0)?,
                        source: row.get(1)?,
                        title: row.get(2)?,
                        url: row.get(3)?,
                        opened_at: Time::from_millis(row.get(4)?).unwrap_or(Time::MIN),
                        responded_at: row.get::<_, Option<i64>>(5)?.and_then(Time::from_millis),
                    })
                })?;
            rows.collect()
        })
    }

    /// Title (or the first words of its opening) and address of each of these threads that is there, in their order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn titles(&self, threads: &[i64]) -> Result<Vec<Titled>, StoreError> {
        self.ask(|db| {
            let mut statement = db.prepare_cached(
                "SELECT t.id, coalesce(nullif(t.title, ''), (SELECT substr(l.text, 1, 200)
                     FROM activity a JOIN log l ON l.id = a.newest WHERE a.id = t.opening), ''), t.url
                 FROM thread t WHERE t.id = ?1",
            )?;
            let mut found = Vec::with_capacity(threads.len());
            for id in threads {
                let mut rows = statement.query([id])?;
                while let Some(row) = rows.next()? {
                    found.push(Titled { thread: row.get(0)?, title: row.get(1)?, url: row.get(2)? });
                }
            }
            Ok(found)
        })
    }
}

/// What a thread is called, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Titled {
    /// Its number.
    pub thread: i64,
    /// Its title, or the first words of its opening.
    pub title: String,
    /// A link that opens it.
    pub url: Option<String>,
}

/// A thread whose first response took long or never came.
#[derive(Clone, Debug, PartialEq)]
pub struct Slow {
    /// Its number.
    pub thread: i64,
    /// The source's number.
    pub source: i64,
    /// Its title, or the first words of its opening.
    pub title: String,
    /// A link that opens it.
    pub url: Option<String>,
    /// When it was opened.
    pub opened_at: Time,
    /// The first reply by a human who is not the opener.
    pub responded_at: Option<Time>,
}
