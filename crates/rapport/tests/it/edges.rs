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

#[test]
fn words_that_everybody_says_still_find_the_title_with_them() {
    let desk = Desk::new();
    let file = desk.0.path().join("chatter.jsonl");
    let mut rows = String::new();
    for n in 0..2_500 {
        // The oldest thread alone has the words in its title; all others say them in passing.
        let title = if n == 0 { "Relay timeout explained" } else { "Something else" };
        let minute = format!("2026-09-{:02}T{:02}:{:02}:00Z", 1 + n / 1_440, n / 60 % 24, n % 60);
        let row = serde_json::json!({"id": format!("m{n}"), "at": minute, "person_id": format!("p{}", n % 40), "title": title,
            "text": format!("the relay has a timeout, case {n}")});
        rows.push_str(&format!("{row}\n"));
    }
    std::fs::write(&file, rows).unwrap();
    desk.json(&["add", file.to_str().unwrap(), "--name", "chatter"]);
    let found = desk.json(&["search", "relay", "timeout"]);
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), 20);
    assert_eq!(found[0]["title"], "Relay timeout explained");
    assert!(found[0]["score"].as_f64() > found[1]["score"].as_f64());
    // A filter still sees the whole of what is said, not the newest thousand.
    let old = desk.json(&["search", "relay", "timeout", "--until", "2026-09-01T00:05:00Z"]);
    assert_eq!(old.as_array().unwrap().len(), 5);
    let all = desk.json(&["search", "relay", "timeout", "--top", "3000"]);
    assert_eq!(all.as_array().unwrap().len(), 2_500);
}
