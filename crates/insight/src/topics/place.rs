//! Where one more text belongs, by what an earlier run left: no learning.

use std::collections::HashMap;

use super::forms::Forms;
use super::mixture::{COSINE, weight};
use super::terms::each;
use super::{NEVER_BELOW, OTHER_BELOW, Place, Topics, WORDS_ENOUGH, vector_of};
use crate::text::retrieval::without;
use crate::text::vectors::{self, Vector};

/// Terms of a text that are looked at.
const MOST: usize = 160;

/// Topics, ready to place texts.
pub struct Placer<'a> {
    topics: &'a Topics,
    centres: Vec<Vector>,
    mean: Vector,
    forms: Forms,
    words: HashMap<&'a str, Vec<(usize, f32)>>,
}

impl Placer<'_> {
    /// Of an earlier run.
    #[must_use]
    pub fn new(topics: &Topics) -> Placer<'_> {
        let mut words: HashMap<&str, Vec<(usize, f32)>> = HashMap::new();
        for (at, topic) in topics.topics.iter().enumerate() {
            for (word, lift) in &topic.words {
                words.entry(word).or_default().push((at, *lift));
            }
        }
        Placer {
            topics,
            centres: topics.topics.iter().map(|t| vector_of(&t.centre)).collect(),
            mean: vector_of(&topics.mean),
            forms: Forms::of(&topics.forms),
            words,
        }
    }

    /// Where a cleaned text belongs.
    #[must_use]
    pub fn place(&self, text: &str) -> Place {
        let text = self.forms.without(text);
        let other = Place { topic: None, cosine: 0.0 };
        let direction = vectors::vector(&text).and_then(|v| without(&v, &self.mean));
        let Some(direction) = direction.filter(|_| !self.centres.is_empty()) else { return other };
        let mut speak = vec![0.0_f32; self.centres.len()];
        let mut count = 0;
        each(&text, MOST, &mut |name, _| {
            count += 1;
            for (at, lift) in self.words.get(name.as_str()).into_iter().flatten() {
                speak[*at] += lift;
            }
        });
        let weight = weight(count);
        let mut best = (0, f32::NEG_INFINITY, 0.0);
        for (at, centre) in self.centres.iter().enumerate() {
            let cosine = vectors::dot(&direction, centre);
            let fit = COSINE * cosine + weight * speak[at];
            if fit > best.1 {
                best = (at, fit, cosine);
            }
        }
        let (at, fit, cosine) = best;
        let fits = cosine >= OTHER_BELOW || fit - COSINE * cosine >= WORDS_ENOUGH && cosine >= NEVER_BELOW;
        Place { topic: fits.then(|| self.topics.topics[at].id), cosine }
    }

    /// The words of a text that speak for a topic, as they are written there, the strongest first.
    #[must_use]
    pub fn because(&self, text: &str, topic: u32) -> Vec<String> {
        let Some(at) = self.topics.topics.iter().position(|t| t.id.0 == topic) else { return Vec::new() };
        let mut found: Vec<(f32, String)> = Vec::new();
        each(&self.forms.without(text), MOST, &mut |name, form| {
            let lift = self.words.get(name.as_str()).into_iter().flatten().find(|(of, _)| *of == at);
            if let Some((_, lift)) = lift
                && !found.iter().any(|(_, known)| known.eq_ignore_ascii_case(&form))
            {
                found.push((*lift, form));
            }
        });
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        // A pair says what its words say.
        let mut told: Vec<String> = Vec::new();
        for (_, form) in found {
            if !told.iter().any(|t| t.split(' ').any(|w| form.split(' ').any(|f| f.eq_ignore_ascii_case(w))))
            {
                told.push(form);
            }
        }
        told.truncate(4);
        told
    }
}
