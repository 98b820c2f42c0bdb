//! When did the team and a department last have to do with each other?

use rapport_model::Time;

use crate::open::{Store, StoreError};

/// One contact with a department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The department.
    pub department: String,
    /// When.
    pub at: Time,
    /// What it was: `feedback delivered`, or the note of a talk.
    pub what: String,
    /// It was a delivery, a piece of work for that department.
    pub delivery: bool,
}

/// The tables that hold contacts.
const PARTS: [&str; 2] = [
        "SELECT f.department, s.at, 'feedback ' || s.state, s.state = 'delivered' FROM feedback_step s
         JOIN feedback_row f ON f.id = s.feedback WHERE s.state <> 'draft' AND s.at <= ?1 ORDER BY s.at, s.id",
    "SELECT department, date, note, 0 FROM contact WHERE date <= ?1 ORDER BY date, id",
];

impl Store {
    /// Every contact until a moment: steps of feedback, and talks that were noted; each sort in order of time.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn traffic(&self, until: Time) -> Result<Vec<Contact>, StoreError> {
        self.ask(|db| {
            let mut all = Vec::new();
            for sql in PARTS {
                let mut statement = db.prepare_cached(sql)?;
                let rows = statement.query_map([until.millis()], |row| {
                    Ok(Contact {
                        department: row.get(0)?,
                        at: Time::from_millis(row.get(1)?).unwrap_or(Time::MIN),
                        what: row.get(2)?,
                        delivery: row.get(3)?,
                    })
                })?;
                for row in rows {
                    all.push(row?);
                }
            }
            Ok(all)
        })
    }
}
