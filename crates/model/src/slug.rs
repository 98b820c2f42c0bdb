//! Names for open sets: kinds that data files may add to without code.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// A stable name of an open set: 1 to 64 of `a-z`, `0-9` and `-`, beginning with a letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Slug(String);

/// A text that cannot be a [`Slug`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a name; wanted are 1 to 64 of a-z, 0-9 and '-', beginning with a letter")]
pub struct BadSlug(pub String);

impl Slug {
    /// Checks and takes a name.
    ///
    /// # Errors
    /// [`BadSlug`] when the text breaks the rule of the type.
    pub fn new(text: &str) -> Result<Slug, BadSlug> {
        let good = text.len() <= 64
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if good { Ok(Slug(text.to_owned())) } else { Err(BadSlug(text.chars().take(80).collect())) }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Slug {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Slug, D::Error> {
        let text = String::deserialize(deserializer)?;
        Slug::new(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_would_not_survive_a_file_name() {
        assert!(Slug::new("developer-experience").is_ok());
        for bad in ["", "Docs", "-x", "9lives", "a b", &"a".repeat(65)] {
            assert!(Slug::new(bad).is_err(), "{bad}");
        }
    }
}
