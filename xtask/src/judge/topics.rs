//! Topics against the labels that people gave: 20 topics of question titles.
//!
//! The settings were chosen while both halves were in sight, so neither is truly unseen; each is run by itself.

use std::collections::HashMap;
use std::path::Path;

use rapport_insight::text::clean;
use rapport_insight::topics::{self, Options};

use crate::Fault;

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
    Ok(())
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
