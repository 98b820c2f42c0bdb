//! What the leadership report says: needs met beside feedback delivered, each number with its list.

use std::collections::{BTreeMap, BTreeSet};

use rapport_insight::trends::Direction;
use rapport_model::{NeedState, Time, Week};
use rapport_practice::calendar::working_days;
use rapport_store::{Feedback, Store};
use serde::Serialize;

use super::at;
use crate::config::Config;
use crate::desk::metrics::Asked;
use crate::desk::needs::{self, Need};
use crate::desk::topics::sight::{Sight, see};
use crate::desk::{Desk, gaps, relations, trends};
use crate::fault::Fault;
use crate::page::{line, span};
use crate::period::Period;
use crate::report::gather::{Asks, asks, fared, not_known, weekly};

/// The report.
#[derive(Serialize)]
pub(crate) struct Leadership {
    pub(crate) community: String,
    pub(crate) period: String,
    pub(crate) as_of: Time,
    /// The left column.
    pub(crate) met: Asks,
    /// The right column.
    pub(crate) departments: Vec<relations::Row>,
    /// heard, topic, delivered, answered, shipped, told.
    pub(crate) way: Vec<Stage>,
    /// At most eight.
    pub(crate) metrics: Vec<Metric>,
    pub(crate) weeks: BTreeMap<Week, (u64, u64)>,
    /// By the week of asking: answered or met, and still waiting.
    pub(crate) fared: BTreeMap<Week, (u64, u64)>,
    pub(crate) trends: Vec<Line>,
    pub(crate) gaps: Vec<Line>,
    /// Every list that a number opens, by name.
    pub(crate) lists: BTreeMap<&'static str, Vec<Opens>>,
    pub(crate) attribution: Attribution,
    /// What registries counted in the period, in words; they are no people, and stand apart from the numbers.
    pub(crate) downloads: Vec<String>,
    pub(crate) not_known: Vec<String>,
    /// The newest row of the log that it is made from.
    pub(crate) log: i64,
}

/// One stage of the way from what is heard to what is told.
#[derive(Serialize)]
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    pub(crate) n: usize,
    pub(crate) means: String,
    pub(crate) list: &'static str,
}

/// One number with what it needs to be read.
#[derive(Serialize)]
pub(crate) struct Metric {
    pub(crate) name: &'static str,
    pub(crate) value: String,
    pub(crate) definition: String,
    /// The same number of the period before, as it stood at that period's end.
    pub(crate) baseline: String,
    pub(crate) threshold: String,
    /// Whose threshold it is.
    pub(crate) label: String,
    /// Whether it is kept; none without a threshold or below 30 cases.
    pub(crate) kept: Option<bool>,
    pub(crate) owner: String,
    pub(crate) list: &'static str,
}

/// One entry of a list.
#[derive(Clone, Serialize)]
pub(crate) struct Opens {
    /// `thread 12` or `feedback 3`, as the verbs take it.
    pub(crate) what: String,
    pub(crate) title: String,
    pub(crate) url: Option<String>,
    pub(crate) note: String,
}

/// A trend or a gap.
#[derive(Serialize)]
pub(crate) struct Line {
    pub(crate) topic: u32,
    pub(crate) label: String,
    pub(crate) says: String,
    pub(crate) url: Option<String>,
}

/// When an outcome counts.
#[derive(Serialize)]
pub(crate) struct Attribution {
    pub(crate) rule: String,
    pub(crate) dated: String,
    /// It is dated before the period began.
    pub(crate) before: bool,
    pub(crate) says: String,
}

/// The numbers of one period.
struct Numbers {
    needs: Vec<Need>,
    asks: Asks,
    /// Answered within the promise, and all that had time for it.
    in_time: (Vec<usize>, Vec<usize>),
    relations: Vec<relations::Row>,
}

