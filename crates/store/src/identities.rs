//! Identities: the accounts and addresses that sources show, the person behind each, and what kind each is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rapport_model::{Because, MemberKind, Place, Time, Who};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::append::Judge;
use crate::open::{Store, StoreError, fault};
use crate::privacy::LABEL;

/// One account or address.
#[derive(Clone, Debug, PartialEq)]
pub struct IdentityRow {
    /// Its number in this folder.
    pub id: i64,
    /// The person, by the smallest number of all its identities; its own when it is linked to none.
    pub person: i64,
    /// What its source shows.
    pub who: Who,
    /// What kind of member it is.
    pub member: MemberKind,
    /// Why.
    pub because: Because,
    /// What the way it writes says of it, empty when that is nothing; `None` when nobody has looked.
    pub behaviour: Option<String>,
}

const COLUMNS: &str =
    "id, coalesce(person, id), place, key, handle, name, email, title, bot, member, because, behaviour";

fn identity_row(row: &Row<'_>) -> rusqlite::Result<IdentityRow> {
    let mut who = Who::new(&Place::new(row.get_ref(2)?.as_str()?), row.get::<_, String>(3)?);
    (who.handle, who.name, who.email, who.title) = (row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?);
    who.bot = row.get(8)?;
    Ok(IdentityRow {
        id: row.get(0)?,
        person: row.get(1)?,
        who,
        member: row.get_ref(9)?.as_str_or_null()?.and_then(MemberKind::from_word).unwrap_or_default(),
        because: row.get(10)?,
        behaviour: row.get(11)?,
    })
}

impl Store {
    /// Every identity, by number.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn identities(&self) -> Result<Vec<IdentityRow>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(&format!("SELECT {COLUMNS} FROM identity ORDER BY id"))?
                .query_map([], identity_row)?
                .collect()
        })
    }

    /// One identity.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn identity(&self, id: i64) -> Result<Option<IdentityRow>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(&format!("SELECT {COLUMNS} FROM identity WHERE id = ?"))?
                .query_row([id], identity_row)
                .optional()
        })
    }

    /// The identities of one person, by number.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn identities_of(&self, person: i64) -> Result<Vec<IdentityRow>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM identity WHERE person = ?1 UNION SELECT {COLUMNS} FROM identity
                 WHERE id = ?1 AND person IS NULL ORDER BY 1"
            ))?
            .query_map([person], identity_row)?
            .collect()
        })
    }

    /// Who belongs to which person, of those who are linked at all: whoever is not in here is a person alone.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn persons(&self) -> Result<HashMap<i64, i64>, StoreError> {
        self.ask(persons)
    }

    /// The numbers of identities that were not weighed against the others as they are now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn unweighed(&self) -> Result<BTreeSet<i64>, StoreError> {
        self.ask(|db| {
            db.prepare_cached("SELECT id FROM main.identity INDEXED BY identity_unweighed WHERE weighed = 0")?
                .query_map([], |row| row.get(0))?
                .collect()
        })
    }

    /// Records that all identities were weighed as they are now.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn set_weighed(&mut self) -> Result<(), StoreError> {
        self.ask(|db| db.execute("UPDATE identity SET weighed = 1 WHERE weighed = 0", []).map(drop))
    }

    /// When identities were active: first and last month with a contribution or a message, as `(first, last, messages)`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn active_months(&self) -> Result<HashMap<i64, (i32, i32, i64)>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT who, min(month), max(month), sum(messages) FROM person_month GROUP BY who",
            )?
            .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?))))?
            .collect()
        })
    }

    /// The first and the last moment at which an identity did something, and how much it did.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn active_span(&self, id: i64) -> Result<Option<(Time, Time, u64)>, StoreError> {
        self.ask(|db| {
            let found: (Option<i64>, Option<i64>, i64) = db
                .prepare_cached(
                    "SELECT min(at), max(at), count(*) FROM activity WHERE who = ? AND deleted = 0",
                )?
                .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let time = |at: Option<i64>| at.and_then(Time::from_millis);
            Ok(match (time(found.0), time(found.1)) {
                (Some(first), Some(last)) => Some((first, last, u64::try_from(found.2).unwrap_or(0))),
                _ => None,
            })
        })
    }

    /// Judges every identity anew, after what is declared about people changed; how many changed their kind.
    /// [`Store::rebuild`] then brings the threads along.
    ///
    /// # Errors
    /// When the database cannot be written; nothing is changed then.
    pub fn rejudge_members(&mut self, judge: Judge<'_>) -> Result<u64, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            let all: BTreeSet<i64> = tx
                .prepare("SELECT id FROM identity")?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let changed = rejudge(&tx, &all, judge)?.len() as u64;
            tx.commit()?;
            Ok(changed)
        });
        result.map_err(|e| fault(&path, &e))
    }
}

