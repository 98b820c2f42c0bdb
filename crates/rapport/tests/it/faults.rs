//! A disk that fails at the nth write or sync, tears a write in half or fills up: a clear message, nothing lost,
//! nothing twice. The layer between the program and the file system is `faulty.c`, compiled here.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::world::{Desk, company};

/// Compiles the layer with the C compiler that also links this test.
fn layer(place: &Path) -> PathBuf {
    let library = place.join("faulty.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/faulty.c");
    let built = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()))
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    library
}

const ARCHIVES: [&str; 3] = ["github/archive.2026-05.json", "forum", "list"];

fn add(desk: &Desk) -> Command {
    let mut command = desk.command();
    command.arg("add").args(ARCHIVES.map(|a| company().join(a)));
    command
}

fn amounts(desk: &Desk) -> serde_json::Value {
    desk.json(&[
        "sql",
        "SELECT count(*) AS n, count(DISTINCT source || key) AS k, sum(length(text)) AS t FROM activities",
    ])
}

#[test]
fn a_failing_disk_loses_and_doubles_nothing() {
    let place = tempfile::TempDir::new().unwrap();
    let layer = layer(place.path());
    let calm = Desk::new();
    let count = place.path().join("count");
    let mut calls = Vec::new();
    for call in ["write", "sync"] {
        let desk = Desk::new();
        let done = add(&desk)
            .env("LD_PRELOAD", &layer)
            .env("FAULTY_CALL", call)
            .env("FAULTY_COUNT", &count)
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let n: u64 = std::fs::read_to_string(&count).unwrap().parse().unwrap();
        assert!(n > 3, "the layer sees {call}: {n}");
        calls.push((call, n));
    }
    assert!(add(&calm).output().unwrap().status.success());
    let wanted = amounts(&calm);

    let mut failures = 0;
    for (call, total) in calls {
        for error in if call == "write" { &["io", "torn", "full"][..] } else { &["io", "full"][..] } {
            // Every call where they are few, else 40 spread over all.
            let step = (total / 40).max(1);
            for nth in (1..=total).step_by(usize::try_from(step).unwrap()) {
                let desk = Desk::new();
                let at = format!("{call} {nth} of {total}, {error}");
                let failed = add(&desk)
                    .env("LD_PRELOAD", &layer)
                    .env("FAULTY_CALL", call)
                    .env("FAULTY_NTH", nth.to_string())
                    .env("FAULTY_ERROR", error)
                    .output()
                    .unwrap();
                let said = String::from_utf8_lossy(&failed.stderr).into_owned();
                if !failed.status.success() {
                    failures += 1;
                    assert_eq!(failed.status.code(), Some(4), "{at}: {said}");
                    assert!(said.contains("rapport.sqlite"), "{at} names the file: {said}");
                    assert!(said.contains("next:"), "{at} names the next command: {said}");
                }
                assert!(add(&desk).output().unwrap().status.success(), "{at}");
                desk.is_well();
                assert_eq!(amounts(&desk), wanted, "{at}");
            }
        }
    }
    assert!(failures > 60, "only {failures} runs failed: the layer does not reach the program");
}
