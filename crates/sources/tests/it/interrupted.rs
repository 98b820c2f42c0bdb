//! Channels of one document without memory (feeds, calendars, programmes, lists of conferences), interrupted.
//!
//! What came into the document and left it again between two looks nobody can meet. What stood in it while a look came
//! through is kept for good, once, and as that look was told it last, whatever became of the looks between: taking an entry out of
//! the document is no deletion. The law is kept at every commit, not only in the end, and what is wanted is taken from the community
//! itself, not from the connector.

use std::collections::BTreeMap;

use rapport_model::{Key, Time};
use rapport_sources::events::{State, Told};
use rapport_sources::live::drive::{Ledger, Taken};
use rapport_sources::live::{Ended, Held, Progress};
use rapport_sources::transport::{Manners, Pause, Stop};
use serde_json::Value;

use crate::played::play::{Fault, Random, Thread};
use crate::played::{Log, NOW, Played, look, none, settle};

const DOCUMENTS: [&str; 4] = ["conferences", "feed", "ical", "sessionize"];

fn each(law: impl Fn(&'static str)) {
    let chosen = std::env::var("RAPPORT_SERVICES").ok();
    let wanted = |name: &&str| chosen.as_ref().is_none_or(|some| some.split(',').any(|s| s == *name));
    DOCUMENTS.into_iter().filter(wanted).for_each(law);
}

/// Entries by what they are known by, each as it is told.
type Entries = BTreeMap<String, String>;

/// What stands in the document.
fn window(played: &Played) -> Entries {
    let stage = played.stage.borrow();
    let told = |t: &Thread| {
        let (n, first) = (t.number, &t.posts[0]);
        let at = Time::from_seconds(first.at).unwrap();
        let day = at.to_string()[..10].to_owned();
        let off = if first.deleted { State::Cancelled } else { State::Planned };
        match stage.service {
            "feed" => (format!("entry/tag:{n}"), format!("{at} {}\n\n{}", t.title, first.text)),
            "ical" => (format!("event/{n}@tidewater.example"), format!("{at} {} {off:?} ", t.title)),
            "sessionize" => {
                (format!("session/{n}"), format!("{at} {} {:?} {}", t.title, State::Planned, first.text))
            }
            // An event that is renamed is another one: its list gives it no name of its own.
            _ => (
                format!("https://events.tidewater.example/{n} {}", t.title),
                format!("{day}T00:00:00Z {} {:?} ", t.title, State::Planned),
            ),
        }
    };
    stage.community.threads.iter().rev().filter(|t| t.closed.is_none()).take(40).map(told).collect()
}

/// What stands in the log, told in the same way.
fn held(log: &Log, service: &str) -> Entries {
    let mut found = Entries::new();
    for (key, row) in log.rows.iter().filter(|(_, row)| !row.gone && !row.newest.deleted) {
        let told = Told::of(&row.newest.text);
        let known = match service {
            "conferences" => format!("{} {}", row.newest.url.as_deref().unwrap(), told.name),
            _ => key.clone(),
        };
        let text = match service {
            "feed" => format!("{} {}", row.newest.at, row.newest.text),
            _ => format!("{} {} {:?} {}", told.starts.unwrap(), told.name, told.state, told.about),
        };
        let twice = found.insert(known, text);
        assert_eq!(twice, None, "{service}: {key} is there twice");
    }
    found
}

/// A log that is looked over behind every commit, while the community goes on.
struct Witness<'a> {
    log: &'a mut Log,
    played: &'a Played,
    chance: &'a mut Random,
    /// What stood in the document at some commit, as it was told last.
    shown: &'a mut Entries,
}

