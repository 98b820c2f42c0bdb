//! s22 on real servers of mailing lists and repositories: what they bring comes in once, whichever way it came, and what
//! is withdrawn there is withdrawn here. And the look that goes on by itself.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::listserver::{Inbox, LOGIN, Mailbox, Remote, export, mail};
use crate::s22_living::{messages, now, played, standing};
use crate::world::Desk;

const NAME: &str = "relay-users.example.org";

fn near(more: &str) -> Desk {
    let desk = Desk::new();
    let config = format!("[network]\nallow-private = true\n{more}");
    std::fs::write(desk.0.path().join("rapport.toml"), config).unwrap();
    desk
}

fn count(outcome: &Value, key: &str) -> u64 {
    outcome[0][key].as_u64().unwrap_or_else(|| panic!("{key}: {outcome}"))
}

/// Stored, known, rejected.
fn took(outcome: &Value) -> (u64, u64, u64) {
    (count(outcome, "stored"), count(outcome, "known"), count(outcome, "rejected"))
}

/// Every mail: its key, whether it is deleted, its text.
fn stored(desk: &Desk) -> Vec<(String, bool, String)> {
    let rows = desk.json(&["sql", "SELECT key, deleted, text FROM activities ORDER BY key, deleted"]);
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| (text(row, "key"), row["deleted"] == 1, text(row, "text"))).collect()
}

fn is_deleted(desk: &Desk, n: u32) -> bool {
    let key = format!("msg/m{n}@example.org");
    let all = stored(desk);
    let found: Vec<_> = all.iter().filter(|(held, ..)| *held == key).collect();
    assert_eq!(found.len(), 1, "{key} once: {all:?}");
    found[0].1
}

fn five() -> Vec<String> {
    vec![
        mail(1, None, "Why does the relay sign twice?", "It does since 3.1."),
        mail(2, Some(1), "Re: Why does the relay sign twice?", "Turn the old key off."),
        mail(3, None, "My key", "My key is hunter2."),
        mail(4, None, "Where is the migration guide?", "I looked for it everywhere."),
        mail(5, Some(4), "Re: Where is the migration guide?", "From the road: .\n..\n.dots\nFrom here on."),
    ]
}

fn of(source: &Value, rows: &Value) -> u64 {
    rows.as_array().unwrap().iter().filter(|row| row["source"] == *source).count() as u64
}

#[test]
fn a_public_inbox_is_followed_by_its_repositories_and_an_export_doubles_nothing() {
    let Some(mut inbox) = Inbox::start() else { return };
    let mails = five();
    mails[..4].iter().for_each(|mail| inbox.deliver(mail));
    inbox.serve();
    let desk = near("");
    let path = desk.0.path().join("export.mbox");
    std::fs::write(&path, export(&mails[..2])).unwrap();
    let exported = desk.json(&["add", path.to_str().unwrap()]);
    assert_eq!(took(&exported), (2, 0, 0), "{exported}");
    // The export goes by the list's own name; the living list is told to go by it, too.
    let source = exported[0]["source"].as_str().unwrap();
    let name = source.split_once(':').map_or(source, |(_, name)| name);
    assert_eq!(name, NAME);
    let living = desk.json(&["add", &format!("public-inbox:{}", inbox.address()), "--name", name]);
    assert_eq!((living[0]["source"].as_str(), took(&living)), (Some(source), (2, 2, 0)), "{living}");
    assert_eq!(messages(&desk), 4);

    let idle = desk.json(&["sync"]);
    assert_eq!(took(&idle), (0, 0, 0), "{idle}");
    assert!(count(&idle, "requests") <= 2, "{idle}");

    inbox.deliver(&mails[4]);
    inbox.withdraw(&mails[2]);
    let moved = desk.json(&["sync"]);
    assert_eq!(count(&moved, "rejected"), 0, "{moved}");
    assert_eq!(messages(&desk), 4, "one more, one less: {moved}");
    assert!(is_deleted(&desk, 3) && !is_deleted(&desk, 5));
    assert!(!desk.json(&["search", "hunter2"]).to_string().contains("hunter2"));
    // The whole export, later: all of it is known.
    std::fs::write(&path, export(&[&mails[..2], &mails[3..]].concat())).unwrap();
    let again = desk.json(&["add", path.to_str().unwrap()]);
    assert_eq!(count(&again, "stored"), 0, "{again}");
    assert_eq!(of(&json!(source), &desk.json(&["sources"])), 1, "one source");
    desk.is_well();
}

