//! The house rules that no compiler keeps: sizes, names, headings, arrows between crates, links, fresh words in the docs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every file that belongs to the repository, relative, with its text (none for pictures and archives).
fn files() -> Vec<(String, String)> {
    let out = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    let listed = match out {
        Ok(out) if out.status.success() => String::from_utf8(out.stdout).unwrap(),
        _ => panic!("the tidy test asks git which files belong to the repository"),
    };
    let names = listed.split('\0').filter(|name| !name.is_empty() && root().join(name).is_file());
    let files: Vec<(String, String)> = names
        .map(|name| (name.to_owned(), std::fs::read_to_string(root().join(name)).unwrap_or_default()))
        .collect();
    assert!(files.len() > 100, "only {} files: the list is broken", files.len());
    files
}

/// The Rust files.
fn rust() -> Vec<(String, String)> {
    let mut files = files();
    files.retain(|(name, _)| name.ends_with(".rs") && !name.contains("/fixtures/"));
    files
}

fn none(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

#[test]
fn files_are_small_and_say_what_they_are() {
    let mut broken = Vec::new();
    for (name, text) in rust() {
        let lines = text.lines().count();
        if lines > 600 {
            broken.push(format!("{name} has {lines} lines"));
        }
        if !text.starts_with("//!") && !text.starts_with("#![no_main]\n//!") {
            broken.push(format!("{name} does not begin with //!"));
        }
    }
    none("a Rust file has at most 600 lines with its tests, and opens with //!", &broken);
}

#[test]
fn no_drawer_for_everything() {
    const DRAWERS: [&str; 6] = ["util", "utils", "common", "helper", "helpers", "misc"];
    let mut broken = Vec::new();
    for (name, text) in rust() {
        if name.trim_end_matches(".rs").split('/').any(|part| DRAWERS.contains(&part)) {
            broken.push(name.clone());
        }
        for line in text.lines() {
            let words: Vec<&str> = line.split([' ', ';', '{']).filter(|w| !w.is_empty()).collect();
            let module = words.iter().position(|w| *w == "mod").filter(|at| *at < 3);
            if module.and_then(|at| words.get(at + 1)).is_some_and(|w| DRAWERS.contains(w)) {
                broken.push(format!("{name}: {line}"));
            }
        }
    }
    none("a module is named by what it is about", &broken);
}

/// Which crates of this workspace a crate may import, in its tests and build script too.
const ARROWS: [(&str, &[&str]); 6] = [
    ("model", &[]),
    ("sources", &["rapport-model"]),
    ("store", &["rapport-model"]),
    ("insight", &["rapport-model"]),
    ("practice", &["rapport-model"]),
    (
        "rapport",
        &["rapport-model", "rapport-sources", "rapport-store", "rapport-insight", "rapport-practice"],
    ),
];

#[test]
fn arrows_between_crates_point_up() {
    let mut broken = Vec::new();
    let mut seen = BTreeSet::new();
    for (name, text) in files() {
        let Some(crate_name) = name.strip_prefix("crates/").and_then(|n| n.strip_suffix("/Cargo.toml"))
        else {
            continue;
        };
        let Some((_, allowed)) = ARROWS.iter().find(|(c, _)| *c == crate_name) else {
            broken.push(format!("{name}: a crate that the map does not know"));
            continue;
        };
        seen.insert(crate_name.to_owned());
        let manifest: toml::Table = text.parse().unwrap();
        for dependency in dependencies(&manifest) {
            if dependency.starts_with("rapport") && !allowed.contains(&dependency.as_str()) {
                broken.push(format!("{crate_name} imports {dependency}"));
            }
            let engine = ["rusqlite", "libsqlite3-sys", "sqlx", "duckdb"].contains(&dependency.as_str());
            if engine && crate_name != "store" {
                broken.push(format!("{crate_name} imports {dependency}: only store knows an engine"));
            }
        }
    }
    assert_eq!(seen.len(), ARROWS.len(), "a crate of the map is not there: {seen:?}");
    none("an arrow that the map does not have", &broken);
}

/// The names of all dependencies of any kind, for any target.
fn dependencies(table: &toml::Table) -> Vec<String> {
    let mut all = Vec::new();
    for (key, value) in table {
        let Some(inner) = value.as_table() else { continue };
        if key.ends_with("dependencies") {
            for (name, spec) in inner {
                let renamed = spec.get("package").and_then(toml::Value::as_str);
                all.push(renamed.unwrap_or(name).to_owned());
            }
        } else if key == "target" || key.starts_with("cfg(") {
            all.extend(dependencies(inner));
        }
    }
    all
}

#[test]
fn only_the_store_speaks_sql() {
    // The verb that takes the user's own SQL shows an example; the reference shows examples to other programs.
    const SHOWS: [&str; 2] = ["crates/rapport/src/desk/sql.rs", "crates/rapport/src/reference/views.rs"];
    const WORDS: [&str; 6] =
        ["SELECT ", "INSERT INTO ", "DELETE FROM ", "CREATE TABLE ", "CREATE VIEW ", "PRAGMA "];
    let mut broken = Vec::new();
    for (name, text) in rust() {
        let elsewhere =
            name.starts_with("crates/") && name.contains("/src/") && !name.contains("crates/store/");
        if !elsewhere || SHOWS.contains(&name.as_str()) {
            continue;
        }
        let lines = text.lines().enumerate().filter(|(_, l)| WORDS.iter().any(|w| l.contains(w)));
        broken.extend(lines.map(|(n, line)| format!("{name}:{}: {}", n + 1, line.trim())));
    }
    none("nobody but the store speaks SQL", &broken);
}

#[test]
fn the_middle_is_pure() {
    // clippy.toml of these crates names the functions; this catches what it cannot: a whole module brought in by use.
    const OUTSIDE: [&str; 6] =
        ["std::fs", "std::net", "std::process", "SystemTime", "std::thread::sleep", "tokio::"];
    let pure =
        ["crates/model/src/", "crates/insight/src/", "crates/practice/src/", "crates/sources/src/connectors"];
    let mut broken = Vec::new();
    let mut looked = 0;
    for (name, text) in rust() {
        if !pure.iter().any(|place| name.starts_with(place)) {
            continue;
        }
        looked += 1;
        // A test may read its fixture.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        if name.ends_with("/tests.rs") {
            continue;
        }
        let lines = code.lines().enumerate().filter(|(_, l)| {
            !l.trim_start().starts_with("//") && OUTSIDE.iter().any(|word| l.contains(word))
        });
        broken.extend(lines.map(|(n, line)| format!("{name}:{}: {}", n + 1, line.trim())));
    }
    assert!(looked > 25, "only {looked} files looked at");
    none("no IO, no clock and no waiting in the words, the connectors and the judgements", &broken);
}

