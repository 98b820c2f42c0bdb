//! `metrics`: the CHAOSS metrics, each with its definition, and the rows behind it.

mod behind;
mod downloads;
mod months;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use clap::Args;
use rapport_insight::stats;
use rapport_model::{Month, Time};
use rapport_practice::calendar;
use rapport_store::Store;
use rapport_store::questions::responses::Response;
use serde::Serialize;
use serde_json::{Value, json};

pub(crate) use behind::{BEHIND, Number};
pub(crate) use months::BY_MONTH;

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::config::Config;
use crate::fault::Fault;
use crate::page::{bold, dim, line, moment, span};
use crate::period::Period;

pub(crate) const VERB: Verb = Verb {
    name: "metrics",
    about: "The CHAOSS metrics, each with its definition and its rows",
    example: "rapport metrics\nrapport metrics time-to-first-response --period 2026-Q3 --json\nrapport metrics late --rows\nrapport metrics contributors --behind new --within 2026-09\nrapport metrics time-to-close --months",
    args: Metrics::augment_args,
    call: |desk, matches| metrics(desk, &parsed(matches)?),
};

/// Arguments of `metrics`.
#[derive(Args)]
struct Metrics {
    /// Which one; all when left out
    #[arg(value_parser = NAMES.map(|(name, _)| name))]
    name: Option<String>,
    /// Only this source
    #[arg(long)]
    source: Option<String>,
    /// 2026, 2026-Q3 or 2026-09; everything until now when left out
    #[arg(long)]
    period: Option<String>,
    /// Show the threads or people behind the number
    #[arg(long)]
    rows: bool,
    /// Month by month over all sources asked for; a month of fewer than 30 cases lists them and has no median
    #[arg(long, conflicts_with = "rows")]
    months: bool,
    /// The rows behind one number of the metric, named by its column: never, new
    #[arg(long, requires = "name", conflicts_with_all = ["rows", "months"])]
    behind: Option<String>,
    /// Behind the number of this month or week alone, as the metric names it
    #[arg(long, requires = "behind")]
    within: Option<String>,
    /// Behind the number of this kind of thread alone: issue, question
    #[arg(long, requires = "behind")]
    kind: Option<String>,
}

/// Every metric: name and definition.
pub(crate) const NAMES: [(&str, &str); 9] = [
    (
        "time-to-first-response",
        "CHAOSS Time to First Response: from a thread's opening by a human to the first reply by another human; bots and \
         the opener's own replies do not count. Threads never answered are counted beside, not in the median.",
    ),
    (
        "late",
        "Threads that ask for something (and changes to review) whose first human reply took longer than the working days promised in rapport.toml, or never came.",
    ),
    (
        "closure-ratio",
        "CHAOSS Change Request / Issue Closure Ratio: threads closed in the period divided by threads opened in it, for \
         trackers (issues, change requests).",
    ),
    (
        "time-to-close",
        "CHAOSS Issue Resolution Duration / Change Request Duration: from opening to closing, for threads of trackers \
         opened in the period. Those still open are counted beside, not in the median.",
    ),
    (
        "absence-factor",
        "CHAOSS Contributor Absence Factor: the smallest number of people who together made half of all contributions.",
    ),
    (
        "contributors",
        "CHAOSS New Contributors and Contributors: people with a contribution in the month; new when it is their first, \
         returning otherwise. Accounts linked to one person are one.",
    ),
    (
        "retention",
        "Of the people whose first contribution fell into a month, how many contributed again in each of the following \
         three months and after. A list instead of a rate below 30.",
    ),
    (
        "downloads",
        "How often a package was downloaded in a week, as its registry counts it (PyPI: without known mirrors). Downloads are \
         not people: mirrors, CI and caches count too. Beside stands how many days of the week are known; a day may be revised later.",
    ),
    ("unanswered", "Threads opened by a human to which no other human has replied."),
];

