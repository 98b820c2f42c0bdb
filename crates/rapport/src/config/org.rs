//! `[org]` and `[roster]`: where the organisation's file and the definitions are.

use serde::{Deserialize, Serialize};

/// The organisation.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Org {
    /// Its file.
    pub(crate) file: String,
}

/// Who is a practitioner.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Roster {
    /// The definition in force; ours where none is named.
    pub(crate) definition: String,
    /// Definitions beside it.
    pub(crate) definitions: Vec<String>,
}

impl Default for Org {
    fn default() -> Org {
        Org { file: "org.toml".to_owned() }
    }
}
