//! s04: the same confusion in two issues, five questions, forum posts and a mail, in different words, is one topic.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::world::{Desk, MONDAY, archives, epoch, truth};

/// The number of each of the world's threads in the folder, by the world's own name for it, and the planted topics.
fn numbers(desk: &Desk) -> (BTreeMap<String, i64>, BTreeMap<i64, String>) {
    let rows = desk.json(&["sql", "SELECT id, opened_at / 1000 AS at FROM threads", "--top", "1000"]);
    let (mut numbers, mut planted) = (BTreeMap::new(), BTreeMap::new());
    for thread in truth()["threads"].as_array().unwrap() {
        let at = epoch(thread["opened_at"].as_str().unwrap());
        let found = rows.as_array().unwrap().iter().find(|r| (r["at"].as_i64().unwrap() - at).abs() <= 1);
        let Some(id) = found.and_then(|r| r["id"].as_i64()) else { continue };
        numbers.insert(thread["id"].as_str().unwrap().to_owned(), id);
        if let Some(topic) = thread["topic"].as_str() {
            planted.insert(id, topic.to_owned());
        }
    }
    (numbers, planted)
}

fn topics(desk: &Desk) -> Vec<Value> {
    desk.json(&["topics", "--as-of", MONDAY]).as_array().unwrap().clone()
}

/// By thread, its topic.
fn places(desk: &Desk) -> BTreeMap<i64, i64> {
    let mut places = BTreeMap::new();
    for topic in topics(desk) {
        let id = topic["id"].to_string();
        for member in desk.json(&["topics", "show", &id, "--as-of", MONDAY])["of"].as_array().unwrap() {
            places.insert(member["thread"].as_i64().unwrap(), topic["id"].as_i64().unwrap());
        }
    }
    places
}

fn signature(desk: &Desk, numbers: &BTreeMap<String, i64>) -> i64 {
    places(desk)[&numbers["gh-31"]]
}

