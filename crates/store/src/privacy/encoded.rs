//! The same words in other spellings: raw payloads hide names behind JSON escapes, base64, quoted-printable, entities
//! and percent signs. Every spelling that a payload uses is undone, so that a name is found in any of them.

/// Whether `found` holds of the payload as text, or of any other text that its encodings hold. The plain text first: it
/// says yes most often, and costs least.
pub(super) fn any(raw: &[u8], found: &mut dyn FnMut(&str) -> bool) -> bool {
    let plain = String::from_utf8_lossy(raw);
    if found(&plain) {
        return true;
    }
    plain.contains("\\u") && found(&json(&plain))
        || (plain.contains("&#") || plain.contains("&quot;")) && found(&entities(&plain))
        || is_hex(&plain, b'%', false) && found(&String::from_utf8_lossy(&unhex(&plain, b'%', false)))
        || plain.contains("=?") && found(&encoded_words(&plain))
        || is_hex(&plain, b'=', true) && found(&String::from_utf8_lossy(&unhex(&plain, b'=', true)))
        || is_base64(raw) && found(&blocks(&plain))
}

/// Whether a mark stands before two hexadecimal digits anywhere, or, with `soft`, at the end of a line.
fn is_hex(text: &str, mark: u8, soft: bool) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(mark, bytes).any(|at| {
        let next = &bytes[at + 1..bytes.len().min(at + 3)];
        next.len() == 2 && next.iter().all(u8::is_ascii_hexdigit)
            || soft && matches!(next.first(), Some(b'\n' | b'\r'))
    })
}

fn is_base64(raw: &[u8]) -> bool {
    ["base64", "Base64", "BASE64"].iter().any(|word| memchr::memmem::find(raw, word.as_bytes()).is_some())
}

/// `\u00e9` as the character it stands for.
fn json(text: &str) -> String {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        units.extend(rest[..at].encode_utf16());
        let hex = rest.get(at + 2..at + 6).and_then(|hex| u16::from_str_radix(hex, 16).ok());
        match hex {
            Some(unit) => {
                units.push(unit);
                rest = &rest[at + 6..];
            }
            None => {
                units.extend("\\u".encode_utf16());
                rest = &rest[at + 2..];
            }
        }
    }
    units.extend(rest.encode_utf16());
    String::from_utf16_lossy(&units)
}

/// `&#233;` and `&#xe9;`; the named ones that stand inside names are few.
fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let end = tail.bytes().take(10).position(|b| b == b';');
        let found = end.and_then(|end| {
            let name = &tail[..end];
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => number.parse().ok(),
            };
            code.and_then(char::from_u32).map(|c| (c, end))
        });
        match (found, tail.strip_prefix("quot;")) {
            (Some((c, end)), _) => {
                out.push(c);
                rest = &tail[end + 1..];
            }
            (None, Some(after)) => {
                out.push('"');
                rest = after;
            }
            (None, None) => {
                out.push('&');
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    out
}

/// `%C3%A9` or `=C3=A9`; with `soft`, a line that ends in the mark goes on in the next.
fn unhex(text: &str, mark: u8, soft: bool) -> Vec<u8> {
    let bytes = text.as_bytes();
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == mark {
            if let (Some(a), Some(b)) =
                (bytes.get(at + 1).and_then(|b| digit(*b)), bytes.get(at + 2).and_then(|b| digit(*b)))
            {
                out.push(a * 16 + b);
                at += 3;
                continue;
            }
            let line = &bytes[at + 1..bytes.len().min(at + 3)];
            if soft && (line.starts_with(b"\n") || line.starts_with(b"\r\n")) {
                at += if line[0] == b'\n' { 2 } else { 3 };
                continue;
            }
        }
        out.push(bytes[at]);
        at += 1;
    }
    out
}

/// `=?utf-8?B?SW5lcw==?=` in headers, joined without the space between two of them.
fn encoded_words(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("=?") {
        let before = &rest[..at];
        if !before.trim().is_empty() {
            out.push_str(before);
        }
        let parts: Vec<&str> = rest[at + 2..].splitn(4, '?').collect();
        let [_, how, body, tail] = parts.as_slice() else { break };
        let Some(tail) = tail.strip_prefix('=') else {
            rest = &rest[at + 2..];
            continue;
        };
        let decoded = match *how {
            "B" | "b" => base64(body),
            _ => unhex(&body.replace('_', " "), b'=', false),
        };
        out.push_str(&String::from_utf8_lossy(&decoded));
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Every run of lines that can only be base64.
fn blocks(text: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    let is_base64 = |line: &str| {
        line.len() >= 4 && line.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
    };
    for line in text.lines().map(str::trim).chain([""]) {
        if is_base64(line) {
            run.push_str(line);
        } else if !run.is_empty() {
            out.push_str(&String::from_utf8_lossy(&base64(&run)));
            out.push('\n');
            run.clear();
        }
    }
    out
}

fn base64(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for b in text.bytes() {
        let six = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).unwrap_or(0));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, wanted: &str) {
        let mut read = Vec::new();
        assert!(
            any(raw.as_bytes(), &mut |text| {
                read.push(text.to_owned());
                text.contains(wanted)
            }),
            "{raw}: {read:?}"
        );
        assert!(!any(raw.as_bytes(), &mut |text| text.contains("never there")));
    }

    #[test]
    fn a_name_is_read_in_every_spelling() {
        check(r#"{"name":"Jos\u00e9 P\u00e9rez"}"#, "José Pérez");
        check("To: =?utf-8?B?SW5lcyBRdWFuZHQ=?= <x@y>", "Ines Quandt");
        check("To: =?utf-8?q?In=C3=A9s_Qu?=\n =?utf-8?q?andt?=", "Inés Quandt");
        check("a line that ends=\n here, Jos=C3=A9", "ends here, José");
        check("Content-Transfer-Encoding: base64\n\nSW5lcyBR\ndWFuZHQ=\n", "Ines Quandt");
        check("<a href=\"/u/Jos%C3%A9\">", "José");
        check("Jos&#233; and Jos&#xe9;", "José and José");
    }
}
