//! Places that are no HTTP, carried as if they were: an address names what is wanted (`imaps://host/folder?after=7`), and
//! what comes is a [`Reply`] with a status of HTTP, so that one driver, one archive and one set of manners hold for all.
//!
//! A body is a row of mails: `<number> mail <bytes>\n<the mail>\n`. A `gone` mail was withdrawn, a `large` one left out.

mod imap;
mod inbox;
mod nntp;
mod session;

use std::sync::Arc;
use std::time::Duration;

use ureq::Proxy;
use ureq::http::Uri;

use super::{Lost, Network};
use crate::live::{Ask, Reply};

/// The largest mail that is fetched.
const LARGEST: u64 = 16 << 20;
/// A reply is closed behind the mail that fills it.
const FULL: usize = 8 << 20;
/// Mails of one reply at most.
const MOST: usize = 500;

/// What is open to the one place that is spoken to.
enum Open {
    Imap(imap::Folder),
    Nntp(nntp::Group),
    Inbox(inbox::Epoch),
}

/// The lines to mail and news servers, and to git repositories that hold mail.
pub(super) struct Lists {
    network: Network,
    proxy: Option<Proxy>,
    trusted: Arc<rustls::ClientConfig>,
    open: Option<(String, Open)>,
}

/// An address, taken apart.
struct Wanted<'a> {
    scheme: &'a str,
    host: &'a str,
    port: Option<u16>,
    /// The folder, group or repository, decoded.
    name: String,
    /// Everything behind this number (or commit).
    after: String,
    /// Which numbers stand, instead of mails.
    standing: bool,
    /// What stands below this number is not of interest.
    from: u64,
}

/// Whether an address is one of these.
pub(super) fn carries(url: &str) -> bool {
    ["imap://", "imaps://", "nntp://", "nntps://", "git+http"].iter().any(|scheme| url.starts_with(scheme))
}

impl Lists {
    pub(super) fn new(network: &Network, proxy: Option<Proxy>) -> Result<Lists, String> {
        let mut roots = rustls::RootCertStore::empty();
        match &network.ca_file {
            Some(path) => {
                // A system's bundle has one or another that nobody can read any more.
                let all = super::http::authorities(path)?;
                let ders = all.iter().map(|c| rustls::pki_types::CertificateDer::from(c.der().to_vec()));
                if roots.add_parsable_certificates(ders).0 == 0 {
                    return Err(format!("{}: no certificate in it can be used", path.display()));
                }
            }
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let trusted = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| e.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Lists { network: network.clone(), proxy, trusted: Arc::new(trusted), open: None })
    }

    pub(super) fn send(&mut self, ask: &Ask, headers: &[(String, String)]) -> Result<Reply, Lost> {
        let nonsense = || Lost::Refused("the address makes no sense".to_owned());
        let uri: Uri = ask.url.parse().map_err(|_| nonsense())?;
        let query = uri.query().unwrap_or("");
        let value = |name: &str| {
            query.split('&').filter_map(|pair| pair.split_once('=')).find(|(n, _)| *n == name).map(|(_, v)| v)
        };
        let wanted = Wanted {
            scheme: uri.scheme_str().ok_or_else(nonsense)?,
            host: uri.host().ok_or_else(nonsense)?.trim_matches(['[', ']']),
            port: uri.port_u16(),
            name: decoded(uri.path().trim_start_matches('/')).ok_or_else(nonsense)?,
            after: value("after").unwrap_or("").to_owned(),
            standing: value("standing").is_some(),
            from: value("from").and_then(|n| n.parse().ok()).unwrap_or(0),
        };
        if wanted.name.is_empty() || wanted.name.contains(char::is_control) {
            return Err(nonsense());
        }
        let login = headers.iter().find(|(name, _)| name == "authorization").map(|(_, value)| value.as_str());
        let login = login.and_then(|value| unpacked(value.strip_prefix("Basic ")?));
        let key = ask.url.split('?').next().unwrap_or("").to_owned();
        let open = match self.open.take() {
            Some((held, open)) if held == key => Ok(open),
            _ => self.begin(&wanted, &uri, login.as_deref()),
        };
        let mut open = match open {
            Ok(open) => open,
            Err(Fault::Lost(lost)) => return Err(lost),
            Err(Fault::Status(status)) => return Ok(Reply { status, ..Reply::default() }),
        };
        let reply = match &mut open {
            Open::Imap(folder) => folder.answer(&wanted),
            Open::Nntp(group) => group.answer(&wanted),
            Open::Inbox(epoch) => epoch.answer(&wanted),
        };
        match reply {
            Ok(reply) => {
                self.open = Some((key, open));
                Ok(reply)
            }
            // What broke in the middle is not gone on with: the next try begins a new session.
            Err(Fault::Lost(lost)) => Err(lost),
            Err(Fault::Status(status)) => Ok(Reply { status, ..Reply::default() }),
        }
    }

