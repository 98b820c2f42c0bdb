//! Package registries, living: what was released, and each day's downloads. crates.io shows 90 days, PyPI's counts 180;
//! npm any time, at most 18 months a request. The days that a registry may still revise are asked for with every look.

use std::collections::{BTreeMap, BTreeSet};

use rapport_model::Time;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::github::{state, value};
use super::{Ask, At, Live, LiveAbout, Place, Progress, Reply, Turn, Verdict, manners, origin, web};
use crate::connectors::packages::Kind;

/// The channels.
pub(super) struct Packages(pub(super) Kind);

const RELEASES: &str = "releases";
const DAYS: &str = "days of downloads";

/// npm counts since 2015-01-10, as a number of the day.
const BEGAN: i64 = 16_445;
/// Days of one request to npm: a little less than 18 months.
const STRETCH: i64 = 540;

/// How far npm's days are: a walk from the newest day back to what was known.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Walk {
    /// Everything up to this day is in.
    known: Option<i64>,
    /// The first day that is in.
    first: Option<i64>,
    newest: Option<i64>,
    /// From this day on the walk has everything.
    back: Option<i64>,
}

#[derive(Deserialize)]
struct Day {
    date: String,
}

#[derive(Deserialize)]
struct Crate {
    versions: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct OfVersions {
    version_downloads: Vec<Day>,
    meta: Extra,
}

#[derive(Deserialize)]
struct Extra {
    extra_downloads: Vec<Day>,
}

#[derive(Deserialize)]
struct Project {
    releases: BTreeMap<String, IgnoredAny>,
}

#[derive(Deserialize)]
struct Overall {
    data: Vec<Day>,
}

#[derive(Deserialize)]
struct Packument {
    #[serde(default)]
    time: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct Range {
    start: String,
    end: String,
}

impl Live for Packages {
    fn about(&self) -> &'static LiveAbout {
        match self.0 {
            Kind::Crates => &LiveAbout {
                name: "crates",
                title: "crates.io",
                addresses: &["crates:NAME", "https://crates.io/crates/NAME"],
                token: "None is needed.",
                token_env: &[],
                limits: "one request a second; 90 days of downloads: whoever looks less often has gaps",
                interval: 21_600,
                gap_ms: 1_000,
            },
            Kind::Npm => &LiveAbout {
                name: "npm",
                title: "npm",
                addresses: &["npm:NAME", "npm:@scope/NAME", "https://www.npmjs.com/package/NAME"],
                token: "None is needed.",
                token_env: &[],
                limits: "one request a second; at most 18 months of downloads a request, back to the first release; two hosts: registry.npmjs.org and api.npmjs.org",
                interval: 21_600,
                gap_ms: 1_000,
            },
            Kind::PyPi => &LiveAbout {
                name: "pypi",
                title: "PyPI",
                addresses: &["pypi:NAME", "https://pypi.org/project/NAME"],
                token: "None is needed.",
                token_env: &[],
                limits: "a request every two seconds; 180 days of downloads without known mirrors: whoever looks less often has gaps; two hosts: pypi.org and pypistats.org",
                interval: 21_600,
                gap_ms: 2_000,
            },
        }
    }

    fn place(&self, address: &str) -> Option<Place> {
        let named = match address.split_once(':') {
            Some((kind, name)) if kind == self.about().name => name.to_owned(),
            _ => {
                let (host, path) = web(address)?;
                let (hosts, folder): (&[&str], _) = match self.0 {
                    Kind::Crates => (&["crates.io"], "crates"),
                    Kind::Npm => (&["www.npmjs.com", "npmjs.com"], "package"),
                    Kind::PyPi => (&["pypi.org"], "project"),
                };
                (hosts.contains(&host.as_str()) && path.first()? == folder).then_some(())?;
                let scoped = usize::from(path.get(1)?.starts_with('@'));
                path.get(1..2 + scoped)?.join("/")
            }
        };
        let what = self.0.name(&named)?;
        Some(Place { what, base: self.registry().to_owned(), token: false })
    }

    fn streams(&self, _place: &Place) -> Vec<&'static str> {
        vec![RELEASES, DAYS]
    }

    fn hosts(&self, place: &Place) -> Vec<String> {
        [origin(&place.base), origin(self.counts(place))].into_iter().flatten().collect()
    }

    fn next(&self, place: &Place, at: At<'_>) -> Option<Ask> {
        let (base, counts, name) = (&place.base, self.counts(place), &place.what);
        let url = match (self.0, at.stream) {
            (Kind::Crates, RELEASES) => format!("{base}/api/v1/crates/{name}?include=versions"),
            (Kind::Crates, _) => format!("{base}/api/v1/crates/{name}/downloads"),
            (Kind::PyPi, RELEASES) => format!("{base}/pypi/{name}/json"),
            (Kind::PyPi, _) => format!("{counts}/api/packages/{name}/overall?mirrors=false"),
            (Kind::Npm, RELEASES) => format!("{base}/{}", name.replace('/', "%2F")),
            (Kind::Npm, _) => {
                let walk: Walk = state(at.cursor);
                let stretch = match (walk.back, walk.known) {
                    (Some(back), _) => {
                        let from = target(&walk, at).max(back - STRETCH).min(back - 1);
                        format!("{}:{}", written(from), written(back - 1))
                    }
                    // A year is as much as npm names by a word; what is older comes with the walk back.
                    (None, None) => "last-year".to_owned(),
                    (None, Some(_)) => "last-month".to_owned(),
                };
                format!("{counts}/downloads/range/{stretch}/{name}")
            }
        };
        Some(Ask { conditional: true, ..Ask::get(url, "") })
    }

