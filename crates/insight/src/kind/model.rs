//! The linear model of kinds: weights per word, sign and direction; one shared part, and one part per kind of project
//! it was trained on, which counts as far as the text sounds like that kind of project.

use super::features::{FOLD, Gram, MEANING, Place, SIGNS, Seen, WIDTH};
use crate::text::vectors::DIMS;

/// The kinds that the model tells apart, in the order of its numbers.
pub const KINDS: [&str; 3] = ["bug", "feature", "question"];
/// How much signs and directions count beside words.
pub const SIGN: f32 = 0.3;
/// As above.
pub const DIRECTION: f32 = 0.6;
/// As above, of a form's headings and answers.
pub const FORM: f32 = 1.5;

/// The weights.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// How many kinds of project it knows.
    pub domains: usize,
    /// How rare each slot's word is, times [`RARITY`]; 0: never seen.
    pub rarity: Vec<u8>,
    /// Per number: [`Model::outputs`] weights, one byte each.
    pub table: Vec<i8>,
    /// What one step of a byte is worth, per output.
    pub scales: Vec<f32>,
    /// What the sums are multiplied with so that confidence means what it says.
    pub warmth: f32,
    /// What was learned since, per slot: added to the kinds' sums.
    pub learned: std::collections::BTreeMap<u32, [f32; 3]>,
}

/// Steps of rarity in one byte.
pub const RARITY: f32 = 28.0;
const MARK: &[u8; 4] = b"KND1";

/// What the model says of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// How likely each of [`KINDS`] is.
    pub shares: [f32; 3],
    /// How much it sounds like each kind of project known.
    pub domains: Vec<f32>,
}

/// The numbers of a text: slots with their values, sorted, each once.
#[must_use]
pub fn row(seen: &Seen, rarity: &[u8]) -> Vec<(u32, f32)> {
    let mut row: Vec<(u32, f32)> = Vec::with_capacity(seen.grams.len() + 3 * DIMS + SIGNS.len());
    for place in [Place::Title, Place::Text, Place::Form] {
        let mut slots: Vec<u32> = seen.grams.iter().filter(|g| g.place == place).map(|g| g.slot).collect();
        slots.sort_unstable();
        let start = row.len();
        for same in slots.chunk_by(|a, b| a == b) {
            let rare = f32::from(rarity.get(same[0] as usize).copied().unwrap_or(0)) / RARITY;
            if rare > 0.0 {
                row.push((same[0], (1.0 + (same.len() as f32).ln()) * rare));
            }
        }
        let norm = row[start..].iter().map(|(_, v)| v * v).sum::<f32>().sqrt().max(1e-6);
        let scale = if place == Place::Form { FORM / norm } else { 1.0 / norm };
        row[start..].iter_mut().for_each(|(_, v)| *v *= scale);
    }
    for (n, flag) in seen.flags.iter().enumerate().filter(|(_, flag)| **flag != 0.0) {
        row.push(((FOLD + n) as u32, flag * SIGN));
    }
    for (n, direction) in seen.meaning.iter().enumerate() {
        let Some(direction) = direction else { continue };
        row.extend(
            direction.iter().enumerate().map(|(k, v)| ((MEANING + n * DIMS + k) as u32, v * DIRECTION)),
        );
    }
    row
}

impl Model {
    /// Kinds shared, kinds per domain, domains.
    #[must_use]
    pub fn outputs(&self) -> usize {
        3 + 4 * self.domains
    }

