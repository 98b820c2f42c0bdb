//! What a person may ask: what do you hold, delete it, do not quote me, do not write to me. And who may see whom.

mod clean;
mod consent;
mod counts;
mod encoded;
mod erase;
mod ledger;
mod payloads;
mod person;
#[cfg(test)]
mod tests;
mod tombstone;
mod veil;

pub(crate) use clean::finish;
pub use consent::{Consent, Introduction};
pub use counts::Agreed;
pub use erase::{Erased, Erasure};
pub use person::{Account, Held, HeldActivity};
pub(crate) use tombstone::{LABEL, Tombstones};
pub use veil::NamesMark;
