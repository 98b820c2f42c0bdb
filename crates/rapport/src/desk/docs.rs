//! `docs`: what the documentation lacks, from questions and from what people searched in it; and whether a page helped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::{ArgMatches, Args, Command};
use rapport_insight::docs::{Asked, Searched, Verdict, judge, links_docs, ranked, signs, subjects};
use rapport_insight::nearest::Known;
use rapport_insight::text::clean;
use rapport_insight::text::language::{Language, language};
use rapport_insight::text::vectors::{Vector, dot, vector};
use rapport_model::{Act, MemberKind, Scope, Time};
use rapport_practice::handwritten::{Finding, refused};
use rapport_practice::searches::read;
use rapport_store::{DocsSearch, Store};
use serde::Serialize;

use super::add::parsed;
use super::field::{date, day_of, name_of, next, said, text_of};
use super::topics::sight::{Placed, Sight, see, words};
use super::{Answer, Desk, Verb, me};
use crate::config::Config;
use crate::fault::Fault;
use crate::page::{bold, count, dim, line, moment};

mod shipped;

pub(crate) const VERB: Verb = Verb {
    name: "docs",
    about: "What the documentation lacks, and whether a page helped",
    example: "rapport docs add docs-search.csv\nrapport docs gaps\nrapport docs shipped 4 --url https://docs.example.com/v3/migrate --date 2026-08-31\nrapport docs shipped",
    args: |command| {
        command
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(Add::augment_args(Command::new("add")).about("Read a log of searches in the docs"))
            .subcommand(
                Gaps::augment_args(Command::new("gaps"))
                    .about("What the docs lack: missing, outdated, wrong example, unclear, hard to find; ranked, with reasons"),
            )
            .subcommand(shipped::Shipped::augment_args(Command::new("shipped")).about(
                "A page went online: how often people asked and searched in vain before it and after it",
            ))
    },
    call,
};

/// Arguments of `docs add`.
#[derive(Args)]
struct Add {
    /// CSV with a head: query, results, count, date, or what site searches and Plausible export
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The log's name; the file's when left out. A later export of the same log takes the same name
    #[arg(long)]
    name: Option<String>,
    /// The day of rows without one: 2026-09-17
    #[arg(long)]
    date: Option<String>,
    /// Every search in this log found nothing
    #[arg(long)]
    nothing_found: bool,
}

/// Arguments of `docs gaps`.
#[derive(Args)]
struct Gaps {
    /// What was asked and searched within so many days
    #[arg(long, default_value_t = WINDOW)]
    days: u32,
    /// How many to print
    #[arg(long, default_value_t = 20)]
    top: usize,
}

/// Half a year: what was asked before is another edition's gap.
pub(crate) const WINDOW: u32 = 182;
const DAY: i64 = 86_400_000;

fn call(desk: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    match matches.subcommand() {
        Some(("add", matches)) => add(desk, &parsed(matches)?),
        Some(("gaps", matches)) => gaps(desk, &parsed(matches)?),
        Some(("shipped", matches)) => shipped::call(desk, &parsed(matches)?),
        _ => Err(Fault::usage("what about docs? see: rapport docs --help")),
    }
}

#[derive(Serialize)]
struct Added {
    file: String,
    log: String,
    read: usize,
    new: i64,
    searches: i64,
    /// Searches that found nothing; none when the log does not tell.
    nothing: Option<i64>,
    findings: Vec<Finding>,
}

fn add(desk: &Desk, args: &Add) -> Result<Answer, Fault> {
    let date = args.date.as_deref().map(|d| day_of("--date", Some(d), desk)).transpose()?;
    let mut all = Vec::new();
    let mut text = String::new();
    let mut bad = false;
    for path in &args.files {
        let (rows, findings) = read(&text_of(path)?, date, args.nothing_found);
        text.push_str(&said(path, &findings));
        let log = args.name.clone().unwrap_or_else(|| name_of(path));
        let mut done = Added {
            file: path.display().to_string(),
            log: log.clone(),
            read: rows.len(),
            new: 0,
            searches: rows.iter().map(|r| r.searches).sum(),
            nothing: rows
                .iter()
                .any(|r| r.results.is_some())
                .then(|| rows.iter().filter(|r| r.results == Some(0)).map(|r| r.searches).sum()),
            findings,
        };
        if refused(&done.findings) {
            bad = true;
            text.push_str(&format!("{}: not taken in; mend these lines first\n", path.display()));
        } else {
            let kept: Vec<DocsSearch> = rows
                .into_iter()
                .map(|r| DocsSearch {
                    log: log.clone(),
                    at: r.at,
                    query: r.query,
                    results: r.results,
                    searches: r.searches,
                })
                .collect();
            done.new = desk.writing()?.add_searches(&kept, &log, &me(), desk.now)?;
            let nothing = done.nothing.map_or_else(String::new, |n| format!(", {n} found nothing"));
            text.push_str(&format!(
                "{log}: {} rows read, {} new; {} searches{nothing}\n",
                done.read, done.new, done.searches
            ));
        }
        all.push(done);
    }
    let mut answer = desk.answer(&all, || format!("{text}{}", next(desk, &["docs gaps"])))?;
    answer.findings = bad;
    Ok(answer)
}

