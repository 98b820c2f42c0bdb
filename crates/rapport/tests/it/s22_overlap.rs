//! Deliveries and polling that overlap, on the store itself: the law of the crate `rapport-sources`, kept by SQLite instead of
//! a log in memory. What is played, and the law, are its tests' own files.

use std::collections::BTreeMap;

use rapport_insight::kind::Learned;
use rapport_insight::members::{Declared, member};
use rapport_insight::threads::judge_by;
use rapport_model::{Act, Key, Page, SourceKey, Time};
use rapport_sources::live::drive::{Ledger, Taken};
use rapport_sources::live::{Held, Progress};
use rapport_sources::transport::Pause;
use rapport_store::{Judge, Moved, Settled, Store};
use serde_json::Value;

use crate::overlap::{Kept, story};
use crate::played::{Log, NOW, Played, none, place, settle};
use crate::world::Desk;

/// A source of the store, as `sync` and the hooks' inbox write into it.
struct Real {
    store: Store,
    source: i64,
    service: &'static str,
    asked_at: i64,
    asked: Time,
}

impl Real {
    fn new(desk: &Desk, service: &'static str) -> Real {
        let mut store = Store::open(desk.0.path()).unwrap();
        let now = Time::from_millis(NOW).unwrap();
        let name = SourceKey::new(service, &place(service).what);
        let source = store.add_source(&name, service, None, "webhook:law", now).unwrap();
        Real { store, source, service, asked_at: 0, asked: now }
    }
}

fn judged<T>(act: impl FnOnce(Judge<'_>) -> T) -> T {
    let (declared, learned) = (Declared::default(), Learned::default());
    act(Judge {
        thread: &|history| judge_by(history, &learned),
        replies: &rapport_insight::replies::links,
        member: &|who, behaviour| member(who, &declared, behaviour),
    })
}

impl Held for Real {
    fn opening(&self, thread: &Key) -> Option<Key> {
        self.store.opening(self.source, thread).unwrap()
    }
    fn keys(&self, thread: &Key) -> Vec<Key> {
        self.store.thread_keys(self.source, thread).unwrap()
    }
    fn threads(&self, from: &Key, to: &Key) -> Vec<Key> {
        self.store.threads_between(self.source, from, to).unwrap()
    }
    fn between(&self, from: &Key, to: &Key, url: &str) -> Vec<(Key, Key)> {
        self.store.between(self.source, from, to, url).unwrap()
    }
    fn cursor(&self, stream: &str) -> Option<Value> {
        let text = self.store.cursor(self.source, stream).unwrap()?;
        serde_json::from_str(&text).ok()
    }
}

impl Ledger for Real {
    fn validator(&self, stream: &str) -> Option<(String, String, String)> {
        self.store.validator(self.source, stream).unwrap()
    }
    fn take(&mut self, taken: Taken) -> Result<(), String> {
        let moved = Moved {
            stream: taken.stream.to_owned(),
            state: taken.cursor.to_string(),
            done: taken.progress.done,
            about: taken.progress.about,
            complete: taken.end,
            validator: taken.validator,
            asked_at: self.asked_at,
            asked: self.asked,
        };
        let mut read = self.store.begin_read(self.source, self.asked).unwrap();
        judged(|judge| read.take_reply(&taken.page, &moved, judge)).map(drop).map_err(|e| e.to_string())
    }
    fn pause(&mut self, _: &Pause, _: &str, _: Progress) {}
}

impl Kept for Real {
    fn told(&mut self, page: &Page, at: Time) {
        let settled = Settled { hook: self.service.to_owned(), ids: Vec::new(), wanted: None };
        let mut read = self.store.begin_read(self.source, at).unwrap();
        judged(|judge| read.take_deliveries(std::slice::from_ref(page), &settled, judge)).unwrap();
    }
    fn asks(&mut self, at: Time) {
        (self.asked_at, self.asked) = (self.store.log_end().unwrap(), at);
    }
}

/// What stands: messages with their words.
fn standing(desk: &Desk) -> BTreeMap<String, String> {
    let query = "SELECT key, text FROM activities WHERE deleted = 0 AND act IN ('opened', 'replied')";
    let rows = desk.json(&["sql", "--top", "100000", query]);
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows.as_array().unwrap().iter().map(|row| (text(row, "key"), text(row, "text"))).collect()
}

/// How many threads are closed.
fn closed(desk: &Desk) -> u64 {
    desk.json(&["sql", "SELECT count(*) AS n FROM threads WHERE mark <> 'open'"])[0]["n"].as_u64().unwrap()
}

#[test]
fn whatever_comes_when_the_store_holds_what_the_service_shows() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let seeds = match number("RAPPORT_SEED") {
        Some(seed) => seed..=seed,
        None => 1_001..=1_000 + number("RAPPORT_SEEDS").unwrap_or(10),
    };
    for service in ["github", "gitlab", "gitea", "discourse"] {
        for seed in seeds.clone() {
            let desk = Desk::new();
            let played = Played::new(service, 6, seed);
            let mut real = Real::new(&desk, service);
            let told = story(&played, &mut real, seed);
            drop(real);
            let label = format!("{service}, seed {seed}");
            let mut fresh = Log::default();
            settle(&played, &mut fresh, None);
            let messages =
                fresh.rows.values().filter(|row| matches!(row.newest.act, Act::Opened | Act::Replied));
            let wanted: BTreeMap<String, String> =
                messages.map(|row| (row.newest.key.to_string(), row.newest.text.clone())).collect();
            let shut = played.stage.borrow().community.threads.iter().filter(|t| t.closed.is_some()).count();
            let (mine, ours) = (standing(&desk), closed(&desk));
            let other = mine.iter().filter(|(key, text)| wanted.get(*key) != Some(*text));
            let missing = wanted.iter().filter(|(key, _)| !mine.contains_key(*key));
            let unlike: Vec<_> = other.chain(missing).collect();
            if !unlike.is_empty() || ours != shut as u64 {
                println!("{}", told.join("\n"));
            }
            assert!(unlike.is_empty(), "{label}: {unlike:?}");
            assert_eq!(ours, shut as u64, "{label}: closed threads");
            none(&played, &label);
            desk.is_well();
        }
    }
}
