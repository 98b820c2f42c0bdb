//! s13: "what do you hold; delete it". Everything is handed over; then nothing is left, anywhere, also after the same
//! archives are read again; and every count is as it was.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::world::{Desk, MONDAY, archives, clone, company};

/// The world with its git clone beside the folder, and what else quotes and names her.
pub(crate) struct Letter {
    pub(crate) desk: Desk,
    archives: Vec<(PathBuf, Option<String>)>,
    _beside: tempfile::TempDir,
}

const HER_WORDS: &str =
    "The conformance suite needs a tidy little server on the loopback device, nothing more.";

/// A list on which she writes, is quoted (plainly, in base64, under an encoded name), and sends a mail that is broken.
fn list(place: &Path) -> PathBuf {
    let folder = place.join("side-list");
    std::fs::create_dir_all(&folder).unwrap();
    let mail = |n: u32, from: &str, head: &str, body: &str| {
        format!(
            "From x@example.org  Tue Sep  1 1{n}:00:00 2026\nFrom: {from}\nDate: Tue, 1 Sep 2026 1{n}:00:00 +0000\n\
             Message-ID: <{n}.side@example.org>\n{head}\n\n{body}\n\n"
        )
    };
    let hers = "Ines Quandt <ines.quandt@example.org>";
    let base64 = "T24gVHVlLCBJbmVzIFF1YW5kdCB3cm90ZToKPiBUaGUgY29uZm9ybWFuY2Ugc3VpdGUgbmVlZHMg\n\
                  YSB0aWR5IGxpdHRsZSBzZXJ2ZXIgb24gdGhlIGxvb3BiYWNrIGRldmljZSwgbm90aGluZyBtb3Jl\nLgpZZXMu\n";
    let text = [
        mail(
            0,
            hers,
            "Subject: A tidy server for the suite?",
            &format!("{HER_WORDS}\nThanks for any pointer\n\n-- \nInes"),
        ),
        mail(
            1,
            "Otto Marsh <otto@marsh.example>",
            "Subject: Re: A tidy server for the suite?\nIn-Reply-To: <0.side@example.org>",
            &format!(
                "On Tue, Ines Quandt wrote:\n> {HER_WORDS}\n\nHi Ines, ask @iquandt on the tracker. INES.QUANDT@example.org bounced."
            ),
        ),
        mail(
            2,
            "Otto Marsh <otto@marsh.example>",
            "Subject: Re: A tidy server for the suite?\nIn-Reply-To: <1.side@example.org>\n\
             To: =?utf-8?B?SW5lcyBRdWFuZHQ=?= <otto@marsh.example>\nMIME-Version: 1.0\n\
             Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64",
            base64,
        ),
        mail(
            3,
            "Vera Okoro <vera@okoro.example>",
            "Subject: Re: A tidy server for the suite?\nIn-Reply-To: <1.side@example.org>",
            "> The conformance suite needs a tidy little server on the\n> loopback device, nothing more.\n\nMine listens on a socket.",
        ),
    ];
    let broken = format!("From x at 99:99 2026\nFrom: {hers}\nSubject: no date\n\n{HER_WORDS}\n");
    std::fs::write(folder.join("2026-September.mbox"), text.concat() + &broken).unwrap();
    folder
}

impl Letter {
    pub(crate) fn new() -> Letter {
        let desk = Desk::new();
        let beside = tempfile::TempDir::new().unwrap();
        let toml = std::fs::read_to_string(company().join("../rapport.toml")).unwrap();
        let toml = toml.replace("[answers]", "humans = [\"Ines Quandt\", \"inesq\"]\n\n[answers]");
        std::fs::write(desk.0.path().join("rapport.toml"), toml).unwrap();
        // Older states of one place, read again behind newer ones, are revisions with or without her: left out here.
        let older =
            |path: &Path| path.ends_with("github/archive.2026-05.json") || path.ends_with("chat.2026-08");
        let mut all: Vec<_> = archives().into_iter().filter(|(path, _)| !older(path)).collect();
        for (path, _) in &mut all {
            if path.extension().is_some_and(|e| e == "fast-import") {
                *path = clone(path, &beside.path().join("relay.git"));
            }
        }
        all.push((list(beside.path()), Some("side".to_owned())));
        let letter = Letter { desk, archives: all, _beside: beside };
        letter.add(&letter.desk, false);
        letter
    }

