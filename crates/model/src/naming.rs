//! What names a person in a text, and where it stands there: names, logins and addresses as runs of words.
//!
//! A word is a run of letters and digits, compared without case. `Ines.Quandt@example.org` and "ines quandt example org"
//! are the same four words, so that a change of punctuation hides nobody. Everyday words that are also somebody's name
//! ("max", "will") count only where a name is meant: behind an `@`, as a whole value, or behind a greeting.

/// One thing that names a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Naming {
    /// As written.
    pub text: String,
    /// It is an everyday word, too: it names somebody only where a name is meant.
    pub weak: bool,
}

/// What a run of words means to a book of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meant {
    /// What stands in its place.
    pub instead: String,
    /// See [`Naming::weak`].
    pub weak: bool,
}

/// A book of names: plain, or of salted digests that cannot be read back.
pub trait Book {
    /// Whether any name begins with this word. Asked for every word of a text: has to be fast, may be wrong to the
    /// side of yes.
    fn begins(&self, word: &str) -> bool;
    /// How many words the longest name has.
    fn longest(&self) -> usize;
    /// The name that these words, joined by single spaces, are.
    fn find(&self, words: &str) -> Option<Meant>;
}

/// Between the words of one name stand at most so many characters.
const GAP: usize = 3;

/// Behind these a weak name is meant.
const GREETINGS: [&str; 23] = [
    "hi", "hello", "hey", "dear", "thanks", "thank", "thx", "cc", "ping", "hallo", "danke", "merci", "hola",
    "gracias", "agree", "fyi", "from", "by", "dr", "mr", "ms", "mrs", "prof",
];

/// Where words stand in a text: bytes from and to.
#[must_use]
pub fn spans(text: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut began = None;
    for (at, c) in text.char_indices() {
        match (c.is_alphanumeric(), began) {
            (true, None) => began = Some(at),
            (false, Some(from)) => {
                out.push((from, at));
                began = None;
            }
            _ => {}
        }
    }
    out.extend(began.map(|from| (from, text.len())));
    out
}

/// A text's words in lower case, joined by single spaces: how names are compared.
#[must_use]
pub fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (from, to) in spans(text) {
        if !out.is_empty() {
            out.push(' ');
        }
        lower(&text[from..to], &mut out);
    }
    out
}

fn lower(word: &str, out: &mut String) {
    if word.is_ascii() {
        out.extend(word.chars().map(|c| c.to_ascii_lowercase()));
    } else {
        out.extend(word.chars().flat_map(char::to_lowercase));
    }
}

/// Hands every name of the book that stands in the text to `each`, in order, until it says false: bytes from and to,
/// and what it means. The longest name wins; names do not overlap.
pub fn scan(text: &str, book: &dyn Book, each: &mut dyn FnMut(usize, usize, &Meant) -> bool) {
    let longest = book.longest();
    if longest == 0 {
        return;
    }
    let spans = spans(text);
    let mut word = String::new();
    let mut at = 0;
    while at < spans.len() {
        let (from, to) = spans[at];
        word.clear();
        lower(&text[from..to], &mut word);
        if !book.begins(&word) {
            at += 1;
            continue;
        }
        let mut found: Option<(usize, Meant)> = None;
        let mut joined = word.clone();
        for n in 1..=longest {
            if n > 1 {
                let Some(&(next, end)) = spans.get(at + n - 1) else { break };
                let gap = &text[spans[at + n - 2].1..next];
                if gap.chars().take(GAP + 1).count() > GAP {
                    break;
                }
                joined.push(' ');
                lower(&text[next..end], &mut joined);
            }
            if let Some(meant) = book.find(&joined)
                && (!meant.weak
                    || is_meant(text, from, spans[at + n - 1].1, at.checked_sub(1).map(|b| spans[b])))
            {
                found = Some((n, meant));
            }
        }
        match found {
            Some((n, meant)) => {
                if !each(from, spans[at + n - 1].1, &meant) {
                    return;
                }
                at += n;
            }
            None => at += 1,
        }
    }
}

/// Whether an everyday word is a name here.
fn is_meant(text: &str, from: usize, to: usize, before: Option<(usize, usize)>) -> bool {
    let prev = text[..from].chars().next_back();
    let next = text[to..].chars().next();
    if prev == Some('@') {
        return true;
    }
    let edge = |c: Option<char>| c.is_none_or(|c| matches!(c, '"' | '/' | '`' | '\\' | '<' | '>'));
    if edge(prev) && edge(next) {
        return true;
    }
    let Some((a, b)) = before else { return false };
    let (word, gap) = (&text[a..b], &text[b..from]);
    let greeted = GREETINGS.iter().any(|g| word.eq_ignore_ascii_case(g))
        && gap.trim_matches([' ', '.']).is_empty()
        || word.eq_ignore_ascii_case("you") && gap.trim_matches([' ', ',']).is_empty();
    // "as Duncan said": a capital in the middle of a sentence that has no other.
    let mut own = text[from..to].chars();
    let capital = own.next().is_some_and(char::is_uppercase) && own.next().is_some_and(char::is_lowercase);
    greeted || capital && gap == " " && word.chars().all(char::is_lowercase)
}

/// The text with every name of the book replaced; `None` when it names nobody.
#[must_use]
pub fn replace(text: &str, book: &dyn Book) -> Option<String> {
    let mut out = String::new();
    let mut kept = 0;
    scan(text, book, &mut |from, to, meant| {
        out.push_str(&text[kept..from]);
        out.push_str(&meant.instead);
        kept = to;
        true
    });
    if kept == 0 {
        return None;
    }
    out.push_str(&text[kept..]);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Plain(Vec<(&'static str, bool)>);
    impl Book for Plain {
        fn begins(&self, word: &str) -> bool {
            self.0.iter().any(|(name, _)| name.split(' ').next() == Some(word))
        }
        fn longest(&self) -> usize {
            4
        }
        fn find(&self, words: &str) -> Option<Meant> {
            let hit = self.0.iter().find(|(name, _)| *name == words)?;
            Some(Meant { instead: "X".into(), weak: hit.1 })
        }
    }

    fn check(text: &str, wanted: &str) {
        let book = Plain(vec![
            ("ines quandt", false),
            ("ines quandt example org", false),
            ("iquandt", false),
            ("max", true),
        ]);
        assert_eq!(replace(text, &book).as_deref().unwrap_or(text), wanted);
    }

    #[test]
    fn names_are_found_whatever_stands_between_their_words() {
        check("On Tue, Ines Quandt wrote", "On Tue, X wrote");
        check("ines.quandt@example.org and INES-QUANDT", "X and X");
        check("> Ines\n> Quandt said", "> X said");
        check("@iquandt, iquandt's and iquandts", "@X, X's and iquandts");
        check("Ines went; Quandt stayed", "Ines went; Quandt stayed");
    }

    #[test]
    fn an_everyday_word_is_a_name_only_where_one_is_meant() {
        check("max retries is 3", "max retries is 3");
        check("@max: see {\"user\":\"max\"} or /u/max/", "@X: see {\"user\":\"X\"} or /u/X/");
        check("Thanks Max! thank you, max", "Thanks X! thank you, X");
        check("max", "X");
        check(
            "as Max said. Max is 3, Set Max Retries, Dr. Max",
            "as X said. Max is 3, Set Max Retries, Dr. X",
        );
    }
}
