//! `people recognise`: who helped whom, with the evidence; who helps quietly, who is new, and who fell silent after
//! months of load. Lists, the latest first: nobody is scored.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use clap::Args;
use rapport_model::{Act, MemberKind, Time};
use rapport_practice::recognition::{Deed, Given, Help, Stopped, helps, is_docs, quiet, stopped};
use rapport_store::Store;
use serde::Serialize;

use super::find::name;
use crate::desk::{Answer, Desk};
use crate::fault::Fault;
use crate::page::{bold, count, dim, line};
use crate::period::Period;

/// Arguments of `people recognise`.
#[derive(Args)]
pub(super) struct Recognise {
    /// 2026, 2026-Q3 or 2026-09; the last three months when left out
    #[arg(long)]
    period: Option<String>,
    /// Also what our own people did
    #[arg(long)]
    ours: bool,
    /// How many to print of each list
    #[arg(long, default_value_t = 20)]
    top: usize,
}

/// One piece of evidence.
#[derive(Clone, Serialize)]
pub(crate) struct Evidence {
    pub(crate) at: Time,
    pub(crate) what: String,
    pub(crate) url: Option<String>,
    /// For whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) whom: Option<String>,
    /// The asker or the place marked it as the answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) accepted: bool,
}

/// One member who helped.
#[derive(Serialize)]
pub(crate) struct Helper {
    pub(crate) person: i64,
    pub(crate) name: String,
    pub(crate) kind: MemberKind,
    /// Whom, by name.
    pub(crate) helped: Vec<String>,
    /// By way of helping: answer, review, docs, mentoring, organising.
    pub(crate) did: BTreeMap<&'static str, Vec<Evidence>>,
    /// Helps steadily, and no reply was ever marked as the answer.
    pub(crate) quiet: bool,
}

/// Somebody who was seen for the first time.
#[derive(Serialize)]
struct First {
    person: i64,
    name: String,
    at: Time,
    thread: i64,
    title: String,
    url: Option<String>,
    /// Another human has replied.
    answered: bool,
}

/// Somebody who stopped after months of load. For the team's eyes only: a reason to ask how they are.
#[derive(Serialize)]
pub(crate) struct Silent {
    pub(crate) person: i64,
    pub(crate) name: String,
    pub(crate) last: String,
    pub(crate) months: BTreeMap<String, i64>,
}

#[derive(Serialize)]
struct Page {
    period: String,
    helpers: Vec<Helper>,
    first_timers: Vec<First>,
    stopped: Vec<Silent>,
}

/// Names and kinds of members, read once.
pub(crate) struct Names(HashMap<i64, (String, MemberKind)>);

impl Names {
    pub(crate) fn read(store: &Store, people: &BTreeSet<i64>) -> Result<Names, Fault> {
        let mut found = HashMap::new();
        for person in people {
            let rows = store.identities_of(*person)?;
            found.insert(*person, (name(&rows), super::find::kind(&rows)));
        }
        Ok(Names(found))
    }
    pub(crate) fn name(&self, person: i64) -> String {
        self.0.get(&person).map_or_else(|| "?".to_owned(), |(name, _)| name.clone())
    }
    pub(crate) fn kind(&self, person: i64) -> MemberKind {
        self.0.get(&person).map_or(MemberKind::Community, |(_, kind)| *kind)
    }
}

/// Everything that people gave others in a time.
pub(crate) fn given(store: &Store, from: Time, to: Time) -> Result<Vec<Given>, Fault> {
    let deeds = store.deeds(from, to)?;
    let openers: BTreeSet<i64> = deeds.iter().map(|d| d.opener).collect();
    let since: HashMap<i64, Time> =
        store.first_seen(&openers.into_iter().collect::<Vec<_>>())?.into_iter().collect();
    let mut found = Vec::new();
    // A thread is answered once by each, and kept in order once by each.
    let mut seen: BTreeSet<(i64, i64, Help)> = BTreeSet::new();
    for deed in &deeds {
        let about = format!("{} {}", deed.title, deed.labels);
        let told = Deed {
            act: deed.act,
            at: deed.at,
            need: deed.need.as_ref(),
            about: &about,
            newcomer_since: since.get(&deed.opener).copied(),
        };
        for help in helps(&told) {
            if !seen.insert((deed.who, deed.thread, help)) && !deed.accepted {
                continue;
            }
            found.push(Given {
                person: deed.who,
                to: Some(deed.opener),
                help,
                at: deed.at,
                what: if deed.title.is_empty() { "a conversation".to_owned() } else { deed.title.clone() },
                url: deed.url.clone(),
                accepted: deed.accepted && help == Help::Answer,
            });
        }
    }
    for work in store.works(from, to)? {
        let help = match work.act {
            Act::Merged if is_docs(&format!("{} {}", work.title, work.labels)) => Help::Docs,
            Act::Released | Act::Attended => Help::Organising,
            _ => continue,
        };
        found.push(Given {
            person: work.who,
            to: None,
            help,
            at: work.at,
            what: work.title,
            url: work.url,
            accepted: false,
        });
    }
    found.sort_by_key(|g| (g.at, g.person));
    Ok(found)
}

