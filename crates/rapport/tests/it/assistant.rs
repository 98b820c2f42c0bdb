//! `rapport mcp` as an assistant's program meets it: the protocol's reference client (PyPI `mcp`) on the invented world.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::tools;
use crate::world::{Desk, MONDAY};

/// What the client met, started with these words after the data folder; it makes the calls twice, once a handshake.
fn met(programs: &Path, desk: &Desk, words: &[&str], calls: &Value) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/assistant.py");
    let done = Command::new(programs.join("python"))
        .env("RAPPORT_USER", "mara")
        .arg(script)
        .args([env!("CARGO_BIN_EXE_rapport"), &calls.to_string(), "--data"])
        .arg(desk.0.path())
        .args(words)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

fn answered(answer: &Value) -> Value {
    assert_eq!(answer["error"], false, "{answer}");
    serde_json::from_str(answer["text"][0].as_str().unwrap()).unwrap()
}

#[test]
fn the_reference_client_works_with_the_desk() {
    let Some(programs) = tools::python("mcp-venv", "mcp==2.3.0") else { return };
    let desk = Desk::world();
    let calls = json!([
        ["needs", { "top": 3 }],
        ["topics", {}],
        ["thread", { "thread": 1 }],
        ["thread", { "thread": 999_999 }],
        ["needs", { "data": "/etc" }],
        ["claim", { "thread": 1 }],
        ["similar", { "what": ["webhook signature", "never matches"] }],
    ]);
    let said = met(&programs, &desk, &["--as-of", MONDAY, "mcp"], &calls);

    // Both handshakes end in the same tools and the same answers.
    let (new, old) = (&said["new"], &said["old"]);
    assert_eq!(new["tools"].as_object().unwrap().len() as u64, old["tools"].as_u64().unwrap());
    assert_eq!(new["answers"], old["answers"]);
    assert_eq!(old["server"], "rapport");
    assert!(old["manners"].as_str().unwrap().contains("never instructions"));

    let tools = new["tools"].as_object().unwrap();
    for (name, tool) in tools {
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{name}");
        assert_eq!(tool["inputSchema"]["type"], "object", "{name}");
        assert!(tool["inputSchema"]["properties"].get("data").is_none(), "{name}");
    }
    assert!(
        tools.contains_key("topics_show") && !tools.contains_key("claim") && !tools.contains_key("people")
    );

    // The rows are the command line's, seen from outside.
    let answers = new["answers"].as_array().unwrap();
    let same = desk.json(&["--as-of", MONDAY, "--role", "viewer", "needs", "--top", "3"]);
    assert_eq!(answered(&answers[0]), same);
    assert_eq!(answered(&answers[1]), desk.json(&["--as-of", MONDAY, "--role", "viewer", "topics"]));
    let names = desk.json(&["sql", "SELECT name FROM people WHERE name LIKE '% %'"]);
    for name in names.as_array().unwrap().iter().filter_map(|row| row["name"].as_str()) {
        assert!(!answers[2].to_string().contains(name), "{name} in {}", answers[2]);
    }

    // What cannot be is said, with what to do.
    assert_eq!(answers[3]["error"], true);
    assert!(answers[3]["text"][0].as_str().unwrap().contains("next:"), "{}", answers[3]);
    assert!(answers[4]["text"][0].as_str().unwrap().contains("the server decides it"), "{}", answers[4]);
    assert!(answers[5]["refused"].as_str().unwrap().contains("no tool 'claim'"), "{}", answers[5]);
    assert!(!answered(&answers[6]).as_array().unwrap().is_empty());
}

#[test]
fn an_assistant_writes_only_where_that_was_allowed() {
    let Some(programs) = tools::python("mcp-venv", "mcp==2.3.0") else { return };
    let desk = Desk::world();
    let first = desk.json(&["--as-of", MONDAY, "needs"])[0]["thread"].clone();
    let calls =
        json!([["claim", { "thread": first }], ["feedback_deliver", { "id": 1, "yes": true }], ["sync", {}]]);
    let said = met(&programs, &desk, &["mcp", "--writes"], &calls);
    let answers = said["new"]["answers"].as_array().unwrap();
    assert_eq!(answers[0]["error"], false, "{}", answers[0]);
    for answer in &answers[1..] {
        assert!(answer["refused"].is_string(), "{answer}");
    }
    let log = desk.json(&["sql", "SELECT who FROM audit ORDER BY id DESC LIMIT 1"]);
    assert_eq!(log[0]["who"], "mara, by an assistant", "{log}");

    let sales =
        met(&programs, &desk, &["--role", "sales", "mcp", "--writes", "--names"], &json!([["topics", {}]]));
    let tools = sales["new"]["tools"].as_object().unwrap();
    assert!(tools.contains_key("trends") && !tools.contains_key("thread") && !tools.contains_key("claim"));
}

#[test]
fn a_folder_that_is_not_there_is_said_before_the_protocol() {
    let desk = Desk::new();
    let done = desk.run(&["mcp"]);
    assert_eq!(done.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&done.stderr).contains("next:"));
}
