//! Discussions of the repository, as the GraphQL API gives them.

use serde_json::{Value, json};

use super::github::{association, login};
use super::{Files, json};
use crate::Fault;
use crate::when::{self, iso};
use crate::world::{Message, NOW, Thread, World};

const REPO: &str = "tidewater-relay/relay";

/// Renders one page with all discussions.
pub(crate) fn render(world: &World, files: &mut Files) -> Result<(), Fault> {
    let nodes: Vec<Value> =
        world.of("github-discussions").map(|t| discussion(world, t)).collect::<Result<_, _>>()?;
    let page = json!({ "data": { "repository": { "nameWithOwner": REPO, "discussions": {
        "totalCount": nodes.len(), "pageInfo": { "hasNextPage": false, "endCursor": null }, "nodes": nodes } } } });
    files.insert("sources/github-discussions/discussions.json".to_owned(), json(&page));
    Ok(())
}

fn said(world: &World, message: &Message, id: &str) -> Result<Value, Fault> {
    let author = login(world, &message.by)?;
    Ok(json!({
        "id": id, "author": if author.is_null() { author } else { json!({ "login": author }) },
        "authorAssociation": association(world, &message.by)?,
        "body": message.seen(when::parse(NOW)?)?.unwrap_or_default(),
        "createdAt": iso(message.at()?), "updatedAt": iso(message.touched(when::parse(NOW)?)?),
        "reactions": { "nodes": reactions(world, message)? },
    }))
}

fn reactions(world: &World, message: &Message) -> Result<Vec<Value>, Fault> {
    let mut nodes = Vec::new();
    for (emoji, people) in message.reactions() {
        for id in people {
            nodes.push(json!({ "content": emoji.to_uppercase(), "user": { "login": login(world, id)? } }));
        }
    }
    Ok(nodes)
}

fn discussion(world: &World, thread: &Thread) -> Result<Value, Fault> {
    let number = thread.number()?;
    let id = |n: usize| format!("DC_{number}_{n}");
    let mut comments: Vec<Value> = Vec::new();
    // What answers the opening stands at the top; what answers a comment stands below it.
    let mut top: Vec<usize> = Vec::new();
    for (n, message) in thread.messages.iter().enumerate().skip(1) {
        let comment = said(world, message, &id(n))?;
        let parent = message.re.filter(|re| *re > 1).and_then(|re| top.iter().position(|t| *t + 1 == re));
        match parent.and_then(|index| comments[index]["replies"]["nodes"].as_array_mut()) {
            Some(replies) => replies.push(comment),
            None => {
                let mut comment = comment;
                comment["replies"] = json!({ "nodes": [] });
                comment["isAnswer"] = json!(thread.accept == Some(n + 1));
                comments.push(comment);
                top.push(n);
            }
        }
    }
    let place = thread.place.as_deref().unwrap_or("General");
    let answer = thread.accept.map(|n| id(n - 1));
    let accepted = thread.accept.and_then(|n| thread.messages.get(n - 1)).map(|m| m.at.clone());
    let mut node = said(world, &thread.messages[0], &format!("D_{number}"))?;
    node["number"] = json!(number);
    node["title"] = json!(thread.title);
    node["url"] = json!(format!("https://github.com/{REPO}/discussions/{number}"));
    node["category"] = json!({ "name": place, "isAnswerable": place == "Q&A" });
    node["answer"] = answer.map_or(Value::Null, |id| json!({ "id": id }));
    node["answerChosenAt"] = json!(accepted);
    node["closed"] = json!(false);
    node["labels"] =
        json!({ "nodes": thread.labels.iter().map(|l| json!({ "name": l })).collect::<Vec<_>>() });
    node["comments"] = json!({ "totalCount": comments.len(), "nodes": comments });
    Ok(node)
}
