//! Forgetting a person: tombstones first, then everything that the folder holds is cleared by them, in one transaction.
//!
//! The plan is the same work, rolled back: what it counts is what would be done.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rapport_model::{
    Act, Activity, Erased as Conclusion, Key, Naming, Place, ThreadFacts, ThreadRef, Time, Who,
};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;

use super::tombstone::{self, LABEL, Sort, Tombstones};
use super::{clean, ledger, payloads};
use crate::append::{Judge, codec};
use crate::open::{Store, StoreError, fault};
use crate::rollup::{Derive, JUDGED};
use crate::threads;

/// Who is to be forgotten, and what only the floors above know.
pub struct Erasure<'a> {
    /// The numbers of all identities of the person.
    pub identities: &'a [i64],
    /// What names the person in texts.
    pub names: &'a [Naming],
    /// What judges see in a text, in their own words: kept so that counts stay.
    pub trace: &'a dyn Fn(&str) -> String,
    /// When.
    pub at: Time,
    /// Who does it.
    pub who: &'a str,
}

/// What was erased, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// What the person is called from now on: `forgotten-` and eight digits.
    pub pseudonym: String,
    /// Accounts and addresses that lose their names.
    pub identities: u64,
    /// The person's own activities: they still count, but say nothing.
    pub activities: u64,
    /// Revisions of them in the log.
    pub revisions: u64,
    /// Threads the person opened; they lose their titles.
    pub threads: u64,
    /// Other people's revisions in which a name or a quote was replaced.
    pub mentions: u64,
    /// Raw payloads dropped; what they meant stays in the log, cleared.
    pub payloads: u64,
    /// Dictionaries of compression made anew.
    pub dictionaries: u64,
    /// Rejects that lose their bytes.
    pub rejects: u64,
    /// Rows elsewhere that were cleared, by table.
    pub elsewhere: BTreeMap<String, u64>,
}

impl Store {
    /// Forgets a person, or, with `plan`, only counts what that would erase. What remains to be done outside the
    /// transaction (free pages, older copies in the folder) is done at once, and by the next writer if this one dies.
    ///
    /// # Errors
    /// When the database cannot be written; nothing is changed then.
    pub fn forget(
        &mut self,
        erasure: &Erasure<'_>,
        judge: Judge<'_>,
        plan: bool,
    ) -> Result<Erased, StoreError> {
        let path = self.path.clone();
        let result = (|| {
            // Deleting a payload would look through the whole log for who refers to it: that is seen to here.
            self.db.pragma_update(None, "foreign_keys", false)?;
            let tx = self.db.transaction()?;
            let erased = erase(&tx, erasure, judge)?;
            if plan {
                tx.rollback()?
            } else {
                tx.commit()?
            }
            Ok(erased)
        })();
        let restored = self.db.pragma_update(None, "foreign_keys", true);
        let erased = result.and_then(|erased| restored.map(|()| erased)).map_err(|e| fault(&path, &e))?;
        self.tombstones.take();
        if !plan {
            clean::finish(self)?;
        }
        Ok(erased)
    }
}

fn erase(db: &Connection, erasure: &Erasure<'_>, judge: Judge<'_>) -> rusqlite::Result<Erased> {
    let ids: HashSet<i64> = erasure.identities.iter().copied().collect();
    let mut accounts: Vec<(i64, Who)> = Vec::new();
    for id in erasure.identities {
        accounts.extend(who(db, *id)?.map(|who| (*id, who)));
    }
    let salt = tombstone::salt(db)?;
    let first = accounts.iter().map(|(_, who)| tombstone::account(who)).min().unwrap_or_default();
    let digest = tombstone::line_digest(&salt, "person", &first).to_le_bytes();
    let label = format!("{LABEL}{}", tombstone::short(&digest, 4));
    db.execute(
        "INSERT INTO forgotten (label, at, cleaned) VALUES (?, ?, 0) ON CONFLICT (label) DO UPDATE SET cleaned = 0",
        params![label, erasure.at.millis()],
    )?;
    let forgotten: i64 =
        db.query_row("SELECT id FROM forgotten WHERE label = ?", [&label], |row| row.get(0))?;
    for (_, who) in &accounts {
        tombstone::bury(db, forgotten, Sort::Account, &tombstone::account(who), false)?;
        let mail = (who.place.as_str() == Place::MAIL).then_some(who.key.as_str());
        for address in [who.email.as_deref(), mail].into_iter().flatten() {
            tombstone::bury(db, forgotten, Sort::Address, &address.to_lowercase(), false)?;
        }
    }
    tombstone::bury_names(db, forgotten, erasure.names)?;
    bury_words(db, forgotten, &ids, &salt)?;
    let mut count =
        Erased { pseudonym: label.clone(), identities: accounts.len() as u64, ..Erased::default() };
    let Some(tombstones) = Tombstones::load(db)? else { return Ok(count) };

    let cleared = clear_log(db, &tombstones, &ids, erasure.trace, &mut count)?;
    payloads::clear(db, &tombstones, &cleared.payloads, &mut count)?;
    ledger::identities(db, &tombstones, &accounts)?;
    ledger::rows(db, &accounts, &label, erasure.at, &mut count)?;
    ledger::sweep(db, &tombstones, &mut count.elsewhere)?;
    keep_topics(db, &cleared.opened, erasure.at)?;
    db.execute("UPDATE topic_finding SET seen = -1", [])?;
    let mut derive = Derive::default();
    derive.touched = cleared.threads;
    threads::settle(db, derive, judge)?;
    let said = format!(
        "{label}: {} activities emptied, {} mentions replaced, {} payloads dropped",
        count.activities, count.mentions, count.payloads
    );
    db.execute(
        "INSERT INTO audit (at, who, verb, what) VALUES (?, ?, 'forget', ?)",
        params![erasure.at.millis(), tombstones.link(erasure.who).as_deref().unwrap_or(erasure.who), said],
    )?;
    Ok(count)
}

