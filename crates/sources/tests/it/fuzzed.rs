//! One function per parser of foreign bytes, fed with anything. What the fuzzer runs for hours and what the tests run
//! for seconds are these same functions.
//!
//! An archive of several items is written as one input: its items in the order of the target's names, split by 0xFF,
//! which no UTF-8 text holds. A missing item is what [`Target::usual`] says.

use std::collections::BTreeSet;
use std::io::{BufReader, Read};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::OnceLock;

use rapport_sources::contract::{Item, Key, Out, Peek, Plan, Reader, Record, Reject, Unreadable};
use rapport_sources::{Archive, connector, lines::Lines, markup, scan::Elements};

/// One entrance for foreign bytes.
pub(crate) struct Target {
    /// Its name: the connector's, or the module's.
    pub(crate) name: &'static str,
    /// The items that its input stands for, in order; empty when the input is not an archive.
    pub(crate) items: &'static [&'static str],
    /// What an item holds that the input leaves empty.
    pub(crate) usual: &'static [&'static str],
    /// Runs it. Panics when a promise is broken.
    pub(crate) run: fn(&[u8]),
}

const fn of(
    name: &'static str,
    items: &'static [&'static str],
    usual: &'static [&'static str],
    run: fn(&[u8]),
) -> Target {
    Target { name, items, usual, run }
}

const CSV: &str = "Relay - help - general [900000000000000001].csv";
const CHANNELS: &str = r#"[{"id":"C1","name":"general"}]"#;

/// All of them.
pub(crate) static TARGETS: &[Target] = &[
    of("activities", &["members.csv", "a.csv", "a.json", "a.jsonl"], &["", "", "", ""], |d| {
        archive("activities", d);
    }),
    of("archive-gzip", &["one.json.gz"], &[""], |d| opened("one.json.gz", d)),
    of("archive-zip", &["one.zip"], &[""], |d| opened("one.zip", d)),
    of("bluesky", &["search.json", "feed.json", "live/thread"], &["", "", ""], |d| archive("bluesky", d)),
    of("conferences", &["a.json", "a.csv"], &["", ""], |d| archive("conferences", d)),
    of("crates", &["crate.json"], &[""], |d| archive("crates", d)),
    of("detect", &[], &[], detect),
    of("discord", &["general.json", CSV], &["", ""], |d| archive("discord", d)),
    of("discourse", &["1.json"], &[""], |d| archive("discourse", d)),
    of("feed", &["feed.xml"], &[""], |d| archive("feed", d)),
    of("gharchive", &["2026-05-01-15.json"], &[""], |d| archive("gharchive", d)),
    of("git", &["git/commits", "git/tags"], &["", ""], |d| archive("git", d)),
    of("github", &["archive.json"], &[""], |d| archive("github", d)),
    of("gitea", &["issues.json"], &[""], |d| archive("gitea", d)),
    of("gitlab", &["issues.json"], &[""], |d| archive("gitlab", d)),
    of("hackernews", &["search.json"], &[""], |d| archive("hackernews", d)),
    of("ical", &["a.ics"], &[""], |d| archive("ical", d)),
    of("lines", &[], &[], lines),
    of("markup", &[], &[], html),
    of("mastodon", &["statuses.json", "context.json"], &["", ""], |d| archive("mastodon", d)),
    of("matrix", &["export.json", "live/event/", "live/sync"], &["", "", ""], |d| archive("matrix", d)),
    of("mbox", &["list.mbox"], &[""], |d| archive("mbox", d)),
    of("npm", &["package.json"], &[""], |d| archive("npm", d)),
    of("plausible", &["searches.json"], &[""], |d| archive("plausible", d)),
    of("pypi", &["project.json"], &[""], |d| archive("pypi", d)),
    of("reddit", &["new.json", "tree.json"], &["", ""], |d| archive("reddit", d)),
    of("scan", &[], &[], scan),
    of("sessionize", &["a.json"], &[""], |d| archive("sessionize", d)),
    of("slack", &["channels.json", "users.json", "general/2026-05-01.json"], &[CHANNELS, "", ""], |d| {
        archive("slack", d);
    }),
    of("stackexchange", &["Users.xml", "Posts.xml", "Comments.xml"], &["", "", ""], |d| {
        archive("stackexchange", d);
    }),
    of("youtube", &["comments.json"], &[""], |d| archive("youtube", d)),
    of("zulip", &["412-sdk/token.20refresh.json"], &[""], |d| archive("zulip", d)),
];

/// The target of this name.
///
/// # Panics
/// When there is none.
#[must_use]
pub(crate) fn target(name: &str) -> &'static Target {
    TARGETS.iter().find(|t| t.name == name).expect("a target of this name")
}

/// Takes what a reader says, and holds it to its promises.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// Records, in order.
    pub(crate) records: Vec<Record>,
    /// Rejects outside of records, in order; an item that broke off ends in one.
    pub(crate) rejects: Vec<Reject>,
    /// Of both, which came in which order: true for a record.
    pub(crate) order: Vec<bool>,
    /// An item broke off; its last reject says so and is no part of the order.
    pub(crate) broke: bool,
}

impl Out for Heard {
    fn record(&mut self, mut record: Record) -> ControlFlow<()> {
        sound(&record);
        if !record.rejects.is_empty() {
            record.whole = None; // as the driver has it
        }
        self.order.push(true);
        self.records.push(record);
        ControlFlow::Continue(())
    }
    fn reject(&mut self, reject: Reject) -> ControlFlow<()> {
        assert!(!reject.at.is_empty() && !reject.why.is_empty(), "a reject says where and why");
        self.order.push(false);
        self.rejects.push(reject);
        ControlFlow::Continue(())
    }
    fn whole_thread(&mut self, _: Key) {}
}

