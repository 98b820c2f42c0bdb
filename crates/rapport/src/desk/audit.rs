//! `audit`: who did what at the desk, and when.

use clap::Args;
use rapport_store::{AuditLine, AuditWanted};
use serde::Serialize;

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::fault::Fault;
use crate::page::{bold, count, dim, line, moment};

pub(crate) const VERB: Verb = Verb {
    name: "audit",
    about: "Who did what at the desk, and when: the newest first",
    example: "rapport audit\nrapport audit --by noor --verb roster",
    args: Audit::augment_args,
    call: |desk, matches| audit(desk, &parsed(matches)?),
};

/// Arguments of `audit`.
#[derive(Args)]
struct Audit {
    /// Only of this person
    #[arg(long)]
    by: Option<String>,
    /// Only of this verb, and of the verbs inside it
    #[arg(long)]
    verb: Option<String>,
    /// How many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    top: u32,
    /// So many of the newest are left out
    #[arg(long, default_value_t = 0)]
    skip: u32,
}

/// Some lines, how many there are of that sort, and what they can be narrowed to.
#[derive(Serialize)]
struct Log {
    all: i64,
    lines: Vec<AuditLine>,
    people: Vec<String>,
    verbs: Vec<String>,
}

fn audit(desk: &Desk, args: &Audit) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    let wanted =
        AuditWanted { who: args.by.clone(), verb: args.verb.clone(), skip: args.skip, most: args.top };
    let (all, lines) = store.audited(&wanted)?;
    let (people, verbs) = store.audit_names()?;
    let log = Log { all, lines, people, verbs };
    desk.answer(&log, || {
        let n = usize::try_from(log.all).unwrap_or(usize::MAX);
        let mut out = format!("{}\n\n", bold(&count(n, "line", "lines")));
        for l in &log.lines {
            out.push_str(&format!(
                "  {}  {:<14} {:<20} {}\n",
                moment(l.at),
                line(&l.who, 14),
                line(&l.verb, 20),
                line(&l.what, 100)
            ));
        }
        let p = desk.program();
        let next = args.skip + args.top;
        out.push_str(&dim(&match i64::from(next) < log.all {
            true => format!("\nnext: {p} audit --skip {next}\n"),
            false => format!("\nnext: {p} audit --by WHO \u{b7} {p} settings\n"),
        }));
        out
    })
}
