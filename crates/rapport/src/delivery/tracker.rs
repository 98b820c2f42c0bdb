//! Issues in a tracker: made once, found again by the marker in their body, looked at for what became of them.

use rapport_model::Time;
use rapport_practice::answers::Seen;

use super::http::{Caller, Reply, Trouble};
use super::secrets::{Secret, name};
use super::wire;
use super::{Errand, Outcome, Parcel};
use crate::config::deliver::{Tracker, TrackerKind};

/// An issue that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) number: String,
    pub(crate) url: Option<String>,
}

/// Why the tracker did not do it.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) why: String,
    pub(crate) retry_at: Option<Time>,
}

impl Failed {
    pub(crate) fn new(why: impl Into<String>) -> Failed {
        Failed { why: why.into(), retry_at: None }
    }
}

/// A tracker with its client.
pub(crate) struct Open<'a> {
    pub(crate) at: &'a Tracker,
    pub(crate) caller: Caller,
    pub(crate) now: Time,
    department: &'a str,
}

/// How a marker stands in a body: a comment that no page shows.
pub(crate) fn mark(marker: &str) -> String {
    format!("<!-- rapport {marker} -->")
}

/// Pages that are looked through for a marker at most: what is older was made before the first try.
const PAGES: usize = 20;

impl<'a> Open<'a> {
    pub(crate) fn new(at: &'a Tracker, errand: &Errand<'a>) -> Result<Open<'a>, Failed> {
        let token = errand.secrets.get("TOKEN", errand.department).map_err(Failed::new)?;
        if !wire::sound(at.kind, &at.repository) {
            return Err(Failed::new(format!("'{}' is no repository: wanted is owner/name", at.repository)));
        }
        let caller = Caller::new(&at.api, headers(at.kind, &token), errand.timeout_seconds, errand.now);
        Ok(Open { at, caller: caller.map_err(Failed::new)?, now: errand.now, department: errand.department })
    }

    /// One request whose answer is JSON; everything but success is a failure in words.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        json: Option<&str>,
    ) -> Result<(serde_json::Value, Option<String>), Failed> {
        let reply = self.caller.call(method, path, json).map_err(|trouble| match trouble {
            Trouble::NotSent(why) => Failed::new(why),
            Trouble::Unclear(why) => {
                Failed::new(format!("{why}; before it is tried again, it is looked for there"))
            }
        })?;
        if !(200..300).contains(&reply.status) {
            return Err(self.refused(&reply));
        }
        let value = serde_json::from_str(&reply.body).map_err(|_| {
            Failed::new("the answer is no whole JSON; before it is tried again, it is looked for there")
        })?;
        Ok((value, reply.next))
    }

    /// What a status means, and what to do.
    fn refused(&self, reply: &Reply) -> Failed {
        let (kind, repository) = (self.at.kind.as_str(), &self.at.repository);
        let token = name("TOKEN", self.department);
        let retry_at = reply.wait.map(|s| self.now.plus_millis(s.saturating_mul(1000)));
        let says = wire::message(&reply.body);
        let says = if says.is_empty() { String::new() } else { format!(": {says}") };
        let why = match reply.status {
            401 => format!("{kind} does not take the token (401): renew {token}"),
            403 | 429 if retry_at.is_some() => {
                format!("{kind} asks to wait {} s ({})", reply.wait.unwrap_or(0), reply.status)
            }
            429 => format!("{kind} asks to wait (429)"),
            403 => format!("{token} may not write issues in {repository} (403){says}"),
            404 => format!("{kind} knows no {repository}, or {token} may not see it (404)"),
            410 => format!("issues are switched off in {repository} (410)"),
            422 => format!("{kind} refuses the text (422){says}"),
            301 | 302 | 307 | 308 => format!(
                "{repository} has moved ({}){}: put its new name into rapport.toml",
                reply.status,
                reply.location.as_ref().map(|to| format!(" to {to}")).unwrap_or_default()
            ),
            500..=599 => format!("{kind} is out of order ({})", reply.status),
            status => format!("{kind} said {status}{says}"),
        };
        Failed { why, retry_at }
    }

    /// The issue that carries the marker, if there is one among those made since.
    pub(crate) fn find(&self, marker: &str, since: Time) -> Result<Option<Made>, Failed> {
        let wanted = mark(marker);
        let mut path = Some(wire::list(self.at, since));
        for _ in 0..PAGES {
            let Some(next) = path else { return Ok(None) };
            let (value, more) = self.ask("GET", &next, None)?;
            let issues = value.as_array().ok_or_else(|| Failed::new("the list of issues is no list"))?;
            if let Some(issue) = issues.iter().find(|i| wire::body(self.at.kind, i).contains(&wanted)) {
                return wire::made(self.at.kind, issue).map(Some);
            }
            path = more;
        }
        Err(Failed::new(format!("more than {PAGES} pages of new issues: whether it is there is not known")))
    }

    /// How an issue stands.
    pub(crate) fn look(&self, number: &str) -> Result<Seen, Failed> {
        let (issue, _) = self.ask("GET", &wire::issue(self.at, number), None).map_err(|failed| {
            let gone = failed.why.contains("(404)") || failed.why.contains("(410)");
            if gone {
                return Failed::new(format!(
                    "issue {number} is not there any more, or may not be seen: look at it"
                ));
            }
            failed
        })?;
        let mut words = None;
        let mut path = Some(wire::comments(self.at, number));
        // From the oldest to the newest where the tracker lists them so.
        for _ in 0..PAGES {
            let Some(next) = path else { break };
            let (value, more) = self.ask("GET", &next, None)?;
            let last = wire::last_comment(self.at.kind, value.as_array().map_or(&[], Vec::as_slice));
            words = last.or(words);
            path = if wire::newest_first(self.at.kind) && words.is_some() { None } else { more };
        }
        wire::seen(self.at.kind, &issue, words)
    }
}

