//! GitHub: `archive.json` files of whole repositories (the format that IETF working groups publish), and lists from
//! the REST API, pages of them included, and discussions from GraphQL.
//!
//! A comment in such an archive has no id: its author and creation time name it, so that an edited body is a revision.

mod discussions;
mod rest;

pub(crate) use discussions::{reaction, reactions};

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::BufRead;

use rapport_model::{Act, Activity, Key, Mark, Place, ThreadFacts, ThreadKind, ThreadRef, Time, Who};
use serde::Deserialize;

use crate::contract::{
    About, Connector, Detected, Item, Out, Peek, Plan, Reader, Record, Reject, Unreadable, go_on,
};
use crate::scan::{Element, Elements};

/// The connector.
pub(crate) struct GitHub;

impl Connector for GitHub {
    fn about(&self) -> &'static About {
        &About {
            name: "github",
            reads: "GitHub repositories: archive.json, lists of issues, pull requests, comments and releases as the REST API gives them, discussions, reviews and reactions from GraphQL",
            how_to_get: "The action ietf-tools/... publishes archive.json; or: gh api --paginate repos/OWNER/REPO/issues > issues.json; discussions: gh api graphql --paginate --slurp with repository.discussions.nodes and nameWithOwner.",
            terms: "each author's own; the repository's licence does not cover its discussions",
            limits: "a list of issues alone, saved by hand, carries no comments",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        let mut json = peek.items().iter().filter(|n| n.ends_with(".json")).take(20);
        json.find_map(|name| {
            let head = String::from_utf8_lossy(&peek.head(name, 256 * 1024)).into_owned();
            let start = head.trim_start();
            let archive = start.starts_with('{') && head.contains("\"repo\"") && head.contains("\"labels\"");
            let rest = start.starts_with('[')
                // Gitea's lists look the same but for where they stand.
                && (head.contains("https://github.com/") || head.contains("\"node_id\""))
                && head.contains("\"html_url\"")
                && ["\"number\"", "\"issue_url\"", "\"pull_request_url\"", "\"tag_name\""]
                    .iter()
                    .any(|k| head.contains(k));
            let graph = (head.contains("\"discussions\"") || head.contains("\"pullRequests\""))
                && head.contains("\"nameWithOwner\"");
            let repo = if graph {
                after(&head, "\"nameWithOwner\"")
            } else if archive {
                after(&head, "\"repo\"")
            } else if rest {
                repo_of(&after(&head, "\"repository_url\"").or_else(|| after(&head, "\"html_url\""))?)
            } else {
                None
            }?;
            let why = format!("{name} holds issues of {repo}");
            Some(Detected { sure: 95, what: repo.to_lowercase(), why })
        })
    }

    fn reader(&self, _what: &str) -> Box<dyn Reader> {
        Box::new(Repository { place: Place::new("github.com") })
    }
}

/// A reader of lists whose accounts live at another host.
pub(super) fn repository(host: &str) -> Box<dyn Reader> {
    Box::new(Repository { place: Place::new(host) })
}

/// The string value that follows a key in a head of JSON.
pub(super) fn after(head: &str, key: &str) -> Option<String> {
    let rest = head.split_once(key)?.1.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    Some(rest.split_once('"')?.0.to_owned())
}

/// `https://api.github.com/repos/a/b/...` or `https://github.com/a/b/...` -> `a/b`
fn repo_of(url: &str) -> Option<String> {
    let path = url.split_once("://")?.1.split_once('/')?.1;
    let path = path.strip_prefix("repos/").unwrap_or(path);
    let mut parts = path.split('/');
    Some(format!("{}/{}", parts.next()?, parts.next()?))
}

struct Repository {
    place: Place,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thread<'a> {
    number: u64,
    #[serde(borrow)]
    title: Option<Cow<'a, str>>,
    #[serde(alias = "html_url")]
    #[serde(borrow)]
    url: Option<Cow<'a, str>>,
    #[serde(borrow)]
    state: Option<Cow<'a, str>>,
    #[serde(borrow, alias = "state_reason")]
    state_reason: Option<Cow<'a, str>>,
    #[serde(borrow)]
    author: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    labels: Vec<Label<'a>>,
    #[serde(borrow)]
    body: Option<Cow<'a, str>>,
    created_at: Option<String>,
    updated_at: Option<String>,
    closed_at: Option<String>,
    merged_at: Option<String>,
    #[serde(borrow)]
    merged_by: Option<Cow<'a, str>>,
    #[serde(default)]
    comments: Option<Vec<Comment>>,
    #[serde(default)]
    reviews: Option<Vec<Review>>,
}

