//! s19: on call for admissions. The cases behave as written; each decision quotes its clauses, an open one asks the one
//! question, a refusal takes two people, and a changed definition lists who would flip and changes nobody.

use std::io::Write;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::world::{Desk, MONDAY};

/// The cases, as they were given; an invented 11 of them are applications here.
fn cases() -> Vec<Value> {
    let text = include_str!("../../../practice/tests/roster/vectors.jsonl");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn lines(cases: &[Value]) -> String {
    cases
        .iter()
        .map(|c| serde_json::json!({"id": c["id"], "person": c["person"]}).to_string() + "\n")
        .collect()
}

/// Runs it as somebody, with something coming in.
fn run(desk: &Desk, who: &str, args: &[&str], input: &str) -> Output {
    let mut command = desk.command();
    command.env("RAPPORT_USER", who).args(["--json", "--as-of", MONDAY]).args(args);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let hand = std::thread::spawn(move || {
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    hand.join().unwrap();
    output
}

fn ok(desk: &Desk, who: &str, args: &[&str]) -> Value {
    let output = run(desk, who, args, "");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn refused(desk: &Desk, who: &str, args: &[&str], word: &str) {
    let output = run(desk, who, args, "");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
    assert!(said.contains(word), "{args:?}: {said}");
}

/// Eleven applications, kept.
fn office() -> Desk {
    let desk = Desk::new();
    let output = run(&desk, "mara", &["roster", "apply"], &lines(&cases()[..11]));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    desk
}

#[test]
fn the_cases_behave_as_written() {
    let desk = Desk::new();
    let cases = cases();
    let judged = run(&desk, "mara", &["roster", "judge"], &lines(&cases));
    assert!(judged.status.success());
    let answers: Vec<Value> =
        String::from_utf8(judged.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(answers.len(), 15);
    for (case, answer) in cases.iter().zip(&answers) {
        let (id, expect) = (&case["id"], &case["expect"]);
        assert_eq!(&answer["id"], id);
        for (field, wanted) in expect.as_object().unwrap() {
            match field.as_str() {
                "question" => assert_eq!(answer["question"].is_string(), wanted.as_bool().unwrap(), "{id}"),
                "says_what_would_change_it" => {
                    assert!(!answer["what_would_change_it"].as_array().unwrap().is_empty(), "{id}");
                }
                "note" => {
                    assert!(answer["note"].as_str().unwrap().contains(wanted.as_str().unwrap()), "{answer}");
                }
                other => assert_eq!(&answer[other], wanted, "{id}: {other}"),
            }
        }
        for clause in answer["clauses"].as_array().unwrap() {
            assert!(!clause["words"].as_str().unwrap().is_empty(), "{id} quotes its clauses");
        }
        assert_eq!(
            answer["verdict"] == "open",
            answer["question"].is_string(),
            "{id}: one question when open"
        );
        assert!(answer["letter"].as_str().unwrap().starts_with("Hello"), "{id}");
    }
    let again = run(&desk, "jo", &["roster", "judge"], &lines(&cases));
    let first = run(&desk, "mara", &["roster", "judge"], &lines(&cases));
    assert_eq!(again.stdout, first.stdout, "the same application, the same verdict");
    if let Some(shared) = crate::world::shared() {
        let given = std::fs::read_to_string(shared.join("roster/vectors.jsonl")).unwrap();
        assert_eq!(given.trim(), include_str!("../../../practice/tests/roster/vectors.jsonl").trim());
    }
}

#[test]
fn a_yes_takes_one_word_and_a_refusal_two() {
    let desk = office();
    let list = ok(&desk, "mara", &["roster", "list"]);
    assert_eq!(list.as_array().unwrap().len(), 11);
    assert!(
        list.as_array().unwrap().iter().all(|r| r["standing"] == "undecided"),
        "nothing is decided by itself"
    );
    assert_eq!(ok(&desk, "mara", &["roster", "decide", "V1", "practitioner"])["standing"], "decided");
    let first = ok(&desk, "mara", &["roster", "decide", "V3", "recognised"]);
    assert_eq!((&first["standing"], &first["by"]), (&"needs-second".into(), &"mara".into()));
    let letter = ok(&desk, "mara", &["roster", "letter", "V3"]);
    assert_eq!(letter["may_be_sent"], false, "one word is not enough: {letter}");
    assert!(letter["letter"].as_str().unwrap().contains("as the only job"), "it quotes the clause: {letter}");
    refused(&desk, "Mara ", &["roster", "decide", "V3", "recognised"], "needs a second person's word");
    let second = ok(&desk, "jo", &["roster", "decide", "V3", "recognised"]);
    assert_eq!((&second["standing"], &second["decided"]), (&"decided".into(), &"recognised".into()));
    assert_eq!(ok(&desk, "mara", &["roster", "letter", "V3"])["may_be_sent"], true);
    // An open one is asked; the question may go out, and decides nothing.
    let asked = ok(&desk, "mara", &["roster", "decide", "V5", "open"]);
    assert_eq!(asked["standing"], "asked");
    let letter = ok(&desk, "mara", &["roster", "letter", "V5"]);
    assert_eq!(letter["may_be_sent"], true);
    assert_eq!(letter["letter"].as_str().unwrap().matches('?').count(), 1, "one question: {letter}");
    // Two people who do not agree decide nothing.
    ok(&desk, "mara", &["roster", "decide", "V2", "recognised"]);
    let split =
        ok(&desk, "jo", &["roster", "decide", "V2", "practitioner", "--because", "the duties were mistyped"]);
    assert_eq!(split["standing"], "disagreed");
    // Nobody decides about themselves, or against the definition without a reason.
    refused(
        &desk,
        "v4",
        &["roster", "decide", "V4", "practitioner", "--because", "me"],
        "nobody decides about themselves",
    );
    refused(&desk, "mara", &["roster", "decide", "V4", "practitioner"], "says why");
    let audit =
        desk.json(&["sql", "SELECT who, verb, what FROM audit WHERE verb LIKE 'roster decide%' ORDER BY id"]);
    let audit: Vec<String> = audit
        .as_array()
        .unwrap()
        .iter()
        .map(|a| format!("{} {} {}", a["who"], a["verb"], a["what"]))
        .collect();
    assert_eq!(audit.len(), 6, "each word, and no refused one: {audit:?}");
    assert!(
        audit[1].contains("mara") && audit[1].contains("recognised") && audit[1].contains("application 3")
    );
}

#[test]
fn a_changed_definition_lists_who_would_flip_and_changes_nobody() {
    let desk = Desk::new();
    run(&desk, "mara", &["roster", "apply"], &lines(&cases()));
    ok(&desk, "mara", &["roster", "decide", "V13", "recognised"]);
    ok(&desk, "jo", &["roster", "decide", "V13", "recognised"]);
    let before = ok(&desk, "mara", &["roster", "list"]);
    let ours = include_str!("../../../practice/definitions/devrel-1.toml");
    let two = ours
        .replace("from = 32\nsurely_below = 25", "from = 18\nsurely_below = 15")
        .replace("version = 1", "version = 2");
    std::fs::write(desk.0.path().join("devrel-2.toml"), &two).unwrap();
    std::fs::write(desk.0.path().join("rapport.toml"), "[roster]\ndefinitions = [\"devrel-2.toml\"]\n")
        .unwrap();
    let known = ok(&desk, "mara", &["roster", "definitions"]);
    let labels: Vec<&str> =
        known.as_array().unwrap().iter().map(|k| k["definition"].as_str().unwrap()).collect();
    assert_eq!(labels, ["devrel/1", "devrel/2"]);
    let flips = ok(&desk, "mara", &["roster", "flips", "--to", "devrel/2"]);
    let found = flips["flips"].as_array().unwrap();
    assert_eq!(found.len(), 1, "{flips:#}");
    assert_eq!(
        (&found[0]["id"], &found[0]["before"], &found[0]["after"], &found[0]["clause_before"]),
        (&"V13".into(), &"recognised".into(), &"practitioner".into(), &"full-time".into())
    );
    assert_eq!(found[0]["stands"]["standing"], "decided");
    assert_eq!(ok(&desk, "mara", &["roster", "list"]), before, "nobody was changed");
    // In force, it judges; what was decided stays decided until a person says otherwise.
    std::fs::write(desk.0.path().join("rapport.toml"), "[roster]\ndefinition = \"devrel-2.toml\"\n").unwrap();
    let shown = ok(&desk, "mara", &["roster", "show", "V13"]);
    assert_eq!((&shown["verdict"], &shown["standing"]), (&"practitioner".into(), &"decided".into()));
    assert_eq!(
        (&shown["decided"], &shown["words"][0]["definition"]),
        (&"recognised".into(), &"devrel/1".into())
    );
    let output = run(&desk, "mara", &["roster", "flips", "--to", "devrel/9"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("devrel/2, devrel/1"));
}

#[test]
fn a_function_or_a_kind_of_employer_that_nobody_listed_is_no_reason() {
    let desk = Desk::new();
    for (n, kind) in ["cosmetics", "choir", "", "\u{5d0}"].iter().enumerate() {
        for case in cases() {
            let mut person = case["person"].clone();
            let verdict = |person: &Value| {
                let line = serde_json::json!({"id": n, "person": person}).to_string();
                let out = run(&desk, "mara", &["roster", "judge"], &line).stdout;
                serde_json::from_slice::<Value>(&out).unwrap()["verdict"].clone()
            };
            let before = verdict(&person);
            person["employer_kind"] = (*kind).into();
            assert_eq!(verdict(&person), before, "{} at {kind}", case["id"]);
            if n > 0 {
                break; // each kind once, the first with every case
            }
        }
    }
    let unknown = r#"{"id":"x","person":{"duties":[{"function":"ecosystem gardening","share":1}],"hours_per_week":40}}"#;
    let out = run(&desk, "mara", &["roster", "judge"], unknown).stdout;
    let answer: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(answer["verdict"], "open", "it is asked about, not refused: {answer}");
    assert!(answer["question"].as_str().unwrap().contains("ecosystem gardening"));
}

#[test]
fn a_bad_line_is_told_and_the_rest_is_kept() {
    let desk = Desk::new();
    let input = "{\"id\":\"a\",\"person\":{\"hours_per_week\":400}}\nnonsense\n{\"person\":{}}\n{\"id\":\"good\",\"person\":{}}\n";
    let output = run(&desk, "mara", &["roster", "apply"], input);
    assert_eq!(output.status.code(), Some(1));
    let list = ok(&desk, "mara", &["roster", "list"]);
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!((&list[0]["name"], &list[0]["verdict"]), (&"good".into(), &"open".into()));
    // The same application again changes nothing; another one of the same name is judged anew.
    ok(&desk, "mara", &["roster", "decide", "good", "open"]);
    run(&desk, "mara", &["roster", "apply"], "{\"id\":\"good\",\"person\":{}}");
    assert_eq!(ok(&desk, "mara", &["roster", "list"])[0]["standing"], "asked");
    run(&desk, "mara", &["roster", "apply"], "{\"id\":\"good\",\"person\":{\"hours_per_week\":40}}");
    assert_eq!(ok(&desk, "mara", &["roster", "list"])[0]["standing"], "undecided");
    ok(&desk, "mara", &["roster", "withdraw", "good"]);
    assert_eq!(ok(&desk, "mara", &["roster", "list"]), Value::Array(Vec::new()));
    let left = desk.json(&["sql", "SELECT * FROM audit WHERE what LIKE '%good%'"]);
    assert_eq!(left, Value::Array(Vec::new()), "the audit log names nobody");
}