#[test]
fn an_address_that_is_a_public_inbox_is_found_out_and_needs_leave_inside() {
    let Some(mut inbox) = Inbox::start() else { return };
    inbox.deliver(&five()[0]);
    inbox.serve();
    let desk = Desk::new();
    let output = desk.run(&["add", &format!("public-inbox:{}", inbox.address())]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("--allow-private"), "{output:?}");
    let read = desk.json(&["add", "--allow-private", &inbox.address()]);
    assert_eq!((&read[0]["kind"], took(&read)), (&json!("mbox"), (1, 0, 0)), "{read}");
}

#[test]
fn a_newsgroup_is_followed_and_what_is_cancelled_goes() {
    let Some(mut inbox) = Inbox::start() else { return };
    let mails = five();
    mails[..4].iter().for_each(|mail| inbox.deliver(mail));
    inbox.serve();
    let desk = near("");
    let read = desk.json(&["add", &inbox.newsgroup(), "--name", NAME]);
    assert_eq!(took(&read), (4, 0, 0), "{read}");
    let idle = desk.json(&["sync"]);
    assert_eq!(took(&idle), (0, 0, 0), "{idle}");
    inbox.deliver(&mails[4]);
    inbox.withdraw(&mails[2]);
    let moved = desk.json(&["sync"]);
    assert_eq!(count(&moved, "rejected"), 0, "{moved}");
    assert_eq!(messages(&desk), 4, "{moved}");
    assert!(is_deleted(&desk, 3) && !is_deleted(&desk, 5));
    // The dots that the line doubles are single again.
    let words = stored(&desk).into_iter().find(|(key, ..)| key == "msg/m5@example.org").unwrap().2;
    assert!(words.contains("\n..\n.dots\nFrom here on."), "{words:?}");
    // The same list by its repositories: nothing twice.
    let other = desk.json(&["add", &format!("public-inbox:{}", inbox.address()), "--name", NAME]);
    // The repositories tell of the withdrawal in their own way, which is one more record of it and no other mail.
    assert_eq!((count(&other, "stored"), count(&other, "known")), (1, 5), "{other}");
    assert_eq!((messages(&desk), stored(&desk).len()), (4, 5));
    assert!(is_deleted(&desk, 3));
    desk.is_well();
    let nowhere = desk.run(&["add", &inbox.newsgroup().replace("relay-users", "nothing")]);
    assert_eq!(nowhere.status.code(), Some(3), "{nowhere:?}");
}

