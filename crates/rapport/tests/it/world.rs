//! Running the program, and where the invented world and the real archives are.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The invented world.
pub(crate) fn company() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../company/sources")
}

/// Real archives, on machines that have them. Absent: the test says so and passes, but not under `CI=true`.
pub(crate) fn shared() -> Option<PathBuf> {
    let near = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("RAPPORT_SHARED_DATA").map_or(near, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{} is missing", folder.display());
    println!("skipped: {} is not here", folder.display());
    None
}

/// One data folder and the program on it.
pub(crate) struct Desk(pub(crate) tempfile::TempDir);

/// The invented world's archives, older exports before newer ones.
pub(crate) const ARCHIVES: [&str; 8] = [
    "github/archive.2026-05.json",
    "github/archive.json",
    "forum",
    "chat.2026-08",
    "chat",
    "list",
    "relay-dev",
    "qa",
];

pub(crate) const MONDAY: &str = "2026-09-28T08:00:00Z";

impl Desk {
    pub(crate) fn new() -> Desk {
        Desk(tempfile::TempDir::new().unwrap())
    }

    /// The invented world, read as the demo reads it.
    pub(crate) fn world() -> Desk {
        let desk = Desk::new();
        std::fs::copy(company().join("../rapport.toml"), desk.0.path().join("rapport.toml")).unwrap();
        for archive in ARCHIVES {
            desk.json(&["add", company().join(archive).to_str().unwrap()]);
        }
        desk.json(&["add", "--name", "tidewater", company().join("zulip").to_str().unwrap()]);
        desk
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
        command.env("RAPPORT_USER", "mara").arg("--data").arg(self.0.path());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command().args(args).output().unwrap()
    }

    pub(crate) fn text(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let mut all = vec!["--json"];
        all.extend(args);
        serde_json::from_str(&self.text(&all)).unwrap()
    }

    /// The account of every source closes, and every check passes.
    pub(crate) fn is_well(&self) {
        assert_eq!(self.json(&["check"]), Value::Array(Vec::new()));
    }
}