    /// Reads every archive; the sums of what it came to.
    fn add(&self, desk: &Desk, again: bool) -> [u64; 4] {
        let mut sums = [0; 4];
        for (path, name) in &self.archives {
            let mut args = vec!["add", path.to_str().unwrap()];
            args.extend(name.as_deref().into_iter().flat_map(|name| ["--name", name]));
            args.extend(again.then_some("--again"));
            let read = desk.json(&args);
            for (sum, field) in sums.iter_mut().zip(["read", "stored", "known", "rejected"]) {
                *sum += read[0][field].as_u64().unwrap();
            }
        }
        assert_eq!(sums[0], sums[1] + sums[2] + sums[3], "the account closes");
        sums
    }

    /// The numbers of all her accounts.
    pub(crate) fn hers(&self) -> Vec<String> {
        let hers = self.desk.json(&[
            "sql",
            "SELECT id FROM people WHERE lower(key) IN ('iquandt', 'inesq') OR lower(coalesce(email, key)) = 'ines.quandt@example.org'
               OR lower(name) = 'ines quandt' ORDER BY id",
        ]);
        hers.as_array().unwrap().iter().map(|row| row["id"].to_string()).collect()
    }

    pub(crate) fn forget(&self, hers: &[String]) -> Value {
        let mut args = vec!["forget", "--yes"];
        args.extend(hers.iter().map(String::as_str));
        self.desk.json(&args)
    }
}

/// Every file below a place.
fn files(place: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(place).unwrap().flatten() {
        if entry.path().is_dir() {
            files(&entry.path(), out);
        } else {
            out.push(entry.path());
        }
    }
}

/// Which of the snippets stand in any file below a place, without case.
pub(crate) fn found(place: &Path, snippets: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    files(place, &mut all);
    let mut found = Vec::new();
    for file in all {
        let bytes = std::fs::read(&file).unwrap().to_ascii_lowercase();
        for snippet in snippets {
            let wanted = snippet.to_ascii_lowercase();
            if bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes()) {
                found.push(format!("{}: {snippet}", file.file_name().unwrap().to_string_lossy()));
            }
        }
    }
    found
}

/// The same in everything that the folder can say: its bytes, and an export, where raw payloads are unpacked.
fn said(desk: &Desk, snippets: &[String]) -> Vec<String> {
    let out = tempfile::TempDir::new().unwrap();
    desk.text(&["export", out.path().to_str().unwrap()]);
    [found(desk.0.path(), snippets), found(out.path(), snippets)].concat()
}

pub(crate) fn names() -> Vec<String> {
    ["quandt", "inesq", "ines.quandt@example.org"].map(str::to_owned).to_vec()
}

/// What must not be found: her names, and what she wrote.
fn hers(letter: &Letter, accounts: &[String]) -> Vec<String> {
    let out = tempfile::TempDir::new().unwrap();
    let mut args = vec!["export-person", "--to", out.path().to_str().unwrap()];
    args.extend(accounts.iter().map(String::as_str));
    letter.desk.json(&args);
    let person: Value =
        serde_json::from_slice(&std::fs::read(out.path().join("person.json")).unwrap()).unwrap();
    let texts: Vec<&str> =
        person["activities"].as_array().unwrap().iter().map(|a| a["text"].as_str().unwrap()).collect();
    let lines = texts.iter().flat_map(|text| text.lines()).filter(|line| !line.starts_with('>'));
    let lines: Vec<String> =
        lines.filter(|line| line.split_whitespace().count() > 4).map(str::to_owned).collect();
    assert!(lines.len() > 5 && lines.iter().any(|line| line == HER_WORDS), "{lines:?}");
    [lines, names()].concat()
}

