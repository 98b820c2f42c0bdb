//! s18: a salesperson wants the developers who complained. Counts and topics, never people; an introduction only after
//! the person's yes; and whoever sits outside DevRel sees pseudonyms, in every verb.

use serde_json::{Value, json};

use crate::world::{Desk, MONDAY};

fn as_role(desk: &Desk, role: &str, args: &[&str]) -> std::process::Output {
    desk.command().args(["--role", role]).args(args).output().unwrap()
}

fn says(desk: &Desk, role: &str, args: &[&str]) -> String {
    let output = as_role(desk, role, args);
    assert!(output.status.success(), "{role} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Names, logins and addresses of every person that can be told from everyday words.
fn everybody(desk: &Desk) -> Vec<String> {
    let all = desk.json(&["sql", "SELECT name, email, handle FROM people WHERE member <> 'bot'"]);
    let mut names = Vec::new();
    for row in all.as_array().unwrap() {
        names.extend(row["name"].as_str().filter(|name| name.contains(' ')).map(str::to_lowercase));
        names.extend(row["email"].as_str().map(str::to_lowercase));
        names.extend(
            row["handle"]
                .as_str()
                .filter(|h| h.len() > 5 && h.contains(['-', '_', '.']))
                .map(str::to_lowercase),
        );
    }
    names.sort();
    names.dedup();
    assert!(names.len() > 60, "{}", names.len());
    names
}

#[test]
fn sales_sees_counts_and_topics_never_people() {
    let desk = Desk::world();
    let names = everybody(&desk);
    for verb in
        ["needs", "thread", "search", "sql", "export", "report", "check", "forget", "sources", "consent"]
    {
        let args: &[&str] = match verb {
            "thread" => &["thread", "1"],
            "search" => &["search", "webhook"],
            "sql" => &["sql", "SELECT 1"],
            "export" => &["export", "out"],
            "forget" | "consent" => &["forget", "inesq"],
            other => &[other],
        };
        let output = as_role(&desk, "sales", args);
        assert_eq!(output.status.code(), Some(1), "{verb}");
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(why.contains("not for the role sales") && why.contains("next:"), "{verb}: {why}");
    }
    for args in [
        &["topics", "--as-of", MONDAY][..],
        &["trends", "--as-of", MONDAY],
        &["gaps", "--as-of", MONDAY],
        &["metrics", "--as-of", MONDAY],
        &["metrics", "late", "--as-of", MONDAY],
        &["metrics", "absence-factor", "--rows", "--as-of", MONDAY],
        &["topics", "--of", "1", "--as-of", MONDAY],
    ] {
        for json in [false, true] {
            let mut all = args.to_vec();
            all.extend(json.then_some("--json"));
            let text = says(&desk, "sales", &all).to_lowercase();
            assert!(
                !text.contains("http") && !text.contains('@') && !text.contains("person-"),
                "{all:?}: {text}"
            );
            for name in &names {
                assert!(!text.contains(name), "{all:?} tells {name}");
            }
        }
    }
    let topics: Value =
        serde_json::from_str(&says(&desk, "sales", &["--json", "topics", "--as-of", MONDAY])).unwrap();
    assert!(topics[0]["people"].as_u64().unwrap() > 0 && topics[0]["label"].is_string());
    assert!(topics[0].get("evidence").is_none() && topics[0].get("example").is_none());
    assert_eq!(as_role(&desk, "sales", &["topics", "rename", "1", "x"]).status.code(), Some(1));
}

#[test]
fn an_introduction_needs_the_persons_yes_and_is_logged_whatever_comes() {
    let desk = Desk::world();
    let ask = |name: &str| {
        let output = as_role(
            &desk,
            "sales",
            &["--json", "introduce", name, "--for", "Sam, sales", "--about", "a pilot"],
        );
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), said)
    };
    let (code, known) = ask("inesq");
    let (_, unknown) = ask("Nobody Atall");
    assert_eq!((code, &known["granted"]), (Some(1), &json!(false)));
    assert_eq!(known["says"], unknown["says"], "the answer tells nobody who is here");
    desk.text(&["consent", "inesq", "--introduce", "yes", "--note", "asked in the call"]);
    let (code, granted) = ask("inesq");
    assert_eq!((code, &granted["granted"]), (Some(0), &json!(true)));
    let requests = desk.json(&["introduce"]);
    assert_eq!(requests.as_array().unwrap().len(), 3);
    assert_eq!((&requests[0]["role"], &requests[0]["towards"]), (&json!("sales"), &json!("Sam, sales")));
    let audit = desk.json(&["sql", "SELECT what FROM audit WHERE verb = 'introduce'"]);
    assert_eq!(audit.as_array().unwrap().len(), 3);
    assert!(!as_role(&desk, "sales", &["introduce"]).status.success(), "the list is DevRel's");
}

#[test]
fn outside_devrel_everybody_goes_by_a_pseudonym_that_stays() {
    let desk = Desk::world();
    let names = everybody(&desk);
    let threads = desk.json(&["sql", "SELECT id FROM threads ORDER BY id"]);
    let numbers: Vec<String> = threads.as_array().unwrap().iter().map(|t| t["id"].to_string()).collect();
    let mut screens: Vec<Vec<&str>> = vec![
        vec!["needs", "--all", "--as-of", MONDAY],
        vec!["sources"],
        vec!["report", "--period", "2026-Q3", "--as-of", MONDAY],
        vec!["topics", "--as-of", MONDAY],
        vec!["gaps", "--as-of", MONDAY],
        vec!["trends", "--as-of", MONDAY],
        vec!["metrics", "--as-of", MONDAY],
        vec!["metrics", "absence-factor", "--rows", "--as-of", MONDAY],
        vec!["search", "webhook", "--top", "100"],
    ];
    screens.extend(numbers.iter().map(|number| vec!["thread", number.as_str()]));
    let mut seen = 0;
    for args in &screens {
        for json in [false, true] {
            let mut all = args.clone();
            all.extend(json.then_some("--json"));
            let text = says(&desk, "product", &all);
            seen += usize::from(text.contains("person-"));
            let lower = text.to_lowercase();
            for name in &names {
                assert!(!lower.contains(name.as_str()), "{all:?} tells {name}:\n{text}");
            }
            assert_eq!(text, says(&desk, "product", &all), "the same each time");
        }
    }
    assert!(seen > 60, "pseudonyms stand in {seen} screens");
    // Nobody is found by a name that is hidden, and the folder's own tables are not open.
    let output = as_role(&desk, "viewer", &["search", "ines quandt"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("by pseudonym"));
    assert_eq!(as_role(&desk, "marketing", &["sql", "SELECT * FROM people"]).status.code(), Some(1));
    assert_eq!(as_role(&desk, "steward", &["export-person", "inesq"]).status.code(), Some(1));
    assert_eq!(as_role(&desk, "nobody", &["needs"]).status.code(), Some(2));
}
