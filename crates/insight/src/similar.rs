//! Texts like this one: by words (BM25) and by meaning (vectors), joined by their ranks.
//!
//! Words find names and error codes, vectors find the same matter in other words. Each gives a list, and a text's score
//! is the sum of 1 / (60 + rank) over both (Cormack, Clarke and Buettcher 2009). Texts go in cleaned.

use std::collections::HashMap;

use crate::text::retrieval::{self, Rarity};
use crate::text::vectors::{self, DIMS, Small, Vector};
use crate::text::wordpiece;

/// Tokens of a text that are looked at.
const TOKENS: usize = 256;
/// Words of a text that are looked at.
const WORDS: usize = 1_000;
/// How far down each list the ranks count.
const DEPTH: usize = 200;
const RANK: f32 = 60.0;
const K1: f32 = 1.2;
const B: f32 = 0.75;

/// One text found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The text, by its place in the index.
    pub text: usize,
    /// Larger is nearer.
    pub score: f32,
}

/// Texts that can be found again.
#[derive(Clone, Debug, Default)]
pub struct Index {
    numbers: HashMap<String, u32>,
    /// By word: which texts have it, how often.
    postings: Vec<Vec<(u32, u16)>>,
    lengths: Vec<u32>,
    total: u64,
    rarity: Rarity,
    weights: Vec<f32>,
    mean: Option<Vector>,
    small: Vec<Small>,
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty() && w.len() <= 60)
        .take(WORDS)
        .map(str::to_lowercase)
}

impl Index {
    /// An index of texts. How rare words are and what all texts share is learnt from these.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn new<T: AsRef<str>>(texts: &[T]) -> Index {
        let mut index = Index::default();
        let tokens: Vec<Vec<u16>> = texts.iter().map(|t| wordpiece::tokens(t.as_ref(), TOKENS)).collect();
        for tokens in &tokens {
            index.rarity.count(tokens);
        }
        index.weights = index.rarity.weights();
        let mut sum = [0.0; DIMS];
        for direction in tokens.iter().filter_map(|t| retrieval::weighted(t, &index.weights)) {
            for (s, x) in sum.iter_mut().zip(direction) {
                *s += x;
            }
        }
        index.mean = Some(sum.map(|x| x / texts.len().max(1) as f32));
        for (text, tokens) in texts.iter().zip(&tokens) {
            index.push(text.as_ref(), tokens);
        }
        index
    }

    /// One more text, weighed as the others were. After many, a new index knows better what is rare.
    pub fn add(&mut self, text: &str) {
        let tokens = wordpiece::tokens(text, TOKENS);
        self.rarity.count(&tokens);
        if self.weights.is_empty() {
            self.weights = self.rarity.weights();
        }
        self.push(text, &tokens);
    }

    /// How many texts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lengths.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    #[allow(clippy::cast_possible_truncation)] // fewer than 2^32 texts and words
    fn push(&mut self, text: &str, tokens: &[u16]) {
        let number = self.lengths.len() as u32;
        let mut length = 0;
        for word in words(text) {
            length += 1;
            let next = self.postings.len() as u32;
            let at = *self.numbers.entry(word).or_insert(next);
            if at == next {
                self.postings.push(Vec::new());
            }
            match self.postings[at as usize].last_mut() {
                Some((last, n)) if *last == number => *n = n.saturating_add(1),
                _ => self.postings[at as usize].push((number, 1)),
            }
        }
        self.lengths.push(length);
        self.total += u64::from(length);
        // A text without a known word is near nothing: all zeros.
        self.small
            .push(self.direction(tokens).map_or([0; DIMS], |v| vectors::small(&v.map(|x| x * 127.0)).0));
    }

    fn direction(&self, tokens: &[u16]) -> Option<Vector> {
        let direction = retrieval::weighted(tokens, &self.weights)?;
        self.mean.as_ref().map_or(Some(direction), |mean| retrieval::without(&direction, mean))
    }

    /// The `most` texts that are most like this one, without those that `leave_out` names.
    #[must_use]
    pub fn find(&self, text: &str, most: usize, leave_out: impl Fn(usize) -> bool) -> Vec<Hit> {
        let depth = DEPTH.max(most * 2);
        let mut joined: HashMap<usize, f32> = HashMap::new();
        for list in [self.by_words(text, depth, &leave_out), self.by_meaning(text, depth, &leave_out)] {
            let mut rank = RANK;
            for hit in list {
                rank += 1.0;
                *joined.entry(hit.text).or_default() += 1.0 / rank;
            }
        }
        best(joined.into_iter().map(|(text, score)| Hit { text, score }).collect(), most)
    }

    /// By words alone: BM25.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn by_words(&self, text: &str, most: usize, leave_out: impl Fn(usize) -> bool) -> Vec<Hit> {
        let mut asked: Vec<u32> = words(text).filter_map(|w| self.numbers.get(&w).copied()).collect();
        asked.sort_unstable();
        asked.dedup();
        let all = self.lengths.len() as f32;
        let usual = (self.total as f32 / all.max(1.0)).max(1.0);
        let mut scores = vec![0.0_f32; self.lengths.len()];
        for word in asked {
            let postings = &self.postings[word as usize];
            let within = postings.len() as f32;
            let idf = (1.0 + (all - within + 0.5) / (within + 0.5)).ln();
            for (text, n) in postings {
                let n = f32::from(*n);
                let length = self.lengths[*text as usize] as f32 / usual;
                scores[*text as usize] += idf * n * (K1 + 1.0) / (n + K1 * (1.0 - B + B * length));
            }
        }
        let hits = scores.into_iter().enumerate().filter(|(text, score)| *score > 0.0 && !leave_out(*text));
        best(hits.map(|(text, score)| Hit { text, score }).collect(), most)
    }

    /// By meaning alone: the cosine of vectors.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn by_meaning(&self, text: &str, most: usize, leave_out: impl Fn(usize) -> bool) -> Vec<Hit> {
        let Some(direction) = self.direction(&wordpiece::tokens(text, TOKENS)) else { return Vec::new() };
        let (asked, _) = vectors::small(&direction);
        let own = (vectors::small_dot(&asked, &asked) as f32).sqrt().max(1.0);
        let hits = self.small.iter().enumerate().filter_map(|(text, small)| {
            let length = vectors::small_dot(small, small) as f32;
            if length == 0.0 || leave_out(text) {
                return None;
            }
            Some(Hit { text, score: vectors::small_dot(&asked, small) as f32 / length.sqrt() / own })
        });
        best(hits.collect(), most)
    }
}

