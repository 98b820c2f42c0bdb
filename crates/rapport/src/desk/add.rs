//! `add`: a place to listen to, read at once; [`super::sync`] reads it again.

use std::collections::HashMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;

use clap::{ArgMatches, Args, FromArgMatches};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rapport_model::{ItemInfo, Page, ReadCount, Scope, SourceKey};
use rapport_sources::contract::Connector;
use rapport_sources::{Archive, Done, connector, detect, read};
use rapport_store::Store;
use serde::Serialize;

use super::live::{self, Look};
use super::people::link::link;
use super::{Answer, Desk, Verb, ending, learned, sync, with_judge};
use crate::fault::{Fault, FaultKind};
use crate::page::{bold, count, dim, line};

pub(crate) const ADD: Verb = Verb {
    name: "add",
    about: "Add a place to listen to: an archive, export or clone, or a living channel by its address",
    example: "rapport add ./slack-export.zip\nrapport add github:acme/relay https://forum.acme.example\nrapport add https://stackoverflow.com/questions/tagged/relay --scope market\nrapport add https://stats.acme.example/docs.acme.example --kind plausible --property term",
    args: Add::augment_args,
    call: |desk, matches| add(desk, &parsed(matches)?),
};
pub(crate) fn parsed<A: FromArgMatches>(matches: &ArgMatches) -> Result<A, Fault> {
    A::from_arg_matches(matches).map_err(|e| Fault::usage(e.to_string()))
}

/// Arguments of `add`.
#[derive(Args)]
struct Add {
    /// Files, folders, ZIPs, git clones, or addresses: github:owner/repo, slack:T0123ABCD, matrix:#room:server,
    /// https://forum... (`rapport reference connectors` has all, and where a token goes)
    #[arg(required = true, value_name = "WHAT")]
    what: Vec<PathBuf>,
    /// What the source tells about: product or market
    #[arg(long, value_parser = scope)]
    scope: Option<Scope>,
    /// The connector, when detection is unsure
    #[arg(long)]
    kind: Option<String>,
    /// The source's name behind the connector, when its content does not tell
    #[arg(long)]
    name: Option<String>,
    /// Read everything again, also what was read to its end
    #[arg(long)]
    again: bool,
    /// Only remember it; `sync` reads it
    #[arg(long)]
    later: bool,
    /// Contact addresses inside this network, too
    #[arg(long)]
    allow_private: bool,
    /// Plausible: the custom property that holds what was searched for, and the one that says how many pages came:
    /// term or term+hits; search_query+result_count when left out
    #[arg(long)]
    property: Option<String>,
    /// You have read what the refusal says of the service's terms, and may read the place under them
    #[arg(long)]
    agree: bool,
}

pub(super) fn scope(word: &str) -> Result<Scope, String> {
    Scope::from_word(word).ok_or_else(|| "product or market".to_owned())
}

/// What one source's read came to.
#[derive(Serialize)]
pub(super) struct Outcome {
    pub(super) source: SourceKey,
    pub(super) kind: String,
    pub(super) scope: Scope,
    #[serde(flatten)]
    pub(super) count: ReadCount,
    pub(super) threads: u64,
    pub(super) rejects: Vec<Rejected>,
    pub(super) next_try: Option<String>,
    /// How far a living source is, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<String>,
    /// Requests that went out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) requests: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) warning: Option<String>,
    /// It cannot be read before somebody changes something.
    #[serde(skip)]
    pub(super) failed: bool,
    /// Its look was left in the middle, because the process was told to end.
    #[serde(skip)]
    pub(super) left: bool,
}

#[derive(Serialize)]
pub(super) struct Rejected {
    #[serde(rename = "where")]
    pub(super) place: String,
    pub(super) why: String,
}

fn add(desk: &Desk, args: &Add) -> Result<Answer, Fault> {
    ending::heed();
    let mut outcomes = Vec::new();
    let mut store = desk.writing()?;
    for (n, path) in args.what.iter().enumerate() {
        if ending::is_told() {
            let rest: Vec<_> = args.what[n..].iter().map(|path| path.to_string_lossy()).collect();
            eprintln!("not added, because it was told to stop: {}", rest.join(", "));
            break;
        }
        if let Some(address) = live::is_address(path) {
            outcomes.push(add_address(desk, &mut store, address, args)?);
            continue;
        }
        let archive = Archive::open(path).map_err(|e| {
            Fault::new(FaultKind::Source, e.to_string())
                .hint("name a file, a folder, a ZIP, a git clone or an address")
                .hint(live::KINDS)
        })?;
        let (connector, what) = chosen(&archive, path, args)?;
        let name = SourceKey::new(connector.about().name, &what);
        let location = location(&store, &name, path)?;
        let id = store.add_source(&name, connector.about().name, args.scope, &location, desk.now)?;
        if args.later {
            store.set_status(id, "not read yet")?;
            outcomes.push(outcome(&store, &name, ReadCount::default(), None, Vec::new())?);
        } else {
            outcomes
                .push(read_one(desk, &mut store, id, &name, connector, &what, path, &archive, args.again)?);
        }
    }
    if !args.later {
        link(desk, &mut store, &desk.config()?, false)?;
    }
    said(desk, &outcomes)
}

