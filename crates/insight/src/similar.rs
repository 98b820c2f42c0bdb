//! Texts like this one: by words (BM25), by words side by side, by pieces of words, and by meaning (vectors).
//!
//! Words find names and error codes, pieces find the same word in another form, vectors find the same matter in other
//! words. Each gives every text a score, brought to the same scale by its best; their weighted sum orders the texts.
//! [`Index`] holds a whole corpus; [`rank`] orders a few candidates that something faster has found.

mod few;
mod field;
mod words;

use std::sync::OnceLock;

pub use few::{Candidate, rank, shared, telling};
use field::Field;
use words::Terms;

use crate::text::clean;
use crate::text::retrieval::{self, Rarity};
use crate::text::vectors::{self, DIMS, Small, Vector};
use crate::text::wordpiece;

/// Tokens of a text that are looked at, and of a title.
const TOKENS: usize = 256;
const TITLE_TOKENS: usize = 64;

/// How much each way of comparing counts. Set on one half of threads that link to others, in five communities, and
/// rounded: `cargo run --release -p xtask -- judge similar` prints both halves.
const BY_WORDS: f32 = 1.0;
const BY_PAIRS: f32 = 0.4;
const BY_PIECES: f32 = 0.6;
const BY_MEANING: f32 = 1.2;
/// People refer to what was asked lately: a text of the same day counts so much more, and half of it after [`FADES`].
const BY_NEARNESS: f32 = 0.8;
/// In days.
const FADES: f32 = 30.0;
/// How many terms of each sort are asked for: those that tell most.
const MOST_WORDS: usize = 60;
const MOST_PIECES: usize = 200;

/// From this cosine of two meanings on, a thread asked much the same. A figure to mention a thread by, unasked: rather
/// too high than too low.
pub const STRONG: f32 = 0.7;

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
    words: Field,
    pairs: Field,
    pieces: Field,
    rarity: Rarity,
    weights: Vec<f32>,
    mean: Option<Vector>,
    small: Vec<Small>,
}

impl Index {
    /// An index of texts as they were written; a short first line is the title. How rare words are and what all texts
    /// share is learnt from these.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn new<T: AsRef<str>>(texts: &[T]) -> Index {
        let mut index = Index::default();
        let tokens: Vec<[Vec<u16>; 2]> = texts.iter().map(|t| tokens(t.as_ref())).collect();
        for [whole, _] in &tokens {
            index.rarity.count(whole);
        }
        index.weights = index.rarity.weights();
        let mut sum = [0.0; DIMS];
        for direction in tokens.iter().filter_map(|t| joint(t, &index.weights)) {
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
        let tokens = tokens(text);
        self.rarity.count(&tokens[0]);
        if self.weights.is_empty() {
            self.weights = self.rarity.weights();
        }
        self.push(text, &tokens);
    }

    /// How many texts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.small.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.small.is_empty()
    }

    fn push(&mut self, text: &str, tokens: &[Vec<u16>; 2]) {
        let (title, body) = words::split(text);
        let Terms { words, pairs, pieces } = words::terms(title, body);
        self.words.push(&words);
        self.pairs.push(&pairs);
        self.pieces.push(&pieces);
        // A text without a known word is near nothing: all zeros.
        self.small.push(self.meaning(tokens).map_or([0; DIMS], |v| vectors::small(&v).0));
    }

    fn meaning(&self, tokens: &[Vec<u16>; 2]) -> Option<Vector> {
        let direction = joint(tokens, &self.weights)?;
        self.mean.as_ref().map_or(Some(direction), |mean| retrieval::without(&direction, mean))
    }

    /// The `most` texts that are most like this one, without those that `leave_out` names.
    #[must_use]
    pub fn find(&self, text: &str, most: usize, leave_out: impl Fn(usize) -> bool) -> Vec<Hit> {
        self.find_lately(text, most, leave_out, |_| None)
    }

    /// The same, where it is known how many days lie between a text and this one: what is nearer in time is likelier
    /// what people mean.
    #[must_use]
    pub fn find_lately(
        &self,
        text: &str,
        most: usize,
        leave_out: impl Fn(usize) -> bool,
        days: impl Fn(usize) -> Option<f32>,
    ) -> Vec<Hit> {
        let (title, body) = words::split(text);
        let Terms { words, pairs, pieces } = words::terms(title, body);
        let left: Vec<bool> = (0..self.len()).map(|n| !leave_out(n)).collect();
        let mut joined = vec![0.0_f32; self.len()];
        let mut found = vec![false; self.len()];
        for (weight, (scores, much)) in [
            (BY_WORDS, self.words.scores(&words, MOST_WORDS)),
            (BY_PAIRS, self.pairs.scores(&pairs, usize::MAX)),
            (BY_PIECES, self.pieces.scores(&pieces, MOST_PIECES)),
            // Cosines have their scale already.
            (BY_MEANING, (self.cosines(&tokens(text)), 1.0)),
        ] {
            let allowed = scores.iter().zip(&left).filter(|(_, left)| **left);
            let scale = weight / allowed.fold(much.max(1e-9), |most, (score, _)| most.max(*score));
            for ((sum, found), score) in joined.iter_mut().zip(&mut found).zip(scores) {
                *sum += scale * score;
                *found |= score != 0.0;
            }
        }
        let hits = joined.into_iter().enumerate().filter(|(n, _)| left[*n] && found[*n]);
        best(hits.map(|(text, score)| Hit { text, score: score + nearness(days(text)) }).collect(), most)
    }

    /// The `most` texts whose meaning is nearest, by cosine; those without a known word are near nothing.
    #[must_use]
    pub fn by_meaning(&self, text: &str, most: usize, leave_out: impl Fn(usize) -> bool) -> Vec<Hit> {
        let cosines = self.cosines(&tokens(text)).into_iter().enumerate();
        let hits = cosines.filter(|(text, score)| *score != 0.0 && !leave_out(*text));
        best(hits.map(|(text, score)| Hit { text, score }).collect(), most)
    }

    #[allow(clippy::cast_precision_loss)]
    fn cosines(&self, tokens: &[Vec<u16>; 2]) -> Vec<f32> {
        let Some(direction) = self.meaning(tokens) else { return vec![0.0; self.len()] };
        let (asked, _) = vectors::small(&direction);
        self.small.iter().map(|small| vectors::small_cosine(&asked, small)).collect()
    }
}

