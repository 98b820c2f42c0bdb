//! s22, the part about a desk that is served: sources are looked at by themselves, whoever writes finds the folder free
//! while a pause is sat out, pages hear of changes, and feed readers have their keys.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::s22_living::play::socket::Server;
use crate::s22_living::play::{Community, Fault, Stage};
use crate::sender::{Served, now};
use crate::world::Desk;

fn repository(threads: usize, prepare: impl Fn(&mut Stage)) -> (Desk, Server) {
    let stages = ["github", "discourse"].map(|service| {
        let mut stage = Stage::new(service, Community::new(threads, now(), 29));
        stage.quota = u64::MAX;
        prepare(&mut stage);
        stage
    });
    let server = Server::start(0, stages.into()).unwrap();
    let desk = Desk::new();
    let at = format!(
        "[schedule]\nevery-minutes = 1\n[network]\nallow-private = true\n[network.at]\n\"https://api.github.com\" = \"{}/github\"\n",
        server.address
    );
    std::fs::write(desk.0.path().join("rapport.toml"), at).unwrap();
    (desk, server)
}

fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn source(desk: &Desk, name: &str) -> Value {
    let all = desk.json(&["sources"]);
    all.as_array().unwrap().iter().find(|s| s["source"] == name).unwrap().clone()
}

fn asked(server: &Server) -> u64 {
    server.stages.lock().unwrap().iter().map(|s| s.asked).sum()
}

#[test]
fn the_folder_is_free_while_a_pause_is_sat_out() {
    let (desk, server) = repository(30, |stage| {
        stage.faults.insert(2, Fault::Pause(8));
    });
    let mut child = desk.command();
    let mut child = child
        .args(["add", "github:tidewater/relay"])
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut status = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut status).unwrap();
    assert!(status.contains("next try"), "{status}");
    // It sits out eight seconds now. Others read and write as if it were not there.
    let began = Instant::now();
    desk.json(&["add", crate::world::company().join("list").to_str().unwrap()]);
    assert!(began.elapsed() < Duration::from_secs(6), "an archive was added after {:?}", began.elapsed());
    assert!(source(&desk, "github:tidewater/relay")["status"].as_str().unwrap().contains("next try"));
    assert!(child.wait().unwrap().success());
    assert_eq!(source(&desk, "github:tidewater/relay")["status"], "complete");
    desk.is_well();
    assert_eq!(server.failures(), Vec::<String>::new());
}

