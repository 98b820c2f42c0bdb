//! `[asks]`: the page on which everybody may read what was asked for and what became of it.

use serde::{Deserialize, Serialize};

/// The public page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Asks {
    /// It is there, for everybody, without a login.
    pub(crate) public: bool,
    /// Feedback that is not on it.
    pub(crate) leave_out: Vec<i64>,
}
