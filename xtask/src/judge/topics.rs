//! Topics against the labels that people gave: 20 topics of question titles.
//!
//! The settings were chosen while both halves were in sight, so neither is truly unseen; each is run by itself.

use std::collections::HashMap;
use std::path::Path;

use rapport_insight::text::clean;
use rapport_insight::topics::{self, Options};

use crate::Fault;
use crate::random::Random;

pub(super) fn topics(data: &Path) -> Result<(), Fault> {
    let file = data.join("text/stackoverflow20-odd.tsv");
    let raw = String::from_utf8_lossy(&std::fs::read(&file)?).into_owned();
    let rows: Vec<(&str, String)> = raw
        .lines()
        .filter_map(|l| l.split_once('\t'))
        .map(|(label, text)| (label, clean::joined(text, "")))
        .collect();
    let even: Vec<_> = rows.iter().step_by(2).cloned().collect();
    let odd: Vec<_> = rows.iter().skip(1).step_by(2).cloned().collect();
    for (name, rows) in [("even lines", &even), ("odd lines", &odd), ("all", &rows)] {
        let texts: Vec<&str> = rows.iter().map(|(_, text)| text.as_str()).collect();
        let clock = std::time::Instant::now();
        let found = topics::find(&texts, &Options { count: Some(20), ..Options::default() });
        let seconds = clock.elapsed().as_secs_f64();
        let ours: Vec<String> = found.places.iter().map(|p| format!("{:?}", p.topic)).collect();
        let labels: Vec<&str> = rows.iter().map(|(label, _)| *label).collect();
        let other = found.places.iter().filter(|p| p.topic.is_none()).count();
        println!(
            "{name}: {} texts, {} topics, NMI {:.3}, purity {:.3}, other {other}, {seconds:.1} s",
            rows.len(),
            found.topics.topics.len(),
            agreement(&labels, &ours),
            purity(&labels, &ours),
        );
        if name == "all" {
            for topic in &found.topics.topics {
                println!("  {:>5}  {}", topic.size, topic.terms[..topic.terms.len().min(6)].join(", "));
            }
        }
    }
    println!("draws, the number of topics not told:");
    let mut names: Vec<&str> = rows.iter().map(|(label, _)| *label).collect();
    names.sort_unstable();
    names.dedup();
    for (labels, size) in DRAWS {
        let (mut topics, mut sums) = (0, [0.0; 3]);
        for seed in 0..5_u64 {
            let (drawn, texts) = draw(&rows, &names, labels, size, seed);
            let found = topics::find(&texts, &Options::default());
            // What fits nowhere is alone, not together.
            let ours: Vec<String> = found
                .places
                .iter()
                .enumerate()
                .map(|(n, p)| p.topic.map_or_else(|| format!("alone {n}"), |t| format!("{t:?}")))
                .collect();
            topics += found.topics.topics.len();
            sums[0] += agreement(&drawn, &ours);
            sums[1] += pairs_agreement(&drawn, &ours);
            sums[2] += found.places.iter().filter(|p| p.topic.is_none()).count() as f64;
        }
        println!(
            "  {size:>5} texts of {labels:>2} labels: {:.1} topics, NMI {:.3}, B-cubed F1 {:.3}, other {:.0}",
            f64::from(u32::try_from(topics).unwrap_or(0)) / 5.0,
            sums[0] / 5.0,
            sums[1] / 5.0,
            sums[2] / 5.0
        );
    }
    Ok(())
}

/// How many labels and texts are drawn.
const DRAWS: [(usize, usize); 8] =
    [(5, 60), (10, 60), (20, 60), (5, 200), (10, 200), (20, 200), (20, 600), (20, 2_000)];

fn draw<'a>(
    rows: &'a [(&'a str, String)],
    names: &[&'a str],
    labels: usize,
    size: usize,
    seed: u64,
) -> (Vec<&'a str>, Vec<&'a str>) {
    let mut chance = Random::new(seed + 1, "draw");
    let mut left = names.to_vec();
    let kept: Vec<&str> =
        (0..labels).map(|_| left.remove(chance.below(left.len() as u64) as usize)).collect();
    let mut of: Vec<&(&str, String)> = rows.iter().filter(|(label, _)| kept.contains(label)).collect();
    let drawn: Vec<_> =
        (0..size.min(of.len())).map(|_| of.swap_remove(chance.below(of.len() as u64) as usize)).collect();
    (drawn.iter().map(|r| r.0).collect(), drawn.iter().map(|r| r.1.as_str()).collect())
}

/// B-cubed F1 (Bagga and Baldwin 1998).
fn pairs_agreement(labels: &[&str], ours: &[String]) -> f64 {
    let (both, ones, others) = counts(labels, ours);
    let (mut precision, mut recall) = (0.0, 0.0);
    for (a, b) in labels.iter().zip(ours) {
        let n = both[&(*a, b.as_str())];
        precision += n / others[b.as_str()] / labels.len() as f64;
        recall += n / ones[a] / labels.len() as f64;
    }
    2.0 * precision * recall / (precision + recall)
}

type Counts<'a> = HashMap<(&'a str, &'a str), f64>;

fn counts<'a>(a: &[&'a str], b: &'a [String]) -> (Counts<'a>, HashMap<&'a str, f64>, HashMap<&'a str, f64>) {
    let (mut both, mut ones, mut others) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (a, b) in a.iter().zip(b) {
        *both.entry((*a, b.as_str())).or_default() += 1.0;
        *ones.entry(*a).or_default() += 1.0;
        *others.entry(b.as_str()).or_default() += 1.0;
    }
    (both, ones, others)
}

/// Normalised mutual information, by the mean of both entropies.
fn agreement(labels: &[&str], ours: &[String]) -> f64 {
    let (both, ones, others) = counts(labels, ours);
    let all = labels.len() as f64;
    let shared: f64 = both.iter().map(|((a, b), n)| n / all * (n * all / (ones[a] * others[b])).ln()).sum();
    let entropy =
        |counts: &HashMap<&str, f64>| -> f64 { counts.values().map(|n| -n / all * (n / all).ln()).sum() };
    shared / ((entropy(&ones) + entropy(&others)) / 2.0)
}

/// The share of texts that have their topic's most usual label.
fn purity(labels: &[&str], ours: &[String]) -> f64 {
    let mut most: HashMap<&str, f64> = HashMap::new();
    for ((_, b), n) in &counts(labels, ours).0 {
        let best = most.entry(b).or_default();
        *best = best.max(*n);
    }
    most.values().sum::<f64>() / labels.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let ours = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert!((agreement(&["a", "a", "b", "b"], &ours(&["x", "x", "y", "y"])) - 1.0).abs() < 1e-12);
        assert!(agreement(&["a", "b", "a", "b"], &ours(&["x", "x", "y", "y"])).abs() < 1e-12);
        assert!((purity(&["a", "a", "b", "b"], &ours(&["x", "x", "x", "y"])) - 0.75).abs() < 1e-12);
    }
}
