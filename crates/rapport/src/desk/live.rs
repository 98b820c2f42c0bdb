//! Living sources: what an address names, and one source brought up to date, reply by reply.

use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rapport_insight::kind::Learned;
use rapport_insight::members::Declared;
use rapport_model::{Key, ReadCount, SourceKey, Time};
use rapport_sources::connector;
use rapport_sources::live::Quota;
use rapport_sources::live::drive::{Ledger, Taken};
use rapport_sources::live::{Ended, Held, Live, Place, Progress, located, probes, registry};
use rapport_sources::transport::{
    Clock, Got, Http, Limit, Machine, Manners, Pass, Pause, Secret, Stop, Tokens, Transport,
};
use rapport_store::{LimitRow, LookRow, Moved, SourceRow, Store, StreamRow};
use serde_json::Value;

use super::add::Rejected;
use super::ending::{self, Heeding};
use super::{Desk, learned, with_judge};
use crate::config::Schedule;
use crate::config::network::Network;
use crate::fault::{Fault, FaultKind};

/// A place and how it is spoken to.
pub(super) struct Channel {
    pub(super) live: &'static dyn Live,
    pub(super) place: Place,
}

/// How one look ended.
pub(super) enum Look {
    /// Everything is in.
    Done,
    /// The rest has to wait.
    Later(Time, String),
    /// Not before somebody changes something.
    Denied(String, String),
}

/// The file of tokens in the data folder.
const TOKENS: &str = "tokens";

/// Whether a word names a place on the network and not a file.
pub(super) fn is_address(what: &Path) -> Option<&str> {
    let text = what.to_str()?;
    let web = text.starts_with("https://") || text.starts_with("http://") || located(text).is_some();
    let named = text
        .split_once(':')
        .is_some_and(|(kind, _)| registry::live(kind).is_some() || ["git", "hn", "forgejo"].contains(&kind));
    ((web || named) && !what.exists()).then_some(text)
}

/// The place that an address names. An unknown web address is asked what it is.
pub(super) fn channel(
    desk: &Desk,
    address: &str,
    kind: Option<&str>,
    allow_private: bool,
) -> Result<Channel, Fault> {
    if let Some(kind) = kind {
        let live = registry::live(kind)
            .ok_or_else(|| Fault::usage(format!("there is no living channel '{kind}'")).hint(KINDS))?;
        let place = live.place(address).or_else(|| live.hosted(address));
        let place = place.ok_or_else(|| unknown(address))?;
        return Ok(Channel { live, place });
    }
    if let Some((live, place)) = located(address) {
        return Ok(Channel { live, place });
    }
    if !address.contains("://") {
        return Err(unknown(address));
    }
    let network = desk.config()?.network;
    let mut wire = wire(desk, &network, allow_private)?;
    let mut transport =
        Transport::new(&mut wire, &Heeding, Manners { tries: 2, ..network.manners(seed(address)) });
    let mut said = String::new();
    for (live, ask) in probes(address) {
        let origins: Vec<String> = rapport_sources::live::origin(address).into_iter().collect();
        let pass = Pass { live, origins: &origins, token: None, exchange: None, validators: None };
        match transport.ask(&ask, pass, &mut |_| {}) {
            Ok(Got::Reply(reply)) if live.is_it(&reply) => {
                if let Some(place) = live.hosted(address) {
                    return Ok(Channel { live, place });
                }
            }
            Err(Stop::Later { why, .. } | Stop::Denied { why, .. }) => said = why,
            Ok(_) => {}
        }
    }
    let why = if said.is_empty() { String::new() } else { format!(" ({said})") };
    let fault = Fault::new(FaultKind::Source, format!("{address}: nothing here that a connector knows{why}"));
    if said.contains("--allow-private") {
        return Err(fault.hint(format!("rapport add {address} --allow-private")));
    }
    Err(fault.hint(format!("rapport add {address} --kind KIND")).hint(KINDS))
}

/// Where somebody finds all kinds: there are too many for a line.
pub(super) const KINDS: &str =
    "rapport reference connectors  has every kind, how its places are written and what it needs";

fn unknown(address: &str) -> Fault {
    let kind = address.split_once(':').map_or("", |(kind, _)| kind);
    let fault = Fault::usage(format!("'{address}' names no place"));
    match registry::live(kind) {
        Some(live) => fault.hint(format!("it is written: {}", live.about().addresses.join(", "))),
        None => fault.hint(KINDS),
    }
}

