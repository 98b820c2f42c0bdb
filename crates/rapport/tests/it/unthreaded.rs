//! A chat whose people answer in the channel and not in threads: its questions are needs, and its answers answer them.

use std::path::Path;

use serde_json::{Value, json};

use crate::world::Desk;

const NOW: &str = "2026-09-03T08:00:00Z";

/// A message at so many minutes after the chat began on 2026-09-01, 09:00 UTC.
fn said(minute: u64, user: &str, text: &str) -> Value {
    json!({ "type": "message", "user": user, "text": text, "ts": ts(minute) })
}

fn ts(minute: u64) -> String {
    format!("{}.000100", 1_788_253_200 + minute * 60)
}

fn export(place: &Path, name: &str, messages: &[Value]) -> String {
    let folder = place.join(name);
    std::fs::create_dir_all(folder.join("help")).unwrap();
    let people = ["ada", "bo", "cy"];
    let users: Vec<Value> =
        people.iter().map(|p| json!({ "id": format!("U{p}"), "team_id": "T0CHAT", "name": p })).collect();
    std::fs::write(folder.join("users.json"), json!(users).to_string()).unwrap();
    std::fs::write(
        folder.join("channels.json"),
        json!([{ "id": "C1", "name": "help", "members": [] }]).to_string(),
    )
    .unwrap();
    std::fs::write(folder.join("help/2026-09-01.json"), json!(messages).to_string()).unwrap();
    folder.to_string_lossy().into_owned()
}

fn add(desk: &Desk, path: &str) {
    desk.text(&["add", path, "--kind", "slack", "--name", "t0chat"]);
}

fn needs(desk: &Desk) -> Vec<(String, String)> {
    let all = desk.json(&["needs", "--all", "--as-of", NOW]);
    let text = |need: &Value, key: &str| need[key].as_str().unwrap().to_owned();
    let mut all: Vec<_> =
        all.as_array().unwrap().iter().map(|n| (text(n, "title"), text(n, "state"))).collect();
    all.sort();
    all
}

/// Where each message is, by the keys of the source: numbers may differ.
fn places(desk: &Desk) -> Value {
    let sql = "SELECT l.key, t.key AS thread, t.state, t.because, t.messages FROM activity a JOIN log l ON l.id = a.newest
               JOIN thread t ON t.id = a.thread ORDER BY 1";
    desk.json(&["sql", sql])
}

fn messages() -> Vec<Value> {
    vec![
        said(0, "Uada", "how do I rotate the signing key of an endpoint?"),
        said(2, "Ubo", "ada: run relayctl keys rotate, the old key stays valid for a day"),
        said(3, "Uada", "bo: thanks, that works"),
        said(300, "Ucy", "does anyone know where the helm chart for the agent is?"),
    ]
}

#[test]
fn a_question_in_a_channel_is_answered_in_the_channel() {
    let (desk, place) = (Desk::new(), tempfile::TempDir::new().unwrap());
    add(&desk, &export(place.path(), "all", &messages()));
    let all = needs(&desk);
    assert_eq!(all.len(), 2, "answers are no needs: {all:?}");
    assert!(all[0].0.contains("helm chart") && all[0].1 == "waiting", "{all:?}");
    assert!(all[1].0.contains("rotate") && all[1].1 == "met", "{all:?}");
    desk.is_well();
    let before = places(&desk);
    desk.text(&["rebuild"]);
    assert_eq!(places(&desk), before);
    desk.is_well();
}

#[test]
fn what_comes_out_does_not_depend_on_the_order_of_arrival() {
    let place = tempfile::TempDir::new().unwrap();
    let whole = Desk::new();
    add(&whole, &export(place.path(), "all", &messages()));
    // The answer comes first, the question with a later export.
    let parts = Desk::new();
    let messages = messages();
    add(&parts, &export(place.path(), "late", &messages[1..]));
    add(&parts, &export(place.path(), "early", &messages));
    assert_eq!(places(&parts), places(&whole));
    parts.is_well();
}

#[test]
fn a_message_that_is_answered_in_a_thread_of_its_own_stands_alone() {
    let place = tempfile::TempDir::new().unwrap();
    let mut more = messages();
    let mut reply = said(500, "Ucy", "and does the old key stay valid with v3?");
    reply["thread_ts"] = json!(ts(2));
    more.push(reply);
    let (whole, parts) = (Desk::new(), Desk::new());
    add(&whole, &export(place.path(), "whole", &more));
    add(&parts, &export(place.path(), "first", &messages()));
    add(&parts, &export(place.path(), "then", &more));
    assert_eq!(places(&parts), places(&whole));
    let of = |key: &str| {
        let all = places(&parts);
        let row = all
            .as_array()
            .unwrap()
            .iter()
            .find(|r| r["key"].as_str().unwrap().contains(key))
            .unwrap()
            .clone();
        row["thread"].as_str().unwrap().to_owned()
    };
    assert_eq!(of(&ts(500)), of(&ts(2)));
    assert_ne!(of(&ts(2)), of(&ts(0)));
    let before = places(&parts);
    parts.text(&["rebuild"]);
    assert_eq!(places(&parts), before);
    parts.is_well();
}
