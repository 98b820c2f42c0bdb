//! Mail as archives keep it.

use encoding_rs::Encoding;

use crate::Fault;
use crate::when::{self, Seconds};

/// One mail.
pub(crate) struct Mail<'a> {
    /// The sender's name.
    pub(crate) name: &'a str,
    /// The sender's address.
    pub(crate) address: &'a str,
    /// When it was sent.
    pub(crate) at: Seconds,
    /// The subject, with `Re:` and the list's tag.
    pub(crate) subject: &'a str,
    /// Its Message-ID without brackets.
    pub(crate) id: &'a str,
    /// The Message-ID that it answers.
    pub(crate) parent: Option<&'a str>,
    /// The Message-IDs before it.
    pub(crate) references: &'a [String],
    /// The list.
    pub(crate) list: &'a str,
    /// In which charset it was written.
    pub(crate) charset: &'a str,
    /// The body.
    pub(crate) text: &'a str,
}

/// The mail as a list server receives it, with its envelope line, in its own charset.
pub(crate) fn raw(mail: &Mail<'_>) -> Result<Vec<u8>, Fault> {
    let encoding = Encoding::for_label(mail.charset.as_bytes())
        .ok_or_else(|| format!("'{}' is no charset", mail.charset))?;
    let encoded = |text: &str| -> Result<Vec<u8>, Fault> {
        let (bytes, _, lost) = encoding.encode(text);
        if lost {
            Err(format!("{} cannot write '{text}'", mail.charset).into())
        } else {
            Ok(bytes.into_owned())
        }
    };
    let word = |text: &str| -> Result<String, Fault> {
        if text.is_ascii() {
            return Ok(text.to_owned());
        }
        // A name may be in another charset than the body can hold; then it is in UTF-8, as mail programs do it.
        let (charset, bytes) =
            encoded(text).map_or_else(|_| ("utf-8", text.as_bytes().to_vec()), |bytes| (mail.charset, bytes));
        Ok(format!("=?{charset}?B?{}?=", base64(&bytes)))
    };
    let zone = match mail.charset {
        "koi8-r" => 3,
        "iso-2022-jp" => 9,
        "iso-8859-1" => 2,
        _ => 0,
    };
    let mut head = format!(
        "From {}  {}\nFrom: {} <{}>\nTo: {}@lists.tidewater.example.com\nDate: {}\nSubject: {}\n",
        mail.address,
        when::envelope(mail.at),
        word(mail.name)?,
        mail.address,
        mail.list,
        when::mail(mail.at, zone),
        word(mail.subject)?
    );
    head.push_str(&parents(mail));
    head.push_str(&format!(
        "Message-ID: <{}>\nList-Id: <{}.lists.tidewater.example.com>\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset={}\nContent-Transfer-Encoding: {}\n\n",
        mail.id,
        mail.list,
        mail.charset,
        if mail.charset == "iso-2022-jp" { "7bit" } else { "8bit" }
    ));
    let mut out = head.into_bytes();
    out.extend(encoded(mail.text)?);
    out.extend(b"\n\n");
    Ok(out)
}

/// The mail as the text archives of list servers show it: addresses hidden, names in brackets behind them.
pub(crate) fn pipermail(mail: &Mail<'_>) -> Vec<u8> {
    let hidden = mail.address.replace('@', " at ");
    let name = if mail.name.is_ascii() {
        mail.name.to_owned()
    } else {
        format!("=?utf-8?B?{}?=", base64(mail.name.as_bytes()))
    };
    format!(
        "From {hidden}  {}\nFrom: {hidden} ({name})\nDate: {}\nSubject: {}\n{}Message-ID: <{}>\n\n{}\n\n",
        when::envelope(mail.at),
        when::mail(mail.at, 0),
        mail.subject,
        parents(mail),
        mail.id,
        mail.text
    )
    .into_bytes()
}

fn parents(mail: &Mail<'_>) -> String {
    let Some(parent) = mail.parent else { return String::new() };
    let references: Vec<String> = mail.references.iter().map(|id| format!("<{id}>")).collect();
    format!("In-Reply-To: <{parent}>\nReferences: {}\n", references.join("\n "))
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let at = |n: usize| u32::from(three.get(n).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for n in 0..4 {
            let index = (bits >> (18 - 6 * n)) & 63;
            out.push(if n <= three.len() { char::from(LETTERS[index as usize]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads() {
        assert_eq!([base64(b"M"), base64(b"Ma"), base64(b"Man")], ["TQ==", "TWE=", "TWFu"]);
    }
}
