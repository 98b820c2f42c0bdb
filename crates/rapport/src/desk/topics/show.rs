//! `topics show`: one topic with all that is known: by week, by source, who, what was said, and why each is in it.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use rapport_insight::text::clean;
use rapport_insight::topics::{Placer, has_it_too};
use rapport_insight::trends::{RECENT, Trend};
use rapport_model::{Act, MemberKind, NeedState, Time};
use rapport_store::Store;
use serde::Serialize;

use super::happened::{Happened, happened};
use super::sight::{self, Placed, Sight, see};
use crate::desk::trends::{self, SHOWN, WEEK, spark};
use crate::desk::{Answer, Desk};
use crate::fault::Fault;
use crate::page::{bold, count, dim, line, moment};

/// Arguments of `topics show`.
#[derive(Args)]
pub(super) struct Show {
    /// The topic
    topic: u32,
    /// How many threads to print
    #[arg(long, default_value_t = 40)]
    top: usize,
}

/// One topic, with all that is known.
#[derive(Serialize)]
struct Shown {
    id: u32,
    label: String,
    /// People named, declared or pinned it.
    kept: bool,
    /// Distinct people who asked, or told that they have it too.
    people: usize,
    /// Messages that are evidence: what opened the threads, and replies of others who have it too.
    pieces: usize,
    /// All messages of the threads.
    messages: u64,
    threads: usize,
    /// `new`, `rising`, `burst`, `fading`, `steady` or `not-enough`.
    direction: &'static str,
    rate_ratio: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    q: Option<f64>,
    /// What the half year before lets expect in each of the last four weeks.
    expected: Option<Expected>,
    /// People per week, the last one ending now.
    weeks: Vec<u32>,
    /// The same weeks with their messages that are evidence and what was released in them.
    timeline: Vec<Week>,
    /// What happened in them, which need not be why.
    happened: Vec<Happened>,
    sources: Vec<Source>,
    terms: Vec<String>,
    evidence: Vec<Piece>,
    of: Vec<Member>,
}

/// People a week.
#[derive(Serialize)]
struct Expected {
    a_week: f64,
    /// The rates, low and high, that the interval of the ratio leaves open.
    low: f64,
    high: Option<f64>,
    seen: f64,
    /// How many weeks.
    weeks: usize,
}

#[derive(Serialize)]
struct Week {
    /// The moment it begins.
    from: Time,
    /// Distinct people who asked.
    people: u32,
    /// Messages that are evidence.
    messages: usize,
    released: Vec<String>,
}

#[derive(Serialize)]
struct Source {
    source: String,
    threads: usize,
    people: usize,
}

/// One message that is evidence.
#[derive(Serialize)]
struct Piece {
    thread: i64,
    at: String,
    quote: String,
    url: Option<String>,
    /// It opened the thread; else somebody else has it too.
    opening: bool,
}

/// One thread, and why it is in the topic.
#[derive(Serialize)]
struct Member {
    thread: i64,
    source: String,
    title: String,
    url: Option<String>,
    state: NeedState,
    /// How near it is to the middle of the topic: 1 is the same.
    cosine: f64,
    /// Its words that speak for the topic.
    because: Vec<String>,
}

