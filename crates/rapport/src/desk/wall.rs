//! The wall: the one place where it is decided which role may use which verb, and what of an answer it sees.
//!
//! A verb that is not in the list is DevRel's own. Everything that a verb says goes through here on its way out, so that
//! a verb cannot forget to hide a name: accounts are veiled in the store, texts are cleared of known names below.

use clap::ArgMatches;
use rapport_model::naming::replace;
use rapport_practice::roles::{Least, Sight, allows};
use rapport_store::Store;
use serde_json::Value;

pub(crate) use rapport_practice::roles::Role;

mod names;

use names::All;

use super::{Answer, Desk, Verb};
use crate::fault::{Fault, FaultKind};
use crate::page::{bold, dim, line};

/// Verbs, and verbs inside verbs, by the least that somebody has to be. The longest beginning counts.
const VERBS: &[(&str, Least)] = &[
    ("demo", Least::Devrel),
    ("init", Least::Devrel),
    ("add", Least::Devrel),
    ("sync", Least::Devrel),
    ("sources", Least::Reader),
    ("pause", Least::Devrel),
    ("resume", Least::Devrel),
    ("hooks", Least::Devrel),
    ("needs", Least::Reader),
    ("thread", Least::Reader),
    ("claim", Least::Devrel),
    ("snooze", Least::Devrel),
    ("met", Least::Devrel),
    ("kind", Least::Devrel),
    ("search", Least::Reader),
    ("similar", Least::Reader),
    ("evidence", Least::Reader),
    ("evidence mark", Least::Devrel),
    ("evidence change", Least::Devrel),
    ("evidence undo", Least::Devrel),
    ("friction", Least::Devrel),
    ("friction list", Least::Reader),
    ("friction show", Least::Reader),
    ("notes", Least::Devrel),
    ("events", Least::Reader),
    ("talks", Least::Devrel),
    ("docs", Least::Devrel),
    ("docs gaps", Least::Reader),
    ("relations", Least::Devrel),
    ("digest", Least::Reader),
    ("feedback", Least::Reader),
    ("feedback answer", Least::Reader),
    ("feedback new", Least::Devrel),
    ("feedback edit", Least::Devrel),
    ("feedback add", Least::Devrel),
    ("feedback drop", Least::Devrel),
    ("feedback deliver", Least::Devrel),
    ("feedback sync", Least::Devrel),
    ("feedback link", Least::Devrel),
    ("feedback shipped", Least::Devrel),
    ("feedback told", Least::Devrel),
    ("topics", Least::Counts),
    ("topics declare", Least::Devrel),
    ("topics rename", Least::Devrel),
    ("topics in", Least::Devrel),
    ("topics not", Least::Devrel),
    ("topics merge", Least::Devrel),
    ("topics show", Least::Reader),
    ("topics split", Least::Devrel),
    ("topics pin", Least::Devrel),
    ("topics undo", Least::Devrel),
    ("trends", Least::Counts),
    ("gaps", Least::Counts),
    ("people", Least::Devrel),
    ("people resolve", Least::Anybody),
    ("merge", Least::Devrel),
    ("unmerge", Least::Devrel),
    ("bots", Least::Devrel),
    ("champions", Least::Devrel),
    ("evidence", Least::Devrel),
    ("friction", Least::Devrel),
    ("notes", Least::Devrel),
    ("talks", Least::Devrel),
    ("docs", Least::Devrel),
    ("docs gaps", Least::Reader),
    ("relations", Least::Devrel),
    ("digest", Least::Reader),
    ("org", Least::Reader),
    ("focus", Least::Reader),
    ("serve", Least::Devrel),
    ("mcp", Least::Anybody),
    ("account", Least::Devrel),
    ("audit", Least::Devrel),
    ("settings", Least::Devrel),
    ("feeds", Least::Devrel),
    ("forget", Least::Devrel),
    ("export-person", Least::Devrel),
    ("consent", Least::Devrel),
    ("introduce", Least::Anybody),
    ("roster", Least::Admissions),
    ("roster judge", Least::Anybody),
    ("roster definitions", Least::Anybody),
    ("metrics", Least::Counts),
    ("report", Least::Reader),
    ("sql", Least::Devrel),
    ("text", Least::Anybody),
    ("export", Least::Devrel),
    ("import", Least::Devrel),
    ("backup", Least::Devrel),
    ("check", Least::Devrel),
    ("rebuild", Least::Devrel),
    ("reference", Least::Anybody),
];

