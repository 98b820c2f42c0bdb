//! Whether a text speaks of something: whole words, whatever their case, singular or plural.

/// A text made ready for many questions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(String);

impl Words {
    /// Takes a text.
    #[must_use]
    pub fn new(text: &str) -> Words {
        Words(plain(text))
    }

    /// Whether the text has these words in a row, each as it is or in the plural.
    #[must_use]
    pub fn say(&self, phrase: &str) -> bool {
        let phrase = plain(phrase);
        let wanted = phrase.trim_end();
        if wanted.is_empty() {
            return false;
        }
        // Scripts without spaces between words: anywhere.
        if wanted.chars().any(unspaced) {
            return self.0.contains(wanted.trim_start());
        }
        self.0.match_indices(wanted).any(|(at, _)| {
            let after = &self.0[at + wanted.len()..];
            [" ", "s ", "es "].iter().any(|end| after.starts_with(end))
        })
    }

    /// The first of some phrases that the text has.
    pub fn first<'p>(&self, phrases: impl IntoIterator<Item = &'p String>) -> Option<&'p str> {
        phrases.into_iter().find(|phrase| self.say(phrase)).map(String::as_str)
    }
}

/// Lower-case words with a space before, between and after them. A version keeps its dots.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    let letters: Vec<char> = text.chars().collect();
    for (n, c) in letters.iter().enumerate() {
        let near = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(char::is_ascii_digit);
        if c.is_alphanumeric() || (*c == '.' && near(n.checked_sub(1)) && near(Some(n + 1))) {
            out.extend(c.to_lowercase());
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

fn unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_in_a_row() {
        let text =
            Words::new("Our Webhooks fail since v3.0.1 (rate-limit?) \u{7f72}\u{540d}\u{691c}\u{8a3c}");
        for said in
            ["webhook", "WEBHOOKS", "v3.0.1", "rate limit", "rate-limit", "\u{691c}\u{8a3c}", "our webhooks"]
        {
            assert!(text.say(said), "{said}");
        }
        for not in ["web", "hook", "v3", "limit rate", "", "  ", "?"] {
            assert!(!text.say(not), "{not:?}");
        }
        assert_eq!(text.first(&["x".to_owned(), "fail".to_owned()]), Some("fail"));
    }
}
