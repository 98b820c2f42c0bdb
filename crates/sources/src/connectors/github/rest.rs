//! What the REST API's lists hold: issues and pull requests, comments, review comments, reviews, releases. And reviews
//! as GraphQL gives them, which costs a fiftieth of the requests.

use std::borrow::Cow;

use rapport_model::{Act, Activity, Key, Place, Record, Reject, ThreadFacts, ThreadKind, ThreadRef, Time};
use serde::Deserialize;

use super::{Label, account, labels, mark, time};

/// One element of any list; what it is shows in what it has.
#[derive(Deserialize)]
struct Rest<'a> {
    id: Option<u64>,
    number: Option<u64>,
    #[serde(borrow)]
    title: Option<Cow<'a, str>>,
    html_url: Option<String>,
    state: Option<String>,
    state_reason: Option<String>,
    user: Option<User>,
    author: Option<User>,
    #[serde(default, borrow)]
    labels: Vec<Label<'a>>,
    #[serde(borrow)]
    body: Option<Cow<'a, str>>,
    created_at: Option<String>,
    updated_at: Option<String>,
    closed_at: Option<String>,
    merged_at: Option<String>,
    #[serde(default)]
    pull_request: Option<Pull>,
    #[serde(default)]
    base: Option<serde::de::IgnoredAny>,
    issue_url: Option<String>,
    pull_request_url: Option<String>,
    pull_request_review_id: Option<u64>,
    in_reply_to_id: Option<u64>,
    submitted_at: Option<String>,
    tag_name: Option<String>,
    name: Option<String>,
    published_at: Option<String>,
    #[serde(default)]
    draft: bool,
}

/// In a list of issues, the part that makes one a pull request.
#[derive(Deserialize)]
struct Pull {
    merged_at: Option<String>,
}

#[derive(Deserialize)]
struct User {
    login: String,
    #[serde(rename = "type", alias = "__typename")]
    kind: Option<String>,
}

impl User {
    fn who(&self, place: &Place) -> Option<rapport_model::Who> {
        let bot = self.kind.as_deref() == Some("Bot");
        (!self.login.trim().is_empty()).then(|| account(place, &self.login, bot))
    }
}

fn parsed(text: Option<&String>) -> Option<Time> {
    text.and_then(|t| Time::parse(t).ok())
}

/// The number at the end of `.../issues/12`.
fn number(url: &str) -> Result<u64, String> {
    let last = url.rsplit('/').next().unwrap_or("");
    last.parse().map_err(|_| format!("'{}' names no issue", url.chars().take(80).collect::<String>()))
}

/// Reads one element.
pub(super) fn read(place: &Place, bytes: &[u8]) -> Result<Record, String> {
    let t: Rest<'_> = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    let activity = if t.tag_name.is_some() {
        release(place, &t)?
    } else if let (Some(url), None) = (&t.issue_url, t.number) {
        // A pull request in its own list names its issue, too; what has a number is no comment.
        // Gitea names both, and leaves empty the one that it is not.
        let url = if url.is_empty() { t.pull_request_url.as_deref().unwrap_or("") } else { url };
        comment(place, &t, url)?
    } else if let Some(url) = &t.pull_request_url {
        if t.submitted_at.is_some() { review(place, &t, url)? } else { review_comment(place, &t, url)? }
    } else {
        opening(place, t)?
    };
    Ok(Record::one(bytes, activity))
}

fn opening(place: &Place, t: Rest<'_>) -> Result<Activity, String> {
    let pull = t.pull_request.is_some() || t.base.is_some();
    let number = t.number.ok_or("the number is missing")?;
    let key = Key::new(format!("{}/{number}", if pull { "pull" } else { "issue" }));
    let who = t.user.and_then(|u| u.who(place));
    let at = time(t.created_at.as_deref())?;
    let mut opening = Activity::new(key.clone(), Act::Opened, at, who, ThreadRef::Key(key));
    opening.text = t.body.as_deref().unwrap_or("").to_owned();
    opening.url.clone_from(&t.html_url);
    opening.updated = parsed(t.updated_at.as_ref());
    let merged_at = t.merged_at.or_else(|| t.pull_request.and_then(|p| p.merged_at));
    opening.facts = Some(Box::new(ThreadFacts {
        kind: Some(if pull { ThreadKind::ChangeRequest } else { ThreadKind::Issue }),
        title: t.title.as_deref().map(str::to_owned),
        url: t.html_url,
        mark: Some(mark(t.state.as_deref(), t.state_reason.as_deref(), merged_at.is_some())),
        closed_at: parsed(merged_at.as_ref().or(t.closed_at.as_ref())),
        labels: labels(&t.labels),
        ..ThreadFacts::default()
    }));
    Ok(opening)
}

/// What every comment has.
fn said(place: &Place, t: &Rest<'_>, key: Key, thread: Key, at: Option<&str>) -> Result<Activity, String> {
    let who = t.user.as_ref().and_then(|u| u.who(place));
    let mut said = Activity::new(key, Act::Replied, time(at)?, who, ThreadRef::Key(thread));
    said.text = t.body.as_deref().unwrap_or("").to_owned();
    said.url.clone_from(&t.html_url);
    said.updated = parsed(t.updated_at.as_ref());
    Ok(said)
}

fn comment(place: &Place, t: &Rest<'_>, issue: &str) -> Result<Activity, String> {
    // The API speaks of issues for both; the page's address tells which it is.
    let pull = t.html_url.as_deref().is_some_and(|url| url.contains("/pull/") || url.contains("/pulls/"));
    let thread = Key::new(format!("{}/{}", if pull { "pull" } else { "issue" }, number(issue)?));
    let key = Key::new(format!("{thread}/c/{}", t.id.ok_or("the id is missing")?));
    said(place, t, key, thread, t.created_at.as_deref())
}

