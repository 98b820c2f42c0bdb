//! The rows behind one number of a metric: the threads, people or days that were counted, as many as the number says.

use std::collections::{HashMap, HashSet};

use rapport_insight::stats;
use rapport_model::{Month, Time};
use rapport_store::questions::responses::Response;
use serde_json::{Value, json};

use super::Asked;
use super::months::tracked;
use crate::fault::Fault;

/// One number of a metric: the column, and the row it stands in.
pub(crate) struct Number<'a> {
    pub(crate) name: &'a str,
    pub(crate) column: &'a str,
    /// The row's month or week.
    pub(crate) within: Option<&'a str>,
    /// The row's kind of thread.
    pub(crate) kind: Option<&'a str>,
}

/// The numbers that have rows behind them. Late threads are rows by themselves.
pub(crate) const BEHIND: [(&str, &[&str]); 8] = [
    ("time-to-first-response", &["n", "never"]),
    ("closure-ratio", &["opened", "closed"]),
    ("time-to-close", &["n", "open"]),
    ("absence-factor", &["absence_factor", "people", "contributions"]),
    ("contributors", &["contributors", "new", "returning"]),
    ("retention", &["first_timers", "again_month_1", "again_month_2", "again_month_3", "again_later"]),
    ("downloads", &["downloads", "days"]),
    ("unanswered", &["unanswered", "still_open", "n"]),
];

