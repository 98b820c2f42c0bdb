//! A part of the employer that decides about something: product, marketing, engineering, and whatever else there is.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::slug::{BadSlug, Slug};

/// A department by its name: an open set, declared in the organisation's file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Department(pub Slug);

impl Department {
    /// The three that a practitioner reports to or interfaces with.
    pub const THREE: [&'static str; 3] = ["product", "marketing", "engineering"];

    /// Checks and takes a name.
    ///
    /// # Errors
    /// [`BadSlug`] when the text is no name.
    pub fn new(text: &str) -> Result<Department, BadSlug> {
        Slug::new(text).map(Department)
    }
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for Department {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_are_names_and_others_work() {
        for name in Department::THREE.into_iter().chain(["sales", "trust-and-safety"]) {
            assert_eq!(Department::new(name).unwrap().to_string(), name);
        }
        assert!(Department::new("Product Team").is_err());
    }
}