impl Witness<'_> {
    /// Something happens to one of the newest entries, or there is another one.
    fn happens(&mut self) {
        let now = self.played.time.get() / 1_000;
        let community = &mut self.played.stage.borrow_mut().community;
        // Mostly one of a few, so that the same is told of one entry again and again.
        let among = if self.chance.below(3) == 0 { 60 } else { 6 };
        let newest = self.chance.below(among) + 1;
        let number = community.threads.len() - usize::try_from(newest).unwrap();
        let thread = &mut community.threads[number];
        let first = &mut thread.posts[0];
        match self.chance.below(24) {
            0..=2 => _ = community.open(now),
            // More than the document holds.
            3 => (0..45).for_each(|_| _ = community.open(now)),
            4..=8 => {
                first.text.push_str(" Edited: it is the second header.");
                first.edited = now;
            }
            9 | 10 => {
                thread.title.push_str(" (moved)");
                first.at += 3_600 * 26;
                first.edited = now.max(first.at);
            }
            11 | 12 => {
                first.deleted = !first.deleted;
                first.edited = now;
            }
            // Taken out of the document, and perhaps put into it again.
            13..=15 => thread.closed = if thread.closed.is_some() { None } else { Some(now) },
            // A small correction, or its undoing, is not worth a new date to everybody.
            _ => match first.text.strip_suffix(" (sic)") {
                Some(before) => first.text = before.to_owned(),
                None => first.text.push_str(" (sic)"),
            },
        }
    }
}

impl Held for Witness<'_> {
    fn opening(&self, thread: &Key) -> Option<Key> {
        self.log.opening(thread)
    }
    fn keys(&self, thread: &Key) -> Vec<Key> {
        self.log.keys(thread)
    }
    fn threads(&self, from: &Key, to: &Key) -> Vec<Key> {
        self.log.threads(from, to)
    }
    fn between(&self, from: &Key, to: &Key, url: &str) -> Vec<(Key, Key)> {
        self.log.between(from, to, url)
    }
    fn cursor(&self, stream: &str) -> Option<Value> {
        self.log.cursor(stream)
    }
}

impl Ledger for Witness<'_> {
    fn validator(&self, stream: &str) -> Option<(String, String, String)> {
        self.log.validator(stream)
    }
    fn asking(&mut self) {
        for _ in 0..self.chance.below(4) {
            self.happens();
        }
        self.log.asking();
    }
    fn take(&mut self, taken: Taken) -> Result<(), String> {
        let dies = self.log.dies;
        let done = self.log.take(taken);
        if done.is_ok() || dies == Some((0, false)) {
            // Also where the reply was that nothing changed: what stands there is known then.
            self.shown.append(&mut window(self.played));
        }
        let service = self.played.stage.borrow().service;
        agree(&held(self.log, service), self.shown, service);
        done
    }
    fn pause(&mut self, pause: &Pause, stream: &str, progress: Progress) {
        self.log.pause(pause, stream, progress);
    }
}

fn agree(held: &Entries, shown: &Entries, label: &str) {
    let gap: Vec<&String> = shown.keys().filter(|known| !held.contains_key(*known)).collect();
    let surplus: Vec<&String> = held.keys().filter(|known| !shown.contains_key(*known)).collect();
    assert!(gap.is_empty() && surplus.is_empty(), "{label}: missing {gap:?}, never shown {surplus:?}");
    for (known, told) in shown {
        assert_eq!(&held[known], told, "{label}: {known} is not as it was told last");
    }
}