/// The tokens file with one login in it.
fn log_in(desk: &Desk, address: &str, login: &str) {
    let host = address.split('/').nth(2).unwrap();
    let tokens = desk.0.path().join("tokens");
    std::fs::write(&tokens, format!("\"{host}\" = \"{login}\"\n")).unwrap();
    std::fs::set_permissions(&tokens, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_folder_is_read_behind_starttls_and_new_numbers_double_nothing() {
    let Some(mailbox) = Mailbox::start() else { return };
    let mails = five();
    mails[..4].iter().for_each(|mail| mailbox.deliver(mail));
    let address = mailbox.address();
    let refused = |desk: &Desk, why: &str| {
        let output = desk.run(&["add", &address]);
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains(why), "{why}: {said}");
        assert!(!said.contains("invented") && !said.contains("guessed"), "{said}");
    };
    // Whoever signed the certificate has to be known.
    let desk = near("");
    log_in(&desk, &address, LOGIN);
    refused(&desk, "certificate");

    let desk = near(&format!("ca-file = {:?}\n", mailbox.authority()));
    refused(&desk, "it wants a token");
    log_in(&desk, &address, "listener@example.org:guessed-and-wrong");
    refused(&desk, "401");
    log_in(&desk, &address, LOGIN);
    let read = desk.json(&["add", &address, "--name", NAME]);
    assert_eq!(took(&read), (4, 0, 0), "{read}");
    let idle = desk.json(&["sync"]);
    assert_eq!((took(&idle), count(&idle, "requests")), ((0, 0, 0), 1), "{idle}");
    assert!(mailbox.unseen().ends_with("unseen=4"), "nothing is marked as seen: {}", mailbox.unseen());

    mailbox.expunge("<m3@example.org>");
    mailbox.deliver(&mails[4]);
    let moved = desk.json(&["sync"]);
    assert_eq!(count(&moved, "rejected"), 0, "{moved}");
    assert!(is_deleted(&desk, 3) && !is_deleted(&desk, 5), "{moved}");
    assert_eq!(messages(&desk), 4);

    mailbox.renumber(4_711);
    let renumbered = desk.json(&["sync"]);
    assert_eq!(took(&renumbered), (0, 4, 0), "read again, and all of it is known: {renumbered}");
    assert_eq!((messages(&desk), stored(&desk).len()), (4, 5));
    // And from there on as before.
    mailbox.expunge("<m4@example.org>");
    desk.json(&["sync"]);
    assert!(is_deleted(&desk, 4) && is_deleted(&desk, 3) && !is_deleted(&desk, 1));
    let idle = desk.json(&["sync"]);
    assert_eq!(took(&idle), (0, 0, 0), "{idle}");
    desk.is_well();
    for file in std::fs::read_dir(desk.0.path()).unwrap().map(|entry| entry.unwrap().path()) {
        let bytes = std::fs::read(&file).unwrap_or_default();
        let found = bytes.windows(17).any(|held| held == b"long-and-invented");
        assert!(!found || file.ends_with("tokens"), "{}", file.display());
    }
}

/// What a refusal says, in which no password stands.
fn refusal(desk: &Desk, address: &str) -> String {
    let output = desk.run(&["add", address]);
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(!said.contains("long-and-invented"), "{said}");
    said
}

#[test]
fn a_folder_behind_tls_from_the_beginning_is_the_same_folder() {
    let Some(mailbox) = Mailbox::start() else { return };
    let mails = five();
    mails[..4].iter().for_each(|mail| mailbox.deliver(mail));
    let (address, sealed) = (mailbox.address(), mailbox.sealed_address());
    let strangers = near("");
    log_in(&strangers, &sealed, LOGIN);
    let said = refusal(&strangers, &sealed);
    assert!(said.contains("certificate does not hold") && said.contains("ca-file"), "{said}");
    // Signed well, and for another host: the name has to fit, too.
    let desk = near(&format!("ca-file = {:?}\n", mailbox.authority()));
    let named = sealed.replace("127.0.0.1", "localhost");
    log_in(&desk, &named, LOGIN);
    let said = refusal(&desk, &named);
    assert!(said.contains("certificate does not hold"), "{said}");
    log_in(&desk, &sealed, LOGIN);
    let read = desk.json(&["add", &sealed, "--name", NAME]);
    assert_eq!(took(&read), (4, 0, 0), "{read}");
    mailbox.deliver(&mails[4]);
    mailbox.expunge("<m3@example.org>");
    desk.json(&["sync"]);
    assert!(is_deleted(&desk, 3) && !is_deleted(&desk, 5));
    // By the other door: all of it is known.
    log_in(&desk, &address, LOGIN);
    let other = desk.json(&["add", &address, "--name", NAME]);
    assert_eq!((count(&other, "stored"), count(&other, "requests")), (0, 1), "{other}");
    // TLS where nobody speaks it, and TLS where nobody expects it: told, and no password is sent.
    let (open, shut) = (address.replace("imap:", "imaps:"), sealed.replace("imaps:", "imap:"));
    for (to, why) in [(open, "no TLS is spoken there"), (shut, "it does not answer in time")] {
        let authority = mailbox.authority();
        let desk = near(&format!("patience-seconds = 0\ntimeout-seconds = 2\nca-file = {authority:?}\n"));
        log_in(&desk, &to, LOGIN);
        let output = desk.run(&["add", &to]);
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(said.contains(why) && !said.contains("long-and-invented"), "{to}: {said}");
        assert_eq!(messages(&desk), 0, "{to}");
    }
    desk.is_well();
}

#[test]
fn a_newsgroup_behind_tls_is_the_same_group() {
    let Some(mut inbox) = Inbox::start() else { return };
    let mails = five();
    mails[..4].iter().for_each(|mail| inbox.deliver(mail));
    inbox.serve();
    let said = refusal(&near(""), &inbox.sealed_newsgroup());
    assert!(said.contains("certificate does not hold") && said.contains("ca-file"), "{said}");
    let desk = near(&format!("ca-file = {:?}\n", inbox.authority()));
    let read = desk.json(&["add", &inbox.sealed_newsgroup(), "--name", NAME]);
    assert_eq!(took(&read), (4, 0, 0), "{read}");
    inbox.deliver(&mails[4]);
    inbox.withdraw(&mails[2]);
    desk.json(&["sync"]);
    assert!(is_deleted(&desk, 3) && !is_deleted(&desk, 5));
    // With a login the open door is closed first (STARTTLS), and that needs the authority as well.
    let plain = inbox.newsgroup();
    let strangers = near("");
    log_in(&strangers, &plain, LOGIN);
    let said = refusal(&strangers, &plain);
    assert!(said.contains("certificate does not hold"), "{said}");
    log_in(&desk, &plain, LOGIN);
    let other = desk.json(&["add", &plain, "--name", NAME]);
    assert_eq!((count(&other, "stored"), messages(&desk)), (0, 4), "{other}");
    desk.is_well();
}

#[test]
fn a_public_inbox_of_the_older_layout_is_read_like_the_newer() {
    let Some(mut inbox) = Inbox::of("-V1") else { return };
    let mails = five();
    mails[..4].iter().for_each(|mail| inbox.deliver(mail));
    inbox.serve();
    let desk = near("");
    let read = desk.json(&["add", &format!("public-inbox:{}", inbox.address()), "--name", NAME]);
    assert_eq!(took(&read), (4, 0, 0), "{read}");
    let idle = desk.json(&["sync"]);
    assert_eq!(took(&idle), (0, 0, 0), "{idle}");
    inbox.deliver(&mails[4]);
    inbox.withdraw(&mails[2]);
    let moved = desk.json(&["sync"]);
    assert_eq!(count(&moved, "rejected"), 0, "{moved}");
    assert!(is_deleted(&desk, 3) && !is_deleted(&desk, 5), "{moved}");
    assert_eq!(messages(&desk), 4);
    desk.is_well();
}

#[test]
fn a_git_remote_is_followed_through_a_force_push_and_a_tag() {
    let remote = Remote::start();
    for n in 1..=3 {
        remote.git(&["commit", "-q", "--allow-empty", "-m", &format!("Sign once ({n})")]);
    }
    remote.git(&["tag", "-a", "v1.0.0", "-m", "First"]);
    remote.git(&["push", "-q", "--follow-tags", "../relay", "main"]);
    let outside = Desk::new().run(&["add", &remote.address()]);
    assert_eq!(outside.status.code(), Some(3), "{outside:?}");
    let desk = near("");
    let read = desk.json(&["add", &remote.address()]);
    assert_eq!((&read[0]["kind"], count(&read, "rejected")), (&json!("git"), 0), "{read}");
    let all = "SELECT act, count(*) AS n FROM activities WHERE deleted = 0 GROUP BY act ORDER BY act";
    let before = desk.json(&["sql", all]);
    assert_eq!(before, json!([{"act": "committed", "n": 3}, {"act": "released", "n": 1}]), "{read}");
    let idle = desk.json(&["sync"]);
    assert_eq!(count(&idle, "stored"), 0, "{idle}");

    remote.git(&["commit", "-q", "--allow-empty", "--amend", "-m", "Sign once, and mean it"]);
    remote.git(&["tag", "-a", "v1.1.0", "-m", "Second"]);
    remote.git(&["push", "-q", "--force", "--follow-tags", "../relay", "main"]);
    let moved = desk.json(&["sync"]);
    assert_eq!((count(&moved, "stored"), count(&moved, "rejected")), (2, 0), "a commit and a tag: {moved}");
    let after = desk.json(&["sql", all]);
    let idle = desk.json(&["sync"]);
    assert_eq!(count(&idle, "stored"), 0, "{idle}");
    assert_eq!(desk.json(&["sql", all]), after);
    let twice = "SELECT key FROM activities GROUP BY key HAVING count(*) > 1";
    assert_eq!(desk.json(&["sql", twice]), json!([]));
    // What was replaced is what v1.0.0 was made of: it stands beside its successor.
    assert_eq!(after, json!([{"act": "committed", "n": 4}, {"act": "released", "n": 2}]), "{moved}");
    desk.is_well();
}

#[test]
fn a_fetch_that_was_killed_stops_no_later_one() {
    let remote = Remote::start();
    let say = |text: &str| {
        remote.git(&["commit", "-q", "--allow-empty", "-m", text]);
        remote.git(&["push", "-q", "../relay", "main"]);
    };
    say("Sign once");
    let desk = near("");
    desk.json(&["add", &remote.address()]);
    let folder = desk.0.path().join("mirrors");
    let mirror = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).find(|p| p.is_dir()).unwrap();
    // Every lock that git takes while it fetches, as a process that was killed leaves it.
    let left = ["refs/heads/main.lock", "packed-refs.lock", "shallow.lock", "index.lock", "config.lock"];
    for name in left.iter().chain(&["HEAD.lock", "objects/maintenance.lock"]) {
        std::fs::write(mirror.join(name), "").unwrap();
    }
    say("Sign twice");
    // Somebody still writes there, perhaps what a killed program began: nothing of theirs is taken away.
    let beside = std::fs::File::options().write(true).open(mirror.with_extension("git.lock")).unwrap();
    beside.lock().unwrap();
    let busy = desk.run(&["sync"]);
    let said = String::from_utf8_lossy(&busy.stdout).into_owned() + &String::from_utf8_lossy(&busy.stderr);
    assert!(said.contains("an earlier fetch of it still goes on"), "{said}");
    assert!(left.iter().all(|name| mirror.join(name).exists()));
    drop(beside);
    let read = desk.json(&["sync"]);
    assert_eq!(count(&read, "stored"), 1, "{read}");
    assert!(left.iter().all(|name| !mirror.join(name).exists()));
    desk.is_well();
}

