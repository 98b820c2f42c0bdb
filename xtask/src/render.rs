//! `world`: the invented world as the files that services write. `--check` only compares.

mod discord;
mod discussions;
mod forum;
mod generic;
mod git;
mod github;
mod list;
mod qa;
mod slack;
mod truth;
mod zulip;

use std::collections::BTreeMap;
use std::path::Path;

use crate::Fault;
use crate::options::Options;
use crate::world::{World, company};

/// Files by their path below `company/`.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Everything that is rendered stands below one of these.
const RENDERED: [&str; 2] = ["sources", "expected"];

/// Adds a channel's files.
type Renderer = fn(&World, &mut Files) -> Result<(), Fault>;

/// Every renderer.
const RENDERERS: [Renderer; 11] = [
    discord::render,
    discussions::render,
    forum::render,
    generic::render,
    git::render,
    github::render,
    list::render,
    qa::render,
    slack::render,
    truth::render,
    zulip::render,
];

/// Renders the world into `company/`, or tells what differs from it.
pub(crate) fn world(options: &Options) -> Result<(), Fault> {
    let company = company();
    let files = render(&company)?;
    let differing = differing(&company, &files)?;
    if options.has("check") {
        if differing.is_empty() {
            return Ok(());
        }
        return Err(format!("stale, run cargo run -p xtask -- world:\n  {}", differing.join("\n  ")).into());
    }
    for name in RENDERED {
        let folder = company.join(name);
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
    }
    for (name, bytes) in &files {
        let path = company.join(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, bytes)?;
    }
    let size: usize = files.values().map(Vec::len).sum();
    println!("{} files, {size} bytes, {} of them new or different", files.len(), differing.len());
    Ok(())
}

fn render(company: &Path) -> Result<Files, Fault> {
    let world = World::load(company)?;
    let mut files = Files::new();
    for renderer in RENDERERS {
        renderer(&world, &mut files)?;
    }
    Ok(files)
}

/// The files that are missing, different, or not of this world.
fn differing(company: &Path, files: &Files) -> Result<Vec<String>, Fault> {
    let mut found = Vec::new();
    for (name, bytes) in files {
        if std::fs::read(company.join(name)).ok().as_ref() != Some(bytes) {
            found.push(name.clone());
        }
    }
    for name in RENDERED {
        let mut folders = vec![company.join(name)];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue }; // missing: so are its files, named above
            for entry in entries {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.strip_prefix(company)?.to_string_lossy().replace('\\', "/");
                if !files.contains_key(&name) {
                    found.push(format!("{name} (nobody renders it)"));
                }
            }
        }
    }
    Ok(found)
}

/// JSON as people like to read it, with a line end.
pub(crate) fn json(value: &serde_json::Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_committed_is_what_the_world_says() {
        let files = render(&company()).unwrap();
        assert_eq!(
            differing(&company(), &files).unwrap(),
            Vec::<String>::new(),
            "cargo run -p xtask -- world"
        );
        let size: usize = files.values().map(Vec::len).sum();
        assert!(size < 900_000, "the program carries all of it: {size} bytes");
    }
}