fn numbers(then: &Desk, store: &Store, config: &Config, period: Period) -> Result<Numbers, Fault> {
    let mut needs = needs::all(then, store, config, false)?;
    needs.retain(|n| !n.folded && n.opened_at >= period.from && n.opened_at < period.to);
    let promised = config.answers.within_working_days;
    let (mut kept, mut all) = (Vec::new(), Vec::new());
    for (n, need) in needs.iter().enumerate() {
        let responded = need.responded_at.filter(|at| *at <= then.now);
        let took = working_days(need.opened_at, responded.unwrap_or(then.now));
        if responded.is_some() && took <= promised {
            kept.push(n);
            all.push(n);
        } else if took > promised {
            all.push(n);
        }
    }
    let asks = asks(&needs.iter().collect::<Vec<_>>(), then.now);
    Ok(Numbers { asks, needs, in_time: (kept, all), relations: relations::rows(store, period, then.now)? })
}

impl Numbers {
    fn all(&self, of: impl Fn(&relations::Row) -> &Vec<i64>) -> BTreeSet<i64> {
        self.relations.iter().flat_map(|r| of(r).iter().copied()).collect()
    }
    /// Decided within so many days, and all delivered that had time for it.
    fn decided_in_time(&self, store: &Store, now: Time, days: u32) -> Result<(usize, usize), Fault> {
        let within = f64::from(days) * 86_400.0;
        let delivered = self.all(|r| &r.delivered);
        let (mut kept, mut all) = (0, 0);
        for item in relations::items(store)?.into_iter().filter(|i| delivered.contains(&i.feedback)) {
            use rapport_practice::feedback::State::{Accepted, Declined, Delivered, Shipped};
            let first = |wanted: &[rapport_practice::feedback::State]| {
                item.steps.iter().find(|(s, at)| wanted.contains(s) && *at <= now).map(|(_, at)| *at)
            };
            let Some(since) = first(&[Delivered]) else { continue };
            let took = first(&[Accepted, Declined, Shipped]).map(|at| at.seconds_since(since));
            if took.is_some_and(|t| t <= within) {
                (kept, all) = (kept + 1, all + 1);
            } else if now.seconds_since(since) > within {
                all += 1;
            }
        }
        Ok((kept, all))
    }
    /// Askers told, and all who are to be told, of what is out.
    fn told(&self, store: &Store, now: Time) -> Result<(usize, usize), Fault> {
        let (mut told, mut all) = (0, 0);
        for id in self.all(|r| &r.shipped) {
            told += store.told(id)?.iter().filter(|t| t.at <= now).count();
            all += store.feedback_threads(id)?.len();
        }
        Ok((told, all))
    }
}

/// Gathers it. `then` is the desk at the period's end.
pub(crate) fn gather(then: &Desk, period: Period) -> Result<Leadership, Fault> {
    let config = then.config()?;
    let sight = see(then)?;
    let store = then.reading()?;
    let now = numbers(then, &store, &config, period)?;
    let before = match period.before() {
        Some(before) => Some((numbers(&at(then, before), &store, &config, before)?, at(then, before).now)),
        None => None,
    };
    let feedback = store.feedback()?;
    let lists = lists(then, &sight, &now, &feedback);
    Ok(Leadership {
        community: config.community.name.clone(),
        period: period.words(),
        as_of: then.now,
        met: now.asks.clone(),
        way: way(&now, &lists, &store, then.now)?,
        metrics: metrics(&now, before.as_ref(), &config, &store, then.now)?,
        weeks: weekly(&now.needs, then.now),
        fared: fared(&now.needs),
        trends: rising(then, &sight),
        gaps: gaps::found(then, &sight)?
            .into_iter()
            .take(8)
            .map(|g| Line {
                topic: g.id,
                label: g.label,
                says: format!("{}: {}", g.kind, g.why),
                url: g.evidence.into_iter().next(),
            })
            .collect(),
        lists,
        attribution: attribution(&config, period),
        downloads: Asked { desk: then, config: &config, store: &store, period, source: None, rows: false }
            .downloaded()?,
        not_known: unknown(&store, &config, &sight, period, then.now, &now)?,
        log: store.newest()?,
        departments: now.relations,
    })
}