/// The least for a verb, and whether it is in the list.
fn least(path: &[&str]) -> (Least, bool) {
    let found = (1..=path.len()).rev().find_map(|n| {
        let words = path[..n].join(" ");
        VERBS.iter().find(|(verb, _)| *verb == words).map(|(_, least)| *least)
    });
    (found.unwrap_or(Least::Devrel), found.is_some())
}

/// Whether a role may use this verb at all.
pub(crate) fn open(role: Role, verb: &str) -> bool {
    allows(role, least(&verb.split(' ').collect::<Vec<_>>()).0).is_ok()
}

/// Refuses a verb that is not for this role, and says why.
pub(crate) fn admits(role: Role, verb: &str) -> Result<(), Fault> {
    sight(role, &verb.split(' ').collect::<Vec<_>>()).map(|_| ())
}

/// How a verb's answer looks to a role.
fn sight(role: Role, path: &[&str]) -> Result<Sight, Fault> {
    allows(role, least(path).0).map_err(|why| {
        let says = format!("`{}` is not for the role {role}: {why}", path.join(" "));
        Fault::new(FaultKind::Refused, says).hint(open_to(role))
    })
}

/// Calls a verb for whoever sits at the desk.
pub(crate) fn call(verb: &Verb, desk: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    let mut path = vec![verb.name];
    let mut inner = matches;
    while let Some((name, sub)) = inner.subcommand() {
        path.push(name);
        inner = sub;
    }
    let (wanted, _) = least(&path);
    let sight = sight(desk.role, &path)?;
    if sight == Sight::Whole {
        return (verb.call)(desk, matches);
    }
    let names = match (wanted, Store::read(&desk.folder)) {
        (Least::Anybody, _) | (_, Err(_)) => None, // it says nothing of the folder, or there is none
        (_, Ok(store)) => Some(All::of(&store)?),
    };
    if let Some(names) = &names
        && asked(matches).iter().any(|text| replace(text, names).is_some())
    {
        return Err(Fault::new(
            FaultKind::Refused,
            format!(
                "that names somebody: the role {} sees people by pseudonym, and cannot look for one",
                desk.role
            ),
        )
        .hint("rapport introduce \"THE NAME\" --for \"WHO\"  asks DevRel"));
    }
    let asks = Desk { folder: desk.folder.clone(), json: desk.json || sight == Sight::Counted, ..*desk };
    let mut answer = (verb.call)(&asks, matches)?;
    if let Some(names) = &names {
        answer.json = veiled_json(&answer.json, names);
        answer.text = veiled_text(&answer.text, names);
    }
    if sight == Sight::Counted {
        let counts = counted(serde_json::from_str(&answer.json).unwrap_or(Value::Null));
        answer.text = if desk.json { String::new() } else { table(&counts) };
        answer.json =
            if desk.json { serde_json::to_string_pretty(&counts).unwrap_or_default() } else { String::new() };
    }
    Ok(answer)
}

/// What a role can do instead.
fn open_to(role: Role) -> String {
    let open: Vec<&str> = VERBS
        .iter()
        .filter(|(verb, least)| {
            !verb.contains(' ') && *least != Least::Anybody && allows(role, *least).is_ok()
        })
        .map(|(verb, _)| *verb)
        .collect();
    let more =
        if role == Role::Sales { "; an introduction: rapport introduce \"NAME\" --for \"WHO\"" } else { "" };
    format!("open to {role}: {}{more}", open.join(", "))
}

