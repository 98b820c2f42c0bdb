//! `org what-if`: a re-organisation before it happens. It changes nothing.

use rapport_practice::org::{
    Alternative, Dark, Finding, Level, NewLine, Organisation, Outcome, Starved, parse, what_if as compare,
    with_lines,
};
use serde::Serialize;

use super::force::in_force;
use super::{WhatIf, around, checked};
use crate::desk::{Answer, Desk};
use crate::fault::{Fault, FaultKind};
use crate::page::{bold, count, dim, line, moment};

/// What it would do, as other programs read it.
#[derive(Serialize)]
struct Told {
    /// What is tried, in words.
    tried: Vec<String>,
    /// A conflict of interest would be found.
    conflict: bool,
    found: Vec<Finding>,
    gone: Vec<Finding>,
    starves: Vec<Starved>,
    dark: Vec<Dark>,
    alternatives: Vec<Alternative>,
}

pub(super) fn what_if(desk: &Desk, args: &WhatIf) -> Result<Answer, Fault> {
    let house = in_force(desk)?;
    let around = around(desk, &house)?;
    let (after, tried) = match &args.file {
        Some(file) => {
            let other = checked::other(desk, file)?;
            if other.form.iter().any(Finding::is_error) {
                let says = format!("{} has mistakes", file.display());
                return Err(Fault::new(FaultKind::Refused, says)
                    .hint(format!("rapport org check {}", file.display())));
            }
            (other.org, vec![format!("the organisation of {}", file.display())])
        }
        None => {
            let lines = lines(&house.org, &house.definition, args)?;
            let tried = lines.iter().map(|new| said(&house.org, new)).collect();
            (with_lines(&house.org, &lines), tried)
        }
    };
    let outcome = compare(&house.org, &after, &house.definition, around.facts(desk), &around.waiting);
    let conflict = outcome.conflicts().next().is_some();
    let Outcome { found, gone, starves, dark, alternatives } = outcome;
    let told = Told { tried, conflict, found, gone, starves, dark, alternatives };
    let mut answer = desk.answer(&told, || text(desk, &house.file, &told, house.note()))?;
    answer.findings = told.found.iter().any(|f| f.level != Level::Note);
    Ok(answer)
}

fn lines(
    org: &Organisation,
    definition: &rapport_practice::definition::Definition,
    args: &WhatIf,
) -> Result<Vec<NewLine>, Fault> {
    let mut said: Vec<String> = args.line.clone();
    if !args.words.is_empty() {
        said.push(args.words.join(" "));
    }
    if said.is_empty() {
        return Err(Fault::usage("what would be otherwise?")
            .hint("rapport org what-if \"line of PERSON to DEPARTMENT\", --line PERSON=DEPARTMENT or --file OTHER.toml"));
    }
    let parsed = said.iter().map(|words| parse(org, definition, words));
    let parsed: Result<Vec<NewLine>, _> = parsed.collect();
    parsed.map_err(|e| Fault::usage(e.to_string()).hint("rapport org show  names people and departments"))
}

fn said(org: &Organisation, new: &NewLine) -> String {
    let names: Vec<&str> =
        new.people.iter().map(|p| org.member(p.as_str()).map_or(p.as_str(), |m| &m.name)).collect();
    match names.as_slice() {
        [] => format!("nobody's line to {}", org.called(new.to.as_str())),
        names => format!("the line of {} to {}", names.join(", "), org.called(new.to.as_str())),
    }
}

fn text(desk: &Desk, file: &std::path::Path, told: &Told, note: Option<String>) -> String {
    let head = told.tried.join("; ");
    let mut out =
        format!("What if: {}   {}\n", bold(&line(&head, 160)), dim(&format!("as of {}", moment(desk.now))));
    if told.found.is_empty() && told.gone.is_empty() && told.starves.is_empty() && told.dark.is_empty() {
        out.push_str("\nNothing that the definition speaks of would change.\n");
    }
    section(&mut out, "Would be found", told.found.iter().map(|f| checked::row(file, f)));
    section(
        &mut out,
        "Would be starved",
        told.starves.iter().map(|s| {
            let measured = s
                .measured
                .map_or_else(String::new, |m| format!("; {:.0} % of the work is for it now", m * 100.0));
            let waiting = match s.waiting {
                0 => String::new(),
                n => format!(
                    "; {} for something that concerns it",
                    count(usize::try_from(n).unwrap_or(0), "person waits", "people wait")
                ),
            };
            format!(
                "  {:<20} {:.0} % of the work expected, {:.0} % before{measured}{waiting}\n",
                line(&s.name, 20),
                s.after * 100.0,
                s.before * 100.0
            )
        }),
    );
    section(
        &mut out,
        "Would go dark",
        told.dark.iter().map(|d| format!("  {:<20} {}\n", line(&d.name, 20), line(&d.because, 140))),
    );
    section(&mut out, "Would be mended", told.gone.iter().map(|f| checked::row(file, f)));
    let p = desk.program();
    section(
        &mut out,
        "Instead",
        told.alternatives.iter().map(|a| {
            let left = match a.findings {
                0 => "leaves no finding".to_owned(),
                n => format!("leaves {}", count(n, "finding", "findings")),
            };
            let lines: Vec<String> = a.lines.iter().map(|l| format!("--line {l}")).collect();
            let try_it = if lines.is_empty() {
                String::new()
            } else {
                dim(&format!("\n      {p} org what-if {}", lines.join(" ")))
            };
            format!("  {}; {left}{try_it}\n", line(&a.says, 200))
        }),
    );
    if let Some(note) = note {
        out.push_str(&format!("\n{note}\n"));
    }
    out.push_str(&dim(&format!("\nNothing was changed. next: {p} org show \u{b7} {p} org check\n")));
    out
}

fn section(out: &mut String, head: &str, rows: impl Iterator<Item = String>) {
    let rows: String = rows.collect();
    if !rows.is_empty() {
        out.push_str(&format!("\n{}\n{rows}", bold(head)));
    }
}
