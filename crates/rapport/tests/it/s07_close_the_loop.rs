//! s07: it shipped; the places to reply, a draft for each in its own form, sent on a person's word; nobody is forgotten
//! without that being said.

use serde_json::Value;

use crate::outside::Outside;
use crate::s05_deliver::{armed, json, tracker, ways, with_feedback};
use crate::world::{Desk, MONDAY};

/// Shipped by what the tracker says.
fn shipped() -> Desk {
    let (desk, outside) = (with_feedback(), Outside::new());
    ways(&desk, &tracker("github", &outside.root));
    json(armed(&desk), &["feedback", "deliver", "1", "--yes", "--as-of", MONDAY], 0);
    {
        let mut held = outside.held.lock().unwrap();
        (held.issues[0].closed, held.issues[0].reason, held.issues[0].milestone) =
            (true, Some("completed"), Some("3.1"));
    }
    json(armed(&desk), &["feedback", "sync", "--yes", "--as-of", "2026-11-02T09:00:00Z"], 0);
    desk
}

fn place<'a>(list: &'a Value, form: &str) -> &'a Value {
    let found = list["places"].as_array().unwrap().iter().find(|p| p["form"] == form);
    found.unwrap_or_else(|| panic!("no {form} in {list}"))
}

#[test]
fn each_place_gets_a_draft_in_its_own_form() {
    let desk = shipped();
    let list = desk.json(&["feedback", "told", "1", "--link", "https://docs.tidewater.example.com/replay"]);
    assert_eq!(list["says"], "shipped and told 0 of 4");
    let threads: std::collections::BTreeSet<i64> =
        list["places"].as_array().unwrap().iter().map(|p| p["thread"].as_i64().unwrap()).collect();
    assert_eq!(threads.len(), 5, "one per thread");
    for (form, says) in [
        (
            "github-markdown",
            "**Replay failed deliveries between two moments**. It is out, in 3.1. [read on](https://docs.tidewater.example.com/replay)",
        ),
        ("discourse", "on 22 June 2026"),
        (
            "slack-mrkdwn",
            "*Replay failed deliveries between two moments*. It is out, in 3.1. <https://docs.tidewater.example.com/replay|read on>",
        ),
        ("mail", "people who\nbuild it: Replay failed deliveries between two moments. It is out, in\n3.1."),
        ("plain", "Replay failed deliveries between two moments. It is out"),
    ] {
        let draft = place(&list, form)["draft"].as_str().unwrap();
        assert!(draft.contains(says), "{says} in {draft}");
    }
    let mail = place(&list, "mail");
    assert_eq!(mail["subject"], "Re: Replay all failed deliveries of one endpoint between two dates");
    assert_eq!(mail["in_reply_to"], "<l-02.0@lists.tidewater.example.com>");
    assert!(mail["draft"].as_str().unwrap().lines().all(|l| l.len() <= 72));
    assert_eq!(place(&list, "discourse")["language"], "es");
    assert_eq!(place(&list, "github-markdown")["url"], "https://github.com/tidewater-relay/relay/issues/14");
}

#[test]
fn each_is_sent_on_a_persons_word_and_the_last_one_closes() {
    let desk = shipped();
    // Looking records nothing.
    desk.text(&["feedback", "told", "1"]);
    desk.text(&["feedback", "told", "1", "--place", "2"]);
    let count = |n: usize| desk.json(&["feedback"])[0]["told"] == n;
    assert!(count(0));
    // Four people asked at five places: one of them at two, of which one is enough.
    let list = desk.json(&["feedback", "told", "1"]);
    let (once, twice): (Vec<&Value>, Vec<&Value>) =
        list["places"].as_array().unwrap().iter().partition(|p| p["also_at"].as_array().unwrap().is_empty());
    assert_eq!((once.len(), twice.len()), (3, 2));
    for (n, place) in once.iter().enumerate() {
        let done = desk.json(&["feedback", "told", "1", "--place", &place["place"].to_string(), "--yes"]);
        assert_eq!(done["says"], format!("shipped and told {} of 4", n + 1));
    }
    let again = once[0]["place"].to_string();
    assert_eq!(desk.json(&["feedback", "told", "1", "--place", &again, "--yes"])["recorded"], false, "once");
    assert!(count(3));
    // Somebody waits to hear: it does not close in silence.
    let refused = desk.run(&["feedback", "told", "1", "--close"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("1 who asked have not heard back"));
    assert_eq!(desk.run(&["feedback", "told", "1", "--close", "--why", " "]).status.code(), Some(1));
    let last = twice[0]["place"].to_string();
    let last =
        desk.json(&["feedback", "told", "1", "--place", &last, "--yes", "--note", "said it in the call"]);
    assert_eq!(
        (last["says"].as_str(), last["state"].as_str()),
        (Some("shipped and told 4 of 4"), Some("told"))
    );
    let audit =
        desk.json(&["sql", "SELECT verb FROM audit WHERE verb IN ('feedback told', 'feedback tell')"]);
    assert_eq!(audit.as_array().unwrap().len(), 5, "four replies and the end");
    let row = &desk.json(&["feedback"])[0];
    assert_eq!((row["waiting"].as_str(), row["state"].as_str()), (None, Some("told")));
    assert_eq!(desk.run(&["feedback", "answer", "1", "--accept"]).status.code(), Some(1), "it is closed");
}

#[test]
fn what_is_left_open_is_a_part_of_the_end() {
    let desk = shipped();
    desk.text(&["feedback", "told", "1", "--place", "1", "--yes"]);
    let closed = desk.json(&["feedback", "told", "1", "--close", "--why", "the chat is archived"]);
    assert_eq!(closed["says"], "shipped and told 1 of 4");
    let steps = desk.json(&["feedback", "show", "1"])["steps"].clone();
    let last = steps.as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (last["state"].as_str(), last["reason"].as_str()),
        (Some("told"), Some("told 1 of 4: the chat is archived"))
    );
}

