//! s16: where to specialise. Needed and wanted, needed only, wanted only; a priority that goes moves topics at once and
//! says why; what nobody needs never tops the plan.

use serde_json::Value;

use crate::world::{Desk, MONDAY};

fn focus(desk: &Desk, more: &[&str]) -> Value {
    let mut args = vec!["focus", "--as-of", MONDAY];
    args.extend(more);
    desk.json(&args)
}

fn list<'v>(map: &'v Value, name: &str) -> &'v Vec<Value> {
    map[name].as_array().unwrap()
}

fn ids(map: &Value, name: &str) -> Vec<u64> {
    list(map, name).iter().map(|s| s["topic"].as_u64().unwrap()).collect()
}

#[test]
fn three_lists_each_with_its_reasons() {
    let desk = Desk::world();
    let map = focus(&desk, &[]);
    let both = list(&map, "both");
    assert!(!both.is_empty(), "{map:#}");
    for spot in both {
        let number = |key: &str| spot[key].as_f64().unwrap();
        assert!(number("people") > 0.0 && number("priority") > 0.0, "{spot}");
        assert!((number("score") - number("need") * number("priority")).abs() < 1e-3, "{spot}");
        assert!(spot["because"].as_str().unwrap().contains("asked; "), "{spot}");
        assert!(!spot["evidence"].as_array().unwrap().is_empty(), "{spot}");
    }
    let sum: f64 = both.iter().map(|s| s["share"].as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 0.01, "the plan is of one whole: {sum}");
    for spot in list(&map, "industry_only") {
        assert!(spot["people"].as_u64().unwrap() > 0 && spot["priority"].as_f64() == Some(0.0), "{spot}");
    }
    // Kotlin weighs most of all, and nobody in the community asks for it.
    let wanted: Vec<&str> =
        list(&map, "employer_only").iter().map(|u| u["priority"].as_str().unwrap()).collect();
    assert_eq!(wanted, ["kotlin-client"]);
    let speaks =
        both.iter().flat_map(|s| s["matches"].as_array().unwrap()).map(|m| m["priority"].as_str().unwrap());
    let speaks: Vec<&str> = speaks.collect();
    assert!(speaks.contains(&"move-to-v3") && speaks.contains(&"webhooks-that-hold"), "{speaks:?}");
    assert!(!speaks.contains(&"kotlin-client") && !speaks.contains(&"launch-events"), "{speaks:?}");
    assert_eq!(map["not_now"], serde_json::json!(["launch-events"]), "its year is over");
    // Every topic in which somebody asked stands on the map once.
    let topics = desk.json(&["topics", "--as-of", MONDAY]);
    let mut all: Vec<u64> = ids(&map, "both").into_iter().chain(ids(&map, "industry_only")).collect();
    all.sort_unstable();
    let mut asked: Vec<u64> = topics.as_array().unwrap().iter().map(|t| t["id"].as_u64().unwrap()).collect();
    asked.sort_unstable();
    assert_eq!(all, asked);
}

#[test]
fn a_priority_that_goes_moves_topics_and_says_why() {
    let desk = Desk::world();
    let map = focus(&desk, &[]);
    let without = focus(&desk, &["--without", "move-to-v3", "--without", "webhooks-that-hold"]);
    assert!(ids(&without, "both").is_empty(), "{without:#}");
    let moves = list(&without, "moves");
    assert_eq!(moves.len(), ids(&map, "both").len(), "all that was in the plan moves");
    for moved in moves {
        assert_eq!(moved["from"]["list"], "both");
        assert_eq!(moved["to"]["list"], "industry-only");
        let because = moved["because"].as_str().unwrap();
        assert!(
            because.contains("was its only priority") || because.contains("no longer speaks for it"),
            "{moved}"
        );
    }
    // The topic that a priority speaks of most loses most when it goes.
    let of = |map: &Value, topic: u64| -> f64 {
        list(map, "both").iter().find(|s| s["topic"] == topic).map_or(0.0, |s| s["score"].as_f64().unwrap())
    };
    let one = focus(&desk, &["--without", "move-to-v3"]);
    for topic in ids(&map, "both") {
        let spot = list(&map, "both").iter().find(|s| s["topic"] == topic).unwrap();
        let spoke = spot["matches"].as_array().unwrap().iter().any(|m| m["priority"] == "move-to-v3");
        assert_eq!(of(&one, topic) < of(&map, topic) - 1e-6, spoke, "{spot}");
    }
    assert!(list(&one, "employer_only").iter().all(|u| u["priority"] != "move-to-v3"));
    let text = desk.text(&["focus", "--without", "move-to-v3", "--as-of", MONDAY]);
    assert!(
        text.contains("What moves without move-to-v3")
            && list(&one, "moves").iter().all(|moved| text.contains(moved["because"].as_str().unwrap())),
        "{text}"
    );
}

#[test]
fn a_change_of_the_file_is_compared_with_what_was_in_force() {
    let desk = Desk::world();
    focus(&desk, &[]); // the file is kept on Monday
    let path = desk.0.path().join("org.toml");
    let org = std::fs::read_to_string(&path).unwrap();
    let start = org.find("[[priorities]]\nid = \"move-to-v3\"").unwrap();
    let end = start + org[start..].find("\n\n").unwrap();
    std::fs::write(&path, format!("{}{}", &org[..start], &org[end..])).unwrap();
    let later = desk.json(&["focus", "--since", "2026-09-28T12:00:00Z", "--as-of", "2026-09-29T08:00:00Z"]);
    assert!(later["compared"].as_str().unwrap().contains("2026-09-28 08:00"), "{later:#}");
    let moves = list(&later, "moves");
    assert!(
        !moves.is_empty() && moves.iter().any(|m| m["because"].as_str().unwrap().contains("move-to-v3")),
        "{later:#}"
    );
}

#[test]
fn what_cannot_be_asked_says_what_can() {
    let desk = Desk::world();
    for (args, word) in [
        (vec!["--without", "nonsense"], "priorities of today: move-to-v3"),
        (vec!["--without", "launch-events"], "does not hold today"),
        (vec!["--since", "2020-01-01"], "no organisation was kept"),
        (vec!["--since", "soon"], "--since"),
        (vec!["--days", "0"], "1..=3650"),
    ] {
        let mut all = vec!["focus", "--as-of", MONDAY];
        all.extend(args);
        let output = desk.run(&all);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{all:?}: {said}");
        assert!(said.contains(word), "{all:?}: {said}");
    }
    std::fs::remove_file(desk.0.path().join("org.toml")).unwrap();
    let map = focus(&desk, &[]);
    assert!(
        list(&map, "both").is_empty() && !list(&map, "industry_only").is_empty(),
        "no priorities: no plan"
    );
}
