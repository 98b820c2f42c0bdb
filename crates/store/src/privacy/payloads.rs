//! Raw payloads, dictionaries and rejects when a person is forgotten. A payload that tells of the person is dropped: what
//! it meant stands in the log. A dictionary was made of payloads: it is made anew of those that stay.

use std::collections::{BTreeSet, HashSet};

use rapport_model::Reject;
use rusqlite::{Connection, params};

use super::erase::Erased;
use super::tombstone::Tombstones;
use crate::append::reject_digest;
use crate::compress::{Packer, Unpacker};

pub(super) fn clear(
    db: &Connection,
    tombstones: &Tombstones,
    named: &HashSet<i64>,
    count: &mut Erased,
) -> rusqlite::Result<()> {
    let (mut dropped, mut dictionaries, mut kinds) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    {
        let mut unpacker = Unpacker::default();
        let mut all = db.prepare(
            "SELECT r.id, r.dictionary, r.bytes, r.len, s.kind FROM raw r JOIN source s ON s.id = r.source ORDER BY r.id",
        )?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let dictionary: Option<i64> = row.get(1)?;
            let len = usize::try_from(row.get::<_, i64>(3)?).unwrap_or(0);
            if named.contains(&id)
                || tombstones.touches(&unpacker.unpack(db, dictionary, row.get_ref(2)?.as_blob()?, len)?)
            {
                dropped.push(id);
                dictionaries.extend(dictionary);
                kinds.insert(row.get::<_, String>(4)?);
            }
        }
        // A dictionary whose payloads are all gone holds pieces of them still.
        let mut unused = db.prepare("SELECT id, kind FROM dictionary")?;
        let mut rows = unused.query([])?;
        while let Some(row) = rows.next()? {
            if kinds.contains(row.get_ref(1)?.as_str()?) {
                dictionaries.insert(row.get(0)?);
            }
        }
    }
    count.payloads = dropped.len() as u64;
    if !dropped.is_empty() {
        db.execute_batch("CREATE TEMP TABLE dropped (id INTEGER PRIMARY KEY)")?;
        let mut add = db.prepare("INSERT INTO temp.dropped (id) VALUES (?)")?;
        dropped.iter().try_for_each(|id| add.execute([id]).map(drop))?;
        drop(add);
        db.execute_batch(
            "UPDATE log SET raw = NULL WHERE raw IN (SELECT id FROM temp.dropped);
             DELETE FROM raw WHERE id IN (SELECT id FROM temp.dropped);
             DROP TABLE temp.dropped;",
        )?;
    }
    count.dictionaries = dictionaries.len() as u64;
    for dictionary in dictionaries {
        repack(db, dictionary)?;
    }
    rejects(db, tombstones, count)
}

/// Makes a dictionary anew from the payloads that stay and packs them with it.
fn repack(db: &Connection, dictionary: i64) -> rusqlite::Result<()> {
    let kind: String =
        db.query_row("SELECT kind FROM dictionary WHERE id = ?", [dictionary], |row| row.get(0))?;
    let ids: Vec<i64> = db
        .prepare("SELECT id FROM raw WHERE dictionary = ? ORDER BY id")?
        .query_map([dictionary], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut unpacker = Unpacker::default();
    let mut unpack = |id: &i64| -> rusqlite::Result<Vec<u8>> {
        db.prepare_cached("SELECT bytes, len FROM raw WHERE id = ?")?.query_row([id], |row| {
            let len = usize::try_from(row.get::<_, i64>(1)?).unwrap_or(0);
            unpacker.unpack(db, Some(dictionary), row.get_ref(0)?.as_blob()?, len)
        })
    };
    let samples: Vec<Vec<u8>> = ids.iter().take(4_000).map(&mut unpack).collect::<rusqlite::Result<_>>()?;
    db.execute("UPDATE dictionary SET kind = '' WHERE id = ?", [dictionary])?; // none that the packer would find
    let mut packer = Packer::new(db, &kind, samples.iter().map(Vec::as_slice))?;
    let mut write = db.prepare("UPDATE raw SET dictionary = ?, bytes = ? WHERE id = ?")?;
    for id in &ids {
        let (fresh, packed) = packer.pack(&unpack(id)?)?;
        write.execute(params![fresh, packed, id])?;
    }
    db.execute("DELETE FROM dictionary WHERE id = ?", [dictionary]).map(drop)
}

fn rejects(db: &Connection, tombstones: &Tombstones, count: &mut Erased) -> rusqlite::Result<()> {
    let all: Vec<(i64, String, Reject)> = db
        .prepare("SELECT id, item, at, why, bytes FROM reject ORDER BY id")?
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, Reject { at: row.get(2)?, why: row.get(3)?, raw: row.get(4)? }))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut write = db.prepare(
        "UPDATE OR REPLACE reject SET item = ?, at = ?, why = ?, bytes = ?, digest = ? WHERE id = ?",
    )?;
    for (id, item, mut reject) in all {
        let before = (item.clone(), reject.clone());
        let item = tombstones.item(&item).unwrap_or(item);
        tombstones.reject(&mut reject);
        if before != (item.clone(), reject.clone()) {
            let digest = reject_digest(&item, &reject);
            write.execute(params![item, reject.at, reject.why, reject.raw, digest, id])?;
            count.rejects += 1;
        }
    }
    Ok(())
}
