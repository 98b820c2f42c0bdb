//! The recorded inputs: `fixtures/<connector>/<version>/<one archive>`, all of them invented.
//!
//! Each connector has `older` and `newer`, two states of one place, and `dirty`, what services and people get wrong;
//! more where a format has more forms. A git clone is kept as the stream that `git fast-import` makes it from.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rapport_sources::contract::{Connector, Peek, Plan, Record};
use rapport_sources::{Archive, CONNECTORS, read};

use crate::fuzzed::{Heard, TARGETS, Target, hear, sound};

/// One archive of one connector.
pub(crate) struct Fixture {
    /// Who reads it.
    pub(crate) connector: &'static dyn Connector,
    /// Which state or form it is.
    pub(crate) version: String,
    /// Where it can be opened.
    pub(crate) path: PathBuf,
    // Holds a clone that was made of its stream.
    _made: Option<tempfile::TempDir>,
}

/// Where they lie.
pub(crate) fn root() -> PathBuf {
    // From the crate, and from the fuzzer's folder beside it.
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    [here.join("fixtures"), here.join("../crates/sources/fixtures")].into_iter().find(|p| p.is_dir()).unwrap()
}

/// The names in a folder, in order.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// All versions of a connector, in order of name.
pub(crate) fn of(connector: &'static dyn Connector) -> Vec<Fixture> {
    let folder = root().join(connector.about().name);
    let versions = names(&folder).into_iter().filter(|name| folder.join(name).is_dir());
    versions.map(|version| open(connector, &folder.join(&version), version)).collect()
}

/// All of all connectors.
pub(crate) fn all() -> Vec<Fixture> {
    CONNECTORS.iter().flat_map(|c| of(*c)).collect()
}

fn open(connector: &'static dyn Connector, folder: &Path, version: String) -> Fixture {
    let inside = names(folder);
    assert_eq!(inside.len(), 1, "{} holds one archive", folder.display());
    let path = folder.join(&inside[0]);
    let Some(clone) = inside[0].strip_suffix(".fast-import") else {
        return Fixture { connector, version, path, _made: None };
    };
    let made = tempfile::TempDir::new().unwrap();
    let path_made = made.path().join(clone);
    git(made.path(), &["init", "--quiet", "--bare", clone], None);
    git(&path_made, &["fast-import", "--quiet", "--date-format=raw-permissive"], Some(&path));
    Fixture { connector, version, path: path_made, _made: Some(made) }
}

fn git(at: &Path, args: &[&str], input: Option<&Path>) {
    let input = input.map_or_else(Stdio::null, |path| std::fs::File::open(path).unwrap().into());
    let mut git = Command::new("git");
    git.current_dir(at).args(args).stdin(input).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", at);
    assert!(git.status().expect("the program git").success(), "git {args:?}");
}

/// What an archive's items gave, in the order read.
pub(crate) type Read = Vec<(String, Heard)>;

impl Fixture {
    /// `slack/older`
    pub(crate) fn label(&self) -> String {
        format!("{}/{}", self.connector.about().name, self.version)
    }

    /// What the source is called.
    pub(crate) fn what(&self) -> String {
        let archive = Archive::open(&self.path).unwrap();
        self.connector.detect(&archive).unwrap_or_else(|| panic!("{} is not known", self.label())).what
    }

    /// Reads it as the program does. `known` is how far each item was read before.
    pub(crate) fn read(&self, known: &dyn Fn(&str) -> Option<u64>) -> Read {
        read_at(&self.path, self.connector, &self.what(), known)
    }

    /// The bytes of all items that are read, with their place in the order.
    pub(crate) fn items(&self) -> Vec<(Plan, String, Vec<u8>)> {
        let archive = Archive::open(&self.path).unwrap();
        let reader = self.connector.reader(&self.what());
        let planned = archive.items().iter().map(|name| (reader.plan(name), name));
        let mut items: Vec<_> = planned
            .filter(|(plan, _)| *plan != Plan::Skip)
            .map(|(plan, name)| {
                let mut bytes = Vec::new();
                archive.with_item(name, |body| body.read_to_end(&mut bytes)).unwrap().unwrap();
                (plan, name.clone(), bytes)
            })
            .collect();
        items.sort();
        items
    }
}

