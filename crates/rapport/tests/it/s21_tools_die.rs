//! s21: the folder can be copied, rebuilt and left: every view comes out as plain JSON lines, the same each time.

use crate::world::{Desk, MONDAY};

fn exported(desk: &Desk) -> Vec<String> {
    let out = tempfile::TempDir::new().unwrap();
    desk.text(&["export", out.path().to_str().unwrap()]);
    ["activities", "threads", "needs", "people", "sources"]
        .iter()
        .map(|name| std::fs::read_to_string(out.path().join(format!("{name}.jsonl"))).unwrap())
        .collect()
}

#[test]
fn a_rebuild_makes_the_same_again() {
    let desk = Desk::world();
    let needs = desk.text(&["needs", "--all", "--as-of", MONDAY]);
    let report = desk.text(&["report", "--period", "2026-Q3", "--as-of", MONDAY]);
    let before = exported(&desk);
    desk.text(&["rebuild"]);
    desk.is_well();
    assert_eq!(before, exported(&desk));
    assert_eq!(needs, desk.text(&["needs", "--all", "--as-of", MONDAY]));
    assert_eq!(report, desk.text(&["report", "--period", "2026-Q3", "--as-of", MONDAY]));
}

#[test]
fn a_fresh_folder_imports_what_another_exported() {
    let desk = Desk::world();
    desk.text(&["claim", "1"]);
    desk.text(&["met", "2", "--note", "told in person"]);
    let out = tempfile::TempDir::new().unwrap();
    let path = out.path().to_str().unwrap();
    desk.text(&["export", path]);
    let fresh = Desk::new();
    fresh.text(&["import", path]);
    fresh.is_well();
    assert_eq!(exported(&desk), exported(&fresh));
    for screen in [
        &["needs", "--all", "--as-of", MONDAY][..],
        &["report", "--period", "2026-Q3", "--as-of", MONDAY],
        &["metrics", "--as-of", MONDAY],
        &["search", "replay"],
        &["topics", "--as-of", MONDAY],
        &["thread", "1"],
    ] {
        // The screens name the folder in the next command; the folders are two.
        let shown = |desk: &Desk| desk.text(screen).replace(desk.0.path().to_str().unwrap(), "FOLDER");
        assert_eq!(shown(&desk), shown(&fresh), "{screen:?}");
    }
    // It goes on where the other stopped: nothing is new to it.
    let archive = crate::world::company().join("forum");
    assert_eq!(fresh.json(&["add", archive.to_str().unwrap()])[0]["stored"], 0);
    // Never into a folder that holds something; a broken row says where it is and leaves the folder empty.
    let again = fresh.run(&["import", path]);
    assert_eq!(again.status.code(), Some(1));
    let log = out.path().join("folder/log.jsonl");
    let rows = std::fs::read_to_string(&log).unwrap().replacen("\"act\":\"replied\"", "\"act\":7.5e999", 1);
    std::fs::write(&log, rows).unwrap();
    let empty = Desk::new();
    let broken = empty.run(&["import", path]);
    assert_eq!(broken.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&broken.stderr).contains("log.jsonl line "));
    assert_eq!(empty.json(&["sources"]), serde_json::json!([]));
}

#[test]
fn a_backup_is_a_whole_folder() {
    let desk = Desk::world();
    let other = Desk::new();
    let copy = other.0.path().join("rapport.sqlite");
    desk.text(&["backup", copy.to_str().unwrap()]);
    other.is_well();
    assert_eq!(
        desk.json(&["needs", "--all", "--as-of", MONDAY]),
        other.json(&["needs", "--all", "--as-of", MONDAY])
    );
    assert!(!desk.run(&["backup", copy.to_str().unwrap()]).status.success(), "never over an older copy");
}