/// What nearness in time adds.
fn nearness(days: Option<f32>) -> f32 {
    days.map_or(0.0, |days| BY_NEARNESS / (1.0 + days.abs() / FADES))
}

/// The direction by which a thread is found again wherever it lies: by the background's rarity, so that it stays the
/// same whatever else the folder holds; what all texts share is taken away. `None` when no word is known.
#[must_use]
pub fn meaning(title: &str, body: &str) -> Option<Small> {
    let rest = retrieval::without(&direction(title, body)?, retrieval::usual())?;
    Some(vectors::small(&rest).0)
}

/// The same before what all texts share is taken away.
#[must_use]
pub fn direction(title: &str, body: &str) -> Option<Vector> {
    static WEIGHTS: OnceLock<Vec<f32>> = OnceLock::new();
    joint(&tokens_of(title, body), WEIGHTS.get_or_init(|| Rarity::default().weights()))
}

/// The tokens of a text, and of its title.
fn tokens(text: &str) -> [Vec<u16>; 2] {
    let (title, body) = words::split(text);
    tokens_of(title, body)
}

fn tokens_of(title: &str, body: &str) -> [Vec<u16>; 2] {
    [wordpiece::tokens(&clean::joined(title, body), TOKENS), wordpiece::tokens(title, TITLE_TOKENS)]
}

/// The title counts as much as the whole.
fn joint(tokens: &[Vec<u16>; 2], weights: &[f32]) -> Option<Vector> {
    let whole = retrieval::weighted(&tokens[0], weights);
    let title = retrieval::weighted(&tokens[1], weights);
    let (Some(mut sum), Some(title)) = (whole, title) else { return whole.or(title) };
    for (s, x) in sum.iter_mut().zip(title) {
        *s += x;
    }
    vectors::unit(sum)
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
    fn of_two_as_like_the_nearer_in_time_comes_first() {
        let texts = ["webhook retries fail", "webhook retries fail", "bread"];
        let index = Index::new(&texts);
        let ages = [400.0, 10.0, 0.0];
        let found = |days: &dyn Fn(usize) -> Option<f32>| -> Vec<usize> {
            index.find_lately("webhook retries", 2, |_| false, days).iter().map(|h| h.text).collect()
        };
        assert_eq!(found(&|_| None), [0, 1]);
        assert_eq!(found(&|n| Some(ages[n])), [1, 0], "and never something else that is new");
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

    #[test]
    fn a_name_in_code_is_found_by_its_parts() {
        let texts =
            ["Timeouts\n```\nclient.maxRetryCount = 9\n```", "Timeouts\nnothing helps", "Sizes\nnothing"];
        let index = Index::new(&texts);
        assert_eq!(index.find("what does max_retry_count do", 1, |_| false)[0].text, 0);
    }

    #[test]
    fn the_meaning_that_is_kept_is_its_own() {
        let a = meaning("Signature of the callback", "It is wrong on retries").unwrap();
        assert_eq!(Some(a), meaning("Signature of the callback", "It is wrong on retries"));
        let b = meaning("Webhook signatures", "they never match when sent again").unwrap();
        let c = meaning("Bread", "with olives and salt").unwrap();
        assert!(vectors::small_cosine(&a, &b) > vectors::small_cosine(&a, &c) + 0.2);
        for text in ["", "\u{1f600}\u{1f600}", "\0\u{1}"] {
            assert_eq!(meaning("", text), None, "{text:?}");
        }
    }
}
