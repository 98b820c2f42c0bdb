//! Learning from the owner's corrections and labels: small additions to the model that comes with the program.

use super::features::{FOLD, Place, Seen};
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
    }
}
