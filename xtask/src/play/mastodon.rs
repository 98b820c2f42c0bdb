//! A Mastodon server: statuses under a hashtag, each with its replies.

use serde_json::{Value, json};

use super::{Post, Request, Response, Stage, Thread, stamp};

fn fine(seconds: i64) -> String {
    stamp(seconds).replace('Z', ".000Z")
}

fn status(stage: &Stage, t: &Thread, p: &Post) -> Value {
    let name = stage.community.people[p.author];
    let id = number(p);
    let replies = t.replies().count();
    let first = p.id == t.posts[0].id;
    json!({
        "id": id, "created_at": fine(p.at), "in_reply_to_id": if first { Value::Null } else { number(&t.posts[0]).into() },
        "in_reply_to_account_id": if first { Value::Null } else { (t.posts[0].author + 1).to_string().into() },
        "sensitive": false, "spoiler_text": "", "visibility": "public", "language": "en",
        "uri": format!("https://social.tidewater.example/users/{name}/statuses/{id}"),
        "url": format!("https://social.tidewater.example/@{name}/{id}"),
        "replies_count": if first { replies } else { 0 }, "reblogs_count": 0, "favourites_count": 0,
        "edited_at": if p.edited > p.at { fine(p.edited).into() } else { Value::Null },
        "content": format!("<p>{} <a href=\"https://social.tidewater.example/tags/relay\" class=\"mention hashtag\">#<span>relay</span></a></p>", p.text),
        "reblog": null, "media_attachments": [], "mentions": [], "emojis": [], "card": null, "poll": null,
        "tags": if first { json!([{"name": "relay", "url": "https://social.tidewater.example/tags/relay"}]) } else { json!([]) },
        "account": {"id": (p.author + 1).to_string(), "username": name, "acct": name, "display_name": name, "locked": false,
            "bot": false, "note": "<p>I build relays.</p>", "url": format!("https://social.tidewater.example/@{name}")},
    })
}

/// Ids have no leading zeros and grow in length.
fn number(p: &Post) -> String {
    (p.id + 95).to_string()
}

pub fn answer(stage: &Stage, request: &Request) -> Response {
    let threads = &stage.community.threads;
    let bare = request.bare();
    if bare == "/api/v1/timelines/tag/relay" {
        let before = request.number("max_id").unwrap_or(u64::MAX);
        let limit = usize::try_from(request.number("limit").unwrap_or(20).min(40)).unwrap_or(20);
        let mut all: Vec<(&Thread, &Post)> = threads.iter().map(|t| (t, &t.posts[0])).collect();
        all.retain(|(_, p)| !p.deleted && p.id + 95 < before);
        all.sort_by_key(|(_, p)| std::cmp::Reverse(p.id));
        let page: Vec<Value> = all.iter().take(limit).map(|(t, p)| status(stage, t, p)).collect();
        let last = all.get(page.len().wrapping_sub(1)).map(|(_, p)| number(p));
        let response = Response::json(&page.into());
        return match last {
            Some(last) => {
                let base = format!("{}/api/v1/timelines/tag/relay", stage.base);
                response.with(
                    "link",
                    format!("<{base}?max_id={last}>; rel=\"next\", <{base}?min_id=1>; rel=\"prev\""),
                )
            }
            None => response,
        };
    }
    let wanted = bare.strip_prefix("/api/v1/statuses/").and_then(|rest| rest.strip_suffix("/context"));
    let found = threads.iter().find_map(|t| {
        let post = t.posts.iter().find(|p| Some(number(p).as_str()) == wanted)?;
        (!post.deleted).then_some((t, post))
    });
    let Some((t, post)) = found else {
        return Response::status(404, &json!({"error": "Record not found"}));
    };
    let root = &t.posts[0];
    let (ancestors, descendants) = if post.id == root.id {
        // Without an account a server shows the first sixty.
        (Vec::new(), t.replies().take(60).map(|p| status(stage, t, p)).collect())
    } else {
        (vec![status(stage, t, root)], Vec::new())
    };
    Response::json(&json!({"ancestors": ancestors, "descendants": Value::Array(descendants)}))
}
