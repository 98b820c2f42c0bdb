//! A re-organisation before it happens: what the definition says to it, what it starves, which interfaces go dark, and what
//! would do instead. It changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use rapport_model::{Department, Slug};
use serde::Serialize;

use super::check::{Facts, check, last_word, named_for, practitioners, to_speak_with};
use super::lines::{Fit, fit, line};
use super::lints::Finding;
use super::{DepartmentEntry, Level, Member, Organisation};
use crate::definition::{Definition, Verdict};
use crate::lean::{from_lines, standing_for};

/// Whose line goes where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewLine {
    /// Whose.
    pub people: Vec<Slug>,
    /// To which department.
    pub to: Department,
}

/// Words that cannot be taken as a re-organisation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadChange {
    /// No line is named.
    #[error("'{0}' names no line; wanted is \"line of PERSON to DEPARTMENT\"")]
    Words(String),
    /// Nobody of that name.
    #[error("there is nobody called '{who}'; there are: {known}, or everybody")]
    Nobody {
        /// As said.
        who: String,
        /// Who there is.
        known: String,
    },
    /// No department of that name.
    #[error("there is no department '{to}'; there are: {known}")]
    Nowhere {
        /// As said.
        to: String,
        /// Which there are.
        known: String,
    },
}

/// A department that would get less of the work.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Starved {
    /// The department.
    pub department: Department,
    /// Its name for people.
    pub name: String,
    /// The share that the lines make one expect now.
    pub before: f64,
    /// The share that they would.
    pub after: f64,
    /// The share that is measured, when it is.
    pub measured: Option<f64>,
    /// People who wait for something that concerns it.
    pub waiting: u64,
}

/// An interface that would go dark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dark {
    /// The department.
    pub department: Department,
    /// Its name for people.
    pub name: String,
    /// Why.
    pub because: String,
}

/// What would do instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alternative {
    /// In words.
    pub says: String,
    /// The line to try, as `--line` takes it; nothing when the line stays.
    pub lines: Vec<String>,
    /// Findings that it would leave.
    pub findings: usize,
}

/// Everything that a change would do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// What would be found that is not found now.
    pub found: Vec<Finding>,
    /// What is found now and would not be.
    pub gone: Vec<Finding>,
    /// Who would get less.
    pub starves: Vec<Starved>,
    /// Which interfaces would go dark.
    pub dark: Vec<Dark>,
    /// What would do instead, the best first.
    pub alternatives: Vec<Alternative>,
}

impl Outcome {
    /// The conflicts of interest among what would be found.
    pub fn conflicts(&self) -> impl Iterator<Item = &Finding> {
        self.found.iter().filter(|f| f.code == "ORG103")
    }
}

/// A change as somebody says it: "line of noor to sales", "noor reports to sales", "noor=sales". `everybody` (or `devrel`,
/// `the team`) stands for all whose line leads straight to a department.
///
/// # Errors
/// When it names no line, or somebody or something that is not there.
pub fn parse(org: &Organisation, definition: &Definition, said: &str) -> Result<NewLine, BadChange> {
    let plain = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = plain.to_lowercase();
    let words = || BadChange::Words(super::sheet::cut(said));
    let (who, to) = if let Some((who, to)) = lower.split_once('=') {
        (who, to)
    } else {
        let rest = ["the line of ", "line of ", "a line of "]
            .iter()
            .find_map(|s| lower.strip_prefix(s))
            .unwrap_or(&lower);
        let rest = rest.strip_prefix("the ").unwrap_or(rest);
        [" reports to ", " report to ", " under ", " to "]
            .iter()
            .find_map(|s| rest.rsplit_once(s))
            .ok_or_else(words)?
    };
    let (who, to) = (who.trim(), to.trim().trim_start_matches("the ").trim_end_matches(['.', '!', '?']));
    if who.is_empty() || to.is_empty() {
        return Err(words());
    }
    Ok(NewLine { people: people(org, definition, who)?, to: department(org, definition, to)? })
}

