//! BM25 (Robertson and Zaragoza, 2009) over the messages that a search found, from their own words.
//!
//! The index's own `bm25` first counts every message that has a word, which takes tens of milliseconds for a word that
//! half a million messages say. Here only the candidates are weighed, and a word counts as no more common than
//! [`KNOWN`] messages.

use rapport_model::spaced;

/// What a person typed, part by part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The words, one blank between and at both ends; no blank at the end where `begins`.
    words: String,
    /// Any word that begins so.
    pub(super) begins: bool,
    /// The same in the index's language: quoted, so that nothing typed is an error.
    pub(super) query: String,
}

/// Messages beyond these are not counted: how common a word is makes little difference from there on.
pub(super) const KNOWN: u32 = 2_000;

/// A hit in a title counts so much more.
const TITLE: f64 = 4.0;
/// How fast more of the same word stops to matter, and how much a long text is discounted: the usual values.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// Words and phrases, in the order typed.
pub(super) fn parts(typed: &str) -> Vec<Part> {
    let mut out = Vec::new();
    let mut take = |text: &str, begins: bool| {
        if text.chars().any(char::is_alphanumeric) {
            let mut words = spaced(text);
            if begins {
                words.truncate(words.trim_end().len());
            }
            out.push(Part { words, begins, query: format!("\"{text}\"{}", if begins { "*" } else { "" }) });
        }
    };
    for (n, text) in typed.split('"').enumerate() {
        if n % 2 == 1 {
            take(text, false);
            continue;
        }
        for word in text.split_whitespace() {
            match word.strip_suffix('*') {
                Some(stem) => take(stem, true),
                None => take(word, false),
            }
        }
    }
    out
}

/// A candidate's words.
pub(super) struct Said {
    pub(super) activity: i64,
    pub(super) title: String,
    pub(super) text: String,
}

/// The candidates with their scores, best first, equals by their number. `having` counts, part by part, how many
/// messages say it, up to [`KNOWN`]; `messages` is how many there are.
#[allow(clippy::cast_precision_loss)] // counts of messages and words
pub(super) fn ranked(parts: &[Part], having: &[u32], messages: u64, said: &[Said]) -> Vec<(i64, f64)> {
    let spread: Vec<(String, String)> = said.iter().map(|s| (spaced(&s.title), spaced(&s.text))).collect();
    let lengths: Vec<f64> = spread.iter().map(|(title, text)| (title.len() + text.len()) as f64).collect();
    let usual = lengths.iter().sum::<f64>() / lengths.len().max(1) as f64;
    let all = messages.max(u64::from(KNOWN) * 2) as f64;
    let rare: Vec<f64> =
        having.iter().map(|&n| ((all - f64::from(n) + 0.5) / (f64::from(n) + 0.5)).ln().max(0.01)).collect();
    let mut out: Vec<(i64, f64)> = said
        .iter()
        .zip(&spread)
        .zip(&lengths)
        .map(|((said, (title, text)), length)| {
            let score = parts.iter().zip(&rare).map(|(part, rare)| {
                // The index folds accents and this does not: whatever it found is there at least once.
                let often = (TITLE * part.count(title) + part.count(text)).max(1.0);
                rare * often * (K1 + 1.0) / (often + K1 * (1.0 - B + B * length / usual.max(1.0)))
            });
            (said.activity, score.sum())
        })
        .collect();
    out.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    out
}

impl Part {
    #[allow(clippy::cast_precision_loss)] // words of one message
    fn count(&self, spaced: &str) -> f64 {
        if self.begins {
            return spaced.matches(&self.words).count() as f64;
        }
        // The blank behind one hit is the blank before the next: search on from it.
        let (mut n, mut rest) = (0_u32, spaced);
        while let Some(at) = rest.find(&self.words) {
            n += 1;
            rest = &rest[at + self.words.len() - 1..];
        }
        f64::from(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(activity: i64, title: &str, text: &str) -> Said {
        Said { activity, title: title.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn whatever_is_typed_is_parts() {
        let typed = parts("retry \"token expired\" web* -- \"");
        let queries: Vec<&str> = typed.iter().map(|p| p.query.as_str()).collect();
        assert_eq!(queries, ["\"retry\"", "\"token expired\"", "\"web\"*"]);
        assert_eq!(typed[0].count(" retry retry retries "), 2.0);
        assert_eq!(typed[1].count(" a token expired token expired "), 2.0);
        assert_eq!(typed[2].count(" webhook cobweb web "), 2.0);
        assert_eq!(parts("\u{1f642} \"\" *"), []);
    }

    #[test]
    fn titles_rare_words_and_short_texts_come_first() {
        let wanted = parts("webhook retry");
        let order = |having: [u32; 2], all: &[Said]| -> Vec<i64> {
            ranked(&wanted, &having, 10_000, all).into_iter().map(|(id, _)| id).collect()
        };
        let filler = "and so on ".repeat(40);
        let all = [
            said(1, "", &format!("webhook retry {filler}")),
            said(2, "webhook retry", "no text to speak of"),
            said(3, "", "webhook retry"),
        ];
        assert_eq!(order([50, 50], &all), [2, 3, 1]);
        let two = [said(1, "", "webhook webhook webhook retry"), said(2, "", "retry retry retry webhook")];
        assert_eq!(order([1_900, 3], &two), [2, 1], "the rarer word counts for more");
        assert_eq!(order([3, 1_900], &two), [1, 2]);
        assert_eq!(order([5, 5], &[said(9, "", "same"), said(4, "", "same")]), [4, 9], "equals by number");
    }
}
