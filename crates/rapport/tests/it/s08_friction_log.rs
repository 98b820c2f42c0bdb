//! s08: one scenario walked through and written down; bad steps become evidence, and two walks are compared.

use crate::world::{Desk, MONDAY, field_file};

#[test]
fn a_log_keeps_its_story_and_gives_evidence() {
    let desk = Desk::world();
    let (june, september) = (field_file("first-webhook-2026-06.md"), field_file("first-webhook-2026-09.md"));
    let added = desk.json(&["friction", "add", &june, &september, "--as-of", MONDAY]);
    let bad = |n: usize| -> Vec<(u64, String)> {
        let all = added[n]["evidence"].as_array().unwrap();
        all.iter().map(|e| (e["step"].as_u64().unwrap(), e["because"].as_str().unwrap().to_owned())).collect()
    };
    assert_eq!(bad(0).iter().map(|b| b.0).collect::<Vec<_>>(), [2, 3]);
    let words: Vec<(u64, String)> = bad(1);
    assert_eq!(
        words.iter().map(|(n, why)| (*n, why.as_str())).collect::<Vec<_>>(),
        [
            (1, "the writer noted a con"),
            (2, "the writer was meh"),
            (4, "the writer was baffled, then annoyed and noted 2 cons"),
        ],
        "moods are the writer's own words"
    );
    // The step on signatures stands with the threads on signatures.
    let topic = added[1]["evidence"][2]["topic"].as_i64().unwrap().to_string();
    let threads = desk.json(&["topics", "--of", &topic, "--as-of", MONDAY]);
    assert!(
        threads.to_string().contains("Why would the same event carry two different signatures?"),
        "{threads}"
    );
    let kept = desk.json(&["sql", "SELECT origin, of, kind, quote FROM evidence ORDER BY id"]);
    assert_eq!(kept.as_array().unwrap().len(), 5);
    assert_eq!(kept[4]["of"], "friction/2 step 4");
    assert_eq!((&kept[4]["origin"], &kept[4]["kind"]), (&"friction-log".into(), &"friction".into()));
    assert!(
        kept[4]["quote"].as_str().unwrap().contains("the timestamp in it is the one of the first attempt")
    );
    // The same file again adds nothing.
    let again = desk.json(&["friction", "add", &june, "--as-of", MONDAY]);
    assert_eq!((&again[0]["new"], &again[0]["log"]), (&false.into(), &1.into()));
    assert_eq!(desk.json(&["sql", "SELECT count(*) AS n FROM evidence"])[0]["n"], 5);

    let list = desk.json(&["friction", "list", "--as-of", MONDAY]);
    assert_eq!(list[1]["first_success_min"], 43);
    assert_eq!(list[1]["before"]["log"], 1);
    assert_eq!(list[1]["before"]["change"], "47 min less than the last time");
    let page = desk.text(&["friction", "show", "2", "--as-of", MONDAY]);
    for words in [
        "First success after 43 min",
        "log 1 of 2026-06-10",
        "I read the wrong one for ten minutes",
        "Mood: meh",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let html = desk.text(&["friction", "show", "2", "--format", "html", "--as-of", MONDAY]);
    assert!(html.starts_with("<!doctype html>") && !html.contains("<script"));

    let gone = desk.json(&["friction", "remove", "2", "--as-of", MONDAY]);
    assert_eq!(gone["evidence"], 3);
    assert_eq!(desk.json(&["friction", "list", "--as-of", MONDAY]).as_array().unwrap().len(), 1);
    desk.is_well();
}

#[test]
fn a_bad_file_is_told_line_by_line_and_nothing_is_kept() {
    let desk = Desk::new();
    let broken = field_file("broken.md");
    let output = desk.run(&["--json", "friction", "add", &broken]);
    assert_eq!(output.status.code(), Some(1));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let lines: Vec<u64> = said[0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["refuses"] == true)
        .map(|f| f["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [1, 3, 5, 7, 11, 12]);
    assert_eq!(said[0]["log"], serde_json::Value::Null);
    let text = String::from_utf8(desk.run(&["friction", "add", &broken]).stdout).unwrap();
    assert!(text.contains("broken.md:7: step 'Start without a time' has no time"), "{text}");
    assert!(desk.json(&["friction", "list"]).as_array().unwrap().is_empty());
}
