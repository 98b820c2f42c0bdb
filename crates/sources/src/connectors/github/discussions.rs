//! Discussions as the GraphQL API gives them: `repository.discussions.nodes` with comments and their replies.

use std::collections::BTreeMap;

use rapport_model::{
    Act, Activity, Key, Mark, Place, Record, Reject, ThreadFacts, ThreadKind, ThreadRef, Time,
};
use serde::Deserialize;

use super::{account, time};

/// Where the discussions stand in an answer and in a list of answers, and beside each the pull requests with reviews, and
/// the issues with who reacted to them.
pub(super) const PATHS: [&str; 6] = [
    "data.repository.discussions.nodes[]",
    "data.repository.pullRequests.nodes[]",
    "data.repository.issues.nodes[]",
    "[].data.repository.discussions.nodes[]",
    "[].data.repository.pullRequests.nodes[]",
    "[].data.repository.issues.nodes[]",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Discussion {
    number: u64,
    title: Option<String>,
    url: Option<String>,
    body: Option<String>,
    author: Option<Login>,
    created_at: Option<String>,
    updated_at: Option<String>,
    category: Option<Category>,
    answer: Option<Answer>,
    answer_chosen_at: Option<String>,
    answer_chosen_by: Option<Login>,
    #[serde(default)]
    closed: bool,
    closed_at: Option<String>,
    state_reason: Option<String>,
    labels: Option<Nodes<Named>>,
    reactions: Option<Nodes<Reaction>>,
    comments: Option<Nodes<Comment>>,
}

#[derive(Deserialize)]
struct Login {
    login: String,
    #[serde(rename = "__typename")]
    kind: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Category {
    name: Option<String>,
    #[serde(default)]
    is_answerable: bool,
}

#[derive(Deserialize)]
struct Answer {
    id: String,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Nodes<T> {
    /// An element that could not be resolved is null.
    nodes: Option<Vec<Option<T>>>,
    total_count: Option<u64>,
}

impl<T> Nodes<T> {
    fn each(nodes: Option<&Nodes<T>>) -> impl Iterator<Item = &T> {
        nodes.and_then(|n| n.nodes.as_ref()).into_iter().flatten().flatten()
    }
    /// Whether every element is there. Without a count nobody can tell.
    fn complete(nodes: Option<&Nodes<T>>) -> bool {
        nodes.and_then(|n| n.total_count) == Some(Nodes::each(nodes).count() as u64)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reaction {
    content: String,
    user: Option<Login>,
    created_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Comment {
    id: String,
    url: Option<String>,
    body: Option<String>,
    author: Option<Login>,
    created_at: Option<String>,
    updated_at: Option<String>,
    #[serde(default)]
    is_answer: bool,
    reactions: Option<Nodes<Reaction>>,
    replies: Option<Nodes<Comment>>,
}

/// One discussion with everything said in it.
pub(super) fn read(place: &Place, bytes: &[u8]) -> Result<Record, String> {
    let d: Discussion = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    let key = Key::new(format!("discussion/{}", d.number));
    let thread = ThreadRef::Key(key.clone());
    let parsed = |text: Option<&String>| text.and_then(|t| Time::parse(t).ok());
    let at = time(d.created_at.as_deref())?;
    let mut opening =
        Activity::new(key.clone(), Act::Opened, at, who(place, d.author.as_ref()), thread.clone());
    opening.text = d.body.unwrap_or_default();
    opening.url.clone_from(&d.url);
    opening.updated = parsed(d.updated_at.as_ref());
    let answerable = d.category.as_ref().is_some_and(|c| c.is_answerable);
    let comments: Vec<(&Comment, Option<Key>)> = Nodes::each(d.comments.as_ref())
        .flat_map(|c| {
            let parent = name(&key, &c.id);
            std::iter::once((c, None))
                .chain(Nodes::each(c.replies.as_ref()).map(move |reply| (reply, Some(parent.clone()))))
        })
        .collect();
    let chosen = d.answer.map(|a| a.id).or_else(|| {
        let marked = comments.iter().find(|(c, _)| c.is_answer);
        marked.map(|(c, _)| c.id.clone())
    });
    let accepted = chosen.map(|id| name(&key, &id));
    opening.facts = Some(Box::new(ThreadFacts {
        kind: Some(if answerable { ThreadKind::Question } else { ThreadKind::Topic }),
        title: d.title,
        url: d.url.clone(),
        container: d.category.and_then(|c| c.name),
        mark: Some(match (d.closed, d.state_reason.as_deref()) {
            (false, _) => Mark::Open,
            (true, Some("OUTDATED" | "DUPLICATE")) => Mark::NotPlanned,
            (true, _) => Mark::Closed,
        }),
        closed_at: parsed(d.closed_at.as_ref()),
        labels: Nodes::each(d.labels.as_ref()).map(|l| l.name.clone()).collect(),
        accepted: accepted.clone(),
        ..ThreadFacts::default()
    }));
    let mut record = Record::one(bytes, opening);
    react(place, &mut record, &key, &thread, d.reactions.as_ref(), at);
    for (comment, parent) in &comments {
        let own = name(&key, &comment.id);
        let at = match time(comment.created_at.as_deref()) {
            Ok(at) => at,
            Err(why) => {
                let raw = comment.body.as_deref().unwrap_or("").as_bytes();
                record.rejects.push(Reject::new(format!("{key}, comment {}", comment.id), why, raw));
                continue;
            }
        };
        let by = who(place, comment.author.as_ref());
        let mut said = Activity::new(own.clone(), Act::Replied, at, by, thread.clone());
        said.text = comment.body.clone().unwrap_or_default();
        said.url = comment.url.clone().or_else(|| d.url.clone());
        said.reply_to.clone_from(parent);
        said.updated = parsed(comment.updated_at.as_ref());
        record.activities.push(said);
        react(place, &mut record, &own, &thread, comment.reactions.as_ref(), at);
    }
    if let (Some(answer), Some(at)) = (accepted, parsed(d.answer_chosen_at.as_ref())) {
        let by = who(place, d.answer_chosen_by.as_ref());
        let mut act = Activity::new(Key::new(format!("{key}/accepted")), Act::Accepted, at, by, thread);
        act.reply_to = Some(answer);
        record.activities.push(act);
    }
    // Pages inside pages are cut by the query: only what is complete tells what is gone.
    let whole = Nodes::complete(d.comments.as_ref())
        && Nodes::each(d.comments.as_ref())
            .all(|c| c.replies.as_ref().is_none_or(|r| r.total_count.is_none() || Nodes::complete(Some(r))));
    record.whole = whole.then_some(key);
    Ok(record)
}

fn name(thread: &Key, id: &str) -> Key {
    Key::new(format!("{thread}/c/{id}"))
}

fn who(place: &Place, author: Option<&Login>) -> Option<rapport_model::Who> {
    author.map(|a| account(place, &a.login, a.kind.as_deref() == Some("Bot")))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Issue {
    number: u64,
    created_at: Option<String>,
    reactions: Option<Nodes<Reaction>>,
}

/// Who reacted to an issue; nothing when nobody did.
pub(super) fn reacted(place: &Place, bytes: &[u8]) -> Result<Option<Record>, String> {
    let issue: Issue = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    let key = Key::new(format!("issue/{}", issue.number));
    let thread = ThreadRef::Key(key.clone());
    let mut record = Record {
        raw: bytes.to_vec(),
        activities: Vec::new(),
        rejects: Vec::new(),
        whole: None,
        fixed: false,
    };
    let at = time(issue.created_at.as_deref())?;
    react(place, &mut record, &key, &thread, issue.reactions.as_ref(), at);
    Ok((!record.activities.is_empty()).then_some(record))
}

/// How the names of all reactions to something begin.
pub(crate) fn reactions(to: &Key) -> String {
    format!("{to}/reaction/")
}

/// What one of them is called.
pub(crate) fn reaction(to: &Key, content: &str, login: &str) -> Key {
    Key::new(format!("{}{}/{}", reactions(to), content.to_lowercase(), login.to_lowercase()))
}

/// Reactions carry a time only when the query asked for it; else they are told at the time of what they answer.
fn react(
    place: &Place,
    record: &mut Record,
    to: &Key,
    thread: &ThreadRef,
    reactions: Option<&Nodes<Reaction>>,
    at: Time,
) {
    let mut named: BTreeMap<Key, Activity> = BTreeMap::new();
    for one in Nodes::each(reactions) {
        let Some(user) = &one.user else { continue };
        let content = one.content.to_lowercase();
        let key = reaction(to, &content, &user.login);
        let when = one.created_at.as_ref().and_then(|t| Time::parse(t).ok()).unwrap_or(at);
        let mut act = Activity::new(key.clone(), Act::Reacted, when, who(place, Some(user)), thread.clone());
        act.reply_to = Some(to.clone());
        act.detail = Some(content);
        named.insert(key, act);
    }
    record.activities.extend(named.into_values());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, acts: &[Act], whole: bool) -> Record {
        let record = read(&Place::new("github.com"), json.as_bytes()).unwrap();
        assert_eq!(record.activities.iter().map(|a| a.act).collect::<Vec<_>>(), acts, "{json}");
        assert_eq!(record.whole.is_some(), whole, "{json}");
        record
    }

    #[test]
    fn an_answer_in_a_reply_is_the_accepted_one() {
        let record = check(
            r#"{"number":7,"title":"T","createdAt":"2026-05-01T10:00:00Z","author":null,
              "category":{"name":"Q&A","isAnswerable":true},"answerChosenAt":"2026-05-02T10:00:00Z",
              "comments":{"totalCount":1,"nodes":[{"id":"A","body":"?","createdAt":"2026-05-01T11:00:00Z",
                "replies":{"nodes":[null,{"id":"B","isAnswer":true,"createdAt":"2026-05-01T12:00:00Z",
                  "author":{"login":"Ada"},"reactions":{"nodes":[{"content":"HEART","user":{"login":"Lin"}}]}}]}}]}}"#,
            &[Act::Opened, Act::Replied, Act::Replied, Act::Reacted, Act::Accepted],
            true,
        );
        let facts = record.activities[0].facts.as_ref().unwrap();
        assert_eq!(facts.kind, Some(ThreadKind::Question));
        assert_eq!(facts.accepted.as_ref().map(Key::as_str), Some("discussion/7/c/B"));
        assert_eq!(record.activities[2].reply_to.as_ref().map(Key::as_str), Some("discussion/7/c/A"));
    }

    #[test]
    fn what_the_query_cut_tells_nothing_about_deletions() {
        check(
            r#"{"number":8,"createdAt":"2026-05-01T10:00:00Z","comments":{"totalCount":9,"nodes":[]}}"#,
            &[Act::Opened],
            false,
        );
        assert!(read(&Place::new("github.com"), br#"{"number":9}"#).is_err(), "no time");
    }
}