fn wire(desk: &Desk, network: &Network, allow_private: bool) -> Result<Http, Fault> {
    let mut way = network.way(allow_private);
    way.mirrors = Some(desk.folder.join(MIRRORS));
    Http::new(&way).map_err(|why| Fault::usage(format!("[network]: {why}")))
}

/// The folder of git mirrors in the data folder.
const MIRRORS: &str = "mirrors";

/// A seed of its own for every source, so that they do not all come back in the same moment.
fn seed(text: &str) -> u64 {
    Key::new(text).fingerprint() ^ u64::from(std::process::id())
}

/// What the numbers of a source cannot tell: what holds for its channel while it lives, for its archives otherwise.
pub(crate) fn note(store: &Store, source: &SourceRow) -> Result<&'static str, Fault> {
    let mut living = None;
    if is_address(Path::new(&source.location)).is_some() {
        let streams = store.streams(source.id)?;
        let read: Vec<&str> = streams.iter().map(|s| s.stream.as_str()).collect();
        living = registry::live(&source.kind).and_then(|live| live.note(&read));
    }
    Ok(living.unwrap_or_else(|| connector(&source.kind).map_or("", |c| c.about().limits)))
}

fn token(desk: &Desk, channel: &Channel) -> Result<Option<Secret>, Fault> {
    let tokens = Tokens::load(&desk.folder.join(TOKENS)).map_err(|error| {
        Fault::usage(error.to_string()).hint(format!("chmod 600 {}", desk.folder.join(TOKENS).display()))
    })?;
    let host = channel.place.base.split("://").nth(1).unwrap_or("").split('/').next().unwrap_or("");
    let bare = host.strip_prefix("api.").or_else(|| host.strip_prefix("oauth.")).unwrap_or(host);
    // A token in the environment belongs to one service; what stands on many hosts has one for each host.
    let own =
        format!("RAPPORT_TOKEN_{}", bare.to_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_"));
    let mut variables = vec![own.as_str()];
    variables.extend(channel.live.about().token_env);
    let portless = host.rsplit_once(':').map_or(host, |(name, _)| name);
    Ok(tokens.find(&[host, bare, portless], &variables))
}

/// `GitHub: next try 10:42 UTC, 1,204 of about 3,000 issues in (it asks for a pause)`
pub(super) fn waiting(title: &str, until: Time, why: &str, so_far: &str, now: Time) -> String {
    let text = until.to_string();
    let clock = text.get(11..16).unwrap_or("");
    let when = if until.date() == now.date() {
        format!("{clock} UTC")
    } else {
        format!("{} {clock} UTC", until.date())
    };
    let so_far = if so_far.is_empty() { "nothing" } else { so_far };
    format!("{title}: next try {when}, {so_far} in ({why})")
}

/// What stands of a look that ended before it was through.
pub(super) fn left(title: &str, so_far: &str) -> String {
    let so_far = if so_far.is_empty() { "nothing" } else { so_far };
    format!("{title}: left in the middle, {so_far} in; the next look goes on there")
}

/// The status of a source whose look began and did not end, and whose host nobody asks: its process died.
pub(super) fn broken_off(kind: &str, streams: &[StreamRow]) -> String {
    let title = registry::live(kind).map_or(kind, |live| live.about().title);
    left(title, &so_far(streams))
}

/// Whether some process asks a host right now.
pub(super) fn is_asked(desk: &Desk, host: &str) -> bool {
    let lock = std::fs::File::open(lock(desk, host));
    lock.is_ok_and(|file| matches!(file.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock)))
}

/// The file that whoever asks a host holds.
fn lock(desk: &Desk, host: &str) -> PathBuf {
    let slug: String =
        host.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    desk.folder.join("looks").join(format!("{slug}.lock"))
}

/// `1,204 of about 3,000 issues`
fn in_words(stream: &str, done: u64, about: Option<u64>) -> String {
    match about.filter(|about| *about > done) {
        Some(about) => format!("{} of about {} {stream}", grouped(done), grouped(about)),
        None => format!("{} {stream}", grouped(done)),
    }
}

/// What of a source is in, stream by stream.
fn so_far(streams: &[StreamRow]) -> String {
    let told = streams.iter().filter(|s| s.done > 0).map(|s| in_words(&s.stream, s.done, s.about));
    told.collect::<Vec<_>>().join(", ")
}

