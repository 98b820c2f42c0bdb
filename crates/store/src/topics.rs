//! What topics were found, where each thread belongs, and what people said about it. The store keeps the finder's own
//! state as text and does not look inside.

use rapport_model::Time;
use rusqlite::{OptionalExtension, Row, Statement, params};

use crate::audit::audit;
use crate::open::{Store, StoreError, fault};

/// What the finder left: its state, and how far the log was then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The finder's state.
    pub state: String,
    /// The newest row of the log that it has seen; -1 when people said something since.
    pub seen: i64,
    /// How many threads it was learnt from.
    pub learnt: i64,
}

/// What is said about a topic and moves no thread: what was found holds.
const AS_THEY_ARE: [&str; 3] = ["rename", "pin", "merge"];

/// How a thread of no topic is written.
const OTHER: i64 = -1;

const THREAD: &str = "SELECT id FROM thread WHERE source = ? AND key = ?";
const PLACES: &str = "SELECT t.id, p.topic, p.cosine, p.earlier FROM topic_place p
   JOIN thread t ON t.source = p.source AND t.key = p.thread_key";

fn spot(row: &Row<'_>, id: &mut Statement<'_>) -> rusqlite::Result<Spot> {
    let topic: i64 = row.get(1)?;
    let keys = row.get_ref(3)?.as_str_or_null()?.map(serde_json::from_str::<Vec<(i64, String)>>);
    let mut earlier = Vec::new();
    for (source, key) in keys.and_then(Result::ok).unwrap_or_default() {
        earlier.extend(id.query_row(params![source, key], |row| row.get::<_, i64>(0)).optional()?);
    }
    Ok(Spot { thread: row.get(0)?, topic: (topic != OTHER).then_some(topic), cosine: row.get(2)?, earlier })
}

/// Where one thread belongs.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// The thread.
    pub thread: i64,
    /// Its topic; `None` is other.
    pub topic: Option<i64>,
    /// How near it is to the topic's centre.
    pub cosine: f64,
    /// Threads of the topic that asked alike before.
    pub earlier: Vec<i64>,
}

/// One thing that a person said about topics: a rename, a topic declared, a thread that belongs or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its number, rising.
    pub id: i64,
    /// `rename`, `declare`, `in`, `not-in`, `merge`, `pin`, `split`, `undo`.
    pub what: String,
    /// The topic it is about.
    pub topic: Option<i64>,
    /// The thread it is about.
    pub thread: Option<i64>,
    /// The rest, as the desk wrote it.
    pub text: String,
}

impl Word {
    /// Whether it lets threads belong elsewhere: what was found before does not hold.
    #[must_use]
    pub fn moves_threads(&self) -> bool {
        !AS_THEY_ARE.contains(&self.what.as_str())
    }
}

