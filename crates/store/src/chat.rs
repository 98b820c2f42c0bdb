//! Chats without threads: a message that answers another is put into the other's thread.
//!
//! A message that stands in no thread of its source is a thread by itself at first. Each day of a channel is judged as
//! a whole, with the day before it to look back upon, and again when anything in either came, changed or went; so what
//! comes out depends on what is there and not on the order in which it came. A message that was answered in a thread
//! of its own stays where it is.

use std::collections::{BTreeMap, BTreeSet};

use rapport_model::{Act, ChatLine, ThreadKind, Time};
use rusqlite::{Connection, OptionalExtension, params};

use crate::append::Judge;
use crate::rollup::{Derive, JUDGED, LogRow};

const DAY: i64 = 86_400_000;

/// The days of channels that have to be judged anew.
#[derive(Default)]
pub(crate) struct Days {
    /// By source and channel.
    days: BTreeMap<(i64, String), BTreeSet<i64>>,
    /// The sources that have such messages, as far as was looked.
    chats: BTreeMap<i64, bool>,
}

impl Days {
    /// Notes what a revision means for its channel.
    pub(crate) fn take(
        &mut self,
        db: &Connection,
        row: &LogRow<'_>,
        id: i64,
        thread: i64,
    ) -> rusqlite::Result<()> {
        let facts = row.facts.filter(|f| f.kind == Some(ThreadKind::Chat) && f.title.is_none());
        let container = facts.and_then(|f| f.container.as_deref());
        let alone = row.act == Act::Opened && !row.thread_of && row.thread_key == Some(row.key);
        let begins = alone && container.is_some();
        if !begins && !self.has(db, row.source)? {
            return Ok(());
        }
        if row.rev > 0 {
            self.note_where(db, "activity", id)?;
            db.prepare_cached("DELETE FROM chat_line WHERE activity = ?")?.execute([id])?;
        }
        match container {
            Some(container) if alone && !row.deleted => {
                self.chats.insert(row.source, true);
                db.prepare_cached(
                    "INSERT OR REPLACE INTO chat_line (activity, source, container, at, own) VALUES (?, ?, ?, ?, ?)",
                )?
                .execute(params![id, row.source, container, row.at.millis(), thread])?;
                self.note(row.source, container, row.at.millis());
            }
            // Something else in the thread of such a message: it may be a conversation of its own now.
            _ => self.note_where(db, "own", thread)?,
        }
        Ok(())
    }

    fn has(&mut self, db: &Connection, source: i64) -> rusqlite::Result<bool> {
        if let Some(known) = self.chats.get(&source) {
            return Ok(*known);
        }
        let has = db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM chat_line WHERE source = ?)")?
            .query_row([source], |row| row.get(0))?;
        self.chats.insert(source, has);
        Ok(has)
    }

    fn note(&mut self, source: i64, container: &str, at: i64) {
        self.days.entry((source, container.to_owned())).or_default().insert(at.div_euclid(DAY));
    }

    fn note_where(&mut self, db: &Connection, column: &str, id: i64) -> rusqlite::Result<()> {
        let line: Option<(i64, String, i64)> = db
            .prepare_cached(&format!("SELECT source, container, at FROM chat_line WHERE {column} = ?"))?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        if let Some((source, container, at)) = line {
            self.note(source, &container, at);
        }
        Ok(())
    }
}

/// A message with where it is and where it would be by itself.
struct Line {
    activity: i64,
    own: i64,
    thread: i64,
    /// Others wrote in its own thread.
    answered: bool,
    said: ChatLine,
}

/// Judges the days that were noted, and puts each message where it belongs.
pub(crate) fn settle(db: &Connection, derive: &mut Derive, judge: Judge<'_>) -> rusqlite::Result<()> {
    for ((source, container), noted) in std::mem::take(&mut derive.chats).days {
        let mut waiting: BTreeSet<i64> = noted.iter().flat_map(|day| [*day, day + 1]).collect();
        while let Some(day) = waiting.pop_first() {
            // Who answers a message that was moved moves with it.
            if settle_day(db, derive, judge, source, &container, day)? {
                waiting.insert(day + 1);
            }
        }
    }
    Ok(())
}

fn settle_day(
    db: &Connection,
    derive: &mut Derive,
    judge: Judge<'_>,
    source: i64,
    container: &str,
    day: i64,
) -> rusqlite::Result<bool> {
    let mut lines = lines(db, source, container, (day - 1) * DAY, (day + 1) * DAY)?;
    let first = lines.partition_point(|line| line.said.at.millis() < day * DAY);
    if first == lines.len() {
        return Ok(false);
    }
    let said: Vec<ChatLine> = lines.iter().map(|line| line.said.clone()).collect();
    let answers = (judge.replies)(&said, first);
    let mut moved = false;
    for n in first..lines.len() {
        let to = answers.get(n).copied().flatten().filter(|to| *to < n && !lines[n].answered);
        let target = to.map_or(lines[n].own, |to| lines[to].thread);
        if target == lines[n].thread {
            continue;
        }
        db.prepare_cached("UPDATE activity SET thread = ? WHERE id = ?")?
            .execute(params![target, lines[n].activity])?;
        for thread in [lines[n].thread, target] {
            derive.touched.insert(thread);
            derive.begun.remove(&thread);
        }
        lines[n].thread = target;
        moved = true;
    }
    Ok(moved)
}

fn lines(
    db: &Connection,
    source: i64,
    container: &str,
    from: i64,
    until: i64,
) -> rusqlite::Result<Vec<Line>> {
    db.prepare_cached(
        "SELECT c.activity, c.own, a.thread, c.at, coalesce(nullif(i.name, ''), nullif(i.handle, ''), i.key, ''),
           substr(l.text, 1, ?5), EXISTS (SELECT 1 FROM activity o WHERE o.thread = c.own AND o.id <> c.activity
             AND o.deleted = 0 AND o.act IN ('replied', 'reviewed'))
         FROM chat_line c JOIN activity a ON a.id = c.activity JOIN log l ON l.id = a.newest
         LEFT JOIN identity i ON i.id = a.who
         WHERE c.source = ?1 AND c.container = ?2 AND c.at >= ?3 AND c.at < ?4 ORDER BY c.at, l.key",
    )?
    .query_map(params![source, container, from, until, JUDGED as i64], |row| {
        Ok(Line {
            activity: row.get(0)?,
            own: row.get(1)?,
            thread: row.get::<_, Option<i64>>(2)?.unwrap_or_default(),
            answered: row.get(6)?,
            said: ChatLine {
                at: Time::from_millis(row.get(3)?).unwrap_or(Time::MIN),
                author: row.get(4)?,
                text: row.get(5)?,
            },
        })
    })?
    .collect()
}
