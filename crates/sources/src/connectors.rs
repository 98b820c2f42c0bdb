//! One file per kind of source. Each is pure; [`crate::registry`] lists them.

pub(crate) mod zulip;
