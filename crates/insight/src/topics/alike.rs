//! How alike few texts are: their meaning with rare words weighing more and what all share taken away, and their words.
//!
//! For thousands of short titles these weights do harm; for a few hundred longer texts of one community, which all speak
//! of the same product, they are what tells them apart.

use super::terms::Terms;
use crate::text::retrieval::{Rarity, weighted, without};
use crate::text::vectors::{self, DIMS, MOST_TOKENS, Vector};
use crate::text::wordpiece;

/// What words weigh against meaning (as the square of 0.5).
const WORDS: f32 = 0.25;

/// The likeness of every pair, between about -1 and 1. `terms` are those of the same texts.
#[allow(clippy::cast_precision_loss)] // counts
pub(super) fn alike<T: AsRef<str>>(texts: &[T], terms: &Terms) -> Vec<Vec<f32>> {
    let tokens: Vec<Vec<u16>> = texts.iter().map(|t| wordpiece::tokens(t.as_ref(), MOST_TOKENS)).collect();
    let mut rarity = Rarity::default();
    for tokens in &tokens {
        rarity.count(tokens);
    }
    let weights: Vec<f32> = rarity.weights().into_iter().map(f32::sqrt).collect();
    let directions: Vec<Vector> =
        tokens.iter().map(|t| weighted(t, &weights).unwrap_or([0.0; DIMS])).collect();
    let mean = mean(&directions);
    let directions: Vec<Vector> =
        directions.iter().map(|d| without(d, &mean).unwrap_or([0.0; DIMS])).collect();
    let all = texts.len() as f32;
    let idf: Vec<f32> = terms.within.iter().map(|n| ((all + 1.0) / (*n as f32 + 1.0)).ln() + 1.0).collect();
    let lengths: Vec<f32> = terms
        .texts
        .iter()
        .map(|t| t.iter().map(|t| idf[*t as usize].powi(2)).sum::<f32>().sqrt().max(1e-6))
        .collect();
    let words = |a: usize, b: usize| {
        let (mut left, mut right) = (terms.texts[a].iter().peekable(), terms.texts[b].iter().peekable());
        let mut sum = 0.0;
        while let (Some(l), Some(r)) = (left.peek(), right.peek()) {
            match l.cmp(r) {
                std::cmp::Ordering::Less => left.next(),
                std::cmp::Ordering::Greater => right.next(),
                std::cmp::Ordering::Equal => {
                    sum += idf[**l as usize].powi(2);
                    left.next();
                    right.next()
                }
            };
        }
        sum / (lengths[a] * lengths[b])
    };
    let mut out = vec![vec![0.0; texts.len()]; texts.len()];
    for a in 0..texts.len() {
        for b in 0..a {
            let like = (vectors::dot(&directions[a], &directions[b]) + WORDS * words(a, b)) / (1.0 + WORDS);
            out[a][b] = like;
            out[b][a] = like;
        }
    }
    out
}

/// The mean of directions.
#[allow(clippy::cast_precision_loss)] // a number of texts
pub(super) fn mean(directions: &[Vector]) -> Vector {
    let mut mean = [0.0; DIMS];
    let share = 1.0 / directions.len().max(1) as f32;
    for direction in directions {
        for (sum, x) in mean.iter_mut().zip(direction) {
            *sum += x * share;
        }
    }
    mean
}
