//! What a report says, before it is written in any form.

use std::collections::BTreeMap;

use rapport_insight::stats;
use rapport_model::{NeedState, Time, Week};
use rapport_store::Store;
use serde::Serialize;
use serde_json::Value;

use crate::config::Config;
use crate::desk::Desk;
use crate::desk::live::note;
use crate::desk::metrics::{Asked, NAMES};
use crate::desk::needs::{self, Need};
use crate::desk::people::suggest;
use crate::fault::Fault;
use crate::period::Period;

/// One report.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) community: String,
    pub(crate) period: String,
    pub(crate) as_of: Time,
    pub(crate) asked: Asks,
    /// Per kind of need: asked, answered or met, waiting.
    pub(crate) kinds: BTreeMap<String, Asks>,
    /// Per source.
    pub(crate) sources: BTreeMap<String, Asks>,
    /// Opened needs and first answers per week.
    pub(crate) weeks: BTreeMap<Week, (u64, u64)>,
    /// The most urgent, at most ten.
    pub(crate) waiting: Vec<Need>,
    pub(crate) metrics: Vec<(String, String, Value)>,
    pub(crate) not_known: Vec<String>,
}

/// How a set of needs fared.
#[derive(Clone, Default, Serialize)]
pub(crate) struct Asks {
    /// Needs.
    pub(crate) needs: u64,
    /// Distinct people who asked; accounts linked to one person count once.
    pub(crate) people: u64,
    pub(crate) answered: u64,
    pub(crate) met: u64,
    pub(crate) declined: u64,
    pub(crate) waiting: u64,
    pub(crate) stale: u64,
    /// Seconds to the first answer by another human.
    pub(crate) median_s: Option<f64>,
    pub(crate) p90_s: Option<f64>,
}

/// Gathers everything a report on the period says.
pub(crate) fn gather(desk: &Desk, store: &Store, config: &Config, period: Period) -> Result<Report, Fault> {
    let mut all = needs::all(desk, store, config, false)?;
    all.retain(|n| !n.folded && n.opened_at >= period.from && n.opened_at < period.to);
    let weeks = weekly(&all, desk.now);
    let mut kinds: BTreeMap<String, Vec<&Need>> = BTreeMap::new();
    let mut sources: BTreeMap<String, Vec<&Need>> = BTreeMap::new();
    for need in &all {
        kinds.entry(need.kind.clone()).or_default().push(need);
        sources.entry(need.source.clone()).or_default().push(need);
    }
    let tally = |needs: &[&Need]| asks(needs, desk.now);
    let asked = Asked { desk, config, store, period, source: None, rows: false };
    let mut metrics = Vec::new();
    for name in ["time-to-first-response", "closure-ratio", "absence-factor", "contributors"] {
        let definition = NAMES.iter().find(|(n, _)| *n == name).map_or("", |(_, d)| d);
        metrics.push((name.to_owned(), definition.to_owned(), asked.metric(name)?));
    }
    let downloads = asked.metric("downloads")?;
    if downloads.as_array().is_some_and(|rows| !rows.is_empty()) {
        let definition = NAMES.iter().find(|(n, _)| *n == "downloads").map_or("", |(_, d)| d);
        metrics.push(("downloads".to_owned(), definition.to_owned(), downloads));
    }
    let mut report = Report {
        community: config.community.name.clone(),
        period: period.words(),
        as_of: desk.now,
        asked: tally(&all.iter().collect::<Vec<_>>()),
        kinds: kinds.iter().map(|(k, n)| (k.clone(), tally(n))).collect(),
        sources: sources.iter().map(|(k, n)| (k.clone(), tally(n))).collect(),
        weeks,
        waiting: Vec::new(),
        metrics,
        not_known: not_known(store)?,
    };
    all.retain(|n| n.state == NeedState::Waiting);
    all.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.thread.cmp(&b.thread)));
    all.truncate(10);
    report.waiting = all;
    Ok(report)
}

/// How many of these were asked and first answered in each week.
pub(crate) fn weekly(needs: &[Need], now: Time) -> BTreeMap<Week, (u64, u64)> {
    let mut weeks: BTreeMap<Week, (u64, u64)> = BTreeMap::new();
    for need in needs {
        weeks.entry(need.opened_at.week()).or_default().0 += 1;
        if let Some(at) = need.responded_at.filter(|at| *at <= now) {
            weeks.entry(at.week()).or_default().1 += 1;
        }
    }
    weeks
}

/// What was asked in each week: how much of it another human answered, and how much waits.
pub(crate) fn fared(needs: &[Need]) -> BTreeMap<Week, (u64, u64)> {
    let mut weeks: BTreeMap<Week, (u64, u64)> = BTreeMap::new();
    for need in needs {
        let week = weeks.entry(need.opened_at.week()).or_default();
        match need.state {
            NeedState::Answered | NeedState::Met => week.0 += 1,
            NeedState::Waiting | NeedState::Stale => week.1 += 1,
            NeedState::Declined => {}
        }
    }
    weeks
}

/// How these fared.
pub(crate) fn asks(needs: &[&Need], now: Time) -> Asks {
    let mut asks = Asks { needs: needs.len() as u64, ..Asks::default() };
    let mut seconds = Vec::new();
    let mut people = std::collections::BTreeSet::new();
    for need in needs {
        people.insert(need.opener());
        match need.state {
            NeedState::Waiting => asks.waiting += 1,
            NeedState::Answered => asks.answered += 1,
            NeedState::Met => asks.met += 1,
            NeedState::Declined => asks.declined += 1,
            NeedState::Stale => asks.stale += 1,
        }
        seconds.extend(need.responded_at.filter(|at| *at <= now).map(|at| at.seconds_since(need.opened_at)));
    }
    seconds.sort_by(f64::total_cmp);
    asks.people = people.len() as u64;
    (asks.median_s, asks.p90_s) = (stats::quantile(&seconds, 0.5), stats::quantile(&seconds, 0.9));
    asks
}

/// What the numbers cannot tell: sources that are lower bounds, damaged or partly set aside.
pub(crate) fn not_known(store: &Store) -> Result<Vec<String>, Fault> {
    let maybe = suggest::open(store)?.len();
    let mut out = vec![match maybe {
        0 => {
            "People are counted by member: accounts that are known to be one person's count once.".to_owned()
        }
        n => format!(
            "People are counted by member. {n} pairs of members may be one person each and are counted as two: rapport people suggest."
        ),
    }];
    for source in store.sources()? {
        let limits = note(store, &source)?;
        if !limits.is_empty() {
            out.push(format!("{}: {limits}", source.name));
        }
        if source.status != "complete" {
            out.push(format!("{}: {}", source.name, source.status));
        }
    }
    Ok(out)
}
