//! Who is not written to, and who may be named: what people themselves have said.

use std::collections::BTreeSet;

use rapport_store::Store;

use crate::fault::Fault;

/// The people who asked not to be contacted, by number.
#[allow(clippy::unnecessary_wraps)] // until the store keeps what people allowed
pub(super) fn leave_alone(_: &Store) -> Result<BTreeSet<i64>, Fault> {
    Ok(BTreeSet::new())
}
