//! A Discourse forum: all posts, topics by activity, one topic, some of its posts.

use serde_json::{Value, json};

use super::{Post, Request, Response, Stage, Thread, stamp};

fn fine(seconds: i64) -> String {
    stamp(seconds).replace('Z', ".000Z")
}

fn post(stage: &Stage, t: &Thread, p: &Post, listed: bool) -> Value {
    let number = t.posts.iter().position(|q| q.id == p.id).unwrap_or(0) + 1;
    let name = stage.community.people[p.author];
    let mut post = json!({
        "id": p.id, "name": name, "username": name, "created_at": fine(p.at), "cooked": format!("<p>{}</p>", p.text),
        "post_number": number, "post_type": 1, "updated_at": fine(p.edited), "reply_count": 0, "topic_id": t.number,
        "topic_slug": "relay", "user_id": p.author + 1, "hidden": false, "deleted_at": null,
        "avatar_template": "/letter_avatar_proxy/v4/letter/a/000000/{size}.png",
    });
    if listed {
        post["topic_title"] = t.title.clone().into();
        post["category_id"] = 4.into();
        post["raw"] = p.text.clone().into();
    } else if t.accepted == Some(p.id) {
        post["accepted_answer"] = true.into();
    }
    post
}

pub fn answer(stage: &Stage, request: &Request) -> Response {
    let threads = &stage.community.threads;
    match request.bare() {
        "/posts.json" => {
            let before = request.number("before").unwrap_or(u64::MAX);
            let mut all: Vec<(u64, &Thread, &Post)> = threads
                .iter()
                .flat_map(|t| t.posts.iter().filter(|p| !p.deleted).map(move |p| (p.id, t, p)))
                .filter(|(id, _, _)| *id <= before)
                .collect();
            all.sort_by_key(|(id, _, _)| std::cmp::Reverse(*id));
            let posts: Vec<Value> = all.iter().take(50).map(|(_, t, p)| post(stage, t, p, true)).collect();
            Response::json(&json!({"latest_posts": posts}))
        }
        "/latest.json" => {
            let page = usize::try_from(request.number("page").unwrap_or(0)).unwrap_or(0);
            let mut all: Vec<&Thread> = threads.iter().collect();
            all.sort_by_key(|t| std::cmp::Reverse((t.bumped, t.number)));
            let topic = |t: &&&Thread| {
                json!({"id": t.number, "title": t.title, "slug": "relay", "posts_count": 1 + t.replies().count(),
                    "created_at": fine(t.posts[0].at), "bumped_at": fine(t.bumped), "last_posted_at": fine(t.bumped), "pinned": false, "closed": t.closed.is_some(),
                    "archived": false, "tags": ["relay"], "category_id": 4, "has_accepted_answer": t.accepted.is_some()})
            };
            let topics: Vec<Value> = all.iter().skip(page * 30).take(30).map(|t| topic(&t)).collect();
            let more = all.len() > (page + 1) * 30;
            let more_url = more.then(|| format!("/latest?page={}", page + 1));
            Response::json(
                &json!({"users": [], "topic_list": {"more_topics_url": more_url, "per_page": 30, "topics": topics}}),
            )
        }
        path => {
            let rest = path.strip_prefix("/t/").unwrap_or("");
            let number = rest.trim_end_matches(".json").trim_end_matches("/posts").parse::<u64>();
            let Some(t) = number.ok().and_then(|n| threads.iter().find(|t| t.number == n)) else {
                return Response::status(
                    404,
                    &json!({"errors": ["The requested URL or resource could not be found."]}),
                );
            };
            let standing: Vec<&Post> = t.posts.iter().filter(|p| !p.deleted).collect();
            let wanted = request.queries("post_ids[]");
            let chosen: Vec<&&Post> = if wanted.is_empty() {
                standing.iter().take(20).collect()
            } else {
                standing.iter().filter(|p| wanted.contains(&p.id.to_string())).collect()
            };
            let posts: Vec<Value> = chosen.iter().map(|p| post(stage, t, p, false)).collect();
            let mut stream = json!({"posts": posts});
            if wanted.is_empty() {
                stream["stream"] = standing.iter().map(|p| p.id).collect::<Vec<u64>>().into();
            }
            Response::json(
                &json!({"id": t.number, "title": t.title, "slug": "relay", "category_id": 4, "closed": t.closed.is_some(),
                "archived": false, "tags": ["relay"], "posts_count": standing.len(), "chunk_size": 20, "last_posted_at": fine(t.bumped), "post_stream": stream}),
            )
        }
    }
}

/// What the forum would deliver by webhook about one of its posts, or about a topic's being closed or opened.
pub fn delivery(
    stage: &Stage,
    number: u64,
    posted: Option<u64>,
    action: &str,
) -> Option<(&'static str, Value)> {
    let t = stage.community.threads.iter().find(|t| t.number == number)?;
    let id = match (action, posted) {
        ("closed" | "reopened", _) => {
            let topic = json!({"id": t.number, "title": t.title, "slug": "relay", "created_at": fine(t.posts[0].at),
                "bumped_at": fine(t.bumped), "category_id": 4, "tags": ["relay"], "closed": t.closed.is_some(),
                "archived": false, "archetype": "regular"});
            return Some(("topic_closed_status_updated", json!({ "topic": topic })));
        }
        (_, Some(id)) => id,
        _ => t.posts[0].id,
    };
    let p = t.posts.iter().find(|p| p.id == id)?;
    let mut post = post(stage, t, p, true);
    post["topic_archetype"] = "regular".into();
    let event = match action {
        "deleted" => "post_destroyed",
        "edited" => "post_edited",
        _ => "post_created",
    };
    Some((event, json!({ "post": post })))
}
