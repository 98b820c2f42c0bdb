//! Foreign readers come to the same numbers: DuckDB over the exported rows, Perceval over the same mail and clone.

use std::path::Path;
use std::process::Command;

use crate::world::{Desk, company};

#[test]
fn duckdb_and_perceval_agree() {
    let desk = Desk::world();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench/foreign.py");
    let ready = Command::new("python3").args(["-c", "import venv, ensurepip"]).output();
    if !ready.is_ok_and(|done| done.status.success()) {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "python3 with venv is missing");
        println!("skipped: no python3 with venv here");
        return;
    }
    let done = Command::new("python3")
        .arg(script)
        .args(["agree", env!("CARGO_BIN_EXE_rapport")])
        .args([desk.0.path(), &company().join("list"), &desk.0.path().join("relay.git")])
        .output()
        .unwrap();
    let (said, wrong) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{said}{wrong}");
    assert_eq!(said.lines().count(), 3, "{said}");
}