/// One identity as its activities show it.
pub(super) fn who(db: &Connection, id: i64) -> rusqlite::Result<Option<Who>> {
    db.prepare_cached("SELECT place, key, handle, name, email, title, bot FROM identity WHERE id = ?")?
        .query_row([id], |row| {
            let mut who = Who::new(&Place::new(row.get_ref(0)?.as_str()?), row.get::<_, String>(1)?);
            (who.handle, who.name, who.email, who.title) =
                (row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?);
            who.bot = row.get(6)?;
            Ok(who)
        })
        .optional()
}

/// Buries the person's own lines and titles, so that quotes of them are found. What others also write where the person
/// never was (a template, a greeting) is nobody's own.
fn bury_words(db: &Connection, forgotten: i64, ids: &HashSet<i64>, salt: &[u8]) -> rusqlite::Result<()> {
    let (mut lines, mut titles) = (BTreeSet::new(), BTreeSet::new());
    let mut places: HashSet<(i64, String)> = HashSet::new();
    {
        let mut own = db.prepare("SELECT source, thread_key, text, CASE act WHEN 'opened' THEN facts END FROM log WHERE who = ? ORDER BY id")?;
        for id in ids {
            let mut rows = own.query([id])?;
            while let Some(row) = rows.next()? {
                places.extend(row.get::<_, Option<String>>(1)?.map(|key| (row.get(0).unwrap_or(0), key)));
                let text: String = row.get(2)?;
                let units = tombstone::units(&tombstone::own_lines(&text));
                lines.extend(units.iter().map(|unit| tombstone::line_digest(salt, "line", unit)));
                if let Some(title) = facts(row.get(3)?).and_then(|facts| facts.title) {
                    let joined = rapport_model::naming::words(&title);
                    let slug = rapport_model::naming::words(&title.replace(['\'', '\u{2019}', '.'], ""));
                    titles.extend([joined, slug].iter().map(|t| tombstone::line_digest(salt, "title", t)));
                }
            }
        }
    }
    if !lines.is_empty() {
        let mut all = db.prepare("SELECT source, thread_key, text, who FROM log")?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            if row.get::<_, Option<i64>>(3)?.is_some_and(|who| ids.contains(&who)) {
                continue;
            }
            let mut shared = tombstone::units(&tombstone::own_lines(row.get_ref(2)?.as_str()?))
                .into_iter()
                .map(|unit| tombstone::line_digest(salt, "line", &unit))
                .filter(|digest| lines.contains(digest))
                .peekable();
            if shared.peek().is_none() {
                continue;
            }
            let place = row.get::<_, Option<String>>(1)?.map(|key| (row.get(0).unwrap_or(0), key));
            if place.is_none_or(|place| !places.contains(&place)) {
                for digest in shared.collect::<Vec<_>>() {
                    lines.remove(&digest);
                }
            }
        }
    }
    for (sort, digests) in [("line", lines), ("title", titles)] {
        let bytes: Vec<u8> = digests.iter().flat_map(|digest| digest.to_le_bytes()).collect();
        db.execute(
            "INSERT INTO forgotten_text (forgotten, sort, digests) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET digests = digests || excluded.digests",
            params![forgotten, sort, bytes],
        )?;
    }
    Ok(())
}

