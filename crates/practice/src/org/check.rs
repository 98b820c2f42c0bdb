//! What the definition says about an organisation: one line each, both interfaces alive, a lean that is never exclusive.

use std::collections::BTreeSet;

use rapport_model::{Department, Time};

use super::lines::{Fit, fit, line};
use super::lints::{At, Finding, finding};
use super::{DepartmentEntry, Interface, Member, Organisation};
use crate::definition::{Definition, Duty, Judgement, Person, Verdict, judge};
use crate::lean::{Lean, expected};

const DAY: i64 = 86_400_000;

/// Something that was said between the team and a department: a delivery, an answer, a talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// The department.
    pub department: Department,
    /// When.
    pub at: Time,
    /// What it was, in words.
    pub what: String,
}

/// What the program knows beside the file.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What was said between the team and departments.
    pub traffic: &'a [Traffic],
    /// The measured mix of the work, when there is one.
    pub lean: Option<&'a Lean>,
    /// Now.
    pub now: Time,
}

/// Everybody of the file with the verdict of the definition.
#[must_use]
pub fn practitioners<'o>(org: &'o Organisation, definition: &Definition) -> Vec<(&'o Member, Judgement)> {
    org.people.iter().filter_map(|m| Some((m, judge(definition, &person(org, m)).ok()?))).collect()
}

fn person(org: &Organisation, member: &Member) -> Person {
    let duty =
        |d: &Department| org.department(d.as_str()).map_or(d.as_str(), |e| e.counts_as.as_str()).to_owned();
    Person {
        title: member.title.clone(),
        employer_kind: Some(org.employer.kind.to_string()),
        reports_to: line(org, member).ends.iter().map(|end| duty(&end.department)).collect(),
        duties: member
            .functions
            .iter()
            .map(|(function, share)| Duty { function: function.to_string(), share: Some(*share) })
            .collect(),
        hours_per_week: member.hours,
        sales_quota: member.sales_quota,
        ..Person::default()
    }
}

/// Everything that is not as the definition describes it, in the order of the file.
#[must_use]
pub fn check(org: &Organisation, definition: &Definition, facts: Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let judged = practitioners(org, definition);
    for (member, judgement) in &judged {
        if judgement.verdict == Verdict::Open {
            let asks = judgement.question.as_deref().unwrap_or("what does the working time go into?");
            let says = format!("it is not known whether {} is a practitioner", member.name);
            findings.push(finding("ORG111", member.at, says, format!("answer in the file: {asks}")));
        }
    }
    let team: Vec<&Member> =
        judged.iter().filter(|(_, j)| j.verdict != Verdict::Recognised).map(|(m, _)| *m).collect();
    if team.is_empty() {
        let says = "nobody in the file is a practitioner: lines and interfaces are not judged";
        findings.push(finding("ORG112", None, says, "add [[people]] with functions and hours"));
    } else {
        for member in &team {
            of_line(org, definition, member, &mut findings);
        }
        interfaces(org, definition, &team, facts, &mut findings);
        of_lean(org, definition, &team, facts.lean, &mut findings);
    }
    findings.sort_by(|a, b| {
        let place = |f: &Finding| f.at.unwrap_or(At { line: u32::MAX, column: 0 });
        place(a).cmp(&place(b)).then_with(|| a.code.cmp(b.code)).then_with(|| a.says.cmp(&b.says))
    });
    findings
}

fn of_line(org: &Organisation, definition: &Definition, member: &Member, findings: &mut Vec<Finding>) {
    let ends = line(org, member).ends;
    let fits = definition.fitting().join(", ");
    if ends.is_empty() {
        let says = format!("{} reports to nobody", member.name);
        findings.push(finding("ORG101", member.at, says, format!("reports-to = one of {fits}")));
    }
    if ends.len() > 1 {
        let names: Vec<String> = ends.iter().map(|e| org.called(e.department.as_str())).collect();
        let says = format!("{} reports to {} departments: {}", member.name, ends.len(), names.join(", "));
        findings.push(finding("ORG102", member.at, says, "keep one line; make the others [[interfaces]]"));
    }
    for end in &ends {
        let name = org.called(end.department.as_str());
        let by = match end.through.last() {
            Some(last) => {
                format!("through {} ", org.member(last.as_str()).map_or(last.as_str(), |m| &m.name))
            }
            None => String::new(),
        };
        match fit(org, definition, end.department.as_str()) {
            Fit::Conflict => findings.push(finding(
                "ORG103",
                member.at,
                format!(
                    "{} reports {by}to {name}, which sells to the people that the work is for",
                    member.name
                ),
                format!("a line to one of {fits}; {name} as an interface"),
            )),
            Fit::Outside => findings.push(finding(
                "ORG104",
                member.at,
                format!("{} reports {by}to {name}, which is none of {fits}: no conflict", member.name),
                format!(
                    "if {name} does the work of one of them, counts-as says so; else a line to one of them"
                ),
            )),
            Fit::Fits => {
                if let Some(sales) = above_in_conflict(org, definition, &end.department) {
                    let says = format!(
                        "{} reports to {name}, which reports to {} itself",
                        member.name,
                        org.called(sales.as_str())
                    );
                    findings.push(finding(
                        "ORG110",
                        member.at,
                        says,
                        "agree with whoever leads it on what is measured",
                    ));
                }
            }
        }
    }
    if member.sales_quota {
        let says = format!("{} has a sum of sales to reach", member.name);
        findings.push(finding(
            "ORG103",
            member.at,
            says,
            "measure the work by needs met and feedback delivered",
        ));
    }
}

