//! The text base: what people wrote without what they pasted, its language, its tokens, its vectors.
//!
//! Whatever a text says, it is only ever looked at: nothing in here acts on words.

pub mod clean;
pub mod language;
pub mod retrieval;
pub mod vectors;
pub mod wordpiece;
