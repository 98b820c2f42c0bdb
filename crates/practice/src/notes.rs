//! Field notes.
