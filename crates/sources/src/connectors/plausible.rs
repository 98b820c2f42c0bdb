//! Plausible: what people searched in the docs, day by day, as replies of its Stats API (version 2) tell it.
//!
//! A day's searches become one activity of the day, as a registry's downloads do: act `other`, nobody's, in no thread, its
//! text a line for each query (how often, how many pages came, the words). A day that is told again is a revision of the
//! day, so that a revised count replaces the old one, and a query that is no longer counted is gone with it. A mail address
//! in a query is left out before anything is kept.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use rapport_model::{Act, Activity, Key, Record, Reject, ThreadRef, Time};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::contract::{About, Connector, Detected, Item, Out, Peek, Plan, Reader, Unreadable, go_on};
use crate::scan::LARGEST;

/// The connector.
pub(crate) struct Plausible;

/// The properties that Plausible's own plugins send.
pub(crate) const WORDS: &str = "search_query";
pub(crate) const CAME: &str = "result_count";
/// What it writes for events that lack a property.
const NONE: &str = "(none)";
/// The longest stretch of one reply, in days.
const LONGEST: i64 = 400;
/// The longest query.
const QUERY: usize = 300;

impl Connector for Plausible {
    fn about(&self) -> &'static About {
        &About {
            name: "plausible",
            reads: "Plausible: what people searched in the docs, each day",
            how_to_get: "rapport add https://plausible.io/SITE --kind plausible, with a Stats API key; or save an answer of its Stats API (version 2), broken down by event:props:search_query, event:props:result_count and time:day, as a JSON file.",
            terms: "the site's own",
            limits: "searches are not people; a query that holds a mail address is left out; days are the site's own",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        let mut json = peek.items().iter().filter(|n| n.ends_with(".json")).take(20);
        json.find_map(|name| {
            let all = peek.head(name, 1 << 20);
            let head = String::from_utf8_lossy(&all);
            let has = ["\"site_id\"", "\"dimensions\"", "\"metrics\"", "\"event:props:", "\"time:day\""]
                .iter()
                .all(|mark| head.contains(mark));
            let site = super::github::after(&head, "\"site_id\"")?;
            // The filters name the words once more.
            let mut named_here =
                head.split("\"event:props:").skip(1).filter_map(|rest| rest.split('"').next());
            let words = named_here.next()?;
            let came = named_here.find(|name| *name != words).unwrap_or(CAME);
            let why = format!("{name} holds searches of {site}, counted by Plausible");
            has.then(|| Detected { sure: 95, what: named(&site, words, came), why })
        })
    }

    fn reader(&self, what: &str) -> Box<dyn Reader> {
        let (_, words, came) = apart(what);
        Box::new(Days { words: format!("event:props:{words}"), came: format!("event:props:{came}") })
    }
}

/// What a source is called: its site, and the properties where they are not the usual ones.
pub(crate) fn named(site: &str, words: &str, came: &str) -> String {
    match (words, came) {
        (WORDS, CAME) => site.to_owned(),
        (_, CAME) => format!("{site}#{words}"),
        _ => format!("{site}#{words}+{came}"),
    }
}

/// The site and the two properties of a source.
pub(crate) fn apart(what: &str) -> (&str, &str, &str) {
    let (site, properties) = what.split_once('#').unwrap_or((what, WORDS));
    let (words, came) = properties.split_once('+').unwrap_or((properties, CAME));
    (site, words, came)
}

struct Days {
    words: String,
    came: String,
}

/// A reply, which repeats the query that it answers.
#[derive(Deserialize)]
struct Told {
    results: Vec<Value>,
    query: Asked,
}

#[derive(Deserialize)]
struct Asked {
    site_id: String,
    metrics: Vec<String>,
    dimensions: Vec<String>,
    date_range: (String, String),
}

/// The day that a text begins with, as a number.
pub(crate) fn day(text: &str) -> Option<i64> {
    let day = text.get(..10).filter(|day| day.as_bytes()[4] == b'-')?;
    Some(Time::parse(day).ok()?.millis().div_euclid(86_400_000))
}

/// And back.
pub(crate) fn written(day: i64) -> String {
    let text = Time::from_millis(day.saturating_mul(86_400_000)).unwrap_or(Time::MIN).to_string();
    text.get(..10).unwrap_or("").to_owned()
}

impl Reader for Days {
    fn plan(&self, name: &str) -> Plan {
        if name.ends_with(".json") { Plan::Read(0) } else { Plan::Skip }
    }

