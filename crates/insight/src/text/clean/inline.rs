//! One line: marks off, links reduced to their words, names of people, emoji codes and blobs out.

use super::Seen;

/// Longer words are no words.
const LONGEST_WORD: usize = 60;

/// Appends the line's words to `out`; whether there were any.
pub(super) fn words(line: &str, out: &mut String, seen: &mut Seen) -> bool {
    let line = start(line, seen);
    let plain = marks(line, seen);
    let mut any = false;
    for word in plain.split_whitespace() {
        let word = word.trim_matches('_');
        if word.is_empty() || left_out(word, seen) {
            continue;
        }
        if any {
            out.push(' ');
        }
        out.push_str(word);
        any = true;
    }
    any
}

/// Without the mark of a heading or of a list's item.
fn start<'a>(line: &'a str, seen: &mut Seen) -> &'a str {
    let heading = line.trim_start_matches('#');
    if heading.len() < line.len() && heading.starts_with(' ') {
        return heading.trim_start();
    }
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let item = match line.as_bytes() {
        [b'-' | b'*' | b'+', b' ', ..] => &line[2..],
        _ if number.len() < line.len()
            && line.len() - number.len() <= 3
            && number.starts_with(['.', ')']) =>
        {
            match number[1..].strip_prefix(' ') {
                Some(item) => item,
                None => return line,
            }
        }
        _ => return line,
    };
    seen.items += 1;
    item
}

/// Links become their words, images and addresses go, marks of emphasis, code and tables become nothing or a space.
fn marks(line: &str, seen: &mut Seen) -> String {
    let bytes = line.as_bytes();
    let mut out = String::with_capacity(line.len());
    let (mut at, mut kept) = (0, 0);
    let table = bytes[0] == b'|';
    while at < bytes.len() {
        let word_begins = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        // The length of what is replaced here, and by what.
        let (len, with): (usize, &str) = match bytes[at] {
            b'!' if bytes.get(at + 1) == Some(&b'[') => match link(&line[at + 1..]) {
                Some((_, len)) => {
                    seen.images += 1;
                    (len + 1, " ")
                }
                None => (0, ""),
            },
            b'[' => match link(&line[at..]) {
                Some((words, len)) => {
                    seen.links += 1;
                    (len, words)
                }
                None => (0, ""),
            },
            b'h' | b'f' | b'w' if word_begins => match address(&bytes[at..]) {
                0 => (0, ""),
                len => {
                    seen.links += 1;
                    (len, " ")
                }
            },
            b'`' => {
                seen.code_words += u32::from(word_begins && bytes.get(at + 1).is_some_and(|b| *b != b'`'));
                (1, "")
            }
            b'*' => (1, ""),
            b'~' if bytes.get(at + 1) == Some(&b'~') => (2, ""),
            b'|' if table => (1, " "),
            _ => (0, ""),
        };
        if len == 0 {
            at += 1;
            continue;
        }
        out.push_str(&line[kept..at]);
        if with.contains(['`', '*', '!']) || with.contains("://") {
            out.extend(with.split(['`', '*', '!']).filter(|part| !part.contains("://")));
        } else {
            out.push_str(with);
        }
        at += len;
        kept = at;
    }
    out.push_str(&line[kept..]);
    out
}

/// `[words](address)` or `[words][name]` at the beginning: its words and its whole length.
fn link(text: &str) -> Option<(&str, usize)> {
    let bytes = text.as_bytes();
    let close = bytes.iter().take(400).position(|b| *b == b']')?;
    let end = match bytes.get(close + 1)? {
        b'(' => b')',
        b'[' => b']',
        _ => return None,
    };
    let len = bytes[close + 1..].iter().take(2_000).position(|b| *b == end)?;
    let words = text[1..close].trim_start_matches(['!', '[']);
    Some((words, close + 1 + len + 1))
}

/// The length of a web address at the beginning, or 0.
fn address(bytes: &[u8]) -> usize {
    if !["http://", "https://", "ftp://", "www."].iter().any(|start| bytes.starts_with(start.as_bytes())) {
        return 0;
    }
    bytes.iter().position(|b| b.is_ascii_whitespace() || b"<>)]\"".contains(b)).unwrap_or(bytes.len())
}

/// Words that say nothing about the matter.
fn left_out(word: &str, seen: &mut Seen) -> bool {
    let bytes = word.as_bytes();
    if word.len() > LONGEST_WORD && word.is_ascii() {
        return true;
    }
    let name = |c: &u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'+');
    match bytes {
        // :tada:
        [b':', inner @ .., b':'] if !inner.is_empty() && inner.iter().all(name) => true,
        // @person, and not @Annotation or @scope/package
        [b'@', first, rest @ ..] if first.is_ascii_lowercase() => !rest.contains(&b'/'),
        // marks of a table, a rule, an empty list
        _ if bytes.iter().all(|b| b"-|=:.#<>@_".contains(b)) => true,
        _ => {
            let hash = word.len() >= 16
                && bytes.iter().all(u8::is_ascii_hexdigit)
                && bytes.iter().any(u8::is_ascii_digit);
            seen.code_words += u32::from(hash);
            hash
        }
    }
}
