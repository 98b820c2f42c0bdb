//! What did the practitioners do, and about what?

use rapport_model::{Act, NeedKind, Scope, Time};
use rusqlite::params;

use crate::open::{Store, StoreError};

/// What practitioners did in one thread, or beside any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// The thread, when it was done in one.
    pub thread: Option<i64>,
    /// What the thread asks for, when it asks.
    pub need: Option<NeedKind>,
    /// Whose thread it is: one of ours opened it.
    pub own: bool,
    /// What its source tells about.
    pub scope: Scope,
    /// Its title.
    pub title: String,
    /// What was done.
    pub act: Act,
    /// How often.
    pub count: u64,
}

impl Store {
    /// The acts of practitioners after one moment and until another, by thread; the oldest thread first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn work(&self, after: Time, until: Time) -> Result<Vec<Work>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT a.thread, t.need, coalesce(o.member IN ('practitioner', 'staff'), 0), s.scope,
                   coalesce(t.title, ''), a.act, count(*)
                 FROM identity i CROSS JOIN activity a ON a.who = i.id
                   JOIN source s ON s.id = a.source LEFT JOIN thread t ON t.id = a.thread
                   LEFT JOIN identity o ON o.id = t.opener
                 WHERE i.member = 'practitioner' AND a.deleted = 0 AND a.at > ?1 AND a.at <= ?2
                 GROUP BY a.thread, a.act, s.scope ORDER BY a.thread, a.act, s.scope",
            )?
            .query_map(params![after.millis(), until.millis()], |row| {
                Ok(Work {
                    thread: row.get(0)?,
                    need: row.get_ref(1)?.as_str_or_null()?.map(NeedKind::named),
                    own: row.get(2)?,
                    scope: row.get_ref(3)?.as_str_or_null()?.and_then(Scope::from_word).unwrap_or_default(),
                    title: row.get(4)?,
                    act: Act::from_word(row.get_ref(5)?.as_str()?).unwrap_or(Act::Other),
                    count: row.get::<_, i64>(6)?.try_into().unwrap_or(0),
                })
            })?
            .collect()
        })
    }
}
