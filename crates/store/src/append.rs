//! Taking a page in: rows, roll-ups, full text, judgement and cursor in one transaction.

mod newer;

use std::collections::{BTreeSet, HashMap};

use rapport_model::{
    Activity, Because, ChatLine, ItemInfo, Key, MemberKind, Page, ReadCount, Record, Reject, ThreadHistory,
    ThreadRef, ThreadState, Time, Who,
};
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use crate::compress::Packer;
use crate::hooks::{self, Settled};
use crate::live::{self, Moved};
use crate::open::{Store, StoreError, fault};
use crate::privacy::{LABEL, Tombstones};
use crate::rollup::{Derive, LogRow};
use crate::threads;

/// Which earlier message each of these answers; only those from an index on are asked for.
pub type Links = dyn Fn(&[ChatLine], usize) -> Vec<Option<usize>>;

/// The judgements that a store needs but does not make: pure functions of the floor above.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    /// What a thread's history amounts to.
    pub thread: &'a (dyn Fn(&ThreadHistory) -> ThreadState + Sync),
    /// Which earlier one each message of an unthreaded chat answers, if any; those from an index on are asked for.
    pub replies: &'a Links,
    /// What kind of member an identity is, and why; the text is what the way it writes says of it.
    pub member: &'a dyn Fn(&Who, &str) -> (MemberKind, Because),
}

/// One read of one source, page by page. Dropping it loses nothing: every page is committed by itself.
pub struct NewRead<'s> {
    pub(crate) store: &'s mut Store,
    pub(crate) source: i64,
    kind: String,
    /// When the read happens: goes into the log as the time of seeing.
    seen: Time,
    identities: HashMap<Who, i64>,
    /// The log held nothing of this source when the read began.
    fresh: bool,
    count: ReadCount,
    /// Who was forgotten: nothing of them comes back.
    tombstones: Option<Tombstones>,
}

/// What moves in the transaction of the rows.
pub(crate) enum Behind<'a> {
    /// The progress of the items that were read.
    Files,
    /// The cursor of a stream.
    Stream(&'a Moved),
    /// Deliveries leave the inbox.
    Inbox(&'a Settled),
}

const IDENTITIES_MOST: usize = 100_000;

impl Store {
    /// Begins a read of a source that [`Store::add_source`] knows.
    ///
    /// # Errors
    /// When the source is unknown.
    pub fn begin_read(&mut self, source: i64, seen: Time) -> Result<NewRead<'_>, StoreError> {
        let (kind, fresh) = self.ask(|db| {
            db.query_row(
                "SELECT kind, NOT EXISTS (SELECT 1 FROM log WHERE source = ?1) FROM source WHERE id = ?1",
                [source],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
        })?;
        let tombstones = self.ask(Tombstones::load)?;
        Ok(NewRead {
            tombstones,
            store: self,
            source,
            kind,
            seen,
            identities: HashMap::new(),
            fresh,
            count: ReadCount::default(),
        })
    }
}

impl NewRead<'_> {
    /// What this read came to so far.
    #[must_use]
    pub fn count(&self) -> ReadCount {
        self.count
    }

    /// How many records of an item the log holds: `None` for a new item or a changed one, `u64::MAX` for one read to
    /// its end.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn progress(&self, item: &ItemInfo) -> Result<Option<u64>, StoreError> {
        progress(self.store, self.source, item)
    }

    /// Takes pages in, all of them or nothing: one transaction, one write to the disk.
    ///
    /// # Errors
    /// When the database cannot be written; nothing of the pages is kept then, and reading again picks up here.
    pub fn take(&mut self, pages: &[Page], judge: Judge<'_>) -> Result<ReadCount, StoreError> {
        self.taken(pages, &Behind::Files, judge)
    }

    /// Pages of files move their items' progress, a reply of a living source moves its stream's cursor, deliveries
    /// leave the inbox.
    pub(crate) fn taken(
        &mut self,
        pages: &[Page],
        behind: &Behind<'_>,
        judge: Judge<'_>,
    ) -> Result<ReadCount, StoreError> {
        let path = self.store.path.clone();
        if self.identities.len() > IDENTITIES_MOST {
            self.identities.clear();
        }
        let cleared = self.tombstones.as_ref().map(|tombstones| tombstones.pages(pages));
        let pages = cleared.as_deref().unwrap_or(pages);
        let result = (|| {
            let tx = self.store.db.transaction()?;
            let mut taking = Taking {
                db: &tx,
                source: self.source,
                seen: self.seen,
                identities: &mut self.identities,
                fresh: self.fresh,
                judge,
                derive: Derive::keeping(),
                asked: if let Behind::Stream(moved) = behind {
                    Some((moved.asked_at, moved.asked))
                } else {
                    None
                },
                told: matches!(behind, Behind::Inbox(_)),
                unsure: false,
                count: ReadCount::default(),
            };
            taking.pages(pages, &self.kind, matches!(behind, Behind::Files))?;
            let (count, unsure) = (taking.count, taking.unsure);
            match behind {
                Behind::Files => {}
                Behind::Stream(moved) => live::advance(&tx, self.source, moved, self.seen)?,
                Behind::Inbox(settled) => {
                    hooks::settle(&tx, settled, &count)?;
                    if unsure {
                        hooks::wanted(&tx, self.source, self.seen)?;
                    }
                }
            }
            tx.commit()?;
            Ok(count)
        })();
        match result {
            Ok(count) => {
                self.count.add(&count);
                Ok(count)
            }
            Err(error) => {
                self.identities.clear(); // some may have been rolled back
                Err(fault(&path, &error))
            }
        }
    }
}

