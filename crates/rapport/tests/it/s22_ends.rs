//! s22, the part about being told to end: between two replies, with a word on what is left; and a process that had no time
//! for that leaves a status that does not pretend.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::s22_living::play::Fault;
use crate::s22_living::play::socket::Server;
use crate::s22_living::{messages, none, played, standing};
use crate::sender::Served;
use crate::world::Desk;

/// A repository of which a few pages are in when it asks for a pause of a minute.
fn pausing() -> (Desk, Server) {
    played(700, |stage| {
        stage.quota = u64::MAX;
        stage.faults.insert(4, Fault::Pause(60));
    })
}

fn paused() -> (Desk, Server) {
    let (desk, server) = pausing();
    desk.json(&["add", "--later", "github:tidewater/relay"]);
    (desk, server)
}

/// Begins it and waits until it sits out the pause.
fn begun(desk: &Desk, words: &[&str]) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut command = desk.command();
    let mut child = command.args(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert!(line.contains("next try"), "{line}");
    (child, said)
}

fn tell(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

fn source(desk: &Desk) -> Value {
    desk.json(&["sources"])[0].clone()
}

/// The pause is over: nobody waits a minute for this.
fn goes_on(desk: &Desk, server: &Server) {
    let script = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], timeout=10); \
        db.execute('UPDATE host_limit SET until = 0'); db.execute('DELETE FROM pause'); db.commit()";
    let file = desk.0.path().join("rapport.sqlite");
    let done = Command::new("python3").args(["-c", script]).arg(file).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    for stage in server.stages.lock().unwrap().iter_mut() {
        stage.forgive();
    }
    desk.json(&["sync"]);
    assert_eq!(messages(desk), standing(server, "github"));
    assert_eq!(source(desk)["status"], "complete");
    desk.is_well();
    none(server);
}

#[test]
fn told_to_end_it_keeps_what_came_and_says_what_is_left() {
    let add = &["add", "github:tidewater/relay", "hackernews:relay"][..];
    for (words, signal) in [
        (&["sync", "--watch"][..], "-INT"),
        (&["sync", "--watch"][..], "-TERM"),
        (&["sync"][..], "-TERM"),
        (add, "-INT"),
        (add, "-TERM"),
    ] {
        let (desk, server) = if words == add { pausing() } else { paused() };
        let (mut child, mut said) = begun(&desk, words);
        let told = Instant::now();
        tell(&child, signal);
        let ended = child.wait().unwrap();
        assert!(told.elapsed() < Duration::from_secs(2), "it ended after {:?}", told.elapsed());
        let (mut out, mut rest) = (String::new(), String::new());
        child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        said.read_to_string(&mut rest).unwrap();
        assert_eq!(ended.code(), Some(0), "{words:?} {signal}: {out}{rest}");
        assert!(
            out.contains("left in the middle, 397 of about 700 issues in; the next look goes on there"),
            "{out}"
        );
        assert!(!words.contains(&"--watch") || out.contains("stopped: github:tidewater/relay left"), "{out}");
        // What was not begun yet is named: it is no source.
        assert_eq!(
            rest.contains("not added, because it was told to stop: hackernews:relay"),
            words[0] == "add"
        );
        assert_eq!(desk.json(&["sources"]).as_array().unwrap().len(), 1);
        let row = source(&desk);
        assert!(row["status"].as_str().unwrap().contains("left in the middle"), "{row}");
        assert_eq!(row["looking"], false, "{row}");
        goes_on(&desk, &server);
    }
}

#[test]
fn a_process_that_was_killed_leaves_no_status_that_pretends() {
    let (desk, server) = paused();
    let (mut child, _said) = begun(&desk, &["sync"]);
    assert_eq!(source(&desk)["looking"], true, "while it waits");
    child.kill().unwrap();
    child.wait().unwrap();
    let row = source(&desk);
    assert_eq!(row["looking"], false, "{row}");
    let status = row["status"].as_str().unwrap();
    assert!(status.contains("left in the middle, 397 of about 700 issues in"), "{row}");
    assert!(desk.text(&["sources"]).contains("left in the middle"));
    goes_on(&desk, &server);
}

#[test]
fn a_served_desk_ends_between_two_replies() {
    for signal in ["-INT", "-TERM"] {
        let (desk, server) = paused();
        let mut served = Served::new(&desk, &[]);
        let began = Instant::now();
        while source(&desk)["looking"] == false || messages(&desk) == 0 {
            assert!(began.elapsed() < Duration::from_secs(30), "it looks by itself");
            std::thread::sleep(Duration::from_millis(50));
        }
        std::thread::sleep(Duration::from_millis(1_000)); // into the pause
        let told = Instant::now();
        tell(&served.child, signal);
        let ended = served.child.wait().unwrap();
        assert_eq!(ended.code(), Some(0), "{signal}");
        assert!(told.elapsed() < Duration::from_secs(3), "it ended after {:?}", told.elapsed());
        let row = source(&desk);
        assert_eq!(row["looking"], false, "{row}");
        assert!(row["status"].as_str().unwrap().contains("left in the middle"), "{row}");
        goes_on(&desk, &server);
    }
}
