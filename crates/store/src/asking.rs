//! The threads that ask for something, as topics are made from them: all of them, or those that changed since a mark.

use std::collections::HashMap;

use rapport_model::{NeedKind, NeedState, Scope, ThreadKind, Time};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::open::{Store, StoreError};
use crate::privacy::NamesMark;

/// One thread that asks for something, as topics are made from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Asking {
    /// Its number.
    pub thread: i64,
    /// Its key at the source.
    pub key: String,
    /// The source's name.
    pub source: String,
    /// What the source tells about.
    pub scope: Scope,
    /// What the thread is.
    pub place: Option<ThreadKind>,
    /// Its title, or how it begins.
    pub title: String,
    /// A link that opens it.
    pub url: Option<String>,
    /// The account that asked.
    pub account: Option<i64>,
    /// Who asked: the person.
    pub asker: Option<i64>,
    /// When.
    pub opened_at: Time,
    /// When another human first replied.
    pub responded_at: Option<Time>,
    /// What it asks for.
    pub kind: NeedKind,
    /// How far it has come (never stale here).
    pub state: NeedState,
    /// Its messages.
    pub messages: u32,
}

impl Asking {
    /// What it is sorted by: the moment first, and nothing that depends on when it was read.
    #[must_use]
    pub fn order(&self) -> (Time, &str, &str) {
        (self.opened_at, &self.source, &self.key)
    }
}

/// How far the threads of a folder have come: what changed later is told by [`Store::asking_since`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskingMark {
    names: NamesMark,
    change: i64,
    sources: Vec<(String, String)>,
}

/// What changed since a mark.
#[derive(Debug, Default)]
pub struct AskingChanges {
    /// The threads that changed, rising, those that ask for nothing or are gone among them.
    pub threads: Vec<i64>,
    /// Those of them that ask for something, as they are now, in no order.
    pub asking: Vec<Asking>,
    /// Accounts that may belong to another person than before, and the person; `None` is the account alone.
    pub persons: Vec<(i64, Option<i64>)>,
}

/// More changes than this are no less work than everything.
const MOST: usize = 5_000;

const SQL: &str = "SELECT t.id, s.name, s.scope, t.kind, CASE WHEN trim(coalesce(t.title, '')) <> '' THEN t.title ELSE
     (SELECT coalesce(substr(l.text, 1, 200), '') FROM activity a JOIN log l ON l.id = a.newest WHERE a.id = t.opening) END,
     t.url, t.opener, t.opened_at, t.responded_at, t.need, t.state, t.messages, t.key
   FROM thread t JOIN source s ON s.id = t.source WHERE t.need IS NOT NULL AND t.opened_at IS NOT NULL";

fn asking(row: &Row<'_>, person: impl Fn(i64) -> i64) -> rusqlite::Result<Asking> {
    let state = row.get_ref(10)?.as_str_or_null()?.and_then(NeedState::from_word);
    let account = row.get::<_, Option<i64>>(6)?;
    Ok(Asking {
        thread: row.get(0)?,
        key: row.get(12)?,
        source: row.get(1)?,
        scope: row.get_ref(2)?.as_str_or_null()?.and_then(Scope::from_word).unwrap_or_default(),
        place: row.get_ref(3)?.as_str_or_null()?.and_then(ThreadKind::from_word),
        title: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
        url: row.get(5)?,
        account,
        asker: account.map(person),
        opened_at: Time::from_millis(row.get(7)?).unwrap_or(Time::MIN),
        responded_at: row.get::<_, Option<i64>>(8)?.and_then(Time::from_millis),
        kind: NeedKind::named(row.get_ref(9)?.as_str()?),
        state: state.unwrap_or(NeedState::Waiting),
        messages: row.get(11)?,
    })
}

impl Store {
    /// Every thread that asks for something, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn asking(&self) -> Result<Vec<Asking>, StoreError> {
        let mut all = self.ask(|db| {
            let persons = crate::identities::persons(db)?;
            db.prepare_cached(SQL)?
                .query_map([], |row| asking(row, |who| persons.get(&who).copied().unwrap_or(who)))?
                .collect::<rusqlite::Result<Vec<_>>>()
        })?;
        // Here and not in the database: its sorter would hold every column of every row beside these.
        all.sort_unstable_by(|a, b| a.order().cmp(&b.order()));
        Ok(all)
    }

    /// How far the threads have come; to be taken before they are read.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn asking_mark(&self) -> Result<AskingMark, StoreError> {
        let names = self.names_mark()?;
        self.ask(|db| {
            let change = db
                .prepare_cached("SELECT coalesce(max(change), 0) FROM thread_change")?
                .query_row([], |row| row.get(0))?;
            let sources = db
                .prepare_cached("SELECT name, coalesce(scope, '') FROM source ORDER BY name")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            Ok(AskingMark { names, change, sources })
        })
    }

    /// What changed between two marks; `None` where everything has to be read anew: another folder, somebody forgotten
    /// in between, sources that tell about something else, or too many changes.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn asking_since(
        &self,
        before: &AskingMark,
        now: &AskingMark,
    ) -> Result<Option<AskingChanges>, StoreError> {
        let known = before.sources.iter().all(|source| now.sources.contains(source));
        if !known || !now.names.continues(&before.names) || now.change < before.change {
            return Ok(None);
        }
        self.ask(|db| {
            let mut changes =
                AskingChanges { persons: moved(db, &before.names)?, ..AskingChanges::default() };
            changes.threads = db
                .prepare_cached("SELECT thread FROM thread_change WHERE change > ? ORDER BY thread")?
                .query_map([before.change], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            if changes.threads.len() > MOST || changes.persons.len() > MOST {
                return Ok(None);
            }
            let mut one = db.prepare_cached(&format!("{SQL} AND t.id = ?"))?;
            let mut belongs = db.prepare_cached("SELECT person FROM main.identity WHERE id = ?")?;
            let mut persons: HashMap<i64, i64> = HashMap::new();
            for thread in &changes.threads {
                let Some(mut found) = one.query_row([thread], |row| asking(row, |who| who)).optional()?
                else {
                    continue;
                };
                if let Some(account) = found.account {
                    let person = match persons.get(&account) {
                        Some(person) => *person,
                        None => {
                            let person = belongs.query_row([account], |row| row.get(0)).optional()?.flatten();
                            *persons.entry(account).or_insert(person.unwrap_or(account))
                        }
                    };
                    found.asker = Some(person);
                }
                changes.asking.push(found);
            }
            Ok(Some(changes))
        })
    }
}

/// Accounts that are new, or that something changed about.
fn moved(db: &Connection, before: &NamesMark) -> rusqlite::Result<Vec<(i64, Option<i64>)>> {
    db.prepare_cached(
        "SELECT id, person FROM main.identity WHERE id IN (SELECT id FROM main.identity WHERE id > ?1
           UNION SELECT identity FROM named WHERE change > ?2) ORDER BY id",
    )?
    .query_map([before.newest, before.change], |row| Ok((row.get(0)?, row.get(1)?)))?
    .collect()
}