/// Where a source is read from the next time. An export of a place that is read while it lives does not end that.
fn location(store: &Store, name: &SourceKey, path: &Path) -> Result<String, Fault> {
    let held = store.sources()?.into_iter().find(|s| s.name == *name).map(|s| s.location);
    if let Some(living) = held.filter(|held| live::is_address(Path::new(held)).is_some()) {
        return Ok(living);
    }
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Ok(path.to_string_lossy().into_owned())
}

/// Adds one archive and tells in a line what came of it.
pub(super) fn add_path(
    desk: &Desk,
    store: &mut Store,
    path: &Path,
    name: Option<&str>,
) -> Result<String, Fault> {
    let archive = Archive::open(path).map_err(|e| Fault::new(FaultKind::Source, e.to_string()))?;
    let args = Add {
        what: Vec::new(),
        scope: None,
        kind: None,
        name: name.map(str::to_owned),
        again: false,
        later: false,
        allow_private: false,
        property: None,
        agree: false,
    };
    let (connector, what) = chosen(&archive, path, &args)?;
    let name = SourceKey::new(connector.about().name, &what);
    let id = store.add_source(&name, connector.about().name, None, &path.to_string_lossy(), desk.now)?;
    let done = read_one(desk, store, id, &name, connector, &what, path, &archive, false)?;
    let c = done.count;
    Ok(format!(
        "  {:<46} {:>4} activities stored, {} set aside, {}\n",
        name.as_str(),
        c.stored,
        c.rejected,
        count(usize::try_from(done.threads).unwrap_or(0), "thread", "threads")
    ))
}

fn chosen(archive: &Archive, path: &Path, args: &Add) -> Result<(&'static dyn Connector, String), Fault> {
    let found = detect(archive);
    if let Some(kind) = &args.kind {
        let connector = connector(kind)
            .ok_or_else(|| Fault::usage(format!("there is no connector '{kind}'")).hint(live::KINDS))?;
        let detected = found.into_iter().find(|(c, _)| c.about().name == kind).map(|(_, d)| d.what);
        let what = args.name.clone().or(detected).unwrap_or_else(|| {
            path.file_stem().map_or_else(|| "archive".to_owned(), |n| n.to_string_lossy().into_owned())
        });
        return Ok((connector, what));
    }
    let Some((connector, detected)) = found.into_iter().next() else {
        return Err(Fault::new(
            FaultKind::Source,
            format!("{}: no connector knows this shape", path.display()),
        )
        .hint(format!("rapport add {} --kind KIND", path.display()))
        .hint(live::KINDS));
    };
    Ok((connector, args.name.clone().unwrap_or(detected.what)))
}

/// Adds a living channel.
fn add_address(desk: &Desk, store: &mut Store, address: &str, args: &Add) -> Result<Outcome, Fault> {
    let counts = args.kind.as_deref() == Some("plausible")
        || rapport_sources::live::located(address).is_some_and(|(live, _)| live.about().name == "plausible");
    if args.property.is_some() && !counts {
        let say = format!("{address} has no --property");
        return Err(Fault::usage(say).hint("of a Plausible on a host of its own:  --kind plausible"));
    }
    // It belongs to the address: what is read again is read by the same.
    let with = args.property.as_ref().map(|property| format!("{address}#{property}"));
    let address = with.as_deref().unwrap_or(address);
    let (kind, what) = match live::remote(address, args.kind.as_deref()) {
        Some(what) => ("git", what),
        None => {
            // It may have to be asked what it is.
            store.release();
            let found = live::channel(desk, address, args.kind.as_deref(), args.allow_private)?;
            if let Some(terms) = found.live.terms().filter(|_| !args.agree) {
                let why = format!("{} is off until you agree: {terms}", found.live.about().title);
                return Err(
                    Fault::new(FaultKind::Refused, why).hint(format!("rapport add '{address}' --agree"))
                );
            }
            store.resume()?;
            (found.live.about().name, found.place.what)
        }
    };
    let name = SourceKey::new(kind, args.name.as_deref().unwrap_or(&what));
    let id = store.add_source(&name, kind, args.scope, address, desk.now)?;
    if args.again {
        store.reset_cursors(id)?;
    }
    if args.later {
        store.set_status(id, "not read yet")?;
        let mut later = outcome(store, &name, ReadCount::default(), None, Vec::new())?;
        later.status = Some(format!("not read yet: rapport sync {name}"));
        return Ok(later);
    }
    let outcome = sync::look_at(desk, store, id, &name, kind, address, args.allow_private, sync::PATIENCE)?;
    if outcome.failed && store.drop_unread(id)? {
        // A place that was never there is no source.
        let why = outcome.warning.unwrap_or_default();
        return Err(Fault::new(FaultKind::Source, format!("{address}: {why}")));
    }
    Ok(outcome)
}

