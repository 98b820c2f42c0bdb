//! Topics: what texts from any source are about, found, named and kept.
//!
//! Texts go in cleaned ([`crate::text::clean`]). Groups are found by k-means over their vectors ([`means`]), refined with
//! their words ([`mixture`]) and named by the words that set them apart ([`names`]). A later run begins from the centres
//! of the one before, so that a topic keeps its id while it grows; a topic that somebody declared stays where its words
//! and examples put it, and what people said about single texts is kept to. The cost is linear in the texts: topics are
//! learnt from at most [`SAMPLE`] of them, evenly chosen, and all are placed.

mod means;
mod mixture;
mod names;
mod terms;

use serde::{Deserialize, Serialize};

use crate::chance::Chance;
use crate::text::vectors::{self, DIMS, Vector};
use mixture::{Mixture, Text, Word};
use terms::Terms;

/// Topics are learnt from so many texts at most.
pub const SAMPLE: usize = 20_000;
/// Starting points are tried on so many.
const TRIAL: usize = 6_000;
/// How many starting points are tried; with many topics one is as good as another.
const RUNS: u64 = 3;
const MANY: usize = 50;
/// A text whose cosine to its topic is below this is about something else, unless its words speak for the topic.
pub const OTHER_BELOW: f32 = 0.3;
/// So much has the logarithm of its words to be.
const WORDS_ENOUGH: f32 = 0.7;
/// Below this, words alone do not help.
const NEVER_BELOW: f32 = 0.05;
/// Topics that are looked for, at most, when nobody says how many.
const MOST: usize = 40;
/// Above so many topics they are gathered under fewer.
const FLAT: usize = 60;

/// A topic's number. It stays with the topic over runs and is never given to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TopicId(pub u32);

/// How topics are looked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How many; without it, about the square root of half the texts, at most 40.
    pub count: Option<usize>,
    /// Where chance begins.
    pub seed: u64,
    /// Topics that people declared.
    pub declared: Vec<Declared>,
    /// What people said about single texts.
    pub said: Vec<Said>,
    /// Words in lower case that name the product itself and so no topic of it.
    pub product_words: Vec<String>,
}

/// A topic that somebody declared: an area of a product, say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// Its name.
    pub label: String,
    /// Words for it.
    pub words: Vec<String>,
    /// Texts that are about it.
    pub examples: Vec<String>,
}

/// What somebody said about one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The text, by its place in the list.
    pub text: usize,
    /// The topic.
    pub topic: TopicId,
    /// It belongs there, or: not this one.
    pub belongs: bool,
}

/// All topics of a run; what the next one begins from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Topics {
    /// In order of their ids.
    pub topics: Vec<Topic>,
    /// The next id to be given.
    pub next: u32,
}

/// One topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    /// Its number.
    pub id: TopicId,
    /// The name: declared, or the terms that set it apart.
    pub label: String,
    /// Whether people named it: then the name and the topic stay.
    pub kept: bool,
    /// The terms that set it apart, the best first.
    pub terms: Vec<String>,
    /// The topic it is gathered under, when there are many.
    pub parent: Option<TopicId>,
    /// The mean direction of its texts.
    pub centre: Vec<f32>,
    /// How many texts it has.
    pub size: usize,
    /// The text nearest to its centre, by its place in the list.
    pub medoid: Option<usize>,
}

/// Where a text belongs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Its topic; `None` is "other".
    pub topic: Option<TopicId>,
    /// How near it is to the topic's centre.
    pub cosine: f32,
}

/// Topics, and where each text belongs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The topics.
    pub topics: Topics,
    /// By text.
    pub places: Vec<Place>,
}

/// Finds topics in texts.
#[must_use]
pub fn find<T: AsRef<str>>(texts: &[T], options: &Options) -> Found {
    again(&Topics::default(), texts, options)
}

