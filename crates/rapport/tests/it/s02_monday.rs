//! s02: seven threads over the weekend on three channels; exactly three people wait.

use crate::world::{Desk, MONDAY};

#[test]
fn monday_shows_exactly_three_cards() {
    let desk = Desk::world();
    let needs = desk.json(&["needs", "--as-of", MONDAY]);
    let cards: Vec<(&str, &str)> = needs
        .as_array()
        .unwrap()
        .iter()
        .map(|n| (n["title"].as_str().unwrap(), n["why"].as_str().unwrap()))
        .collect();
    assert_eq!(
        cards,
        [
            (
                "How do I resume a stream from an offset after upgrading to v3?",
                "nobody has replied; also asked in slack:t0tidewater (folded in)"
            ),
            ("Agent 3.0.0 crashes on start when no proxy is configured", "a bot answered, no human"),
            ("Duplicate deliveries after a deploy, is idempotency on me?", "only the asker wrote since"),
        ]
    );
    let scores: Vec<f64> = needs.as_array().unwrap().iter().map(|n| n["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "ordered by wait x reach: {scores:?}");
}

#[test]
fn what_a_person_decides_stays_decided() {
    let desk = Desk::world();
    let waiting = || desk.json(&["needs", "--as-of", MONDAY]);
    let first = waiting()[0]["thread"].as_i64().unwrap().to_string();
    desk.text(&["claim", &first, "--as-of", MONDAY]);
    assert_eq!(waiting()[0]["claimed_by"], "mara");
    desk.text(&["met", &first, "--note", "answered in the call", "--as-of", MONDAY]);
    assert_eq!(waiting().as_array().unwrap().len(), 2, "and its copy with it");
    desk.text(&["rebuild"]);
    let all = desk.json(&["needs", "--all", "--as-of", MONDAY]);
    let met =
        all.as_array().unwrap().iter().find(|n| n["thread"].as_i64().unwrap().to_string() == first).unwrap();
    assert_eq!(met["state"], "met");
    desk.text(&["met", &first, "--undo"]);
    assert_eq!(waiting().as_array().unwrap().len(), 3);
}

#[test]
fn the_past_is_judged_as_it_was() {
    let desk = Desk::world();
    let needs = desk.json(&["needs", "--as-of", "2026-07-12T00:00:00Z"]);
    let titles: Vec<&str> = needs.as_array().unwrap().iter().map(|n| n["title"].as_str().unwrap()).collect();
    assert_eq!(
        titles,
        ["py.typed missing, mypy sees Any everywhere", "token refresh in the Rust SDK"],
        "both were answered since"
    );
}
