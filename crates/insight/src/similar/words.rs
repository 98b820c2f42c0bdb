//! What of a text is compared: its words, the parts of its names, words that stand side by side, and pieces of words.

use crate::text::clean;

/// Bytes of a text that are looked at: who writes more has pasted it.
const READ: usize = 16 << 10;
/// A first line up to this long, with more to follow, is a title.
const TITLE: usize = 200;
/// Letters of a piece of a word.
const PIECE: usize = 4;
/// Longer words are cut.
const LONGEST: usize = 60;

/// How much a word of the title counts.
const IN_TITLE: f32 = 3.0;

/// What stands in every text.
const STOP: &[&str] = &[
    "the", "a", "an", "is", "are", "was", "were", "be", "been", "and", "or", "of", "to", "in", "on", "for",
    "with", "that", "this", "it", "its", "as", "at", "by", "from", "if", "not", "no", "but", "we", "i",
    "you", "they", "he", "she", "my", "our", "your", "their", "so", "do", "does", "did", "have", "has",
    "had", "can", "could", "would", "should", "will", "may", "might", "there", "here", "what", "when",
    "where", "which", "who", "how", "why", "then", "than", "also", "any", "some", "all", "just", "more",
    "like", "about", "into", "out", "up", "me", "us", "them", "these", "those", "am", "im", "s", "t", "re",
    "ve", "ll", "d", "m", "don", "please", "thanks", "hi", "hello",
];

/// A term, folded to a number, and how much it counts in its text.
pub(super) type Term = (u64, f32);

/// The terms of one text, each as often as it stands there.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    /// Stems, parts of names, and names whole.
    pub(super) words: Vec<Term>,
    /// Two words side by side, in what the author wrote.
    pub(super) pairs: Vec<Term>,
    /// Pieces of words: what spelling and word forms have in common.
    pub(super) pieces: Vec<Term>,
}

/// A text as title and body: its first line is the title when it is short and more follows.
pub(super) fn split(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    match text.split_once('\n') {
        Some((title, body)) if title.len() <= TITLE && !body.trim().is_empty() => (title.trim(), body),
        _ => ("", text),
    }
}

/// The terms of a text.
pub(super) fn terms(title: &str, body: &str) -> Terms {
    let body = &body[..body.floor_char_boundary(READ)];
    let own = clean::clean(body).text;
    let mut terms = Terms::default();
    let mut said: Vec<Term> = Vec::new();
    each(title, &mut |word| said.push((fold(word), IN_TITLE)));
    terms.words.clone_from(&said);
    each(body, &mut |word| terms.words.push((fold(word), 1.0)));
    each(&own, &mut |word| said.push((fold(word), 1.0)));
    let side_by_side =
        said.windows(2).map(|two| (two[0].0.rotate_left(21) ^ two[1].0, two[0].1.min(two[1].1)));
    terms.pairs = side_by_side.collect();
    pieces(title, IN_TITLE, &mut terms.pieces);
    pieces(body, 1.0, &mut terms.pieces);
    terms
}

/// The words of a text as a reader would name them, with the stem by which they are compared.
pub(super) fn named(text: &str) -> Vec<(u64, String)> {
    let text = &text[..text.floor_char_boundary(READ)];
    let mut out = Vec::new();
    for part in text.split(|c: char| !c.is_alphanumeric()).filter(|p| !p.is_empty()) {
        let low = low(part);
        if !STOP.contains(&low.as_str()) {
            out.push((fold(stem(&low).as_str()), low));
        }
    }
    out
}

/// Hands out each term: the stems of words and of the parts of names, then a name whole.
fn each(text: &str, take: &mut dyn FnMut(&str)) {
    let of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    for name in text.split(|c| !of_name(c)) {
        let name = name.trim_matches(|c: char| !c.is_alphanumeric());
        let mut parts = 0;
        for part in name.split(|c: char| !c.is_alphanumeric()).filter(|p| !p.is_empty()) {
            parts += 1;
            let low = low(part);
            if STOP.contains(&low.as_str()) {
                continue;
            }
            take(&stem(&low));
            humps(part, &mut |hump| take(&stem(&hump.to_lowercase())));
        }
        if parts > 1 {
            take(&format!("={}", low(name)));
        }
    }
}

fn low(word: &str) -> String {
    word[..word.floor_char_boundary(LONGEST)].to_lowercase()
}