/// What a service does not tell though everything that it tells is in.
fn short(store: &Store, id: i64, live: &dyn Live, streams: &[StreamRow]) -> Result<Vec<&'static str>, Fault> {
    let mut told = Vec::new();
    for row in streams {
        let cursor = store.cursor(id, &row.stream)?.and_then(|text| serde_json::from_str(&text).ok());
        told.extend(live.short(&row.stream, &cursor.unwrap_or(Value::Null)));
    }
    Ok(told)
}

fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// What one look brought.
pub(super) struct Looked {
    pub(super) look: Look,
    pub(super) count: ReadCount,
    pub(super) rejects: Vec<Rejected>,
    /// What of the source is in, in words.
    pub(super) so_far: String,
    /// Requests that went out.
    pub(super) sent: u64,
}

/// Brings one living source up to date, as far as its limits allow. The folder is held only while a reply's rows are
/// written: never during a pause, never while the network is waited for.
pub(super) fn look(
    desk: &Desk,
    store: &mut Store,
    id: i64,
    name: &SourceKey,
    channel: Channel,
    allow_private: bool,
) -> Result<Looked, Fault> {
    let config = desk.config()?;
    let declared = config.declared();
    let known = learned(store)?;
    let network = config.network;
    let secret = token(desk, &channel)?;
    let Channel { live, mut place } = channel;
    place.base = network.base(&place.base);
    place.token = secret.is_some();
    let Some(reader) = connector(live.about().name) else {
        return Err(Fault::usage(format!("nobody reads '{}'", live.about().name)));
    };
    let now = Machine.now();
    let mut wire = wire(desk, &network, allow_private)?;
    let mut transport = Transport::new(&mut wire, &Heeding, network.manners(seed(name.as_str())));
    for row in store.limits()? {
        let quota = row.remaining.map(|remaining| Quota { remaining, limit: row.quota, resets: row.resets });
        transport.remember(&row.host, &row.bucket, Limit { until: row.until, why: row.why, quota });
    }
    store.release();
    let mut book = Book {
        store,
        source: id,
        seen: desk.now,
        asked_at: 0,
        asked: now,
        count: ReadCount::default(),
        declared: &declared,
        learned: &known,
        bar: bar(name),
        title: live.about().title,
        rejects: Vec::new(),
        quiet: desk.json,
    };
    let ended = rapport_sources::live::sync(live, reader, &place, secret.as_ref(), &mut transport, &mut book);
    book.bar.finish_and_clear();
    let Book { store, count, rejects, .. } = book;
    store.resume()?;
    for ((host, bucket), limit) in transport.limits() {
        store.set_limit(&row(host, bucket, limit))?;
    }
    let sent = transport.sent;
    let streams = store.streams(id)?;
    let short = short(store, id, live, &streams)?;
    let so_far = std::iter::once(so_far(&streams).as_str())
        .chain(short.iter().copied())
        .collect::<Vec<_>>()
        .join("; ");
    let title = live.about().title;
    let (look, status) = match ended {
        Ended::All => {
            let mut status = match count.rejected {
                0 => "complete".to_owned(),
                n => format!("complete but for {n} set aside: rapport sources --rejects {name}"),
            };
            for told in short {
                status.push_str(&format!("; {told}"));
            }
            (Look::Done, status)
        }
        Ended::Stopped(Stop::Later { until, why }) if why == ending::WHY => {
            let status = left(title, &so_far);
            (Look::Later(until, why), status)
        }
        Ended::Stopped(Stop::Later { until, why }) => {
            let status = waiting(title, until, &why, &so_far, now);
            (Look::Later(until, why), status)
        }
        Ended::Stopped(Stop::Denied { why, hint }) => {
            let status = format!("{title}: {why}");
            (Look::Denied(why, hint), status)
        }
        Ended::Unwritten(why) => return Err(Fault::new(FaultKind::Store, why)),
    };
    store.set_status(id, &status)?;
    match &look {
        Look::Later(_, why) if why == ending::WHY => {}
        Look::Later(until, why) => store.set_paused(id, Some((*until, why)))?,
        Look::Done | Look::Denied(..) => store.set_paused(id, None)?,
    }
    Ok(Looked { look, count, rejects, so_far, sent })
}