/// Puts the last look of the one source so many seconds into the past.
fn last_look_was(desk: &Desk, seconds: u32) {
    let script = "import sqlite3, sys, time; db = sqlite3.connect(sys.argv[1], timeout=10); \
        then = int((time.time() - int(sys.argv[2])) * 1000); \
        n = db.execute('UPDATE look SET ended = ?', [then]).rowcount; db.commit(); assert n == 1, n";
    let done = Command::new("python3")
        .args(["-c", script])
        .arg(desk.0.path().join("rapport.sqlite"))
        .arg(seconds.to_string())
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn what_is_watched_comes_in_by_itself_until_it_is_interrupted() {
    let (desk, server) = played(6, |_| {});
    let file = desk.0.path().join("rapport.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, config + "[schedule]\nevery-minutes = 1\n").unwrap();
    desk.json(&["add", &format!("{}/discourse", server.address)]);
    let before = standing(&server, "discourse");
    assert_eq!(messages(&desk), before);
    // A minute, and up to a tenth of it more: the next look is some seconds ahead.
    last_look_was(&desk, 55);
    let mut child = desk.command().args(["sync", "--watch"]).stdout(Stdio::piped()).spawn().unwrap();
    {
        let mut stages = server.stages.lock().unwrap();
        let stage = stages.iter_mut().find(|stage| stage.service == "discourse").unwrap();
        stage.community.open(now());
    }
    let (tell, told) = std::sync::mpsc::channel();
    let out = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(out).lines() {
            let _ = tell.send(line.unwrap()); // nobody listens any more
        }
    });
    let line = told.recv_timeout(Duration::from_secs(30));
    let interrupted = Instant::now();
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let ended = child.wait().unwrap();
    reader.join().unwrap();
    let last = told.try_iter().last();
    let line = line.expect("a line about what came");
    assert!(
        sent.success() && line.contains("stored") && line.contains("7 threads") && !line.contains('\x1b'),
        "{line}"
    );
    assert!(interrupted.elapsed() < Duration::from_secs(3), "it ends at once");
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert_eq!(last.as_deref(), Some("stopped: everything that was asked for is in"));
    assert_eq!((messages(&desk), standing(&server, "discourse")), (before + 1, before + 1));
    // Nothing is left behind that the next one stumbles over.
    let next = desk.json(&["sync"]);
    assert_eq!(count(&next, "stored"), 0, "{next}");
    desk.is_well();
}
