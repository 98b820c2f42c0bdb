//! Who is a practitioner of Developer Relations: a definition read from a data file, and a verdict with its reasons.
//!
//! NEVER here: a verdict from a title alone, a verdict without what would change it, or a function or a kind of
//! employer that is held against somebody because nobody has listed it.

mod decide;
mod flips;
mod judge;
mod letter;
mod person;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use decide::{NotTaken, Said, Standing, standing, take};
pub use flips::{Flip, flips};
pub use judge::{Clause, Finding, Judgement, Verdict, judge};
pub use person::{BadPerson, Duty, Job, Person};

/// A word as names are written: lower-case, joined by `-`.
pub(crate) fn slugged(text: &str) -> String {
    person::slug(text)
}

/// The definition that comes with the program.
const OURS: &str = include_str!("../definitions/devrel-1.toml");

/// A definition, as its file says it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    clauses: Vec<ClauseText>,
    sole: Sole,
    full_time: FullTime,
    functions: Vec<Function>,
    titles: Titles,
    lines: Lines,
    employers: Employers,
    several: Several,
    #[serde(default)]
    contributions: Vec<Contribution>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClauseText {
    id: String,
    words: String,
}
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sole {
    from: f64,
}
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct FullTime {
    from: f64,
    surely_below: f64,
}
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Function {
    id: String,
    kind: FunctionKind,
    #[serde(default)]
    also: Vec<String>,
    question: Option<String>,
    why: Option<String>,
    /// For whom this work usually is, in shares: product, marketing, engineering.
    #[serde(default)]
    leans: BTreeMap<String, f64>,
}
/// What a function means for the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FunctionKind {
    Devrel,
    Related,
    Asks,
}
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Titles {
    devrel: Vec<String>,
    related: Vec<String>,
}
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lines {
    fits: Vec<String>,
    conflict: Vec<String>,
}
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Employers {
    known: Vec<String>,
}
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Several {
    why: String,
    question: String,
    contracts: Vec<String>,
}
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contribution {
    name: String,
    all: Vec<String>,
    any: Vec<String>,
}

/// A definition that cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BadDefinition {
    /// The file's form; the message says where.
    #[error("{0}")]
    Form(String),
    /// What it says cannot be.
    #[error("{0}")]
    Meaning(String),
}

impl Definition {
    /// The definition that comes with the program.
    ///
    /// # Panics
    /// Never: a test reads it.
    #[must_use]
    pub fn ours() -> Definition {
        match Definition::read(OURS) {
            Ok(found) => found,
            Err(error) => unreachable!("the definition that comes with the program: {error}"),
        }
    }

    /// Reads a definition file.
    ///
    /// # Errors
    /// When it is no TOML of this shape, or says what cannot be.
    pub fn read(text: &str) -> Result<Definition, BadDefinition> {
        let found: Definition = toml::from_str(text).map_err(|e| BadDefinition::Form(e.to_string()))?;
        let meaning = |text: String| Err(BadDefinition::Meaning(text));
        for clause in ["function", "sole", "full-time"] {
            if !found.clauses.iter().any(|c| c.id == clause) {
                return meaning(format!("the clause '{clause}' has no words"));
            }
        }
        if !(found.sole.from > 0.0 && found.sole.from <= 1.0) {
            return meaning(format!("sole.from is {}; wanted is more than 0 and at most 1", found.sole.from));
        }
        if !(found.full_time.from <= 168.0
            && found.full_time.surely_below >= 0.0
            && found.full_time.surely_below <= found.full_time.from)
        {
            return meaning("full_time: wanted is 0 <= surely_below <= from <= 168".to_owned());
        }
        let mut names: Vec<&String> =
            found.functions.iter().flat_map(|f| f.also.iter().chain([&f.id])).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|two| two[0] == two[1]) {
            return meaning(format!("the function '{}' stands there twice", twice[0]));
        }
        for function in found.functions.iter().filter(|f| !f.leans.is_empty()) {
            let sum: f64 = function.leans.values().sum();
            if (sum - 1.0).abs() > 0.011 || function.leans.values().any(|share| *share < 0.0) {
                return meaning(format!("the leans of '{}' add up to {sum}; wanted is 1", function.id));
            }
        }
        if let Some(function) =
            found.functions.iter().find(|f| f.kind == FunctionKind::Asks && f.question.is_none())
        {
            return meaning(format!("the function '{}' asks, and has no question", function.id));
        }
        Ok(found)
    }

    /// Name and version, as verdicts carry them.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}/{}", self.name, self.version)
    }

    /// How a department fits as a line, by what it is for. A name that has sales in it is sales, whatever else it has.
    #[must_use]
    pub fn fit(&self, duty: &str) -> crate::org::Fit {
        let duty = person::slug(duty);
        let sells = |word: &str| self.lines.conflict.iter().any(|c| c == word);
        if sells(&duty) || duty.split('-').any(sells) {
            crate::org::Fit::Conflict
        } else if self.lines.fits.contains(&duty) {
            crate::org::Fit::Fits
        } else {
            crate::org::Fit::Outside
        }
    }
    /// The departments that fit as a line.
    #[must_use]
    pub fn fitting(&self) -> &[String] {
        &self.lines.fits
    }
    /// What a function of the work is: true when it is one of Developer Relations, false when it is another role, nothing
    /// when it depends or is not listed.
    #[must_use]
    pub fn is_devrel(&self, function: &str) -> Option<bool> {
        match self.function(function)?.kind {
            FunctionKind::Devrel => Some(true),
            FunctionKind::Related => Some(false),
            FunctionKind::Asks => None,
        }
    }

    /// For whom a function of the work usually is, in shares: as the definition says, else for all alike.
    #[must_use]
    pub fn leans(&self, function: &str) -> Vec<(&str, f64)> {
        let said = self.function(function).map(|f| &f.leans).filter(|leans| !leans.is_empty());
        said.map_or_else(
            || {
                #[allow(clippy::cast_precision_loss)] // three
                let each = 1.0 / self.lines.fits.len().max(1) as f64;
                self.lines.fits.iter().map(|fit| (fit.as_str(), each)).collect()
            },
            |leans| leans.iter().map(|(duty, share)| (duty.as_str(), *share)).collect(),
        )
    }

    fn function(&self, word: &str) -> Option<&Function> {
        let word = person::slug(word);
        self.functions.iter().find(|f| f.id == word || f.also.contains(&word))
    }

    fn clause(&self, id: &str) -> &str {
        self.clauses.iter().find(|c| c.id == id).map_or("", |c| c.words.as_str())
    }
}
