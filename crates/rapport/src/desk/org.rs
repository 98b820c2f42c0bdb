//! `org`: the organisation, its lines and interfaces, and what a re-organisation would do.

mod chart;
mod checked;
mod facts;
pub(crate) mod force;
mod reorganise;

use clap::{ArgMatches, Args, Command};
use rapport_practice::org::{EXAMPLE, KINDS, Preset, lints};

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::fault::Fault;
use crate::page::dim;

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
                Kinds::augment_args(Command::new("kinds"))
                    .about("Kinds of employer, and what is usual there: areas, routes, a report's sections"),
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
/// Arguments of `org kinds`.
#[derive(Args)]
struct Kinds {
    /// Print this kind's file, to begin one of your own in the folder's presets/
    kind: Option<String>,
}
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
        Some(("kinds", matches)) => kinds(desk, &parsed(matches)?),
        Some(("lint", matches)) => lint(desk, &parsed(matches)?),
        _ => Err(Fault::usage("what about the organisation? see: rapport org --help")),
    }
}

/// A kind of employer, as other programs read it.
#[derive(serde::Serialize)]
struct Kind {
    kind: String,
    says: String,
    areas: Vec<String>,
    report: Vec<String>,
    /// It lies in the folder.
    own: bool,
}

fn kinds(desk: &Desk, args: &Kinds) -> Result<Answer, Fault> {
    let own = force::presets(desk)?;
    let ours = KINDS.iter().filter(|(kind, _)| !own.contains_key(*kind));
    let mut all: Vec<(String, String, bool)> =
        own.iter().map(|(kind, text)| (kind.clone(), text.clone(), true)).collect();
    all.extend(ours.map(|(kind, text)| ((*kind).to_owned(), (*text).to_owned(), false)));
    if let Some(wanted) = &args.kind {
        let found = all.iter().find(|(kind, ..)| kind == wanted).ok_or_else(|| {
            let wanted: String = wanted.chars().take(40).collect();
            Fault::usage(format!("{wanted:?} is not listed: it works, with what is usual elsewhere"))
                .hint("rapport org kinds other  prints what that is")
        })?;
        return desk.answer(&found.1, || found.1.clone());
    }
    let mut rows = Vec::new();
    for (kind, text, own) in all {
        let preset = Preset::read(&text).map_err(|e| Fault::usage(format!("presets/{kind}.toml: {e}")))?;
        let names = |list: &[rapport_model::Slug]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        let areas: Vec<rapport_model::Slug> = preset.areas.iter().map(|a| a.id.clone()).collect();
        rows.push(Kind { kind, says: preset.says, areas: names(&areas), report: names(&preset.report), own });
    }
    desk.answer(&rows, || {
        let row = |k: &Kind| {
            let own = if k.own { "   yours" } else { "" };
            format!("{:<16} {}{own}\n                 {}\n", k.kind, k.says, dim(&k.areas.join(", ")))
        };
        let p = desk.program();
        let next = format!(
            "\nAny other word works as well. next: {p} org kinds saas > {}/presets/KIND.toml\n",
            desk.folder.display()
        );
        rows.iter().map(row).collect::<String>() + &dim(&next)
    })
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
