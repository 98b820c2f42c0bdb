//! s15: the quarter on one page: two columns always, from heard to told, and a list behind every number.

use serde_json::Value;

use crate::world::{Desk, MONDAY};

/// The world with three pieces of feedback: one shipped, one declined, one that waits.
fn desk() -> Desk {
    let desk = Desk::world();
    let topic = desk.json(&["topics", "--as-of", MONDAY])[0]["id"].as_i64().unwrap().to_string();
    let at = |args: &[&str], day: &str| {
        desk.text(&[args, &["--as-of", &format!("{day}T08:00:00Z")]].concat());
    };
    at(
        &[
            "feedback",
            "new",
            "--topic",
            &topic,
            "--to",
            "product",
            "--title",
            "Say that every attempt is signed again",
        ],
        "2026-08-20",
    );
    at(
        &["feedback", "new", "--topic", &topic, "--to", "engineering", "--title", "An arm64 image"],
        "2026-08-20",
    );
    at(
        &[
            "feedback",
            "new",
            "--thread",
            "2",
            "--to",
            "marketing",
            "--title",
            "Tell what replay does",
            "--ask",
            "A page",
        ],
        "2026-08-20",
    );
    for n in ["1", "2", "3"] {
        at(&["feedback", "deliver", n, "--by-hand", "in the meeting", "--yes"], "2026-08-25");
    }
    at(&["feedback", "answer", "1", "--accept", "--release", "v3.1"], "2026-08-31");
    at(&["feedback", "shipped", "1", "--release", "v3.0.0"], "2026-09-22");
    at(&["feedback", "answer", "2", "--decline", "--reason", "no machines for it"], "2026-09-02");
    at(
        &["relations", "note", "sales", "asked for a list of developers; got counts", "--theirs"],
        "2026-09-10",
    );
    desk
}

const QUARTER: [&str; 5] = ["report", "--for", "leadership", "--period", "2026-Q3"];

fn json(desk: &Desk, more: &[&str]) -> Value {
    desk.json(&[&QUARTER[..], more].concat())
}

#[test]
fn each_number_opens_its_list() {
    let desk = desk();
    let report = json(&desk, &["--as-of", MONDAY]);
    let lists = report["lists"].as_object().unwrap();
    let len = |name: &str| lists[name].as_array().unwrap().len();
    let way: Vec<(&str, usize)> = report["way"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["name"].as_str().unwrap(), usize::try_from(s["n"].as_u64().unwrap()).unwrap()))
        .collect();
    assert_eq!(
        way.iter().map(|w| w.0).collect::<Vec<_>>(),
        ["heard", "topic", "delivered", "answered", "shipped", "told"]
    );
    assert_eq!(way[0].1, 31);
    assert_eq!(way[2..].iter().map(|w| w.1).collect::<Vec<_>>(), [3, 2, 1, 0]);
    for stage in report["way"].as_array().unwrap() {
        assert_eq!(
            len(stage["list"].as_str().unwrap()),
            usize::try_from(stage["n"].as_u64().unwrap()).unwrap(),
            "{stage}"
        );
    }
    let metrics = report["metrics"].as_array().unwrap();
    assert!(metrics.len() <= 8);
    for metric in metrics {
        for field in ["value", "definition", "baseline", "threshold", "owner"] {
            assert!(!metric[field].as_str().unwrap().is_empty(), "{field}: {metric}");
        }
        assert!(lists.contains_key(metric["list"].as_str().unwrap()), "{metric}");
        assert_eq!(metric["owner"], "Piet Vandersloot");
    }
    let metric = |name: &str| metrics.iter().find(|m| m["name"] == name).unwrap();
    assert_eq!(metric("answered in time")["label"], "agreed with Product and Engineering on 2026-06-15");
    assert_eq!(metric("answered in time")["kept"], Value::Null, "below 30 there is a list and no rate");
    assert_eq!(
        (&metric("decided in time")["value"], &metric("feedback delivered")["baseline"]),
        (&"2 of 3".into(), &"0".into())
    );
    assert_eq!(report["attribution"]["before"], true);
    let marketing =
        report["departments"].as_array().unwrap().iter().find(|d| d["department"] == "marketing").unwrap();
    assert!(marketing["says"].as_str().unwrap().contains("silent 34 d"), "{marketing}");

    let page = desk.text(&[&QUARTER[..], &["--as-of", MONDAY]].concat());
    assert!(page.contains("| Needs met | Feedback delivered |"), "two columns always: {page}");
    // Each link to a place of the page leads somewhere.
    for target in page.split("](#").skip(1).filter_map(|rest| rest.split(')').next()) {
        assert!(page.contains(&format!("<a id=\"{target}\"></a>")), "{target}");
    }
    let html = desk.text(&[&QUARTER[..], &["--as-of", MONDAY, "--format", "html"]].concat());
    for target in html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(html.contains(&format!(" id=\"{target}\"")), "{target}");
    }
    assert!(!html.contains("<script") && html.contains("<svg") && html.contains("Content-Security-Policy"));
}

