//! HTML remnants: tags off, blocks of code and quotes out, entities read.

use std::borrow::Cow;

use super::Seen;

/// What is dropped with its content.
const DROPPED: &[&str] = &["pre", "blockquote", "script", "style", "aside"];
/// What ends a line.
const BLOCKS: &[&str] = &[
    "br", "p", "li", "div", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "details",
    "summary",
];
/// What leaves no trace.
const WITHIN: &[&str] = &[
    "a",
    "abbr",
    "b",
    "code",
    "dd",
    "del",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "i",
    "img",
    "ins",
    "kbd",
    "mark",
    "nobr",
    "picture",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "tbody",
    "td",
    "th",
    "thead",
    "time",
    "tt",
    "u",
    "var",
    "video",
    "svg",
    "path",
    "body",
    "html",
    "head",
    "meta",
    "input",
];

pub(super) fn plain<'a>(text: &'a str, seen: &mut Seen) -> Cow<'a, str> {
    if !text.contains(['<', '&']) {
        return Cow::Borrowed(text);
    }
    let before = *seen;
    Cow::Owned(walk(text, seen, true).unwrap_or_else(|| {
        // A block that is never closed: then its tag alone goes.
        *seen = before;
        walk(text, seen, false).unwrap_or_default()
    }))
}

/// `None` when a dropped block has no end.
fn walk(text: &str, seen: &mut Seen, drop: bool) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut depth) = (text, 0_usize);
    let mut keep = |depth: usize, piece: &str| {
        if depth == 0 {
            out.push_str(piece);
        }
    };
    while let Some(at) = rest.find(['<', '&']) {
        keep(depth, &rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
        } else if let Some((name, closing, len)) = tag(rest) {
            if DROPPED.contains(&name.as_str()) {
                if drop {
                    if !closing && depth == 0 {
                        let code = name == "pre";
                        seen.code_blocks += u32::from(code);
                        seen.quotes += u32::from(!code);
                    }
                    depth = if closing { depth.saturating_sub(1) } else { depth + 1 };
                }
                keep(depth, "\n");
            } else if BLOCKS.contains(&name.as_str()) {
                keep(depth, "\n");
            } else {
                seen.images += u32::from(name == "img" && depth == 0);
                seen.links += u32::from(name == "a" && !closing && depth == 0);
                seen.code_words += u32::from(name == "code" && !closing && depth == 0);
                if matches!(name.as_str(), "td" | "th" | "img") {
                    keep(depth, " ");
                }
            }
            rest = &rest[len..];
        } else if let Some((c, len)) = entity(rest) {
            keep(depth, c.encode_utf8(&mut [0; 4]));
            rest = &rest[len..];
        } else {
            keep(depth, &rest[..1]);
            rest = &rest[1..];
        }
    }
    keep(depth, rest);
    (depth == 0).then_some(out)
}

/// A known tag at the beginning: its name, whether it closes, and its length. `Vec<String>` has none.
fn tag(text: &str) -> Option<(String, bool, usize)> {
    let inner = text.strip_prefix('<')?;
    let closing = inner.starts_with('/');
    let inner = inner.strip_prefix('/').unwrap_or(inner);
    let end = inner.bytes().take(12).position(|b| !b.is_ascii_alphanumeric())?;
    let name = inner[..end].to_ascii_lowercase();
    let known = [DROPPED, BLOCKS, WITHIN].iter().any(|names| names.contains(&name.as_str()));
    if !known || !matches!(inner.as_bytes()[end], b'>' | b'/' | b' ' | b'\n' | b'\t' | b'\r') {
        return None;
    }
    let close = inner.bytes().take(1_000).position(|b| b == b'>')?;
    Some((name, closing, text.len() - inner.len() + close + 1))
}

fn entity(text: &str) -> Option<(char, usize)> {
    let inner = text.strip_prefix('&')?;
    let end = inner.bytes().take(10).position(|b| b == b';')?;
    let c = match &inner[..end] {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" | "ldquo" | "rdquo" => '"',
        "apos" | "rsquo" | "lsquo" => '\'',
        "nbsp" => ' ',
        "hellip" => '\u{2026}',
        "mdash" | "ndash" => '-',
        name => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((c, end + 2))
}
