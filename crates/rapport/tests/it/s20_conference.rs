//! s20: back from a conference with nine rough notes typed offline.

use serde_json::{Value, json};

use crate::world::{Desk, MONDAY, field_file};

fn desk() -> (Desk, Value) {
    let desk = Desk::world();
    let propose = [
        "talks",
        "propose",
        "Webhooks that survive a retry",
        "--event",
        "Harbour Dev Days",
        "--on",
        "2026-09-17",
        "--speaker",
        "noor",
    ];
    desk.json(&[&propose[..], &["--as-of", "2026-06-01T00:00:00Z"]].concat());
    desk.json(&[
        "talks",
        "propose",
        "Another one",
        "--event",
        "Harbour Dev Days 2026",
        "--as-of",
        "2026-06-02T00:00:00Z",
    ]);
    desk.json(&["talks", "move", "1", "accepted", "--as-of", "2026-07-01T00:00:00Z"]);
    desk.json(&["talks", "move", "2", "declined", "--as-of", "2026-07-01T00:00:00Z"]);
    let added = desk.json(&["notes", "add", &field_file("harbour-dev-days.txt"), "--as-of", MONDAY]);
    (desk, added)
}

#[test]
fn nine_notes_become_evidence_and_the_talk_is_given() {
    let (desk, added) = desk();
    assert_eq!(
        (&added[0]["new"], &added[0]["talks_given"]),
        (&json!(9), &json!(["Webhooks that survive a retry"]))
    );
    let notes = added[0]["notes"].as_array().unwrap();
    assert!(notes.iter().all(|n| n["evidence"].is_i64() && n["event"] == "Harbour Dev Days"), "{added}");
    let first = &notes[0];
    assert_eq!(
        (&first["consent"], &first["owner"], &first["due"], &first["said_by"]),
        (
            &json!("name"),
            &json!("linnea"),
            &json!("2026-10-02T00:00:00Z"),
            &json!("Jo Petersen, Harbour Foods")
        )
    );
    let kept = desk.json(&[
        "sql",
        "SELECT of, consent, channel, quote FROM evidence WHERE origin = 'field-note' ORDER BY id",
    ]);
    assert_eq!(kept.as_array().unwrap().len(), 9);
    assert_eq!(kept[0]["channel"], "Harbour Dev Days 2026");
    assert_eq!(kept[6]["consent"], "none");
    assert!(!kept.to_string().contains("Petersen"), "who said it is not in the evidence");

    let talks = desk.json(&["talks", "--as-of", MONDAY]);
    let states: Vec<(&str, &str)> = talks
        .as_array()
        .unwrap()
        .iter()
        .map(|t| (t["title"].as_str().unwrap(), t["state"].as_str().unwrap()))
        .collect();
    assert_eq!(states, [("Webhooks that survive a retry", "given"), ("Another one", "declined")]);
    // Again: nothing twice.
    let again = desk.json(&["notes", "add", &field_file("harbour-dev-days.txt"), "--as-of", MONDAY]);
    assert_eq!(
        (&again[0]["new"], &again[0]["known"], &again[0]["talks_given"]),
        (&json!(0), &json!(9), &json!([]))
    );
    assert_eq!(desk.json(&["sql", "SELECT count(*) AS n FROM evidence"])[0]["n"], 9);
    desk.is_well();
}

#[test]
fn follow_ups_come_due_and_the_trip_report_is_drafted() {
    let (desk, _) = desk();
    let due = desk.json(&["notes", "due", "--days", "3", "--as-of", MONDAY]);
    let rows: Vec<(i64, bool)> =
        due.as_array().unwrap().iter().map(|r| (r["note"].as_i64().unwrap(), r["overdue"] == true)).collect();
    assert_eq!(rows, [(2, true), (4, false), (8, false)], "overdue first, without a day last");
    desk.json(&["notes", "done", "2", "--word", "answered by mail", "--as-of", MONDAY]);
    assert_eq!(desk.json(&["notes", "due", "--days", "3", "--as-of", MONDAY]).as_array().unwrap().len(), 2);

    let report = desk.text(&["notes", "report", "harbour dev days", "--as-of", MONDAY]);
    for words in [
        "# Trip report: Harbour Dev Days",
        "2026-09-17 to 2026-09-18",
        "Webhooks that survive a retry",
        "Jo Petersen",
        "not for quoting",
        "piet follows up until 2026-10-15",
    ] {
        assert!(report.contains(words), "{words}: {report}");
    }
    let outside = desk.text(&["notes", "report", "harbour dev days", "--outside", "--as-of", MONDAY]);
    assert!(
        !outside.contains("Ada")
            && !outside.contains("arm64")
            && !outside.contains("maintainer at the Python booth"),
        "{outside}"
    );
    assert!(outside.contains("2 notes may not be quoted and are left out"), "{outside}");
    assert_eq!(report, desk.text(&["notes", "report", "harbour dev days", "--as-of", MONDAY]));
}

