//! `sources`: where we listen, what came of it, and what was set aside.

use std::path::Path;

use clap::Args;
use rapport_model::Time;
use rapport_store::{LimitRow, SourceRow, Store};
use serde::Serialize;

use super::add::parsed;
use super::{Answer, Desk, Verb, live};
use crate::fault::Fault;
use crate::page::{block, bold, dim, line, moment};

pub(crate) const VERB: Verb = Verb {
    name: "sources",
    about: "Every source: what it gave, what it holds, what was set aside",
    example: "rapport sources\nrapport sources --rejects mbox:acme-users",
    args: Sources::augment_args,
    call: |desk, matches| sources(desk, &parsed(matches)?),
};

/// Arguments of `sources`.
#[derive(Args)]
struct Sources {
    /// Show what was set aside from this source, with its bytes
    #[arg(long, value_name = "SOURCE")]
    rejects: Option<String>,
}

#[derive(Serialize)]
struct Source {
    source: String,
    kind: String,
    scope: rapport_model::Scope,
    stored: u64,
    known: u64,
    rejected: u64,
    activities: u64,
    threads: u64,
    last: Option<Time>,
    status: String,
    location: String,
    limits: &'static str,
    /// It is being looked at.
    looking: bool,
    /// When the schedule looks next; none where nothing living is, and while it rests.
    next: Option<Time>,
    /// Somebody said that it rests.
    paused: Option<Paused>,
}

/// The source that a word names: by its name, its name in other capitals, or the address it was added by.
pub(super) fn named(store: &Store, word: &str) -> Result<SourceRow, Fault> {
    let mut sources = store.sources()?;
    let same = |s: &SourceRow| s.name.as_str().eq_ignore_ascii_case(word) || s.location == word;
    let exact = sources.iter().position(|s| s.name.as_str() == word);
    let Some(at) = exact.or_else(|| sources.iter().position(same)) else {
        let why = format!("there is no source '{}'", line(word, 80));
        return Err(Fault::usage(why).hint("rapport sources  lists them"));
    };
    Ok(sources.swap_remove(at))
}

#[derive(Serialize)]
struct Paused {
    by: String,
    since: Time,
}

#[derive(Serialize)]
struct Reject {
    #[serde(rename = "where")]
    place: String,
    why: String,
    bytes: String,
}

fn sources(desk: &Desk, args: &Sources) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    if let Some(name) = &args.rejects {
        let id = named(&store, name)?.id;
        let rejects: Vec<Reject> = store
            .rejects(id, 1_000)?
            .into_iter()
            .map(|r| Reject {
                place: format!("{} {}", r.item, r.at),
                why: r.why,
                bytes: String::from_utf8_lossy(&r.bytes).into_owned(),
            })
            .collect();
        return desk.answer(&rejects, || {
            let mut out = format!("{} pieces of {name} were set aside\n", rejects.len());
            for reject in &rejects {
                out.push_str(&format!(
                    "\n{}\n  {}\n",
                    bold(&line(&reject.place, 150)),
                    line(&reject.why, 200)
                ));
                out.push_str(&dim(&block(&reject.bytes, "  | ", 8)));
            }
            out
        });
    }
    let (looks, schedule) = (store.looks()?, desk.config()?.schedule);
    let list: Vec<Source> = store
        .sources()?
        .into_iter()
        .map(|s| (looks.get(&s.id).cloned().unwrap_or_default(), s))
        .map(|(row, s)| {
            (row.began.is_some() && live::is_asked(desk, &live::host(&s.kind, &s.location)), row, s)
        })
        .map(|(looking, row, s)| Source {
            looking,
            next: live::is_address(Path::new(&s.location))
                .and_then(|_| live::due(&schedule, &s.kind, &s.name, &row))
                .map(|at| at.max(desk.now)),
            paused: row.rests.map(|(by, since)| Paused { by, since }),
            source: s.name.to_string(),
            limits: live::note(&store, &s).unwrap_or_default(),
            scope: s.scope,
            stored: s.count.stored,
            known: s.count.known,
            rejected: s.count.rejected,
            activities: s.activities,
            threads: s.threads,
            last: s.last,
            status: match row.began.filter(|_| !looking) {
                Some(_) => live::broken_off(&s.kind, &store.streams(s.id).unwrap_or_default()),
                None => s.status,
            },
            kind: s.kind,
            location: s.location,
        })
        .collect();
    let quotas: Vec<String> = store.limits()?.iter().filter_map(|limit| quota(limit, desk.now)).collect();
    desk.answer(&list, || {
        if list.is_empty() {
            return "No sources yet.\n\nnext: rapport add <an export, archive, clone or address>\n"
                .to_owned();
        }
        let width = list.iter().map(|s| s.source.chars().count()).max().unwrap_or(10);
        let mut out = dim(&format!(
            "{:<width$}  {:<8}{:>11}{:>10}{:>10}{:>9}  last read\n",
            "source", "scope", "activities", "threads", "known", "aside"
        ));
        for s in &list {
            out.push_str(&format!(
                "{:<width$}  {:<8}{:>11}{:>10}{:>10}{:>9}  {}\n",
                s.source,
                s.scope.as_str(),
                s.activities,
                s.threads,
                s.known,
                s.rejected,
                s.last.map_or_else(|| "never".to_owned(), moment)
            ));
            if s.status != "complete" {
                out.push_str(&dim(&format!("{:width$}  {}\n", "", line(&s.status, 120))));
            }
            if let Some(paused) = &s.paused {
                let by = line(&paused.by, 40);
                let text =
                    format!("rests: {by} said so {}; rapport resume {}", moment(paused.since), s.source);
                out.push_str(&format!("{:width$}  {text}\n", ""));
            }
            if !s.limits.is_empty() {
                out.push_str(&dim(&format!("{:width$}  note: {}\n", "", s.limits)));
            }
        }
        if !quotas.is_empty() {
            out.push_str(&dim(&format!("\nstill allowed: {}\n", quotas.join("; "))));
        }
        out
    })
}

/// `api.github.com 12 of 60, new at 10:42 UTC`, as long as that is so.
fn quota(limit: &LimitRow, now: Time) -> Option<String> {
    let (remaining, quota) = (limit.remaining?, limit.quota?);
    let resets = limit.resets.filter(|at| *at > now)?.to_string();
    let bucket = if matches!(limit.bucket.as_str(), "" | "core") {
        String::new()
    } else {
        format!(" {}", limit.bucket)
    };
    Some(format!("{}{bucket} {remaining} of {quota}, new at {} UTC", limit.host, resets.get(11..16)?))
}
