//! Package registries: what was released, and how often it was downloaded each day. crates.io, npm and PyPI.
//!
//! A day's count becomes one activity of the day: act `other`, detail `downloads=123`, nobody's, in no thread. That is the
//! least that keeps the log's promises (a revised count is a revision, it goes through export, import and rebuild, and moves
//! with the cursor in one transaction) and it touches nothing that counts people: needs, topics, trends and responders look at
//! threads, contributors and the absence factor at activities that are somebody's. Releases name nobody either: who
//! published is mostly a machine's account, and the tag says who released.

mod entries;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use rapport_model::{Act, Activity, Key, Record, Reject, ThreadRef, Time};
use serde::Deserialize;
use serde_json::Value;

use self::entries::{keys, members};
use crate::contract::{About, Connector, Detected, Item, Out, Peek, Plan, Reader, Unreadable, go_on};
use crate::scan::{Elements, LARGEST};

/// Which registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Crates,
    Npm,
    PyPi,
}

/// The connectors.
pub(crate) struct Packages(pub(crate) Kind);

impl Connector for Packages {
    fn about(&self) -> &'static About {
        match self.0 {
            Kind::Crates => &About {
                name: "crates",
                reads: "crates.io: releases and daily downloads of a crate",
                how_to_get: "rapport add crates:NAME; or save https://crates.io/api/v1/crates/NAME and https://crates.io/api/v1/crates/NAME/downloads as JSON files in one folder.",
                terms: "crates.io's data access policy",
                limits: "downloads are not people: mirrors, CI and caches count too; 90 days back at most",
            },
            Kind::Npm => &About {
                name: "npm",
                reads: "npm: releases and daily downloads of a package",
                how_to_get: "rapport add npm:NAME; or save https://registry.npmjs.org/NAME and https://api.npmjs.org/downloads/range/last-year/NAME as JSON files in one folder.",
                terms: "npm's open-source terms",
                limits: "downloads are not people: mirrors, CI and caches count too",
            },
            Kind::PyPi => &About {
                name: "pypi",
                reads: "PyPI: releases and daily downloads of a package",
                how_to_get: "rapport add pypi:NAME; or save https://pypi.org/pypi/NAME/json and https://pypistats.org/api/packages/NAME/overall?mirrors=false as JSON files in one folder.",
                terms: "PyPI's terms of use; counts from pypistats.org",
                limits: "downloads are not people: mirrors, CI and caches count too; known mirrors are left out, 180 days back at most",
            },
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        let mut json = peek.items().iter().filter(|n| n.ends_with(".json")).take(20);
        json.find_map(|name| {
            let all = peek.head(name, 1 << 20);
            let head = String::from_utf8_lossy(&all).into_owned();
            let has = |wanted: &[&str]| wanted.iter().all(|key| head.contains(&format!("\"{key}\"")));
            let after = |key: &str| super::github::after(&head, &format!("\"{key}\""));
            let what = match self.0 {
                Kind::Crates if has(&["crate", "versions", "num", "yanked"]) => named(&head, "\"crate\""),
                Kind::Crates if has(&["version_downloads", "extra_downloads"]) => {
                    Some(peek.name().strip_suffix(".json").unwrap_or(peek.name()).to_owned())
                }
                Kind::Npm if has(&["_id", "dist-tags", "versions"]) => after("_id"),
                Kind::Npm if has(&["start", "end", "package", "downloads", "day"]) => after("package"),
                Kind::PyPi if has(&["info", "releases", "package_url"]) => after("package_url")
                    .and_then(|url| url.trim_end_matches('/').rsplit_once('/').map(|(_, n)| n.to_owned())),
                Kind::PyPi if has(&["data", "package", "overall_downloads"]) => after("package"),
                _ => None,
            };
            let what = self.0.name(&what?)?;
            let why = format!("{name} is {} on {what}", self.0.title());
            Some(Detected { sure: 96, what, why })
        })
    }

    fn reader(&self, what: &str) -> Box<dyn Reader> {
        Box::new(Shelf { kind: self.0, package: what.to_owned() })
    }
}

/// The first text that stands right behind a key, where others of the same name hold objects.
fn named(text: &str, key: &str) -> Option<String> {
    text.match_indices(key).find_map(|(at, _)| {
        let rest = text[at + key.len()..].trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        Some(rest.split('"').next()?.to_owned())
    })
}

