//! Deliveries and polling, overlapping as they like: late, doubled, out of order, lost, in the middle of a look, several
//! changes in one second. After the last look the log is what the service shows, whatever came when.
//!
//! Every seed is a story of its own. The law is kept by a log in memory, in thousands of stories, and by the store itself:
//! tests of the program take this file in from there.

use rapport_model::{Key, Page, Time};
use rapport_sources::hooks::{Meaning, hook, read};
use rapport_sources::live::drive::{Ledger, Taken};
use rapport_sources::live::{Ended, Held, Progress};
use rapport_sources::transport::{Manners, Pause, Stop};
use serde_json::Value;

use crate::played::play::{self, Delivery, Random};
use crate::played::{Limits, Played, channel, look, place};

/// A log that deliveries come into, too.
pub(crate) trait Kept: Ledger {
    /// What a delivery said.
    fn told(&mut self, page: &Page, at: Time);
    /// The next request goes out at this moment.
    fn asks(&mut self, at: Time);
}

/// What is under way to the desk, and when it is there.
struct World<'p> {
    played: &'p Played,
    pending: Vec<(i64, Delivery)>,
    chance: Random,
    story: Vec<String>,
}

impl World<'_> {
    fn note(&mut self, what: &str) {
        let at = Time::from_millis(self.played.time.get()).unwrap();
        self.story.push(format!("{at} {what}"));
    }

    /// Something happens at the service; what it delivers of it is under way, twice, or never.
    fn happens(&mut self) {
        let now = self.played.time.get();
        let at = now / 1_000;
        let mut stage = self.played.stage.borrow_mut();
        let community = &mut stage.community;
        let thread = usize::try_from(self.chance.below(community.threads.len() as u64)).unwrap();
        let number = community.threads[thread].number;
        let newest = |t: &play::Thread| t.posts.iter().rev().find(|p| !p.deleted).map(|p| p.id);
        let (post, action) = match self.chance.below(12) {
            0..=3 => {
                community.reply(thread, at);
                (newest(&community.threads[thread]), "created")
            }
            4 => {
                let opened = community.open(at);
                let number = community.threads[opened].number;
                drop(stage);
                return self.sends(number, None, "opened");
            }
            5 | 6 => {
                community.edit(thread, at);
                let t = &community.threads[thread];
                (newest(t).filter(|id| *id != t.posts[0].id), "edited")
            }
            7..=9 => {
                let t = &community.threads[thread];
                let Some(id) = t.replies().last().map(|p| p.id).filter(|id| t.accepted != Some(*id)) else {
                    return;
                };
                community.delete(thread, at);
                (Some(id), "deleted")
            }
            _ => {
                let t = &mut community.threads[thread];
                // Closed, opened and closed again in one second looks like closed once.
                if t.changed == at {
                    return;
                }
                t.toggle(at);
                (None, if t.closed.is_some() { "closed" } else { "reopened" })
            }
        };
        drop(stage);
        self.sends(number, post, action);
    }

    fn sends(&mut self, number: u64, post: Option<u64>, action: &str) {
        let delivery = play::delivery(&self.played.stage.borrow(), number, post, action);
        let (now, fate) = (self.played.time.get(), self.chance.below(10));
        let late = [0, 0, 300, 2_000, 90_000, 4_000_000, 90_000_000];
        let mut copies = match fate {
            _ if delivery.is_none() => 0,
            0..=2 => 0,
            3 | 4 => 2,
            _ => 1,
        };
        self.note(&format!("{action} {number} {post:?}, delivered {copies} times"));
        while copies > 0 {
            let late = late[usize::try_from(self.chance.below(late.len() as u64)).unwrap()];
            self.pending.extend(delivery.clone().map(|delivery| (now + late, delivery)));
            copies -= 1;
        }
    }

    /// What has come by now, in any order; everything at last.
    fn comes(&mut self, log: &mut dyn Kept, everything: bool) {
        let now = self.played.time.get();
        let (mut here, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.pending).into_iter().partition(|(due, _)| everything || *due <= now);
        self.pending = later;
        while !here.is_empty() {
            let (_, delivery) =
                here.swap_remove(usize::try_from(self.chance.below(here.len() as u64)).unwrap());
            let service = self.played.stage.borrow().service;
            let body = delivery.body.to_string();
            let at = Time::from_millis(now).unwrap();
            let meaning = read(hook(service).unwrap(), delivery.event, delivery.hint, body.as_bytes(), at);
            let Ok(Meaning::Told(mut told)) = meaning else { panic!("{service}: {meaning:?}") };
            assert_eq!(told.what, place(service).what, "{service}");
            assert!(told.anonymous.is_empty(), "{service}: the author acts");
            channel(service).mend(&mut told.page, &*log);
            log.told(&told.page, at);
            let keys: Vec<String> = told
                .page
                .records
                .iter()
                .flat_map(|r| &r.activities)
                .map(|a| format!("{}{}", a.key, if a.deleted { " deleted" } else { "" }))
                .collect();
            self.note(&format!("  comes {} {}", delivery.event, keys.join(", ")));
        }
    }

    /// Something between a request and what becomes of its reply.
    fn meanwhile(&mut self, log: &mut dyn Kept) {
        if self.chance.below(6) == 0 {
            self.happens();
        }
        if self.chance.below(3) == 0 {
            self.comes(log, false);
        }
    }
}

