//! Which groups are worth comparing: those that share something, and nobody shares it with too many.

use super::names;
use super::profile::Profile;

/// A sign shared by more groups than this tells nobody apart; what is rare about them shows in another sign.
const MOST: usize = 40;

/// Pairs of groups that share a sign, in order; of those marked only with another, when some are marked.
pub(super) fn pairs(profiles: &[Profile], marked: Option<&[bool]>) -> Vec<(u32, u32)> {
    let mut signs: Vec<(u64, u32)> = Vec::with_capacity(profiles.len() * 24);
    for (at, profile) in profiles.iter().enumerate() {
        let Ok(at) = u32::try_from(at) else { break };
        signs.extend(profile.signs.iter().map(|sign| (*sign, at)));
    }
    signs.sort_unstable();
    let mut found: Vec<(u32, u32)> = Vec::new();
    for block in signs.chunk_by(|x, y| x.0 == y.0).filter(|block| block.len() > 1 && block.len() <= MOST) {
        let wanted = |at: u32| marked.is_none_or(|marked| marked[at as usize]);
        if !block.iter().any(|(_, at)| wanted(*at)) {
            continue;
        }
        for (n, (_, a)) in block.iter().enumerate() {
            let pairs = block[n + 1..].iter().map(|(_, b)| (*a, *b));
            found.extend(pairs.filter(|(a, b)| wanted(*a) || wanted(*b)));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// A sign: a letter for its kind and the words that make it, as one number. Two signs that clash make one more pair to
/// weigh, and no link.
fn sign(kind: u8, parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes());
    std::iter::once(kind)
        .chain(bytes)
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// What a group can be found by, each once.
pub(super) fn signs(profile: &Profile) -> Vec<u64> {
    let mut found = Vec::new();
    let begin = |word: &str, letters: usize| -> usize {
        word.char_indices().nth(letters).map_or(word.len(), |(at, _)| at)
    };
    for name in &profile.names {
        let mut sorted: Vec<&str> = name.iter().map(String::as_str).collect();
        sorted.sort_unstable();
        found.push(sign(b'n', &[&sorted.join(" ")]));
        found.push(sign(b'l', &[&name.concat()]));
        let (Some(first), Some(last)) = (name.first(), name.last()) else { continue };
        let (f, l) = (&first[..begin(first, 1)], &last[..begin(last, 1)]);
        found.push(sign(b'l', &[first, last]));
        found.push(sign(b'l', &[last, first]));
        found.push(sign(b'l', &[f, last]));
        found.push(sign(b'l', &[last, f]));
        found.push(sign(b'l', &[first, l]));
        found.push(sign(b'p', &[f, " ", last]));
        found.push(sign(b'p', &[l, " ", first]));
        let (x, y) = (&first[..begin(first, 3)], &last[..begin(last, 3)]);
        found.push(sign(b'b', &[x.min(y), " ", x.max(y)]));
        // A slip or a short form: the rarer word stays as it is.
        for (n, word) in name.iter().enumerate().filter(|(_, w)| w.chars().count() >= 4) {
            found.push(sign(b'l', &[word]));
            for (_, other) in name.iter().enumerate().filter(|(m, _)| *m != n) {
                found.push(sign(b's', &[word, " ", &other[..begin(other, 1)]]));
            }
        }
    }
    for login in profile.logins.iter().chain(&profile.locals).chain(&profile.single) {
        found.push(sign(b'l', &[login]));
        let letters = login.trim_end_matches(|c: char| c.is_ascii_digit());
        if letters.len() >= 4 && letters.len() < login.len() {
            found.push(sign(b'l', &[letters]));
        }
    }
    for domain in &profile.domains {
        found.push(sign(b'd', &[&names::fold(domain)]));
    }
    found.sort_unstable();
    found.dedup();
    found
}
