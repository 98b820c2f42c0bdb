//! `trends`: which topics, kinds or sources changed more than chance explains.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use rapport_insight::trends::{PAST, RECENT, Seen, Trend, by_week, trends};
use rapport_model::{Scope, Time};
use serde::Serialize;

use super::add::{parsed, scope};
use super::topics::sight::{Placed, Sight, see, usual_kind};
use super::{Answer, Desk, Verb};
use crate::fault::Fault;
use crate::page::{bold, count, dim, line, moment};

pub(crate) const VERB: Verb = Verb {
    name: "trends",
    about: "What is new, rising or fading beyond chance, with its interval and evidence",
    example: "rapport trends\nrapport trends --by kind\nrapport trends --scope market",
    args: Trends::augment_args,
    call: |desk, matches| call(desk, &parsed(matches)?),
};

/// Arguments of `trends`.
#[derive(Args)]
struct Trends {
    /// What is compared: topic, kind or source
    #[arg(long, default_value = "topic", value_parser = ["topic", "kind", "source"])]
    by: String,
    /// Only sources of this scope: product or market
    #[arg(long, value_parser = scope)]
    scope: Option<Scope>,
    /// Also what is steady or too rare to say
    #[arg(long)]
    all: bool,
}

#[derive(Serialize)]
struct Row {
    id: String,
    label: String,
    /// `new`, `rising`, `burst`, `fading`, `steady` or `not-enough`.
    direction: &'static str,
    kind: String,
    /// Distinct people who asked in the last weeks.
    people: usize,
    messages: u64,
    threads: usize,
    /// People expected there from the weeks before.
    expected: f64,
    rate_ratio: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    q: Option<f64>,
    /// Asked per week, the last one ending now.
    weeks: Vec<u32>,
    evidence: Vec<String>,
    /// The newest release of the last six weeks, beside what is new or rising: a coincidence in time, no cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    meanwhile: Option<String>,
}

pub(super) const WEEK: i64 = 7 * 86_400_000;
/// How many weeks the line shows.
pub(super) const SHOWN: usize = 30;

/// The week of a moment, counted back from now; `None` for what is too long ago.
fn week(now: Time, at: Time) -> Option<usize> {
    let back = usize::try_from((now.millis() - at.millis()).div_euclid(WEEK)).ok()?;
    (PAST + RECENT).checked_sub(back + 1)
}

/// Judges each group of what was asked; in order of the groups' names. Counted are distinct people per week.
pub(crate) fn judged<'a>(
    now: Time,
    asks: &'a [Placed],
    group: impl Fn(&'a Placed) -> Option<String>,
    inside: impl Fn(&Placed) -> bool,
) -> Vec<(String, Vec<&'a Placed>, Vec<u32>, Trend)> {
    let weeks = PAST + RECENT;
    let mut groups: BTreeMap<String, Vec<&Placed>> = BTreeMap::new();
    let mut seen = Vec::new();
    for placed in asks.iter().filter(|p| inside(p)) {
        let Some(week) = week(now, placed.ask.opened_at) else { continue };
        let name = group(placed);
        if let Some(name) = &name {
            groups.entry(name.clone()).or_default().push(placed);
        }
        seen.push((week, placed.person(), name));
    }
    let numbers: BTreeMap<&String, usize> = groups.keys().zip(0..).collect();
    let seen: Vec<Seen> = seen
        .iter()
        .map(|(week, person, name)| Seen {
            week: *week,
            person: *person,
            group: name.as_ref().and_then(|name| numbers.get(name).copied()),
        })
        .collect();
    let (counts, exposure) = by_week(&seen, groups.len(), weeks);
    let found = trends(&counts, &exposure);
    groups.into_iter().zip(counts).zip(found).map(|(((name, m), c), t)| (name, m, c, t)).collect()
}

