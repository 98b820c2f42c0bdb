//! Questions in the user's own SQL, read only, and the export of the documented views.

use rusqlite::types::ValueRef;
use serde_json::Value;

use crate::open::{Store, StoreError};

/// What `export` writes: name and the query behind it.
pub const EXPORTED: [(&str, &str); 7] = [
    ("activities", "SELECT * FROM activities ORDER BY source, at, key"),
    ("threads", "SELECT * FROM threads ORDER BY source, opened_at, key"),
    ("needs", "SELECT * FROM needs ORDER BY source, opened_at, thread"),
    ("people", "SELECT * FROM people ORDER BY place, key"),
    ("evidence", "SELECT * FROM evidence ORDER BY id"),
    ("feedback", "SELECT * FROM feedback ORDER BY id"),
    (
        "sources",
        "SELECT name, kind, scope, location, read, stored, known, rejected FROM source ORDER BY name",
    ),
];

/// A text inside a statement.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The question whose rows are the threads of a source, as [`Store::sql`] answers it.
#[must_use]
pub fn threads_of(source: &str) -> String {
    let source = quoted(source);
    format!(
        "SELECT id AS thread, kind, title, opened_text, messages, url FROM threads WHERE source = {source} ORDER BY id DESC"
    )
}

/// The question whose rows are the activities of a source that still stand there.
#[must_use]
pub fn activities_of(source: &str) -> String {
    let source = quoted(source);
    format!(
        "SELECT id, act, at_text, thread, url FROM activities WHERE source = {source} AND deleted = 0 ORDER BY id DESC"
    )
}

/// The question whose rows are what a person did in a source.
#[must_use]
pub fn acts_of(person: i64, source: &str, act: &str) -> String {
    let (source, act) = (quoted(source), quoted(act));
    format!(
        "SELECT at_text, thread, text, url FROM activities WHERE person IN (SELECT id FROM people WHERE person = {person})
         AND source = {source} AND act = {act} AND deleted = 0 ORDER BY at"
    )
}

impl Store {
    /// Runs one statement that only reads, handing each row to `each` with the column names; stops when it says so.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with the database's words when the statement is wrong or would write.
    pub fn sql(
        &self,
        query: &str,
        each: &mut dyn FnMut(&[String], Vec<Value>) -> bool,
    ) -> Result<Vec<String>, StoreError> {
        let refused = |e: rusqlite::Error| StoreError::Refused(e.to_string());
        let mut statement = self.db.prepare(query).map_err(refused)?;
        if !statement.readonly() {
            return Err(StoreError::Refused("this statement would write; `sql` only reads".to_owned()));
        }
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([]).map_err(refused)?;
        while let Some(row) = rows.next().map_err(refused)? {
            let mut values = Vec::with_capacity(columns.len());
            for column in 0..columns.len() {
                values.push(value(row.get_ref(column).map_err(refused)?));
            }
            if !each(&columns, values) {
                break;
            }
        }
        Ok(columns)
    }
}

fn value(cell: ValueRef<'_>) -> Value {
    match cell {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => n.into(),
        ValueRef::Real(n) => n.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
        ValueRef::Blob(bytes) => bytes.iter().map(|b| format!("{b:02x}")).collect::<String>().into(),
    }
}
