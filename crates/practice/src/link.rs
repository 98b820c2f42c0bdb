//! Links that answer without an account: signed, so that nobody can make or change one; with a last day; with a number
//! of their own, so that each can be taken back.

use hmac::{Hmac, KeyInit, Mac};
use rapport_model::Time;
use sha2::Sha256;

/// What a link is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its own number: 16 or more characters of chance.
    pub id: String,
    /// The feedback it answers.
    pub feedback: i64,
    /// Until when.
    pub expires: Time,
}

/// Why a link is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLink {
    /// Not made here, or changed on the way.
    #[error("this link was not made here, or a part of it is missing")]
    Unknown,
    /// Its last day has passed.
    #[error("this link has expired")]
    Expired,
}

type Keyed = Hmac<Sha256>;

fn signature(key: &[u8], said: &str) -> Option<Keyed> {
    let mut mac = Keyed::new_from_slice(key).ok()?;
    mac.update(b"rapport answer link 1\n");
    mac.update(said.as_bytes());
    Some(mac)
}

/// Writes a link as one word that survives mails and terminals: `FEEDBACK.SECONDS.ID.SIGNATURE`.
#[must_use]
pub fn write(key: &[u8], link: &Link) -> String {
    let said = format!("{}.{}.{}", link.feedback, link.expires.millis() / 1000, link.id);
    let signed = signature(key, &said).map(|mac| mac.finalize().into_bytes());
    let hex: String = signed.iter().flatten().map(|b| format!("{b:02x}")).collect();
    format!("{said}.{hex}")
}

/// Reads a link. The signature is compared in constant time, before anything of it is believed.
///
/// # Errors
/// [`BadLink`]; whether it was taken back only the store knows.
pub fn read(key: &[u8], word: &str, now: Time) -> Result<Link, BadLink> {
    let (said, hex) = word.trim().rsplit_once('.').ok_or(BadLink::Unknown)?;
    let pairs = hex.as_bytes().chunks_exact(2);
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let signed: Option<Vec<u8>> = pairs.map(|p| Some(digit(p[0])? * 16 + digit(p[1])?)).collect();
    let signed = signed.filter(|s| s.len() * 2 == hex.len()).ok_or(BadLink::Unknown)?;
    let mac = signature(key, said).ok_or(BadLink::Unknown)?;
    mac.verify_slice(&signed).map_err(|_| BadLink::Unknown)?;
    let mut parts = said.splitn(3, '.');
    let mut part = || parts.next().ok_or(BadLink::Unknown);
    let (feedback, expires, id) = (part()?, part()?, part()?);
    let link = Link {
        id: id.to_owned(),
        feedback: feedback.parse().map_err(|_| BadLink::Unknown)?,
        expires: expires.parse().ok().and_then(Time::from_seconds).ok_or(BadLink::Unknown)?,
    };
    if link.expires < now { Err(BadLink::Expired) } else { Ok(link) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_read_back_and_no_letter_of_it_can_change() {
        let at = |text: &str| Time::parse(text).unwrap();
        let link = Link { id: "0123456789abcdef".to_owned(), feedback: 7, expires: at("2026-10-01") };
        let word = write(b"a key of this folder", &link);
        let now = at("2026-09-28");
        assert_eq!(read(b"a key of this folder", &format!(" {word}\n"), now), Ok(link));
        assert_eq!(read(b"another key", &word, now), Err(BadLink::Unknown));
        assert_eq!(read(b"a key of this folder", &word, at("2026-10-02")), Err(BadLink::Expired));
        for n in 0..word.len() {
            let mut changed = word.clone().into_bytes();
            changed[n] = if changed[n] == b'1' { b'2' } else { b'1' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(read(b"a key of this folder", &changed, now), Err(BadLink::Unknown), "{changed}");
        }
        for odd in ["", ".", "7.1.x", "7.99999999999999999999.x.00", &word[..word.len() - 2]] {
            assert_eq!(read(b"a key of this folder", odd, now), Err(BadLink::Unknown), "{odd}");
        }
    }
}
