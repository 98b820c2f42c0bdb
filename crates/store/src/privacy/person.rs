//! All that the folder holds about one person: found by name, login or address, and written out in full.

use rapport_model::{Act, Place, Time, Who};
use rusqlite::{Connection, params};
use serde::Serialize;
use serde_json::{Map, Value};

use super::consent::has_persons;
use super::ledger::{about_identities, columns, tables};
use super::tombstone::LABEL;
use crate::open::{Store, StoreError};

/// One account or address, as the folder knows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Account {
    /// The identity's number.
    pub id: i64,
    /// The person: the smallest number of all linked identities.
    pub person: i64,
    /// Where the account lives.
    pub place: String,
    /// What it is called there.
    pub key: String,
    /// The login.
    pub handle: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// What the profile says.
    pub title: Option<String>,
    /// What kind of member it is.
    pub member: String,
    /// Why.
    pub because: String,
    /// Its activities.
    pub activities: u64,
}

impl Account {
    /// The same, as activities show it.
    #[must_use]
    pub fn who(&self) -> Who {
        let mut who = Who::new(&Place::new(&self.place), self.key.as_str());
        (who.handle, who.name) = (self.handle.clone(), self.name.clone());
        (who.email, who.title) = (self.email.clone(), self.title.clone());
        who
    }
    /// The best name to show for it.
    #[must_use]
    pub fn shown(&self) -> String {
        self.who().shown().to_owned()
    }
    /// It was forgotten: nothing of it is left to find.
    #[must_use]
    pub fn is_forgotten(&self) -> bool {
        self.key.starts_with(LABEL)
    }
}

/// One thing that a person did, in its newest revision.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HeldActivity {
    /// The source.
    pub source: String,
    /// Its key there.
    pub key: String,
    /// What was done.
    pub act: Act,
    /// When.
    pub at: Time,
    /// By which of the person's identities.
    pub identity: i64,
    /// The thread's number.
    pub thread: Option<i64>,
    /// The thread's title.
    pub title: Option<String>,
    /// What was written.
    pub text: String,
    /// A link that opens it.
    pub url: Option<String>,
    /// The reaction, verdict or tag.
    pub detail: Option<String>,
    /// The source says that it was deleted.
    pub deleted: bool,
    /// Earlier revisions of the text, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<String>,
    /// When the program first saw it.
    pub seen: Time,
}

/// What else is held: rows of one table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Held {
    /// The table.
    pub table: String,
    /// Its rows, as they are.
    pub rows: Vec<Map<String, Value>>,
}

/// All identities of the person behind one.
pub(super) fn linked(db: &Connection, identity: i64) -> rusqlite::Result<Vec<i64>> {
    if !has_persons(db)? {
        return Ok(vec![identity]);
    }
    db.prepare_cached(
        "SELECT id FROM main.identity WHERE coalesce(person, id) =
           (SELECT coalesce(person, id) FROM main.identity WHERE id = ?) ORDER BY id",
    )?
    .query_map([identity], |row| row.get(0))?
    .collect()
}

impl Store {
    /// The accounts that a word means: a number, an address, a login, a key, `place:key` or a whole name, without case.
    /// With every account that is linked to one of them or shares its address.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn accounts(&self, word: &str) -> Result<Vec<Account>, StoreError> {
        self.ask(|db| {
            let number = word.trim_start_matches('#').parse::<i64>().unwrap_or(-1);
            let mut ids: Vec<i64> = db
                .prepare(
                    "SELECT id FROM identity WHERE id = ?2 OR lower(key) = ?1 OR lower(handle) = ?1 OR lower(name) = ?1
                       OR lower(email) = ?1 OR place || ':' || lower(key) = ?1 OR place || ':' || lower(handle) = ?1
                     ORDER BY id",
                )?
                .query_map(params![word.trim().trim_start_matches('@').to_lowercase(), number], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let mut known = 0;
            while known < ids.len() {
                let id = ids[known];
                known += 1;
                let mail: Vec<i64> = db
                    .prepare_cached(
                        "SELECT o.id FROM identity i JOIN identity o ON lower(o.email) = lower(i.email)
                           OR (o.place = 'mail' AND o.key = lower(i.email)) WHERE i.id = ? AND i.email <> ''",
                    )?
                    .query_map([id], |row| row.get(0))?
                    .collect::<rusqlite::Result<_>>()?;
                for more in linked(db, id)?.into_iter().chain(mail) {
                    if !ids.contains(&more) {
                        ids.push(more);
                    }
                }
            }
            ids.sort_unstable();
            accounts(db, &ids)
        })
    }

