//! What do people ask for, in their words? For routing and for the focus map.

use rapport_model::{NeedKind, Scope, Time};
use rusqlite::{Row, params};

use crate::open::{Store, StoreError};

/// One need in its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedText {
    /// The thread.
    pub thread: i64,
    /// Who asked.
    pub asker: Option<i64>,
    /// What its source tells about.
    pub scope: Scope,
    /// What it asks for.
    pub kind: NeedKind,
    /// Its title.
    pub title: String,
    /// The opening words, cut to 4,000 characters.
    pub text: String,
}

/// What every one of these questions asks for, with `t` the thread, `s` its source and `l` its opening.
const FROM: &str =
    "SELECT t.id, t.opener, s.scope, t.need, coalesce(t.title, ''), coalesce(substr(l.text, 1, 4000), '')
   FROM thread t JOIN source s ON s.id = t.source LEFT JOIN activity a ON a.id = t.opening
     LEFT JOIN log l ON l.id = a.newest";

fn need(row: &Row<'_>) -> rusqlite::Result<NeedText> {
    Ok(NeedText {
        thread: row.get(0)?,
        asker: row.get(1)?,
        scope: row.get_ref(2)?.as_str_or_null()?.and_then(Scope::from_word).unwrap_or_default(),
        kind: NeedKind::named(row.get_ref(3)?.as_str()?),
        title: row.get(4)?,
        text: row.get(5)?,
    })
}

impl Store {
    /// Every need that was asked after one moment and until another, the oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn needs_since(&self, after: Time, until: Time) -> Result<Vec<NeedText>, StoreError> {
        let sql = format!(
            "{FROM} WHERE t.need IS NOT NULL AND t.opened_at > ?1 AND t.opened_at <= ?2 ORDER BY t.opened_at, t.id"
        );
        self.ask(|db| {
            db.prepare_cached(&sql)?.query_map(params![after.millis(), until.millis()], need)?.collect()
        })
    }

    /// Every need that waits and was asked by a moment.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn needs_waiting(&self, until: Time) -> Result<Vec<NeedText>, StoreError> {
        let sql = format!(
            "{FROM} WHERE t.waiting_since IS NOT NULL AND t.need IS NOT NULL AND t.opened_at <= ?1 ORDER BY t.opened_at, t.id"
        );
        self.ask(|db| db.prepare_cached(&sql)?.query_map([until.millis()], need)?.collect())
    }

    /// The needs among some threads, in their order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn needs_of(&self, threads: &[i64]) -> Result<Vec<NeedText>, StoreError> {
        let sql = format!("{FROM} WHERE t.id = ?1 AND t.need IS NOT NULL");
        self.ask(|db| {
            let mut statement = db.prepare_cached(&sql)?;
            let mut all = Vec::new();
            for thread in threads {
                for row in statement.query_map([thread], need)? {
                    all.push(row?);
                }
            }
            Ok(all)
        })
    }
}