#[test]
fn made_again_the_numbers_are_the_same() {
    let desk = desk();
    let made = |more: &[&str]| desk.text(&[&QUARTER[..], more].concat());
    assert_eq!(made(&["--as-of", MONDAY]), made(&["--as-of", MONDAY]));
    // A quarter that is over is told as it stood at its end, whenever it is asked for.
    let (first, later) =
        (made(&["--as-of", "2026-10-02T08:00:00Z"]), made(&["--as-of", "2026-12-24T08:00:00Z"]));
    assert_eq!(first, later);
    desk.text(&["rebuild"]);
    assert_eq!(first, made(&["--as-of", "2026-10-02T08:00:00Z"]));
    // Two columns also when nothing was delivered, and before anything was.
    let second = desk.text(&["report", "--for", "leadership", "--period", "2026-Q2"]);
    assert!(
        second.contains("| Needs met | Feedback delivered |") && second.contains("nothing delivered"),
        "{second}"
    );
    assert!(second.contains("after the period began: it was not agreed beforehand"), "{second}");
    assert_eq!(
        desk.run(&["report", "--for", "leadership", "--period", "2027-Q1", "--as-of", MONDAY]).status.code(),
        Some(2)
    );
}

#[test]
fn each_department_reads_what_concerns_it() {
    let desk = desk();
    let read = |name: &str| desk.json(&["report", "--for", name, "--period", "2026-Q3", "--as-of", MONDAY]);
    let marketing = read("marketing");
    assert_eq!(
        (&marketing["waiting"][0]["feedback"], marketing["decided"].as_array().unwrap().len()),
        (&3.into(), 0)
    );
    assert!(marketing["waiting"][0]["waiting_s"].as_f64().unwrap() > 30.0 * 86_400.0);
    let engineering = read("engineering");
    assert_eq!(
        (&engineering["decided"][0]["state"], &engineering["decided"][0]["reason"]),
        (&"declined".into(), &"no machines for it".into())
    );
    let product = read("product");
    assert_eq!(product["decided"][0]["release"], "v3.0.0");
    assert!(
        !product["docs"].as_array().unwrap().is_empty() && !product["topics"].as_array().unwrap().is_empty()
    );
    let page = desk.text(&["report", "--for", "product", "--period", "2026-Q3", "--as-of", MONDAY]);
    for part in [
        "## Waiting for your decision",
        "## What developers ask",
        "## Trends and gaps",
        "## What the documentation lacks",
        "## What is not known",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[test]
fn relations_show_silence_and_talks_with_sales() {
    let desk = desk();
    let rows = desk.json(&["relations", "--as-of", MONDAY]);
    let of = |name: &str| rows.as_array().unwrap().iter().find(|r| r["department"] == name).unwrap();
    assert_eq!(
        (&of("product")["median_to_decide_s"], &of("product")["shipped"]),
        (&(6.0 * 86_400.0).into(), &serde_json::json!([1]))
    );
    assert_eq!(of("marketing")["last_theirs"], Value::Null);
    assert_eq!(of("sales")["spoken"], 1);
    assert!(of("sales")["says"].as_str().unwrap().contains("last contact 18 d ago"));
    desk.json(&[
        "relations",
        "note",
        "Marketing",
        "they will look at it next week",
        "--theirs",
        "--as-of",
        MONDAY,
    ]);
    let rows = desk.json(&["relations", "--as-of", MONDAY]);
    let marketing = rows.as_array().unwrap().iter().find(|r| r["department"] == "marketing").unwrap();
    assert!(!marketing["says"].as_str().unwrap().contains("silent"), "{marketing}");
    assert_eq!(desk.json(&["relations", "spoken", "--as-of", MONDAY])[0]["department"], "marketing");
    assert_eq!(
        desk.run(&["relations", "note", "product", "x", "--date", "2030-01-01"]).status.code(),
        Some(2)
    );
}
