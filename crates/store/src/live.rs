//! Living sources: a reply's rows and the cursor behind them are one transaction; limits outlive the process.

use rapport_model::{Key, Page, ReadCount, Time};
use rusqlite::{Connection, OptionalExtension, params};

use crate::append::{Behind, Judge, NewRead};
use crate::open::{Store, StoreError};

/// Where a stream stands behind a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The stream.
    pub stream: String,
    /// The connector's own account of how far it is; opaque here.
    pub state: String,
    /// How many are in, and about how many there are.
    pub done: u64,
    /// About how many there are, where the service tells.
    pub about: Option<u64>,
    /// The stream has everything.
    pub complete: bool,
    /// Address, `ETag` and `Last-Modified` for the next time; none keeps what is held.
    pub validator: Option<(String, String, String)>,
    /// Where the log stood when it was asked for: of what came in behind it the reply cannot say that it is gone.
    pub asked_at: i64,
    /// When that was.
    pub asked: Time,
}

/// How far one stream of a source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamRow {
    /// The stream.
    pub stream: String,
    /// How many are in.
    pub done: u64,
    /// About how many there are.
    pub about: Option<u64>,
    /// It had everything when it was read last.
    pub complete: bool,
    /// When that was.
    pub at: Time,
}

/// What a service said of one of its limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LimitRow {
    /// Whose.
    pub host: String,
    /// For which kind of request; empty for all.
    pub bucket: String,
    /// Not to be asked before.
    pub until: Option<Time>,
    /// Why, in words.
    pub why: String,
    /// How many requests are left.
    pub remaining: Option<u64>,
    /// Of how many.
    pub quota: Option<u64>,
    /// When it is full again.
    pub resets: Option<Time>,
}

fn n(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn count(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Option<u64>> {
    Ok(row.get::<_, Option<i64>>(column)?.and_then(|v| u64::try_from(v).ok()))
}

fn time(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Option<Time>> {
    Ok(row.get::<_, Option<i64>>(column)?.and_then(Time::from_millis))
}

/// Writes a cursor; runs inside the transaction of its rows.
pub(crate) fn advance(db: &Connection, source: i64, moved: &Moved, at: Time) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO cursor (source, stream, state, done, about, complete, at) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (source, stream) DO UPDATE SET state = excluded.state, done = excluded.done,
           about = excluded.about, complete = excluded.complete, at = excluded.at",
    )?
    .execute(params![
        source,
        moved.stream,
        moved.state,
        n(moved.done),
        moved.about.map(n),
        moved.complete,
        at.millis()
    ])?;
    if let Some((url, etag, modified)) = &moved.validator {
        db.prepare_cached(
            "INSERT INTO validator (source, stream, url, etag, modified) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (source, stream) DO UPDATE SET url = excluded.url, etag = excluded.etag,
               modified = excluded.modified",
        )?
        .execute(params![source, moved.stream, url, etag, modified])?;
    }
    Ok(())
}

impl NewRead<'_> {
    /// Takes in what one reply brought, with the cursor behind it: all of it or nothing.
    ///
    /// # Errors
    /// When the database cannot be written; the cursor stands where it stood then.
    pub fn take_reply(
        &mut self,
        page: &Page,
        moved: &Moved,
        judge: Judge<'_>,
    ) -> Result<ReadCount, StoreError> {
        self.taken(std::slice::from_ref(page), &Behind::Stream(moved), judge)
    }
}