#[test]
fn a_hundred_interruptions_leave_no_gap_and_no_double() {
    each(|service| {
        let played = Played::new(service, 400, 23);
        let (mut chance, mut world) = (Random(0xc0ffee), Random(0x7ea));
        let (mut log, mut shown) = (Log::default(), Entries::new());
        let (mut deaths, mut pauses, mut through) = (0, 0, 0);
        for n in 0..101 {
            let last = n == 100;
            log.dies = (!last).then(|| (chance.below(2), chance.below(2) == 0));
            let asked = played.stage.borrow().asked;
            let kinds = [
                Fault::Broken,
                Fault::Cut,
                Fault::Pause(7),
                Fault::Pause(1_200),
                Fault::Slow(90_000),
                Fault::Unsaid,
                Fault::Backoff(3),
            ];
            let fault = kinds[usize::try_from(chance.below(7)).unwrap()];
            let when = asked + chance.below(3);
            if !last {
                played.stage.borrow_mut().faults.insert(when, fault);
            }
            let limits = log.limits.clone();
            let mut witness =
                Witness { log: &mut log, played: &played, chance: &mut world, shown: &mut shown };
            let (ended, _, limits) = look(&played, &mut witness, &limits, None, Manners::default());
            log.limits = limits;
            match ended {
                Ended::Stopped(Stop::Later { until, .. }) if !last => {
                    pauses += 1;
                    played.time.set(played.time.get().max(until.millis()));
                }
                Ended::Unwritten(_) if !last => deaths += 1,
                Ended::All => through += 1,
                other => panic!("{service} {n}: {other:?}"),
            }
            // Half of the looks follow each other at once: nothing has changed then, or very little.
            played.time.set(played.time.get() + 61_000 + i64::try_from(chance.below(2)).unwrap() * 3_600_000);
            if last {
                played.stage.borrow_mut().faults.clear();
            }
        }
        // In the end the document is as a reading of it alone tells it, to the byte.
        let mut fresh = Log::default();
        fresh.limits.clone_from(&log.limits);
        settle(&played, &mut fresh, None);
        agree(&held(&fresh, service), &window(&played), service);
        let (mine, wanted) = (log.standing(), fresh.standing());
        assert!(wanted.iter().all(|(key, digest)| mine.get(key) == Some(digest)), "{service}: to the byte");
        assert_eq!((wanted.len(), log.rejects), (40, 0), "{service}");
        none(&played, service);
        println!(
            "{service} | {deaths} | {pauses} | {through} | {} | {} of {} |",
            played.stage.borrow().asked,
            mine.len(),
            shown.len()
        );
        assert!(deaths > 20 && pauses > 5 && through > 20, "{service}: {deaths}, {pauses}, {through}");
        assert!(played.stage.borrow().unchanged > 2, "{service}: some looks met nothing new");
    });
}

/// What docs/bench.md tells of them: `cargo test -p rapport-sources --test it a_day_costs -- --nocapture`.
#[test]
fn a_day_costs_one_request_however_much_changed_on_it() {
    each(|service| {
        let played = Played::new(service, 400, 41);
        let mut log = Log::default();
        let first = settle(&played, &mut log, None);
        let entries = log.standing().len();
        played.time.set(NOW + 86_400_000);
        for n in 0..120 {
            let now = played.time.get() - n * 600_000;
            played.stage.borrow_mut().community.change(now);
        }
        let next = settle(&played, &mut log, None);
        let body = log.stored;
        played.time.set(played.time.get() + 86_400_000);
        let idle = settle(&played, &mut log, None);
        println!(
            "{service}: {entries} entries: {first} requests, a day with 120 changes {next}, a day without {idle}"
        );
        assert_eq!((first, next, idle, log.stored), (1, 1, 1, body), "{service}");
        assert!(body > entries, "{service}: something was new");
        assert_eq!(played.stage.borrow().unchanged, 1, "{service}: the idle look brought no document");
        none(&played, service);
    });
}

#[test]
fn a_correction_that_is_undone_is_undone_here_whatever_its_date_says() {
    let played = Played::new("feed", 60, 3);
    let mut log = Log::default();
    let say = |text: &str, back: i64| {
        let first = &mut played.stage.borrow_mut().community.threads[59].posts[0];
        (first.text, first.edited) = (text.to_owned(), NOW / 1_000 - back);
    };
    for (text, back) in [("Out now.", 60), ("Out today.", 60), ("Out now.", 60), ("Out at last.", 7_200)] {
        say(text, back);
        settle(&played, &mut log, None);
        let told = &log.rows["entry/tag:60"].newest;
        assert!(told.text.ends_with(text), "{text}: {}", told.text);
        assert_eq!(log.standing().len(), 40);
    }
    none(&played, "feed");
}
