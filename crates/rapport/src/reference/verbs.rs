//! `verbs.md`: every verb, from the command line's own definition.

use clap::{Arg, Command};

use super::schema::{allowed, default, kind, leaves, many, shown};
use super::{cell, head};
use crate::cli;
use crate::fault::EXIT_CODES;

pub(super) fn page() -> String {
    let mut root = cli::command();
    root.build();
    let mut out = head("Verbs", "verbs");
    out.push_str("`rapport VERB` works on a data folder. `rapport --json reference` has every verb's arguments as JSON schema.\n\n");
    out.push_str("## Everywhere\n\n");
    let options: Vec<&Arg> = shown(&root).collect();
    out.push_str(&table(&options));
    out.push_str("\n## Exit codes\n\n| code | means |\n|---|---|\n");
    for (code, means) in EXIT_CODES {
        out.push_str(&format!("| {code} | {means} |\n"));
    }
    for (words, command) in leaves(&root) {
        out.push_str(&verb(&words, command, &options, &root));
    }
    out
}

fn verb(words: &str, command: &Command, everywhere: &[&Arg], root: &Command) -> String {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim();
    let mut out = format!("\n## {words}\n\n{}.\n\n```\n{usage}\n```\n", cell(about.trim_end_matches('.')));
    let own: Vec<&Arg> =
        shown(command).filter(|arg| everywhere.iter().all(|e| e.get_id() != arg.get_id())).collect();
    if !own.is_empty() {
        out.push('\n');
        out.push_str(&table(&own));
    }
    // A verb inside another shows the outer one's example when it has none of its own.
    let outer = words.split(' ').next().and_then(|first| root.find_subcommand(first));
    let after = command.get_after_help().or_else(|| outer.and_then(Command::get_after_help));
    if let Some(after) = after {
        let lines: Vec<String> =
            after.to_string().lines().skip(1).map(|line| line.trim().to_owned()).collect();
        out.push_str(&format!("\n```sh\n{}\n```\n", lines.join("\n")));
    }
    let codes: Vec<String> = codes(words).iter().map(ToString::to_string).collect();
    out.push_str(&format!("\nExit codes: {}.\n", codes.join(", ")));
    out
}

/// What this verb can end with; 70 is left out, it can only be a mistake. What `tests/it/edges.rs` provokes is a
/// part of it.
fn codes(words: &str) -> Vec<u8> {
    match words {
        "reference" => vec![0, 2],
        // Filters know no folder; a line that cannot be read is a finding.
        "people resolve" | "roster judge" => vec![0, 1, 2],
        _ if words.starts_with("text ") => vec![0, 1, 2],
        // A file written by hand may have to be mended first.
        "add" | "sync" | "import" | "friction add" | "notes add" | "docs add" | "talks import" => {
            vec![0, 1, 2, 3, 4]
        }
        "friction template" => vec![0, 2],
        // 1, too, where the role of whoever asks may not have it.
        _ => vec![0, 1, 2, 4],
    }
}

fn table(args: &[&Arg]) -> String {
    let mut out = "| argument | takes | default | |\n|---|---|---|---|\n".to_owned();
    for arg in args {
        let value = arg.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
        let name = match (arg.get_long(), kind(arg)) {
            (Some(long), "boolean") => format!("--{long}"),
            (Some(long), _) => format!("--{long} {value}"),
            (None, _) => value.to_owned(),
        };
        let mut takes = match kind(arg) {
            "boolean" => String::new(),
            _ if !allowed(arg).is_empty() => allowed(arg).join(", "),
            "integer" => "a whole number".to_owned(),
            "number" => "a number".to_owned(),
            _ => "text".to_owned(),
        };
        if many(arg) {
            takes.push_str(", several");
        }
        if arg.is_required_set() {
            takes.push_str(", required");
        }
        let env = arg.get_env().map(|env| format!("`{}`, else ", env.to_string_lossy())).unwrap_or_default();
        let default = default(arg).map(|d| format!("`{d}`")).unwrap_or_default();
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        out.push_str(&format!("| `{name}` | {takes} | {env}{default} | {} |\n", cell(&help)));
    }
    out
}
