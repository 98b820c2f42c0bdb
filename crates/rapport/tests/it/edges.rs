//! What a person gets who mistypes, asks for what is not there, or comes too early: a clear word, the next command, and
//! the exit code that the reference promises.

use crate::world::{Desk, MONDAY, company};

/// Runs it; the code, and what was said on the error stream has `word` in it.
fn check(desk: &Desk, args: &[&str], code: i32, word: &str) {
    let output = desk.run(args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    assert!(said.contains(word), "{args:?}: {said}");
    assert!(!said.contains("panicked"), "{args:?}: {said}");
    // The reference promises this code for this verb.
    let page = desk.text(&["reference", "verbs"]);
    let section = page.split(&format!("\n## {}\n", args[0])).nth(1).unwrap();
    let codes = section.split("Exit codes: ").nth(1).unwrap().split('.').next().unwrap();
    assert!(codes.split(", ").any(|c| c == code.to_string()), "{args:?} ends with {code}, not in {codes}");
}

#[test]
fn wrong_words_are_refused_in_words() {
    let desk = Desk::world();
    check(&desk, &["thread", "9999"], 2, "no thread 9999");
    check(&desk, &["claim", "9999"], 2, "no thread 9999");
    check(&desk, &["claim", "1", "--undo"], 2, "no claim to undo");
    check(&desk, &["snooze", "1", "--until", "2026-01-01", "--as-of", MONDAY], 2, "over already");
    check(&desk, &["snooze", "1", "--days", "0"], 2, "over already");
    check(&desk, &["search", "\""], 2, "no word");
    check(&desk, &["search", "webhook", "--state", "bogus"], 2, "waiting");
    check(&desk, &["search", "webhook", "--source", "nowhere"], 2, "rapport sources");
    check(&desk, &["metrics", "--period", "2026-Q9"], 2, "2026-Q3");
    check(&desk, &["sources", "--rejects", "nowhere"], 2, "rapport sources");
    check(&desk, &["sql", "DELETE FROM source"], 1, "only reads");
    check(&desk, &["init", "--yes"], 1, "exists already");
    check(&desk, &["reference", "nothing"], 2, "connectors");
    check(&desk, &["sync", "nowhere"], 2, "rapport sources");
    check(&desk, &["add", "/nowhere/at/all"], 3, "/nowhere/at/all");
    desk.is_well();
}

#[test]
fn where_it_cannot_write_the_place_is_named() {
    let desk = Desk::world();
    let file = company().join("README.nowhere/x");
    let file = file.to_str().unwrap();
    check(&desk, &["report", "--out", file], 4, "README.nowhere");
    let taken = desk.0.path().join("rapport.toml");
    check(&desk, &["export", taken.to_str().unwrap()], 4, "rapport.toml");
    check(&desk, &["backup", taken.to_str().unwrap()], 1, "exists already");
}

#[test]
fn too_early_makes_no_folder() {
    let desk = Desk::new();
    for verb in [
        &["needs"][..],
        &["sources"],
        &["thread", "1"],
        &["claim", "1"],
        &["met", "1"],
        &["search", "x"],
        &["metrics"],
        &["report"],
        &["check"],
        &["rebuild"],
    ] {
        check(&desk, verb, 4, "rapport demo");
        assert_eq!(std::fs::read_dir(desk.0.path()).unwrap().count(), 0, "{verb:?} left something behind");
    }
}

#[test]
fn a_cut_list_says_that_it_is_cut() {
    let desk = Desk::world();
    let said = desk.text(&["sql", "SELECT id FROM threads ORDER BY id", "--top", "2"]);
    assert!(said.contains("2 rows") && said.contains("--top"), "{said}");
    let none = desk.text(&["sql", "SELECT id FROM threads", "--top", "0"]);
    assert!(none.contains("0 rows"), "{none}");
    let whole = desk.text(&["sql", "SELECT count(*) AS n FROM threads", "--top", "1"]);
    assert!(!whole.contains("--top"), "{whole}");
}

#[test]
fn without_words_there_is_help_whatever_the_environment_says() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_rapport"))
        .env("RAPPORT_DATA", "somewhere")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stdout).contains("The people who wait for an answer"));
}

#[test]
fn a_claim_waits_for_its_turn_while_a_source_is_read() {
    let desk = Desk::world();
    let first = desk.json(&["needs", "--as-of", MONDAY])[0]["thread"].as_i64().unwrap().to_string();
    let lock = std::fs::File::options().write(true).open(desk.0.path().join("lock")).unwrap();
    lock.lock().unwrap(); // as a process that reads a source holds it
    desk.text(&["claim", &first, "--as-of", MONDAY]);
    desk.text(&["topics", "rename", "1", "A name of ours"]);
    assert_eq!(desk.json(&["needs", "--as-of", MONDAY])[0]["claimed_by"], "mara");
    let refused = desk.run(&["add", company().join("list").to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(4), "two do not read sources at once");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("another Rapport process"));
}
