//! `sync`: what is new in every source, now or again and again.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::Args;
use rapport_model::{ReadCount, Time};
use rapport_sources::transport::{Clock, Machine};
use rapport_sources::{Archive, connector};
use rapport_store::{SourceRow, Store};

use super::add::{Outcome, look, outcome, parsed, read_one, said, told_line};
use super::people::link::link;
use super::{Answer, Desk, Verb, live};
use crate::fault::{Fault, FaultKind};

pub(crate) const VERB: Verb = Verb {
    name: "sync",
    about: "Read what is new in every source, or in one",
    example: "rapport sync\nrapport sync github:acme/relay",
    args: Sync::augment_args,
    call: |desk, matches| sync(desk, &parsed(matches)?),
};

/// Arguments of `sync`.
#[derive(Args)]
struct Sync {
    /// Only this source
    source: Option<String>,
    /// Contact addresses inside this network, too
    #[arg(long)]
    allow_private: bool,
    /// Go on: every source is looked at again after its own interval, until you stop it
    #[arg(long)]
    watch: bool,
}

fn sync(desk: &Desk, args: &Sync) -> Result<Answer, Fault> {
    if args.watch {
        return watch(desk, args);
    }
    let mut store = desk.writing()?;
    let mut outcomes = Vec::new();
    for source in wanted(&store, args)? {
        outcomes.push(sync_one(desk, &mut store, &source, args.allow_private)?);
    }
    link(desk, &mut store, &desk.config()?, false)?;
    said(desk, &outcomes)
}

fn wanted(store: &Store, args: &Sync) -> Result<Vec<SourceRow>, Fault> {
    let mut sources = store.sources()?;
    if sources.is_empty() {
        let fault = Fault::new(FaultKind::Refused, "there is no source to read yet");
        return Err(fault.hint("rapport add <an export, archive, clone or address>"));
    }
    if let Some(wanted) = &args.source {
        sources.retain(|s| s.name.as_str() == wanted);
        if sources.is_empty() {
            return Err(
                Fault::usage(format!("there is no source '{wanted}'")).hint("rapport sources  lists them")
            );
        }
    }
    Ok(sources)
}

fn sync_one(
    desk: &Desk,
    store: &mut Store,
    source: &SourceRow,
    allow_private: bool,
) -> Result<Outcome, Fault> {
    let path = PathBuf::from(&source.location);
    if let Some(address) = live::is_address(&path) {
        return look(desk, store, source.id, &source.name, &source.kind, address, allow_private);
    }
    let (Some(connector), Ok(archive)) = (connector(&source.kind), Archive::open(&path)) else {
        let status = format!("{} is not there any more", source.location);
        store.set_status(source.id, &status)?;
        return outcome(store, &source.name, ReadCount::default(), Some(status), Vec::new());
    };
    let what = source.name.what().to_owned();
    read_one(desk, store, source.id, &source.name, connector, &what, &path, &archive, false)
}

/// Looks at every source again and again, each after its own interval, until the program is stopped. Between two looks
/// nothing is held: other commands read and write.
fn watch(desk: &Desk, args: &Sync) -> Result<Answer, Fault> {
    let mut due: HashMap<i64, Time> = HashMap::new();
    loop {
        let now = Machine.now();
        let here = Desk { folder: desk.folder.clone(), now, ..*desk };
        let sources = {
            let store = here.reading()?;
            wanted(&store, args)?
        };
        for source in &sources {
            if due.get(&source.id).is_some_and(|at| *at > Machine.now()) {
                continue;
            }
            // Where somebody else writes, the next round is soon.
            let Ok(mut store) = here.writing() else { break };
            let outcome = sync_one(&here, &mut store, source, args.allow_private)?;
            if outcome.count.stored > 0 {
                link(&here, &mut store, &here.config()?, false)?;
            }
            drop(store);
            let rest = live::interval(&source.kind, &source.name, now);
            let next = Machine.now().plus_millis(rest);
            let told = outcome.next_try.as_deref().and_then(|t| Time::parse(t).ok());
            due.insert(source.id, told.map_or(next, |told| told.max(next)));
            if here.json {
                let line = serde_json::to_string(&outcome).map_err(|e| Fault::usage(e.to_string()))?;
                println!("{line}");
            } else if outcome.count.stored > 0 || outcome.failed || outcome.next_try.is_some() {
                println!("{now}  {}", told_line(&outcome).trim_end());
            }
        }
        let next = sources.iter().filter_map(|s| due.get(&s.id)).min().copied();
        let wait = next.map_or(5_000, |at| (at.millis() - Machine.now().millis()).clamp(1_000, 60_000));
        Machine.wait(wait.unsigned_abs());
    }
}
