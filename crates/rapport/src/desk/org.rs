//! `org`: the organisation, its lines and interfaces, and what a re-organisation would do.

mod chart;
mod checked;
mod facts;
pub(crate) mod force;
mod reorganise;

use clap::{ArgMatches, Args, Command};
use rapport_practice::org::{EXAMPLE, lints};

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::fault::Fault;

pub(crate) use facts::{Around, around};

pub(crate) const VERB: Verb = Verb {
    name: "org",
    about: "The organisation: lines, interfaces, the lean, and what a re-organisation would do",
    example: "rapport org example > rapport-data/org.toml\nrapport org check\nrapport org show\nrapport org what-if \"line of noor to sales\"",
    args: |command| {
        command
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(Check::augment_args(Command::new("check")).about(
                "Everything that is wrong with the file, and all that is not as the definition describes it",
            ))
            .subcommand(Show::augment_args(Command::new("show")).about(
                "A chart of departments, lines and interfaces, and the lean of the work beside the expected one",
            ))
            .subcommand(
                WhatIf::augment_args(Command::new("what-if"))
                    .about("What another line would do: conflicts, whom it starves, what goes dark, what would do instead"),
            )
            .subcommand(
                Example::augment_args(Command::new("example")).about("A commented org.toml to begin with"),
            )
            .subcommand(
                Lint::augment_args(Command::new("lint"))
                    .about("What a code of `org check` means, and how to mend it"),
            )
    },
    call,
};

/// Arguments of `org check`.
#[derive(Args)]
pub(super) struct Check {
    /// This file instead of the folder's own; it is checked and not kept
    file: Option<std::path::PathBuf>,
}
/// Arguments of `org show`.
#[derive(Args)]
struct Show {}
/// Arguments of `org what-if`.
#[derive(Args)]
pub(super) struct WhatIf {
    /// The new line in words: "line of noor to sales", "everybody to product"
    #[arg(num_args = 0..)]
    words: Vec<String>,
    /// The new line, several times if several change
    #[arg(long, value_name = "PERSON=DEPARTMENT")]
    line: Vec<String>,
    /// Another organisation's file, to compare with
    #[arg(long, value_name = "FILE", conflicts_with_all = ["words", "line"])]
    file: Option<std::path::PathBuf>,
}
/// Arguments of `org example`.
#[derive(Args)]
struct Example {}
/// Arguments of `org lint`.
#[derive(Args)]
struct Lint {
    /// The code, like ORG103; without one, all of them
    code: Option<String>,
}

fn call(desk: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    match matches.subcommand() {
        Some(("check", matches)) => checked::check(desk, &parsed(matches)?),
        Some(("show", _)) => chart::show(desk),
        Some(("what-if", matches)) => reorganise::what_if(desk, &parsed(matches)?),
        Some(("example", _)) => desk.answer(&EXAMPLE, || EXAMPLE.to_owned()),
        Some(("lint", matches)) => lint(desk, &parsed(matches)?),
        _ => Err(Fault::usage("what about the organisation? see: rapport org --help")),
    }
}

fn lint(desk: &Desk, args: &Lint) -> Result<Answer, Fault> {
    let Some(code) = &args.code else {
        let all: Vec<[&str; 3]> = lints::LINTS.iter().map(|l| [l.code, l.name, l.says]).collect();
        return desk.answer(&all, || {
            let row = |[code, name, says]: &[&str; 3]| format!("{code}  {name:<32} {says}\n");
            all.iter().map(row).collect::<String>() + "\nnext: rapport org lint ORG103\n"
        });
    };
    let found = lints::lint(code).ok_or_else(|| {
        let code: String = code.chars().take(20).collect();
        Fault::usage(format!("there is no lint {code:?}")).hint("rapport org lint  lists them")
    })?;
    let page = lints::page(found);
    desk.answer(&page, || page.clone())
}
