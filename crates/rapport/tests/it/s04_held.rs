//! A desk that stays holds what topics are made from and reads only what changed: it says what a program that reads
//! everything says, whatever happened in between.

use serde_json::Value;

use crate::web::Served;
use crate::world::{Desk, MONDAY, company};

/// Asked of both, all that is made from where threads belong.
fn same(desk: &Desk, served: &Served, after: &str) -> Vec<Value> {
    // The command line first: where something is found anew, both have to take it from the folder.
    ["topics", "gaps", "trends", "focus"]
        .into_iter()
        .map(|verb| {
            let said = desk.json(&["--as-of", MONDAY, verb]);
            assert_eq!(served.get(&format!("/api/{verb}")), said, "{verb} after {after}");
            said
        })
        .collect()
}

/// What is held first, then what the command line says.
fn held_first(desk: &Desk, served: &Served, after: &str) -> Value {
    let held = served.get("/api/topics");
    assert_eq!(held, desk.json(&["--as-of", MONDAY, "topics"]), "topics after {after}");
    held
}

#[test]
fn what_is_held_is_what_would_be_read() {
    let desk = Desk::world();
    let served = Served::new(&desk);
    let first = same(&desk, &served, "the first look");
    let topics = first[0].as_array().unwrap();
    let (id, threads) = (topics[0]["id"].to_string(), topics[0]["threads"].clone());
    let all = desk.json(&["--as-of", MONDAY, "topics", "--of", &id]);
    let members = all[0]["of"].as_array().unwrap();
    let (thread, last) = (members[0]["thread"].to_string(), members[members.len() - 1]["thread"].to_string());

    // New threads, one that changes a thread that is there, and one that takes its title from what it says.
    let rows = desk.0.path().join("more.jsonl");
    let line = |id: &str, thread: &str, act: &str, title: &str, text: &str| {
        serde_json::json!({ "id": id, "at": "2026-09-20T10:00:00Z", "thread": thread, "person_id": "newcomer",
            "person_name": "Newcomer Quay", "act": act, "title": title, "kind": "question", "text": text })
        .to_string()
    };
    let say = |lines: &[String]| {
        std::fs::write(&rows, lines.join("\n") + "\n").unwrap();
        desk.json(&["--as-of", MONDAY, "add", rows.to_str().unwrap(), "--name", "more"]);
    };
    let question = members[0]["title"].as_str().unwrap();
    say(&[line("1", "t1", "opened", question, question), line("2", "t2", "opened", "", question)]);
    let more = held_first(&desk, &served, "new threads");
    assert_ne!(more, first[0], "something came");
    same(&desk, &served, "new threads");
    say(&[line("2", "t2", "opened", "", "How do I turn the lamp on the pier off? It is on all night.")]);
    held_first(&desk, &served, "an edit of words that stand for a title");

    for (words, after) in [
        (vec!["topics", "rename", &id, "As we call it"], "a name"),
        (vec!["topics", "pin", &id], "a pin"),
        (vec!["topics", "not", &id, &last], "a thread that does not belong"),
        (vec!["topics", "undo"], "an undo"),
        (vec!["kind", &thread, "none"], "a thread that asks for nothing"),
        (vec!["kind", &thread, "bug"], "a thread of another kind"),
    ] {
        let mut call = vec!["--as-of", MONDAY];
        call.extend(&words);
        desk.text(&call);
        same(&desk, &served, after);
    }
    // Two accounts become one person, and a person is forgotten.
    let pair = desk.json(&["people", "suggest"]);
    let (a, b) = (pair[0]["a"].to_string(), pair[0]["b"].to_string());
    desk.text(&["merge", &a, &b]);
    same(&desk, &served, "two accounts being one person");
    desk.text(&["--as-of", MONDAY, "forget", "Newcomer Quay", "--yes"]);
    held_first(&desk, &served, "somebody being forgotten");
    // Another archive, read again as a whole; and everything derived anew.
    desk.text(&["--as-of", MONDAY, "add", company().join("zulip").to_str().unwrap()]);
    same(&desk, &served, "an archive that was read before");
    desk.text(&["rebuild"]);
    let last = same(&desk, &served, "a rebuild");
    assert!(threads.as_u64().unwrap() > 0 && !last[0].as_array().unwrap().is_empty());
}
