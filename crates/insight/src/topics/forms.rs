//! What is written again and again word for word, and so is nobody's topic: forms, signatures, footers, boilerplate.
//!
//! A line that stands in several texts, and runs of five words that stand in many, are known by their digests. Titles
//! are never taken for forms: people do ask the same thing in the same words.

use std::collections::{HashMap, HashSet};

/// A line that so many texts have is a form's, not its author's.
const LINES: u32 = 3;
/// So many words are a run.
const RUN: usize = 5;
/// A run that this many texts have, and this share of all, is a form's.
const RUNS: u32 = 4;
const SHARE: f64 = 0.008;
/// Digests kept, at most: those of the most frequent.
const MOST: usize = 4_000;

/// Digests of lines and runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Forms(HashSet<u64>);

/// FNV-1a over lower-case letters, digits folded into one.
fn digest<'a>(words: impl Iterator<Item = &'a str>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for word in words {
        for c in word.chars() {
            let c = if c.is_ascii_digit() { '0' } else { c.to_ascii_lowercase() };
            hash = (hash ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01b3);
        }
        hash = (hash ^ 0x20).wrapping_mul(0x0100_0000_01b3);
    }
    hash
}

/// The lines after the title, and their words.
fn body(text: &str) -> impl Iterator<Item = (&str, Vec<&str>)> {
    text.lines().skip(1).map(|line| (line, line.split_whitespace().collect()))
}

impl Forms {
    /// Learns what repeats.
    pub(super) fn read<T: AsRef<str>>(texts: &[T]) -> Forms {
        let mut lines: HashMap<u64, u32> = HashMap::new();
        let mut runs: HashMap<u64, u32> = HashMap::new();
        for text in texts {
            let (mut mine, mut mine_runs) = (HashSet::new(), HashSet::new());
            for (_, words) in body(text.as_ref()) {
                if words.len() >= 2 {
                    mine.insert(digest(words.iter().copied()));
                }
                mine_runs.extend(words.windows(RUN).map(|run| digest(run.iter().copied())));
            }
            for (digests, counts) in [(mine, &mut lines), (mine_runs, &mut runs)] {
                for digest in digests {
                    *counts.entry(digest).or_default() += 1;
                }
            }
        }
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        // counts
        let least = RUNS.max((texts.len() as f64 * SHARE).ceil() as u32);
        let mut found: Vec<(u32, u64)> = lines
            .into_iter()
            .filter(|(_, n)| *n >= LINES)
            .chain(runs.into_iter().filter(|(_, n)| *n >= least))
            .map(|(digest, n)| (n, digest))
            .collect();
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.truncate(MOST);
        Forms(found.into_iter().map(|(_, digest)| digest).collect())
    }

    /// As it was kept.
    pub(super) fn of(kept: &[u64]) -> Forms {
        Forms(kept.iter().copied().collect())
    }

    /// To be kept, in order.
    pub(super) fn kept(&self) -> Vec<u64> {
        let mut kept: Vec<u64> = self.0.iter().copied().collect();
        kept.sort_unstable();
        kept
    }

    /// A text without them.
    pub(super) fn without(&self, text: &str) -> String {
        let mut out = text.lines().next().unwrap_or("").to_owned();
        for (line, words) in body(text) {
            if words.len() >= 2 && self.0.contains(&digest(words.iter().copied())) {
                continue;
            }
            let mut form = vec![false; words.len()];
            for (at, run) in words.windows(RUN).enumerate() {
                if self.0.contains(&digest(run.iter().copied())) {
                    form[at..at + RUN].fill(true);
                }
            }
            out.push('\n');
            if form.contains(&true) {
                let own = words.iter().zip(&form).filter(|(_, form)| !**form).map(|(word, _)| *word);
                out.push_str(&own.collect::<Vec<_>>().join(" "));
            } else {
                out.push_str(line);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_and_forms_go_and_titles_stay() {
        let texts: Vec<String> = ["the cache is cold", "a build breaks", "login fails", "the disk is full"]
            .iter()
            .map(|own| {
                format!("same title\n{own} here\nAda Example, Harbour Street 12\nplease tell us which version do you run {own}")
            })
            .collect();
        let forms = Forms::read(&texts);
        assert_eq!(forms.without(&texts[1]), "same title\na build breaks here\na build breaks");
        assert_eq!(Forms::of(&forms.kept()).without(&texts[0]), forms.without(&texts[0]));
        assert_eq!(forms.without(""), "");
    }
}
