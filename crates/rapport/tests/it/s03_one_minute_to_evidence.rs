//! s03: a sentence in a thread is marked and is evidence, with all that makes it one; and nobody's name is in it.

use serde_json::Value;

use crate::world::{Desk, MONDAY};

/// The number of the thread of this title.
pub(crate) fn thread(desk: &Desk, title: &str) -> String {
    let all = desk.json(&["needs", "--all", "--as-of", MONDAY]);
    let found = all.as_array().unwrap().iter().find(|n| n["title"].as_str().unwrap().starts_with(title));
    found.unwrap_or_else(|| panic!("no thread {title}"))["thread"].to_string()
}

fn field<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_else(|| panic!("{name} in {row}"))
}

#[test]
fn a_marked_sentence_has_all_that_makes_it_evidence() {
    let desk = Desk::world();
    let replay = thread(&desk, "Feature request: replay");
    let row =
        desk.json(&["evidence", "mark", &replay, "--words", "wrote a shell loop around the single resend"]);
    assert_eq!(field(&row, "quote"), "wrote a shell loop around the single resend");
    assert_eq!(field(&row, "url"), "https://github.com/tidewater-relay/relay/issues/14");
    assert_eq!(field(&row, "said_at"), "2026-06-02T16:31:00Z");
    assert_eq!(field(&row, "channel"), "GitHub tidewater-relay/relay");
    assert!(field(&row, "licence").starts_with("each author's own"));
    assert_eq!((field(&row, "consent"), field(&row, "marked_by")), ("none", "mara"));
    assert_eq!(
        (field(&row, "kind"), field(&row, "kind_why")),
        ("feature", "its thread: labelled 'enhancement'")
    );
    assert_eq!((field(&row, "stage"), field(&row, "stage_why")), ("operate", "says 'resend'"));
    // The licence is the source's own.
    let asked = thread(&desk, "Can I compare webhook signatures");
    let row = desk.json(&["evidence", "mark", &asked, "--message", "2"]);
    assert!(field(&row, "quote").starts_with("Not random: it covers the time of the attempt."), "{row}");
    assert_eq!(field(&row, "licence"), "CC BY-SA: name the author and link the post");
    desk.is_well();
}

#[test]
fn what_was_suggested_can_be_changed_and_taken_back() {
    let desk = Desk::world();
    let replay = thread(&desk, "Feature request: replay");
    desk.text(&["evidence", "mark", &replay, "--message", "1"]);
    let changed = desk.json(&[
        "evidence",
        "change",
        "1",
        "--kind",
        "friction",
        "--stage",
        "scale",
        "--note",
        "see the call",
    ]);
    assert_eq!((field(&changed, "kind"), field(&changed, "kind_why")), ("friction", "mara said so"));
    assert_eq!((field(&changed, "stage"), field(&changed, "note")), ("scale", "see the call"));
    // The same words once more are the same evidence.
    assert_eq!(desk.json(&["evidence", "mark", &replay, "--message", "1"])["evidence"], 1);
    assert_eq!(desk.json(&["evidence", "--thread", &replay]).as_array().unwrap().len(), 1);
    for (args, says) in [
        (&["evidence", "mark", &replay, "--words", "nobody said this"][..], "do not stand in thread"),
        (&["evidence", "mark", &replay, "--message", "9"], "has no message 9; it has 5"),
        (&["evidence", "mark", "99999"], "there is no thread 99999"),
        (&["evidence", "change", "1", "--stage", "sleep"], "'sleep' is no stage"),
        (&["evidence", "change", "7", "--stage", "build"], "there is no evidence 7"),
    ] {
        let output = desk.run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(says), "{args:?}");
    }
    desk.text(&["evidence", "undo", "1"]);
    assert_eq!(desk.json(&["evidence"]), Value::Array(Vec::new()));
    assert_eq!(desk.run(&["evidence", "undo", "1"]).status.code(), Some(2), "once");
    let audit = desk.json(&["sql", "SELECT verb, what FROM audit WHERE verb LIKE '%evidence%' ORDER BY id"]);
    let verbs: Vec<&str> = audit.as_array().unwrap().iter().map(|a| a["verb"].as_str().unwrap()).collect();
    assert_eq!(verbs, ["evidence mark", "evidence change", "undo evidence"]);
    assert!(!audit.to_string().contains("endpoint was down"), "what was said is not in the audit log");
}

