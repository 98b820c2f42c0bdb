//! Whether a need was answered, against the marks that communities set themselves, which the judgement does not see.
//!
//! Stack Exchange. Answered: the asker accepted an answer. Not answered: by the site's own rule, no answer has a vote
//! above zero and none is accepted. Between them lie questions with answers that people voted for and the asker did
//! not accept: the mark is one-sided there, they are counted apart. Hidden: accepted answers, votes, closing.
//! Zulip. Answered: the topic is marked as resolved (a check mark in its name). Not answered: nobody but its opener
//! wrote in it. Hidden: the check mark and the notices. Topics that others wrote in and nobody marked are counted apart.

use std::collections::BTreeMap;
use std::path::Path;

use rapport_insight::threads;
use rapport_model::{Act, Entry, Key, MemberKind, NeedState, ThreadFacts, ThreadHistory, ThreadKind, Time};

use crate::Fault;

/// What the mark says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Truth {
    Answered,
    Not,
    Unknown,
}

/// Prints the tables.
pub(crate) fn judge(data: &Path) -> Result<(), Fault> {
    table("Stack Exchange (quantumcomputing)", &questions(&data.join("stackexchange/quantumcomputing"))?);
    table("Zulip (3 streams)", &topics(&data.join("zulip"))?);
    println!("Discourse: no post of the archive is marked as an accepted answer: nothing to measure");
    Ok(())
}

fn table(name: &str, cases: &[(Truth, ThreadHistory)]) {
    let mut counts: BTreeMap<(Truth, bool), usize> = BTreeMap::new();
    let mut reasons: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for (truth, history) in cases {
        let state = threads::judge(history);
        let says = matches!(state.state, NeedState::Answered | NeedState::Met);
        *counts.entry((*truth, says)).or_default() += 1;
        let wrong = match (truth, says) {
            (Truth::Answered, false) => "missed",
            (Truth::Not, true) => "wrongly answered",
            _ => continue,
        };
        *reasons.entry((wrong, state.because)).or_default() += 1;
    }
    let n = |truth, says| counts.get(&(truth, says)).copied().unwrap_or(0);
    let share = |a: usize, b: usize| if b == 0 { f64::NAN } else { a as f64 / b as f64 };
    let (hit, miss) = (n(Truth::Answered, true), n(Truth::Answered, false));
    let (wrong, calm) = (n(Truth::Not, true), n(Truth::Not, false));
    println!("{name}");
    println!("  marked answered:     {hit:4} judged answered or met, {miss:4} waiting");
    println!("  marked not answered: {wrong:4} judged answered or met, {calm:4} waiting");
    println!(
        "  no mark either way:  {:4} judged answered or met, {:4} waiting",
        n(Truth::Unknown, true),
        n(Truth::Unknown, false)
    );
    println!("  answered: precision {:.3}, recall {:.3}", share(hit, hit + wrong), share(hit, hit + miss));
    println!(
        "  waiting:  precision {:.3}, recall {:.3}",
        share(calm, calm + miss),
        share(calm, calm + wrong)
    );
    for ((wrong, because), n) in reasons {
        println!("    {wrong}: {n} x {because}");
    }
}

