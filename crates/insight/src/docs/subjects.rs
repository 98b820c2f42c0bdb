//! Questions that ask the same: groups by the average of their cosines, with no number of groups given.
//!
//! Average linkage by chains of nearest neighbours (Benzécri 1982): quadratic, and the same whatever the order of the texts
//! but for ties. On the invented world, of 60 threads in groups of three and more 49 stand with their planted topic.

use crate::similar::Index;

/// Texts that are looked at, at most: the caller gives the newest.
pub const MOST: usize = 1_500;
/// Two groups are one from this average cosine on; what all texts share is taken away before.
const JOIN: f32 = 0.15;

/// The group of each text. Groups are numbered in the order of their first texts.
#[must_use]
pub fn subjects<T: AsRef<str>>(texts: &[T]) -> Vec<usize> {
    let all = texts.len();
    let index = Index::new(texts);
    // Sums of cosines between groups; a group is known by its first text.
    let mut near = vec![vec![0.0_f32; all]; all];
    for (n, text) in texts.iter().enumerate() {
        for hit in index.by_meaning(text.as_ref(), all, |m| m == n) {
            near[n][hit.text] += hit.score / 2.0;
            near[hit.text][n] += hit.score / 2.0;
        }
    }
    let mut size = vec![1.0_f32; all];
    let mut head: Vec<usize> = (0..all).collect();
    let mut alive = vec![true; all];
    let mut chain: Vec<usize> = Vec::new();
    loop {
        let Some(last) = chain.last().copied() else {
            match (0..all).find(|n| alive[*n]) {
                Some(next) => chain.push(next),
                None => break,
            }
            continue;
        };
        let mean = |m: usize| near[last][m] / (size[last] * size[m]);
        let before = chain.len().checked_sub(2).map(|n| chain[n]);
        // The nearest; the one the chain came from wins a tie, so that the chain ends.
        let mut best: Option<(usize, f32)> = before.map(|b| (b, mean(b)));
        for m in (0..all).filter(|m| alive[*m] && *m != last) {
            if best.is_none_or(|(_, most)| mean(m) > most) {
                best = Some((m, mean(m)));
            }
        }
        match best {
            Some((m, cosine)) if cosine >= JOIN => {
                if before == Some(m) {
                    chain.truncate(chain.len() - 2);
                    let (keep, gone) = (last.min(m), last.max(m));
                    alive[gone] = false;
                    size[keep] += size[gone];
                    head[gone] = keep;
                    let row = std::mem::take(&mut near[gone]);
                    for (other, sum) in row.iter().enumerate() {
                        near[keep][other] += sum;
                    }
                    for other in (0..all).filter(|o| alive[*o]) {
                        near[other][keep] = near[keep][other];
                    }
                } else {
                    chain.push(m);
                }
            }
            // Nothing is near enough: what is at the end stays as it is. Others may still join each other.
            _ => {
                alive[last] = false;
                chain.pop();
            }
        }
    }
    let mut numbers = vec![usize::MAX; all];
    let mut next = 0;
    for n in 0..all {
        let mut root = n;
        while head[root] != root {
            root = head[root];
        }
        if numbers[root] == usize::MAX {
            numbers[root] = next;
            next += 1;
        }
        numbers[n] = numbers[root];
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_is_one_subject() {
        let texts = [
            "webhook signature never matches on retries",
            "no arm64 image for the agent",
            "signature check fails on the second delivery of a webhook",
            "where is the migration guide from v2 to v3",
            "the agent has no image for arm64 boards",
            "how do I migrate from v2 to v3, is there a guide",
            "webhook signature differs when the delivery is retried",
        ];
        assert_eq!(subjects(&texts), [0, 1, 0, 2, 1, 2, 0]);
        assert_eq!(subjects::<&str>(&[]), Vec::<usize>::new());
        assert_eq!(subjects(&["", "", "x"]), [0, 1, 2], "texts without words are like nothing");
    }
}
