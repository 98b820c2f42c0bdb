//! `text`: the judgements about text as filters for pipes.

mod kind;
mod replies;
mod similar;
mod topics;

use clap::{ArgMatches, Args, Command};

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::fault::Fault;

pub(crate) const VERB: Verb = Verb {
    name: "text",
    about: "Judge texts in a pipe: JSON lines in, JSON lines out, no data folder needed",
    example: "rapport text kind < questions.jsonl",
    args: |command| {
        command
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(kind::Kind::augment_args(Command::new("kind")).about(
                "What each text asks for: {\"id\",\"title\",\"body\"} -> {\"id\",\"kind\",\"confidence\",\"because\"}",
))
            .subcommand(replies::Replies::augment_args(Command::new("replies")).about(
                "Who answers whom in a chat: {\"id\",\"at\",\"author\",\"text\"} in order of time -> {\"id\",\"answers\"}, null: begins a conversation",
))
            .subcommand(similar::Similar::augment_args(Command::new("similar")).about(
                "Which texts of a corpus are like each text: {\"id\",\"text\"} -> {\"id\",\"hits\":[{\"id\",\"score\"}]}",
            ))
            .subcommand(topics::Topics::augment_args(Command::new("topics")).about(
                "What the texts are about, together: {\"id\",\"text\"} -> {\"id\",\"topic\",\"label\"}",
            ))
    },
    call,
};

fn call(_: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    match matches.subcommand() {
        Some(("kind", matches)) => kind::answer(&parsed(matches)?),
        Some(("replies", matches)) => replies::answer(&parsed(matches)?),
        Some(("similar", matches)) => similar::similar(&parsed(matches)?),
        Some(("topics", matches)) => topics::topics(&parsed(matches)?),
        _ => Err(Fault::usage("which judgement? see: rapport text --help")),
    }
}
