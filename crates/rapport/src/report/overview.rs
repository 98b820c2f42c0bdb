//! The overview of a period as a page: needs met in one column, what waits in the other.

use std::collections::BTreeMap;

use rapport_model::Week;
use serde_json::Value;

use super::document::{Block, Chart, Document, Words, link, plain, under};
use super::gather::{Asks, Report};
use crate::page::{line, span};

/// Weeks that the chart shows at most.
const SHOWN: usize = 52;

/// Builds it.
pub(crate) fn page(r: &Report) -> Document {
    let mut page = Document::new(
        format!("{}: what developers needed", line(&r.community, 80)),
        under(&r.period, r.as_of),
    );
    page.blocks.push(Block::Columns(vec![
        ("Needs met".to_owned(), vec![plain(met_words(&r.asked))]),
        ("What waits".to_owned(), vec![plain(waiting_words(&r.asked))]),
    ]));
    if let Some(chart) = weeks(&r.weeks) {
        page.blocks.push(Block::Chart(chart));
    }
    if !r.waiting.is_empty() {
        page.heading("Who waits");
        let rows = r.waiting.iter().map(|n| {
            let since = n.waiting_since.map_or_else(String::new, |s| span(r.as_of.seconds_since(s)));
            vec![
                plain(since),
                plain(n.kind.clone()),
                plain(n.source.clone()),
                vec![link(line(&n.title, 120), n.url.as_deref())],
                plain(line(&n.why, 160)),
            ]
        });
        page.table(&["since", "kind", "source", "what", "why"], false, rows.collect());
    }
    for (heading, rows) in [("By kind", &r.kinds), ("By source", &r.sources)] {
        page.heading(heading);
        let heads =
            ["", "needs", "people", "answered", "settled", "wait", "stale", "declined", "median", "90 %"];
        page.table(&heads, true, rows.iter().map(|(name, asks)| row(name, asks)).collect());
    }
    page.heading("The numbers, with their definitions");
    for (name, definition, value) in &r.metrics {
        page.smaller(name.clone());
        page.soft(definition.clone());
        let (heads, rows) = cells(value);
        let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
        let rows = rows.into_iter().map(|row| row.into_iter().map(|c| plain(line(&c, 80))).collect());
        page.table(&heads, false, rows.collect());
    }
    page.heading("What is not known");
    page.list(r.not_known.iter().map(|s| plain(line(s, 400))).collect());
    page
}

/// The left column in words.
pub(crate) fn met_words(a: &Asks) -> String {
    let times = match (a.median_s, a.p90_s) {
        (Some(median), Some(p90)) => {
            format!(" The first answer took {} at the median, 90 % came within {}.", span(median), span(p90))
        }
        _ => String::new(),
    };
    format!(
        "{} people asked for {} things. {} were answered by a human and {} more are settled.{times}",
        a.people, a.needs, a.answered, a.met
    )
}

/// The right column in words.
pub(crate) fn waiting_words(a: &Asks) -> String {
    format!(
        "{} wait for a human. {} waited so long that they count as stale. {} were declined.",
        a.waiting, a.stale, a.declined
    )
}

/// Needs asked and first answers per week, the last year of the period.
pub(crate) fn weeks(counts: &BTreeMap<Week, (u64, u64)>) -> Option<Chart> {
    drawn(counts, "Week by week", ["needs asked", "first answers"])
}

/// Two counts a week under their names.
pub(super) fn drawn(
    counts: &BTreeMap<Week, (u64, u64)>,
    title: &str,
    names: [&'static str; 2],
) -> Option<Chart> {
    let (first, last) = (counts.keys().next()?, counts.keys().next_back()?);
    let mut weeks: Vec<(String, [u64; 2])> = first
        .through(*last)
        .map(|week| {
            let (one, other) = counts.get(&week).copied().unwrap_or_default();
            (week.to_string(), [one, other])
        })
        .collect();
    let weeks = weeks.split_off(weeks.len().saturating_sub(SHOWN));
    Some(Chart::Weeks { title: title.to_owned(), names, weeks })
}

fn row(name: &str, a: &Asks) -> Vec<Words> {
    let time = |s: Option<f64>| s.map_or_else(|| "-".to_owned(), span);
    let mut row = vec![plain(name)];
    row.extend(
        [a.needs, a.people, a.answered, a.met, a.waiting, a.stale, a.declined].map(|n| plain(n.to_string())),
    );
    row.extend([time(a.median_s), time(a.p90_s)].map(plain));
    row
}

/// A metric's rows as heads and cells.
fn cells(value: &Value) -> (Vec<String>, Vec<Vec<String>>) {
    let rows: Vec<&Value> = match value {
        Value::Array(rows) => rows.iter().collect(),
        other => vec![other],
    };
    let Some(Value::Object(first)) = rows.first() else { return (Vec::new(), Vec::new()) };
    let heads: Vec<String> = first.keys().map(|k| k.trim_end_matches("_s").replace('_', " ")).collect();
    let cell = |key: &str, value: &Value| match value {
        Value::Null => "-".to_owned(),
        Value::Number(n) if key.ends_with("_s") => n.as_f64().map_or_else(String::new, span),
        Value::String(s) => s.clone(),
        other => other.to_string(),
    };
    let body = rows.iter().map(|r| first.keys().map(|k| cell(k, &r[k.as_str()])).collect()).collect();
    (heads, body)
}
