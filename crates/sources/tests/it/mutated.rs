//! The fuzzer's targets without the fuzzer: some thousand damaged fixtures for each, the same ones on every run.

use crate::fixtures::seeded;

/// A seeded generator (xorshift); nothing here depends on its quality.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// One below `most`, which is not 0.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(most).unwrap()).unwrap()
    }
}

/// What breaks parsers.
const WORDS: [&[u8]; 24] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\n",
    b"\0",
    b"\x1f",
    b"\xff",
    b"null",
    b"-1",
    b"<",
    b">",
    b"&#x0;",
    b"=?utf-8?B?",
    b"\\ud800",
    b"99999999999999999999",
    b"From ",
    b"\xE2\x80",
    b"0000-00-00",
    b"<row ",
];

/// An input with up to four damages.
fn damaged(chance: &mut Chance, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut input = seeds[chance.below(seeds.len())].clone();
    for _ in 0..=chance.below(4) {
        let at = chance.below(input.len() + 1);
        let to = (at + chance.below(64)).min(input.len());
        match chance.below(7) {
            0 => input.truncate(at),
            1 => drop(input.drain(at..to)),
            2 => drop(input.splice(at..at, WORDS[chance.below(WORDS.len())].iter().copied())),
            3 => {
                let again = input[at..to].to_vec();
                drop(input.splice(at..at, again));
            }
            4 => {
                let other = &seeds[chance.below(seeds.len())];
                let from = chance.below(other.len() + 1);
                drop(input.splice(at..to, other[from..].iter().copied().take(200)));
            }
            5 if at < input.len() => input[at] ^= 1 << chance.below(8),
            _ if at < input.len() => input[at] = u8::try_from(chance.below(256)).unwrap(),
            _ => {}
        }
    }
    input
}

#[test]
fn every_target_bears_thousands_of_damaged_fixtures() {
    for (target, seeds) in seeded() {
        let mut chance = Chance(0xF00D ^ u64::from(target.name.as_bytes()[0]));
        for seed in &seeds {
            (target.run)(seed);
        }
        for _ in 0..2_000 {
            let input = damaged(&mut chance, &seeds);
            let ran = std::panic::catch_unwind(|| (target.run)(&input));
            assert!(ran.is_ok(), "{}: {:?}", target.name, String::from_utf8_lossy(&input));
        }
    }
}
