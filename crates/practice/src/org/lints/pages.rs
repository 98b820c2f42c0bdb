//! One page per lint, from the list of lints itself.

use super::{Level, Lint};

/// The page of one lint, as Markdown.
#[must_use]
pub fn page(lint: &Lint) -> String {
    let weight = match lint.level {
        Level::Error => "An error: the file is not used, and the last good one stays in force.",
        Level::Finding => "A finding: `rapport org check` ends with exit code 1.",
        Level::Note => "A note: something to know; it changes no exit code.",
    };
    let clause = lint.clause.map_or_else(String::new, |c| format!("\n> What the definition says: {c}.\n"));
    format!(
        "# {} {}\n\n{}\n\n{weight}\n\n{}\n{clause}\n## Found here\n\n```toml\n{}```\n\n## Not here\n\n```toml\n{}```\n",
        lint.code, lint.name, lint.says, lint.why, lint.bad, lint.good
    )
}