fn review_comment(place: &Place, t: &Rest<'_>, pull: &str) -> Result<Activity, String> {
    let thread = Key::new(format!("pull/{}", number(pull)?));
    let name = |id: u64| Key::new(format!("{thread}/rc/{id}"));
    let mut said =
        said(place, t, name(t.id.ok_or("the id is missing")?), thread.clone(), t.created_at.as_deref())?;
    said.reply_to = match (t.in_reply_to_id, t.pull_request_review_id) {
        (Some(parent), _) => Some(name(parent)),
        (None, Some(review)) => Some(Key::new(format!("{thread}/review/{review}"))),
        (None, None) => None,
    };
    Ok(said)
}

fn review(place: &Place, t: &Rest<'_>, pull: &str) -> Result<Activity, String> {
    let thread = Key::new(format!("pull/{}", number(pull)?));
    let key = Key::new(format!("{thread}/review/{}", t.id.ok_or("the id is missing")?));
    let mut said = said(place, t, key, thread, t.submitted_at.as_deref())?;
    said.act = Act::Reviewed;
    said.detail.clone_from(&t.state);
    Ok(said)
}

fn release(place: &Place, t: &Rest<'_>) -> Result<Activity, String> {
    let tag = t.tag_name.as_deref().unwrap_or("");
    let key = Key::new(format!("release/{}", t.id.ok_or("the id is missing")?));
    let at = time(t.published_at.as_deref().or(t.created_at.as_deref()))?;
    let who = t.author.as_ref().and_then(|u| u.who(place));
    let act = if t.draft { Act::Other } else { Act::Released };
    let mut release = Activity::new(key, act, at, who, ThreadRef::None);
    let name = t.name.as_deref().filter(|n| !n.trim().is_empty() && *n != tag);
    let body = t.body.as_deref().unwrap_or("");
    release.text = name.map_or_else(|| body.to_owned(), |name| format!("{name}\n\n{body}")).trim().to_owned();
    release.url.clone_from(&t.html_url);
    release.detail = Some(tag.to_owned());
    Ok(release)
}

#[derive(Deserialize)]
struct Reviewed {
    number: u64,
    reviews: Option<Nodes>,
}

#[derive(Deserialize)]
struct Nodes {
    nodes: Option<Vec<Option<Review>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Review {
    database_id: Option<u64>,
    state: Option<String>,
    body: Option<String>,
    url: Option<String>,
    author: Option<User>,
    submitted_at: Option<String>,
    updated_at: Option<String>,
}

/// An id that comes twice in one record means nothing: the first stands.
fn once(record: &mut Record) {
    let mut seen = std::collections::BTreeSet::new();
    record.activities.retain(|a| seen.insert(a.key.clone()));
}

/// The reviews of one pull request.
pub(super) fn reviews(place: &Place, bytes: &[u8]) -> Result<Record, String> {
    let pull: Reviewed = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    let thread = Key::new(format!("pull/{}", pull.number));
    let mut record = Record {
        raw: bytes.to_vec(),
        activities: Vec::new(),
        rejects: Vec::new(),
        whole: None,
        fixed: false,
    };
    for review in pull.reviews.and_then(|r| r.nodes).into_iter().flatten().flatten() {
        let Some(id) = review.database_id else {
            let raw = review.body.as_deref().unwrap_or("").as_bytes();
            record.rejects.push(Reject::new(format!("{thread}, a review"), "the id is missing", raw));
            continue;
        };
        // A review that is being written has no time and is nobody else's to see.
        let Some(at) = parsed(review.submitted_at.as_ref()) else { continue };
        let who = review.author.as_ref().and_then(|u| u.who(place));
        let key = Key::new(format!("{thread}/review/{id}"));
        let mut said = Activity::new(key, Act::Reviewed, at, who, ThreadRef::Key(thread.clone()));
        said.text = review.body.unwrap_or_default();
        said.detail = review.state;
        said.url = review.url;
        said.updated = parsed(review.updated_at.as_ref());
        record.activities.push(said);
    }
    once(&mut record);
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `GET /repos/o/r/pulls`: each names the issue that it is, and is what the list of issues tells of it.
    #[test]
    fn a_pull_request_of_its_own_list_is_no_comment() {
        let pull = br#"{"id":1,"number":7,"title":"T","html_url":"https://github.com/o/r/pull/7","state":"closed",
            "issue_url":"https://api.github.com/repos/o/r/issues/7","user":{"login":"ada-k","type":"User"},"body":"B",
            "created_at":"2026-05-01T10:00:00Z","updated_at":"2026-05-02T10:00:00Z","closed_at":"2026-05-02T10:00:00Z",
            "merged_at":"2026-05-02T10:00:00Z","base":{"ref":"main"},"head":{"ref":"fix"}}"#;
        let listed = br#"{"id":9,"number":7,"title":"T","html_url":"https://github.com/o/r/pull/7","state":"closed",
            "user":{"login":"ada-k","type":"User"},"body":"B","comments":2,
            "created_at":"2026-05-01T10:00:00Z","updated_at":"2026-05-02T10:00:00Z","closed_at":"2026-05-02T10:00:00Z",
            "pull_request":{"merged_at":"2026-05-02T10:00:00Z"}}"#;
        let place = Place::new("github.com");
        let [pull, listed] =
            [&pull[..], &listed[..]].map(|bytes| read(&place, bytes).unwrap().activities.remove(0));
        assert_eq!((pull.act, pull.key.as_str()), (Act::Opened, "pull/7"));
        assert_eq!(pull.digest(), listed.digest());
    }
}
