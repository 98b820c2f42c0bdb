//! What the owner declares for reports, the digest and the documentation.

use serde::{Deserialize, Serialize};

/// The documentation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Docs {
    /// Where its pages are.
    pub(crate) sites: Vec<String>,
}

/// The digest.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Digest {
    /// Who may be named.
    pub(crate) credit: Vec<String>,
}

/// The reports.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Reporting {
    /// Who answers for the numbers.
    pub(crate) owner: String,
    /// When an outcome counts as ours.
    pub(crate) attribution: String,
    /// Since when that rule holds.
    pub(crate) attribution_date: String,
    /// The share of askers to be answered in time.
    pub(crate) answered_in_time: f64,
    /// Days in which a department decides.
    pub(crate) decided_within_days: u32,
    /// Whose thresholds these are.
    pub(crate) thresholds: String,
}

impl Default for Reporting {
    fn default() -> Reporting {
        Reporting {
            owner: String::new(),
            attribution: "a need counts as met when a human answered it or its asker settled it, whoever did so; feedback \
                          counts as shipped only when its department or its tracker says so, and as told only where a \
                          person wrote to the askers"
                .to_owned(),
            attribution_date: String::new(),
            answered_in_time: 0.8,
            decided_within_days: 14,
            thresholds: "the program's default, nobody's promise yet".to_owned(),
        }
    }
}