#[test]
fn what_the_team_brought_in_travels() {
    let (desk, _) = desk();
    desk.json(&["friction", "add", &field_file("first-webhook-2026-06.md"), "--as-of", MONDAY]);
    let log = crate::world::company().join("../docs-search.csv");
    desk.json(&["docs", "add", log.to_str().unwrap(), "--as-of", MONDAY]);
    desk.json(&[
        "docs",
        "shipped",
        "migration guide",
        "--url",
        "https://docs.example.com/x",
        "--date",
        "2026-08-31",
        "--as-of",
        MONDAY,
    ]);
    desk.json(&["relations", "note", "product", "retries", "--as-of", MONDAY]);
    let out = desk.0.path().join("out");
    desk.text(&["export", out.to_str().unwrap()]);
    let fresh = Desk::new();
    fresh.text(&["import", out.to_str().unwrap()]);
    std::fs::copy(desk.0.path().join("rapport.toml"), fresh.0.path().join("rapport.toml")).unwrap();
    for screen in [
        &["friction", "show", "1"][..],
        &["notes", "list"],
        &["notes", "due"],
        &["talks"],
        &["docs", "gaps"],
        &["docs", "shipped"],
        &["relations"],
        &["relations", "spoken"],
        &["digest", "--week", "2026-W38"],
        &["notes", "report", "Harbour Dev Days"],
    ] {
        let args = [screen, &["--as-of", MONDAY]].concat();
        assert_eq!(desk.json(&args), fresh.json(&args), "{screen:?}");
    }
}

#[test]
fn a_bad_file_and_a_bad_step_are_refused() {
    let desk = Desk::new();
    let path = desk.0.path().join("notes.txt");
    std::fs::write(&path, "event: E\ndate: last week\n- heard something >soon @x\n- more !perhaps\n")
        .unwrap();
    let output = desk.run(&["--json", "notes", "add", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let lines: Vec<u64> =
        said[0]["findings"].as_array().unwrap().iter().map(|f| f["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [2, 3, 4]);
    assert!(desk.json(&["notes", "list"]).as_array().unwrap().is_empty());
    desk.json(&["talks", "propose", "T", "--event", "E", "--on", "2026-12-01"]);
    assert_eq!(desk.run(&["talks", "move", "1", "given"]).status.code(), Some(1), "no state is skipped");
}

#[test]
fn deadlines_come_from_conference_data() {
    let desk = Desk::new();
    let path = desk.0.path().join("rust.json");
    let list = json!([
        {"name": "Quay Conf", "url": "https://quay.example.org", "startDate": "2026-12-01", "endDate": "2026-12-02",
         "city": "Lund", "country": "Sweden", "cfpUrl": "https://quay.example.org/cfp", "cfpEndDate": "2026-10-05"},
        {"name": "Past Conf", "startDate": "2026-11-01", "endDate": "2026-11-01", "cfpEndDate": "2026-09-01"},
        {"name": "No Date Conf", "startDate": "soon"},
        7
    ]);
    std::fs::write(&path, list.to_string()).unwrap();
    let output = desk.run(&["--json", "talks", "import", path.to_str().unwrap()]);
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&said[0]["read"], &said[0]["new"]), (&json!(4), &json!(2)));
    assert_eq!(said[0]["rejected"].as_array().unwrap().len(), 2, "{said}");
    assert_eq!(output.status.code(), Some(1));
    desk.json(&["talks", "propose", "T", "--event", "Quay Conf", "--as-of", MONDAY]);
    let open = desk.json(&["talks", "deadlines", "--area", "rust", "--as-of", MONDAY]);
    assert_eq!(open.as_array().unwrap().len(), 1);
    assert_eq!(
        (&open[0]["event"], &open[0]["days_left"], &open[0]["talks"]),
        (&json!("Quay Conf"), &json!(7), &json!(["T (proposed)"]))
    );
    if let Some(shared) = crate::world::shared() {
        let list = shared.join("events/2026/rust.json");
        let real = desk.json(&["talks", "import", list.to_str().unwrap()]);
        assert!(
            real[0]["new"].as_u64().unwrap() > 3 && real[0]["rejected"].as_array().unwrap().is_empty(),
            "{real}"
        );
    }
}

#[test]
fn among_thousands_of_threads_a_note_goes_where_its_like_are() {
    const ASKED: [&str; 4] = [
        "The webhook signature does not match when a delivery is sent again",
        "No arm64 image for the agent on small boards",
        "Where is the migration guide from version 2 to version 3",
        "The rate limit answers without saying when to come back",
    ];
    let desk = Desk(tempfile::tempdir().unwrap());
    let rows = desk.0.path().join("asked.jsonl");
    let mut lines = String::new();
    for n in 0..3_200 {
        let asked = format!("{}, {} {}", ASKED[n % 4], ["today", "since May", "again"][n / 4 % 3], n / 12);
        let at = format!("2026-{:02}-{:02}T10:00:00Z", n / 400 + 1, n / 20 % 20 + 1);
        let row = json!({ "id": n, "at": at, "thread": n, "person_id": n % 900, "act": "opened", "title": asked,
            "kind": "question", "text": asked });
        lines.push_str(&format!("{row}\n"));
    }
    std::fs::write(&rows, lines).unwrap();
    desk.json(&["--as-of", MONDAY, "add", rows.to_str().unwrap(), "--name", "many"]);
    let topics = desk.json(&["--as-of", MONDAY, "topics"]);
    let of = |words: &str| {
        let topic = topics.as_array().unwrap().iter().find(|t| t["label"].as_str().unwrap().contains(words));
        topic.map_or_else(|| panic!("no topic {words}: {topics}"), |t| t["id"].clone())
    };
    let notes = desk.0.path().join("notes.txt");
    let said = "event: Dev Days\ndate: 2026-09-17\n\n- signature check fails on the second delivery of a webhook\n\
                - agent does not run on an arm64 board\n- nobody finds how to migrate from v2 to version 3\n\
                - a recipe for bread with olives\n";
    std::fs::write(&notes, said).unwrap();
    let added = desk.json(&["--as-of", MONDAY, "notes", "add", notes.to_str().unwrap()]);
    let found: Vec<&Value> = added[0]["notes"].as_array().unwrap().iter().map(|n| &n["topic"]).collect();
    assert_eq!(found, [&of("signature"), &of("arm64"), &of("migration"), &Value::Null], "{topics}");
}
