//! s22, the part about living channels: the program itself against a server that plays them over a socket. The exact
//! waits of each service are tried on a clock that jumps, in the tests of the crate `rapport-sources`.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use play::socket::Server;
use play::{Community, Fault, Random, SERVICES, Stage};
use serde_json::Value;

pub(crate) use crate::played::play;
use crate::world::Desk;

pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

/// A data folder whose services are all played.
pub(crate) fn played(threads: usize, prepare: impl Fn(&mut Stage)) -> (Desk, Server) {
    let stages = SERVICES.iter().map(|service| {
        let mut stage = Stage::new(service, Community::new(threads, now(), 17));
        prepare(&mut stage);
        stage
    });
    let server = Server::start(0, stages.collect()).unwrap();
    let desk = Desk::new();
    let at = format!(
        "[network]\nallow-private = true\n[network.at]\n\"https://api.github.com\" = \"{0}/github\"\n\"https://api.stackexchange.com\" = \"{0}/stackexchange\"\n\"https://slack.com/api\" = \"{0}/slack\"\n\"https://discord.com/api/v10\" = \"{0}/discord\"\n\"https://social.tidewater.example\" = \"{0}/mastodon\"\n\"https://api.bsky.app\" = \"{0}/bluesky\"\n\"https://www.googleapis.com/youtube/v3\" = \"{0}/youtube\"\n\"https://crates.io\" = \"{0}/crates\"\n\"https://registry.npmjs.org\" = \"{0}/npm\"\n\"https://pypi.org\" = \"{0}/pypi\"\n\"https://oauth.reddit.com\" = \"{0}/reddit\"\n\"https://plausible.io\" = \"{0}/plausible\"\n\"https://stats.tidewater.example\" = \"{0}/plausible\"\n",
        server.address
    );
    std::fs::write(desk.0.path().join("rapport.toml"), at).unwrap();
    (desk, server)
}

pub(crate) fn messages(desk: &Desk) -> u64 {
    let query = "SELECT count(*) AS n FROM activities WHERE deleted = 0 AND act IN ('opened', 'replied')";
    desk.json(&["sql", query])[0]["n"].as_u64().unwrap()
}

pub(crate) fn standing(server: &Server, service: &str) -> u64 {
    let stages = server.stages.lock().unwrap();
    stages.iter().find(|s| s.service == service).unwrap().community.standing() as u64
}

pub(crate) fn none(server: &Server) {
    assert_eq!(server.failures(), Vec::<String>::new(), "the server watched");
}

