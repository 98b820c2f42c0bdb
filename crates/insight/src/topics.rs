//! Topics: what texts from any source are about, found, named and kept.
//!
//! Texts go in cleaned ([`crate::text::clean`]), and lose what repeats word for word ([`forms`]). A few hundred texts are
//! joined while they are alike ([`tree`]); more are grouped by k-means over their vectors ([`means`]), as many groups as
//! the tree finds in a draw of them, and refined with their words ([`mixture`]). Groups are named by the words that set
//! them apart ([`names`]). A later run keeps the ids: it begins from the centres of the one before, or recognises a group
//! by its members; a topic that somebody declared, named, pinned or corrected stays, and what people said about single
//! texts is kept to. Topics are learnt from at most [`SAMPLE`] texts, evenly chosen, and all are placed, one by one: a
//! [`Placer`] puts later texts where they belong without learning anew.

mod alike;
mod evidence;
mod find;
mod forms;
mod means;
mod mixture;
mod names;
mod place;
mod terms;
mod tree;

use serde::{Deserialize, Serialize};

use crate::text::vectors::{DIMS, Vector};

pub use evidence::has_it_too;
pub use find::{again, again_of, find};
pub use place::Placer;

/// Topics are learnt from so many texts at most.
pub const SAMPLE: usize = 10_000;
/// Starting points are tried on so many.
const TRIAL: usize = 6_000;
/// How many starting points are tried; with many topics one is as good as another.
const RUNS: u64 = 3;
const MANY: usize = 50;
/// So many texts are joined by a tree.
const FEW: usize = 150;
/// For more, a tree over so many says how many topics there are, if only roughly.
const DRAW: usize = 800;
/// A topic has so many texts, or it is "other".
const LEAST: usize = 3;
/// A text whose cosine to its topic is below this is about something else, unless its words speak for the topic.
pub const OTHER_BELOW: f32 = 0.3;
/// So much has the logarithm of its words to be.
const WORDS_ENOUGH: f32 = 0.7;
/// Below this, words alone do not help.
const NEVER_BELOW: f32 = 0.05;
/// Topics that are looked for when nobody says how many: at most, and at least once there are more than a few texts.
const MOST: usize = 60;
const SOME: usize = 10;
/// Above so many topics they are gathered under fewer.
const FLAT: usize = 60;

/// A topic's number. It stays with the topic over runs and is never given to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TopicId(pub u32);

/// How topics are looked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How many; without it, as many as the texts show, at most 60.
    pub count: Option<usize>,
    /// Where chance begins.
    pub seed: u64,
    /// Topics that people declared.
    pub declared: Vec<Declared>,
    /// What people said about single texts.
    pub said: Vec<Said>,
    /// Words in lower case that name the product itself and so no topic of it.
    pub product_words: Vec<String>,
    /// Words in lower case of people's names, which are no topics either.
    pub people_words: Vec<String>,
    /// By text, who wrote it: what one person alone writes names no topic. May be empty.
    pub authors: Vec<i64>,
    /// By text, the topic it had: groups keep their ids by it. May be empty; nothing is in a topic of
    /// [`Topics::redeclared`].
    pub before: Vec<Option<TopicId>>,
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
    /// Texts that belong to it, by their places in the list.
    #[serde(skip)]
    pub members: Vec<usize>,
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
    /// What all texts share: it is taken from every direction.
    #[serde(default)]
    mean: Vec<f32>,
    /// Digests of what repeats word for word.
    #[serde(default)]
    forms: Vec<u64>,
    /// What was declared in this run.
    #[serde(default)]
    declared: Vec<Declared>,
}

impl Topics {
    /// Whether these were found with the same declared topics; texts that were put into them by hand aside.
    #[must_use]
    pub fn declared_so(&self, declared: &[Declared]) -> bool {
        bare(declared).eq(self.declared.iter().cloned())
    }

    /// Topics that were declared in other words than now: what was in them tells nothing of what belongs there.
    #[must_use]
    pub fn redeclared(&self, declared: &[Declared]) -> Vec<TopicId> {
        let now: Vec<Declared> = bare(declared).collect();
        let other = |d: &&Declared| now.iter().any(|n| n.label == d.label && n != *d);
        let changed = self.declared.iter().filter(other);
        changed
            .filter_map(|d| self.topics.iter().find(|t| t.kept && t.label == d.label).map(|t| t.id))
            .collect()
    }
    /// A text's direction without what all texts share; `None` when it has no word that is known.
    #[must_use]
    pub fn direction(&self, text: &str) -> Option<Vector> {
        crate::text::vectors::vector(text)
            .and_then(|v| crate::text::retrieval::without(&v, &vector_of(&self.mean)))
    }
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
    /// Words that speak for it, as they are compared, with the logarithm of how much more likely they are here.
    #[serde(default)]
    pub words: Vec<(String, f32)>,
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

/// What is declared, without the places of texts in one list.
fn bare(declared: &[Declared]) -> impl Iterator<Item = Declared> {
    declared.iter().map(|d| Declared { members: Vec::new(), ..d.clone() })
}

fn vector_of(numbers: &[f32]) -> Vector {
    let mut vector = [0.0; DIMS];
    for (v, n) in vector.iter_mut().zip(numbers) {
        *v = *n;
    }
    vector
}

#[cfg(test)]
mod tests;
