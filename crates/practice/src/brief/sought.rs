//! Sentences that say what somebody tried, or name a way around.

use super::super::evidence::prose;

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sought {
    /// What who asks has tried already.
    Tried,
    /// How others get by.
    Workaround,
}

const TRIED: &[&str] = &[
    "i tried",
    "we tried",
    "i have tried",
    "we have tried",
    "i've tried",
    "we've tried",
    "tried to",
    "i already",
    "we wrote",
    "i wrote",
    "i had to",
    "we had to",
    "i set ",
    "we set ",
    "building from source",
    "i thought the",
    "after a day of",
    "restarting ",
    "ich habe",
    "wir haben",
    "he probado",
    "hemos",
    "j'ai essay",
];
const WORKAROUND: &[&str] = &[
    "workaround",
    "work around",
    "for now",
    "in the meantime",
    "until then",
    "until 3",
    "as a stopgap",
    "a loop over",
    "shell loop",
    "what most of us do",
    "i do it with",
    "we do it with",
    "lo hago con",
    "instead you can",
    "you can use",
    "please pass",
    "by hand",
    "fürs erste",
    "de momento",
    "por ahora",
];

/// The first sentence of a message that says what is sought.
#[must_use]
pub fn sought(what: Sought, text: &str) -> Option<String> {
    let words = match what {
        Sought::Tried => TRIED,
        Sought::Workaround => WORKAROUND,
    };
    sentences(&prose(text)).into_iter().find(|sentence| {
        let plain = sentence.to_lowercase();
        let long = (20..=320).contains(&sentence.chars().count());
        // Who asks for a way around has none.
        let asks = sentence.ends_with('?');
        long && !asks && words.iter().any(|w| plain.contains(w))
    })
}

/// A text's sentences.
fn sentences(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut sentence = String::new();
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        sentence.push(c);
        let ends = matches!(c, '.' | '?' | '!' | '\u{3002}' | '\u{ff1f}');
        if ends && letters.peek().is_none_or(|next| next.is_whitespace()) {
            all.push(sentence.trim().to_owned());
            sentence.clear();
        }
    }
    all.push(sentence.trim().to_owned());
    all.retain(|s| !s.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_that_says_it_is_found() {
        let text = "+1 from us, we wrote a shell loop around the single resend and got rate limited after 60 calls. Bye.";
        let wanted =
            "+1 from us, we wrote a shell loop around the single resend and got rate limited after 60 calls.";
        assert_eq!(sought(Sought::Tried, text).as_deref(), Some(wanted));
        assert_eq!(sought(Sought::Workaround, "Is there a workaround for this one?"), None);
        assert_eq!(sought(Sought::Workaround, "Hm."), None);
        assert_eq!(
            sought(
                Sought::Workaround,
                "Not in the API. A loop over \"relay dead-letters\" is what most of us do."
            )
            .as_deref(),
            Some("A loop over \"relay dead-letters\" is what most of us do.")
        );
    }
}
