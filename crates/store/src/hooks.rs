//! Deliveries of webhooks: taken at once into an inbox, beside whoever writes, and from there into the log, where they
//! leave the inbox in the transaction of their rows. What was answered is never lost, whatever stops the program.

use rapport_model::{Key, Page, ReadCount, Time, Who};
use rusqlite::{Connection, OptionalExtension, params};

use crate::append::{Behind, Judge, NewRead};
use crate::open::{Store, StoreError, fault};

/// One delivery, checked and not read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbound {
    /// Its number in the inbox; 0 before it has one.
    pub id: i64,
    /// The hook it came by.
    pub hook: String,
    /// What its sender calls it: the event.
    pub event: String,
    /// What its sender says of the place it comes from, where the body does not.
    pub hint: String,
    /// When it came.
    pub at: Time,
    /// Its bytes, as signed.
    pub body: Vec<u8>,
}

/// What became of a delivery at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// It is kept, and will be read.
    Taken,
    /// It came before.
    Repeated,
    /// Too many wait to be read.
    Full,
}

/// Deliveries that are done with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// The hook.
    pub hook: String,
    /// Their numbers.
    pub ids: Vec<i64>,
    /// The source has to be looked at, for they could not tell everything; with the moment.
    pub wanted: Option<(i64, Time)>,
}

/// How a hook is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HookRow {
    /// Its name.
    pub name: String,
    /// Deliveries that were taken.
    pub received: u64,
    /// Deliveries that had come before.
    pub repeated: u64,
    /// Revisions that they brought.
    pub stored: u64,
    /// Activities that the log held already.
    pub known: u64,
    /// Deliveries that could not be read.
    pub aside: u64,
    /// Deliveries that were none of our business.
    pub passed: u64,
    /// Why the last of those was.
    pub passed_why: String,
    /// Deliveries that were refused at the door.
    pub refused: u64,
    /// When the last one was taken.
    pub last: Option<Time>,
    /// When the last one was refused, and why.
    pub last_refused: Option<(Time, String)>,
    /// When the last one was set aside, and why.
    pub last_aside: Option<(Time, String)>,
    /// How many wait to be read.
    pub waiting: u64,
}

/// So many deliveries may wait; more are told to come again later.
const MOST: i64 = 20_000;
/// Ids are remembered so long; what is older is told from newer states by the log itself.
const REMEMBERED: i64 = 100 * 86_400_000;

fn n(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Takes deliveries out of the inbox; runs inside the transaction of their rows.
pub(crate) fn settle(db: &Connection, settled: &Settled, count: &ReadCount) -> rusqlite::Result<()> {
    let mut gone = db.prepare_cached("DELETE FROM hook_inbox WHERE id = ?")?;
    for id in &settled.ids {
        gone.execute([id])?;
    }
    db.prepare_cached(
        "INSERT INTO hook (name, stored, known, aside) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name) DO UPDATE SET
           stored = stored + ?2, known = known + ?3, aside = aside + ?4",
    )?
    .execute(params![settled.hook, n(count.stored), n(count.known), n(count.rejected)])?;
    if let Some((source, at)) = settled.wanted {
        wanted(db, source, at)?;
    }
    Ok(())
}

pub(crate) fn wanted(db: &Connection, source: i64, at: Time) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO look (source, wanted) VALUES (?1, ?2) ON CONFLICT (source) DO UPDATE SET wanted = ?2",
    )?
    .execute(params![source, at.millis()])
    .map(drop)
}

impl NewRead<'_> {
    /// Takes in what deliveries said; they leave the inbox with it, or not at all.
    ///
    /// # Errors
    /// When the database cannot be written; the deliveries wait on then.
    pub fn take_deliveries(
        &mut self,
        pages: &[Page],
        settled: &Settled,
        judge: Judge<'_>,
    ) -> Result<ReadCount, StoreError> {
        self.taken(pages, &Behind::Inbox(settled), judge)
    }
}

