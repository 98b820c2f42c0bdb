//! `org check`: all findings at once, each where it stands, and which organisation is in force.

use std::path::{Path, PathBuf};

use rapport_practice::org::{At, Finding, Level, check as of_definition, read_beside};
use serde::Serialize;

use super::force::{self, Basis, InForce};
use super::{Check, around};
use crate::desk::{Answer, Desk};
use crate::fault::{Fault, FaultKind};
use crate::page::{bold, count, dim, line, moment};

/// What was found, as other programs read it.
#[derive(Serialize)]
struct Checked {
    file: PathBuf,
    /// Which organisation is in force; absent when another file was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_force: Option<Basis>,
    errors: usize,
    findings: Vec<Finding>,
}

pub(super) fn check(desk: &Desk, args: &Check) -> Result<Answer, Fault> {
    let (house, file) = match &args.file {
        Some(file) => (other(desk, file)?, file.clone()),
        None => {
            let house = force::in_force(desk)?;
            let file = house.file.clone();
            (house, file)
        }
    };
    if args.file.is_none() && house.basis == Basis::Nothing && house.form.is_empty() {
        return Err(Fault::new(FaultKind::Refused, format!("{} is not there yet", file.display()))
            .hint(format!("rapport org example > {}", file.display())));
    }
    let mut findings = house.form.clone();
    let usable = !findings.iter().any(Finding::is_error);
    if usable {
        findings.extend(of_definition(&house.org, &house.definition, around(desk, &house)?.facts(desk)));
    }
    findings.sort_by_key(|f| (f.at.is_none(), f.at, f.code));
    let checked = Checked {
        in_force: args.file.is_none().then_some(house.basis.clone()),
        errors: findings.iter().filter(|f| f.is_error()).count(),
        findings,
        file,
    };
    let mut answer = desk.answer(&checked, || text(desk, &checked, &house))?;
    answer.findings = checked.findings.iter().any(|f| f.level != Level::Note);
    Ok(answer)
}

/// Another file, read as if it were in force; nothing of it is kept.
pub(super) fn other(desk: &Desk, file: &Path) -> Result<InForce, Fault> {
    let text = force::text(file)?
        .ok_or_else(|| Fault::usage(format!("{}: there is no such file", file.display())))?;
    let (org, form) = read_beside(&text, &force::presets(desk)?);
    let house = force::in_force(desk)?;
    let basis = if org.is_some() { Basis::File } else { Basis::Nothing };
    let org = org.unwrap_or_default();
    let preset = force::preset(desk, &org)?;
    Ok(InForce { org, preset, basis, file: file.to_owned(), form, ..house })
}

fn text(desk: &Desk, checked: &Checked, house: &InForce) -> String {
    let mut out = String::new();
    for finding in &checked.findings {
        out.push_str(&row(&checked.file, finding));
    }
    let told = checked.findings.iter().filter(|f| f.level == Level::Finding).count();
    let notes = checked.findings.iter().filter(|f| f.level == Level::Note).count();
    let head = match (checked.errors, told, notes) {
        (0, 0, 0) => "All is as the definition describes it".to_owned(),
        (0, 0, n) => format!("All is as the definition describes it; {}", count(n, "note", "notes")),
        (0, n, _) => count(n, "finding", "findings"),
        (n, ..) => format!("{}: the file is not used as it is", count(n, "mistake", "mistakes")),
    };
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&format!("{}   {}\n", bold(&head), dim(&format!("as of {}", moment(desk.now)))));
    match &checked.in_force {
        Some(Basis::File) => out.push_str("In force: this file.\n"),
        Some(Basis::Kept(at)) => {
            out.push_str(&format!("In force: the last good copy, of {}.\n", moment(*at)));
        }
        Some(Basis::Nothing) => out.push_str(
            "In force: no organisation, for no good copy was ever kept; departments and routes are the usual ones.\n",
        ),
        None => {}
    }
    let p = desk.program();
    let first = checked.findings.first().map_or("ORG103", |f| f.code);
    let why = if house.form.is_empty() && checked.findings.is_empty() {
        String::new()
    } else {
        format!("{p} org lint {first} \u{b7} ")
    };
    out.push_str(&dim(&format!(
        "\nnext: {why}{p} org show \u{b7} {p} org what-if \"line of PERSON to DEPARTMENT\"\n"
    )));
    out
}

/// One finding for a person: where, what, how to mend it, and the clause.
pub(super) fn row(file: &Path, finding: &Finding) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let place = match finding.at {
        Some(At { line, column }) => format!("{}:{line}:{column}", crate::page::line(&name, 60)),
        None => line(&name, 60),
    };
    let mut out =
        format!("{place}  {} {}  {}\n", finding.level.as_str(), bold(finding.code), line(&finding.says, 200));
    out.push_str(&dim(&format!("    {}\n", line(&finding.fix, 200))));
    if let Some(clause) = finding.clause {
        out.push_str(&dim(&format!("    the definition: {clause}\n")));
    }
    out
}
