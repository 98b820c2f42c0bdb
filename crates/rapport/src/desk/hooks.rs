//! `hooks`: webhooks that bring what is said at once: how to set each up, how it is doing; and the way of what came
//! from the inbox into the log.

use clap::Args;
use rapport_model::{Key, Page, SourceKey, Time};
use rapport_sources::hooks::{HOOKS, Hook, Meaning, Told, hook, read};
use rapport_sources::live::{Held, registry};
use rapport_store::{HookRow, Inbound, Settled, Store, StoreError};
use serde::Serialize;
use serde_json::Value;

use super::add::parsed;
use super::people::link::link;
use super::{Answer, Desk, Verb, learned, with_judge};
use crate::delivery::secrets::{self, Secrets};
use crate::fault::Fault;
use crate::page::{bold, dim, line, moment};

pub(crate) const VERB: Verb = Verb {
    name: "hooks",
    about: "Webhooks that bring what is said at once: how to set each up, and how it is doing",
    example: "rapport hooks\nrapport hooks github",
    args: Hooks::augment_args,
    call: |desk, matches| hooks(desk, &parsed(matches)?),
};

/// Arguments of `hooks`.
#[derive(Args)]
struct Hooks {
    /// How to set this one up, step by step
    hook: Option<String>,
}

/// What a source is told to be read from when only deliveries bring it.
pub(super) const LOCATION: &str = "webhook:";
/// So many deliveries go into one transaction at most.
const BATCH: usize = 200;
/// Shorter secrets can be guessed; they are not used.
const SHORTEST: usize = 8;

/// One hook, as it is shown.
#[derive(Serialize)]
struct Row {
    hook: &'static str,
    title: &'static str,
    /// Where deliveries are posted to, behind the desk's own address.
    path: &'static str,
    /// The variable of its secret.
    secret: String,
    /// Whether it is set, here and now.
    ready: bool,
    /// Why the secret cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<String>,
    received: u64,
    repeated: u64,
    stored: u64,
    known: u64,
    aside: u64,
    passed: u64,
    refused: u64,
    waiting: u64,
    last: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_refused: Option<Failure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_aside: Option<Failure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_passed: Option<String>,
    steps: &'static str,
}

#[derive(Serialize)]
struct Failure {
    at: Time,
    why: String,
}

fn hooks(desk: &Desk, args: &Hooks) -> Result<Answer, Fault> {
    let wanted: Vec<&Hook> = match &args.hook {
        None => HOOKS.iter().collect(),
        Some(name) => vec![hook(name).ok_or_else(|| {
            let all: Vec<&str> = HOOKS.iter().map(|h| h.name).collect();
            Fault::usage(format!("there is no hook '{}'", line(name, 40)))
                .hint(format!("hooks: {}", all.join(", ")))
        })?],
    };
    let known = desk.reading()?.hooks()?;
    let rows: Vec<Row> = wanted.iter().map(|h| row(desk, h, &known)).collect();
    desk.answer(&rows, || match &rows[..] {
        [one] if args.hook.is_some() => steps(desk, one),
        _ => listed(desk, &rows),
    })
}

fn row(desk: &Desk, hook: &Hook, known: &[HookRow]) -> Row {
    let HookRow {
        received,
        repeated,
        stored,
        known,
        aside,
        passed,
        passed_why,
        refused,
        last,
        last_refused,
        last_aside,
        waiting,
        ..
    } = known.iter().find(|row| row.name == hook.name).cloned().unwrap_or_default();
    let found = secrets(desk, hook);
    let failure = |(at, why): (Time, String)| Failure { at, why };
    Row {
        hook: hook.name,
        title: hook.title,
        path: hook.path,
        secret: secrets::name("HOOK", hook.name),
        ready: found.is_ok(),
        trouble: found.err().map(|fault| fault.message).filter(|why| !why.contains("is not set")),
        received,
        repeated,
        stored,
        known,
        aside,
        passed,
        refused,
        waiting,
        last,
        last_refused: last_refused.map(failure),
        last_aside: last_aside.map(failure),
        last_passed: Some(passed_why).filter(|why| !why.is_empty()),
        steps: hook.steps,
    }
}

fn listed(desk: &Desk, rows: &[Row]) -> String {
    let mut out = String::new();
    for row in rows {
        let state = match (row.ready, row.last) {
            (true, Some(at)) => format!("last delivery {}", moment(at)),
            (true, None) => "its secret is set, nothing came yet".to_owned(),
            (false, _) => format!("off: {} is not set", row.secret),
        };
        let name = bold(&format!("{:<11}", row.hook));
        out.push_str(&format!("{name} {:<31} {state}\n", row.path));
        out.push_str(&told(row));
    }
    out.push_str(&dim(&format!("\nnext: {} hooks github   how to set one up\n", desk.program())));
    out
}

