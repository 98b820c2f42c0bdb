//! What is played and recorded of Bluesky has the shapes that the service publishes: its lexicons, from npm, judge.

use std::path::Path;
use std::process::Command;

use crate::s22_living::played;

#[test]
fn the_played_bluesky_keeps_to_the_published_lexicons() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let wanted = include_str!("../lexicons/package.json");
    let Some(modules) = crate::tools::modules("lexicons", wanted) else { return };
    let (_desk, server) = played(40, |_| {});
    let recorded = here.join("../sources/fixtures/bluesky");
    let files = ["older/relay/search.json", "newer/relay/search.json", "newer/relay/feed.json"];
    let done = Command::new("node")
        .arg(here.join("tests/lexicons/check.mjs"))
        .arg(&modules)
        .arg(format!("{}/bluesky", server.address))
        .args(files.map(|file| recorded.join(file)))
        .output()
        .unwrap();
    let (said, wrong) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{said}{wrong}");
    assert!(said.trim().parse::<u32>().unwrap() > 100, "so many posts were judged: {said}");
}