/// Reads an archive through the driver.
pub(crate) fn read_at(
    path: &Path,
    connector: &dyn Connector,
    what: &str,
    known: &dyn Fn(&str) -> Option<u64>,
) -> Read {
    let archive = Archive::open(path).unwrap();
    let mut found: Read = Vec::new();
    read(&archive, connector, what, &|info| known(&info.name), &mut |mut page| {
        page.records.iter().for_each(sound);
        // The driver tells of whole threads beside the records: back to where the connector said it.
        for (thread, keys) in &page.whole {
            let all = |r: &Record| r.activities.iter().map(|a| a.key.fingerprint()).collect::<BTreeSet<_>>();
            let told = page.records.iter_mut().find(|r| !r.activities.is_empty() && all(r) == *keys);
            told.expect("the record of a whole thread").whole = Some(thread.clone());
        }
        if found.last().is_none_or(|(name, _)| *name != page.item.name) {
            found.push((page.item.name.clone(), Heard::default()));
        }
        let heard = &mut found.last_mut().unwrap().1;
        heard.records.extend(page.records);
        heard.rejects.extend(page.rejects);
        ControlFlow::Continue(())
    });
    found
}

/// Reads items from memory, in their order, and says what each gave.
pub(crate) fn hear_all(connector: &dyn Connector, what: &str, items: &[(Plan, String, Vec<u8>)]) -> Read {
    let mut reader = connector.reader(what);
    let one = |(_, name, bytes): &(Plan, String, Vec<u8>)| {
        let mut heard = Heard::default();
        hear(reader.as_mut(), name, bytes, &mut heard);
        (name.clone(), heard)
    };
    items.iter().map(one).collect()
}

/// What the fixtures give as inputs of a target.
pub(crate) fn seeds(target: &Target) -> Vec<Vec<u8>> {
    let own = |fixture: &Fixture| fixture.connector.about().name == target.name;
    let mut seeds = Vec::new();
    for fixture in all() {
        let archive = Archive::open(&fixture.path).unwrap();
        for name in archive.items() {
            let mut bytes = Vec::new();
            archive.with_item(name, |body| body.read_to_end(&mut bytes)).unwrap().unwrap();
            match target.name {
                "archive-gzip" => seeds.push(gzip(&bytes)),
                "markup" | "lines" | "scan" => seeds.push([b" ".as_slice(), &bytes].concat()),
                "detect" => {
                    seeds.push([&[u8::try_from(seeds.len() % 6).unwrap()], bytes.as_slice()].concat());
                }
                _ if own(&fixture) => seeds.push(placed(target, name, &bytes)),
                _ => {}
            }
        }
        if target.name == "archive-zip" {
            seeds.push(zipped(&archive));
        }
    }
    assert!(!seeds.is_empty(), "{} has seeds", target.name);
    seeds
}

/// An item in its place among a target's items: that of the same name, else of the same ending.
fn placed(target: &Target, name: &str, bytes: &[u8]) -> Vec<u8> {
    let file = |name: &str| name.rsplit('/').next().unwrap_or("").to_owned();
    let end = |name: &str| name.rsplit('.').next().unwrap_or("").to_owned();
    let same = target.items.iter().rposition(|item| *item == name || file(item) == file(name));
    let place = same.or_else(|| target.items.iter().rposition(|item| end(item) == end(name))).unwrap_or(0);
    [vec![0xFF; place].as_slice(), bytes].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// The same archive as a ZIP.
pub(crate) fn zipped(archive: &Archive) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in archive.items() {
        zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        archive.with_item(name, |body| std::io::copy(body, &mut zip)).unwrap().unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// All targets with their seeds.
pub(crate) fn seeded() -> impl Iterator<Item = (&'static Target, Vec<Vec<u8>>)> {
    TARGETS.iter().map(|target| (target, seeds(target)))
}
