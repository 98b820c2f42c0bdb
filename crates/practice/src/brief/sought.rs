//! Sentences that say what somebody tried, or name a way around.

use super::super::evidence::{prose, sentences};

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
    "i already tried",
    "we wrote a",
    "i wrote a script",
    "wrote a loop",
    "i had to",
    "we had to",
    "building from source",
    "after a day of",
    "ich habe versucht",
    "wir haben versucht",
    "he probado",
    "hemos probado",
    "j'ai essay",
];
const WORKAROUND: &[&str] = &[
    "workaround",
    "work around it",
    "for now you",
    "for now i",
    "for now we",
    "in the meantime you",
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
    "use it by hand",
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
