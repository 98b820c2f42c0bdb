//! The words of a message: as they stand in it, without what is not its author's, and the part that says best what is
//! lacking.

/// Where `wanted` stands in `text`: white space counts as one blank, letters as written or in the other case. Gives the
/// words as they stand there, on one line; none when they do not occur.
#[must_use]
pub fn as_said(text: &str, wanted: &str) -> Option<String> {
    let said: Vec<&str> = text.split_whitespace().collect();
    let wanted: Vec<String> = wanted.split_whitespace().map(str::to_lowercase).collect();
    if wanted.is_empty() || wanted.len() > said.len() {
        return None;
    }
    let last = wanted.len() - 1;
    said.windows(wanted.len())
        .find(|window| {
            window.iter().zip(&wanted).enumerate().all(|(n, (word, wanted))| {
                let word = word.to_lowercase();
                // The first and the last word may be a part: people leave out a bracket or the full stop.
                match (n == 0, n == last) {
                    (true, true) => word.contains(wanted),
                    (true, false) => word.ends_with(wanted),
                    (false, true) => word.starts_with(wanted),
                    (false, false) => word == *wanted,
                }
            })
        })
        .map(|window| window.join(" "))
}

/// A message's own sentences on one line: quotes of others, fenced code and the signature left out.
#[must_use]
pub fn prose(text: &str) -> String {
    let (mut fenced, mut quoted) = (false, false);
    let mut words: Vec<String> = Vec::new();
    for line in own_lines(text) {
        let start = line.trim_start();
        if start.starts_with("```") || start.starts_with("~~~") {
            fenced = !fenced;
            continue;
        }
        if line.trim_end() == "--" || line == "-- " {
            break;
        }
        // A forum's quote stands in brackets.
        if start.starts_with("[quote") {
            quoted = !start.contains("[/quote]");
            continue;
        }
        if start.starts_with("[/quote]") {
            quoted = false;
            continue;
        }
        if fenced || quoted || start.starts_with('>') {
            continue;
        }
        // A heading is no sentence.
        if start.starts_with('#') && start.trim_start_matches('#').starts_with(' ') {
            continue;
        }
        let bare = without_links(unlisted(start)).replace("**", "").replace('\\', "");
        words.extend(bare.split_whitespace().filter(|w| !picture(w)).map(str::to_owned));
    }
    words.join(" ")
}

/// A line without the mark of a list.
fn unlisted(line: &str) -> &str {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = rest.strip_prefix('\\').unwrap_or(rest);
    match line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        Some(item) => item,
        None if rest.len() < line.len() => {
            rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") ")).unwrap_or(line)
        }
        None => line,
    }
}

/// `:slight_smile:`
fn picture(word: &str) -> bool {
    word.strip_prefix(':').and_then(|w| w.strip_suffix(':')).is_some_and(|name| {
        !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'+' || b == b'-')
    })
}

