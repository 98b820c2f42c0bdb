//! s17: a line under sales is modelled: a conflict with its clause, what it starves, what goes dark, an alternative. And the
//! organisation's file, as people get it wrong.

use serde_json::{Value, json};

use crate::world::{Desk, MONDAY};

/// Runs it; the exit code and what was answered.
fn run(desk: &Desk, args: &[&str]) -> (i32, Value) {
    let mut all = vec!["--json", "--as-of", MONDAY];
    all.extend(args);
    let output = desk.run(&all);
    let code = output.status.code().unwrap();
    assert!(code < 2, "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    (code, serde_json::from_slice(&output.stdout).unwrap())
}

fn codes(answer: &Value) -> Vec<&str> {
    answer["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect()
}

fn write(desk: &Desk, name: &str, text: &str) {
    std::fs::write(desk.0.path().join(name), text).unwrap();
}

fn org(desk: &Desk) -> String {
    std::fs::read_to_string(desk.0.path().join("org.toml")).unwrap()
}

#[test]
fn a_line_under_sales_is_a_conflict_with_its_price() {
    let desk = Desk::world();
    for args in [
        vec!["org", "what-if", "line of piet to sales"],
        vec!["org", "what-if", "line", "of", "devrel", "to", "sales"],
        vec!["org", "what-if", "--line", "piet=sales"],
    ] {
        let (code, told) = run(&desk, &args);
        assert_eq!(code, 1, "{told:#}");
        assert_eq!(told["conflict"], true);
        let conflict = &told["found"][0];
        assert_eq!(conflict["code"], "ORG103", "the conflict comes first: {told:#}");
        assert!(conflict["clause"].as_str().unwrap().contains("reporting there is a conflict of interest"));
        let names = |list: &str| -> Vec<String> {
            let all = told[list].as_array().unwrap().iter();
            all.map(|d| d["department"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names("starves")[0], "growth", "whose line it was loses most: {told:#}");
        assert_eq!(names("starves").len(), 3);
        for starved in told["starves"].as_array().unwrap() {
            assert!(starved["after"].as_f64().unwrap() < starved["before"].as_f64().unwrap(), "{starved}");
        }
        let waiting: u64 =
            told["starves"].as_array().unwrap().iter().map(|s| s["waiting"].as_u64().unwrap()).sum();
        assert!(waiting > 0, "people wait for these departments: {told:#}");
        assert_eq!(names("dark"), ["product", "growth", "engineering"]);
        assert!(told["dark"][0]["because"].as_str().unwrap().contains("Growth carries it"));
        let instead = &told["alternatives"][0];
        assert!(
            instead["says"].as_str().unwrap().contains("keep the line to Growth, and speak with Sales"),
            "{told:#}"
        );
        assert_eq!(instead["findings"], 0);
        assert!(told["alternatives"][1]["lines"][0].as_str().unwrap().starts_with("piet="), "{told:#}");
    }
    assert_eq!(run(&desk, &["org", "check"]).0, 0, "nothing was changed");
}

#[test]
fn other_lines_are_told_apart() {
    let desk = Desk::world();
    let (code, told) = run(&desk, &["org", "what-if", "noor to business development"]);
    assert_eq!((code, &told["conflict"]), (1, &Value::Bool(true)), "a department that is not declared yet");
    let (code, told) = run(&desk, &["org", "what-if", "noor to CEO"]);
    assert_eq!((code, &told["conflict"]), (1, &Value::Bool(false)));
    assert!(
        told["found"].as_array().unwrap().iter().any(|f| f["code"] == "ORG104"),
        "outside, no conflict: {told:#}"
    );
    let (code, told) = run(&desk, &["org", "what-if", "linnea to sales"]);
    assert_eq!(code, 0, "an engineer who does some of it is no practitioner: {told:#}");
    for (args, word) in [
        (vec!["noor to prodcut"], "there is no department 'prodcut'"),
        (vec!["nora to sales"], "there is nobody called 'nora'"),
        (vec!["more coffee"], "names no line"),
        (vec![], "what would be otherwise?"),
        (vec!["--file", "nowhere.toml"], "no such file"),
    ] {
        let mut all = vec!["org", "what-if"];
        all.extend(args);
        let output = desk.run(&all);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn another_file_is_compared_and_not_kept() {
    let desk = Desk::world();
    let other = org(&desk).replace("reports-to = \"growth\"", "reports-to = \"sales\"");
    write(&desk, "next-year.toml", &other);
    let file = desk.0.path().join("next-year.toml");
    let (code, told) = run(&desk, &["org", "what-if", "--file", file.to_str().unwrap()]);
    assert_eq!((code, &told["conflict"]), (1, &Value::Bool(true)));
    let (code, checked) = run(&desk, &["org", "check", file.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(codes(&checked).contains(&"ORG103") && checked["in_force"].is_null(), "{checked:#}");
    write(&desk, "broken.toml", "[employer\n");
    let broken = desk.0.path().join("broken.toml");
    let output = desk.run(&["org", "what-if", "--file", broken.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("org check"));
}

#[test]
fn typos_are_told_at_once_and_the_old_organisation_stays_in_force() {
    let desk = Desk::world();
    let (code, checked) = run(&desk, &["org", "check"]);
    assert_eq!((code, &checked["in_force"]), (0, &Value::String("file".to_owned())), "{checked:#}");
    let good = org(&desk);
    let before = run(&desk, &["org", "show"]).1;
    let broken = good
        .replace("owner = \"Ida Holm\"", "ownr = \"Ida Holm\"")
        .replace("hours = 40", "hours = \"forty\"")
        .replace("with = \"engineering\"", "with = \"enginering\"")
        .replace("weight = 3", "weight = 300")
        .replace("text = \"A first client for Kotlin and Android\"", "text = \"A first client for Kotlin");
    write(&desk, "org.toml", &broken);
    let (code, checked) = run(&desk, &["org", "check"]);
    assert_eq!(code, 1);
    let found = codes(&checked);
    for code in ["ORG001", "ORG002", "ORG003", "ORG006", "ORG020"] {
        assert!(found.contains(&code), "{code} is missing from {found:?}");
    }
    assert_eq!(found.iter().filter(|c| **c == "ORG003").count(), 3, "each of three: {found:?}");
    for finding in checked["findings"].as_array().unwrap() {
        let (line, column) =
            (finding["at"]["line"].as_u64().unwrap(), finding["at"]["column"].as_u64().unwrap());
        assert!(line >= 1 && column >= 1 && !finding["fix"].as_str().unwrap().is_empty(), "{finding}");
    }
    let line = broken.lines().position(|l| l.starts_with("ownr")).unwrap() + 1;
    let unknown = checked["findings"].as_array().unwrap().iter().find(|f| f["code"] == "ORG002").unwrap();
    assert_eq!(
        (unknown["at"]["line"].as_u64(), unknown["fix"].as_str()),
        (Some(line as u64), Some("did you mean owner?"))
    );
    assert_eq!(checked["in_force"]["kept"], MONDAY, "{checked:#}");
    let text = String::from_utf8(desk.run(&["org", "check", "--as-of", MONDAY]).stdout).unwrap();
    assert!(
        text.contains(&format!("org.toml:{line}:1")) && text.contains("last good copy, of Mon 2026-09-28"),
        "{text}"
    );
    // All else goes on with the old one, and says so.
    let after = run(&desk, &["org", "show"]).1;
    assert_eq!(before["departments"], after["departments"]);
    assert_eq!(before["people"], after["people"]);
    let focus = desk.text(&["focus", "--as-of", MONDAY]);
    assert!(focus.contains("has mistakes; the organisation of Mon 2026-09-28"), "{focus}");
    write(&desk, "org.toml", &good);
    assert_eq!(run(&desk, &["org", "check"]).1["in_force"], "file");
}

#[test]
fn what_people_get_wrong_has_its_code() {
    let desk = Desk::world();
    let good = org(&desk);
    for (from, to, code) in [
        ("id = \"noor\"", "id = \"piet\"", "ORG008"),
        ("reports-to = \"growth\"", "reports-to = \"noor\"", "ORG023"),
        ("reports-to = \"growth\"", "reports-to = [\"growth\", \"product\"]", "ORG102"),
        ("reports-to = \"growth\"\n", "", "ORG101"),
        ("id = \"growth\"", "id = \"Growth Team\"", "ORG005"),
        ("last-spoke = 2026-09-17", "last-spoke = \"2026-13-17\"", "ORG007"),
        ("last-spoke = 2026-09-17", "last-spoke = 2026-02-17", "ORG106"),
        ("name = \"Noor Haddad\"", "name = \"Noor\\u202Eddah\"", "ORG009"),
        ("kept-by = \"noor\"", "kept-by = \"nora\"", "ORG021"),
        ("areas = [\"webhooks\"]", "areas = [\"web-hooks\"]", "ORG022"),
        ("functions = { devrel-leadership = 0.6,", "functions = { devrel-leadership = 0.9,", "ORG024"),
        ("counts-as = \"marketing\"\n", "", "ORG104"),
        ("[employer]", "employer = 7\n[emploier]", "ORG003"),
    ] {
        assert!(good.contains(from), "{from}");
        write(&desk, "org.toml", &good.replacen(from, to, 1));
        let (exit, checked) = run(&desk, &["org", "check"]);
        assert!(exit == 1 && codes(&checked).contains(&code), "{code} for {to}: {checked:#}");
    }
    write(&desk, "org.toml", "\u{0}\u{1b}[2J = [[[");
    assert_eq!(run(&desk, &["org", "check"]).0, 1);
    std::fs::write(desk.0.path().join("org.toml"), b"[employer]\nname = \"\xff\"\n").unwrap();
    let output = desk.run(&["org", "check"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not UTF-8 from byte 19"));
}

#[test]
fn the_chart_shows_lines_interfaces_and_the_lean() {
    let desk = Desk::world();
    let (_, chart) = run(&desk, &["org", "show"]);
    let people = chart["people"].as_array().unwrap();
    let of = |id: &str| people.iter().find(|p| p["id"] == id).unwrap();
    assert_eq!(of("noor")["verdict"], "practitioner");
    assert_eq!(of("noor")["ends"], serde_json::json!(["growth"]), "through piet");
    assert_eq!(of("linnea")["verdict"], "recognised", "an engineer who does some of it is not counted");
    let lean = chart["lean"].as_array().unwrap();
    let sum = |key: &str| lean.iter().filter_map(|s| s[key].as_f64()).sum::<f64>();
    assert!((sum("share") - 1.0).abs() < 0.01 && (sum("expected") - 1.0).abs() < 0.01, "{lean:?}");
    assert!(lean.iter().filter(|s| s["share"].as_f64().unwrap_or(0.0) > 0.0).count() >= 2, "never exclusive");
    let pieces: u64 = chart["pieces"].as_array().unwrap().iter().map(|p| p["count"].as_u64().unwrap()).sum();
    assert!(chart["lean_basis"].as_str().unwrap().contains(&pieces.to_string()), "{chart:#}");
    let text = desk.text(&["org", "show", "--as-of", MONDAY]);
    for word in [
        "\u{2514} Noor Haddad",
        "<-> Linnea Bj\u{f6}rk",
        "counts as marketing",
        "For whom the work is",
        "expected 50 %",
    ] {
        assert!(text.contains(word), "{word} in {text}");
    }
    // The kind of employer changes nothing about anybody.
    let kinds = |desk: &Desk| run(desk, &["org", "check"]).1["findings"].clone();
    let usual = kinds(&desk);
    for kind in ["language", "ecosystem", "cosmetics"] {
        write(&desk, "org.toml", &world_org().replace("kind = \"saas\"", &format!("kind = \"{kind}\"")));
        let found = kinds(&desk);
        let about_lines = |v: &Value| -> Vec<Value> {
            v.as_array().unwrap().iter().filter(|f| f["code"] != "ORG109").cloned().collect()
        };
        assert_eq!(about_lines(&found), about_lines(&usual), "{kind}");
    }
}

#[test]
fn a_folder_without_an_organisation_says_how_to_begin() {
    let desk = Desk::new();
    let output = desk.run(&["org", "check"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("org example"), "{said}");
    let example = desk.text(&["org", "example"]);
    write(&desk, "org.toml", &example);
    let (code, checked) = run(&desk, &["org", "check"]);
    assert_eq!((code, codes(&checked)), (0, vec![]), "{checked:#}");
}

#[test]
fn a_kind_of_employer_is_a_file_that_anybody_can_write() {
    let desk = Desk::world();
    let (_, kinds) = run(&desk, &["org", "kinds"]);
    assert_eq!(kinds.as_array().unwrap().len(), 6);
    let own = desk
        .text(&["org", "kinds", "saas"])
        .replace("kind = \"saas\"", "kind = \"choir\"")
        .replace("[[areas]]\nid = \"authentication\"", "[[areas]]\nid = \"altos\"");
    std::fs::create_dir(desk.0.path().join("presets")).unwrap();
    write(&desk, "presets/choir.toml", &own);
    let text =
        org(&desk).replace("kind = \"saas\"", "kind = \"choir\"").replace("[\"webhooks\"]", "[\"altos\"]");
    write(&desk, "org.toml", &text);
    let (code, checked) = run(&desk, &["org", "check"]);
    assert_eq!(code, 0, "its areas need not be declared again: {checked:#}");
    assert_eq!(run(&desk, &["org", "kinds"]).1[0]["own"], true);
    write(&desk, "presets/choir.toml", "kind = 7\n");
    let output = desk.run(&["org", "show"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("choir.toml") && said.contains("line 1"), "{said}");
}

#[test]
fn the_copies_travel_with_an_export() {
    let desk = Desk::world();
    run(&desk, &["org", "check"]);
    let out = tempfile::TempDir::new().unwrap();
    let place = out.path().join("all");
    desk.text(&["export", place.to_str().unwrap()]);
    let fresh = Desk::new();
    fresh.text(&["import", place.to_str().unwrap()]);
    write(&fresh, "org.toml", "[employer\n");
    assert_eq!(run(&fresh, &["org", "check"]).1["in_force"]["kept"], MONDAY);
    fresh.is_well();
}

fn world_org() -> String {
    std::fs::read_to_string(crate::world::company().join("../org.toml")).unwrap()
}

#[test]
fn of_many_that_wait_some_are_listed_and_all_are_counted() {
    let desk = Desk(tempfile::tempdir().unwrap());
    let row = |n: u32| {
        json!({ "id": n, "at": format!("2026-09-24T{:02}:{:02}:00Z", 8 + n / 60, n % 60), "thread": n, "person_id": n, "act": "opened",
            "kind": "question", "title": format!("How do I turn lamp {n} on?"), "text": format!("Lamp {n} stays dark, pier {}.", n * 7) })
        .to_string()
    };
    let rows = desk.0.path().join("asked.jsonl");
    std::fs::write(&rows, (0..40).map(row).collect::<Vec<_>>().join("\n")).unwrap();
    desk.json(&["--as-of", MONDAY, "add", rows.to_str().unwrap(), "--name", "pier"]);
    let shown = desk.json(&["--as-of", MONDAY, "org", "show"]);
    let all = shown["departments"].as_array().unwrap();
    let most = all.iter().max_by_key(|d| d["waiting_in"].as_u64()).unwrap();
    let listed = most["waiting_threads"].as_array().unwrap().len();
    assert_eq!((most["waiting_in"].as_u64(), listed), (Some(40), 30), "{most}");
}
