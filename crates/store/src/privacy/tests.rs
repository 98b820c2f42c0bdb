//! Forgetting at the level of rows: what the index, the log and the keys hold afterwards.

use rapport_model::{
    Act, Activity, ItemInfo, Key, MemberKind, Naming, Page, Place, Record, SourceKey, ThreadFacts,
    ThreadHistory, ThreadKind, ThreadRef, ThreadState, Time, Who,
};

use super::Erasure;
use crate::append::Judge;
use crate::open::Store;

fn time(n: i64) -> Time {
    Time::from_seconds(1_780_000_000 + n).unwrap()
}

fn empty(history: &ThreadHistory) -> ThreadState {
    ThreadState {
        facts: history.entries.first().and_then(|e| e.facts.clone()).unwrap_or_default(),
        opening: None,
        human_opener: false,
        first_response: None,
        last_at: None,
        messages: u32::try_from(history.entries.iter().filter(|e| e.act.is_message()).count()).unwrap(),
        people: 0,
        need: None,
        kind_because: String::new(),
        state: rapport_model::NeedState::Waiting,
        because: String::new(),
        waiting_since: None,
        closed_at: None,
        reach: 0,
        sketch: Vec::new(),
        meaning: Vec::new(),
    }
}

fn judged<T>(act: impl FnOnce(Judge<'_>) -> T) -> T {
    act(Judge {
        thread: &empty,
        replies: &|lines, from| vec![None; lines.len() - from],
        member: &|_, _| (MemberKind::Community, "nothing says otherwise".into()),
    })
}

fn who(key: &str, name: &str) -> Who {
    let mut who = Who::new(&Place::new("slack:t1"), key);
    who.name = Some(name.to_owned());
    who
}

/// A thread that she opens, one that names her, and reactions by two accounts of hers, whose keys hold their numbers.
fn pages() -> Vec<Page> {
    let (ines, second, otto) =
        (who("U07INES", "Ines Quandt"), who("U08INES", "ines"), who("U09OTTO", "Otto Marsh"));
    let thread = ThreadRef::Key(Key::new("C1/1"));
    let mut opened =
        Activity::new(Key::new("C1/1"), Act::Opened, time(1), Some(ines.clone()), thread.clone());
    opened.text = "Wombats gather beneath the escarpment every evening?".into();
    opened.facts = Some(Box::new(ThreadFacts {
        kind: Some(ThreadKind::Chat),
        title: Some("Wombats beneath the escarpment".into()),
        ..ThreadFacts::default()
    }));
    let mut replied =
        Activity::new(Key::new("C1/2"), Act::Replied, time(2), Some(otto.clone()), thread.clone());
    replied.text =
        "Ines Quandt asked:\n> Wombats gather beneath the escarpment every evening?\nThey do, U07INES."
            .into();
    let mut plain = Activity::new(Key::new("C1/3"), Act::Replied, time(3), Some(otto), thread.clone());
    plain.text = "Nothing to see here".into();
    let mut record = Record::one(b"{\"user\":\"U07INES\",\"text\":\"Wombats gather\"}", opened);
    for (n, account) in [ines, second].into_iter().enumerate() {
        let key = Key::new(format!("C1/1/r/heart/{}", account.key));
        let mut reacted = Activity::new(
            key,
            Act::Reacted,
            time(4 + i64::try_from(n).unwrap()),
            Some(account),
            thread.clone(),
        );
        reacted.detail = Some("heart".into());
        record.activities.push(reacted);
    }
    vec![Page {
        item: ItemInfo { name: "general/2026-06-01.json".into(), len: 9, stamp: "x".into() },
        records: vec![
            record,
            Record::one(b"{\"text\":\"Ines\\u0020Quandt\"}", replied),
            Record::one(b"{\"plain\":1}", plain),
        ],
        rejects: Vec::new(),
        whole: Vec::new(),
        done: 3,
        last: true,
    }]
}

fn folder() -> (tempfile::TempDir, Store, i64) {
    let place = tempfile::TempDir::new().unwrap();
    let mut store = Store::open(place.path()).unwrap();
    let source = store.add_source(&SourceKey::new("slack", "t1"), "slack", None, "x", time(0)).unwrap();
    take(&mut store, source);
    (place, store, source)
}

fn take(store: &mut Store, source: i64) -> u64 {
    let mut read = store.begin_read(source, time(9)).unwrap();
    judged(|judge| read.take(&pages(), judge)).unwrap().stored
}

fn forget(store: &mut Store) -> super::Erased {
    let ids: Vec<i64> = ["U07INES", "U08INES"].iter().map(|key| store.accounts(key).unwrap()[0].id).collect();
    let name = |text: &str| Naming { text: text.into(), weak: false };
    let names = [name("Ines Quandt"), name("U07INES"), name("U08INES")];
    let erasure =
        Erasure { identities: &ids, names: &names, trace: &|_| String::new(), at: time(10), who: "mara" };
    judged(|judge| store.forget(&erasure, judge, false)).unwrap()
}

fn one<T: rusqlite::types::FromSql>(store: &Store, sql: &str) -> T {
    store.db.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn the_index_holds_no_word_of_the_forgotten_and_every_word_of_others() {
    let (_place, mut store, _) = folder();
    let vocabulary =
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab('main', 'words', 'row')";
    store.db.execute_batch(vocabulary).unwrap();
    let terms = "SELECT group_concat(term, ' ') FROM (SELECT term FROM temp.vocabulary WHERE term IN ('wombats', 'escarpment', 'quandt', 'see') ORDER BY term)";
    assert_eq!(one::<String>(&store, terms), "escarpment quandt see wombats");
    forget(&mut store);
    store.db.execute_batch(vocabulary).unwrap(); // temporary tables go when the folder is cleaned
    assert_eq!(one::<String>(&store, terms), "see");
    assert!(store.check().unwrap().is_empty());
}

#[test]
fn keys_stay_apart_and_the_same_bytes_are_known_again() {
    let (_place, mut store, source) = folder();
    let erased = forget(&mut store);
    assert_eq!((erased.activities, erased.mentions, erased.payloads, erased.threads), (3, 1, 2, 0));
    let reactions =
        "SELECT count(DISTINCT key) FROM log WHERE act = 'reacted' AND key LIKE 'C1/1/r/heart/forgotten-%'";
    assert_eq!(one::<i64>(&store, reactions), 2);
    assert_eq!(one::<i64>(&store, "SELECT count(*) FROM raw"), 1, "what names nobody keeps its bytes");
    assert_eq!(take(&mut store, source), 0, "nothing is new");
    assert_eq!(one::<i64>(&store, "SELECT count(*) FROM raw"), 1, "and nothing comes back");
    assert_eq!(one::<i64>(&store, "SELECT count(*) FROM activity WHERE deleted"), 0);
    let said: String = one(&store, "SELECT text FROM log WHERE key = 'C1/2'");
    let label = &erased.pseudonym;
    assert_eq!(said, format!("{label} asked:\n> ({label} said something)\nThey do, {label}."));
    assert!(store.check().unwrap().is_empty());
    // Once more changes nothing: the same person, the same pseudonym.
    assert!(store.accounts("Ines Quandt").unwrap().is_empty());
    assert_eq!(one::<i64>(&store, "SELECT count(*) FROM identity WHERE key LIKE 'forgotten-%'"), 2);
}

#[test]
fn what_a_row_of_the_log_means_has_the_digest_that_it_carries() {
    // What clearing rests on: a row read back is the activity that was taken in.
    let (_place, mut store, source) = folder();
    let before: Vec<(String, Vec<u8>)> = digests(&store);
    for page in pages() {
        for activity in page.records.iter().flat_map(|record| &record.activities) {
            let held = before.iter().find(|(key, _)| key == activity.key.as_str()).unwrap();
            assert_eq!(held.1, activity.digest());
        }
    }
    forget(&mut store);
    assert_eq!(take(&mut store, source), 0);
    assert_eq!(
        before.iter().filter(|row| digests(&store).contains(row)).count(),
        1,
        "only what names nobody"
    );
}

fn digests(store: &Store) -> Vec<(String, Vec<u8>)> {
    let mut all = store.db.prepare("SELECT key, digest FROM log ORDER BY id").unwrap();
    let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn the_last_answer_counts_and_nothing_is_assumed() {
    let (_place, mut store, _) = folder();
    let id = store.accounts("Ines Quandt").unwrap()[0].id;
    let none = store.consent(id).unwrap();
    assert!(!none.may_name() && none.may_contact() && !none.may_introduce());
    let said = |quote, contact| super::Consent { quote, contact, ..super::Consent::default() };
    store.record_consent(id, &said(Some(true), Some(false)), "mara", time(20)).unwrap();
    store.record_consent(id, &said(Some(false), None), "mara", time(21)).unwrap();
    let now = store.consent(id).unwrap();
    assert!(!now.may_name() && !now.may_contact(), "{now:?}");
    assert_eq!(store.consents().unwrap().len(), 1);
    assert_eq!(store.answers(id).unwrap().len(), 2);
}

#[test]
fn behind_the_veil_every_question_sees_pseudonyms() {
    let (place, store, _) = folder();
    drop(store);
    let mut store = Store::read(place.path()).unwrap();
    store.veil().unwrap();
    let names: Vec<String> =
        store.identities().unwrap().iter().map(|row| row.who.shown().to_owned()).collect();
    assert!(names.len() == 3 && names.iter().all(|name| name.starts_with("person-")), "{names:?}");
    assert!(store.accounts("Ines Quandt").unwrap().is_empty());
    store.persons().unwrap();
    let again = Store::read(place.path()).unwrap();
    assert_eq!(again.pseudonyms().unwrap()[0].2, names[0], "the same in every run");
}
