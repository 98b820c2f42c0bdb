//! s11: a human reply within two working days; the late list is complete and the weekend does not count.

use crate::world::{Desk, MONDAY};

#[test]
fn the_late_list_is_complete() {
    let desk = Desk::world();
    let late = desk.json(&["metrics", "late", "--as-of", MONDAY]);
    let titles: Vec<&str> = late.as_array().unwrap().iter().map(|n| n["title"].as_str().unwrap()).collect();
    assert_eq!(titles.len(), 2, "{titles:?}");
    assert!(titles.contains(&"Go SDK: support context cancellation"), "a week: {titles:?}");
    assert!(
        titles.contains(&"Where is the list of error codes?"),
        "the asker's own reply is none: {titles:?}"
    );
}

#[test]
fn medians_per_channel_leave_bots_and_askers_out() {
    let desk = Desk::world();
    let rows = desk.json(&["metrics", "time-to-first-response", "--as-of", MONDAY]);
    let issues = rows.as_array().unwrap().iter().find(|r| r["thread_kind"] == "issue").unwrap();
    // By hand: 8,880 s, 628,200 s (11 May 15:30), 44,700 s, 86,400 s; the bot's replies do not count.
    assert_eq!((issues["n"].as_u64(), issues["never"].as_u64()), (Some(4), Some(2)));
    assert_eq!(issues["median_s"].as_f64(), Some((44_700.0 + 86_400.0) / 2.0));
}