    /// Judges a row.
    #[must_use]
    pub fn judge(&self, row: &[(u32, f32)]) -> Verdict {
        let outputs = self.outputs();
        let mut sums = vec![0.0_f32; outputs];
        let mut learned = [0.0_f32; 3];
        for (slot, value) in row {
            let from = *slot as usize * outputs;
            let Some(weights) = self.table.get(from..from + outputs) else { continue };
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += f32::from(*weight) * value;
            }
            if let Some(more) = self.learned.get(slot) {
                (0..3).for_each(|k| learned[k] += more[k] * value);
            }
        }
        sums.iter_mut().zip(&self.scales).for_each(|(sum, scale)| *sum *= scale);
        let domains = softmax(&sums[3 + 3 * self.domains..]);
        let mut kinds = [0.0; 3];
        for (k, kind) in kinds.iter_mut().enumerate() {
            let own: f32 = domains.iter().enumerate().map(|(d, share)| share * sums[3 + 3 * d + k]).sum();
            *kind = (sums[k] + own + learned[k]) * self.warmth;
        }
        let shares = softmax(&kinds);
        Verdict { shares: [shares[0], shares[1], shares[2]], domains }
    }

    /// How much a slot speaks for a kind against the other two, at the value 1.
    #[must_use]
    pub fn speaks(&self, slot: u32, kind: usize, domains: &[f32]) -> f32 {
        let outputs = self.outputs();
        let from = slot as usize * outputs;
        let weight = |at: usize| self.table.get(from + at).map_or(0.0, |w| f32::from(*w) * self.scales[at]);
        let of = |k: usize| {
            let own: f32 = domains.iter().enumerate().map(|(d, share)| share * weight(3 + 3 * d + k)).sum();
            weight(k) + own + self.learned.get(&slot).map_or(0.0, |more| more[k])
        };
        of(kind) - (0..3).filter(|k| *k != kind).map(of).sum::<f32>() / 2.0
    }

    /// From weights as they were learned: `weights[output][number]`.
    #[must_use]
    pub fn pack(domains: usize, rarity: Vec<u8>, weights: &[Vec<f32>], warmth: f32) -> Model {
        let outputs = weights.len();
        let scales: Vec<f32> = weights
            .iter()
            .map(|w| (w.iter().fold(0.0_f32, |m, v| m.max(v.abs())) / 127.0).max(1e-12))
            .collect();
        let mut table = vec![0_i8; WIDTH * outputs];
        for (output, (weights, scale)) in weights.iter().zip(&scales).enumerate() {
            for (number, weight) in weights.iter().enumerate() {
                table[number * outputs + output] = (weight / scale).round().clamp(-127.0, 127.0) as i8;
            }
        }
        Model { domains, rarity, table, scales, warmth, learned: std::collections::BTreeMap::default() }
    }

    /// As bytes, without what was learned since.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = MARK.to_vec();
        bytes.push(self.domains as u8);
        bytes.extend(self.warmth.to_le_bytes());
        self.scales.iter().for_each(|scale| bytes.extend(scale.to_le_bytes()));
        bytes.extend(&self.rarity);
        bytes.extend(self.table.iter().map(|weight| weight.cast_unsigned()));
        bytes
    }

    /// Reads what [`Model::write`] wrote; `None` when it is anything else.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Model> {
        let rest = bytes.strip_prefix(MARK)?;
        let (domains, rest) = rest.split_first()?;
        let domains = usize::from(*domains);
        let outputs = 3 + 4 * domains;
        let (floats, rest) = rest.split_at_checked(4 * (1 + outputs))?;
        let mut floats = floats.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four));
        let warmth = floats.next()?;
        let scales = floats.collect();
        let (rarity, table) = rest.split_at_checked(FOLD)?;
        if table.len() != WIDTH * outputs {
            return None;
        }
        let table = table.iter().map(|weight| weight.cast_signed()).collect();
        Some(Model {
            domains,
            rarity: rarity.to_vec(),
            table,
            scales,
            warmth,
            learned: std::collections::BTreeMap::default(),
        })
    }
}

/// Shares that add up to one.
#[must_use]
pub fn softmax(sums: &[f32]) -> Vec<f32> {
    let highest = sums.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let raised: Vec<f32> = sums.iter().map(|sum| (sum - highest).exp()).collect();
    let all: f32 = raised.iter().sum();
    raised.iter().map(|share| share / all).collect()
}

/// The reasons for a kind, strongest first, in words a reader understands.
#[must_use]
pub fn reasons(
    model: &Model,
    seen: &Seen,
    row: &[(u32, f32)],
    kind: usize,
    verdict: &Verdict,
) -> Vec<String> {
    let mut found: Vec<(f32, u32)> = row
        .iter()
        .filter(|(slot, _)| (*slot as usize) < MEANING)
        .map(|(slot, value)| (value * model.speaks(*slot, kind, &verdict.domains), *slot))
        .filter(|(weight, _)| *weight > 0.02)
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut told: Vec<String> = Vec::new();
    for (_, slot) in found {
        let words = match (slot as usize).checked_sub(FOLD) {
            Some(flag) => SIGNS[flag].to_owned(),
            None => match seen.grams.iter().find(|gram| gram.slot == slot) {
                Some(Gram { words, place: Place::Title, .. }) => format!("'{words}' in the title"),
                Some(Gram { words, place: Place::Text, .. }) => format!("'{words}'"),
                Some(Gram { words, .. }) => words.clone(),
                None => continue,
            },
        };
        if words != "always on" && !told.contains(&words) {
            told.push(words);
        }
        if told.len() == 3 {
            break;
        }
    }
    told
}