/// One gap of the docs.
#[derive(Serialize)]
pub(crate) struct Gap {
    /// 1 is the most wanted.
    pub(crate) rank: usize,
    /// The title that stands for the subject, or the query.
    pub(crate) about: String,
    /// missing, outdated, wrong example, unclear or hard to find.
    pub(crate) lack: &'static str,
    /// Distinct people who asked.
    pub(crate) people: usize,
    pub(crate) threads: usize,
    pub(crate) searches: u64,
    /// Searches that found nothing.
    pub(crate) nothing: u64,
    pub(crate) because: Vec<String>,
    /// The topic that most of its threads belong to.
    pub(crate) topic: Option<u32>,
    pub(crate) label: Option<String>,
    pub(crate) evidence: Vec<String>,
    pub(crate) queries: Vec<String>,
    /// The threads' numbers, for `rapport thread`.
    pub(crate) numbers: Vec<i64>,
    /// A page that went online for it; only what came since then counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) page: Option<String>,
}

/// The gaps of the docs.
pub(crate) struct Found {
    /// The most wanted first.
    pub(crate) gaps: Vec<Gap>,
    /// Questions in other languages, which the table of meanings does not know.
    pub(crate) elsewhere: usize,
}

/// The gaps of the docs within a window.
pub(crate) fn found(
    desk: &Desk,
    store: &Store,
    config: &Config,
    sight: &Sight,
    days: u32,
) -> Result<Found, Fault> {
    let from = desk.now.plus_millis(-i64::from(days) * DAY);
    let wanted = |p: &&Placed| {
        p.ask.scope == Scope::Product
            && p.ask.opened_at >= from
            && matches!(p.ask.kind.as_str(), "question" | "docs" | "friction")
    };
    let asks: Vec<&Placed> = sight.asks.iter().filter(wanted).collect();
    // The newest, when there are more than can be compared with each other.
    let (mut newest, mut texts): (Vec<&Placed>, Vec<String>) = (Vec::new(), Vec::new());
    let mut elsewhere = 0;
    for placed in asks.into_iter().rev() {
        if newest.len() == rapport_insight::docs::MOST {
            break;
        }
        let text = words(store, placed.ask.thread)?;
        if matches!(language(&text), Language::Other(_)) {
            elsewhere += 1;
            continue;
        }
        newest.push(placed);
        texts.push(text);
    }
    newest.reverse();
    texts.reverse();
    let asks = newest;
    let groups = subjects(&texts);
    #[allow(clippy::cast_possible_truncation)] // at most MOST groups
    let known = Known::new(&texts, groups.iter().map(|g| Some(*g as u32)).collect());
    let mut members: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (n, group) in groups.iter().enumerate() {
        members.entry(format!("g{group:06}")).or_default().push(n);
    }
    // What was asked and searched before a page went online is settled by it.
    let mut online: BTreeMap<String, (Time, String)> = BTreeMap::new();
    for page in store.pages()?.into_iter().filter(|p| p.shipped <= desk.now) {
        if let Some(near) = known.topic(&clean::joined("", &page.about)) {
            online.insert(format!("g{:06}", near.topic), (page.shipped, page.url));
        }
    }
    let since = |subject: &str| online.get(subject).map_or(from, |(at, _)| (*at).max(from));
    for (subject, members) in &mut members {
        members.retain(|n| asks[*n].ask.opened_at >= since(subject));
    }
    // Queries that are near to no question make subjects by their words alone.
    let mut searched: BTreeMap<String, BTreeMap<String, Searched>> = BTreeMap::new();
    for search in store.searches(desk.now)?.into_iter().filter(|s| s.at >= from) {
        let subject = match known.topic(&clean::joined("", &search.query)) {
            Some(near) => format!("g{:06}", near.topic),
            None => format!("q{}", word_set(&search.query)),
        };
        if search.at < since(&subject) {
            continue;
        }
        let query = search.query.to_lowercase();
        let one = searched
            .entry(subject)
            .or_default()
            .entry(query.clone())
            .or_insert_with(|| Searched { query, ..Searched::default() });
        let n = u64::try_from(search.searches).unwrap_or(0);
        one.searches += n;
        one.nothing += if search.results == Some(0) { n } else { 0 };
    }
    let all: BTreeSet<String> = members.keys().chain(searched.keys()).cloned().collect();
    let mut gaps = Vec::new();
    let mut verdicts = Vec::new();
    for subject in all {
        let inside: Vec<&Placed> =
            members.get(&subject).map_or_else(Vec::new, |m| m.iter().map(|n| asks[*n]).collect());
        let mut queries: Vec<Searched> =
            searched.remove(&subject).unwrap_or_default().into_values().collect();
        queries.sort_by(|a, b| {
            b.nothing.cmp(&a.nothing).then(b.searches.cmp(&a.searches)).then(a.query.cmp(&b.query))
        });
        let people: BTreeSet<i64> = inside.iter().map(|p| p.person()).collect();
        let nothing: u64 = queries.iter().map(|q| q.nothing).sum();
        if people.len() < rapport_insight::docs::VOICES && nothing < rapport_insight::docs::VOICES as u64 {
            continue; // before its threads are read
        }
        let asked =
            inside.iter().map(|p| asked(desk, store, config, p)).collect::<Result<Vec<Asked>, Fault>>()?;
        let Some(verdict) = judge(&asked, &queries) else { continue };
        let own: Vec<&str> =
            members.get(&subject).map_or_else(Vec::new, |m| m.iter().map(|n| texts[*n].as_str()).collect());
        let mut made = gap(sight, &inside, &own, &queries, &verdict);
        if let Some((at, url)) = online.get(&subject) {
            made.page = Some(url.clone());
            made.because.push(format!("all of it since {url} went online on {}", date(*at)));
        }
        gaps.push(made);
        verdicts.push(verdict);
    }
    let order = ranked(&verdicts);
    let mut gaps: Vec<Option<Gap>> = gaps.into_iter().map(Some).collect();
    let ranks = order.into_iter().enumerate().filter_map(|(place, n)| {
        let mut gap = gaps[n].take()?;
        gap.rank = place + 1;
        Some(gap)
    });
    Ok(Found { gaps: ranks.collect(), elsewhere })
}

