//! A source, a server in memory, a clock that jumps and a log in memory: what the laws of `live` are tried on.

#[path = "../../../../xtask/src/play.rs"]
#[allow(dead_code, unused_imports, missing_docs, unreachable_pub)]
pub(crate) mod play;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use rapport_model::{Activity, Key, ThreadRef, Time};
use rapport_sources::connector;
use rapport_sources::live::drive::{Ledger, Taken};
use rapport_sources::live::{Ask, Ended, Held, LIVE, Live, Place, Progress, Reply, sync};
use rapport_sources::transport::{Clock, Limit, Lost, Manners, Pause, Secret, Transport, Wire};
use serde_json::Value;

use play::{Community, Request, Stage};

/// 2026-10-20T08:00:00Z, in milliseconds.
pub(crate) const NOW: i64 = 1_792_483_200_000;

/// The server and the time.
pub(crate) struct Played {
    pub(crate) stage: RefCell<Stage>,
    pub(crate) time: Cell<i64>,
    /// How long each wait was, in milliseconds.
    pub(crate) waits: RefCell<Vec<u64>>,
    /// What was asked and answered, where somebody wants to know.
    pub(crate) talk: RefCell<Option<Vec<(Ask, Reply)>>>,
    base: String,
}

impl Played {
    pub(crate) fn new(service: &'static str, threads: usize, seed: u64) -> Played {
        let mut stage = Stage::new(service, Community::new(threads, NOW / 1000, seed));
        let base = place(service).base;
        stage.base.clone_from(&base);
        Played {
            stage: RefCell::new(stage),
            time: Cell::new(NOW),
            waits: RefCell::default(),
            talk: RefCell::default(),
            base,
        }
    }
    pub(crate) fn failures(&self) -> Vec<String> {
        self.stage.borrow().failures.clone()
    }
}

impl Clock for Played {
    fn now(&self) -> Time {
        Time::from_millis(self.time.get()).unwrap()
    }
    fn wait(&self, millis: u64) {
        self.waits.borrow_mut().push(millis);
        self.time.set(self.time.get() + i64::try_from(millis).unwrap());
    }
}

pub(crate) struct Line<'a>(pub(crate) &'a Played);

impl Wire for Line<'_> {
    fn send(&mut self, ask: &Ask, headers: &[(String, String)]) -> Result<Reply, Lost> {
        let service = self.0.stage.borrow().service;
        let hosts = channel(service).hosts(&place(service));
        let mut ours = std::iter::once(&self.0.base).chain(&hosts);
        let path = ours.find_map(|host| ask.url.strip_prefix(host.as_str()));
        let path = path.expect("no other host is asked").to_owned();
        // A document is its whole address.
        let path = match (service, path.as_str()) {
            ("conferences", "") => "/conferences/2026/relay.json".to_owned(),
            ("ical", "") => "/calendar.ics".to_owned(),
            ("sessionize", "") => "/api/v2/tide2026/view/All".to_owned(),
            (_, "") => "/feed.xml".to_owned(),
            _ => path,
        };
        let request = Request {
            method: if ask.post.is_some() { "POST" } else { "GET" }.to_owned(),
            path,
            headers: headers.iter().cloned().collect(),
            body: ask.post.clone().unwrap_or_default().into_bytes(),
        };
        let response = self.0.stage.borrow_mut().answer(&request, self.0.time.get());
        self.0.time.set(self.0.time.get() + 40 + i64::try_from(response.slow).unwrap().min(60_000));
        if response.slow > 60_000 {
            return Err(Lost::Broken("it does not answer in time".to_owned()));
        }
        if response.cut.is_some() {
            return Err(Lost::Broken("the connection broke".to_owned()));
        }
        let mut body = response.body;
        if response.status == 200 && ask.url.split('?').next().is_some_and(|url| url.ends_with(".gz")) {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packed.write_all(&body).unwrap();
            body = packed.finish().unwrap();
        }
        let reply = Reply { status: response.status, headers: response.headers, body };
        if let Some(talk) = self.0.talk.borrow_mut().as_mut() {
            talk.push((ask.clone(), reply.clone()));
        }
        Ok(reply)
    }
}

