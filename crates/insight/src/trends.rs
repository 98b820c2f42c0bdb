//! Trends: topics whose rate changed more than chance explains.
//!
//! The last [`RECENT`] weeks are compared with the [`BASE`] weeks before them, each count set against the exposure of
//! its week (all that was asked), so that a community that grows is no trend of every topic. Counts of a topic scatter
//! more than a Poisson process: the extra scatter is estimated over all topics together (negative binomial, method of
//! moments) over up to [`PAST`] weeks. A change has to stand out from the topic's own past windows, too. Many topics
//! are looked at, so the chances are corrected for that.
//!
//! Sources: Farrington, Andrews, Beale and Catchpole 1996 and Noufaily et al. 2012 (outbreaks against a baseline with
//! exposure), Benjamini and Hochberg 1995 (false discovery rate).

#![allow(clippy::cast_precision_loss)] // counts and weeks are far below 2^53

use crate::stats::{
    benjamini_hochberg, binomial_at_least, negative_binomial_at_least, negative_binomial_at_most,
};

/// Weeks that are "now".
pub const RECENT: usize = 4;
/// Weeks before them that are "before".
pub const BASE: usize = 26;
/// Weeks of the past that tell how much a topic scatters.
pub const PAST: usize = 104;
/// Of the changes that are named, at most this share is expected to be chance.
pub const FALSE_DISCOVERIES: f64 = 0.03;
/// Below this many, expected or seen, nothing is said.
const FLOOR: f64 = 5.0;
/// A window is out of the ordinary for its topic when at most this share of its past windows was further out.
const OWN_PAST: f64 = 0.05;

/// What became of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Unknown before the recent weeks.
    New,
    /// More than before, beyond chance.
    Rising,
    /// New or rising, and nearly all within one week: something happened then.
    Burst,
    /// Less than before, beyond chance.
    Fading,
    /// No change beyond chance.
    Steady,
    /// Too few to say anything.
    NotEnough,
}

impl Direction {
    /// Whether there is more than before, beyond chance.
    #[must_use]
    pub const fn more(self) -> bool {
        matches!(self, Direction::New | Direction::Rising | Direction::Burst)
    }

    /// The word as written in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Direction::New => "new",
            Direction::Rising => "rising",
            Direction::Burst => "burst",
            Direction::Fading => "fading",
            Direction::Steady => "steady",
            Direction::NotEnough => "not-enough",
        }
    }
}

/// One topic's change.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// What became of it.
    pub direction: Direction,
    /// How many in the recent weeks.
    pub recent: u64,
    /// How many were to be expected there from the rate before.
    pub expected: f64,
    /// The rate now over the rate before, with its 95 % interval; `None` where nothing can be said.
    pub rate_ratio: Option<(f64, f64, f64)>,
    /// The chance of such a change without any reason, corrected for the number of topics looked at.
    pub q: Option<f64>,
}

/// Judges every topic at once. `counts[topic][week]` are weeks in order of time, the last one ending now; `exposure`
/// is what all topics and the rest came to in each week. Rows that are shorter than `exposure` are taken as its end.
#[must_use]
pub fn trends(counts: &[Vec<u32>], exposure: &[u32]) -> Vec<Trend> {
    let weeks = exposure.len().min(PAST + RECENT);
    let exposure: Vec<f64> = exposure[exposure.len() - weeks..].iter().map(|n| f64::from(*n)).collect();
    let rows: Vec<Vec<f64>> = counts.iter().map(|row| aligned(row, weeks)).collect();
    if weeks < RECENT + 8 {
        return rows.iter().map(|row| unsaid(row, 0.0)).collect();
    }
    let scatter = scatter(&rows, &exposure);
    let exposure = without_surges(&rows, exposure);
    let mut judged: Vec<(Trend, Option<f64>)> =
        rows.iter().map(|row| judge(row, &exposure, scatter)).collect();
    let tested: Vec<usize> = (0..judged.len()).filter(|n| judged[*n].1.is_some()).collect();
    let chances: Vec<f64> = tested.iter().filter_map(|n| judged[*n].1).collect();
    for (n, q) in tested.into_iter().zip(benjamini_hochberg(&chances)) {
        let trend = &mut judged[n].0;
        trend.q = Some(q);
        if q > FALSE_DISCOVERIES {
            trend.direction = Direction::Steady;
        } else if trend.direction.more() && within_one_week(&rows[n]) {
            trend.direction = Direction::Burst;
        }
    }
    judged.into_iter().map(|(trend, _)| trend).collect()
}

