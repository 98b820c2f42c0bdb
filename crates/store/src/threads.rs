//! Threads: their histories as the judges need them, their state as the faces show it.

use std::collections::{HashMap, hash_map};

use rapport_model::{
    Act, Entry, Key, KindSaid, Mark, MemberKind, NeedKind, NeedState, ThreadFacts, ThreadHistory, ThreadKind,
    ThreadState, Time,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::append::{Judge, codec};
use crate::open::{Store, StoreError};
use crate::rollup::Derive;
use crate::{kinds, vectors};

/// So many threads are judged at a time.
const TOGETHER: usize = 256;

/// What the histories amount to, in their order. Judging is a third of the work of taking a source in, and pure: half
/// of it is done beside, on the second core.
fn judged(histories: &[(i64, ThreadHistory)], judge: Judge<'_>) -> Vec<(i64, ThreadState)> {
    let thread = judge.thread;
    let all = |part: &[(i64, ThreadHistory)]| -> Vec<(i64, ThreadState)> {
        part.iter().map(|(id, history)| (*id, thread(history))).collect()
    };
    if histories.len() < 32 {
        return all(histories);
    }
    let (here, beside) = histories.split_at(histories.len() / 2);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| all(beside));
        let mut states = all(here);
        match other.join() {
            Ok(more) => states.extend(more),
            Err(broken) => std::panic::resume_unwind(broken),
        }
        states
    })
}

/// Judges every thread that was touched and writes the counts: the end of each transaction that changes the log.
pub(crate) fn settle(db: &Connection, mut derive: Derive, judge: Judge<'_>) -> rusqlite::Result<()> {
    derive.write(db)?;
    crate::chat::settle(db, &mut derive, judge)?;
    let mut members = HashMap::new();
    let mut vectors = vectors::Changes::default();
    let touched: Vec<i64> = std::mem::take(&mut derive.touched).into_iter().collect();
    for ids in touched.chunks(TOGETHER) {
        let mut histories = Vec::with_capacity(ids.len());
        for &id in ids {
            let history = match derive.begun(id) {
                Some(entries) => begun(db, id, entries, &mut members)?,
                None => history(db, id, None)?,
            };
            if !history.entries.is_empty() || exists(db, id)? {
                histories.push((id, history));
            }
        }
        for (id, state) in judged(&histories, judge) {
            write(db, id, &state)?;
            vectors.put(db, id, &state.meaning)?;
        }
    }
    vectors.write(db)
}

/// The history of a thread that is still in memory, the same as [`history`] would read.
fn begun(
    db: &Connection,
    id: i64,
    mut entries: Vec<Entry>,
    members: &mut HashMap<i64, (i64, MemberKind)>,
) -> rusqlite::Result<ThreadHistory> {
    for entry in &mut entries {
        let Some(who) = entry.who else { continue };
        let (person, member) = match members.entry(who) {
            hash_map::Entry::Occupied(known) => *known.get(),
            hash_map::Entry::Vacant(unknown) => *unknown.insert(
                db.prepare_cached("SELECT coalesce(person, id), member FROM identity WHERE id = ?")?
                    .query_row([who], |row| {
                        let member = MemberKind::from_word(row.get_ref(1)?.as_str()?);
                        Ok((row.get(0)?, member.unwrap_or_default()))
                    })?,
            ),
        };
        (entry.who, entry.member) = (Some(person), member);
    }
    let found = about(db, id, Time::MAX)?;
    let found = ThreadHistory { entries, ..found };
    debug_assert_eq!(found, history(db, id, None)?, "what is kept of a new thread is what the log holds");
    Ok(found)
}

