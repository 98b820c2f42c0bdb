//! The documented format, exports of other tools, and tables that are broken.

use std::ops::ControlFlow;

use rapport_model::{Act, Activity, ThreadKind, ThreadRef};

use super::*;

#[derive(Default)]
struct Kept(Vec<Activity>, Vec<Reject>);

impl Out for Kept {
    fn record(&mut self, record: Record) -> ControlFlow<()> {
        self.0.extend(record.activities);
        ControlFlow::Continue(())
    }
    fn reject(&mut self, reject: Reject) -> ControlFlow<()> {
        self.1.push(reject);
        ControlFlow::Continue(())
    }
    fn whole_thread(&mut self, _: Key) {}
}

fn read(files: &[(&str, &str)]) -> Kept {
    let mut kept = Kept::default();
    let mut reader = Activities.reader("x");
    for (name, text) in files {
        let item = Item { name: (*name).to_owned() };
        reader.read(&item, &mut text.as_bytes(), &mut kept).unwrap();
    }
    kept
}

/// The examples of the documentation: the blocks between ``` of each language.
fn examples(language: &str) -> Vec<String> {
    let text = include_str!("../../../../../docs/activities-format.md").replace("\r\n", "\n");
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).filter_map(|rest| Some(rest.split_once("```")?.0.to_owned())).collect()
}

#[test]
fn the_documentation_shows_what_is_read() {
    let csv = examples("csv");
    let jsonl = examples("jsonl");
    let json = examples("json");
    assert_eq!((csv.len(), jsonl.len(), json.len()), (2, 1, 1));
    let table = read(&[("a.csv", &csv[0])]);
    assert_eq!(table.1.len(), 0, "{:?}", table.1);
    let acts: Vec<Act> = table.0.iter().map(|a| a.act).collect();
    assert_eq!(acts, [Act::Opened, Act::Replied, Act::Accepted, Act::Attended]);
    let lines = read(&[("a.jsonl", &jsonl[0])]);
    let list = read(&[("a.json", &json[0])]);
    let digests = |kept: &Kept| kept.0.iter().map(|a| (a.key.clone(), a.digest())).collect::<Vec<_>>();
    assert_eq!(digests(&table), digests(&lines));
    assert_eq!(digests(&table), digests(&list));
    let orbit = read(&[("activities.csv", &csv[1])]);
    let acts: Vec<Act> = orbit.0.iter().map(|a| a.act).collect();
    assert_eq!(acts, [Act::Opened, Act::Starred]);
    assert_eq!(orbit.1.len(), 1);
    assert!(orbit.1[0].why.contains("weight"), "{}", orbit.1[0].why);
}

#[test]
fn threads_follow_from_ids_and_replies() {
    let kept = read(&[(
        "a.csv",
        "id;at;person_id;act;thread;reply_to;text;labels;deleted\n\
         q1;2026-03-01;ida;;;;How?;bug, docs;\n\
         r1;2026-03-02 10:00:00 UTC;ben;;q1;;So.;;false\n\
         r2;1772452800;ida;;;r1;Thanks;;true\n\
         j1;2026-03-02T00:00:00Z;ida;joined;;;;;\n",
    )]);
    assert!(kept.1.is_empty(), "{:?}", kept.1);
    let [q, r, t, j] = kept.0.as_slice() else { panic!("{}", kept.0.len()) };
    assert_eq!((q.act, &q.thread), (Act::Opened, &ThreadRef::Key(Key::new("q1"))));
    assert_eq!(q.facts.as_ref().unwrap().labels, ["bug", "docs"]);
    assert_eq!((r.act, &r.thread), (Act::Replied, &ThreadRef::Key(Key::new("q1"))));
    assert_eq!((t.act, &t.thread, t.deleted), (Act::Replied, &ThreadRef::Of(Key::new("r1")), true));
    assert_eq!((j.act, &j.thread), (Act::Joined, &ThreadRef::None));
    assert!(!r.deleted);
}

#[test]
fn members_lend_their_names_and_addresses_are_accounts_of_mail() {
    let kept = read(&[
        ("members.csv", "ID,Name,Email,GitHub\nm1,Ida Roth,Ida@Example.org,idar\n"),
        ("activities.csv", "Member ID,Occurred At,Activity Type,Title\nm1,2026-03-01,issues:opened,Fails\n"),
        ("more.csv", "at,person_email,text\n2026-03-01,BEN@example.org,hello\n"),
    ]);
    let who = kept.0[0].who.as_ref().unwrap();
    assert_eq!(
        (who.key.as_str(), who.shown(), who.email.as_deref()),
        ("m1", "Ida Roth", Some("ida@example.org"))
    );
    assert_eq!(kept.0[0].facts.as_ref().unwrap().kind, Some(ThreadKind::Issue));
    let who = kept.0[1].who.as_ref().unwrap();
    assert_eq!((who.place.as_str(), who.key.as_str()), ("mail", "ben@example.org"));
}

#[test]
fn json_of_an_api_is_read_with_who_stands_behind_it() {
    let kept = read(&[(
        "activities.json",
        r#"{"data":[{"id":"A1","type":"issue_comment_activity","attributes":{"occurred_at":"2026-03-01T10:00:00Z","tags":["a, b"],"body":"x","type":"IssueComment"},"relationships":{"member":{"data":{"id":"M1","type":"member"}}}}],
        "included":[{"id":"M1","type":"member","attributes":{"name":"Ida","email":null}}]}"#,
    )]);
    let a = &kept.0[0];
    assert_eq!((a.key.as_str(), a.act), ("A1", Act::Replied));
    assert_eq!(a.who.as_ref().map(|w| (w.key.as_str(), w.shown())), Some(("M1", "Ida")));
    assert_eq!(a.facts.as_ref().unwrap().labels, ["a, b"]);
}

#[test]
fn a_broken_row_takes_no_other_along() {
    let kept = read(&[(
        "a.csv",
        "at,person_name,text\n2026-03-01,ida,\"one\n\nline\"\n2026-03-02,ben,\"open\n2026-03-03,noor,fine\nnever,x,y\n2026-03-04,ida\n",
    )]);
    let texts: Vec<&str> = kept.0.iter().map(|a| a.text.as_str()).collect();
    assert_eq!(texts, ["one\n\nline", "fine"]);
    assert_eq!(kept.1.len(), 3);
}

#[test]
fn rows_that_say_the_same_are_told_apart_and_spreadsheets_of_old_are_read() {
    let mut kept = Kept::default();
    let bytes = b"at,person_name,text\n2026-03-01,Zo\xEB,hi\n2026-03-01,Zo\xEB,ho\n";
    let item = Item { name: "a.csv".to_owned() };
    Activities.reader("x").read(&item, &mut bytes.as_slice(), &mut kept).unwrap();
    assert_eq!(kept.0.len(), 2);
    assert_ne!(kept.0[0].key, kept.0[1].key);
    assert_eq!(kept.0[0].who.as_ref().map(|w| w.shown().to_owned()).as_deref(), Some("Zo\u{eb}"));
}