/// Looks at one living source and says what came of it.
pub(super) fn look(
    desk: &Desk,
    store: &mut Store,
    id: i64,
    name: &SourceKey,
    kind: &str,
    address: &str,
    allow_private: bool,
) -> Result<Outcome, Fault> {
    if let Some(what) = live::remote(address, Some(kind)) {
        store.release();
        let fetched = live::fetch(desk, address, &what, allow_private);
        store.resume()?;
        let path = match fetched {
            Ok(path) => path,
            Err(why) => {
                let warning = format!("git: {why}");
                store.set_status(id, &warning)?;
                let mut outcome = outcome(store, name, ReadCount::default(), Some(warning), Vec::new())?;
                outcome.failed = true;
                return Ok(outcome);
            }
        };
        let archive = Archive::open(&path).map_err(|e| Fault::new(FaultKind::Source, e.to_string()))?;
        let connector = connector("git").ok_or_else(|| Fault::usage("nobody reads git"))?;
        return read_one(desk, store, id, name, connector, name.what(), &path, &archive, false);
    }
    let channel = live::channel(desk, address, Some(kind), allow_private)?;
    let title = channel.live.about().title;
    let looked = live::look(desk, store, id, name, channel, allow_private)?;
    let mut outcome = outcome(store, name, looked.count, None, looked.rejects)?;
    outcome.requests = Some(looked.sent);
    match looked.look {
        Look::Done => outcome.status = Some(format!("all in: {}", looked.so_far)),
        Look::Later(_, why) if why == ending::WHY => {
            outcome.left = true;
            outcome.status = Some(live::left(title, &looked.so_far));
        }
        Look::Later(until, why) => {
            outcome.next_try = Some(until.to_string());
            outcome.status = Some(live::waiting(title, until, &why, &looked.so_far, desk.now));
        }
        Look::Denied(why, hint) => {
            outcome.warning = Some(format!("{title}: {why}; {hint}"));
            outcome.failed = true;
        }
    }
    Ok(outcome)
}

/// How many bytes of records (1,000 more for each) go into one transaction.
const BATCH_WEIGHT: usize = 16 << 20;

#[allow(clippy::too_many_arguments)] // one call from each verb; a struct would only name them again
pub(super) fn read_one(
    desk: &Desk,
    store: &mut Store,
    id: i64,
    name: &SourceKey,
    connector: &'static dyn Connector,
    what: &str,
    path: &Path,
    archive: &Archive,
    again: bool,
) -> Result<Outcome, Fault> {
    let config = desk.config()?;
    let mut known: HashMap<String, u64> = HashMap::new();
    if !again {
        for info in archive.infos() {
            if let Some(done) = store.progress(id, info)? {
                known.insert(info.name.clone(), done);
            }
        }
    }
    let bar = progress_bar(archive, name);
    // One thread reads and parses, this one judges and stores: two cores, and never more than a few pages in memory.
    let (send, receive) = sync_channel::<Vec<Page>>(1);
    let (place, what) = (path.to_owned(), what.to_owned());
    let reader = std::thread::spawn(move || {
        let archive = Archive::open(&place)?;
        // Small items are gathered: a transaction for each of ten thousand files would wait on the disk, not work.
        let (mut gathered, mut weight): (Vec<Page>, usize) = (Vec::new(), 0);
        let mut receive = |page: Page| {
            weight += 1 + page.records.iter().map(|r| 1_000 + r.raw.len()).sum::<usize>();
            gathered.push(page);
            if weight < BATCH_WEIGHT {
                return ControlFlow::Continue(());
            }
            weight = 0;
            if send.send(std::mem::take(&mut gathered)).is_ok() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        };
        let done =
            read(&archive, connector, &what, &|info: &ItemInfo| known.get(&info.name).copied(), &mut receive);
        let _ = send.send(gathered); // nobody left to take it: the other side has already failed and says so
        Ok::<Done, rapport_sources::Unopened>(done)
    });
    let mut rejects = Vec::new();
    let declared = config.declared();
    let learned = learned(store)?;
    let mut new_read = store.begin_read(id, desk.now)?;
    let (mut failed, mut left) = (None, false);
    for pages in receive {
        if ending::is_told() && !pages.is_empty() {
            left = true; // the other side notices as it sends; what it has is read the next time
            break;
        }
        for page in &pages {
            for reject in page.records.iter().flat_map(|r| &r.rejects).chain(&page.rejects).take(1_000) {
                let place = format!("{} {}", page.item.name, reject.at);
                rejects.push(Rejected { place, why: reject.why.clone() });
            }
        }
        if let Err(error) = with_judge(&declared, &learned, |judge| new_read.take(&pages, judge)) {
            failed = Some(error);
            break;
        }
        bar.set_message(format!("{} stored", new_read.count().stored));
        bar.inc(pages.iter().filter(|p| p.last).map(|p| p.item.len.max(1)).sum());
    }
    let count = new_read.count();
    bar.finish_and_clear();
    let ended = reader.join();
    if let Some(error) = failed {
        return Err(error.into());
    }
    match ended {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => return Err(Fault::new(FaultKind::Source, error.to_string())),
        Err(_) => {
            return Err(Fault::new(
                FaultKind::Source,
                format!("{name}: the reader broke down; what came before is kept"),
            )
            .hint("please report this with the archive's shape"));
        }
    }
    let status = match (&archive.damage, count.rejected) {
        _ if left => "left in the middle; rapport sync goes on there".to_owned(),
        (Some(damage), _) => damage.clone(),
        (None, 0) => "complete".to_owned(),
        (None, n) => format!("complete but for {n} set aside: rapport sources --rejects {name}"),
    };
    store.set_status(id, &status)?;
    rejects.truncate(1_000);
    let mut outcome = outcome(store, name, count, archive.damage.clone(), rejects)?;
    outcome.left = left;
    outcome.status = left.then_some(status);
    Ok(outcome)
}

