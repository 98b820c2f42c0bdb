//! What the topics are at this moment. Nothing new in the log: taken from the folder. A little: what came is placed by
//! what was learnt. Much, or somebody said something: found anew, with the old ids; then kept, unless somebody else is
//! writing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use rapport_insight::gaps::{Asked, BACK, asked_before};
use rapport_insight::text::clean;
use rapport_insight::text::vectors::{DIMS, Small, Vector, small, unit, vector};
use rapport_insight::topics::{self, Declared, Options, Placer, Said, TopicId, Topics};
use rapport_store::{Asking, Spot, Store, StoreError, TopicFinding, Word};

use super::read::{self, Threads};
use crate::desk::Desk;
use crate::fault::Fault;
use crate::page::line;

/// Topics are found anew once a tenth more threads are there than they were learnt from.
const GROWN: i64 = 10;

/// One topic as people see it: named, merged.
pub(crate) struct Named {
    pub(crate) id: u32,
    pub(crate) label: String,
    pub(crate) terms: Vec<String>,
    /// People named, declared or pinned it.
    pub(crate) kept: bool,
}

/// One thread that asks for something, and its topic.
pub(crate) struct Placed {
    pub(crate) ask: Arc<Asking>,
    pub(crate) topic: Option<u32>,
    pub(crate) cosine: f64,
    spot: Option<Arc<Spot>>,
}

impl Placed {
    /// Threads that asked alike before.
    pub(crate) fn earlier(&self) -> &[i64] {
        self.spot.as_ref().map_or(&[], |spot| &spot.earlier)
    }
    /// Who asked; somebody unknown is a person of their own.
    pub(crate) fn person(&self) -> i64 {
        self.ask.asker.unwrap_or(-self.ask.thread)
    }
    /// Its title, or how it begins.
    pub(crate) fn title(&self) -> String {
        line(self.ask.title.lines().find(|l| !l.trim().is_empty()).unwrap_or("").trim(), 200)
    }
}

/// All that is seen.
pub(crate) struct Sight {
    pub(crate) topics: Vec<Named>,
    /// In order of time.
    pub(crate) asks: Vec<Placed>,
    /// Something that the reader should know.
    pub(crate) note: Option<String>,
    /// What the finder left.
    pub(crate) state: Topics,
    /// Topics that are part of others.
    pub(crate) into: BTreeMap<u32, u32>,
}

impl Sight {
    /// The threads of one topic.
    pub(crate) fn of(&self, topic: u32) -> impl Iterator<Item = &Placed> {
        self.asks.iter().filter(move |p| p.topic == Some(topic))
    }
    /// A topic's name.
    pub(crate) fn label(&self, topic: u32) -> &str {
        self.topics.iter().find(|t| t.id == topic).map_or("", |t| t.label.as_str())
    }
}

/// The kind that most have.
pub(crate) fn usual_kind<'a>(kinds: impl Iterator<Item = &'a str>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for kind in kinds {
        *counts.entry(kind).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(kind, n)| (*n, std::cmp::Reverse(*kind)));
    most.map_or_else(|| "other".to_owned(), |(kind, _)| kind.to_owned())
}

/// A thread's own words.
pub(crate) fn words(store: &Store, thread: i64) -> Result<String, Fault> {
    let (title, text) = store.opening_words(thread)?;
    Ok(clean::joined(&title, &text))
}

/// What people said that still holds.
pub(crate) fn live(said: Vec<Word>) -> Vec<Word> {
    let undone: HashSet<i64> =
        said.iter().filter(|w| w.what == "undo").filter_map(|w| w.text.parse().ok()).collect();
    said.into_iter().filter(|w| w.what != "undo" && !undone.contains(&w.id)).collect()
}

/// What was said, and before it the areas that `rapport.toml` declares: they win over a topic of the same name.
pub(super) fn with_areas(desk: &Desk, said: Vec<Word>) -> Result<Vec<Word>, Fault> {
    let areas = crate::config::topics::declared(&desk.config()?.topics);
    let mut all = Vec::new();
    for area in &areas {
        let text = serde_json::to_string(area).map_err(|e| Fault::usage(e.to_string()))?;
        all.push(Word { id: 0, what: "declare".into(), topic: None, thread: None, text });
    }
    let twice = |word: &Word| {
        word.what == "declare"
            && serde_json::from_str::<Declared>(&word.text)
                .is_ok_and(|d| areas.iter().any(|a| a.label == d.label))
    };
    all.extend(said.into_iter().filter(|word| !twice(word)));
    Ok(all)
}