#[test]
fn a_channel_is_added_by_its_address_and_synced_for_little() {
    let (desk, server) = played(60, |_| {});
    let forum = format!("{}/discourse", server.address);
    let read = desk.json(&["add", "github:tidewater/relay", &forum, "stackexchange:qa.tidewater.example"]);
    let kinds: Vec<&str> = read.as_array().unwrap().iter().map(|o| o["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["github", "discourse", "stackexchange"], "the forum was asked what it is");
    for outcome in read.as_array().unwrap() {
        let n = |key: &str| outcome[key].as_u64().unwrap();
        assert_eq!(n("read"), n("stored") + n("known") + n("rejected"), "{outcome}");
        assert_eq!(
            (outcome["threads"].as_u64(), &outcome["next_try"]),
            (Some(60), &Value::Null),
            "{outcome}"
        );
    }
    assert_eq!(messages(&desk), 3 * standing(&server, "github"));
    let again = desk.json(&["sync"]);
    for outcome in again.as_array().unwrap() {
        assert_eq!(outcome["stored"].as_u64(), Some(0), "{outcome}");
        assert!(outcome["requests"].as_u64() < Some(8), "{outcome}");
    }
    desk.is_well();
    none(&server);
}

#[test]
fn a_block_is_told_within_two_seconds_and_the_exact_pause_is_kept() {
    let (desk, server) = played(40, |stage| {
        stage.faults.insert(1, Fault::Pause(3));
    });
    let began = Instant::now();
    let mut child = desk
        .command()
        .args(["add", "github:tidewater/relay"])
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut status = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut status).unwrap();
    assert!(began.elapsed() < Duration::from_secs(2), "told after {:?}", began.elapsed());
    assert!(
        status.starts_with("GitHub: next try ") && status.contains(" in (it asks for a pause)"),
        "{status}"
    );
    assert!(child.wait().unwrap().success());
    assert!(began.elapsed() >= Duration::from_secs(3), "it waited");
    assert_eq!(messages(&desk), standing(&server, "github"));
    none(&server);
}

#[test]
fn without_a_token_it_says_when_it_goes_on_and_a_second_run_asks_nothing() {
    let (desk, server) = played(700, |stage| stage.quota = 4);
    let read = desk.json(&["add", "github:tidewater/relay"]);
    let (next, status) = (read[0]["next_try"].as_str().unwrap(), read[0]["status"].as_str().unwrap());
    assert!(next.ends_with('Z') && status.contains(&next[11..16]), "{read}");
    assert!(
        status.starts_with("GitHub: next try ") && status.contains("397 of about 700 issues in"),
        "{status}"
    );
    assert_eq!(read[0]["stored"].as_u64(), Some(397), "what came is kept");
    let asked = server.stages.lock().unwrap()[0].asked;
    let again = desk.run(&["sync"]);
    assert!(again.status.success());
    assert_eq!(server.stages.lock().unwrap()[0].asked, asked, "nothing is asked before its time");
    let listed = desk.text(&["sources"]);
    assert!(listed.contains("next try"), "{listed}");
    assert!(listed.contains("still allowed: 127.0.0.1:") && listed.contains(" 0 of 4, new at "), "{listed}");
    assert!(listed.contains("without a token neither discussions nor reviews"), "{listed}");
    none(&server);
}

#[test]
fn a_place_goes_by_the_words_it_was_added_with() {
    let (desk, server) = played(3, |_| {});
    let read = desk.json(&["add", "slack:T0TIDE", "--later"]);
    assert_eq!(read[0]["status"], "not read yet: rapport sync slack:t0tide");
    for words in [["pause", "slack:T0TIDE"], ["resume", "slack:t0tide"], ["sync", "slack:T0TIDE"]] {
        let output = desk.run(&words);
        assert!(output.status.success(), "{words:?} {output:?}");
    }
    assert_eq!(messages(&desk), standing(&server, "slack"));
    let unknown = desk.run(&["pause", "slack:T0OTHER"]);
    assert_eq!(unknown.status.code(), Some(2));
    // What is written wrongly is told how, and not how everything else is.
    let said = String::from_utf8_lossy(&desk.run(&["add", "github:tidewater"]).stderr).into_owned();
    assert!(said.contains("github:owner/repo") && !said.contains("zulip"), "{said}");
    let said = desk.text(&["sources"]);
    assert!(!said.contains("without a token"), "{said}");
    none(&server);
}

#[test]
fn a_place_that_is_not_there_is_told_at_once() {
    let (desk, server) = played(5, |_| {});
    let output = desk.run(&["add", "github:tidewater/nowhere"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("404"), "{output:?}");
    assert_eq!(desk.json(&["sources"]), Value::Array(Vec::new()));
    none(&server);
}

#[test]
fn the_inner_network_is_not_asked_without_a_word() {
    let (desk, server) = played(5, |_| {});
    std::fs::write(desk.0.path().join("rapport.toml"), "").unwrap();
    let output = desk.run(&["add", &format!("{}/discourse", server.address), "--kind", "discourse"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--allow-private"), "{output:?}");
    assert_eq!(server.stages.lock().unwrap().iter().map(|s| s.asked).sum::<u64>(), 0);
    let there = desk.json(&[
        "add",
        "--allow-private",
        &format!("{}/discourse", server.address),
        "--kind",
        "discourse",
    ]);
    assert_eq!(there[0]["threads"].as_u64(), Some(5));
}

#[test]
fn a_token_is_used_and_never_shown() {
    let (desk, server) = played(30, |stage| stage.token = Some("s3cret-t0ken".to_owned()));
    let path = desk.0.path().join("tokens");
    std::fs::write(&path, "github.com = \"s3cret-t0ken\"\n").unwrap();
    let output = desk.run(&["add", "github:tidewater/relay"]);
    assert_eq!(output.status.code(), Some(2), "others may read the file");
    let shown = |o: &std::process::Output| [o.stdout.clone(), o.stderr.clone()].concat();
    assert!(!String::from_utf8_lossy(&shown(&output)).contains("s3cret"));
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let output = desk.run(&["--json", "add", "github:tidewater/relay"]);
    assert!(
        output.status.success() && !String::from_utf8_lossy(&shown(&output)).contains("s3cret"),
        "{output:?}"
    );
    assert_eq!(messages(&desk), 2 * standing(&server, "github"), "discussions, too");
    let bytes = std::fs::read(desk.0.path().join("rapport.sqlite")).unwrap();
    assert!(!bytes.windows(12).any(|w| w == b"s3cret-t0ken"), "nothing of it is stored");
    none(&server);
}

#[test]
fn killed_at_any_moment_it_goes_on_without_gap_or_double() {
    let (desk, server) = played(2_500, |stage| stage.quota = u64::MAX);
    let mut chance = Random(99);
    desk.json(&["add", "--later", "github:tidewater/relay"]);
    for _ in 0..25 {
        let mut child =
            desk.command().arg("sync").stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(60 + chance.below(900)));
        let _ = child.kill(); // it may be done already
        child.wait().unwrap();
        server.stages.lock().unwrap()[0].community.change(now() * 1000);
    }
    desk.json(&["sync"]);
    desk.json(&["sync"]);
    assert_eq!(messages(&desk), standing(&server, "github"));
    desk.is_well();
    none(&server);
}

#[test]
fn what_is_off_by_default_is_read_after_somebody_agreed_to_its_terms() {
    let (desk, server) = played(6, |_| {});
    let address = "mastodon:#relay@social.tidewater.example";
    let output = desk.run(&["add", address]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("off until you agree") && said.contains("#nobot") && said.contains("--agree"),
        "{said}"
    );
    assert_eq!(desk.json(&["sources"]), Value::Array(Vec::new()));
    assert_eq!(server.stages.lock().unwrap().iter().map(|s| s.asked).sum::<u64>(), 0, "nothing was asked");
    let read = desk.json(&["add", address, "--agree"]);
    assert_eq!(read[0]["threads"].as_u64(), Some(6), "{read}");
    assert_eq!(messages(&desk), standing(&server, "mastodon"));
    // A status that is deleted there is deleted here.
    let gone = {
        let stages = &mut server.stages.lock().unwrap();
        let stage = stages.iter_mut().find(|s| s.service == "mastodon").unwrap();
        let post = &mut stage.community.threads[2].posts[0];
        post.deleted = true;
        post.id + 95
    };
    let again = desk.json(&["sync"]);
    assert!(again[0]["requests"].as_u64() < Some(8), "{again}");
    let query = format!("SELECT deleted FROM activities WHERE key = 'status/{gone}'");
    assert_eq!(desk.json(&["sql", &query])[0]["deleted"], 1);
    // The same for every service of its kind.
    let tag = desk.run(&["add", "bluesky:#relay"]);
    assert_eq!(tag.status.code(), Some(1), "{tag:?}");
    let read = desk.json(&["add", "bluesky:#relay", "--agree"]);
    assert_eq!((&read[0]["source"], &read[0]["threads"]), (&"bluesky:#relay".into(), &6.into()), "{read}");
    let gone = {
        let stages = &mut server.stages.lock().unwrap();
        let stage = stages.iter_mut().find(|s| s.service == "bluesky").unwrap();
        let post = &mut stage.community.threads[3].posts[0];
        post.deleted = true;
        post.id
    };
    desk.json(&["sync", "bluesky:#relay"]);
    let query = format!("SELECT deleted FROM activities WHERE key LIKE 'post/%3k{gone:011}'");
    assert_eq!(desk.json(&["sql", &query])[0]["deleted"], 1);
    desk.is_well();
    none(&server);
}
