//! `report`: the period on one page. For everybody who works with the needs; for leadership in two columns, needs met and
//! feedback delivered; for a department what concerns it and what waits for it.

use clap::{Args, ValueEnum};
use rapport_model::Time;

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::fault::Fault;
use crate::period::Period;
use crate::report::print::Print;
use crate::report::{department as department_page, gather, leadership as leadership_page, overview};

pub(crate) mod department;
pub(crate) mod leadership;

pub(crate) const VERB: Verb = Verb {
    name: "report",
    about: "The period on one page: needs met, what waits, and what is not known; for leadership or a department",
    example: "rapport report --period 2026-Q3\nrapport report --for leadership --period 2026-Q3 --format html --out quarter.html\nrapport report --for product",
    args: Report::augment_args,
    call: |desk, matches| report(desk, &parsed(matches)?),
};

/// Arguments of `report`.
#[derive(Args)]
struct Report {
    /// Who reads it: leadership, product, marketing, engineering
    #[arg(long = "for", value_enum)]
    reader: Option<Reader>,
    /// 2026, 2026-Q3 or 2026-09; when left out this quarter for a reader, else everything until now
    #[arg(long)]
    period: Option<String>,
    #[command(flatten)]
    print: Print,
}

#[derive(Clone, Copy, ValueEnum)]
enum Reader {
    Leadership,
    Product,
    Marketing,
    Engineering,
}

fn report(desk: &Desk, args: &Report) -> Result<Answer, Fault> {
    let period = match (&args.period, args.reader) {
        (None, Some(_)) => Period::quarter(desk.now)?,
        (words, _) => Period::parse(words.as_deref(), desk.now)?,
    };
    let Some(reader) = args.reader else {
        let report = gather::gather(desk, &desk.reading()?, &desk.config()?, period)?;
        return args.print.answer(desk, &report, &overview::page(&report));
    };
    if period.from > desk.now {
        return Err(Fault::usage(format!("{} has not begun", period.words())));
    }
    // A period that is over is told as it stood at its end: made again later, it says the same.
    let then = at(desk, period);
    let name = match reader {
        Reader::Leadership => {
            let report = leadership::gather(&then, period)?;
            return args.print.answer(desk, &report, &leadership_page::page(&report));
        }
        Reader::Product => "product",
        Reader::Marketing => "marketing",
        Reader::Engineering => "engineering",
    };
    let report = department::gather(&then, period, name)?;
    args.print.answer(desk, &report, &department_page::page(&report))
}

/// The desk as it stood at a period's end, or now when the period is not over.
pub(crate) fn at(desk: &Desk, period: Period) -> Desk {
    let now: Time = desk.now.min(period.to.plus_millis(-1));
    Desk { folder: desk.folder.clone(), json: desk.json, now, fixed: true, role: desk.role }
}