fn progress_bar(archive: &Archive, name: &SourceKey) -> ProgressBar {
    let total = archive.infos().iter().map(|i| i.len.max(1)).sum();
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:30} {percent:>3} %  {msg}  {eta}") {
        bar.set_style(style);
    }
    bar.set_prefix(name.to_string());
    bar
}

pub(super) fn outcome(
    store: &Store,
    name: &SourceKey,
    count: ReadCount,
    warning: Option<String>,
    rejects: Vec<Rejected>,
) -> Result<Outcome, Fault> {
    let sources = store.sources()?;
    let row = sources.iter().find(|s| s.name == *name);
    Ok(Outcome {
        source: name.clone(),
        kind: row.map(|r| r.kind.clone()).unwrap_or_default(),
        scope: row.map(|r| r.scope).unwrap_or_default(),
        count,
        threads: row.map_or(0, |r| r.threads),
        rejects,
        next_try: None,
        status: None,
        requests: None,
        warning,
        failed: false,
        left: false,
    })
}

/// The answer. What could be read is in it, and where a source failed the exit code says so as well.
pub(super) fn said(desk: &Desk, outcomes: &[Outcome]) -> Result<Answer, Fault> {
    let answer = desk.answer(&outcomes, || {
        let mut text: String = outcomes.iter().map(told_line).collect();
        text.push_str(&dim("\nnext: rapport needs \u{b7} rapport report \u{b7} rapport search WORDS\n"));
        text
    })?;
    let failed: Vec<&Outcome> = outcomes.iter().filter(|o| o.failed).collect();
    let Some(first) = failed.first() else { return Ok(answer) };
    // Both are wanted: the list for who reads it, the fault for who only sees the exit code.
    let mut out = anstream::stdout().lock();
    let _ = writeln!(out, "{}{}", answer.json, answer.text.trim_end());
    let why = first.warning.as_deref().unwrap_or("it cannot be read");
    let more = if failed.len() > 1 { format!(" (and {} more)", failed.len() - 1) } else { String::new() };
    Err(Fault::new(FaultKind::Source, format!("{}: {why}{more}", first.source))
        .hint("rapport sources  shows how each stands; what came before is kept"))
}

pub(super) fn told_line(o: &Outcome) -> String {
    let c = o.count;
    let mut text = format!(
        "{}  read {} = {} stored + {} known + {} set aside; {}\n",
        bold(o.source.as_str()),
        c.read,
        c.stored,
        c.known,
        c.rejected,
        count(usize::try_from(o.threads).unwrap_or(0), "thread", "threads")
    );
    for told in [&o.status, &o.warning].into_iter().flatten() {
        text.push_str(&format!("  {told}\n"));
    }
    for reject in o.rejects.iter().take(5) {
        text.push_str(&format!("  set aside: {}: {}\n", line(&reject.place, 100), line(&reject.why, 120)));
    }
    if o.rejects.len() > 5 {
        text.push_str(&format!(
            "  and {} more: rapport sources --rejects {}\n",
            o.rejects.len() - 5,
            o.source
        ));
    }
    text
}
