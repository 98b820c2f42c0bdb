//! Events, what was heard there, and the talks held or sent in.

use rapport_model::Time;
use rusqlite::{OptionalExtension, params};

use super::{audit, keep, time};
use crate::open::{Store, StoreError};

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number; 0 for one that is not kept yet.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its first day.
    pub starts: Option<Time>,
    /// Its last day.
    pub ends: Option<Time>,
    /// Where: a city, or online.
    pub place: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// What it is about, as the list it came from says.
    pub area: Option<String>,
    /// Where talks are sent in.
    pub call_url: Option<String>,
    /// The last day on which talks are taken.
    pub call_until: Option<Time>,
}

/// One note of what was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldNote {
    /// Its number; 0 for one that is not kept yet.
    pub id: i64,
    /// The event's number.
    pub event: i64,
    /// The day.
    pub date: Time,
    /// The words.
    pub text: String,
    /// Who said it. Not for eyes outside DevRel without consent to the name.
    pub said_by: Option<String>,
    /// `none`, `quote` or `name`.
    pub consent: String,
    /// Who wrote it down.
    pub writer: Option<String>,
    /// Who follows up.
    pub owner: Option<String>,
    /// Until when.
    pub due: Option<Time>,
    /// When that was done, by whom, and a word on it.
    pub done: Option<(Time, String, Option<String>)>,
}

/// One talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Talk {
    /// Its number; 0 for one that is not kept yet.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// The event's number.
    pub event: i64,
    /// Who speaks.
    pub speaker: Option<String>,
    /// Where it stands: the word of its newest step.
    pub state: String,
    /// Since when.
    pub since: Time,
    /// Every step: state, when, who, a word on it.
    pub steps: Vec<(String, Time, String, Option<String>)>,
}

