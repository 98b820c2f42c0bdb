//! Tombstones: who was forgotten, as digests that cannot be read back; and what of an activity they leave standing.
//!
//! The same function clears what the log holds and what comes in later. So what is read again equals what stands there,
//! and nothing of a forgotten person returns. A digest is salted with the folder's salt and made slow: a list of all
//! names in the world takes long to try. A quick digest of 24 bits goes before it, so that reading stays fast.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use rapport_model::naming::{replace, scan, words};
use rapport_model::{Act, Activity, Book, Key, Meant, Naming, Page, Place, Record, Reject, ThreadRef, Who};
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use super::encoded::any;

/// How often a digest is digested again.
const ROUNDS: u32 = 2_000;
/// Words that a line of somebody's own has to have before it is looked for outside quotes.
const OWN_LINE: usize = 8;
/// What stands for a title that was erased.
pub(super) const NO_TITLE: &str = "(forgotten)";
/// How every pseudonym of a forgotten person begins.
pub(crate) const LABEL: &str = "forgotten-";

/// What a tombstone is of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// An account: place and key.
    Account,
    /// A mail address, wherever an account shows it.
    Address,
    /// A name, login or address in texts.
    Name,
}

impl Sort {
    fn as_str(self) -> &'static str {
        match self {
            Sort::Account => "account",
            Sort::Address => "address",
            Sort::Name => "name",
        }
    }
}

struct Mark {
    quick: u32,
    words: usize,
    weak: bool,
    digest: [u8; 16],
    label: String,
}

/// All tombstones of a folder.
pub(crate) struct Tombstones {
    salt: Vec<u8>,
    names: Vec<Mark>,
    accounts: Vec<Mark>,
    addresses: Vec<Mark>,
    /// By the quick digest of a name's first word.
    begins: HashSet<u32>,
    longest: usize,
    lines: HashMap<u64, usize>,
    titles: HashSet<u64>,
    labels: Vec<String>,
    slow: RefCell<HashMap<(u8, String), [u8; 16]>>,
}

/// What an activity was cleared of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Touch {
    /// Of nothing.
    Not,
    /// It named or quoted somebody.
    Named,
    /// It was the forgotten person's own.
    Own,
}

