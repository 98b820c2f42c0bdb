//! Lines: to which department somebody reports in the end, and whether that fits the definition.

use std::collections::{BTreeMap, BTreeSet};

use rapport_model::{Department, Slug};
use serde::Serialize;

use super::lints::{self, Finding};
use super::{Member, Organisation};
use crate::definition::Definition;

/// Where one line ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The department.
    pub department: Department,
    /// Through whom: the people between, the nearest first.
    pub through: Vec<Slug>,
}

/// All lines of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Line {
    /// One department each; exactly one is the rule.
    pub ends: Vec<Step>,
}

/// How a department fits as a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// One of the three.
    Fits,
    /// Sales or business development.
    Conflict,
    /// Anything else: no conflict, but not what the definition describes.
    Outside,
}

/// The lines of somebody, followed through people to departments. Lines in a circle end nowhere.
#[must_use]
pub fn line(org: &Organisation, member: &Member) -> Line {
    let mut found = Line::default();
    let mut seen = BTreeSet::from([member.id.clone()]);
    follow(org, &member.reports_to, &mut Vec::new(), &mut seen, &mut found);
    found
}

fn follow(
    org: &Organisation,
    to: &[Slug],
    through: &mut Vec<Slug>,
    seen: &mut BTreeSet<Slug>,
    found: &mut Line,
) {
    for name in to {
        match org.member(name.as_str()) {
            // Somebody who reports to several people in one department has one line.
            Some(above) => {
                if seen.insert(above.id.clone()) {
                    through.push(above.id.clone());
                    follow(org, &above.reports_to, through, seen, found);
                    through.pop();
                }
            }
            None => {
                if !found.ends.iter().any(|end| end.department.0 == *name) {
                    found.ends.push(Step { department: Department(name.clone()), through: through.clone() });
                }
            }
        }
    }
}

/// How a department fits as a line, by what it counts as; but what is called sales is sales, whatever it counts as. A
/// department that nobody declared is judged by its own name.
#[must_use]
pub fn fit(org: &Organisation, definition: &Definition, department: &str) -> Fit {
    let Some(declared) = org.department(department) else { return definition.fit(department) };
    let sells = |word: &str| definition.fit(word) == Fit::Conflict;
    if sells(declared.id.as_str()) || sells(&declared.name) {
        return Fit::Conflict;
    }
    definition.fit(declared.counts_as.as_str())
}

/// Lines of people or departments that lead in a circle; one finding per circle, at its first member.
pub(super) fn circles(org: &Organisation) -> Vec<Finding> {
    let mut above: BTreeMap<&Slug, Vec<&Slug>> = BTreeMap::new();
    for department in &org.departments {
        above.insert(&department.id.0, department.reports_to.iter().map(|d| &d.0).collect());
    }
    for member in &org.people {
        above.insert(&member.id, member.reports_to.iter().collect());
    }
    let all = org.people.iter().map(|p| (&p.id, p.at)).chain(org.departments.iter().map(|d| (&d.id.0, d.at)));
    let mut told: BTreeSet<Slug> = BTreeSet::new();
    let mut findings = Vec::new();
    for (name, at) in all {
        let Some(circle) = back_to(name, &above) else { continue };
        if circle.iter().any(|one| told.contains(one)) {
            continue;
        }
        let names: Vec<&str> = circle.iter().chain([name]).map(Slug::as_str).collect();
        findings.push(lints::finding(
            "ORG023",
            at,
            format!("the line of {name} leads back to itself: {}", names.join(" to ")),
            "let one of them report to somebody outside the circle",
        ));
        told.extend(circle);
    }
    findings
}

/// The way from a name back to itself, when there is one; every name is visited once.
fn back_to<'o>(name: &'o Slug, above: &BTreeMap<&'o Slug, Vec<&'o Slug>>) -> Option<Vec<Slug>> {
    let mut below: BTreeMap<&Slug, &Slug> = BTreeMap::new();
    let mut open = vec![name];
    while let Some(here) = open.pop() {
        for next in above.get(here).into_iter().flatten() {
            if *next == name {
                let mut way = vec![here.clone()];
                while let Some(before) = way.last().and_then(|last| below.get(last)) {
                    way.push((*before).clone());
                }
                way.reverse();
                return Some(way);
            }
            if !below.contains_key(next) {
                below.insert(next, here);
                open.push(next);
            }
        }
    }
    None
}
