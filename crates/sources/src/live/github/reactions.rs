//! Who reacted to issues, from GraphQL: the REST lists have counts alone, and a count is not people.
//!
//! A reaction moves no issue up in any list. The first round reads all of them from the oldest; afterwards each look reads one
//! page of those that are open, in turns the newest and the next of the older ones.

use rapport_model::Key;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::connectors::github::{reaction, reactions};

use super::super::{Ask, At, Place, Progress, Reply, Turn};
use super::graph::{self, PageInfo};
use super::{state, value};

/// The stream.
pub(super) const STREAM: &str = "reactions";

/// Where it stands.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Rounds {
    /// The end of the page before.
    after: Option<String>,
    /// Every issue was met once.
    round: bool,
    /// This look reads the newest.
    newest: bool,
    progress: Progress,
}

/// So many of one issue are told; of one that has more none counts as taken back.
const MOST: u64 = 100;

pub(super) fn ask(place: &Place, cursor: &Value) -> Ask {
    let at: Rounds = state(cursor);
    let order = if at.round {
        "states: [OPEN], orderBy: {field: CREATED_AT, direction: DESC}"
    } else {
        "orderBy: {field: CREATED_AT, direction: ASC}"
    };
    let nodes = format!(
        "issues(first: 100, after: $after, {order}) {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ \
         number createdAt reactions(first: {MOST}) {{ totalCount nodes {{ content createdAt user {{ __typename login }} }} }} }} }}"
    );
    let after = at.after.filter(|_| !at.newest);
    graph::query(place, &nodes, after.as_deref())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    total_count: u64,
    page_info: PageInfo,
    nodes: Vec<Option<Node>>,
}

#[derive(Deserialize)]
struct Node {
    number: u64,
    reactions: Reactions,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reactions {
    total_count: u64,
    nodes: Vec<Option<Reaction>>,
}

#[derive(Deserialize)]
struct Reaction {
    content: String,
    user: Option<User>,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

pub(super) fn turn(at: At<'_>, reply: &Reply) -> Result<Turn, String> {
    let page = Connection::deserialize(&graph::found(reply, "issues")?).map_err(|e| e.to_string())?;
    let mut now: Rounds = state(at.cursor);
    let mut whole = Vec::new();
    for node in page.nodes.iter().flatten().filter(|node| node.reactions.total_count <= MOST) {
        let thread = Key::new(format!("issue/{}", node.number));
        let named = node.reactions.nodes.iter().flatten().filter_map(|r| {
            let user = r.user.as_ref()?;
            Some(reaction(&thread, &r.content, &user.login).fingerprint())
        });
        let seen: std::collections::BTreeSet<u64> = named.collect();
        let begins = reactions(&thread);
        let gone = |key: &Key| key.as_str().starts_with(&begins) && !seen.contains(&key.fingerprint());
        if at.held.keys(&thread).iter().any(gone) {
            whole.push((thread, seen));
        }
    }
    let more = page.page_info.has_next_page;
    let mut end = true;
    if now.round {
        if !now.newest {
            now.after = page.page_info.end_cursor.filter(|_| more);
        }
        now.newest = !now.newest;
    } else {
        now.progress.done += page.nodes.len() as u64;
        now.progress.about = Some(page.total_count.max(now.progress.done));
        now.after = page.page_info.end_cursor.filter(|_| more);
        end = !more;
        (now.round, now.newest) = (end, end);
        if end {
            now.progress.about = Some(now.progress.done);
        }
    }
    let item = Some(format!("live/{STREAM}.json"));
    Ok(Turn { cursor: value(&now), item, end, progress: now.progress, whole, ..Turn::default() })
}
