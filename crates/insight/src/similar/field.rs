//! One way of comparing texts by terms: which texts have which, how often, and BM25 over them.

use std::collections::HashMap;

use super::words::Term;

/// BM25: how fast more of the same stops to count, and how much a text's length does.
const K1: f32 = 2.0;
const B: f32 = 0.75;
/// How fast more of the same stops to count in what is asked.
const K3: f32 = 8.0;

/// Which share of what is asked is much to have in common.
pub(super) const MUCH: f32 = 0.1;

/// Postings by term.
#[derive(Clone, Debug, Default)]
pub(super) struct Field {
    numbers: HashMap<u64, u32>,
    /// By term: which texts have it, how often.
    postings: Vec<Vec<(u32, f32)>>,
    lengths: Vec<f32>,
    total: f64,
}

/// Terms of one text, each once, with how often; in a fixed order.
pub(super) fn counted(terms: &[Term]) -> Vec<Term> {
    let mut sorted = terms.to_vec();
    sorted.sort_by_key(|(term, _)| *term);
    sorted.chunk_by(|a, b| a.0 == b.0).map(|same| (same[0].0, same.iter().map(|(_, n)| n).sum())).collect()
}

/// How much a term counts that `within` of `all` texts have.
#[allow(clippy::cast_precision_loss)]
pub(super) fn rarity(within: usize, all: usize) -> f32 {
    let (within, all) = (within as f32, all as f32);
    (1.0 + (all - within + 0.5) / (within + 0.5)).ln()
}

/// How much a term counts that is asked for `n` times.
pub(super) fn asked(n: f32) -> f32 {
    n * (K3 + 1.0) / (n + K3)
}

/// How much a term counts that stands `n` times in a text so long, compared with what is usual.
pub(super) fn within(n: f32, length: f32) -> f32 {
    n * (K1 + 1.0) / (n + K1 * (1.0 - B + B * length))
}

impl Field {
    #[allow(clippy::cast_possible_truncation)] // fewer than 2^32 texts and terms
    pub(super) fn push(&mut self, terms: &[Term]) {
        let text = self.lengths.len() as u32;
        let mut length = 0.0;
        for (term, n) in counted(terms) {
            length += n;
            let next = self.postings.len() as u32;
            let at = *self.numbers.entry(term).or_insert(next);
            if at == next {
                self.postings.push(Vec::new());
            }
            self.postings[at as usize].push((text, n));
        }
        self.lengths.push(length);
        self.total += f64::from(length);
    }

    /// The score of every text by the `most` terms that tell most, and what counts as much in common: a share of what
    /// all terms that are asked for could give, those that no text has among them.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
    pub(super) fn scores(&self, terms: &[Term], most: usize) -> (Vec<f32>, f32) {
        let all = self.lengths.len();
        let usual = (self.total / all.max(1) as f64).max(1.0) as f32;
        let mut query: Vec<(f32, u32)> = counted(terms)
            .into_iter()
            .map(|(term, n)| match self.numbers.get(&term) {
                Some(at) => (asked(n) * rarity(self.postings[*at as usize].len(), all), *at),
                None => (asked(n) * rarity(0, all), u32::MAX),
            })
            .collect();
        query.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let much = MUCH * within(1.0, 1.0) * query.iter().take(most).map(|(weight, _)| weight).sum::<f32>();
        query.retain(|(_, at)| *at != u32::MAX);
        query.truncate(most);
        let mut scores = vec![0.0; all];
        for (weight, at) in query {
            for (text, n) in &self.postings[at as usize] {
                let text = *text as usize;
                scores[text] += weight * within(*n, self.lengths[text] / usual);
            }
        }
        (scores, much)
    }
}
