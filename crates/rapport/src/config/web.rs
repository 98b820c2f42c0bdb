//! `[web]`: how the web app speaks.

use serde::{Deserialize, Serialize};

/// The web app.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Web {
    /// The language of its pages: `en`, or another that the program was built with.
    pub(crate) language: String,
}

impl Default for Web {
    fn default() -> Web {
        Web { language: "en".to_owned() }
    }
}