fn counts(desk: &Desk) -> Vec<Value> {
    let needs = desk.json(&["needs", "--all", "--as-of", MONDAY]);
    let counted = |need: &Value| {
        json!([
            need["thread"],
            need["source"],
            need["kind"],
            need["state"],
            need["opened_at"],
            need["waiting_since"],
            need["people"],
            need["score"]
        ])
    };
    let needs: Vec<Value> = needs.as_array().unwrap().iter().map(counted).collect();
    let topics = desk.json(&["topics", "--as-of", MONDAY]);
    let topics: Vec<Value> = topics
        .as_array()
        .unwrap()
        .iter()
        .map(|t| json!([t["people"], t["messages"], t["threads"]]))
        .collect();
    vec![
        desk.json(&["metrics", "--as-of", MONDAY, "--period", "2026-Q3"]),
        Value::Array(needs),
        Value::Array(topics),
        desk.json(&[
            "sql",
            "SELECT act, month, count(*) AS n, count(DISTINCT person) AS p FROM activities GROUP BY 1, 2",
        ]),
        desk.json(&[
            "sql",
            "SELECT source, messages, people, responded_at, closed_at FROM threads ORDER BY id",
        ]),
        desk.json(&["sources"])
            .as_array()
            .unwrap()
            .iter()
            .map(|s| json!([s["stored"], s["known"], s["rejected"]]))
            .collect(),
    ]
}

/// Counts without the labels of who and the titles of late threads, which are gone.
fn without_titles(mut all: Vec<Value>) -> Vec<Value> {
    fn walk(value: &mut Value) {
        match value {
            Value::Array(all) => all.iter_mut().for_each(walk),
            Value::Object(all) => {
                all.remove("title");
                all.remove("who");
                all.values_mut().for_each(walk);
            }
            _ => {}
        }
    }
    all.iter_mut().for_each(walk);
    all
}

#[test]
fn nothing_is_left_and_nothing_comes_back() {
    let letter = Letter::new();
    let desk = &letter.desk;
    let accounts = letter.hers();
    assert!(accounts.len() >= 3, "{accounts:?}");
    desk.text(&[
        "consent",
        &accounts[0],
        &accounts[1],
        &accounts[2],
        "--quote",
        "yes",
        "--note",
        "Ines said so",
    ]);
    desk.text(&["claim", "1"]);
    desk.text(&["met", "2", "--note", "told Ines Quandt in person"]);
    let snippets = hers(&letter, &accounts);
    assert!(said(desk, &snippets).len() > 10, "they are there before");
    std::fs::copy(desk.0.path().join("rapport.sqlite"), desk.0.path().join("rapport.before-schema-1.sqlite"))
        .unwrap();
    let before = without_titles(counts(desk));

    // The plan changes nothing and counts the same as the deed.
    let mut plan = vec!["forget"];
    plan.extend(accounts.iter().map(String::as_str));
    let plan = desk.json(&plan);
    assert_eq!(before, without_titles(counts(desk)));
    let done = letter.forget(&accounts);
    for field in ["identities", "activities", "mentions", "payloads", "rejects", "threads"] {
        assert_eq!(plan[field], done[field], "{field}");
        assert!(done[field].as_u64().unwrap() > 0, "{field} of {done}");
    }
    assert_eq!((&done["remains"], &done["clean"]), (&json!([]), &json!(true)));

    desk.is_well();
    assert_eq!(said(desk, &snippets), Vec::<String>::new());
    let after = without_titles(counts(desk));
    for n in [0, 1, 3, 4, 5] {
        assert_eq!(before[n], after[n], "{n}");
    }
    // Her own threads stay where they were; topics are found anew from the words that are left, which may place one
    // thread of somebody else elsewhere.
    let threads = |all: &Value| -> Vec<u64> {
        all.as_array().unwrap().iter().map(|topic| topic[2].as_u64().unwrap()).collect()
    };
    let (was, is) = (threads(&before[2]), threads(&after[2]));
    assert_eq!(was.len(), is.len());
    let moved: u64 = was.iter().zip(&is).map(|(a, b)| a.abs_diff(*b)).sum();
    assert!(moved <= 2, "{was:?} {is:?}");
    let copy = tempfile::TempDir::new().unwrap();
    desk.text(&["backup", copy.path().join("later.sqlite").to_str().unwrap()]);
    assert_eq!(found(copy.path(), &snippets), Vec::<String>::new());

    // Read again: all is known.
    let again = letter.add(desk, true);
    assert_eq!(again[1], 0, "nothing new: {again:?}");
    desk.is_well();
    assert_eq!(said(desk, &snippets), Vec::<String>::new());
    desk.text(&["rebuild"]);
    desk.is_well();
    assert_eq!(said(desk, &snippets), Vec::<String>::new());
    let sources = |all: Vec<Value>| all[..5].to_vec(); // what was read again counts as known
    assert_eq!(sources(after), sources(without_titles(counts(desk))));

    // A folder made from the export knows it, too.
    let out = tempfile::TempDir::new().unwrap();
    desk.text(&["export", out.path().to_str().unwrap()]);
    let fresh = Desk::new();
    fresh.text(&["import", out.path().to_str().unwrap()]);
    assert_eq!(letter.add(&fresh, true)[1], 0);
    fresh.is_well();
    assert_eq!(said(&fresh, &snippets), Vec::<String>::new());

    // The audit log proves it without naming.
    let audit = desk.json(&["sql", "SELECT who, what FROM audit WHERE verb = 'forget'"]);
    assert_eq!(audit.as_array().unwrap().len(), 1);
    assert!(audit[0]["what"].as_str().unwrap().starts_with("forgotten-"), "{audit}");
    assert_eq!(desk.run(&["forget", "inesq"]).status.code(), Some(2), "nobody is called that any more");
}