/// The place that each service plays.
pub(crate) fn place(service: &'static str) -> Place {
    let address = match service {
        "github" => "github:tidewater/relay",
        "discourse" => "discourse:forum.tidewater.example",
        "stackexchange" => "stackexchange:qa.tidewater.example",
        "discord" => "discord:500",
        "slack" => "slack:T0TIDE",
        "zulip" => "zulip:chat.tidewater.example",
        "gitlab" => "gitlab:tidewater/relay",
        "gitea" => "gitea:codeberg.org/tidewater/relay",
        "feed" => "https://blog.tidewater.example/feed.xml",
        "hackernews" => "hackernews:relay",
        "youtube" => "youtube:relay-3-abc",
        "bluesky" => "bluesky:#relay",
        "mastodon" => "mastodon:#relay@social.tidewater.example",
        "matrix" => "matrix:#relay:tidewater.example",
        "pipermail" => "https://lists.tidewater.example/pipermail/relay-users/",
        "hyperkitty" => "https://lists.tidewater.example/archives/list/relay-users@lists.tidewater.example/",
        "conferences" => "conferences:https://events.tidewater.example/conferences/2026/relay.json",
        "ical" => "https://events.tidewater.example/calendar.ics",
        "sessionize" => "sessionize:tide2026",
        "plausible" => "https://plausible.io/docs.tidewater.example",
        "reddit" => "reddit:r/relay",
        "crates" => "crates:relay",
        "npm" => "npm:relay",
        "pypi" => "pypi:relay",
        other => panic!("{other} is not played"),
    };
    channel(service).place(address).unwrap()
}

/// The channel that reads a service: mailing lists are one, wherever they are kept.
pub(crate) fn kind(service: &'static str) -> &'static str {
    if ["pipermail", "hyperkitty"].contains(&service) { "mbox" } else { service }
}

pub(crate) fn channel(service: &'static str) -> &'static dyn Live {
    LIVE.iter().copied().find(|l| l.about().name == kind(service)).unwrap()
}

/// One activity as the log has it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) newest: Activity,
    pub(crate) gone: bool,
    /// Which step of the log its newest state is.
    step: u64,
    digests: Vec<([u8; 16], Option<Time>)>,
}

/// A log in memory that keeps to the store's rules, and can fail.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) rows: BTreeMap<String, Row>,
    /// Which rows stand in a thread.
    threads: BTreeMap<Key, BTreeSet<String>>,
    pub(crate) cursors: BTreeMap<&'static str, Value>,
    pub(crate) validators: BTreeMap<&'static str, (String, String, String)>,
    pub(crate) pauses: Vec<Pause>,
    pub(crate) progress: Progress,
    pub(crate) rejects: usize,
    pub(crate) stored: usize,
    /// After so many replies the process dies: `Some((n, before))`, before or after the commit.
    pub(crate) dies: Option<(u64, bool)>,
    pub(crate) limits: BTreeMap<(String, String), Limit>,
    /// How many steps the log has, where it stood as the last request went out, and when that was.
    steps: u64,
    asked_at: u64,
    pub(crate) asked: Option<Time>,
    /// A delivery left something to a look.
    pub(crate) wanted: bool,
}

