//! The activity log, its roll-ups, its full text and the team's state, in one SQLite file.
//!
//! Nobody else names the database. No SQL in the public API. A cursor never moves without its rows: rows, roll-ups,
//! index and cursor are one transaction. An activity is rewritten only to forget a person.

mod append;
mod chat;
mod check;
mod choices;
mod compress;
mod kinds;
mod open;
pub mod questions;
mod rebuild;
mod rollup;
mod schema;
mod search;
mod sources;
mod threads;
mod topics;
mod transfer;
mod vectors;

pub use append::{Judge, Links, NewRead};
pub use check::Finding;
pub use choices::Choice;
pub use kinds::{Learned, Told};
pub use open::{Store, StoreError};
pub use search::{Asked, Hit, Reply, Wanted};
pub use sources::{RejectRow, SourceRow};
pub use threads::{Line, ThreadRow};
pub use topics::{Asking, Finding as TopicFinding, Word};
pub use transfer::{Load, TABLES};
pub use vectors::Near;
