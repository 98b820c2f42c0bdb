//! `docs shipped`: a page went online; how often people asked and searched in vain before it and after it.

use std::collections::BTreeSet;

use clap::Args;
use rapport_insight::docs::{Change, LEAST, Rate, change};
use rapport_insight::nearest::Known;
use rapport_insight::text::clean;
use rapport_model::{Scope, Time};
use rapport_store::{DocsPage, DocsSearch, Store};
use serde::Serialize;

use crate::desk::field::{date, day_of, next};
use crate::desk::topics::sight::{Placed, Sight, see, words as asked_in};
use crate::desk::{Answer, Desk, me};
use crate::fault::Fault;
use crate::page::{bold, count, dim, line};

/// Arguments of `docs shipped`.
#[derive(Args)]
pub(super) struct Shipped {
    /// The topic it is for: its number or name, or the words of the question; every page when left out
    topic: Option<String>,
    /// The page
    #[arg(long)]
    url: Option<String>,
    /// The day it went online: 2026-08-31; today when left out
    #[arg(long)]
    date: Option<String>,
}

/// Both sides are as long as each other, and no longer than this.
const MOST_DAYS: i64 = 91;
const DAY: i64 = 86_400_000;

/// A page, and what it changed.
#[derive(Serialize)]
pub(crate) struct Row {
    pub(crate) topic: Option<u32>,
    pub(crate) about: String,
    pub(crate) url: String,
    pub(crate) shipped: Time,
    /// Days that were looked at on each side.
    pub(crate) days: i64,
    pub(crate) asked: Measured,
    pub(crate) searched: Measured,
    /// In words.
    pub(crate) says: String,
}

/// A rate before and after.
#[derive(Serialize)]
pub(crate) struct Measured {
    /// How many of how many before: people who asked this of all who asked, or searches in vain of all searches.
    pub(crate) before: (u64, u64),
    pub(crate) after: (u64, u64),
    /// The rate afterwards over the rate before, with its 95 % interval; none when there is not enough to say.
    pub(crate) ratio: Option<f64>,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
}

pub(super) fn call(desk: &Desk, args: &Shipped) -> Result<Answer, Fault> {
    let sight = see(desk)?;
    if let Some(words) = &args.topic
        && let Some(url) = &args.url
    {
        if !url.starts_with("https://") && !url.starts_with("http://") {
            return Err(Fault::usage(format!("--url: '{}' is no page of the web", line(url, 80))));
        }
        let (topic, about) = meant(&sight, words)?;
        let shipped = day_of("--date", args.date.as_deref(), desk)?;
        if shipped > desk.now {
            return Err(Fault::usage("--date: the page is not online yet on that day"));
        }
        let page = DocsPage {
            id: 0,
            topic: topic.map(i64::from),
            about,
            url: url.clone(),
            shipped,
            who: me(),
            at: desk.now,
        };
        desk.writing()?.add_page(&page)?;
    } else if args.url.is_some() {
        return Err(
            Fault::usage("for which topic is this page?").hint("rapport docs shipped TOPIC --url PAGE")
        );
    }
    let only = args.topic.as_deref().map(|words| meant(&sight, words)).transpose()?;
    let store = desk.reading()?;
    let mut rows = rows(desk, &store, &sight)?;
    rows.retain(|r| {
        only.as_ref()
            .is_none_or(|(topic, about)| if topic.is_some() { r.topic == *topic } else { r.about == *about })
    });
    desk.answer(&rows, || {
        if rows.is_empty() {
            return format!(
                "No page was noted.\n{}",
                next(desk, &["docs shipped TOPIC --url PAGE --date DAY", "docs gaps"])
            );
        }
        let mut out = String::new();
        for r in &rows {
            out.push_str(&format!("{}\n", bold(&line(&r.about, 90))));
            out.push_str(&dim(&format!(
                "  {} since {}; {} days before and after\n",
                r.url,
                date(r.shipped),
                r.days
            )));
            out.push_str(&format!("  {}\n", r.says));
        }
        out.push_str(&dim("\nAskers are counted once each, of all who asked; searches are not people: one who searches five times counts five times.\n"));
        format!("{out}{}", next(desk, &["docs gaps", "docs shipped"]))
    })
}

/// The topic of this number or name, else the words themselves.
fn meant(sight: &Sight, said: &str) -> Result<(Option<u32>, String), Fault> {
    let said = said.trim();
    if let Ok(id) = said.parse::<u32>() {
        let known = sight.topics.iter().find(|t| t.id == id);
        let known = known.ok_or_else(|| {
            Fault::usage(format!("there is no topic {id}")).hint("rapport topics  lists them")
        })?;
        return Ok((Some(id), known.label.clone()));
    }
    if let Some(named) = sight.topics.iter().find(|t| t.label.eq_ignore_ascii_case(said)) {
        return Ok((Some(named.id), named.label.clone()));
    }
    if !said.contains(char::is_alphabetic) {
        return Err(Fault::usage("which topic, or which question?").hint("rapport topics  lists them"));
    }
    Ok((None, said.to_owned()))
}

