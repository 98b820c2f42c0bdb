//! The lean: for which departments the work is, measured, beside what the line makes one expect.
//!
//! Measured are pieces of work: a reply to somebody's need counts for the department that the need concerns, a commit or a
//! review for engineering, something published for marketing. Where there are too few of them, what the people's working
//! time is declared to go into stands in.

use std::collections::BTreeMap;

use rapport_model::{Act, Department};
use serde::Serialize;

use crate::definition::Definition;
use crate::org::{Fit, Member, Organisation, fit, line};

/// Fewer pieces are a list, not a share.
pub const LEAST: u64 = 30;
/// The share that is expected for the department of the line; the other two share the rest.
const OF_THE_LINE: f64 = 0.5;
/// A share this far from what is expected is spoken of.
const FAR: f64 = 0.25;

/// What a mix was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Pieces of work that the program knows.
    Measured,
    /// Shares that the organisation's file declares.
    Declared,
}

/// A mix of the work.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lean {
    /// The share of each department; together 1.
    pub shares: BTreeMap<Department, f64>,
    /// How many pieces were measured; hours a week when declared.
    pub pieces: u64,
    /// What it was made from.
    pub made_from: Basis,
}

/// One piece of work, or several alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// For whom.
    pub department: Department,
    /// Why for them.
    pub because: String,
    /// How many.
    pub count: u64,
}

/// For whom an act is that answers no need, and why; nothing for what is no work for anybody (a reaction, an assignment).
#[must_use]
pub fn of_act(act: Act) -> Option<(&'static str, &'static str)> {
    match act {
        Act::Committed | Act::Coauthored | Act::Reviewed | Act::Merged => {
            Some(("engineering", "written or reviewed code"))
        }
        Act::Opened | Act::Released => Some(("marketing", "published or announced")),
        _ => None,
    }
}

impl Lean {
    /// The mix of pieces of work; nothing where there are fewer than [`LEAST`].
    #[must_use]
    pub fn measured(pieces: &[Piece]) -> Option<Lean> {
        let total: u64 = pieces.iter().map(|p| p.count).sum();
        if total < LEAST {
            return None;
        }
        let mut counts: BTreeMap<Department, f64> = BTreeMap::new();
        for piece in pieces.iter().filter(|p| p.count > 0) {
            *counts.entry(piece.department.clone()).or_default() += number(piece.count);
        }
        Some(Lean { shares: shares(counts)?, pieces: total, made_from: Basis::Measured })
    }

    /// The mix that the file declares: `works-for` of each member, weighed by hours; else what the functions are usually for.
    #[must_use]
    pub fn declared(org: &Organisation, definition: &Definition, team: &[&Member]) -> Option<Lean> {
        let mut counts: BTreeMap<Department, f64> = BTreeMap::new();
        let mut hours = 0.0;
        for member in team {
            let weight = member.hours.unwrap_or(40.0);
            let mix = if member.works_for.is_empty() {
                by_function(org, definition, member)
            } else {
                member.works_for.clone()
            };
            if mix.values().sum::<f64>() > 0.0 {
                hours += weight;
            }
            for (department, share) in mix {
                *counts.entry(department).or_default() += share * weight;
            }
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // hours of a team
        let pieces = hours.round().max(0.0) as u64;
        Some(Lean { shares: shares(counts)?, pieces, made_from: Basis::Declared })
    }

    /// The department that all of it is for, when there is one.
    #[must_use]
    pub fn exclusive(&self) -> Option<&Department> {
        self.shares.iter().find(|(_, share)| **share > 0.9999).map(|(department, _)| department)
    }

    /// The department that is farthest above or below what is expected, when it is far: it, its share, the expected one.
    #[must_use]
    pub fn farthest(&self, expected: &BTreeMap<Department, f64>) -> Option<(Department, f64, f64)> {
        let all = self.shares.keys().chain(expected.keys());
        let at = |map: &BTreeMap<Department, f64>, d: &Department| map.get(d).copied().unwrap_or(0.0);
        let (far, department) = all
            .map(|d| ((at(&self.shares, d) - at(expected, d)).abs(), d))
            .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))?;
        (far > FAR && !expected.is_empty())
            .then(|| (department.clone(), at(&self.shares, department), at(expected, department)))
    }

    /// What it was made from, in words.
    #[must_use]
    pub fn basis(&self) -> String {
        match self.made_from {
            Basis::Measured => format!("measured on {} pieces of work", self.pieces),
            Basis::Declared => format!("as declared for {} hours a week", self.pieces),
        }
    }
}

