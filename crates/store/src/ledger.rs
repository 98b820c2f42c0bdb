//! The identity ledger: saying something of people, and what follows from it everywhere, in one transaction.
//!
//! Rows are only added. Who is one person, what kind each identity is and what its threads amount to are derived from
//! them: taking a row back makes everything as it was.

use std::collections::{BTreeMap, BTreeSet};

use rapport_model::ledger::{Word, persons};
use rapport_model::{Ledger, MemberKind, Said, Time, ToSay};
use rusqlite::{Connection, Row, params};

use crate::append::Judge;
use crate::audit;
use crate::identities;
use crate::open::{Store, StoreError, fault};
use crate::rollup::Derive;
use crate::threads;

/// What saying something changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// The numbers of the new entries.
    pub entries: Vec<i64>,
    /// Identities that belong to another person now.
    pub persons: u64,
    /// Identities that are of another kind now.
    pub kinds: u64,
    /// Threads that were judged again.
    pub threads: u64,
}

impl Store {
    /// Everything that was said of people.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn ledger(&self) -> Result<Ledger, StoreError> {
        self.ask(read)
    }

    /// Says something of people, all of it or nothing, and brings along what follows: persons, kinds, threads.
    ///
    /// # Errors
    /// When the database cannot be written; nothing is changed then.
    pub fn say_of_people(
        &mut self,
        words: &[ToSay],
        who: &str,
        automatic: bool,
        at: Time,
        judge: Judge<'_>,
    ) -> Result<Changed, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            let mut changed = Changed::default();
            for word in words {
                changed.entries.push(add(&tx, word, who, automatic, at)?);
                if !automatic {
                    audit(&tx, word, who, at)?;
                }
            }
            if automatic && !words.is_empty() {
                audit::audit(&tx, at, who, "people link", &format!("{} entries", words.len()))?;
            }
            let kinds = words.iter().flat_map(|w| [Some(w.a), w.b]).flatten().collect();
            follow(&tx, &kinds, judge, &mut changed)?;
            tx.commit()?;
            Ok(changed)
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// Keeps who may be one person, in place of what was kept before: (a, b, confidence, because).
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn suggest(
        &mut self,
        found: &[(i64, i64, f64, String)],
        of: Option<&BTreeSet<i64>>,
    ) -> Result<(), StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            match of {
                None => tx.execute("DELETE FROM suggestion", [])?,
                Some(of) => {
                    let mut forget = tx.prepare("DELETE FROM suggestion WHERE a = ?1 OR b = ?1")?;
                    of.iter().map(|id| forget.execute([id])).sum::<rusqlite::Result<usize>>()?
                }
            };
            {
                let mut add = tx.prepare(
                    "INSERT INTO suggestion (a, b, confidence, because) VALUES (?, ?, ?, ?)
                     ON CONFLICT DO UPDATE SET confidence = excluded.confidence, because = excluded.because",
                )?;
                for (a, b, confidence, because) in found {
                    add.execute(params![a.min(b), a.max(b), confidence, because])?;
                }
            }
            tx.commit()
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// Who may be one person: (a, b, confidence, because), the surest first. Of one person's identities only, when given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn suggestions(&self) -> Result<Vec<(i64, i64, f64, String)>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT a, b, confidence, because FROM suggestion ORDER BY confidence DESC, a, b",
            )?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
            .collect()
        })
    }
}

fn read(db: &Connection) -> rusqlite::Result<Ledger> {
    let entries = db
        .prepare_cached(
            "SELECT id, at, who, automatic, word, a, b, kind, undoes, confidence, because FROM ledger ORDER BY id",
        )?
        .query_map([], entry)?
        .collect::<rusqlite::Result<Vec<Option<Said>>>>()?;
    Ok(Ledger::new(entries.into_iter().flatten().collect()))
}

/// One row; `None` for a word that this program does not know.
fn entry(row: &Row<'_>) -> rusqlite::Result<Option<Said>> {
    let kind = row.get_ref(7)?.as_str_or_null()?.and_then(MemberKind::from_word).unwrap_or_default();
    let word = match row.get_ref(4)?.as_str()? {
        "same" => Word::Same,
        "apart" => Word::Apart,
        "kind" => Word::Kind(kind),
        "undo" => Word::Undo(row.get::<_, Option<i64>>(8)?.unwrap_or(0)),
        _ => return Ok(None),
    };
    let said = ToSay { word, a: row.get(5)?, b: row.get(6)?, confidence: row.get(9)?, because: row.get(10)? };
    Ok(Some(Said {
        id: row.get(0)?,
        at: Time::from_millis(row.get(1)?).unwrap_or(Time::MIN),
        who: row.get(2)?,
        automatic: row.get(3)?,
        said,
    }))
}

fn add(db: &Connection, word: &ToSay, who: &str, automatic: bool, at: Time) -> rusqlite::Result<i64> {
    let (kind, undoes) = match word.word {
        Word::Kind(kind) => (Some(kind.as_str()), None),
        Word::Undo(of) => (None, Some(of)),
        Word::Same | Word::Apart => (None, None),
    };
    db.prepare_cached(
        "INSERT INTO ledger (at, who, automatic, word, a, b, kind, undoes, confidence, because)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        at.millis(),
        who,
        automatic,
        word.word.as_str(),
        word.a,
        word.b,
        kind,
        undoes,
        word.confidence,
        word.because
    ])?;
    Ok(db.last_insert_rowid())
}