#[test]
fn one_confusion_in_five_channels_is_one_topic() {
    let desk = Desk::world();
    let (numbers, _) = numbers(&desk);
    let id = signature(&desk, &numbers);
    let shown = desk.json(&["topics", "show", &id.to_string(), "--as-of", MONDAY]);
    let threads: BTreeSet<i64> =
        shown["of"].as_array().unwrap().iter().map(|m| m["thread"].as_i64().unwrap()).collect();
    let wanted = &truth()["topics"]["signature-retry"];
    let planted: BTreeSet<i64> = wanted["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| numbers[e["thread"].as_str().unwrap()])
        .collect();
    assert_eq!(threads, planted, "{shown:#}");
    assert_eq!(
        (shown["pieces"].as_i64(), shown["people"].as_i64()),
        (wanted["pieces"].as_i64(), wanted["people"].as_i64())
    );
    assert!(shown["weeks"].as_array().unwrap().len() >= 20);
    // Twelve pieces in half a year are no trend: nothing is claimed.
    assert!(matches!(shown["direction"].as_str().unwrap(), "not-enough" | "steady"), "{shown:#}");
    assert_eq!(desk.json(&["trends", "--as-of", MONDAY]).as_array().unwrap().len(), 0);
    for member in shown["of"].as_array().unwrap() {
        assert!(!member["because"].as_array().unwrap().is_empty(), "{member:#}");
    }
    let text = desk.text(&["topics", "show", &id.to_string(), "--as-of", MONDAY]);
    assert!(text.contains("9 people; 12 pieces of evidence") && text.contains("topics not"), "{text}");
}

#[test]
fn found_topics_agree_with_the_planted_ones() {
    let desk = Desk::world();
    let (_, planted) = numbers(&desk);
    let places = places(&desk);
    let found = |thread: &i64| places.get(thread).copied().unwrap_or(-thread);
    let (mut precision, mut recall) = (0.0, 0.0);
    let asked: Vec<&i64> =
        planted.keys().filter(|t| places.contains_key(*t) || planted.contains_key(*t)).collect();
    let share = |of: &dyn Fn(&i64) -> bool, within: &dyn Fn(&i64) -> bool| {
        let all = asked.iter().filter(|t| within(t)).count();
        asked.iter().filter(|t| within(t) && of(t)).count() as f64 / all as f64
    };
    for thread in &asked {
        let same_topic = |t: &i64| planted[t] == planted[*thread];
        let same_place = |t: &i64| found(t) == found(thread);
        precision += share(&same_topic, &same_place) / asked.len() as f64;
        recall += share(&same_place, &same_topic) / asked.len() as f64;
    }
    let f1 = 2.0 * precision * recall / (precision + recall);
    println!(
        "B-cubed precision {precision:.3}, recall {recall:.3}, F1 {f1:.3}; {} topics",
        topics(&desk).len()
    );
    assert!(f1 >= 0.72 && precision >= 0.82, "precision {precision:.3}, recall {recall:.3}");
    assert!((8..=14).contains(&topics(&desk).len()));
}

#[test]
fn what_was_split_out_stays_out() {
    let desk = Desk::world();
    let (numbers, _) = numbers(&desk);
    let id = signature(&desk, &numbers);
    let (wrong, split) = (numbers["q-518"], [numbers["l-01"], numbers["q-504"]]);
    let [one, two] = split.map(|t| t.to_string());
    let topic = id.to_string();
    desk.text(&["topics", "not", &topic, &wrong.to_string()]);
    desk.text(&["topics", "split", &topic, &one, &two, "--name", "Clock and signature"]);
    let holds = |desk: &Desk| {
        let places = places(desk);
        let named = topics(desk).into_iter().find(|t| t["label"] == "Clock and signature").unwrap();
        assert_ne!(places.get(&wrong), Some(&id), "said not to belong");
        for thread in split {
            assert_eq!(places.get(&thread), named["id"].as_i64().as_ref(), "{places:?}");
        }
        assert_eq!(places[&numbers["gh-31"]], id, "the topic keeps its number");
    };
    holds(&desk);
    for (path, name) in
        archives().into_iter().filter(|(path, _)| path.extension().is_none_or(|e| e != "fast-import"))
    {
        let mut args = vec!["add", path.to_str().unwrap(), "--again"];
        args.extend(name.as_deref().into_iter().flat_map(|name| ["--name", name]));
        desk.json(&args);
    }
    holds(&desk);
    desk.text(&["rebuild"]);
    holds(&desk);
    desk.text(&["topics", "pin", &topic]);
    holds(&desk);
    // Everything can be taken back: the pin, then the topic that was split off.
    desk.text(&["topics", "undo"]);
    desk.text(&["topics", "undo"]);
    let back = places(&desk);
    assert_eq!(split.map(|t| back.get(&t).copied()), [Some(id); 2], "{back:?}");
    assert_ne!(back.get(&wrong), Some(&id));
    desk.is_well();
}

#[test]
fn an_area_declared_in_the_file_is_a_topic_from_then_on() {
    let desk = Desk::world();
    let file = desk.0.path().join("rapport.toml");
    let before = std::fs::read_to_string(&file).unwrap();
    let plain: Vec<Value> = topics(&desk);
    let declare = |words: &str| {
        std::fs::write(&file, format!("{before}\n[topics.\"Area seven\"]\n{words}\n")).unwrap();
    };
    let named = |desk: &Desk| topics(desk).into_iter().find(|t| t["label"] == "Area seven");
    declare(
        "words = [\"signature\", \"hmac\"]\nexamples = [\"verifying a webhook fails on its second delivery\"]",
    );
    let (numbers, _) = numbers(&desk);
    let area = named(&desk).unwrap();
    let held = places(&desk);
    let planted = truth()["topics"]["signature-retry"]["evidence"].as_array().unwrap().clone();
    let planted: Vec<i64> = planted.iter().map(|e| numbers[e["thread"].as_str().unwrap()]).collect();
    let inside = planted.iter().filter(|t| held.get(t) == area["id"].as_i64().as_ref()).count();
    assert!(inside * 4 >= planted.len() * 3, "{inside} of {} are in {area:#}", planted.len());
    // It is there in later runs, and follows what the file says.
    desk.text(&["rebuild"]);
    assert_eq!(named(&desk).unwrap()["id"], area["id"]);
    let refused = desk.run(&["topics", "rename", &area["id"].to_string(), "Another name"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("rapport.toml"), "{refused:?}");
    declare("words = [\"invoice\", \"billing\"]");
    let moved = places(&desk);
    let stayed = planted.iter().filter(|t| moved.get(t) == area["id"].as_i64().as_ref()).count();
    assert!(stayed < inside, "{stayed}");
    std::fs::write(&file, &before).unwrap();
    assert!(named(&desk).is_none(), "it is free again");
    assert!(topics(&desk).len() >= plain.len().min(8));
    declare("");
    let empty = desk.run(&["topics"]);
    assert_eq!(empty.status.code(), Some(2));
    let said = String::from_utf8_lossy(&empty.stderr).into_owned();
    assert!(said.contains("Area seven") && said.contains("words or examples"), "{said}");
}