/// The parts of a name like `maxRetryCount`; nothing for a word in one piece.
fn humps(word: &str, take: &mut dyn FnMut(&str)) {
    if !word.chars().skip(1).any(char::is_uppercase) {
        return;
    }
    let letters: Vec<(usize, char)> = word.char_indices().take(LONGEST).collect();
    let (mut from, mut found) = (0, 0);
    for at in 1..letters.len() {
        let (before, here) = (letters[at - 1].1, letters[at].1);
        let next_is_low = letters.get(at + 1).is_some_and(|(_, c)| c.is_lowercase());
        let begins = here.is_uppercase()
            && (before.is_lowercase() || before.is_numeric() || next_is_low && before.is_uppercase());
        if begins {
            if letters[at].0 - from > 1 {
                take(&word[from..letters[at].0]);
            }
            from = letters[at].0;
            found += 1;
        }
    }
    if found > 0 && word.len() - from > 1 {
        take(&word[from..]);
    }
}

/// A word without the endings that English puts to it. Crude, and the same on both sides.
fn stem(word: &str) -> String {
    const ENDINGS: [(&str, &str); 10] = [
        ("ies", "y"),
        ("sses", "ss"),
        ("ing", ""),
        ("edly", ""),
        ("ed", ""),
        ("es", ""),
        ("ly", ""),
        ("s", ""),
        ("ation", "at"),
        ("ion", ""),
    ];
    let mut stem = word.to_owned();
    if word.len() < 4 || !word.is_ascii() {
        return stem;
    }
    for (ending, instead) in ENDINGS {
        let plural = !(ending == "s" && ["ss", "us", "is"].iter().any(|e| stem.ends_with(e)));
        if stem.ends_with(ending) && stem.len() - ending.len() >= 3 && plural {
            stem.truncate(stem.len() - ending.len());
            stem.push_str(instead);
            break;
        }
    }
    if stem.ends_with('e') && stem.len() > 3 {
        stem.pop();
    }
    let bytes = stem.as_bytes();
    if let [.., a, b] = bytes
        && a == b
        && bytes.len() > 3
        && !b"lsz".contains(b)
    {
        stem.pop();
    }
    stem
}

/// Pieces of four letters, a word's edges counted as letters.
fn pieces(text: &str, counts: f32, out: &mut Vec<Term>) {
    let mut word: Vec<char> = vec![' '];
    let mut end = |word: &mut Vec<char>| {
        let plain: String = word[1..].iter().collect();
        if word.len() > 1 && !STOP.contains(&plain.as_str()) {
            word.push(' ');
            let whole = word.len().min(PIECE);
            for piece in word.windows(whole) {
                out.push((piece.iter().fold(SEED, |hash, c| step(hash, u64::from(*c))), counts));
            }
        }
        word.truncate(1);
    };
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() && word.len() < LONGEST {
            word.push(c);
        } else {
            end(&mut word);
        }
    }
    end(&mut word);
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;

fn step(hash: u64, part: u64) -> u64 {
    (hash ^ part).wrapping_mul(0x0000_0100_0000_01b3)
}

fn fold(word: &str) -> u64 {
    word.bytes().fold(SEED, |hash, byte| step(hash, u64::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        each(text, &mut |word| out.push(word.to_owned()));
        out
    }

    #[test]
    fn names_are_found_whole_and_in_parts() {
        assert_eq!(words("the maxRetryCount"), ["maxretrycount", "max", "retry", "count"]);
        assert_eq!(words("set retry_after."), ["set", "retry", "after", "=retry_after"]);
        assert_eq!(words("HTTPServer"), ["httpserver", "http", "server"]);
        assert_eq!(stem("retries"), stem("retry"));
        assert_eq!(stem("rotating"), stem("rotate"));
        assert_eq!(stem("stopped"), stem("stop"));
        assert_eq!(stem("status"), "status");
    }

    #[test]
    fn a_short_first_line_is_the_title() {
        assert_eq!(split("It hangs\nAfter an hour"), ("It hangs", "After an hour"));
        assert_eq!(split("It hangs\n \n"), ("", "It hangs\n \n"));
        assert_eq!(split(&format!("{}\nx", "w ".repeat(200))).0, "");
        assert_eq!(split(""), ("", ""));
    }

    #[test]
    fn pieces_of_any_letters() {
        let mut out = Vec::new();
        pieces("Key \u{5de}\u{5e4}\u{5ea}\u{5d7} \u{1f600}", 1.0, &mut out);
        assert_eq!(out.len(), 2 + 3);
    }
}
