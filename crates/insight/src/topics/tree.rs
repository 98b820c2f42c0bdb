//! Groups by joining the nearest two, again and again, while they are still alike: how many topics there are comes out
//! of the texts and is no formula of their number.
//!
//! Average linkage over similarities (Sokal and Michener 1958), each cluster's nearest kept at hand. What is not alike
//! enough to anything stays alone.

/// Two groups whose texts are less alike than this, on average, are two topics. Over the vectors and words of
/// [`super::alike`] unrelated texts of one community are near zero, and this was best on small draws of 5, 10 and 20
/// labelled topics alike.
pub(super) const APART_BELOW: f32 = 0.08;

/// What is known before.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    /// By text: the held group that it is in from the start.
    pub(super) inside: Vec<Option<usize>>,
    /// By text: held groups that it is never in.
    pub(super) never: Vec<Vec<usize>>,
    /// How many groups are held; they are never joined with each other.
    pub(super) count: usize,
}

/// The group of each text. The held groups come first, whatever is in them. More than `most` groups of at least `least`
/// texts are joined on, alike or not.
pub(super) fn grow(alike: &[Vec<f32>], held: &Held, most: usize, least: usize) -> Vec<usize> {
    let mut growing = Growing::new(alike, held);
    while let Some((like, a, b)) = growing.nearest() {
        if like < APART_BELOW && growing.groups(least) <= most.max(held.count) {
            break;
        }
        growing.join(a, b);
    }
    growing.group
}

/// Clusters while they grow: each is known by one of its numbers.
struct Growing<'a> {
    /// Sums of similarities between two clusters.
    sums: Vec<Vec<f32>>,
    sizes: Vec<usize>,
    /// The nearest other and how alike; `None` for nobody or a cluster that is gone.
    best: Vec<Option<(f32, usize)>>,
    /// Which held groups a cluster must not be joined with.
    never: Vec<Vec<usize>>,
    group: Vec<usize>,
    held: &'a Held,
}

impl Growing<'_> {
    fn new<'a>(alike: &[Vec<f32>], held: &'a Held) -> Growing<'a> {
        let texts = alike.len();
        let group: Vec<usize> =
            (0..texts).map(|n| held.inside.get(n).copied().flatten().unwrap_or(held.count + n)).collect();
        let clusters = held.count + texts;
        let mut now = Growing {
            sums: vec![vec![0.0; clusters]; clusters],
            sizes: vec![0; clusters],
            best: vec![None; clusters],
            never: vec![Vec::new(); clusters],
            group,
            held,
        };
        for (n, row) in alike.iter().enumerate() {
            now.sizes[now.group[n]] += 1;
            if now.group[n] >= held.count {
                now.never[now.group[n]] = held.never.get(n).cloned().unwrap_or_default();
            }
            for m in (0..texts).filter(|m| *m != n) {
                now.sums[now.group[n]][now.group[m]] += row[m];
            }
        }
        for cluster in 0..clusters {
            now.look(cluster);
        }
        now
    }

    fn may(&self, a: usize, b: usize) -> bool {
        let count = self.held.count;
        self.sizes[b] > 0
            && a != b
            && !(a < count && b < count)
            && !(a < count && self.never[b].contains(&a))
            && !(b < count && self.never[a].contains(&b))
    }

    #[allow(clippy::cast_precision_loss)] // sizes
    fn like(&self, a: usize, b: usize) -> f32 {
        self.sums[a][b] / (self.sizes[a] * self.sizes[b]) as f32
    }

    /// Finds a cluster's nearest anew; of two as near, the first.
    fn look(&mut self, a: usize) {
        self.best[a] = None;
        if self.sizes[a] == 0 {
            return;
        }
        for b in 0..self.sizes.len() {
            if self.may(a, b) && self.best[a].is_none_or(|(best, _)| self.like(a, b) > best) {
                self.best[a] = Some((self.like(a, b), b));
            }
        }
    }

    fn nearest(&self) -> Option<(f32, usize, usize)> {
        let mut found: Option<(f32, usize, usize)> = None;
        for (a, best) in self.best.iter().enumerate() {
            if let Some((like, b)) = best
                && found.is_none_or(|f| *like > f.0)
            {
                found = Some((*like, a.min(*b), a.max(*b)));
            }
        }
        found
    }

    fn groups(&self, least: usize) -> usize {
        self.sizes.iter().filter(|n| **n >= least).count()
    }

    /// Joins two: the lower number stays, so that a held group keeps its own.
    fn join(&mut self, a: usize, b: usize) {
        for other in 0..self.sizes.len() {
            let more = self.sums[b][other];
            self.sums[a][other] += more;
            let more = self.sums[other][b];
            self.sums[other][a] += more;
        }
        self.sizes[a] += self.sizes[b];
        self.sizes[b] = 0;
        let never = std::mem::take(&mut self.never[b]);
        self.never[a].extend(never);
        for group in &mut self.group {
            if *group == b {
                *group = a;
            }
        }
        self.best[b] = None;
        for other in 0..self.sizes.len() {
            if other == a || self.best[other].is_some_and(|(_, near)| near == a || near == b) {
                self.look(other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three groups of three, each alike within.
    fn three() -> Vec<Vec<f32>> {
        (0..9)
            .map(|a: usize| (0..9).map(|b: usize| if a / 3 == b / 3 { 0.5 } else { -0.1 }).collect())
            .collect()
    }

    #[test]
    fn the_number_of_groups_comes_from_the_texts() {
        let found = grow(&three(), &Held::default(), 60, 2);
        for n in 0..9 {
            assert_eq!(found[n] == found[0], n < 3, "{found:?}");
        }
        let few = grow(&three(), &Held::default(), 2, 2);
        assert_eq!(few.iter().collect::<std::collections::BTreeSet<_>>().len(), 2);
        assert!(grow(&[], &Held::default(), 5, 2).is_empty());
    }

    #[test]
    fn what_is_held_is_held() {
        let held = Held {
            inside: vec![Some(0), None, None, Some(1), None, None, None, None, None],
            never: vec![vec![], vec![0], vec![], vec![], vec![], vec![], vec![], vec![], vec![]],
            count: 2,
        };
        let found = grow(&three(), &held, 60, 2);
        assert_eq!((found[0], found[2], found[3], found[4]), (0, 0, 1, 1));
        assert_ne!(found[1], 0, "a text is never where somebody said it is not");
    }
}
