//! Gathers what the brief says: counts, quotes and sentences from the threads, and what is not known.

use std::collections::{BTreeMap, BTreeSet};

use rapport_insight::trends::Direction;
use rapport_model::{NeedState, Time};
use rapport_practice::brief::{
    Brief, Candidate, Found, Quote, Severity, Sought, Weight, people, scrub, sought, strongest,
};
use rapport_store::{Evidence, EvidenceWanted, Feedback, Store};

use crate::desk::evidence::{may_name, names_around, open_words, spoken};
use crate::desk::topics::sight::{Placed, Sight, see};
use crate::desk::{Desk, trends};
use crate::fault::Fault;

/// Quotes on the page.
const QUOTES: usize = 3;
/// Sentences per list.
const SENTENCES: usize = 3;
/// Messages of a thread that are read for them.
const EARLY: usize = 12;
/// Threads that are read for sentences; the newest.
const READ: usize = 150;

pub(super) fn sight(desk: &Desk) -> Result<Sight, Fault> {
    see(desk)
}

/// The threads of a feedback among all that were asked.
pub(super) fn members<'a>(sight: &'a Sight, threads: &[i64]) -> Vec<&'a Placed> {
    let wanted: BTreeSet<i64> = threads.iter().copied().collect();
    sight.asks.iter().filter(|p| wanted.contains(&p.ask.thread)).collect()
}

/// Nobody answered, or not in a way that helped.
fn unmet(placed: &Placed) -> bool {
    !matches!(placed.ask.state, NeedState::Answered | NeedState::Met)
}

fn distinct(members: &[&Placed], which: impl Fn(&Placed) -> bool) -> usize {
    members.iter().filter(|p| which(p)).map(|p| p.person()).collect::<BTreeSet<_>>().len()
}

/// How what is asked in these threads changes: whether it rises, and that in words.
pub(super) fn trend(desk: &Desk, sight: &Sight, threads: &[i64]) -> (bool, String) {
    let wanted: BTreeSet<i64> = threads.iter().copied().collect();
    // Beside the others, for what is common to all is no trend of one.
    let group = |p: &Placed| match wanted.contains(&p.ask.thread) {
        true => Some("this".to_owned()),
        false => p.topic.map(|t| t.to_string()),
    };
    let all = trends::judged(desk.now, &sight.asks, group, |_| true);
    let Some((.., trend)) = all.into_iter().find(|(name, ..)| name == "this") else {
        return (false, "nobody asked in the last half year".to_owned());
    };
    let counted = format!(
        "{} asked in the last four weeks, {:.1} were to be expected",
        people(usize::try_from(trend.recent).unwrap_or(0)),
        trend.expected
    );
    let interval = trend
        .rate_ratio
        .map(|(ratio, low, high)| format!(" (x {ratio:.1}, {low:.1} to {high:.1})"))
        .unwrap_or_default();
    match trend.direction {
        Direction::New => (true, format!("new: {counted}{interval}")),
        Direction::Rising => (true, format!("rising beyond chance: {counted}{interval}")),
        Direction::Fading => (false, format!("fading: {counted}{interval}")),
        Direction::Steady => (false, format!("steady: {counted}")),
        Direction::NotEnough => {
            (false, format!("too few to say whether it grows: {}", lately(desk, sight, &wanted)))
        }
    }
}

/// `3 people asked in the last 90 days, 1 in the 90 before`
fn lately(desk: &Desk, sight: &Sight, threads: &BTreeSet<i64>) -> String {
    const SPAN: i64 = 90 * 86_400_000;
    let between = |from: i64, to: i64| {
        let age = |p: &Placed| desk.now.millis() - p.ask.opened_at.millis();
        let then = |p: &&Placed| threads.contains(&p.ask.thread) && (from..to).contains(&age(p));
        sight.asks.iter().filter(then).map(Placed::person).collect::<BTreeSet<_>>().len()
    };
    format!(
        "{} asked in the last 90 days, {} in the 90 before",
        people(between(0, SPAN)),
        between(SPAN, 2 * SPAN)
    )
}

