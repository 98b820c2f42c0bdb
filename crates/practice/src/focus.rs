//! The focus map: what technologists need, times what the employer wants.
//!
//! Need and priority are multiplied, so that what only one side has is never in the plan: it stands in a list of its own.

mod moves;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use rapport_model::{Scope, Slug};
use serde::Serialize;

use crate::org::{Area, Priority};
use crate::words::Words;

pub use moves::{Move, Place, moves};

/// A priority is spoken of when at least this share of a topic's people does, and of more than a few people more than
/// one: a stray word is none.
const SPOKEN: f64 = 0.2;
const FEW: usize = 3;
/// From this likeness of texts on, it supports a match; at 1 it is worth half of one.
const ALIKE: f64 = 0.5;
const SUPPORT: f64 = 0.5;

/// A topic, with everybody who asked in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Topic {
    /// Its number.
    pub id: u32,
    /// Its name.
    pub label: String,
    /// Its name and terms, for topics in which nobody asks.
    pub name: Words,
    /// Who asked, where, and what they said.
    pub asked: Vec<(i64, Scope, Words)>,
    /// How alike its texts and each priority's words are (a cosine), by the priority's name.
    pub likeness: BTreeMap<Slug, f64>,
}

/// A priority that a topic answers to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Match {
    /// Its name.
    pub priority: Slug,
    /// Its weight.
    pub weight: f64,
    /// The share of the topic's people who speak of it.
    pub spoken: f64,
    /// The word that most of them use.
    pub word: Option<String>,
    /// How alike the texts are, where that supports it.
    pub likeness: Option<f64>,
    /// Both together, 0 to 1.
    pub strength: f64,
}

/// One topic on the map.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spot {
    /// The topic.
    pub topic: u32,
    /// Its name.
    pub label: String,
    /// Distinct people who asked.
    pub people: u64,
    /// Of them, in the market (sources that are not about the product).
    pub market: u64,
    /// Their share of all who asked.
    pub need: f64,
    /// The weights of the priorities that it answers to, times how much it does.
    pub priority: f64,
    /// One times the other.
    pub score: f64,
    /// Its share of the plan; together 1.
    pub share: f64,
    /// Which priorities.
    pub matches: Vec<Match>,
    /// Why it stands where it does.
    pub because: String,
}

/// A priority that nobody asks about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unasked {
    /// Its name.
    pub priority: Slug,
    /// In words.
    pub text: String,
    /// Its weight.
    pub weight: f64,
    /// Why it stands here.
    pub because: String,
}

/// The map.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Focus {
    /// Needed and wanted: the plan, the greatest first.
    pub both: Vec<Spot>,
    /// Needed, and no priority: the most people first.
    pub industry_only: Vec<Spot>,
    /// Wanted, and nobody asks: the greatest weight first.
    pub employer_only: Vec<Unasked>,
    /// Topics that a priority speaks of and in which nobody asked.
    pub silent: Vec<Spot>,
}

/// Draws the map. `priorities` are those that hold; `areas` explain the areas they name.
#[must_use]
pub fn focus(topics: &[Topic], priorities: &[&Priority], areas: &[Area]) -> Focus {
    let phrases: Vec<Vec<&String>> = priorities.iter().map(|p| phrases(p, areas)).collect();
    let all: BTreeSet<i64> = topics.iter().flat_map(|t| t.asked.iter().map(|a| a.0)).collect();
    let mut focus = Focus::default();
    let mut asked_about: BTreeSet<&Slug> = BTreeSet::new();
    for topic in topics {
        let mut spot = spot(topic, priorities, &phrases, all.len());
        if spot.people == 0 {
            if spot.priority > 0.0 {
                focus.silent.push(spot);
            }
        } else if spot.priority > 0.0 {
            asked_about.extend(
                priorities.iter().map(|p| &p.id).filter(|p| spot.matches.iter().any(|m| m.priority == **p)),
            );
            spot.score = spot.need * spot.priority;
            focus.both.push(spot);
        } else {
            focus.industry_only.push(spot);
        }
    }
    let total: f64 = focus.both.iter().map(|s| s.score).sum();
    for spot in &mut focus.both {
        spot.share = spot.score / total;
    }
    focus.both.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.topic.cmp(&b.topic)));
    focus.industry_only.sort_by(|a, b| b.people.cmp(&a.people).then(a.topic.cmp(&b.topic)));
    focus.silent.sort_by(|a, b| b.priority.total_cmp(&a.priority).then(a.topic.cmp(&b.topic)));
    focus.employer_only = priorities
        .iter()
        .filter(|p| p.weight > 0.0 && !asked_about.contains(&p.id))
        .map(|p| Unasked {
            priority: p.id.clone(),
            text: p.text.clone(),
            weight: p.weight,
            because: "in no topic do people speak of it".to_owned(),
        })
        .collect();
    focus.employer_only.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.priority.cmp(&b.priority)));
    focus
}

