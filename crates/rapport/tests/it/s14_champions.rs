//! s14: the term review: published criteria, evidence of what people did and no follower counts; quiet helpers surface,
//! terms expire to alumni, a sudden stop after months of load raises a private note.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::world::{Desk, MONDAY};

/// The moment of the review.
const REVIEW: &str = "2026-07-06T09:00:00Z";

/// Questions and answers: (day, asker, answerer). Askers who are named twice are no newcomers the second time.
fn community(answers: &[(&str, &str, &str)], more: &str) -> Desk {
    let desk = Desk::new();
    std::fs::write(desk.0.path().join("rapport.toml"), "[people]\npractitioners = [\"noor\"]\n").unwrap();
    let mut lines = String::new();
    for (n, (day, asker, answerer)) in answers.iter().enumerate() {
        for (part, kind, who, text) in [
            (0, "question", asker, "How do I resume a stream after the agent restarts?"),
            (1, "answer", answerer, "Pass the last offset to the agent and it goes on from there."),
        ] {
            writeln!(
                lines,
                "{}",
                json!({ "activity": { "key": format!("q{n}/{part}"), "thread": format!("q{n}"), "activity_type": kind,
                    "title": format!("Resume after a restart, case {n}"), "description": text,
                    "occurred_at": format!("{day}T1{part}:00:00Z"), "link": format!("https://tidewater.example/q{n}#{part}") },
                    "member": { "username": who, "name": who } })
            )
            .unwrap();
        }
    }
    lines.push_str(more);
    let file = desk.0.path().join("circle.jsonl");
    std::fs::write(&file, lines).unwrap();
    desk.json(&["add", file.to_str().unwrap()]);
    desk
}