fn lists(
    then: &Desk,
    sight: &Sight,
    now: &Numbers,
    feedback: &[Feedback],
) -> BTreeMap<&'static str, Vec<Opens>> {
    let placed: BTreeMap<i64, u32> =
        sight.asks.iter().filter_map(|p| Some((p.ask.thread, p.topic?))).collect();
    let titles: BTreeMap<i64, String> = sight.asks.iter().map(|p| (p.ask.thread, p.title())).collect();
    let thread = |n: &Need| {
        let title = if n.title.trim().is_empty() {
            titles.get(&n.thread).cloned().unwrap_or_default()
        } else {
            n.title.clone()
        };
        Opens {
            what: format!("thread {}", n.thread),
            title: line(&title, 140),
            url: n.url.clone(),
            note: format!("{}, {}", n.kind, n.state.as_str()),
        }
    };
    let some = |wanted: &dyn Fn(&Need) -> bool| {
        now.needs.iter().filter(|n| wanted(n)).map(thread).collect::<Vec<_>>()
    };
    let asks = |ids: BTreeSet<i64>, note: &dyn Fn(&Feedback) -> String| -> Vec<Opens> {
        let inside = feedback.iter().filter(|f| ids.contains(&f.id));
        inside
            .map(|f| Opens {
                what: format!("feedback {}", f.id),
                title: line(&f.title, 140),
                url: None,
                note: note(f),
            })
            .collect()
    };
    let stands = |f: &Feedback| format!("to {}", f.department);
    let waits: BTreeMap<i64, f64> =
        now.relations.iter().flat_map(|r| r.waiting.iter().map(|w| (w.feedback, w.waiting_s))).collect();
    let mut topics: BTreeMap<u32, usize> = BTreeMap::new();
    for need in &now.needs {
        if let Some(topic) = placed.get(&need.thread) {
            *topics.entry(*topic).or_default() += 1;
        }
    }
    let mut largest: Vec<(u32, usize)> = topics.into_iter().collect();
    largest.sort_by_key(|(id, n)| (std::cmp::Reverse(*n), *id));
    let late: BTreeSet<usize> =
        now.in_time.1.iter().copied().filter(|n| !now.in_time.0.contains(n)).collect();
    BTreeMap::from([
        ("asked", some(&|_| true)),
        ("answered", some(&|n| n.responded_at.is_some_and(|at| at <= then.now))),
        ("waiting", some(&|n| matches!(n.state, NeedState::Waiting | NeedState::Stale))),
        ("late", late.into_iter().map(|n| thread(&now.needs[n])).collect()),
        (
            "topics",
            largest
                .into_iter()
                .map(|(id, n)| Opens {
                    what: format!("topic {id}"),
                    title: sight.label(id).to_owned(),
                    url: None,
                    note: format!("{n} threads of this period"),
                })
                .collect(),
        ),
        ("delivered", asks(now.all(|r| &r.delivered), &stands)),
        ("decided", asks(now.all(|r| &r.decided), &stands)),
        ("shipped", asks(now.all(|r| &r.shipped), &stands)),
        ("told", asks(now.all(|r| &r.told), &stands)),
        (
            "undecided",
            asks(waits.keys().copied().collect(), &|f| {
                format!(
                    "to {}, waits {}",
                    f.department,
                    relations::days(waits.get(&f.id).copied().unwrap_or(0.0))
                )
            }),
        ),
    ])
}

