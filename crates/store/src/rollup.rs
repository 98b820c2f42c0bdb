//! From log rows to the derived tables: the newest state of each activity, full text, and counts per month and week.

use std::collections::{BTreeMap, BTreeSet};

use rapport_model::{Act, Entry, Key, MemberKind, ThreadFacts, Time};
use rusqlite::{Connection, OptionalExtension, params};

/// How much of a message's text is looked at in judging, in characters.
pub(crate) const JUDGED: usize = 4_000;

/// One revision, as the log holds it.
pub(crate) struct LogRow<'a> {
    pub(crate) id: i64,
    pub(crate) source: i64,
    pub(crate) key: &'a str,
    pub(crate) rev: i64,
    pub(crate) act: Act,
    pub(crate) at: Time,
    pub(crate) who: Option<i64>,
    pub(crate) thread_key: Option<&'a str>,
    pub(crate) thread_of: bool,
    pub(crate) reply_to: Option<&'a Key>,
    pub(crate) facts: Option<&'a ThreadFacts>,
    pub(crate) text: &'a str,
    pub(crate) deleted: bool,
}

/// What a batch of revisions changes: gathered here, written once by [`Derive::write`].
#[derive(Default)]
pub(crate) struct Derive {
    pub(crate) touched: BTreeSet<i64>,
    /// The histories of threads that began in this batch and hold nothing else, where they are kept.
    begun: BTreeMap<i64, Vec<Entry>>,
    keep: bool,
    months: BTreeMap<(i32, i64, i64), (i64, i64)>,
    weeks: BTreeMap<(i32, i64, &'static str), i64>,
}

impl Derive {
    /// One that keeps the histories of new threads, so that judging them does not read them back. For batches of a
    /// bounded size.
    pub(crate) fn keeping() -> Derive {
        Derive { keep: true, ..Derive::default() }
    }

    /// The history of a thread that began in this batch, in order of time; members are not filled in. `None` when it
    /// has to be read.
    pub(crate) fn begun(&mut self, thread: i64) -> Option<Vec<Entry>> {
        let mut entries = self.begun.remove(&thread)?;
        entries.sort_by(|a, b| (a.at, a.key.as_str()).cmp(&(b.at, b.key.as_str())));
        Some(entries)
    }

    fn keep(&mut self, thread: i64, id: i64, row: &LogRow<'_>) {
        if row.deleted {
            return;
        }
        if let Some(entries) = self.begun.get_mut(&thread) {
            entries.push(Entry {
                id,
                key: Key::new(row.key),
                act: row.act,
                at: row.at,
                who: row.who,
                member: MemberKind::default(),
                reply_to: row.reply_to.cloned(),
                facts: row.facts.cloned(),
                // As the database cuts it: at a NUL, too.
                text: crate::threads::judged_text(
                    row.text.split('\0').next().unwrap_or("").chars().take(JUDGED).collect(),
                    row.facts,
                ),
            });
        }
    }

    /// Brings one revision into `activity`, `words` and the thread it belongs to.
    pub(crate) fn take(&mut self, db: &Connection, row: &LogRow<'_>) -> rusqlite::Result<()> {
        let mut id = row.id;
        if row.rev > 0 {
            id = db
                .prepare_cached("SELECT id FROM log WHERE source = ? AND key = ? AND rev = 0")?
                .query_row(params![row.source, row.key], |r| r.get(0))?;
            let old: (String, i64, Option<i64>, Option<i64>, bool) = db
                .prepare_cached("SELECT act, at, who, thread, deleted FROM activity WHERE id = ?")?
                .query_row([id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?)))?;
            self.touched.extend(old.3);
            if let Some(thread) = old.3 {
                self.begun.remove(&thread);
            }
            if let (Some(act), Some(at), false) = (Act::from_word(&old.0), Time::from_millis(old.1), old.4) {
                self.count(row.source, act, at, old.2, -1);
                db.prepare_cached("DELETE FROM words WHERE rowid = ?")?.execute([id])?;
            }
        }
        let thread = match row.thread_key {
            Some(key) => Some(self.thread(db, row, key)?),
            None => None,
        };
        self.touched.extend(thread);
        if let Some(thread) = thread {
            if row.rev == 0 {
                self.keep(thread, id, row);
            } else {
                self.begun.remove(&thread);
            }
        }
        db.prepare_cached(
            "INSERT INTO activity (id, newest, source, act, at, month, week, who, thread, deleted)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET newest = excluded.newest, act = excluded.act, at = excluded.at,
               month = excluded.month, week = excluded.week, who = excluded.who, thread = excluded.thread,
               deleted = excluded.deleted",
        )?
        .execute(params![
            id,
            row.id,
            row.source,
            row.act.as_str(),
            row.at.millis(),
            row.at.month().0,
            row.at.week().0,
            row.who,
            thread,
            row.deleted
        ])?;
        if !row.deleted {
            self.count(row.source, row.act, row.at, row.who, 1);
            // Reactions and the like carry no words; indexing them would only cost.
            let title = row.facts.and_then(|f| f.title.as_deref()).unwrap_or("");
            if !row.text.is_empty() || !title.is_empty() {
                db.prepare_cached("INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)")?
                    .execute(params![id, title, row.text])?;
            }
        }
        Ok(())
    }