impl Log {
    /// What stands: keys with the digest of their newest state.
    pub(crate) fn standing(&self) -> BTreeMap<String, [u8; 16]> {
        let rows = self.rows.iter().filter(|(_, row)| !row.gone && !row.newest.deleted);
        rows.map(|(key, row)| (key.clone(), row.newest.digest())).collect()
    }
    pub(crate) fn messages(&self) -> usize {
        self.rows.values().filter(|r| !r.gone && !r.newest.deleted && r.newest.act.is_message()).count()
    }
    /// The thread that is meant: where it is another message's, that one's.
    fn thread(&self, meant: &ThreadRef) -> Option<Key> {
        match meant {
            ThreadRef::None => None,
            ThreadRef::Key(key) => Some(key.clone()),
            ThreadRef::Of(parent) => match self.rows.get(parent.as_str()) {
                Some(row) => self.thread(&row.newest.thread),
                None => Some(parent.clone()),
            },
        }
    }
    /// What stands in a thread: what names it, and what goes where another message of it goes.
    fn of(&self, thread: &Key) -> impl Iterator<Item = &Row> {
        let mut found: Vec<&Row> = Vec::new();
        let mut places = vec![thread.clone()];
        while let Some(place) = places.pop() {
            let keys = self.threads.get(&place).into_iter().flatten();
            for row in keys.filter_map(|key| self.rows.get(key)) {
                let own = row.newest.key == place;
                let here = match &row.newest.thread {
                    ThreadRef::Key(key) => key == thread && place == *thread,
                    ThreadRef::Of(key) => *key == place && !own,
                    ThreadRef::None => false,
                };
                if here {
                    found.push(row);
                    if row.newest.key != *thread {
                        places.push(row.newest.key.clone());
                    }
                }
            }
        }
        found.into_iter()
    }
    /// What a delivery said, by the store's rules.
    pub(crate) fn told(&mut self, page: &rapport_model::Page) {
        for record in &page.records {
            for activity in &record.activities {
                self.record(activity, true);
            }
        }
        let asked_at = std::mem::replace(&mut self.asked_at, u64::MAX);
        let asked = self.asked.take();
        for (thread, seen) in &page.whole {
            self.whole(thread, seen);
        }
        (self.asked_at, self.asked) = (asked_at, asked);
    }
    fn record(&mut self, activity: &Activity, told: bool) -> bool {
        if let ThreadRef::Key(thread) | ThreadRef::Of(thread) = &activity.thread {
            self.threads.entry(thread.clone()).or_default().insert(activity.key.to_string());
        }
        let digest = activity.digest();
        let Some(row) = self.rows.get_mut(activity.key.as_str()) else {
            let digests = vec![(digest, activity.updated)];
            self.steps += 1;
            let row = Row { newest: activity.clone(), gone: false, step: self.steps, digests };
            self.rows.insert(activity.key.to_string(), row);
            self.stored += 1;
            return true;
        };
        if row.newest.digest() == digest && !row.gone {
            if row.newest.updated.is_some() {
                row.newest.updated = row.newest.updated.max(activity.updated);
            }
            return true;
        }
        // What was known to be gone before this was asked for, and is shown, was restored.
        let gone = row.gone || row.newest.deleted;
        if gone && !told && !activity.deleted && row.step <= self.asked_at {
            let asked = self.asked;
            row.digests.push((digest, activity.updated));
            self.steps += 1;
            (row.newest, row.gone, row.step) = (activity.clone(), false, self.steps);
            row.newest.updated = activity.updated.map(|at| asked.map_or(at, |asked| at.max(asked)));
            self.stored += 1;
            return true;
        }
        if let (Some(mine), Some(held)) = (activity.updated, row.newest.updated)
            && (mine < held || (mine == held && row.digests.contains(&(digest, Some(mine)))))
        {
            return false;
        }
        if activity.updated.is_some() && activity.updated == row.newest.updated {
            // Two states of one second: which came later a delivery cannot tell, nor a reply from within that second.
            let within = activity.updated.map(|at| at.plus_millis(1_000)) > self.asked;
            if told || within && row.step > self.asked_at {
                self.wanted |= told;
                return false;
            }
        }
        row.digests.push((digest, activity.updated));
        self.steps += 1;
        (row.newest, row.gone, row.step) = (activity.clone(), false, self.steps);
        self.stored += 1;
        true
    }
    fn whole(&mut self, thread: &Key, seen: &BTreeSet<u64>) {
        let gone: Vec<String> = self
            .of(thread)
            .filter(|row| !row.gone && !seen.contains(&row.newest.key.fingerprint()))
            .filter(|row| row.step <= self.asked_at)
            .map(|row| row.newest.key.to_string())
            .collect();
        for key in gone {
            self.steps += 1;
            let row = self.rows.get_mut(&key).unwrap();
            (row.gone, row.step) = (true, self.steps);
            row.newest.updated = row.newest.updated.map(|at| self.asked.map_or(at, |asked| at.max(asked)));
        }
    }
}