/// The figures and the last failures of a hook, where there are any.
fn told(row: &Row) -> String {
    let mut out = String::new();
    if row.received > 0 {
        out.push_str(&dim(&format!(
            "            {} taken: {} revisions stored, {} known; {} came twice, {} none of ours, {} set aside, {} wait\n",
            row.received, row.stored, row.known, row.repeated, row.passed, row.aside, row.waiting
        )));
    }
    if let Some(why) = &row.trouble {
        out.push_str(&format!("            {}\n", line(why, 160)));
    }
    if let Some(why) = &row.last_passed {
        out.push_str(&dim(&format!("            last passed over: {}\n", line(why, 140))));
    }
    for (what, failure) in [("refused", &row.last_refused), ("set aside", &row.last_aside)] {
        if let Some(failure) = failure {
            let n = if what == "refused" { row.refused } else { row.aside };
            let why = line(&failure.why, 100);
            out.push_str(&format!("            {n} {what}, last {}: {why}\n", moment(failure.at)));
        }
    }
    out
}

fn steps(desk: &Desk, row: &Row) -> String {
    format!(
        "{}\n\n1. Make a secret (openssl rand -hex 32) and let the desk know it:\n     {}=… in the environment of `rapport serve`, or in {} (chmod 600). Two, with a space between, while one is changed.\n2. {}\n   URL: https://YOUR-DESK{}\n3. {} hooks   shows the first delivery.\n\n{}",
        bold(row.title),
        row.secret,
        desk.folder.join(secrets::FILE).display(),
        row.steps,
        row.path,
        desk.program(),
        told(row)
    )
}

/// The secrets that may sign deliveries of a hook: one, or two while one is changed for another.
///
/// # Errors
/// When there is none, or none that may be used; the message never shows one.
pub(crate) fn secrets(desk: &Desk, hook: &Hook) -> Result<Vec<Vec<u8>>, Fault> {
    let found = Secrets::of(&desk.folder)?.get("HOOK", hook.name).map_err(Fault::usage)?;
    let each: Vec<Vec<u8>> =
        found.reveal().split_whitespace().take(2).map(|word| word.as_bytes().to_vec()).collect();
    if each.iter().any(|secret| secret.len() < SHORTEST) {
        let name = secrets::name("HOOK", hook.name);
        return Err(Fault::usage(format!("{name} is shorter than {SHORTEST} characters: it is not used")));
    }
    Ok(each)
}

/// Deliveries of one source that go into the log together.
struct Group {
    hook: &'static Hook,
    name: SourceKey,
    source: i64,
    pages: Vec<Page>,
    deliveries: Vec<Inbound>,
    wanted: Option<Time>,
}

/// Brings everything that waits in the inbox into the log; gives how many revisions that stored.
///
/// # Errors
/// When the folder cannot be written; what is left waits on.
pub(crate) fn drain(desk: &Desk, store: &mut Store) -> Result<u64, Fault> {
    let mut stored = 0;
    loop {
        let batch = store.inbox(BATCH)?;
        if batch.is_empty() {
            return Ok(stored);
        }
        let mut groups: Vec<Group> = Vec::new();
        for delivery in batch {
            stored += sort(desk, store, &mut groups, delivery)?;
        }
        stored += write_all(desk, store, &mut groups)?;
    }
}