fn facts(text: Option<String>) -> Option<ThreadFacts> {
    text.and_then(|text| serde_json::from_str(&text).ok())
}

/// What clearing the log leaves to be done.
struct Cleared {
    /// Threads to be judged anew.
    threads: BTreeSet<i64>,
    /// Payloads of which an activity was cleared.
    payloads: HashSet<i64>,
    /// Threads that the person opened.
    opened: Vec<i64>,
}

/// One row of the log, with what hangs on it.
struct Row {
    id: i64,
    activity: Activity,
    who: Option<i64>,
    raw: Option<i64>,
    /// The activity's number and thread, when this is its newest revision and not deleted.
    newest: Option<(i64, Option<i64>, bool)>,
}

const CHUNK: i64 = 4_000;

fn clear_log(
    db: &Connection,
    tombstones: &Tombstones,
    ids: &HashSet<i64>,
    trace: &dyn Fn(&str) -> String,
    count: &mut Erased,
) -> rusqlite::Result<Cleared> {
    let mut cleared = Cleared { threads: BTreeSet::new(), payloads: HashSet::new(), opened: Vec::new() };
    {
        let mut opened = db.prepare("SELECT id FROM thread WHERE opener = ? AND opening IS NOT NULL")?;
        for id in ids {
            let mut rows = opened.query([id])?;
            while let Some(row) = rows.next()? {
                cleared.opened.push(row.get(0)?);
            }
        }
    }
    cleared.opened.sort_unstable();
    count.threads = cleared.opened.len() as u64;
    // Keys change on the way: which revision is the newest of what is noted before.
    db.execute_batch(
        "DROP TABLE IF EXISTS temp.revised;
         CREATE TEMP TABLE revised (newest INTEGER PRIMARY KEY, activity INTEGER NOT NULL);
         INSERT INTO temp.revised SELECT newest, id FROM activity WHERE newest <> id;",
    )?;
    let mut people: HashMap<i64, Who> = HashMap::new();
    let mut own: HashSet<(i64, String)> = HashSet::new();
    let mut from = 0;
    loop {
        let rows = chunk(db, from, &mut people)?;
        let Some(last) = rows.last() else { break };
        from = last.1.id;
        for (source, mut row) in rows {
            let before = row.activity.clone();
            tombstones.activity(&mut row.activity);
            let now = row.who.is_some_and(|who| ids.contains(&who));
            if row.activity == before && !now {
                continue; // named nobody, or was cleared with somebody else
            }
            // A new spelling of an author's name alone changes nothing in the log.
            let who_only = Activity { who: before.who.clone(), ..row.activity.clone() } == before;
            cleared.payloads.extend(row.raw);
            if who_only && !now {
                continue;
            }
            let digest = digest(&row.activity);
            let mut kept =
                row.activity.facts.as_mut().and_then(|facts| facts.erased.take()).unwrap_or_default();
            if let (None, Some((activity, Some(thread), _))) = (&kept.asked, row.newest) {
                kept.asked = asked(db, thread, activity)?;
            }
            if now {
                count.revisions += 1;
                if own.insert((source, before.key.as_str().to_owned())) {
                    count.activities += 1;
                }
            } else {
                count.mentions += 1;
            }
            let read = |text: &str| trace(&text.chars().take(JUDGED).collect::<String>());
            if kept.asked.is_none() && kept.trace.is_none() && row.activity.text != before.text {
                let then = read(&before.text);
                kept.trace = (then != read(&row.activity.text)).then_some(then);
            }
            if kept != Conclusion::default() {
                row.activity.facts.get_or_insert_default().erased = Some(kept);
            }
            write(db, &row, digest)?;
            if let Some((activity, thread, deleted)) = row.newest {
                cleared.threads.extend(thread);
                if !deleted {
                    index(db, activity, &row.activity)?;
                }
            }
        }
    }
    Ok(cleared)
}

/// What a thread was judged to ask for, when this activity opened it; empty when for nothing.
fn asked(db: &Connection, thread: i64, activity: i64) -> rusqlite::Result<Option<String>> {
    db.prepare_cached("SELECT coalesce(need, '') FROM thread WHERE id = ? AND opening = ?")?
        .query_row([thread, activity], |row| row.get(0))
        .optional()
}

/// The digest that the same activity has when it is read again: what was concluded of it is no part of it.
fn digest(activity: &Activity) -> [u8; 16] {
    let mut read = activity.clone();
    if let Some(facts) = &mut read.facts {
        facts.erased = None;
    }
    read.facts = read.facts.filter(|facts| **facts != ThreadFacts::default());
    read.digest()
}

