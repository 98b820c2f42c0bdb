//! The scenarios walked in a browser, by what is written on the pages: what a person meets, and that the desk knows it after.

use std::ffi::OsStr;
use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::s22_living::play::{Fault, Stage};
use crate::s22_living::{messages, none, played, standing};
use crate::sender;
use crate::web::{Served, browser, node};
use crate::world::{Desk, MONDAY, company, field_file};

/// What the walks met on this desk; nothing may have been asked of other hosts, and no script may have failed.
fn walked(desk: &Desk, walks: &[&str]) -> Option<Value> {
    browser()?;
    walked_at(&Served::new(desk).at, walks)
}

/// The same on a desk that is served already.
fn walked_at(at: &str, walks: &[&str]) -> Option<Value> {
    let (chromium, modules) = browser()?;
    let base = format!("http://{at}");
    let shots = std::env::var_os("RAPPORT_SHOTS").unwrap_or_else(|| "-".into());
    let mut args: Vec<&OsStr> = vec![chromium.as_os_str(), modules.as_os_str(), base.as_ref(), &shots];
    args.extend(walks.iter().map(OsStr::new));
    let said: Value = serde_json::from_str(node("walk.mjs", &args).trim()).unwrap();
    assert_eq!((&said["errors"], &said["foreign"]), (&json!([]), &json!([])));
    Some(said)
}

/// Members and activities, as other tools write them.
const ORBIT: &str = r#"{"activity":{"key":"1","thread":"t","activity_type":"question","title":"Which port?","description":"Which port does the relay use?","occurred_at":"2026-09-21T15:05:00Z","link":"https://forum.example.org/t/1"},"member":{"username":"ode","name":"Ode Lind","email":null}}
{"activity":{"key":"2","thread":"t","activity_type":"answer","title":"Which port?","description":"4100, unless the file says otherwise.","occurred_at":"2026-09-21T16:05:00Z","link":"https://forum.example.org/t/1#2"},"member":{"username":"pim","name":"Pim Aker","email":null}}
"#;

fn has(value: &Value, words: &str) -> bool {
    value.as_str().is_some_and(|text| text.contains(words))
}

#[test]
fn s01_an_export_is_dropped_and_who_waits_is_shown() {
    let desk = Desk::new();
    desk.text(&["init", "--yes"]);
    // A browser reads no path with `..` in it.
    let export = company().join("github/archive.json").canonicalize().unwrap();
    let Some(said) = walked(&desk, &[&format!("export={}", export.display())]) else { return };
    let said = &said["export"];
    assert!(has(&said["empty"], "Nothing is listened to yet") && has(&said["said"], "stored"), "{said}");
    let cards = said["cards"].as_array().unwrap();
    assert!(!cards.is_empty() && has(&said["thread"], cards[0].as_str().unwrap()), "{said}");
    assert!(has(&said["asked"], "https://"), "the post itself is a click away: {said}");
}

