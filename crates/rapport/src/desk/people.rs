//! `people`: who is who. Members and their identities, what may be one person, and what people say about that.

pub(crate) mod bots;
pub(crate) mod champions;
pub(crate) mod directory;
pub(crate) mod find;
pub(crate) mod link;
mod list;
mod recognise;
mod resolve;
pub(crate) mod say;
pub(crate) mod suggest;

use clap::{ArgMatches, Args, Command};

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::fault::Fault;

pub(crate) const VERB: Verb = Verb {
    name: "people",
    about: "Who is who: members, their accounts and addresses, and whom they work for",
    example: "rapport people --kind staff\nrapport people show 12\nrapport people suggest\nrapport people link\n\
              rapport people mark 12 staff --because \"joined in May\"\nrapport people recognise --period 2026-Q3\n\
              rapport people resolve < identities.jsonl",
    args: |command| {
        let sub = |name: &'static str, args: fn(Command) -> Command, about: &'static str| {
            args(Command::new(name)).about(about)
        };
        list::List::augment_args(command).args_conflicts_with_subcommands(true).subcommands([
            sub(
                "show",
                list::Show::augment_args,
                "One member: accounts, links with their reasons, employers, what they did",
            ),
            sub(
                "suggest",
                suggest::Suggest::augment_args,
                "Who may be one person, with reasons: for you to say",
            ),
            sub(
                "link",
                link::LinkAgain::augment_args,
                "Weigh all identities again: link what holds, take back what does not, suggest the rest",
            ),
            sub(
                "mark",
                say::Mark::augment_args,
                "Say what kind of member somebody is: community, staff, practitioner or bot",
            ),
            sub(
                "ledger",
                say::Entries::augment_args,
                "Everything that was said of who is who, by whom and why",
            ),
            sub(
                "recognise",
                recognise::Recognise::augment_args,
                "Who helped whom: answers, reviews, docs, mentoring, organising; with evidence",
            ),
            sub(
                "resolve",
                resolve::Resolve::augment_args,
                "Which identities are one person: {\"id\",\"name\",\"email\",\"place\",\"handle\"} -> \
                 {\"id\",\"person\",\"because\",\"suggested\"}",
            ),
        ])
    },
    call,
};

fn call(desk: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    match matches.subcommand() {
        None => list::list(desk, &parsed(matches)?),
        Some(("show", matches)) => list::show(desk, &parsed(matches)?),
        Some(("suggest", matches)) => suggest::suggest(desk, &parsed(matches)?),
        Some(("link", _)) => link::again(desk),
        Some(("mark", matches)) => say::mark(desk, &parsed(matches)?),
        Some(("ledger", matches)) => say::entries(desk, &parsed(matches)?),
        Some(("recognise", matches)) => recognise::recognise(desk, &parsed(matches)?),
        Some(("resolve", matches)) => resolve::resolve_pipe(&parsed(matches)?),
        Some((other, _)) => Err(Fault::usage(format!("there is no 'people {other}'"))),
    }
}