/// Finds topics in texts that have grown or changed since `old`: what is still there keeps its id.
#[must_use]
pub fn again<T: AsRef<str>>(old: &Topics, texts: &[T], options: &Options) -> Found {
    let directions: Vec<Option<Vector>> = texts.iter().map(|t| vectors::vector(t.as_ref())).collect();
    let terms = Terms::read(texts);
    let seeds = Seeds::new(old, options, &terms);
    let known: Vec<usize> = (0..texts.len()).filter(|n| directions[*n].is_some()).collect();
    let sample = evenly(&known, SAMPLE);
    let vector = |n: &usize| directions[*n].unwrap_or([0.0; DIMS]);
    let learnt: Vec<Vector> = sample.iter().map(vector).collect();
    let wanted = wanted(options, known.len()).max(seeds.centres.len());
    let start = start(&learnt, wanted, &seeds, options.seed);
    let said = seeds.said(options, texts.len());
    let text = |n: usize, vector| Text { vector, terms: &terms.texts[n], said: &said[n] };
    let sampled: Vec<Text<'_>> = sample.iter().zip(&learnt).map(|(n, v)| text(*n, v)).collect();
    let at: Vec<u32> = start.places.iter().map(|p| p.0).collect();
    let mixture = Mixture::fit(&sampled, &at, &terms, start.centres, &seeds.fixed);
    let places: Vec<Option<(usize, f32)>> = directions
        .iter()
        .enumerate()
        .map(|(n, direction)| {
            let belongs = said[n].iter().find_map(|s| if let Word::In(at) = s { Some(*at) } else { None });
            match (direction, belongs) {
                (Some(v), Some(at)) => Some((at, vectors::dot(v, &mixture.centres[at]))),
                (None, belongs) => belongs.map(|at| (at, 0.0)),
                (Some(v), None) if !mixture.centres.is_empty() => {
                    let text = text(n, v);
                    let (at, cosine, words) = mixture.place(&text);
                    let fits = cosine >= OTHER_BELOW || words >= WORDS_ENOUGH && cosine >= NEVER_BELOW;
                    (fits && !text.said.contains(&Word::NotIn(at))).then_some((at, cosine))
                }
                _ => None,
            }
        })
        .collect();
    told(old, options, &mixture.centres, &places, &terms)
}