/// The log while the world goes on around every request.
struct Around<'a, 'p> {
    log: &'a mut dyn Kept,
    world: &'a mut World<'p>,
}

impl Held for Around<'_, '_> {
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

impl Ledger for Around<'_, '_> {
    fn validator(&self, stream: &str) -> Option<(String, String, String)> {
        self.log.validator(stream)
    }
    fn asking(&mut self) {
        self.world.meanwhile(self.log);
        self.log.asks(Time::from_millis(self.world.played.time.get()).unwrap());
        if self.world.chance.below(4) == 0 {
            self.world.comes(self.log, false);
        }
    }
    fn take(&mut self, taken: Taken) -> Result<(), String> {
        self.world.meanwhile(self.log);
        let gone: usize = taken.page.whole.len();
        self.world.note(&format!(
            "  polled {}: {} records, {gone} whole",
            taken.stream,
            taken.page.records.len()
        ));
        self.log.take(taken)
    }
    fn pause(&mut self, pause: &Pause, stream: &str, progress: Progress) {
        self.log.pause(pause, stream, progress);
    }
}

/// The log, while nothing else happens.
struct Quiet<'a> {
    log: &'a mut dyn Kept,
    played: &'a Played,
}

impl Held for Quiet<'_> {
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

impl Ledger for Quiet<'_> {
    fn validator(&self, stream: &str) -> Option<(String, String, String)> {
        self.log.validator(stream)
    }
    fn asking(&mut self) {
        self.log.asks(Time::from_millis(self.played.time.get()).unwrap());
    }
    fn take(&mut self, taken: Taken) -> Result<(), String> {
        self.log.take(taken)
    }
    fn pause(&mut self, pause: &Pause, stream: &str, progress: Progress) {
        self.log.pause(pause, stream, progress);
    }
}

/// Looks once, or until everything is in, with the world going on meanwhile or in peace.
fn looks(played: &Played, ledger: &mut dyn Ledger, limits: &mut Limits, patient: bool) {
    for _ in 0..1_000 {
        let (ended, _, known) = look(played, ledger, limits, None, Manners::default());
        *limits = known;
        match ended {
            Ended::All => return,
            Ended::Stopped(Stop::Later { until, .. }) => {
                played.time.set(played.time.get().max(until.millis()));
            }
            other => panic!("{other:?}"),
        }
        if !patient {
            return;
        }
    }
    panic!("it never ends: {:?}", played.failures());
}

/// One story, to its quiet end: how it went, step by step.
pub(crate) fn story(played: &Played, log: &mut dyn Kept, seed: u64) -> Vec<String> {
    played.stage.borrow_mut().quota = u64::MAX;
    let mut limits = Limits::default();
    let chance = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut world = World { played, pending: Vec::new(), chance, story: Vec::new() };
    for _ in 0..60 {
        match world.chance.below(10) {
            0..=4 => world.happens(),
            5 | 6 => world.comes(log, false),
            7 => {
                world.note("a look");
                let mut around = Around { log, world: &mut world };
                looks(played, &mut around, &mut limits, false);
            }
            _ => {
                let pass = [300, 700, 1_000, 30_000, 3_600_000];
                let pass = pass[usize::try_from(world.chance.below(pass.len() as u64)).unwrap()];
                played.time.set(played.time.get() + pass);
            }
        }
    }
    // The last words come late, too; then it is quiet, and one look and another see everything.
    played.time.set(played.time.get() + 200_000_000);
    let early = world.chance.below(2) == 0;
    world.comes(log, early);
    for last in [false, false, true] {
        played.time.set(played.time.get() + 3_600_000);
        let mut quiet = Quiet { log, played };
        looks(played, &mut quiet, &mut limits, true);
        world.note("a last look");
        if !last {
            world.comes(log, true);
        }
    }
    world.story
}
