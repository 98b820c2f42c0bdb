//! `digest`: the community's week, drafted from what happened. Nobody is named who did not agree to it.

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use rapport_model::{NeedState, Time};
use rapport_store::Store;
use rapport_store::questions::responders::Account;
use serde::Serialize;

use super::add::parsed;
use super::needs::{self, Need};
use super::{Answer, Desk, Verb};
use crate::config::Config;
use crate::fault::{Fault, FaultKind};
use crate::page::line;
use crate::period::Period;
use crate::report::{atom, digest, html, markdown};

pub(crate) const VERB: Verb = Verb {
    name: "digest",
    about: "The community's week: asked, answered, shipped, open, events; a draft for you to send",
    example: "rapport digest\nrapport digest --week 2026-W45 --format html --out week.html\nrapport digest --format atom --out week.xml",
    args: Digest::augment_args,
    call: |desk, matches| call(desk, &parsed(matches)?),
};

/// Arguments of `digest`.
#[derive(Args)]
struct Digest {
    /// 2026-W45; the last week that is over when left out
    #[arg(long)]
    week: Option<String>,
    /// Markdown, HTML for reading and print, or an Atom feed
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
    /// Write it to this file instead of printing it
    #[arg(long)]
    out: Option<std::path::PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Markdown,
    Html,
    Atom,
}

/// The week.
#[derive(Serialize)]
pub(crate) struct Week {
    pub(crate) community: String,
    /// `2026-W39`
    pub(crate) week: String,
    pub(crate) from: Time,
    pub(crate) to: Time,
    pub(crate) as_of: Time,
    /// Distinct people who asked.
    pub(crate) people: usize,
    pub(crate) asked: Vec<Thread>,
    pub(crate) answered: Vec<Thread>,
    pub(crate) shipped: Vec<Shipped>,
    pub(crate) open: Vec<Thread>,
    pub(crate) events: Vec<Event>,
    /// How many helped, and how many of them agreed to be named.
    pub(crate) helped: usize,
    pub(crate) named: Vec<String>,
}

/// One thread of the week.
#[derive(Serialize)]
pub(crate) struct Thread {
    pub(crate) thread: i64,
    pub(crate) title: String,
    pub(crate) url: Option<String>,
    pub(crate) source: String,
    pub(crate) kind: String,
    pub(crate) state: NeedState,
    pub(crate) opened_at: Time,
    pub(crate) answered_at: Option<Time>,
    pub(crate) waiting_since: Option<Time>,
    /// Who answered: a name only with consent.
    pub(crate) answered_by: Option<String>,
    /// community, staff or practitioner.
    pub(crate) answered_from: Option<String>,
}

/// Something that came out.
#[derive(Serialize)]
pub(crate) struct Shipped {
    pub(crate) what: String,
    pub(crate) name: String,
    pub(crate) url: Option<String>,
    pub(crate) at: Time,
    pub(crate) source: String,
}

/// An event near the week that the team has to do with.
#[derive(Serialize)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) url: Option<String>,
    pub(crate) starts: Time,
    pub(crate) ends: Option<Time>,
    pub(crate) place: Option<String>,
    pub(crate) talks: Vec<String>,
}

/// Events are told so many days ahead.
const AHEAD: i64 = 42 * 86_400_000;

fn call(desk: &Desk, args: &Digest) -> Result<Answer, Fault> {
    let period = Period::week(args.week.as_deref(), desk.now)?;
    let week = gather(desk, period)?;
    let body = || match args.format {
        Format::Markdown => markdown::write(&digest::page(&week)),
        Format::Html => html::write(&digest::page(&week)),
        Format::Atom => atom::write(&week),
    };
    let Some(path) = &args.out else { return desk.answer(&week, body) };
    std::fs::write(path, body())
        .map_err(|e| Fault::new(FaultKind::Store, format!("{}: {e}", path.display())))?;
    desk.answer(&week, || format!("Wrote {}\n", path.display()))
}

/// What happened in a week, as it stood at its end, or now when it is not over.
pub(crate) fn gather(desk: &Desk, period: Period) -> Result<Week, Fault> {
    let (config, store) = (desk.config()?, desk.reading()?);
    let now = desk.now.min(period.to);
    let then = Desk { folder: desk.folder.clone(), now, fixed: true, ..*desk };
    let mut all = needs::all(&then, &store, &config, false)?;
    all.retain(|n| !n.folded);
    let inside = |at: Time| at >= period.from && at < period.to;
    let thread = |n: &Need| thread(&store, &config, n);
    let asked: Vec<&Need> = all.iter().filter(|n| inside(n.opened_at)).collect();
    let people: BTreeSet<Option<i64>> = asked.iter().map(|n| n.opener()).collect();
    let answered = all.iter().filter(|n| n.responded_at.is_some_and(inside));
    let answered: Vec<Thread> = answered.map(thread).collect::<Result<_, Fault>>()?;
    let mut open: Vec<&Need> = all.iter().filter(|n| n.state == NeedState::Waiting).collect();
    open.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.thread.cmp(&b.thread)));
    let (helped, named) = helpers(&store, &config, &answered)?;
    Ok(Week {
        community: config.community.name.clone(),
        week: period.week_name(),
        from: period.from,
        to: period.to,
        as_of: now,
        people: people.len(),
        asked: asked.into_iter().map(thread).collect::<Result<_, Fault>>()?,
        answered,
        shipped: shipped(&store, period, now)?,
        open: open.into_iter().map(thread).collect::<Result<_, Fault>>()?,
        events: events(&store, period)?,
        helped,
        named,
    })
}

