//! The same question asked twice: near-copies of an opening, found by a fingerprint of its words.
//!
//! Minhash (Broder 1997) over three-word shingles: the share of equal parts of two fingerprints estimates the share
//! of shingles the texts have in common (Jaccard).

/// How many parts a fingerprint has: the estimate's standard error is at most 1 / (2 * sqrt(32)) = 0.09.
pub const PARTS: usize = 32;

/// Openings shorter than this are too common to compare: "it does not work".
const WORDS_LEAST: usize = 8;

/// The fingerprint of an opening; empty when it has too few words.
#[must_use]
pub fn sketch(title: &str, text: &str) -> Vec<u32> {
    let text: String = title.chars().chain([' ']).chain(text.chars().take(4_000)).collect();
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect();
    if words.len() < WORDS_LEAST {
        return Vec::new();
    }
    let mut least = [u32::MAX; PARTS];
    for shingle in words.windows(3) {
        let mut hash = shingle
            .iter()
            .flat_map(|w| w.bytes().chain([0]))
            .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        for part in &mut least {
            // One step of splitmix64 per part: as good as independent hash functions here.
            hash = hash.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = hash;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            #[allow(clippy::cast_possible_truncation)] // the upper half is the hash
            let value = (mixed >> 32) as u32;
            *part = (*part).min(value);
        }
    }
    least.to_vec()
}

/// How alike two openings are: the estimated share of common shingles, 0 to 1.
#[must_use]
pub fn alike(a: &[u32], b: &[u32]) -> f64 {
    if a.len() != PARTS || b.len() != PARTS {
        return 0.0;
    }
    let equal = a.iter().zip(b).filter(|(x, y)| x == y).count();
    #[allow(clippy::cast_precision_loss)] // at most 32
    let share = equal as f64 / PARTS as f64;
    share
}

/// From this likeness on, within [`FOLD_DAYS`] and in different sources, two openings are one question.
pub const FOLD_FROM: f64 = 0.5;
/// How far apart in days a copy may be opened.
pub const FOLD_DAYS: i64 = 14;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_alike_and_neighbours_are_not() {
        let one =
            "The webhook signature never matches when the delivery is retried after a timeout on our side";
        let copy = "Hi all! The webhook signature never matches when the delivery is retried after a timeout on our side";
        let other = "The event stream stops after an hour and the client hangs until we restart the whole process again";
        let s = |text| sketch("", text);
        assert!(alike(&s(one), &s(copy)) >= FOLD_FROM);
        assert!(alike(&s(one), &s(other)) < 0.2);
        assert!(s("help please").is_empty());
    }
}