    fn count(&mut self, source: i64, act: Act, at: Time, who: Option<i64>, n: i64) {
        if let Some(who) = who {
            let month = self.months.entry((at.month().0, source, who)).or_default();
            month.0 += if act.is_contribution() { n } else { 0 };
            month.1 += if act.is_message() { n } else { 0 };
        }
        *self.weeks.entry((at.week().0, source, act.as_str())).or_default() += n;
    }

    /// The thread that a row belongs to. A row that names its parent goes where the parent is; a thread that was only
    /// known by the parent's key is folded into the parent's own thread once the parent arrives, in whichever order.
    fn thread(&mut self, db: &Connection, row: &LogRow<'_>, key: &str) -> rusqlite::Result<i64> {
        let parent: Option<i64> = if row.thread_of {
            db.prepare_cached(
                "SELECT a.thread FROM log l JOIN activity a ON a.id = l.id
                 WHERE l.source = ? AND l.key = ? AND l.rev = 0 AND a.thread IS NOT NULL",
            )?
            .query_row(params![row.source, key], |r| r.get(0))
            .optional()?
        } else {
            None
        };
        let thread = match parent {
            Some(thread) => thread,
            None => self.thread_id(db, row.source, key)?,
        };
        if row.thread_of {
            let orphaned: Option<i64> = db
                .prepare_cached("SELECT id FROM thread WHERE source = ? AND key = ? AND id <> ?")?
                .query_row(params![row.source, row.key, thread], |r| r.get(0))
                .optional()?;
            if let Some(orphaned) = orphaned {
                db.prepare_cached("UPDATE activity SET thread = ? WHERE thread = ?")?
                    .execute(params![thread, orphaned])?;
                db.prepare_cached("DELETE FROM thread WHERE id = ?")?.execute([orphaned])?;
                self.touched.remove(&orphaned);
                self.begun.remove(&orphaned);
                self.begun.remove(&thread);
            }
        }
        Ok(thread)
    }

    /// Writes the counts.
    pub(crate) fn write(&mut self, db: &Connection) -> rusqlite::Result<()> {
        let mut add = db.prepare_cached(
            "INSERT INTO person_month (month, source, who, contributions, messages) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET contributions = contributions + excluded.contributions,
               messages = messages + excluded.messages",
        )?;
        for ((month, source, who), (contributions, messages)) in std::mem::take(&mut self.months) {
            if (contributions, messages) != (0, 0) {
                add.execute(params![month, source, who, contributions, messages])?;
            }
            if contributions < 0 || messages < 0 {
                db.prepare_cached(
                    "DELETE FROM person_month WHERE month = ? AND source = ? AND who = ? AND contributions = 0
                       AND messages = 0",
                )?
                .execute(params![month, source, who])?;
            }
        }
        let mut add = db.prepare_cached(
            "INSERT INTO source_week (week, source, act, n) VALUES (?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET n = n + excluded.n",
        )?;
        for ((week, source, act), n) in std::mem::take(&mut self.weeks) {
            if n != 0 {
                add.execute(params![week, source, act, n])?;
            }
            if n < 0 {
                db.prepare_cached(
                    "DELETE FROM source_week WHERE week = ? AND source = ? AND act = ? AND n = 0",
                )?
                .execute(params![week, source, act])?;
            }
        }
        Ok(())
    }

    /// The thread of this key, made when there is none yet.
    fn thread_id(&mut self, db: &Connection, source: i64, key: &str) -> rusqlite::Result<i64> {
        let found = db
            .prepare_cached("SELECT id FROM thread WHERE source = ? AND key = ?")?
            .query_row(params![source, key], |row| row.get(0))
            .optional()?;
        if let Some(id) = found {
            return Ok(id);
        }
        db.prepare_cached("INSERT INTO thread (source, key) VALUES (?, ?)")?.execute(params![source, key])?;
        let id = db.last_insert_rowid();
        if self.keep {
            self.begun.insert(id, Vec::new());
        }
        Ok(id)
    }
}
