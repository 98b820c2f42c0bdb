//! What people say about topics: names, declared topics, what belongs where. It persists and steers later runs.

use clap::{ArgMatches, Args, Command};
use rapport_insight::topics::Declared;
use rapport_store::Word;

use super::sight::see;
use crate::desk::add::parsed;
use crate::desk::thread::unknown;
use crate::desk::{Answer, Desk, me};
use crate::fault::Fault;

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

pub(super) fn subcommands(command: Command) -> Command {
    command
        .args_conflicts_with_subcommands(true)
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
}

pub(super) fn say(desk: &Desk, what: &str, matches: &ArgMatches) -> Result<Answer, Fault> {
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
            vec![word("rename", Some(known(args.topic)?), None, args.name.trim().to_owned())]
        }
        "declare" => {
            let args: Declare = parsed(matches)?;
            let declared = Declared { label: args.name, words: args.words, examples: args.examples };
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