impl Tombstones {
    /// Those of the folder; `None` when nobody was forgotten.
    pub(crate) fn load(db: &Connection) -> rusqlite::Result<Option<Tombstones>> {
        let mut all = Tombstones {
            salt: salt(db)?,
            names: Vec::new(),
            accounts: Vec::new(),
            addresses: Vec::new(),
            begins: HashSet::new(),
            longest: 0,
            lines: HashMap::new(),
            titles: HashSet::new(),
            labels: Vec::new(),
            slow: RefCell::default(),
        };
        let mut statement = db.prepare(
            "SELECT m.sort, m.weak, m.begins, m.quick, m.words, m.digest, f.label FROM forgotten_mark m
             JOIN forgotten f ON f.id = m.forgotten ORDER BY m.id",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let mark = Mark {
                weak: row.get(1)?,
                quick: row.get(3)?,
                words: usize::try_from(row.get::<_, i64>(4)?).unwrap_or(0),
                digest: row.get(5)?,
                label: row.get(6)?,
            };
            match row.get_ref(0)?.as_str()? {
                "account" => all.accounts.push(mark),
                "address" => all.addresses.push(mark),
                _ => {
                    all.begins.insert(row.get(2)?);
                    all.longest = all.longest.max(mark.words);
                    all.names.push(mark);
                }
            }
        }
        let mut statement = db.prepare(
            "SELECT t.sort, t.digests, f.label FROM forgotten_text t JOIN forgotten f ON f.id = t.forgotten",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let label: String = row.get(2)?;
            let at = all.labels.len();
            all.labels.push(label);
            let digests = row.get_ref(1)?.as_blob()?.chunks_exact(8);
            let digests =
                digests.map(|b| u64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]));
            if row.get_ref(0)?.as_str()? == "title" {
                all.titles.extend(digests);
            } else {
                all.lines.extend(digests.map(|digest| (digest, at)));
            }
        }
        Ok((!all.accounts.is_empty()).then_some(all))
    }

    /// The account as it stands in the log: pseudonymous when it was forgotten; `None` when it stays as it is.
    pub(super) fn who(&self, who: &Who) -> Option<Who> {
        let account = account(who);
        let mail = [who.email.as_deref(), (who.place.as_str() == Place::MAIL).then_some(who.key.as_str())];
        let found = self.mark(&self.accounts, Sort::Account, &account).or_else(|| {
            mail.into_iter()
                .flatten()
                .find_map(|m| self.mark(&self.addresses, Sort::Address, &m.to_lowercase()))
        });
        if let Some(mark) = found {
            let own = short(&self.slow(Sort::Account, &account), 2);
            let mut cleared = Who::new(&who.place, format!("{}-{own}", mark.label));
            cleared.bot = who.bot;
            return Some(cleared);
        }
        let mut cleared = who.clone();
        let mut changed = false;
        for text in [&mut cleared.name, &mut cleared.title].into_iter().flatten() {
            if let Some(masked) = replace(text, self) {
                *text = masked;
                changed = true;
            }
        }
        changed.then_some(cleared)
    }

    /// Whether the account was forgotten.
    pub(super) fn is_forgotten(&self, who: &Who) -> bool {
        who.key.starts_with(LABEL) || self.who(who).is_some_and(|who| who.key.starts_with(LABEL))
    }

    /// Clears one activity.
    pub(crate) fn activity(&self, activity: &mut Activity) -> Touch {
        let mut touch = Touch::Not;
        let own = activity.who.as_ref().is_some_and(|who| self.is_forgotten(who));
        if let Some(cleared) = activity.who.as_ref().and_then(|who| self.who(who)) {
            activity.who = Some(cleared);
            touch = Touch::Named;
        }
        if own {
            touch = Touch::Own;
            activity.text.clear();
            activity.url = None;
            // Whoever opened a thread named it; a reply only repeats what it was called.
            if let Some(facts) = &mut activity.facts {
                facts.title =
                    facts.title.take().filter(|_| activity.act == Act::Opened).map(|_| NO_TITLE.to_owned());
            }
        }
        let mut changed = false;
        let mut put = |text: &mut String, cleared: Option<String>| {
            if let Some(cleared) = cleared {
                *text = cleared;
                changed = true;
            }
        };
        let cleared = self.text(&activity.text);
        put(&mut activity.text, cleared);
        for text in [&mut activity.url, &mut activity.detail].into_iter().flatten() {
            let cleared = self.link(text);
            put(text, cleared);
        }
        if let Some(facts) = &mut activity.facts {
            if let Some(title) = &mut facts.title {
                let cleared = self.title(title);
                put(title, cleared);
            }
            for text in [&mut facts.url, &mut facts.container].into_iter().flatten().chain(&mut facts.labels)
            {
                let cleared = self.link(text);
                put(text, cleared);
            }
            if let Some(cleared) = facts.accepted.as_ref().and_then(|key| self.key(key.as_str())) {
                facts.accepted = Some(Key::new(cleared));
                changed = true;
            }
        }
        let mut rename = |key: &mut Key| {
            if let Some(cleared) = self.key(key.as_str()) {
                *key = Key::new(cleared);
                changed = true;
            }
        };
        rename(&mut activity.key);
        activity.reply_to.as_mut().map(&mut rename);
        match &mut activity.thread {
            ThreadRef::None => {}
            ThreadRef::Key(key) | ThreadRef::Of(key) => rename(key),
        }
        if changed { touch.max(Touch::Named) } else { touch }
    }

    /// A text without names and without what was quoted of the forgotten; `None` when it stays as it is.
    pub(crate) fn text(&self, text: &str) -> Option<String> {
        let unquoted = self.unquoted(text);
        let named = replace(unquoted.as_deref().unwrap_or(text), self);
        named.or(unquoted)
    }

    fn title(&self, title: &str) -> Option<String> {
        if self.is_title(title) {
            return (title != NO_TITLE).then(|| NO_TITLE.to_owned());
        }
        replace(title, self)
    }

    fn is_title(&self, text: &str) -> bool {
        let joined = words(text);
        joined.contains(' ') && self.titles.contains(&line_digest(&self.salt, "title", &joined))
    }

    /// A link or another short value: names go, and parts of a path that spell an erased title.
    pub(super) fn link(&self, text: &str) -> Option<String> {
        let named = replace(text, self);
        let now = named.as_deref().unwrap_or(text);
        if !self.titles.is_empty() && now.split('/').any(|part| self.is_title(part)) {
            let parts: Vec<&str> =
                now.split('/').map(|part| if self.is_title(part) { "-" } else { part }).collect();
            return Some(parts.join("/"));
        }
        named
    }

    /// A key without names: what stands there instead differs for each of them, so that keys stay apart.
    pub(crate) fn key(&self, key: &str) -> Option<String> {
        let mut out = String::new();
        let mut kept = 0;
        scan(key, self, &mut |from, to, meant| {
            out.push_str(&key[kept..from]);
            out.push_str(&meant.instead);
            out.push('-');
            out.push_str(&short(&self.slow(Sort::Name, &words(&key[from..to])), 2));
            kept = to;
            true
        });
        if kept > 0 {
            out.push_str(&key[kept..]);
        }
        let now = if kept > 0 { out.as_str() } else { key };
        if !self.titles.is_empty()
            && let Some((before, last)) = now.rsplit_once('/')
            && self.is_title(last)
        {
            return Some(format!("{before}/{LABEL}{}", short(&self.slow(Sort::Name, &words(last)), 8)));
        }
        (kept > 0).then_some(out)
    }

    /// An item's name: one that spells a name or an erased title in any way is replaced as a whole.
    pub(crate) fn item(&self, name: &str) -> Option<String> {
        let dotted = name.replace(".20", " ");
        let stem = |text: &str| {
            let last = text.rsplit('/').next().unwrap_or(text);
            self.is_title(last) || last.rsplit_once('.').is_some_and(|(stem, _)| self.is_title(stem))
        };
        (self.names_somebody(name) || self.names_somebody(&dotted) || stem(name) || stem(&dotted))
            .then(|| format!("{LABEL}{}", short(&self.slow(Sort::Name, name), 8)))
    }

    fn names_somebody(&self, text: &str) -> bool {
        let mut found = false;
        scan(text, self, &mut |_, _, _| {
            found = true;
            false
        });
        found
    }

    /// Whether bytes name somebody, in any spelling.
    pub(crate) fn touches(&self, raw: &[u8]) -> bool {
        any(raw, &mut |text| self.names_somebody(text))
    }

    /// Quotes of the forgotten go, whole blocks of them, and lines that are theirs word for word.
    fn unquoted(&self, text: &str) -> Option<String> {
        if self.lines.is_empty() {
            return None;
        }
        let mut out: Vec<String> = Vec::new();
        let mut changed = false;
        let lines: Vec<&str> = text.lines().collect();
        let mut at = 0;
        while at < lines.len() {
            let end = block(&lines, at);
            if end > at {
                let inside: Vec<&str> = lines[at..end].iter().map(|line| bare(line)).collect();
                let theirs = units(&inside)
                    .iter()
                    .find_map(|unit| self.lines.get(&line_digest(&self.salt, "line", unit)));
                match theirs {
                    Some(label) => {
                        out.push(format!("> ({} said something)", self.labels[*label]));
                        changed = true;
                    }
                    None => out.extend(lines[at..end].iter().map(|line| (*line).to_owned())),
                }
                at = end;
                continue;
            }
            let joined = words(lines[at]);
            let long = joined.bytes().filter(|b| *b == b' ').count() + 1 >= OWN_LINE;
            match long.then(|| self.lines.get(&line_digest(&self.salt, "line", &joined))).flatten() {
                Some(label) => {
                    out.push(format!("({} said something)", self.labels[*label]));
                    changed = true;
                }
                None => out.push(lines[at].to_owned()),
            }
            at += 1;
        }
        changed.then(|| out.join("\n"))
    }

    /// Pages as they are taken in: nothing of a forgotten person in them.
    pub(crate) fn pages(&self, pages: &[Page]) -> Vec<Page> {
        let mut pages = pages.to_vec();
        for page in &mut pages {
            if let Some(name) = self.item(&page.item.name) {
                page.item.name = name;
            }
            for (thread, _) in &mut page.whole {
                if let Some(key) = self.key(thread.as_str()) {
                    *thread = Key::new(key);
                }
            }
            page.records.iter_mut().for_each(|record| self.record(record));
            page.rejects.iter_mut().for_each(|reject| self.reject(reject));
        }
        pages
    }

    /// A record that tells of a forgotten person loses its bytes: what is left of it stands in the log.
    fn record(&self, record: &mut Record) {
        let mut touch = Touch::Not;
        for activity in &mut record.activities {
            touch = touch.max(self.activity(activity));
        }
        if let Some(thread) = &mut record.whole
            && let Some(key) = self.key(thread.as_str())
        {
            *thread = Key::new(key);
        }
        if touch > Touch::Not || self.touches(&record.raw) {
            record.raw.clear();
        }
        record.rejects.iter_mut().for_each(|reject| self.reject(reject));
    }

    pub(super) fn reject(&self, reject: &mut Reject) {
        if self.touches(&reject.raw) {
            reject.raw.clear();
        }
        for text in [&mut reject.at, &mut reject.why] {
            if let Some(cleared) = replace(text, self) {
                *text = cleared;
            }
        }
    }

    fn mark<'m>(&self, marks: &'m [Mark], sort: Sort, text: &str) -> Option<&'m Mark> {
        let quick = quick(&self.salt, text);
        marks.iter().find(|mark| mark.quick == quick && mark.digest == self.slow(sort, text))
    }

    fn slow(&self, sort: Sort, text: &str) -> [u8; 16] {
        let key = (sort as u8, text.to_owned());
        if let Some(known) = self.slow.borrow().get(&key) {
            return *known;
        }
        let made = slow(&self.salt, sort, text);
        let mut cache = self.slow.borrow_mut();
        if cache.len() > 10_000 {
            cache.clear();
        }
        cache.insert(key, made);
        made
    }
}

