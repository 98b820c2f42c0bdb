//! The activity log, its roll-ups, its full text and the team's state, in one SQLite file.
//!
//! Nobody else names the database. No SQL in the public API. A cursor never moves without its rows: rows, roll-ups,
//! index and cursor are one transaction. An activity is rewritten only to forget a person.

mod append;
mod check;
mod choices;
mod compress;
mod deliveries;
mod evidence;
mod feedback;
mod field;
mod identities;
mod ledger;
mod open;
mod privacy;
pub mod questions;
mod rebuild;
mod rollup;
mod schema;
mod search;
mod sources;
mod threads;
mod topics;
mod transfer;

pub use append::{Judge, NewRead};
pub use check::Finding;
pub use choices::Choice;
pub use deliveries::{AnswerLink, Delivery, Place, Told, Voice};
pub use evidence::{Evidence, EvidenceChange, EvidenceWanted};
pub use feedback::{Feedback, FeedbackStep};
pub use field::contacts::Contact;
pub use field::docs::{DocsPage, DocsSearch};
pub use field::friction::FrictionLog;
pub use field::notes::{Event, FieldNote, Talk};
pub use identities::IdentityRow;
pub use ledger::Changed;
pub use open::{Store, StoreError};
pub use privacy::{Account, Consent, Erased, Erasure, Held, HeldActivity, Introduction};
pub use search::{Hit, Wanted};
pub use sources::{RejectRow, SourceRow};
pub use threads::{Line, ThreadRow};
pub use topics::{Asking, Finding as TopicFinding, Word};
pub use transfer::{Load, TABLES};
