//! `relations`: how it stands with Product, Marketing, Engineering and whoever else we speak with.

use clap::{ArgMatches, Args, Command};
use rapport_model::Time;
use rapport_practice::feedback::State;
use rapport_practice::relations::{ALWAYS, Item, Relation, Spoke, relations};
use rapport_store::{Contact, Store};
use serde::Serialize;

use super::add::parsed;
use super::field::{date, day_of, next};
use super::{Answer, Desk, Verb, me};
use crate::fault::Fault;
use crate::page::{bold, count, dim, line, moment, span};
use crate::period::Period;

pub(crate) const VERB: Verb = Verb {
    name: "relations",
    about: "Per department what was delivered, decided and shipped, how long it took, and when either side last spoke",
    example: "rapport relations\nrapport relations --period 2026-Q3\nrapport relations note product \"roadmap talk, retries are on it\" --person \"Mira\" --theirs",
    args: |command| {
        Relations::augment_args(command)
            .args_conflicts_with_subcommands(true)
            .subcommand(
                Note::augment_args(Command::new("note")).about("Note that we spoke with a department"),
            )
            .subcommand(
                Spoken::augment_args(Command::new("spoken"))
                    .about("The conversations that were noted, the newest first"),
            )
    },
    call,
};

/// Arguments of `relations`.
#[derive(Args)]
struct Relations {
    /// What was delivered in 2026, 2026-Q3 or 2026-09; everything until now when left out
    #[arg(long)]
    period: Option<String>,
}

/// Arguments of `relations note`.
#[derive(Args)]
struct Note {
    /// product, marketing, engineering, sales or another
    department: String,
    /// What it was about
    note: String,
    /// With whom
    #[arg(long)]
    person: Option<String>,
    /// They turned to us
    #[arg(long)]
    theirs: bool,
    /// The day: 2026-09-17; today when left out
    #[arg(long)]
    date: Option<String>,
}

/// Arguments of `relations spoken`.
#[derive(Args)]
struct Spoken {
    /// Only with this department
    department: Option<String>,
}

/// How it stands with one department.
#[derive(Serialize)]
pub(crate) struct Row {
    pub(crate) department: String,
    /// Numbers of feedback, as in the lists below.
    pub(crate) delivered: Vec<i64>,
    pub(crate) acknowledged: Vec<i64>,
    pub(crate) decided: Vec<i64>,
    pub(crate) declined: Vec<i64>,
    pub(crate) shipped: Vec<i64>,
    pub(crate) told: Vec<i64>,
    /// What waits for a decision.
    pub(crate) waiting: Vec<Waits>,
    pub(crate) median_to_acknowledge_s: Option<f64>,
    pub(crate) median_to_decide_s: Option<f64>,
    pub(crate) median_to_ship_s: Option<f64>,
    pub(crate) last_ours: Option<Time>,
    pub(crate) last_theirs: Option<Time>,
    pub(crate) spoken: usize,
    /// How long nothing has come from them while something waits.
    pub(crate) silent_s: Option<f64>,
    /// In words.
    pub(crate) says: String,
}

/// One feedback that waits for a decision.
#[derive(Serialize)]
pub(crate) struct Waits {
    pub(crate) feedback: i64,
    pub(crate) waiting_s: f64,
}

fn call(desk: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    match matches.subcommand() {
        Some(("note", matches)) => note(desk, &parsed(matches)?),
        Some(("spoken", matches)) => spoken(desk, &parsed(matches)?),
        _ => list(desk, &parsed(matches)?),
    }
}

/// Every feedback with its states.
pub(crate) fn items(store: &Store) -> Result<Vec<Item>, Fault> {
    store
        .feedback()?
        .into_iter()
        .map(|f| {
            let steps = store.feedback_steps(f.id)?;
            let steps = steps.into_iter().filter_map(|s| Some((State::from_word(&s.state)?, s.at)));
            Ok(Item { feedback: f.id, department: f.department, steps: steps.collect() })
        })
        .collect()
}

/// How it stands with every department.
pub(crate) fn rows(store: &Store, period: Period, now: Time) -> Result<Vec<Row>, Fault> {
    let spoken: Vec<Spoke> = store
        .contacts()?
        .into_iter()
        .map(|c| Spoke { department: c.department, ours: c.side == "ours", at: c.date })
        .collect();
    Ok(relations(&items(store)?, &spoken, period.from, period.to, now)
        .into_iter()
        .map(|r| row(r, now))
        .collect())
}

fn row(r: Relation, now: Time) -> Row {
    let says = says(&r, now);
    Row {
        says,
        department: r.department,
        delivered: r.delivered,
        acknowledged: r.acknowledged,
        decided: r.decided,
        declined: r.declined,
        shipped: r.shipped,
        told: r.told,
        waiting: r.waiting.into_iter().map(|(feedback, waiting_s)| Waits { feedback, waiting_s }).collect(),
        median_to_acknowledge_s: r.to_acknowledge_s,
        median_to_decide_s: r.to_decide_s,
        median_to_ship_s: r.to_ship_s,
        last_ours: r.last_ours,
        last_theirs: r.last_theirs,
        spoken: r.spoken,
        silent_s: r.silent_s,
    }
}

