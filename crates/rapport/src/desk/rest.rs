//! `pause` and `resume`: a source that is not looked at by itself for a while, because somebody said so.

use clap::Args;
use serde::Serialize;

use super::add::parsed;
use super::{Answer, Desk, Verb, me, sources};
use crate::fault::Fault;

pub(crate) const PAUSE: Verb = Verb {
    name: "pause",
    about: "Let a source rest: neither the schedule nor `sync` looks at it until it is resumed",
    example: "rapport pause github:acme/relay",
    args: Rest::augment_args,
    call: |desk, matches| rest(desk, &parsed(matches)?, true),
};

pub(crate) const RESUME: Verb = Verb {
    name: "resume",
    about: "Look at a source again that was told to rest",
    example: "rapport resume github:acme/relay",
    args: Rest::augment_args,
    call: |desk, matches| rest(desk, &parsed(matches)?, false),
};

/// Arguments of `pause` and `resume`.
#[derive(Args)]
struct Rest {
    /// The source's name, as `rapport sources` shows it
    source: String,
}

#[derive(Serialize)]
struct Said<'a> {
    source: &'a str,
    rests: bool,
    /// It did not before.
    changed: bool,
}

fn rest(desk: &Desk, args: &Rest, rests: bool) -> Result<Answer, Fault> {
    let mut store = desk.noting()?;
    let source = sources::named(&store, &args.source)?;
    let name = source.name.as_str();
    let changed = store.set_rest(source.id, rests, &me(), desk.now)?;
    desk.answer(&Said { source: name, rests, changed }, || {
        let already = if changed { "" } else { " already" };
        match rests {
            true => format!("{name} rests{already}; {} resume {name}\n", desk.program()),
            false => format!("{name} is looked at{already} when its time comes\n"),
        }
    })
}
