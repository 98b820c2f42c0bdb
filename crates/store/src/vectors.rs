//! Meanings of threads, kept so that threads like one can be found among a million in milliseconds: first by the signs
//! of the numbers alone, then the nearest of those by the numbers.

use std::collections::BTreeMap;

use rapport_model::Time;
use rusqlite::{Connection, OptionalExtension, params};

use crate::open::{Store, StoreError};

/// Bytes of the signs of one vector, and threads in one block of them.
const SIGNS: usize = 32;
const BLOCK: i64 = 1_024;
/// So many times as many as are wanted are taken by their signs and compared by their numbers.
const WIDER: usize = 8;

type Signs = [u8; SIGNS];

/// The signs that a transaction changes: gathered, so that a block is written once.
#[derive(Default)]
pub(crate) struct Changes(BTreeMap<i64, BTreeMap<usize, Signs>>);

/// A bit per number: whether it is above zero. All zeros stand for no vector.
fn signs(vector: &[i8]) -> Signs {
    let mut out = [0; SIGNS];
    for (n, x) in vector.iter().enumerate().take(SIGNS * 8) {
        out[n / 8] |= u8::from(*x > 0) << (n % 8);
    }
    out
}

#[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)] // a remainder of a positive number
fn place(thread: i64) -> (i64, usize) {
    (thread.div_euclid(BLOCK), thread.rem_euclid(BLOCK) as usize)
}

impl Changes {
    /// Keeps the vector of a thread; none when it is empty.
    pub(crate) fn put(&mut self, db: &Connection, thread: i64, vector: &[i8]) -> rusqlite::Result<()> {
        if vector.is_empty() {
            // Most threads without one never had one.
            if db.prepare_cached("DELETE FROM thread_vector WHERE thread = ?")?.execute([thread])? > 0 {
                self.note(thread, [0; SIGNS]);
            }
            return Ok(());
        }
        let bytes: Vec<u8> = vector.iter().map(|x| x.cast_unsigned()).collect();
        db.prepare_cached("INSERT OR REPLACE INTO thread_vector (thread, vector) VALUES (?, ?)")?
            .execute(params![thread, bytes])?;
        self.note(thread, signs(vector));
        Ok(())
    }

    fn note(&mut self, thread: i64, signs: Signs) {
        let (block, slot) = place(thread);
        self.0.entry(block).or_default().insert(slot, signs);
    }

    /// Writes the blocks.
    pub(crate) fn write(self, db: &Connection) -> rusqlite::Result<()> {
        for (block, slots) in self.0 {
            let mut bytes: Vec<u8> = db
                .prepare_cached("SELECT signs FROM thread_signs WHERE block = ?")?
                .query_row([block], |row| row.get(0))
                .optional()?
                .unwrap_or_default();
            let end = slots.keys().next_back().map_or(0, |slot| (slot + 1) * SIGNS);
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            for (slot, signs) in slots {
                bytes[slot * SIGNS..(slot + 1) * SIGNS].copy_from_slice(&signs);
            }
            // No trailing nothing: the same threads give the same bytes, whatever was there before.
            while bytes.len() >= SIGNS && bytes[bytes.len() - SIGNS..].iter().all(|b| *b == 0) {
                bytes.truncate(bytes.len() - SIGNS);
            }
            if bytes.is_empty() {
                db.prepare_cached("DELETE FROM thread_signs WHERE block = ?")?.execute([block])?;
            } else {
                db.prepare_cached("INSERT OR REPLACE INTO thread_signs (block, signs) VALUES (?, ?)")?
                    .execute(params![block, bytes])?;
            }
        }
        Ok(())
    }
}

/// Forgets what a thread was about: its vector and its signs. For whoever removes a thread or its words.
pub(crate) fn forget(db: &Connection, thread: i64) -> rusqlite::Result<()> {
    let mut changes = Changes::default();
    changes.put(db, thread, &[])?;
    changes.write(db)
}

/// Whether the signs are those of the vectors: how many threads' are not.
pub(crate) fn wrong(db: &Connection) -> rusqlite::Result<i64> {
    let mut blocks: BTreeMap<i64, Vec<u8>> = BTreeMap::new();
    let mut statement = db.prepare("SELECT block, signs FROM thread_signs")?;
    let mut rows = statement.query([])?;
    let mut held = 0_i64;
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(1)?;
        held += i64::try_from(bytes.chunks_exact(SIGNS).filter(|s| s.iter().any(|b| *b != 0)).count())
            .unwrap_or(0);
        blocks.insert(row.get(0)?, bytes);
    }
    let (mut right, mut wrong) = (0_i64, 0_i64);
    let mut statement = db.prepare("SELECT thread, vector FROM thread_vector")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (block, slot) = place(row.get(0)?);
        let vector: Vec<i8> = row.get_ref(1)?.as_blob()?.iter().map(|b| b.cast_signed()).collect();
        let there = blocks.get(&block).and_then(|b| b.get(slot * SIGNS..(slot + 1) * SIGNS));
        if there == Some(&signs(&vector)[..]) {
            right += i64::from(signs(&vector) != [0; SIGNS]);
        } else {
            wrong += 1;
        }
    }
    Ok(wrong + (held - right).max(0))
}