#[test]
fn two_processes_do_not_ask_one_host_at_once() {
    let (desk, server) = repository(400, |stage| {
        stage.faults.insert(1, Fault::Slow(1_500));
    });
    desk.json(&["add", "--later", "github:tidewater/relay"]);
    let sync = || {
        let mut command = desk.command();
        command.args(["--json", "sync"]).stderr(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap()
    };
    let both: Vec<Value> = [sync(), sync()]
        .into_iter()
        .map(|child| serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap())
        .collect();
    let stored: u64 = both.iter().map(|o| o[0]["stored"].as_u64().unwrap()).sum();
    assert_eq!(stored, source(&desk, "github:tidewater/relay")["activities"].as_u64().unwrap(), "{both:?}");
    desk.is_well();
    assert_eq!(server.failures(), Vec::<String>::new(), "the server counts who asks beside another");
}

#[test]
fn served_it_looks_by_itself_rests_when_told_and_stops_cleanly() {
    let (desk, server) = repository(40, |_| {});
    let forum = format!("{}/discourse", server.address);
    desk.json(&["add", "--later", "github:tidewater/relay"]);
    desk.json(&["add", "--later", &forum, "--kind", "discourse"]);
    let host = forum.trim_start_matches("http://").to_owned();
    desk.text(&["pause", &format!("discourse:{host}")]);
    // Switched off nothing is asked.
    let before = asked(&server);
    let quiet = Served::new(&desk, &["--no-sync"]);
    std::thread::sleep(Duration::from_millis(2_500));
    assert_eq!(asked(&server), before);
    drop(quiet);
    let mut served = Served::new(&desk, &[]);
    until("the repository is read", || {
        (source(&desk, "github:tidewater/relay")["threads"] == 40).then_some(())
    });
    let relay = until("the look has ended", || {
        let relay = source(&desk, "github:tidewater/relay");
        (relay["status"] == "complete" && relay["looking"] == false).then_some(relay)
    });
    let next = relay["next"].as_str().unwrap();
    assert!(next.ends_with('Z') && relay["paused"].is_null(), "{relay}");
    let resting = source(&desk, &format!("discourse:{host}"));
    assert_eq!((resting["threads"].as_u64(), &resting["next"]), (Some(0), &Value::Null), "{resting}");
    assert_eq!(resting["paused"]["by"], "mara");
    let (_, page) = served.send("GET", "/sources", &[], b"").unwrap();
    assert!(page.contains("rests since") && page.contains("next look"), "the page says so");
    // Resumed on the page, by its form.
    let token = page.split("data-token=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = [("Content-Type", "application/x-www-form-urlencoded".to_owned())];
    let body = format!("token={token}&source=discourse%3A{}", host.replace(':', "%3A").replace('/', "%2F"));
    let forged = body.replace(token, "0");
    assert_eq!(served.send("POST", "/sources/turn/resume", &form, forged.as_bytes()).unwrap().0, 400);
    assert_eq!(served.send("POST", "/sources/turn/resume", &form, body.as_bytes()).unwrap().0, 303);
    until("the forum is read", || {
        (source(&desk, &format!("discourse:{host}"))["threads"] == 40).then_some(())
    });
    // Told to stop it stops, within moments and with nothing broken.
    let pid = served.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let status = until("it stops", || served.child.try_wait().unwrap());
    assert!(status.success(), "{status}");
    desk.is_well();
    assert_eq!(server.failures(), Vec::<String>::new());
}

#[test]
fn told_to_stop_in_the_middle_of_a_pause_it_stops_at_once() {
    let (desk, server) = repository(300, |stage| {
        stage.faults.insert(2, Fault::Pause(60));
    });
    desk.json(&["add", "--later", "github:tidewater/relay"]);
    let mut served = Served::new(&desk, &[]);
    until("it sits out a pause", || {
        source(&desk, "github:tidewater/relay")["status"].as_str()?.contains("next try").then_some(())
    });
    assert_eq!(source(&desk, "github:tidewater/relay")["looking"], true);
    let pid = served.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let began = Instant::now();
    let status = until("it stops", || served.child.try_wait().unwrap());
    assert!(
        status.success() && began.elapsed() < Duration::from_secs(8),
        "{status} after {:?}",
        began.elapsed()
    );
    desk.is_well();
    assert!(source(&desk, "github:tidewater/relay")["activities"].as_u64() > Some(0), "what came is kept");
    assert_eq!(server.failures(), Vec::<String>::new());
}

#[test]
fn pages_hear_of_changes_while_a_source_is_read() {
    let (desk, server) = repository(40, |_| {});
    desk.json(&["add", "github:tidewater/relay"]);
    let mut served = Served::new(&desk, &["--no-sync"]);
    let mut stream = TcpStream::connect(&served.at).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "GET /live HTTP/1.1\r\nHost: {}\r\n\r\n", served.at).unwrap();
    let mut lines = BufReader::new(stream).lines();
    let heads: Vec<String> =
        lines.by_ref().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    assert!(heads[0].contains("200") && heads.iter().any(|h| h.contains("text/event-stream")), "{heads:?}");
    server.stages.lock().unwrap()[0].community.open(now());
    let began = Instant::now();
    desk.json(&["sync"]);
    let heard = lines.by_ref().map_while(Result::ok).find(|line| line == "event: changed");
    assert!(heard.is_some() && began.elapsed() < Duration::from_secs(20), "after {:?}", began.elapsed());
    // What it says is that something changed, and nothing of what.
    let data = lines.by_ref().map_while(Result::ok).find(|line| line.starts_with("data: ")).unwrap();
    assert!(data[6..].parse::<u64>().is_ok(), "{data}");
    // A stream that is open does not keep the desk from closing.
    let pid = served.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let began = Instant::now();
    let status = until("it stops", || served.child.try_wait().unwrap());
    assert!(status.success() && began.elapsed() < Duration::from_secs(10), "{status}");
}

#[test]
fn an_open_page_shows_what_came_without_being_loaded_again() {
    let Some((chromium, modules)) = crate::web::browser() else { return };
    let desk = Desk::new();
    desk.json(&["add", crate::world::company().join("list").to_str().unwrap()]);
    let served = Served::new(&desk, &["--no-sync"]);
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/live.mjs");
    let mark = "Replay one single event";
    let mut node = Command::new("node");
    node.arg(script).arg(chromium).arg(modules).arg(format!("http://{}", served.at)).arg(mark);
    let mut child = node.stdout(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "listening");
    let at = rapport_model::Time::from_seconds(now() - 7_200).unwrap();
    let rows = json!([{ "id": "q1", "at": at.to_string(), "person_id": "u7", "person_name": "Ida Roth", "act": "opened",
        "title": mark, "text": "How can I replay one single event? It fails every time.", "kind": "question" }]);
    assert_eq!(served.standard("/api/activities?source=helpdesk", "live-1", now(), &rows.to_string()).0, 202);
    line.clear();
    said.read_line(&mut line).unwrap();
    assert!(child.wait().unwrap().success(), "{line}");
    let seen: Value = serde_json::from_str(&line).unwrap();
    for page in ["today", "sources"] {
        assert_eq!((&seen[page]["same"], &seen[page]["errors"]), (&json!(true), &json!([])), "{seen}");
    }
    assert_ne!(seen["today"]["before"], seen["today"]["after"], "one person more waits");
}

#[test]
fn feed_readers_come_with_a_key_that_can_be_taken_back() {
    let desk = Desk::world();
    let account = |name: &str, role: &str| {
        let mut command = desk.command();
        command.args(["account", "add", name, "--as", role]).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"a few words in a row\n").unwrap();
        assert!(child.wait().unwrap().success());
    };
    account("noor", "head");
    account("sven", "product");
    assert!(!desk.run(&["feeds", "new", "nobody"]).status.success());
    let made = desk.json(&["feeds", "new", "noor"]);
    let sven = desk.json(&["feeds", "new", "sven"]);
    let feeds: Vec<&str> = made["feeds"].as_array().unwrap().iter().map(|f| f.as_str().unwrap()).collect();
    let (digest, needs) = (feeds[0], feeds[1]);
    let key = needs.split("key=").nth(1).unwrap();
    assert!(!desk.json(&["feeds", "list"]).to_string().contains(key), "it is shown once");
    let bytes = std::fs::read(desk.0.path().join("rapport.sqlite")).unwrap();
    assert!(!bytes.windows(key.len()).any(|w| w == key.as_bytes()), "only its digest is kept");
    let served = Served::new(&desk, &["--public-url", "https://desk.example.org", "--no-sync"]);
    let get = |path: &str| served.send("GET", path, &[], b"").unwrap();
    for feed in [digest, needs] {
        let (status, body) = get(feed);
        assert_eq!(status, 200, "{feed}: {body}");
        assert!(body.starts_with("<?xml") && body.contains("http://www.w3.org/2005/Atom"), "{body}");
    }
    // It opens feeds and nothing else; and what a role may not see is not in its feed.
    for path in ["/", "/api/needs", "/feeds/other.atom", "/live"] {
        let (status, _) = get(&format!("{path}?key={key}"));
        assert!(matches!(status, 303 | 401 | 404), "{path}: {status}");
    }
    assert_eq!(get("/feeds/needs.atom?key=0000").0, 401);
    let asker = desk.json(&["needs"])[0]["asker"].as_str().unwrap().to_owned();
    assert!(get(needs).1.contains(&asker));
    let theirs = get(sven["feeds"][1].as_str().unwrap()).1;
    assert!(theirs.contains("<entry>") && !theirs.contains(&asker), "names stay inside DevRel");
    if let Some(python) =
        crate::tools::python("feedparser", "feedparser==6.0.11").map(|programs| programs.join("python"))
    {
        for feed in [digest, needs] {
            let path = desk.0.path().join("feed.xml");
            std::fs::write(&path, get(feed).1).unwrap();
            let program = "import feedparser, json, sys; f = feedparser.parse(sys.argv[1]); print(json.dumps({'bozo': f.bozo, 'version': f.version, 'title': f.feed.title, 'ids': [e.id for e in f.entries], 'titles': [e.title for e in f.entries], 'dated': all('updated_parsed' in e for e in f.entries)}))";
            let said = Command::new(&python).args(["-c", program]).arg(&path).output().unwrap();
            let said: Value = serde_json::from_slice(&said.stdout).unwrap();
            assert_eq!(
                (&said["bozo"], &said["version"], &said["dated"]),
                (&json!(false), &json!("atom10"), &json!(true))
            );
            let ids = said["ids"].as_array().unwrap();
            assert!(!ids.is_empty());
            let all: std::collections::BTreeSet<&str> = ids.iter().filter_map(Value::as_str).collect();
            assert_eq!(all.len(), ids.len(), "{said}");
            if feed == needs {
                let waiting = desk.json(&["needs"]);
                let first = waiting[0]["title"].as_str().unwrap();
                assert_eq!(ids.len(), waiting.as_array().unwrap().len());
                assert!(said["titles"][0].as_str().unwrap().contains(first), "{first}: {said}");
            }
        }
    }
    // Unchanged it costs nothing to ask again.
    let whole = served.send("GET", needs, &[("If-None-Match", "\"0\"".to_owned())], b"").unwrap();
    assert_eq!(whole.0, 200);
    // Taken back, or its account gone, it opens nothing any more.
    assert!(desk.run(&["feeds", "revoke", "1"]).status.success());
    assert_eq!(get(needs).0, 401);
    assert!(desk.run(&["account", "remove", "sven"]).status.success());
    assert_eq!(get(sven["feeds"][0].as_str().unwrap()).0, 401);
}