impl Held for Log {
    fn opening(&self, thread: &Key) -> Option<Key> {
        self.of(thread).find(|r| r.newest.act == rapport_model::Act::Opened).map(|r| r.newest.key.clone())
    }
    fn keys(&self, thread: &Key) -> Vec<Key> {
        self.of(thread).filter(|r| !r.gone).map(|r| r.newest.key.clone()).collect()
    }
    fn threads(&self, from: &Key, to: &Key) -> Vec<Key> {
        let begins = |key: &Key| self.thread(&ThreadRef::Of(key.clone())).as_ref() == Some(key);
        let named = self.threads.range(from.clone()..=to.clone()).map(|(thread, _)| thread);
        named.filter(|key| begins(key)).cloned().collect()
    }
    fn between(&self, from: &Key, to: &Key, url: &str) -> Vec<(Key, Key)> {
        let rows = self.rows.range(from.to_string()..=to.to_string());
        let here = |row: &Row| row.newest.url.as_ref().is_some_and(|u| u.starts_with(url));
        let stands = rows.filter(|(_, row)| !row.gone && !row.newest.deleted && here(row));
        let threads =
            stands.filter_map(|(_, r)| Some((r.newest.key.clone(), self.thread(&r.newest.thread)?)));
        threads.collect()
    }
    fn opened(&self, from: Time, to: Time) -> Vec<Key> {
        let rows = self.rows.values().filter(|r| !r.gone && !r.newest.deleted);
        let opened = rows.filter(|r| r.newest.thread == ThreadRef::Key(r.newest.key.clone()));
        opened.filter(|r| (from..=to).contains(&r.newest.at)).map(|r| r.newest.key.clone()).collect()
    }
    fn cursor(&self, stream: &str) -> Option<Value> {
        self.cursors.get(stream).cloned()
    }
    fn thread(&self, activity: &Key) -> Option<Key> {
        self.thread(&self.rows.get(activity.as_str())?.newest.thread)
    }
}

impl Ledger for Log {
    fn validator(&self, stream: &str) -> Option<(String, String, String)> {
        self.validators.get(stream).cloned()
    }
    fn asking(&mut self) {
        self.asked_at = self.steps;
    }
    fn take(&mut self, taken: Taken) -> Result<(), String> {
        let dead = Err("the process died".to_owned());
        let dies = match &mut self.dies {
            Some((0, before)) => Some(*before),
            Some((n, _)) => {
                *n -= 1;
                None
            }
            None => None,
        };
        if dies == Some(true) {
            return dead;
        }
        for record in &taken.page.records {
            let mut newest = true;
            for activity in &record.activities {
                newest &= self.record(activity, false);
            }
            if let (Some(thread), true) = (&record.whole, newest) {
                let seen = record.activities.iter().map(|a| a.key.fingerprint()).collect();
                self.whole(thread, &seen);
            }
        }
        for (thread, seen) in &taken.page.whole {
            self.whole(thread, seen);
        }
        self.rejects += taken.page.rejects.len();
        self.cursors.insert(taken.stream, taken.cursor);
        if let Some(validator) = taken.validator {
            self.validators.insert(taken.stream, validator);
        }
        self.progress = taken.progress;
        if dies == Some(false) { dead } else { Ok(()) }
    }
    fn pause(&mut self, pause: &Pause, _: &str, _: Progress) {
        self.pauses.push(pause.clone());
    }
}

