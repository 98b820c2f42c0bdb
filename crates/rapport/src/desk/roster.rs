//! `roster`: who is a practitioner. `roster judge` applies the definition in a pipe.

use std::path::{Path, PathBuf};

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
    example: "rapport roster judge < applications.jsonl\nrapport roster judge --definition ours-2.toml --explain < applications.jsonl",
    args: |command| {
        command
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(Judge::augment_args(Command::new("judge")).about(
                "Judge applications: {\"id\",\"person\":{...}} -> {\"id\",\"verdict\",\"clauses\",\"findings\",\"question\",\
                 \"what_would_change_it\"}",
            ))
    },
    call,
};

/// Arguments of `roster judge`.
#[derive(Args)]
struct Judge {
    /// Judge by this definition instead of the one that comes with the program
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

fn call(_: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    match matches.subcommand() {
        Some(("judge", matches)) => {
            let args: Judge = parsed(matches)?;
            let definition = args.definition.as_deref().map_or_else(|| Ok(Definition::ours()), load)?;
            if args.explain {
                return explain(&definition);
            }
            filter::each(std::io::stdin().lock(), &mut std::io::stdout().lock(), |asked: Application| {
                let judgement = judge(&definition, &asked.person).map_err(|e| e.to_string())?;
                serde_json::to_value(judgement).map_err(|e| e.to_string())
            })
        }
        _ => Err(Fault::usage("what about the roster? see: rapport roster --help")),
    }
}

fn load(path: &Path) -> Result<Definition, Fault> {
    let text = std::fs::read_to_string(path).map_err(|e| Fault::usage(format!("{}: {e}", path.display())))?;
    Definition::read(&text).map_err(|e| Fault::usage(format!("{}: {e}", path.display())))
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
