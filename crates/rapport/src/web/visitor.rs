//! Who is asking: the person at this machine, or somebody who has logged in. What a request does is done in this
//! person's name and role.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, Uri, header};
use sha2::{Digest, Sha256};

/// The person behind a request.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) name: String,
    /// None for the person at this machine, who has the command line, too.
    pub(super) role: Option<String>,
    /// What this person's forms carry.
    pub(super) token: String,
}

tokio::task_local! {
    /// Set by the guard around each request.
    pub(super) static VISITOR: Visitor;
    /// What is asked for, when it only looks.
    pub(super) static ASKED: Option<Asked>;
}

/// A page that is asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// Who asks, and the address: no two people ever share a page.
    pub(super) key: String,
    pub(super) uri: Uri,
    /// A page that others have overtaken will do.
    pub(super) old: bool,
    /// It is made while nobody waits, and what was made since this moment will do.
    pub(super) since: Option<Instant>,
}

impl Asked {
    pub(super) fn new(visitor: &Visitor, uri: &Uri) -> Asked {
        let key = format!(
            "{} {} {} {uri}",
            visitor.role.as_deref().unwrap_or_default(),
            visitor.name,
            visitor.token
        );
        Asked { key, uri: uri.clone(), old: false, since: None }
    }

    /// The first word of the address.
    pub(super) fn what(&self) -> &str {
        self.uri.path().split('/').nth(1).unwrap_or_default()
    }

    /// As a request asks: people may be shown the page made last, unless they load it again; programs, feeds, links
    /// that answer and reports to send on get what is so now.
    pub(super) fn by(visitor: &Visitor, uri: &Uri, headers: &HeaderMap) -> Asked {
        let program = ["/api/", "/feeds/", "/answer/", "/report/page"]
            .iter()
            .any(|begin| uri.path().starts_with(begin));
        let again = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
        let again =
            again.flat_map(|line| line.split(',')).any(|one| matches!(one.trim(), "no-cache" | "max-age=0"));
        Asked { old: !program && !again, ..Asked::new(visitor, uri) }
    }
}

/// How long a session lasts, from its last use.
const LASTS: Duration = Duration::from_secs(12 * 3_600);
/// Wrong passwords before one has to wait.
const TRIES: u32 = 5;

/// Who has logged in. In memory: a restart logs everybody out, and no copy of the folder opens a session.
#[derive(Default)]
pub(super) struct Sessions {
    open: Mutex<HashMap<[u8; 32], Session>>,
    wrong: Mutex<HashMap<(IpAddr, String), (u32, Instant)>>,
}

struct Session {
    name: String,
    role: String,
    used: Instant,
}

impl Sessions {
    /// Opens a session and returns the secret that its cookie carries.
    pub(super) fn open(&self, name: &str, role: &str) -> Option<String> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).ok()?;
        let secret: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        let session = Session { name: name.to_owned(), role: role.to_owned(), used: Instant::now() };
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(digest(&secret), session);
        Some(secret)
    }

    /// Whose session this is, when it is one and still lasts.
    pub(super) fn visitor(&self, secret: &str) -> Option<Visitor> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, session| session.used.elapsed() < LASTS);
        let session = open.get_mut(&digest(secret))?;
        session.used = Instant::now();
        let token = digest(&format!("form {secret}")).iter().take(16).map(|b| format!("{b:02x}")).collect();
        Some(Visitor { name: session.name.clone(), role: Some(session.role.clone()), token })
    }

    /// Who is inside, in which role, and how long ago they asked last.
    pub(super) fn inside(&self) -> Vec<(String, String, Duration)> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, session| session.used.elapsed() < LASTS);
        let mut all: Vec<_> =
            open.values().map(|s| (s.name.clone(), s.role.clone(), s.used.elapsed())).collect();
        all.sort();
        all
    }

    /// Ends every session of somebody.
    pub(super) fn end(&self, name: &str) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, session| session.name != name);
    }

    pub(super) fn close(&self, secret: &str) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&digest(secret));
    }

    /// Ends the sessions of accounts that are gone or have another role now.
    pub(super) fn keep(&self, roles: &HashMap<String, String>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, session| roles.get(&session.name) == Some(&session.role));
    }

    /// How long somebody at this address has to wait before the next try for this name.
    pub(super) fn must_wait(&self, from: IpAddr, name: &str) -> Option<Duration> {
        let wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let (times, last) = wrong.get(&(from, name.to_owned()))?;
        let beyond = times.checked_sub(TRIES)?;
        let pause = Duration::from_secs(2_u64.saturating_pow(beyond.min(10)).min(900));
        pause.checked_sub(last.elapsed())
    }

    /// Counts a wrong password, or forgets them all after a right one.
    pub(super) fn tried(&self, from: IpAddr, name: &str, right: bool) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.retain(|_, (_, last)| last.elapsed() < Duration::from_secs(3_600));
        if right {
            wrong.remove(&(from, name.to_owned()));
        } else if wrong.len() < 10_000 {
            let entry = wrong.entry((from, name.to_owned())).or_insert((0, Instant::now()));
            *entry = (entry.0 + 1, Instant::now());
        }
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_opens_lasts_and_ends() {
        let sessions = Sessions::default();
        let secret = sessions.open("noor", "head").unwrap();
        let visitor = sessions.visitor(&secret).unwrap();
        assert_eq!((visitor.name.as_str(), visitor.role.as_deref()), ("noor", Some("head")));
        assert_eq!(visitor.token, sessions.visitor(&secret).unwrap().token, "its forms stay good");
        assert_ne!(visitor.token, secret);
        assert!(sessions.visitor("else").is_none());
        sessions.keep(&HashMap::from([("noor".to_owned(), "viewer".to_owned())]));
        assert!(sessions.visitor(&secret).is_none(), "a changed role logs out");
    }

    #[test]
    fn guessing_slows_down() {
        let sessions = Sessions::default();
        let from: IpAddr = "10.0.0.1".parse().unwrap();
        for _ in 0..TRIES {
            assert_eq!(sessions.must_wait(from, "noor"), None);
            sessions.tried(from, "noor", false);
        }
        sessions.tried(from, "noor", false);
        assert!(sessions.must_wait(from, "noor").is_some());
        assert_eq!(sessions.must_wait(from, "piet"), None);
        sessions.tried(from, "noor", true);
        assert_eq!(sessions.must_wait(from, "noor"), None);
    }
}