/// One run of the program: whatever it learns of limits outlives it.
pub(crate) fn run(played: &Played, log: &mut Log, token: Option<&str>, manners: Manners) -> (Ended, u64) {
    let limits = log.limits.clone();
    let (ended, sent, limits) = look(played, log, &limits, token, manners);
    log.limits = limits;
    (ended, sent)
}

/// What is known of limits, by host and bucket.
pub(crate) type Limits = BTreeMap<(String, String), Limit>;

/// One run of the program into any ledger; what it learned of limits beside.
pub(crate) fn look(
    played: &Played,
    ledger: &mut dyn Ledger,
    limits: &Limits,
    token: Option<&str>,
    manners: Manners,
) -> (Ended, u64, Limits) {
    let service = played.stage.borrow().service;
    let live = channel(service);
    let place = Place { token: token.is_some(), ..place(service) };
    let token = token.map(Secret::new);
    let mut line = Line(played);
    let mut transport = Transport::new(&mut line, played, manners);
    for ((host, bucket), limit) in limits {
        transport.remember(host, bucket, limit.clone());
    }
    let ended = sync(live, connector(kind(service)).unwrap(), &place, token.as_ref(), &mut transport, ledger);
    (ended, transport.sent, transport.limits().clone())
}

/// Reads some of its older threads again with every look.
pub(crate) fn in_turns(service: &str) -> bool {
    matches!(service, "discord" | "discourse" | "slack")
}

/// Looks so often that what is looked at in turns has had its turn.
pub(crate) fn settle_all(played: &Played, log: &mut Log) {
    // Where a thread is a request of its own, it takes more looks until each had its turn.
    let looks = if in_turns(played.stage.borrow().service) { 130 } else { 8 };
    for _ in 0..looks {
        played.time.set(played.time.get() + 3_600_000);
        settle(played, log, None);
    }
}

/// Runs again and again, waiting as long as it is told, until everything is in.
pub(crate) fn settle(played: &Played, log: &mut Log, token: Option<&str>) -> u64 {
    let mut sent = 0;
    for _ in 0..10_000 {
        let (ended, asked) = run(played, log, token, Manners::default());
        sent += asked;
        match ended {
            Ended::All => return sent,
            Ended::Stopped(rapport_sources::transport::Stop::Later { until, .. }) => {
                played.time.set(played.time.get().max(until.millis()));
            }
            Ended::Unwritten(_) => {}
            other => panic!("{other:?}"),
        }
    }
    panic!("it never ends: {:?}", played.failures());
}

pub(crate) fn none(played: &Played, label: &str) {
    assert_eq!(played.failures(), Vec::<String>::new(), "{label}: the server watched");
}

/// A log that grew over many runs holds what one reading of the same place gives.
pub(crate) fn same(log: &Log, fresh: &Log, label: &str) {
    let (mine, wanted) = (log.standing(), fresh.standing());
    let gap: Vec<&String> = wanted.keys().filter(|k| !mine.contains_key(*k)).take(5).collect();
    let surplus: Vec<&String> = mine.keys().filter(|k| !wanted.contains_key(*k)).take(5).collect();
    assert!(gap.is_empty(), "{label}: missing {gap:?}");
    assert!(surplus.is_empty(), "{label}: deleted at the source, and still here {surplus:?}");
    let stale: Vec<&String> =
        wanted.iter().filter(|(k, d)| mine[*k] != **d).map(|(k, _)| k).take(5).collect();
    for key in &stale {
        println!("{key}: {:?}\n  fresh {:?}", log.rows[*key], fresh.rows[*key]);
    }
    assert!(stale.is_empty(), "{label}: an older state is kept of {stale:?}");
}