/// The mix that is expected: as agreed in the file, else half for the department of the line and the rest for the other
/// two. A line elsewhere (sales, an executive) takes its half as well: that is what it costs.
#[must_use]
pub fn expected(org: &Organisation, definition: &Definition, team: &[&Member]) -> BTreeMap<Department, f64> {
    if !org.rules.expected_lean.is_empty() {
        return org.rules.expected_lean.clone();
    }
    from_lines(org, definition, team)
}

/// The mix that the lines alone make one expect.
#[must_use]
pub fn from_lines(
    org: &Organisation,
    definition: &Definition,
    team: &[&Member],
) -> BTreeMap<Department, f64> {
    let mut counts: BTreeMap<Department, f64> = BTreeMap::new();
    for member in team {
        for end in &line(org, member).ends {
            for (department, share) in of_line(org, definition, &end.department) {
                *counts.entry(department).or_default() += share;
            }
        }
    }
    shares(counts).unwrap_or_default()
}

fn of_line(org: &Organisation, definition: &Definition, to: &Department) -> Vec<(Department, f64)> {
    let duty = |d: &Department| org.department(d.as_str()).map(|e| e.counts_as.to_string());
    let own = match fit(org, definition, to.as_str()) {
        Fit::Fits => duty(to).unwrap_or_else(|| to.to_string()),
        _ => String::new(),
    };
    let others: Vec<&String> = definition.fitting().iter().filter(|d| **d != own).collect();
    #[allow(clippy::cast_precision_loss)] // a handful
    let each = (1.0 - OF_THE_LINE) / others.len().max(1) as f64;
    let mut found = vec![(to.clone(), OF_THE_LINE)];
    found.extend(others.into_iter().filter_map(|d| Some((standing_for(org, d)?, each))));
    found
}

/// The department that does the work of one of the three, or the word itself where none is declared.
#[must_use]
pub fn standing_for(org: &Organisation, duty: &str) -> Option<Department> {
    org.counting_as(duty).map(|d| d.id.clone()).or_else(|| Department::new(duty).ok())
}

/// For whom the functions usually are, as the definition's file says.
fn by_function(org: &Organisation, definition: &Definition, member: &Member) -> BTreeMap<Department, f64> {
    let mut found: BTreeMap<Department, f64> = BTreeMap::new();
    for (function, share) in &member.functions {
        if definition.is_devrel(function.as_str()) != Some(true) {
            continue;
        }
        for (duty, part) in definition.leans(function.as_str()) {
            if let Some(department) = standing_for(org, duty) {
                *found.entry(department).or_default() += share * part;
            }
        }
    }
    found
}

fn shares(counts: BTreeMap<Department, f64>) -> Option<BTreeMap<Department, f64>> {
    let total: f64 = counts.values().sum();
    (total > 0.0).then(|| counts.into_iter().map(|(d, n)| (d, n / total)).collect())
}

fn number(n: u64) -> f64 {
    #[allow(clippy::cast_precision_loss)] // pieces of work
    let n = n as f64;
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(to: &str, count: u64) -> Piece {
        Piece { department: Department::new(to).unwrap(), because: String::new(), count }
    }

    #[test]
    fn a_mix_is_of_one_whole_and_a_few_pieces_are_none() {
        assert!(Lean::measured(&[piece("product", LEAST - 1)]).is_none());
        let lean =
            Lean::measured(&[piece("product", 30), piece("marketing", 10), piece("sales", 0)]).unwrap();
        assert!((lean.shares.values().sum::<f64>() - 1.0).abs() < 1e-9);
        assert_eq!(lean.shares.len(), 2);
        assert!(lean.exclusive().is_none());
        assert_eq!(
            Lean::measured(&[piece("product", 40)]).unwrap().exclusive().map(Department::as_str),
            Some("product")
        );
    }

    #[test]
    fn what_is_far_from_the_expected_is_spoken_of() {
        let lean = Lean::measured(&[piece("product", 36), piece("marketing", 4)]).unwrap();
        let even: BTreeMap<Department, f64> =
            Department::THREE.into_iter().map(|d| (Department::new(d).unwrap(), 1.0 / 3.0)).collect();
        let (department, share, wanted) = lean.farthest(&even).unwrap();
        assert_eq!(department.as_str(), "product");
        assert!((share - 0.9).abs() < 1e-9 && (wanted - 1.0 / 3.0).abs() < 1e-9);
        let near = Lean::measured(&[piece("product", 14), piece("marketing", 14), piece("engineering", 12)])
            .unwrap();
        assert!(near.farthest(&even).is_none());
    }
}