#[test]
fn a_no_is_told_too_with_its_reason() {
    let desk = with_feedback();
    let early = desk.run(&["feedback", "told", "1"]);
    assert!(String::from_utf8_lossy(&early.stderr).contains("there is nothing to tell yet"));
    desk.text(&["feedback", "deliver", "1", "--by-hand", "in person", "--yes"]);
    desk.text(&["feedback", "answer", "1", "--decline", "--reason", "Too few need it."]);
    let list = desk.json(&["feedback", "told", "1"]);
    assert_eq!(list["says"], "declined and told 0 of 4");
    let draft = place(&list, "github-markdown")["draft"].as_str().unwrap();
    assert!(draft.contains("It will not be done for now. The reason: Too few need it."), "{draft}");
}

#[test]
fn who_asks_later_is_seen() {
    let desk = Desk::world();
    let topics = desk.json(&["topics", "--as-of", MONDAY]);
    let topic = topics[0]["id"].to_string();
    // Made when half of it had been asked.
    let early = "2026-07-01T00:00:00Z";
    let made = desk.json(&["feedback", "new", "--topic", &topic, "--as-of", early]);
    let then = made["places"].as_u64().unwrap();
    desk.text(&["feedback", "deliver", "1", "--by-hand", "in person", "--yes", "--as-of", early]);
    desk.text(&["feedback", "answer", "1", "--accept", "--as-of", early]);
    desk.text(&["feedback", "shipped", "1", "--as-of", MONDAY]);
    let list = desk.json(&["feedback", "told", "1", "--as-of", MONDAY]);
    let since = list["since"].as_array().unwrap().clone();
    assert!(!since.is_empty() && then > 0, "{list}");
    let mut args = vec!["feedback".to_owned(), "add".to_owned(), "1".to_owned(), "--thread".to_owned()];
    args.extend(since.iter().map(Value::to_string));
    desk.text(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let now = desk.json(&["feedback", "told", "1", "--as-of", MONDAY]);
    assert_eq!(now["places"].as_array().unwrap().len() as u64, then + since.len() as u64);
    assert_eq!(now["since"], Value::Array(Vec::new()));
}

#[test]
fn who_asked_not_to_be_contacted_is_absent_and_counted() {
    let desk = shipped();
    let before = desk.json(&["feedback", "told", "1"]);
    let theirs = place(&before, "github-markdown")["thread"].clone();
    desk.text(&["consent", "farah-n", "--contact", "no", "--note", "said so at the meetup"]);
    let list = desk.json(&["feedback", "told", "1"]);
    assert_eq!(list["places"].as_array().unwrap().len(), 4);
    assert!(list["places"].as_array().unwrap().iter().all(|p| p["thread"] != theirs));
    assert_eq!(list["says"], "shipped and told 0 of 4; 1 asked not to be contacted");
    for n in 1..=3 {
        desk.text(&["feedback", "told", "1", "--place", &n.to_string(), "--yes"]);
    }
    let last = desk.json(&["feedback", "told", "1", "--place", "4", "--yes"]);
    assert_eq!(last["says"], "shipped and told 3 of 4; 1 asked not to be contacted");
    assert_eq!(last["state"], "told", "nobody else waits");
    let steps = desk.json(&["feedback", "show", "1"])["steps"].clone();
    assert_eq!(
        steps.as_array().unwrap().last().unwrap()["reason"],
        "told 3 of 4; 1 asked not to be contacted"
    );
}

#[test]
fn one_person_at_two_places_has_heard_when_one_of_them_was_answered() {
    let desk = shipped();
    let rows = desk.json(&["sql", "SELECT id FROM people WHERE name LIKE 'Tom%s Arrieta' ORDER BY id"]);
    let ids: Vec<String> = rows.as_array().unwrap().iter().map(|r| r["id"].to_string()).collect();
    assert_eq!(ids.len(), 2, "chat and list");
    let before = desk.json(&["feedback", "told", "1"]);
    let both: Vec<&Value> = ["slack-mrkdwn", "mail"].iter().map(|form| place(&before, form)).collect();
    let linked = both[0]["also_at"] == serde_json::json!([both[1]["place"]]);
    let asked = before["asked"].as_u64().unwrap();
    assert_eq!(asked, if linked { 4 } else { 5 });
    desk.text(&["feedback", "told", "1", "--place", &both[0]["place"].to_string(), "--yes"]);
    assert_eq!(desk.json(&["feedback", "told", "1"])["says"], format!("shipped and told 1 of {asked}"));
}
