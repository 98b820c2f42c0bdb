//! Full text: which messages say this?

mod rank;

use std::collections::{BTreeMap, BTreeSet};

use rapport_model::{Act, NeedKind, NeedState, Time};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};

use self::rank::{Part, Said};
use crate::open::{Store, StoreError};
use crate::threads::ThreadRow;

/// What a search looks for. Empty filters let everything through.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Words; all must occur. `"two words"` is a phrase, `word*` a beginning.
    pub words: String,
    /// Only this source.
    pub source: Option<String>,
    /// Only threads with this kind of need.
    pub kind: Option<NeedKind>,
    /// Only threads whose need has come this far.
    pub state: Option<NeedState>,
    /// Only from this moment on.
    pub since: Option<Time>,
    /// Only before this moment.
    pub until: Option<Time>,
    /// Only by people one of whose names, logins or addresses is this.
    pub person: Option<String>,
    /// How many at most.
    pub most: usize,
}

/// One message found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The activity.
    pub activity: i64,
    /// Its thread, if any.
    pub thread: Option<i64>,
    /// The source.
    pub source: String,
    /// The thread's title.
    pub title: String,
    /// The message.
    pub text: String,
    /// What was done.
    pub act: Act,
    /// When.
    pub at: Time,
    /// By whom.
    pub who: Option<String>,
    /// A link.
    pub url: Option<String>,
    /// BM25 among what was found, larger is better.
    pub score: f64,
}

/// Of words that more messages say than this, the newest and the newest with them in the title are ranked, not all.
const RANKED: usize = 1_000;
/// So much of a message is weighed.
const WEIGHED: u32 = 4_000;

impl Store {
    /// The best matches first. Of words that more than 1,000 messages say together, those that say them in the title and
    /// those that were read last are ranked.
    ///
    /// # Errors
    /// When the database cannot be read. Any words are fine: what is no query is taken as plain words.
    pub fn search(&self, wanted: &Wanted) -> Result<Vec<Hit>, StoreError> {
        let parts = rank::parts(&wanted.words);
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        self.ask(|db| {
            let best = best(db, &parts, wanted)?;
            let mut hit = db.prepare_cached(
                "SELECT a.id, a.thread, s.name, coalesce(t.title, ''), l.text, a.act, a.at,
                   coalesce(nullif(i.name, ''), nullif(i.handle, ''), i.key), l.url
                 FROM activity a JOIN log l ON l.id = a.newest JOIN source s ON s.id = a.source
                 LEFT JOIN thread t ON t.id = a.thread LEFT JOIN identity i ON i.id = a.who WHERE a.id = ?",
            )?;
            best.into_iter()
                .map(|(id, score)| {
                    hit.query_row([id], |row| {
                        Ok(Hit {
                            activity: row.get(0)?,
                            thread: row.get(1)?,
                            source: row.get(2)?,
                            title: row.get(3)?,
                            text: row.get(4)?,
                            act: Act::from_word(row.get_ref(5)?.as_str()?).unwrap_or(Act::Other),
                            at: Time::from_millis(row.get(6)?).unwrap_or(Time::MIN),
                            who: row.get(7)?,
                            url: row.get(8)?,
                            score,
                        })
                    })
                })
                .collect()
        })
    }
}