fn way(
    now: &Numbers,
    lists: &BTreeMap<&'static str, Vec<Opens>>,
    store: &Store,
    at: Time,
) -> Result<Vec<Stage>, Fault> {
    let n = |list: &str| lists.get(list).map_or(0, Vec::len);
    let (told, all) = now.told(store, at)?;
    let stage = |name, list: &'static str, means: String| Stage { name, n: n(list), means, list };
    Ok(vec![
        stage("heard", "asked", format!("things that {} people asked for", now.asks.people)),
        stage("topic", "topics", "topics that they are about".to_owned()),
        stage("delivered", "delivered", "asks brought to a department".to_owned()),
        stage("answered", "decided", "of them decided, either way".to_owned()),
        stage("shipped", "shipped", "of them out".to_owned()),
        stage("told", "told", format!("of them told to those who asked ({told} of {all} places)")),
    ])
}

/// A share as people read it: of fewer than 30 the list, not a rate.
fn share(n: usize, of: usize) -> String {
    #[allow(clippy::cast_precision_loss)] // counts of threads
    let percent = n as f64 * 100.0 / of.max(1) as f64;
    match of {
        0 => "none yet".to_owned(),
        1..30 => format!("{n} of {of}"),
        _ => format!("{percent:.0} % of {of}"),
    }
}

fn metrics(
    now: &Numbers,
    before: Option<&(Numbers, Time)>,
    config: &Config,
    store: &Store,
    at: Time,
) -> Result<Vec<Metric>, Fault> {
    let r = &config.report;
    let owner = if r.owner.trim().is_empty() { "none named".to_owned() } else { r.owner.clone() };
    let promised = config.answers.within_working_days;
    let days = r.decided_within_days;
    let told = |n: &Numbers, at: Time| n.told(store, at).map(|(told, all)| share(told, all));
    let answered = |n: &Numbers| n.needs.iter().filter(|x| x.responded_at.is_some()).count();
    let median = |n: &Numbers| n.asks.median_s.map_or_else(|| "none yet".to_owned(), span);
    let base = |of: &dyn Fn(&Numbers, Time) -> Result<String, Fault>| match before {
        Some((before, at)) if !before.needs.is_empty() || !before.all(|r| &r.delivered).is_empty() => {
            of(before, *at)
        }
        _ => Ok("nothing before".to_owned()),
    };
    let none = || ("none set".to_owned(), String::new(), None);
    let enough = |n: usize, of: usize, least: f64| {
        #[allow(clippy::cast_precision_loss)] // counts of threads
        let kept = n as f64 / of.max(1) as f64 >= least;
        (of >= 30).then_some(kept)
    };
    let (in_time, had_time) = (now.in_time.0.len(), now.in_time.1.len());
    let (decided, due) = now.decided_in_time(store, at, days)?;
    let mut out = Vec::new();
    let mut add = |name, value, definition: String, baseline, (threshold, label, kept), list| {
        out.push(Metric {
            name,
            value,
            definition,
            baseline,
            threshold,
            label,
            kept,
            owner: owner.clone(),
            list,
        });
    };
    add(
        "people who asked",
        now.asks.people.to_string(),
        "distinct accounts that opened a thread which asks for something, in the period".to_owned(),
        base(&|n, _| Ok(n.asks.people.to_string()))?,
        none(),
        "asked",
    );
    add(
        "answered by a human",
        share(answered(now), now.needs.len()),
        "of the things asked for, those that another human replied to; bots and the asker's own words do not count".to_owned(),
        base(&|n, _| Ok(share(answered(n), n.needs.len())))?,
        none(),
        "answered",
    );
    add(
        "answered in time",
        share(in_time, had_time),
        format!("of those that had time for it, answered within {promised} working days"),
        base(&|n, _| Ok(share(n.in_time.0.len(), n.in_time.1.len())))?,
        (
            format!("{:.0} %", r.answered_in_time * 100.0),
            r.thresholds.clone(),
            enough(in_time, had_time, r.answered_in_time),
        ),
        "late",
    );
    add(
        "time to the first answer",
        median(now),
        "the median from asking to the first reply by another human, of those answered; those who still wait are beside".to_owned(),
        base(&|n, _| Ok(median(n)))?,
        none(),
        "answered",
    );
    add(
        "still waiting",
        (now.asks.waiting + now.asks.stale).to_string(),
        "things asked for in the period that nobody has replied to at its end".to_owned(),
        base(&|n, _| Ok((n.asks.waiting + n.asks.stale).to_string()))?,
        none(),
        "waiting",
    );
    add(
        "feedback delivered",
        now.all(|r| &r.delivered).len().to_string(),
        "asks with their evidence that reached a department in the period".to_owned(),
        base(&|n, _| Ok(n.all(|r| &r.delivered).len().to_string()))?,
        none(),
        "delivered",
    );
    add(
        "decided in time",
        share(decided, due),
        format!("of what was delivered and had time for it, decided either way within {days} days"),
        base(&|n, at| n.decided_in_time(store, at, days).map(|(k, all)| share(k, all)))?,
        (format!("within {days} days"), r.thresholds.clone(), None),
        "undecided",
    );
    add(
        "askers told",
        told(now, at)?,
        "of the places where somebody asked for what is out now, those where a person wrote back".to_owned(),
        base(&|n, at| told(n, at))?,
        none(),
        "told",
    );
    Ok(out)
}