/// Who gave, the latest first.
pub(crate) fn helpers(given: &[Given], names: &Names, ours: bool) -> Vec<Helper> {
    let quiet = quiet(given);
    let mut by: BTreeMap<i64, Vec<&Given>> = BTreeMap::new();
    for g in given {
        by.entry(g.person).or_default().push(g);
    }
    let mut found: Vec<(Time, Helper)> = by
        .into_iter()
        .filter(|(person, _)| match names.kind(*person) {
            MemberKind::Bot => false,
            kind => ours || !kind.is_ours(),
        })
        .map(|(person, all)| {
            let mut did: BTreeMap<&'static str, Vec<Evidence>> = BTreeMap::new();
            for g in all.iter().rev() {
                did.entry(g.help.as_str()).or_default().push(evidence(g, names));
            }
            let helped: BTreeSet<i64> = all.iter().filter_map(|g| g.to).collect();
            let last = all.last().map_or(Time::MIN, |g| g.at);
            let helper = Helper {
                person,
                name: names.name(person),
                kind: names.kind(person),
                helped: helped.into_iter().map(|to| names.name(to)).collect(),
                did,
                quiet: quiet.contains(&person),
            };
            (last, helper)
        })
        .collect();
    found.sort_by(|(x, a), (y, b)| y.cmp(x).then(a.person.cmp(&b.person)));
    found.into_iter().map(|(_, helper)| helper).collect()
}

pub(crate) fn evidence(g: &Given, names: &Names) -> Evidence {
    Evidence {
        at: g.at,
        what: g.what.clone(),
        url: g.url.clone(),
        whom: g.to.map(|to| names.name(to)),
        accepted: g.accepted,
    }
}

/// Who fell silent, as of now.
pub(crate) fn silent(desk: &Desk, store: &Store) -> Result<Vec<Stopped>, Fault> {
    let from = desk.now.plus_millis(-2 * 366 * 86_400_000).month();
    let now = desk.now.month();
    Ok(stopped(&store.loads(from)?, &store.heard_until(now)?, now))
}

pub(crate) fn silence(stopped: Vec<Stopped>, names: &Names) -> Vec<Silent> {
    stopped
        .into_iter()
        .map(|s| Silent {
            person: s.person,
            name: names.name(s.person),
            last: s.last.to_string(),
            months: s.months.into_iter().map(|(month, n)| (month.to_string(), n)).collect(),
        })
        .collect()
}

pub(super) fn recognise(desk: &Desk, args: &Recognise) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    let period = match &args.period {
        Some(words) => Period::parse(Some(words), desk.now)?,
        None => Period { from: desk.now.plus_millis(-92 * 86_400_000), to: desk.now.plus_millis(1) },
    };
    let to = period.to.min(desk.now.plus_millis(1));
    let given = given(&store, period.from, to)?;
    let stopped = silent(desk, &store)?;
    let firsts = store.first_threads(period.from, to)?;
    let people: BTreeSet<i64> = given
        .iter()
        .flat_map(|g| [Some(g.person), g.to])
        .flatten()
        .chain(stopped.iter().map(|s| s.person))
        .chain(firsts.iter().map(|f| f.person))
        .collect();
    let names = Names::read(&store, &people)?;
    let page = Page {
        period: Period { from: period.from, to }.words(),
        helpers: helpers(&given, &names, args.ours),
        first_timers: firsts
            .into_iter()
            .filter(|f| names.kind(f.person) == MemberKind::Community)
            .map(|f| First {
                person: f.person,
                name: names.name(f.person),
                at: f.at,
                thread: f.thread,
                title: f.title,
                url: f.url,
                answered: f.answered_at.is_some_and(|at| at <= desk.now),
            })
            .collect(),
        stopped: silence(stopped, &names),
    };
    desk.answer(&page, || text(desk, args, &page))
}