/// What a severity is concluded from.
pub(super) fn weight(members: &[&Placed], rising: bool, stage: &str, workaround: bool) -> Weight {
    Weight {
        people: distinct(members, |_| true),
        unmet: distinct(members, unmet),
        broken: members.iter().filter(|p| matches!(p.ask.kind.as_str(), "bug" | "friction")).count(),
        threads: members.len(),
        rising,
        operating: matches!(stage, "operate" | "scale"),
        workaround,
    }
}

/// What people tried, and ways around, from the threads themselves.
pub(super) fn sentences(store: &Store, threads: &[i64], what: Sought) -> Result<Vec<Found>, Fault> {
    let mut found: Vec<Found> = Vec::new();
    for thread in threads.iter().rev().take(READ) {
        let Some(row) = store.thread(*thread)? else { continue };
        // Late in a long thread people speak of other things.
        for said in store.lines(*thread)?.iter().filter(|l| l.act.is_message()).take(EARLY) {
            let asker = said.who.is_some() && said.who == row.asker;
            // Who asks tells what was tried; a way around comes from who answers.
            if (what == Sought::Workaround && asker) || !said.member.is_human() {
                continue;
            }
            if what == Sought::Tried && said.member.is_ours() {
                continue;
            }
            if let Some(words) = sought(what, &said.text) {
                let mut names = names_around(store, Some(*thread))?;
                names.extend(store.full_names_in(&words)?);
                let words = scrub(&words, &names);
                let url = said.url.clone().or_else(|| row.url.clone());
                let day = said.at.to_string();
                let place = format!(
                    "{}, {}",
                    spoken(&row.source, row.container.as_deref()),
                    day.get(..10).unwrap_or("")
                );
                if !found.iter().any(|f| f.words == words) {
                    found.push(Found { words, place, url });
                }
                break;
            }
        }
        if found.len() == SENTENCES {
            break;
        }
    }
    Ok(found)
}

/// One's own lines first, else what the threads say.
fn said_or_found(own: &str, found: Vec<Found>) -> Vec<Found> {
    let own: Vec<Found> = own
        .lines()
        .filter(|l| !l.trim().is_empty())
        .map(|l| Found { words: l.trim().to_owned(), place: String::new(), url: None })
        .collect();
    if own.is_empty() { found } else { own }
}

fn quotes(store: &Store, pieces: &[Evidence]) -> Result<Vec<Quote>, Fault> {
    let mut open = Vec::new();
    let mut reach = Vec::new();
    for e in pieces {
        open.push(open_words(store, e)?);
        reach.push(e.thread.map(|t| store.thread(t)).transpose()?.flatten().map_or(0, |t| t.reach));
    }
    let candidates: Vec<Candidate<'_>> = pieces
        .iter()
        .zip(open.iter().zip(&reach))
        .map(|(e, (words, reach))| Candidate {
            words,
            who: e.who.unwrap_or(-e.id),
            place: e.source.as_deref().unwrap_or(&e.channel),
            marked: e.note.as_deref() != Some(super::new::TAKEN),
            reach: *reach,
        })
        .collect();
    let mut quotes = Vec::new();
    for n in strongest(&candidates, QUOTES) {
        let e = &pieces[n];
        let name = match (may_name(store, e)?, e.thread, e.who) {
            (true, Some(thread), Some(who)) => {
                let voice = store.voices(thread)?.into_iter().find(|v| v.id == who);
                voice.and_then(|v| v.names.into_iter().find(|n| !n.contains('@')))
            }
            _ => None,
        };
        quotes.push(Quote {
            words: open[n].clone(),
            channel: e.channel.clone(),
            at: e.said_at,
            url: e.url.clone(),
            licence: e.licence.clone(),
            name,
        });
    }
    Ok(quotes)
}