pub(crate) fn progress(store: &Store, source: i64, item: &ItemInfo) -> Result<Option<u64>, StoreError> {
    let tombstones = match store.tombstones.get() {
        Some(known) => known,
        None => {
            let loaded = store.ask(Tombstones::load)?;
            store.tombstones.get_or_init(|| loaded)
        }
    };
    let name = tombstones.as_ref().and_then(|tombstones| tombstones.item(&item.name));
    let name = name.as_deref().unwrap_or(&item.name);
    let len = i64::try_from(item.len).unwrap_or(i64::MAX);
    let row: Option<(i64, bool)> = store.ask(|db| {
        db.prepare_cached(
            "SELECT done, complete FROM item WHERE source = ? AND name = ? AND len = ? AND stamp = ?",
        )?
        .query_row(params![source, name, len, item.stamp], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
    })?;
    Ok(row.map(|(done, complete)| if complete { u64::MAX } else { u64::try_from(done).unwrap_or(0) }))
}

struct Taking<'a, 't> {
    db: &'a Connection,
    source: i64,
    seen: Time,
    identities: &'a mut HashMap<Who, i64>,
    /// Most of what comes is new: putting it in and seeing whether it clashes is cheaper than looking first.
    fresh: bool,
    judge: Judge<'t>,
    derive: Derive,
    count: ReadCount,
    /// Where the log stood when a reply was asked for, and when that was. Of what came in behind it the reply cannot say
    /// that it is gone, and of a state from before that moment a late delivery cannot say that it still stands.
    asked: Option<(i64, Time)>,
    /// Deliveries are taken in: they come in any order.
    told: bool,
    /// A delivery could not tell whether what it says is the newer state.
    unsure: bool,
}

/// The newest revision of a key: its number, digest, raw record, when the source last changed it, and whether it was known
/// to be gone before the reply that is taken in was asked for.
type Newest = (i64, [u8; 16], Option<i64>, Option<i64>, bool);

fn digest(bytes: &[u8]) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&Sha256::digest(bytes)[..16]);
    out
}

/// What tells two rejects apart.
pub(crate) fn reject_digest(item: &str, reject: &Reject) -> [u8; 16] {
    digest(&[item.as_bytes(), b"\0", reject.at.as_bytes(), b"\0", &reject.raw].concat())
}

