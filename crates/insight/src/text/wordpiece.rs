//! Tokens: BERT's uncased WordPiece, id for id what Hugging Face's tokenisers give.
//!
//! Written anew because it has to be fast: every prefix of a word is hashed in one pass, so that the longest piece is
//! found without slicing strings, and nothing is allocated per word. Marks such as `[MASK]` in a text are plain text.

use std::sync::LazyLock;

use unicode_normalization::char::decompose_canonical;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// How many tokens there are.
pub const SIZE: usize = 30_522;
/// A word with a part that no piece covers, or one that is too long.
pub const UNKNOWN: u16 = 100;
/// Longer words are unknown.
const LONGEST_WORD: usize = 100;

static WORDS: &str = include_str!("../../models/static-minilm-256/vocab.txt");
static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::new);

/// Slots of the hash table: a power of two, twice as many as tokens.
const SLOTS: usize = 1 << 16;
const EMPTY: u16 = u16::MAX;

struct Vocabulary {
    /// The text of each piece, without the `##` of a continuation.
    pieces: Vec<&'static str>,
    /// Which of them are continuations.
    inside: Vec<bool>,
    /// Token ids by hash, linear probing.
    slots: Vec<u16>,
    /// The upper half of each slot's hash: most misses end here.
    tags: Vec<u32>,
    /// The most bytes of a piece.
    longest: usize,
}

/// Whether a piece begins a word or goes on with it: part of its hash.
#[derive(Clone, Copy)]
enum Place {
    Beginning = 0,
    Inside = 1,
}

/// FNV-1a, one byte on.
fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
}

fn start(place: Place) -> u64 {
    0xcbf2_9ce4_8422_2325 ^ ((place as u64) << 56)
}

/// Where a hash looks first, and its tag. FNV's low bits are its good ones; the fold brings the others in.
fn slot(hash: u64) -> (usize, u32) {
    let mixed = (hash ^ (hash >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed >> 48) as usize & (SLOTS - 1), mixed as u32)
}

impl Vocabulary {
    fn new() -> Vocabulary {
        let mut new = Vocabulary {
            pieces: Vec::with_capacity(SIZE),
            inside: Vec::with_capacity(SIZE),
            slots: vec![EMPTY; SLOTS],
            tags: vec![0; SLOTS],
            longest: 0,
        };
        for (id, line) in WORDS.lines().enumerate() {
            let (place, piece) = match line.strip_prefix("##") {
                Some(rest) if !rest.is_empty() => (Place::Inside, rest),
                _ => (Place::Beginning, line),
            };
            let (mut at, tag) = slot(piece.bytes().fold(start(place), step));
            while new.slots[at] != EMPTY {
                at = (at + 1) & (SLOTS - 1);
            }
            new.slots[at] = id as u16;
            new.tags[at] = tag;
            new.longest = new.longest.max(piece.len());
            new.pieces.push(piece);
            new.inside.push(matches!(place, Place::Inside));
        }
        new
    }

    fn find(&self, hash: u64, piece: &[u8]) -> Option<u16> {
        let (mut at, tag) = slot(hash);
        loop {
            let id = self.slots[at];
            if id == EMPTY {
                return None;
            }
            if self.tags[at] == tag && self.pieces[usize::from(id)].as_bytes() == piece {
                return Some(id);
            }
            at = (at + 1) & (SLOTS - 1);
        }
    }

    /// The longest piece that `rest` begins with.
    fn longest(&self, rest: &[u8], place: Place) -> Option<(u16, usize)> {
        let mut hashes = [0_u64; 64];
        let most = rest.len().min(self.longest).min(hashes.len());
        let mut hash = start(place);
        for (kept, byte) in hashes.iter_mut().zip(&rest[..most]) {
            hash = step(hash, *byte);
            *kept = hash;
        }
        (1..=most).rev().find_map(|n| self.find(hashes[n - 1], &rest[..n]).map(|id| (id, n)))
    }

    /// The pieces of one word, or [`UNKNOWN`].
    fn word(&self, word: &[u8], out: &mut Vec<u16>) {
        let before = out.len();
        let (mut at, mut place) = (0, Place::Beginning);
        while at < word.len() {
            let Some((id, n)) = self.longest(&word[at..], place) else {
                out.truncate(before);
                out.push(UNKNOWN);
                return;
            };
            out.push(id);
            at += n;
            place = Place::Inside;
        }
    }
}

/// The word that is being read.
#[derive(Default)]
struct Word {
    bytes: Vec<u8>,
    chars: usize,
}

