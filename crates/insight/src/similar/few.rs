//! A few candidates that something faster has found, in the order of how much they are like what is asked.

use std::collections::HashMap;

use crate::text::retrieval;

use super::field::{MUCH, asked, counted, rarity, within};
use super::words::{self, Term, Terms};
use super::{BY_MEANING, BY_PAIRS, BY_PIECES, BY_WORDS, MOST_PIECES, MOST_WORDS, nearness};

/// Words of a text among which the telling ones are chosen.
const LOOKED_AT: usize = 300;

/// One text that may be like what is asked.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its opening.
    pub body: &'a str,
    /// The cosine of the two meanings; 0 when it is not known.
    pub cosine: f32,
    /// Days between it and what is asked, when that is known.
    pub days: Option<f32>,
}

/// The score of each candidate; larger is nearer. How rare a term is is told by the candidates themselves.
#[must_use]
pub fn rank(title: &str, body: &str, candidates: &[Candidate<'_>]) -> Vec<f32> {
    let query = words::terms(title, body);
    let terms: Vec<Terms> = candidates.iter().map(|c| words::terms(c.title, c.body)).collect();
    let mut joined: Vec<f32> = candidates.iter().map(|c| BY_MEANING * c.cosine + nearness(c.days)).collect();
    let all = |pick: fn(&Terms) -> &[Term]| -> Vec<&[Term]> { terms.iter().map(pick).collect() };
    for (weight, query, texts, most) in [
        (BY_WORDS, &query.words, all(|t| &t.words), MOST_WORDS),
        (BY_PAIRS, &query.pairs, all(|t| &t.pairs), usize::MAX),
        (BY_PIECES, &query.pieces, all(|t| &t.pieces), MOST_PIECES),
    ] {
        let (scores, much) = scores(query, &texts, most);
        let best = scores.iter().fold(much.max(1e-9), |m, s| m.max(*s));
        for (sum, score) in joined.iter_mut().zip(scores) {
            *sum += weight * score / best;
        }
    }
    joined
}

/// BM25 among these texts, with room only for what is asked.
#[allow(clippy::cast_precision_loss)]
fn scores(query: &[Term], texts: &[&[Term]], most: usize) -> (Vec<f32>, f32) {
    let query = counted(query);
    let slots: HashMap<u64, usize> = query.iter().enumerate().map(|(n, (term, _))| (*term, n)).collect();
    let mut have = vec![0_usize; query.len()];
    let mut lengths = Vec::with_capacity(texts.len());
    let mut found: Vec<Vec<(usize, f32)>> = Vec::with_capacity(texts.len());
    for text in texts {
        lengths.push(text.iter().map(|(_, n)| n).sum::<f32>());
        let hits: Vec<Term> =
            text.iter().filter_map(|(term, n)| slots.get(term).map(|slot| (*slot as u64, *n))).collect();
        let hits: Vec<(usize, f32)> =
            counted(&hits).into_iter().map(|(slot, n)| (slot as usize, n)).collect();
        for (slot, _) in &hits {
            have[*slot] += 1;
        }
        found.push(hits);
    }
    let mut weights: Vec<(usize, f32)> = query
        .iter()
        .enumerate()
        .map(|(n, (_, times))| (n, asked(*times) * rarity(have[n], texts.len())))
        .collect();
    weights.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut weight = vec![0.0; query.len()];
    let much = MUCH * within(1.0, 1.0) * weights.iter().take(most).map(|(_, weight)| weight).sum::<f32>();
    for (n, w) in weights.into_iter().filter(|(n, _)| have[*n] > 0).take(most) {
        weight[n] = w;
    }
    let usual = (lengths.iter().sum::<f32>() / texts.len().max(1) as f32).max(1.0);
    let scores = found.iter().zip(&lengths).map(|(hits, length)| {
        hits.iter().map(|(n, times)| weight[*n] * within(*times, length / usual)).sum()
    });
    (scores.collect(), much)
}

/// The words that tell most about a text, by how rare they are in other communities' texts: what to look for first.
#[must_use]
pub fn telling(text: &str, most: usize) -> Vec<String> {
    let mut seen: Vec<u64> = Vec::new();
    let mut words: Vec<(f32, String)> = Vec::new();
    for (stem, word) in words::named(text) {
        if !seen.contains(&stem) && seen.len() < LOOKED_AT {
            seen.push(stem);
            words.push((retrieval::rarity_of(&word), word));
        }
    }
    words.sort_by(|a, b| b.0.total_cmp(&a.0));
    words.into_iter().take(most).map(|(_, word)| word).collect()
}

/// The words that two texts have in common, those in the found text's title first, then as they stand in what is asked.
#[must_use]
pub fn shared(asked: &str, title: &str, body: &str, most: usize) -> Vec<String> {
    let (in_title, in_body) = (words::named(title), words::named(body));
    let mut seen: Vec<u64> = Vec::new();
    let mut out: Vec<(bool, String)> = Vec::new();
    for (stem, word) in words::named(asked) {
        let told = word.chars().count() > 2 || word.chars().any(char::is_numeric);
        if !told || seen.contains(&stem) {
            continue;
        }
        seen.push(stem);
        let titled = in_title.iter().any(|(s, _)| *s == stem);
        if titled || in_body.iter().any(|(s, _)| *s == stem) {
            out.push((!titled, word));
        }
    }
    out.sort_by_key(|(later, _)| *later);
    out.into_iter().take(most).map(|(_, word)| word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_put_in_order() {
        let candidates = ["docker image is too large", "signatures of webhooks do not match", "matching"]
            .map(|title| Candidate { title, body: "", cosine: 0.0, days: None });
        let scores = rank("webhook signature never matches", "", &candidates);
        assert!(scores[1] > scores[2] && scores[2] > scores[0], "{scores:?}");
        assert!(rank("", "", &candidates).iter().all(|s| *s == 0.0));
        assert!(rank("x", "", &[]).is_empty());
    }

    #[test]
    fn rare_words_tell_most() {
        let told = telling("the client hangs with E4021 when the relayctl token is used", 3);
        assert!(told.contains(&"e4021".to_owned()) && told.contains(&"relayctl".to_owned()), "{told:?}");
        assert!(telling("", 3).is_empty() && telling("\u{1f600}", 3).is_empty());
    }

    #[test]
    fn the_words_in_common_are_named() {
        let shared =
            shared("How do the webhooks' signatures match on v3?", "Signature of a webhook", "v3 only", 3);
        assert_eq!(shared, ["webhooks", "signatures", "v3"]);
    }
}