fn metrics(desk: &Desk, args: &Metrics) -> Result<Answer, Fault> {
    let config = desk.config()?;
    let store = desk.reading()?;
    let period = Period::parse(args.period.as_deref(), desk.now)?;
    let source = match &args.source {
        Some(name) => Some(store.source_id(name)?.ok_or_else(|| {
            Fault::usage(format!("there is no source '{name}'")).hint("rapport sources  lists them")
        })?),
        None => None,
    };
    let names: Vec<&str> = match &args.name {
        Some(name) => vec![name.as_str()],
        None if args.months => BY_MONTH.to_vec(),
        None => NAMES.iter().map(|(name, _)| *name).collect(),
    };
    let asked = Asked { desk, config: &config, store: &store, period, source, rows: args.rows };
    if let (Some(name), Some(column)) = (&args.name, &args.behind) {
        let number = Number { name, column, within: args.within.as_deref(), kind: args.kind.as_deref() };
        let value = asked.behind(&number)?;
        return desk.answer(&value, || table(&value["rows"]));
    }
    if desk.json && !args.months && args.name.as_deref() == Some("late") {
        // The one list that may be very long: written as it is, without a tree of values in between.
        return desk.answer(&asked.late_rows()?, String::new);
    }
    let mut values: Vec<(String, Value)> = Vec::new();
    // Among all metrics the one list that may be very long shows its oldest, and how many there are.
    let mut late = None;
    for name in names {
        let value = match name {
            _ if args.months => asked.by_month(name)?,
            "late" if args.name.is_none() => {
                let mut rows = asked.late_rows()?;
                late = Some(rows.len());
                rows.truncate(OLDEST);
                serde_json::to_value(rows).map_err(|e| Fault::usage(e.to_string()))?
            }
            _ => asked.metric(name)?,
        };
        values.push((name.to_owned(), value));
    }
    let value = match (args.name.is_some(), values.first()) {
        (true, Some((_, value))) => value.clone(),
        _ => {
            let late = late.map(|n| (LATE_IN_ALL.to_owned(), n.into()));
            Value::Object(values.iter().cloned().chain(late).collect())
        }
    };
    desk.answer(&value, || {
        let mut out = dim(&format!("{}\n", period.words()));
        for (name, value) in &values {
            let definition = NAMES.iter().find(|(n, _)| n == name).map_or("", |(_, d)| d);
            out.push_str(&format!("\n{}\n{}", bold(name), dim(&format!("  {definition}\n"))));
            out.push_str(&table(value));
            if let Some(n) = late.filter(|n| name == "late" && *n > OLDEST) {
                out.push_str(&dim(&format!("  {n} in all, these are the oldest: rapport metrics late\n")));
            }
        }
        out
    })
}

/// So many late threads stand among all metrics.
const OLDEST: usize = 100;
/// Beside them, how many there are.
pub(crate) const LATE_IN_ALL: &str = "late_in_all";

/// What is asked of every metric.
pub(crate) struct Asked<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) config: &'a Config,
    pub(crate) store: &'a Store,
    pub(crate) period: Period,
    pub(crate) source: Option<i64>,
    pub(crate) rows: bool,
}

/// A thread whose first human reply came late or never.
#[derive(Serialize)]
struct Late {
    thread: i64,
    source: Option<Rc<str>>,
    title: String,
    url: Option<String>,
    opened_at: Time,
    responded_at: Option<Time>,
    working_days: f64,
}