    fn read(&mut self, item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let shape = |why: String| Unreadable::Shape { at: "byte 0".to_owned(), why };
        let mut all = Vec::new();
        body.take(LARGEST as u64).read_to_end(&mut all)?;
        let told: Told = serde_json::from_slice(&all).map_err(|e| shape(e.to_string()))?;
        let asked = &told.query;
        let place = |wanted: &str| asked.dimensions.iter().position(|d| d == wanted);
        let (Some(words), Some(when)) = (place(&self.words), place("time:day")) else {
            return Err(shape(format!("it is not broken down by {} and time:day", self.words)));
        };
        let came = place(&self.came);
        let Some(count) = asked.metrics.iter().position(|m| m == "events") else {
            return Err(shape("no metric says how often: wanted is events".to_owned()));
        };
        let ends = day(&asked.date_range.0).zip(day(&asked.date_range.1));
        let Some((first, last)) = ends.filter(|(first, last)| (0..LONGEST).contains(&(last - first))) else {
            return Err(shape("its range is none of days".to_owned()));
        };
        // A day that has more queries than a reply holds comes in parts.
        let part = item.name.rsplit('/').next().and_then(|name| name.strip_suffix(".json"));
        let part = part.and_then(|n| n.parse::<u64>().ok()).filter(|n| *n > 0 && first == last);
        let mut days: BTreeMap<i64, BTreeMap<(String, Option<i64>), i64>> =
            (first..=last).map(|day| (day, BTreeMap::new())).collect();
        for (n, row) in told.results.iter().enumerate() {
            let said = |at: usize| row["dimensions"].get(at).and_then(Value::as_str);
            let reject = |why: &str| Reject::new(format!("result {}", n + 1), why.to_owned(), b"");
            let Some(query) = said(words) else {
                go_on(out.reject(reject("it has no words")))?;
                continue;
            };
            let query: String = query.split_whitespace().collect::<Vec<_>>().join(" ");
            let query: String = query.chars().take(QUERY).collect();
            if query.is_empty() || query == NONE || query.split(' ').any(address) {
                continue;
            }
            let Some(n) = row["metrics"].get(count).and_then(Value::as_i64).filter(|n| *n >= 0) else {
                go_on(out.reject(reject("nothing says how often")))?;
                continue;
            };
            let here = said(when).and_then(day).and_then(|day| days.get_mut(&day));
            let Some(here) = here else {
                go_on(out.reject(reject("its day is not in the range")))?;
                continue;
            };
            let pages = came.and_then(said).and_then(|n| n.trim().parse::<i64>().ok()).filter(|n| *n >= 0);
            let sum = here.entry((query, pages)).or_default();
            *sum = sum.saturating_add(n);
        }
        for (day, queries) in days {
            go_on(out.record(self.record(&asked.site_id, day, part, &queries)))?;
        }
        Ok(())
    }
}

impl Days {
    /// One day, with what is kept of it as a reply of its own.
    fn record(
        &self,
        site: &str,
        day: i64,
        part: Option<u64>,
        queries: &BTreeMap<(String, Option<i64>), i64>,
    ) -> Record {
        let date = written(day);
        let mut rows: Vec<(&str, Option<i64>, i64)> =
            queries.iter().map(|((query, pages), n)| (query.as_str(), *pages, *n)).collect();
        rows.sort_by_key(|(query, pages, n)| (std::cmp::Reverse(*n), *query, *pages));
        let number = |pages: Option<i64>| pages.map_or_else(|| NONE.to_owned(), |n| n.to_string());
        let results: Vec<Value> = rows
            .iter()
            .map(|(query, pages, n)| json!({"dimensions": [query, number(*pages), date], "metrics": [n]}))
            .collect();
        // In order of name, so that the same is the same bytes.
        let query = json!({"date_range": [date, date], "dimensions": [self.words, self.came, "time:day"],
            "metrics": ["events"], "site_id": site});
        let raw = json!({"query": query, "results": results});
        let part = part.map(|n| format!("/{n}")).unwrap_or_default();
        let at = Time::from_millis(day.saturating_mul(86_400_000)).unwrap_or(Time::MIN);
        let key = Key::new(format!("day/{date}{part}"));
        let mut counted = Activity::new(key, Act::Other, at, None, ThreadRef::None);
        let sum = rows.iter().fold(0_i64, |sum, (_, _, n)| sum.saturating_add(*n));
        counted.detail = Some(format!("searches={sum}"));
        for (query, pages, n) in rows {
            let pages = pages.map_or_else(|| "-".to_owned(), |n| n.to_string());
            counted.text.push_str(&format!("{n}\t{pages}\t{query}\n"));
        }
        Record::one(raw.to_string().as_bytes(), counted)
    }
}

fn address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(before, after)| !before.is_empty() && after.contains('.'))
}
