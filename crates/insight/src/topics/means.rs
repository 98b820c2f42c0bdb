//! Spherical k-means: groups of directions around their mean direction.
//!
//! Each group is worth the length of the sum of its members (the sum of their cosines to the centre). A run starts from
//! spread-out texts (Arthur and Vassilvitskii 2007, the best of several draws each), and where two groups are better one and
//! another is better two, they are merged and split until nothing is gained.

use crate::chance::Chance;
use crate::text::vectors::{self, DIMS, Vector};

/// Rounds of a run, at most.
const ROUNDS: usize = 40;
/// Merges and splits, at most.
const SWAPS: usize = 20;

/// Centres, and for each text the nearest with its cosine.
#[derive(Clone, Debug)]
pub(super) struct Groups {
    pub(super) centres: Vec<Vector>,
    pub(super) places: Vec<(u32, f32)>,
    /// The sum of all cosines: larger is better.
    pub(super) worth: f64,
}

/// The best of `runs` starts, bettered by merging and splitting.
pub(super) fn groups(texts: &[Vector], count: usize, runs: u64, seed: u64) -> Groups {
    let mut best: Option<Groups> = None;
    for run in 0..runs.max(1) {
        let mut chance = Chance::seeded(seed ^ run.wrapping_mul(0x5851_f42d_4c95_7f2d));
        let found =
            swapped(texts, settle(texts, spread(texts, count, &mut chance), &[], ROUNDS), &mut chance);
        if best.as_ref().is_none_or(|best| found.worth > best.worth) {
            best = Some(found);
        }
    }
    best.unwrap_or_else(|| Groups { centres: Vec::new(), places: Vec::new(), worth: 0.0 })
}

/// Moves centres to the mean of what is nearest until nothing changes. The centres in `fixed` are pulled back to theirs.
pub(super) fn settle(
    texts: &[Vector],
    centres: Vec<Vector>,
    fixed: &[(usize, Vector)],
    rounds: usize,
) -> Groups {
    let mut now = Groups { places: places(texts, &centres), centres, worth: 0.0 };
    for _ in 0..rounds {
        let sums = sums(texts, &now.places, now.centres.len());
        for (centre, sum) in now.centres.iter_mut().zip(sums) {
            // A group that lost everything stays where it was.
            if let Some(new) = vectors::unit(sum) {
                *centre = new;
            }
        }
        for (at, seed) in fixed {
            now.centres[*at] = between(&now.centres[*at], seed);
        }
        let next = places(texts, &now.centres);
        let same = next.iter().zip(&now.places).all(|(a, b)| a.0 == b.0);
        now.places = next;
        if same {
            break;
        }
    }
    now.worth = now.places.iter().map(|(_, cosine)| f64::from(*cosine)).sum();
    now
}

fn between(a: &Vector, b: &Vector) -> Vector {
    let mut sum = *a;
    for (s, b) in sum.iter_mut().zip(b) {
        *s += b;
    }
    vectors::unit(sum).unwrap_or(*b)
}

/// The nearest centre of each text; of two as near, the first.
pub(super) fn places(texts: &[Vector], centres: &[Vector]) -> Vec<(u32, f32)> {
    texts.iter().map(|text| nearest(text, centres)).collect()
}

/// The nearest centre and its cosine.
#[allow(clippy::cast_possible_truncation)] // far fewer centres
pub(super) fn nearest(text: &Vector, centres: &[Vector]) -> (u32, f32) {
    let mut best = (0, f32::NEG_INFINITY);
    for (at, centre) in centres.iter().enumerate() {
        let cosine = vectors::dot(text, centre);
        if cosine > best.1 {
            best = (at as u32, cosine);
        }
    }
    best
}

fn sums(texts: &[Vector], places: &[(u32, f32)], count: usize) -> Vec<Vector> {
    let mut sums = vec![[0.0; DIMS]; count];
    for (text, (at, _)) in texts.iter().zip(places) {
        plus(&mut sums[*at as usize], text);
    }
    sums
}

fn plus(sum: &mut Vector, more: &Vector) {
    for (s, m) in sum.iter_mut().zip(more) {
        *s += m;
    }
}

fn length(vector: &Vector) -> f64 {
    f64::from(vectors::dot(vector, vector)).sqrt()
}

