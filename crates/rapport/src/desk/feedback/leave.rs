//! Who is not written to: what people themselves have said.

use std::collections::BTreeSet;

use rapport_store::Store;

use crate::fault::Fault;

/// The people who asked not to be contacted, by every number that stands for them.
pub(super) fn leave_alone(store: &Store) -> Result<BTreeSet<i64>, Fault> {
    let persons = store.persons()?;
    let refused =
        store.consents()?.into_iter().filter(|(_, consent)| !consent.may_contact()).map(|(id, _)| id);
    Ok(refused.flat_map(|id| [id, persons.get(&id).copied().unwrap_or(id)]).collect())
}