/// Whether the recent weeks' count lies in one of them, more than an even spread explains.
fn within_one_week(row: &[f64]) -> bool {
    const SURE: f64 = 0.01;
    let recent = &row[row.len() - RECENT..];
    let most = recent.iter().copied().fold(0.0, f64::max);
    let all: f64 = recent.iter().sum();
    // Any of the weeks could have been the one.
    most * 3.0 >= all * 2.0
        && binomial_at_least(whole(most), whole(all), 1.0 / RECENT as f64) * RECENT as f64 <= SURE
}

/// One thing that was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its week, counted up; the last one that counts is `weeks - 1`.
    pub week: usize,
    /// Who asked.
    pub person: i64,
    /// Its group, if any.
    pub group: Option<usize>,
}

/// Distinct people per week: of each group, and of all. Weeks before anything was seen are left out.
#[must_use]
#[allow(clippy::cast_possible_truncation)] // people of a week
pub fn by_week(seen: &[Seen], groups: usize, weeks: usize) -> (Vec<Vec<u32>>, Vec<u32>) {
    let mut pairs: Vec<(usize, usize, i64)> = seen
        .iter()
        .filter(|s| s.week < weeks)
        .flat_map(|s| {
            let of = s.group.filter(|g| *g < groups).map(|g| (g, s.week, s.person));
            of.into_iter().chain(std::iter::once((groups, s.week, s.person)))
        })
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    let began = pairs.iter().map(|p| p.1).min().unwrap_or(weeks);
    let mut counts = vec![vec![0; weeks - began]; groups + 1];
    for (group, week, _) in pairs {
        counts[group][week - began] += 1;
    }
    let all = counts.pop().unwrap_or_default();
    (counts, all)
}