/// The next rows behind `from`, with their sources.
fn chunk(db: &Connection, from: i64, people: &mut HashMap<i64, Who>) -> rusqlite::Result<Vec<(i64, Row)>> {
    let mut statement = db.prepare_cached(
        "SELECT l.id, l.source, l.key, l.act, l.at, l.who, l.thread_key, l.thread_of, l.reply_to, l.url, l.detail, l.facts,
           l.text, l.deleted, l.raw, l.updated, a.id, a.thread, a.deleted
         FROM log l LEFT JOIN activity a ON a.id = coalesce((SELECT r.activity FROM temp.revised r WHERE r.newest = l.id), l.id)
           AND a.newest = l.id
         WHERE l.id > ? ORDER BY l.id LIMIT ?",
    )?;
    let mut rows = statement.query(params![from, CHUNK])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let who: Option<i64> = row.get(5)?;
        let account = match who {
            Some(id) => match people.get(&id) {
                Some(known) => Some(known.clone()),
                None => self::who(db, id)?.inspect(|known| drop(people.insert(id, known.clone()))),
            },
            None => None,
        };
        let thread: Option<String> = row.get(6)?;
        let thread = match (thread, row.get::<_, bool>(7)?) {
            (None, _) => ThreadRef::None,
            (Some(key), false) => ThreadRef::Key(Key::new(key)),
            (Some(key), true) => ThreadRef::Of(Key::new(key)),
        };
        let act = Act::from_word(row.get_ref(3)?.as_str()?).unwrap_or(Act::Other);
        let at = Time::from_millis(row.get(4)?).unwrap_or(Time::MIN);
        let mut activity = Activity::new(Key::new(row.get_ref(2)?.as_str()?), act, at, account, thread);
        activity.reply_to = row.get_ref(8)?.as_str_or_null()?.map(Key::new);
        activity.url = row.get(9)?;
        activity.detail = row.get(10)?;
        activity.facts = facts(row.get(11)?).map(Box::new);
        activity.text = row.get(12)?;
        activity.deleted = row.get(13)?;
        activity.updated = row.get::<_, Option<i64>>(15)?.and_then(Time::from_millis);
        let newest = row.get::<_, Option<i64>>(16)?;
        let newest = match newest {
            Some(id) => Some((id, row.get(17)?, row.get(18)?)),
            None => None,
        };
        out.push((row.get(1)?, Row { id: row.get(0)?, activity, who, raw: row.get(14)?, newest }));
    }
    Ok(out)
}

fn write(db: &Connection, row: &Row, digest: [u8; 16]) -> rusqlite::Result<()> {
    let a = &row.activity;
    let thread = match &a.thread {
        ThreadRef::None => None,
        ThreadRef::Key(key) | ThreadRef::Of(key) => Some(key.as_str()),
    };
    let facts = a.facts.as_ref().map(serde_json::to_string).transpose().map_err(codec)?;
    db.prepare_cached(
        "UPDATE log SET key = ?, thread_key = ?, reply_to = ?, url = ?, detail = ?, facts = ?, text = ?, digest = ?
         WHERE id = ?",
    )?
    .execute(params![
        a.key.as_str(),
        thread,
        a.reply_to.as_ref().map(Key::as_str),
        a.url,
        a.detail,
        facts,
        a.text,
        digest,
        row.id
    ])
    .map(drop)
}

/// Indexes an activity's words anew, by the rule that took them in.
fn index(db: &Connection, activity: i64, now: &Activity) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM words WHERE rowid = ?")?.execute([activity])?;
    let title = now.facts.as_ref().and_then(|f| f.title.as_deref()).unwrap_or("");
    if !now.text.is_empty() || !title.is_empty() {
        db.prepare_cached("INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)")?
            .execute(params![activity, title, now.text])?;
    }
    Ok(())
}

/// Threads without words belong where they belonged: said as a person would say it.
fn keep_topics(db: &Connection, opened: &[i64], at: Time) -> rusqlite::Result<()> {
    let mut say = db.prepare_cached(
        "INSERT INTO topic_word (at, who, what, topic, source, thread_key, text)
         SELECT ?2, 'rapport', 'in', p.topic, t.source, t.key, '' FROM thread t
         JOIN topic_place p ON p.source = t.source AND p.thread_key = t.key WHERE t.id = ?1",
    )?;
    opened.iter().try_for_each(|thread| say.execute(params![thread, at.millis()]).map(drop))
}
