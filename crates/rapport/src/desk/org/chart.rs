//! `org show`: departments, who reports where, with whom the team speaks, and for whom the work is.

use rapport_model::{Department, Time};
use rapport_practice::definition::{Judgement, Verdict};
use rapport_practice::lean::{Lean, Piece, expected};
use rapport_practice::org::{
    Finding, Fit, Interface, Level, Member, Organisation, Traffic, check, fit, line as line_of, practitioners,
};
use serde::Serialize;

use super::force::{Basis, InForce, in_force};
use super::{Around, around};
use crate::desk::{Answer, Desk};
use crate::fault::Fault;
use crate::page::{bold, count, dim, line, moment};

const DAY: i64 = 86_400_000;

/// The chart, as other programs read it.
#[derive(Serialize)]
struct Chart {
    employer: Option<String>,
    kind: String,
    in_force: Basis,
    definition: String,
    departments: Vec<Declared>,
    people: Vec<Row>,
    lean: Vec<Share>,
    lean_basis: String,
    pieces: Vec<Piece>,
    findings: Vec<Finding>,
}

/// A department.
/// Threads listed beside a department: a community of a million activities has thousands that wait.
const SHOWN: usize = 30;

#[derive(Serialize)]
struct Declared {
    id: Department,
    name: String,
    counts_as: String,
    fit: Fit,
    owner: Option<String>,
    decide_within_days: u32,
    reports_to: Option<Department>,
    /// People who wait for something that concerns it.
    waiting: u64,
    /// In so many threads.
    waiting_in: usize,
    /// Some of these threads, at most `SHOWN`.
    waiting_threads: Vec<i64>,
    interfaces: Vec<Spoken>,
}

/// An interface.
#[derive(Serialize)]
struct Spoken {
    person: Option<String>,
    kept_by: Option<String>,
    channel: Option<String>,
    last: Option<Time>,
    what: Option<String>,
    alive: bool,
}

/// Somebody.
#[derive(Serialize)]
struct Row {
    id: String,
    name: String,
    verdict: Verdict,
    because: String,
    /// Whom the file names.
    reports_to: Vec<String>,
    /// Where the line ends; one is the rule.
    ends: Vec<Department>,
}

/// A part of the mix.
#[derive(Serialize)]
struct Share {
    department: Department,
    name: String,
    /// 0 to 1.
    share: Option<f64>,
    expected: Option<f64>,
}

pub(super) fn show(desk: &Desk) -> Result<Answer, Fault> {
    let house = in_force(desk)?;
    let around = around(desk, &house)?;
    let chart = chart(desk, &house, &around);
    desk.answer(&chart, || text(desk, &house, &chart))
}

fn chart(desk: &Desk, house: &InForce, around: &Around) -> Chart {
    let org = &house.org;
    let judged = practitioners(org, &house.definition);
    let team: Vec<&Member> =
        judged.iter().filter(|(_, j)| j.verdict != Verdict::Recognised).map(|(m, _)| *m).collect();
    let lean = around.lean.clone().or_else(|| Lean::declared(org, &house.definition, &team));
    let wanted = expected(org, &house.definition, &team);
    let shares = org.departments.iter().filter_map(|d| {
        let share = lean.as_ref().and_then(|l| l.shares.get(&d.id).copied());
        let expected = wanted.get(&d.id).copied();
        (share.is_some() || expected.is_some()).then(|| Share {
            department: d.id.clone(),
            name: d.name.clone(),
            share: share.map(round),
            expected: expected.map(round),
        })
    });
    Chart {
        employer: org.employer.name.clone(),
        kind: org.employer.kind.to_string(),
        in_force: house.basis.clone(),
        definition: house.definition.label(),
        departments: org
            .departments
            .iter()
            .map(|d| Declared {
                id: d.id.clone(),
                name: d.name.clone(),
                counts_as: d.counts_as.to_string(),
                fit: fit(org, &house.definition, d.id.as_str()),
                owner: d.owner.clone(),
                decide_within_days: d.decide_within_days,
                reports_to: d.reports_to.clone(),
                waiting: around.waiting.get(&d.id).copied().unwrap_or(0),
                waiting_in: around.threads.get(&d.id).map_or(0, Vec::len),
                waiting_threads: around
                    .threads
                    .get(&d.id)
                    .into_iter()
                    .flatten()
                    .copied()
                    .take(SHOWN)
                    .collect(),
                interfaces: org
                    .interfaces
                    .iter()
                    .filter(|i| i.with == d.id)
                    .map(|i| spoken(desk, org, i, &around.traffic))
                    .collect(),
            })
            .collect(),
        people: judged.iter().map(|(m, j)| person(org, m, j)).collect(),
        lean: shares.collect(),
        lean_basis: lean.as_ref().map_or_else(|| "nothing is known".to_owned(), Lean::basis),
        pieces: around.pieces.clone(),
        findings: check(org, &house.definition, around.facts(desk)),
    }
}