/// A department above one that would be a conflict as a line.
fn above_in_conflict(org: &Organisation, definition: &Definition, of: &Department) -> Option<Department> {
    let mut seen = BTreeSet::new();
    let mut here = org.department(of.as_str())?;
    while let Some(above) = &here.reports_to {
        if fit(org, definition, above.as_str()) == Fit::Conflict {
            return Some(above.clone());
        }
        if !seen.insert(above.clone()) {
            return None;
        }
        here = org.department(above.as_str())?;
    }
    None
}

/// The departments that a team has to speak with: those of the three that nobody of it reports to.
pub(super) fn to_speak_with<'o>(
    org: &'o Organisation,
    definition: &Definition,
    team: &[&Member],
) -> (Vec<&'o DepartmentEntry>, Vec<String>) {
    let fits = |id: &str| fit(org, definition, id) == Fit::Fits;
    let ends = team.iter().flat_map(|m| line(org, m).ends).filter(|end| fits(end.department.as_str()));
    let duties: BTreeSet<String> =
        ends.filter_map(|end| Some(org.department(end.department.as_str())?.counts_as.to_string())).collect();
    let (mut there, mut missing) = (Vec::new(), Vec::new());
    for duty in definition.fitting().iter().filter(|duty| !duties.contains(*duty)) {
        let departments = org.departments.iter().filter(|d| d.counts_as.as_str() == duty);
        let departments: Vec<_> = departments.filter(|d| fits(d.id.as_str())).collect();
        if departments.is_empty() {
            missing.push(duty.clone());
        }
        // Of several departments that count as one, those with an interface stand for it.
        let with = |d: &&&DepartmentEntry| org.interfaces.iter().any(|i| i.with == d.id);
        let spoken: Vec<&DepartmentEntry> = departments.iter().filter(with).copied().collect();
        there.extend(if spoken.is_empty() { departments.into_iter().take(1).collect() } else { spoken });
    }
    (there, missing)
}

/// When something was last said with a department, and what.
pub(super) fn last_word(
    org: &Organisation,
    department: &Department,
    traffic: &[Traffic],
    now: Time,
) -> Option<(Time, String)> {
    let told = org.interfaces.iter().filter(|i| i.with == *department);
    let told = told.filter_map(|i| Some((i.last_spoke?, "as the file says".to_owned())));
    let known = traffic.iter().filter(|t| t.department == *department).map(|t| (t.at, t.what.clone()));
    told.chain(known).filter(|(at, _)| *at <= now).max_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(&b.1)))
}

/// Who is named for a department.
pub(super) fn named_for<'o>(org: &'o Organisation, department: &Department) -> Option<&'o Interface> {
    org.interfaces.iter().find(|i| i.with == *department && i.person.is_some())
}

fn interfaces(
    org: &Organisation,
    definition: &Definition,
    team: &[&Member],
    facts: Facts<'_>,
    findings: &mut Vec<Finding>,
) {
    let (there, missing) = to_speak_with(org, definition, team);
    for duty in missing {
        let says = format!("there is no department for {duty}");
        let fix = format!("declare it, or say counts-as = \"{duty}\" where its work is done");
        findings.push(finding("ORG107", None, says, fix));
    }
    for department in there {
        let at = org.interfaces.iter().find(|i| i.with == department.id).map_or(department.at, |i| i.at);
        if named_for(org, &department.id).is_none() {
            findings.push(finding(
                "ORG105",
                at,
                format!("nobody is named at {}", department.name),
                format!("[[interfaces]] with = \"{}\", person = \"...\"", department.id),
            ));
        }
        let alive = i64::from(org.rules.alive_within_days) * DAY;
        let says = match last_word(org, &department.id, facts.traffic, facts.now) {
            // Where nobody is named there is nobody to be silent.
            None if named_for(org, &department.id).is_none() => continue,
            None => format!("nothing is known to have been said with {}", department.name),
            Some((at, _)) if facts.now.millis() - at.millis() > alive => format!(
                "the last word with {} was {} days ago; agreed are {}",
                department.name,
                (facts.now.millis() - at.millis()) / DAY,
                org.rules.alive_within_days
            ),
            Some(_) => continue,
        };
        let fix = "talk, and note it: last-spoke in the file, or a delivery or a talk that the program knows";
        findings.push(finding("ORG106", at, says, fix));
    }
}

fn of_lean(
    org: &Organisation,
    definition: &Definition,
    team: &[&Member],
    measured: Option<&Lean>,
    findings: &mut Vec<Finding>,
) {
    let Some(lean) = measured.cloned().or_else(|| Lean::declared(org, definition, team)) else { return };
    let at = team.first().and_then(|m| m.at);
    if let Some(only) = lean.exclusive() {
        let says = format!("all of the work is for {} ({})", org.called(only.as_str()), lean.basis());
        findings.push(finding("ORG108", at, says, "take on something that another department waits for"));
        return;
    }
    // A line elsewhere has a finding of its own; that the work does not follow it is none.
    let fits = |m: &&Member| {
        line(org, m).ends.iter().all(|end| fit(org, definition, end.department.as_str()) == Fit::Fits)
    };
    if org.rules.expected_lean.is_empty() && !team.iter().all(fits) {
        return;
    }
    let expected = expected(org, definition, team);
    if let Some((department, share, wanted)) = lean.farthest(&expected) {
        let says = format!(
            "{:.0} % of the work is for {} where {:.0} % is expected ({})",
            share * 100.0,
            org.called(department.as_str()),
            wanted * 100.0,
            lean.basis()
        );
        findings.push(finding("ORG109", at, says, "if it is right, say so with [rules] expected-lean"));
    }
}