impl Store {
    /// Where the log stands: the number of its last row.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn log_end(&self) -> Result<i64, StoreError> {
        self.ask(|db| db.query_row("SELECT coalesce(max(id), 0) FROM log", [], |row| row.get(0)))
    }

    /// How far a stream of a source has been read.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn cursor(&self, source: i64, stream: &str) -> Result<Option<String>, StoreError> {
        self.ask(|db| {
            db.prepare_cached("SELECT state FROM cursor WHERE source = ? AND stream = ?")?
                .query_row(params![source, stream], |row| row.get(0))
                .optional()
        })
    }

    /// The address of a stream's last conditional reply, its `ETag` and its `Last-Modified`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn validator(
        &self,
        source: i64,
        stream: &str,
    ) -> Result<Option<(String, String, String)>, StoreError> {
        self.ask(|db| {
            db.prepare_cached("SELECT url, etag, modified FROM validator WHERE source = ? AND stream = ?")?
                .query_row(params![source, stream], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()
        })
    }

    /// The key of the message that began a thread of a source: the first by time, or the one that says so.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn opening(&self, source: i64, thread: &Key) -> Result<Option<Key>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT l.key FROM thread t JOIN activity a ON a.thread = t.id JOIN log l ON l.id = a.newest
                 WHERE t.source = ? AND t.key = ? AND a.act IN ('opened', 'replied')
                 ORDER BY a.act, a.at, a.id LIMIT 1",
            )?
            .query_row(params![source, thread.as_str()], |row| Ok(Key::new(row.get_ref(0)?.as_str()?)))
            .optional()
        })
    }

    /// The threads of a source whose keys lie between two keys, both included.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn threads_between(&self, source: i64, from: &Key, to: &Key) -> Result<Vec<Key>, StoreError> {
        self.ask(|db| {
            let mut rows = db.prepare_cached(
                "SELECT key FROM thread WHERE source = ? AND key BETWEEN ? AND ? AND messages > 0 ORDER BY key",
            )?;
            let found = rows.query_map(params![source, from.as_str(), to.as_str()], |row| {
                Ok(Key::new(row.get_ref(0)?.as_str()?))
            })?;
            found.collect()
        })
    }

    /// What stands of a source between two keys, at addresses that begin so: each with its thread.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn between(
        &self,
        source: i64,
        from: &Key,
        to: &Key,
        url: &str,
    ) -> Result<Vec<(Key, Key)>, StoreError> {
        self.ask(|db| {
            // An activity has the number of its first revision.
            let mut rows = db.prepare_cached(
                "SELECT f.key, t.key FROM log f JOIN activity a ON a.id = f.id JOIN log l ON l.id = a.newest
                 JOIN thread t ON t.id = a.thread
                 WHERE f.source = ? AND f.key BETWEEN ? AND ? AND a.deleted = 0 AND substr(l.url, 1, length(?)) = ?
                 ORDER BY f.key",
            )?;
            let key = |row: &rusqlite::Row<'_>, n: usize| {
                Ok::<_, rusqlite::Error>(Key::new(row.get_ref(n)?.as_str()?))
            };
            let found = rows.query_map(params![source, from.as_str(), to.as_str(), url, url], |row| {
                Ok((key(row, 0)?, key(row, 1)?))
            })?;
            found.collect()
        })
    }

    /// The thread that an activity stands in.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn thread_of(&self, source: i64, activity: &Key) -> Result<Option<Key>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT t.key FROM log l JOIN activity a ON a.newest = l.id JOIN thread t ON t.id = a.thread
                 WHERE l.source = ? AND l.key = ? ORDER BY l.rev DESC LIMIT 1",
            )?
            .query_row(params![source, activity.as_str()], |row| Ok(Key::new(row.get_ref(0)?.as_str()?)))
            .optional()
        })
    }

    /// The keys of a thread's activities that are not deleted.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn thread_keys(&self, source: i64, thread: &Key) -> Result<Vec<Key>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT l.key FROM thread t JOIN activity a ON a.thread = t.id JOIN log l ON l.id = a.newest
                 WHERE t.source = ? AND t.key = ? AND a.deleted = 0",
            )?
            .query_map(params![source, thread.as_str()], |row| Ok(Key::new(row.get_ref(0)?.as_str()?)))?
            .collect()
        })
    }

    /// The keys of the threads that began between two moments and whose opening is not deleted.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn opened(&self, source: i64, from: Time, to: Time) -> Result<Vec<Key>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT t.key FROM thread t WHERE t.source = ? AND t.opened_at BETWEEN ? AND ? AND EXISTS (
                   SELECT 1 FROM activity a JOIN log l ON l.id = a.newest
                   WHERE a.thread = t.id AND a.deleted = 0 AND l.key = t.key)
                 ORDER BY t.opened_at, t.id",
            )?
            .query_map(params![source, from.millis(), to.millis()], |row| {
                Ok(Key::new(row.get_ref(0)?.as_str()?))
            })?
            .collect()
        })
    }

    /// How far each stream of a source is, in order of name; none for what is read from files.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn streams(&self, source: i64) -> Result<Vec<StreamRow>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT stream, done, about, complete, at FROM cursor WHERE source = ? ORDER BY stream",
            )?
            .query_map([source], |row| {
                Ok(StreamRow {
                    stream: row.get(0)?,
                    done: count(row, 1)?.unwrap_or(0),
                    about: count(row, 2)?,
                    complete: row.get(3)?,
                    at: time(row, 4)?.unwrap_or(Time::MIN),
                })
            })?
            .collect()
        })
    }

    /// When a source may be tried again, and why not before.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn paused(&self, source: i64) -> Result<Option<(Time, String)>, StoreError> {
        self.ask(|db| {
            db.prepare_cached("SELECT until, why FROM pause WHERE source = ?")?
                .query_row([source], |row| Ok((time(row, 0)?.unwrap_or(Time::MIN), row.get(1)?)))
                .optional()
        })
    }

    /// Sets or lifts the pause of a source.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn set_paused(&mut self, source: i64, pause: Option<(Time, &str)>) -> Result<(), StoreError> {
        self.ask(|db| {
            match pause {
                None => db.execute("DELETE FROM pause WHERE source = ?", [source])?,
                Some((until, why)) => db.execute(
                    "INSERT OR REPLACE INTO pause (source, until, why) VALUES (?, ?, ?)",
                    params![source, until.millis(), why],
                )?,
            };
            Ok(())
        })
    }

    /// Forgets how far a source was read: the next read begins anew, and what is known is known.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn reset_cursors(&mut self, source: i64) -> Result<(), StoreError> {
        self.ask(|db| {
            db.execute("DELETE FROM cursor WHERE source = ?", [source])?;
            db.execute("DELETE FROM validator WHERE source = ?", [source]).map(drop)
        })
    }

    /// Takes back a source of which nothing was ever read; false, and nothing changed, when something was.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn drop_unread(&mut self, source: i64) -> Result<bool, StoreError> {
        self.ask(|db| {
            let unread: bool = db.query_row(
                "SELECT read = 0 AND NOT EXISTS (SELECT 1 FROM cursor WHERE source = ?1) FROM source WHERE id = ?1",
                [source],
                |row| row.get(0),
            )?;
            if unread {
                db.execute("DELETE FROM item WHERE source = ?", [source])?;
                db.execute("DELETE FROM pause WHERE source = ?", [source])?;
                db.execute("DELETE FROM look WHERE source = ?", [source])?;
                db.execute("DELETE FROM rest WHERE source = ?", [source])?;
                db.execute("DELETE FROM choice WHERE source = ?", [source])?;
                db.execute("DELETE FROM source WHERE id = ?", [source])?;
            }
            Ok(unread)
        })
    }

    /// All limits that services told.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn limits(&self) -> Result<Vec<LimitRow>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT host, bucket, until, why, remaining, quota, resets FROM host_limit ORDER BY host, bucket",
            )?
            .query_map([], |row| {
                Ok(LimitRow {
                    host: row.get(0)?,
                    bucket: row.get(1)?,
                    until: time(row, 2)?,
                    why: row.get(3)?,
                    remaining: count(row, 4)?,
                    quota: count(row, 5)?,
                    resets: time(row, 6)?,
                })
            })?
            .collect()
        })
    }

    /// Keeps what a service told.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn set_limit(&mut self, limit: &LimitRow) -> Result<(), StoreError> {
        self.ask(|db| {
            db.prepare_cached("INSERT OR REPLACE INTO host_limit (host, bucket, until, why, remaining, quota, resets) VALUES (?, ?, ?, ?, ?, ?, ?)")?
                .execute(params![
                    limit.host,
                    limit.bucket,
                    limit.until.map(Time::millis),
                    limit.why,
                    limit.remaining.map(n),
                    limit.quota.map(n),
                    limit.resets.map(Time::millis)
                ])
                .map(drop)
        })
    }
}