#[derive(Deserialize)]
#[serde(untagged)] // a label is a name in archives and an object in REST; the two cannot be confused
pub(crate) enum Label<'a> {
    Name(#[serde(borrow)] Cow<'a, str>),
    Object { name: Option<String> },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Comment {
    id: Option<String>,
    author: Option<String>,
    body: Option<String>,
    created_at: Option<String>,
    updated_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Review {
    id: Option<String>,
    author: Option<String>,
    state: Option<String>,
    body: Option<String>,
    created_at: Option<String>,
    submitted_at: Option<String>,
    #[serde(default)]
    comments: Option<Vec<Comment>>,
}

impl Reader for Repository {
    fn plan(&self, name: &str) -> Plan {
        if name.ends_with(".json") { Plan::Read(0) } else { Plan::Skip }
    }

    fn read(&mut self, _item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let head = body.fill_buf()?;
        let mut brackets = head.iter().filter(|b| !b.is_ascii_whitespace());
        let list = brackets.next() == Some(&b'[');
        let pages = list && brackets.next() == Some(&b'[');
        let graph = is_graph(head);
        let wanted: &[&str] = match (list, pages) {
            _ if graph => &discussions::PATHS,
            (true, true) => &["[][]"],
            (true, false) => &["[]"],
            _ => &["issues[]", "pulls[]"],
        };
        let mut elements = Elements::new(body, wanted);
        while let Some(element) = elements.next()? {
            let record = match list {
                _ if graph => match element.list % 3 {
                    0 => discussions::read(&self.place, element.bytes),
                    1 => rest::reviews(&self.place, element.bytes),
                    _ => match discussions::reacted(&self.place, element.bytes) {
                        Ok(None) => continue,
                        Ok(Some(record)) => Ok(record),
                        Err(why) => Err(why),
                    },
                },
                true => rest::read(&self.place, element.bytes),
                false => self.archived(&element),
            };
            match record {
                Ok(record) => go_on(out.record(record))?,
                Err(why) => go_on(out.reject(Reject::new(element.at(), why, element.bytes)))?,
            }
        }
        Ok(())
    }
}

/// Whether the document is an answer of GraphQL (or a list of them), told from its beginning.
fn is_graph(head: &[u8]) -> bool {
    let open: Vec<u8> = head.iter().copied().filter(|b| !b.is_ascii_whitespace()).take(9).collect();
    open.starts_with(b"{\"data\":") || open.starts_with(b"[{\"data\":")
}

fn time(text: Option<&str>) -> Result<Time, String> {
    Time::parse(text.ok_or("the creation time is missing")?).map_err(|e| e.to_string())
}

/// A key that nothing else of the record has: what comes again is numbered.
fn fresh(seen: &mut HashMap<Key, u32>, name: &Key) -> Key {
    let mut found = name.clone();
    loop {
        let times = seen.entry(name.clone()).or_default();
        *times += 1;
        if *times > 1 {
            found = Key::new(format!("{name}.{times}"));
        }
        if found == *name || !seen.contains_key(&found) {
            seen.entry(found.clone()).or_insert(1);
            return found;
        }
    }
}

/// An account of GitHub. Logins are compared without case there.
pub(super) fn account(place: &Place, login: &str, bot: bool) -> Who {
    let mut who = Who::new(place, login.to_lowercase());
    who.handle = Some(login.to_owned());
    who.bot = bot || login.ends_with("[bot]");
    who
}

impl Repository {
    fn who(&self, login: &str, bot: bool) -> Option<Who> {
        (!login.trim().is_empty()).then(|| account(&self.place, login, bot))
    }

    fn archived(&self, element: &Element<'_>) -> Result<Record, String> {
        let t: Thread<'_> = serde_json::from_slice(element.bytes).map_err(|e| e.to_string())?;
        let pull = element.list == 1;
        let key = Key::new(format!("{}/{}", if pull { "pull" } else { "issue" }, t.number));
        let at = time(t.created_at.as_deref())?;
        let by = |login: Option<&str>| login.and_then(|l| self.who(l, false));
        let url = t.url.as_deref().map(str::to_owned);
        let mut opening =
            Activity::new(key.clone(), Act::Opened, at, by(t.author.as_deref()), ThreadRef::Key(key.clone()));
        opening.text = t.body.as_deref().unwrap_or("").to_owned();
        opening.url.clone_from(&url);
        opening.updated = t.updated_at.as_deref().and_then(|text| Time::parse(text).ok());
        let merged = t.merged_at.is_some();
        let ended = t.merged_at.as_deref().or(t.closed_at.as_deref()).and_then(|text| Time::parse(text).ok());
        opening.facts = Some(Box::new(ThreadFacts {
            kind: Some(if pull { ThreadKind::ChangeRequest } else { ThreadKind::Issue }),
            title: t.title.as_deref().map(str::to_owned),
            url: url.clone(),
            mark: Some(mark(t.state.as_deref(), t.state_reason.as_deref(), merged)),
            closed_at: ended,
            labels: labels(&t.labels),
            ..ThreadFacts::default()
        }));
        let mut record = Record::one(element.bytes, opening);
        let mut seen: HashMap<Key, u32> = HashMap::from([(key.clone(), 1)]);
        let say = |record: &mut Record,
                   seen: &mut HashMap<Key, u32>,
                   c: &Comment,
                   prefix: &str,
                   author: Option<&str>,
                   to: Option<&Key>| {
            let at = match time(c.created_at.as_deref()) {
                Ok(at) => at,
                Err(why) => {
                    let raw = c.body.as_deref().unwrap_or("").as_bytes();
                    return record.rejects.push(Reject::new(format!("{key}, a comment"), why, raw));
                }
            };
            let name = match &c.id {
                Some(id) => Key::new(format!("{key}/{prefix}/{id}")),
                None => {
                    let who = author.unwrap_or("");
                    Key::of_content(
                        &format!("{key}/{prefix}/"),
                        &[who, c.created_at.as_deref().unwrap_or("")],
                    )
                }
            };
            let name = fresh(seen, &name);
            let mut said = Activity::new(name, Act::Replied, at, by(author), ThreadRef::Key(key.clone()));
            said.text = c.body.clone().unwrap_or_default();
            said.url.clone_from(&url);
            said.updated = c.updated_at.as_deref().and_then(|text| Time::parse(text).ok());
            said.reply_to = to.cloned();
            record.activities.push(said);
        };
        for c in t.comments.iter().flatten() {
            say(&mut record, &mut seen, c, "c", c.author.as_deref(), None);
        }
        for (n, review) in t.reviews.iter().flatten().enumerate() {
            let id = review.id.clone().unwrap_or_else(|| n.to_string());
            let name = fresh(&mut seen, &Key::new(format!("{key}/review/{id}")));
            match time(review.submitted_at.as_deref().or(review.created_at.as_deref())) {
                Ok(at) => {
                    let mut said = Activity::new(
                        name.clone(),
                        Act::Reviewed,
                        at,
                        by(review.author.as_deref()),
                        ThreadRef::Key(key.clone()),
                    );
                    said.text = review.body.clone().unwrap_or_default();
                    said.detail.clone_from(&review.state);
                    said.url.clone_from(&url);
                    record.activities.push(said);
                }
                Err(why) => record.rejects.push(Reject::new(format!("{key}, review {id}"), why, b"")),
            }
            for c in review.comments.iter().flatten() {
                let author = c.author.as_deref().or(review.author.as_deref());
                say(&mut record, &mut seen, c, &format!("review/{id}/c"), author, Some(&name));
            }
        }
        if let Some(at) = ended {
            let act = if merged { Act::Merged } else { Act::Closed };
            let stamp = t.merged_at.as_deref().or(t.closed_at.as_deref()).unwrap_or_default();
            let name = fresh(&mut seen, &Key::new(format!("{key}/{}/{stamp}", act.as_str())));
            let who = by(t.merged_by.as_deref());
            record.activities.push(Activity::new(name, act, at, who, ThreadRef::Key(key.clone())));
        }
        if t.comments.is_some() {
            record.whole = Some(key.clone());
        }
        Ok(record)
    }
}

pub(super) fn mark(state: Option<&str>, reason: Option<&str>, merged: bool) -> Mark {
    match (state.map(str::to_ascii_lowercase).as_deref(), reason.map(str::to_ascii_lowercase).as_deref()) {
        _ if merged => Mark::Merged,
        (Some("merged"), _) => Mark::Merged,
        (Some("closed"), Some("not_planned" | "duplicate")) => Mark::NotPlanned,
        (Some("closed"), _) => Mark::Closed,
        _ => Mark::Open,
    }
}

pub(super) fn labels(labels: &[Label<'_>]) -> Vec<String> {
    let name = |label: &Label<'_>| match label {
        Label::Name(name) => Some(name.to_string()),
        Label::Object { name } => name.clone(),
    };
    labels.iter().filter_map(name).collect()
}
