//! `events`: what the calendars, programmes and lists that are read announce, with calls for papers.

use std::collections::{BTreeSet, HashMap};

use clap::Args;
use rapport_model::Time;
use rapport_sources::events::{KINDS, State, Told};
use rapport_store::{Store, ToldEvent};
use serde::Serialize;

use super::add::parsed;
use super::field::{date, midnight};
use super::{Answer, Desk, Verb};
use crate::fault::Fault;
use crate::page::{bold, count, dim, line};

pub(crate) const VERB: Verb = Verb {
    name: "events",
    about: "What calendars, programmes and lists of conferences announce, and what is called off",
    example: "rapport add https://community.example.org/calendar.ics\nrapport events\nrapport events --days 365 --calls\nrapport events --past --source ical:community.example.org/calendar.ics",
    args: |command| Events::augment_args(command),
    call: |desk, matches| events(desk, &parsed(matches)?),
};

/// Arguments of `events`.
#[derive(Args)]
struct Events {
    /// Within so many days
    #[arg(long, default_value_t = 90)]
    days: u32,
    /// What was, in so many days before, the latest first
    #[arg(long)]
    past: bool,
    /// Only what takes talks still, the next deadline first
    #[arg(long)]
    calls: bool,
    /// Single sessions of a programme, too
    #[arg(long)]
    sessions: bool,
    /// Only what this source tells
    #[arg(long)]
    source: Option<String>,
}

/// One time of one event.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) event: String,
    pub(crate) source: String,
    /// `planned`, `tentative` or `cancelled`.
    pub(crate) state: &'static str,
    pub(crate) starts: Time,
    /// Of whole days the last one.
    pub(crate) ends: Option<Time>,
    /// It is told in whole days.
    pub(crate) whole_days: bool,
    pub(crate) series: bool,
    pub(crate) session: bool,
    pub(crate) place: Option<String>,
    pub(crate) area: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) call_url: Option<String>,
    pub(crate) call_until: Option<Time>,
}

const DAY: i64 = 86_400_000;

/// Every time of every event between two moments, in order.
pub(crate) fn between(store: &Store, from: Time, to: Time) -> Result<Vec<Row>, Fault> {
    let all: Vec<(ToldEvent, Told)> = store
        .told_events(&KINDS)?
        .into_iter()
        .map(|event| {
            let told = Told::of(&event.text);
            (event, told)
        })
        .collect();
    // A part of a series that was moved or called off stands in for its own time.
    let mut moved: HashMap<(&str, i64), BTreeSet<Time>> = HashMap::new();
    for (event, told) in &all {
        if let Some(instance) = told.instance {
            moved.entry((&event.source, event.thread)).or_default().insert(instance);
        }
    }
    let mut rows = Vec::new();
    for (event, told) in &all {
        let instead = moved.get(&(event.source.as_str(), event.thread)).filter(|_| told.repeats());
        for (starts, ends) in told.times(from, to) {
            if instead.is_some_and(|times| times.contains(&starts)) {
                continue;
            }
            rows.push(Row {
                event: told.name.clone(),
                source: event.source.clone(),
                state: told.state.as_str(),
                starts,
                ends,
                whole_days: told.days,
                series: told.repeats() || told.instance.is_some(),
                session: told.session,
                place: told.place.clone(),
                area: told.area.clone(),
                url: event.url.clone(),
                call_url: told.call_url.clone(),
                call_until: told.call_until,
            });
        }
    }
    rows.sort_by(|a, b| (a.starts, &a.event, &a.source).cmp(&(b.starts, &b.event, &b.source)));
    Ok(rows)
}

fn events(desk: &Desk, args: &Events) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    let source = match &args.source {
        Some(word) => Some(super::sources::named(&store, word)?.name.to_string()),
        None => None,
    };
    let today = midnight(desk.now);
    let span = i64::from(args.days) * DAY;
    let (from, to) =
        if args.past { (today.plus_millis(-span), desk.now) } else { (today, today.plus_millis(span)) };
    // A call ends long before its event begins.
    let until = if args.calls { today.plus_millis(span + 2 * 365 * DAY) } else { to };
    let mut rows = between(&store, from, until)?;
    rows.retain(|row| {
        source.as_ref().is_none_or(|source| *source == row.source) && (args.sessions || !row.session)
    });
    if args.calls {
        rows.retain(|row| row.state != State::Cancelled.as_str());
        rows.retain(|row| row.call_until.is_some_and(|last| last >= today && last <= to));
        rows.sort_by(|a, b| (a.call_until, &a.event).cmp(&(b.call_until, &b.event)));
    }
    if args.past {
        rows.reverse();
    }
    desk.answer(&rows, || page(desk, args, &rows))
}

fn page(desk: &Desk, args: &Events, rows: &[Row]) -> String {
    let when = if args.past { "in the last" } else { "in the next" };
    if rows.is_empty() {
        let p = desk.program();
        return format!(
            "No {} {when} {} days.\nnext: {p} add https://…/calendar.ics \u{b7} {p} events --days 365 \u{b7} {p} talks deadlines\n",
            if args.calls { "call for papers ends" } else { "event" },
            args.days
        );
    }
    let what = match args.calls {
        true => count(rows.len(), "call for papers", "calls for papers"),
        false => count(rows.len(), "event", "events"),
    };
    let mut out = bold(&format!("{what} {when} {} days\n\n", args.days));
    for row in rows {
        let day = match row.ends.filter(|ends| date(*ends) != date(row.starts)) {
            Some(ends) => format!("{} to {}", date(row.starts), date(ends)),
            None if row.whole_days => date(row.starts),
            None => {
                format!("{} {}", date(row.starts), row.starts.to_string().get(11..16).unwrap_or_default())
            }
        };
        let state =
            if row.state == State::Planned.as_str() { String::new() } else { format!("  {}", row.state) };
        out.push_str(&format!("  {day:<24}  {}{state}\n", line(&row.event, 90)));
        let call = row.call_until.map(|last| format!("talks until {}", date(last)));
        let series = row.series.then(|| "a series".to_owned());
        let place = row.place.as_ref().map(|place| line(place, 60));
        let parts: Vec<String> =
            [place, series, call, Some(line(&row.source, 60))].into_iter().flatten().collect();
        out.push_str(&dim(&format!("  {:<24}  {}\n", "", parts.join(" \u{b7} "))));
    }
    out
}
