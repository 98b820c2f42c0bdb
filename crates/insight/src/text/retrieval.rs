//! Vectors to find texts again: tokens weighted by how rare they are here, and what all texts share taken away.
//!
//! For groups of texts use [`super::vectors`]: there these weights do harm.

use serde::{Deserialize, Serialize};

use super::vectors::{self, DIMS, Vector};
use super::wordpiece::{SIZE, UNKNOWN};

static COUNTS: &[u8] = include_bytes!("../../models/static-minilm-256/token_counts.u32");
static MEAN: &[u8] = include_bytes!("../../models/static-minilm-256/mean.f32");
/// How many texts the background counts are from.
const BACKGROUND: f32 = 78_000.0;
/// The background weighs as much as this many texts of one's own: rarity is known well from about a thousand.
const PRIOR: f32 = 1_000.0;
/// A token that is repeated counts at most this often.
const MOST_REPEATS: u8 = 3;

/// In how many texts each token occurs. Grows with the texts; nothing has to be kept but the counts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rarity {
    texts: u32,
    /// By token.
    within: Vec<u32>,
}

impl Default for Rarity {
    fn default() -> Rarity {
        Rarity { texts: 0, within: vec![0; SIZE] }
    }
}

impl Rarity {
    /// Counts one more text.
    pub fn count(&mut self, tokens: &[u16]) {
        self.texts += 1;
        let mut seen = tokens.to_vec();
        seen.sort_unstable();
        seen.dedup();
        for token in seen {
            if let Some(n) = self.within.get_mut(usize::from(token)) {
                *n += 1;
            }
        }
    }

    /// How many texts were counted.
    #[must_use]
    pub fn texts(&self) -> u32 {
        self.texts
    }

    /// The weight of each token: the logarithm of how rare it is, among these texts and the background together.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // counts far below 2^24 texts lose nothing that matters
    pub fn weights(&self) -> Vec<f32> {
        let all = self.texts as f32 + PRIOR;
        let background = COUNTS.as_chunks::<4>().0.iter().map(|c| u32::from_le_bytes(*c) as f32);
        self.within
            .iter()
            .zip(background)
            .map(|(within, background)| {
                let expected = PRIOR * (background / BACKGROUND).min(1.0);
                ((all + 1.0) / (*within as f32 + expected + 0.5)).ln().max(0.0)
            })
            .collect()
    }
}

/// The weighted direction of a list of tokens before the mean is taken away; `None` when no token is known.
#[must_use]
pub fn weighted(tokens: &[u16], weights: &[f32]) -> Option<Vector> {
    let mut sorted: Vec<u16> = tokens.iter().copied().filter(|t| *t != UNKNOWN).collect();
    sorted.sort_unstable();
    let mut sum = [0.0; DIMS];
    for run in sorted.chunk_by(|a, b| a == b) {
        let times = run.len().min(usize::from(MOST_REPEATS)) as u8;
        let weight = weights.get(usize::from(run[0])).copied().unwrap_or(0.0);
        vectors::add(&mut sum, run[0], weight * f32::from(times));
    }
    vectors::unit(sum)
}

/// A direction without the part that all texts share.
#[must_use]
pub fn without(vector: &Vector, mean: &Vector) -> Option<Vector> {
    let mut rest = *vector;
    for (x, m) in rest.iter_mut().zip(mean) {
        *x -= m;
    }
    vectors::unit(rest)
}

/// How rare a word is in the background: one in a single piece by its count, one of several pieces is a name of its own.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn rarity_of(word: &str) -> f32 {
    let pieces = super::wordpiece::tokens(word, 8);
    let count = |token: &u16| {
        let at = usize::from(*token) * 4;
        COUNTS.get(at..at + 4).map_or(0.0, |c| u32::from_le_bytes([c[0], c[1], c[2], c[3]]) as f32)
    };
    match pieces.as_slice() {
        [one] if *one != UNKNOWN => (BACKGROUND / (count(one) + 1.0)).ln(),
        _ => BACKGROUND.ln(),
    }
}

/// What texts share by their usual words alone: the mean direction that the background counts lead one to expect.
#[must_use]
pub fn usual() -> &'static Vector {
    static USUAL: std::sync::LazyLock<Vector> = std::sync::LazyLock::new(|| {
        let cells = MEAN.as_chunks::<4>().0.iter().map(|c| f32::from_le_bytes(*c));
        let mut mean = [0.0; DIMS];
        for (x, cell) in mean.iter_mut().zip(cells) {
            *x = cell;
        }
        mean
    });
    &USUAL
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::wordpiece::tokens;

    #[test]
    fn rare_words_weigh_more_and_local_counts_win() {
        let mut rarity = Rarity::default();
        let before = rarity.weights();
        let weight = |weights: &[f32], word: &str| weights[usize::from(tokens(word, 1)[0])];
        assert!(weight(&before, "the") < 1.0 && weight(&before, "kernel") > 2.0);
        for _ in 0..5_000 {
            rarity.count(&tokens("kernel kernel panic", 8));
        }
        let after = rarity.weights();
        assert!(weight(&after, "kernel") < 0.3 && weight(&after, "zebra") > weight(&before, "zebra"));
    }

    #[test]
    fn the_background_is_whole() {
        assert_eq!(COUNTS.len(), SIZE * 4);
        assert!(weighted(&[], &Rarity::default().weights()).is_none());
    }
}