/// Every word that was given to the verb, but for where the folder is.
fn asked(matches: &ArgMatches) -> Vec<String> {
    const EVERYWHERE: [&str; 4] = ["data", "json", "as-of", "role"];
    let mut out = Vec::new();
    for id in matches.ids().filter(|id| !EVERYWHERE.contains(&id.as_str())) {
        if let Ok(Some(values)) = matches.try_get_raw(id.as_str()) {
            out.push(values.map(|value| value.to_string_lossy()).collect::<Vec<_>>().join(" "));
        }
    }
    if let Some((_, sub)) = matches.subcommand() {
        out.extend(asked(sub));
    }
    out
}

fn veiled(text: &str, names: &All) -> String {
    let text = replace(text, names).unwrap_or_else(|| text.to_owned());
    without_addresses(&text)
}

/// Whoever wrote an address into a text did not write it for every reader.
fn without_addresses(text: &str) -> String {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let from = rest[..at]
            .rfind(|c| !part(c))
            .map_or(0, |p| p + rest[p..].chars().next().map_or(1, char::len_utf8));
        let to = rest[at + 1..].find(|c| !part(c)).map_or(rest.len(), |p| at + 1 + p);
        let host = rest[at + 1..to].trim_end_matches('.');
        if from < at && host.contains('.') {
            out.push_str(&rest[..from]);
            out.push_str("(address)");
            rest = &rest[at + 1 + host.len()..];
        } else {
            out.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
        }
    }
    out.push_str(rest);
    out
}

/// Colour codes are no part of a word.
fn veiled_text(text: &str, names: &All) -> String {
    let mut out = String::new();
    for (n, part) in text.split('\x1b').enumerate() {
        let (code, words) = match (n, part.find('m')) {
            (0, _) | (_, None) => ("", part),
            (_, Some(end)) => part.split_at(end + 1),
        };
        if n > 0 {
            out.push('\x1b');
        }
        out.push_str(code);
        out.push_str(&veiled(words, names));
    }
    out
}

fn veiled_json(json: &str, names: &All) -> String {
    fn walk(value: &mut Value, names: &All) {
        match value {
            Value::String(text) => *text = veiled(text, names),
            Value::Array(all) => all.iter_mut().for_each(|value| walk(value, names)),
            Value::Object(all) => {
                // A key may be a name, too: counts per person.
                for (key, mut value) in std::mem::take(all) {
                    walk(&mut value, names);
                    all.insert(veiled(&key, names), value);
                }
            }
            _ => {}
        }
    }
    match serde_json::from_str::<Value>(json) {
        Ok(mut value) => {
            walk(&mut value, names);
            serde_json::to_string_pretty(&value).unwrap_or_default()
        }
        Err(_) => veiled(json, names),
    }
}

/// Of an answer what counts: numbers, and the words that say what was counted. Everything else is left out, also what
/// is not thought of yet.
fn counted(value: Value) -> Value {
    const WORDS: [&str; 12] = [
        "label",
        "kind",
        "need",
        "scope",
        "source",
        "thread_kind",
        "month",
        "week",
        "period",
        "direction",
        "department",
        "id",
    ];
    const LISTS: [&str; 9] =
        ["thread", "activity", "person", "who", "of", "rows", "late", "list", "evidence"];
    match value {
        Value::Array(all) => Value::Array(all.into_iter().map(counted).filter(|v| !v.is_null()).collect()),
        Value::Object(all) => {
            Value::Object(
                all.into_iter()
                    .filter(|(key, value)| match value {
                        Value::String(_) => WORDS.contains(&key.as_str()),
                        Value::Array(inner) => {
                            !LISTS.contains(&key.as_str())
                                && (inner.iter().all(Value::is_object)
                                    || key == "weeks" && inner.iter().all(Value::is_number))
                                && !inner.is_empty()
                        }
                        Value::Number(_) => !LISTS.contains(&key.as_str()) || key == "of",
                        Value::Object(_) => !LISTS.contains(&key.as_str()),
                        Value::Null | Value::Bool(_) => true,
                    })
                    .map(|(key, value)| {
                        if value.is_string() || key == "weeks" { (key, value) } else { (key, counted(value)) }
                    })
                    .filter(|(_, value)| !value.as_object().is_some_and(serde_json::Map::is_empty))
                    .collect(),
            )
        }
        Value::String(_) => Value::Null,
        other => other,
    }
}