/// Centres far from each other: each the draw, of a few, that leaves the least distance to be covered.
fn spread(texts: &[Vector], count: usize, chance: &mut Chance) -> Vec<Vector> {
    const DRAWS: usize = 6;
    let mut centres = Vec::with_capacity(count);
    if texts.is_empty() || count == 0 {
        return centres;
    }
    centres.push(texts[chance.below(texts.len())]);
    let mut far: Vec<f32> = texts.iter().map(|t| (1.0 - vectors::dot(t, &centres[0])).max(0.0)).collect();
    while centres.len() < count {
        let all: f64 = far.iter().map(|d| f64::from(d * d)).sum();
        let mut best: Option<(f64, usize, Vec<f32>)> = None;
        for _ in 0..DRAWS {
            let mut left = chance.share() * all;
            let at = far
                .iter()
                .position(|d| {
                    left -= f64::from(d * d);
                    left < 0.0
                })
                .unwrap_or(texts.len() - 1);
            let next: Vec<f32> = texts
                .iter()
                .zip(&far)
                .map(|(t, d)| d.min((1.0 - vectors::dot(t, &texts[at])).max(0.0)))
                .collect();
            let rest: f64 = next.iter().map(|d| f64::from(*d)).sum();
            if best.as_ref().is_none_or(|(least, _, _)| rest < *least) {
                best = Some((rest, at, next));
            }
        }
        if let Some((_, at, next)) = best {
            centres.push(texts[at]);
            far = next;
        }
    }
    centres
}

/// Merges two groups and splits another where that is worth more, as often as it is.
fn swapped(texts: &[Vector], start: Groups, chance: &mut Chance) -> Groups {
    const TRIES: usize = 5;
    const CLOSEST: usize = 8;
    let count = start.centres.len();
    let mut now = start;
    if count < 3 {
        return now;
    }
    'again: for _ in 0..SWAPS {
        let sums = sums(texts, &now.places, count);
        let worth: Vec<f64> = sums.iter().map(length).collect();
        let mut losses = Vec::with_capacity(count * count / 2);
        for a in 0..count {
            for b in 0..a {
                let mut both = sums[a];
                plus(&mut both, &sums[b]);
                losses.push((worth[a] + worth[b] - length(&both), a, b));
            }
        }
        losses.sort_by(|a, b| a.0.total_cmp(&b.0));
        losses.truncate(CLOSEST);
        let mut gains: Vec<(f64, usize, [Vector; 2])> = (0..count)
            .filter_map(|at| {
                split(texts, &now.places, at, worth[at], chance).map(|(gain, two)| (gain, at, two))
            })
            .collect();
        gains.sort_by(|a, b| b.0.total_cmp(&a.0));
        gains.truncate(CLOSEST);
        let mut tries: Vec<(f64, usize, usize, usize)> = Vec::new();
        for (loss, a, b) in &losses {
            for (nth, (gain, at, _)) in gains.iter().enumerate() {
                if at != a && at != b {
                    tries.push((gain - loss, *a, *b, nth));
                }
            }
        }
        tries.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (_, a, b, nth) in tries.into_iter().take(TRIES) {
            let (_, at, two) = &gains[nth];
            let mut centres = now.centres.clone();
            let mut both = sums[a];
            plus(&mut both, &sums[b]);
            centres[a] = vectors::unit(both).unwrap_or(centres[a]);
            [centres[b], centres[*at]] = *two;
            let next = settle(texts, centres, &[], 15);
            if next.worth > now.worth * 1.000_05 {
                now = next;
                continue 'again;
            }
        }
        break;
    }
    now
}

/// What a group gains by being two, and their centres.
fn split(
    texts: &[Vector],
    places: &[(u32, f32)],
    at: usize,
    worth: f64,
    chance: &mut Chance,
) -> Option<(f64, [Vector; 2])> {
    let members: Vec<Vector> =
        texts.iter().zip(places).filter(|(_, place)| place.0 as usize == at).map(|(text, _)| *text).collect();
    if members.len() < 4 {
        return None;
    }
    let found = settle(&members, spread(&members, 2, chance), &[], 8);
    let two: [Vector; 2] = found.centres.try_into().ok()?;
    Some((found.worth - worth, two))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points around `count` axes.
    fn around(axes: usize, each: usize) -> Vec<Vector> {
        let mut chance = Chance::seeded(5);
        (0..axes * each)
            .map(|n| {
                let mut v = [0.0; DIMS];
                v[n % axes] = 1.0;
                for x in &mut v {
                    *x += (chance.share() as f32 - 0.5) * 0.08;
                }
                vectors::unit(v).unwrap()
            })
            .collect()
    }

    #[test]
    fn finds_what_was_planted() {
        let texts = around(7, 30);
        let found = groups(&texts, 7, 2, 1);
        for (n, place) in found.places.iter().enumerate() {
            assert_eq!(place.0, found.places[n % 7].0);
        }
        assert_eq!(found.places, groups(&texts, 7, 2, 1).places);
    }

    #[test]
    fn few_texts_and_none() {
        assert!(groups(&[], 3, 2, 1).places.is_empty());
        let same = vec![around(1, 1)[0]; 5];
        assert_eq!(groups(&same, 3, 1, 1).places.len(), 5);
    }
}