impl Word {
    fn push(&mut self, c: char) {
        self.chars += 1;
        if self.chars <= LONGEST_WORD {
            self.bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    fn end(&mut self, vocabulary: &Vocabulary, out: &mut Vec<u16>) {
        match self.chars {
            0 => return,
            1..=LONGEST_WORD => vocabulary.word(&self.bytes, out),
            _ => out.push(UNKNOWN),
        }
        self.bytes.clear();
        self.chars = 0;
    }
}

/// The text of a token without `##`, and whether it goes on with a word.
#[must_use]
pub fn piece(token: u16) -> (&'static str, bool) {
    let vocabulary = &*VOCABULARY;
    let at = usize::from(token);
    (vocabulary.pieces.get(at).copied().unwrap_or(""), vocabulary.inside.get(at).copied().unwrap_or(false))
}

/// The tokens of a text, at most `most`.
#[must_use]
pub fn tokens(text: &str, most: usize) -> Vec<u16> {
    let mut out = Vec::with_capacity(most.min(text.len() / 4 + 8));
    tokens_into(text, most, &mut out);
    out
}

/// The tokens of a text, at most `most`, into a list that is used again.
pub fn tokens_into(text: &str, most: usize, out: &mut Vec<u16>) {
    out.clear();
    let vocabulary = &*VOCABULARY;
    let mut word = Word::default();
    for c in text.chars() {
        if out.len() >= most {
            break;
        }
        if c.is_ascii() {
            ascii(c as u8, vocabulary, &mut word, out);
        } else {
            other(c, vocabulary, &mut word, out);
        }
    }
    word.end(vocabulary, out);
    out.truncate(most);
}

fn ascii(byte: u8, vocabulary: &Vocabulary, word: &mut Word, out: &mut Vec<u16>) {
    match byte {
        b'a'..=b'z' | b'0'..=b'9' => word.push(char::from(byte)),
        b'A'..=b'Z' => word.push(char::from(byte.to_ascii_lowercase())),
        b' ' | b'\t' | b'\n' | b'\r' => word.end(vocabulary, out),
        b'!'..=b'~' => {
            word.end(vocabulary, out);
            word.push(char::from(byte));
            word.end(vocabulary, out);
        }
        _ => {} // control characters are not there
    }
}

/// The order is Hugging Face's: dropped or space, ideographs apart, decomposed, accents off, lower case, punctuation.
fn other(c: char, vocabulary: &Vocabulary, word: &mut Word, out: &mut Vec<u16>) {
    use GeneralCategory::{Control, Format, NonspacingMark, PrivateUse};
    if c == '\u{fffd}' || matches!(c.general_category(), Control | Format | PrivateUse) {
        return;
    }
    if c.is_whitespace() {
        word.end(vocabulary, out);
        return;
    }
    let apart = ideograph(c);
    if apart {
        word.end(vocabulary, out);
    }
    decompose_canonical(c, |part| {
        if part.general_category() == NonspacingMark {
            return;
        }
        for low in part.to_lowercase() {
            if low.is_whitespace() {
                word.end(vocabulary, out);
            } else if low.is_ascii_punctuation()
                || low.general_category_group() == GeneralCategoryGroup::Punctuation
            {
                word.end(vocabulary, out);
                word.push(low);
                word.end(vocabulary, out);
            } else {
                word.push(low);
            }
        }
    });
    if apart {
        word.end(vocabulary, out);
    }
}

fn ideograph(c: char) -> bool {
    matches!(u32::from(c),
        0x4E00..=0x9FFF | 0x3400..=0x4DBF | 0x2_0000..=0x2_A6DF | 0x2_A700..=0x2_B73F | 0x2_B740..=0x2_B81F
        | 0x2_B920..=0x2_CEAF | 0xF900..=0xFAFF | 0x2_F800..=0x2_FA1F)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wanted: &str) {
        let got: Vec<String> = tokens(text, 512)
            .into_iter()
            .map(|t| match piece(t) {
                (piece, true) => format!("##{piece}"),
                (piece, false) => piece.to_owned(),
            })
            .collect();
        assert_eq!(got.join(" "), wanted, "{text:?}");
    }

    #[test]
    fn splits_as_bert_does() {
        // Checked with Hugging Face's tokenizers 0.23; bench/wordpiece.py does so over real text.
        check("", "");
        check("The webhook's signature", "the web ##ho ##ok ' s signature");
        check("tokenization unaffable", "token ##ization una ##ffa ##ble");
        check("\u{c5}ngstr\u{f6}m na\u{ef}ve", "ang ##strom naive");
        check("a\u{301}\u{200b}b\0c\u{85}", "abc");
        check("[MASK] \u{1f600}", "[ mask ] [UNK]");
        check("\u{201c}so\u{201d}\u{2014}there", "\u{201c} so \u{201d} \u{2014} there");
    }

    #[test]
    fn long_input_costs_little_and_stops() {
        check(&"x".repeat(1 << 20), "[UNK]");
        assert_eq!(tokens(&"many words ".repeat(100_000), 512).len(), 512);
        assert_eq!(tokens(&"\u{5d0}\u{5d1}\u{5d2} ".repeat(10), 4).len(), 4);
    }

    #[test]
    fn the_vocabulary_is_whole() {
        assert_eq!(VOCABULARY.pieces.len(), SIZE);
        assert_eq!(piece(UNKNOWN), ("[UNK]", false));
        assert!(VOCABULARY.longest <= 64);
    }
}
