//! `demo`: an invented company's community through the whole way.

use clap::Args;

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::fault::Fault;

pub(crate) const VERB: Verb = Verb {
    name: "demo",
    about: "The community of an invented company, from its archives to a report",
    example: "rapport demo",
    args: Demo::augment_args,
    call: |desk, matches| demo(desk, &parsed(matches)?),
};

/// Arguments of `demo`.
#[derive(Args)]
struct Demo {}

fn demo(desk: &Desk, _args: &Demo) -> Result<Answer, Fault> {
    desk.answer(&(), || "demo\n".to_owned())
}