    fn begin(&self, wanted: &Wanted<'_>, uri: &Uri, login: Option<&str>) -> Result<Open, Fault> {
        if wanted.scheme.starts_with("git+") {
            return inbox::Epoch::fetch(wanted, &self.network).map(Open::Inbox);
        }
        if super::http::proxied(self.proxy.as_ref(), uri) {
            let why =
                format!("the proxy does not carry {}; NO_PROXY={} goes past it", wanted.scheme, wanted.host);
            return Err(Fault::Lost(Lost::Refused(why)));
        }
        let way = session::Way {
            host: wanted.host,
            allow_private: self.network.allow_private,
            timeout: Duration::from_secs(if self.network.timeout_s == 0 {
                60
            } else {
                self.network.timeout_s
            }),
            trusted: &self.trusted,
        };
        match wanted.scheme {
            "imap" | "imaps" => imap::Folder::open(&way, wanted, login).map(Open::Imap),
            _ => nntp::Group::open(&way, wanted, login).map(Open::Nntp),
        }
    }
}

/// Why no mails came: the line broke, or the answer is a plain no.
enum Fault {
    Lost(Lost),
    /// In HTTP's words: 401 for the login, 404 for the place.
    Status(u16),
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Fault {
        Fault::Lost(session::lost(&error))
    }
}

fn refused(why: &str) -> Fault {
    Fault::Lost(Lost::Refused(why.to_owned()))
}

fn broken(why: &str) -> Fault {
    Fault::Lost(Lost::Broken(why.to_owned()))
}

/// One mail of a body.
fn frame(body: &mut Vec<u8>, number: &str, kind: &str, mail: &[u8]) {
    body.extend_from_slice(format!("{number} {kind} {}\n", mail.len()).as_bytes());
    body.extend_from_slice(mail);
    body.push(b'\n');
}

/// Numbers in order as `1:5,7`.
fn ranges(numbers: &[u64]) -> String {
    let mut out: Vec<(u64, u64)> = Vec::new();
    for n in numbers {
        match out.last_mut() {
            Some((_, last)) if *last + 1 == *n => *last = *n,
            _ => out.push((*n, *n)),
        }
    }
    let told = out.iter().map(|(a, b)| if a == b { a.to_string() } else { format!("{a}:{b}") });
    told.collect::<Vec<_>>().join(",")
}

fn decoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(byte) = bytes.get(at) {
        if *byte == b'%' {
            out.push(u8::from_str_radix(text.get(at + 1..at + 3)?, 16).ok()?);
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    String::from_utf8(out).ok()
}

/// What `Authorization: Basic` packs.
fn unpacked(text: &str) -> Option<String> {
    let (mut out, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        (held, bits) = (held << 6 | u32::from(six), bits + 6);
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits & 0xff) as u8);
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_logins_come_back_as_they_went() {
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10]), "1:3,7,9:10");
        for text in ["", "a", "ada:s3cret", "ada@example.org:p:w é"] {
            assert_eq!(unpacked(&crate::live::base64(text.as_bytes())).as_deref(), Some(text));
        }
        assert_eq!(decoded("a%20b%2Fc").as_deref(), Some("a b/c"));
        assert_eq!((decoded("%4"), unpacked("~")), (None, None));
    }
}
