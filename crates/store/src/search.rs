//! Full text: which messages say this?

use rapport_model::{Act, NeedKind, NeedState, Time};
use rusqlite::types::Value;

use crate::open::{Store, StoreError};

/// What a search looks for. Empty filters let everything through.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Words; all must occur. `"two words"` is a phrase, `word*` a beginning.
    pub words: String,
    /// Only this source.
    pub source: Option<String>,
    /// Only threads with this kind of need.
    pub kind: Option<NeedKind>,
    /// Only threads whose need has come this far.
    pub state: Option<NeedState>,
    /// Only from this moment on.
    pub since: Option<Time>,
    /// Only before this moment.
    pub until: Option<Time>,
    /// Only by people one of whose names, logins or addresses is this.
    pub person: Option<String>,
    /// How many at most.
    pub most: usize,
}

/// One message found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The activity.
    pub activity: i64,
    /// Its thread, if any.
    pub thread: Option<i64>,
    /// The source.
    pub source: String,
    /// The thread's title.
    pub title: String,
    /// The message.
    pub text: String,
    /// What was done.
    pub act: Act,
    /// When.
    pub at: Time,
    /// By whom.
    pub who: Option<String>,
    /// A link.
    pub url: Option<String>,
    /// BM25, larger is better.
    pub score: f64,
}

impl Store {
    /// The best matches first.
    ///
    /// # Errors
    /// When the database cannot be read. Any words are fine: what is no query is taken as plain words.
    pub fn search(&self, wanted: &Wanted) -> Result<Vec<Hit>, StoreError> {
        let query = query(&wanted.words);
        if query.is_empty() {
            return Ok(Vec::new());
        }
        let mut filter = String::new();
        let mut values = vec![Value::from(query)];
        let mut and = |sql: &str, value: Option<Value>| {
            if let Some(value) = value {
                values.push(value);
                filter.push_str(&sql.replace("{}", &format!("?{}", values.len())));
            }
        };
        and(" AND s.name = {}", wanted.source.clone().map(Value::from));
        and(" AND t.need = {}", wanted.kind.as_ref().map(|k| Value::from(k.as_str().to_owned())));
        and(
            " AND t.need IS NOT NULL AND t.state = {}",
            wanted.state.map(|s| Value::from(s.as_str().to_owned())),
        );
        and(" AND a.at >= {}", wanted.since.map(|t| Value::from(t.millis())));
        and(" AND a.at < {}", wanted.until.map(|t| Value::from(t.millis())));
        and(
            " AND coalesce(i.person, i.id) IN (SELECT coalesce(x.person, x.id) FROM identity x
                WHERE {} IN (lower(x.name), lower(x.handle), lower(x.key), lower(x.email)))",
            wanted.person.as_ref().map(|p| Value::from(p.to_lowercase())),
        );
        values.push(Value::from(i64::try_from(wanted.most).unwrap_or(i64::MAX)));
        let last = values.len();
        // Ranked inside the index first; only the winners fetch their words and names.
        let sql = if filter.is_empty() {
            format!(
                "SELECT a.id, a.thread, s.name, coalesce(t.title, ''), l.text, a.act, a.at,
                   coalesce(nullif(i.name, ''), nullif(i.handle, ''), i.key), l.url, -w.score
                 FROM (SELECT rowid, bm25(words, 4.0, 1.0) AS score FROM words WHERE words MATCH ?1
                       ORDER BY score, rowid LIMIT ?{last}) w
                 JOIN activity a ON a.id = w.rowid JOIN log l ON l.id = a.newest JOIN source s ON s.id = a.source
                 LEFT JOIN thread t ON t.id = a.thread LEFT JOIN identity i ON i.id = a.who
                 ORDER BY w.score, a.id"
            )
        } else {
            format!(
                "SELECT a.id, a.thread, s.name, coalesce(t.title, ''), l.text, a.act, a.at,
                   coalesce(nullif(i.name, ''), nullif(i.handle, ''), i.key), l.url, -bm25(words, 4.0, 1.0)
                 FROM words JOIN activity a ON a.id = words.rowid JOIN log l ON l.id = a.newest
                 JOIN source s ON s.id = a.source LEFT JOIN thread t ON t.id = a.thread
                 LEFT JOIN identity i ON i.id = a.who
                 WHERE words MATCH ?1 {filter} ORDER BY bm25(words, 4.0, 1.0), a.id LIMIT ?{last}"
            )
        };
        self.ask(|db| {
            db.prepare_cached(&sql)?
                .query_map(rusqlite::params_from_iter(values), |row| {
                    Ok(Hit {
                        activity: row.get(0)?,
                        thread: row.get(1)?,
                        source: row.get(2)?,
                        title: row.get(3)?,
                        text: row.get(4)?,
                        act: Act::from_word(row.get_ref(5)?.as_str()?).unwrap_or(Act::Other),
                        at: Time::from_millis(row.get(6)?).unwrap_or(Time::MIN),
                        who: row.get(7)?,
                        url: row.get(8)?,
                        score: row.get(9)?,
                    })
                })?
                .collect()
        })
    }
}

/// From what a person types to the index's language: words and phrases quoted, so that nothing typed is an error.
fn query(words: &str) -> String {
    let mut out = Vec::new();
    for (n, part) in words.split('"').enumerate() {
        if n % 2 == 1 {
            if part.chars().any(char::is_alphanumeric) {
                out.push(format!("\"{part}\""));
            }
            continue;
        }
        for word in part.split_whitespace().filter(|w| w.chars().any(char::is_alphanumeric)) {
            match word.strip_suffix('*') {
                Some(stem) => out.push(format!("\"{stem}\"*")),
                None => out.push(format!("\"{word}\"")),
            }
        }
    }
    out.join(" ")
}