impl Asked<'_> {
    pub(crate) fn metric(&self, name: &str) -> Result<Value, Fault> {
        match name {
            "time-to-first-response" => self.first_response(),
            "late" => self.late(),
            "closure-ratio" => self.closure(),
            "time-to-close" => self.time_to_close(),
            "absence-factor" => self.absence(),
            "contributors" => self.contributors(),
            "retention" => self.retention(),
            "downloads" => self.downloads(),
            _ => self.unanswered(),
        }
    }

    /// Threads with a human opener in the period, as they stood at the desk's moment.
    pub(crate) fn responses(&self, from: Time) -> Result<Vec<Response>, Fault> {
        let mut all = self.store.responses(from, self.period.to)?;
        all.retain(|r| self.source.is_none_or(|s| r.source == s));
        for r in &mut all {
            r.responded_at = r.responded_at.filter(|at| *at <= self.desk.now);
            r.closed_at = r.closed_at.filter(|at| *at <= self.desk.now);
        }
        Ok(all)
    }

    fn groups(&self) -> Result<BTreeMap<(String, &'static str), Vec<Response>>, Fault> {
        let names = self.store.source_names()?;
        let mut groups: BTreeMap<_, Vec<Response>> = BTreeMap::new();
        for r in self.responses(self.period.from)? {
            let name = names.get(&r.source).cloned().unwrap_or_default();
            groups.entry((name, r.kind.as_str())).or_default().push(r);
        }
        Ok(groups)
    }

    fn first_response(&self) -> Result<Value, Fault> {
        let mut out = Vec::new();
        for ((source, kind), threads) in self.groups()? {
            let mut seconds: Vec<f64> = threads
                .iter()
                .filter_map(|r| r.responded_at.map(|at| at.seconds_since(r.opened_at)))
                .collect();
            seconds.sort_by(f64::total_cmp);
            let mut row = json!({
                "source": source, "thread_kind": kind, "n": seconds.len(), "never": threads.len() - seconds.len(),
                "median_s": stats::quantile(&seconds, 0.5), "p90_s": stats::quantile(&seconds, 0.9),
            });
            if self.rows {
                row["threads"] = threads.iter().map(|r| r.thread).collect();
            }
            out.push(row);
        }
        Ok(Value::Array(out))
    }

    fn late(&self) -> Result<Value, Fault> {
        serde_json::to_value(self.late_rows()?).map_err(|e| Fault::usage(e.to_string()))
    }

    /// Every late thread, oldest first.
    fn late_rows(&self) -> Result<Vec<Late>, Fault> {
        let promised = self.config.answers.within_working_days;
        let names: HashMap<i64, Rc<str>> =
            self.store.source_names()?.into_iter().map(|(id, name)| (id, name.into())).collect();
        // A working day is at most a day of the clock, so what took less cannot be late.
        #[allow(clippy::cast_possible_truncation)] // days of a promise
        let least = (promised * 86_400_000.0) as i64;
        let slow = self.store.slow_responses(self.period.from, self.period.to, self.desk.now, least)?;
        let late = slow.into_iter().filter(|r| self.source.is_none_or(|s| r.source == s)).filter_map(|r| {
            let days = calendar::working_days(r.opened_at, r.responded_at.unwrap_or(self.desk.now));
            (days > promised).then(|| Late {
                thread: r.thread,
                source: names.get(&r.source).cloned(),
                title: r.title,
                url: r.url,
                opened_at: r.opened_at,
                responded_at: r.responded_at,
                working_days: (days * 100.0).round() / 100.0,
            })
        });
        Ok(late.collect())
    }

    fn closure(&self) -> Result<Value, Fault> {
        let names = self.store.source_names()?;
        let mut out: BTreeMap<(String, &str), (u64, u64)> = BTreeMap::new();
        for r in self.responses(Time::MIN)? {
            if !matches!(r.kind.as_str(), "issue" | "change-request") {
                continue;
            }
            let inside = |at: Time| at >= self.period.from && at < self.period.to;
            let row =
                out.entry((names.get(&r.source).cloned().unwrap_or_default(), r.kind.as_str())).or_default();
            row.0 += u64::from(inside(r.opened_at));
            row.1 += u64::from(r.closed_at.is_some_and(inside));
        }
        let ratio = |opened: u64, closed: u64| {
            #[allow(clippy::cast_precision_loss)] // counts of threads
            let ratio = (opened >= 30).then(|| (closed as f64 / opened as f64 * 1_000.0).round() / 1_000.0);
            ratio
        };
        let rows =
            out.into_iter().filter(|(_, (o, c))| o + c > 0).map(|((source, kind), (opened, closed))| {
                json!({ "source": source, "thread_kind": kind, "opened": opened, "closed": closed,
                    "ratio": ratio(opened, closed) })
            });
        Ok(rows.collect())
    }

    fn contributions(&self) -> Result<HashMap<i64, i64>, Fault> {
        let mut by: HashMap<i64, i64> = HashMap::new();
        let began = self.period.from.month();
        for row in self.store.contributors(self.source, self.period.last_month())? {
            if row.month >= began {
                *by.entry(row.who).or_default() += row.contributions;
            }
        }
        Ok(by)
    }

    fn absence(&self) -> Result<Value, Fault> {
        let by = self.contributions()?;
        let mut counts: Vec<(i64, i64)> = by.iter().map(|(who, n)| (*n, *who)).collect();
        counts.sort_by_key(|(n, who)| (-n, *who));
        let factor = stats::absence_factor(&counts.iter().map(|(n, _)| *n).collect::<Vec<_>>());
        let mut out = json!({ "absence_factor": factor, "people": counts.len(),
                              "contributions": counts.iter().map(|(n, _)| n).sum::<i64>() });
        if self.rows {
            let named = counts.iter().take(factor).map(|(n, who)| {
                Ok(json!({ "person": who, "who": self.store.shown(*who)?, "contributions": n }))
            });
            out["rows"] = named.collect::<Result<Value, Fault>>()?;
        }
        Ok(out)
    }

    fn contributors(&self) -> Result<Value, Fault> {
        let mut known: HashSet<i64> = HashSet::new();
        let mut months: BTreeMap<Month, (u64, u64)> = BTreeMap::new();
        let began = self.period.from.month();
        for row in self.store.contributors(self.source, self.period.last_month())? {
            let new = known.insert(row.who);
            if row.month >= began {
                let counts = months.entry(row.month).or_default();
                if new { counts.0 += 1 } else { counts.1 += 1 }
            }
        }
        let rows = months.into_iter().map(|(month, (new, returning))| {
            json!({ "month": month.to_string(), "contributors": new + returning, "new": new, "returning": returning })
        });
        Ok(rows.collect())
    }

    fn retention(&self) -> Result<Value, Fault> {
        let mut first: HashMap<i64, Month> = HashMap::new();
        // First-timers, and who of them came again after one, two, three and more months.
        let mut cohorts: BTreeMap<Month, (u64, [u64; 4])> = BTreeMap::new();
        let mut later: HashSet<i64> = HashSet::new();
        let began = self.period.from.month();
        let index = |m: Month| i64::from(m.0 / 100 * 12 + m.0 % 100);
        for row in self.store.contributors(self.source, self.period.last_month())? {
            let joined = *first.entry(row.who).or_insert(row.month);
            let cohort = cohorts.entry(joined).or_default();
            match index(row.month) - index(joined) {
                0 => cohort.0 += 1,
                n @ 1..=3 => cohort.1[usize::try_from(n - 1).unwrap_or(0)] += 1,
                _ => cohort.1[3] += u64::from(later.insert(row.who)),
            }
        }
        let rows = cohorts.into_iter().filter(|(m, _)| *m >= began).map(|(month, (n, again))| {
            json!({ "month": month.to_string(), "first_timers": n, "again_month_1": again[0],
                    "again_month_2": again[1], "again_month_3": again[2], "again_later": again[3] })
        });
        Ok(rows.collect())
    }

    fn unanswered(&self) -> Result<Value, Fault> {
        let mut out = Vec::new();
        for ((source, kind), threads) in self.groups()? {
            let open: Vec<&Response> = threads.iter().filter(|r| r.responded_at.is_none()).collect();
            let mut row = json!({ "source": source, "thread_kind": kind, "unanswered": open.len(),
                                  "still_open": open.iter().filter(|r| r.closed_at.is_none()).count(), "n": threads.len() });
            if self.rows {
                row["threads"] = open.iter().map(|r| r.thread).collect();
            }
            out.push(row);
        }
        Ok(Value::Array(out))
    }
}

