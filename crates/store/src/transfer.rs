//! The whole folder as plain JSON rows, and back: what `export` writes beside the views and `import` reads.
//!
//! Only what cannot be derived travels: sources, identities, what was said of them, choices, topics and what was said
//! about them, the organisation, applications, evidence and feedback, friction logs and notes, the audit log, the log
//! itself, the bytes it was
//! read from and what was set aside. Numbers are kept, so that every screen comes out the same.

use rusqlite::types::{ToSqlOutput, Value as Cell, ValueRef};
use rusqlite::{Connection, Transaction};
use serde_json::{Map, Value};

use crate::append::Judge;
use crate::compress::{Packer, Unpacker};
use crate::open::{Store, StoreError, fault};
use crate::schema::MIGRATIONS;

/// The tables that travel, in the order that they have to be loaded in.
pub const TABLES: &[&str] = &[
    "source",
    "item",
    "identity",
    "ledger",
    "suggestion",
    "term",
    "choice",
    "audit",
    "raw",
    "reject",
    "log",
    "topic_finding",
    "topic_place",
    "topic_word",
    "org_copy",
    "application",
    "application_word",
    "evidence_row",
    "feedback_row",
    "feedback_evidence",
    "feedback_thread",
    "feedback_step",
    "feedback_delivery",
    "feedback_link",
    "feedback_told",
    "friction_log",
    "event_row",
    "field_note",
    "talk",
    "talk_step",
    "docs_search",
    "docs_page",
    "contact",
    "folder_salt",
    "forgotten",
    "forgotten_mark",
    "forgotten_text",
    "consent",
    "introduction",
    "cursor",
    "validator",
    "pause",
    "rest",
    "host_limit",
    "thread_kind",
    "kind_learned",
];

impl Store {
    /// The number of the schema that this program reads and writes.
    #[must_use]
    pub fn schema_version() -> usize {
        MIGRATIONS.len()
    }

