//! Gaps: topics where people fare worse than chance explains.
//!
//! Two things are looked at, each counted in distinct people: needs that stay unmet, and questions that are asked again
//! although an answer exists. A topic's share is set against the share of all topics together (a hypergeometric tail:
//! Fisher 1935), the chances are corrected for how many topics were looked at, and the ratio of the shares
//! is told with its interval (Katz et al. 1978).

#![allow(clippy::cast_precision_loss)] // counts of people are far below 2^53

use std::collections::{BTreeMap, BTreeSet};

use crate::stats::{benjamini_hochberg, hypergeometric_at_least};
use crate::text::vectors::{Small, small_dot};

/// Of the gaps that are named, at most this share is expected to be chance.
pub const FALSE_DISCOVERIES: f64 = 0.1;
/// Fewer people than this make an anecdote.
pub const PEOPLE_LEAST: u64 = 3;

/// One thread that asked for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Its topic.
    pub topic: u32,
    /// Who asked: somebody unknown counts as a person of their own.
    pub person: i64,
    /// What we look at happened to it: it stayed unmet, or it was asked again.
    pub hit: bool,
}

/// How far a topic is from the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Excess {
    /// People it happened to.
    pub people: u64,
    /// People who asked.
    pub of: u64,
    /// The share here over the share in all other topics, with its 95 % interval.
    pub ratio: (f64, f64, f64),
    /// The chance of so many without any reason, corrected for how many topics were looked at.
    pub q: f64,
}

impl Excess {
    /// Whether it is more than chance explains.
    #[must_use]
    pub fn speaks(&self) -> bool {
        self.q <= FALSE_DISCOVERIES && self.ratio.1 > 1.0
    }
}

/// Judges every topic that at least [`PEOPLE_LEAST`] people were hit in; the others are not in the answer.
#[must_use]
pub fn excess(asks: &[Ask]) -> BTreeMap<u32, Excess> {
    let mut topics: BTreeMap<u32, (BTreeSet<i64>, BTreeSet<i64>)> = BTreeMap::new();
    for ask in asks {
        let (all, hit) = topics.entry(ask.topic).or_default();
        all.insert(ask.person);
        if ask.hit {
            hit.insert(ask.person);
        }
    }
    let counts: BTreeMap<u32, (u64, u64)> =
        topics.into_iter().map(|(topic, (all, hit))| (topic, (all.len() as u64, hit.len() as u64))).collect();
    let (all, hits) = counts.values().fold((0, 0), |(a, h), (n, k)| (a + n, h + k));
    // Corrected for every topic in which it could have happened to enough people, not only for those where it did.
    let looked: Vec<(u32, u64, u64)> =
        counts.iter().filter(|(_, (n, _))| *n >= PEOPLE_LEAST).map(|(t, (n, k))| (*t, *n, *k)).collect();
    let chances: Vec<f64> =
        looked.iter().map(|(_, n, k)| hypergeometric_at_least(*k, *n, hits, all)).collect();
    let corrected = benjamini_hochberg(&chances);
    looked
        .into_iter()
        .zip(corrected)
        .filter(|((_, _, k), _)| *k >= PEOPLE_LEAST)
        .map(|((topic, n, k), q)| {
            let (others, of) = ((hits - k) as f64 + 0.5, (all - n) as f64 + 1.0);
            let (here, there) = (k as f64 / n as f64, others / of);
            let error = (1.0 / k as f64 - 1.0 / n as f64 + 1.0 / others - 1.0 / of).max(0.0).sqrt();
            let ratio = here / there;
            let interval = (ratio, ratio * (-1.96 * error).exp(), ratio * (1.96 * error).exp());
            (topic, Excess { people: k, of: n, ratio: interval, q })
        })
        .collect()
}

/// From this cosine on, a question is one that was asked before: what all texts here have in common is taken away first,
/// else every two questions of one field would be one.
const AGAIN: f32 = 0.75;
/// A question is compared with so many earlier ones of its topic, the newest first.
pub const BACK: usize = 100;
/// Earlier ones that are remembered, at most.
const REMEMBERED: usize = 3;

/// One question, to be compared with earlier ones.
pub struct Asked {
    /// Its topic.
    pub topic: u32,
    /// Who asked.
    pub person: i64,
    /// Its direction, without what all texts here share.
    pub direction: (Small, f32),
}

/// For each question, in order of time, the earlier ones of its topic by somebody else that asked the same, the nearest
/// first. Only those from `from` on are judged.
#[must_use]
pub fn asked_before(asked: &[Option<Asked>], from: usize) -> Vec<Vec<usize>> {
    let mut topics: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    let mut found = vec![Vec::new(); asked.len()];
    for (n, one) in asked.iter().enumerate() {
        let Some(one) = one else { continue };
        let before = topics.entry(one.topic).or_default();
        if n >= from {
            let mut near: Vec<(f32, usize)> = Vec::new();
            for m in before.iter().rev().take(BACK) {
                let Some(other) = asked[*m].as_ref().filter(|o| o.person != one.person) else { continue };
                let cosine = small_dot(&one.direction.0, &other.direction.0) as f32
                    * (one.direction.1 * other.direction.1);
                if cosine >= AGAIN {
                    near.push((cosine, *m));
                }
            }
            near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            near.truncate(REMEMBERED);
            found[n] = near.into_iter().map(|(_, m)| m).collect();
        }
        before.push(n);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    fn asks(dice: &mut Chance, rates: &[f64]) -> Vec<Ask> {
        let mut person = 0;
        let mut all = Vec::new();
        for (topic, rate) in rates.iter().enumerate() {
            for _ in 0..30 {
                person += 1;
                let topic = u32::try_from(topic).unwrap();
                all.push(Ask { topic, person, hit: dice.share() < *rate });
            }
        }
        all
    }

    #[test]
    fn chance_is_no_gap_and_a_gap_is_found() {
        let mut dice = Chance::seeded(3);
        let (mut spoke, mut found) = (0, 0);
        for _ in 0..100 {
            let even = excess(&asks(&mut dice, &[0.2; 15]));
            spoke += usize::from(even.values().any(Excess::speaks));
            let mut rates = [0.2; 15];
            rates[4] = 0.6;
            found += usize::from(excess(&asks(&mut dice, &rates)).get(&4).is_some_and(Excess::speaks));
        }
        assert!(spoke <= 10, "without a reason it spoke in {spoke} of 100");
        assert!(found >= 80, "found {found} of 100");
    }

    #[test]
    fn one_loud_person_is_one_person() {
        let mut all: Vec<Ask> =
            (0..40).map(|n| Ask { topic: n % 4, person: i64::from(n), hit: false }).collect();
        all.extend((0..20).map(|_| Ask { topic: 1, person: 99, hit: true }));
        assert!(excess(&all).is_empty(), "fewer than three people");
    }
}