#[test]
fn s02_s09_s10_s11_s15_s16_s17_what_the_desk_shows_on_a_monday() {
    let desk = Desk::world();
    desk.text(&["docs", "add", company().join("../docs-search.csv").to_str().unwrap(), "--as-of", MONDAY]);
    let walks = ["monday", "docs", "digest", "late", "quarter", "focus", "line"];
    let Some(said) = walked(&desk, &walks) else { return };

    let monday = &said["monday"];
    assert_eq!(monday["cards"].as_array().unwrap().len(), 3, "{monday}");
    assert!(has(&monday["head"], "3 people wait in 2 sources"), "{monday}");
    assert!(monday["links"].as_array().unwrap().iter().all(|link| has(link, "https://")), "{monday}");
    assert!(has(&monday["why"][1], "a bot answered, no human"), "{monday}");

    let docs = &said["docs"];
    let gaps = desk.json(&["docs", "gaps", "--as-of", MONDAY]);
    let wanted: Vec<String> = gaps
        .as_array()
        .unwrap()
        .iter()
        .map(|gap| format!("{}. {}", gap["rank"], gap["about"].as_str().unwrap()))
        .collect();
    assert_eq!(docs["gaps"], json!(wanted));

    let digest = &said["digest"];
    assert!(has(&digest["head"], "week 2026-W39"), "{digest}");
    assert!(digest["links"].as_array().unwrap().len() > 5, "each sentence links its source: {digest}");

    let late = desk.json(&["metrics", "late", "--rows", "--as-of", MONDAY]);
    let shown = said["late"]["threads"].as_array().unwrap();
    let rows =
        late[0]["rows"].as_array().or_else(|| late["rows"].as_array()).or_else(|| late.as_array()).unwrap();
    assert_eq!(shown.len(), rows.len(), "the late list is complete: {late}");

    let quarter = &said["quarter"];
    assert_eq!(quarter["saved"], json!(["HTML", "Markdown", "JSON"]));
    for words in ["Needs met", "Feedback delivered", "From heard to told", "27 people asked for 31 things"] {
        assert!(has(&quarter["text"], words), "{words}: {quarter}");
    }

    let lists = said["focus"]["lists"].as_array().unwrap();
    assert_eq!(said["focus"]["heads"].as_array().unwrap().len(), 3);
    assert!(has(&lists[0], "webhooks-that-hold") && has(&lists[2], "Kotlin"), "{lists:?}");

    let line = &said["line"];
    for words in
        ["conflict of interest", "Would be starved", "Would go dark", "Instead", "Nothing was changed"]
    {
        assert!(has(&line["would"], words), "{words}: {line}");
    }
}

#[test]
fn s03_words_of_a_thread_become_evidence() {
    let desk = Desk::world();
    let words = "wrote a shell loop around the single resend";
    let Some(said) = walked(&desk, &[&format!("mark={words}")]) else { return };
    let mark = &said["mark"];
    for part in [words, "labelled 'enhancement'", "says 'resend'", "2026-06-02", "each author's own"] {
        assert!(has(&mark["marked"], part), "{part}: {mark}");
    }
    assert!(!has(&mark["marked"], "olu"), "nobody is named: {mark}");
    assert!(has(&mark["changed"], "friction (mara said so), scale (mara said so)"), "{mark}");
    assert_eq!(mark["link"], "https://github.com/tidewater-relay/relay/issues/14");
    let kept = &desk.json(&["evidence"])[0];
    assert_eq!((&kept["quote"], &kept["kind"]), (&json!(words), &json!("friction")));
    assert_eq!((&kept["stage"], &kept["kind_why"]), (&json!("scale"), &json!("mara said so")));
    let thread = mark["thread"].as_str().unwrap();
    assert_eq!(kept["thread"].to_string(), thread);
    let said = walked(&desk, &[&format!("unmark={thread}")]).unwrap();
    assert_eq!(said["unmark"]["left"], 0);
    assert_eq!(desk.json(&["evidence"]), json!([]));
}

#[test]
fn s08_a_friction_log_is_taken_in_and_compared() {
    let desk = Desk::world();
    let files =
        ["broken.md", "first-webhook-2026-06.md", "first-webhook-2026-09.md"].map(field_file).join("=");
    let Some(said) = walked(&desk, &[&format!("friction={files}")]) else { return };
    let friction = &said["friction"];
    assert!(!friction["begin"].as_str().unwrap().is_empty(), "an empty log to begin with: {friction}");
    assert!(has(&friction["refused"], "step 'Start without a time' has no time"), "{friction}");
    assert!(has(&friction["kept"], "Start without a time"), "nothing that was written is lost: {friction}");
    assert_eq!(friction["rows"].as_array().unwrap().len(), 2, "{friction}");
    assert!(friction["rows"].to_string().contains("47 min less than the last time"), "{friction}");
    for words in ["First success after 43 min", "I read the wrong one for ten minutes", "Mood: meh"] {
        assert!(has(&friction["log"], words), "{words}: {friction}");
    }
    assert_eq!(desk.json(&["friction", "list"])[1]["first_success_min"], 43);
    let bad = desk.json(&["evidence", "--origin", "friction-log"]);
    assert_eq!(bad.as_array().unwrap().len(), 5, "each bad step is evidence: {bad}");
    desk.is_well();
}

