//! Bluesky's AppView: a search of posts by time, and threads, in the shapes of its lexicons.

use serde_json::{Value, json};

use super::{Post, Request, Response, Stage, Thread, seconds, stamp};

fn uri(p: &Post) -> String {
    format!("at://did:plc:{:024}/app.bsky.feed.post/3k{:011}", p.author + 1, p.id)
}

/// Content hashes are not followed here, but have their form.
fn strong(p: &Post) -> Value {
    json!({"uri": uri(p), "cid": CID})
}

const CID: &str = "bafyreib2rxk3rybk3aobmv5cjuql3bm2twh4jo5uxgf5kpqcsgz7soitae";

fn view(stage: &Stage, t: &Thread, p: &Post) -> Value {
    let name = stage.community.people[p.author];
    let first = &t.posts[0];
    let own = p.id == first.id;
    let at = stamp(p.at).replace('Z', ".000Z");
    let mut record = json!({"$type": "app.bsky.feed.post", "text": format!("{} #relay", p.text), "createdAt": at, "langs": ["en"]});
    if own {
        let start = p.text.len() + 1;
        record["facets"] = json!([{"index": {"byteStart": start, "byteEnd": start + 6},
            "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "relay"}]}]);
    } else {
        record["reply"] = json!({"root": strong(first), "parent": strong(first)});
    }
    json!({"uri": uri(p), "cid": CID,
        "author": {"did": format!("did:plc:{:024}", p.author + 1), "handle": format!("{name}.tidewater.example"), "displayName": name, "labels": []},
        "record": record, "replyCount": if own { t.replies().count() } else { 0 }, "repostCount": 0, "likeCount": 0, "quoteCount": 0,
        "indexedAt": stamp(p.at + 2).replace('Z', ".000Z"), "labels": []})
}

pub fn answer(stage: &Stage, request: &Request) -> Response {
    let threads = &stage.community.threads;
    match request.bare() {
        "/xrpc/app.bsky.feed.searchPosts" if request.query("cursor").is_some() => Response::status(
            403,
            &json!({"error": "Forbidden", "message": "Request forbidden by administrative rules."}),
        ),
        "/xrpc/app.bsky.feed.searchPosts" => {
            let until = request.query("until").map(|text| {
                let millis = text.get(20..23).and_then(|n| n.parse::<i64>().ok()).unwrap_or(0);
                seconds(&text).unwrap_or(i64::MAX / 2_000) * 1_000 + millis
            });
            let limit = usize::try_from(request.number("limit").unwrap_or(25).min(100)).unwrap_or(25);
            let mut all: Vec<(&Thread, &Post)> = threads.iter().map(|t| (t, &t.posts[0])).collect();
            all.retain(|(_, p)| !p.deleted && until.is_none_or(|until| p.at * 1_000 < until));
            all.sort_by_key(|(_, p)| std::cmp::Reverse((p.at, p.id)));
            let page: Vec<Value> = all.iter().take(limit).map(|(t, p)| view(stage, t, p)).collect();
            let mut reply = json!({"posts": page, "hitsTotal": all.len()});
            if all.len() > limit {
                reply["cursor"] = limit.to_string().into();
            }
            Response::json(&reply)
        }
        "/xrpc/app.bsky.feed.getPostThread" => {
            let wanted = request.query("uri").unwrap_or_default();
            let found = threads.iter().find(|t| uri(&t.posts[0]) == wanted && !t.posts[0].deleted);
            let Some(t) = found else {
                let message = format!("Post not found: {wanted}");
                return Response::status(400, &json!({"error": "NotFound", "message": message}));
            };
            let node = |p: &Post| json!({"$type": "app.bsky.feed.defs#threadViewPost", "post": view(stage, t, p), "replies": []});
            let mut thread = node(&t.posts[0]);
            thread["replies"] = t.replies().map(node).collect::<Vec<_>>().into();
            Response::json(&json!({"thread": thread}))
        }
        _ => Response::status(
            501,
            &json!({"error": "MethodNotImplemented", "message": "Method Not Implemented"}),
        ),
    }
}
