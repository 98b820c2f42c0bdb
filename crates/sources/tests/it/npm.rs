//! Published descriptions that come as npm packages, installed once under `target/`.

use std::path::{Path, PathBuf};
use std::process::Command;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target").join(name)
}

fn npm(at: &Path, words: &[&str]) {
    let done = Command::new("npm").args(words).current_dir(at).output().unwrap();
    assert!(done.status.success(), "npm {words:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Whether there is npm; on a machine that lands changes there has to be.
fn there() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join("npm").is_file());
    if !found {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "npm is missing");
        println!("skipped: no npm here");
    }
    found
}

/// A folder of `target` with these packages installed; `None` where there is no npm.
pub(crate) fn installed(name: &str, packages: &[(&str, &str)]) -> Option<PathBuf> {
    let at = folder(name);
    let wanted = serde_json::json!({ "private": true, "dependencies": packages.iter().copied().collect::<std::collections::BTreeMap<_, _>>() });
    let wanted = wanted.to_string();
    if !there() {
        return None;
    }
    std::fs::create_dir_all(&at).unwrap();
    if std::fs::read_to_string(at.join("installed.json")).ok().as_deref() != Some(&wanted) {
        std::fs::write(at.join("package.json"), &wanted).unwrap();
        npm(&at, &["install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]);
        std::fs::write(at.join("installed.json"), wanted).unwrap();
    }
    Some(at)
}

/// One file out of a package that is too large to be installed as a whole.
pub(crate) fn file(name: &str, package: &str, version: &str, file: &str) -> PathBuf {
    let at = folder(name);
    let base = file.rsplit('/').next().unwrap();
    let there = at.join(format!("{version}-{base}"));
    if !there.exists() {
        npm(&at, &["pack", &format!("{package}@{version}"), "--silent"]);
        let packed = format!("{}-{version}.tgz", package.trim_start_matches('@').replace('/', "-"));
        let inside = format!("package/{file}");
        let done = Command::new("tar").args(["-xzf", &packed, &inside]).current_dir(&at).output().unwrap();
        assert!(done.status.success(), "tar: {}", String::from_utf8_lossy(&done.stderr));
        std::fs::rename(at.join(inside), &there).unwrap();
        std::fs::remove_file(at.join(packed)).unwrap();
    }
    there
}
