//! Understanding: what threads ask for, who answered, what is the same.
//!
//! Pure. NEVER here: IO, a clock (`as_of` is an argument), unseeded chance, a finding without evidence, or a link
//! between two identities on a name alone.

mod answered;
pub mod chance;
pub mod docs;
pub mod gaps;
pub mod kind;
pub mod members;
pub mod naming;
pub mod nearest;
pub mod people;
pub mod replies;
pub mod same;
pub mod similar;
pub mod stats;
pub mod text;
pub mod threads;
pub mod topics;
pub mod trends;
