//! The Stack Exchange API, version 2.3: a filter, and questions by activity.

use serde_json::{Value, json};

use super::{Post, Request, Response, Stage, Thread};

fn owner(stage: &Stage, p: &Post) -> Value {
    json!({"account_id": p.author + 1, "user_id": p.author + 1, "display_name": stage.community.people[p.author], "user_type": "registered"})
}

fn question(stage: &Stage, t: &Thread) -> Value {
    let first = &t.posts[0];
    let answer = |p: &Post| {
        json!({"answer_id": p.id, "question_id": first.id, "owner": owner(stage, p), "is_accepted": t.accepted == Some(p.id),
            "creation_date": p.at, "last_activity_date": p.edited, "body": format!("<p>{}</p>", p.text), "comment_count": 0, "comments": [],
            "content_license": "CC BY-SA 4.0"})
    };
    let answers: Vec<Value> = t.replies().map(answer).collect();
    let mut question = json!({
        "question_id": first.id, "title": t.title, "link": format!("https://qa.tidewater.example/questions/{}/relay", first.id),
        "tags": ["relay"], "owner": owner(stage, first), "creation_date": first.at, "last_activity_date": t.changed,
        "body": format!("<p>{}</p>", first.text), "answer_count": answers.len(), "answers": answers, "comment_count": 0,
        "comments": [], "content_license": "CC BY-SA 4.0", "is_answered": t.accepted.is_some(),
    });
    if let Some(accepted) = t.accepted {
        question["accepted_answer_id"] = accepted.into();
    }
    if let Some(closed) = t.closed {
        question["closed_date"] = closed.into();
        question["closed_reason"] = "Duplicate".into();
    }
    question
}

pub fn answer(stage: &Stage, request: &Request) -> Response {
    // Older clients ask for 2.2, which has the same here.
    match request.bare().replace("/2.2/", "/2.3/").as_str() {
        "/2.3/filters/create" => Response::json(
            &json!({"items": [{"filter": "!played", "included_fields": [], "filter_type": "safe"}], "has_more": false}),
        ),
        "/2.3/questions" if request.query("site").is_none() => Response::status(
            400,
            &json!({"error_id": 400, "error_name": "bad_parameter", "error_message": "site is required"}),
        ),
        "/2.3/questions" => {
            let min = request.query("min").and_then(|m| m.parse::<i64>().ok()).unwrap_or(0);
            let page = usize::try_from(request.number("page").unwrap_or(1)).unwrap_or(1);
            let size = usize::try_from(request.number("pagesize").unwrap_or(30)).unwrap_or(30);
            let mut all: Vec<&Thread> = stage.community.threads.iter().filter(|t| t.changed >= min).collect();
            all.sort_by_key(|t| (t.changed, t.number));
            let items: Vec<Value> =
                all.iter().skip((page - 1) * size).take(size).map(|t| question(stage, t)).collect();
            Response::json(
                &json!({"items": items, "has_more": all.len() > page * size, "total": all.len(), "page_size": size, "page": page}),
            )
        }
        _ => Response::status(
            404,
            &json!({"error_id": 404, "error_message": "no method found with this name"}),
        ),
    }
}