/// Counts for a terminal.
fn table(value: &Value) -> String {
    fn one(value: &Value) -> String {
        let Some(object) = value.as_object() else { return value.to_string() };
        let part = |(key, value): (&String, &Value)| match value {
            Value::Null | Value::Array(_) | Value::Object(_) => None,
            Value::String(text) if key == "label" => Some(bold(&line(text, 60))),
            Value::String(text) => Some(format!("{key} {}", line(text, 60))),
            other => Some(format!("{key} {other}")),
        };
        object.iter().filter_map(part).collect::<Vec<_>>().join(dim(", ").as_str())
    }
    let mut out = String::new();
    match value {
        Value::Array(all) => all.iter().for_each(|row| out.push_str(&format!("  {}\n", one(row)))),
        Value::Object(all) => {
            for (key, value) in all {
                match value {
                    Value::Array(_) | Value::Object(_) => {
                        out.push_str(&format!("{}\n{}", bold(key), table(value)));
                    }
                    other => out.push_str(&format!("  {key} {other}\n")),
                }
            }
        }
        other => out.push_str(&format!("  {other}\n")),
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(command: &clap::Command, path: &mut Vec<String>, out: &mut Vec<String>) {
        path.push(command.get_name().to_owned());
        out.push(path.join(" "));
        for sub in command.get_subcommands() {
            leaves(sub, path, out);
        }
        path.pop();
    }

    #[test]
    fn every_verb_says_who_may_use_it() {
        let mut missing = Vec::new();
        for verb in super::super::VERBS {
            if !VERBS.iter().any(|(name, _)| *name == verb.name) {
                missing.push(verb.name.to_owned());
            }
            // Inside a verb that sales may use, every further verb is named by itself.
            let mut all = Vec::new();
            leaves(&verb.command(), &mut Vec::new(), &mut all);
            for path in all {
                let words: Vec<&str> = path.split(' ').collect();
                let open = least(&words[..1]).0 == Least::Counts;
                if open && !VERBS.iter().any(|(name, _)| *name == path) {
                    missing.push(path);
                }
            }
        }
        assert!(missing.is_empty(), "desk/wall.rs does not say who may use: {missing:?}");
        let known: Vec<&str> = super::super::VERBS.iter().map(|v| v.name).collect();
        for (verb, _) in VERBS {
            let first = verb.split(' ').next().unwrap_or_default();
            assert!(known.contains(&first), "desk/wall.rs names '{verb}', which is no verb");
        }
    }

    #[test]
    fn a_verb_that_nobody_thought_of_is_devrels_own() {
        assert_eq!(least(&["something-new"]), (Least::Devrel, false));
        assert_eq!(least(&["topics", "rename"]).0, Least::Devrel);
    }

    #[test]
    fn addresses_go_and_mentions_stay() {
        let text = "write to a.b@example.org. ask @max, or x@y";
        assert_eq!(without_addresses(text), "write to (address). ask @max, or x@y");
    }

    #[test]
    fn sales_gets_counts_of_whatever_comes() {
        let value = serde_json::json!([{ "id": 3, "label": "Retries", "people": 4, "threads": 5, "evidence": ["https://x"],
            "example": "a title", "of": [{ "thread": 1 }], "new_field": "a quote", "weeks": [1, 2] }]);
        let wanted =
            serde_json::json!([{ "id": 3, "label": "Retries", "people": 4, "threads": 5, "weeks": [1, 2] }]);
        assert_eq!(counted(value), wanted);
    }
}