pub(super) fn show(desk: &Desk, args: &Show) -> Result<Answer, Fault> {
    let sight = see(desk)?;
    let Some(topic) = sight.topics.iter().find(|t| t.id == args.topic) else {
        return Err(
            Fault::usage(format!("there is no topic {}", args.topic)).hint("rapport topics  lists them")
        );
    };
    let members: Vec<&Placed> = sight.of(args.topic).collect();
    let store = desk.reading()?;
    let placer = Placer::new(&sight.state);
    let parts: Vec<u32> = std::iter::once(args.topic)
        .chain(sight.into.iter().filter(|(_, to)| **to == args.topic).map(|(t, _)| *t))
        .collect();
    let (mut of, mut evidence, mut voices) = (Vec::new(), Vec::new(), BTreeSet::new());
    let mut said: Vec<Time> = Vec::new();
    for placed in &members {
        let thread = placed.ask.thread;
        let words = sight::words(&store, thread)?;
        voices.insert(placed.person());
        let history = store.history(thread, Some(desk.now))?;
        let mut opened = false;
        for entry in &history.entries {
            if !matches!(entry.act, Act::Opened | Act::Replied) || entry.text.trim().is_empty() {
                continue;
            }
            let text = clean::clean(&entry.text).text;
            let other = entry.who.is_some_and(|who| Some(who) != placed.ask.asker);
            let too = opened && other && entry.member == MemberKind::Community && has_it_too(&text);
            if !opened || too {
                voices.extend(entry.who.filter(|_| too));
                said.push(entry.at);
                evidence.push(Piece {
                    thread,
                    at: entry.at.to_string(),
                    quote: line(&text.replace('\n', " "), 200),
                    url: placed.ask.url.clone(),
                    opening: !opened,
                });
            }
            opened = true;
        }
        of.push(Member {
            thread,
            source: placed.ask.source.clone(),
            title: placed.title(),
            url: placed.ask.url.clone(),
            state: placed.ask.state,
            cosine: (placed.cosine * 1_000.0).round() / 1_000.0,
            because: parts
                .iter()
                .map(|t| placer.because(&words, *t))
                .find(|b| !b.is_empty())
                .unwrap_or_default(),
        });
    }
    let mut sources: BTreeMap<&str, (usize, BTreeSet<i64>)> = BTreeMap::new();
    for placed in &members {
        let (threads, people) = sources.entry(&placed.ask.source).or_default();
        *threads += 1;
        people.insert(placed.person());
    }
    let group = |p: &Placed| p.topic.map(|t| t.to_string());
    let judged = trends::judged(desk.now, &sight.asks, group, |_| true);
    let wanted = args.topic.to_string();
    let found = judged.into_iter().find(|(name, ..)| *name == wanted);
    let (weeks, trend) = found.map_or((Vec::new(), None), |(_, _, weeks, trend)| (weeks, Some(trend)));
    let weeks = weeks[weeks.len().saturating_sub(SHOWN)..].to_vec();
    let timeline = timeline(desk, &store, &weeks, &said)?;
    let happened = match timeline.first() {
        Some(first) => happened(&store, &parts, first.from, desk.now)?,
        None => Vec::new(),
    };
    let to = |n: f64, places: f64| (n * places).round() / places;
    let ratio = trend.as_ref().and_then(|t| t.rate_ratio);
    let shown = Shown {
        id: topic.id,
        label: topic.label.clone(),
        kept: topic.kept,
        people: voices.len(),
        pieces: evidence.len(),
        messages: members.iter().map(|p| u64::from(p.ask.messages)).sum(),
        threads: members.len(),
        direction: trend.as_ref().map_or("not-enough", |t| t.direction.as_str()),
        rate_ratio: ratio.map(|r| to(r.0, 100.0)),
        low: ratio.map(|r| to(r.1, 100.0)),
        high: ratio.map(|r| to(r.2, 100.0)),
        expected: trend.as_ref().and_then(expected),
        q: trend.as_ref().and_then(|t| t.q).map(|q| to(q, 10_000.0)),
        weeks,
        timeline,
        happened,
        sources: sources
            .into_iter()
            .map(|(source, (threads, people))| Source {
                source: source.to_owned(),
                threads,
                people: people.len(),
            })
            .collect(),
        terms: topic.terms.iter().take(8).cloned().collect(),
        evidence,
        of,
    };
    desk.answer(&shown, || text(desk, &sight, &shown, args.top))
}

/// What was to be expected of the last weeks, with the interval that their ratio has: seen over its ends.
fn expected(trend: &Trend) -> Option<Expected> {
    let (ratio, low, high) = trend.rate_ratio?;
    #[allow(clippy::cast_precision_loss)] // people of four weeks
    let (weeks, seen) = (RECENT as f64, trend.recent as f64);
    let round = |n: f64| (n * 100.0).round() / 100.0;
    let a_week = trend.expected / weeks;
    // With nobody seen the ratio says nothing of the rate before.
    let at = |end: f64| (end > 0.0 && ratio > 0.0).then(|| round(a_week * ratio / end));
    Some(Expected {
        a_week: round(a_week),
        low: at(high)?,
        high: at(low),
        seen: round(seen / weeks),
        weeks: RECENT,
    })
}

