//! Vectors say what texts are near in meaning, words say what sets a topic apart: both together place a text.
//!
//! Expectation and maximisation over a mixture in which each topic has a centre (its texts' mean direction) and a
//! multinomial over terms, smoothed with all texts' own. On labelled questions this raises agreement with the labels
//! noticeably above k-means alone, which it starts from.

use super::terms::Terms;
use crate::text::vectors::{self, DIMS, Vector};

/// What a cosine weighs against the words.
pub(super) const COSINE: f32 = 10.0;
/// What a term's logarithm weighs: terms of one text are not independent.
const TERM: f32 = 0.5;
/// A text with more terms than these has each count for less.
const USUAL: f32 = 14.0;
/// Smoothing, in occurrences per term.
const SMOOTHING: f32 = 0.4;
/// Rounds.
const ROUNDS: usize = 12;

/// What the terms of a text count for, by how many there are.
#[allow(clippy::cast_precision_loss)] // few
pub(super) fn weight(terms: usize) -> f32 {
    TERM * (USUAL / terms.max(1) as f32).min(1.0)
}

/// What is said about a text beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// It belongs to this topic.
    In(usize),
    /// It does not belong to this topic.
    NotIn(usize),
}

/// Topics as centres and terms.
#[derive(Debug)]
pub(super) struct Mixture {
    pub(super) centres: Vec<Vector>,
    /// Per topic and term, how much more likely the term is there: a logarithm.
    pub(super) lifts: Vec<Vec<f32>>,
    /// Topics that too few texts are in: nothing is placed there.
    pub(super) closed: Vec<bool>,
}

/// One text as the mixture sees it.
pub(super) struct Text<'a> {
    pub(super) vector: &'a Vector,
    pub(super) terms: &'a [u32],
    /// What was said about it.
    pub(super) said: &'a [Word],
}

impl Mixture {
    /// Fits the mixture, starting from one place per text. `fixed`: topics that are pulled to a direction and have terms.
    pub(super) fn fit(
        texts: &[Text<'_>],
        places: &[u32],
        terms: &Terms,
        start: Vec<Vector>,
        fixed: &[(usize, Vector, Vec<u32>)],
    ) -> Mixture {
        let count = start.len();
        let mut shares: Vec<Vec<f32>> = places
            .iter()
            .map(|at| {
                let mut share = vec![0.0; count];
                share[*at as usize] = 1.0;
                share
            })
            .collect();
        let mut now = Mixture { centres: start, lifts: Vec::new(), closed: Vec::new() };
        for _ in 0..ROUNDS {
            now.learn(texts, &shares, terms, fixed);
            for (text, share) in texts.iter().zip(&mut shares) {
                now.weigh(text, share);
                soften(share);
            }
        }
        now.learn(texts, &shares, terms, fixed);
        now
    }

    /// Topics as they are: nothing moves between them. `None`: a text of no topic.
    pub(super) fn of(
        texts: &[Text<'_>],
        places: &[Option<usize>],
        terms: &Terms,
        count: usize,
        fixed: &[(usize, Vector, Vec<u32>)],
    ) -> Mixture {
        let shares: Vec<Vec<f32>> = places
            .iter()
            .map(|at| {
                let mut share = vec![0.0; count];
                if let Some(at) = at {
                    share[*at] = 1.0;
                }
                share
            })
            .collect();
        let mut now = Mixture { centres: vec![[0.0; DIMS]; count], lifts: Vec::new(), closed: Vec::new() };
        now.learn(texts, &shares, terms, fixed);
        now
    }

    #[allow(clippy::cast_precision_loss)]
    fn learn(
        &mut self,
        texts: &[Text<'_>],
        shares: &[Vec<f32>],
        terms: &Terms,
        fixed: &[(usize, Vector, Vec<u32>)],
    ) {
        let count = self.centres.len();
        let mut sums = vec![[0.0_f32; DIMS]; count];
        let mut counts = vec![vec![0.0_f32; terms.names.len()]; count];
        let mut all = vec![0.0_f32; terms.names.len()];
        for (text, share) in texts.iter().zip(shares) {
            for term in text.terms {
                all[*term as usize] += 1.0;
            }
            for (at, share) in share.iter().enumerate().filter(|(_, share)| **share > 1e-3) {
                for (sum, x) in sums[at].iter_mut().zip(text.vector) {
                    *sum += share * x;
                }
                for term in text.terms {
                    counts[at][*term as usize] += share;
                }
            }
        }
        for (at, direction, words) in fixed {
            let mine = vectors::unit(sums[*at]).unwrap_or(*direction);
            for ((sum, x), m) in sums[*at].iter_mut().zip(direction).zip(mine) {
                *sum = x + m;
            }
            for term in words {
                counts[*at][*term as usize] += 20.0;
            }
        }
        for (centre, sum) in self.centres.iter_mut().zip(sums) {
            *centre = vectors::unit(sum).unwrap_or(*centre);
        }
        let whole: f32 = all.iter().sum::<f32>().max(1.0);
        let extra = SMOOTHING * terms.names.len() as f32;
        self.lifts = counts
            .into_iter()
            .map(|mut counts| {
                let sum: f32 = counts.iter().sum::<f32>() + extra;
                for (n, all) in counts.iter_mut().zip(&all) {
                    let usual = all.max(0.5) / whole;
                    *n = ((*n + extra * usual) / sum / usual).ln();
                }
                counts
            })
            .collect();
    }

    /// How well each topic fits, as logarithms.
    fn weigh(&self, text: &Text<'_>, out: &mut [f32]) {
        let weight = weight(text.terms.len());
        for ((out, centre), lifts) in out.iter_mut().zip(&self.centres).zip(&self.lifts) {
            let words: f32 = text.terms.iter().map(|t| lifts[*t as usize]).sum();
            *out = COSINE * vectors::dot(text.vector, centre) + weight * words;
        }
        for said in text.said {
            match said {
                Word::In(at) => out[*at] = 1e6,
                Word::NotIn(at) => out[*at] = -1e6,
            }
        }
    }

    /// The topic of a text, its cosine to that topic's centre, and what its words say for the topic.
    pub(super) fn place(&self, text: &Text<'_>) -> (usize, f32, f32) {
        let mut fits = vec![0.0; self.centres.len()];
        self.weigh(text, &mut fits);
        for (fit, closed) in fits.iter_mut().zip(&self.closed) {
            if *closed {
                *fit = f32::NEG_INFINITY;
            }
        }
        let best =
            fits.iter().enumerate().fold(0, |best, (at, fit)| if *fit > fits[best] { at } else { best });
        let cosine = vectors::dot(text.vector, &self.centres[best]);
        (best, cosine, fits[best] - COSINE * cosine)
    }
}

/// Logarithms to shares that sum to one.
fn soften(fits: &mut [f32]) {
    let most = fits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for fit in fits.iter_mut() {
        *fit = (*fit - most).exp();
        sum += *fit;
    }
    for fit in fits {
        *fit /= sum;
    }
}