/// Markdown's links as their text, its pictures as nothing.
fn without_links(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('[') {
        let (before, from) = rest.split_at(at);
        let link = from.find("](").and_then(|mid| Some((mid, mid + from[mid..].find(')')?)));
        match link.filter(|(mid, _)| !from[1..*mid].contains('[')) {
            Some((mid, end)) => {
                let pictured = before.ends_with('!');
                out.push_str(before.strip_suffix('!').unwrap_or(before));
                out.push_str(if pictured { "" } else { &from[1..mid] });
                rest = &from[end + 1..];
            }
            None => {
                out.push_str(before);
                out.push('[');
                rest = &from[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// Words of people who lack something.
const LACKING: &[&str] = &[
    "can't",
    "cannot",
    "can not",
    "could not",
    "couldn't",
    "doesn't",
    "does not",
    "didn't",
    "fails",
    "failed",
    "failing",
    "error",
    "broken",
    "missing",
    "no way",
    "stuck",
    "confus",
    "unclear",
    "not documented",
    "undocumented",
    "how do",
    "how can",
    "is there",
    "would like",
    "would be",
    "need",
    "wish",
    "please add",
    "lost",
    "wrong",
    "unexpected",
    "hang",
    "crash",
    "stops",
    "slow",
    "only one",
    "painful",
    "had to",
    "impossible",
    "trying to",
    "why does",
    "what am i",
    "am i",
    "should i",
    "possible to",
];

/// A text's sentences.
#[must_use]
pub fn sentences(text: &str) -> Vec<String> {
    const SHORT: [&str; 7] = ["e.g.", "i.e.", "etc.", "vs.", "cf.", "approx.", "incl."];
    let mut all = Vec::new();
    let mut sentence = String::new();
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        sentence.push(c);
        let ends = matches!(c, '.' | '?' | '!' | '\u{3002}' | '\u{ff1f}');
        let wide = matches!(c, '\u{3002}' | '\u{ff1f}');
        if ends && (wide || letters.peek().is_none_or(|next| next.is_whitespace())) {
            let word = sentence.rsplit(char::is_whitespace).next().unwrap_or_default().to_lowercase();
            if !SHORT.contains(&word.trim_start_matches('(')) {
                all.push(sentence.trim().to_owned());
                sentence.clear();
            }
        }
    }
    all.push(sentence.trim().to_owned());
    all.retain(|s| !s.is_empty());
    all
}

/// How much a text says of what somebody lacks.
#[must_use]
pub fn lacking(text: &str) -> usize {
    let plain = text.to_lowercase();
    LACKING.iter().filter(|word| plain.contains(**word)).count() * 2 + usize::from(text.contains('?')) * 3
}

/// The part of a message that says best what is lacking, up to `most` characters: the sentence that says it and those
/// beside it; the first words where no sentence does.
#[must_use]
pub fn telling_words(text: &str, most: usize) -> String {
    let prose = prose(text);
    if prose.chars().count() <= most {
        return prose;
    }
    let all = sentences(&prose);
    let length =
        |from: usize, to: usize| all[from..=to].iter().map(|s| s.chars().count() + 1).sum::<usize>() - 1;
    // People ask at the beginning or at the end: of two that say as much, the earlier one.
    let best = (0..all.len())
        .filter(|n| (15..=most).contains(&all[*n].chars().count()))
        .max_by_key(|n| (lacking(&all[*n]), std::cmp::Reverse(*n)))
        .filter(|n| lacking(&all[*n]) > 0);
    let Some(best) = best else { return first_words(text, most) };
    let (mut from, mut to) = (best, best);
    loop {
        if from > 0 && length(from - 1, to) <= most {
            from -= 1;
        } else if to + 1 < all.len() && length(from, to + 1) <= most {
            to += 1;
        } else {
            return all[from..=to].join(" ");
        }
    }
}

const GREETINGS: &[&str] = &[
    "hi",
    "hello",
    "hey",
    "dear",
    "hola",
    "hallo",
    "bonjour",
    "salut",
    "moin",
    "good morning",
    "good day",
    "greetings",
];
const CLOSINGS: &[&str] = &[
    "regards",
    "best",
    "kind regards",
    "cheers",
    "thanks",
    "thank you",
    "saludos",
    "gracias",
    "gr\u{fc}\u{df}e",
    "viele gr\u{fc}\u{df}e",
    "danke",
    "mvh",
    "sincerely",
    "yours",
];

/// The lines between the greeting and the closing.
fn own_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    let begins = |line: &str, words: &[&str]| {
        let plain = line.trim().to_lowercase();
        words
            .iter()
            .any(|w| plain.strip_prefix(w).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
    };
    if let Some(first) = lines.iter().position(|l| !l.trim().is_empty())
        && begins(lines[first], GREETINGS)
    {
        // A greeting ends soon, with a comma, a colon or a mark; what comes behind it is the message.
        match lines[first].char_indices().take(30).find(|(_, c)| matches!(c, ',' | ':' | '!' | '.')) {
            Some((at, mark)) => lines[first] = &lines[first][at + mark.len_utf8()..],
            None if lines[first].len() < 30 => lines[first] = "",
            None => {}
        }
    }
    let from = lines.len().saturating_sub(4);
    let short = |l: &&str| {
        l.chars().count() < 40 && l.trim_end().ends_with([',', '!', '.', ')']) || l.chars().count() < 16
    };
    if let Some(at) = (from.max(1)..lines.len()).find(|n| begins(lines[*n], CLOSINGS) && short(&lines[*n])) {
        lines.truncate(at);
    }
    lines
}

/// The part of a message that says most in few words: its first sentences up to `most` characters.
#[must_use]
pub fn first_words(text: &str, most: usize) -> String {
    let all = prose(text);
    if all.chars().count() <= most {
        return all;
    }
    let cut: String = all.chars().take(most).collect();
    // To the end of a sentence, if one ends after the first third; else to a whole word.
    let ends = |c: char| matches!(c, '.' | '?' | '!' | '\u{3002}' | '\u{ff1f}');
    let sentence = cut
        .char_indices()
        .rev()
        .filter(|(at, c)| ends(*c) && cut[at + c.len_utf8()..].starts_with([' ', '"', '\u{201d}']))
        .map(|(at, c)| at + c.len_utf8())
        .next();
    match sentence.filter(|at| *at > cut.len() / 3) {
        Some(at) => cut[..at].to_owned(),
        None => format!("{} \u{2026}", cut.rsplit_once(' ').map_or(cut.as_str(), |(front, _)| front)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_that_lacks_something_is_found() {
        let text = "This is a long story about many things, e.g. our team. We moved in May. We cannot replay what failed, is \
                    there a way? The weather is nice today, and so is the sea. Goodbye to all of you.";
        assert_eq!(telling_words(text, 75), "We moved in May. We cannot replay what failed, is there a way?");
        assert_eq!(
            telling_words("Nothing here. Nor there is any more of it to be seen.", 20),
            "Nothing here."
        );
        assert_eq!(sentences("A, e.g. B. C?"), ["A, e.g. B.", "C?"]);
    }

    #[test]
    fn words_are_found_as_they_stand() {
        let text = "It fails.\n  The *retry*   never\npasses (see below).";
        assert_eq!(as_said(text, "the *retry* never passes").as_deref(), Some("The *retry* never passes"));
        assert_eq!(as_said(text, "retry* never").as_deref(), Some("*retry* never"));
        assert_eq!(as_said(text, "see below").as_deref(), Some("(see below)."));
        assert_eq!(as_said(text, "the retry always passes"), None);
        assert_eq!(as_said(text, " "), None);
        assert_eq!(as_said("", "x"), None);
    }

    #[test]
    fn the_first_words_end_with_a_sentence() {
        let text = "> he said\nIt stops after an hour. Nothing is logged! And then it goes on for very long about it.\n```\ncode\n```";
        assert_eq!(first_words(text, 60), "It stops after an hour. Nothing is logged!");
        let forum = "## Summary\n[quote=\"a\"]\nhe said\n[/quote]\nSee [the post](https://x.example/a) :slight_smile: ![p](https://x.example/b) ok\n1\\. **One**\n- two\n3 of 4";
        assert_eq!(prose(forum), "See the post ok One two 3 of 4");
        assert_eq!(prose("a [b] and [c (d)"), "a [b] and [c (d)");
        assert_eq!(first_words("one two three", 8), "one two \u{2026}");
        let mail = "Hello,\n\nis there a call to replay all?\nWe lost six hours.\n\nSaludos desde C\u{f3}rdoba,\nTom\u{e1}s";
        assert_eq!(first_words(mail, 90), "is there a call to replay all? We lost six hours.");
        assert_eq!(first_words("Hi all, our handler refuses 3 %.", 90), "our handler refuses 3 %.");
        assert_eq!(first_words("History repeats. Best of all.", 90), "History repeats. Best of all.");
        assert_eq!(first_words("short\n-- \nAnna, boats", 90), "short");
    }
}
