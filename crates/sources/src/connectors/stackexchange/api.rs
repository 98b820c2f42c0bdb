//! Questions as the API gives them (version 2.3), each with its answers and comments. Keys are those of the dump.

use std::io::BufRead;

use rapport_model::{
    Act, Activity, Key, Mark, Place, Record, Reject, ThreadFacts, ThreadKind, ThreadRef, Time, Who,
};
use serde::Deserialize;

use crate::contract::{Out, Unreadable, go_on};
use crate::markup;
use crate::scan::Elements;

#[derive(Deserialize)]
struct Question {
    question_id: u64,
    title: Option<String>,
    link: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    accepted_answer_id: Option<u64>,
    closed_date: Option<i64>,
    closed_reason: Option<String>,
    #[serde(flatten)]
    post: Post,
    #[serde(default)]
    answers: Vec<Answer>,
    answer_count: Option<usize>,
}

#[derive(Deserialize)]
struct Answer {
    answer_id: u64,
    #[serde(flatten)]
    post: Post,
}

/// What questions and answers share.
#[derive(Deserialize)]
struct Post {
    body: Option<String>,
    body_markdown: Option<String>,
    owner: Option<User>,
    creation_date: i64,
    last_activity_date: Option<i64>,
    #[serde(default)]
    comments: Vec<Comment>,
    comment_count: Option<usize>,
}

#[derive(Deserialize)]
struct Comment {
    comment_id: u64,
    body: Option<String>,
    body_markdown: Option<String>,
    owner: Option<User>,
    creation_date: i64,
    link: Option<String>,
}

#[derive(Deserialize)]
struct User {
    user_id: Option<i64>,
    display_name: Option<String>,
}

/// Reads a page of the API's answer.
pub(super) fn read(
    place: &Place,
    host: &str,
    body: &mut dyn BufRead,
    out: &mut dyn Out,
) -> Result<(), Unreadable> {
    let mut elements = Elements::new(body, &["items[]", "[].items[]"]);
    while let Some(element) = elements.next()? {
        match question(place, host, element.bytes) {
            Ok(record) => go_on(out.record(record))?,
            Err(why) => go_on(out.reject(Reject::new(element.at(), why, element.bytes)))?,
        }
    }
    Ok(())
}

fn who(place: &Place, user: Option<&User>) -> Option<Who> {
    let user = user?;
    let id = user.user_id?; // a deleted account keeps its name alone
    let mut who = Who::new(place, id.to_string());
    who.name = user.display_name.as_deref().map(markup::from_html).filter(|n| !n.trim().is_empty());
    who.bot = id == -1;
    Some(who)
}

fn at(seconds: i64) -> Result<Time, String> {
    Time::from_seconds(seconds).ok_or_else(|| "the creation time is out of range".to_owned())
}

fn text(html: Option<&String>, markdown: Option<&String>) -> String {
    html.map(|h| markup::from_html(h)).or_else(|| markdown.cloned()).unwrap_or_default()
}

fn question(place: &Place, host: &str, bytes: &[u8]) -> Result<Record, String> {
    let q: Question = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    let key = Key::new(format!("post/{}", q.question_id));
    let thread = ThreadRef::Key(key.clone());
    let url = q.link.clone().unwrap_or_else(|| format!("https://{host}/q/{}", q.question_id));
    let created = at(q.post.creation_date)?;
    let mut opening =
        Activity::new(key.clone(), Act::Opened, created, who(place, q.post.owner.as_ref()), thread.clone());
    opening.text = text(q.post.body.as_ref(), q.post.body_markdown.as_ref());
    opening.url = Some(url.clone());
    opening.updated = q.post.last_activity_date.and_then(Time::from_seconds);
    let closed = q.closed_date.and_then(Time::from_seconds);
    opening.facts = Some(Box::new(ThreadFacts {
        kind: Some(ThreadKind::Question),
        title: q.title.as_deref().map(markup::from_html),
        url: Some(url),
        mark: (closed.is_some() || q.closed_reason.is_some()).then_some(Mark::NotPlanned),
        closed_at: closed,
        labels: q.tags,
        accepted: q.accepted_answer_id.map(|a| Key::new(format!("post/{a}"))),
        ..ThreadFacts::default()
    }));
    let mut record = Record::one(bytes, opening);
    comments(place, host, &mut record, &key, &thread, &q.post.comments);
    for a in &q.answers {
        let own = Key::new(format!("post/{}", a.answer_id));
        match at(a.post.creation_date) {
            Ok(at) => {
                let who = who(place, a.post.owner.as_ref());
                let mut said = Activity::new(own.clone(), Act::Replied, at, who, thread.clone());
                said.text = text(a.post.body.as_ref(), a.post.body_markdown.as_ref());
                said.url = Some(format!("https://{host}/a/{}", a.answer_id));
                said.updated = a.post.last_activity_date.and_then(Time::from_seconds);
                record.activities.push(said);
            }
            Err(why) => record.rejects.push(Reject::new(own.as_str(), why, b"")),
        }
        comments(place, host, &mut record, &own, &thread, &a.post.comments);
    }
    // An id that comes twice means nothing: the first stands.
    let mut seen = std::collections::BTreeSet::new();
    record.activities.retain(|a| seen.insert(a.key.clone()));
    // Where the counts agree with what is there, what is missing was deleted.
    let complete = |post: &Post| post.comment_count == Some(post.comments.len());
    let whole = q.answer_count == Some(q.answers.len())
        && complete(&q.post)
        && q.answers.iter().all(|a| complete(&a.post));
    record.whole = whole.then_some(key);
    Ok(record)
}

fn comments(
    place: &Place,
    host: &str,
    record: &mut Record,
    post: &Key,
    thread: &ThreadRef,
    comments: &[Comment],
) {
    for c in comments {
        let own = Key::new(format!("comment/{}", c.comment_id));
        match at(c.creation_date) {
            Ok(at) => {
                let mut said =
                    Activity::new(own, Act::Replied, at, who(place, c.owner.as_ref()), thread.clone());
                said.text = text(c.body.as_ref(), c.body_markdown.as_ref());
                let id = post.as_str().trim_start_matches("post/");
                let there = || format!("https://{host}/q/{id}#comment{}_{id}", c.comment_id);
                said.url = Some(c.link.clone().unwrap_or_else(there));
                said.reply_to = Some(post.clone());
                record.activities.push(said);
            }
            Err(why) => record.rejects.push(Reject::new(own.as_str(), why, b"")),
        }
    }
}
