//! `sync`: what is new in every source, now or again and again.

use std::path::PathBuf;

use clap::Args;
use rapport_model::{ReadCount, SourceKey};
use rapport_sources::transport::{Clock, Machine};
use rapport_sources::{Archive, connector};
use rapport_store::{SourceRow, Store, StoreError};

use super::add::{Outcome, look, outcome, parsed, read_one, said, told_line};
use super::ending::{self, Heeding};
use super::people::link::link;
use super::sources::named;
use super::{Answer, Desk, Verb, hooks, live};
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

/// How long a look waits while another process asks the same host, in milliseconds.
pub(super) const PATIENCE: u64 = 120_000;

fn sync(desk: &Desk, args: &Sync) -> Result<Answer, Fault> {
    ending::heed();
    if args.watch {
        return watch(desk, args);
    }
    let mut store = desk.writing()?;
    hooks::drain(desk, &mut store)?;
    let mut outcomes = Vec::new();
    let looks = store.looks()?;
    for source in wanted(&store, args)? {
        if ending::is_told() {
            let mut left = outcome(&store, &source.name, ReadCount::default(), None, Vec::new())?;
            left.status = Some("not looked at: it was told to stop".to_owned());
            outcomes.push(left);
            continue;
        }
        let rests = looks.get(&source.id).and_then(|row| row.rests.as_ref());
        if let Some((who, at)) = rests.filter(|_| args.source.is_none()) {
            let mut rested = outcome(&store, &source.name, ReadCount::default(), None, Vec::new())?;
            rested.status = Some(format!("rests: {who} said so on {}", at.date()));
            outcomes.push(rested);
            continue;
        }
        outcomes.push(sync_one(desk, &mut store, &source, args.allow_private, PATIENCE)?);
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
        sources = vec![named(store, wanted)?];
    }
    Ok(sources)
}

/// Reads what is new in one source. While the network is waited for, others may write.
fn sync_one(
    desk: &Desk,
    store: &mut Store,
    source: &SourceRow,
    allow_private: bool,
    patience: u64,
) -> Result<Outcome, Fault> {
    let path = PathBuf::from(&source.location);
    if let Some(address) = live::is_address(&path) {
        return look_at(desk, store, source.id, &source.name, &source.kind, address, allow_private, patience);
    }
    if source.location.starts_with(hooks::LOCATION) {
        return outcome(store, &source.name, ReadCount::default(), None, Vec::new());
    }
    let (Some(connector), Ok(archive)) = (connector(&source.kind), Archive::open(&path)) else {
        let status = format!("{} is not there any more", source.location);
        store.set_status(source.id, &status)?;
        return outcome(store, &source.name, ReadCount::default(), Some(status), Vec::new());
    };
    let what = source.name.what().to_owned();
    let outcome = read_one(desk, store, source.id, &source.name, connector, &what, &path, &archive, false);
    if !outcome.as_ref().is_ok_and(|outcome| outcome.left) {
        store.look_ends(source.id, desk.now, Machine.now())?;
    }
    outcome
}

/// Looks at one living source when it is its host's turn, and notes that it did.
#[allow(clippy::too_many_arguments)] // one call from each verb; a struct would only name them again
pub(super) fn look_at(
    desk: &Desk,
    store: &mut Store,
    id: i64,
    name: &SourceKey,
    kind: &str,
    address: &str,
    allow_private: bool,
    patience: u64,
) -> Result<Outcome, Fault> {
    store.release();
    let host = live::host(kind, address);
    let Some(turn) = live::turn(desk, &host, patience)? else {
        let mut outcome = outcome(store, name, ReadCount::default(), None, Vec::new())?;
        outcome.next_try = Some(Machine.now().plus_millis(60_000).to_string());
        outcome.status = Some(format!("another Rapport process is asking {host}"));
        store.resume()?;
        return Ok(outcome);
    };
    let began = Machine.now();
    store.resume()?;
    store.look_begins(id, began)?;
    let outcome = look(desk, store, id, name, kind, address, allow_private);
    store.resume()?;
    // One that was left in the middle has not ended: it is due at once when somebody looks again.
    if !outcome.as_ref().is_ok_and(|outcome| outcome.left) {
        store.look_ends(id, began, Machine.now())?;
    }
    drop(turn);
    outcome
}

/// A living source that is to be looked at now, and the host that it asks.
pub(crate) struct Due {
    source: SourceRow,
    /// The host.
    pub(crate) host: String,
}