impl Store {
    /// Keeps an event and gives its number. One of the same name and first day is the same: what is newly known about it
    /// is taken over.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn add_event(&mut self, new: &Event, who: &str, at: Time) -> Result<(i64, bool), StoreError> {
        keep(self, |tx| {
            let millis = |t: Option<Time>| t.map(Time::millis);
            let known: Option<i64> = tx
                .query_row(
                    "SELECT id FROM event_row WHERE name = ?1 AND (starts IS ?2 OR starts IS NULL) ORDER BY id",
                    params![new.name, millis(new.starts)],
                    |row| row.get(0),
                )
                .optional()?;
            if let Some(id) = known {
                tx.execute(
                    "UPDATE event_row SET starts = coalesce(?2, starts), ends = coalesce(?3, ends),
                       place = coalesce(?4, place), url = coalesce(?5, url), area = coalesce(?6, area),
                       call_url = coalesce(?7, call_url), call_until = coalesce(?8, call_until) WHERE id = ?1",
                    params![
                        id,
                        millis(new.starts),
                        millis(new.ends),
                        new.place,
                        new.url,
                        new.area,
                        new.call_url,
                        millis(new.call_until)
                    ],
                )?;
                return Ok((id, false));
            }
            tx.execute(
                "INSERT INTO event_row (name, starts, ends, place, url, area, call_url, call_until, at)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                params![
                    new.name,
                    millis(new.starts),
                    millis(new.ends),
                    new.place,
                    new.url,
                    new.area,
                    new.call_url,
                    millis(new.call_until),
                    at.millis()
                ],
            )?;
            let id = tx.last_insert_rowid();
            audit(tx, at, who, "event add", &format!("event {id}, {}", new.name))?;
            Ok((id, true))
        })
    }

    /// An event reaches over this day: notes of a second day widen it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn widen_event(&mut self, event: i64, day: Time) -> Result<(), StoreError> {
        keep(self, |tx| {
            tx.execute(
                "UPDATE event_row SET starts = min(coalesce(starts, ?2), ?2), ends = max(coalesce(ends, starts, ?2), ?2)
                 WHERE id = ?1",
                params![event, day.millis()],
            )
            .map(drop)
        })
    }

    /// Every event, by its first day.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn events(&self) -> Result<Vec<Event>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT id, name, starts, ends, place, url, area, call_url, call_until FROM event_row
                 ORDER BY starts, name, id",
            )?
            .query_map([], |row| {
                let at = |n: usize| row.get::<_, Option<i64>>(n).map(|t| t.and_then(Time::from_millis));
                Ok(Event {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    starts: at(2)?,
                    ends: at(3)?,
                    place: row.get(4)?,
                    url: row.get(5)?,
                    area: row.get(6)?,
                    call_url: row.get(7)?,
                    call_until: at(8)?,
                })
            })?
            .collect()
        })
    }

    /// Keeps a note and gives its number, and whether it is new: the same words of the same day are kept once, and
    /// what the file now says about consent and follow-up holds.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn add_note(&mut self, new: &FieldNote, who: &str, at: Time) -> Result<(i64, bool), StoreError> {
        keep(self, |tx| {
            let known: Option<i64> = tx
                .query_row(
                    "SELECT id FROM field_note WHERE event = ? AND date = ? AND text = ?",
                    params![new.event, new.date.millis(), new.text],
                    |row| row.get(0),
                )
                .optional()?;
            let due = new.due.map(Time::millis);
            if let Some(id) = known {
                let changed = tx.execute(
                    "UPDATE field_note SET said_by = ?2, consent = ?3, owner = ?4, due = ?5
                     WHERE id = ?1 AND (said_by IS NOT ?2 OR consent IS NOT ?3 OR owner IS NOT ?4 OR due IS NOT ?5)",
                    params![id, new.said_by, new.consent, new.owner, due],
                )?;
                if changed > 0 {
                    audit(tx, at, who, "notes change", &format!("note {id}: consent {}", new.consent))?;
                }
                return Ok((id, false));
            }
            tx.execute(
                "INSERT INTO field_note (event, date, text, said_by, consent, writer, owner, due, who, at)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                params![
                    new.event,
                    new.date.millis(),
                    new.text,
                    new.said_by,
                    new.consent,
                    new.writer,
                    new.owner,
                    due,
                    who,
                    at.millis()
                ],
            )?;
            let id = tx.last_insert_rowid();
            audit(tx, at, who, "notes add", &format!("note {id}, consent {}", new.consent))?;
            Ok((id, true))
        })
    }

    /// Every note, by its day.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn notes(&self) -> Result<Vec<FieldNote>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT id, event, date, text, said_by, consent, writer, owner, due, done_at, done_by, done_note
                 FROM field_note ORDER BY date, id",
            )?
            .query_map([], |row| {
                let done: Option<i64> = row.get(9)?;
                Ok(FieldNote {
                    id: row.get(0)?,
                    event: row.get(1)?,
                    date: time(row.get(2)?),
                    text: row.get(3)?,
                    said_by: row.get(4)?,
                    consent: row.get(5)?,
                    writer: row.get(6)?,
                    owner: row.get(7)?,
                    due: row.get::<_, Option<i64>>(8)?.and_then(Time::from_millis),
                    done: match done {
                        Some(at) => Some((time(at), row.get(10)?, row.get(11)?)),
                        None => None,
                    },
                })
            })?
            .collect()
        })
    }

    /// A note's follow-up is done, or, without a word who did it, is not after all. Says whether there is such a note.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn follow_up(
        &mut self,
        note: i64,
        done: Option<&str>,
        who: &str,
        at: Time,
    ) -> Result<bool, StoreError> {
        keep(self, |tx| {
            let n = tx.execute(
                "UPDATE field_note SET done_at = ?2, done_by = ?3, done_note = ?4 WHERE id = ?1",
                params![note, done.map(|_| at.millis()), done.map(|_| who), done.filter(|d| !d.is_empty())],
            )?;
            if n > 0 {
                let verb = if done.is_some() { "notes done" } else { "undo notes done" };
                audit(tx, at, who, verb, &format!("note {note}"))?;
            }
            Ok(n > 0)
        })
    }

    /// Keeps a talk in its first state; gives its number.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn add_talk(&mut self, new: &Talk, who: &str, at: Time) -> Result<i64, StoreError> {
        keep(self, |tx| {
            tx.execute(
                "INSERT INTO talk (title, event, speaker) VALUES (?, ?, ?)",
                params![new.title, new.event, new.speaker],
            )?;
            let id = tx.last_insert_rowid();
            step(tx, id, &new.state, who, new.since, None)?;
            audit(tx, at, who, "talks add", &format!("talk {id}: {}", new.state))?;
            Ok(id)
        })
    }

    /// A talk takes a step. Whether it may is the caller's to judge.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn move_talk(
        &mut self,
        talk: i64,
        state: &str,
        note: Option<&str>,
        who: &str,
        at: Time,
    ) -> Result<(), StoreError> {
        keep(self, |tx| {
            step(tx, talk, state, who, at, note)?;
            audit(tx, at, who, "talks move", &format!("talk {talk}: {state}"))
        })
    }

    /// Every talk, in the order in which they were proposed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn talks(&self) -> Result<Vec<Talk>, StoreError> {
        self.ask(|db| {
            let mut talks: Vec<Talk> = db
                .prepare_cached("SELECT id, title, event, speaker FROM talk ORDER BY id")?
                .query_map([], |row| {
                    Ok(Talk {
                        id: row.get(0)?,
                        title: row.get(1)?,
                        event: row.get(2)?,
                        speaker: row.get(3)?,
                        state: String::new(),
                        since: Time::MIN,
                        steps: Vec::new(),
                    })
                })?
                .collect::<rusqlite::Result<_>>()?;
            let mut steps =
                db.prepare_cached("SELECT talk, state, at, who, note FROM talk_step ORDER BY id")?;
            let mut rows = steps.query([])?;
            while let Some(row) = rows.next()? {
                let id: i64 = row.get(0)?;
                if let Some(talk) = talks.iter_mut().find(|t| t.id == id) {
                    talk.state = row.get(1)?;
                    talk.since = time(row.get(2)?);
                    talk.steps.push((talk.state.clone(), talk.since, row.get(3)?, row.get(4)?));
                }
            }
            Ok(talks)
        })
    }
}

fn step(
    tx: &rusqlite::Transaction<'_>,
    talk: i64,
    state: &str,
    who: &str,
    at: Time,
    note: Option<&str>,
) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT INTO talk_step (talk, state, at, who, note) VALUES (?, ?, ?, ?, ?)",
        params![talk, state, at.millis(), who, note],
    )
    .map(drop)
}