/// A table for a person is no longer than this; the rest is one command away.
const ROWS_SHOWN: usize = 200;

/// A list of objects as an aligned table; seconds as spans, moments in words.
fn table(value: &Value) -> String {
    let rows: Vec<&Value> = match value {
        Value::Array(rows) => rows.iter().collect(),
        other => vec![other],
    };
    let Some(Value::Object(head)) = rows.first() else { return dim("  nothing in this period\n") };
    let columns: Vec<&String> = head.keys().collect();
    let more = rows.len().saturating_sub(ROWS_SHOWN);
    let rows = &rows[..rows.len() - more];
    let cell = |key: &str, value: &Value| match value {
        Value::Null => "-".to_owned(),
        Value::Number(n) if key.ends_with("_s") => n.as_f64().map_or_else(String::new, span),
        Value::String(s) if key.ends_with("_at") => Time::parse(s).map_or_else(|_| s.clone(), moment),
        Value::String(s) => line(s, 50),
        other => line(&other.to_string(), 80),
    };
    let cells: Vec<Vec<String>> =
        rows.iter().map(|r| columns.iter().map(|c| cell(c, &r[c.as_str()])).collect()).collect();
    let width =
        |n: usize| cells.iter().map(|r| r[n].chars().count()).chain([columns[n].len()]).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let join = |row: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = row.zip(&widths).map(|(c, w)| format!("{c:<w$}")).collect();
        format!("  {}\n", padded.join("  ").trim_end())
    };
    let mut out = dim(&join(&mut columns.iter().map(|c| c.trim_end_matches("_s"))));
    for row in &cells {
        out.push_str(&join(&mut row.iter().map(String::as_str)));
    }
    if more > 0 {
        out.push_str(&dim(&format!("  and {more} more: the same command with --json\n")));
    }
    out
}
