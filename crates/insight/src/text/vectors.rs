//! Sentence vectors: the sum of each token's row in a small table that comes with the program.
//!
//! The table was distilled from a sentence transformer; `models/static-minilm-256` says how, from what, and under which
//! licence. It is English and uncased. How much a token counts is folded into the length of its row. This is the
//! vector for grouping texts; to find texts again, [`super::retrieval`] weights the tokens by how rare they are.

use super::wordpiece::{self, UNKNOWN};

/// How many numbers a vector has.
pub const DIMS: usize = 256;
/// Tokens after these are not looked at: a text has said by then what it is about.
pub const MOST_TOKENS: usize = 512;

/// A direction of length one.
pub type Vector = [f32; DIMS];
/// The same in a quarter of the space: each number times 127, or the vector's scale.
pub type Small = [i8; DIMS];

static TABLE: &[u8] = include_bytes!("../../models/static-minilm-256/table.i8");
static SCALES: &[u8] = include_bytes!("../../models/static-minilm-256/scales.f32");

/// The direction of a text; `None` when it has no word that is known.
#[must_use]
pub fn vector(text: &str) -> Option<Vector> {
    of_tokens(&wordpiece::tokens(text, MOST_TOKENS))
}

/// The direction of a list of tokens; `None` when none is known.
#[must_use]
pub fn of_tokens(tokens: &[u16]) -> Option<Vector> {
    let mut sum = [0.0; DIMS];
    for token in tokens {
        if *token != UNKNOWN {
            add(&mut sum, *token, 1.0);
        }
    }
    unit(sum)
}

/// Adds the row of a token, times a weight.
pub fn add(sum: &mut Vector, token: u16, weight: f32) {
    let token = usize::from(token);
    let (Some(row), Some(scale)) =
        (TABLE.get(token * DIMS..(token + 1) * DIMS), SCALES.get(token * 4..token * 4 + 4))
    else {
        return;
    };
    let scale = weight * f32::from_le_bytes([scale[0], scale[1], scale[2], scale[3]]);
    for (sum, cell) in sum.iter_mut().zip(row) {
        *sum += scale * f32::from(cell.cast_signed());
    }
}

/// The same direction with length one; `None` for no direction at all.
#[must_use]
pub fn unit(mut vector: Vector) -> Option<Vector> {
    let length = dot(&vector, &vector).sqrt();
    if !(length > 1e-12 && length.is_finite()) {
        return None;
    }
    for x in &mut vector {
        *x /= length;
    }
    Some(vector)
}

/// The inner product; of two directions, their cosine. Sums in eight lanes, in the same order everywhere.
#[must_use]
pub fn dot(a: &Vector, b: &Vector) -> f32 {
    let mut lanes = [0.0_f32; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    lanes.iter().sum()
}

/// A direction in a quarter of the space.
#[must_use]
#[allow(clippy::cast_possible_truncation)] // within -127 and 127
pub fn small(vector: &Vector) -> (Small, f32) {
    let most = vector.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    let scale = if most > 0.0 { most / 127.0 } else { 1.0 };
    (vector.map(|x| (x / scale).round().clamp(-127.0, 127.0) as i8), scale)
}

/// The inner product of two small vectors, without their scales.
#[must_use]
pub fn small_dot(a: &Small, b: &Small) -> i32 {
    a.iter().zip(b).map(|(a, b)| i32::from(i16::from(*a) * i16::from(*b))).sum()
}

/// The cosine of two small vectors; 0 when one is none.
#[must_use]
#[allow(clippy::cast_precision_loss)] // at most 256 * 127 * 127
pub fn small_cosine(a: &Small, b: &Small) -> f32 {
    let lengths = small_dot(a, a) as f32 * small_dot(b, b) as f32;
    if lengths > 0.0 { small_dot(a, b) as f32 / lengths.sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(a: &str, b: &str) -> f32 {
        dot(&vector(a).unwrap(), &vector(b).unwrap())
    }

    #[test]
    fn near_in_meaning_is_near() {
        let near = cosine("the webhook signature is wrong", "signed callbacks fail to verify");
        let far = cosine("the webhook signature is wrong", "a recipe for bread with olives");
        assert!(near > far + 0.2, "{near} {far}");
    }

    #[test]
    fn no_words_no_vector() {
        for text in ["", " \n", "\u{1f600}\u{1f600}", "\0\u{1}\u{fffd}"] {
            assert!(vector(text).is_none(), "{text:?}");
        }
        let long = vector(&"crash on start ".repeat(70_000)).unwrap();
        assert!((dot(&long, &long) - 1.0).abs() < 1e-5);
    }

    #[test]
    fn the_table_is_whole() {
        assert_eq!(TABLE.len(), wordpiece::SIZE * DIMS);
        assert_eq!(SCALES.len(), wordpiece::SIZE * 4);
    }

    #[test]
    fn small_vectors_keep_the_angle() {
        let (a, b) = (vector("deploy fails on arm").unwrap(), vector("cannot deploy to arm64").unwrap());
        let ((sa, ka), (sb, kb)) = (small(&a), small(&b));
        #[allow(clippy::cast_precision_loss)]
        let close = small_dot(&sa, &sb) as f32 * ka * kb;
        assert!((close - dot(&a, &b)).abs() < 0.01);
    }
}