fn call(desk: &Desk, args: &Trends) -> Result<Answer, Fault> {
    let sight = see(desk)?;
    let releases = desk.reading()?.releases(desk.now.plus_millis(-6 * WEEK), desk.now)?;
    let group = |p: &Placed| match args.by.as_str() {
        "kind" => Some(p.ask.kind.as_str().to_owned()),
        "source" => Some(p.ask.source.clone()),
        _ => p.topic.map(|t| t.to_string()),
    };
    let all = judged(desk.now, &sight.asks, group, |p| args.scope.is_none_or(|s| p.ask.scope == s));
    let mut rows: Vec<Row> = all
        .into_iter()
        .map(|(name, members, weeks, trend)| {
            let recent = |p: &&&Placed| p.ask.opened_at.millis() > desk.now.millis() - RECENT as i64 * WEEK;
            let now: Vec<&&Placed> = members.iter().filter(recent).collect();
            let burst = trend.direction.more();
            let after = releases.last();
            round(Row {
                label: match args.by.as_str() {
                    "topic" => sight.label(name.parse().unwrap_or(u32::MAX)).to_owned(),
                    _ => name.clone(),
                },
                id: name,
                direction: trend.direction.as_str(),
                kind: usual_kind(now.iter().map(|p| p.ask.kind.as_str())),
                people: now.iter().map(|p| p.person()).collect::<BTreeSet<_>>().len(),
                messages: now.iter().map(|p| u64::from(p.ask.messages)).sum(),
                threads: now.len(),
                expected: trend.expected,
                rate_ratio: trend.rate_ratio.map(|r| r.0),
                low: trend.rate_ratio.map(|r| r.1),
                high: trend.rate_ratio.map(|r| r.2),
                q: trend.q,
                weeks: weeks[weeks.len().saturating_sub(SHOWN)..].to_vec(),
                evidence: now.iter().filter_map(|p| p.ask.url.clone()).collect(),
                meanwhile: after.filter(|_| burst).map(|(name, at)| {
                    format!("{name} was released on {}, which need not be why", moment(*at))
                }),
            })
        })
        .collect();
    let total = rows.len();
    let unsaid = rows.iter().filter(|r| r.direction == "not-enough").count();
    rows.retain(|r| args.all || !matches!(r.direction, "steady" | "not-enough"));
    rows.sort_by(|a, b| a.q.unwrap_or(2.0).total_cmp(&b.q.unwrap_or(2.0)).then(a.id.cmp(&b.id)));
    desk.answer(&rows, || text(desk, &sight, args, &rows, total, unsaid))
}

fn round(mut row: Row) -> Row {
    let to = |n: f64, places: f64| (n * places).round() / places;
    row.expected = to(row.expected, 10.0);
    for value in [&mut row.rate_ratio, &mut row.low, &mut row.high] {
        *value = value.map(|n| to(n, 100.0));
    }
    row.q = row.q.map(|n| to(n, 10_000.0));
    row
}

fn text(desk: &Desk, sight: &Sight, args: &Trends, rows: &[Row], total: usize, unsaid: usize) -> String {
    let named = rows.iter().filter(|r| !matches!(r.direction, "steady" | "not-enough")).count();
    let many = match args.by.as_str() {
        "kind" => "kinds",
        "source" => "sources",
        _ => "topics",
    };
    let head = if named == 0 {
        "No change beyond chance".to_owned()
    } else {
        format!("{named} of {total} {many} changed beyond chance")
    };
    let mut out = format!(
        "{}   {}\n\n",
        bold(&head),
        dim(&format!("the last {RECENT} weeks against the half year before, as of {}", moment(desk.now)))
    );
    for r in rows {
        let change = match (r.rate_ratio, r.low, r.high) {
            (Some(ratio), Some(low), Some(high)) => format!("x {ratio} ({low} to {high})"),
            _ => "not enough to say".to_owned(),
        };
        out.push_str(&format!(
            "  {:<10} {}  {}\n",
            r.direction,
            bold(&line(&r.label, 60)),
            dim(&format!("{} asked, {} expected, {change}", count(r.people, "person", "people"), r.expected))
        ));
        out.push_str(&dim(&format!("             {}\n", spark(&r.weeks))));
        if let Some(meanwhile) = &r.meanwhile {
            out.push_str(&dim(&format!("             {meanwhile}\n")));
        }
    }
    out.push_str(&dim(&format!("\n  {unsaid} of {total} {many} are too rare to say anything about\n")));
    if let Some(note) = &sight.note {
        out.push_str(&format!("\n{note}\n"));
    }
    let p = desk.program();
    out.push_str(&dim(&format!("\nnext: {p} trends --all \u{b7} {p} gaps \u{b7} {p} topics show TOPIC\n")));
    out
}

/// A line of small bars, a week each.
pub(super) fn spark(weeks: &[u32]) -> String {
    const BARS: [char; 8] =
        ['\u{2581}', '\u{2582}', '\u{2583}', '\u{2584}', '\u{2585}', '\u{2586}', '\u{2587}', '\u{2588}'];
    let most = weeks.iter().copied().max().unwrap_or(0).max(1);
    weeks.iter().map(|n| if *n == 0 { '\u{b7}' } else { BARS[(n * 7 / most) as usize] }).collect()
}
