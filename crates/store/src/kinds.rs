//! What people said about what threads ask for, and what was learned from it. Kept by the thread's key and the source,
//! so that a rebuild does not lose it.

use rapport_model::{NeedKind, Time};
use rusqlite::{OptionalExtension, params};

use crate::append::Judge;
use crate::open::{Store, StoreError, fault};
use crate::rollup::Derive;
use crate::threads;

/// The word for a thread that asks for nothing.
const NOTHING: &str = "none";

pub(crate) fn read(word: &str) -> Option<NeedKind> {
    (word != NOTHING).then(|| NeedKind::named(word))
}

/// A thread whose kind somebody told: by a label at its source, or here.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// The thread.
    pub thread: i64,
    /// Its title.
    pub title: String,
    /// Its opening, cut to 4,000 characters.
    pub text: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// What a person said here: a kind, or that it asks for nothing.
    pub said: Option<Option<NeedKind>>,
}

/// What was learned for one source.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// The source's number.
    pub source: i64,
    /// From how many texts.
    pub examples: u32,
    /// As the judgement wrote it.
    pub weights: Vec<u8>,
}

impl Store {
    /// Keeps what a person said that a thread asks for (`None`: nothing) and judges the thread by it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn say_kind(
        &mut self,
        thread: i64,
        kind: Option<&NeedKind>,
        who: &str,
        at: Time,
        judge: Judge<'_>,
    ) -> Result<(), StoreError> {
        let word = kind.map_or(NOTHING, NeedKind::as_str).to_owned();
        self.changing(thread, who, at, judge, &format!("kind {word}"), |db| {
            db.execute(
                "INSERT INTO thread_kind (source, thread_key, kind, who, at)
                 SELECT source, key, ?2, ?3, ?4 FROM thread WHERE id = ?1
                 ON CONFLICT DO UPDATE SET kind = excluded.kind, who = excluded.who, at = excluded.at",
                params![thread, word, who, at.millis()],
            )
        })
        .map(drop)
    }

    /// Takes it back; false when nobody had said anything.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn unsay_kind(
        &mut self,
        thread: i64,
        who: &str,
        at: Time,
        judge: Judge<'_>,
    ) -> Result<bool, StoreError> {
        let gone = self.changing(thread, who, at, judge, "undo kind", |db| {
            db.execute(
                "DELETE FROM thread_kind WHERE (source, thread_key) IN (SELECT source, key FROM thread WHERE id = ?)",
                [thread],
            )
        })?;
        Ok(gone > 0)
    }

    fn changing(
        &mut self,
        thread: i64,
        who: &str,
        at: Time,
        judge: Judge<'_>,
        verb: &str,
        change: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<usize>,
    ) -> Result<usize, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            let n = change(&tx)?;
            if n > 0 {
                crate::choices::audit(&tx, at, who, verb, thread)?;
                threads::settle(&tx, Derive::of([thread]), judge)?;
            }
            tx.commit()?;
            Ok(n)
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// The threads of a source whose kind somebody told, in order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn labelled(&self, source: i64) -> Result<Vec<Labelled>, StoreError> {
        self.ask(|db| {
            db.prepare(
                "SELECT t.id, coalesce(t.title, ''), substr(l.text, 1, 4000), t.labels, k.kind
                 FROM thread t JOIN activity a ON a.id = t.opening JOIN log l ON l.id = a.newest
                 LEFT JOIN thread_kind k ON k.source = t.source AND k.thread_key = t.key
                 WHERE t.source = ? AND (t.labels <> '[]' OR k.kind IS NOT NULL) ORDER BY t.id",
            )?
            .query_map([source], |row| {
                let labels: String = row.get(3)?;
                let said: Option<String> = row.get(4)?;
                Ok(Labelled {
                    thread: row.get(0)?,
                    title: row.get(1)?,
                    text: row.get(2)?,
                    labels: serde_json::from_str(&labels).unwrap_or_default(),
                    said: said.map(|word| read(&word)),
                })
            })?
            .collect()
        })
    }

    /// What was learned, per source.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn learned(&self) -> Result<Vec<Learned>, StoreError> {
        self.ask(|db| {
            db.prepare_cached("SELECT source, examples, weights FROM kind_learned ORDER BY source")?
                .query_map([], |row| {
                    Ok(Learned { source: row.get(0)?, examples: row.get(1)?, weights: row.get(2)? })
                })?
                .collect()
        })
    }

    /// Keeps what was learned for a source, or forgets it, and judges its threads anew. Gives how many there are.
    ///
    /// # Errors
    /// When the database cannot be written; all is as before then.
    pub fn learn(
        &mut self,
        source: i64,
        learned: Option<&Learned>,
        who: &str,
        at: Time,
        judge: Judge<'_>,
    ) -> Result<usize, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            let held: Option<i64> = tx
                .query_row("SELECT 1 FROM kind_learned WHERE source = ?", [source], |row| row.get(0))
                .optional()?;
            if learned.is_none() && held.is_none() {
                return Ok(0);
            }
            tx.execute("DELETE FROM kind_learned WHERE source = ?", [source])?;
            if let Some(learned) = learned {
                tx.execute(
                    "INSERT INTO kind_learned (source, at, who, examples, weights) VALUES (?, ?, ?, ?, ?)",
                    params![source, at.millis(), who, learned.examples, learned.weights],
                )?;
            }
            let verb = if learned.is_some() { "learn kinds" } else { "undo learn kinds" };
            tx.execute(
                "INSERT INTO audit (at, who, verb, what) SELECT ?, ?, ?, name FROM source WHERE id = ?",
                params![at.millis(), who, verb, source],
            )?;
            let ids: Vec<i64> = tx
                .prepare("SELECT id FROM thread WHERE source = ? ORDER BY id")?
                .query_map([source], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let n = ids.len();
            threads::settle(&tx, Derive::of(ids), judge)?;
            tx.commit()?;
            Ok(n)
        });
        result.map_err(|e| fault(&path, &e))
    }
}