fn row(host: &str, bucket: &str, limit: &Limit) -> LimitRow {
    LimitRow {
        host: host.to_owned(),
        bucket: bucket.to_owned(),
        until: limit.until,
        why: limit.why.clone(),
        remaining: limit.quota.as_ref().map(|q| q.remaining),
        quota: limit.quota.as_ref().and_then(|q| q.limit),
        resets: limit.quota.as_ref().and_then(|q| q.resets),
    }
}

fn bar(name: &SourceKey) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{prefix} {spinner} {msg}") {
        bar.set_style(style);
    }
    bar.set_prefix(name.to_string());
    bar
}

/// The log as a living source writes into it.
struct Book<'a> {
    store: &'a mut Store,
    source: i64,
    seen: Time,
    /// Where the log stood when the last request went out.
    asked_at: i64,
    asked: Time,
    count: ReadCount,
    declared: &'a Declared,
    learned: &'a Learned,
    bar: ProgressBar,
    title: &'static str,
    rejects: Vec<Rejected>,
    quiet: bool,
}

impl Held for Book<'_> {
    // What cannot be read now cannot be written in a moment either, and there it is told.
    fn opening(&self, thread: &Key) -> Option<Key> {
        self.store.opening(self.source, thread).unwrap_or_default()
    }
    fn keys(&self, thread: &Key) -> Vec<Key> {
        self.store.thread_keys(self.source, thread).unwrap_or_default()
    }
    fn threads(&self, from: &Key, to: &Key) -> Vec<Key> {
        self.store.threads_between(self.source, from, to).unwrap_or_default()
    }
    fn between(&self, from: &Key, to: &Key, url: &str) -> Vec<(Key, Key)> {
        self.store.between(self.source, from, to, url).unwrap_or_default()
    }
    fn opened(&self, from: Time, to: Time) -> Vec<Key> {
        self.store.opened(self.source, from, to).unwrap_or_default()
    }
    fn thread(&self, activity: &Key) -> Option<Key> {
        self.store.thread_of(self.source, activity).unwrap_or_default()
    }
    fn cursor(&self, stream: &str) -> Option<Value> {
        self.store
            .cursor(self.source, stream)
            .unwrap_or_default()
            .and_then(|text| serde_json::from_str(&text).ok())
    }
}

impl Ledger for Book<'_> {
    fn validator(&self, stream: &str) -> Option<(String, String, String)> {
        self.store.validator(self.source, stream).unwrap_or_default()
    }

    fn asking(&mut self) {
        // Where that cannot be read nothing is held to be gone.
        self.asked_at = self.store.log_end().unwrap_or(0);
        self.asked = Machine.now();
    }

    fn take(&mut self, taken: Taken) -> Result<(), String> {
        let page = &taken.page;
        for reject in page.records.iter().flat_map(|r| &r.rejects).chain(&page.rejects) {
            if self.rejects.len() < 1_000 {
                let place = format!("{} {}", page.item.name, reject.at);
                self.rejects.push(Rejected { place, why: reject.why.clone() });
            }
        }
        let moved = Moved {
            stream: taken.stream.to_owned(),
            state: taken.cursor.to_string(),
            done: taken.progress.done,
            about: taken.progress.about,
            complete: taken.end,
            validator: taken.validator.clone(),
            asked_at: self.asked_at,
            asked: self.asked,
        };
        let mut write = || {
            self.store.resume()?;
            let mut read = self.store.begin_read(self.source, self.seen)?;
            with_judge(self.declared, self.learned, |judge| read.take_reply(page, &moved, judge))
        };
        let done = write();
        self.store.release();
        self.count.add(&done.map_err(|error| error.to_string())?);
        self.bar.set_message(in_words(taken.stream, taken.progress.done, taken.progress.about));
        self.bar.tick();
        Ok(())
    }

    fn pause(&mut self, pause: &Pause, stream: &str, progress: Progress) {
        let now = Machine.now();
        if pause.until.millis() - now.millis() < 2_500 {
            return; // shorter than it takes to read about it
        }
        let so_far = in_words(stream, progress.done, progress.about);
        let status = waiting(self.title, pause.until, &pause.why, &so_far, now);
        let _ = self.store.set_status(self.source, &status); // the pause itself matters more than its note
        if !self.quiet {
            self.bar.suspend(|| eprintln!("{status}"));
        }
    }
}

/// A git remote's address: `git:` before a web address says what it is; `git://` is git's own.
fn remote_url(address: &str) -> &str {
    if address.starts_with("git://") { address } else { address.strip_prefix("git:").unwrap_or(address) }
}