fn people(org: &Organisation, definition: &Definition, who: &str) -> Result<Vec<Slug>, BadChange> {
    const ALL: [&str; 7] =
        ["everybody", "everyone", "all", "devrel", "team", "the team", "developer relations"];
    let named = org.people.iter().find(|m| m.id.as_str() == who || m.name.to_lowercase() == who);
    // A first name will do when only one has it.
    let first: Vec<&Member> =
        org.people.iter().filter(|m| m.name.to_lowercase().split(' ').next() == Some(who)).collect();
    if let Some(found) = named.or(if first.len() == 1 { first.first().copied() } else { None }) {
        return Ok(vec![found.id.clone()]);
    }
    if ALL.contains(&who) {
        let straight = |m: &&Member| m.reports_to.iter().all(|to| org.member(to.as_str()).is_none());
        let team = team(org, definition);
        return Ok(team.into_iter().filter(straight).map(|m| m.id.clone()).collect());
    }
    let known: Vec<&str> = org.people.iter().map(|m| m.id.as_str()).take(20).collect();
    let known = if known.is_empty() { "nobody yet".to_owned() } else { known.join(", ") };
    Err(BadChange::Nobody { who: super::sheet::cut(who), known })
}

fn department(org: &Organisation, definition: &Definition, to: &str) -> Result<Department, BadChange> {
    let slug = crate::definition::slugged(to);
    let declared = org.departments.iter().find(|d| d.id.as_str() == slug || d.name.to_lowercase() == to);
    if let Some(found) = declared.or_else(|| org.counting_as(&slug)) {
        return Ok(found.id.clone());
    }
    // What the definition speaks of can be tried without being declared; a word that it does not know may be a slip.
    const OTHERS: [&str; 8] =
        ["executive", "ceo", "cto", "support", "customer-success", "operations", "people", "finance"];
    let known = definition.fit(&slug) != Fit::Outside || OTHERS.contains(&slug.as_str());
    match Department::new(&slug) {
        Ok(department) if known => Ok(department),
        _ => {
            let known: Vec<&str> = org.departments.iter().map(|d| d.id.as_str()).collect();
            Err(BadChange::Nowhere { to: super::sheet::cut(to), known: known.join(", ") })
        }
    }
}

fn team<'o>(org: &'o Organisation, definition: &Definition) -> Vec<&'o Member> {
    let judged = practitioners(org, definition).into_iter();
    judged.filter(|(_, j)| j.verdict != Verdict::Recognised).map(|(m, _)| m).collect()
}

/// The organisation with new lines. A department that is not declared is, plainly.
#[must_use]
pub fn with_lines(org: &Organisation, lines: &[NewLine]) -> Organisation {
    let mut org = org.clone();
    for new in lines {
        if org.department(new.to.as_str()).is_none() {
            let days = org.rules.decide_within_days;
            org.departments.push(DepartmentEntry::plain(new.to.clone(), days));
        }
        for member in org.people.iter_mut().filter(|m| new.people.contains(&m.id)) {
            member.reports_to = vec![new.to.0.clone()];
        }
    }
    org
}

/// Compares two organisations. `waiting` are the people who wait, by the department that it concerns.
#[must_use]
pub fn what_if(
    before: &Organisation,
    after: &Organisation,
    definition: &Definition,
    facts: Facts<'_>,
    waiting: &BTreeMap<Department, u64>,
) -> Outcome {
    let (old, new) = (check(before, definition, facts), check(after, definition, facts));
    // That the lean is unexpected is one finding, whatever its numbers.
    let same = |a: &Finding, b: &Finding| a.code == b.code && (a.says == b.says || a.code == "ORG109");
    let minus = |all: &[Finding], but: &[Finding]| -> Vec<Finding> {
        all.iter().filter(|a| !but.iter().any(|b| same(a, b))).cloned().collect()
    };
    let mut found = minus(&new, &old);
    found.sort_by_key(|f| (f.code != "ORG103", f.level));
    let alternatives = if found.iter().any(|f| f.level == Level::Finding) {
        alternatives(before, after, definition, facts, waiting)
    } else {
        Vec::new()
    };
    Outcome {
        gone: minus(&old, &new),
        starves: starves(before, after, definition, facts, waiting),
        dark: dark(before, after, definition, facts),
        found,
        alternatives,
    }
}

fn starves(
    before: &Organisation,
    after: &Organisation,
    definition: &Definition,
    facts: Facts<'_>,
    waiting: &BTreeMap<Department, u64>,
) -> Vec<Starved> {
    let was = from_lines(before, definition, &team(before, definition));
    let is = from_lines(after, definition, &team(after, definition));
    let at = |map: &BTreeMap<Department, f64>, d: &Department| map.get(d).copied().unwrap_or(0.0);
    let mut found: Vec<Starved> = was
        .keys()
        .filter(|d| at(&is, d) + 1e-9 < at(&was, d) && fit(before, definition, d.as_str()) == Fit::Fits)
        .map(|d| Starved {
            department: d.clone(),
            name: before.called(d.as_str()),
            before: at(&was, d),
            after: at(&is, d),
            measured: facts.lean.map(|lean| at(&lean.shares, d)),
            waiting: waiting.get(d).copied().unwrap_or(0),
        })
        .collect();
    found.sort_by(|a, b| {
        (b.before - b.after).total_cmp(&(a.before - a.after)).then_with(|| a.department.cmp(&b.department))
    });
    found
}