impl Store {
    /// A thread's title and its opening words, cut to 4,000 characters.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn opening_words(&self, thread: i64) -> Result<(String, String), StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT coalesce(t.title, ''), coalesce(substr(l.text, 1, 4000), '') FROM thread t
                 LEFT JOIN activity a ON a.id = t.opening LEFT JOIN log l ON l.id = a.newest WHERE t.id = ?",
            )?
            .query_row([thread], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map(Option::unwrap_or_default)
        })
    }

    /// The full names of people who are no bots: their words name no topic.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn full_names(&self) -> Result<Vec<String>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT DISTINCT name FROM identity WHERE bot = 0 AND name LIKE '% %' ORDER BY name",
            )?
            .query_map([], |row| row.get(0))?
            .collect()
        })
    }

    /// The newest row of the log: what was derived before is stale when it has grown.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn newest(&self) -> Result<i64, StoreError> {
        self.ask(|db| db.query_row("SELECT coalesce(max(id), 0) FROM log", [], |row| row.get(0)))
    }

    /// What the finder left the last time.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn finding(&self) -> Result<Option<Finding>, StoreError> {
        self.ask(|db| {
            db.query_row("SELECT state, seen, learnt FROM topic_finding WHERE id = 1", [], |row| {
                Ok(Finding { state: row.get(0)?, seen: row.get(1)?, learnt: row.get(2)? })
            })
            .optional()
        })
    }

    /// Keeps what the finder found, and where threads belong: all of them, or those that came since when `more`.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn keep_finding(&mut self, finding: &Finding, spots: &[Spot], more: bool) -> Result<(), StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            tx.execute(
                "INSERT INTO topic_finding (id, state, seen, learnt) VALUES (1, ?, ?, ?)
                 ON CONFLICT (id) DO UPDATE SET state = excluded.state, seen = excluded.seen, learnt = excluded.learnt",
                params![finding.state, finding.seen, finding.learnt],
            )?;
            if !more {
                tx.execute("DELETE FROM topic_place", [])?;
            }
            {
                let mut key = tx.prepare_cached("SELECT source, key FROM thread WHERE id = ?")?;
                let mut add = tx.prepare_cached(
                    "INSERT OR REPLACE INTO topic_place (source, thread_key, topic, cosine, earlier)
                     SELECT source, key, ?2, ?3, ?4 FROM thread WHERE id = ?1",
                )?;
                for spot in spots {
                    let mut earlier: Option<String> = None;
                    if !spot.earlier.is_empty() {
                        let mut keys = Vec::new();
                        for thread in &spot.earlier {
                            keys.push(key.query_row([thread], |row| {
                                Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
                            })?);
                        }
                        earlier = serde_json::to_string(&keys).ok();
                    }
                    add.execute(params![spot.thread, spot.topic.unwrap_or(OTHER), spot.cosine, earlier])?;
                }
            }
            tx.commit()
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// Where every thread belongs that the finder has seen.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn places(&self) -> Result<Vec<Spot>, StoreError> {
        self.ask(|db| {
            let mut id = db.prepare_cached(THREAD)?;
            db.prepare_cached(&format!("{PLACES} ORDER BY t.id"))?
                .query_map([], |row| spot(row, &mut id))?
                .collect()
        })
    }

    /// Where these threads belong; those that the finder has not seen are not among them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn places_of(&self, threads: &[i64]) -> Result<Vec<Spot>, StoreError> {
        self.ask(|db| {
            let mut id = db.prepare_cached(THREAD)?;
            let mut place = db.prepare_cached(&format!("{PLACES} WHERE t.id = ?"))?;
            let mut spots = Vec::new();
            for thread in threads {
                spots.extend(place.query_row([thread], |row| spot(row, &mut id)).optional()?);
            }
            Ok(spots)
        })
    }

    /// Records what a person said about topics; what moves threads lets them be found anew.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn say(&mut self, word: &Word, who: &str, at: Time) -> Result<(), StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            tx.execute(
                "INSERT INTO topic_word (at, who, what, topic, source, thread_key, text)
                 VALUES (?1, ?2, ?3, ?4, (SELECT source FROM thread WHERE id = ?5),
                   (SELECT key FROM thread WHERE id = ?5), ?6)",
                params![at.millis(), who, word.what, word.topic, word.thread, word.text],
            )?;
            audit(&tx, at, who, &format!("topics {}", word.what), &word.text)?;
            if word.moves_threads() {
                tx.execute("UPDATE topic_finding SET seen = -1", [])?;
            }
            tx.commit()
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// What people said about topics, in order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn words_on_topics(&self) -> Result<Vec<Word>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT w.id, w.what, w.topic, t.id, w.text FROM topic_word w
                 LEFT JOIN thread t ON t.source = w.source AND t.key = w.thread_key ORDER BY w.id",
            )?
            .query_map([], |row| {
                Ok(Word {
                    id: row.get(0)?,
                    what: row.get(1)?,
                    topic: row.get(2)?,
                    thread: row.get(3)?,
                    text: row.get(4)?,
                })
            })?
            .collect()
        })
    }
}