impl Asked<'_> {
    /// How many rows, and the rows.
    pub(super) fn behind(&self, number: &Number<'_>) -> Result<Value, Fault> {
        let known = BEHIND.iter().find(|(name, _)| *name == number.name).map_or(&[][..], |(_, all)| *all);
        if !known.contains(&number.column) {
            let fault = Fault::usage(format!("{} has no rows behind '{}'", number.name, number.column));
            return Err(match known {
                [] => fault.hint(format!("rapport metrics {}  is rows by itself", number.name)),
                _ => fault.hint(format!("behind one of: {}", known.join(", "))),
            });
        }
        let rows = match number.name {
            "absence-factor" => self.half(number.column)?,
            "contributors" => self.people(number)?,
            "retention" => self.cohort(number)?,
            "downloads" => self.days(number)?,
            _ => self.threads(number)?,
        };
        // `rows` is the key that the wall takes from whoever sees counts alone.
        Ok(json!({ "metric": number.name, "behind": number.column, "n": rows.len(), "rows": rows }))
    }

    fn threads(&self, number: &Number<'_>) -> Result<Vec<Value>, Fault> {
        let counts_closing = number.name == "closure-ratio";
        let from = if counts_closing { Time::MIN } else { self.period.from };
        let inside = |at: Time| at >= self.period.from && at < self.period.to;
        let within = |at: Time| number.within.is_none_or(|month| at.month().to_string() == month);
        let fits = |r: &Response| {
            let counted = match (number.name, number.column) {
                ("time-to-first-response", "n") => r.responded_at.is_some(),
                ("time-to-first-response", _) => r.responded_at.is_none(),
                ("closure-ratio", "closed") => {
                    return r.closed_at.is_some_and(|at| inside(at) && within(at));
                }
                ("closure-ratio", _) => inside(r.opened_at),
                ("time-to-close", "n") => r.closed_at.is_some(),
                ("time-to-close", _) => r.closed_at.is_none(),
                (_, "unanswered") => r.responded_at.is_none(),
                (_, "still_open") => r.responded_at.is_none() && r.closed_at.is_none(),
                _ => true,
            };
            counted && within(r.opened_at)
        };
        let closes = matches!(number.name, "closure-ratio" | "time-to-close");
        let mut all = self.responses(from)?;
        all.retain(|r| number.kind.is_none_or(|kind| r.kind.as_str() == kind));
        all.retain(|r| !closes || tracked(r));
        all.retain(fits);
        all.sort_by_key(|r| (r.opened_at, r.thread));
        let sources = self.store.source_names()?;
        let ids: Vec<i64> = all.iter().map(|r| r.thread).collect();
        let mut titles: HashMap<i64, (String, Option<String>)> =
            self.store.titles(&ids)?.into_iter().map(|t| (t.thread, (t.title, t.url))).collect();
        let took = |r: &Response, end: Option<Time>| end.map(|at| at.seconds_since(r.opened_at));
        let rows = all.iter().map(|r| {
            let (title, url) = titles.remove(&r.thread).unwrap_or_default();
            let mut row = json!({ "thread": r.thread, "title": title, "url": url,
                "source": sources.get(&r.source), "thread_kind": r.kind.as_str(), "opened_at": r.opened_at });
            let end = if closes { r.closed_at } else { r.responded_at };
            row[if closes { "closed_at" } else { "responded_at" }] = json!(end);
            row["took_s"] = json!(took(r, end));
            row
        });
        Ok(rows.collect())
    }

    fn person(&self, who: i64) -> Result<Value, Fault> {
        Ok(json!({ "person": who, "who": self.store.shown(who)? }))
    }

    /// People by how much they contributed; of the absence factor those who made the first half.
    fn half(&self, column: &str) -> Result<Vec<Value>, Fault> {
        let mut counts: Vec<(i64, i64)> =
            self.contributions()?.into_iter().map(|(who, n)| (n, who)).collect();
        counts.sort_by_key(|(n, who)| (-n, *who));
        if column == "absence_factor" {
            let all: Vec<i64> = counts.iter().map(|(n, _)| *n).collect();
            counts.truncate(stats::absence_factor(&all));
        }
        counts
            .into_iter()
            .map(|(n, who)| {
                let mut row = self.person(who)?;
                row["contributions"] = n.into();
                Ok(row)
            })
            .collect()
    }

    /// People with a contribution in the month; without a month, each month by itself, as the metric counts them.
    fn people(&self, number: &Number<'_>) -> Result<Vec<Value>, Fault> {
        let mut known: HashSet<i64> = HashSet::new();
        let mut rows = Vec::new();
        let began = self.period.from.month();
        for seen in self.store.contributors(self.source, self.period.last_month())? {
            let new = known.insert(seen.who);
            let month = seen.month.to_string();
            let counted = number.column == "contributors" || new == (number.column == "new");
            if seen.month >= began && counted && number.within.is_none_or(|wanted| month == wanted) {
                let mut row = self.person(seen.who)?;
                row["month"] = month.into();
                row["contributions"] = seen.contributions.into();
                rows.push(row);
            }
        }
        Ok(rows)
    }

    /// Who came first in a month, or came again after it.
    fn cohort(&self, number: &Number<'_>) -> Result<Vec<Value>, Fault> {
        let index = |m: Month| i64::from(m.0 / 100 * 12 + m.0 % 100);
        let began = self.period.from.month();
        let mut first: HashMap<i64, Month> = HashMap::new();
        let mut later: HashSet<i64> = HashSet::new();
        let mut rows = Vec::new();
        for seen in self.store.contributors(self.source, self.period.last_month())? {
            let joined = *first.entry(seen.who).or_insert(seen.month);
            let column = match index(seen.month) - index(joined) {
                0 => "first_timers",
                1 => "again_month_1",
                2 => "again_month_2",
                3 => "again_month_3",
                _ if later.insert(seen.who) => "again_later",
                _ => continue,
            };
            let wanted = number.within.is_none_or(|month| joined.to_string() == month);
            if column == number.column && joined >= began && wanted {
                let mut row = self.person(seen.who)?;
                row["first"] = joined.to_string().into();
                row["again"] = seen.month.to_string().into();
                rows.push(row);
            }
        }
        Ok(rows)
    }

    /// The days of which a registry has told.
    fn days(&self, number: &Number<'_>) -> Result<Vec<Value>, Fault> {
        let mut days = self.counted()?;
        days.retain(|day| number.within.is_none_or(|week| day.day.week().to_string() == week));
        let rows = days.into_iter().map(
            |day| json!({ "source": day.source, "day": day.day.date().to_string(), "downloads": day.n }),
        );
        Ok(rows.collect())
    }
}
