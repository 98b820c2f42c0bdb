//! A changed definition: whom it would judge otherwise. It changes nobody by itself.

use serde::Serialize;

use super::judge::{Verdict, judge};
use super::{Definition, Person};

/// Somebody whose verdict would be another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flip {
    /// Who, as the caller calls them.
    pub id: String,
    /// By the old definition.
    pub before: Verdict,
    /// By the new one.
    pub after: Verdict,
    /// The clause that decided before.
    pub clause_before: Option<String>,
    /// The clause that decides now.
    pub clause_after: Option<String>,
}

/// Who would flip, in the order given. Who cannot be judged does not.
#[must_use]
pub fn flips(old: &Definition, new: &Definition, people: &[(String, Person)]) -> Vec<Flip> {
    people
        .iter()
        .filter_map(|(id, person)| {
            let (before, after) = (judge(old, person).ok()?, judge(new, person).ok()?);
            (before.verdict != after.verdict).then(|| Flip {
                id: id.clone(),
                before: before.verdict,
                after: after.verdict,
                clause_before: before.clause,
                clause_after: after.clause,
            })
        })
        .collect()
}