impl Kind {
    /// What people call it.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Kind::Crates => "crates.io",
            Kind::Npm => "npm",
            Kind::PyPi => "PyPI",
        }
    }
    /// A package's name as the registry tells names apart; `None` when it is no name.
    pub(crate) fn name(self, name: &str) -> Option<String> {
        let name = name.trim();
        let parts: Vec<&str> = match (self, name.strip_prefix('@')) {
            (Kind::Npm, Some(scoped)) => {
                let (scope, bare) = scoped.split_once('/')?;
                vec![scope, bare]
            }
            _ => vec![name],
        };
        let named = parts.iter().all(|p| crate::live::is_name(p) && p.contains(char::is_alphanumeric));
        named.then(|| match self {
            Kind::Crates => name.to_lowercase(),
            Kind::Npm => name.to_owned(), // old names are told apart by case
            Kind::PyPi => {
                let words = name.split(['-', '_', '.']).filter(|w| !w.is_empty());
                words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
            }
        })
    }
    fn page(self, package: &str, version: &str) -> String {
        let version = crate::live::encoded(version);
        match self {
            Kind::Crates => format!("https://crates.io/crates/{package}/{version}"),
            Kind::Npm => format!("https://www.npmjs.com/package/{package}/v/{version}"),
            Kind::PyPi => format!("https://pypi.org/project/{package}/{version}/"),
        }
    }
}

struct Shelf {
    kind: Kind,
    package: String,
}

impl Reader for Shelf {
    fn plan(&self, name: &str) -> Plan {
        if name.ends_with(".json") { Plan::Read(0) } else { Plan::Skip }
    }

    fn read(&mut self, _item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let mut all = Vec::new();
        let ended = body.take(LARGEST as u64).read_to_end(&mut all);
        let counts = keys(&all).find_map(|key| match key.as_str() {
            "version_downloads" | "downloads" | "data" => Some(true),
            "crate" | "versions" | "time" | "info" | "releases" => Some(false),
            _ => None,
        });
        let read = match (self.kind, counts) {
            (Kind::Crates, Some(true)) => days_of_versions(&all, out),
            (Kind::Npm, Some(true)) => list(&all, "downloads[]", out, &|bytes| day(bytes).map(Some)),
            (Kind::PyPi, Some(true)) => list(&all, "data[]", out, &|bytes| {
                day(bytes)
                    // What mirrors fetched is another count of the same day.
                    .map(|day| memchr::memmem::find(bytes, b"\"with_mirrors\"").is_none().then_some(day))
            }),
            (Kind::Crates, _) => list(&all, "versions[]", out, &|bytes| self.version(bytes).map(Some)),
            (Kind::Npm, _) => self.times(&all, out),
            (Kind::PyPi, _) => self.files(&all, out),
        };
        ended?; // what could not be fetched explains best why the walk came to no end
        read
    }
}

/// What one element means; nothing where it is none of ours.
type Meaning<'m> = dyn Fn(&[u8]) -> Result<Option<Activity>, String> + 'm;