    /// Hands every row of one of [`TABLES`] to `each`, in the order of its key, until it says false. Bytes are
    /// `{"text": …}` when they are UTF-8 and `{"hex": …}` otherwise; payloads are unpacked.
    ///
    /// # Errors
    /// When the database cannot be read, or when there is no such table among [`TABLES`].
    pub fn dump(
        &self,
        table: &str,
        each: &mut dyn FnMut(Map<String, Value>) -> bool,
    ) -> Result<(), StoreError> {
        let Some(table) = TABLES.iter().copied().find(|t| *t == table) else {
            return Err(StoreError::Refused(format!("there is no table '{table}' to export")));
        };
        self.ask(|db| {
            let mut statement = db.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2"))?;
            let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
            let mut unpacker = Unpacker::default();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let mut out = Map::new();
                for (n, column) in columns.iter().enumerate() {
                    let value = match (table, column.as_str()) {
                        ("raw", "dictionary") => continue,
                        ("raw", "bytes") => {
                            let len = usize::try_from(row.get::<_, i64>("len")?).unwrap_or(0);
                            let packed = row.get_ref(n)?.as_blob()?;
                            bytes(&unpacker.unpack(db, row.get("dictionary")?, packed, len)?)
                        }
                        _ => plain(row.get_ref(n)?),
                    };
                    out.insert(column.clone(), value);
                }
                if !each(out) {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Begins to load rows into this folder, which must be empty. Dropping the load leaves it empty.
    ///
    /// # Errors
    /// When the folder holds something already, or cannot be written.
    pub fn begin_load(&mut self) -> Result<Load<'_>, StoreError> {
        let path = self.path.clone();
        if self.ask(|db| db.query_row("SELECT EXISTS (SELECT 1 FROM source)", [], |row| row.get(0)))? {
            return Err(StoreError::Refused(format!("{} is not empty", path.display())));
        }
        let tx = self.db.transaction().map_err(|e| fault(&path, &e))?;
        // A desk that was opened while it was empty looked for topics: what it noted of nothing gives way to what comes.
        tx.execute("DELETE FROM topic_finding", []).map_err(|e| fault(&path, &e))?;
        Ok(Load { tx, path, packers: Vec::new(), samples: Vec::new(), sampled: 0 })
    }
}

/// A load under way: one transaction.
pub struct Load<'s> {
    tx: Transaction<'s>,
    path: std::path::PathBuf,
    packers: Vec<(i64, Packer)>,
    /// Payloads held back until there are enough to learn from, with what else their rows say.
    samples: Vec<Map<String, Value>>,
    sampled: usize,
}

/// Payloads that are held back at most, in bytes.
const HELD: usize = 4 << 20;

impl Load<'_> {
    /// Loads one row of one of [`TABLES`], as [`Store::dump`] gave it.
    ///
    /// # Errors
    /// When the row does not fit the table, in words.
    pub fn row(&mut self, table: &str, row: Map<String, Value>) -> Result<(), StoreError> {
        let Some(table) = TABLES.iter().copied().find(|t| *t == table) else {
            return Err(StoreError::Refused(format!("there is no table '{table}' to import into")));
        };
        if table == "raw" {
            self.sampled += row.get("bytes").map_or(0, |b| b.to_string().len());
            self.samples.push(row);
            return if self.sampled > HELD { self.payloads() } else { Ok(()) };
        }
        self.payloads()?;
        insert(&self.tx, table, &row, &[]).map_err(|e| wrong(table, &e))
    }

    fn payloads(&mut self) -> Result<(), StoreError> {
        let held = std::mem::take(&mut self.samples);
        self.sampled = 0;
        if held.is_empty() {
            return Ok(());
        }
        let mut rows = Vec::new();
        for mut row in held {
            let source = row.get("source").and_then(Value::as_i64).unwrap_or(0);
            let Some(body) = row.remove("bytes").as_ref().and_then(unbytes) else {
                return Err(StoreError::Refused("raw: a row without bytes".to_owned()));
            };
            rows.push((source, row, body));
        }
        let failed = |e: rusqlite::Error| fault(&self.path, &e);
        for (source, row, body) in &rows {
            if !self.packers.iter().any(|(s, _)| s == source) {
                let kind: String = self
                    .tx
                    .query_row("SELECT kind FROM source WHERE id = ?", [source], |r| r.get(0))
                    .map_err(|_| StoreError::Refused(format!("raw: there is no source {source}")))?;
                let samples = rows.iter().filter(|(s, _, _)| s == source).map(|(_, _, b)| b.as_slice());
                self.packers.push((*source, Packer::new(&self.tx, &kind, samples).map_err(failed)?));
            }
            let Some((_, packer)) = self.packers.iter_mut().find(|(s, _)| s == source) else { continue };
            let (dictionary, packed) = packer.pack(body).map_err(failed)?;
            let more =
                [("dictionary", dictionary.map_or(Cell::Null, Cell::Integer)), ("bytes", Cell::Blob(packed))];
            insert(&self.tx, "raw", row, &more).map_err(|e| wrong("raw", &e))?;
        }
        Ok(())
    }

    /// Makes the derived tables from what was loaded and keeps it all. Gives the number of revisions.
    ///
    /// # Errors
    /// When the rows do not fit together, or the database cannot be written; the folder stays empty then.
    pub fn finish(mut self, judge: Judge<'_>, progress: &mut dyn FnMut(u64)) -> Result<u64, StoreError> {
        self.payloads()?;
        let result = (|| {
            crate::ledger::settle_persons(&self.tx)?;
            let revisions = crate::rebuild::refill(&self.tx, judge, progress)?;
            self.tx.commit()?;
            Ok(revisions)
        })();
        result.map_err(|e| fault(&self.path, &e))
    }
}

fn wrong(table: &str, error: &rusqlite::Error) -> StoreError {
    StoreError::Refused(format!("{table}: {error}"))
}

fn insert(
    db: &Connection,
    table: &str,
    row: &Map<String, Value>,
    more: &[(&str, Cell)],
) -> rusqlite::Result<()> {
    // Names come from the file: only a name made of letters reaches the statement, and a strange one is refused there.
    let fits = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if let Some(odd) = row.keys().find(|name| !fits(name)) {
        return Err(rusqlite::Error::InvalidColumnName(odd.clone()));
    }
    let names: Vec<&str> = row.keys().map(String::as_str).chain(more.iter().map(|(name, _)| *name)).collect();
    let marks = vec!["?"; names.len()].join(", ");
    let values = row.values().map(cell).chain(more.iter().map(|(_, value)| value.clone()));
    // The salt of an empty folder has salted nothing yet.
    let or = if table == "folder_salt" { "OR REPLACE " } else { "" };
    db.prepare_cached(&format!("INSERT {or}INTO {table} ({}) VALUES ({marks})", names.join(", ")))?
        .execute(rusqlite::params_from_iter(values.map(ToSqlOutput::Owned)))
        .map(drop)
}

pub(crate) fn plain(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => n.into(),
        ValueRef::Real(x) => x.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
        ValueRef::Blob(blob) => bytes(blob),
    }
}

fn bytes(blob: &[u8]) -> Value {
    let (name, value) = match std::str::from_utf8(blob) {
        Ok(text) => ("text", text.to_owned()),
        Err(_) => ("hex", blob.iter().map(|b| format!("{b:02x}")).collect()),
    };
    Value::Object(Map::from_iter([(name.to_owned(), value.into())]))
}

fn unbytes(value: &Value) -> Option<Vec<u8>> {
    if let Some(text) = value.get("text").and_then(Value::as_str) {
        return Some(text.as_bytes().to_vec());
    }
    let hex = value.get("hex")?.as_str()?.as_bytes();
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    (hex.len() % 2 == 0).then_some(())?;
    hex.chunks_exact(2).map(|pair| Some(digit(pair[0])? * 16 + digit(pair[1])?)).collect()
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(b) => Cell::Integer(i64::from(*b)),
        Value::Number(n) => n.as_i64().map_or_else(|| Cell::Real(n.as_f64().unwrap_or(0.0)), Cell::Integer),
        Value::String(text) => Cell::Text(text.clone()),
        other => unbytes(other).map_or(Cell::Null, Cell::Blob),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_whatever_they_are() {
        for blob in [&b"plain"[..], b"", &[0, 255, 16], "\u{fc}ber".as_bytes()] {
            assert_eq!(unbytes(&bytes(blob)).as_deref(), Some(blob));
        }
        assert_eq!(unbytes(&serde_json::json!({"hex": "0g"})), None);
        assert_eq!(unbytes(&serde_json::json!({"hex": "012"})), None);
    }
}