/// The nearest topic of one more text, by its direction alone. For many texts, [`again`] is the better judge.
#[must_use]
pub fn assign(topics: &Topics, direction: &Vector) -> Place {
    let centres: Vec<Vector> = topics.topics.iter().map(|t| vector_of(&t.centre)).collect();
    if centres.is_empty() {
        return Place { topic: None, cosine: 0.0 };
    }
    let (at, cosine) = means::nearest(direction, &centres);
    let topic = (cosine >= OTHER_BELOW).then(|| topics.topics[at as usize].id);
    Place { topic, cosine }
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // small counts
fn wanted(options: &Options, texts: usize) -> usize {
    let usual = ((texts as f64 / 2.0).sqrt().round() as usize).clamp(1, MOST);
    options.count.unwrap_or(usual).clamp(1, 1_000).min(texts)
}

/// At most `most` of the items, evenly chosen.
fn evenly(items: &[usize], most: usize) -> Vec<usize> {
    if items.len() <= most {
        return items.to_vec();
    }
    (0..most).map(|n| items[n * items.len() / most]).collect()
}

/// What is known before the texts are looked at. Old topics come first, then those declared since.
struct Seeds {
    centres: Vec<Vector>,
    /// Topics that are pulled to where they were declared, with their terms.
    fixed: Vec<(usize, Vector, Vec<u32>)>,
    ids: Vec<TopicId>,
}

impl Seeds {
    #[allow(clippy::cast_possible_truncation)]
    fn new(old: &Topics, options: &Options, terms: &Terms) -> Seeds {
        let mut seeds = Seeds {
            centres: old.topics.iter().map(|t| vector_of(&t.centre)).collect(),
            fixed: Vec::new(),
            ids: old.topics.iter().map(|t| t.id).collect(),
        };
        for declared in &options.declared {
            let all = format!("{} {}", declared.words.join(" "), declared.label);
            let mut sum = vectors::vector(&all).unwrap_or([0.0; DIMS]);
            for example in declared.examples.iter().filter_map(|text| vectors::vector(text)) {
                for (s, x) in sum.iter_mut().zip(example) {
                    *s += x;
                }
            }
            let Some(direction) = vectors::unit(sum) else { continue };
            let at =
                old.topics.iter().position(|t| t.kept && t.label == declared.label).unwrap_or_else(|| {
                    seeds.centres.push(direction);
                    seeds.ids.push(TopicId(old.next + (seeds.ids.len() - old.topics.len()) as u32));
                    seeds.centres.len() - 1
                });
            let spoken = Terms::read(&[all.as_str(), all.as_str()]);
            let words =
                (0..terms.names.len() as u32).filter(|t| spoken.names.contains(&terms.names[*t as usize]));
            seeds.fixed.push((at, direction, words.collect()));
        }
        seeds
    }

    /// What was said, by text.
    fn said(&self, options: &Options, texts: usize) -> Vec<Vec<Word>> {
        let mut said = vec![Vec::new(); texts];
        for word in &options.said {
            let at = self.ids.iter().position(|id| *id == word.topic);
            if let (Some(of), Some(at)) = (said.get_mut(word.text), at) {
                of.push(if word.belongs { Word::In(at) } else { Word::NotIn(at) });
            }
        }
        said
    }
}

/// The groups to begin with: from old and declared topics where there are some, from chance else.
fn start(texts: &[Vector], wanted: usize, seeds: &Seeds, seed: u64) -> means::Groups {
    let fixed: Vec<(usize, Vector)> = seeds.fixed.iter().map(|(at, v, _)| (*at, *v)).collect();
    let mut centres = seeds.centres.clone();
    let missing = wanted.min(texts.len()).saturating_sub(centres.len());
    if missing > 0 {
        // What no seed covers makes the new topics.
        let mut apart: Vec<Vector> = texts.to_vec();
        if !centres.is_empty() {
            let mut order: Vec<(usize, f32)> =
                means::places(texts, &centres).into_iter().enumerate().map(|(n, p)| (n, p.1)).collect();
            order.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
            order.truncate((texts.len() * missing / wanted).max(missing));
            order.sort_unstable_by_key(|o| o.0);
            apart = order.into_iter().map(|(n, _)| texts[n]).collect();
        }
        let step = apart.len().div_ceil(TRIAL).max(1);
        let trial: Vec<Vector> = apart.iter().copied().step_by(step).collect();
        centres.extend(
            means::groups(
                &trial,
                missing,
                if missing > MANY { 1 } else { RUNS },
                seed ^ Chance::seeded(seed).bits(),
            )
            .centres,
        );
    }
    means::settle(texts, centres, &fixed, if seeds.centres.is_empty() { 20 } else { 4 })
}

fn vector_of(numbers: &[f32]) -> Vector {
    let mut vector = [0.0; DIMS];
    for (v, n) in vector.iter_mut().zip(numbers) {
        *v = *n;
    }
    vector
}

/// Names the topics, drops what nobody is in and nobody keeps, and says where each text is.
#[allow(clippy::cast_possible_truncation)]
fn told(
    old: &Topics,
    options: &Options,
    centres: &[Vector],
    places: &[Option<(usize, f32)>],
    terms: &Terms,
) -> Found {
    let at: Vec<Option<usize>> = places.iter().map(|p| p.map(|p| p.0)).collect();
    let named = names::terms(terms, &at, centres.len(), &options.product_words);
    let declared: Vec<&Declared> = options
        .declared
        .iter()
        .filter(|d| !old.topics.iter().any(|t| t.kept && t.label == d.label))
        .filter(|d| {
            Seeds::new(
                &Topics::default(),
                &Options { declared: vec![(*d).clone()], ..Options::default() },
                terms,
            )
            .centres
            .len()
                == 1
        })
        .collect();
    let mut topics = Vec::new();
    for (n, (centre, terms)) in centres.iter().zip(named).enumerate() {
        let before = old.topics.get(n);
        let new = n.checked_sub(old.topics.len());
        let spoken = new.and_then(|n| declared.get(n));
        let kept = before.is_some_and(|t| t.kept) || spoken.is_some();
        let members = places.iter().enumerate().filter_map(|(t, p)| p.filter(|p| p.0 == n).map(|p| (t, p.1)));
        let size = members.clone().count();
        let medoid = members.fold(None, |best: Option<(usize, f32)>, m| match best {
            Some(b) if b.1 >= m.1 => Some(b),
            _ => Some(m),
        });
        let label = match (before, spoken) {
            (Some(t), _) if t.kept => t.label.clone(),
            (_, Some(d)) => d.label.clone(),
            _ => names::label(&terms),
        };
        let id = before.map_or_else(|| TopicId(old.next + new.unwrap_or(0) as u32), |t| t.id);
        topics.push(Topic {
            id,
            label,
            kept,
            terms,
            parent: None,
            centre: centre.to_vec(),
            size,
            medoid: medoid.map(|m| m.0),
        });
    }
    let ids: Vec<TopicId> = topics.iter().map(|t| t.id).collect();
    let next = old.next.max(ids.iter().map(|id| id.0 + 1).max().unwrap_or(0));
    topics.retain(|t| t.size > 0 || t.kept);
    gather(&mut topics, options.seed);
    let places = places
        .iter()
        .map(|p| {
            p.map_or(Place { topic: None, cosine: 0.0 }, |(at, cosine)| Place {
                topic: Some(ids[at]),
                cosine,
            })
        })
        .collect();
    Found { topics: Topics { topics, next }, places }
}

/// Many topics are gathered under the largest of those that are near each other.
fn gather(topics: &mut [Topic], seed: u64) {
    if topics.len() <= FLAT {
        return;
    }
    let centres: Vec<Vector> = topics.iter().map(|t| vector_of(&t.centre)).collect();
    let groups = means::groups(&centres, (topics.len() / 5).clamp(10, FLAT), 2, seed);
    for group in 0..groups.centres.len() {
        let inside: Vec<usize> =
            (0..topics.len()).filter(|n| groups.places[*n].0 as usize == group).collect();
        let head = inside.iter().copied().fold(None, |best: Option<usize>, n| match best {
            Some(b) if topics[b].size >= topics[n].size => Some(b),
            _ => Some(n),
        });
        for n in inside {
            topics[n].parent = head.filter(|h| *h != n).map(|h| topics[h].id);
        }
    }
}

#[cfg(test)]
mod tests;