/// One activity for each element of a list.
fn list(all: &[u8], path: &str, out: &mut dyn Out, read: &Meaning<'_>) -> Result<(), Unreadable> {
    let mut slice = all;
    let mut elements = Elements::new(&mut slice, &[path]);
    while let Some(element) = elements.next()? {
        match read(element.bytes) {
            Ok(Some(activity)) => go_on(out.record(Record::one(element.bytes, activity)))?,
            Ok(None) => {}
            Err(why) => go_on(out.reject(Reject::new(element.at(), why, element.bytes)))?,
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Counted {
    #[serde(alias = "day")]
    date: String,
    downloads: u64,
}

impl Counted {
    fn from(bytes: &[u8]) -> Result<(Counted, Time), String> {
        let counted: Counted = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        let at = Some(&counted.date).filter(|d| d.len() == 10).and_then(|d| Time::parse(d).ok());
        let at = at.ok_or_else(|| format!("'{:.40}' is no day", counted.date))?;
        Ok((counted, at))
    }
}

fn counted(at: Time, downloads: u64) -> Activity {
    let day = at.to_string();
    let key = Key::new(format!("day/{}", day.get(..10).unwrap_or(&day)));
    let mut count = Activity::new(key, Act::Other, at, None, ThreadRef::None);
    count.detail = Some(format!("downloads={downloads}"));
    count
}

fn day(bytes: &[u8]) -> Result<Activity, String> {
    Counted::from(bytes).map(|(counted_, at)| counted(at, counted_.downloads))
}

/// crates.io counts the newest versions one by one and the others together: a day is their sum, known only at the
/// document's end, so that the whole of it is one record.
fn days_of_versions(all: &[u8], out: &mut dyn Out) -> Result<(), Unreadable> {
    let shape = |why: String| Unreadable::Shape { at: "byte 0".to_owned(), why };
    let document: Value = serde_json::from_slice(all).map_err(|e| shape(e.to_string()))?;
    let lists = [&document["version_downloads"], &document["meta"]["extra_downloads"]];
    let mut days: BTreeMap<i64, (Time, u64)> = BTreeMap::new();
    let mut rejects = Vec::new();
    for (list, name) in lists.into_iter().zip(["version_downloads", "extra_downloads"]) {
        for (n, one) in list.as_array().into_iter().flatten().enumerate() {
            let bytes = one.to_string().into_bytes();
            match Counted::from(&bytes) {
                Ok((counted, at)) => {
                    let day = days.entry(at.millis()).or_insert((at, 0));
                    day.1 = day.1.saturating_add(counted.downloads);
                }
                Err(why) => rejects.push(Reject::new(format!("{name} {n}"), why, &bytes)),
            }
        }
    }
    let activities = days.into_values().map(|(at, downloads)| counted(at, downloads)).collect();
    go_on(out.record(Record { raw: all.to_vec(), activities, rejects, whole: None, fixed: false }))
}

#[derive(Deserialize)]
struct Version {
    num: String,
    created_at: String,
    #[serde(default)]
    yanked: bool,
}

#[derive(Deserialize)]
struct File {
    upload_time_iso_8601: String,
    #[serde(default)]
    yanked: bool,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    deprecated: Value,
}

impl Shelf {
    fn released(&self, version: &str, at: &str, mark: Option<&str>) -> Result<Activity, String> {
        if version.trim().is_empty() {
            return Err("the version is missing".to_owned());
        }
        let at = Time::parse(at).map_err(|e| e.to_string())?;
        let key = Key::new(format!("release/{version}"));
        let mut release = Activity::new(key, Act::Released, at, None, ThreadRef::None);
        let mark = mark.map_or_else(String::new, |mark| format!(" ({mark})"));
        release.detail = Some(format!("{} {version}{mark}", self.package));
        release.url = Some(self.kind.page(&self.package, version));
        Ok(release)
    }

    fn version(&self, bytes: &[u8]) -> Result<Activity, String> {
        let v: Version = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        self.released(&v.num, &v.created_at, v.yanked.then_some("yanked"))
    }

    /// PyPI: a version is its files, and out since the first of them.
    fn files(&self, all: &[u8], out: &mut dyn Out) -> Result<(), Unreadable> {
        members(all, "releases", true, &mut |version, whole, value, at| {
            let told = serde_json::from_slice::<Vec<File>>(value).map_err(|e| e.to_string());
            let read = match &told {
                // Reserved, or all files deleted: nothing is out, and there is no date.
                Ok(files) if files.is_empty() => return Ok(()),
                Ok(files) => {
                    let first = files.iter().map(|f| f.upload_time_iso_8601.as_str()).min().unwrap_or("");
                    let yanked = files.iter().all(|f| f.yanked);
                    self.released(version, first, yanked.then_some("yanked"))
                }
                Err(why) => Err(why.clone()),
            };
            match read {
                Ok(activity) => go_on(out.record(Record::one(whole, activity))),
                Err(why) => go_on(out.reject(Reject::new(format!("byte {at}"), why, whole))),
            }
        })
    }

    /// npm: when each version came stands apart from the versions; one that has a time and is no more was unpublished.
    fn times(&self, all: &[u8], out: &mut dyn Out) -> Result<(), Unreadable> {
        let mut marks: BTreeMap<String, bool> = BTreeMap::new();
        let complete = members(all, "versions", false, &mut |version, _, value, _| {
            let deprecated = serde_json::from_slice::<Manifest>(value).map(|m| m.deprecated);
            let marked = deprecated.is_ok_and(|d| d.as_str().is_some_and(|why| !why.is_empty()));
            marks.insert(version.to_owned(), marked);
            Ok(())
        });
        members(all, "time", true, &mut |version, whole, value, at| {
            if matches!(version, "created" | "modified" | "unpublished") {
                return Ok(());
            }
            let mark = marks.get(version).copied().unwrap_or(false).then_some("deprecated");
            let moment = serde_json::from_slice::<String>(value).map_err(|e| e.to_string());
            match moment.and_then(|moment| self.released(version, &moment, mark)) {
                Ok(mut activity) => {
                    activity.deleted = complete.is_ok() && !marks.contains_key(version);
                    // What was marked elsewhere in the document is no longer what these bytes alone said: it goes with them.
                    let mark = if activity.deleted { Some("unpublished") } else { mark };
                    let raw = mark.map_or_else(|| whole.to_vec(), |m| [m.as_bytes(), b"\n", whole].concat());
                    go_on(out.record(Record::one(&raw, activity)))
                }
                Err(why) => go_on(out.reject(Reject::new(format!("byte {at}"), why, whole))),
            }
        })
    }
}
