//! Connectors: from recorded bytes to activities.
//!
//! A connector is a pure function: it never performs IO, sleeps, retries, reads the clock or posts, and it drops
//! nothing it cannot read without a [`Reject`]. The driver ([`drive`]) opens what [`archive`] finds, asks the
//! connector in which order to read it, and hands over one item's bytes at a time.

pub mod archive;
mod bounds;
pub mod contract;
pub mod drive;
pub mod events;
mod gathered;
pub mod hooks;
pub mod lines;
pub mod live;
pub mod markup;
pub mod registry;
pub mod scan;
pub mod transport;

mod connectors;

pub use archive::{Archive, Unopened};
pub use contract::{About, Connector, Detected, Item, Out, Peek, Plan, Reader, Record, Reject, Unreadable};
pub use drive::{Done, Page, detect, read};
pub use live::LIVE;
pub use registry::{CONNECTORS, connector};