    /// The accounts of these numbers.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn accounts_of(&self, ids: &[i64]) -> Result<Vec<Account>, StoreError> {
        self.ask(|db| accounts(db, ids))
    }

    /// Every name, login, key and address of all accounts but those of `except`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn names_but(&self, except: &[i64]) -> Result<Vec<(i64, Who)>, StoreError> {
        self.ask(|db| {
            let mut statement = db.prepare(
                "SELECT id, place, key, handle, name, email, title, bot FROM main.identity ORDER BY id",
            )?;
            let mut rows = statement.query([])?;
            let mut out = Vec::new();
            while let Some(row) = rows.next()? {
                let id: i64 = row.get(0)?;
                if except.contains(&id) {
                    continue;
                }
                let mut who = Who::new(&Place::new(row.get_ref(1)?.as_str()?), row.get::<_, String>(2)?);
                (who.handle, who.name, who.email, who.title) =
                    (row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?);
                who.bot = row.get(7)?;
                out.push((id, who));
            }
            Ok(out)
        })
    }

    /// Hands everything that these identities did to `each`, oldest first within an identity.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn held_activities(
        &self,
        identities: &[i64],
        each: &mut dyn FnMut(HeldActivity) -> bool,
    ) -> Result<(), StoreError> {
        self.ask(|db| {
            let mut statement = db.prepare(
                "SELECT s.name, l.key, a.act, a.at, a.who, a.thread, t.title, l.text, l.url, l.detail, a.deleted, l.seen,
                   l.rev, a.source
                 FROM activity a JOIN log l ON l.id = a.newest JOIN source s ON s.id = a.source
                 LEFT JOIN thread t ON t.id = a.thread WHERE a.who = ? ORDER BY a.at, a.id",
            )?;
            let mut before = db.prepare("SELECT text, seen FROM log WHERE source = ? AND key = ? AND rev < ? ORDER BY rev")?;
            let time = |at: i64| Time::from_millis(at).unwrap_or(Time::MIN);
            for identity in identities {
                let mut rows = statement.query([identity])?;
                while let Some(row) = rows.next()? {
                    let key: String = row.get(1)?;
                    let mut held = HeldActivity {
                        source: row.get(0)?,
                        act: Act::from_word(row.get_ref(2)?.as_str()?).unwrap_or(Act::Other),
                        at: time(row.get(3)?),
                        identity: row.get(4)?,
                        thread: row.get(5)?,
                        title: row.get(6)?,
                        text: row.get(7)?,
                        url: row.get(8)?,
                        detail: row.get(9)?,
                        deleted: row.get(10)?,
                        seen: time(row.get(11)?),
                        earlier: Vec::new(),
                        key,
                    };
                    let revision: i64 = row.get(12)?;
                    if revision > 0 {
                        let mut older = before.query(params![row.get::<_, i64>(13)?, held.key, revision])?;
                        while let Some(old) = older.next()? {
                            let text: String = old.get(0)?;
                            held.seen = held.seen.min(time(old.get(1)?));
                            if text != held.text && held.earlier.last() != Some(&text) {
                                held.earlier.push(text);
                            }
                        }
                    }
                    if !each(held) {
                        return Ok(());
                    }
                }
            }
            Ok(())
        })
    }

    /// Everything else about these identities: rows that name one, marks on the threads that they opened, and lines of
    /// the audit log that mention the words.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn held_elsewhere(&self, identities: &[i64], words: &[String]) -> Result<Vec<Held>, StoreError> {
        self.ask(|db| {
            let mut out = Vec::new();
            for (table, column) in about_identities(db)? {
                let rows = rows(db, &format!("SELECT * FROM {table} WHERE {column} = ? ORDER BY 1"), identities)?;
                push(&mut out, &table, rows);
            }
            for table in tables(db)? {
                let names: Vec<String> = columns(db, &table)?.into_iter().map(|c| c.name).collect();
                let keyed = names.iter().any(|n| n == "source") && names.iter().any(|n| n == "thread_key");
                if keyed && table != "log" {
                    let sql = format!(
                        "SELECT x.* FROM thread t JOIN {table} x ON x.source = t.source AND x.thread_key = t.key
                         WHERE t.opener = ? ORDER BY 1, 2"
                    );
                    push(&mut out, &table, rows(db, &sql, identities)?);
                }
            }
            push(
                &mut out,
                "thread",
                rows(
                    db,
                    "SELECT t.id, s.name AS source, t.title, t.url, t.need, t.need_because, t.state, t.because, t.waiting_since
                     FROM thread t JOIN source s ON s.id = t.source WHERE t.opener = ? ORDER BY t.id",
                    identities,
                )?,
            );
            let mut audit = db.prepare("SELECT id, at, who, verb, what FROM audit ORDER BY id")?;
            let mut lines = Vec::new();
            let mut found = audit.query([])?;
            while let Some(row) = found.next()? {
                let texts: [String; 2] = [row.get(2)?, row.get(4)?];
                let numbered = identities.iter().any(|id| texts[1].starts_with(&format!("identity {id}:")));
                let joined = texts.each_ref().map(|t| format!(" {} ", rapport_model::naming::words(t)));
                if numbered || words.iter().any(|word| joined.iter().any(|text| text.contains(&format!(" {word} ")))) {
                    lines.push(object(row, &["id", "at", "who", "verb", "what"].map(str::to_owned))?);
                }
            }
            push(&mut out, "audit", lines);
            Ok(out)
        })
    }
}