#[test]
fn nobody_is_named_outside_devrel() {
    let desk = Desk::world();
    let mail = thread(&desk, "Retries and the timestamp");
    desk.text(&["evidence", "mark", &mail, "--words", "Regards, Anders"]);
    let row = &desk.json(&["evidence"])[0];
    assert_eq!(field(row, "quote"), "Regards, [name]");
    let open = desk.text(&["evidence"]);
    let views = desk.json(&["sql", "SELECT * FROM evidence"]).to_string();
    for name in ["Holm", "anders@"] {
        assert!(!open.contains(name) && !row.to_string().contains(name), "{name}");
        assert!(!views.contains(name), "{name} in {views}");
    }
    assert!(row.get("said_by").is_none());
    assert_eq!(desk.json(&["evidence", "--names"])[0]["quote"], "Regards, Anders");
    // A recorded yes shows the words as they are.
    desk.text(&["evidence", "change", "1", "--consent", "name"]);
    assert_eq!(desk.json(&["evidence"])[0]["quote"], "Regards, Anders");
}

#[test]
fn marks_survive_a_rebuild_and_a_move() {
    let desk = Desk::world();
    let replay = thread(&desk, "Feature request: replay");
    desk.text(&["evidence", "mark", &replay, "--words", "resend one at a time"]);
    desk.text(&["feedback", "new", "--evidence", "1", "--title", "Replay what failed"]);
    let shown =
        |desk: &Desk| (desk.json(&["evidence"]), desk.json(&["feedback", "show", "1", "--as-of", MONDAY]));
    let before = shown(&desk);
    desk.text(&["rebuild"]);
    assert_eq!(shown(&desk), before);
    let out = tempfile::TempDir::new().unwrap();
    desk.text(&["export", out.path().to_str().unwrap()]);
    let fresh = Desk::new();
    fresh.text(&["import", out.path().to_str().unwrap()]);
    assert_eq!(shown(&fresh), before);
    fresh.is_well();
}

#[test]
fn a_forgotten_persons_words_are_gone_and_the_mark_stays() {
    let desk = Desk::world();
    let replay = thread(&desk, "Feature request: replay");
    desk.text(&["evidence", "mark", &replay, "--words", "wrote a shell loop around the single resend"]);
    desk.text(&["feedback", "new", "--evidence", "1", "--title", "Replay"]);
    desk.text(&["feedback", "deliver", "1", "--by-hand", "in person", "--yes"]);
    desk.text(&["forget", "olu-adeyemi", "--yes"]);
    let row = &desk.json(&["evidence"])[0];
    assert_eq!(row["quote"], "(forgotten)");
    let kept = std::fs::read(desk.0.path().join("rapport.sqlite")).unwrap();
    for gone in ["shell loop around", "olu-adeyemi"] {
        assert!(!kept.windows(gone.len()).any(|w| w == gone.as_bytes()), "{gone}");
    }
    desk.is_well();
}

#[test]
fn other_roles_see_no_names_and_mark_nothing() {
    let desk = Desk::world();
    let mail = thread(&desk, "Retries and the timestamp");
    desk.text(&["evidence", "mark", &mail, "--words", "Regards, Anders"]);
    assert_eq!(desk.run(&["evidence", "--names", "--role", "product"]).status.code(), Some(1));
    let seen = desk.text(&["evidence", "--role", "product"]);
    assert!(!seen.contains("Anders") && !seen.contains("Holm"), "{seen}");
    assert_eq!(desk.run(&["evidence", "mark", &mail, "--role", "product"]).status.code(), Some(1));
    assert_eq!(desk.run(&["evidence", "--role", "sales"]).status.code(), Some(1));
}
