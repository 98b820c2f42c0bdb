//! Learning from the owner's corrections and labels: small additions to the model that comes with the program.

use std::collections::BTreeMap;

use super::features::{FOLD, Place, Seen, see};
use super::model::{KINDS, Model, row};

/// A text whose kind is known, as the model sees it.
#[derive(Clone, Debug)]
pub struct Example {
    /// The text, read by [`super::features::see`].
    pub seen: Seen,
    /// One of [`KINDS`].
    pub kind: &'static str,
}

/// How often all examples are gone through, how large a step is, and how much of what was learned is kept each time.
const ROUNDS: usize = 12;
const STEP: f32 = 0.6;
const KEPT: f32 = 0.98;
/// How rare a word is taken to be that the base has never seen: a project's own names are.
const OWN_WORD: u8 = 180;

/// The base with what the examples teach added. The same examples in the same order give the same model; the base's
/// own weights stay, so that forgetting the examples gives the base back.
#[must_use]
pub fn learn(base: &Model, examples: &[Example]) -> Model {
    let mut model = base.clone();
    for gram in examples.iter().flat_map(|example| &example.seen.grams) {
        if gram.place != Place::Form
            && let Some(rarity) = model.rarity.get_mut(gram.slot as usize)
            && *rarity == 0
        {
            *rarity = OWN_WORD;
        }
    }
    for _ in 0..ROUNDS {
        for more in model.learned.values_mut() {
            more.iter_mut().for_each(|weight| *weight *= KEPT);
        }
        for example in examples {
            let Some(right) = KINDS.iter().position(|kind| *kind == example.kind) else { continue };
            let row = row(&example.seen, &model.rarity);
            let shares = model.judge(&row).shares;
            // Words alone: how a text is built, and its direction, would carry a correction to texts about other things.
            for (slot, value) in row.iter().filter(|(slot, _)| (*slot as usize) < FOLD) {
                let more = model.learned.entry(*slot).or_default();
                for kind in 0..KINDS.len() {
                    let wanted = if kind == right { 1.0 } else { 0.0 };
                    more[kind] += STEP * value * (wanted - shares[kind]);
                }
            }
        }
    }
    model
}

/// Fewer examples teach nothing.
pub const LEAST: usize = 20;

/// What was learned, per source.
#[derive(Clone, Debug, Default)]
pub struct Learned(BTreeMap<i64, Model>);

impl Learned {
    /// Takes up what was learned for a source, as [`write`](Learned::write) gave it. What cannot be read teaches nothing.
    pub fn take(&mut self, source: i64, bytes: &[u8]) {
        let mut model = super::base().clone();
        let number = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        for row in bytes.chunks_exact(16) {
            let slot = u32::from_le_bytes([row[0], row[1], row[2], row[3]]);
            let Some(rarity) = model.rarity.get_mut(slot as usize) else { continue };
            if *rarity == 0 {
                *rarity = OWN_WORD;
            }
            model.learned.insert(slot, [number(&row[4..]), number(&row[8..]), number(&row[12..])]);
        }
        self.0.insert(source, model);
    }

    /// Forgets what was learned for a source.
    pub fn forget(&mut self, source: i64) {
        self.0.remove(&source);
    }

    /// Whether nothing was learned for any source.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The model for a source: what comes with the program, where nothing was learned.
    #[must_use]
    pub fn of(&self, source: i64) -> &Model {
        self.0.get(&source).unwrap_or_else(|| super::base())
    }

    /// What a model learned, as bytes.
    #[must_use]
    pub fn write(model: &Model) -> Vec<u8> {
        let rows = model.learned.iter();
        rows.flat_map(|(slot, more)| {
            slot.to_le_bytes().into_iter().chain(more.iter().flat_map(|weight| weight.to_le_bytes()))
        })
        .collect()
    }
}

/// The examples among texts whose kind was told: title, text, kind. What is none of [`KINDS`] teaches nothing.
pub fn examples<'a>(told: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>) -> Vec<Example> {
    told.into_iter()
        .filter_map(|(title, text, kind)| {
            let kind = KINDS.into_iter().find(|known| *known == kind)?;
            Some(Example { seen: see(title, text), kind })
        })
        .collect()
}

/// What learning is worth: how many examples were judged right by a model that had not seen them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worth {
    /// All examples.
    pub examples: usize,
    /// Right by the base.
    pub before: usize,
    /// Right after learning from the other four fifths.
    pub after: usize,
}

/// Holds a fifth of the examples back, learns from the rest, and looks at those; five times.
#[must_use]
pub fn worth(base: &Model, examples: &[Example]) -> Worth {
    let mut worth = Worth { examples: examples.len(), before: 0, after: 0 };
    let right = |model: &Model, example: &Example| {
        let shares = model.judge(&row(&example.seen, &model.rarity)).shares;
        let best = (0..KINDS.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b])).unwrap_or(0);
        usize::from(KINDS[best] == example.kind)
    };
    for fold in 0..5 {
        let rest: Vec<Example> =
            examples.iter().enumerate().filter(|(n, _)| n % 5 != fold).map(|(_, e)| e.clone()).collect();
        let learned = learn(base, &rest);
        for example in examples.iter().skip(fold).step_by(5) {
            worth.before += right(base, example);
            worth.after += right(&learned, example);
        }
    }
    worth
}

#[cfg(test)]
mod tests {
    use super::super::{base, features::see, judge};
    use super::*;

    #[test]
    fn corrections_are_taken_up_and_the_rest_stays() {
        let asked = "Gezeitenrechner zeigt Ebbe statt Flut";
        let other = "Application crashes with a segmentation fault when opening large files";
        let before = judge(base(), other, "");
        let examples: Vec<Example> =
            ["Gezeitenrechner zeigt Flut statt Ebbe", "Gezeitenrechner rechnet falsch"]
                .iter()
                .map(|title| Example { seen: see(title, ""), kind: "bug" })
                .collect();
        let model = learn(base(), &examples);
        let after = judge(&model, asked, "");
        assert_eq!(after.kind, "bug");
        assert!(after.confidence > judge(base(), asked, "").confidence);
        assert!((judge(&model, other, "").confidence - before.confidence).abs() < 0.05);
        assert_eq!(learn(base(), &examples), model);
        let mut learned = Learned::default();
        learned.take(7, &Learned::write(&model));
        assert_eq!((learned.of(7), learned.of(8)), (&model, base()));
        learned.take(9, b"no weights at all, and too short?");
    }
}