/// The best of what a search found: activities with their scores.
fn best(db: &Connection, parts: &[Part], wanted: &Wanted) -> rusqlite::Result<Vec<(i64, f64)>> {
    let query = parts.iter().map(|p| p.query.as_str()).collect::<Vec<_>>().join(" ");
    let most = RANKED.max(wanted.most);
    let mut values = vec![Value::from(query.clone()), Value::from(i64::try_from(most).unwrap_or(i64::MAX))];
    let filter = filter(wanted, &mut values);
    let join = if filter.is_empty() {
        ""
    } else {
        "JOIN activity a ON a.id = words.rowid JOIN source s ON s.id = a.source
         LEFT JOIN thread t ON t.id = a.thread LEFT JOIN identity i ON i.id = a.who"
    };
    let sql = format!(
        "SELECT words.rowid FROM words {join} WHERE words MATCH ?1 {filter} ORDER BY words.rowid DESC LIMIT ?2"
    );
    let mut newest = db.prepare_cached(&sql)?;
    let mut found = |values: &[Value]| -> rusqlite::Result<BTreeSet<i64>> {
        newest.query_map(rusqlite::params_from_iter(values), |row| row.get(0))?.collect()
    };
    let mut candidates = found(&values)?;
    if candidates.len() >= most {
        values[0] = Value::from(format!("title : ({query})"));
        candidates.extend(found(&values)?);
    }
    let mut said = db.prepare_cached(
        "SELECT CASE WHEN t.opening = a.id THEN t.title END, substr(l.text, 1, ?2)
         FROM activity a JOIN log l ON l.id = a.newest LEFT JOIN thread t ON t.id = a.thread WHERE a.id = ?1",
    )?;
    let said: Vec<Said> = candidates
        .into_iter()
        .map(|activity| {
            said.query_row([activity, i64::from(WEIGHED)], |row| {
                let title: Option<String> = row.get(0)?;
                Ok(Said { activity, title: title.unwrap_or_default(), text: row.get(1)? })
            })
        })
        .collect::<rusqlite::Result<_>>()?;
    let mut count =
        db.prepare_cached("SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)")?;
    let having: Vec<u32> = parts
        .iter()
        .map(|part| match part.begins {
            // All words that begin so would have to be put together once more.
            true => Ok(rank::KNOWN),
            false => count.query_row(rusqlite::params![part.query, rank::KNOWN], |row| row.get(0)),
        })
        .collect::<rusqlite::Result<_>>()?;
    let messages: i64 = db.query_row("SELECT coalesce(max(id), 0) FROM activity", [], |row| row.get(0))?;
    let mut ranked = rank::ranked(parts, &having, messages.unsigned_abs(), &said);
    ranked.truncate(wanted.most);
    Ok(ranked)
}

/// The filters in SQL, their values behind those that are there.
fn filter(wanted: &Wanted, values: &mut Vec<Value>) -> String {
    let mut filter = String::new();
    let mut and = |sql: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.push(value);
            filter.push_str(&sql.replace("{}", &format!("?{}", values.len())));
        }
    };
    and(" AND s.name = {}", wanted.source.clone().map(Value::from));
    and(" AND t.need = {}", wanted.kind.as_ref().map(|k| Value::from(k.as_str().to_owned())));
    and(" AND t.need IS NOT NULL AND t.state = {}", wanted.state.map(|s| Value::from(s.as_str().to_owned())));
    and(" AND a.at >= {}", wanted.since.map(|t| Value::from(t.millis())));
    and(" AND a.at < {}", wanted.until.map(|t| Value::from(t.millis())));
    and(
        " AND coalesce(i.person, i.id) IN (SELECT coalesce(x.person, x.id) FROM identity x
            WHERE {} IN (lower(x.name), lower(x.handle), lower(x.key), lower(x.email)))",
        wanted.person.as_ref().map(|p| Value::from(p.to_lowercase())),
    );
    filter
}

/// From what a person types to the index's language.
fn query(words: &str) -> String {
    rank::parts(words).iter().map(|p| p.query.as_str()).collect::<Vec<_>>().join(" ")
}

/// A word that more messages have tells little, and costs the more to follow.
const COMMON: u32 = 1_000;
/// How many messages are followed to their threads.
const FOLLOWED: usize = 200;

/// What a thread asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The thread.
    pub row: ThreadRow,
    /// The opening's words, cut to 2,000 characters.
    pub text: String,
}

/// The answer that a thread got.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// By whom.
    pub who: Option<String>,
    /// When.
    pub at: Time,
    /// Its words, cut to 2,000 characters.
    pub text: String,
    /// A link.
    pub url: Option<String>,
}