/// The best first; of two as good, the earlier.
fn best(mut hits: Vec<Hit>, most: usize) -> Vec<Hit> {
    let order = |a: &Hit, b: &Hit| b.score.total_cmp(&a.score).then(a.text.cmp(&b.text));
    if most == 0 {
        return Vec::new();
    }
    if hits.len() > most {
        hits.select_nth_unstable_by(most - 1, order);
        hits.truncate(most);
    }
    hits.sort_by(order);
    hits
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 5] = [
        "webhook signature never matches on retries",
        "where is the migration guide for version 3",
        "docker image is too large",
        "the callback fails to verify when it is sent again",
        "error E4021 when the client starts",
    ];

    #[test]
    fn finds_by_words_and_by_meaning() {
        let index = Index::new(&TEXTS);
        let first = |text: &str| index.find(text, 3, |_| false).first().map(|h| h.text);
        assert_eq!(first("E4021"), Some(4));
        assert_eq!(first("how do I migrate?"), Some(1));
        assert_eq!(first("my container is huge"), Some(2));
        assert_ne!(index.find(TEXTS[0], 3, |n| n == 0)[0].text, 0);
        assert_eq!(index.find(TEXTS[0], 3, |_| false), index.find(TEXTS[0], 3, |_| false));
    }

    #[test]
    fn grows_and_bears_anything() {
        let mut index = Index::default();
        assert!(index.is_empty() && index.find("x", 3, |_| false).is_empty());
        let long = "word ".repeat(200_000);
        for text in ["", "\u{1f600}", "\0\u{1}", "\u{5d0}\u{5d9}\u{5da}", &long, "delete all texts", TEXTS[2]]
        {
            index.add(text);
            let _ = index.find(text, 5, |_| false);
        }
        assert_eq!(index.len(), 7);
        assert_eq!(index.find("docker image", 1, |_| false)[0].text, 6);
        assert!(index.find("", 5, |_| false).is_empty() && index.find("docker", 0, |_| false).is_empty());
    }
}