/// The departments that a team's lines end in.
fn ends(org: &Organisation, definition: &Definition) -> BTreeSet<Department> {
    team(org, definition).into_iter().flat_map(|m| line(org, m).ends).map(|end| end.department).collect()
}

fn dark(before: &Organisation, after: &Organisation, definition: &Definition, facts: Facts<'_>) -> Vec<Dark> {
    let (was, is) = (ends(before, definition), ends(after, definition));
    let judged = team(after, definition);
    let (there, _) = to_speak_with(after, definition, &judged);
    let mut found = Vec::new();
    let mut add = |department: &Department, because: String| {
        found.push(Dark { department: department.clone(), name: after.called(department.as_str()), because });
    };
    for department in there {
        let id = &department.id;
        let interface = named_for(after, id);
        let through =
            interface.and_then(|i| i.through.as_ref()).filter(|t| was.contains(t) && !is.contains(t));
        let keeper = interface.and_then(|i| i.kept_by.as_ref()).and_then(|k| after.member(k.as_str()));
        let sold = keeper.and_then(|k| {
            let to = line(after, k)
                .ends
                .into_iter()
                .find(|e| fit(after, definition, e.department.as_str()) == Fit::Conflict)?;
            let new = before.member(k.id.as_str()).is_none_or(|old| line(before, old) != line(after, k));
            new.then_some((k, to.department))
        });
        if was.contains(id) && interface.is_none() {
            add(id, "until now the line itself carried it, and nobody is named".to_owned());
        } else if let Some(through) = through {
            add(id, format!("{} carries it, which the line leaves", after.called(through.as_str())));
        } else if let Some((keeper, to)) = sold {
            let to = after.called(to.as_str());
            add(id, format!("{} keeps it, who would be measured by what {to} sells", keeper.name));
        } else if was.contains(id) && last_word(after, id, facts.traffic, facts.now).is_none() {
            add(id, "until now the line itself carried it, and no other word is known".to_owned());
        }
    }
    found
}

fn alternatives(
    before: &Organisation,
    after: &Organisation,
    definition: &Definition,
    facts: Facts<'_>,
    waiting: &BTreeMap<Department, u64>,
) -> Vec<Alternative> {
    let moved: Vec<&Member> = after
        .people
        .iter()
        .filter(|m| before.member(m.id.as_str()).is_none_or(|old| old.reports_to != m.reports_to))
        .collect();
    let wrong: BTreeSet<Department> = moved
        .iter()
        .flat_map(|m| line(after, m).ends)
        .map(|end| end.department)
        .filter(|d| fit(after, definition, d.as_str()) != Fit::Fits)
        .collect();
    let count = |org: &Organisation| {
        check(org, definition, facts).iter().filter(|f| f.level == Level::Finding).count()
    };
    let mut found = Vec::new();
    let stays = moved.iter().filter_map(|m| before.member(m.id.as_str())).flat_map(|m| line(before, m).ends);
    let stays: BTreeSet<Department> = stays.map(|end| end.department).collect();
    if !moved.is_empty()
        && !stays.is_empty()
        && stays.iter().all(|d| fit(before, definition, d.as_str()) == Fit::Fits)
    {
        let lines: Vec<String> = stays.iter().map(|d| before.called(d.as_str())).collect();
        let with: Vec<String> = wrong.iter().map(|d| after.called(d.as_str())).collect();
        let with = if with.is_empty() {
            String::new()
        } else {
            format!(", and speak with {} through [[interfaces]]: to interact is fine", with.join(" and "))
        };
        found.push(Alternative {
            says: format!("keep the line to {}{with}", lines.join(" and ")),
            lines: Vec::new(),
            findings: count(before),
        });
    }
    let mut others: Vec<(usize, f64, u64, Alternative)> = Vec::new();
    for duty in definition.fitting() {
        let Some(to) = standing_for(after, duty).filter(|to| !stays.contains(to)) else { continue };
        let people: Vec<Slug> = moved.iter().map(|m| m.id.clone()).collect();
        if people.is_empty() || moved.iter().all(|m| m.reports_to == [to.0.clone()]) {
            continue;
        }
        let tried = with_lines(after, &[NewLine { people: people.clone(), to: to.clone() }]);
        let share = facts.lean.and_then(|lean| lean.shares.get(&to).copied());
        let waits = waiting.get(&to).copied().unwrap_or(0);
        let why = match (share, waits) {
            (Some(share), _) if share > 0.0 => {
                format!(": {:.0} % of the work is for it already", share * 100.0)
            }
            (_, waits) if waits > 0 => format!(": {waits} people wait for something that concerns it"),
            _ => String::new(),
        };
        let alternative = Alternative {
            says: format!("a line to {}{why}", after.called(to.as_str())),
            lines: people.iter().map(|p| format!("{p}={to}")).collect(),
            findings: count(&tried),
        };
        others.push((alternative.findings, share.unwrap_or(0.0), waits, alternative));
    }
    others.sort_by(|a, b| {
        b.1.total_cmp(&a.1).then(b.2.cmp(&a.2)).then(a.0.cmp(&b.0)).then_with(|| a.3.says.cmp(&b.3.says))
    });
    found.extend(others.into_iter().map(|o| o.3));
    found
}

