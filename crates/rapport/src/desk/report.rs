//! `report`: the period on one page, needs met in one column, what waits in the other.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::fault::{Fault, FaultKind};
use crate::period::Period;
use crate::report::{gather, html, markdown, overview};

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
    /// Markdown for reading and diffing, HTML for reading and print
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
    /// Write it to this file instead of printing it
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Markdown,
    Html,
}

fn report(desk: &Desk, args: &Report) -> Result<Answer, Fault> {
    let config = desk.config()?;
    let store = desk.reading()?;
    let period = Period::parse(args.period.as_deref(), desk.now)?;
    let report = gather::gather(desk, &store, &config, period)?;
    let body = match args.format {
        Format::Markdown => markdown::write(&overview::page(&report)),
        Format::Html => html::write(&overview::page(&report)),
    };
    let Some(path) = &args.out else { return desk.answer(&report, || body) };
    std::fs::write(path, &body)
        .map_err(|e| Fault::new(FaultKind::Store, format!("{}: {e}", path.display())))?;
    desk.answer(&report, || format!("Wrote {}\n", path.display()))
}