/// Names identities by their numbers: whoever is forgotten later leaves no name in the audit log.
fn audit(db: &Connection, word: &ToSay, who: &str, at: Time) -> rusqlite::Result<()> {
    let with = word.b.map(|b| format!(" and {b}")).unwrap_or_default();
    let what = format!("identity {}{with}", word.a);
    audit::audit(db, at, who, &format!("people {}", word.word.as_str()), &what)
}

/// Makes `identity.person` what the ledger says; gives the groups that were and are, of those that changed.
fn derive(db: &Connection) -> rusqlite::Result<(BTreeSet<i64>, Vec<BTreeSet<i64>>)> {
    let now = read(db)?.persons();
    let before: BTreeMap<i64, i64> = db
        .prepare_cached(
            "SELECT id, person FROM identity INDEXED BY identity_person WHERE person IS NOT NULL",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let touched: BTreeSet<i64> =
        before.keys().chain(now.keys()).copied().filter(|id| before.get(id) != now.get(id)).collect();
    let mut write = db.prepare_cached("UPDATE identity SET person = ? WHERE id = ?")?;
    for id in &touched {
        write.execute(params![now.get(id), id])?;
    }
    let mut groups: BTreeMap<(bool, i64), BTreeSet<i64>> = BTreeMap::new();
    for (which, map) in [(false, &before), (true, &now)] {
        let heads: BTreeSet<i64> = touched.iter().filter_map(|id| map.get(id).copied()).collect();
        for (id, head) in map.iter().filter(|(_, head)| heads.contains(head)) {
            groups.entry((which, *head)).or_default().insert(*id);
        }
    }
    Ok((touched, groups.into_values().collect()))
}

/// The persons as the ledger says, for a folder that was just loaded.
pub(crate) fn settle_persons(db: &Connection) -> rusqlite::Result<()> {
    derive(db).map(drop)
}

/// What follows from new entries: persons, kinds, and the threads that look different now.
fn follow(
    db: &Connection,
    named: &BTreeSet<i64>,
    judge: Judge<'_>,
    changed: &mut Changed,
) -> rusqlite::Result<()> {
    let (touched, groups) = derive(db)?;
    changed.persons = touched.len() as u64;
    let mut touch = Derive::default();
    // A thread looks different when two identities of one person wrote in it, before or after.
    for group in &groups {
        touch.touched.extend(shared_threads(db, group)?);
    }
    let around: BTreeSet<i64> = groups.iter().flatten().chain(named).copied().collect();
    for id in identities::rejudge(db, &around, judge)? {
        changed.kinds += 1;
        touch.touched.extend(threads_of(db, id)?);
    }
    changed.threads = touch.touched.len() as u64;
    let touched = if changed.kinds > 0 { touch.touched.clone() } else { BTreeSet::new() };
    threads::settle(db, touch, judge)?;
    let mut unplaced = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM thread t WHERE t.id = ? AND t.need IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM topic_place p WHERE p.source = t.source AND p.thread_key = t.key))",
    )?;
    for thread in touched {
        if unplaced.query_row([thread], |row| row.get(0))? {
            // What one of ours was thought to ask is somebody's need after all: topics have to be found for it.
            db.execute("UPDATE topic_finding SET seen = -1", [])?;
            break;
        }
    }
    Ok(())
}

/// Threads in which at least two of these identities did something.
fn shared_threads(db: &Connection, group: &BTreeSet<i64>) -> rusqlite::Result<Vec<i64>> {
    let list = serde_json::to_string(group).map_err(crate::append::codec)?;
    db.prepare_cached(
        "SELECT thread FROM activity WHERE who IN (SELECT value FROM json_each(?)) AND thread IS NOT NULL
         GROUP BY thread HAVING min(who) < max(who)",
    )?
    .query_map([list], |row| row.get(0))?
    .collect()
}

pub(crate) fn threads_of(db: &Connection, identity: i64) -> rusqlite::Result<Vec<i64>> {
    db.prepare_cached("SELECT DISTINCT thread FROM activity WHERE who = ? AND thread IS NOT NULL")?
        .query_map([identity], |row| row.get(0))?
        .collect()
}

/// How many identities belong to another person than the ledger says; none, when all is well.
pub(crate) fn astray(db: &Connection) -> rusqlite::Result<usize> {
    let links: Vec<(i64, i64)> = read(db)?.links().map(|(_, a, b)| (a, b)).collect();
    let wanted = persons(links.into_iter());
    let held: BTreeMap<i64, i64> = db
        .prepare("SELECT id, person FROM identity WHERE person IS NOT NULL")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let all: BTreeSet<&i64> = wanted.keys().chain(held.keys()).collect();
    Ok(all.into_iter().filter(|id| wanted.get(id) != held.get(id)).count())
}