#[test]
fn every_link_between_pages_resolves() {
    let mut broken = Vec::new();
    for (name, text) in files().into_iter().filter(|(name, _)| name.ends_with(".md")) {
        let folder = root().join(&name).parent().unwrap().to_owned();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split(['#', ' ']).next().unwrap_or_default();
            if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
                continue;
            }
            if !folder.join(path).exists() {
                broken.push(format!("{name} links {target}"));
            }
        }
    }
    none("a link leads nowhere", &broken);
}

#[test]
fn the_map_names_every_decision() {
    let map = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    let decisions: Vec<String> = files()
        .into_iter()
        .filter_map(|(name, _)| name.strip_prefix("docs/").map(str::to_owned))
        .filter(|name| name.starts_with("decisions/"))
        .collect();
    assert!(decisions.len() >= 4, "{decisions:?}");
    let missing: Vec<String> =
        decisions.into_iter().filter(|name| !map.contains(&format!("]({name})"))).collect();
    none("docs/ARCHITECTURE.md links every decision", &missing);
}

#[test]
fn no_path_of_somebodys_machine() {
    // Written in two pieces so that this file does not find itself.
    let places = [["/ho", "me/"], ["/wo", "rk/"], ["/Us", "ers/"], ["/ro", "ot/"], ["C:\\Us", "ers"]];
    let mut broken = Vec::new();
    for (name, text) in files() {
        for (n, line) in text.lines().enumerate() {
            for place in places.iter().map(|parts| parts.concat()) {
                // As a path it stands alone: not the middle of an address or of a longer path.
                let alone = line.match_indices(&place).any(|(at, _)| {
                    !line[..at].ends_with(|c: char| c.is_alphanumeric() || "/._-~}".contains(c))
                });
                if alone {
                    broken.push(format!("{name}:{}: {place}", n + 1));
                }
            }
        }
    }
    none("an absolute path of a machine", &broken);
}

#[test]
fn the_changelog_is_kept() {
    let text = std::fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    let rest = text.split("\n## Unreleased\n").nth(1).expect("CHANGELOG.md has a section Unreleased");
    let section = rest.split("\n## ").next().unwrap_or_default();
    assert!(section.lines().any(|line| line.starts_with("- ")), "what is new is said there");
}

#[test]
fn the_readme_names_verbs_that_exist() {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
    let said = crate::world::Desk::new().text(&["--help"]);
    let verbs: BTreeSet<&str> =
        said.lines().filter(|l| l.starts_with("  ")).filter_map(|l| l.split_whitespace().next()).collect();
    let mut named = 0;
    let mut broken = Vec::new();
    for block in text.split("```").skip(1).step_by(2) {
        for line in block.lines().skip(1) {
            let line = line.trim_start_matches("$ ");
            let words = match (line.strip_prefix("rapport "), line.strip_prefix("cargo run")) {
                (Some(words), _) => words,
                (None, Some(words)) if !words.contains("-p ") => {
                    words.split(" -- ").nth(1).unwrap_or_default()
                }
                _ => continue,
            };
            let mut words = words.split_whitespace();
            let mut verb = words.next();
            while verb.is_some_and(|w| w.starts_with("--")) {
                if verb != Some("--json") {
                    words.next();
                }
                verb = words.next();
            }
            named += 1;
            if verb.is_none_or(|verb| !verbs.contains(verb)) {
                broken.push(line.to_owned());
            }
        }
    }
    assert!(named >= 3, "the README shows commands");
    none("the README names a verb that is not there", &broken);
}

#[test]
fn every_connector_has_fixtures() {
    let mut broken = Vec::new();
    for connector in rapport_sources::CONNECTORS {
        let name = connector.about().name;
        let folder = root().join("crates/sources/fixtures").join(name);
        let holds = std::fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some());
        if !holds {
            broken.push(format!("crates/sources/fixtures/{name} is missing or empty"));
        }
    }
    none("every connector of the registry has recorded fixtures", &broken);
}