/// The topics of the folder.
pub(crate) fn see(desk: &Desk) -> Result<Sight, Fault> {
    let store = desk.reading()?;
    let newest = store.newest()?;
    let every = store.words_on_topics()?;
    let said = with_areas(desk, live(every.clone()))?;
    let as_declared = declared(&said, &HashMap::new());
    let read = read::threads(desk, &store, &every)?;
    let asks = read.asks.len() as i64;
    let new: Vec<usize> = (0..read.asks.len()).filter(|n| read.spots[*n].is_none()).collect();
    let (seen, learnt) = read.kept.as_ref().map_or((-1, 0), |f| (f.seen, f.learnt));
    let old = read.state.clone();
    let holds = seen >= 0 && old.as_ref().is_some_and(|state| state.declared_so(&as_declared));
    let (state, spots, note) = match old {
        Some(state) if holds && new.is_empty() => (Topics::clone(&state), None, None),
        Some(state) if holds && (asks - learnt) * GROWN <= learnt => {
            let more = placed(&store, &state, &read, &new)?;
            let finding = read.kept.clone().map(|f| TopicFinding { seen: newest, ..f });
            drop(store);
            let mut spots = read.spots.clone();
            let at: HashMap<i64, usize> = new.iter().map(|n| (read.asks[*n].thread, *n)).collect();
            for spot in &more {
                if let Some(n) = at.get(&spot.thread) {
                    spots[*n] = Some(Arc::new(spot.clone()));
                }
            }
            let note = match finding.filter(|_| read::time_to_keep(desk)) {
                Some(finding) => keep(desk, &finding, &more, true)?,
                None => None,
            };
            (Topics::clone(&state), Some(spots), note)
        }
        old => {
            let old = old.as_deref().cloned();
            let mut was: Vec<Spot> = read.spots.iter().flatten().map(|spot| Spot::clone(spot)).collect();
            give_back(old.as_ref(), &mut was, &every, &said);
            let (state, found) = found(desk, &store, &read.asks, old, &was, &said)?;
            drop((store, was));
            let json = serde_json::to_string(&state).map_err(|e| Fault::usage(e.to_string()))?;
            let finding = TopicFinding { state: json, seen: newest, learnt: asks };
            let note = keep(desk, &finding, &found, false)?;
            let mut place: HashMap<i64, Spot> = found.into_iter().map(|s| (s.thread, s)).collect();
            let spots = read.asks.iter().map(|ask| place.remove(&ask.thread).map(Arc::new)).collect();
            (state, Some(spots), note)
        }
    };
    let Threads { asks, spots: as_read, .. } = read;
    Ok(view(desk, state, asks, spots.unwrap_or(as_read), &said, note))
}

/// Threads of a topic that was split off, and is no more, were where they were split from.
fn give_back(old: Option<&Topics>, spots: &mut [Spot], every: &[Word], said: &[Word]) {
    let gone = every.iter().filter(|w| w.what == "split").filter(|w| {
        !said.iter().any(|s| {
            s.what == "declare" && serde_json::from_str::<Declared>(&s.text).is_ok_and(|d| d.label == w.text)
        })
    });
    for word in gone {
        let made =
            old.and_then(|o| o.topics.iter().find(|t| t.label == word.text)).map(|t| i64::from(t.id.0));
        let spot =
            spots.iter_mut().find(|s| Some(s.thread) == word.thread && s.topic == made && made.is_some());
        if let Some(spot) = spot {
            spot.topic = word.topic;
        }
    }
}

