//! Running the program, and where the invented world and the real archives are.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The invented world.
pub(crate) fn company() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../company/sources")
}

/// A file that a person of the invented team wrote: a friction log, field notes, a search log.
pub(crate) fn field_file(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/field").join(name).to_str().unwrap().to_owned()
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

/// The invented world's archives and the names given to them: `company/archives.toml`, which the demo reads, too.
pub(crate) fn archives() -> Vec<(PathBuf, Option<String>)> {
    let listed: toml::Table =
        std::fs::read_to_string(company().join("../archives.toml")).unwrap().parse().unwrap();
    let text =
        |entry: &toml::Value, key: &str| entry.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let entries = listed["archive"].as_array().unwrap().iter();
    entries.map(|entry| (company().join(text(entry, "path").unwrap()), text(entry, "name"))).collect()
}

/// A repository made of the world's recorded history.
pub(crate) fn clone(stream: &Path, place: &Path) -> PathBuf {
    let git = |args: &[&str], input: Stdio| {
        let done = Command::new("git").arg("-C").arg(place).args(args).stdin(input).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    std::fs::create_dir_all(place).unwrap();
    git(&["init", "-q", "--bare"], Stdio::null());
    git(&["fast-import", "--quiet"], std::fs::File::open(stream).unwrap().into());
    place.to_owned()
}

pub(crate) const MONDAY: &str = "2026-09-28T08:00:00Z";

impl Desk {
    pub(crate) fn new() -> Desk {
        Desk(tempfile::TempDir::new().unwrap())
    }

    /// The invented world, read as the demo reads it.
    pub(crate) fn world() -> Desk {
        let desk = Desk::new();
        for file in ["rapport.toml", "org.toml"] {
            std::fs::copy(company().join("..").join(file), desk.0.path().join(file)).unwrap();
        }
        for (path, name) in archives() {
            let path = match path.extension().is_some_and(|e| e == "fast-import") {
                true => clone(&path, &desk.0.path().join("relay.git")),
                false => path,
            };
            let mut args = vec!["add", path.to_str().unwrap()];
            args.extend(name.as_deref().into_iter().flat_map(|name| ["--name", name]));
            desk.json(&args);
        }
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

/// What is true of the invented world: `company/expected/truth.json`.
pub(crate) fn truth() -> Value {
    serde_json::from_slice(&std::fs::read(company().join("../expected/truth.json")).unwrap()).unwrap()
}

/// `2026-03-19T01:28:21Z` as seconds, by the civil-from-days rule.
pub(crate) fn epoch(text: &str) -> i64 {
    let n = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
    let (y, m, d) = (n(0..4), n(5..7), n(8..10));
    let (y, m) = if m <= 2 { (y - 1, m + 9) } else { (y, m - 3) };
    let days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + d - 1 - 719_468;
    days * 86_400 + n(11..13) * 3_600 + n(14..16) * 60 + n(17..19)
}
