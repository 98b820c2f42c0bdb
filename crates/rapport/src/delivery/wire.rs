//! How the three trackers write the same things: paths, bodies, what an issue says of itself.

use rapport_model::Time;
use rapport_practice::answers::{Closed, Seen};
use serde_json::{Value, json};

use super::tracker::{Failed, Made};
use crate::config::deliver::{Tracker, TrackerKind};

/// Whether a repository's name can stand in a path.
pub(super) fn sound(kind: TrackerKind, repository: &str) -> bool {
    let parts: Vec<&str> = repository.split('/').collect();
    let many = if kind == TrackerKind::Gitlab { parts.len() >= 2 } else { parts.len() == 2 };
    let good = |part: &&str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    many && parts.iter().all(good)
}

/// Where a repository's issues are.
pub(super) fn issues(at: &Tracker) -> String {
    match at.kind {
        TrackerKind::Gitlab => format!("/projects/{}/issues", at.repository.replace('/', "%2F")),
        _ => format!("/repos/{}/issues", at.repository),
    }
}

pub(super) fn issue(at: &Tracker, number: &str) -> String {
    format!("{}/{number}", issues(at))
}

pub(super) fn comments(at: &Tracker, number: &str) -> String {
    match at.kind {
        TrackerKind::Gitlab => {
            format!("{}/notes?sort=desc&order_by=created_at&per_page=50", issue(at, number))
        }
        TrackerKind::Github => format!("{}/comments?per_page=100", issue(at, number)),
        TrackerKind::Gitea => format!("{}/comments?limit=50", issue(at, number)),
    }
}

pub(super) fn labels(at: &Tracker) -> String {
    format!("/repos/{}/labels?limit=50", at.repository)
}

/// Issues since a moment, in every state.
pub(super) fn list(at: &Tracker, since: Time) -> String {
    match at.kind {
        TrackerKind::Github => format!("{}?state=all&since={since}&per_page=100", issues(at)),
        TrackerKind::Gitlab => format!("{}?scope=all&created_after={since}&per_page=100", issues(at)),
        TrackerKind::Gitea => format!("{}?state=all&type=issues&since={since}&limit=50", issues(at)),
    }
}

/// Whether comments come newest first.
pub(super) fn newest_first(kind: TrackerKind) -> bool {
    kind == TrackerKind::Gitlab
}

/// What makes a new issue.
pub(super) fn new_issue(at: &Tracker, title: &str, body: &str, label_numbers: &[i64]) -> Value {
    match at.kind {
        TrackerKind::Github => json!({ "title": title, "body": body, "labels": at.labels }),
        TrackerKind::Gitlab => json!({ "title": title, "description": body, "labels": at.labels.join(",") }),
        TrackerKind::Gitea => json!({ "title": title, "body": body, "labels": label_numbers }),
    }
}

/// Gitea takes labels by number; those that are not there are left out.
pub(super) fn label_numbers(known: &Value, wanted: &[String]) -> Vec<i64> {
    let known = known.as_array().map_or(&[][..], Vec::as_slice);
    let named = |name: &String| known.iter().find(|l| l["name"].as_str() == Some(name))?["id"].as_i64();
    wanted.iter().filter_map(named).collect()
}

fn number(kind: TrackerKind, issue: &Value) -> Option<String> {
    let key = if kind == TrackerKind::Gitlab { "iid" } else { "number" };
    issue[key].as_i64().map(|n| n.to_string())
}

pub(super) fn body(kind: TrackerKind, issue: &Value) -> &str {
    let key = if kind == TrackerKind::Gitlab { "description" } else { "body" };
    issue[key].as_str().unwrap_or_default()
}

/// The issue that an answer describes.
pub(super) fn made(kind: TrackerKind, issue: &Value) -> Result<Made, Failed> {
    let url = issue["html_url"].as_str().or_else(|| issue["web_url"].as_str()).map(str::to_owned);
    let number = number(kind, issue).ok_or_else(|| {
        Failed::new("the answer names no issue; before it is tried again, it is looked for there")
    })?;
    Ok(Made { number, url })
}

/// What a refusal says, on one line.
pub(super) fn message(body: &str) -> String {
    let value: Value = serde_json::from_str(body).unwrap_or(Value::Null);
    let text = match &value["message"] {
        Value::String(text) => text.clone(),
        Value::Null => value["error"].as_str().unwrap_or_default().to_owned(),
        other => other.to_string(),
    };
    let more: Vec<&str> = value["errors"]
        .as_array()
        .map_or(&[][..], Vec::as_slice)
        .iter()
        .filter_map(|e| e["message"].as_str().or_else(|| e["field"].as_str()))
        .collect();
    let more = if more.is_empty() { String::new() } else { format!(" ({})", more.join(", ")) };
    crate::page::line(&format!("{text}{more}"), 200)
}

/// The words of the newest comment by a human on a page of comments.
pub(super) fn last_comment(kind: TrackerKind, comments: &[Value]) -> Option<String> {
    let human = |c: &&Value| match kind {
        TrackerKind::Gitlab => c["system"].as_bool() != Some(true),
        _ => c["user"]["type"].as_str() != Some("Bot"),
    };
    let says = |c: &Value| c["body"].as_str().map(|b| b.trim().to_owned()).filter(|b| !b.is_empty());
    let mut humans = comments.iter().filter(human).filter_map(says);
    if newest_first(kind) { humans.next() } else { humans.next_back() }
}

/// Labels that say "no" where a tracker has no other word for it.
const NO: [&str; 8] = [
    "wontfix",
    "won't fix",
    "not planned",
    "not-planned",
    "declined",
    "invalid",
    "duplicate",
    "out of scope",
];

/// How an issue stands.
pub(super) fn seen(kind: TrackerKind, issue: &Value, words: Option<String>) -> Result<Seen, Failed> {
    let state = issue["state"].as_str().ok_or_else(|| Failed::new("the answer is no issue"))?;
    let labels: Vec<String> = issue["labels"]
        .as_array()
        .map_or(&[][..], Vec::as_slice)
        .iter()
        .filter_map(|l| l.as_str().or_else(|| l["name"].as_str()))
        .map(str::to_lowercase)
        .collect();
    // GitLab's and Gitea's labels are often scoped: `resolution::wontfix`, `Reviewed/Won't Fix`.
    let bare = |label: &String| label.rsplit([':', '/']).next().unwrap_or_default().trim().to_owned();
    let no = labels.iter().any(|l| NO.contains(&l.as_str()) || NO.contains(&bare(l).as_str()));
    let closed = match (state, issue["state_reason"].as_str()) {
        ("closed", Some("not_planned" | "duplicate")) => Some(Closed::NotPlanned),
        ("closed", _) if no => Some(Closed::NotPlanned),
        ("closed", _) => Some(Closed::Done),
        _ => None,
    };
    let someone = |key: &str| issue[key].as_array().is_some_and(|a| !a.is_empty()) || issue[key].is_object();
    let milestone = issue["milestone"]["title"].as_str().map(str::to_owned);
    Ok(Seen {
        closed,
        labels: labels.iter().map(bare).collect(),
        milestone,
        assigned: someone("assignees") || someone("assignee"),
        words: words.map(|w| crate::page::line(&w, 500)),
        tracker: kind.as_str().to_owned(),
    })
}
