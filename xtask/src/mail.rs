//! Mail as archives keep it.

use std::fmt::Write as _;

use crate::when::{self, Seconds};

/// A header's text: as it is when ASCII, otherwise as an encoded word.
pub(crate) fn word(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut out = "=?utf-8?Q?".to_owned();
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('_'),
            b if b.is_ascii_alphanumeric() => out.push(char::from(b)),
            b => {
                let _ = write!(out, "={b:02X}"); // a String takes everything
            }
        }
    }
    out.push_str("?=");
    out
}

/// A body inside an mbox: a line that looks like an envelope is quoted.
pub(crate) fn quoted(text: &str) -> String {
    text.lines()
        .map(|line| {
            if line.starts_with("From ") && line.contains(':') {
                format!(">{line}\n")
            } else {
                format!("{line}\n")
            }
        })
        .collect()
}

/// One mail with its envelope line, as UTF-8.
pub(crate) fn message(
    (name, address): (&str, &str),
    at: Seconds,
    subject: &str,
    id: &str,
    parent: Option<&str>,
    text: &str,
) -> String {
    let mut out = format!(
        "From {address}  {}\nFrom: {} <{address}>\nDate: {}\nSubject: {}\n",
        when::envelope(at),
        word(name),
        when::mail(at),
        word(subject)
    );
    if let Some(parent) = parent {
        let _ = write!(out, "In-Reply-To: <{parent}>\nReferences: <{parent}>\n");
    }
    let _ = write!(
        out,
        "Message-ID: <{id}>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\
         Content-Transfer-Encoding: 8bit\n\n{}\n",
        quoted(text)
    );
    out
}
