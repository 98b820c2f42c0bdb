//! What tests take from elsewhere: Python programs and Node modules in places of their own below `target`, made once, by one
//! test at a time. Where the tool itself is missing the test is skipped with a word; under `CI=true` it fails.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Tests run side by side: two that want the same place would make it over each other.
fn one_at_a_time() -> MutexGuard<'static, ()> {
    static MAKING: Mutex<()> = Mutex::new(());
    MAKING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn place(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"), PathBuf::from);
    target.join(name)
}

/// Says that something is missing, and why the test goes no further.
pub(crate) fn missing(what: &str) {
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{what} is missing");
    println!("skipped: no {what} here");
}

fn run(command: &mut Command) -> bool {
    command.output().is_ok_and(|done| done.status.success())
}

/// The folder of programs of an environment that has exactly these packages (`name==1.2`, with spaces between).
pub(crate) fn python(name: &str, package: &str) -> Option<PathBuf> {
    let _turn = one_at_a_time();
    let place = place(name);
    let (programs, stamp) = (place.join("bin"), place.join("installed.txt"));
    let ready = std::fs::read_to_string(&stamp).is_ok_and(|text| text == package)
        && run(Command::new(programs.join("python")).arg("--version"));
    if ready
        || run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&place))
            && run(Command::new(programs.join("python"))
                .args(["-m", "pip", "install", "-q"])
                .args(package.split(' ')))
            && std::fs::write(&stamp, package).is_ok()
    {
        return Some(programs);
    }
    missing(&format!("python3 with venv and {package}"));
    None
}

/// The folder that has the modules of a `package.json`, given as its text.
pub(crate) fn modules(name: &str, wanted: &str) -> Option<PathBuf> {
    let _turn = one_at_a_time();
    if !run(Command::new("npm").arg("--version")) {
        missing("npm");
        return None;
    }
    let place = place(name);
    std::fs::create_dir_all(&place).unwrap();
    let stamp = place.join("installed.json");
    if std::fs::read_to_string(&stamp).ok().as_deref() != Some(wanted) {
        std::fs::write(place.join("package.json"), wanted).unwrap();
        let done = Command::new("npm")
            .args(["install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"])
            .current_dir(&place)
            .output()
            .unwrap();
        assert!(done.status.success(), "npm: {}", String::from_utf8_lossy(&done.stderr));
        std::fs::write(&stamp, wanted).unwrap();
    }
    Some(place.canonicalize().unwrap())
}