/// What is known of a thread beside its entries.
fn about(db: &Connection, id: i64, until: Time) -> rusqlite::Result<ThreadHistory> {
    let found = db
        .prepare_cached(
            "SELECT t.key, t.source, k.kind, k.who FROM thread t
             LEFT JOIN thread_kind k ON k.source = t.source AND k.thread_key = t.key AND k.at <= ? WHERE t.id = ?",
        )?
        .query_row(params![until.millis(), id], |row| {
            let said = match (row.get_ref(2)?.as_str_or_null()?, row.get(3)?) {
                (Some(kind), Some(who)) => Some(KindSaid { kind: kinds::read(kind), who }),
                _ => None,
            };
            Ok(ThreadHistory {
                key: Some(Key::new(row.get_ref(0)?.as_str()?)),
                source: row.get(1)?,
                said,
                entries: Vec::new(),
            })
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

fn exists(db: &Connection, id: i64) -> rusqlite::Result<bool> {
    Ok(db
        .prepare_cached("SELECT 1 FROM thread WHERE id = ?")?
        .query_row([id], |_| Ok(()))
        .optional()?
        .is_some())
}

/// A thread's entries in order of time, those until `until` only when it is given.
fn history(db: &Connection, id: i64, until: Option<Time>) -> rusqlite::Result<ThreadHistory> {
    let until = until.unwrap_or(Time::MAX);
    let about = about(db, id, until)?;
    let mut statement = db.prepare_cached(
        "SELECT a.id, l.key, a.act, a.at, coalesce(i.person, a.who), i.member, l.reply_to, l.facts, substr(l.text, 1, 4000)
         FROM activity a JOIN log l ON l.id = a.newest LEFT JOIN identity i ON i.id = a.who
         WHERE a.thread = ? AND a.deleted = 0 AND a.at <= ? ORDER BY a.at, l.key",
    )?;
    let entries = statement.query_map(params![id, until.millis()], |row| {
        let facts: Option<String> = row.get(7)?;
        let facts = facts.and_then(|text| serde_json::from_str::<ThreadFacts>(&text).ok());
        let text: String = row.get(8)?;
        Ok(Entry {
            id: row.get(0)?,
            key: Key::new(row.get_ref(1)?.as_str()?),
            act: Act::from_word(row.get_ref(2)?.as_str()?).unwrap_or(Act::Other),
            at: Time::from_millis(row.get(3)?).unwrap_or(Time::MIN),
            who: row.get(4)?,
            member: row.get_ref(5)?.as_str_or_null()?.and_then(MemberKind::from_word).unwrap_or_default(),
            reply_to: row.get_ref(6)?.as_str_or_null()?.map(Key::new),
            text: judged_text(text, facts.as_ref()),
            facts,
        })
    })?;
    let mut entries: Vec<Entry> = entries.collect::<rusqlite::Result<_>>()?;
    if until < Time::MAX {
        forget_the_future(db, id, until, &mut entries)?;
    }
    Ok(ThreadHistory { entries, ..about })
}

/// What judges read: of erased words the trace that they left.
pub(crate) fn judged_text(text: String, facts: Option<&ThreadFacts>) -> String {
    facts.and_then(|facts| facts.erased.as_ref()).and_then(|erased| erased.trace.clone()).unwrap_or(text)
}

/// The log's facts about a thread are the newest ones. Whoever stands at `until` does not know yet that it was closed,
/// accepted or settled later.
fn forget_the_future(db: &Connection, id: i64, until: Time, entries: &mut [Entry]) -> rusqlite::Result<()> {
    let later: Vec<Act> = db
        .prepare_cached("SELECT DISTINCT act FROM activity WHERE thread = ? AND deleted = 0 AND at > ?")?
        .query_map(params![id, until.millis()], |row| {
            Ok(Act::from_word(row.get_ref(0)?.as_str()?).unwrap_or(Act::Other))
        })?
        .collect::<rusqlite::Result<_>>()?;
    for facts in entries.iter_mut().filter_map(|entry| entry.facts.as_mut()) {
        if facts.closed_at.is_some_and(|at| at > until) {
            facts.closed_at = None;
            facts.mark = facts.mark.map(|_| Mark::Open);
        }
        if later.contains(&Act::Accepted) {
            facts.accepted = None;
        }
        if later.contains(&Act::Resolved) {
            facts.resolved = false;
        }
    }
    Ok(())
}

// A judge sees persons; the thread keeps which of their accounts asked and answered.
fn write(db: &Connection, id: i64, state: &ThreadState) -> rusqlite::Result<()> {
    let facts = &state.facts;
    let labels = serde_json::to_string(&facts.labels).map_err(codec)?;
    let sketch: Vec<u8> = state.sketch.iter().flat_map(|part| part.to_le_bytes()).collect();
    db.prepare_cached(
        "UPDATE thread SET kind = ?, title = ?, url = ?, container = ?, labels = ?, mark = ?, closed_at = ?,
           opening = ?8, opened_at = ?9, opener = (SELECT who FROM activity WHERE id = ?8), human_opener = ?10,
           response = ?11, responded_at = ?12, responder = (SELECT who FROM activity WHERE id = ?11),
           last_at = ?, messages = ?, people = ?, need = ?, need_because = ?, state = ?, because = ?,
           waiting_since = ?, reach = ?, accepted = ?, resolved = ?, sketch = ? WHERE id = ?",
    )?
    .execute(params![
        facts.kind.map(ThreadKind::as_str),
        facts.title,
        facts.url,
        facts.container,
        labels,
        facts.mark.map(Mark::as_str),
        state.closed_at.map(Time::millis),
        state.opening.as_ref().map(|o| o.id),
        state.opening.as_ref().map(|o| o.at.millis()),
        state.human_opener,
        state.first_response.map(|(id, _, _)| id),
        state.first_response.map(|(_, at, _)| at.millis()),
        state.last_at.map(Time::millis),
        state.messages,
        state.people,
        state.need.as_ref().map(NeedKind::as_str),
        state.kind_because,
        state.state.as_str(),
        state.because,
        state.waiting_since.map(Time::millis),
        state.reach,
        facts.accepted.as_ref().map(Key::as_str),
        facts.resolved,
        sketch,
        id
    ])?;
    Ok(())
}

/// A thread as a list shows it. People are names as their source shows them.
#[derive(Clone, Debug, PartialEq)]
pub struct ThreadRow {
    /// Its number in this folder.
    pub id: i64,
    /// The source's name.
    pub source: String,
    /// Its key there.
    pub key: String,
    /// What it is.
    pub kind: Option<ThreadKind>,
    /// Its title, or the first words of its opening.
    pub title: String,
    /// A link that opens it.
    pub url: Option<String>,
    /// The channel, category or list.
    pub container: Option<String>,
    /// When it began.
    pub opened_at: Time,
    /// Who asked.
    pub asker: Option<String>,
    /// The asker's person: the smallest number of all its identities.
    pub opener: Option<i64>,
    /// The last message.
    pub last_at: Time,
    /// Distinct people and messages.
    pub people: u32,
    /// Messages.
    pub messages: u32,
    /// The kind of need, if it asks for something.
    pub need: Option<NeedKind>,
    /// Why that kind.
    pub need_because: String,
    /// How far it has come (never stale here).
    pub state: NeedState,
    /// Why.
    pub because: String,
    /// Since when it waits.
    pub waiting_since: Option<Time>,
    /// Others who said they have it too.
    pub reach: u32,
    /// The fingerprint of its opening words.
    pub sketch: Vec<u32>,
    /// When the first answer came.
    pub responded_at: Option<Time>,
}

/// The columns of [`ThreadRow`], with `t` the thread, `s` its source, `i` the opener.
pub(crate) const THREAD_COLUMNS: &str = "t.id, s.name, t.key, t.kind,
   coalesce(nullif(t.title, ''), (SELECT substr(l.text, 1, 200) FROM activity a JOIN log l ON l.id = a.newest
     WHERE a.id = t.opening), ''),
   t.url, t.container, t.opened_at, coalesce(nullif(i.name, ''), nullif(i.handle, ''), i.key), coalesce(i.person, t.opener), t.last_at,
   t.people, t.messages, t.need, t.need_because, t.state, t.because, t.waiting_since, t.reach, t.sketch, t.responded_at";

pub(crate) fn thread_row(row: &Row<'_>) -> rusqlite::Result<ThreadRow> {
    let time = |at: Option<i64>| at.and_then(Time::from_millis);
    let title: String = row.get(4)?;
    Ok(ThreadRow {
        id: row.get(0)?,
        source: row.get(1)?,
        key: row.get(2)?,
        kind: row.get_ref(3)?.as_str_or_null()?.and_then(ThreadKind::from_word),
        title: title.lines().find(|line| !line.trim().is_empty()).unwrap_or("").trim().to_owned(),
        url: row.get(5)?,
        container: row.get(6)?,
        opened_at: time(row.get(7)?).unwrap_or(Time::MIN),
        asker: row.get(8)?,
        opener: row.get(9)?,
        last_at: time(row.get(10)?).unwrap_or(Time::MIN),
        people: row.get(11)?,
        messages: row.get(12)?,
        need: row.get_ref(13)?.as_str_or_null()?.map(NeedKind::named),
        need_because: row.get(14)?,
        state: row
            .get_ref(15)?
            .as_str_or_null()?
            .and_then(NeedState::from_word)
            .unwrap_or(NeedState::Waiting),
        because: row.get(16)?,
        waiting_since: time(row.get(17)?),
        reach: row.get(18)?,
        sketch: sketch(row.get_ref(19)?.as_blob_or_null()?),
        responded_at: time(row.get(20)?),
    })
}

/// A stored fingerprint.
pub(crate) fn sketch(bytes: Option<&[u8]>) -> Vec<u32> {
    let parts = bytes.unwrap_or_default().chunks_exact(4);
    parts.map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

/// One message or event of a thread, for reading.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The activity's number.
    pub id: i64,
    /// What was done.
    pub act: Act,
    /// When.
    pub at: Time,
    /// By whom, as the source shows it.
    pub who: Option<String>,
    /// What kind of member that is.
    pub member: MemberKind,
    /// The words.
    pub text: String,
    /// A link.
    pub url: Option<String>,
    /// The reaction, verdict or tag.
    pub detail: Option<String>,
    /// How many times it was revised.
    pub revisions: u32,
}

impl Store {
    /// The history of a thread until a moment: what the log tells a judge who stands there.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn history(&self, thread: i64, until: Option<Time>) -> Result<ThreadHistory, StoreError> {
        self.ask(|db| history(db, thread, until))
    }

    /// One thread.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn thread(&self, id: i64) -> Result<Option<ThreadRow>, StoreError> {
        let sql = format!(
            "SELECT {THREAD_COLUMNS} FROM thread t JOIN source s ON s.id = t.source
             LEFT JOIN identity i ON i.id = t.opener WHERE t.id = ? AND t.opened_at IS NOT NULL"
        );
        self.ask(|db| db.prepare_cached(&sql)?.query_row([id], thread_row).optional())
    }

    /// A thread's messages and events in order of time.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn lines(&self, thread: i64) -> Result<Vec<Line>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT a.id, a.act, a.at, coalesce(nullif(i.name, ''), nullif(i.handle, ''), i.key), i.member, l.text,
                   l.url, l.detail, l.rev
                 FROM activity a JOIN log l ON l.id = a.newest LEFT JOIN identity i ON i.id = a.who
                 WHERE a.thread = ? AND a.deleted = 0 ORDER BY a.at, l.key",
            )?
            .query_map([thread], |row| {
                Ok(Line {
                    id: row.get(0)?,
                    act: Act::from_word(row.get_ref(1)?.as_str()?).unwrap_or(Act::Other),
                    at: Time::from_millis(row.get(2)?).unwrap_or(Time::MIN),
                    who: row.get(3)?,
                    member: row.get_ref(4)?.as_str_or_null()?.and_then(MemberKind::from_word).unwrap_or_default(),
                    text: row.get(5)?,
                    url: row.get(6)?,
                    detail: row.get(7)?,
                    revisions: row.get(8)?,
                })
            })?
            .collect()
        })
    }
}