/// What a reader should know is not known.
fn unknowns(
    desk: &Desk,
    store: &Store,
    f: &Feedback,
    brief: &Brief,
    members: &[&Placed],
) -> Result<Vec<String>, Fault> {
    let mut all: Vec<String> =
        f.unknowns.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect();
    if brief.trend.starts_with("too few") {
        all.push("Whether it grows: too few asked to say.".to_owned());
    }
    if brief.workaround.is_empty() {
        all.push("Whether there is a way around: no reply names one.".to_owned());
    }
    if brief.quotes.len() < QUOTES {
        all.push(format!("More than {}: no more was marked.", count_quotes(brief.quotes.len())));
    }
    all.push("How many have it and did not write.".to_owned());
    let here: BTreeSet<&str> = members.iter().map(|p| p.ask.source.as_str()).collect();
    let mut old: Vec<(Time, String)> = Vec::new();
    for source in store.sources()? {
        if let (true, Some(last)) =
            (here.contains(source.name.as_str()), newest(members, source.name.as_str()))
        {
            let read = source.last.unwrap_or(last).min(desk.now);
            if read.millis() < desk.now.millis() - 14 * 86_400_000 {
                old.push((read, source.name.as_str().to_owned()));
            }
        }
    }
    old.sort();
    if let Some((read, source)) = old.first() {
        let day = read.to_string();
        all.push(format!(
            "What was asked in {source} since {}: it was read last then.",
            day.get(..10).unwrap_or("")
        ));
    }
    Ok(all)
}

fn newest(members: &[&Placed], source: &str) -> Option<Time> {
    members.iter().filter(|p| p.ask.source == source).map(|p| p.ask.opened_at).max()
}

fn count_quotes(n: usize) -> String {
    match n {
        0 => "no quote".to_owned(),
        1 => "one quote".to_owned(),
        n => format!("{n} quotes"),
    }
}

/// The brief of a feedback as the log tells it now.
pub(super) fn brief(desk: &Desk, store: &Store, sight: &Sight, f: &Feedback) -> Result<Brief, Fault> {
    let threads = store.feedback_threads(f.id)?;
    let members = members(sight, &threads);
    let pieces = store.evidence(&EvidenceWanted { feedback: Some(f.id), ..Default::default() })?;
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for placed in &members {
        *places.entry(placed.ask.source.as_str()).or_default() += 1;
    }
    let mut places: Vec<(String, usize)> = places.into_iter().map(|(s, n)| (spoken(s, None), n)).collect();
    places.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let when = members.iter().map(|p| p.ask.opened_at);
    let between = when.clone().min().zip(when.max());
    // Where there is no thread, those who said it are who it hurts.
    let told_otherwise: BTreeSet<i64> = pieces.iter().filter(|e| e.thread.is_none()).map(|e| -e.id).collect();
    let (_, trend) = trend(desk, sight, &threads);
    let mut brief = Brief {
        title: f.title.clone(),
        ask: f.ask.clone(),
        department: f.department.clone(),
        department_because: f.department_because.clone(),
        owner: f.owner.clone(),
        decide_by: f.decide_by,
        severity: Severity::from_word(&f.severity).unwrap_or(Severity::P3),
        severity_because: f.severity_because.clone(),
        stage: f.stage.clone(),
        people: distinct(&members, |_| true) + told_otherwise.len(),
        messages: members.iter().map(|p| u64::from(p.ask.messages)).sum::<u64>()
            + told_otherwise.len() as u64,
        threads: members.len(),
        places,
        unmet: distinct(&members, unmet),
        between,
        trend: if members.is_empty() { "not counted: it does not rest on threads".to_owned() } else { trend },
        quotes: quotes(store, &pieces)?,
        tried: said_or_found(&f.tried, sentences(store, &threads, Sought::Tried)?),
        workaround: said_or_found(&f.workaround, sentences(store, &threads, Sought::Workaround)?),
        unknowns: Vec::new(),
    };
    // One sentence says one thing.
    let tried: Vec<String> = brief.tried.iter().map(|f| f.words.clone()).collect();
    brief.workaround.retain(|f| !tried.contains(&f.words));
    brief.unknowns = unknowns(desk, store, f, &brief, &members)?;
    Ok(brief)
}
