//! What only GraphQL has, or has at a fraction of the requests: discussions, and reviews of pull requests.
//!
//! Walked from the newest change back to what was known: what changes meanwhile goes to the front, where the next round
//! finds it, and pushes others only towards where we are going.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::{Ask, Place, Progress, Reply, Turn};
use super::{before, state, value};

/// How far the walk back is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Back {
    /// Everything changed before this is in.
    known: Option<String>,
    /// The newest change of the round that is under way.
    newest: Option<String>,
    after: Option<String>,
    progress: Progress,
}

const COMMENT: &str = "id url body createdAt updatedAt isAnswer author { __typename login }";

/// The next page of a stream.
pub(super) fn ask(place: &Place, stream: &str, cursor: &Value) -> Ask {
    let at: Back = state(cursor);
    let order = "orderBy: {field: UPDATED_AT, direction: DESC}";
    let nodes = if stream == "discussions" {
        format!(
            "discussions(first: 25, after: $after, {order}) {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ \
             number title url body createdAt updatedAt closed closedAt stateReason answerChosenAt \
             author {{ __typename login }} answerChosenBy {{ __typename login }} category {{ name isAnswerable }} answer {{ id }} \
             labels(first: 20) {{ nodes {{ name }} }} \
             reactions(first: 50) {{ totalCount nodes {{ content createdAt user {{ __typename login }} }} }} \
             comments(first: 50) {{ totalCount nodes {{ {COMMENT} replies(first: 50) {{ totalCount nodes {{ {COMMENT} }} }} }} }} }} }}"
        )
    } else {
        format!(
            "pullRequests(first: 50, after: $after, {order}) {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ \
             number updatedAt reviews(first: 50) {{ totalCount nodes {{ databaseId state body url submittedAt updatedAt \
             author {{ __typename login }} }} }} }} }}"
        )
    };
    query(place, &nodes, at.after.as_deref())
}

/// A request for some nodes of the repository, which may speak of `$after`.
pub(super) fn query(place: &Place, nodes: &str, after: Option<&str>) -> Ask {
    let (owner, name) = place.what.split_once('/').unwrap_or((&place.what, ""));
    let query = format!(
        "query($owner: String!, $name: String!, $after: String) {{ repository(owner: $owner, name: $name) {{ nameWithOwner {nodes} }} }}"
    );
    let body = json!({"query": query, "variables": {"owner": owner, "name": name, "after": after}});
    Ask { post: Some(body.to_string()), ..Ask::get(format!("{}/graphql", place.base), "graphql") }
}

/// One list of the repository in an answer.
pub(super) fn found(reply: &Reply, list: &str) -> Result<Value, String> {
    let mut body: Value = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
    let found = body["data"]["repository"][list].take();
    if found.is_null() {
        let why = body["errors"][0]["message"].as_str().unwrap_or("no data");
        return Err(why.chars().take(200).collect());
    }
    Ok(found)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    total_count: Option<u64>,
    page_info: PageInfo,
    nodes: Vec<Option<Node>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageInfo {
    pub(super) has_next_page: bool,
    pub(super) end_cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    updated_at: String,
}

/// What a page means.
pub(super) fn turn(stream: &str, cursor: &Value, reply: &Reply) -> Result<Turn, String> {
    let list = if stream == "discussions" { "discussions" } else { "pullRequests" };
    let page = Connection::deserialize(&found(reply, list)?).map_err(|e| e.to_string())?;
    let mut at: Back = state(cursor);
    let stamps: Vec<&str> = page.nodes.iter().flatten().map(|n| n.updated_at.as_str()).collect();
    let known = at.known.clone();
    let old = |stamp: &&str| known.as_deref().is_some_and(|known| *stamp < known);
    let met = stamps.iter().any(old);
    at.newest = at.newest.max(stamps.iter().max().map(|s| (*s).to_owned()));
    at.progress.done += stamps.iter().filter(|s| !old(s)).count() as u64;
    at.progress.about = page.total_count.map(|n| n.max(at.progress.done));
    let end = met || !page.page_info.has_next_page;
    if end {
        at.known = at.newest.take().as_deref().map(before).or(at.known);
        at.after = None;
        at.progress.about = Some(at.progress.done);
    } else {
        at.after = page.page_info.end_cursor;
    }
    Ok(Turn {
        cursor: value(&at),
        item: Some(format!("live/{stream}.json")),
        end,
        progress: at.progress,
        ..Turn::default()
    })
}
