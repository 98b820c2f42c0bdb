//! s22 on a real Mailman 3: its archive is read as it stands, and what somebody writes to the list comes in with the next
//! look, by the list's own way through its runners.

use std::process::Command;

use serde_json::json;

use crate::listserver::{export, mail};
use crate::mailman::Mailman;
use crate::s22_living::messages;
use crate::world::Desk;

/// A mail of an older day, whatever today is.
fn old(n: u32, answers: Option<u32>, subject: &str, text: &str) -> String {
    mail(n, answers, subject, text).replace("Mon, 02 Nov 2026", "Fri, 02 Feb 2024")
}

#[test]
fn a_real_mailman_is_read_and_followed() {
    let mails = [
        old(1, None, "Why does the relay sign twice?", "It does since 3.1."),
        old(2, Some(1), "Re: Why does the relay sign twice?", "Turn the old key off."),
        old(4, None, "Where is the migration guide?", "I looked everywhere. Grüße"),
    ];
    let Some(mailman) = Mailman::start(&export(&mails)) else { return };
    let desk = Desk::new();
    std::fs::write(desk.0.path().join("rapport.toml"), "[network]\nallow-private = true\n").unwrap();
    // Its address alone says what it is; the list is called as its mails call it.
    let read = desk.json(&["add", &mailman.address()]);
    assert_eq!(
        (&read[0]["source"], &read[0]["stored"], &read[0]["rejected"], &read[0]["threads"]),
        (&json!("mbox:relay-users.example.org"), &json!(3), &json!(0), &json!(2)),
        "{read}"
    );
    let idle = desk.json(&["sync"]);
    // The last days, and the one stretch that holds anything.
    assert_eq!((&idle[0]["stored"], &idle[0]["requests"]), (&json!(0), &json!(2)), "{idle}");

    // Bruno answers, today.
    let today = String::from_utf8(Command::new("date").arg("-R").output().unwrap().stdout).unwrap();
    let answer = mail(
        6,
        Some(4),
        "Re: Where is the migration guide?",
        "Under Upgrading, second page.\n\nFrom here on it is easy.",
    );
    let dated = answer.lines().map(|line| {
        if line.starts_with("Date: ") { format!("Date: {}", today.trim()) } else { line.to_owned() }
    });
    mailman.deliver(&(dated.collect::<Vec<_>>().join("\n") + "\n"));
    let moved = desk.json(&["sync"]);
    assert_eq!((&moved[0]["stored"], &moved[0]["threads"]), (&json!(1), &json!(2)), "in its thread: {moved}");
    assert_eq!(messages(&desk), 4);
    let query = "SELECT key, text FROM activities WHERE act IN ('opened', 'replied') ORDER BY key";
    let rows = desk.json(&["sql", query]);
    let text = |n: usize| rows[n]["text"].as_str().unwrap().trim().to_owned();
    assert_eq!(rows[3]["key"], "msg/m6@example.org", "{rows}");
    assert_eq!(text(3), "Under Upgrading, second page.\n\nFrom here on it is easy.");
    assert_eq!(text(2), "I looked everywhere. Grüße");
    // An export of the same list doubles nothing.
    let path = desk.0.path().join("old.mbox");
    std::fs::write(&path, export(&mails)).unwrap();
    let again = desk.json(&["add", path.to_str().unwrap()]);
    assert_eq!((&again[0]["stored"], &again[0]["known"]), (&json!(0), &json!(3)), "{again}");
    // The owner takes a mail of today out, and the one that opened an old thread: its answer stays.
    mailman.take_out("m6@example.org");
    mailman.take_out("m1@example.org");
    let gone = desk.json(&["sync"]);
    assert_eq!(gone[0]["requests"], 2, "{gone}");
    assert_eq!(messages(&desk), 2, "{gone}");
    let query = "SELECT key FROM activities WHERE deleted = 1 ORDER BY key";
    assert_eq!(
        desk.json(&["sql", query]),
        json!([{"key": "msg/m1@example.org"}, {"key": "msg/m6@example.org"}])
    );
    let idle = desk.json(&["sync"]);
    assert_eq!((&idle[0]["stored"], messages(&desk)), (&json!(0), 2), "{idle}");
    desk.is_well();
}
