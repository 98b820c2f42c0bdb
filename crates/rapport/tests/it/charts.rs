//! Charts in a real browser: drawn by uPlot where scripts run, by the server where they do not, always with a table.

use serde_json::{Value, json};

use crate::web::{Served, browser, node};
use crate::world::{Desk, MONDAY};

#[test]
fn a_chart_is_drawn_with_scripts_and_without() {
    let Some((chromium, modules)) = browser() else { return };
    let desk = Desk::world();
    let topics = desk.json(&["topics", "--as-of", MONDAY]);
    let largest = topics.as_array().unwrap().iter().max_by_key(|row| row["threads"].as_u64()).unwrap();
    let topic = format!("/topics/{}", largest["id"]);
    let served = Served::new(&desk);
    let base = format!("http://{}", served.at);
    let plain = ["/", "/topics", "/trends", "/gaps", "/focus", "/people", "/feedback", "/report", "/sources"];
    let mut args = vec![chromium.as_os_str(), modules.as_os_str(), base.as_ref(), "/metrics".as_ref()];
    args.push(topic.as_ref());
    args.extend(plain.iter().map(|path| -> &std::ffi::OsStr { path.as_ref() }));
    let said = node("charts.mjs", &args);
    let pages: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(pages.len(), args.len() - 3);
    println!("page weights, bytes:");
    for page in &pages {
        let path = page["path"].as_str().unwrap();
        println!("{:>8} and {:>6} of uPlot  {path}", page["weight"], page["library"]);
        assert_eq!((&page["foreign"], &page["errors"]), (&json!([]), &json!([])), "{path}");
        assert!(page["weight"].as_u64() < Some(200_000), "{path}: {}", page["weight"]);
        let charts = path == "/metrics" || path == topic;
        assert_eq!(page["library"].as_u64() > Some(0), charts, "{path}");
        for (figures, live) in [("scripted", true), ("plain", false)] {
            let figures = page[figures].as_array().unwrap();
            assert_eq!(!figures.is_empty(), charts, "{path}");
            for figure in figures {
                assert_eq!((&figure["live"], &figure["drawn"]), (&json!(live), &json!(!live)), "{path}");
                assert!(figure["rows"].as_u64() > Some(0) && figure["inside"] == true, "{path}: {figure}");
            }
        }
    }
    let legend = |n: usize| pages[n]["legend"].as_str().unwrap().to_owned();
    assert!(legend(0).contains("one case"), "{}", legend(0));
    assert!(legend(1).contains("people") && legend(1).contains("2026-"), "{}", legend(1));
}

#[test]
fn every_month_is_its_cases_and_opens_them() {
    let desk = Desk::world();
    let ask = |more: &[&str]| {
        desk.json(&[&["metrics", "time-to-first-response", "--as-of", MONDAY], more].concat())
    };
    let (months, sources) = (ask(&["--months"]), ask(&[]));
    let sum = |rows: &Value, key: &str| {
        rows.as_array().unwrap().iter().map(|row| row[key].as_u64().unwrap()).sum::<u64>()
    };
    assert!(sum(&months, "n") > 20);
    for key in ["n", "never"] {
        assert_eq!(sum(&months, key), sum(&sources, key), "{key}: the same threads");
    }
    for month in months.as_array().unwrap() {
        assert!(month["n"].as_u64() < Some(30) && month["median_s"].is_null(), "{month}");
        assert_eq!(month["each"].as_array().unwrap().len() as u64, month["n"].as_u64().unwrap());
        // What the page's number opens.
        let rows = ask(&["--period", month["month"].as_str().unwrap(), "--rows"]);
        assert_eq!(sum(&rows, "n"), month["n"].as_u64().unwrap());
    }
    assert_eq!(desk.run(&["metrics", "late", "--months"]).status.code(), Some(2));
    let served = Served::new(&desk);
    let (status, csv) = served.ask("GET", "/metrics/save?name=unanswered&period=2026-Q3", &[], "");
    assert_eq!(status, 200);
    let lines = desk.json(&["metrics", "unanswered", "--period", "2026-Q3", "--as-of", MONDAY]);
    assert!(csv.starts_with("\"source\",") && csv.lines().count() == lines.as_array().unwrap().len() + 1);
    assert_eq!(served.ask("GET", "/metrics/save?name=nothing", &[], "").0, 400);
}
