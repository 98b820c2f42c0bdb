//! `text`: the judgements about text as filters for pipes.

mod similar;
mod topics;

use clap::{ArgMatches, Args, Command};
use rapport_insight::kind;
use rapport_model::{ThreadFacts, ThreadKind};
use serde::Deserialize;
use serde_json::json;

use super::add::parsed;
use super::{Answer, Desk, Verb, filter};
use crate::fault::Fault;

pub(crate) const VERB: Verb = Verb {
    name: "text",
    about: "Judge texts in a pipe: JSON lines in, JSON lines out, no data folder needed",
    example: "rapport text kind < questions.jsonl",
    args: |command| {
        command
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(Kind::augment_args(Command::new("kind").about(
                "What each text asks for: {\"id\",\"title\",\"body\"} -> {\"id\",\"kind\",\"confidence\",\"because\"}",
            )))
            .subcommand(similar::Similar::augment_args(Command::new("similar").about(
                "Which texts of a corpus are like each text: {\"id\",\"text\"} -> {\"id\",\"hits\":[{\"id\",\"score\"}]}",
            )))
            .subcommand(topics::Topics::augment_args(Command::new("topics").about(
                "What the texts are about, together: {\"id\",\"text\"} -> {\"id\",\"topic\",\"label\"}",
            )))
    },
    call,
};

/// Arguments of `text kind`.
#[derive(Args)]
struct Kind {
    /// Answer with one of these alone, separated by commas: bug, feature, question, docs
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

#[derive(Deserialize)]
struct Text {
    #[serde(default)]
    title: String,
    #[serde(default)]
    body: String,
}

fn call(_: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    match matches.subcommand() {
        Some(("kind", matches)) => kinds(&parsed(matches)?),
        Some(("similar", matches)) => similar::similar(&parsed(matches)?),
        Some(("topics", matches)) => topics::topics(&parsed(matches)?),
        _ => Err(Fault::usage("which judgement? see: rapport text --help")),
    }
}

fn kinds(args: &Kind) -> Result<Answer, Fault> {
    let _ = &args.only;
    filter::each(std::io::stdin().lock(), &mut std::io::stdout().lock(), |text: Text| {
        let facts =
            ThreadFacts { kind: Some(ThreadKind::Issue), title: Some(text.title), ..ThreadFacts::default() };
        let (kind, because) = kind::kind(&facts, &text.body)
            .unwrap_or_else(|| (rapport_model::NeedKind::named("other"), "asks for nothing".to_owned()));
        Ok(json!({ "kind": kind.as_str(), "because": because }))
    })
}
