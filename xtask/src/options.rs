//! `--name value` pairs and bare `--flags` of a command line.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::Fault;

/// The options of one run.
#[derive(Debug, Default)]
pub(crate) struct Options(BTreeMap<String, String>);

impl Options {
    /// Reads what stands behind the verb.
    pub(crate) fn parse(words: impl Iterator<Item = String>) -> Result<Options, Fault> {
        let mut found = BTreeMap::new();
        let mut words = words.peekable();
        while let Some(word) = words.next() {
            let Some(name) = word.strip_prefix("--") else {
                return Err(format!("'{word}' is no option: they begin with --").into());
            };
            let value = words.next_if(|next| !next.starts_with("--")).unwrap_or_default();
            found.insert(name.to_owned(), value);
        }
        Ok(Options(found))
    }

    /// A flag without a value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A text that must be given.
    pub(crate) fn text(&self, name: &str) -> Result<&str, Fault> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|t| !t.is_empty())
            .ok_or_else(|| format!("--{name} is missing").into())
    }

    /// A path that must be given.
    pub(crate) fn path(&self, name: &str) -> Result<PathBuf, Fault> {
        self.text(name).map(PathBuf::from)
    }

    /// A number, with `_` and `,` allowed inside; `fallback` when it is not given.
    pub(crate) fn number(&self, name: &str, fallback: Option<u64>) -> Result<u64, Fault> {
        match (self.0.get(name), fallback) {
            (Some(text), _) => {
                text.replace(['_', ','], "").parse().map_err(|_| format!("--{name} is no number").into())
            }
            (None, Some(fallback)) => Ok(fallback),
            (None, None) => Err(format!("--{name} is missing").into()),
        }
    }
}
