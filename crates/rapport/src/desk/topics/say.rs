//! What people say about topics: names, declared topics, what belongs where. It persists and steers later runs.

use std::collections::HashMap;

use clap::{ArgMatches, Args, Command};
use rapport_insight::topics::Declared;
use rapport_store::Word;

use super::show;
use super::sight::{declared, live, see};
use crate::desk::add::parsed;
use crate::desk::thread::unknown;
use crate::desk::{Answer, Desk, me};
use crate::fault::Fault;
use crate::page::line;
use serde::Serialize;

/// `topics rename`.
#[derive(Args)]
struct Rename {
    /// The topic
    topic: u32,
    /// Its name from now on; it stays with the topic, and the topic stays
    name: String,
}

/// `topics declare`.
#[derive(Args)]
struct Declare {
    /// The topic's name
    name: String,
    /// A word for it; give several
    #[arg(long = "word", required_unless_present = "examples")]
    words: Vec<String>,
    /// A sentence that is about it; give several
    #[arg(long = "example")]
    examples: Vec<String>,
}

/// `topics in` and `topics not`.
#[derive(Args)]
struct Belongs {
    /// The topic
    topic: u32,
    /// The threads
    #[arg(required = true)]
    threads: Vec<i64>,
}

/// `topics merge`.
#[derive(Args)]
struct Merge {
    /// The topic that goes
    topic: u32,
    /// The topic that it becomes part of; the same number takes a merge back
    into: u32,
}

/// `topics split`.
#[derive(Args)]
struct Split {
    /// The topic that they are wrongly in
    topic: u32,
    /// The threads that are something else
    #[arg(required = true)]
    threads: Vec<i64>,
    /// The name of the topic that they make
    #[arg(long)]
    name: String,
}

/// `topics pin`.
#[derive(Args)]
struct Pin {
    /// The topic
    topic: u32,
}

/// `topics undo`.
#[derive(Args)]
struct Undo {
    /// What to take back, by its number in the list; the last thing said when left out
    number: Option<i64>,
    /// Only list what was said and holds
    #[arg(long, conflicts_with = "number")]
    list: bool,
}

pub(super) fn subcommands(command: Command) -> Command {
    command
        .args_conflicts_with_subcommands(true)
        .subcommand(
            show::Show::augment_args(Command::new("show")).about(
                "One topic: by week, by source, its people and evidence, and why each thread is in it",
            ),
        )
        .subcommand(Rename::augment_args(Command::new("rename")).about("Give a topic a name that stays"))
        .subcommand(
            Declare::augment_args(Command::new("declare"))
                .about("Say what a topic is about, in words and examples; threads are gathered around it"),
        )
        .subcommand(Belongs::augment_args(Command::new("in")).about("Say that threads belong to a topic"))
        .subcommand(
            Belongs::augment_args(Command::new("not"))
                .about("Say that threads do not belong to a topic: they stay out"),
        )
        .subcommand(
            Merge::augment_args(Command::new("merge"))
                .about("Make one topic part of another (the same number twice takes it back)"),
        )
        .subcommand(
            Split::augment_args(Command::new("split"))
                .about("Take threads out of a topic into one of their own; they stay out"),
        )
        .subcommand(
            Pin::augment_args(Command::new("pin")).about("Keep a topic and its name, whatever comes later"),
        )
        .subcommand(
            Undo::augment_args(Command::new("undo"))
                .about("Take back what was said about topics, or list it"),
        )
}

