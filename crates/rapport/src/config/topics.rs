//! What the owner declares of topics: areas of the product, in words and examples.

use std::collections::BTreeMap;

use rapport_insight::topics::Declared;
use serde::{Deserialize, Serialize};

/// An area of the product.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Area {
    /// Words for it.
    pub(crate) words: Vec<String>,
    /// Sentences that are about it.
    pub(crate) examples: Vec<String>,
}

/// Every area has a name and says what it is about.
pub(super) fn check(areas: &BTreeMap<String, Area>) -> Result<(), String> {
    for (name, area) in areas {
        if name.trim().is_empty() {
            return Err("[topics]: a topic without a name".to_owned());
        }
        if !area.words.iter().chain(&area.examples).any(|text| text.contains(char::is_alphanumeric)) {
            return Err(format!("[topics.{name:?}]: words or examples have to say what it is about"));
        }
    }
    Ok(())
}

/// The areas as the finder of topics takes them, by name.
pub(crate) fn declared(areas: &BTreeMap<String, Area>) -> Vec<Declared> {
    let area = |(name, area): (&String, &Area)| Declared {
        label: name.trim().to_owned(),
        words: area.words.clone(),
        examples: area.examples.clone(),
        ..Declared::default()
    };
    areas.iter().map(area).collect()
}