#[test]
fn s04_s05_s06_s07_from_a_topic_to_those_who_asked() {
    let desk = Desk::world();
    let file = desk.0.path().join("rapport.toml");
    let old = std::fs::read_to_string(&file).unwrap();
    let old = old.split("\n[deliver").next().unwrap();
    std::fs::write(&file, format!("{old}\n[deliver.product]\nfolder = \"briefs\"\n")).unwrap();
    let topics = desk.json(&["topics", "--as-of", MONDAY]);
    let label = topics[0]["label"].as_str().unwrap();
    // Another ask, for the receiver who has a link and no account.
    desk.text(&["feedback", "new", "--topic", "1", "--title", "Resume after v3", "--as-of", MONDAY]);
    desk.text(&["feedback", "deliver", "1", "--by-hand", "in the meeting", "--yes", "--as-of", MONDAY]);
    let link = desk.json(&["feedback", "link", "1", "--as-of", MONDAY])["link"].as_str().unwrap().to_owned();
    let walks = [format!("loop={label}"), format!("answer=/answer/{link}")];
    let Some(said) = walked(&desk, &[&walks[0], &walks[1]]) else { return };

    let way = &said["loop"];
    assert!(has(&way["counted"], "9 distinct people in 10 threads"), "{way}");
    for words in ["9 people", "In their words", "What they tried", "Ways around", "Not known", "Decide by"] {
        assert!(has(&way["brief"], words), "{words}: {way}");
    }
    for name in ["Farah", "olu-adeyemi", "Carmen", "@example"] {
        assert!(!has(&way["brief"], name), "{name}: {way}");
    }
    assert!(has(&way["plan"], "Nothing was sent"), "{way}");
    assert!(has(&way["delivered"], "delivered"), "{way}");
    assert_eq!(way["places"], 10, "each place where somebody asked: {way}");
    assert_eq!(way["closed"], "told");
    let shown = desk.json(&["feedback", "show", "2", "--as-of", MONDAY]);
    assert_eq!((&shown["state"], &shown["told"]), (&json!("told"), &shown["asked"]));
    assert_eq!(std::fs::read_dir(desk.0.path().join("briefs")).unwrap().count(), 1);

    let answer = &said["answer"];
    assert!(has(&answer["refused"], "a reason is required"), "{answer}");
    assert!(has(&answer["said"], "the signing service is being replaced"), "{answer}");
    let shown = desk.json(&["feedback", "show", "1", "--as-of", MONDAY]);
    assert_eq!(shown["state"], "declined");
}

