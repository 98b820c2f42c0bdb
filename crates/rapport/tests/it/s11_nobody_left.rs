//! s11: a human reply within two working days; the late list is complete and the weekend does not count.

use serde_json::Value;

use crate::world::{Desk, MONDAY, epoch, truth};

/// Hours between two moments that do not fall on a Saturday or Sunday.
fn working_hours(from: i64, to: i64) -> usize {
    let weekday = |second: i64| (second.div_euclid(86_400) + 3).rem_euclid(7);
    (from..to).step_by(3_600).filter(|second| weekday(*second) < 5).count()
}

#[test]
fn the_late_list_is_complete() {
    let desk = Desk::world();
    let late = desk.json(&["metrics", "late", "--as-of", MONDAY]);
    let found: Vec<&str> = late.as_array().unwrap().iter().map(|n| n["title"].as_str().unwrap()).collect();
    let truth = truth();
    let wanted: Vec<&str> = truth["threads"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|t| t["state"] != "none" && t["answered_at"].is_string())
        .filter(|t| working_hours(at(t, "opened_at"), at(t, "answered_at")) > 48)
        .map(|t| t["title"].as_str().unwrap())
        .collect();
    assert!(wanted.len() >= 5, "{wanted:?}");
    for title in &wanted {
        assert!(found.contains(title), "{title} is missing from {found:?}");
    }
    assert_eq!(found.len(), wanted.len(), "nothing else is late: {found:?}");
}

fn at(thread: &Value, field: &str) -> i64 {
    epoch(thread[field].as_str().unwrap())
}

#[test]
fn medians_per_channel_leave_bots_and_askers_out() {
    let desk = Desk::world();
    let rows = desk.json(&["metrics", "time-to-first-response", "--as-of", MONDAY]);
    let (truth, bots) = (truth(), truth()["bots"].clone());
    let by_person = |t: &&Value| !bots.as_array().unwrap().contains(&t["opened_by"]);
    for (channel, kind, source) in [
        ("github", "issue", "github:tidewater-relay/relay"),
        ("qa", "question", "stackexchange:qa.example.net"),
        ("forum", "topic", "discourse:forum.tidewater.example.com"),
        ("slack", "chat", "slack:t0tidewater"),
    ] {
        let threads = truth["threads"].as_array().unwrap().iter();
        let threads: Vec<&Value> =
            threads.filter(|t| t["channel"] == channel && t["kind"] == kind).filter(by_person).collect();
        let mut seconds: Vec<i64> = threads
            .iter()
            .filter(|t| t["answered_at"].is_string())
            .map(|t| at(t, "answered_at") - at(t, "opened_at"))
            .collect();
        seconds.sort_unstable();
        let row = rows.as_array().unwrap().iter().find(|r| r["source"] == source && r["thread_kind"] == kind);
        let row = row.unwrap_or_else(|| panic!("no row of {source}"));
        assert_eq!(row["n"].as_u64(), Some(seconds.len() as u64), "{row}");
        assert_eq!(row["never"].as_u64(), Some((threads.len() - seconds.len()) as u64), "{row}");
        #[allow(clippy::cast_precision_loss)] // a few days
        let median = (seconds[(seconds.len() - 1) / 2] + seconds[seconds.len() / 2]) as f64 / 2.0;
        assert!((row["median_s"].as_f64().unwrap() - median).abs() < 1.0, "{row} against {median}");
    }
}
