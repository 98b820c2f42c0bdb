//! s01: an empty folder, one chat export, one tracker archive, and the largest needs on the screen.

use crate::world::{Desk, MONDAY, company};

#[test]
fn an_export_and_an_archive_give_needs_that_open() {
    let desk = Desk::new();
    for archive in ["chat", "github/archive.json"] {
        let read = desk.json(&["add", company().join(archive).to_str().unwrap()]);
        let one = &read[0];
        let n = |field: &str| one[field].as_u64().unwrap();
        assert!(n("stored") > 0 && n("read") == n("stored") + n("known") + n("rejected"), "{one}");
    }
    let needs = desk.json(&["needs", "--as-of", MONDAY]);
    let first = needs[0]["thread"].as_i64().unwrap().to_string();
    let thread = desk.text(&["thread", &first]);
    assert!(thread.contains("How do I resume a stream from a stored offset in v3?"), "{thread}");
    desk.is_well();
}

#[test]
fn an_empty_folder_names_the_next_command() {
    let output = Desk::new().run(&["needs"]);
    assert_eq!(output.status.code(), Some(4));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("rapport add") && said.contains("rapport demo"), "{said}");
}

#[test]
fn the_demo_goes_the_whole_way() {
    let place = tempfile::TempDir::new().unwrap();
    let demo = std::process::Command::new(env!("CARGO_BIN_EXE_rapport"))
        .arg("demo")
        .current_dir(&place)
        .output()
        .unwrap();
    let said = String::from_utf8(demo.stdout).unwrap();
    assert!(demo.status.success() && said.contains("3 people wait"), "{said}");
    let report = std::fs::read_to_string(place.path().join("rapport-demo/report.html")).unwrap();
    assert!(report.contains("Needs met") && !report.contains("<script"), "the report is whole and inert");
}