pub(crate) fn persons(db: &Connection) -> rusqlite::Result<HashMap<i64, i64>> {
    db.prepare_cached(
        "SELECT id, person FROM main.identity INDEXED BY identity_person WHERE person IS NOT NULL",
    )?
    .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
    .collect()
}

/// What an identity is by itself: what a person said of it, else what the rules say.
fn own(db: &Connection, row: &IdentityRow, judge: Judge<'_>) -> rusqlite::Result<(MemberKind, Because)> {
    if row.who.key.starts_with(LABEL) {
        return Ok((row.member, "forgotten".to_owned())); // what it was is all that is left to say
    }
    // The last word that was not taken back; a word that takes back may be taken back in its turn.
    let said: Option<(String, String, String)> = db
        .prepare_cached(
            "SELECT kind, who, because FROM ledger l WHERE a = ?1 AND word = 'kind' AND NOT EXISTS (
               SELECT 1 FROM ledger u WHERE u.a = ?1 AND u.undoes = l.id AND NOT EXISTS (
                 SELECT 1 FROM ledger r WHERE r.a = ?1 AND r.undoes = u.id)) ORDER BY id DESC LIMIT 1",
        )?
        .query_row([row.id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
        .optional()?;
    if let Some((kind, who, because)) = said
        && let Some(kind) = MemberKind::from_word(&kind)
    {
        let why = if because.is_empty() { String::new() } else { format!(": {because}") };
        return Ok((kind, format!("{who} said so{why}")));
    }
    let (kind, because) = (judge.member)(&row.who, row.behaviour.as_deref().unwrap_or(""));
    Ok((kind, because))
}

/// Judges identities and all that belong to the same persons; gives those that are of another kind now.
pub(crate) fn rejudge(
    db: &Connection,
    ids: &BTreeSet<i64>,
    judge: Judge<'_>,
) -> rusqlite::Result<BTreeSet<i64>> {
    let mut changed = BTreeSet::new();
    let mut done: BTreeSet<i64> = BTreeSet::new();
    for id in ids {
        if done.contains(id) {
            continue;
        }
        let group: Vec<IdentityRow> = db
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM identity WHERE id = ?1 UNION SELECT {COLUMNS} FROM identity
                 WHERE person = (SELECT person FROM identity WHERE id = ?1) ORDER BY 1"
            ))?
            .query_map([id], identity_row)?
            .collect::<rusqlite::Result<_>>()?;
        let mut owns: BTreeMap<i64, (MemberKind, Because)> = BTreeMap::new();
        for row in &group {
            owns.insert(row.id, own(db, row, judge)?);
        }
        let together = MemberKind::together(owns.values().map(|(kind, _)| *kind));
        let from = group.iter().find(|row| owns.get(&row.id).is_some_and(|(kind, _)| *kind == together));
        for row in &group {
            done.insert(row.id);
            let Some((kind, because)) = owns.remove(&row.id) else { continue };
            let (kind, because) = match from {
                Some(from) if kind != together => {
                    let from = &from.who;
                    (together, format!("the same person as {} at {}", from.shown(), from.place))
                }
                _ => (kind, because),
            };
            if kind != row.member {
                changed.insert(row.id);
            }
            if kind != row.member || because != row.because {
                db.prepare_cached("UPDATE identity SET member = ?, because = ? WHERE id = ?")?
                    .execute(params![kind.as_str(), because, row.id])?;
            }
        }
    }
    Ok(changed)
}
