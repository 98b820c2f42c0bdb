//! Metrics month by month: how they went, for whoever wants to see a line instead of one number.

use std::collections::BTreeMap;

use rapport_insight::stats;
use rapport_model::{Month, Time};
use rapport_store::questions::responses::Response;
use serde_json::{Value, json};

use super::Asked;
use crate::fault::Fault;

/// Metrics that are kept by month or week anyway.
const ANYWAY: [&str; 3] = ["contributors", "retention", "downloads"];
/// Metrics that can be told by month.
const BY_MONTH: [&str; 3] = ["time-to-first-response", "closure-ratio", "unanswered"];

/// Whether a metric has months.
pub(super) fn has(name: &str) -> bool {
    ANYWAY.contains(&name) || BY_MONTH.contains(&name)
}

impl Asked<'_> {
    /// One row a month of the opening, all sources together (or the one that is asked for).
    pub(super) fn monthly(&self, name: &str) -> Result<Value, Fault> {
        match name {
            "time-to-first-response" => Ok(answered(&self.by_month()?)),
            "unanswered" => Ok(left(&self.by_month()?)),
            "closure-ratio" => self.closed(),
            other => self.metric(other),
        }
    }

    fn by_month(&self) -> Result<BTreeMap<Month, Vec<Response>>, Fault> {
        let mut months: BTreeMap<Month, Vec<Response>> = BTreeMap::new();
        for r in self.responses(self.period.from)? {
            months.entry(r.opened_at.month()).or_default().push(r);
        }
        Ok(months)
    }

    /// Opened and closed in each month, whenever the other was.
    fn closed(&self) -> Result<Value, Fault> {
        let mut months: BTreeMap<Month, (u64, u64)> = BTreeMap::new();
        let inside = |at: &Time| *at >= self.period.from && *at < self.period.to;
        for r in self.responses(Time::MIN)? {
            if !matches!(r.kind.as_str(), "issue" | "change-request") {
                continue;
            }
            if inside(&r.opened_at) {
                months.entry(r.opened_at.month()).or_default().0 += 1;
            }
            if let Some(at) = r.closed_at.filter(inside) {
                months.entry(at.month()).or_default().1 += 1;
            }
        }
        let rows = months.into_iter().map(|(month, (opened, closed))| {
            json!({ "month": month.to_string(), "opened": opened, "closed": closed })
        });
        Ok(rows.collect())
    }
}

fn answered(months: &BTreeMap<Month, Vec<Response>>) -> Value {
    let row = |(month, threads): (&Month, &Vec<Response>)| {
        let seconds = threads.iter().filter_map(|r| r.responded_at.map(|at| at.seconds_since(r.opened_at)));
        let mut seconds: Vec<f64> = seconds.collect();
        seconds.sort_by(f64::total_cmp);
        json!({ "month": month.to_string(), "n": seconds.len(), "never": threads.len() - seconds.len(),
                "median_s": stats::quantile(&seconds, 0.5), "p90_s": stats::quantile(&seconds, 0.9) })
    };
    months.iter().map(row).collect()
}

fn left(months: &BTreeMap<Month, Vec<Response>>) -> Value {
    let row = |(month, threads): (&Month, &Vec<Response>)| {
        let unanswered = threads.iter().filter(|r| r.responded_at.is_none()).count();
        json!({ "month": month.to_string(), "unanswered": unanswered, "n": threads.len() })
    };
    months.iter().map(row).collect()
}
