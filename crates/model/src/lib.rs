//! The words of Rapport as types.
//!
//! Every other crate speaks in these. NEVER here: IO, async, a clock, an engine's types, or a bare `String` where a
//! newtype of this crate says what the string means.

pub mod activity;
pub mod batch;
pub mod count;
pub mod department;
pub mod identity;
pub mod ledger;
pub mod naming;
pub mod need;
pub mod slug;
pub mod source;
pub mod spaced;
pub mod thread;
pub mod time;

pub use activity::{Act, Activity, Key, ThreadRef};
pub use batch::{ItemInfo, Page, Record, Reject};
pub use count::ReadCount;
pub use department::Department;
pub use identity::{MemberKind, Place, Who};
pub use ledger::{Ledger, Said, ToSay};
pub use naming::{Book, Meant, Naming};
pub use need::{Because, NeedKind, NeedState};
pub use slug::{BadSlug, Slug};
pub use source::{ConnectorName, Scope, SourceKey};
pub use spaced::spaced;
pub use thread::{
    ChatLine, Entry, Erased, KindSaid, Mark, Opening, ThreadFacts, ThreadHistory, ThreadKind, ThreadState,
};
pub use time::{BadTime, Month, Time, Week};