/// Every page that was noted, with what changed.
pub(crate) fn rows(desk: &Desk, store: &Store, sight: &Sight) -> Result<Vec<Row>, Fault> {
    let pages: Vec<DocsPage> = store.pages()?.into_iter().filter(|p| p.shipped <= desk.now).collect();
    if pages.is_empty() {
        return Ok(Vec::new());
    }
    let asks: Vec<&Placed> = sight.asks.iter().filter(|p| p.ask.scope == Scope::Product).collect();
    let texts: Vec<String> =
        asks.iter().map(|p| asked_in(store, p.ask.thread)).collect::<Result<_, Fault>>()?;
    let searches = store.searches(desk.now)?;
    Ok(pages.into_iter().map(|page| row(desk, page, &asks, &texts, &searches)).collect())
}

fn row(desk: &Desk, page: DocsPage, asks: &[&Placed], texts: &[String], searches: &[DocsSearch]) -> Row {
    let topic = page.topic.and_then(|t| u32::try_from(t).ok());
    // What belongs: the topic's own threads, or those that are near the words.
    let inside: Vec<bool> = match topic {
        Some(_) => asks.iter().map(|p| p.topic == topic).collect(),
        None => {
            let near = near_to(texts, &page.about);
            (0..texts.len()).map(|n| near.contains(&n)).collect()
        }
    };
    let known = Known::new(texts, inside.iter().map(|yes| Some(u32::from(*yes))).collect());
    let hit = |s: &DocsSearch| known.topic(&clean::joined("", &s.query)).is_some_and(|near| near.topic == 1);
    let days = ((desk.now.millis() - page.shipped.millis()) / DAY).clamp(0, MOST_DAYS);
    let (from, to) = (page.shipped.plus_millis(-days * DAY), page.shipped.plus_millis(days * DAY));
    let before = |at: Time| at >= from && at < page.shipped;
    let after = |at: Time| at >= page.shipped && at < to;
    let people = |when: &dyn Fn(Time) -> bool, all: bool| {
        let wanted = asks.iter().zip(&inside).filter(|(p, yes)| (all || **yes) && when(p.ask.opened_at));
        wanted.map(|(p, _)| p.person()).collect::<BTreeSet<_>>().len() as u64
    };
    let asked = measured(
        (people(&before, false), people(&before, true)),
        (people(&after, false), people(&after, true)),
    );
    let told: Vec<(&DocsSearch, bool)> =
        searches.iter().filter(|s| s.results.is_some()).map(|s| (s, hit(s))).collect();
    let vain = |when: &dyn Fn(Time) -> bool, all: bool| {
        let wanted = told.iter().filter(|(s, hit)| when(s.at) && (all || (*hit && s.results == Some(0))));
        wanted.map(|(s, _)| u64::try_from(s.searches).unwrap_or(0)).sum::<u64>()
    };
    let searched =
        measured((vain(&before, false), vain(&before, true)), (vain(&after, false), vain(&after, true)));
    let says = format!(
        "{}; {}",
        words("asked", ("person", "people"), "who asked anything", &asked),
        words("searched in vain", ("search", "searches"), "searches", &searched)
    );
    Row { topic, about: page.about, url: page.url, shipped: page.shipped, days, asked, searched, says }
}

/// The texts that words are near to.
fn near_to(texts: &[String], words: &str) -> BTreeSet<usize> {
    let index = rapport_insight::similar::Index::new(texts);
    let hits = index.by_meaning(&clean::joined("", words), texts.len().max(1), |_| false);
    hits.into_iter().filter(|h| h.score >= rapport_insight::nearest::NEAR).map(|h| h.text).collect()
}

fn measured(before: (u64, u64), after: (u64, u64)) -> Measured {
    #[allow(clippy::cast_precision_loss)] // people and searches
    let rate = |(n, of): (u64, u64)| Rate { n, of: of as f64 };
    let to = |x: f64| if x.is_finite() { Some((x * 100.0).round() / 100.0) } else { None };
    let (ratio, low, high) = match change(rate(before), rate(after)) {
        Change::NotEnough => (None, None, None),
        Change::Ratio { ratio, low, high } => (to(ratio), to(low), to(high)),
    };
    Measured { before, after, ratio, low, high }
}

fn words(what: &str, (one, many): (&str, &str), of: &str, m: &Measured) -> String {
    let n = |n: u64| count(usize::try_from(n).unwrap_or(0), one, many);
    let counts = format!(
        "{what}: {} of {} {of} before, {} of {} after",
        n(m.before.0),
        m.before.1,
        m.after.0,
        m.after.1
    );
    match (m.ratio, m.low, m.high) {
        (Some(ratio), low, high) => {
            let ends = format!(
                "{} to {}",
                low.map_or_else(|| "0".to_owned(), |x| x.to_string()),
                high.map_or_else(|| "any".to_owned(), |x| x.to_string())
            );
            let verdict = match (low, high) {
                (_, Some(high)) if high < 1.0 => "it fell by more than chance explains",
                (Some(low), _) if low > 1.0 => "it rose by more than chance explains",
                _ => "no change beyond chance",
            };
            format!("{counts}: x {ratio} ({ends}), {verdict}")
        }
        _ => format!("{counts}: not enough to say (fewer than {LEAST} together, or none before)"),
    }
}