/// [`drain`] where something waits. Gives how many revisions that stored; none, and nothing done, while somebody else
/// writes for long.
///
/// # Errors
/// As [`drain`].
pub(crate) fn drain_now(desk: &Desk) -> Result<u64, Fault> {
    if !Store::read(&desk.folder)?.anything_waits()? {
        return Ok(0);
    }
    match Store::open(&desk.folder) {
        Ok(mut store) => drain(desk, &mut store),
        Err(StoreError::Busy(_)) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// Weighs who the new people are that deliveries brought.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn weigh(desk: &Desk) -> Result<(), Fault> {
    let mut store = desk.writing()?;
    link(desk, &mut store, &desk.config()?, false)?;
    Ok(())
}

/// Reads one delivery and puts it to the others of its source; what means nothing leaves at once.
fn sort(desk: &Desk, store: &mut Store, groups: &mut Vec<Group>, delivery: Inbound) -> Result<u64, Fault> {
    let Some(hook) = hook(&delivery.hook) else {
        store.set_delivery_aside(&delivery, "nobody reads this kind any more")?;
        return Ok(0);
    };
    let meaning =
        std::panic::catch_unwind(|| read(hook, &delivery.event, &delivery.hint, &delivery.body, delivery.at));
    let told = match meaning.unwrap_or_else(|_| Err("the reader broke down; please report this".to_owned())) {
        Err(why) => {
            store.set_delivery_aside(&delivery, &line(&why, 200))?;
            return Ok(0);
        }
        Ok(Meaning::Nothing(why)) => {
            store.pass_delivery(&delivery, &why, None)?;
            return Ok(0);
        }
        Ok(Meaning::Told(told)) => *told,
    };
    let name = SourceKey::new(hook.name, &told.what);
    let source = match store.source_id(name.as_str())? {
        Some(source) => source,
        None if hook.makes => {
            let location = format!("{LOCATION}{}", hook.name);
            let source = store.add_source(&name, hook.name, None, &location, desk.now)?;
            store.set_status(source, "told by deliveries")?;
            source
        }
        None => {
            let why = format!("{name} is not listened to: rapport add it first");
            store.pass_delivery(&delivery, &why, None)?;
            return Ok(0);
        }
    };
    // Who wrote what is told anonymously only the log knows: what came before has to be in it.
    let mut before = 0;
    if !told.anonymous.is_empty() {
        before = write_all(desk, store, groups)?;
    }
    let (page, wanted) = mended(store, source, hook, told)?;
    let at = delivery.at;
    let group = match groups.iter_mut().position(|g| g.source == source) {
        Some(place) => &mut groups[place],
        None => {
            groups.push(Group {
                hook,
                name,
                source,
                pages: Vec::new(),
                deliveries: Vec::new(),
                wanted: None,
            });
            let last = groups.len() - 1;
            &mut groups[last]
        }
    };
    group.pages.push(page);
    group.deliveries.push(delivery);
    group.wanted = group.wanted.max(wanted.then_some(at));
    Ok(before)
}

/// A page with what only the log knows: authors and exact times; and whether the source should be looked at.
fn mended(store: &Store, source: i64, hook: &Hook, told: Told) -> Result<(Page, bool), Fault> {
    let Told { mut page, anonymous, mut wanted, .. } = told;
    for record in &mut page.records {
        let mut kept = Vec::new();
        for mut activity in std::mem::take(&mut record.activities) {
            let held = store.author_of(source, &activity.key)?;
            if let Some((_, at)) =
                held.as_ref().filter(|(_, at)| at.millis() / 1000 == activity.at.millis() / 1000)
            {
                activity.at = *at; // told to the second here, and closer there
            }
            if anonymous.contains(&activity.key) {
                let Some((who, _)) = held else {
                    wanted = true;
                    continue;
                };
                activity.who = who;
            }
            kept.push(activity);
        }
        record.activities = kept;
    }
    page.records.retain(|record| !record.activities.is_empty() || !record.rejects.is_empty());
    if let Some(live) = registry::live(hook.name) {
        live.mend(&mut page, &Log { store, source });
    }
    Ok((page, wanted))
}

fn write_all(desk: &Desk, store: &mut Store, groups: &mut Vec<Group>) -> Result<u64, Fault> {
    let mut stored = 0;
    for group in std::mem::take(groups) {
        stored += match write(desk, store, &group) {
            Ok(stored) => stored,
            Err(StoreError::Other { why, .. } | StoreError::Refused(why)) if group.deliveries.len() == 1 => {
                store.set_delivery_aside(&group.deliveries[0], &line(&why, 200))?;
                0
            }
            // One of them is to blame: each by itself.
            Err(StoreError::Other { .. } | StoreError::Refused(_)) => {
                let Group { hook, name, source, pages, deliveries, wanted } = group;
                let mut stored = 0;
                for (page, delivery) in pages.into_iter().zip(deliveries) {
                    let (pages, deliveries, name) = (vec![page], vec![delivery], name.clone());
                    let one = Group { hook, name, source, pages, deliveries, wanted };
                    stored += write_all(desk, store, &mut vec![one])?;
                }
                stored
            }
            Err(error) => return Err(error.into()),
        };
    }
    Ok(stored)
}

fn write(desk: &Desk, store: &mut Store, group: &Group) -> Result<u64, StoreError> {
    let unread = |fault: Fault| StoreError::Disk { path: desk.folder.clone(), why: fault.message };
    let declared = desk.config().map_err(unread)?.declared();
    let known = learned(store).map_err(unread)?;
    let settled = Settled {
        hook: group.hook.name.to_owned(),
        ids: group.deliveries.iter().map(|d| d.id).collect(),
        wanted: group.wanted.map(|at| (group.source, at)),
    };
    let mut read = store.begin_read(group.source, desk.now)?;
    let count = with_judge(&declared, &known, |judge| read.take_deliveries(&group.pages, &settled, judge))?;
    Ok(count.stored)
}

/// The log, for what a delivery alone cannot know.
struct Log<'s> {
    store: &'s Store,
    source: i64,
}

impl Held for Log<'_> {
    fn opening(&self, thread: &Key) -> Option<Key> {
        self.store.opening(self.source, thread).unwrap_or_default()
    }
    fn keys(&self, thread: &Key) -> Vec<Key> {
        self.store.thread_keys(self.source, thread).unwrap_or_default()
    }
    fn threads(&self, from: &Key, to: &Key) -> Vec<Key> {
        self.store.threads_between(self.source, from, to).unwrap_or_default()
    }
    fn between(&self, from: &Key, to: &Key, url: &str) -> Vec<(Key, Key)> {
        self.store.between(self.source, from, to, url).unwrap_or_default()
    }
    fn cursor(&self, _stream: &str) -> Option<Value> {
        None
    }
}