/// What one thread says, until now.
fn asked(desk: &Desk, store: &Store, config: &Config, placed: &Placed) -> Result<Asked, Fault> {
    let mut out = Asked { thread: placed.ask.thread, person: placed.person(), ..Asked::default() };
    let mut said = BTreeSet::new();
    let mut first = true;
    for message in store.lines(placed.ask.thread)? {
        let speaks = matches!(message.act, Act::Opened | Act::Replied) && message.member != MemberKind::Bot;
        if !speaks || message.at > desk.now {
            continue;
        }
        said.extend(signs(&message.text));
        if !std::mem::take(&mut first) {
            out.answered = true;
            out.page =
                out.page.take().or_else(|| links_docs(&message.text, &config.docs.sites).map(str::to_owned));
        }
    }
    said.extend(signs(&placed.ask.title));
    out.signs = said.into_iter().collect();
    Ok(out)
}

fn gap(sight: &Sight, inside: &[&Placed], texts: &[&str], queries: &[Searched], verdict: &Verdict) -> Gap {
    let mut topics: BTreeMap<u32, usize> = BTreeMap::new();
    for topic in inside.iter().filter_map(|p| p.topic) {
        *topics.entry(topic).or_default() += 1;
    }
    let topic = topics.into_iter().max_by_key(|(id, n)| (*n, std::cmp::Reverse(*id))).map(|(id, _)| id);
    let about = stands_for(inside, texts)
        .unwrap_or_else(|| queries.first().map(|q| q.query.clone()).unwrap_or_default());
    Gap {
        rank: 0,
        about,
        lack: verdict.lack.as_str(),
        people: verdict.people,
        threads: inside.len(),
        searches: queries.iter().map(|q| q.searches).sum(),
        nothing: verdict.nothing,
        because: verdict.because.clone(),
        topic,
        label: topic.map(|t| sight.label(t).to_owned()),
        evidence: inside.iter().filter_map(|p| p.ask.url.clone()).collect(),
        queries: queries.iter().take(10).map(|q| q.query.clone()).collect(),
        numbers: inside.iter().map(|p| p.ask.thread).collect(),
        page: None,
    }
}

