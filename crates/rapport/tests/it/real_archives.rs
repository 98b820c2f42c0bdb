//! Real archives read and reconcile; a second reading stores nothing; versions of one archive become revisions; medians
//! equal an independent calculation.

use std::collections::HashMap;

use serde_json::Value;

use crate::world::{Desk, epoch, shared};

#[test]
fn every_archive_reconciles_and_a_second_reading_stores_nothing() {
    let Some(data) = shared() else { return };
    let places = [
        "zulip",
        "slack-export/run-1",
        "slack-export/run-2",
        "mbox/r-announce",
        "mbox/r-package-devel",
        "stackexchange/quantumcomputing",
    ];
    let mut paths: Vec<_> = places.iter().map(|p| data.join(p)).filter(|p| p.exists()).collect();
    paths.push(data.join("discourse"));
    let desk = Desk::new();
    for path in paths {
        let path = path.to_str().unwrap();
        let first = desk.json(&["add", path]);
        let n = |value: &Value, field: &str| value[0][field].as_u64().unwrap();
        assert!(n(&first, "stored") > 0, "{first}");
        let again = desk.json(&["add", "--again", path]);
        for read in [&first, &again] {
            assert_eq!(n(read, "read"), n(read, "stored") + n(read, "known") + n(read, "rejected"), "{read}");
        }
        assert_eq!(n(&again, "stored"), 0, "{path}");
        assert_eq!(n(&again, "read"), n(&first, "read"), "{path}");
    }
    desk.is_well();
}

#[test]
fn nightly_versions_become_revisions_and_medians_agree() {
    let Some(data) = shared() else { return };
    let mut versions: Vec<_> = std::fs::read_dir(data.join("ietf-archive"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|p| p.file_name().is_some_and(|n| n.to_string_lossy().contains("multipath")))
        .collect();
    versions.sort();
    let desk = Desk::new();
    for version in &versions {
        desk.json(&["add", version.to_str().unwrap()]);
    }
    let revised = desk.json(&["sql", "SELECT count(*) AS n FROM activities WHERE revision > 0"]);
    assert!(revised[0]["n"].as_u64() > Some(5), "{revised}");
    desk.is_well();

    // Independently, straight from the newest version's JSON.
    let newest: Value = serde_json::from_slice(&std::fs::read(versions.last().unwrap()).unwrap()).unwrap();
    let rows = desk.json(&["metrics", "time-to-first-response"]);
    for (list, kind) in [("issues", "issue"), ("pulls", "change-request")] {
        let (mut seconds, mut never) = (Vec::new(), 0);
        for thread in newest[list].as_array().unwrap() {
            let Some(author) = thread["author"].as_str() else { continue };
            let bot = |login: &str| {
                login.ends_with("[bot]") || login.ends_with("-bot") || login == "github-actions"
            };
            if bot(author) {
                continue;
            }
            let mut replies: Vec<(&str, &str)> = Vec::new();
            let mut take = |list: &Value, fallback: Option<&str>| {
                for reply in list.as_array().into_iter().flatten() {
                    if let (Some(by), Some(at)) =
                        (reply["author"].as_str().or(fallback), reply["createdAt"].as_str())
                    {
                        replies.push((at.to_owned().leak(), by.to_owned().leak()));
                    }
                }
            };
            take(&thread["comments"], None);
            take(&thread["reviews"], None);
            for review in thread["reviews"].as_array().into_iter().flatten() {
                take(&review["comments"], review["author"].as_str());
            }
            let opened = thread["createdAt"].as_str().unwrap();
            let first = replies
                .iter()
                .filter(|(at, by)| !by.eq_ignore_ascii_case(author) && !bot(by) && *at >= opened)
                .map(|(at, _)| *at)
                .min();
            match first {
                Some(at) => seconds.push(epoch(at) - epoch(opened)),
                None => never += 1,
            }
        }
        seconds.sort_unstable();
        let row = rows.as_array().unwrap().iter().find(|r| r["thread_kind"] == kind).unwrap();
        let found: HashMap<&str, f64> =
            ["n", "never", "median_s"].into_iter().map(|f| (f, row[f].as_f64().unwrap())).collect();
        #[allow(clippy::cast_precision_loss)] // small
        let median = (seconds[(seconds.len() - 1) / 2] + seconds[seconds.len() / 2]) as f64 / 2.0;
        assert_eq!((found["n"] as usize, found["never"] as usize), (seconds.len(), never), "{kind}");
        assert!((found["median_s"] - median).abs() < 1.0, "{kind}: {} against {median}", found["median_s"]);
    }
}
