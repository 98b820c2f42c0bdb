//! `roster`: who is a practitioner. `roster judge` applies the definition in a pipe; the rest keeps applications, and what
//! people decided about them.

mod decide;
mod kept;
mod versions;

use std::path::PathBuf;

use clap::{ArgMatches, Args, Command};
use rapport_practice::definition::{Definition, Judgement, Person, judge};
use serde::Deserialize;
use serde_json::Value;

use super::add::parsed;
use super::{Answer, Desk, Verb, filter};
use crate::fault::Fault;

pub(crate) const VERB: Verb = Verb {
    name: "roster",
    about: "Who is a practitioner of Developer Relations: the definition applied, with reasons",
    example: "rapport roster judge < applications.jsonl\nrapport roster judge --definition ours-2.toml --explain < applications.jsonl\nrapport roster apply applications.jsonl\nrapport roster list\nrapport roster decide dana practitioner\nrapport roster flips --to ours-2.toml",
    args: |command| {
        let one = |command: Command, about: &'static str| command.about(about);
        command
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(Judge::augment_args(Command::new("judge")).about(
                "Judge applications: {\"id\",\"person\":{...}} -> {\"id\",\"verdict\",\"clauses\",\"findings\",\"question\",\
                 \"what_would_change_it\"}",
            ))
            .subcommand(one(
                kept::Apply::augment_args(Command::new("apply")),
                "Keep applications to be decided: the same lines as `roster judge` takes",
            ))
            .subcommand(one(
                kept::List::augment_args(Command::new("list")),
                "Every application: what the definition says, how far the decision has come",
            ))
            .subcommand(one(
                kept::Named::augment_args(Command::new("show")),
                "One application with its clauses, what was said to it, and the draft of the letter",
            ))
            .subcommand(one(
                kept::Named::augment_args(Command::new("letter")),
                "The draft of the letter alone; it is sent by a person, or not at all",
            ))
            .subcommand(one(
                decide::Decide::augment_args(Command::new("decide")),
                "Say what is decided: a yes takes one word, a no the words of two people",
            ))
            .subcommand(one(
                kept::Named::augment_args(Command::new("withdraw")),
                "Take an application out, with all that was said to it",
            ))
            .subcommand(one(
                versions::Flips::augment_args(Command::new("flips")),
                "Who would be judged otherwise by another definition; it changes nobody",
            ))
            .subcommand(one(
                versions::Definitions::augment_args(Command::new("definitions")),
                "The definitions that there are, and which one is in force",
            ))
    },
    call,
};

/// Arguments of `roster judge`.
#[derive(Args)]
struct Judge {
    /// Judge by this definition instead of the one in force: a file, or the name/version of one in rapport.toml
    #[arg(long, value_name = "FILE")]
    definition: Option<PathBuf>,
    /// Answer in words for a person instead of JSON
    #[arg(long)]
    explain: bool,
}

#[derive(Deserialize)]
struct Application {
    person: Person,
}

fn call(desk: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    match matches.subcommand() {
        Some(("judge", matches)) => {
            let args: Judge = parsed(matches)?;
            let definition = versions::named(desk, args.definition.as_deref())?;
            if args.explain {
                return explain(&definition);
            }
            filter::each(std::io::stdin().lock(), &mut std::io::stdout().lock(), |asked: Application| {
                let judgement = judge(&definition, &asked.person).map_err(|e| e.to_string())?;
                serde_json::to_value(judgement).map_err(|e| e.to_string())
            })
        }
        Some(("apply", matches)) => kept::apply(desk, &parsed(matches)?),
        Some(("list", _)) => kept::list(desk),
        Some(("show", matches)) => kept::show(desk, &parsed(matches)?),
        Some(("letter", matches)) => kept::letter(desk, &parsed(matches)?),
        Some(("decide", matches)) => decide::decide(desk, &parsed(matches)?),
        Some(("withdraw", matches)) => kept::withdraw(desk, &parsed(matches)?),
        Some(("flips", matches)) => versions::flipped(desk, &parsed(matches)?),
        Some(("definitions", _)) => versions::definitions(desk),
        _ => Err(Fault::usage("what about the roster? see: rapport roster --help")),
    }
}

fn explain(definition: &Definition) -> Result<Answer, Fault> {
    let mut answer = Answer { json: String::new(), text: String::new(), findings: false };
    for (id, asked) in filter::all::<Application>(std::io::stdin().lock())? {
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        match asked.and_then(|asked| judge(definition, &asked.person).map_err(|e| e.to_string())) {
            Ok(judgement) => answer.text.push_str(&words(&id, &judgement)),
            Err(error) => {
                answer.findings = true;
                answer.text.push_str(&format!("{id}: {error}\n\n"));
            }
        }
    }
    Ok(answer)
}

/// One verdict as a person reads it.
fn words(id: &str, judgement: &Judgement) -> String {
    let verdict = serde_json::to_value(judgement.verdict).unwrap_or(Value::Null);
    let mut text = format!("{id}: {} (by {})\n", verdict.as_str().unwrap_or(""), judgement.definition);
    let mut row = |what: &str, words: &str| text.push_str(&format!("  {what:<12} {words}\n"));
    for clause in &judgement.clauses {
        let holds = match clause.holds {
            Some(true) => "yes",
            Some(false) => "no",
            None => "not known",
        };
        row(&clause.clause, &format!("{holds}: {}", clause.because));
    }
    for (finding, says) in judgement.findings.iter().zip(&judgement.says) {
        row("finding", &format!("{}: {says}", finding.0));
    }
    for named in &judgement.recognises {
        row("recognised", named);
    }
    if let Some(note) = &judgement.note {
        row("note", note);
    }
    if let Some(question) = &judgement.question {
        row("question", question);
    }
    row("would change", &judgement.what_would_change_it.join("; "));
    text.push('\n');
    text
}