pub(super) fn say(desk: &Desk, what: &str, matches: &ArgMatches) -> Result<Answer, Fault> {
    if what == "undo" {
        return undo(desk, &parsed(matches)?);
    }
    let sight = see(desk)?;
    let known = |topic: u32| {
        if sight.topics.iter().any(|t| t.id == topic) {
            return Ok(i64::from(topic));
        }
        Err(Fault::usage(format!("there is no topic {topic}")).hint("rapport topics  lists them"))
    };
    let word = |what: &str, topic: Option<i64>, thread: Option<i64>, text: String| Word {
        id: 0,
        what: what.to_owned(),
        topic,
        thread,
        text,
    };
    let words: Vec<Word> = match what {
        "rename" => {
            let args: Rename = parsed(matches)?;
            if args.name.trim().is_empty() {
                return Err(Fault::usage("a name is missing"));
            }
            let topic = known(args.topic)?;
            let said = live(desk.reading()?.words_on_topics()?);
            let label = sight.label(args.topic);
            if desk.config()?.topics.keys().any(|name| name.trim() == label) {
                let message = format!(
                    "topic {topic} is declared in {} as \u{201c}{label}\u{201d}",
                    crate::config::FILE
                );
                return Err(Fault::usage(message).hint("give it its new name there"));
            }
            if declared(&said, &HashMap::new()).iter().any(|d| d.label == label) {
                let message = format!("topic {topic} was declared as \u{201c}{label}\u{201d}");
                let hint = "rapport topics undo --list  shows the declaration; take it back and declare the new name";
                return Err(Fault::usage(message).hint(hint));
            }
            vec![word("rename", Some(topic), None, args.name.trim().to_owned())]
        }
        "pin" => {
            let args: Pin = parsed(matches)?;
            // The name as it is now is what is pinned.
            let label = sight.label(args.topic).to_owned();
            vec![word("rename", Some(known(args.topic)?), None, label)]
        }
        "split" => {
            let args: Split = parsed(matches)?;
            let topic = known(args.topic)?;
            let mut examples = Vec::new();
            for thread in &args.threads {
                let Some(placed) = sight.asks.iter().find(|p| p.ask.thread == *thread) else {
                    return Err(unknown(*thread));
                };
                if placed.topic != Some(args.topic) {
                    return Err(Fault::usage(format!("thread {thread} is not in topic {topic}"))
                        .hint(format!("rapport topics show {topic}  lists its threads")));
                }
                examples.push(placed.title());
            }
            examples.truncate(8);
            let label = args.name.trim().to_owned();
            let of_its_own = Declared { label: label.clone(), examples, ..Declared::default() };
            let text = serde_json::to_string(&of_its_own).map_err(|e| Fault::usage(e.to_string()))?;
            let mut words = vec![word("declare", None, None, text)];
            words.extend(args.threads.iter().map(|t| word("split", Some(topic), Some(*t), label.clone())));
            words
        }
        "declare" => {
            let args: Declare = parsed(matches)?;
            let declared = Declared {
                label: args.name.trim().to_owned(),
                words: args.words,
                examples: args.examples,
                ..Declared::default()
            };
            let text = serde_json::to_string(&declared).map_err(|e| Fault::usage(e.to_string()))?;
            vec![word("declare", None, None, text)]
        }
        "merge" => {
            let args: Merge = parsed(matches)?;
            let into = known(args.into).or_else(|e| if args.topic == args.into { Ok(0) } else { Err(e) });
            into?;
            vec![word("merge", Some(i64::from(args.topic)), None, args.into.to_string())]
        }
        belongs => {
            let args: Belongs = parsed(matches)?;
            let topic = known(args.topic)?;
            let what = if belongs == "in" { "in" } else { "not-in" };
            for thread in &args.threads {
                if !sight.asks.iter().any(|p| p.ask.thread == *thread) {
                    return Err(unknown(*thread));
                }
            }
            args.threads.iter().map(|t| word(what, Some(topic), Some(*t), String::new())).collect()
        }
    };
    drop(sight);
    let mut store = desk.noting()?;
    for word in &words {
        store.say(word, &me(), desk.now)?;
    }
    drop(store);
    let said = words.len();
    desk.answer(&said, || {
        format!("Noted; it holds for every later run.\n\nnext: {} topics\n", desk.program())
    })
}

/// One thing that was said and holds.
#[derive(Serialize)]
struct Holds {
    number: i64,
    what: String,
}

/// As a person reads it.
fn told(word: &Word) -> String {
    let topic = word.topic.map_or_else(String::new, |t| format!("topic {t}"));
    let thread = word.thread.map_or_else(String::new, |t| format!("thread {t}"));
    match word.what.as_str() {
        "rename" => format!("{topic} is called \u{201c}{}\u{201d}", line(&word.text, 60)),
        "merge" => format!("{topic} is part of topic {}", word.text),
        "in" => format!("{thread} belongs to {topic}"),
        "not-in" => format!("{thread} does not belong to {topic}"),
        "split" => format!("{thread} went from {topic} to \u{201c}{}\u{201d}", line(&word.text, 60)),
        _ => {
            let declared = serde_json::from_str::<Declared>(&word.text);
            format!(
                "\u{201c}{}\u{201d} is a topic",
                declared.map_or_else(|_| String::new(), |d| line(&d.label, 60))
            )
        }
    }
}

fn undo(desk: &Desk, args: &Undo) -> Result<Answer, Fault> {
    let said = live(desk.reading()?.words_on_topics()?);
    if args.list {
        let rows: Vec<Holds> = said.iter().map(|w| Holds { number: w.id, what: told(w) }).collect();
        return desk.answer(&rows, || {
            let mut out: String = rows.iter().map(|r| format!("{:>4}  {}\n", r.number, r.what)).collect();
            if rows.is_empty() {
                out.push_str("Nothing was said about topics that holds.\n");
            }
            out.push_str(&format!("\nnext: {} topics undo NUMBER\n", desk.program()));
            out
        });
    }
    // What was split off goes back with the topic that was made of it, not thread by thread.
    let word = match args.number {
        Some(number) => said.iter().find(|w| w.id == number),
        None => said.iter().rfind(|w| w.what != "split"),
    };
    let Some(word) = word else {
        return Err(Fault::usage("there is nothing like that to take back")
            .hint("rapport topics undo --list  lists what was said and holds"));
    };
    let taken = Holds { number: word.id, what: told(word) };
    let back = Word { what: "undo".into(), text: word.id.to_string(), ..word.clone() };
    desk.writing()?.say(&back, &me(), desk.now)?;
    desk.answer(&taken, || format!("Taken back: {}.\n\nnext: {} topics\n", taken.what, desk.program()))
}
