//! What a sight is made from, as the folder has it: the threads that ask for something, and where each was placed. A program
//! that stays keeps them, and reads no more than what changed since.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rapport_insight::topics::Topics;
use rapport_store::{Asking, AskingMark, Spot, Store, TopicFinding, Word};

use crate::desk::Desk;
use crate::fault::Fault;

/// What was read; `asks` and `spots` belong together by place.
#[derive(Clone)]
pub(super) struct Threads {
    /// In order of time.
    pub(super) asks: Vec<Arc<Asking>>,
    /// Where each was placed; none has come since.
    pub(super) spots: Vec<Option<Arc<Spot>>>,
    /// What the finder left.
    pub(super) kept: Option<TopicFinding>,
    pub(super) state: Option<Arc<Topics>>,
}

/// What a program that stays holds of one folder.
struct Held {
    folder: PathBuf,
    mark: AskingMark,
    /// The newest word that let threads belong elsewhere.
    moved: i64,
    threads: Threads,
    /// When places were written down last.
    written: Option<Instant>,
}

static STAYS: AtomicBool = AtomicBool::new(false);
static HELD: Mutex<Option<Held>> = Mutex::new(None);

/// Where threads of every second belong is written down no more often: it can be told anew at any time.
const APART: Duration = Duration::from_secs(30);

/// This program stays: what was read is worth holding.
pub(crate) fn stay() {
    STAYS.store(true, Ordering::Relaxed);
}

/// Whether what came since the last time is to be written down.
pub(super) fn time_to_keep(desk: &Desk) -> bool {
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(held) = held.as_mut().filter(|held| held.folder == desk.folder) else { return true };
    let due = held.written.is_none_or(|at| at.elapsed() > APART);
    if due {
        held.written = Some(Instant::now());
    }
    due
}

/// The threads as they are now.
pub(super) fn threads(desk: &Desk, store: &Store, every: &[Word]) -> Result<Threads, Fault> {
    if !STAYS.load(Ordering::Relaxed) {
        return whole(store);
    }
    let moved = every.iter().filter(|word| word.moves_threads()).map(|word| word.id).max().unwrap_or(0);
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    // What is read below is at least as new as the mark.
    let mark = store.asking_mark()?;
    let before = held.take().filter(|held| held.folder == desk.folder && held.moved == moved);
    let mut written = before.as_ref().and_then(|held| held.written);
    let continued = match before {
        Some(before) => continued(store, before, &mark)?,
        None => None,
    };
    let threads = match continued {
        Some(threads) => threads,
        None => {
            written = None;
            whole(store)?
        }
    };
    *held = Some(Held { folder: desk.folder.clone(), mark, moved, threads: threads.clone(), written });
    Ok(threads)
}

fn whole(store: &Store) -> Result<Threads, Fault> {
    let kept = store.finding()?;
    let state = kept.as_ref().and_then(|f| serde_json::from_str(&f.state).ok()).map(Arc::new);
    let mut places: HashMap<i64, Spot> =
        store.places()?.into_iter().map(|spot| (spot.thread, spot)).collect();
    let asks: Vec<Arc<Asking>> = store.asking()?.into_iter().map(Arc::new).collect();
    let spots = asks.iter().map(|ask| places.remove(&ask.thread).map(Arc::new)).collect();
    Ok(Threads { asks, spots, kept, state })
}

/// What was held with what changed since; nothing where that cannot be told.
fn continued(store: &Store, before: Held, now: &AskingMark) -> Result<Option<Threads>, Fault> {
    let kept = store.finding()?;
    let as_before = match (&kept, &before.threads.kept) {
        (Some(kept), Some(old)) => kept.learnt == old.learnt && kept.state == old.state,
        (kept, old) => kept.is_none() && old.is_none(),
    };
    if !as_before {
        return Ok(None);
    }
    let Some(changes) = store.asking_since(&before.mark, now)? else { return Ok(None) };
    let Threads { asks, spots, state, .. } = before.threads;
    let mut all: Vec<(Arc<Asking>, Option<Arc<Spot>>)> = asks.into_iter().zip(spots).collect();
    if !changes.threads.is_empty() {
        let changed: HashSet<i64> = changes.threads.iter().copied().collect();
        all.retain(|(ask, _)| !changed.contains(&ask.thread));
        all.extend(changes.asking.into_iter().map(|ask| (Arc::new(ask), None)));
        all.sort_by(|(a, _), (b, _)| a.order().cmp(&b.order()));
    }
    let persons: HashMap<i64, Option<i64>> = changes.persons.into_iter().collect();
    if !persons.is_empty() {
        for (ask, _) in &mut all {
            if let Some((account, person)) = ask.account.and_then(|a| Some((a, persons.get(&a)?))) {
                let asker = Some(person.unwrap_or(account));
                if ask.asker != asker {
                    Arc::make_mut(ask).asker = asker;
                }
            }
        }
    }
    let unplaced: Vec<usize> = (0..all.len()).filter(|n| all[*n].1.is_none()).collect();
    let wanted: Vec<i64> = unplaced.iter().map(|n| all[*n].0.thread).collect();
    let mut places: HashMap<i64, Spot> =
        store.places_of(&wanted)?.into_iter().map(|spot| (spot.thread, spot)).collect();
    for n in unplaced {
        all[n].1 = places.remove(&all[n].0.thread).map(Arc::new);
    }
    let (asks, spots) = all.into_iter().unzip();
    Ok(Some(Threads { asks, spots, kept, state }))
}
