//! The repository's history as a stream for `git fast-import`.

use std::fmt::Write as _;

use serde::Deserialize;

use super::Files;
use crate::Fault;
use crate::when;
use crate::world::{World, company};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct History {
    commit: Vec<Commit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Commit {
    by: String,
    /// Which of the person's signatures, from 0.
    #[serde(default)]
    signed: usize,
    at: String,
    text: String,
    /// People who wrote it, too.
    #[serde(default)]
    with: Vec<String>,
    /// The release that it is.
    tag: Option<String>,
}

/// Renders `company/commits.toml`.
pub(crate) fn render(world: &World, files: &mut Files) -> Result<(), Fault> {
    let text = std::fs::read_to_string(company().join("commits.toml"))?;
    let history: History = toml::from_str(&text).map_err(|e| format!("commits.toml: {e}"))?;
    let signature = |id: &str, nth: usize| -> Result<String, Fault> {
        let signatures = &world.person(id)?.git;
        signatures.get(nth).cloned().ok_or_else(|| format!("{id} has no signature {nth}").into())
    };
    let committer = signature("linnea", 0)?;
    let (mut out, mut tags) = ("reset refs/heads/main\n".to_owned(), String::new());
    let mut last = 0;
    for (n, commit) in (1..).zip(&history.commit) {
        let at = when::parse(&commit.at)?;
        if at < last {
            return Err(format!("commits.toml: {} is older than the commit before it", commit.at).into());
        }
        last = at;
        let mut message = format!("{}\n", commit.text.trim());
        for (k, id) in commit.with.iter().enumerate() {
            let gap = if k == 0 { "\n" } else { "" };
            let _ = writeln!(message, "{gap}Co-authored-by: {}", signature(id, 0)?);
        }
        let author = signature(&commit.by, commit.signed)?;
        let _ = write!(
            out,
            "commit refs/heads/main\nmark :{n}\nauthor {author} {at} +0000\ncommitter {committer} {at} +0000\n\
             data {}\n{message}",
            message.len()
        );
        if n > 1 {
            let _ = writeln!(out, "from :{}", n - 1);
        }
        let _ = write!(
            out,
            "M 100644 inline CHANGES\ndata {}\n{}\n\n",
            commit.text.trim().len(),
            commit.text.trim()
        );
        if let Some(tag) = &commit.tag {
            let text = format!("Relay {}\n", tag.trim_start_matches('v'));
            let _ = write!(
                tags,
                "tag {tag}\nfrom :{n}\ntagger {committer} {at} +0000\ndata {}\n{text}\n",
                text.len()
            );
        }
    }
    files.insert("sources/git/relay.fast-import".to_owned(), (out + &tags).into_bytes());
    Ok(())
}
