//! What happened beside a topic's weeks: releases and events of everybody, and what was done about this topic.

use rapport_model::Time;
use rapport_store::Store;
use serde::Serialize;

use crate::fault::Fault;
use crate::page::line;

/// One thing that happened. It need not be why.
#[derive(Serialize)]
pub(super) struct Happened {
    at: Time,
    /// `release`, `event`, `docs` (a page for this topic went online) or `shipped` (feedback on this topic).
    sort: &'static str,
    what: String,
}

/// All of it after `from` and until `to`, in order of time.
pub(super) fn happened(store: &Store, topics: &[u32], from: Time, to: Time) -> Result<Vec<Happened>, Fault> {
    let inside = |at: Time| at > from && at <= to;
    let ours = |topic: Option<i64>| topic.is_some_and(|t| topics.iter().any(|one| i64::from(*one) == t));
    let one = |at: Time, sort: &'static str, what: &str| Happened { at, sort, what: line(what, 80) };
    let mut all: Vec<Happened> =
        store.releases(from, to)?.iter().map(|(name, at)| one(*at, "release", name)).collect();
    let events = store.events()?;
    let events = events.iter().filter_map(|e| e.starts.filter(|at| inside(*at)).map(|at| (at, e)));
    all.extend(events.map(|(at, e)| one(at, "event", &e.name)));
    let pages = store.pages()?;
    let pages = pages.iter().filter(|p| ours(p.topic) && inside(p.shipped));
    all.extend(pages.map(|p| one(p.shipped, "docs", &p.url)));
    for feedback in store.feedback()?.iter().filter(|f| ours(f.topic)) {
        let steps = store.feedback_steps(feedback.id)?;
        // Shipped again after it was opened again is another time.
        for step in steps.iter().filter(|s| s.step == "ship" && inside(s.at)) {
            all.push(one(step.at, "shipped", &feedback.title));
        }
    }
    all.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| (a.sort, &a.what).cmp(&(b.sort, &b.what))));
    Ok(all)
}
