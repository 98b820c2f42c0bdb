//! GitHub's deliveries: the objects in them are those of the REST API, but for discussions, which polling reads from
//! GraphQL.

use rapport_model::{Act, Key};
use serde_json::{Value, json};

use super::{Gone, Heard, Said, nothing, text};

pub(super) fn heard(event: &str, body: &Value) -> Result<Heard, String> {
    if event == "ping" {
        return nothing("a greeting: it is set up");
    }
    let action = text(body, "/action").unwrap_or_default();
    let repository = text(body, "/repository/full_name").map(str::to_lowercase);
    let Some(what) = repository else { return nothing(format!("'{event}' is about no repository")) };
    let said = Said::of(what);
    let object = |name: &str| {
        body.get(name)
            .filter(|v| v.is_object())
            .cloned()
            .ok_or_else(|| format!("'{event}' without its {name}"))
    };
    let said = match event {
        "issues" => {
            let issue = object("issue")?;
            // What was moved elsewhere is there now.
            if matches!(action, "deleted" | "transferred") {
                let mut said = said.list(vec![issue.clone()]);
                (said.gone, said.gone_threads) = (Gone::Everything, vec![thread(&issue, "issue")?]);
                return Ok(Heard::Said(Box::new(said)));
            }
            said.list(vec![issue])
        }
        "issue_comment" => {
            let mut said = said.list(vec![object("issue")?, object("comment")?]);
            if action == "deleted" {
                said.gone = Gone::Replies;
            }
            said
        }
        "pull_request" => said.list(vec![pull(object("pull_request")?)]),
        "pull_request_review" => {
            let mut review = object("review")?;
            // Said in capitals by the API.
            let state = text(&review, "/state").map(str::to_uppercase);
            review["state"] = json!(state);
            said.list(vec![pull(object("pull_request")?), review])
        }
        "pull_request_review_comment" => {
            let mut said = said.list(vec![pull(object("pull_request")?), object("comment")?]);
            if action == "deleted" {
                said.gone = Gone::Replies;
            }
            said
        }
        "release" => {
            let mut said = said.list(vec![object("release")?]);
            if action == "deleted" {
                said.gone = Gone::Everything;
            }
            said
        }
        "discussion" | "discussion_comment" => return discussion(said, action, &object("discussion")?, body),
        _ => return nothing(format!("'{event}' is none of the events that are listened to")),
    };
    Ok(Heard::Said(Box::new(said)))
}

fn thread(object: &Value, kind: &str) -> Result<Key, String> {
    let number = object["number"].as_u64().ok_or("the number is missing")?;
    Ok(Key::new(format!("{kind}/{number}")))
}

/// A pull request as a list of issues has it.
fn pull(mut pull: Value) -> Value {
    if let Some(fields) = pull.as_object_mut() {
        fields.entry("base").or_insert(Value::Null);
        fields.insert("pull_request".to_owned(), json!({ "merged_at": fields.get("merged_at") }));
    }
    pull
}

/// Who, as GraphQL names them.
fn author(user: &Value) -> Value {
    match text(user, "/login") {
        Some(login) => {
            let kind = if text(user, "/type") == Some("Bot") { "Bot" } else { "User" };
            json!({ "login": login.strip_suffix("[bot]").unwrap_or(login), "__typename": kind })
        }
        None => Value::Null,
    }
}

fn discussion(said: Said, action: &str, d: &Value, body: &Value) -> Result<Heard, String> {
    let comment = body.get("comment").filter(|c| c.is_object());
    let answer = body.get("answer").filter(|a| a.is_object());
    let closed = text(d, "/state") == Some("closed");
    let chosen = text(d, "/answer_chosen_at");
    let shown = |c: &Value| {
        json!({ "id": c["node_id"], "url": c["html_url"], "body": c["body"], "author": author(&c["user"]),
                "createdAt": c["created_at"], "updatedAt": c["updated_at"] })
    };
    let comments: Vec<Value> = comment.or(answer).into_iter().map(shown).collect();
    let labels: Vec<Value> =
        d["labels"].as_array().into_iter().flatten().map(|l| json!({ "name": l["name"] })).collect();
    let node = json!({
        "number": d["number"], "title": d["title"], "url": d["html_url"], "body": d["body"].as_str().unwrap_or(""),
        "author": author(&d["user"]), "createdAt": d["created_at"], "updatedAt": d["updated_at"],
        "category": { "name": d["category"]["name"], "isAnswerable": d["category"]["is_answerable"].as_bool() == Some(true) },
        "labels": { "nodes": labels }, "comments": { "nodes": comments },
        "answer": answer.map(|a| json!({ "id": a["node_id"] })),
        "answerChosenAt": chosen, "answerChosenBy": author(&d["answer_chosen_by"]),
    });
    let mut said = said;
    let key = thread(d, "discussion")?;
    said.items.push((
        "live/hook.json".to_owned(),
        json!({ "data": { "repository": { "discussions": { "nodes": [node] } } } }),
    ));
    // When it was closed, which answer was chosen before, and what a reply replies to stand nowhere in the delivery.
    if closed || chosen.is_some() && answer.is_none() || comment.is_some_and(|c| !c["parent_id"].is_null()) {
        said.wanted = true;
        said.without = Some(Act::Opened);
    }
    match (action, comment.is_some()) {
        ("deleted" | "transferred", false) => {
            (said.gone, said.gone_threads, said.without) = (Gone::Everything, vec![key], None);
        }
        ("deleted", true) => said.gone = Gone::Replies,
        _ => {}
    }
    Ok(Heard::Said(Box::new(said)))
}
