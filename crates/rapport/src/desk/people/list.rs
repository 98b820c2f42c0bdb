//! `people` and `people show`: members with their accounts, what kind they are and why, and whom they work for.

use std::collections::{BTreeMap, HashMap};

use clap::Args;
use rapport_insight::people::employers::{Employment, Trace, employers};
use rapport_model::ledger::Word;
use rapport_model::{MemberKind, Month, Time};
use rapport_store::{IdentityRow, Store};
use serde::Serialize;

use super::directory;
use super::find::{find, kind, name};
use crate::desk::{Answer, Desk};
use crate::fault::Fault;
use crate::page::{bold, count, dim, line, moment};

/// Arguments of `people`.
#[derive(Args)]
pub(super) struct List {
    /// Only this kind: community, staff, practitioner or bot
    #[arg(long, value_parser = MemberKind::ALL.map(MemberKind::as_str))]
    kind: Option<String>,
    /// Only who works or worked for this organisation (a part of its name)
    #[arg(long, value_name = "ORGANISATION")]
    employer: Option<String>,
    /// Only whose name, login or address has this in it
    #[arg(long, value_name = "WORDS")]
    named: Option<String>,
    /// Only members with several accounts or addresses
    #[arg(long)]
    linked: bool,
    /// How many to print
    #[arg(long, default_value_t = 40)]
    top: usize,
}

/// Arguments of `people show`.
#[derive(Args)]
pub(super) struct Show {
    /// Who: a number, login, address or name
    who: String,
}

/// One member.
#[derive(Serialize)]
struct Member {
    /// The number to say: the smallest of its accounts.
    person: i64,
    name: String,
    kind: MemberKind,
    /// Why this kind.
    why: String,
    identities: Vec<Account>,
    employers: Vec<Employer>,
    /// First and last month with something written or done.
    first: Option<String>,
    last: Option<String>,
    messages: i64,
}

#[derive(Serialize)]
struct Account {
    id: i64,
    place: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    handle: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

#[derive(Serialize)]
struct Employer {
    organisation: String,
    since: Option<Time>,
    until: Option<Time>,
    because: String,
}

fn account(row: &IdentityRow) -> Account {
    Account {
        id: row.id,
        place: row.who.place.as_str().to_owned(),
        handle: row.who.handle.clone(),
        name: row.who.name.clone(),
        email: row.who.email.clone(),
    }
}

fn employer(found: Employment) -> Employer {
    Employer {
        organisation: found.organisation,
        since: found.since,
        until: found.until,
        because: found.because,
    }
}

/// The first moment of a month.
fn begin(month: i32) -> Option<Time> {
    Time::parse(&format!("{:04}-{:02}-01T00:00:00Z", month / 100, month % 100)).ok()
}

fn trace(row: &IdentityRow, seen: Option<(Time, Time)>) -> Trace {
    let name = row.who.name.clone();
    Trace {
        handle: row.who.handle.clone(),
        name,
        email: row.who.email.clone(),
        title: row.who.title.clone(),
        seen,
    }
}

/// All identities by person, in order.
pub(super) fn grouped(store: &Store) -> Result<BTreeMap<i64, Vec<IdentityRow>>, Fault> {
    let mut people: BTreeMap<i64, Vec<IdentityRow>> = BTreeMap::new();
    for row in store.identities()? {
        people.entry(row.person).or_default().push(row);
    }
    Ok(people)
}

pub(super) fn list(desk: &Desk, args: &List) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    let directory = directory::read(&desk.folder)?;
    let months: HashMap<i64, (i32, i32, i64)> = store.active_months()?;
    let named = args.named.as_ref().map(|words| words.to_lowercase());
    let wanted = args.kind.as_deref().and_then(MemberKind::from_word);
    let at = args.employer.as_ref().map(|words| words.to_lowercase());
    let works = |rows: &[IdentityRow]| -> Vec<Employment> {
        if kind(rows) == MemberKind::Bot {
            return Vec::new();
        }
        let traces: Vec<Trace> = rows
            .iter()
            .map(|r| trace(r, months.get(&r.id).and_then(|m| Some((begin(m.0)?, begin(m.1)?)))))
            .collect();
        employers(&traces, &directory)
    };
    let mut found: Vec<(String, i64, Vec<IdentityRow>)> = Vec::new();
    for (person, rows) in grouped(&store)? {
        let has = |part: &str| {
            let texts = |r: &IdentityRow| {
                [Some(r.who.key.clone()), r.who.handle.clone(), r.who.name.clone(), r.who.email.clone()]
            };
            rows.iter().flat_map(texts).flatten().any(|text| text.to_lowercase().contains(part))
        };
        let left_out = wanted.is_some_and(|wanted| kind(&rows) != wanted)
            || (args.linked && rows.len() < 2)
            || named.as_ref().is_some_and(|part| !has(part))
            || at.as_ref().is_some_and(|part| {
                !works(&rows).iter().any(|e| e.organisation.to_lowercase().contains(part))
            });
        if !left_out {
            found.push((name(&rows), person, rows));
        }
    }
    // By name: nobody comes first for what they are worth.
    found.sort_by_cached_key(|(name, person, _)| (name.to_lowercase(), *person));
    let accounts: usize = found.iter().map(|(_, _, rows)| rows.len()).sum();
    let all = found.len();
    if !desk.json {
        found.truncate(args.top);
    }
    let members: Vec<Member> = found
        .into_iter()
        .map(|(name, person, rows)| {
            let active: Vec<&(i32, i32, i64)> = rows.iter().filter_map(|r| months.get(&r.id)).collect();
            Member {
                person,
                name,
                kind: kind(&rows),
                why: why(&rows),
                identities: rows.iter().map(account).collect(),
                employers: works(&rows).into_iter().map(employer).collect(),
                first: active.iter().map(|m| m.0).min().map(|m| Month(m).to_string()),
                last: active.iter().map(|m| m.1).max().map(|m| Month(m).to_string()),
                messages: active.iter().map(|m| m.2).sum(),
            }
        })
        .collect();
    desk.answer(&members, || text(desk, (all, accounts), &members))
}