impl Taking<'_, '_> {
    fn pages(&mut self, pages: &[Page], kind: &str, files: bool) -> rusqlite::Result<()> {
        // A record without bytes told of somebody who was forgotten.
        let raws = pages.iter().flat_map(|page| page.records.iter().map(|r| r.raw.as_slice()));
        let samples = raws.filter(|raw| !raw.is_empty());
        let mut packer = Packer::new(self.db, kind, samples)?;
        for page in pages {
            for record in &page.records {
                self.record(record, &page.item, &mut packer)?;
            }
            for reject in &page.rejects {
                self.reject(reject, &page.item)?;
            }
            for (thread, seen) in &page.whole {
                self.whole(thread, seen)?;
            }
            if !files {
                continue;
            }
            let done = i64::try_from(page.done).unwrap_or(i64::MAX);
            let len = i64::try_from(page.item.len).unwrap_or(i64::MAX);
            self.db
                .prepare_cached(
                    "INSERT INTO item (source, name, len, stamp, done, complete) VALUES (?, ?, ?, ?, ?, ?)
                     ON CONFLICT (source, name) DO UPDATE SET len = excluded.len, stamp = excluded.stamp,
                       done = excluded.done, complete = excluded.complete",
                )?
                .execute(params![self.source, page.item.name, len, page.item.stamp, done, page.last])?;
        }
        let derive = std::mem::take(&mut self.derive);
        threads::settle(self.db, derive, self.judge)?;
        let n = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let count = self.count;
        self.db
            .prepare_cached(
                "UPDATE source SET read = read + ?, stored = stored + ?, known = known + ?, rejected = rejected + ?,
                   last_at = ? WHERE id = ?",
            )?
            .execute(params![
                n(count.read),
                n(count.stored),
                n(count.known),
                n(count.rejected),
                self.seen.millis(),
                self.source
            ])?;
        Ok(())
    }

    fn record(&mut self, record: &Record, item: &ItemInfo, packer: &mut Packer) -> rusqlite::Result<()> {
        for reject in &record.rejects {
            self.reject(reject, item)?;
        }
        let raw_digest = digest(&record.raw);
        let n = i64::try_from(record.activities.len()).unwrap_or(i64::MAX);
        let bare = record.raw.is_empty();
        let mut raw = if self.fresh && !bare { self.keep_raw(record, raw_digest, packer)? } else { None };
        if raw.is_none() && !bare {
            raw = match self.held(raw_digest)? {
                Some((_, activities, true)) => {
                    // The very same bytes, and nothing newer came since: everything in them is known.
                    let activities = u64::try_from(activities).unwrap_or(0);
                    self.count.read += activities;
                    self.count.known += activities;
                    return Ok(());
                }
                Some((id, _, false)) => {
                    self.db
                        .execute("UPDATE raw SET current = 1, activities = ? WHERE id = ?", params![n, id])?;
                    Some(id)
                }
                None => self.keep_raw(record, raw_digest, packer)?,
            };
        }
        let mut newest = true;
        for activity in &record.activities {
            newest &= self.activity(activity, raw, record.fixed)?;
        }
        // An older state of the thread says nothing about what is gone from it since.
        if let (Some(thread), true) = (&record.whole, newest) {
            let seen = record.activities.iter().map(|a| a.key.fingerprint()).collect();
            self.whole(thread, &seen)?;
        }
        Ok(())
    }