/// The weeks up to now, the last one ending now, as the counts of people have them.
fn timeline(desk: &Desk, store: &Store, people: &[u32], said: &[Time]) -> Result<Vec<Week>, Fault> {
    let back = i64::try_from(people.len()).unwrap_or(0);
    let mut weeks: Vec<Week> = (0..back)
        .zip(people)
        .map(|(n, people)| Week {
            from: desk.now.plus_millis((n - back) * WEEK),
            people: *people,
            messages: 0,
            released: Vec::new(),
        })
        .collect();
    let Some(first) = weeks.first().map(|w| w.from) else { return Ok(weeks) };
    // The end of a week belongs to it, as the counts of people take it.
    let of = |at: Time| usize::try_from((at.millis() - first.millis() - 1).div_euclid(WEEK)).ok();
    for at in said {
        if let Some(week) = of(*at).and_then(|n| weeks.get_mut(n)) {
            week.messages += 1;
        }
    }
    for (name, at) in store.releases(first, desk.now)? {
        if let Some(week) = of(at).and_then(|n| weeks.get_mut(n)) {
            week.released.push(line(&name, 60));
        }
    }
    Ok(weeks)
}

fn text(desk: &Desk, sight: &Sight, s: &Shown, top: usize) -> String {
    let mut out = format!(
        "{}   {}\n\n  {}; {} of evidence in {}; {} in all\n",
        bold(&format!("{}  {}", s.id, line(&s.label, 70))),
        dim(&format!("as of {}", moment(desk.now))),
        count(s.people, "person", "people"),
        count(s.pieces, "piece", "pieces"),
        count(s.threads, "thread", "threads"),
        count(usize::try_from(s.messages).unwrap_or(usize::MAX), "message", "messages"),
    );
    let change = match (s.direction, s.rate_ratio, s.low, s.high) {
        ("not-enough", ..) | (_, None, ..) => "not enough to say whether it changes".to_owned(),
        ("steady", Some(r), Some(l), Some(h)) => {
            format!("steady: no change beyond chance, x {r} ({l} to {h})")
        }
        (word, Some(r), l, h) => format!(
            "{word}: x {r} ({} to {}) against the half year before",
            l.unwrap_or(0.0),
            h.unwrap_or(0.0)
        ),
    };
    out.push_str(&format!("  {}  {}\n", spark(&s.weeks), dim(&format!("people a week; {change}"))));
    let sources: Vec<String> = s.sources.iter().map(|x| format!("{} {}", x.source, x.threads)).collect();
    out.push_str(&format!("  {}\n  {}\n\n", dim(&sources.join(" \u{b7} ")), dim(&s.terms.join(", "))));
    for m in s.of.iter().take(top) {
        out.push_str(&format!("{:>6}  {:<8} {}\n", m.thread, m.state.as_str(), line(&m.title, 80)));
        let because =
            if m.because.is_empty() { String::new() } else { format!(": {}", m.because.join(", ")) };
        out.push_str(&dim(&format!(
            "                 {:.2} near{}; {}\n",
            m.cosine,
            line(&because, 80),
            m.source
        )));
        for piece in s.evidence.iter().filter(|e| e.thread == m.thread && !e.opening) {
            out.push_str(&format!("                 also: \u{201c}{}\u{201d}\n", line(&piece.quote, 80)));
        }
    }
    if s.of.len() > top {
        out.push_str(&format!(
            "\n  and {} more: {} topics show {} --top {}\n",
            s.of.len() - top,
            desk.program(),
            s.id,
            s.of.len()
        ));
    }
    if let Some(note) = &sight.note {
        out.push_str(&format!("\n{note}\n"));
    }
    let (p, id) = (desk.program(), s.id);
    out.push_str(&dim(&format!(
        "\nnext: {p} topics not {id} THREAD \u{b7} {p} topics split {id} THREADS --name NAME \u{b7} {p} topics rename {id} NAME \u{b7} {p} topics merge {id} TOPIC\n"
    )));
    out
}