fn why(rows: &[IdentityRow]) -> String {
    rows.iter()
        .find(|r| !r.because.starts_with("the same person as"))
        .or(rows.first())
        .map_or_else(String::new, |r| r.because.clone())
}

fn text(desk: &Desk, (all, accounts): (usize, usize), members: &[Member]) -> String {
    let p = desk.program();
    let head = format!(
        "{} with {}",
        count(all, "member", "members"),
        count(accounts, "account or address", "accounts and addresses")
    );
    let mut out = format!("{}\n\n", bold(&head));
    for m in members {
        let mark =
            if m.kind == MemberKind::Community { String::new() } else { format!("  {}", m.kind.as_str()) };
        let works = m
            .employers
            .last()
            .filter(|e| e.until.is_none())
            .map(|e| format!(", {}", line(&e.organisation, 30)));
        out.push_str(&format!(
            "{:>6}  {}{}{mark}\n",
            m.person,
            bold(&line(&m.name, 50)),
            works.unwrap_or_default()
        ));
        let places: Vec<String> = m
            .identities
            .iter()
            .map(|a| {
                let login = a.handle.as_deref().or(a.email.as_deref()).or(a.name.as_deref()).unwrap_or("?");
                format!("{} at {}", line(login, 40), line(&a.place, 40))
            })
            .collect();
        out.push_str(&dim(&format!("        {}\n", line(&places.join(" \u{b7} "), 170))));
        if m.kind != MemberKind::Community {
            out.push_str(&dim(&format!("        {}\n", line(&m.why, 150))));
        }
    }
    if all > members.len() {
        out.push_str(&format!(
            "
  and {} more: {p} people --top {all}
",
            all - members.len()
        ));
    }
    out.push_str(&dim(&format!("\nnext: {p} people show WHO \u{b7} {p} people suggest \u{b7} {p} bots\n")));
    out
}

/// One member, whole.
#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    member: Member,
    links: Vec<Linked>,
    apart: Vec<Linked>,
    /// What was done in which source: acts and how often.
    did: BTreeMap<String, BTreeMap<String, u64>>,
    /// The newest threads this member opened or wrote in.
    threads: Vec<Wrote>,
}

#[derive(Serialize)]
struct Linked {
    entry: i64,
    a: i64,
    b: i64,
    by: String,
    at: Time,
    confidence: Option<f64>,
    because: String,
}

#[derive(Serialize)]
struct Wrote {
    thread: i64,
    title: String,
    url: Option<String>,
    at: Time,
}

