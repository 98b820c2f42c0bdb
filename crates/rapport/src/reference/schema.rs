//! The arguments of every verb as JSON schema, from the clap definition itself.

use std::any::TypeId;

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, Command};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::cli;

/// One verb that can be called: those that only hold others are left out.
#[derive(Serialize)]
pub(crate) struct Callable {
    /// Its words: `needs`, `text kind`.
    pub(crate) verb: String,
    pub(crate) about: String,
    /// JSON schema of an object with its arguments.
    pub(crate) arguments: Value,
}

/// Every verb that can be called, with the options that all take.
pub(crate) fn all() -> Vec<Callable> {
    let root = cli::command();
    let everywhere: Vec<&Arg> = shown(&root).collect();
    leaves(&root)
        .into_iter()
        .map(|(verb, command)| Callable {
            verb,
            about: command.get_about().map(ToString::to_string).unwrap_or_default(),
            arguments: object(shown(command).chain(everywhere.iter().copied())),
        })
        .collect()
}

/// The commands below this one that do something themselves, with their words.
pub(crate) fn leaves(root: &Command) -> Vec<(String, &Command)> {
    let mut all = Vec::new();
    for child in root.get_subcommands().filter(|c| c.get_name() != "help" && !c.is_hide_set()) {
        let deeper = leaves(child);
        if deeper.is_empty() || !child.is_subcommand_required_set() {
            all.push((child.get_name().to_owned(), child));
        }
        let name = |words: String| format!("{} {words}", child.get_name());
        all.extend(deeper.into_iter().map(|(words, command)| (name(words), command)));
    }
    all
}

/// A command's own arguments, without those for help and version.
pub(crate) fn shown(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| {
        let asks = matches!(
            arg.get_action(),
            ArgAction::Help | ArgAction::HelpLong | ArgAction::HelpShort | ArgAction::Version
        );
        !asks && !arg.is_hide_set()
    })
}

fn object<'a>(args: impl Iterator<Item = &'a Arg>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for arg in args {
        properties.insert(arg.get_id().to_string(), property(arg));
        if arg.is_required_set() {
            required.push(arg.get_id().to_string());
        }
    }
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn property(arg: &Arg) -> Value {
    let mut one = Map::new();
    one.insert("type".to_owned(), json!(kind(arg)));
    if kind(arg) == "integer" && unsigned(arg.get_value_parser()) {
        one.insert("minimum".to_owned(), json!(0));
    }
    let allowed = allowed(arg);
    if !allowed.is_empty() {
        one.insert("enum".to_owned(), json!(allowed));
    }
    let mut whole = if many(arg) {
        Map::from_iter([("type".to_owned(), json!("array")), ("items".to_owned(), Value::Object(one))])
    } else {
        one
    };
    if let Some(default) = default(arg) {
        let typed = match kind(arg) {
            "integer" | "number" => serde_json::from_str(&default).unwrap_or(json!(default)),
            _ => json!(default),
        };
        whole.insert("default".to_owned(), typed);
    }
    if let Some(help) = arg.get_help() {
        whole.insert("description".to_owned(), json!(help.to_string()));
    }
    Value::Object(whole)
}

/// The JSON type of one value.
pub(crate) fn kind(arg: &Arg) -> &'static str {
    let parsed = arg.get_value_parser().type_id();
    if matches!(arg.get_action(), ArgAction::SetTrue | ArgAction::SetFalse) {
        "boolean"
    } else if parsed == TypeId::of::<f64>() {
        "number"
    } else if parsed == TypeId::of::<i64>()
        || parsed == TypeId::of::<i32>()
        || unsigned(arg.get_value_parser())
        || matches!(arg.get_action(), ArgAction::Count)
    {
        "integer"
    } else {
        "string"
    }
}

fn unsigned(parser: &ValueParser) -> bool {
    let parsed = parser.type_id();
    [TypeId::of::<u8>(), TypeId::of::<u16>(), TypeId::of::<u32>(), TypeId::of::<u64>(), TypeId::of::<usize>()]
        .into_iter()
        .any(|number| parsed == number)
}

/// Whether it can be given several times, or several values at once.
pub(crate) fn many(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append) || arg.get_num_args().is_some_and(|n| n.max_values() > 1)
}

/// The words it takes, when it takes only these.
pub(crate) fn allowed(arg: &Arg) -> Vec<String> {
    if kind(arg) == "boolean" {
        return Vec::new();
    }
    arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect()
}

/// What it is when left out.
pub(crate) fn default(arg: &Arg) -> Option<String> {
    if kind(arg) == "boolean" {
        return None;
    }
    arg.get_default_values().first().map(|value| value.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_inside_a_command_is_walked_to() {
        let root =
            Command::new("r").subcommand(Command::new("text").subcommand_required(true).subcommand(
                Command::new("kind").arg(
                    Arg::new("top").long("top").default_value("3").value_parser(clap::value_parser!(u32)),
                ),
            ));
        let leaves = leaves(&root);
        assert_eq!(leaves.iter().map(|(words, _)| words.as_str()).collect::<Vec<_>>(), ["text kind"]);
        assert_eq!(
            object(shown(leaves[0].1))["properties"]["top"],
            json!({ "type": "integer", "minimum": 0, "default": 3 })
        );
    }

    #[test]
    fn what_clap_demands_the_schema_demands() {
        let all = all();
        let of = |verb: &str| &all.iter().find(|c| c.verb == verb).unwrap().arguments;
        assert_eq!(of("thread")["required"], json!(["thread"]));
        assert_eq!(of("add")["properties"]["what"]["type"], "array");
        assert_eq!(of("report")["properties"]["format"]["enum"], json!(["markdown", "html"]));
        assert_eq!(of("needs")["properties"]["json"]["type"], "boolean");
        for one in &all {
            assert!(!one.about.starts_with("Arguments of"), "{}: set .about() after augment_args", one.verb);
        }
    }
}
