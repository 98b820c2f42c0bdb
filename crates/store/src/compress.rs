//! Raw payloads, kept small: zstd with a dictionary trained on the first records of each connector.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

const LEVEL: i32 = 3;
const DICTIONARY_BYTES: usize = 16 * 1024;
/// Training takes a tenth of a second per MiB; a quarter of one is enough to learn what every record repeats.
const SAMPLE_BYTES: usize = 256 << 10;
const SAMPLES_LEAST: usize = 200;

/// Packs records of one connector kind with that kind's newest dictionary.
pub(crate) struct Packer {
    dictionary: Option<i64>,
    packer: zstd::bulk::Compressor<'static>,
}

impl Packer {
    /// The packer for `kind`. Trains a dictionary from `samples` when there is none yet and they are enough.
    pub(crate) fn new<'a>(
        db: &Connection,
        kind: &str,
        samples: impl Iterator<Item = &'a [u8]>,
    ) -> rusqlite::Result<Packer> {
        let found: Option<(i64, Vec<u8>)> = db
            .query_row(
                "SELECT id, bytes FROM dictionary WHERE kind = ? ORDER BY id DESC LIMIT 1",
                [kind],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let found = match found {
            Some(found) => Some(found),
            None => match train(samples) {
                Some(bytes) => {
                    db.execute("INSERT INTO dictionary (kind, bytes) VALUES (?, ?)", params![kind, bytes])?;
                    Some((db.last_insert_rowid(), bytes))
                }
                None => None,
            },
        };
        let dictionary = found.as_ref().map(|(id, _)| *id);
        let bytes = found.map(|(_, bytes)| bytes).unwrap_or_default();
        let packer = zstd::bulk::Compressor::with_dictionary(LEVEL, &bytes).map_err(codec)?;
        Ok(Packer { dictionary, packer })
    }

    /// Packs one record: the dictionary's number and the packed bytes.
    pub(crate) fn pack(&mut self, raw: &[u8]) -> rusqlite::Result<(Option<i64>, Vec<u8>)> {
        Ok((self.dictionary, self.packer.compress(raw).map_err(codec)?))
    }
}

fn train<'a>(samples: impl Iterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let (mut all, mut sizes) = (Vec::new(), Vec::new());
    for sample in samples {
        let sample = &sample[..sample.len().min(16 * 1024)];
        all.extend_from_slice(sample);
        sizes.push(sample.len());
        if all.len() > SAMPLE_BYTES {
            break;
        }
    }
    if sizes.len() < SAMPLES_LEAST {
        return None;
    }
    zstd::dict::from_continuous(&all, &sizes, DICTIONARY_BYTES).ok() // too uniform to train on: do without
}

/// Unpacks records; keeps the dictionaries it met.
#[derive(Default)]
pub(crate) struct Unpacker {
    dictionaries: HashMap<i64, Vec<u8>>,
}

impl Unpacker {
    /// The record's bytes as the source gave them.
    pub(crate) fn unpack(
        &mut self,
        db: &Connection,
        dictionary: Option<i64>,
        packed: &[u8],
        len: usize,
    ) -> rusqlite::Result<Vec<u8>> {
        let bytes: &[u8] = match dictionary {
            None => &[],
            Some(id) => match self.dictionaries.entry(id) {
                std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(
                        db.query_row("SELECT bytes FROM dictionary WHERE id = ?", [id], |row| row.get(0))?,
                    )
                }
            },
        };
        zstd::bulk::Decompressor::with_dictionary(bytes)
            .and_then(|mut d| d.decompress(packed, len))
            .map_err(codec)
    }
}

fn codec(error: std::io::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}