/// What a git remote is called, when an address is one: its host and path.
pub(super) fn remote(address: &str, kind: Option<&str>) -> Option<String> {
    let url = remote_url(address);
    let ends = Path::new(url.trim_end_matches('/')).extension().is_some_and(|e| e == "git");
    let wanted =
        kind.map_or(address.starts_with("git:") || (ends && located(address).is_none()), |k| k == "git");
    let web = url.strip_prefix("git://").map_or_else(|| url.to_owned(), |rest| format!("https://{rest}"));
    let (host, path) = rapport_sources::live::web(&web).filter(|_| wanted)?;
    let path = path.join("/");
    Some(format!("{host}/{}", path.strip_suffix(".git").unwrap_or(&path)))
}

/// Fetches a git remote into the folder's mirrors.
pub(super) fn fetch(desk: &Desk, address: &str, what: &str, allow_private: bool) -> Result<PathBuf, String> {
    let url = remote_url(address);
    let way = desk.config().map_err(|fault| fault.message)?.network.way(allow_private);
    rapport_sources::transport::permitted(url, &way)?;
    let folder = desk.folder.join(MIRRORS);
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let path = folder.join(format!("{}.git", rapport_sources::transport::slug(what)));
    rapport_sources::transport::mirror(url, &path, &way).map(|mirror| mirror.path)
}

/// How long a source rests between two looks, in milliseconds: its owner's interval or its channel's, and up to a tenth
/// of it more, so that not everything is asked in the same moment.
pub(super) fn interval(schedule: &Schedule, kind: &str, name: &SourceKey, last: Time) -> i64 {
    let usual = registry::live(kind).map_or(300, |live| live.about().interval);
    let base = schedule.every(name).map_or(i64::from(usual) * 1000, |minutes| i64::from(minutes) * 60_000);
    let chance = Key::new(format!("{name} {last}")).fingerprint() % 1_000;
    base + base / 10_000 * i64::try_from(chance).unwrap_or(0)
}

/// What a delivery could not tell is looked up so many milliseconds later, for others follow it.
const SOON: i64 = 3_000;
/// Looks that deliveries ask for are so many milliseconds apart.
const APART: i64 = 30_000;

/// When a source is to be looked at next; none while it rests because somebody said so.
pub(super) fn due(schedule: &Schedule, kind: &str, name: &SourceKey, row: &LookRow) -> Option<Time> {
    if row.rests.is_some() {
        return None;
    }
    let usual = row.ended.map_or(Time::MIN, |at| at.plus_millis(interval(schedule, kind, name, at)));
    let wanted = row.wanted.map(|at| {
        let apart = row.ended.map_or(Time::MIN, |ended| ended.plus_millis(APART));
        at.plus_millis(SOON).max(apart)
    });
    let due = wanted.map_or(usual, |wanted| wanted.min(usual));
    Some(row.paused.as_ref().map_or(due, |(until, _)| due.max(*until)))
}

/// The right to ask a host: one process at a time, and one source. It ends when this goes.
pub(super) struct Turn(#[expect(dead_code, reason = "held, never read")] std::fs::File);

/// The host that an address leads to.
pub(super) fn host(kind: &str, address: &str) -> String {
    let url = address.strip_prefix("git:").unwrap_or(address);
    let base = registry::live(kind).and_then(|live| live.place(address).or_else(|| live.hosted(address)));
    let base = base.map_or_else(|| url.to_owned(), |place| place.base);
    rapport_sources::live::web(&base).map_or_else(|| kind.to_owned(), |(host, _)| host)
}

/// Waits for the right to ask a host; none when somebody else has it for longer than that.
pub(super) fn turn(desk: &Desk, host: &str, patience_ms: u64) -> Result<Option<Turn>, Fault> {
    std::fs::create_dir_all(desk.folder.join("looks"))?;
    let file = std::fs::File::create(lock(desk, host))?;
    let mut waited = 0;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(Turn(file))),
            Err(std::fs::TryLockError::WouldBlock) if waited < patience_ms && !ending::is_told() => {
                Machine.wait(50);
                waited += 50;
            }
            Err(std::fs::TryLockError::WouldBlock) => return Ok(None),
            Err(std::fs::TryLockError::Error(error)) => return Err(error.into()),
        }
    }
}