pub(super) fn rising(then: &Desk, sight: &Sight) -> Vec<Line> {
    let group = |p: &crate::desk::topics::sight::Placed| p.topic.map(|t| t.to_string());
    let all = trends::judged(then.now, &sight.asks, group, |_| true);
    all.into_iter()
        .filter_map(|(name, members, _, trend)| {
            let topic = name.parse().ok()?;
            let word = match trend.direction {
                Direction::New => "new",
                Direction::Rising => "rising",
                Direction::Fading => "fading",
                _ => return None,
            };
            let says =
                format!("{word}: {} people in four weeks, {:.0} were expected", trend.recent, trend.expected);
            let url = members.iter().rev().find_map(|m| m.ask.url.clone());
            Some(Line { topic, label: sight.label(topic).to_owned(), says, url })
        })
        .collect()
}

fn attribution(config: &Config, period: Period) -> Attribution {
    let dated = config.report.attribution_date.trim().to_owned();
    let day = rapport_practice::handwritten::day(&dated);
    let before = day.is_some_and(|d| d < period.from);
    let says = match day {
        None if dated.is_empty() => {
            "It has no date: nobody agreed to it before the period (report.attribution-date in rapport.toml)."
                .to_owned()
        }
        None => format!("Its date, '{}', is no day.", line(&dated, 40)),
        Some(_) if before => format!("It holds since {dated}, before the period began."),
        Some(_) => format!("It is dated {dated}, after the period began: it was not agreed beforehand."),
    };
    Attribution { rule: config.report.attribution.clone(), dated, before, says }
}

fn unknown(
    store: &Store,
    config: &Config,
    sight: &Sight,
    period: Period,
    at: Time,
    now: &Numbers,
) -> Result<Vec<String>, Fault> {
    let mut out = not_known(store)?;
    if at < period.to.plus_millis(-1) {
        out.insert(0, "The period is not over: its numbers still grow.".to_owned());
    }
    let loose = sight.asks.iter().filter(|p| p.topic.is_none() && p.ask.opened_at >= period.from).count();
    if loose > 0 {
        out.push(format!("{loose} threads of the period stand in no topic."));
    }
    let stale = now.needs.iter().filter(|n| n.state == NeedState::Stale).count();
    if stale > 0 {
        out.push(format!(
            "{stale} waited over {} days: whether they were helped elsewhere is not known.",
            config.answers.stale_after_days
        ));
    }
    if config.report.owner.trim().is_empty() {
        out.push("Who answers for these numbers: rapport.toml names nobody (report.owner).".to_owned());
    }
    out.push("What was said in calls, private messages and places that are not read is not here.".to_owned());
    Ok(out)
}
