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
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(without_numbers).collect();
        lines.sort();
        lines
    };
    for (before, after) in before.iter().zip(exported(&desk)) {
        assert_eq!(sorted(before), sorted(&after));
    }
    assert_eq!(needs.lines().count(), desk.text(&["needs", "--all", "--as-of", MONDAY]).lines().count());
    assert_eq!(report, desk.text(&["report", "--period", "2026-Q3", "--as-of", MONDAY]));
}

/// Thread numbers are this folder's own and may differ after a rebuild; all else may not.
fn without_numbers(line: &str) -> String {
    let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
    if let Some(object) = value.as_object_mut() {
        if object.contains_key("opener") {
            object.remove("id");
        }
        object.remove("thread");
    }
    value.to_string()
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
