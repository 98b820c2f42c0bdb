//! Everything beside the log when a person is forgotten: accounts, what was said of them, and every text of every other
//! table, known or not yet invented.

use std::collections::BTreeMap;

use rapport_model::{Time, Who};
use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::erase::Erased;
use super::tombstone::Tombstones;

/// Tables that the sweep leaves alone: they are cleared by themselves, or hold nothing that was read.
const ASIDE: [&str; 12] = [
    "log",
    "raw",
    "reject",
    "dictionary",
    "identity",
    "activity",
    "folder_salt",
    "forgotten",
    "forgotten_mark",
    "forgotten_text",
    "person_month",
    "source",
];

/// A column of a table.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) text: bool,
    required: bool,
}

pub(super) fn columns(db: &Connection, table: &str) -> rusqlite::Result<Vec<Column>> {
    db.prepare("SELECT name, upper(type) = 'TEXT', \"notnull\" FROM pragma_table_info(?)")?
        .query_map([table], |row| Ok(Column { name: row.get(0)?, text: row.get(1)?, required: row.get(2)? }))?
        .collect()
}

pub(super) fn tables(db: &Connection) -> rusqlite::Result<Vec<String>> {
    db.prepare(
        "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'words%' AND name NOT LIKE 'sqlite_%'
         ORDER BY name",
    )?
    .query_map([], |row| row.get(0))?
    .collect()
}

/// Columns of other tables that say which identity a row is about: table and column.
pub(super) fn about_identities(db: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut out = Vec::new();
    for table in tables(db)?.into_iter().filter(|t| !matches!(t.as_str(), "log" | "identity")) {
        let mut keys =
            db.prepare("SELECT \"from\" FROM pragma_foreign_key_list(?) WHERE \"table\" = 'identity'")?;
        let columns: Vec<String> =
            keys.query_map([&table], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        out.extend(columns.into_iter().map(|column| (table.clone(), column)));
    }
    Ok(out)
}

/// The accounts lose everything but their place, their kind, and who is one person with whom.
pub(super) fn identities(
    db: &Connection,
    tombstones: &Tombstones,
    accounts: &[(i64, Who)],
) -> rusqlite::Result<()> {
    let emptied: Vec<String> = columns(db, "identity")?
        .into_iter()
        .filter(|c| c.text && !c.required)
        .map(|c| format!("\"{}\" = NULL", c.name))
        .collect();
    let sql =
        format!("UPDATE identity SET key = ?, because = 'forgotten', {} WHERE id = ?", emptied.join(", "));
    for (id, who) in accounts {
        if let Some(cleared) = tombstones.who(who) {
            db.execute(&sql, params![cleared.key, id])?;
        }
    }
    // Others keep their accounts; what of the person's name stands in their names and reasons goes.
    let others: Vec<(i64, [Option<String>; 3])> = db
        .prepare("SELECT id, name, title, because FROM identity WHERE key NOT LIKE 'forgotten-%'")?
        .query_map([], |row| Ok((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?])))?
        .collect::<rusqlite::Result<_>>()?;
    for (id, texts) in others {
        let cleared = texts.clone().map(|text| text.map(|text| tombstones.text(&text).unwrap_or(text)));
        if cleared != texts {
            let [name, title, because] = cleared;
            db.execute(
                "UPDATE identity SET name = ?, title = ?, because = ? WHERE id = ?",
                params![name, title, because, id],
            )?;
        }
    }
    Ok(())
}

/// Rows about the person's accounts: evidence loses its words, everything else goes, the history of merges too. That the
/// accounts are one person stays, without saying why: people are counted as before.
pub(super) fn rows(
    db: &Connection,
    accounts: &[(i64, Who)],
    label: &str,
    at: Time,
    count: &mut Erased,
) -> rusqlite::Result<()> {
    for (table, column) in about_identities(db)? {
        let quotes = columns(db, &table)?.iter().any(|c| c.name == "quote" && c.text);
        let sql = if quotes {
            format!("UPDATE {table} SET quote = '(forgotten)' WHERE {column} = ?")
        } else {
            format!("DELETE FROM {table} WHERE {column} = ?")
        };
        let mut n = 0;
        for (id, _) in accounts {
            n += db.execute(&sql, [id])? as u64;
        }
        if n > 0 {
            *count.elsewhere.entry(table).or_default() += n;
        }
    }
    let linked = columns(db, "identity")?.iter().any(|c| c.name == "person");
    let words = columns(db, "ledger")?;
    if let (true, false, [(first, _), rest @ ..]) = (linked, words.is_empty(), accounts) {
        for (id, _) in rest {
            db.execute(
                "INSERT INTO ledger (at, who, automatic, word, a, b, because) SELECT ?, 'rapport', 1, 'same', ?, ?, ?
                 WHERE (SELECT coalesce(person, id) FROM identity WHERE id = ?2) = (SELECT coalesce(person, id) FROM identity WHERE id = ?3)",
                params![at.millis(), first, id, format!("one person, now {label}")],
            )?;
        }
    }
    Ok(())
}

/// Every text in every other table: names and quotes go, keys are renamed as in the log.
pub(super) fn sweep(
    db: &Connection,
    tombstones: &Tombstones,
    count: &mut BTreeMap<String, u64>,
) -> rusqlite::Result<()> {
    for table in tables(db)?.into_iter().filter(|table| !ASIDE.contains(&table.as_str())) {
        for column in columns(db, &table)?.into_iter().filter(|c| c.text) {
            let name = column.name;
            let is_key = name == "key" || name.ends_with("_key");
            let found: Vec<(String, String)> = {
                let mut all =
                    db.prepare(&format!("SELECT DISTINCT \"{name}\" FROM {table} WHERE \"{name}\" <> ''"))?;
                let mut rows = all.query([])?;
                let mut found = Vec::new();
                while let Some(row) = rows.next()? {
                    let text = row.get_ref(0)?.as_str()?;
                    let cleared = match (table.as_str(), is_key) {
                        ("item", _) => tombstones.item(text),
                        (_, true) => tombstones.key(text),
                        _ => tombstones
                            .link(text)
                            .map(|t| tombstones.text(&t).unwrap_or(t))
                            .or_else(|| tombstones.text(text)),
                    };
                    found.extend(cleared.map(|cleared| (text.to_owned(), cleared)));
                }
                found
            };
            let mut write =
                db.prepare(&format!("UPDATE OR REPLACE {table} SET \"{name}\" = ?2 WHERE \"{name}\" = ?1"))?;
            for (old, new) in found {
                let n = write.execute([Value::from(old), Value::from(new)])? as u64;
                if !matches!(table.as_str(), "thread" | "item") {
                    *count.entry(table.clone()).or_default() += n;
                }
            }
        }
    }
    Ok(())
}