    fn turn(&self, _place: &Place, at: At<'_>, _ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        if reply.status == 304 {
            let done = match (self.0, at.stream) {
                (Kind::Npm, DAYS) => state::<Walk>(at.cursor).days(),
                _ => at.cursor["done"].as_u64().unwrap_or(0),
            };
            let progress = Progress { done, about: None };
            return Ok(Turn { cursor: at.cursor.clone(), end: true, progress, ..Turn::default() });
        }
        if (self.0, at.stream) == (Kind::Npm, DAYS) {
            return stretch(at, reply);
        }
        let (done, first) = match (self.0, at.stream) {
            (Kind::Crates, RELEASES) => (read::<Crate>(reply)?.versions.len(), None),
            (Kind::PyPi, RELEASES) => (read::<Project>(reply)?.releases.len(), None),
            (Kind::Crates, _) => {
                let days: OfVersions = read(reply)?;
                (distinct(days.version_downloads.iter().chain(&days.meta.extra_downloads)), None)
            }
            (Kind::PyPi, _) => (distinct(&read::<Overall>(reply)?.data), None),
            (Kind::Npm, _) => {
                let mut time = read::<Packument>(reply)?.time;
                time.retain(|version, _| version != "created" && version != "modified");
                let first = time.values().filter_map(|t| number(t.as_str()?)).min();
                (time.len(), first)
            }
        };
        let done = done as u64;
        let item = if at.stream == DAYS { "live/downloads.json" } else { "live/releases.json" };
        let progress = Progress { done, about: None };
        let cursor = json!({"done": done, "first": first});
        Ok(Turn { cursor, item: Some(item.to_owned()), end: true, progress, ..Turn::default() })
    }

    fn verdict(&self, ask: &Ask, reply: &Reply, tries: u32, now: Time) -> Verdict {
        match manners::http(ask, reply, tries, now) {
            // Whoever follows several packages has each read by itself: the rest between them outlives one look.
            Verdict::Good { .. } => Verdict::Good { rest: u64::from(self.about().gap_ms) },
            other => other,
        }
    }

    fn gone(&self, _place: &Place, at: At<'_>, _ask: &Ask) -> Option<Turn> {
        // A package that is too new for the counts is there all the same.
        let cursor = at.cursor.clone();
        (at.stream == DAYS).then(|| Turn { cursor, end: true, ..Turn::default() })
    }
}

impl Packages {
    const fn registry(&self) -> &'static str {
        match self.0 {
            Kind::Crates => "https://crates.io",
            Kind::Npm => "https://registry.npmjs.org",
            Kind::PyPi => "https://pypi.org",
        }
    }
    /// Where the counts are. Whoever puts a host of their own in the registry's place has it stand for both.
    fn counts<'p>(&self, place: &'p Place) -> &'p str {
        match self.0 {
            Kind::Npm if place.base == self.registry() => "https://api.npmjs.org",
            Kind::PyPi if place.base == self.registry() => "https://pypistats.org",
            _ => &place.base,
        }
    }
}

impl Walk {
    fn days(&self) -> u64 {
        let newest = self.newest.max(self.known);
        let days = newest.zip(self.first).map_or(0, |(newest, first)| newest - first + 1);
        u64::try_from(days).unwrap_or(0)
    }
}

/// The first day that the walk has to bring.
fn target(walk: &Walk, at: At<'_>) -> i64 {
    let released = || at.held.cursor(RELEASES).and_then(|cursor| cursor["first"].as_i64());
    walk.known.map(|known| known + 1).or_else(released).unwrap_or(BEGAN).max(BEGAN)
}

/// A stretch of npm's days.
fn stretch(at: At<'_>, reply: &Reply) -> Result<Turn, String> {
    let range: Range = read(reply)?;
    let mut walk: Walk = state(at.cursor);
    let no_day = || "its stretch has no days".to_owned();
    let (start, end) = (number(&range.start).ok_or_else(no_day)?, number(&range.end).ok_or_else(no_day)?);
    if walk.back.is_some_and(|back| start >= back) {
        return Err("it does not go back".to_owned());
    }
    let through = start <= target(&walk, at);
    walk.newest = walk.newest.or(Some(end));
    walk.first = Some(walk.first.map_or(start, |first| first.min(start)));
    if through {
        walk.known = walk.newest.take().max(walk.known);
        walk.back = None;
    } else {
        walk.back = Some(start);
    }
    let progress = Progress { done: walk.days(), about: None };
    let item = Some("live/downloads.json".to_owned());
    Ok(Turn { cursor: value(&walk), item, end: through, progress, ..Turn::default() })
}

fn read<'r, T: Deserialize<'r>>(reply: &'r Reply) -> Result<T, String> {
    serde_json::from_slice(&reply.body).map_err(|e| e.to_string())
}

fn distinct<'d>(days: impl IntoIterator<Item = &'d Day>) -> usize {
    days.into_iter().map(|d| d.date.as_str()).collect::<BTreeSet<_>>().len()
}

/// A day as a number, and back.
fn number(day: &str) -> Option<i64> {
    Some(Time::parse(day).ok()?.millis().div_euclid(86_400_000))
}

fn written(day: i64) -> String {
    let text = Time::from_millis(day.saturating_mul(86_400_000)).unwrap_or(Time::MIN).to_string();
    text.get(..10).unwrap_or("").to_owned()
}
