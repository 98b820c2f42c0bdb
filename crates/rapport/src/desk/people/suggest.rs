//! `people suggest`: who may be one person, with reasons and how sure they are; a person says.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use rapport_store::{IdentityRow, Store};
use serde::Serialize;

use super::find::{find, shown};
use crate::desk::{Answer, Desk};
use crate::fault::Fault;
use crate::page::{bold, count, dim, line};

/// Arguments of `people suggest`.
#[derive(Args)]
pub(super) struct Suggest {
    /// Only what concerns this member: a number, login, address or name
    who: Option<String>,
    /// From this confidence on
    #[arg(long, default_value_t = 0.5)]
    at: f64,
    /// How many to print
    #[arg(long, default_value_t = 20)]
    top: usize,
}

/// Two members that may be one.
#[derive(Serialize)]
struct Row {
    /// The number to say on each side.
    a: i64,
    b: i64,
    /// What they are shown as.
    a_shown: String,
    b_shown: String,
    confidence: f64,
    because: String,
}

/// Pairs of persons that are left to say: not one by now, and nobody said that they are two; the surest first.
pub(crate) fn open(store: &Store) -> Result<Vec<(i64, i64, f64, String)>, Fault> {
    let ledger = store.ledger()?;
    let persons = ledger.persons();
    let person = |id: i64| persons.get(&id).copied().unwrap_or(id);
    let pair = |a: i64, b: i64| (person(a).min(person(b)), person(a).max(person(b)));
    let apart: BTreeSet<(i64, i64)> = ledger.apart().map(|(_, a, b)| pair(a, b)).collect();
    let mut seen = BTreeSet::new();
    let mut all = store.suggestions()?;
    all.retain(|(a, b, _, _)| {
        let pair = pair(*a, *b);
        pair.0 != pair.1 && !apart.contains(&pair) && seen.insert(pair)
    });
    Ok(all)
}

pub(super) fn suggest(desk: &Desk, args: &Suggest) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    let only = args.who.as_deref().map(|who| find(desk, &store, who)).transpose()?.map(|row| row.person);
    let persons = store.persons()?;
    let person = |id: i64| persons.get(&id).copied().unwrap_or(id);
    let mut rows = Vec::new();
    let mut known: BTreeMap<i64, Option<IdentityRow>> = BTreeMap::new();
    let mut all = 0;
    for (a, b, confidence, because) in open(&store)? {
        if confidence < args.at || only.is_some_and(|only| only != person(a) && only != person(b)) {
            continue;
        }
        all += 1;
        // Nobody reads on paper what is not printed.
        if !desk.json && rows.len() >= args.top {
            continue;
        }
        for id in [a, b] {
            if let std::collections::btree_map::Entry::Vacant(unknown) = known.entry(id) {
                unknown.insert(store.identity(id)?);
            }
        }
        let (Some(Some(one)), Some(Some(other))) = (known.get(&a), known.get(&b)) else { continue };
        rows.push(Row {
            a,
            b,
            a_shown: shown(one),
            b_shown: shown(other),
            confidence: (confidence * 100.0).floor() / 100.0,
            because,
        });
    }
    desk.answer(&rows, || text(desk, all, &rows))
}

fn text(desk: &Desk, all: usize, rows: &[Row]) -> String {
    let p = desk.program();
    if rows.is_empty() {
        return format!(
            "Nobody may be one person beyond those who are linked.\n{}",
            dim(&format!("\nnext: {p} people\n"))
        );
    }
    let mut out = format!("{}\n\n", bold(&format!("{} may be one person each", count(all, "pair", "pairs"))));
    for row in rows {
        out.push_str(&format!(
            "{:>4.0} %  {}\n        {}\n",
            row.confidence * 100.0,
            bold(&row.a_shown),
            bold(&row.b_shown)
        ));
        out.push_str(&dim(&format!("        {}\n", line(&row.because, 200))));
        out.push_str(&dim(&format!(
            "        {p} merge {a} {b} \u{b7} not the same: {p} unmerge {a} {b}\n\n",
            a = row.a,
            b = row.b
        )));
    }
    if all > rows.len() {
        out.push_str(&format!("  and {} more: {p} people suggest --top {}\n", all - rows.len(), all));
    }
    out
}
