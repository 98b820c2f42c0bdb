//! s22, Reddit: off until somebody agrees, asked with a client's id and secret that are never shown, and what people take
//! back there loses its words and its author here.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::s22_living::play::{Fault, Random, reddit};
use crate::s22_living::{messages, none, now, played, standing};
use crate::world::Desk;

const PAIR: &str = "cl1ent-1d:s3cret-of-it";

fn client(desk: &Desk) {
    let path = desk.0.path().join("tokens");
    std::fs::write(&path, format!("reddit.com = \"{PAIR}\"\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn nothing_of_it(desk: &Desk, word: &str) {
    for entry in std::fs::read_dir(desk.0.path()).unwrap().flatten() {
        let file = entry.path();
        if file.is_file() && file.file_name().is_some_and(|name| name != "tokens" && name != "rapport.toml") {
            let bytes = std::fs::read(&file).unwrap();
            assert!(!bytes.windows(word.len()).any(|w| w == word.as_bytes()), "{word} in {}", file.display());
        }
    }
}

#[test]
fn a_community_is_read_under_its_terms_with_a_client_of_ones_own() {
    let (desk, server) = played(30, |stage| {
        if stage.service == "reddit" {
            stage.token = Some(PAIR.to_owned());
            stage.faults.insert(3, Fault::Pause(3));
        }
    });
    let address = "https://www.reddit.com/r/relay";
    let output = desk.run(&["add", address]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    for word in ["off until you agree", "OAuth", "commercial", "deleted", "1,000", "--agree"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert_eq!(server.stages.lock().unwrap().iter().map(|s| s.asked).sum::<u64>(), 0, "nothing was asked");
    // Without a client it says which one is wanted, and no source is left behind.
    let output = desk.run(&["add", address, "--agree"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("OAuth") && said.contains("CLIENT_ID:SECRET"), "{said}");
    assert_eq!(desk.json(&["sources"]), Value::Array(Vec::new()));
    client(&desk);
    let output = desk.run(&["--json", "add", address, "--agree"]);
    assert!(output.status.success(), "{output:?}");
    let all = String::from_utf8_lossy(&[output.stdout.clone(), output.stderr].concat()).into_owned();
    assert!(!all.contains("s3cret") && !all.contains("granted-"), "{all}");
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&read[0]["source"], &read[0]["threads"]), (&"reddit:relay".into(), &30.into()), "{read}");
    assert_eq!(messages(&desk), standing(&server, "reddit"));
    for word in ["s3cret", "granted-", "veteran", "score"] {
        nothing_of_it(&desk, word);
    }
    // It is asked in the words of the community, and opens where it was said.
    let waiting = desk.json(&["needs", "--all"]);
    let url = waiting[0]["url"].as_str().unwrap();
    assert!(url.starts_with("https://www.reddit.com/r/relay/comments/"), "{waiting}");
    let again = desk.json(&["sync"]);
    assert_eq!((again[0]["stored"].as_u64(), &again[0]["next_try"]), (Some(0), &Value::Null), "{again}");
    assert!(again[0]["requests"].as_u64() < Some(6), "{again}");
    desk.is_well();
    none(&server);
}

#[test]
fn what_people_take_back_is_taken_back_here() {
    let (desk, server) = played(20, |_| {});
    desk.json(&["add", "reddit:r/relay", "--agree"]);
    let (gone, edited, post) = {
        let stages = &mut server.stages.lock().unwrap();
        let community = &mut stages.iter_mut().find(|s| s.service == "reddit").unwrap().community;
        let told = |id: u64| !id.is_multiple_of(5);
        let (gone, purged): (Vec<_>, Vec<_>) = (0..14)
            .filter_map(|n| {
                let p = community.threads[n].posts.iter_mut().skip(1).next_back()?;
                p.deleted = true;
                Some((told(p.id), format!("t1_{}", reddit::id(p))))
            })
            .partition(|(told, _)| *told);
        assert!(gone.len() > 5 && !purged.is_empty());
        community.edit(16, now());
        let post = community.threads[17..].iter_mut().find(|t| told(t.posts[0].id)).unwrap();
        post.posts[0].deleted = true;
        let post = format!("t3_{}", reddit::id(&post.posts[0]));
        (gone.into_iter().map(|(_, key)| key).collect::<Vec<_>>(), purged.len(), post)
    };
    desk.json(&["sync"]);
    let stands = "SELECT count(*) AS n FROM activities WHERE deleted = 1";
    assert_eq!(desk.json(&["sql", stands])[0]["n"].as_u64(), Some((gone.len() + edited + 1) as u64));
    for key in gone.iter().chain([&post]) {
        let query = format!("SELECT deleted, text, person FROM activities WHERE key = '{key}'");
        let row = desk.json(&["sql", &query]);
        assert_eq!((&row[0]["deleted"], &row[0]["text"]), (&1.into(), &"".into()), "{row}");
        assert!(row[0]["person"].is_null(), "{row}");
    }
    let query = "SELECT count(*) AS n FROM activities WHERE text LIKE '%second header%'";
    assert_eq!(desk.json(&["sql", query])[0]["n"], 1, "an edit comes through");
    let found = desk.text(&["search", "message"]);
    assert!(!gone.iter().any(|key| found.contains(key.trim_start_matches("t1_"))), "{found}");
    desk.is_well();
    none(&server);
}

#[test]
fn what_was_taken_back_is_shown_by_nothing_and_goes_with_its_author() {
    let (desk, server) = played(10, |_| {});
    let community = |with: &dyn Fn(&mut crate::s22_living::play::Community)| {
        let stages = &mut server.stages.lock().unwrap();
        with(&mut stages.iter_mut().find(|s| s.service == "reddit").unwrap().community);
    };
    let words = "xyzzy-tunnel";
    community(&|community| {
        while community.next.is_multiple_of(5) {
            community.next += 1;
        }
        community.reply(4, now() - 60);
        let post = community.threads[4].posts.last_mut().unwrap();
        (post.author, post.text) = (0, format!("My password is {words}"));
    });
    desk.json(&["add", "reddit:r/relay", "--agree"]);
    let found = desk.json(&["search", words]);
    let thread = found[0]["thread"].to_string();
    assert!(desk.text(&["thread", &thread]).contains(words));
    community(&|community| community.threads[4].posts.last_mut().unwrap().deleted = true);
    desk.json(&["sync"]);
    assert_eq!(desk.json(&["search", words]), Value::Array(Vec::new()));
    for args in [&["thread", &thread][..], &["--json", "thread", &thread], &["digest"], &["needs", "--all"]] {
        assert!(!desk.text(args).contains(words), "{args:?}");
    }
    desk.text(&["forget", "ada-k", "--yes"]);
    nothing_of_it(&desk, words);
    desk.is_well();
    none(&server);
}

#[test]
fn killed_at_any_moment_it_goes_on_without_gap_or_double() {
    let (desk, server) = played(120, |_| {});
    let mut chance = Random(71);
    desk.json(&["add", "--later", "--agree", "reddit:r/relay"]);
    for _ in 0..12 {
        let mut child =
            desk.command().arg("sync").stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(200 + chance.below(2_500)));
        let _ = child.kill(); // it may be done already
        child.wait().unwrap();
        let stages = &mut server.stages.lock().unwrap();
        stages.iter_mut().find(|s| s.service == "reddit").unwrap().community.change(now() * 1_000);
    }
    for _ in 0..4 {
        desk.json(&["sync"]);
    }
    assert_eq!(messages(&desk), standing(&server, "reddit"));
    desk.is_well();
    none(&server);
}

#[test]
fn a_place_that_is_shut_or_not_there_is_told_in_words() {
    let (desk, server) = played(5, |_| {});
    for (name, word) in
        [("quarantined", "quarantined"), ("banned", "banned"), ("nowhere", "there is no r/nowhere")]
    {
        let output = desk.run(&["add", &format!("reddit:r/{name}"), "--agree"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains(word), "{said}");
    }
    desk.json(&["add", "reddit:r/relay", "--agree"]);
    server.stages.lock().unwrap().iter_mut().find(|s| s.service == "reddit").unwrap().shut = true;
    let output = desk.run(&["sync"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("private"), "{said}");
    assert_eq!(messages(&desk), standing(&server, "reddit"), "what was read stays");
    none(&server);
}

#[test]
fn a_first_look_says_what_reddit_does_not_tell() {
    let (desk, server) = played(1_100, |stage| {
        // A request for each thread would take its time here.
        stage.community.threads.iter_mut().for_each(|thread| thread.posts.truncate(1));
    });
    let read = desk.json(&["add", "reddit:r/relay", "--agree"]);
    let status = read[0]["status"].as_str().unwrap();
    assert!(status.contains("Reddit tells only the newest 1,000"), "{status}");
    assert_eq!(read[0]["threads"].as_u64(), Some(1_000), "{read}");
    let listed = desk.text(&["sources"]);
    assert!(listed.contains("only the newest 1,000"), "{listed}");
    none(&server);
}