/// A thread near a vector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// The thread.
    pub thread: i64,
    /// What the caller's measure says, larger is nearer.
    pub score: f32,
}

impl Store {
    /// Per vector the `most` threads nearest to it by the caller's measure, of those only that were answered until
    /// `answered` when it is given. All are looked for in one reading of the signs.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn near(
        &self,
        vectors: &[&[i8]],
        answered: Option<Time>,
        most: usize,
        measure: &dyn Fn(&[i8], &[i8]) -> f32,
    ) -> Result<Vec<Vec<Near>>, StoreError> {
        let nearest = most.max(1) * WIDER;
        let asked: Vec<[u64; 4]> = vectors.iter().map(|v| wide(&signs(v))).collect();
        self.ask(|db| {
            let mut by_distance: Vec<Vec<(u16, i64)>> = vec![Vec::new(); asked.len()];
            let mut bounds = vec![(u16::MAX, 2 * nearest); asked.len()];
            let mut statement = db.prepare_cached("SELECT block, signs FROM thread_signs ORDER BY block")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let first = row.get::<_, i64>(0)? * BLOCK;
                for (slot, signs) in (first..).zip(row.get_ref(1)?.as_blob()?.as_chunks::<SIGNS>().0) {
                    let there = wide(signs);
                    if there == [0; 4] {
                        continue;
                    }
                    for ((asked, list), bound) in asked.iter().zip(&mut by_distance).zip(&mut bounds) {
                        let apart = distance(asked, &there);
                        if apart < bound.0 {
                            list.push((apart, slot));
                            if list.len() >= bound.1 {
                                list.select_nth_unstable(nearest - 1);
                                list.truncate(nearest);
                                // Of two as far, the earlier thread stays: it was met first.
                                bound.0 = list[nearest - 1].0;
                            }
                        }
                    }
                }
            }
            let (state, until) = match answered {
                Some(until) => (
                    "AND t.state IN ('answered', 'met') AND coalesce(t.responded_at, t.closed_at, t.last_at) <= ?2",
                    until.millis(),
                ),
                None => ("AND t.opened_at <= ?2", i64::MAX),
            };
            let mut one = db.prepare_cached(&format!(
                "SELECT v.vector FROM thread_vector v JOIN thread t ON t.id = v.thread WHERE v.thread = ?1 {state}"
            ))?;
            let mut out = Vec::new();
            for (mut list, asked) in by_distance.into_iter().zip(vectors) {
                list.sort_unstable();
                list.truncate(nearest);
                let mut found = Vec::new();
                for (_, thread) in list {
                    let score = one
                        .query_row([thread, until], |row| {
                            let bytes = row.get_ref(0)?.as_blob()?;
                            let mut vector = [0_i8; SIGNS * 8];
                            for (x, byte) in vector.iter_mut().zip(bytes) {
                                *x = byte.cast_signed();
                            }
                            Ok(measure(asked, &vector))
                        })
                        .optional()?;
                    found.extend(score.map(|score| Near { thread, score }));
                }
                found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.thread.cmp(&b.thread)));
                found.truncate(most);
                out.push(found);
            }
            Ok(out)
        })
    }

    /// The kept vector of a thread, if it has one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn vector(&self, thread: i64) -> Result<Option<Vec<i8>>, StoreError> {
        self.ask(|db| {
            db.prepare_cached("SELECT vector FROM thread_vector WHERE thread = ?")?
                .query_row([thread], |row| {
                    Ok(row.get_ref(0)?.as_blob()?.iter().map(|b| b.cast_signed()).collect())
                })
                .optional()
        })
    }
}

fn wide(signs: &Signs) -> [u64; 4] {
    let mut out = [0; 4];
    for (wide, bytes) in out.iter_mut().zip(signs.as_chunks::<8>().0) {
        *wide = u64::from_le_bytes(*bytes);
    }
    out
}

#[allow(clippy::cast_possible_truncation)] // at most 256
fn distance(a: &[u64; 4], b: &[u64; 4]) -> u16 {
    a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_places() {
        let mut vector = [-3_i8; 256];
        vector[9] = 1;
        assert_eq!(signs(&vector)[1], 2);
        assert_eq!(distance(&wide(&signs(&vector)), &[0; 4]), 1);
        assert_eq!((place(1_023), place(1_024)), ((0, 1_023), (1, 0)));
    }
}
