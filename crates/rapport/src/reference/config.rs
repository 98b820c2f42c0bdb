//! `config.md`: the keys of `rapport.toml`, from a commented example that the program's own type reads.

use super::head;
use crate::config::Config;

const EXAMPLE: &str = include_str!("example.toml");

pub(super) fn page() -> String {
    let mut out = head("rapport.toml", "config");
    out.push_str(
        "The file lies in the data folder; `rapport init` writes one, and without it the defaults hold. A key that does not \
         exist is refused with its line and column.\n\n| key | default | |\n|---|---|---|\n",
    );
    let defaults = toml::Table::try_from(Config::default()).unwrap_or_default();
    for (section, key, comment) in keys() {
        let default = defaults.get(&section).and_then(|s| s.get(&key)).map(ToString::to_string);
        out.push_str(&format!("| `{section}.{key}` | `{}` | {comment} |\n", default.unwrap_or_default()));
    }
    out.push_str(&format!("\n```toml\n{EXAMPLE}```\n"));
    out
}

/// Section, key and the comment above it, in the example's order.
pub(crate) fn keys() -> Vec<(String, String, String)> {
    let (mut section, mut comment, mut all) = (String::new(), Vec::new(), Vec::new());
    for line in EXAMPLE.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            name.clone_into(&mut section);
            comment.clear();
        } else if let Some(words) = line.strip_prefix("# ") {
            comment.push(words);
        } else if let Some((key, _)) = line.split_once(" = ") {
            all.push((section.clone(), key.to_owned(), std::mem::take(&mut comment).join(" ")));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The paths of all keys that hold a value.
    fn paths(table: &toml::Table, before: &str) -> BTreeSet<String> {
        let each = table.iter().flat_map(|(key, value)| match value {
            toml::Value::Table(inner) => paths(inner, &format!("{before}{key}.")),
            _ => BTreeSet::from([format!("{before}{key}")]),
        });
        each.collect()
    }

    #[test]
    fn the_example_is_read_and_names_every_key() {
        let read: Config = toml::from_str(EXAMPLE).unwrap();
        let all = paths(&toml::Table::try_from(&read).unwrap(), "");
        let said: BTreeSet<String> =
            keys().into_iter().map(|(s, k, _)| format!("{s}.{}", k.trim_matches('"'))).collect();
        assert_eq!(all, said, "reference/example.toml names every key of Config, and no other");
        assert!(keys().iter().all(|(_, _, comment)| !comment.is_empty()), "each with what it means");
        let default = Config::default();
        assert_eq!(read.answers.within_working_days.to_bits(), default.answers.within_working_days.to_bits());
        assert_eq!(read.answers.stale_after_days, default.answers.stale_after_days);
        assert_eq!(read.community.name, default.community.name);
    }
}
