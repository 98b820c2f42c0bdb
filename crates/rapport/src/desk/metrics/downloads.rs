//! Downloads of packages, week by week. They stand apart from everything that counts people.

use std::collections::BTreeMap;

use rapport_model::Week;
use rapport_store::questions::downloads::Downloads;
use serde_json::{Value, json};

use super::Asked;
use crate::fault::Fault;

impl Asked<'_> {
    /// The days of the period until the desk's moment. npm counts nothing before there is a package, too: the days before
    /// the first download are left out.
    pub(super) fn counted(&self) -> Result<Vec<Downloads>, Fault> {
        let mut seen = String::new();
        let mut all =
            self.store.downloads(self.source, self.period.from, self.period.to.min(self.desk.now))?;
        all.retain(|day| {
            if day.n > 0 && seen != day.source {
                seen.clone_from(&day.source);
            }
            seen == day.source
        });
        Ok(all)
    }

    /// Per package and week: how often, and of how many days that is known.
    pub(super) fn downloads(&self) -> Result<Value, Fault> {
        let mut weeks: BTreeMap<(String, Week), (u64, u64)> = BTreeMap::new();
        for day in self.counted()? {
            let week = weeks.entry((day.source, day.day.week())).or_default();
            *week = (week.0.saturating_add(day.n), week.1 + 1);
        }
        let rows = weeks.into_iter().map(|((source, week), (downloads, days))| {
            json!({ "source": source, "week": week.to_string(), "downloads": downloads, "days": days })
        });
        Ok(rows.collect())
    }

    /// The period's sums in words, one a package: `12345 of crates:relay in 90 days`; empty where no registry is followed.
    pub(crate) fn downloaded(&self) -> Result<Vec<String>, Fault> {
        let mut sums: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for day in self.counted()? {
            let sum = sums.entry(day.source).or_default();
            *sum = (sum.0.saturating_add(day.n), sum.1 + 1);
        }
        Ok(sums.into_iter().map(|(name, (n, days))| format!("{n} of {name} in {days} days")).collect())
    }
}
