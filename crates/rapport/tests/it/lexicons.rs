//! What is played and recorded of Bluesky has the shapes that the service publishes: its lexicons, from npm, judge.

use std::path::Path;
use std::process::Command;

use crate::s22_living::played;

#[test]
fn the_played_bluesky_keeps_to_the_published_lexicons() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !Command::new("npm").arg("--version").output().is_ok_and(|done| done.status.success()) {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "npm is missing");
        println!("skipped: no npm here");
        return;
    }
    let modules = here.join("../../target/lexicons");
    std::fs::create_dir_all(&modules).unwrap();
    let wanted = std::fs::read_to_string(here.join("tests/lexicons/package.json")).unwrap();
    if std::fs::read_to_string(modules.join("installed.json")).ok().as_deref() != Some(&wanted) {
        std::fs::write(modules.join("package.json"), &wanted).unwrap();
        let done = Command::new("npm")
            .args(["install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"])
            .current_dir(&modules)
            .output()
            .unwrap();
        assert!(done.status.success(), "npm: {}", String::from_utf8_lossy(&done.stderr));
        std::fs::write(modules.join("installed.json"), &wanted).unwrap();
    }
    let (_desk, server) = played(40, |_| {});
    let recorded = here.join("../sources/fixtures/bluesky");
    let files = ["older/relay/search.json", "newer/relay/search.json", "newer/relay/feed.json"];
    let done = Command::new("node")
        .arg(here.join("tests/lexicons/check.mjs"))
        .arg(modules.canonicalize().unwrap())
        .arg(format!("{}/bluesky", server.address))
        .args(files.map(|file| recorded.join(file)))
        .output()
        .unwrap();
    let (said, wrong) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{said}{wrong}");
    assert!(said.trim().parse::<u32>().unwrap() > 100, "so many posts were judged: {said}");
}