fn says(r: &Relation, now: Time) -> String {
    let mut parts = Vec::new();
    if !r.delivered.is_empty() {
        let took = r.to_decide_s.map_or_else(String::new, |s| format!(", median {}", span(s)));
        let mut words = format!("{} delivered, {} decided{took}", r.delivered.len(), r.decided.len());
        if !r.shipped.is_empty() {
            words.push_str(&format!(", {} shipped", r.shipped.len()));
        }
        if !r.told.is_empty() {
            words.push_str(&format!(", {} told", r.told.len()));
        }
        parts.push(words);
    }
    if let Some((_, longest)) = r.waiting.first() {
        parts.push(format!("{} for up to {}", count(r.waiting.len(), "waits", "wait"), span(*longest)));
    }
    if let Some(silent) = r.silent_s.filter(|s| *s >= 86_400.0) {
        parts.push(format!("silent {}", days(silent)));
    }
    let last = r.last_ours.max(r.last_theirs);
    match last {
        None => parts.push("no contact was ever noted".to_owned()),
        Some(at) => parts.push(format!("last contact {} ago", days(now.seconds_since(at)))),
    }
    parts.join("; ")
}

/// Whole days: of silence the hours tell nothing.
pub(crate) fn days(seconds: f64) -> String {
    if seconds < 86_400.0 {
        "less than a day".to_owned()
    } else {
        format!("{:.0} d", (seconds / 86_400.0).floor())
    }
}

fn list(desk: &Desk, args: &Relations) -> Result<Answer, Fault> {
    let period = Period::parse(args.period.as_deref(), desk.now)?;
    let rows = rows(&desk.reading()?, period, desk.now)?;
    desk.answer(&rows, || {
        let mut out = dim(&format!("{}, as of {}\n\n", period.words(), moment(desk.now)));
        for r in &rows {
            out.push_str(&format!(
                "{}  {}\n",
                bold(&format!("{:<14}", line(&r.department, 14))),
                line(&r.says, 160)
            ));
            let side = |at: Option<Time>| at.map_or_else(|| "never".to_owned(), date);
            out.push_str(&dim(&format!(
                "    we turned to them: {} \u{b7} they turned to us: {}\n",
                side(r.last_ours),
                side(r.last_theirs)
            )));
            for waits in r.waiting.iter().take(3) {
                out.push_str(&dim(&format!(
                    "    feedback {} waits {}\n",
                    waits.feedback,
                    span(waits.waiting_s)
                )));
            }
        }
        format!(
            "{out}{}",
            next(desk, &["feedback list", "relations note product \"...\"", "relations spoken"])
        )
    })
}

fn note(desk: &Desk, args: &Note) -> Result<Answer, Fault> {
    let department = args.department.trim().to_lowercase();
    if department.is_empty() || args.note.trim().is_empty() {
        return Err(Fault::usage("with which department, and about what?")
            .hint(format!("departments are {} and others", ALWAYS.join(", "))));
    }
    let day = day_of("--date", args.date.as_deref(), desk)?;
    if day > desk.now {
        return Err(Fault::usage("--date: that day is still to come"));
    }
    let contact = Contact {
        id: 0,
        department: department.clone(),
        side: if args.theirs { "theirs" } else { "ours" }.to_owned(),
        person: args.person.clone(),
        note: args.note.trim().to_owned(),
        date: day,
        who: me(),
        at: desk.now,
    };
    let mut store = desk.writing()?;
    store.add_contact(&contact)?;
    drop(store);
    let everything = Period::parse(None, desk.now)?;
    let row = rows(&desk.reading()?, everything, desk.now)?.into_iter().find(|r| r.department == department);
    desk.answer(&row, || {
        let says = row.as_ref().map_or_else(String::new, |r| r.says.clone());
        format!("{}: noted; {says}\n{}", line(&department, 40), next(desk, &["relations"]))
    })
}

#[derive(Serialize)]
struct SpokenRow {
    department: String,
    date: Time,
    /// `ours` or `theirs`: who turned to whom.
    side: String,
    person: Option<String>,
    note: String,
    who: String,
}

fn spoken(desk: &Desk, args: &Spoken) -> Result<Answer, Fault> {
    let mut rows: Vec<SpokenRow> = desk
        .reading()?
        .contacts()?
        .into_iter()
        .filter(|c| {
            c.date <= desk.now
                && args.department.as_ref().is_none_or(|d| c.department.eq_ignore_ascii_case(d))
        })
        .map(|c| SpokenRow {
            department: c.department,
            date: c.date,
            side: c.side,
            person: c.person,
            note: c.note,
            who: c.who,
        })
        .collect();
    rows.reverse();
    desk.answer(&rows, || {
        if rows.is_empty() {
            return format!(
                "No conversation was noted.\n{}",
                next(desk, &["relations note product \"...\""])
            );
        }
        let mut out = String::new();
        for r in &rows {
            let with = r.person.as_ref().map_or_else(String::new, |p| format!(", {}", line(p, 40)));
            let turned = if r.side == "ours" { "we turned to them" } else { "they turned to us" };
            out.push_str(&format!(
                "{}  {:<12} {}\n",
                date(r.date),
                line(&r.department, 12),
                line(&r.note, 110)
            ));
            out.push_str(&dim(&format!("            {turned}{with}; noted by {}\n", line(&r.who, 30))));
        }
        format!("{out}{}", next(desk, &["relations"]))
    })
}