fn entry(key: String, act: Act, at: Time, who: Option<i64>, text: &str) -> Entry {
    let member = if who == Some(-1) { MemberKind::Bot } else { MemberKind::Community };
    let end = (0..=text.len().min(4_000)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let text = text[..end].to_owned();
    Entry { id: 0, key: Key::new(key), act, at, who, member, reply_to: None, facts: None, text }
}

type Row = BTreeMap<String, String>;

fn questions(folder: &Path) -> Result<Vec<(Truth, ThreadHistory)>, Fault> {
    let mut threads: BTreeMap<String, (Truth, bool, Vec<Entry>)> = BTreeMap::new();
    let mut of_post: BTreeMap<String, String> = BTreeMap::new();
    let get = |row: &Row, name: &str| row.get(name).cloned().unwrap_or_default();
    let who = |row: &Row, name: &str| row.get(name).and_then(|id| id.parse().ok());
    for row in rows(&folder.join("Posts.xml"))? {
        let (id, kind) = (get(&row, "Id"), get(&row, "PostTypeId"));
        let at = Time::parse(&get(&row, "CreationDate"))?;
        let text = super::markup::plain(&get(&row, "Body"));
        let own = who(&row, "OwnerUserId");
        let question = if kind == "1" { id.clone() } else { get(&row, "ParentId") };
        if kind != "1" && kind != "2" {
            continue;
        }
        of_post.insert(id.clone(), question.clone());
        let thread = threads.entry(question).or_insert((Truth::Unknown, false, Vec::new()));
        let act = if kind == "1" { Act::Opened } else { Act::Replied };
        let mut entry = entry(format!("post/{id}"), act, at, own, &text);
        if kind == "1" {
            if row.contains_key("AcceptedAnswerId") {
                thread.0 = Truth::Answered;
            }
            entry.facts = Some(ThreadFacts {
                kind: Some(ThreadKind::Question),
                title: row.get("Title").cloned(),
                ..ThreadFacts::default()
            });
        } else {
            thread.1 |= get(&row, "Score").parse::<i64>().is_ok_and(|score| score > 0);
        }
        thread.2.push(entry);
    }
    for row in rows(&folder.join("Comments.xml"))? {
        let post = get(&row, "PostId");
        let Some(thread) = of_post.get(&post).and_then(|question| threads.get_mut(question)) else {
            continue;
        };
        let at = Time::parse(&get(&row, "CreationDate"))?;
        let mut entry = entry(
            format!("comment/{}", get(&row, "Id")),
            Act::Replied,
            at,
            who(&row, "UserId"),
            &get(&row, "Text"),
        );
        entry.reply_to = Some(Key::new(format!("post/{post}")));
        thread.2.push(entry);
    }
    let done = threads.into_values().map(|(truth, upvoted, mut entries)| {
        entries.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
        let truth = if truth == Truth::Unknown && !upvoted { Truth::Not } else { truth };
        (truth, ThreadHistory { entries, ..ThreadHistory::default() })
    });
    Ok(done.collect())
}

/// The attributes of every `<row .../>`.
fn rows(path: &Path) -> Result<Vec<Row>, Fault> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix("<row "));
    Ok(lines
        .map(|line| {
            let mut parts = line.split('"');
            let mut row = Row::new();
            while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
                let name = name.trim().trim_end_matches('=').to_owned();
                row.insert(name, super::markup::unescaped(value));
            }
            row
        })
        .collect())
}

#[derive(serde::Deserialize)]
struct Said {
    content: String,
    sender_full_name: String,
    timestamp: f64,
}

fn topics(folder: &Path) -> Result<Vec<(Truth, ThreadHistory)>, Fault> {
    let mut found = Vec::new();
    let mut files = Vec::new();
    for stream in std::fs::read_dir(folder)? {
        for file in std::fs::read_dir(stream?.path())? {
            files.push(file?.path());
        }
    }
    files.sort();
    for path in files {
        let Ok(messages) = serde_json::from_slice::<Vec<Said>>(&std::fs::read(&path)?) else { continue };
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let resolved = name.starts_with(".E2.9C.94");
        let people: Vec<&Said> =
            messages.iter().filter(|m| m.sender_full_name != "Notification Bot").collect();
        let Some(first) = people.first() else { continue };
        let others = people.iter().any(|m| m.sender_full_name != first.sender_full_name);
        let truth = match (resolved, others) {
            (true, _) => Truth::Answered,
            (false, false) => Truth::Not,
            (false, true) => Truth::Unknown,
        };
        let mut names: Vec<&str> = people.iter().map(|m| m.sender_full_name.as_str()).collect();
        names.sort_unstable();
        let mut entries = Vec::new();
        for (n, message) in people.iter().enumerate() {
            let act = if n == 0 { Act::Opened } else { Act::Replied };
            let who = names.iter().position(|name| *name == message.sender_full_name).map(|at| at as i64);
            let at = Time::from_seconds(message.timestamp as i64).ok_or("a time out of range")?;
            entries.push(entry(
                format!("message/{n:06}"),
                act,
                at,
                who,
                &super::markup::plain(&message.content),
            ));
        }
        if let Some(first) = entries.first_mut() {
            first.facts = Some(ThreadFacts { kind: Some(ThreadKind::Topic), ..ThreadFacts::default() });
        }
        found.push((truth, ThreadHistory { entries, ..ThreadHistory::default() }));
    }
    Ok(found)
}
