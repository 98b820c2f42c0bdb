//! A verb called with a JSON object of its arguments, for the faces that have no command line.

use clap::Command;
use serde_json::{Map, Value};

use crate::cli;
use crate::fault::Fault;
use crate::reference::schema::{kind, leaves, shown};

/// What calling a verb does, as far as a face has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It only looks: it may be asked for again, and its answer kept for a moment.
    Reads,
    /// It may change something: it needs a person's word.
    Writes,
    /// It lives on a command line: it reads standard input, or goes on until it is stopped.
    Terminal,
}

const READS: &[&str] = &[
    "sources",
    "hooks",
    "account list",
    "audit",
    "feeds list",
    "settings",
    "needs",
    "thread",
    "similar",
    "search",
    "topics",
    "topics show",
    "trends",
    "gaps",
    "focus",
    "metrics",
    "report",
    "digest",
    "sql",
    "check",
    "reference",
    "evidence",
    "feedback",
    "feedback list",
    "feedback show",
    "friction list",
    "friction show",
    "friction template",
    "notes list",
    "notes due",
    "notes report",
    "events",
    "talks",
    "talks list",
    "talks deadlines",
    "docs gaps",
    "people",
    "people show",
    "people suggest",
    "people ledger",
    "people recognise",
    "bots",
    "champions",
    "champions criteria",
    "champions review",
    "org check",
    "org show",
    "org what-if",
    "org example",
    "org kinds",
    "org lint",
    "roster list",
    "roster show",
    "roster letter",
    "roster definitions",
    "relations",
    "relations spoken",
];
const TERMINAL: &[&str] = &[
    "demo",
    "serve",
    "mcp",
    "text kind",
    "text topics",
    "text similar",
    "text replies",
    "people resolve",
    "roster judge",
    "roster apply",
    "account add",
];

/// Arguments that name the server's own files or form, never taken from elsewhere.
const SERVERS: &[&str] = &["data", "json", "out", "role", "file"];

/// A verb's arguments as another face takes them: without those that only the command line has.
pub(crate) fn served(arguments: &Value) -> Value {
    let mut arguments = arguments.clone();
    if let Some(properties) = arguments["properties"].as_object_mut() {
        properties.retain(|key, _| !SERVERS.contains(&key.as_str()));
    }
    arguments
}

/// What a verb does; one that nobody has classed is taken to write.
pub(crate) fn effect(verb: &str) -> Effect {
    match verb {
        _ if READS.contains(&verb) => Effect::Reads,
        _ if TERMINAL.contains(&verb) => Effect::Terminal,
        _ => Effect::Writes,
    }
}

/// The words that a person would type for this verb with these arguments. Values cannot be taken for options.
///
/// # Errors
/// When the verb does not exist or has no such argument.
pub(crate) fn words(verb: &str, arguments: &Map<String, Value>) -> Result<Vec<String>, Fault> {
    let root = cli::command();
    let unknown = || Fault::usage(format!("there is no verb '{verb}'")).hint("/api/openapi.json  lists them");
    let leaves = leaves(&root);
    let (_, command) = leaves.iter().find(|(name, _)| name == verb).ok_or_else(unknown)?;
    let mut words: Vec<String> = verb.split(' ').map(str::to_owned).collect();
    let mut places = Vec::new();
    for (key, value) in arguments.iter().filter(|(_, value)| !value.is_null()) {
        if SERVERS.contains(&key.as_str()) {
            return Err(Fault::usage(format!("'{key}' is for the command line: the server decides it")));
        }
        option(command, &root, verb, key, value, &mut words, &mut places)?;
    }
    places.sort_by_key(|(index, _)| *index);
    if !places.is_empty() {
        words.push("--".to_owned());
        words.extend(places.into_iter().map(|(_, word)| word));
    }
    Ok(words)
}

/// Adds one argument: to `words` when it has a name, else to `places` with its position.
fn option(
    command: &Command,
    root: &Command,
    verb: &str,
    key: &str,
    value: &Value,
    words: &mut Vec<String>,
    places: &mut Vec<(usize, String)>,
) -> Result<(), Fault> {
    let arg = shown(command).chain(shown(root)).find(|arg| arg.get_id() == key).ok_or_else(|| {
        let known: Vec<&str> = shown(command).map(|arg| arg.get_id().as_str()).collect();
        Fault::usage(format!("'{verb}' has no argument '{key}'")).hint(format!(
            "it takes: {}",
            if known.is_empty() { "none".to_owned() } else { known.join(", ") }
        ))
    })?;
    let each: Vec<String> = match value {
        Value::Array(all) => all.iter().map(plain).collect::<Result<_, _>>()?,
        one => vec![plain(one)?],
    };
    match arg.get_long() {
        Some(long) if kind(arg) == "boolean" => match value {
            Value::Bool(true) => words.push(format!("--{long}")),
            Value::Bool(false) => {}
            other => return Err(Fault::usage(format!("'{key}' is true or false, not {other}"))),
        },
        Some(long) => words.extend(each.into_iter().map(|value| format!("--{long}={value}"))),
        None => {
            let place =
                command.get_positionals().position(|known| known.get_id() == key).unwrap_or(usize::MAX);
            places.extend(each.into_iter().map(|value| (place, value)));
        }
    }
    Ok(())
}

fn plain(value: &Value) -> Result<String, Fault> {
    match value {
        Value::String(text) if text.contains('\0') => Err(Fault::usage("a text must not hold a zero byte")),
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(truth.to_string()),
        other => Err(Fault::usage(format!("{other} is no single value"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(verb: &str, arguments: &Value) -> Result<Vec<String>, Fault> {
        words(verb, arguments.as_object().unwrap())
    }

    #[test]
    fn an_object_becomes_a_command_line() {
        assert_eq!(said("needs", &json!({"all": true, "top": 5})).unwrap(), ["needs", "--all", "--top=5"]);
        assert_eq!(said("thread", &json!({"thread": 12})).unwrap(), ["thread", "--", "12"]);
        assert_eq!(
            said("search", &json!({"words": ["a", "--data=/etc"], "top": 3})).unwrap(),
            ["search", "--top=3", "--", "a", "--data=/etc"]
        );
        assert_eq!(said("topics rename", &json!({"name": "x", "topic": 3})).unwrap()[2..], ["--", "3", "x"]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (verb, arguments) in [
            ("needs", json!({"al": true})),
            ("needs", json!({"all": "yes"})),
            ("needs", json!({"data": "/"})),
            ("needs", json!({"source": {"a": 1}})),
            ("nothing", json!({})),
        ] {
            assert!(said(verb, &arguments).is_err(), "{verb} {arguments}");
        }
    }

    #[test]
    fn every_classed_verb_exists() {
        let root = cli::command();
        let all: Vec<String> = leaves(&root).into_iter().map(|(words, _)| words).collect();
        for verb in READS.iter().chain(TERMINAL) {
            assert!(all.iter().any(|known| known == verb), "{verb}");
        }
    }
}
