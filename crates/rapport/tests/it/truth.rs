//! What the program makes of the invented world against what is true of it.

use serde_json::Value;

use crate::world::{Desk, MONDAY, epoch, truth};

/// Conversations that export no threads: each message stands alone there, as the format's page says.
const UNTHREADED: &str = "discord-csv";

#[test]
fn answers_are_found_where_they_are_and_states_mostly() {
    let desk = Desk::world();
    let rows = desk.json(&[
        "sql",
        "SELECT t.opened_at / 1000 AS opened, t.responded_at / 1000 AS responded, coalesce(n.state, 'none') AS state, t.title
         FROM threads t LEFT JOIN needs n ON n.thread = t.id",
        "--top",
        "1000",
    ]);
    let rows = rows.as_array().unwrap();
    let truth = truth();
    let (mut answers, mut states, mut all) = (0, 0, 0);
    let mut wrong = Vec::new();
    for thread in truth["threads"].as_array().unwrap().iter().filter(|t| t["channel"] != UNTHREADED) {
        let opened = epoch(thread["opened_at"].as_str().unwrap());
        let found: Vec<&Value> =
            rows.iter().filter(|r| (r["opened"].as_i64().unwrap() - opened).abs() <= 1).collect();
        let row = found.first().unwrap_or_else(|| panic!("{} is missing", thread["id"]));
        let wanted = thread["answered_at"].as_str().map(epoch);
        all += 1;
        answers += usize::from(row["responded"].as_i64() == wanted);
        if row["state"] == thread["state"] {
            states += 1;
        } else {
            wrong.push(format!("{}: {} is {}", thread["id"], thread["state"], row["state"]));
        }
    }
    assert!(all > 60);
    assert_eq!(answers, all, "the first answer is where it is");
    assert!(states * 100 >= all * 90, "{states} of {all} states: {wrong:#?}");
}

#[test]
fn staff_and_bots_are_known_for_what_they_are() {
    let desk = Desk::world();
    let people = desk.json(&["sql", "SELECT member, count(*) AS n FROM people GROUP BY member"]);
    let n = |member: &str| {
        people
            .as_array()
            .unwrap()
            .iter()
            .find(|r| r["member"] == member)
            .map_or(0, |r| r["n"].as_u64().unwrap())
    };
    // Accounts, not people: each of the three of ours and the four bots has at least one.
    assert!(n("bot") >= 4 && n("practitioner") >= 2 && n("staff") >= 1, "{people}");
    let needs = desk.json(&["needs", "--all", "--as-of", MONDAY]);
    assert!(!needs.to_string().contains("Bump tls-shim"), "what a bot opens is nobody's need");
}