fn push(out: &mut Vec<Held>, table: &str, rows: Vec<Map<String, Value>>) {
    if rows.is_empty() {
        return;
    }
    match out.iter_mut().find(|held| held.table == table) {
        Some(held) => held.rows.extend(rows),
        None => out.push(Held { table: table.to_owned(), rows }),
    }
}

fn rows(db: &Connection, sql: &str, identities: &[i64]) -> rusqlite::Result<Vec<Map<String, Value>>> {
    let mut statement = db.prepare(sql)?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut out = Vec::new();
    for identity in identities {
        let mut rows = statement.query([identity])?;
        while let Some(row) = rows.next()? {
            out.push(object(row, &names)?);
        }
    }
    Ok(out)
}

fn object(row: &rusqlite::Row<'_>, names: &[String]) -> rusqlite::Result<Map<String, Value>> {
    let mut out = Map::new();
    for (n, name) in names.iter().enumerate() {
        let value = crate::transfer::plain(row.get_ref(n)?);
        // Moments are read by people here.
        let moment = matches!(
            name.as_str(),
            "at" | "since" | "until" | "waiting_since" | "said_at" | "begins" | "ends"
        );
        let value = match (moment, value.as_i64().and_then(Time::from_millis)) {
            (true, Some(time)) => time.to_string().into(),
            _ => value,
        };
        out.insert(name.clone(), value);
    }
    Ok(out)
}

fn accounts(db: &Connection, ids: &[i64]) -> rusqlite::Result<Vec<Account>> {
    let person = if has_persons(db)? { "coalesce(person, id)" } else { "id" };
    let mut statement = db.prepare_cached(&format!(
        "SELECT id, {person}, place, key, handle, name, email, title, member, because,
           (SELECT count(*) FROM activity a WHERE a.who = identity.id) FROM identity WHERE id = ?"
    ))?;
    let mut out = Vec::new();
    for id in ids {
        let found = statement.query_map([id], |row| {
            Ok(Account {
                id: row.get(0)?,
                person: row.get(1)?,
                place: row.get(2)?,
                key: row.get(3)?,
                handle: row.get(4)?,
                name: row.get(5)?,
                email: row.get(6)?,
                title: row.get(7)?,
                member: row.get(8)?,
                because: row.get(9)?,
                activities: u64::try_from(row.get::<_, i64>(10)?).unwrap_or(0),
            })
        })?;
        for account in found {
            out.push(account?);
        }
    }
    Ok(out)
}
