//! The generated references: fresh, and true of a real folder. `BLESS=1 cargo test -p rapport --test it references`
//! writes them again.

use std::path::{Path, PathBuf};
use std::process::Command;

use rapport_sources::live::LIVE;

use crate::world::Desk;

const PAGES: [&str; 6] = ["verbs", "connectors", "views", "config", "metrics", "lints"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference")
}

#[test]
fn every_page_is_fresh() {
    let desk = Desk::new();
    for page in PAGES {
        let made = desk.text(&["reference", page]);
        let path = folder().join(format!("{page}.md"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::create_dir_all(folder()).unwrap();
            std::fs::write(&path, &made).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == made,
            "docs/reference/{page}.md is stale: BLESS=1 cargo test -p rapport --test it references"
        );
    }
    let kept = std::fs::read_dir(folder()).unwrap().filter(|e| e.as_ref().unwrap().path().is_file()).count();
    assert_eq!(kept, PAGES.len(), "a page in docs/reference that nothing makes");
}

/// Seconds as the table of channels has them: `30 min`, `6 h`.
fn interval(seconds: u32) -> String {
    if seconds.is_multiple_of(3_600) {
        format!("{} h", seconds / 3_600)
    } else {
        format!("{} min", seconds / 60)
    }
}

#[test]
fn every_living_channel_has_its_row_and_every_row_its_channel() {
    let page = std::fs::read_to_string(folder().join("../channels.md")).unwrap();
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let named: Vec<&str> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    let registered: Vec<&str> = LIVE.iter().map(|live| live.about().name).collect();
    assert_eq!(
        named, registered,
        "docs/channels.md has a row for each channel of the registry, in its order"
    );
    for (row, live) in rows.iter().zip(LIVE) {
        let about = live.about();
        assert_eq!(row.len(), 9, "{}: a cell for each heading", about.name);
        let addresses: Vec<String> = about.addresses.iter().map(|a| format!("`{a}`")).collect();
        assert_eq!(row[1], addresses.join(", "), "{}: how it is named", about.name);
        for variable in about.token_env {
            assert!(row[3].contains(&format!("`{variable}`")), "{}: {variable} holds its token", about.name);
        }
        assert_eq!(row[4], interval(about.interval), "{}: how often it looks", about.name);
        let asks = row[8].contains("--agree");
        assert_eq!(asks, live.terms().is_some(), "{}: whether somebody has to agree", about.name);
        assert!(row.iter().all(|cell| !cell.is_empty()), "{}: an empty cell", about.name);
    }
}

#[test]
fn every_lint_has_its_page_and_every_page_its_lint() {
    let desk = Desk::new();
    let lints = folder().join("lints");
    let codes = desk.json(&["org", "lint"]);
    let codes: Vec<&str> = codes.as_array().unwrap().iter().map(|l| l[0].as_str().unwrap()).collect();
    assert!(codes.len() > 20, "{codes:?}");
    for code in &codes {
        let made = desk.text(&["org", "lint", code]);
        let path = lints.join(format!("{code}.md"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::create_dir_all(&lints).unwrap();
            std::fs::write(&path, &made).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(&path).unwrap_or_default(),
            made,
            "{code} is stale: bless references"
        );
    }
    for page in std::fs::read_dir(&lints).unwrap() {
        let page = page.unwrap().path();
        let code = page.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(codes.contains(&code.as_str()), "a page of a lint that is not there: {code}");
    }
}

#[test]
fn the_views_have_exactly_the_columns_of_the_page() {
    let desk = Desk::world();
    let page = desk.text(&["reference", "views"]);
    let views = desk.json(&["sql", "SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name"]);
    let views: Vec<&str> = views.as_array().unwrap().iter().map(|v| v["name"].as_str().unwrap()).collect();
    assert!(views.len() >= 4, "{views:?}");
    for view in views {
        let section = page.split(&format!("\n## {view}\n")).nth(1).unwrap_or_else(|| panic!("no {view}"));
        let section = section.split("\n## ").next().unwrap();
        let said: Vec<&str> = section
            .lines()
            .filter_map(|line| line.strip_prefix("| `"))
            .filter_map(|line| line.split('`').next())
            .collect();
        let real = desk.json(&["sql", &format!("SELECT name FROM pragma_table_info('{view}')")]);
        let real: Vec<&str> = real.as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
        assert_eq!(said, real, "{view}");
    }
}

/// The blocks of the views page in one language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).filter_map(|rest| rest.split("```").next()).map(str::to_owned).collect()
}

#[test]
fn the_examples_of_the_views_page_run() {
    let desk = Desk::world();
    let page = desk.text(&["reference", "views"]);
    let mut ran = 0;
    for query in blocks(&page, "sql").iter().filter(|q| !q.contains("read_json_auto")) {
        assert!(!desk.json(&["sql", query]).as_array().unwrap().is_empty(), "{query}");
        ran += 1;
    }
    assert_eq!(ran, 1);
    for script in blocks(&page, "python") {
        let script = script.replace("rapport-data", desk.0.path().to_str().unwrap());
        match Command::new("python3").arg("-c").arg(&script).output() {
            Ok(output) => {
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                assert!(!output.stdout.is_empty());
            }
            Err(_) => {
                assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "python3 is missing");
                println!("skipped: no python3 here");
            }
        }
    }
}

#[test]
fn a_key_that_does_not_exist_is_refused_where_it_stands() {
    let desk = Desk::world();
    std::fs::write(desk.0.path().join("rapport.toml"), "[community]\nname = \"x\"\ncolour = \"red\"\n")
        .unwrap();
    let output = desk.run(&["needs"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("line 3, column 1") && said.contains("colour"), "{said}");
}

#[test]
fn every_verb_has_its_schema() {
    let schemas = Desk::new().json(&["reference"]);
    let verbs: Vec<&str> = schemas.as_array().unwrap().iter().map(|v| v["verb"].as_str().unwrap()).collect();
    assert!(
        verbs.contains(&"needs") && verbs.contains(&"text kind") && !verbs.contains(&"text"),
        "{verbs:?}"
    );
}
