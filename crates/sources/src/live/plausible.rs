//! Plausible, living: what people searched in the docs. Each look asks for the last seven days, for counts are revised,
//! and then walks back in stretches to what is known, at first for a year. A stretch with more rows than a reply holds is
//! halved; a day with more comes in parts.

use std::collections::BTreeMap;

use rapport_model::Time;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::github::{state, value};
use super::manners::{self, Verdict};
use super::{Ask, At, Live, LiveAbout, Place, Progress, Reply, Turn, origin, web};
use crate::connectors::plausible::{CAME, WORDS, apart, day, named, written};

/// The channel.
pub(super) struct Plausible;

const DAYS: &str = "days of searches";
/// Rows of one reply. A day of so many long queries still fits where a text is kept.
const ROWS: u64 = 2_000;
/// Days of one request on the way back.
const STRETCH: i64 = 30;
/// How far a first look goes back, in days.
const YEAR: i64 = 365;

/// How far the days are.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Walk {
    /// Everything from the first day up to this one is in.
    known: Option<i64>,
    /// The first day that is in, or will be.
    first: Option<i64>,
    /// The last day of the look that is under way.
    newest: Option<i64>,
    /// What is still to be asked for, the next last: first day, last day, rows before.
    todo: Vec<(i64, i64, u64)>,
    /// Days of late that came in so many parts: each is asked for again, though it may be empty by now.
    parts: BTreeMap<i64, u64>,
}

#[derive(Deserialize)]
struct Told {
    results: Vec<serde::de::IgnoredAny>,
    query: Asked,
}

#[derive(Deserialize)]
struct Asked {
    date_range: (String, String),
}

impl Live for Plausible {
    fn about(&self) -> &'static LiveAbout {
        &LiveAbout {
            name: "plausible",
            title: "Plausible",
            addresses: &[
                "https://plausible.io/SITE.example.org",
                "plausible:https://stats.example.org/SITE.example.org",
                "https://plausible.io/SITE.example.org#PROPERTY+RESULTS",
            ],
            token: "A key for the Stats API, from your account's settings there; it reads every site of the account.",
            token_env: &[],
            limits: "600 requests an hour: the last seven days are one, a first look goes back a year, a month a request; behind # stand the custom properties that hold the words and how many pages came, search_query and result_count where nothing is said",
            interval: 21_600,
            gap_ms: 500,
        }
    }

    fn place(&self, address: &str) -> Option<Place> {
        match address.strip_prefix("plausible:") {
            Some(rest) if rest.contains("://") => self.hosted(rest),
            Some(site) => self.hosted(&format!("https://plausible.io/{site}")),
            None => {
                let (host, _) = web(address)?;
                (host == "plausible.io").then(|| self.hosted(address))?
            }
        }
    }

    fn hosted(&self, url: &str) -> Option<Place> {
        let (_, path) = web(url)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        // A site is called by its domain, maybe with a folder behind it.
        let fits = path.first()?.contains('.') && path.iter().all(|part| part.chars().all(plain));
        let properties = url.split_once('#').map_or("", |(_, properties)| properties);
        let (words, came) = properties.split_once('+').unwrap_or((properties, ""));
        let usual = |name: &str, usual: &'static str| {
            if name.is_empty() { usual.to_owned() } else { name.to_owned() }
        };
        let (words, came) = (usual(words, WORDS), usual(came, CAME));
        let named_well = [&words, &came].iter().all(|name| name.len() <= 300 && name.chars().all(plain));
        (fits && named_well).then(|| {
            let what = named(&path.join("/").to_lowercase(), &words, &came);
            Some(Place { what, base: origin(url)?.to_lowercase(), token: false })
        })?
    }

    fn streams(&self, _place: &Place) -> Vec<&'static str> {
        vec![DAYS]
    }

    fn next(&self, place: &Place, at: At<'_>) -> Option<Ask> {
        let walk: Walk = state(at.cursor);
        let (site, words, came) = apart(&place.what);
        let (words, came) = (format!("event:props:{words}"), format!("event:props:{came}"));
        let (range, offset) = match walk.todo.last() {
            Some((from, to, offset)) => (json!([written(*from), written(*to)]), *offset),
            // Which days these are is told by the site's own clock.
            None => (json!("7d"), 0),
        };
        let query = json!({
            "site_id": site,
            "metrics": ["events"],
            "date_range": range,
            "dimensions": [words, came, "time:day"],
            "filters": [["is_not", words, ["(none)"]]],
            // By name, so that what is counted meanwhile moves nothing to another page.
            "order_by": [["time:day", "asc"], [words, "asc"], [came, "asc"]],
            "pagination": {"limit": ROWS, "offset": offset},
        });
        let url = format!("{}/api/v2/query", place.base);
        Some(Ask { post: Some(query.to_string()), ..Ask::get(url, "") })
    }

    fn turn(&self, _place: &Place, at: At<'_>, _ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        let told: Told = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
        let ends = day(&told.query.date_range.0).zip(day(&told.query.date_range.1));
        let (from, to) = ends.filter(|(from, to)| from <= to).ok_or("its range is none of days")?;
        let mut walk: Walk = state(at.cursor);
        let offset = match walk.todo.pop() {
            Some((first, last, _)) if (first, last) != (from, to) => {
                return Err("it answers for other days".to_owned());
            }
            Some((_, _, offset)) => offset,
            None => {
                walk.opened(from, to);
                0
            }
        };
        let full = told.results.len() as u64 >= ROWS;
        let read = !full || from == to;
        if full && from < to {
            let middle = from + (to - from) / 2;
            walk.todo.extend([(from, middle, 0), (middle + 1, to, 0)]);
        } else if full {
            let parts = walk.parts.entry(from).or_default();
            *parts = (*parts).max(offset / ROWS + 2);
            walk.todo.push((from, to, offset + ROWS));
        } else {
            // What a day had in its later parts is replaced, too.
            let late = walk.parts.range(from..=to).filter(|(_, parts)| **parts > offset / ROWS + 1);
            let late: Vec<_> = late.map(|(day, _)| (*day, *day, offset + ROWS)).collect();
            walk.todo.extend(late);
        }
        let end = walk.todo.is_empty();
        if end {
            walk.known = walk.newest.take().max(walk.known);
            let late = walk.known.map_or(i64::MIN, |known| known - 30);
            walk.parts.retain(|day, _| *day >= late);
        }
        let item = read.then(|| format!("live/searches/{}.json", offset / ROWS));
        let progress = Progress { done: walk.days(), about: None };
        Ok(Turn { cursor: value(&walk), item, end, progress, ..Turn::default() })
    }

    fn verdict(&self, ask: &Ask, reply: &Reply, tries: u32, now: Time) -> Verdict {
        let denied = |why: &str, hint: &str| Verdict::Denied { why: why.to_owned(), hint: hint.to_owned() };
        match reply.status {
            400 => denied(
                "it does not take the question for this site (400)",
                "check the names of the site and, behind #, of its properties",
            ),
            401 => denied(
                "it wants a key for its Stats API, or this one does not read the site (401)",
                "make one in your account's settings there; a line in the file tokens:  HOST = \"KEY\"",
            ),
            402 => denied(
                "this site's plan has no Stats API (402)",
                "a self-hosted Plausible has it; or save an export and use  rapport docs add FILE.csv",
            ),
            404 => denied(
                "there is no Stats API of version 2 at this host (404)",
                "check the host; an older Plausible has to be updated",
            ),
            _ => manners::http(ask, reply, tries, now),
        }
    }
}