#[test]
fn what_she_writes_later_counts_and_says_nothing() {
    let letter = Letter::new();
    let accounts = letter.hers();
    letter.forget(&accounts);
    let place = tempfile::TempDir::new().unwrap();
    let archive = json!({ "repo": "tidewater-relay/relay", "labels": [], "pulls": [], "issues": [{ "number": 9001,
        "title": "The badger sleeps in the conservatory", "author": "iQuandt", "state": "OPEN",
        "url": "https://github.com/tidewater-relay/relay/issues/9001", "labels": [],
        "body": "A sentence that nobody else would ever write.", "createdAt": "2026-09-20T10:00:00Z",
        "updatedAt": "2026-09-20T10:00:00Z", "closedAt": null, "comments": [
            { "author": "otto-m", "body": "Ask @iquandt: \"yes\"", "createdAt": "2026-09-20T11:00:00Z", "updatedAt": "2026-09-20T11:00:00Z" }] }] });
    let file = place.path().join("archive.json");
    std::fs::write(&file, serde_json::to_vec(&archive).unwrap()).unwrap();
    for stored in [2, 0] {
        let read = letter.desk.json(&["add", "--again", file.to_str().unwrap()]);
        assert_eq!((&read[0]["read"], &read[0]["stored"]), (&json!(2), &json!(stored)));
    }
    letter.desk.is_well();
    let words = ["badger", "nobody else would ever", "iquandt"].map(str::to_owned);
    assert_eq!(said(&letter.desk, &words), Vec::<String>::new());
    let kept =
        letter.desk.json(&["sql", "SELECT text FROM activities WHERE key LIKE 'issue/9001%' ORDER BY at"]);
    assert_eq!(kept[0]["text"], "");
    assert!(kept[1]["text"].as_str().unwrap().starts_with("Ask @forgotten-"), "{kept}");
}