fn round(share: f64) -> f64 {
    (share * 1_000.0).round() / 1_000.0
}

fn spoken(desk: &Desk, org: &Organisation, interface: &Interface, traffic: &[Traffic]) -> Spoken {
    let told = interface.last_spoke.map(|at| (at, "as the file says".to_owned()));
    let known = traffic.iter().filter(|t| t.department == interface.with).map(|t| (t.at, t.what.clone()));
    let last = told.into_iter().chain(known).filter(|(at, _)| *at <= desk.now).max_by_key(|(at, _)| *at);
    let within = i64::from(org.rules.alive_within_days) * DAY;
    let keeper = interface.kept_by.as_ref().and_then(|k| org.member(k.as_str()));
    Spoken {
        person: interface.person.clone(),
        kept_by: keeper.map(|k| k.name.clone()),
        channel: interface.channel.clone(),
        alive: interface.person.is_some()
            && last.as_ref().is_some_and(|(at, _)| desk.now.millis() - at.millis() <= within),
        last: last.as_ref().map(|(at, _)| *at),
        what: last.map(|(_, what)| what),
    }
}

fn person(org: &Organisation, member: &Member, judgement: &Judgement) -> Row {
    let because = match (judgement.verdict, &judgement.question) {
        (Verdict::Open, Some(question)) => question.clone(),
        _ => {
            let holds = judgement.verdict == Verdict::Practitioner;
            let clause = judgement.clauses.iter().find(|c| holds || c.holds == Some(false));
            clause.map(|c| c.because.clone()).unwrap_or_default()
        }
    };
    Row {
        id: member.id.to_string(),
        name: member.name.clone(),
        verdict: judgement.verdict,
        because,
        reports_to: member.reports_to.iter().map(ToString::to_string).collect(),
        ends: line_of(org, member).ends.into_iter().map(|end| end.department).collect(),
    }
}

fn text(desk: &Desk, house: &InForce, chart: &Chart) -> String {
    let org = &house.org;
    let name = chart.employer.clone().unwrap_or_else(|| "The organisation".to_owned());
    let mut out = format!(
        "{} ({}: {})   {}\n\n",
        bold(&line(&name, 60)),
        chart.kind,
        line(&house.preset.says, 100),
        dim(&format!("as of {}", moment(desk.now)))
    );
    for department in &chart.departments {
        out.push_str(&head(org, department));
        for interface in &department.interfaces {
            out.push_str(&words(desk, interface));
        }
        branches(chart, department.id.as_str(), 1, &mut Vec::new(), &mut out);
    }
    let lost: Vec<&Row> = chart.people.iter().filter(|p| p.ends.is_empty()).collect();
    if !lost.is_empty() {
        out.push_str(&format!("{}\n", bold("Without a line")));
        for row in lost {
            out.push_str(&leaf(row, 1));
        }
    }
    if !chart.lean.is_empty() {
        let (head, basis) = (bold("For whom the work is"), dim(&chart.lean_basis));
        out.push_str(&format!("\n{head}   {basis}\n"));
        for share in &chart.lean {
            out.push_str(&bar(share));
        }
        if chart.lean_basis.starts_with("measured") {
            for piece in chart.pieces.iter().take(8) {
                let to = org.called(piece.department.as_str());
                out.push_str(&dim(&format!(
                    "    {:>4} x {} ({to})\n",
                    piece.count,
                    line(&piece.because, 60)
                )));
            }
        }
    }
    let told = chart.findings.iter().filter(|f| f.level == Level::Finding).count();
    if told > 0 {
        out.push_str(&format!("\n{}: {} org check\n", count(told, "finding", "findings"), desk.program()));
    }
    if let Some(note) = house.note() {
        out.push_str(&format!("\n{note}\n"));
    }
    let p = desk.program();
    out.push_str(&dim(&format!(
        "\nnext: {p} org check \u{b7} {p} org what-if \"line of PERSON to DEPARTMENT\" \u{b7} {p} focus\n"
    )));
    out
}