/// What is true of every record, whatever the input was.
///
/// # Panics
/// When it is not.
pub(crate) fn sound(record: &Record) {
    let mut keys = BTreeSet::new();
    for a in &record.activities {
        assert!(!a.key.as_str().is_empty(), "an activity has a key");
        assert!(keys.insert(&a.key), "{} stands twice in one record", a.key);
        if let Some(who) = &a.who {
            assert!(!who.key.trim().is_empty(), "{}: an identity has a key", a.key);
        }
    }
}

/// Reads one item of an archive as the driver does: what breaks off ends in a reject.
pub(crate) fn hear(reader: &mut dyn Reader, name: &str, mut body: &[u8], into: &mut Heard) {
    let item = Item { name: name.to_owned() };
    let fault = match reader.read(&item, &mut body, into) {
        Ok(()) | Err(Unreadable::Stopped) => return,
        Err(Unreadable::Shape { at, why }) => Reject::new(at, why, b""),
        Err(Unreadable::Io(error)) => Reject::new("somewhere", error.to_string(), b""),
    };
    into.broke = true;
    into.records.iter_mut().for_each(|record| record.whole = None); // as the driver has it
    into.rejects.push(fault);
}

/// Takes an input apart into a target's items.
pub(crate) fn items<'d>(target: &Target, data: &'d [u8]) -> Vec<(&'static str, &'d [u8])> {
    let mut parts = data.splitn(target.items.len(), |b| *b == 0xFF);
    let usual = target.usual.iter().map(|text| text.as_bytes());
    let found = target.items.iter().zip(usual).map(|(name, usual)| {
        let part = parts.next().filter(|part| !part.is_empty()).unwrap_or(usual);
        (*name, part)
    });
    found.filter(|(_, part)| !part.is_empty()).collect()
}

fn archive(name: &str, data: &[u8]) {
    let mut reader = connector(name).expect("a connector of this name").reader("relay.example");
    let mut heard = Heard::default();
    let mut all = items(target(name), data);
    all.sort_by_key(|(name, _)| reader.plan(name));
    for (name, body) in all {
        assert_ne!(reader.plan(name), Plan::Skip, "{name}");
        hear(reader.as_mut(), name, body, &mut heard);
    }
}

/// One item, in memory.
pub(crate) struct Single<'d> {
    name: [String; 1],
    body: &'d [u8],
}

impl Peek for Single<'_> {
    fn name(&self) -> &str {
        self.name[0].rsplit('/').next().unwrap_or("")
    }
    fn items(&self) -> &[String] {
        &self.name
    }
    fn is_git(&self) -> bool {
        false
    }
    fn head(&self, _: &str, most: usize) -> Vec<u8> {
        self.body[..self.body.len().min(most)].to_vec()
    }
}

/// The first byte picks the name of the item, as names decide who looks.
fn detect(data: &[u8]) {
    const NAMES: [&str; 6] =
        ["a.json", CSV, "412-sdk/a.json", "a.jsonl", "qa.example/Posts.xml", "list.mbox"];
    let Some((first, body)) = data.split_first() else { return };
    let name = [NAMES[usize::from(*first) % NAMES.len()].to_owned()];
    let single = Single { name, body };
    for (_, found) in rapport_sources::detect(&single) {
        assert!(found.sure <= 100 && !found.why.is_empty() && !found.what.trim().is_empty());
        assert!(found.what.len() <= 200, "a source's name of {} bytes", found.what.len());
    }
}

fn html(data: &[u8]) {
    let text = markup::from_html(&String::from_utf8_lossy(data));
    assert!(text.len() <= 12 * data.len() + 16, "{} bytes became {}", data.len(), text.len());
}

/// The first byte says how much a buffer holds, so that every boundary is crossed somewhere.
fn scan(data: &[u8]) {
    let Some((first, body)) = data.split_first() else { return };
    let mut body = BufReader::with_capacity(1 + usize::from(*first), body);
    let mut elements = Elements::new(&mut body, &["[]", "issues[]", "a.b[]", "pages[][]"]);
    while let Ok(Some(element)) = elements.next() {
        assert!(element.list < 4 && !element.bytes.is_empty());
    }
}

fn lines(data: &[u8]) {
    let Some((first, body)) = data.split_first() else { return };
    let whole: Vec<&[u8]> = body.split(|b| *b == b'\n').collect();
    let mut body = BufReader::with_capacity(1 + usize::from(*first), body);
    let mut lines = Lines::new(&mut body);
    let mut count = 0;
    while let Some(line) = lines.next_or_blank().expect("memory can be read") {
        assert!(whole[count].starts_with(line) || count == 0, "a line is what stands between two breaks");
        count += 1;
    }
    assert!(count == whole.len() || count + 1 == whole.len(), "all lines but an empty last one");
}

/// Archives are opened from files: one file in memory where the system has such a place.
fn opened(name: &str, data: &[u8]) {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let memory = PathBuf::from("/dev/shm");
        let made = tempfile::TempDir::new_in(&memory).or_else(|_| tempfile::TempDir::new());
        made.expect("a folder for one file")
    });
    let path = folder.path().join(format!("{}-{name}", std::process::id()));
    std::fs::write(&path, data).expect("a small file");
    let Ok(archive) = Archive::open(&path) else { return };
    for info in archive.infos().iter().take(20) {
        let _ = archive.head(&info.name, 64);
        // What a few bytes unpack to is read only so far: it is the reader's task to stop.
        let _ = archive
            .with_item(&info.name, |body| std::io::copy(&mut body.take(1 << 18), &mut std::io::sink()));
    }
}