#[test]
fn the_letter_holds_everything_with_reasons() {
    let letter = Letter::new();
    let accounts = letter.hers();
    let out = tempfile::TempDir::new().unwrap();
    let desk = &letter.desk;
    desk.text(&["consent", &accounts[0], "--contact", "no", "--note", "by mail"]);
    let mut args = vec!["export-person", "--to", out.path().to_str().unwrap()];
    args.extend(accounts.iter().map(String::as_str));
    let written = desk.json(&args);
    let person: Value =
        serde_json::from_slice(&std::fs::read(out.path().join("person.json")).unwrap()).unwrap();
    let page = std::fs::read_to_string(out.path().join("person.md")).unwrap();
    assert_eq!(person["accounts"].as_array().unwrap().len(), accounts.len());
    let activities = person["activities"].as_array().unwrap();
    assert_eq!(written["activities"].as_u64().unwrap(), activities.len() as u64);
    assert!(activities.iter().any(|a| a["url"].as_str().is_some_and(|url| url.starts_with("https://"))));
    assert!(!person["mentioned_by_others"].as_array().unwrap().is_empty());
    let elsewhere: Vec<&str> =
        person["elsewhere"].as_array().unwrap().iter().map(|held| held["table"].as_str().unwrap()).collect();
    assert!(elsewhere.contains(&"thread") && elsewhere.contains(&"audit"), "{elsewhere:?}");
    assert!(
        page.contains(HER_WORDS) && page.contains("by mail") && page.contains("nothing says otherwise"),
        "{page}"
    );
    assert!(!page.contains("Mine listens on a socket"), "other people's words are theirs");
}

#[test]
fn killed_at_any_moment_somebody_is_forgotten_or_not_at_all() {
    let letter = Letter::new();
    let accounts = letter.hers();
    let whole = std::time::Instant::now();
    let calm = copied(&letter.desk);
    let mut args = vec!["forget", "--yes"];
    args.extend(accounts.iter().map(String::as_str));
    calm.text(&args);
    let whole = u64::try_from(whole.elapsed().as_millis()).unwrap().max(40);
    let (mut undone, mut done) = (0, 0);
    for kill in 0..40 {
        let desk = copied(&letter.desk);
        let mut child = desk
            .command()
            .args(&args)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(whole * kill / 36));
        let _ = child.kill();
        child.wait().unwrap();
        let gone = desk.json(&["sql", "SELECT count(*) AS n FROM people WHERE key = 'iquandt'"])[0]["n"] == 0;
        // The next writer, whatever it is about, finishes what was begun.
        desk.text(&["claim", "1"]);
        desk.is_well();
        let left = found(desk.0.path(), &names());
        if gone {
            done += 1;
            assert_eq!(left, Vec::<String>::new(), "kill {kill}");
        } else {
            undone += 1;
            assert!(!left.is_empty(), "kill {kill}");
        }
    }
    assert!(undone > 0 && done > 0, "kills came before and after: {undone} and {done}");
}

fn copied(desk: &Desk) -> Desk {
    let copy = Desk::new();
    for entry in std::fs::read_dir(desk.0.path()).unwrap().flatten().filter(|e| e.path().is_file()) {
        std::fs::copy(entry.path(), copy.0.path().join(entry.file_name())).unwrap();
    }
    copy
}

#[test]
fn all_linked_accounts_are_forgotten_together_and_the_history_of_the_link_goes() {
    let letter = Letter::new();
    let desk = &letter.desk;
    let accounts = letter.hers();
    for other in &accounts[1..] {
        let linked = desk.run(&["merge", &accounts[0], other, "--because", "Ines Quandt showed me both"]);
        assert!(linked.status.success() || String::from_utf8_lossy(&linked.stderr).contains("already"));
    }
    let people = "SELECT count(DISTINCT person) AS n FROM people";
    let before = desk.json(&["sql", people]);
    let done = letter.forget(&["iquandt".to_owned()]);
    assert_eq!(done["identities"].as_u64().unwrap(), accounts.len() as u64);
    assert_eq!(desk.json(&["sql", people]), before, "one person still");
    assert_eq!(found(desk.0.path(), &names()), Vec::<String>::new());
    desk.is_well();
    let why = desk.json(&["sql", "SELECT DISTINCT because FROM ledger WHERE because LIKE '%forgotten%'"]);
    assert_eq!(why.as_array().unwrap().len(), 1, "{why}");
}