fn keep(desk: &Desk, finding: &TopicFinding, spots: &[Spot], more: bool) -> Result<Option<String>, Fault> {
    match Store::open(&desk.folder).and_then(|mut store| store.keep_finding(finding, spots, more)) {
        Ok(()) => Ok(None),
        Err(StoreError::Busy(_)) => {
            Ok(Some("another Rapport process is writing: these topics are not kept yet".to_owned()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Who asked; somebody unknown is a person of their own.
fn person(ask: &Asking) -> i64 {
    ask.asker.unwrap_or(-ask.thread)
}

/// Places what came since, by what was learnt.
fn placed(store: &Store, state: &Topics, read: &Threads, new: &[usize]) -> Result<Vec<Spot>, Fault> {
    let (asks, spots) = (&read.asks, &read.spots);
    let placer = Placer::new(state);
    let mut fresh: HashMap<usize, (Option<u32>, f32, Option<Vector>)> = HashMap::new();
    for n in new {
        let text = words(store, asks[*n].thread)?;
        let place = placer.place(&text);
        fresh.insert(*n, (place.topic.map(|t| t.0), place.cosine, state.direction(&text)));
    }
    // Each is compared with the last questions of its topic.
    let mut wanted: HashMap<u32, usize> = HashMap::new();
    for (topic, _, _) in fresh.values() {
        if let Some(topic) = topic {
            wanted.insert(*topic, BACK);
        }
    }
    let mut lines: Vec<(usize, Option<Asked>)> = Vec::new();
    for n in (0..asks.len()).rev() {
        let (topic, direction) = match fresh.get(&n) {
            Some((topic, _, direction)) => (*topic, *direction),
            None => {
                let topic = spots[n].as_ref().and_then(|spot| u32::try_from(spot.topic?).ok());
                let Some(topic) = topic else { continue };
                match wanted.get_mut(&topic).filter(|left| **left > 0) {
                    Some(left) => *left -= 1,
                    None => continue,
                }
                (Some(topic), state.direction(&words(store, asks[n].thread)?))
            }
        };
        let asked = topic.zip(direction).map(|(topic, d)| Asked {
            topic,
            person: person(&asks[n]),
            direction: small(&d),
        });
        lines.push((n, asked));
    }
    lines.reverse();
    let (at, asked): (Vec<usize>, Vec<Option<Asked>>) = lines.into_iter().unzip();
    let before = asked_before(&asked, 0);
    Ok(at
        .iter()
        .zip(before)
        .filter_map(|(n, earlier)| {
            let (topic, cosine, _) = fresh.get(n)?;
            Some(Spot {
                thread: asks[*n].thread,
                topic: topic.map(i64::from),
                cosine: f64::from(*cosine),
                earlier: earlier.into_iter().map(|m| asks[at[m]].thread).collect(),
            })
        })
        .collect())
}

fn found(
    desk: &Desk,
    store: &Store,
    asks: &[Arc<Asking>],
    old: Option<Topics>,
    spots: &[Spot],
    said: &[Word],
) -> Result<(Topics, Vec<Spot>), Fault> {
    let bar = indicatif::ProgressBar::new_spinner();
    bar.set_message(format!("finding topics in {} threads", asks.len()));
    bar.enable_steady_tick(std::time::Duration::from_millis(100));
    let mut old = old.unwrap_or_default();
    let mut options = options(desk, store, asks, spots, said)?;
    let redeclared = old.redeclared(&options.declared);
    for before in &mut options.before {
        *before = before.filter(|topic| !redeclared.contains(topic));
    }
    hold(&mut old, said, &options.declared);
    // A quarter of the space: this is all that is held of the texts.
    let mut directions: Vec<Option<(Small, f32)>> = vec![None; asks.len()];
    let mut fault = None;
    let mut text = |n: usize| match words(store, asks[n].thread) {
        Ok(text) => {
            directions[n] = vector(&text).map(|v| small(&v));
            text
        }
        Err(error) => {
            fault.get_or_insert(error);
            String::new()
        }
    };
    let found = topics::again_of(&old, asks.len(), &mut text, &options);
    if let Some(fault) = fault {
        return Err(fault);
    }
    let mut mean = [0.0_f32; DIMS];
    for (direction, scale) in directions.iter().flatten() {
        for (sum, x) in mean.iter_mut().zip(direction) {
            *sum += f32::from(*x) * scale / asks.len() as f32;
        }
    }
    let asked: Vec<Option<Asked>> = asks
        .iter()
        .zip(&found.places)
        .zip(&mut directions)
        .map(|((ask, place), direction)| {
            let (numbers, scale) = direction.take()?;
            let mut rest = mean;
            for (x, number) in rest.iter_mut().zip(numbers) {
                *x = f32::from(number) * scale - *x;
            }
            let direction = small(&unit(rest)?);
            Some(Asked { topic: place.topic?.0, person: person(ask), direction })
        })
        .collect();
    drop(directions);
    let before = asked_before(&asked, 0);
    bar.finish_and_clear();
    let spots = asks
        .iter()
        .zip(&found.places)
        .zip(before)
        .map(|((ask, place), earlier)| Spot {
            thread: ask.thread,
            topic: place.topic.map(|t| i64::from(t.0)),
            cosine: f64::from(place.cosine),
            earlier: earlier.into_iter().map(|m| asks[m].thread).collect(),
        })
        .collect();
    Ok((found.topics, spots))
}

/// What people named, pinned or declared is held through every run, and nothing else.
fn hold(state: &mut Topics, said: &[Word], declared: &[Declared]) {
    for topic in &mut state.topics {
        topic.kept = declared.iter().any(|d| d.label == topic.label);
    }
    for word in said.iter().filter(|w| matches!(w.what.as_str(), "rename" | "pin")) {
        let id = word.topic.and_then(|id| u32::try_from(id).ok());
        if let Some(topic) = state.topics.iter_mut().find(|t| Some(t.id.0) == id) {
            topic.kept = true;
            if word.what == "rename" {
                topic.label.clone_from(&word.text);
            }
        }
    }
}

/// The topics that people declared, with the threads that were split off into them.
pub(super) fn declared(said: &[Word], at: &HashMap<i64, usize>) -> Vec<Declared> {
    let mut declared: Vec<Declared> = said
        .iter()
        .filter(|w| w.what == "declare")
        .filter_map(|w| serde_json::from_str(&w.text).ok())
        .collect();
    for word in said.iter().filter(|w| w.what == "split") {
        if let (Some(of), Some(text)) =
            (declared.iter_mut().find(|d| d.label == word.text), word.thread.and_then(|t| at.get(&t)))
        {
            of.members.push(*text);
        }
    }
    declared
}

fn options(
    desk: &Desk,
    store: &Store,
    asks: &[Arc<Asking>],
    spots: &[Spot],
    said: &[Word],
) -> Result<Options, Fault> {
    let at: HashMap<i64, usize> = asks.iter().enumerate().map(|(n, ask)| (ask.thread, n)).collect();
    let lower = |names: &[String]| -> Vec<String> {
        let words = names.iter().flat_map(|n| n.split_whitespace()).map(str::to_lowercase);
        let mut words: Vec<String> = words.filter(|w| w.chars().count() > 2).collect();
        words.sort_unstable();
        words.dedup();
        words
    };
    let product_words = lower(&[desk.config()?.community.name]);
    let people_words = lower(&store.full_names()?);
    let declared = declared(said, &at);
    // The last word on a thread and topic counts. A thread that was split off is not where it was.
    let mut last: BTreeMap<(usize, u32), bool> = BTreeMap::new();
    for word in said.iter().filter(|w| matches!(w.what.as_str(), "in" | "not-in" | "split")) {
        let (Some(thread), Some(topic)) = (word.thread, word.topic) else { continue };
        if word.what == "split" && !declared.iter().any(|d| d.label == word.text) {
            continue;
        }
        if let (Some(text), Ok(topic)) = (at.get(&thread), u32::try_from(topic)) {
            last.insert((*text, topic), word.what == "in");
        }
    }
    let said = last.into_iter().map(|((text, topic), belongs)| Said { text, topic: TopicId(topic), belongs });
    let was: HashMap<i64, u32> =
        spots.iter().filter_map(|s| Some((s.thread, u32::try_from(s.topic?).ok()?))).collect();
    let before = if was.is_empty() {
        Vec::new()
    } else {
        asks.iter().map(|ask| was.get(&ask.thread).copied().map(TopicId)).collect()
    };
    Ok(Options {
        seed: 1,
        declared,
        said: said.collect(),
        product_words,
        people_words,
        authors: asks.iter().map(|ask| person(ask)).collect(),
        before,
        ..Options::default()
    })
}

fn view(
    desk: &Desk,
    mut state: Topics,
    asks: Vec<Arc<Asking>>,
    spots: Vec<Option<Arc<Spot>>>,
    said: &[Word],
    note: Option<String>,
) -> Sight {
    // Merged topics are one for the reader, while the finder keeps both: a merge can be undone.
    let mut into: BTreeMap<u32, u32> = BTreeMap::new();
    for word in said.iter().filter(|w| w.what == "merge") {
        if let (Some(Ok(from)), Ok(to)) = (word.topic.map(u32::try_from), word.text.parse::<u32>()) {
            into.retain(|_, target| *target != from || from == to);
            if from == to {
                into.remove(&from)
            } else {
                into.insert(from, to)
            };
        }
    }
    let seen_as = |topic: u32| into.get(&topic).copied().unwrap_or(topic);
    hold(&mut state, said, &declared(said, &HashMap::new()));
    let topics = state
        .topics
        .iter()
        .filter(|t| !into.contains_key(&t.id.0))
        .map(|t| Named { id: t.id.0, label: t.label.clone(), terms: t.terms.clone(), kept: t.kept })
        .collect();
    let asks = asks
        .into_iter()
        .zip(spots)
        .filter(|(ask, _)| ask.opened_at <= desk.now)
        .map(|(ask, spot)| {
            let topic = spot.as_ref().and_then(|s| u32::try_from(s.topic?).ok()).map(seen_as);
            let cosine = spot.as_ref().map_or(0.0, |s| s.cosine);
            Placed { ask, topic, cosine, spot }
        })
        .collect();
    Sight { topics, asks, note, state, into }
}
