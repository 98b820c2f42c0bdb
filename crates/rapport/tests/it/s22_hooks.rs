//! s22, the part about webhooks: signed deliveries come in while a channel is polled, wrong ones and replays stay out,
//! nothing is lost or doubled, and a kill in the middle changes nothing of that.

use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::listserver::here;
use crate::s22_living::play::socket::Server;
use crate::s22_living::play::{Community, Random, Stage, github};
use crate::sender::{SECRET, Served, github_to, hex, mac, now};
use crate::world::Desk;

/// Waits until everything that was delivered is read.
fn settled(desk: &Desk) {
    let began = Instant::now();
    loop {
        let waiting: u64 =
            desk.json(&["hooks"]).as_array().unwrap().iter().map(|h| h["waiting"].as_u64().unwrap()).sum();
        if waiting == 0 {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{waiting} deliveries wait");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn hook(desk: &Desk, name: &str) -> Value {
    let all = desk.json(&["hooks"]);
    all.as_array().unwrap().iter().find(|h| h["hook"] == name).unwrap().clone()
}

fn one(desk: &Desk, query: &str) -> u64 {
    desk.json(&["sql", query])[0]["n"].as_u64().unwrap()
}

/// A played repository that was added, and its desk.
fn repository(threads: usize, interval: Option<u32>) -> (Desk, Server) {
    let mut stage = Stage::new("github", Community::new(threads, now(), 23));
    stage.quota = u64::MAX;
    let server = Server::start(0, vec![stage]).unwrap();
    let desk = Desk::new();
    let every =
        interval.map_or_else(String::new, |minutes| format!("[schedule]\nevery-minutes = {minutes}\n"));
    let at = format!(
        "{every}[network]\nallow-private = true\n[network.at]\n\"https://api.github.com\" = \"{}/github\"\n",
        server.address
    );
    std::fs::write(desk.0.path().join("rapport.toml"), at).unwrap();
    desk.json(&["add", "github:tidewater/relay"]);
    (desk, server)
}

/// What the service shows and what the log holds: keys with their words.
fn same(desk: &Desk, server: &Server) {
    let stages = server.stages.lock().unwrap();
    let mut theirs: Vec<(String, String)> = Vec::new();
    for thread in &stages[0].community.threads {
        let key = format!("{}/{}", if thread.pull { "pull" } else { "issue" }, thread.number);
        theirs.push((key.clone(), thread.posts[0].text.clone()));
        theirs.extend(thread.replies().map(|p| (format!("{key}/c/{}", p.id), p.text.clone())));
    }
    theirs.sort();
    let query =
        "SELECT key, text FROM activities WHERE deleted = 0 AND act IN ('opened', 'replied') ORDER BY key";
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let rows = desk.json(&["sql", "--top", "100000", query]);
    let mut ours: Vec<(String, String)> =
        rows.as_array().unwrap().iter().map(|row| (text(row, "key"), text(row, "text"))).collect();
    ours.sort();
    assert_eq!(ours.len(), theirs.len(), "messages that stand");
    assert_eq!(ours, theirs);
}

/// One thing happens in the played repository, a second after the one before; what would be delivered about it.
fn happens(server: &Server, random: &mut Random, at: &mut i64) -> Option<(&'static str, Value)> {
    let mut stages = server.stages.lock().unwrap();
    let stage = &mut stages[0];
    let community = &mut stage.community;
    let thread = usize::try_from(random.below(community.threads.len() as u64)).unwrap();
    *at += 1;
    let at = *at;
    match random.below(10) {
        0..=4 => {
            community.reply(thread, at);
            let (number, id) = (community.threads[thread].number, community.threads[thread].posts.last()?.id);
            github::delivery(stage, number, Some(id), "created")
        }
        5 | 6 => {
            let thread = community.open(at);
            let number = community.threads[thread].number;
            github::delivery(stage, number, None, "opened")
        }
        7 => {
            community.edit(thread, at);
            let t = &community.threads[thread];
            let (place, post) = t.posts.iter().enumerate().rev().find(|(_, p)| !p.deleted)?;
            let (number, id) = (t.number, (place > 0).then_some(post.id));
            github::delivery(stage, number, id, "edited")
        }
        8 => {
            let t = &community.threads[thread];
            let id = t.replies().last()?.id;
            if t.accepted == Some(id) {
                return None;
            }
            community.delete(thread, at);
            github::delivery(stage, community_number(stage, thread), Some(id), "deleted")
        }
        _ => {
            let t = &mut community.threads[thread];
            t.closed = if t.closed.is_some() { None } else { Some(at) };
            t.changed = t.changed.max(at);
            let number = t.number;
            github::delivery(stage, number, None, "closed")
        }
    }
}

fn polled(sync: Option<Child>) {
    if let Some(mut sync) = sync {
        assert!(sync.wait().unwrap().success(), "polling");
    }
}

fn community_number(stage: &Stage, thread: usize) -> u64 {
    stage.community.threads[thread].number
}

#[test]
fn a_thousand_mixed_deliveries_with_polling_between_leave_no_gap_and_no_double() {
    let (desk, server) = repository(60, Some(10_000));
    let mut served = Some(Served::new(&desk, &["--no-sync"]));
    let mut random = Random(4_711);
    // A service tells times to the second: what changes twice within one cannot be told apart by anybody.
    let mut at = now() - 3_600;
    let mut poll: Option<Child> = None;
    let mut kept: Vec<(String, &'static str, Value)> = Vec::new();
    let (mut taken, mut repeated, mut refused, mut sent, mut kills) = (0, 0, 0, 0_u64, 0);
    let (mut polls, mut next_kill) = (0, 200);
    while sent < 1_000 {
        let desk_at = served.as_ref().unwrap();
        match random.below(20) {
            // A replay: the same delivery, or its bytes under another id.
            0..=2 if !kept.is_empty() => {
                let place = usize::try_from(random.below(kept.len() as u64)).unwrap();
                let (id, event, body) = &kept[place];
                let id = if random.below(2) == 0 { id.clone() } else { format!("other-{sent}") };
                assert_eq!(desk_at.github(&id, event, body, SECRET), Some(200));
                (repeated, sent) = (repeated + 1, sent + 1);
            }
            3 | 4 => {
                let forged = json!({"action": "opened", "issue": {"number": 1}, "repository": {"full_name": "tidewater/relay"}});
                assert_eq!(
                    desk_at.github(&format!("forged-{sent}"), "issues", &forged, "a-wrong-secret"),
                    Some(401)
                );
                (refused, sent) = (refused + 1, sent + 1);
            }
            // It happens, and nobody tells: polling alone brings it, deletions too.
            5 => {
                happens(&server, &mut random, &mut at);
            }
            _ => {
                let Some((event, body)) = happens(&server, &mut random, &mut at) else { continue };
                let id = format!("d-{}", kept.len());
                let secret = if random.below(5) == 0 { "an-older-secret" } else { SECRET };
                assert_eq!(desk_at.github(&id, event, &body, secret), Some(202));
                kept.push((id, event, body));
                (taken, sent) = (taken + 1, sent + 1);
            }
        }
        if sent / 100 > polls {
            polls = sent / 100;
            // Polling goes on beside the deliveries.
            polled(poll.take());
            let mut sync = desk.command();
            poll = Some(sync.arg("sync").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        }
        if sent >= next_kill {
            next_kill += 200;
            // Killed in the middle of a burst: what was answered is in the inbox or in the log, and of the rest the
            // sender cannot know; it tries again, as services do.
            let mut burst: Vec<(String, &'static str, Value)> = Vec::new();
            while burst.len() < 25 {
                if let Some((event, body)) = happens(&server, &mut random, &mut at) {
                    burst.push((format!("burst-{sent}-{}", burst.len()), event, body));
                }
            }
            let mut gone = served.take().unwrap();
            let moment = Duration::from_millis(random.below(120));
            let answered: Vec<Option<u16>> = std::thread::scope(|scope| {
                let to = gone.at.clone();
                let burst = &burst;
                let sender = scope.spawn(move || {
                    burst.iter().map(|(id, event, body)| github_to(&to, id, event, body, SECRET)).collect()
                });
                std::thread::sleep(moment);
                gone.child.kill().unwrap();
                gone.child.wait().unwrap();
                sender.join().unwrap()
            });
            drop(gone);
            let began = Served::new(&desk, &["--no-sync"]);
            for ((id, event, body), before) in burst.iter().zip(answered) {
                let again = began.github(id, event, body, SECRET).unwrap();
                // Answered before the kill means kept; not answered means either.
                assert!(again == 200 || again == 202 && before.is_none(), "{id}: {before:?}, then {again}");
                (taken, repeated) = (taken + 1, repeated + u64::from(again == 200));
                sent += 1 + u64::from(before.is_some());
            }
            kept.extend(burst);
            kills += 1;
            served = Some(began);
        }
    }
    assert!(kills >= 3 && sent >= 1_000, "{kills} kills in {sent} deliveries");
    polled(poll);
    settled(&desk);
    let told = hook(&desk, "github");
    assert_eq!(
        (told["received"].as_u64(), told["repeated"].as_u64()),
        (Some(taken), Some(repeated)),
        "{told}"
    );
    assert_eq!((told["aside"].as_u64(), told["passed"].as_u64()), (Some(0), Some(0)), "{told}");
    assert!(refused > 50 && told["refused"].as_u64() > Some(0), "{told}");
    desk.json(&["sync"]);
    desk.json(&["sync"]);
    same(&desk, &server);
    // Everything is in: polling finds nothing new any more, not even by looking at everything again.
    let again = desk.json(&["sync"]);
    assert_eq!(again[0]["stored"].as_u64(), Some(0), "{again}");
    let whole = desk.json(&["add", "github:tidewater/relay", "--again"]);
    assert_eq!(whole[0]["stored"].as_u64(), Some(0), "{whole}");
    let twice =
        "SELECT count(*) AS n FROM (SELECT key FROM activities GROUP BY source, key HAVING count(*) > 1)";
    assert_eq!(one(&desk, twice), 0);
    desk.is_well();
    let before = desk.json(&["sql", "--top", "100000", "SELECT * FROM threads ORDER BY id"]);
    desk.text(&["rebuild"]);
    assert_eq!(desk.json(&["sql", "--top", "100000", "SELECT * FROM threads ORDER BY id"]), before);
    desk.is_well();
    assert_eq!(server.failures(), Vec::<String>::new());
}

#[test]
fn a_delivery_is_there_before_polling_and_polling_stores_nothing_new() {
    let (desk, server) = repository(20, Some(10_000));
    let served = Served::new(&desk, &["--no-sync"]);
    let (event, mut body) = {
        let mut stages = server.stages.lock().unwrap();
        let at = now();
        let thread = stages[0].community.open(at);
        stages[0].community.reply(thread, at + 1);
        let number = community_number(&stages[0], thread);
        let id = stages[0].community.threads[thread].posts[1].id;
        github::delivery(&stages[0], number, Some(id), "created").unwrap()
    };
    assert_eq!(served.github("first", event, &body, SECRET), Some(202));
    settled(&desk);
    let told = hook(&desk, "github");
    assert_eq!(told["stored"].as_u64(), Some(2), "the issue and its comment: {told}");
    let polled = desk.json(&["sync"]);
    assert_eq!(
        (polled[0]["stored"].as_u64(), polled[0]["rejected"].as_u64()),
        (Some(0), Some(0)),
        "{polled}"
    );
    // Redelivered by its owner's hand: the same id, and nothing happens.
    assert_eq!(served.github("first", event, &body, SECRET), Some(200));
    // Deleted; then what had been said before comes late, under an id that was never seen, and stays deleted.
    let mut gone = body.clone();
    gone["action"] = json!("deleted");
    assert_eq!(served.github("gone", event, &gone, SECRET), Some(202));
    let mut late = body.clone();
    late["late"] = json!(true);
    assert_eq!(served.github("late", event, &late, SECRET), Some(202));
    // And one whose deletion is the first that is heard of it.
    let id = body["comment"]["id"].as_u64().unwrap();
    for (name, action) in [("unheard-gone", "deleted"), ("unheard-late", "created")] {
        (body["action"], body["comment"]["id"]) = (json!(action), json!(id + 900_000));
        assert_eq!(served.github(name, event, &body, SECRET), Some(202));
    }
    settled(&desk);
    for id in [id, id + 900_000] {
        let query = format!("SELECT sum(deleted) AS n FROM activities WHERE key LIKE '%/c/{id}'");
        assert_eq!(one(&desk, &query), 1, "{id}");
    }
    desk.is_well();
}

#[test]
fn every_hook_is_checked_and_nothing_else_opens() {
    let desk = Desk::new();
    std::fs::create_dir_all(desk.0.path()).unwrap();
    desk.json(&["add", crate::world::company().join("list").to_str().unwrap()]);
    let served = Served::new(&desk, &["--public-url", "https://desk.example.org"]);
    let json_body = ("Content-Type", "application/json".to_owned());
    // Rows of the documented format, signed by the Standard Webhooks scheme.
    let rows = r#"[{"id":"q1","at":"2026-09-25T17:00:00Z","person_id":"u7","person_name":"Ida Roth","act":"opened","title":"Replay one event","text":"How can I replay one event?"},{"id":"q2","text":"when?"}]"#;
    let path = "/api/activities?source=helpdesk";
    assert_eq!(served.standard(path, "m1", now(), rows).0, 202);
    assert_eq!(served.standard(path, "m1", now(), rows).0, 200, "the same id");
    assert_eq!(served.standard(path, "m2", now(), rows).0, 200, "the same bytes");
    assert_eq!(served.standard(path, "m3", now() - 3_600, rows).0, 401, "an hour old");
    assert_eq!(served.standard("/api/activities", "m4", now(), rows).0, 400, "no source");
    assert_eq!(served.send("POST", path, std::slice::from_ref(&json_body), rows.as_bytes()).unwrap().0, 401);
    settled(&desk);
    let sources = desk.json(&["sources"]);
    let helpdesk = sources.as_array().unwrap().iter().find(|s| s["source"] == "activities:helpdesk").unwrap();
    assert_eq!(
        (helpdesk["stored"].as_u64(), helpdesk["rejected"].as_u64()),
        (Some(1), Some(1)),
        "{helpdesk}"
    );
    let aside = desk.json(&["sources", "--rejects", "activities:helpdesk"]);
    assert!(aside[0]["bytes"].as_str().unwrap().contains("when?"), "{aside}");
    assert!(desk.json(&["needs", "--all"]).to_string().contains("Replay one event"));
    // Slack: a handshake, a message, a replay out of its window.
    let slack = |at: i64, body: &Value, secret: &str| {
        let (stamp, body) = (at.to_string(), body.to_string());
        let signature =
            format!("v0={}", hex(&mac(secret, &[b"v0:", stamp.as_bytes(), b":", body.as_bytes()])));
        let headers =
            [json_body.clone(), ("X-Slack-Request-Timestamp", stamp), ("X-Slack-Signature", signature)];
        served.send("POST", "/hooks/slack", &headers, body.as_bytes()).unwrap()
    };
    let (status, body) = slack(now(), &json!({"type": "url_verification", "challenge": "c4"}), SECRET);
    assert_eq!((status, body.as_str()), (200, "{\"challenge\":\"c4\"}"));
    assert_eq!(
        slack(now(), &json!({"type": "url_verification", "challenge": "c4"}), "guessed-secret").0,
        401
    );
    let message = json!({"type": "event_callback", "team_id": "T0TIDE", "event_id": "Ev1", "event": {"type": "message",
        "channel": "C1", "channel_type": "channel", "user": "U1", "text": "Why does it fail?", "ts": "1790415000.000100"}});
    assert_eq!(slack(now(), &message, SECRET).0, 202);
    assert_eq!(slack(now(), &message, SECRET).0, 200, "its second try");
    assert_eq!(slack(now() - 400, &message, SECRET).0, 401);
    // GitLab by token, Gitea and Discourse by signature, of places that nobody added.
    let gitlab = json!({"object_kind": "issue", "project": {"web_url": "https://git.example.org/tide/relay"},
        "user": {"id": 3, "username": "ada-k"}, "object_attributes": {"id": 1, "iid": 1, "author_id": 3, "title": "T",
        "state": "opened", "created_at": "2026-09-01 10:00:00 UTC", "url": "https://git.example.org/tide/relay/-/issues/1"}})
    .to_string();
    let token = |secret: &str| {
        let headers = [
            json_body.clone(),
            ("X-Gitlab-Token", secret.to_owned()),
            ("X-Gitlab-Event", "Issue Hook".to_owned()),
        ];
        served.send("POST", "/hooks/gitlab", &headers, gitlab.as_bytes()).unwrap().0
    };
    assert_eq!((token("a-wrong-token"), token(SECRET), token(SECRET)), (401, 202, 200));
    assert_eq!(
        served.standard("/hooks/gitlab", "g2", now(), &gitlab.replace("\"T\"", "\"U\"")).0,
        202,
        "the newer signed form"
    );
    let discourse = json!({"post": {"id": 1, "post_number": 1, "topic_id": 1, "username": "ada-k", "cooked": "<p>Why?</p>",
        "created_at": "2026-09-01T10:00:00Z"}})
    .to_string();
    let signature = format!("sha256={}", hex(&mac(SECRET, &[discourse.as_bytes()])));
    let headers = [
        json_body.clone(),
        ("X-Discourse-Event-Signature", signature.clone()),
        ("X-Discourse-Event-Id", "7".to_owned()),
        ("X-Discourse-Event", "post_created".to_owned()),
        ("X-Discourse-Instance", "https://forum.example.org".to_owned()),
    ];
    assert_eq!(served.send("POST", "/hooks/discourse", &headers, discourse.as_bytes()).unwrap().0, 202);
    let gitea = [
        json_body.clone(),
        ("X-Gitea-Signature", signature.trim_start_matches("sha256=").to_owned()),
        ("X-Gitea-Delivery", "u-1".to_owned()),
        ("X-Gitea-Event", "issues".to_owned()),
    ];
    assert_eq!(served.send("POST", "/hooks/gitea", &gitea, discourse.as_bytes()).unwrap().0, 202);
    settled(&desk);
    assert!(
        hook(&desk, "gitlab")["last_passed"]
            .as_str()
            .unwrap()
            .contains("git.example.org/tide/relay is not listened to")
    );
    assert!(hook(&desk, "discourse")["last_passed"].as_str().unwrap().contains("is not listened to"));
    assert_eq!(hook(&desk, "gitea")["passed"].as_u64(), Some(1));
    assert_eq!(one(&desk, "SELECT count(*) AS n FROM activities WHERE source = 'slack:t0tide'"), 1);
    // A body that is no JSON is signed all the same: it is set aside and counted, with why.
    let broken = b"{\"action\":";
    let signature = format!("sha256={}", hex(&mac(SECRET, &[broken])));
    let headers = [
        json_body.clone(),
        ("X-GitHub-Event", "issues".to_owned()),
        ("X-GitHub-Delivery", "b".to_owned()),
        ("X-Hub-Signature-256", signature),
    ];
    assert_eq!(served.send("POST", "/hooks/github", &headers, broken).unwrap().0, 202);
    settled(&desk);
    let told = hook(&desk, "github");
    assert_eq!(told["aside"].as_u64(), Some(1));
    assert!(told["last_aside"]["why"].as_str().unwrap().contains("no JSON"), "{told}");
    // GitHub sends a form unless it is told otherwise, and signs it as it goes over the line; Gitea signs what is in it.
    let urlencoded = ("Content-Type", "application/x-www-form-urlencoded".to_owned());
    let packed = |body: &Value| {
        let text = body.to_string();
        let each = text.bytes().map(|b| match b {
            b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
            b' ' => "+".to_owned(),
            b => format!("%{b:02X}"),
        });
        format!("payload={}", each.collect::<String>())
    };
    let zen = json!({"zen": "Ümlaut & more=less + 1", "hook_id": 1});
    let filled = packed(&zen);
    let sent = |id: &str, over: &str, body: &str| {
        let headers = [
            urlencoded.clone(),
            ("X-GitHub-Event", "ping".to_owned()),
            ("X-GitHub-Delivery", id.to_owned()),
            ("X-Hub-Signature-256", format!("sha256={}", hex(&mac(SECRET, &[over.as_bytes()])))),
        ];
        served.send("POST", "/hooks/github", &headers, body.as_bytes()).unwrap().0
    };
    assert_eq!(sent("f1", &filled, &filled), 202);
    assert_eq!(sent("f2", &filled, &filled), 200, "the same bytes");
    assert_eq!(sent("f3", &zen.to_string(), &filled), 401, "signed over the JSON in it");
    assert_eq!(sent("f4", "zen=1", "zen=1"), 415, "a form of something else");
    assert_eq!(served.github("f5", "ping", &zen, SECRET), Some(200), "told as JSON it is the same delivery");
    let other = json!({"action": "opened", "note": "Ümlaut & more=less + 1"});
    let headers = [
        urlencoded,
        ("X-Gitea-Signature", hex(&mac(SECRET, &[other.to_string().as_bytes()]))),
        ("X-Gitea-Delivery", "u-2".to_owned()),
        ("X-Gitea-Event", "issues".to_owned()),
    ];
    assert_eq!(served.send("POST", "/hooks/gitea", &headers, packed(&other).as_bytes()).unwrap().0, 202);
    settled(&desk);
    assert!(hook(&desk, "github")["last_passed"].as_str().unwrap().contains("a greeting"));
    // Too large, the wrong method, other addresses: nothing else is open without logging in.
    let large = vec![b' '; 5 << 20];
    assert_eq!(served.send("POST", "/hooks/github", &headers, &large).unwrap().0, 413);
    assert_eq!(served.send("GET", "/hooks/github", &[], b"").unwrap().0, 405);
    assert_eq!(served.send("POST", "/hooks/nobody", std::slice::from_ref(&json_body), b"{}").unwrap().0, 404);
    assert_eq!(
        served.send("POST", "/hooks/activities", std::slice::from_ref(&json_body), b"{}").unwrap().0,
        404
    );
    for (method, path) in
        [("POST", "/api/claim"), ("GET", "/api/needs"), ("GET", "/api/activities/x"), ("POST", "/api/hooks")]
    {
        assert_eq!(
            served.send(method, path, std::slice::from_ref(&json_body), b"{}").unwrap().0,
            401,
            "{path}"
        );
    }
    for (method, path) in [("GET", "/hooks"), ("GET", "/live"), ("GET", "/feeds/needs.atom")] {
        let status = served.send(method, path, &[], b"").unwrap().0;
        assert!(matches!(status, 303 | 401), "{path}: {status}");
    }
    // A flood is told to come later.
    let flood = (0..4_000).find(|_| served.send("POST", "/hooks/slack", &[], b"{}").unwrap().0 == 429);
    assert!(flood.is_some(), "nobody may knock without end");
    // No secret is shown anywhere, and none is kept.
    let shown =
        format!("{}{}{}", desk.text(&["hooks"]), desk.text(&["hooks", "github"]), desk.json(&["hooks"]));
    assert!(!shown.contains(SECRET) && shown.contains("RAPPORT_HOOK_GITHUB"), "{shown}");
    let bytes = std::fs::read(desk.0.path().join("rapport.sqlite")).unwrap();
    assert!(!bytes.windows(SECRET.len()).any(|w| w == SECRET.as_bytes()));
    desk.is_well();
}

/// The command of the documentation, as somebody would copy it.
#[test]
fn what_the_documentation_says_to_post_arrives() {
    if !(here(&["curl"], "curl") && here(&["openssl"], "openssl")) {
        return;
    }
    let desk = Desk::new();
    std::fs::create_dir_all(desk.0.path()).unwrap();
    desk.json(&["add", crate::world::company().join("list").to_str().unwrap()]);
    let served = Served::new(&desk, &["--no-sync"]);
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/running.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut blocks = page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let block = blocks.find(|block| block.contains("/api/activities?source=helpdesk")).unwrap();
    let command = block.replace("https://desk.example.org", &format!("http://{}", served.at));
    let rows = "[{\"id\": \"q1\", \"at\": \"2026-09-25T17:00:00Z\", \"person_id\": \"u7\",\n \"act\": \"opened\", \"title\": \"Replay\", \"text\": \"Why \\u00fc?\"}]\n";
    std::fs::write(desk.0.path().join("rows.json"), rows).unwrap();
    let done = std::process::Command::new("sh")
        .args(["-ec", &command])
        .current_dir(desk.0.path())
        .env("RAPPORT_HOOK_ACTIVITIES", SECRET)
        .env("NO_PROXY", "127.0.0.1")
        .env("no_proxy", "127.0.0.1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success() && said.contains("\"taken\""), "{said} {done:?}");
    settled(&desk);
    assert_eq!(hook(&desk, "activities")["stored"], json!(1));
    assert!(desk.json(&["needs", "--all"]).to_string().contains("Replay"));
}

#[test]
fn a_secret_file_that_others_may_read_is_not_used() {
    let desk = Desk::new();
    desk.json(&["add", crate::world::company().join("list").to_str().unwrap()]);
    let path = desk.0.path().join("secrets.toml");
    std::fs::write(&path, format!("RAPPORT_HOOK_GITHUB = \"{SECRET}\"\nRAPPORT_HOOK_SLACK = \"short\"\n"))
        .unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let told = hook(&desk, "github");
    assert_eq!((told["ready"].as_bool(), told["trouble"].is_string()), (Some(false), true), "{told}");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(hook(&desk, "github")["ready"], json!(true));
    assert!(hook(&desk, "slack")["trouble"].as_str().unwrap().contains("shorter"));
    assert!(!desk.text(&["hooks"]).contains("short\""));
}

/// What somebody who asked to be forgotten had said in a delivery that waits is not in the folder afterwards.
#[test]
fn a_delivery_that_waits_is_forgotten_with_its_author() {
    let (desk, server) = repository(10, Some(10_000));
    let served = Served::new(&desk, &["--no-sync"]);
    let (event, mut body) = {
        let stages = server.stages.lock().unwrap();
        github::delivery(&stages[0], 1, None, "edited").unwrap()
    };
    body["issue"]["user"]["login"] = json!("zebediah-quill");
    body["issue"]["number"] = json!(9_001);
    body["issue"]["html_url"] = json!("https://github.com/tidewater/relay/issues/9001");
    assert_eq!(served.github("z1", event, &body, SECRET), Some(202));
    settled(&desk);
    drop(served);
    desk.text(&["forget", "zebediah-quill", "--yes"]);
    // A second one was taken before that and not read: it was read first, and says nothing now.
    let served = Served::new(&desk, &["--no-sync"]);
    body["issue"]["title"] = json!("Another one");
    body["issue"]["number"] = json!(9_002);
    assert_eq!(served.github("z2", event, &body, SECRET), Some(202));
    settled(&desk);
    drop(served);
    desk.is_well();
    for entry in std::fs::read_dir(desk.0.path()).unwrap().flatten().filter(|e| e.path().is_file()) {
        let bytes = std::fs::read(entry.path()).unwrap();
        assert!(!bytes.windows(14).any(|w| w == b"zebediah-quill"), "{}", entry.path().display());
    }
}
