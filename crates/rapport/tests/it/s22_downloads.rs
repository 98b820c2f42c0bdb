//! s22, package registries: their counts come in, follow revisions, survive every move of the log, and are nobody.

use serde_json::Value;

use crate::s22_living::play::packages;
use crate::s22_living::{none, now, played};
use crate::world::{Desk, MONDAY};

const DAY: i64 = 86_400;

/// Everything that counts people or what they say, at one moment.
fn of_people(desk: &Desk, at: &str) -> Vec<(String, Value)> {
    let verbs = [
        "needs --all",
        "topics",
        "trends --all",
        "gaps",
        "people",
        "people recognise",
        "metrics time-to-first-response",
        "metrics late",
        "metrics closure-ratio",
        "metrics absence-factor --rows",
        "metrics contributors",
        "metrics retention",
        "metrics unanswered",
    ];
    let mut found = Vec::new();
    for verb in verbs {
        let mut args = vec!["--as-of", at];
        args.extend(verb.split(' '));
        let output = desk.run(&[&["--json"][..], &args].concat());
        if output.status.code() == Some(2) {
            panic!("{verb}: {}", String::from_utf8_lossy(&output.stderr));
        }
        let mut value: Value = serde_json::from_slice(&output.stdout).unwrap();
        // A release beside a burst is what releases are for.
        for row in value.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            row.remove("meanwhile");
        }
        found.push((verb.to_owned(), value));
    }
    found
}

fn downloads(desk: &Desk) -> Vec<(String, String, u64, u64)> {
    let rows = desk.json(&["metrics", "downloads"]);
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let number = |row: &Value, key: &str| row[key].as_u64().unwrap();
    let all = rows.as_array().unwrap().iter();
    all.map(|r| (text(r, "source"), text(r, "week"), number(r, "downloads"), number(r, "days"))).collect()
}

#[test]
fn counts_come_in_and_disturb_nothing_that_counts_people() {
    let (desk, server) = played(60, |_| {});
    desk.json(&["add", "github:tidewater/relay"]);
    let moment = play_moment();
    let before = of_people(&desk, &moment);
    assert!(
        before.iter().any(|(verb, v)| verb == "needs --all" && v.as_array().is_some_and(|a| a.len() > 5))
    );
    let read = desk.json(&["add", "crates:relay", "npm:relay", "https://pypi.org/project/Relay/"]);
    let names: Vec<&str> = read.as_array().unwrap().iter().map(|o| o["source"].as_str().unwrap()).collect();
    assert_eq!(names, ["crates:relay", "npm:relay", "pypi:relay"]);
    for outcome in read.as_array().unwrap() {
        let n = |key: &str| outcome[key].as_u64().unwrap();
        assert_eq!((n("read"), n("threads")), (n("stored") + n("known") + n("rejected"), 0), "{outcome}");
        assert!(n("stored") > 90 && n("rejected") == 0, "{outcome}");
    }
    for (was, is) in before.iter().zip(of_people(&desk, &moment)) {
        assert_eq!(*was, is, "{}", was.0);
    }
    // Six releases of each, and a sum a day that is what the registry said.
    let released = "SELECT source, count(*) AS n FROM activities WHERE act = 'released' AND source NOT LIKE 'github%' GROUP BY source";
    let released = desk.json(&["sql", released]);
    assert!(released.as_array().unwrap().iter().all(|r| r["n"] == 6), "{released}");
    let said: u64 = {
        let stages = server.stages.lock().unwrap();
        let stage = stages.iter().find(|s| s.service == "crates").unwrap();
        let yesterday = now().div_euclid(DAY) - 1;
        (yesterday - 89..=yesterday).map(|day| packages::downloads(stage, day)).sum()
    };
    let crates: Vec<_> = downloads(&desk).into_iter().filter(|row| row.0 == "crates:relay").collect();
    assert_eq!(crates.iter().map(|r| r.2).sum::<u64>(), said);
    assert_eq!(crates.iter().map(|r| r.3).sum::<u64>(), 90);
    let sentence = "mirrors, CI and caches count too";
    assert!(desk.text(&["metrics", "downloads"]).contains(sentence));
    for report in [&["report"][..], &["report", "--for", "leadership"]] {
        let text = desk.text(report);
        assert!(text.contains(sentence) && text.contains("crates:relay"), "{text}");
    }
    desk.is_well();
    none(&server);
}

