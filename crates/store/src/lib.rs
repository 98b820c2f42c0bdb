//! The activity log, its roll-ups, its full text and the team's state, in one SQLite file.
//!
//! Nobody else names the database. No SQL in the public API. A cursor never moves without its rows: rows, roll-ups,
//! index and cursor are one transaction. An activity is rewritten only to forget a person.

mod accounts;
mod append;
mod applications;
mod audit;
mod chat;
mod check;
mod choices;
mod compress;
mod deliveries;
mod evidence;
mod feedback;
mod feeds;
mod field;
mod hooks;
mod identities;
mod kinds;
mod ledger;
mod live;
mod looks;
mod open;
mod organisation;
mod privacy;
pub mod questions;
mod rebuild;
mod rollup;
mod schema;
mod search;
mod sources;
mod terms;
mod threads;
mod topics;
mod transfer;
mod vectors;

pub use accounts::Login;
pub use append::{Judge, Links, NewRead};
pub use applications::{Application, ApplicationWord};
pub use audit::{AuditLine, AuditWanted};
pub use check::Finding;
pub use choices::Choice;
pub use deliveries::{AnswerLink, Delivery, Place, Told, Voice};
pub use evidence::{Evidence, EvidenceChange, EvidenceWanted};
pub use feedback::{Feedback, FeedbackStep};
pub use feeds::FeedKey;
pub use field::contacts::Contact;
pub use field::docs::{DocsPage, DocsSearch};
pub use field::friction::FrictionLog;
pub use field::notes::{Event, FieldNote, Talk};
pub use hooks::{Arrived, HookRow, Inbound, Settled};
pub use identities::IdentityRow;
pub use kinds::{Labelled, Learned};
pub use ledger::Changed;
pub use live::{LimitRow, Moved, StreamRow};
pub use looks::LookRow;
pub use open::{Store, StoreError};
pub use organisation::OrgCopy;
pub use privacy::{Account, Agreed, Consent, Erased, Erasure, Held, HeldActivity, Introduction, NamesMark};
pub use search::{Asked, Hit, Reply, Wanted};
pub use sources::{RejectRow, SourceRow};
pub use terms::Term;
pub use threads::{Line, ThreadRow};
pub use topics::{Asking, Finding as TopicFinding, Spot, Word};
pub use transfer::{Load, TABLES};
pub use vectors::Near;