fn aligned(row: &[u32], weeks: usize) -> Vec<f64> {
    let row = &row[row.len().saturating_sub(weeks)..];
    let mut out = vec![0.0; weeks - row.len()];
    out.extend(row.iter().map(|n| f64::from(*n)));
    out
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // sums of counts
fn whole(n: f64) -> u64 {
    n.round().max(0.0) as u64
}

fn unsaid(row: &[f64], expected: f64) -> Trend {
    let recent = whole(row[row.len().saturating_sub(RECENT)..].iter().sum());
    Trend { direction: Direction::NotEnough, recent, expected, rate_ratio: None, q: None }
}

/// The extra scatter of weekly counts: variance = mean + scatter * mean^2, pooled over all topics, never below zero.
/// The recent weeks are left out: a surge is what is looked for, not what is usual.
fn scatter(rows: &[Vec<f64>], exposure: &[f64]) -> f64 {
    let until = exposure.len() - RECENT;
    let (mut extra, mut squares) = (0.0, 0.0);
    for row in rows {
        // The rate is taken per half year: a slow drift is no scatter.
        let mut start = 0;
        while start < until {
            let end = (start + BASE).min(until);
            let (total, seen) =
                (row[start..end].iter().sum::<f64>(), exposure[start..end].iter().sum::<f64>());
            if total > 0.0 && seen > 0.0 && end - start > 2 {
                let freedom = 1.0 - 1.0 / (end - start) as f64;
                for week in start..end {
                    let mean = total / seen * exposure[week];
                    extra += (row[week] - mean).powi(2) / freedom - mean;
                    squares += mean * mean;
                }
            }
            start = end;
        }
    }
    if squares > 0.0 { (extra / squares).max(0.0) } else { 0.0 }
}

/// A topic that surges adds to the exposure, and all others would seem to fade. The recent exposure is therefore scaled
/// by what became of the usual topic: the median, weighted by size, of seen over expected.
fn without_surges(rows: &[Vec<f64>], mut exposure: Vec<f64>) -> Vec<f64> {
    let end = exposure.len();
    let mut ratios: Vec<(f64, f64)> = rows
        .iter()
        .filter_map(|row| {
            let (recent, seen_now, before, seen_before) = window(row, &exposure, end);
            let expected = before / seen_before.max(1.0) * seen_now;
            (expected >= 1.0).then(|| (recent / expected, expected))
        })
        .collect();
    if ratios.len() < 5 {
        return exposure;
    }
    ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = ratios.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut below = 0.0;
    let usual = ratios.iter().find(|(_, weight)| {
        below += weight;
        below >= half
    });
    let usual = usual.map_or(1.0, |(ratio, _)| ratio.clamp(0.25, 4.0));
    for seen in &mut exposure[end - RECENT..] {
        *seen *= usual;
    }
    exposure
}

/// Counts and exposure of a window and of the weeks before it.
fn window(row: &[f64], exposure: &[f64], end: usize) -> (f64, f64, f64, f64) {
    let start = end - RECENT;
    let base = start.saturating_sub(BASE);
    let sum = |range: std::ops::Range<usize>, of: &[f64]| of[range].iter().sum::<f64>();
    (sum(start..end, row), sum(start..end, exposure), sum(base..start, row), sum(base..start, exposure))
}

fn judge(row: &[f64], exposure: &[f64], scatter: f64) -> (Trend, Option<f64>) {
    let end = row.len();
    let (recent, seen_now, before, seen_before) = window(row, exposure, end);
    if seen_now <= 0.0 || seen_before <= 0.0 {
        return (unsaid(row, 0.0), None);
    }
    // Half a count keeps a topic that was never seen before from being infinitely surprising.
    let rate = (before + 0.5) / seen_before;
    let expected = rate * seen_now;
    if recent.max(expected) < FLOOR {
        return (unsaid(row, expected), None);
    }
    let base_weeks = (end - RECENT).min(BASE) as f64;
    // The scatter of the window, of the base, and of the base's own rate as an estimate.
    let spread = scatter / RECENT as f64 + scatter / base_weeks + 1.0 / (before + 0.5);
    let more = recent >= expected;
    let mut chance = if more {
        negative_binomial_at_least(whole(recent), expected, spread)
    } else {
        negative_binomial_at_most(whole(recent), expected, spread)
    };
    chance = (2.0 * chance).min(1.0); // either direction was looked for
    let ranked = own_past(row, exposure, more);
    if ranked > OWN_PAST {
        chance = chance.max(ranked);
    }
    let error =
        (1.0 / (recent + 0.5) + 1.0 / (before + 0.5) + scatter / RECENT as f64 + scatter / base_weeks).sqrt();
    let ratio = (recent + 0.5) / (seen_now * rate);
    let direction = match (more, before) {
        (true, 0.0) => Direction::New,
        (true, _) => Direction::Rising,
        (false, _) => Direction::Fading,
    };
    let interval = (ratio, ratio * (-1.96 * error).exp(), ratio * (1.96 * error).exp());
    let trend = Trend { direction, recent: whole(recent), expected, rate_ratio: Some(interval), q: None };
    (trend, Some(chance))
}

/// The share of the topic's own past windows that were at least as far from what came before them.
fn own_past(row: &[f64], exposure: &[f64], more: bool) -> f64 {
    let surprise = |end: usize| {
        let (recent, seen_now, before, seen_before) = window(row, exposure, end);
        let expected = (before + 0.5) / seen_before.max(1.0) * seen_now;
        let away = (recent - expected) / (expected + 0.5).sqrt();
        if more { away } else { -away }
    };
    let now = surprise(row.len());
    let first = RECENT + 8;
    // A past window shares no week with now.
    let past: Vec<f64> = (first..=row.len().saturating_sub(RECENT)).map(surprise).collect();
    let further = past.iter().filter(|s| **s >= now).count();
    // Never as far: a short past cannot say more than that.
    if further == 0 { 0.0 } else { (further as f64 + 1.0) / (past.len() as f64 + 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    /// A Poisson count (Knuth; for small means).
    fn poisson(dice: &mut Chance, mean: f64) -> u32 {
        let (least, mut n, mut product) = ((-mean).exp(), 0, dice.share());
        while product > least {
            n += 1;
            product *= dice.share();
        }
        n
    }

    /// A community: `topics` of different size over `weeks`, each week's total scattering by a half.
    fn community(dice: &mut Chance, topics: usize, weeks: usize) -> (Vec<Vec<u32>>, Vec<u32>) {
        let busy: Vec<f64> = (0..weeks).map(|_| 0.5 + dice.share()).collect();
        let counts: Vec<Vec<u32>> = (0..topics)
            .map(|topic| {
                let size = 1.0 + topic as f64 * 0.4;
                let mut weekly = |busy: &f64| {
                    let mean = size * busy * (0.6 + 0.8 * dice.share());
                    poisson(dice, mean)
                };
                busy.iter().map(&mut weekly).collect()
            })
            .collect();
        let exposure = (0..weeks).map(|w| counts.iter().map(|row| row[w]).sum()).collect();
        (counts, exposure)
    }

    fn spoken(counts: &[Vec<u32>], exposure: &[u32]) -> Vec<usize> {
        let said = |t: &Trend| t.direction.more() || t.direction == Direction::Fading;
        let judged = trends(counts, exposure);
        (0..judged.len()).filter(|n| said(&judged[*n])).collect()
    }

    #[test]
    fn without_a_reason_it_is_silent() {
        let mut dice = Chance::seeded(7);
        let runs = 2_000;
        let spoke = (0..runs)
            .filter(|_| {
                let (counts, exposure) = community(&mut dice, 20, 80);
                !spoken(&counts, &exposure).is_empty()
            })
            .count();
        println!("{spoke} of {runs} runs");
        assert!(spoke * 10 <= runs, "it spoke in {spoke} of {runs} runs");
    }

    #[test]
    fn planted_surges_are_found() {
        let mut dice = Chance::seeded(11);
        for (times, least) in [(5, 75), (3, 45)] {
            let (mut found, mut beside) = (0, 0);
            for run in 0..100 {
                let (mut counts, _) = community(&mut dice, 20, 80);
                let topic = 4 + run % 16;
                for n in &mut counts[topic][76..] {
                    *n *= times;
                }
                let exposure: Vec<u32> = (0..80).map(|w| counts.iter().map(|row| row[w]).sum()).collect();
                let said = spoken(&counts, &exposure);
                found += usize::from(said.contains(&topic));
                beside += said.iter().filter(|n| **n != topic).count();
            }
            println!("{times}-fold: {found} of 100, {beside} others");
            assert!(found >= least, "{times}-fold: {found} of 100");
            assert!(beside <= 30, "{times}-fold: {beside} others");
        }
    }

    #[test]
    fn few_are_not_enough_and_the_ratio_has_its_interval() {
        let mut counts = vec![vec![0; 60], vec![6; 60], vec![0; 60]];
        counts[0][59] = 2;
        for n in &mut counts[2][56..] {
            *n = 9;
        }
        let judged = trends(&counts, &[40; 60]);
        assert_eq!(judged[0].direction, Direction::NotEnough);
        assert_eq!(judged[1].direction, Direction::Steady);
        assert_eq!(judged[2].direction, Direction::New, "{:?}", judged[2]);
        let (ratio, low, high) = judged[1].rate_ratio.unwrap();
        assert!(low < 1.0 && high > 1.0 && (ratio - 1.0).abs() < 0.1);
        assert!(trends(&counts, &[40; 3]).iter().all(|t| t.direction == Direction::NotEnough));
    }

    #[test]
    fn a_burst_is_within_one_week_and_people_count_once() {
        let mut counts = vec![vec![3; 60]; 6];
        counts[0][58] = 30;
        let exposure: Vec<u32> = (0..60).map(|w| counts.iter().map(|row| row[w]).sum()).collect();
        let judged = trends(&counts, &exposure);
        assert_eq!(judged[0].direction, Direction::Burst, "{:?}", judged[0]);
        assert_eq!(judged[1].direction, Direction::Steady);
        let seen = |week, person, group| Seen { week, person, group };
        let all = [
            seen(2, 1, Some(0)),
            seen(2, 1, Some(0)),
            seen(3, 2, Some(1)),
            seen(3, 1, None),
            seen(9, 1, None),
        ];
        assert_eq!(by_week(&all, 2, 4), (vec![vec![1, 0], vec![0, 1]], vec![1, 2]));
    }
}
