//! Where a text from outside belongs among texts that have a topic: a friction log's step, a field note, a docs search.
//!
//! Its nearest texts by meaning vote, each with its cosine; what is near to none belongs to none. Texts go in cleaned.

use std::collections::BTreeMap;

use crate::similar::Index;

/// So many neighbours vote.
const VOTERS: usize = 5;
/// From this cosine on a text is near at all: what all texts share is taken away before, so unrelated texts are at about
/// zero. On the invented world, each thread left out in turn, 36 of 39 that are placed stand where they were planted, 14 are
/// placed nowhere, and 3 of 16 that belong nowhere are placed; at 0.25 it would be 39 of 44, and 6 of 16.
pub const NEAR: f32 = 0.3;

/// Where a text belongs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// The topic.
    pub topic: u32,
    /// The cosine of the nearest text of that topic.
    pub cosine: f32,
    /// That text, by its place.
    pub text: usize,
}

/// Texts with their topics.
pub struct Known {
    index: Index,
    topics: Vec<Option<u32>>,
}

impl Known {
    /// From texts and, in the same order, the topic of each.
    #[must_use]
    pub fn new<T: AsRef<str>>(texts: &[T], topics: Vec<Option<u32>>) -> Known {
        Known { index: Index::new(texts), topics }
    }

    /// The topic that a text belongs to; none when no text with a topic is near.
    #[must_use]
    pub fn topic(&self, text: &str) -> Option<Near> {
        let without = |n: usize| self.topics.get(n).is_none_or(Option::is_none);
        let hits = self.index.by_meaning(text, VOTERS, without);
        // Each topic's votes, and its nearest text.
        let mut votes: BTreeMap<u32, (f32, Near)> = BTreeMap::new();
        for hit in hits.iter().filter(|h| h.score >= NEAR) {
            let Some(topic) = self.topics[hit.text] else { continue };
            let near = Near { topic, cosine: hit.score, text: hit.text };
            votes.entry(topic).or_insert((0.0, near)).0 += hit.score;
        }
        let best = votes.into_values().max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.topic.cmp(&a.1.topic)));
        best.map(|(_, near)| near)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [(&str, Option<u32>); 8] = [
        ("webhook signature never matches on retries", Some(1)),
        ("the callback fails to verify when it is sent again", Some(1)),
        ("signature check fails on the second delivery attempt", Some(1)),
        ("docker image is too large for our agents", Some(2)),
        ("no arm64 image for the agent", Some(2)),
        ("where is the migration guide for version 3", Some(3)),
        ("how do I upgrade from v2 to v3", Some(3)),
        ("the community call is on Thursday", None),
    ];

    #[test]
    fn a_text_goes_where_its_neighbours_are() {
        let known = Known::new(&TEXTS.map(|t| t.0), TEXTS.map(|t| t.1).to_vec());
        let topic = |text: &str| known.topic(text).map(|n| n.topic);
        assert_eq!(topic("the signature of redelivered webhooks does not verify"), Some(1));
        assert_eq!(topic("the container image does not start on my raspberry pi"), Some(2));
        assert_eq!(topic("upgrade guide"), Some(3));
        assert_eq!(topic("a recipe for bread with olives"), None);
        assert_eq!((topic(""), topic("\u{1f600}")), (None, None));
        assert_eq!(Known::new::<&str>(&[], Vec::new()).topic("anything"), None);
    }
}
