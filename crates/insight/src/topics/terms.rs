//! The words and word pairs of texts, as numbers: what topics are told apart and named by.

use std::collections::HashMap;

/// Terms of a text, at most.
const MOST: usize = 160;

/// Words that carry no topic.
pub(crate) const STOP: &[&str] = &[
    "a",
    "about",
    "above",
    "after",
    "again",
    "all",
    "also",
    "always",
    "am",
    "an",
    "and",
    "another",
    "any",
    "anybody",
    "anyone",
    "anything",
    "are",
    "aren't",
    "around",
    "as",
    "at",
    "back",
    "be",
    "because",
    "been",
    "before",
    "being",
    "best",
    "better",
    "between",
    "both",
    "but",
    "by",
    "can",
    "can't",
    "cannot",
    "correct",
    "could",
    "couldn't",
    "did",
    "didn't",
    "different",
    "do",
    "does",
    "doesn't",
    "doing",
    "don't",
    "done",
    "down",
    "during",
    "each",
    "either",
    "else",
    "etc",
    "even",
    "every",
    "example",
    "few",
    "find",
    "first",
    "for",
    "from",
    "get",
    "gets",
    "getting",
    "give",
    "given",
    "go",
    "going",
    "good",
    "got",
    "had",
    "happen",
    "happens",
    "has",
    "have",
    "haven't",
    "having",
    "he",
    "hello",
    "help",
    "her",
    "here",
    "hi",
    "him",
    "his",
    "how",
    "however",
    "i",
    "i'd",
    "i'm",
    "i've",
    "idea",
    "if",
    "in",
    "instead",
    "into",
    "is",
    "isn't",
    "it",
    "it's",
    "its",
    "just",
    "know",
    "less",
    "let",
    "like",
    "ll",
    "look",
    "looking",
    "lot",
    "made",
    "make",
    "makes",
    "making",
    "many",
    "may",
    "maybe",
    "me",
    "might",
    "more",
    "most",
    "much",
    "must",
    "my",
    "myself",
    "need",
    "needs",
    "never",
    "new",
    "no",
    "not",
    "nothing",
    "now",
    "of",
    "off",
    "ok",
    "on",
    "once",
    "one",
    "ones",
    "only",
    "or",
    "other",
    "our",
    "out",
    "over",
    "own",
    "please",
    "possible",
    "problem",
    "properly",
    "question",
    "really",
    "right",
    "same",
    "say",
    "says",
    "see",
    "seem",
    "seems",
    "she",
    "should",
    "since",
    "so",
    "some",
    "somehow",
    "someone",
    "something",
    "still",
    "such",
    "sure",
    "take",
    "than",
    "thank",
    "thanks",
    "that",
    "that's",
    "the",
    "their",
    "them",
    "then",
    "there",
    "there's",
    "these",
    "they",
    "thing",
    "things",
    "think",
    "this",
    "those",
    "though",
    "through",
    "to",
    "too",
    "tried",
    "try",
    "trying",
    "two",
    "under",
    "until",
    "up",
    "upon",
    "us",
    "use",
    "used",
    "uses",
    "using",
    "very",
    "via",
    "vs",
    "want",
    "wants",
    "was",
    "wasn't",
    "way",
    "ways",
    "we",
    "well",
    "went",
    "were",
    "what",
    "what's",
    "when",
    "where",
    "whether",
    "which",
    "while",
    "who",
    "why",
    "will",
    "with",
    "within",
    "without",
    "won't",
    "work",
    "worked",
    "working",
    "works",
    "would",
    "wouldn't",
    "yes",
    "yet",
    "you",
    "your",
];

/// Texts as lists of term numbers.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// Each term as it is compared: lower case, plural off, pairs with a space.
    pub(super) names: Vec<String>,
    /// Each term as it is written most often.
    pub(super) written: Vec<String>,
    /// In how many texts each term occurs.
    pub(super) within: Vec<u32>,
    /// The terms of each text, each once, in rising order.
    pub(super) texts: Vec<Vec<u32>>,
    /// In how many titles (first lines that are short) each term occurs.
    pub(super) titles: Vec<u32>,
    numbers: HashMap<String, u32>,
}

/// A first line of at most so many bytes is a title.
const TITLE: usize = 160;

/// The words of a text: as written and as compared; `None` where a stop word or a sign parts them.
fn words(text: &str) -> impl Iterator<Item = Option<(&str, String)>> {
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '+' | '#' | '.' | '-' | '_' | '\'');
    // What looks like a formula or a field of a form carries no word.
    let formula = |w: &str| w.contains(['\\', '$', '^', '{', '}', '|', '=', '@']);
    text.split(|c: char| c.is_whitespace() || matches!(c, '/' | ',' | '(' | ')' | '"' | ':'))
        .filter(|w| !w.is_empty())
        .map(move |word| {
            if formula(word) {
                return None;
            }
            let word = word.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '#' | '.'));
            let word = word.trim_end_matches(['.', '\'']);
            let word = word.strip_suffix("'s").unwrap_or(word);
            if word.is_empty()
                || word.len() > 40
                || !word.chars().all(inner)
                || word.chars().all(|c| c.is_ascii_digit())
            {
                return None;
            }
            let low = word.to_lowercase();
            if low.chars().count() < 2 && !matches!(low.as_str(), "c" | "r")
                || STOP.binary_search(&low.as_str()).is_ok()
            {
                return None;
            }
            Some((word, singular(low)))
        })
}

