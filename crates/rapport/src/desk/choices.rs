//! `claim`, `snooze`, `met`: working through the people who wait. Each can be undone.

use clap::Args;
use rapport_model::Time;
use rapport_store::Choice;
use serde::Serialize;

use super::add::parsed;
use super::thread::unknown;
use super::{Answer, Desk, Verb, me};
use crate::fault::Fault;
use crate::page::{line, moment};

pub(crate) const CLAIM: Verb = Verb {
    name: "claim",
    about: "Say that you take care of a thread",
    example: "rapport claim 12\nrapport claim 12 --undo",
    args: Claim::augment_args,
    call: |desk, matches| {
        let args: Claim = parsed(matches)?;
        choose(desk, args.thread, "claim", None, None, args.undo)
    },
};
pub(crate) const SNOOZE: Verb = Verb {
    name: "snooze",
    about: "Put a thread aside until later",
    example: "rapport snooze 12 --days 3",
    args: Snooze::augment_args,
    call: |desk, matches| {
        let args: Snooze = parsed(matches)?;
        let until = match &args.until {
            Some(text) => Time::parse(text).map_err(|e| Fault::usage(format!("--until: {e}")))?,
            None => desk.now.plus_millis(i64::from(args.days) * 86_400_000),
        };
        if until <= desk.now && !args.undo {
            return Err(Fault::usage(format!("{} is over already", moment(until)))
                .hint("rapport snooze 12 --days 3, or --until with a moment to come"));
        }
        choose(desk, args.thread, "snooze", Some(until), None, args.undo)
    },
};
pub(crate) const MET: Verb = Verb {
    name: "met",
    about: "Say that a need was met, for example somewhere the program cannot see",
    example: "rapport met 12 --note \"answered in the call\"",
    args: Met::augment_args,
    call: |desk, matches| {
        let args: Met = parsed(matches)?;
        choose(desk, args.thread, "met", None, args.note, args.undo)
    },
};

/// Arguments of `claim`.
#[derive(Args)]
struct Claim {
    /// The thread's number
    thread: i64,
    /// Give it back
    #[arg(long)]
    undo: bool,
}
/// Arguments of `snooze`.
#[derive(Args)]
struct Snooze {
    /// The thread's number
    thread: i64,
    /// For how many days
    #[arg(long, default_value_t = 3)]
    days: u32,
    /// Until this moment
    #[arg(long)]
    until: Option<String>,
    /// Wake it
    #[arg(long)]
    undo: bool,
}
/// Arguments of `met`.
#[derive(Args)]
struct Met {
    /// The thread's number
    thread: i64,
    /// How or where
    #[arg(long)]
    note: Option<String>,
    /// Take it back
    #[arg(long)]
    undo: bool,
}

#[derive(Serialize)]
struct Chosen {
    thread: i64,
    title: String,
    choice: String,
    by: String,
    until: Option<Time>,
    undone: bool,
}

fn choose(
    desk: &Desk,
    thread: i64,
    what: &str,
    until: Option<Time>,
    note: Option<String>,
    undo: bool,
) -> Result<Answer, Fault> {
    desk.reading()?; // where nothing was ever read there is nothing to decide, and no folder is made
    let mut store = desk.noting()?;
    let row = store.thread(thread)?.ok_or_else(|| unknown(thread))?;
    let who = me();
    if undo {
        if !store.unchoose(thread, what, &who, desk.now)? {
            return Err(Fault::usage(format!("thread {thread} has no {what} to undo")));
        }
    } else {
        let choice = Choice { thread, what: what.to_owned(), who: who.clone(), at: desk.now, until, note };
        store.choose(&choice)?;
    }
    let chosen = Chosen { thread, title: row.title, choice: what.to_owned(), by: who, until, undone: undo };
    desk.answer(&chosen, || {
        let title = line(&chosen.title, 80);
        let done = match (undo, what, until) {
            (true, ..) => format!("{what} undone"),
            (_, "claim", _) => format!("claimed by {}", chosen.by),
            (_, "snooze", Some(until)) => format!("snoozed until {}", moment(until)),
            _ => "marked as met".to_owned(),
        };
        format!("{thread} {title}: {done}\n")
    })
}