fn thread(store: &Store, config: &Config, n: &Need) -> Result<Thread, Fault> {
    let responder = if n.responded_at.is_some() { store.responder(n.thread)? } else { None };
    let title = if n.title.trim().is_empty() {
        let opening = store.lines(n.thread)?.into_iter().find(|l| !l.text.trim().is_empty());
        opening.map_or_else(|| format!("a {} without words", n.kind), |l| line(&l.text, 100))
    } else {
        n.title.clone()
    };
    let answered_by = match &responder {
        Some(who) => credit(store, config, who)?,
        None => None,
    };
    Ok(Thread {
        thread: n.thread,
        title,
        url: n.url.clone(),
        source: n.source.clone(),
        kind: n.kind.clone(),
        state: n.state,
        opened_at: n.opened_at,
        answered_at: n.responded_at,
        waiting_since: n.waiting_since,
        answered_by,
        answered_from: responder.map(|who| who.member),
    })
}

/// The name under which somebody agreed to be thanked; none without consent, recorded or declared.
fn credit(store: &Store, config: &Config, who: &Account) -> Result<Option<String>, Fault> {
    let known = [Some(&who.key), who.handle.as_ref(), who.name.as_ref(), who.email.as_ref()];
    let declared = |k: &&String| config.digest.credit.iter().any(|c| c.trim().eq_ignore_ascii_case(k));
    let agreed = store.consent(who.id)?.may_name() || known.into_iter().flatten().any(|k| declared(&k));
    let shown = who.name.clone().filter(|n| !n.trim().is_empty()).or_else(|| who.handle.clone());
    Ok(shown.filter(|_| agreed))
}

fn helpers(store: &Store, config: &Config, answered: &[Thread]) -> Result<(usize, Vec<String>), Fault> {
    let (mut all, mut named) = (BTreeSet::new(), BTreeSet::new());
    for thread in answered {
        if let Some(who) = store.responder(thread.thread)? {
            named.extend(credit(store, config, &who)?);
            all.insert(who.id);
        }
    }
    Ok((all.len(), named.into_iter().collect()))
}

fn shipped(store: &Store, period: Period, now: Time) -> Result<Vec<Shipped>, Fault> {
    let until = period.to.min(now.plus_millis(1));
    let releases = store.released(period.from, until)?.into_iter();
    let mut all: Vec<Shipped> = releases
        .map(|r| Shipped { what: "release".to_owned(), name: r.name, url: r.url, at: r.at, source: r.source })
        .collect();
    for f in store.feedback()? {
        let out = store
            .feedback_steps(f.id)?
            .into_iter()
            .find(|s| s.state == "shipped" && s.at >= period.from && s.at < until);
        if let Some(step) = out {
            let wanted = rapport_store::EvidenceWanted {
                feedback: Some(f.id),
                ..rapport_store::EvidenceWanted::default()
            };
            let url = store.evidence(&wanted)?.into_iter().find_map(|e| e.url);
            let release = step.release.map_or_else(String::new, |r| format!(" in {r}"));
            all.push(Shipped {
                what: "wish".to_owned(),
                name: format!("{}{release}", f.title),
                url,
                at: step.at,
                source: format!("feedback {}", f.id),
            });
        }
    }
    let pages = store.pages()?.into_iter().filter(|p| p.shipped >= period.from && p.shipped < until);
    all.extend(pages.map(|p| Shipped {
        what: "page".to_owned(),
        name: p.about,
        url: Some(p.url),
        at: p.shipped,
        source: "docs".to_owned(),
    }));
    all.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.name.cmp(&b.name)));
    Ok(all)
}

/// Events of the week and those to come that have a talk of ours or notes.
fn events(store: &Store, period: Period) -> Result<Vec<Event>, Fault> {
    let (talks, notes) = (store.talks()?, store.notes()?);
    let mut out = Vec::new();
    for e in store.events()? {
        let Some(starts) = e.starts else { continue };
        let near = e.ends.unwrap_or(starts) >= period.from && starts < period.to.plus_millis(AHEAD);
        let mine: Vec<String> = talks
            .iter()
            .filter(|t| t.event == e.id && matches!(t.state.as_str(), "accepted" | "given"))
            .map(|t| t.title.clone())
            .collect();
        if near && (!mine.is_empty() || notes.iter().any(|n| n.event == e.id)) {
            out.push(Event { name: e.name, url: e.url, starts, ends: e.ends, place: e.place, talks: mine });
        }
    }
    Ok(out)
}
