//! Killed at any moment of `add`: nothing lost, nothing twice, every check passes.

use std::time::{Duration, Instant};

use crate::world::Desk;

const FILES: u64 = 40;
const EACH: u64 = 200;

/// A Zulip archive of some size, made here.
fn archive() -> tempfile::TempDir {
    let place = tempfile::TempDir::new().unwrap();
    let folder = place.path().join("7-general");
    std::fs::create_dir_all(&folder).unwrap();
    for file in 0..FILES {
        let messages: Vec<serde_json::Value> = (0..EACH)
            .map(|n| {
                let id = file * 10_000 + n;
                serde_json::json!({ "id": id, "sender_full_name": format!("Person {}", id % 97),
                    "timestamp": 1_780_000_000 + id, "content": format!("<p>Message {id}: how does part {} work?</p>", n % 13) })
            })
            .collect();
        std::fs::write(folder.join(format!("topic.20{file}.json")), serde_json::to_vec(&messages).unwrap())
            .unwrap();
    }
    place
}

#[test]
fn two_hundred_kills_lose_and_double_nothing() {
    let archive = archive();
    let path = archive.path().to_str().unwrap().to_owned();
    // One undisturbed run tells how long it takes; the kills are spread over that.
    let calm = Desk::new();
    let began = Instant::now();
    calm.json(&["add", &path]);
    let whole = u64::try_from(began.elapsed().as_millis()).unwrap().max(40);
    let wanted = calm.json(&[
        "sql",
        "SELECT count(*) AS n, count(DISTINCT key) AS k, sum(length(text)) AS t FROM activities",
    ]);
    assert_eq!(wanted[0]["n"].as_u64(), Some(FILES * EACH));

    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    let mut desk = Desk::new();
    let mut runs_here = 0;
    for kill in 0..200 {
        let mut child = desk
            .command()
            .args(["add", &path])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(next(whole / 2)));
        let _ = child.kill();
        child.wait().unwrap();
        runs_here += 1;
        if runs_here == 5 || kill == 199 {
            desk.json(&["add", &path]);
            desk.is_well();
            let found = desk.json(&[
                "sql",
                "SELECT count(*) AS n, count(DISTINCT key) AS k, sum(length(text)) AS t FROM activities",
            ]);
            assert_eq!(found, wanted, "after kill {kill}");
            desk = Desk::new();
            runs_here = 0;
        }
    }
}