/// What somebody did, in a line for each way of helping.
pub(crate) fn ways(did: &BTreeMap<&'static str, Vec<Evidence>>) -> String {
    let mut out = String::new();
    for help in Help::ALL {
        let Some(all) = did.get(help.as_str()) else { continue };
        let accepted = all.iter().filter(|e| e.accepted).count();
        let marked = if accepted > 0 { format!(", {accepted} marked as the answer") } else { String::new() };
        out.push_str(&format!("        {} {}{marked}\n", all.len(), many(help, all.len())));
        for e in all.iter().take(2) {
            let whom = e.whom.as_deref().map(|w| format!(" for {}", line(w, 30))).unwrap_or_default();
            let url = e.url.as_deref().map(|u| format!("  {}", line(u, 200))).unwrap_or_default();
            out.push_str(&dim(&format!("          {}{whom}{url}\n", line(&e.what, 70))));
        }
    }
    out
}

fn many(help: Help, n: usize) -> &'static str {
    match (help, n) {
        (Help::Answer, 1) => "answer",
        (Help::Answer, _) => "answers",
        (Help::Review, 1) => "review",
        (Help::Review, _) => "reviews",
        (Help::Docs, _) => "about the documentation",
        (Help::Mentoring, _) => "to people in their first weeks",
        (Help::Organising, 1) => "thing organised",
        (Help::Organising, _) => "things organised",
    }
}

fn text(desk: &Desk, args: &Recognise, page: &Page) -> String {
    let p = desk.program();
    let mut out = format!(
        "{}   {}\n\n",
        bold(&format!("{} helped others", count(page.helpers.len(), "member", "members"))),
        dim(&format!("{}, the latest first", page.period))
    );
    for h in page.helpers.iter().take(args.top) {
        let quiet = if h.quiet { "  quietly" } else { "" };
        let ours = if h.kind.is_ours() { format!("  {}", h.kind.as_str()) } else { String::new() };
        out.push_str(&format!(
            "{:>6}  {}{ours}  {}{}\n",
            h.person,
            bold(&line(&h.name, 50)),
            if h.helped.is_empty() {
                String::new()
            } else {
                format!("helped {}", count(h.helped.len(), "person", "people"))
            },
            dim(quiet)
        ));
        out.push_str(&ways(&h.did));
    }
    let more = |all: usize| {
        if all > args.top { format!("  and {} more: --top {all}\n", all - args.top) } else { String::new() }
    };
    out.push_str(&more(page.helpers.len()));
    if !page.first_timers.is_empty() {
        out.push_str(&format!(
            "\n{}\n",
            bold(&format!("{} here for the first time", count(page.first_timers.len(), "member", "members")))
        ));
        for f in page.first_timers.iter().take(args.top) {
            let answered = if f.answered { "answered" } else { "not answered yet" };
            out.push_str(&format!(
                "{:>6}  {}: {}  {}\n",
                f.thread,
                line(&f.name, 40),
                line(&f.title, 70),
                dim(answered)
            ));
        }
        out.push_str(&more(page.first_timers.len()));
    }
    out.push_str(&private(&page.stopped));
    out.push_str(&dim(&format!(
        "\nnext: {p} people show WHO \u{b7} {p} champions review \u{b7} {p} thread NUMBER\n"
    )));
    out
}

/// The note for the team's eyes only.
pub(crate) fn private(stopped: &[Silent]) -> String {
    if stopped.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "\n{}\n",
        bold("For DevRel only: fell silent after months of load; perhaps ask how they are")
    );
    for s in stopped {
        let months: Vec<String> = s.months.iter().map(|(month, n)| format!("{month}: {n}")).collect();
        out.push_str(&format!("{:>6}  {}, last in {}\n", s.person, line(&s.name, 50), s.last));
        out.push_str(&dim(&format!("        messages {}\n", months.join(", "))));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use rapport_model::Month;

    #[test]
    fn months_are_told_as_people_write_them() {
        let names = Names(HashMap::from([(1, ("Asa".to_owned(), MemberKind::Community))]));
        let stopped = Stopped { person: 1, last: Month(202_604), months: vec![(Month(202_603), 9)] };
        let silent = silence(vec![stopped], &names);
        assert_eq!((silent[0].last.as_str(), silent[0].name.as_str()), ("2026-04", "Asa"));
        assert!(private(&silent).contains("2026-03: 9") && private(&[]).is_empty());
    }
}