fn headers(kind: TrackerKind, token: &Secret) -> Vec<(&'static str, String)> {
    match kind {
        TrackerKind::Github => vec![
            ("authorization", format!("Bearer {}", token.reveal())),
            ("accept", "application/vnd.github+json".to_owned()),
            ("x-github-api-version", "2022-11-28".to_owned()),
        ],
        TrackerKind::Gitlab => vec![("private-token", token.reveal().to_owned())],
        TrackerKind::Gitea => vec![("authorization", format!("token {}", token.reveal()))],
    }
}

pub(super) fn send(at: &Tracker, parcel: &Parcel, errand: &Errand<'_>) -> Outcome {
    match make(at, parcel, errand) {
        Ok((made, note)) => Outcome::Sent { remote: Some(made.number), url: made.url, note },
        Err(failed) => Outcome::Undelivered { why: failed.why, retry_at: failed.retry_at },
    }
}

fn make(at: &Tracker, parcel: &Parcel, errand: &Errand<'_>) -> Result<(Made, Option<String>), Failed> {
    let tracker = Open::new(at, errand)?;
    if errand.again {
        // A day for clocks that differ, and a month for who comes back late.
        let since = errand.now.plus_millis(-32 * 86_400_000);
        if let Some(made) = tracker.find(&parcel.marker, since)? {
            return Ok((made, Some("it was there from an earlier try".to_owned())));
        }
    }
    let labels = if at.kind == TrackerKind::Gitea && !at.labels.is_empty() {
        let (known, _) = tracker.ask("GET", &wire::labels(at), None)?;
        wire::label_numbers(&known, &at.labels)
    } else {
        Vec::new()
    };
    // The title stands above the body already.
    let page = parcel.page.split_once("\n\n").map_or(parcel.page.as_str(), |(_, rest)| rest);
    let body = format!("{page}\n{}\n", mark(&parcel.marker));
    let json = wire::new_issue(at, &parcel.title, &body, &labels).to_string();
    let (issue, _) = tracker.ask("POST", &wire::issues(at), Some(&json))?;
    Ok((wire::made(at.kind, &issue)?, None))
}