/// Everything that speaks of a priority: its words, and those of its areas.
fn phrases<'p>(priority: &'p Priority, areas: &'p [Area]) -> Vec<&'p String> {
    let of_areas = areas.iter().filter(|a| priority.areas.contains(&a.id)).flat_map(|a| &a.words);
    priority.words.iter().chain(of_areas).collect()
}

fn spot(topic: &Topic, priorities: &[&Priority], phrases: &[Vec<&String>], all: usize) -> Spot {
    let people: BTreeSet<i64> = topic.asked.iter().map(|a| a.0).collect();
    let market: BTreeSet<i64> = topic.asked.iter().filter(|a| a.1 == Scope::Market).map(|a| a.0).collect();
    let matches: Vec<Match> = priorities
        .iter()
        .zip(phrases)
        .filter_map(|(priority, phrases)| matched(topic, priority, phrases, people.len()))
        .collect();
    let priority = matches.iter().map(|m| m.weight * m.strength).sum();
    let mut spot = Spot {
        topic: topic.id,
        label: topic.label.clone(),
        people: people.len() as u64,
        market: market.len() as u64,
        need: part(people.len(), all),
        priority,
        score: 0.0,
        share: 0.0,
        matches,
        because: String::new(),
    };
    spot.because = because(&spot);
    spot
}

fn matched(topic: &Topic, priority: &Priority, phrases: &[&String], people: usize) -> Option<Match> {
    if priority.weight <= 0.0 {
        return None;
    }
    let mut speak: BTreeSet<i64> = BTreeSet::new();
    let mut words: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    for (person, _, said) in &topic.asked {
        for phrase in phrases.iter().filter(|phrase| said.say(phrase)) {
            speak.insert(*person);
            words.entry(phrase.as_str()).or_default().insert(*person);
        }
    }
    let named = topic.name.first(phrases.iter().copied());
    let spoken = match people {
        0 if named.is_some() => 1.0,
        _ => part(speak.len(), people),
    };
    let stray = speak.len() < 2 && people > FEW;
    let spoken = if spoken >= SPOKEN && !stray { spoken } else { 0.0 };
    let most = words.into_iter().max_by(|a, b| a.1.len().cmp(&b.1.len()).then_with(|| b.0.cmp(a.0)));
    let word = most.map(|(word, _)| word).or(named).filter(|_| spoken > 0.0).map(str::to_owned);
    let likeness =
        topic.likeness.get(&priority.id).copied().filter(|cosine| *cosine >= ALIKE && *cosine <= 1.0);
    let support = likeness.map_or(0.0, |cosine| SUPPORT * (cosine - ALIKE) / (1.0 - ALIKE));
    let strength = spoken + (1.0 - spoken) * support;
    (strength > 0.0).then(|| Match {
        priority: priority.id.clone(),
        weight: priority.weight,
        spoken,
        word,
        likeness,
        strength,
    })
}

fn because(spot: &Spot) -> String {
    let asked = match (spot.people, spot.market) {
        (0, _) => "nobody asked".to_owned(),
        (1, 0) => "one person asked".to_owned(),
        (1, _) => "one person asked, in the market".to_owned(),
        (n, 0) => format!("{n} people asked"),
        (n, market) if market == n => format!("{n} people asked, all in the market"),
        (n, market) => format!("{n} people asked, {market} of them in the market"),
    };
    if spot.matches.is_empty() {
        return format!("{asked}; no priority speaks of it");
    }
    let mut strongest: Vec<&Match> = spot.matches.iter().collect();
    strongest.sort_by(|a, b| {
        (b.weight * b.strength).total_cmp(&(a.weight * a.strength)).then_with(|| a.priority.cmp(&b.priority))
    });
    let reasons: Vec<String> = strongest.into_iter().map(reason).collect();
    format!("{asked}; {}", reasons.join("; "))
}

/// One match in words.
fn reason(found: &Match) -> String {
    let name = &found.priority;
    match (&found.word, found.likeness) {
        (Some(word), _) if found.spoken >= 0.995 => format!("{name}: they speak of \u{201c}{word}\u{201d}"),
        (Some(word), _) => {
            format!("{name}: {:.0} % of them speak of it, like \u{201c}{word}\u{201d}", found.spoken * 100.0)
        }
        (None, _) => format!("{name}: no word of it, but their texts are like it"),
    }
}

fn part(n: usize, of: usize) -> f64 {
    #[allow(clippy::cast_precision_loss)] // people
    let part = n as f64 / of.max(1) as f64;
    part
}