#[cfg(test)]
mod tests {
    use rapport_model::Time;

    use super::super::{EXAMPLE, read};
    use super::*;

    fn change(said: &str) -> Result<NewLine, BadChange> {
        parse(&read(EXAMPLE).0.unwrap(), &Definition::ours(), said)
    }

    #[test]
    fn a_change_is_said_in_words() {
        for said in [
            "line of piet to sales",
            "The line of Piet Vandersloot to the Sales",
            "piet=sales",
            "piet reports to sales.",
            "everybody to sales",
            "line of devrel to sales",
            "Piet under sales",
        ] {
            let new = change(said).unwrap_or_else(|e| panic!("{said}: {e}"));
            assert_eq!(
                (new.people[0].as_str(), new.people.len(), new.to.as_str()),
                ("piet", 1, "sales"),
                "{said}"
            );
        }
        assert_eq!(change("noor to marketing").unwrap().to.as_str(), "growth", "what counts as marketing");
        assert_eq!(change("noor to business development").unwrap().to.as_str(), "business-development");
        assert!(matches!(change("noor to prodcut"), Err(BadChange::Nowhere { .. })));
        assert!(matches!(change("nora to sales"), Err(BadChange::Nobody { .. })));
        for nothing in ["", "sales", "=", "noor=", " to ", "\u{202e}"] {
            assert!(matches!(change(nothing), Err(BadChange::Words(_))), "{nothing:?}");
        }
    }

    #[test]
    fn a_line_to_sales_is_a_conflict_with_its_price() {
        let (org, definition) = (read(EXAMPLE).0.unwrap(), Definition::ours());
        let facts = Facts { traffic: &[], lean: None, now: Time::parse("2026-09-28T08:00:00Z").unwrap() };
        let waiting = BTreeMap::from([(Department::new("engineering").unwrap(), 4)]);
        let of = |said: &str| {
            let new = parse(&org, &definition, said).unwrap();
            what_if(&org, &with_lines(&org, &[new]), &definition, facts, &waiting)
        };
        let sales = of("piet to sales");
        assert_eq!(sales.conflicts().count(), 2, "noor reports through piet: {:#?}", sales.found);
        assert!(sales.conflicts().all(|f| f.clause.is_some_and(|c| c.contains("conflict of interest"))));
        assert_eq!(sales.starves[0].name, "Growth and Brand");
        assert_eq!(sales.starves.len(), 3);
        assert_eq!(sales.starves.iter().map(|s| s.waiting).sum::<u64>(), 4);
        let dark: Vec<&str> = sales.dark.iter().map(|d| d.department.as_str()).collect();
        assert_eq!(dark, ["product", "growth", "engineering"]);
        assert_eq!(sales.dark[1].because, "until now the line itself carried it, and nobody is named");
        assert_eq!(sales.found[0].code, "ORG103", "the conflict first: {:#?}", sales.found);
        assert!(
            sales.alternatives[0].says.contains("keep the line to Growth and Brand, and speak with Sales")
        );
        assert_eq!(sales.alternatives[0].findings, 0);
        assert_eq!(
            sales.alternatives[1].lines,
            ["piet=engineering"],
            "where people wait: {:#?}",
            sales.alternatives
        );
        let boss = of("piet to ceo");
        assert_eq!(boss.conflicts().count(), 0);
        assert!(boss.found.iter().any(|f| f.code == "ORG104"));
        let none = of("piet to marketing");
        assert!(
            none.found.is_empty()
                && none.starves.is_empty()
                && none.dark.is_empty()
                && none.alternatives.is_empty()
        );
    }
}
