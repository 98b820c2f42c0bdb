//! Metrics month by month, for charts: a month of fewer than thirty cases has no median, but its cases.

use std::collections::BTreeMap;

use rapport_insight::stats;
use rapport_model::{Month, Time};
use rapport_store::questions::responses::Response;
use serde_json::{Value, json};

use super::Asked;
use crate::fault::Fault;

/// Below this many cases there is a list, and no median.
const ENOUGH: usize = 30;

/// The metrics that are told month by month.
pub(crate) const BY_MONTH: [&str; 4] =
    ["time-to-first-response", "time-to-close", "closure-ratio", "unanswered"];

impl Asked<'_> {
    /// One of them over all sources that are asked for, a row a month from the first to the last.
    pub(super) fn by_month(&self, name: &str) -> Result<Value, Fault> {
        match name {
            "time-to-first-response" => self.durations(|_| true, |r| r.responded_at),
            "time-to-close" => self.durations(tracked, |r| r.closed_at),
            "closure-ratio" => self.opened_and_closed(),
            "unanswered" => self.open_by_month(),
            _ => Err(Fault::usage(format!("{name} is not told month by month"))
                .hint(format!("{} are", BY_MONTH.join(", ")))),
        }
    }

    /// From opening to a moment, by the month of the opening.
    fn durations(
        &self,
        wanted: impl Fn(&Response) -> bool,
        end: impl Fn(&Response) -> Option<Time>,
    ) -> Result<Value, Fault> {
        let mut months: BTreeMap<Month, Vec<Response>> = BTreeMap::new();
        for r in self.responses(self.period.from)?.into_iter().filter(|r| wanted(r)) {
            months.entry(r.opened_at.month()).or_default().push(r);
        }
        let rows = months.into_iter().map(|(month, threads)| {
            let took = |r: &Response| end(r).map(|at| at.seconds_since(r.opened_at));
            let mut seconds: Vec<f64> = threads.iter().filter_map(took).collect();
            seconds.sort_by(f64::total_cmp);
            let enough = seconds.len() >= ENOUGH;
            let quantile = |q: f64| if enough { stats::quantile(&seconds, q) } else { None };
            let mut row = json!({
                "month": month.to_string(), "n": seconds.len(), "never": threads.len() - seconds.len(),
                "median_s": quantile(0.5), "p90_s": quantile(0.9),
            });
            if !enough {
                let case = |r: &Response| {
                    took(r).map(|s| json!({ "thread": r.thread, "opened_at": r.opened_at, "took_s": s }))
                };
                row["each"] = threads.iter().filter_map(case).collect();
            }
            row
        });
        Ok(rows.collect())
    }

    fn opened_and_closed(&self) -> Result<Value, Fault> {
        let mut months: BTreeMap<Month, (u64, u64)> = BTreeMap::new();
        let inside = |at: Time| at >= self.period.from && at < self.period.to;
        for r in self.responses(Time::MIN)?.into_iter().filter(tracked) {
            if inside(r.opened_at) {
                months.entry(r.opened_at.month()).or_default().0 += 1;
            }
            if let Some(at) = r.closed_at.filter(|at| inside(*at)) {
                months.entry(at.month()).or_default().1 += 1;
            }
        }
        let rows = months.into_iter().map(
            |(month, (opened, closed))| json!({ "month": month.to_string(), "opened": opened, "closed": closed }),
        );
        Ok(rows.collect())
    }

    fn open_by_month(&self) -> Result<Value, Fault> {
        let mut months: BTreeMap<Month, (u64, u64)> = BTreeMap::new();
        for r in self.responses(self.period.from)? {
            let row = months.entry(r.opened_at.month()).or_default();
            row.0 += 1;
            row.1 += u64::from(r.responded_at.is_none());
        }
        let rows = months
            .into_iter()
            .map(|(month, (n, open))| json!({ "month": month.to_string(), "n": n, "unanswered": open }));
        Ok(rows.collect())
    }

    /// From opening to closing, for trackers.
    pub(super) fn time_to_close(&self) -> Result<Value, Fault> {
        let mut out = Vec::new();
        for ((source, kind), threads) in self.groups()? {
            if !threads.first().is_some_and(tracked) {
                continue;
            }
            let mut seconds: Vec<f64> =
                threads.iter().filter_map(|r| r.closed_at.map(|at| at.seconds_since(r.opened_at))).collect();
            seconds.sort_by(f64::total_cmp);
            let mut row = json!({
                "source": source, "thread_kind": kind, "n": seconds.len(), "open": threads.len() - seconds.len(),
                "median_s": stats::quantile(&seconds, 0.5), "p90_s": stats::quantile(&seconds, 0.9),
            });
            if self.rows {
                row["threads"] = threads.iter().map(|r| r.thread).collect();
            }
            out.push(row);
        }
        Ok(Value::Array(out))
    }
}

/// Trackers say when a thread is closed.
pub(super) fn tracked(r: &Response) -> bool {
    matches!(r.kind.as_str(), "issue" | "change-request")
}
