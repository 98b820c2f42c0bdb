//! What a department's report says: what waits for it, what concerns it, and what became of what it was told.

use std::collections::{BTreeMap, BTreeSet};

use rapport_model::{NeedState, Time, Week};
use serde::Serialize;

use super::leadership::Line;
use crate::desk::topics::sight::see;
use crate::desk::{Desk, docs, gaps, relations};
use crate::fault::Fault;
use crate::page::line;
use crate::period::Period;

/// The report.
#[derive(Serialize)]
pub(crate) struct Department {
    pub(crate) community: String,
    pub(crate) department: String,
    pub(crate) period: String,
    pub(crate) as_of: Time,
    pub(crate) relation: Option<relations::Row>,
    /// Feedback that waits for its decision, the longest first.
    pub(crate) waiting: Vec<Ask>,
    /// Feedback of the period that was decided.
    pub(crate) decided: Vec<Ask>,
    pub(crate) gaps: Vec<Line>,
    pub(crate) topics: Vec<Topic>,
    /// The topics are the largest ones: none was routed here.
    pub(crate) any_topics: bool,
    pub(crate) trends: Vec<Line>,
    /// What the documentation lacks: for Product, whose gap that is.
    pub(crate) docs: Vec<docs::Gap>,
    pub(crate) not_known: Vec<String>,
}

/// One feedback.
#[derive(Serialize)]
pub(crate) struct Ask {
    pub(crate) feedback: i64,
    pub(crate) title: String,
    pub(crate) ask: String,
    pub(crate) severity: String,
    pub(crate) state: String,
    pub(crate) waiting_s: Option<f64>,
    pub(crate) decide_by: Option<Time>,
    pub(crate) reason: Option<String>,
    pub(crate) release: Option<String>,
    /// Pieces of evidence that it rests on.
    pub(crate) evidence: usize,
    pub(crate) url: Option<String>,
}

/// One topic in the period.
#[derive(Serialize)]
pub(crate) struct Topic {
    pub(crate) id: u32,
    pub(crate) label: String,
    pub(crate) people: usize,
    pub(crate) threads: usize,
    pub(crate) waiting: usize,
    pub(crate) evidence: Vec<(String, Option<String>)>,
    /// Distinct people who asked, by week.
    pub(crate) weeks: BTreeMap<Week, usize>,
}

/// Topics that are shown at most.
const MOST: usize = 8;

/// Gathers it. `then` is the desk at the period's end.
pub(crate) fn gather(then: &Desk, period: Period, name: &str) -> Result<Department, Fault> {
    let config = then.config()?;
    let sight = see(then)?;
    let gaps = gaps::found(then, &sight)?;
    let store = then.reading()?;
    let relation = relations::rows(&store, period, then.now)?.into_iter().find(|r| r.department == name);
    let mut theirs: BTreeSet<u32> = BTreeSet::new();
    let (mut waiting, mut decided) = (Vec::new(), Vec::new());
    for f in store.feedback()?.into_iter().filter(|f| f.department == name) {
        theirs.extend(f.topic.and_then(|t| u32::try_from(t).ok()));
        let waits = relation
            .as_ref()
            .and_then(|r| r.waiting.iter().find(|w| w.feedback == f.id))
            .map(|w| w.waiting_s);
        let done = relation.as_ref().is_some_and(|r| r.decided.contains(&f.id));
        if waits.is_none() && !done {
            continue;
        }
        let wanted = rapport_store::EvidenceWanted {
            feedback: Some(f.id),
            ..rapport_store::EvidenceWanted::default()
        };
        let evidence = store.evidence(&wanted)?;
        // As it stood then, not as it stands now.
        let stood = store.feedback_steps(f.id)?.into_iter().rfind(|s| s.at <= then.now);
        let ask = Ask {
            feedback: f.id,
            title: f.title,
            ask: f.ask,
            severity: f.severity,
            state: stood.as_ref().map_or(f.state, |s| s.state.clone()),
            waiting_s: waits,
            decide_by: f.decide_by,
            reason: stood.as_ref().and_then(|s| s.reason.clone()),
            release: stood.and_then(|s| s.release),
            url: evidence.iter().find_map(|e| e.url.clone()),
            evidence: evidence.len(),
        };
        if waits.is_some() { waiting.push(ask) } else { decided.push(ask) }
    }
    waiting.sort_by(|a, b| b.waiting_s.unwrap_or(0.0).total_cmp(&a.waiting_s.unwrap_or(0.0)));
    let gaps: Vec<Line> = gaps
        .into_iter()
        .filter(|g| g.department == name)
        .map(|g| {
            theirs.insert(g.id);
            Line {
                topic: g.id,
                label: g.label,
                says: format!("{}: {}", g.kind, g.why),
                url: g.evidence.into_iter().next(),
            }
        })
        .collect();
    let docs = if name == "product" {
        let found = docs::found(then, &store, &config, &sight, docs::WINDOW)?;
        found.gaps.into_iter().take(MOST).collect()
    } else {
        Vec::new()
    };
    let mut topics: BTreeMap<u32, Topic> = BTreeMap::new();
    let mut people: BTreeMap<u32, BTreeSet<i64>> = BTreeMap::new();
    let mut by_week: BTreeMap<(u32, Week), BTreeSet<i64>> = BTreeMap::new();
    for placed in sight.asks.iter().filter(|p| p.ask.opened_at >= period.from && p.ask.opened_at < period.to)
    {
        let Some(id) = placed.topic else { continue };
        let one = topics.entry(id).or_insert_with(|| Topic {
            id,
            label: sight.label(id).to_owned(),
            people: 0,
            threads: 0,
            waiting: 0,
            evidence: Vec::new(),
            weeks: BTreeMap::new(),
        });
        one.threads += 1;
        one.waiting += usize::from(placed.ask.state == NeedState::Waiting);
        one.evidence.push((line(&placed.title(), 120), placed.ask.url.clone()));
        people.entry(id).or_default().insert(placed.person());
        by_week.entry((id, placed.ask.opened_at.week())).or_default().insert(placed.person());
    }
    let mut topics: Vec<Topic> = topics.into_values().collect();
    for topic in &mut topics {
        topic.people = people.get(&topic.id).map_or(0, BTreeSet::len);
        let weeks = by_week.range((topic.id, Week(i32::MIN))..=(topic.id, Week(i32::MAX)));
        topic.weeks = weeks.map(|((_, week), who)| (*week, who.len())).collect();
        let skip = topic.evidence.len().saturating_sub(3);
        topic.evidence.drain(..skip); // the newest three
    }
    let any_topics = !topics.iter().any(|t| theirs.contains(&t.id));
    topics.retain(|t| any_topics || theirs.contains(&t.id));
    topics.sort_by_key(|t| (std::cmp::Reverse(t.people), t.id));
    topics.truncate(MOST);
    let shown: BTreeSet<u32> = topics.iter().map(|t| t.id).collect();
    Ok(Department {
        community: config.community.name.clone(),
        department: name.to_owned(),
        period: period.words(),
        as_of: then.now,
        relation,
        waiting,
        decided,
        gaps,
        topics,
        any_topics,
        trends: super::leadership::rising(then, &sight)
            .into_iter()
            .filter(|l| shown.contains(&l.topic))
            .collect(),
        docs,
        not_known: crate::report::gather::not_known(&store)?,
    })
}
