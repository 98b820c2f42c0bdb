//! How many were forgotten, and how many agreed to what: figures without names, for the page that shows what holds.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::open::{Store, StoreError};

/// How many people gave which last answer to each question, and how many were forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Agreed {
    /// People who were forgotten in this folder.
    pub forgotten: i64,
    /// May be quoted by name.
    pub quote_yes: i64,
    /// May not.
    pub quote_no: i64,
    /// May be written to.
    pub contact_yes: i64,
    /// Must not be.
    pub contact_no: i64,
    /// May be introduced.
    pub introduce_yes: i64,
    /// May not.
    pub introduce_no: i64,
}

impl Store {
    /// Counts what people agreed to, by person.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn agreed(&self) -> Result<Agreed, StoreError> {
        let all = self.consents()?;
        self.ask(|db| {
            let forgotten = db.query_row("SELECT count(*) FROM forgotten", [], |row| row.get(0))?;
            let mut agreed = Agreed { forgotten, ..Agreed::default() };
            let mut person = db.prepare("SELECT person FROM identity WHERE id = ?")?;
            let mut seen = BTreeSet::new();
            // By number: the same person's accounts all carry the same answers.
            for (identity, said) in all.iter().collect::<BTreeMap<_, _>>() {
                let who: i64 = person.query_row([identity], |row| row.get(0))?;
                if !seen.insert(who) {
                    continue;
                }
                for (answer, yes, no) in [
                    (said.quote, &mut agreed.quote_yes, &mut agreed.quote_no),
                    (said.contact, &mut agreed.contact_yes, &mut agreed.contact_no),
                    (said.introduce, &mut agreed.introduce_yes, &mut agreed.introduce_no),
                ] {
                    match answer {
                        Some(true) => *yes += 1,
                        Some(false) => *no += 1,
                        None => {}
                    }
                }
            }
            Ok(agreed)
        })
    }
}
