//! `[schedule]`: how often the living sources are looked at by themselves.

use std::collections::BTreeMap;

use rapport_model::SourceKey;
use serde::{Deserialize, Serialize};

/// How often `serve` and `sync --watch` look.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Schedule {
    /// Minutes between two looks at a source, in place of its channel's own.
    pub(crate) every_minutes: Option<u32>,
    /// The same for single sources, by name.
    pub(crate) minutes_of: BTreeMap<String, u32>,
}

impl Schedule {
    /// The owner's interval for a source, in minutes.
    pub(crate) fn every(&self, name: &SourceKey) -> Option<u32> {
        self.minutes_of.get(name.as_str()).copied().or(self.every_minutes).map(|minutes| minutes.max(1))
    }
}