#[test]
fn s20_notes_of_a_conference_go_in_and_the_talk_is_given() {
    let desk = Desk::world();
    let talk = ["talks", "propose", "Webhooks that survive a retry", "--event", "Harbour Dev Days"];
    desk.json(&[&talk[..], &["--on", "2026-09-17", "--as-of", "2026-06-01T00:00:00Z"]].concat());
    desk.json(&["talks", "move", "1", "accepted", "--as-of", "2026-07-01T00:00:00Z"]);
    let walk = ["conference", "event: E\ndate: last week\n- heard", &field_file("harbour-dev-days.txt")];
    let Some(said) = walked(&desk, &[&walk.join("=")]) else { return };
    let notes = &said["conference"];
    assert!(has(&notes["before"][0], "accepted") && has(&notes["talks"][0], "given"), "{notes}");
    assert!(has(&notes["refused"], "line 2") && has(&notes["kept"], "last week"), "{notes}");
    let rows = notes["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 9, "{notes}");
    assert!(has(&rows[0], "name") && has(&rows[0], "linnea, until 2026-10-02"), "{notes}");
    assert!(!notes["rows"].to_string().contains("Petersen"), "who said it is kept apart: {notes}");
    assert!(has(&notes["due"][0], "overdue"), "{notes}");
    assert_eq!(notes["due"].as_array().unwrap().len(), notes["left"].as_array().unwrap().len() + 1);
    for words in ["Trip report: Harbour Dev Days", "Webhooks that survive a retry", "piet follows up"] {
        assert!(has(&notes["report"], words), "{words}: {notes}");
    }
    // Outside the team nobody reads what may not be quoted; the file is what the page shows.
    let quoted = |report: &Value, note: &Value| has(report, note["text"].as_str().unwrap());
    let all = desk.json(&["notes", "list", "--as-of", MONDAY]);
    let secret: Vec<&Value> = all.as_array().unwrap().iter().filter(|n| n["consent"] == "none").collect();
    assert!(!secret.is_empty() && secret.iter().any(|note| quoted(&notes["report"], note)), "{notes}");
    assert!(!secret.iter().any(|note| quoted(&notes["outside"], note)), "{notes}");
    let outside = desk.text(&[
        "notes",
        "report",
        "Harbour Dev Days 2026",
        "--outside",
        "--format",
        "markdown",
        "--as-of",
        MONDAY,
    ]);
    assert_eq!(notes["file"], json!(["attachment; filename=\"trip-report-harbour-dev-days.md\"", outside]));
    assert_eq!(desk.json(&["talks", "--as-of", MONDAY])[0]["state"], "given");
    let kept = desk.json(&["evidence", "--origin", "field-note"]);
    assert_eq!(kept.as_array().unwrap().len(), 9);
    assert_eq!(desk.json(&["notes", "list", "--as-of", MONDAY])[1]["done_word"], "answered by mail");
    desk.is_well();
}

#[test]
fn s20_a_talk_is_sent_in_and_goes_on_state_by_state() {
    let desk = Desk::world();
    let Some(said) = walked(&desk, &["talk=Retries <b>that</b> end=Quay Conf"]) else { return };
    let talk = &said["talk"];
    assert!(has(&talk["none"], "No talk was sent in yet"), "{talk}");
    assert!(
        has(&talk["sent"][0], "proposed (1)") && has(&talk["sent"][0], "Retries <b>that</b> end"),
        "{talk}"
    );
    assert!(has(&talk["twice"], "has this title at this event") && talk["kept"] == "Retries <b>that</b> end");
    let open = talk["open"].to_string();
    assert!(
        open.contains("It is accepted") && open.contains("It is declined") && !open.contains("given"),
        "{talk}"
    );
    for words in ["accepted (1)", "the programme is full of queues", "It is given"] {
        assert!(has(&talk["accepted"][0], words), "{words}: {talk}");
    }
    let kept = &desk.json(&["talks", "--as-of", MONDAY])[0];
    assert_eq!((&kept["state"], &kept["event"]), (&json!("accepted"), &json!("Quay Conf")));
}

#[test]
fn s21_exports_are_read_and_everything_leaves_again() {
    let (desk, fresh) = (Desk::world(), Desk::new());
    let place = tempfile::TempDir::new().unwrap();
    let folder = place.path().join("out").display().to_string();
    let Some(said) = walked(&desk, &[&format!("leave={folder}")]) else { return };
    let left = &said["leave"];
    assert!(has(&left["said"], "activities.jsonl"), "{left}");
    fresh.text(&["init", "--yes"]);
    // A desk that was made keeps its own file; who is of the team and what is promised stands in it.
    let file = place.path().join("out/folder/rapport.toml");
    std::fs::copy(file, fresh.0.path().join("rapport.toml")).unwrap();
    let said = walked(&fresh, &[&format!("arrive={folder}")]).unwrap();
    let arrived = &said["arrive"];
    assert!(has(&arrived["empty"], "Nothing is listened to yet"), "{arrived}");
    for path in ["/", "/topics", "/gaps", "/people", "/metrics"] {
        assert_eq!(arrived["screens"][path], left["screens"][path], "{path}");
    }
    let needs = |desk: &Desk| desk.json(&["needs", "--all", "--as-of", MONDAY]);
    assert_eq!(needs(&desk), needs(&fresh));
    fresh.is_well();

    let orbit = Desk::new();
    orbit.text(&["init", "--yes"]);
    let file = place.path().join("activities.jsonl");
    std::fs::write(&file, ORBIT).unwrap();
    let said = walked(&orbit, &[&format!("members={}", file.display())]).unwrap();
    let members = &said["members"];
    assert!(has(&members["said"], "stored"), "{members}");
    assert!(members["people"].to_string().contains("Ode Lind"), "{members}");
    assert_eq!(messages(&orbit), 2);
    orbit.is_well();
}

#[test]
fn s22_a_source_that_breaks_says_so_rests_when_told_and_goes_on() {
    if browser().is_none() {
        return;
    }
    let (desk, server) = played(300, |stage: &mut Stage| {
        stage.quota = u64::MAX;
        stage.faults.insert(2, Fault::Pause(12));
    });
    desk.json(&["add", "--later", "github:tidewater/relay"]);
    let served = sender::Served::new(&desk, &[]);
    let said = walked_at(&served.at, &["source=github:tidewater/relay"]).unwrap();
    let source = &said["source"];
    assert!(has(&source["broken"], "GitHub: next try") && has(&source["broken"], "in ("), "{source}");
    assert!(has(&source["rests"], "mara said so"), "{source}");
    assert!(!has(&source["resumed"], "rests since"), "{source}");
    assert!(has(&source["whole"], "300"), "{source}");
    drop(served);
    let known = &desk.json(&["sources"])[0];
    assert_eq!((&known["paused"], &known["threads"]), (&Value::Null, &json!(300)), "{known}");
    assert_eq!(messages(&desk), standing(&server, "github"), "no gap, nothing twice");
    desk.is_well();
    none(&server);
}

#[test]
fn s19_an_application_is_judged_and_a_no_takes_two() {
    let desk = Desk::world();
    let Some(said) = walked(&desk, &["apply"]) else { return };
    let apply = &said["apply"];
    assert_eq!(apply["none"], "Nobody has applied");
    assert!(has(&apply["refused"], "is no duty with its share") && has(&apply["kept"], "Head of"), "{apply}");
    assert!(has(&apply["listed"][0], "recognised"), "a title decides nothing: {apply}");
    assert!(apply["clauses"].to_string().contains("does not hold: sole"), "{apply}");
    assert!(has(&apply["letter"], "software engineering 60 %"), "{apply}");
    assert!(has(&apply["said"], "needs-second"), "{apply}");
    let second = desk
        .command()
        .env("RAPPORT_USER", "jo")
        .args(["--json", "roster", "decide", "dana", "recognised"])
        .output()
        .unwrap();
    let second: Value = serde_json::from_slice(&second.stdout).unwrap();
    assert_eq!(second["standing"], "decided");
    for role in ["viewer", "sales", "product"] {
        let output = desk.command().args(["--role", role, "roster", "list"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{role} reads no applications");
    }
    let steward = desk.command().args(["--role", "steward", "roster", "list"]).output().unwrap();
    assert!(String::from_utf8_lossy(&steward.stdout).contains("dana"));
}

#[test]
fn s12_two_handles_are_said_to_be_one_person() {
    let desk = Desk::world();
    let before = desk.json(&["people", "suggest"]).as_array().unwrap().len();
    let Some(said) = walked(&desk, &["who"]) else { return };
    let who = &said["who"];
    assert!(has(&who["because"], "a name or a login alone links no account"), "{who}");
    assert_eq!(who["skipped"], true, "later is later, and says nothing");
    let after = desk.json(&["people", "suggest"]).as_array().unwrap().len();
    assert!(after < before, "{after} of {before}");
    assert_eq!(
        desk.json(&["people", "ledger"]).as_array().unwrap().iter().filter(|e| e["who"] == "mara").count(),
        1
    );
}

#[test]
fn s13_s14_s18_who_helps_is_honoured_and_what_somebody_asks_for_is_done() {
    let desk = Desk::world();
    let helped = desk.json(&["people", "recognise", "--as-of", MONDAY]);
    let helper = helped["helpers"].as_array().unwrap().iter().find(|one| one["kind"] == "community").unwrap();
    let first = helper["name"].as_str().unwrap().to_owned();
    let name = desk.json(&["people", "--named", "Carmen", "--as-of", MONDAY])[0]["name"]
        .as_str()
        .unwrap()
        .to_owned();
    let Some(said) = walked(&desk, &[&format!("honour={first}"), &format!("letter={name}")]) else { return };
    let honour = &said["honour"];
    assert!(has(&honour["helped"], "helped others") && has(&honour["champions"], "1 champion"), "{honour}");
    assert!(honour["pieces"].as_u64().unwrap() > 0, "each way of helping opens what was done: {honour}");
    let term = &desk.json(&["champions", "--as-of", MONDAY])[0];
    assert_eq!((&term["name"], &term["because"]), (&json!(first), &json!("Answers that stay")));

    let letter = &said["letter"];
    assert!(has(&letter["refused"], "yes"), "{letter}");
    assert_ne!(letter["refused"], letter["granted"], "{letter}");
    assert!(has(&letter["recorded"], "Introduced to others: yes"), "{letter}");
    assert!(has(&letter["plan"], "Nothing is changed yet") && has(&letter["gone"], "forgotten-"), "{letter}");
    assert!(!has(&letter["gone"], &name), "{letter}");
    assert_eq!(desk.json(&["people", "--named", &name, "--as-of", MONDAY]), json!([]));
    desk.is_well();
}

#[test]
fn s18_a_salesperson_sees_topics_and_asks_for_an_introduction() {
    if browser().is_none() {
        return;
    }
    let desk = Desk::world();
    let mut add = desk.command();
    add.args(["account", "add", "sam", "--as", "sales"]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut add = add.spawn().unwrap();
    add.stdin.take().unwrap().write_all(b"a few words in a row\n").unwrap();
    assert!(add.wait().unwrap().success());
    let (served, _) = Served::with(&desk, &["--public-url", "http://127.0.0.1"]);
    let said = walked_at(&served.at, &["sales=sam=a few words in a row=inesq"]).unwrap();
    let sales = &said["sales"];
    assert!(has(&sales["who"], "sam, sales"), "{sales}");
    for page in ["Today", "People", "Sources", "Settings", "Feedback"] {
        assert!(!sales["menu"].as_array().unwrap().contains(&json!(page)), "{page}: {sales}");
    }
    let topics = desk.json(&["topics", "--as-of", MONDAY]);
    let label = topics[0]["label"].as_str().unwrap();
    assert!(has(&sales["topics"][0], label) && has(&sales["topic"], label), "{sales}");
    let names =
        desk.json(&["sql", "SELECT name FROM people WHERE member <> 'bot' AND instr(trim(name), ' ') > 0"]);
    let names: Vec<&str> = names.as_array().unwrap().iter().map(|n| n["name"].as_str().unwrap()).collect();
    assert!(names.len() > 20);
    let seen = [&sales["topics"], &sales["topic"], &sales["closed"], &sales["page"]].map(Value::to_string);
    for text in &seen {
        assert!(!text.contains("person-") && !text.contains("https://"), "{text}");
        assert!(names.iter().all(|name| !text.contains(name)), "{text}");
    }
    for open in sales["open"].as_array().unwrap() {
        assert_eq!(open[1], 200, "{open}");
    }
    assert_eq!(sales["open"].as_array().unwrap().last().unwrap()[2], "/topics", "where they begin");
    for closed in sales["closed"].as_array().unwrap() {
        assert_ne!(closed[1], 200, "{closed}");
    }
    assert!(has(&sales["said"], "yes"), "no introduction without a yes: {sales}");
    let asked = desk.json(&["introduce"]);
    assert_eq!((&asked[0]["who"], &asked[0]["role"]), (&json!("sam"), &json!("sales")));
    assert_eq!((&asked[0]["towards"], &asked[0]["granted"]), (&json!("Sam, sales"), &json!(false)));
}