fn usual() -> Desk {
    let mut more = String::new();
    // Somebody who carried a lot from January to April, and then nothing.
    for month in 1..=4 {
        for n in 0..12 {
            writeln!(
                more,
                "{}",
                json!({ "activity": { "key": format!("b{month}-{n}"), "thread": format!("talk-{month}"), "activity_type": "post",
                    "title": "Field notes", "description": format!("Notes of day {n}."),
                    "occurred_at": format!("2026-{month:02}-{:02}T12:00:00Z", n + 10) }, "member": { "username": "bo", "name": "bo" } })
            )
            .unwrap();
        }
    }
    community(
        &[
            ("2026-02-03", "ask1", "edda"),
            ("2026-02-20", "ask2", "edda"),
            ("2026-03-05", "ask3", "edda"),
            ("2026-05-11", "ask4", "edda"),
            ("2026-06-12", "ask5", "edda"),
            ("2026-04-02", "ask6", "wren"),
            ("2026-05-02", "ask2", "wren"),
            ("2026-06-02", "ask3", "wren"),
            ("2026-02-04", "ask6", "noor"),
            ("2026-03-04", "ask7", "noor"),
            ("2026-04-04", "ask1", "noor"),
            ("2026-05-04", "ask2", "noor"),
            ("2026-06-04", "ask3", "noor"),
            ("2026-06-20", "ask8", "ask4"),
            ("2026-07-02", "ask9", "ask4"),
        ],
        &more,
    )
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[test]
fn the_criteria_are_published_and_speak_of_deeds() {
    let desk = Desk::new();
    let text = desk.text(&["champions", "criteria"]);
    assert!(
        text.contains("answered or reviewed for at least 5 different people") && text.contains("Followers")
    );
    let criteria = desk.json(&["champions", "criteria"]);
    for criterion in criteria["criterion"].as_array().unwrap() {
        assert!(
            !criterion.to_string().contains("follower") && !criterion["kinds"].as_array().unwrap().is_empty()
        );
    }
}

#[test]
fn the_review_lists_evidence_and_ranks_nobody() {
    let desk = usual();
    let review = desk.json(&["champions", "review", "--as-of", REVIEW]);
    assert_eq!(
        names(&review["candidates"]),
        ["edda"],
        "our own and the occasional helper are none: {review:#}"
    );
    let met = &review["candidates"][0]["meets"];
    assert_eq!(met[0]["criterion"], "answers");
    let evidence = met[0]["evidence"].as_array().unwrap();
    assert_eq!(evidence.len(), 5);
    for piece in evidence {
        assert!(piece["url"].as_str().unwrap().starts_with("https://tidewater.example/q"), "{piece}");
        assert!(piece["whom"].as_str().unwrap().starts_with("ask"));
    }
    assert_eq!(names(&review["quiet"]), ["wren"], "steady, and never marked");
    assert!(!review.to_string().contains("score") && !review.to_string().contains("rank"));
    let page = desk.text(&["champions", "review", "--as-of", REVIEW]);
    assert!(page.contains("https://tidewater.example/q4#1") && page.contains("Quiet helpers"), "{page}");
    // The same data, the same review; earlier it was another one.
    assert_eq!(review, desk.json(&["champions", "review", "--as-of", REVIEW]));
    let earlier = desk.json(&["champions", "review", "--as-of", "2026-02-10T00:00:00Z"]);
    assert_eq!(earlier["candidates"], json!([]));
}

#[test]
fn a_term_runs_ends_soon_and_makes_alumni() {
    let desk = usual();
    desk.text(&["champions", "add", "edda", "--because", "answers since February", "--as-of", REVIEW]);
    let standing = |now: &str| {
        let rows = desk.json(&["champions", "--as-of", now]);
        rows.as_array()
            .unwrap()
            .iter()
            .map(|r| (r["standing"].clone(), r["ends"].clone()))
            .collect::<Vec<_>>()
    };
    assert!(standing("2026-07-05T00:00:00Z").is_empty(), "it has not begun");
    let ends = json!("2027-07-06T09:00:00Z");
    assert_eq!(standing("2026-08-01T00:00:00Z"), [(json!("champion"), ends.clone())]);
    assert_eq!(standing("2027-06-01T00:00:00Z"), [(json!("ending"), ends.clone())]);
    assert_eq!(standing("2027-07-06T09:00:00Z"), [(json!("alumni"), ends)]);
    let review = desk.json(&["champions", "review", "--as-of", REVIEW]);
    assert_eq!((names(&review["champions"]), names(&review["candidates"])), (vec!["edda"], vec![]));
    let soon = desk.json(&["champions", "review", "--as-of", "2027-06-01T00:00:00Z"]);
    assert_eq!(names(&soon["ending"]), ["edda"]);
    assert_eq!(soon["ending"][0]["meets"], json!([]), "a year without a deed meets nothing");
    // A renewal goes on where the term ends; an end makes alumni, and the record of both stays.
    desk.text(&["champions", "add", "edda", "--months", "6", "--as-of", "2027-06-01T00:00:00Z"]);
    assert_eq!(standing("2027-08-01T00:00:00Z"), [(json!("champion"), json!("2028-01-06T09:00:00Z"))]);
    desk.text(&["champions", "end", "edda", "--because", "moved on", "--as-of", "2027-08-02T00:00:00Z"]);
    assert_eq!(standing("2027-08-03T00:00:00Z")[0].0, json!("alumni"));
    let refused = desk.run(&["champions", "add", "noor"]);
    assert_eq!(refused.status.code(), Some(1), "one of ours is no champion of the community");
    assert_eq!(desk.run(&["champions", "end", "wren"]).status.code(), Some(2));
    desk.text(&["rebuild"]);
    assert_eq!(standing("2027-08-03T00:00:00Z")[0].0, json!("alumni"), "a rebuild forgets no term");
}

#[test]
fn whoever_stops_after_months_of_load_is_noticed_privately() {
    let desk = usual();
    let stopped = |now: &str| {
        let page = desk.json(&["people", "recognise", "--as-of", now]);
        names(&page["stopped"]).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(stopped(REVIEW), ["bo"]);
    assert!(stopped("2026-05-20T00:00:00Z").is_empty(), "a month of silence is a holiday");
    assert!(stopped("2028-01-01T00:00:00Z").is_empty(), "long ago");
    let page = desk.text(&["champions", "review", "--as-of", REVIEW]);
    assert!(page.contains("For DevRel only") && page.contains("2026-04: 12"), "{page}");
    let report = desk.text(&["report", "--period", "2026-Q2", "--as-of", REVIEW]);
    assert!(!report.contains("bo\n") && !report.contains("silent after"), "nobody else reads it");
}

#[test]
fn the_criteria_are_the_owners_to_set() {
    let desk = usual();
    let path = desk.0.path().join("champions.toml");
    let own = "name = \"Harbour pilots\"\nversion = 3\nterm-months = 6\nwindow-months = 6\nlook-ahead-days = 30\n\
               [[criterion]]\nid = \"steady\"\nwords = \"answered three people\"\nkinds = [\"answer\"]\npeople = 3\n";
    std::fs::write(&path, own).unwrap();
    let review = desk.json(&["champions", "review", "--as-of", REVIEW]);
    assert_eq!(names(&review["candidates"]), ["edda", "wren"], "by name");
    assert_eq!(review["candidates"][1]["quiet"], true);
    std::fs::write(&path, own.replace("people = 3", "")).unwrap();
    let broken = desk.run(&["champions", "review"]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&broken.stderr).contains("asks for nothing"));
}

#[test]
fn recognition_on_the_invented_world_names_helpers_and_first_timers() {
    let desk = Desk::world();
    let page = desk.json(&["people", "recognise", "--period", "2026-Q3", "--as-of", MONDAY]);
    let helpers = page["helpers"].as_array().unwrap();
    assert!(helpers.len() >= 8);
    for helper in helpers {
        assert_eq!(helper["kind"], "community", "our own are thanked elsewhere: {helper}");
        assert!(!helper["did"].as_object().unwrap().is_empty());
    }
    let docs = helpers.iter().find(|h| h["name"] == "iquandt").unwrap();
    assert!(docs["did"]["docs"][0]["what"].as_str().unwrap().starts_with("docs:"), "{docs}");
    let accepted =
        helpers.iter().filter(|h| h["did"]["answer"].to_string().contains("\"accepted\":true")).count();
    assert!(accepted >= 2, "what the place marked as the answer is told");
    assert!(page["first_timers"].as_array().unwrap().len() >= 10);
    let ours = desk.json(&["people", "recognise", "--period", "2026-Q3", "--ours", "--as-of", MONDAY]);
    assert!(ours["helpers"].as_array().unwrap().iter().any(|h| h["kind"] == "practitioner"));
}