pub(super) fn show(desk: &Desk, args: &Show) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    let person = find(desk, &store, &args.who)?.person;
    let rows = store.identities_of(person)?;
    let ids: Vec<i64> = rows.iter().map(|r| r.id).collect();
    let directory = directory::read(&desk.folder)?;
    let mut traces = Vec::new();
    let mut spans = Vec::new();
    for row in &rows {
        let seen = store.active_span(row.id)?;
        spans.extend(seen);
        traces.push(trace(row, seen.map(|(first, last, _)| (first, last))));
    }
    let ledger = store.ledger()?;
    let linked = |word: Word| -> Vec<Linked> {
        let concerns = ledger.in_force().filter(|e| e.said.word == word);
        let mine = concerns.filter_map(|e| Some((e, e.said.a, e.said.b?)));
        mine.filter(|(_, a, b)| ids.contains(a) || ids.contains(b))
            .map(|(e, a, b)| Linked {
                entry: e.id,
                a,
                b,
                by: if e.automatic { "the program".to_owned() } else { e.who.clone() },
                at: e.at,
                confidence: e.said.confidence.map(|c| (c * 1_000.0).floor() / 1_000.0),
                because: e.said.because.clone(),
            })
            .collect()
    };
    let mut did: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for (source, act, n) in store.did(&ids)? {
        *did.entry(source).or_default().entry(act).or_default() += n;
    }
    let threads = store
        .wrote_in(&ids, 5)?
        .into_iter()
        .map(|(thread, title, url, at)| Wrote { thread, title, url, at })
        .collect();
    let is_bot = kind(&rows) == MemberKind::Bot;
    let whole = Whole {
        member: Member {
            person,
            name: name(&rows),
            kind: kind(&rows),
            why: why(&rows),
            identities: rows.iter().map(account).collect(),
            employers: if is_bot {
                Vec::new()
            } else {
                employers(&traces, &directory).into_iter().map(employer).collect()
            },
            first: spans.iter().map(|s| s.0).min().map(|t| t.month().to_string()),
            last: spans.iter().map(|s| s.1).max().map(|t| t.month().to_string()),
            messages: store.messages_of(&ids)?,
        },
        links: linked(Word::Same),
        apart: linked(Word::Apart),
        did,
        threads,
    };
    desk.answer(&whole, || said(desk, &whole))
}

fn said(desk: &Desk, whole: &Whole) -> String {
    let p = desk.program();
    let m = &whole.member;
    let mut out =
        format!("{}  {}, because {}\n\n", bold(&line(&m.name, 80)), m.kind.as_str(), line(&m.why, 160));
    for a in &m.identities {
        let login = a.handle.as_deref().or(a.email.as_deref()).unwrap_or("-");
        let named = a.name.as_deref().map(|n| format!(", {}", line(n, 50))).unwrap_or_default();
        out.push_str(&format!("{:>6}  {} at {}{named}\n", a.id, line(login, 60), line(&a.place, 60)));
    }
    for link in &whole.links {
        let sure = link.confidence.map(|c| format!("{:.1} %", c * 100.0)).unwrap_or_default();
        out.push_str(&dim(&format!(
            "        {} = {}: {} {sure} {}\n",
            link.a,
            link.b,
            line(&link.because, 150),
            dim(&format!("({}, {})", link.by, moment(link.at)))
        )));
    }
    for link in &whole.apart {
        out.push_str(&dim(&format!(
            "        {} is not {}: {} ({})\n",
            link.a,
            link.b,
            line(&link.because, 120),
            link.by
        )));
    }
    for e in &m.employers {
        let day = |t: Time| t.to_string().get(..10).unwrap_or_default().to_owned();
        let from = e.since.map(|t| format!(" from {}", day(t))).unwrap_or_default();
        let until = e.until.map(|t| format!(" until {}", day(t))).unwrap_or_default();
        out.push_str(&format!("\nworks for {}{from}{until}", line(&e.organisation, 60)));
        out.push_str(&dim(&format!("  {}", line(&e.because, 100))));
    }
    if !m.employers.is_empty() {
        out.push('\n');
    }
    out.push('\n');
    for (source, acts) in &whole.did {
        let acts: Vec<String> = acts.iter().map(|(act, n)| format!("{n} {act}")).collect();
        out.push_str(&format!("  {}: {}\n", line(source, 50), acts.join(", ")));
    }
    for t in &whole.threads {
        out.push_str(&dim(&format!("{:>6}  {}  {}\n", t.thread, line(&t.title, 80), moment(t.at))));
    }
    out.push_str(&dim(&format!(
        "\nnext: {p} people suggest {id} \u{b7} {p} people ledger {id} \u{b7} {p} thread NUMBER\n",
        id = m.person
    )));
    out
}