/// The living sources whose time has come, the longest overdue first.
pub(crate) fn due(desk: &Desk) -> Result<Vec<Due>, Fault> {
    let schedule = desk.config()?.schedule;
    let store = desk.reading()?;
    let (looks, now) = (store.looks()?, Machine.now());
    let mut all = Vec::new();
    for source in store.sources()? {
        let Some(address) = live::is_address(&PathBuf::from(&source.location)).map(str::to_owned) else {
            continue;
        };
        let row = looks.get(&source.id).cloned().unwrap_or_default();
        let at = live::due(&schedule, &source.kind, &source.name, &row);
        if let Some(at) = at.filter(|at| *at <= now) {
            all.push((at, Due { host: live::host(&source.kind, &address), source }));
        }
    }
    all.sort_by(|(a, x), (b, y)| (a, &x.source.name).cmp(&(b, &y.source.name)));
    Ok(all.into_iter().map(|(_, due)| due).collect())
}

/// Looks at one source whose time has come. Where another process asks the same host it waits for its next time.
pub(crate) fn look_now(desk: &Desk, due: &Due) -> Result<(), Fault> {
    let mut store = match Store::open(&desk.folder) {
        Err(StoreError::Busy(_)) => return Ok(()), // somebody writes for long: the next round is soon
        opened => opened?,
    };
    let outcome = sync_one(desk, &mut store, &due.source, false, 0)?;
    if outcome.count.stored > 0 {
        store.resume()?;
        link(desk, &mut store, &desk.config()?, false)?;
    }
    Ok(())
}

/// Where `sync --watch` ended.
#[derive(serde::Serialize)]
struct Stopped {
    stopped: bool,
    /// Sources whose time had come and that were not looked at, or not to the end.
    left: Vec<String>,
}

/// Looks at every source again and again, each after its own interval, until the program is told to end: then it ends
/// between two replies. Between two looks nothing is held: other commands read and write.
fn watch(desk: &Desk, args: &Sync) -> Result<Answer, Fault> {
    let mut left: Vec<String> = Vec::new();
    while !ending::is_told() {
        let now = Machine.now();
        let here = Desk { folder: desk.folder.clone(), now, ..*desk };
        let schedule = here.config()?.schedule;
        let (sources, looks) = {
            let store = here.reading()?;
            (wanted(&store, args)?, store.looks()?)
        };
        let due = |source: &SourceRow| {
            let row = looks.get(&source.id).cloned().unwrap_or_default();
            live::due(&schedule, &source.kind, &source.name, &row)
        };
        for source in sources.iter().filter(|s| due(s).is_some_and(|at| at <= Machine.now())) {
            if ending::is_told() {
                left.push(source.name.to_string());
                continue;
            }
            // Where somebody else writes, the next round is soon.
            let Ok(mut store) = here.writing() else { break };
            hooks::drain(&here, &mut store)?;
            let outcome = sync_one(&here, &mut store, source, args.allow_private, PATIENCE)?;
            if outcome.count.stored > 0 {
                store.resume()?;
                link(&here, &mut store, &here.config()?, false)?;
            }
            drop(store);
            if ending::is_told() && outcome.left {
                left.push(source.name.to_string());
            }
            if here.json {
                let line = serde_json::to_string(&outcome).map_err(|e| Fault::usage(e.to_string()))?;
                println!("{line}");
            } else if outcome.count.stored > 0 || outcome.failed || outcome.next_try.is_some() || outcome.left
            {
                anstream::println!("{now}  {}", told_line(&outcome).trim_end());
            }
        }
        if !ending::is_told() {
            Heeding.wait(wait(&here, args)?);
        }
    }
    let stopped = Stopped { stopped: true, left };
    desk.answer(&stopped, || match &stopped.left[..] {
        [] => "stopped: everything that was asked for is in\n".to_owned(),
        left => format!("stopped: {} left for the next look, which goes on there\n", left.join(", ")),
    })
}

/// Milliseconds until the next source's time comes; a second at least, a minute at most.
fn wait(desk: &Desk, args: &Sync) -> Result<u64, Fault> {
    let schedule = desk.config()?.schedule;
    let store = desk.reading()?;
    let looks = store.looks()?;
    let each = wanted(&store, args)?;
    let next = each.iter().filter_map(|source| {
        let row = looks.get(&source.id).cloned().unwrap_or_default();
        live::due(&schedule, &source.kind, &source.name, &row)
    });
    let left = next.min().map_or(5_000, |at| at.millis().saturating_sub(Machine.now().millis()));
    Ok(left.clamp(1_000, 60_000).unsigned_abs())
}