fn play_moment() -> String {
    crate::s22_living::play::stamp(now())
}

#[test]
fn a_revised_count_is_revised_here_and_outlives_rebuild_and_export() {
    let (desk, server) = played(60, |_| {});
    desk.json(&["add", "crates:relay", "npm:relay", "pypi:relay"]);
    let before = downloads(&desk);
    let idle = desk.json(&["sync"]);
    for outcome in idle.as_array().unwrap() {
        assert_eq!(
            (outcome["stored"].as_u64(), outcome["requests"].as_u64()),
            (Some(0), Some(2)),
            "{outcome}"
        );
    }
    for stage in server.stages.lock().unwrap().iter_mut() {
        stage.community.reply(30, now() - 5 * DAY);
        stage.community.threads[10].closed = Some(now());
    }
    let next = desk.json(&["sync"]);
    for outcome in next.as_array().unwrap() {
        assert_eq!(outcome["stored"].as_u64(), Some(2), "a count and a version taken back: {outcome}");
    }
    let after = downloads(&desk);
    let sum = |rows: &[(String, String, u64, u64)]| rows.iter().map(|r| r.2).sum::<u64>();
    assert_eq!(sum(&after), sum(&before) + 3 * 7, "seven more in each registry");
    assert_eq!(after.len(), before.len());
    let taken = "SELECT detail FROM activities WHERE act = 'released' AND detail LIKE '%)' ORDER BY detail";
    let taken = desk.json(&["sql", taken]);
    assert_eq!(
        taken.as_array().unwrap().iter().map(|r| r["detail"].as_str().unwrap()).collect::<Vec<_>>(),
        ["relay 0.1.0 (deprecated)", "relay 0.1.0 (yanked)", "relay 0.1.0 (yanked)"]
    );
    desk.text(&["rebuild"]);
    assert_eq!(downloads(&desk), after, "rebuilt from the log");
    let place = tempfile::TempDir::new().unwrap();
    let (out, copy) = (place.path().join("export"), Desk::new());
    desk.text(&["export", out.to_str().unwrap()]);
    copy.text(&["import", out.to_str().unwrap()]);
    assert_eq!(downloads(&copy), after, "and somewhere else");
    desk.is_well();
    copy.is_well();
    none(&server);
}

#[test]
fn a_topics_weeks_name_what_was_released_and_whether_it_was_taken_back() {
    let desk = Desk::world();
    let place = tempfile::TempDir::new().unwrap();
    let folder = place.path().join("tide-gauge");
    std::fs::create_dir(&folder).unwrap();
    let topic = desk.json(&["topics", "--as-of", MONDAY])[0]["id"].to_string();
    let shown = |yanked: bool| {
        let body = serde_json::json!({"crate": {"id": "tide-gauge"}, "versions": [{"crate": "tide-gauge", "num": "0.9.0",
            "created_at": "2026-09-27T06:00:00Z", "yanked": yanked}]});
        std::fs::write(folder.join("crate.json"), body.to_string()).unwrap();
        desk.json(&["add", "--again", folder.to_str().unwrap()]);
        desk.json(&["topics", "show", &topic, "--as-of", MONDAY]).to_string()
    };
    assert!(shown(false).contains("\"tide-gauge 0.9.0\""));
    let later = shown(true);
    assert!(
        later.contains("\"tide-gauge 0.9.0 (yanked)\"") && !later.contains("\"tide-gauge 0.9.0\""),
        "{later}"
    );
}
