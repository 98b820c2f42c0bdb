//! What the topics are at this moment: taken from the folder when nothing came since, else found anew and kept.

use std::collections::{BTreeMap, HashMap};

use rapport_insight::text::clean;
use rapport_insight::topics::{self, Declared, Options, Said, TopicId, Topics};
use rapport_store::{Asking, Store, StoreError, TopicFinding, Word};

use crate::desk::Desk;
use crate::fault::Fault;
use crate::page::line;

/// One topic as people see it: named, merged.
pub(crate) struct Named {
    pub(crate) id: u32,
    pub(crate) label: String,
    pub(crate) terms: Vec<String>,
}

/// One thread that asks for something, and its topic.
pub(crate) struct Placed {
    pub(crate) ask: Asking,
    pub(crate) topic: Option<u32>,
    pub(crate) cosine: f64,
}

impl Placed {
    /// Who asked; somebody unknown is a person of their own.
    pub(crate) fn person(&self) -> i64 {
        self.ask.asker.unwrap_or(-self.ask.thread)
    }
    /// Its title, or how it begins.
    pub(crate) fn title(&self) -> String {
        let title = if self.ask.title.trim().is_empty() { &self.ask.text } else { &self.ask.title };
        line(title.lines().find(|l| !l.trim().is_empty()).unwrap_or("").trim(), 200)
    }
    /// What it says, cleaned.
    pub(crate) fn words(&self) -> String {
        words(&self.ask)
    }
}

/// All that is seen.
pub(crate) struct Sight {
    pub(crate) topics: Vec<Named>,
    /// In order of time.
    pub(crate) asks: Vec<Placed>,
    /// Something that the reader should know.
    pub(crate) note: Option<String>,
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

fn words(ask: &Asking) -> String {
    clean::joined(&ask.title, &ask.text)
}

/// The topics of the folder. Found anew when the log has grown; kept when nobody else is writing.
pub(crate) fn see(desk: &Desk) -> Result<Sight, Fault> {
    let store = desk.reading()?;
    let asks = store.asking()?;
    let (kept, newest, said) = (store.finding()?, store.newest()?, store.words_on_topics()?);
    let old: Option<Topics> = kept.as_ref().and_then(|f| serde_json::from_str(&f.state).ok());
    let (state, places, note) = match old {
        Some(state) if kept.as_ref().is_some_and(|f| f.seen == newest) => (state, store.places()?, None),
        old => found(desk, store, &asks, old, newest, &said)?,
    };
    Ok(view(desk, &state, asks, &places, &said, note))
}

type Found = (Topics, Vec<(i64, i64, f64)>, Option<String>);

fn found(
    desk: &Desk,
    store: Store,
    asks: &[Asking],
    old: Option<Topics>,
    newest: i64,
    said: &[Word],
) -> Result<Found, Fault> {
    drop(store);
    let bar = indicatif::ProgressBar::new_spinner();
    bar.set_message(format!("finding topics in {} threads", asks.len()));
    bar.enable_steady_tick(std::time::Duration::from_millis(100));
    let texts: Vec<String> = asks.iter().map(words).collect();
    let mut old = old.unwrap_or_default();
    rename(&mut old, said);
    let found = topics::again(&old, &texts, &options(desk, asks, said)?);
    bar.finish_and_clear();
    let places: Vec<(i64, i64, f64)> = asks
        .iter()
        .zip(&found.places)
        .filter_map(|(ask, place)| Some((ask.thread, i64::from(place.topic?.0), f64::from(place.cosine))))
        .collect();
    let state = serde_json::to_string(&found.topics).map_err(|e| Fault::usage(e.to_string()))?;
    let kept = Store::open(&desk.folder)
        .and_then(|mut store| store.keep_finding(&TopicFinding { state, seen: newest }, &places));
    let note = match kept {
        Ok(()) => None,
        Err(StoreError::Busy(_)) => {
            Some("another Rapport process is writing: these topics are not kept yet".to_owned())
        }
        Err(error) => return Err(error.into()),
    };
    Ok((found.topics, places, note))
}

/// Names that people gave stay through every run.
fn rename(state: &mut Topics, said: &[Word]) {
    for word in said.iter().filter(|w| w.what == "rename") {
        let id = word.topic.and_then(|id| u32::try_from(id).ok());
        if let Some(topic) = state.topics.iter_mut().find(|t| Some(t.id.0) == id) {
            topic.label.clone_from(&word.text);
            topic.kept = true;
        }
    }
}

fn options(desk: &Desk, asks: &[Asking], said: &[Word]) -> Result<Options, Fault> {
    let at: HashMap<i64, usize> = asks.iter().enumerate().map(|(n, ask)| (ask.thread, n)).collect();
    let name = desk.config()?.community.name.to_lowercase();
    let product_words = name.split_whitespace().map(str::to_owned).collect();
    let declared: Vec<Declared> = said
        .iter()
        .filter(|w| w.what == "declare")
        .filter_map(|w| serde_json::from_str(&w.text).ok())
        .collect();
    // The last word on a thread and topic counts.
    let mut last: BTreeMap<(usize, u32), bool> = BTreeMap::new();
    for word in said.iter().filter(|w| matches!(w.what.as_str(), "in" | "not-in")) {
        let (Some(thread), Some(topic)) = (word.thread, word.topic) else { continue };
        if let (Some(text), Ok(topic)) = (at.get(&thread), u32::try_from(topic)) {
            last.insert((*text, topic), word.what == "in");
        }
    }
    let said = last.into_iter().map(|((text, topic), belongs)| Said { text, topic: TopicId(topic), belongs });
    Ok(Options { seed: 1, declared, said: said.collect(), product_words, ..Options::default() })
}

fn view(
    desk: &Desk,
    state: &Topics,
    asks: Vec<Asking>,
    places: &[(i64, i64, f64)],
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
    let place: HashMap<i64, (u32, f64)> = places
        .iter()
        .filter_map(|(thread, topic, cosine)| Some((*thread, (u32::try_from(*topic).ok()?, *cosine))))
        .collect();
    let mut state = state.clone();
    rename(&mut state, said);
    let topics = state.topics.into_iter().filter(|t| !into.contains_key(&t.id.0));
    Sight {
        topics: topics.map(|t| Named { id: t.id.0, label: t.label, terms: t.terms }).collect(),
        asks: asks
            .into_iter()
            .filter(|ask| ask.opened_at <= desk.now)
            .map(|ask| {
                let found = place.get(&ask.thread);
                Placed { topic: found.map(|p| seen_as(p.0)), cosine: found.map_or(0.0, |p| p.1), ask }
            })
            .collect(),
        note,
    }
}