impl Book for Tombstones {
    fn begins(&self, word: &str) -> bool {
        self.begins.contains(&quick(&self.salt, word))
    }
    fn longest(&self) -> usize {
        self.longest
    }
    fn find(&self, words: &str) -> Option<Meant> {
        let mark = self.mark(&self.names, Sort::Name, words)?;
        Some(Meant { instead: mark.label.clone(), weak: mark.weak })
    }
}

pub(super) fn account(who: &Who) -> String {
    format!("{}\0{}", who.place, who.key)
}

pub(super) fn salt(db: &Connection) -> rusqlite::Result<Vec<u8>> {
    db.query_row("SELECT bytes FROM folder_salt WHERE id = 1", [], |row| row.get(0))
}

/// 24 bits, salted: says no quickly, and yes to one in 16 million by chance.
fn quick(salt: &[u8], text: &str) -> u32 {
    let seed = salt.iter().take(8).fold(0_u64, |seed, byte| seed << 8 | u64::from(*byte));
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    u32::try_from(mixed >> 40).unwrap_or(0)
}

fn slow(salt: &[u8], sort: Sort, text: &str) -> [u8; 16] {
    let mut digest = Sha256::new()
        .chain_update(salt)
        .chain_update(sort.as_str())
        .chain_update([0])
        .chain_update(text)
        .finalize();
    for _ in 1..ROUNDS {
        digest = Sha256::new().chain_update(salt).chain_update(digest).finalize();
    }
    let mut out = [0; 16];
    out.copy_from_slice(&digest[..16]);
    out
}

