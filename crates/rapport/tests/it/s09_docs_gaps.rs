//! s09: what people searched in the docs beside what they asked; ranked gaps, and whether a page helped.

use serde_json::Value;

use crate::world::{Desk, MONDAY, company};

fn desk() -> Desk {
    let desk = Desk::world();
    let log = company().join("../docs-search.csv");
    let added = desk.json(&["docs", "add", log.to_str().unwrap(), "--as-of", MONDAY]);
    assert!(added[0]["nothing"].as_i64().unwrap() > 100, "{added}");
    let again = desk.json(&["docs", "add", log.to_str().unwrap(), "--as-of", MONDAY]);
    assert_eq!((&again[0]["new"], &again[0]["read"]), (&0.into(), &added[0]["read"]));
    desk
}

fn gaps(desk: &Desk) -> Vec<Value> {
    desk.json(&["docs", "gaps", "--as-of", MONDAY]).as_array().unwrap().clone()
}

fn about<'a>(gaps: &'a [Value], words: &str) -> &'a Value {
    gaps.iter().find(|g| g.to_string().contains(words)).unwrap_or_else(|| panic!("{words} is missing"))
}

#[test]
fn gaps_are_ranked_with_reasons() {
    let desk = desk();
    let gaps = gaps(&desk);
    let ranks: Vec<u64> = gaps.iter().map(|g| g["rank"].as_u64().unwrap()).collect();
    assert!(ranks.iter().copied().eq(1..=gaps.len() as u64), "{ranks:?}");
    // Asked in different words by most people, in the words of the thread: "that led me astray".
    let signature =
        about(&gaps, "forum.tidewater.example.com/t/signature-check-fails-but-only-sometimes/301");
    assert_eq!((&signature["rank"], &signature["lack"]), (&1.into(), &"unclear".into()));
    assert!(signature["people"].as_u64().unwrap() >= 7 && signature["nothing"].as_u64().unwrap() > 50);
    assert!(signature["because"].to_string().contains("led me astray"), "{signature}");
    assert!(signature["queries"].to_string().contains("signature retry"));
    // A page that nobody can point to.
    assert_eq!(about(&gaps, "replay failed deliveries")["lack"], "missing");
    // Searched in vain and asked by nobody.
    let only = about(&gaps, "terraform provider");
    assert_eq!((&only["people"], &only["threads"]), (&0.into(), &0.into()));
    // Three times make a gap: nothing is named from fewer voices.
    assert!(gaps.iter().all(|g| g["people"].as_u64().unwrap() >= 3 || g["nothing"].as_u64().unwrap() >= 3));
    assert!(gaps.iter().all(|g| !g["because"].as_array().unwrap().is_empty()), "each says why");
    // What finds something and is asked by nobody is no gap.
    assert!(!gaps.iter().any(|g| g["about"] == "api keys" || g["about"] == "pricing"));
}

#[test]
fn a_page_is_measured_before_and_after() {
    let desk = desk();
    let shipped = |words: &str, url: &str, date: &str| -> Value {
        desk.json(&["docs", "shipped", words, "--url", url, "--date", date, "--as-of", MONDAY])[0].clone()
    };
    let guide = shipped(
        "migration guide from v2 to v3",
        "https://docs.tidewater.example.com/v3/migrate",
        "2026-08-31",
    );
    assert_eq!(guide["days"], 28, "as long after as before");
    assert_eq!(guide["asked"]["ratio"], Value::Null);
    assert!(guide["says"].as_str().unwrap().contains("not enough to say"), "{guide}");
    let searched = &guide["searched"];
    assert!(searched["before"][0].as_u64().unwrap() >= 15 && searched["after"][0] == 0, "{guide}");
    assert!(searched["high"].as_f64().unwrap() < 1.0);
    assert!(guide["says"].as_str().unwrap().contains("it fell by more than chance explains"), "{guide}");
    // What was asked before the page went online is settled by it.
    let after = gaps(&desk);
    let guides = after.iter().filter(|g| g["page"] == "https://docs.tidewater.example.com/v3/migrate");
    assert!(guides.clone().all(|g| g["people"].as_u64().unwrap() >= 3), "{after:#?}");
    // A page for a topic by its number, and all pages together.
    let topic = desk.json(&["topics", "--as-of", MONDAY])[0]["id"].as_i64().unwrap().to_string();
    let other = shipped(&topic, "https://docs.tidewater.example.com/signatures", "2026-09-20");
    assert_eq!(other["topic"].as_i64().unwrap().to_string(), topic);
    assert_eq!(desk.json(&["docs", "shipped", "--as-of", MONDAY]).as_array().unwrap().len(), 2);
    for (args, code) in [
        (vec!["docs", "shipped", "999", "--url", "https://x.example"], 2),
        (vec!["docs", "shipped", "a page", "--url", "javascript:alert(1)"], 2),
        (vec!["docs", "shipped", "a page", "--url", "https://x.example", "--date", "2027-01-01"], 2),
    ] {
        let args: Vec<&str> = args.into_iter().chain(["--as-of", MONDAY]).collect();
        assert_eq!(desk.run(&args).status.code(), Some(code), "{args:?}");
    }
    desk.is_well();
}

#[test]
fn a_log_of_another_maker_and_a_bad_one() {
    let desk = Desk::new();
    let path = desk.0.path().join("site-search.csv");
    std::fs::write(
        &path,
        "property;value;visitors;events\nsearch;helm chart;3;5\nsearch;me@example.org;1;1\n",
    )
    .unwrap();
    let file = path.to_str().unwrap();
    assert_eq!(desk.run(&["docs", "add", file]).status.code(), Some(1), "of which day?");
    let added = desk.json(&["docs", "add", file, "--date", "2026-09-21", "--nothing-found"]);
    assert_eq!((&added[0]["read"], &added[0]["nothing"]), (&1.into(), &5.into()));
    assert_eq!(added[0]["findings"][0]["line"], 3, "addresses are left out and said: {added}");
    let gaps = desk.json(&["docs", "gaps", "--as-of", MONDAY]);
    assert_eq!((&gaps[0]["about"], &gaps[0]["lack"]), (&"helm chart".into(), &"missing".into()));
}