    /// The raw record of this digest: its number, how many activities it means, whether nothing newer came since.
    fn held(&self, digest: [u8; 16]) -> rusqlite::Result<Option<(i64, i64, bool)>> {
        self.db
            .prepare_cached("SELECT id, activities, current FROM raw WHERE source = ? AND digest = ?")?
            .query_row(params![self.source, digest], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()
    }

    /// Keeps a record's bytes; `None` when these very bytes are kept already.
    fn keep_raw(
        &self,
        record: &Record,
        digest: [u8; 16],
        packer: &mut Packer,
    ) -> rusqlite::Result<Option<i64>> {
        let (dictionary, packed) = packer.pack(&record.raw)?;
        let len = i64::try_from(record.raw.len()).unwrap_or(i64::MAX);
        let n = i64::try_from(record.activities.len()).unwrap_or(i64::MAX);
        let kept = self
            .db
            .prepare_cached(
                "INSERT INTO raw (source, digest, dictionary, activities, current, len, bytes)
                 VALUES (?, ?, ?, ?, 1, ?, ?) ON CONFLICT DO NOTHING",
            )?
            .execute(params![self.source, digest, dictionary, n, len, packed])?;
        Ok((kept > 0).then(|| self.db.last_insert_rowid()))
    }

    /// Takes one activity in; false when the log already holds a newer state of it.
    fn activity(&mut self, activity: &Activity, raw: Option<i64>, fixed: bool) -> rusqlite::Result<bool> {
        self.count.read += 1;
        let digest = activity.digest();
        let who = activity.who.as_ref().map(|who| self.identity(who)).transpose()?;
        if self.fresh && self.append(activity, raw, 0, who, digest)? {
            return Ok(true);
        }
        let asked_at = self.asked.map_or(i64::MIN, |(at, _)| at);
        let newest: Option<Newest> = self
            .db
            .prepare_cached(
                "SELECT rev, digest, raw, updated, deleted AND id <= ? FROM log WHERE source = ? AND key = ?
                 ORDER BY rev DESC LIMIT 1",
            )?
            .query_row(params![asked_at, self.source, activity.key.as_str()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })
            .optional()?;
        let updated = activity.updated.map(Time::millis);
        let rev = match newest {
            // What cannot be edited comes as history, too (a list's repository tells a mail again before its withdrawal).
            Some((rev, known, older, _, true)) if !fixed && known != digest && !activity.deleted => {
                self.superseded(older.filter(|older| Some(*older) != raw))?;
                let back = self.back(activity);
                return self.append(&back, raw, rev + 1, who, digest);
            }
            Some((rev, known, _, newest, _)) if known == digest || fixed => {
                self.count.known += 1;
                if known == digest {
                    self.confirm(activity, rev, newest)?;
                }
                return Ok(true);
            }
            Some((_, _, _, newest, _)) if self.is_superseded(activity, digest, newest)? => {
                self.count.known += 1;
                return Ok(false);
            }
            Some((_, _, _, newest, _))
                if newest.is_some() && newest == updated && self.is_in_doubt(activity)? =>
            {
                self.superseded(raw)?; // those very bytes may come again, and count then
                self.count.known += 1;
                return Ok(false);
            }
            Some((rev, _, older, _, _)) => {
                self.superseded(older.filter(|older| Some(*older) != raw))?;
                rev + 1
            }
            None => 0,
        };
        self.append(activity, raw, rev, who, digest)
    }

    /// Writes one revision and what follows from it; false, and nothing written, when the log holds it.
    fn append(
        &mut self,
        activity: &Activity,
        raw: Option<i64>,
        rev: i64,
        who: Option<i64>,
        digest: [u8; 16],
    ) -> rusqlite::Result<bool> {
        let (thread_key, thread_of) = match &activity.thread {
            ThreadRef::None => (None, false),
            ThreadRef::Key(key) => (Some(key.as_str()), false),
            ThreadRef::Of(key) => (Some(key.as_str()), true),
        };
        let facts = activity.facts.as_ref().map(serde_json::to_string).transpose().map_err(codec)?;
        let written = self
            .db
            .prepare_cached(
                "INSERT INTO log (source, key, rev, seen, act, at, who, thread_key, thread_of, reply_to, url, detail,
                   facts, text, deleted, digest, raw, updated)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                self.source,
                activity.key.as_str(),
                rev,
                self.seen.millis(),
                activity.act.as_str(),
                activity.at.millis(),
                who,
                thread_key,
                thread_of,
                activity.reply_to.as_ref().map(Key::as_str),
                activity.url,
                activity.detail,
                facts,
                activity.text,
                activity.deleted,
                digest,
                raw,
                activity.updated.map(Time::millis)
            ])?;
        if written == 0 {
            return Ok(false);
        }
        self.count.stored += 1;
        self.derive.take(
            self.db,
            &LogRow {
                id: self.db.last_insert_rowid(),
                source: self.source,
                key: activity.key.as_str(),
                rev,
                act: activity.act,
                at: activity.at,
                who,
                thread_key,
                thread_of,
                reply_to: activity.reply_to.as_ref(),
                facts: activity.facts.as_deref(),
                text: &activity.text,
                deleted: activity.deleted,
            },
        )?;
        Ok(true)
    }

    /// Activities of a thread that its source no longer shows get a revision that says so.
    fn whole(&mut self, thread: &Key, seen: &BTreeSet<u64>) -> rusqlite::Result<()> {
        let (asked_at, asked) = self.asked.map_or((i64::MAX, i64::MIN), |(at, time)| (at, time.millis()));
        let held: Vec<(String, i64, [u8; 16])> = self
            .db
            .prepare_cached(
                "SELECT l.key, l.id, l.digest FROM thread t JOIN activity a ON a.thread = t.id
                 JOIN log l ON l.id = a.newest
                 WHERE t.source = ? AND t.key = ? AND a.deleted = 0 AND l.id <= ? ORDER BY a.id",
            )?
            .query_map(params![self.source, thread.as_str(), asked_at], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        for (key, newest, old) in held {
            // A key without its name is not the one that was seen; it stays.
            if seen.contains(&Key::new(&key).fingerprint()) || key.contains(LABEL) {
                continue;
            }
            self.count.read += 1;
            self.count.stored += 1;
            let gone = digest(&[&old[..], b"gone"].concat());
            self.db
                .prepare_cached(
                    "INSERT INTO log (source, key, rev, seen, act, at, who, thread_key, thread_of, reply_to, url, detail,
                       facts, text, deleted, digest, raw, updated)
                     SELECT source, key, rev + 1, ?, act, at, who, thread_key, thread_of, reply_to, url, detail, facts,
                       text, 1, ?, raw, max(updated, ?) FROM log WHERE id = ?",
                )?
                .execute(params![self.seen.millis(), gone, asked, newest])?;
            let id = self.db.last_insert_rowid();
            self.db
                .prepare_cached("UPDATE raw SET current = 0 WHERE id = (SELECT raw FROM log WHERE id = ?)")?
                .execute([id])?;
            crate::rebuild::one(self.db, &mut self.derive, id)?;
        }
        Ok(())
    }

    fn reject(&mut self, reject: &Reject, item: &ItemInfo) -> rusqlite::Result<()> {
        self.count.read += 1;
        self.count.rejected += 1;
        let digest = reject_digest(&item.name, reject);
        self.db
            .prepare_cached(
                "INSERT OR IGNORE INTO reject (source, item, at, why, seen, digest, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                self.source,
                item.name,
                reject.at,
                reject.why,
                self.seen.millis(),
                digest,
                reject.raw
            ])?;
        Ok(())
    }

    fn identity(&mut self, who: &Who) -> rusqlite::Result<i64> {
        if let Some(id) = self.identities.get(who) {
            return Ok(*id);
        }
        let held = self
            .db
            .prepare_cached(
                "SELECT id, handle, name, email, title, bot FROM identity WHERE place = ? AND key = ?",
            )?
            .query_row(params![who.place.as_str(), who.key], |row| {
                let mut held = Who::new(&who.place, who.key.as_str());
                held.handle = row.get(1)?;
                held.name = row.get(2)?;
                held.email = row.get(3)?;
                held.title = row.get(4)?;
                held.bot = row.get(5)?;
                Ok((row.get::<_, i64>(0)?, held))
            })
            .optional()?;
        let id = match held {
            None => {
                let (member, because) = (self.judge.member)(who, "");
                self.db
                    .prepare_cached(
                        "INSERT INTO identity (place, key, handle, name, email, title, bot, member, because)
                         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    )?
                    .execute(params![
                        who.place.as_str(),
                        who.key,
                        who.handle,
                        who.name,
                        who.email,
                        who.title,
                        who.bot,
                        member.as_str(),
                        because
                    ])?;
                self.db.last_insert_rowid()
            }
            Some((id, held)) => {
                // What an activity does not tell stays; what it tells anew replaces.
                let mut merged = who.clone();
                merged.handle = merged.handle.or_else(|| held.handle.clone());
                merged.name = merged.name.or_else(|| held.name.clone());
                merged.email = merged.email.or_else(|| held.email.clone());
                merged.title = merged.title.or_else(|| held.title.clone());
                merged.bot |= held.bot;
                if merged != held {
                    self.db
                        .prepare_cached(
                            "UPDATE identity SET handle = ?, name = ?, email = ?, title = ?, bot = ?, weighed = 0
                             WHERE id = ?",
                        )?
                        .execute(params![
                            merged.handle,
                            merged.name,
                            merged.email,
                            merged.title,
                            merged.bot,
                            id
                        ])?;
                    crate::identities::rejudge(self.db, &BTreeSet::from([id]), self.judge)?;
                }
                id
            }
        };
        self.identities.insert(who.clone(), id);
        Ok(id)
    }
}

pub(crate) fn codec(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}