fn head(org: &Organisation, department: &Declared) -> String {
    let mut said = Vec::new();
    if department.counts_as != department.id.as_str() {
        said.push(format!("counts as {}", department.counts_as));
    }
    if department.fit == Fit::Conflict {
        said.push("no line leads here without a conflict of interest".to_owned());
    }
    if let Some(above) = &department.reports_to {
        said.push(format!("reports to {}", org.called(above.as_str())));
    }
    if let Some(owner) = &department.owner {
        said.push(format!(
            "{} receives, decides within {} d",
            line(owner, 40),
            department.decide_within_days
        ));
    }
    match department.waiting {
        0 => {}
        1 => said.push("1 person waits".to_owned()),
        n => said.push(format!("{n} people wait")),
    }
    format!("{}  {}\n", bold(&line(&department.name, 40)), dim(&said.join("; ")))
}

fn words(desk: &Desk, interface: &Spoken) -> String {
    let who = interface.person.as_deref().map_or_else(|| "nobody is named".to_owned(), |p| line(p, 40));
    let mut said = vec![who];
    said.extend(interface.channel.as_ref().map(|c| line(c, 60)));
    said.extend(interface.kept_by.as_ref().map(|k| format!("kept by {}", line(k, 40))));
    said.push(match (interface.last, &interface.what) {
        (Some(at), Some(what)) => {
            let days = (desk.now.millis() - at.millis()) / DAY;
            format!("last word {days} d ago, {}", line(what, 60))
        }
        _ => "nothing is known to have been said".to_owned(),
    });
    let mark = if interface.alive { "<->" } else { "< >" };
    let silent = if interface.alive { "" } else { "  silent" };
    format!("  {mark} {}{silent}\n", said.join("; "))
}

/// The people below a department or a person, as a tree. Whoever stands on the way already is not drawn again.
fn branches(chart: &Chart, of: &str, depth: usize, way: &mut Vec<String>, out: &mut String) {
    for row in chart.people.iter().filter(|p| p.reports_to.iter().any(|to| to == of)) {
        if way.contains(&row.id) {
            continue;
        }
        out.push_str(&leaf(row, depth));
        way.push(row.id.clone());
        branches(chart, &row.id, depth + 1, way, out);
        way.pop();
    }
}

fn leaf(row: &Row, depth: usize) -> String {
    format!(
        "{}\u{2514} {}  {}\n",
        "  ".repeat(depth.min(12)),
        line(&row.name, 40),
        dim(&format!("{}: {}", row.verdict.as_str(), line(&row.because, 100)))
    )
}

fn bar(share: &Share) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 20
    let filled = (share.share.unwrap_or(0.0) * 20.0).round() as usize;
    let expected = share.expected.map_or_else(|| "none".to_owned(), |e| format!("{:.0} %", e * 100.0));
    format!(
        "  {:<20} {}{}  {:>3.0} %  {}\n",
        line(&share.name, 20),
        "\u{2588}".repeat(filled),
        "\u{b7}".repeat(20 - filled.min(20)),
        share.share.unwrap_or(0.0) * 100.0,
        dim(&format!("expected {expected}"))
    )
}