impl Store {
    /// Keeps a delivery that was checked, unless it came before: by its id or, whatever id it bears, by its bytes.
    ///
    /// # Errors
    /// When the database cannot be written: nothing is kept, and the sender has to come again.
    pub fn arrive(&mut self, delivery: &Inbound, id: &str, digest: &[u8; 32]) -> Result<Arrived, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            let before = tx
                .prepare_cached(
                    "SELECT 1 FROM hook_delivery WHERE hook = ?1 AND id = ?2
                     UNION ALL SELECT 1 FROM hook_delivery WHERE hook = ?1 AND digest = ?3 LIMIT 1",
                )?
                .query_row(params![delivery.hook, id, digest], |_| Ok(()))
                .optional()?
                .is_some();
            let waiting: i64 =
                tx.prepare_cached("SELECT count(*) FROM hook_inbox")?.query_row([], |row| row.get(0))?;
            if !before && waiting >= MOST {
                return Ok(Arrived::Full);
            }
            if !before {
                tx.prepare_cached("INSERT INTO hook_delivery (hook, id, digest, at) VALUES (?, ?, ?, ?)")?
                    .execute(params![delivery.hook, id, digest, delivery.at.millis()])?;
                tx.prepare_cached(
                    "INSERT INTO hook_inbox (hook, event, hint, at, body) VALUES (?, ?, ?, ?, ?)",
                )?
                .execute(params![
                    delivery.hook,
                    delivery.event,
                    delivery.hint,
                    delivery.at.millis(),
                    delivery.body
                ])?;
            }
            tx.prepare_cached(
                "INSERT INTO hook (name, received, repeated, last_at) VALUES (?1, 1 - ?2, ?2, ?3)
                 ON CONFLICT (name) DO UPDATE SET received = received + 1 - ?2, repeated = repeated + ?2,
                   last_at = ?3",
            )?
            .execute(params![delivery.hook, i64::from(before), delivery.at.millis()])?;
            // What is remembered for long enough is forgotten.
            tx.prepare_cached("DELETE FROM hook_delivery WHERE at < ?")?
                .execute([delivery.at.millis() - REMEMBERED])?;
            tx.commit()?;
            Ok(if before { Arrived::Repeated } else { Arrived::Taken })
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// The oldest deliveries that wait, at most so many.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn inbox(&self, most: usize) -> Result<Vec<Inbound>, StoreError> {
        self.ask(|db| {
            db.prepare_cached("SELECT id, hook, event, hint, at, body FROM hook_inbox ORDER BY id LIMIT ?")?
                .query_map([i64::try_from(most).unwrap_or(i64::MAX)], |row| {
                    Ok(Inbound {
                        id: row.get(0)?,
                        hook: row.get(1)?,
                        event: row.get(2)?,
                        hint: row.get(3)?,
                        at: Time::from_millis(row.get(4)?).unwrap_or(Time::MIN),
                        body: row.get(5)?,
                    })
                })?
                .collect()
        })
    }

    /// Takes out a delivery that was none of our business; the source it speaks of may have to be looked at.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn pass_delivery(
        &mut self,
        delivery: &Inbound,
        why: &str,
        source: Option<i64>,
    ) -> Result<(), StoreError> {
        self.leave(
            delivery,
            "INSERT INTO hook (name, passed, passed_why) VALUES (?1, 1, ?2) ON CONFLICT (name) DO UPDATE SET
               passed = passed + 1, passed_why = ?2",
            params![delivery.hook, why],
            source,
        )
    }

    /// Takes out a delivery that cannot be read, and says why. Its bytes do not stay: nobody could say whose they are.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn set_delivery_aside(&mut self, delivery: &Inbound, why: &str) -> Result<(), StoreError> {
        self.leave(
            delivery,
            "INSERT INTO hook (name, aside, aside_at, aside_why) VALUES (?1, 1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET aside = aside + 1, aside_at = ?2, aside_why = ?3",
            params![delivery.hook, delivery.at.millis(), why],
            None,
        )
    }

    fn leave(
        &mut self,
        delivery: &Inbound,
        sql: &str,
        values: &[&dyn rusqlite::ToSql],
        source: Option<i64>,
    ) -> Result<(), StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            tx.execute("DELETE FROM hook_inbox WHERE id = ?", [delivery.id])?;
            tx.execute(sql, values)?;
            if let Some(source) = source {
                wanted(&tx, source, delivery.at)?;
            }
            tx.commit()
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// Adds up deliveries that were refused at the door since the last time.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn refused(&mut self, hook: &str, times: u64, at: Time, why: &str) -> Result<(), StoreError> {
        self.ask(|db| {
            db.execute(
                "INSERT INTO hook (name, refused, refused_at, refused_why) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (name) DO UPDATE SET refused = refused + ?2, refused_at = ?3, refused_why = ?4",
                params![hook, n(times), at.millis(), why],
            )
            .map(drop)
        })
    }

    /// Forgets why deliveries were set aside or passed over: the reasons may quote what somebody wrote.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn clear_reasons(&mut self) -> Result<(), StoreError> {
        self.ask(|db| db.execute("UPDATE hook SET aside_why = '', passed_why = ''", []).map(drop))
    }

    /// Whether deliveries wait to be read.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn anything_waits(&self) -> Result<bool, StoreError> {
        self.ask(|db| db.query_row("SELECT EXISTS (SELECT 1 FROM hook_inbox)", [], |row| row.get(0)))
    }

    /// How every hook is doing that anything came by, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn hooks(&self) -> Result<Vec<HookRow>, StoreError> {
        let count = |row: &rusqlite::Row<'_>, n: usize| -> rusqlite::Result<u64> {
            Ok(u64::try_from(row.get::<_, i64>(n)?).unwrap_or(0))
        };
        let time = |row: &rusqlite::Row<'_>, n: usize| -> rusqlite::Result<Option<Time>> {
            Ok(row.get::<_, Option<i64>>(n)?.and_then(Time::from_millis))
        };
        self.ask(|db| {
            db.prepare_cached(
                "SELECT name, received, repeated, stored, known, aside, passed, passed_why, refused, last_at, refused_at,
                   refused_why, aside_at, aside_why, (SELECT count(*) FROM hook_inbox i WHERE i.hook = h.name)
                 FROM hook h ORDER BY name",
            )?
            .query_map([], |row| {
                let refused_why: String = row.get(11)?;
                let aside_why: String = row.get(13)?;
                Ok(HookRow {
                    name: row.get(0)?,
                    received: count(row, 1)?,
                    repeated: count(row, 2)?,
                    stored: count(row, 3)?,
                    known: count(row, 4)?,
                    aside: count(row, 5)?,
                    passed: count(row, 6)?,
                    passed_why: row.get(7)?,
                    refused: count(row, 8)?,
                    last: time(row, 9)?,
                    last_refused: time(row, 10)?.map(|at| (at, refused_why)),
                    last_aside: time(row, 12)?.map(|at| (at, aside_why)),
                    waiting: count(row, 14)?,
                })
            })?
            .collect()
        })
    }

    /// The author and the time of an activity as the log has them, for deliveries that do not tell.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn author_of(&self, source: i64, key: &Key) -> Result<Option<(Option<Who>, Time)>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT l.at, i.place, i.key, i.handle, i.name, i.email, i.title, i.bot FROM log l
                 LEFT JOIN identity i ON i.id = l.who WHERE l.source = ? AND l.key = ? ORDER BY l.rev DESC LIMIT 1",
            )?
            .query_row(params![source, key.as_str()], |row| {
                let at = Time::from_millis(row.get(0)?).unwrap_or(Time::MIN);
                let Some(place) = row.get::<_, Option<String>>(1)? else { return Ok((None, at)) };
                let mut who = Who::new(&rapport_model::Place::new(&place), row.get::<_, String>(2)?.as_str());
                who.handle = row.get(3)?;
                who.name = row.get(4)?;
                who.email = row.get(5)?;
                who.title = row.get(6)?;
                who.bot = row.get(7)?;
                Ok((Some(who), at))
            })
            .optional()
        })
    }
}