/// The title nearest to all others.
fn stands_for(inside: &[&Placed], texts: &[&str]) -> Option<String> {
    let vectors: Vec<Option<Vector>> = texts.iter().map(|text| vector(text)).collect();
    let sum = |n: usize| -> f32 {
        let own = vectors[n].as_ref();
        own.map_or(-1.0, |v| vectors.iter().flatten().map(|other| dot(v, other)).sum())
    };
    // "Hi team," and "(no subject)" tell a reader nothing: they stand for others only when there is nothing better.
    let titled = |n: usize| inside[n].title().split_whitespace().count().min(3);
    let best = (0..inside.len())
        .max_by(|a, b| titled(*a).cmp(&titled(*b)).then(sum(*a).total_cmp(&sum(*b))).then(b.cmp(a)));
    best.map(|n| inside[n].title())
}

fn word_set(query: &str) -> String {
    let words = query.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase);
    words.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
}

/// For `gaps`: what the docs lack on a topic, in words.
pub(crate) fn reasons(
    desk: &Desk,
    store: &Store,
    config: &Config,
    sight: &Sight,
) -> Result<BTreeMap<u32, Vec<String>>, Fault> {
    let mut all: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for gap in found(desk, store, config, sight, WINDOW)?.gaps {
        if let Some(topic) = gap.topic {
            let words = format!("docs {}: “{}”, {}", gap.lack, line(&gap.about, 80), gap.because.join("; "));
            all.entry(topic).or_default().push(words);
        }
    }
    Ok(all)
}

fn gaps(desk: &Desk, args: &Gaps) -> Result<Answer, Fault> {
    let sight = see(desk)?;
    let store = desk.reading()?;
    let Found { gaps: all, elsewhere } = found(desk, &store, &desk.config()?, &sight, args.days)?;
    let first: Time = desk.now.plus_millis(-i64::from(args.days) * DAY);
    let known = store.searches(desk.now)?.iter().any(|s| s.at >= first);
    desk.answer(&all, || {
        let head = if all.is_empty() {
            "No gap of the docs".to_owned()
        } else {
            count(all.len(), "gap of the docs", "gaps of the docs")
        };
        let mut out = format!(
            "{}   {}\n\n",
            bold(&head),
            dim(&format!(
                "asked by three people or searched in vain three times within {} days, as of {}",
                args.days,
                moment(desk.now)
            ))
        );
        for g in all.iter().take(args.top) {
            let searches = if g.searches > 0 {
                format!(", {} searches, {} in vain", g.searches, g.nothing)
            } else {
                String::new()
            };
            out.push_str(&format!("{:>3}  {:<13} {}\n", g.rank, g.lack, bold(&line(&g.about, 90))));
            out.push_str(&dim(&format!(
                "                   {}{searches}\n",
                count(g.people, "person asked", "people asked")
            )));
            for reason in &g.because {
                out.push_str(&dim(&format!("                   - {}\n", line(reason, 150))));
            }
            for url in g.evidence.iter().take(3) {
                out.push_str(&dim(&format!("                   {url}\n")));
            }
            if g.evidence.is_empty() && !g.numbers.is_empty() {
                let all: Vec<String> = g.numbers.iter().take(5).map(i64::to_string).collect();
                out.push_str(&dim(&format!("                   threads {}\n", all.join(", "))));
            }
        }
        if all.len() > args.top {
            out.push_str(&dim(&format!("  {} more: --top {}\n", all.len() - args.top, all.len())));
        }
        if elsewhere > 0 {
            let words =
                count(elsewhere, "question in another language was", "questions in other languages were");
            out.push_str(&format!("\n{words} not compared: the table of meanings is English.\n"));
        }
        if !known {
            out.push_str("\nNo log of searches for this time: rapport docs add FILE.csv, or rapport add https://plausible.io/SITE\n");
        }
        format!("{out}{}", next(desk, &["docs shipped TOPIC --url PAGE", "topics", "gaps --kind docs"]))
    })
}