impl Store {
    /// Threads whose messages say most of these words, the rarer words counting more: candidates for a closer look, in
    /// order. What a very common word alone would find is not followed.
    ///
    /// # Errors
    /// When the database cannot be read.
    #[allow(clippy::cast_precision_loss)] // at most COMMON
    pub fn saying(&self, words: &[String], most: usize) -> Result<Vec<i64>, StoreError> {
        self.ask(|db| {
            let mut one = db.prepare_cached("SELECT rowid FROM words WHERE words MATCH ? LIMIT ?")?;
            let mut follow = |words: &str| -> rusqlite::Result<Vec<i64>> {
                one.query_map(rusqlite::params![words, COMMON + 1], |row| row.get(0))?.collect()
            };
            let mut scores: BTreeMap<i64, f64> = BTreeMap::new();
            let mut common: Vec<String> = Vec::new();
            for word in words {
                let word = query(&word.replace(['"', '*'], " "));
                if word.is_empty() {
                    continue;
                }
                let found = follow(&word)?;
                if found.len() > COMMON as usize {
                    common.push(word);
                    continue;
                }
                let weight = (f64::from(COMMON) * 2.0 / (found.len() as f64 + 1.0)).ln();
                for message in found {
                    *scores.entry(message).or_default() += weight;
                }
            }
            if scores.is_empty() && common.len() > 1 {
                common.truncate(4);
                scores.extend(follow(&common.join(" "))?.into_iter().map(|message| (message, 1.0)));
            }
            let mut messages: Vec<(i64, f64)> = scores.into_iter().collect();
            messages.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            messages.truncate(FOLLOWED);
            let mut thread = db.prepare_cached("SELECT thread FROM activity WHERE id = ? AND deleted = 0")?;
            let mut threads: BTreeMap<i64, f64> = BTreeMap::new();
            for (message, score) in messages {
                if let Some(Some(id)) =
                    thread.query_row([message], |row| row.get::<_, Option<i64>>(0)).optional()?
                {
                    // The best message of a thread speaks for it; many that say a word do not.
                    let best = threads.entry(id).or_default();
                    *best = best.max(score);
                }
            }
            let mut threads: Vec<(i64, f64)> = threads.into_iter().collect();
            threads.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            Ok(threads.into_iter().take(most).map(|(id, _)| id).collect())
        })
    }

    /// What a thread asked.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn asked(&self, thread: i64) -> Result<Option<Asked>, StoreError> {
        let Some(row) = self.thread(thread)? else { return Ok(None) };
        self.ask(|db| {
            let text = db
                .prepare_cached(
                    "SELECT substr(l.text, 1, 2000) FROM thread t JOIN activity a ON a.id = t.opening
                     JOIN log l ON l.id = a.newest WHERE t.id = ? AND a.deleted = 0",
                )?
                .query_row([thread], |row| row.get(0))
                .optional()?
                .unwrap_or_default();
            Ok(Some(Asked { row, text }))
        })
    }

    /// The answer that a thread got: the accepted one, else the first reply by another human.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn answer(&self, thread: i64) -> Result<Option<Reply>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT coalesce(nullif(i.name, ''), nullif(i.handle, ''), i.key), a.at, substr(l.text, 1, 2000), l.url
                 FROM thread t JOIN activity a ON a.deleted = 0 AND a.id = coalesce(
                   (SELECT id FROM log WHERE source = t.source AND key = t.accepted AND rev = 0), t.response)
                 JOIN log l ON l.id = a.newest LEFT JOIN identity i ON i.id = a.who WHERE t.id = ?",
            )?
            .query_row([thread], |row| {
                Ok(Reply {
                    who: row.get(0)?,
                    at: Time::from_millis(row.get(1)?).unwrap_or(Time::MIN),
                    text: row.get(2)?,
                    url: row.get(3)?,
                })
            })
            .optional()
        })
    }
}