/// Plural and singular are one.
fn singular(mut word: String) -> String {
    if word.len() > 3 && word.is_ascii() && word.ends_with('s') {
        if word.ends_with("ies") && word.len() > 4 {
            word.truncate(word.len() - 3);
            word.push('y');
        } else if !["ss", "us", "is", ".js", "os"].iter().any(|end| word.ends_with(end)) {
            word.pop();
        }
    }
    word
}

impl Terms {
    /// Reads texts; terms of fewer than two texts are forgotten.
    #[allow(clippy::cast_possible_truncation)] // fewer terms than 2^32
    pub(super) fn read<T: AsRef<str>>(texts: &[T]) -> Terms {
        let mut forms: HashMap<(u32, String), u32> = HashMap::new();
        let mut all = Terms::default();
        for text in texts {
            let text = text.as_ref();
            let head = text.find('\n').unwrap_or(text.len());
            let mut terms = Vec::new();
            let mut titled = 0;
            for (part, title) in [(&text[..head], head <= TITLE), (&text[head..], false)] {
                each(part, MOST - terms.len().min(MOST), &mut |name, form| {
                    let number = match all.numbers.get(&name) {
                        Some(number) => *number,
                        None => {
                            all.numbers.insert(name.clone(), all.names.len() as u32);
                            all.names.push(name);
                            all.within.push(0);
                            all.titles.push(0);
                            all.names.len() as u32 - 1
                        }
                    };
                    *forms.entry((number, form)).or_default() += 1;
                    terms.push(number);
                });
                if title {
                    titled = terms.len();
                }
            }
            let mut heads = terms[..titled].to_vec();
            for (list, counts) in [(&mut heads, &mut all.titles), (&mut terms, &mut all.within)] {
                list.sort_unstable();
                list.dedup();
                for term in list {
                    counts[*term as usize] += 1;
                }
            }
            all.texts.push(terms);
        }
        all.written = most_written(forms, all.names.len());
        all.forget_rare();
        all
    }

    /// The known terms of one more text, each once, in rising order.
    pub(super) fn of(&self, text: &str) -> Vec<u32> {
        let mut terms = Vec::new();
        each(text, MOST, &mut |name, _| terms.extend(self.numbers.get(&name)));
        terms.sort_unstable();
        terms.dedup();
        terms
    }

    #[allow(clippy::cast_possible_truncation)]
    fn forget_rare(&mut self) {
        let mut next = 0;
        let moved: Vec<Option<u32>> = self
            .within
            .iter()
            .map(|n| {
                (*n >= 2).then(|| {
                    next += 1;
                    next - 1
                })
            })
            .collect();
        let mut at = 0;
        let mut keep = |_: &String| {
            at += 1;
            moved[at - 1].is_some()
        };
        self.names.retain(&mut keep);
        let mut at = 0;
        self.titles.retain(|_| {
            at += 1;
            moved[at - 1].is_some()
        });
        let mut at = 0;
        self.written.retain(|_| {
            at += 1;
            moved[at - 1].is_some()
        });
        self.numbers = self.names.iter().cloned().zip(0..).collect();
        self.within.retain(|n| *n >= 2);
        for text in &mut self.texts {
            *text = text.iter().filter_map(|term| moved[*term as usize]).collect();
        }
    }
}

/// Hands over each term of a text, at most `most`: as compared and as written.
pub(super) fn each(text: &str, most: usize, hand: &mut dyn FnMut(String, String)) {
    let mut before: Option<(String, String)> = None;
    let mut count = 0;
    for word in words(text) {
        if count >= most {
            break;
        }
        let Some((written, low)) = word else {
            before = None;
            continue;
        };
        hand(low.clone(), written.to_owned());
        count += 1;
        if let Some((first, first_low)) = &before {
            hand(format!("{first_low} {low}"), format!("{first} {written}"));
            count += 1;
        }
        before = Some((written.to_owned(), low));
    }
}

/// The most usual writing of each term; of two as usual, the one that sorts first.
fn most_written(forms: HashMap<(u32, String), u32>, count: usize) -> Vec<String> {
    let mut best: Vec<(u32, String)> = vec![(0, String::new()); count];
    for ((term, form), n) in forms {
        let best = &mut best[term as usize];
        if (n, &best.1) > (best.0, &form) {
            *best = (n, form);
        }
    }
    best.into_iter().map(|(_, form)| form).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_pairs_and_plurals() {
        let mut sorted = STOP.to_vec();
        sorted.sort_unstable();
        assert_eq!(sorted, STOP);
        let terms =
            Terms::read(&["How do I write C++ templates?", "C++ template errors", "the C# queries, a query"]);
        let named: Vec<(&str, u32)> =
            terms.names.iter().map(String::as_str).zip(terms.within.iter().copied()).collect();
        assert_eq!(named, [("c++", 2), ("template", 2), ("c++ template", 2)]);
        assert_eq!(terms.written[0], "C++");
        assert_eq!(terms.texts, [vec![0, 1, 2], vec![0, 1, 2], vec![]]);
    }
}
