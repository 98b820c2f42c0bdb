//! `topics`: what keeps coming back, across all sources, and what people say about that.

mod happened;
pub(crate) mod read;
mod say;
mod show;
pub(crate) mod sight;

use std::collections::BTreeSet;

use clap::{ArgMatches, Args};
use rapport_model::NeedState;
use serde::Serialize;

use self::sight::{Sight, see};
use super::add::{parsed, scope};
use super::{Answer, Desk, Verb};
use crate::fault::Fault;
use crate::page::{bold, count, dim, line, moment};

pub(crate) const VERB: Verb = Verb {
    name: "topics",
    about: "What keeps coming back, across all sources, with its evidence",
    example: "rapport topics\nrapport topics show 3\nrapport topics rename 3 \"Resuming a stream\"\nrapport topics declare Billing --word invoice --word receipt\nrapport topics not 3 57\nrapport topics split 3 57 60 --name \"Proxy headers\"\nrapport topics undo",
    args: |command| say::subcommands(Topics::augment_args(command)),
    call,
};

/// Arguments of `topics`.
#[derive(Args)]
struct Topics {
    /// Only this topic, with all that belongs to it
    #[arg(long, value_name = "TOPIC")]
    of: Option<u32>,
    /// Only sources of this scope: product or market
    #[arg(long, value_parser = scope)]
    scope: Option<rapport_model::Scope>,
    /// How many to print
    #[arg(long, default_value_t = 30)]
    top: usize,
}

/// One topic, as other programs read it.
#[derive(Serialize)]
struct Row {
    id: u32,
    label: String,
    /// What most of its needs are.
    kind: String,
    /// Distinct people who asked.
    people: usize,
    messages: u64,
    threads: usize,
    /// People whose need nobody has met or answered.
    waiting: usize,
    terms: Vec<String>,
    /// The thread that says it best.
    example: String,
    evidence: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    of: Vec<Member>,
}

/// One thread of a topic.
#[derive(Serialize)]
struct Member {
    thread: i64,
    source: String,
    title: String,
    url: Option<String>,
    state: NeedState,
    cosine: f64,
}

fn call(desk: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    if let Some((word, sub)) = matches.subcommand() {
        return match word {
            "show" => show::show(desk, &parsed(sub)?),
            _ => say::say(desk, word, sub),
        };
    }
    let args: Topics = parsed(matches)?;
    let sight = see(desk)?;
    let rows: Vec<Row> = sight
        .topics
        .iter()
        .filter(|t| args.of.is_none_or(|wanted| t.id == wanted))
        .map(|t| row(&sight, t, &args, desk.json))
        .filter(|r| r.threads > 0)
        .collect();
    if let (Some(wanted), true) = (args.of, rows.is_empty()) {
        return Err(Fault::usage(format!("there is no topic {wanted}")).hint("rapport topics  lists them"));
    }
    let mut rows = rows;
    rows.sort_by_key(|r| (std::cmp::Reverse(r.people), r.id));
    desk.answer(&rows, || text(desk, &sight, &rows, args.top))
}

fn row(sight: &Sight, topic: &sight::Named, args: &Topics, links: bool) -> Row {
    let members: Vec<&sight::Placed> =
        sight.of(topic.id).filter(|p| args.scope.is_none_or(|s| p.ask.scope == s)).collect();
    let distinct = |of: &dyn Fn(&sight::Placed) -> bool| {
        members.iter().filter(|p| of(p)).map(|p| p.person()).collect::<BTreeSet<i64>>().len()
    };
    let best =
        members.iter().max_by(|a, b| a.cosine.total_cmp(&b.cosine).then(b.ask.thread.cmp(&a.ask.thread)));
    Row {
        id: topic.id,
        label: topic.label.clone(),
        kind: sight::usual_kind(members.iter().map(|p| p.ask.kind.as_str())),
        people: distinct(&|_| true),
        messages: members.iter().map(|p| u64::from(p.ask.messages)).sum(),
        threads: members.len(),
        waiting: distinct(&|p| p.ask.state == NeedState::Waiting),
        terms: topic.terms.iter().take(8).cloned().collect(),
        example: best.map(|p| p.title()).unwrap_or_default(),
        evidence: if links { members.iter().filter_map(|p| p.ask.url.clone()).collect() } else { Vec::new() },
        of: if args.of.is_none() {
            Vec::new()
        } else {
            members
                .iter()
                .map(|p| Member {
                    thread: p.ask.thread,
                    source: p.ask.source.clone(),
                    title: p.title(),
                    url: p.ask.url.clone(),
                    state: p.ask.state,
                    cosine: (p.cosine * 1_000.0).round() / 1_000.0,
                })
                .collect()
        },
    }
}

fn text(desk: &Desk, sight: &Sight, rows: &[Row], top: usize) -> String {
    let placed: usize = rows.iter().map(|r| r.threads).sum();
    let head = format!(
        "{} in {} that asked for something",
        count(rows.len(), "topic", "topics"),
        count(placed, "thread", "threads")
    );
    let mut out = format!("{}   {}\n\n", bold(&head), dim(&format!("as of {}", moment(desk.now))));
    for r in rows.iter().take(top) {
        let waiting = if r.waiting > 0 { format!(", {} wait", r.waiting) } else { String::new() };
        out.push_str(&format!(
            "{:>4}  {}  {}\n",
            r.id,
            bold(&line(&r.label, 60)),
            dim(&format!(
                "{}, {}{waiting}; mostly {}",
                count(r.people, "person", "people"),
                count(r.threads, "thread", "threads"),
                r.kind
            ))
        ));
        out.push_str(&dim(&format!("      like \u{201c}{}\u{201d}\n", line(&r.example, 100))));
        for m in &r.of {
            out.push_str(&format!("      {:>6}  {:<9} {}\n", m.thread, m.state.as_str(), line(&m.title, 90)));
        }
    }
    if rows.len() > top {
        out.push_str(&format!(
            "\n  and {} more: {} topics --top {}\n",
            rows.len() - top,
            desk.program(),
            rows.len()
        ));
    }
    if let Some(note) = &sight.note {
        out.push_str(&format!("\n{note}\n"));
    }
    if let Some(first) = rows.first() {
        let p = desk.program();
        out.push_str(&dim(&format!(
            "\nnext: {p} topics show {} \u{b7} {p} trends \u{b7} {p} gaps \u{b7} {p} topics rename {} \"NAME\"\n",
            first.id, first.id
        )));
    }
    out
}