/// What a line or a title leaves: long texts cannot be guessed, so that one round is enough.
pub(super) fn line_digest(salt: &[u8], sort: &str, joined: &str) -> u64 {
    let digest =
        Sha256::new().chain_update(salt).chain_update(sort).chain_update([0]).chain_update(joined).finalize();
    u64::from_le_bytes([
        digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7],
    ])
}

/// The first bytes of a digest as hexadecimal digits.
pub(super) fn short(digest: &[u8], bytes: usize) -> String {
    digest.iter().take(bytes).map(|b| format!("{b:02x}")).collect()
}

/// Writes one tombstone.
pub(super) fn bury(
    db: &Connection,
    forgotten: i64,
    sort: Sort,
    text: &str,
    weak: bool,
) -> rusqlite::Result<()> {
    let salt = salt(db)?;
    let first = text.split(' ').next().unwrap_or("");
    db.prepare_cached(
        "INSERT INTO forgotten_mark (forgotten, sort, weak, begins, quick, words, digest) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        forgotten,
        sort.as_str(),
        weak,
        quick(&salt, first),
        quick(&salt, text),
        i64::try_from(text.split(' ').count()).unwrap_or(0),
        slow(&salt, sort, text)
    ])
    .map(drop)
}

/// Buries what names the person in texts.
pub(super) fn bury_names(db: &Connection, forgotten: i64, names: &[Naming]) -> rusqlite::Result<()> {
    names.iter().try_for_each(|name| bury(db, forgotten, Sort::Name, &words(&name.text), name.weak))
}

/// Where the quoted block that begins at a line ends; the line itself when none begins there.
fn block(lines: &[&str], at: usize) -> usize {
    let quoted = |line: &str| line.trim_start().starts_with('>');
    if lines[at].trim_start().starts_with("[quote") {
        let end = lines[at..].iter().position(|line| line.contains("[/quote]"));
        return end.map_or(at, |end| at + end + 1);
    }
    at + lines[at..].iter().take_while(|line| quoted(line)).count()
}

fn bare(line: &str) -> &str {
    line.trim_start_matches(['>', ' ', '\t'])
}

/// A text in pieces that can be looked for: its lines, and its sentences across lines.
pub(super) fn units(lines: &[&str]) -> Vec<String> {
    let mut out = Vec::new();
    let mut add = |text: &str| {
        let joined = words(text);
        if joined.bytes().filter(|b| *b == b' ').count() >= 3 {
            out.push(joined);
        }
    };
    lines.iter().for_each(|line| add(line));
    for paragraph in lines.join("\n").split("\n\n") {
        for sentence in paragraph.split_inclusive(['.', '?', '!']) {
            add(sentence);
        }
    }
    out
}

/// What a person wrote themselves in a text: the lines outside quotes.
pub(super) fn own_lines(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().collect();
    let mut own = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let end = block(&lines, at);
        if end == at {
            own.push(lines[at]);
            at += 1;
        } else {
            at = end;
        }
    }
    own
}