impl Walk {
    /// The last days are told: what lies between them and what is known is still to be had.
    fn opened(&mut self, from: i64, to: i64) {
        self.newest = Some(to);
        let target = self.known.map_or(to - YEAR + 1, |known| known + 1).min(from);
        self.first = Some(self.first.map_or(target, |first| first.min(target)));
        let mut begin = target;
        while begin < from {
            let last = (begin + STRETCH - 1).min(from - 1);
            self.todo.push((begin, last, 0));
            begin = last + 1;
        }
    }

    fn days(&self) -> u64 {
        let newest = self.newest.max(self.known);
        let all = newest.zip(self.first).map_or(0, |(newest, first)| newest - first + 1);
        let left: i64 = self.todo.iter().filter(|(.., before)| *before == 0).map(|(a, b, _)| b - a + 1).sum();
        u64::try_from(all - left).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_its_site_and_its_properties() {
        let what = |address: &str| Plausible.place(address).map(|place| (place.base, place.what));
        let io = |what: &str| Some(("https://plausible.io".to_owned(), what.to_owned()));
        assert_eq!(what("https://plausible.io/Docs.example.org"), io("docs.example.org"));
        assert_eq!(what("plausible:docs.example.org"), io("docs.example.org"));
        assert_eq!(what("https://plausible.io/example.org/docs#term"), io("example.org/docs#term"));
        assert_eq!(what("https://plausible.io/example.org#term+hits"), io("example.org#term+hits"));
        assert_eq!(what("https://plausible.io/example.org#search_query+result_count"), io("example.org"));
        let own = ("https://stats.example.org".to_owned(), "docs.example.org".to_owned());
        assert_eq!(what("plausible:https://stats.example.org/docs.example.org"), Some(own));
        for no in [
            "https://plausible.io/docs",
            "https://stats.example.org/docs.example.org",
            "https://plausible.io/a.b#x y",
        ] {
            assert_eq!(what(no), None, "{no}");
        }
    }
}
