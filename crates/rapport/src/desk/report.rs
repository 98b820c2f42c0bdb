//! `report`: the period on one page, needs met in one column, what waits in the other.

use clap::Args;

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::fault::Fault;
use crate::period::Period;
use crate::report::print::Print;
use crate::report::{gather, overview};

pub(crate) const VERB: Verb = Verb {
    name: "report",
    about: "The period on one page: needs met, what waits, and what is not known",
    example: "rapport report --period 2026-Q3\nrapport report --format html --out report.html",
    args: Report::augment_args,
    call: |desk, matches| report(desk, &parsed(matches)?),
};

/// Arguments of `report`.
#[derive(Args)]
struct Report {
    /// 2026, 2026-Q3 or 2026-09; everything until now when left out
    #[arg(long)]
    period: Option<String>,
    #[command(flatten)]
    print: Print,
}

fn report(desk: &Desk, args: &Report) -> Result<Answer, Fault> {
    let config = desk.config()?;
    let store = desk.reading()?;
    let period = Period::parse(args.period.as_deref(), desk.now)?;
    let report = gather::gather(desk, &store, &config, period)?;
    args.print.answer(desk, &report, &overview::page(&report))
}
