//! The comments of one YouTube video: threads by time with up to five replies each, and the replies of one.

use serde_json::{Value, json};

use super::{Post, Request, Response, Stage, Thread, stamp};

const VIDEO: &str = "relay-3-abc";

fn id(t: &Thread, p: &Post) -> String {
    let first = &t.posts[0];
    if p.id == first.id { format!("Ug{:010}", p.id) } else { format!("Ug{:010}.r{}", first.id, p.id) }
}

fn comment(stage: &Stage, t: &Thread, p: &Post) -> Value {
    let mut comment = json!({"kind": "youtube#comment", "etag": "x", "id": id(t, p), "snippet": {
        "channelId": "UCtidewater", "videoId": VIDEO, "textDisplay": p.text, "textOriginal": p.text,
        "authorDisplayName": format!("@{}", stage.community.people[p.author]), "authorChannelUrl": "", "canRate": true,
        "authorChannelId": {"value": format!("UC{:022}", p.author + 1)}, "viewerRating": "none", "likeCount": 0,
        "publishedAt": stamp(p.at), "updatedAt": stamp(p.edited)}});
    if p.id != t.posts[0].id {
        comment["snippet"]["parentId"] = id(t, &t.posts[0]).into();
    }
    comment
}

fn thread(stage: &Stage, t: &Thread) -> Value {
    let replies: Vec<Value> = t.replies().take(5).map(|p| comment(stage, t, p)).collect();
    let mut thread = json!({"kind": "youtube#commentThread", "etag": "x", "id": id(t, &t.posts[0]), "snippet": {
        "channelId": "UCtidewater", "videoId": VIDEO, "topLevelComment": comment(stage, t, &t.posts[0]), "canReply": true,
        "totalReplyCount": t.replies().count(), "isPublic": true}});
    if !replies.is_empty() {
        thread["replies"] = json!({"comments": replies});
    }
    thread
}

fn refused(status: u16, reason: &str) -> Response {
    Response::status(
        status,
        &json!({"error": {"code": status, "message": reason,
        "errors": [{"message": reason, "domain": "youtube.commentThread", "reason": reason}]}}),
    )
}

pub fn answer(stage: &Stage, request: &Request) -> Response {
    let size = usize::try_from(request.number("maxResults").unwrap_or(20).clamp(1, 100)).unwrap_or(20);
    let standing = stage.community.threads.iter().filter(|t| !t.posts[0].deleted);
    // A page's word names the last comment before it.
    let word = request.query("pageToken");
    let after = word.as_ref().map(|word| word.strip_prefix("after-").and_then(|n| n.parse::<u64>().ok()));
    if after == Some(None) {
        return refused(400, "invalidPageToken");
    }
    let after = after.flatten();
    let (kind, items, next): (&str, Vec<Value>, Option<u64>) = match request.bare() {
        "/commentThreads" if request.query("id").is_some() => {
            let wanted = request.query("id").unwrap_or_default();
            let named = |t: &&Thread| wanted.split(',').any(|w| w == id(t, &t.posts[0]));
            (
                "youtube#commentThreadListResponse",
                standing.filter(named).map(|t| thread(stage, t)).collect(),
                None,
            )
        }
        "/commentThreads" if request.query("videoId").as_deref() != Some(VIDEO) => {
            return refused(404, "videoNotFound");
        }
        "/commentThreads" => {
            let mut all: Vec<&Thread> =
                standing.filter(|t| after.is_none_or(|n| t.posts[0].id < n)).collect();
            all.sort_by_key(|t| std::cmp::Reverse(t.posts[0].id));
            let next = (all.len() > size).then(|| all[size - 1].posts[0].id);
            let page = all.into_iter().take(size).map(|t| thread(stage, t)).collect();
            ("youtube#commentThreadListResponse", page, next)
        }
        "/comments" => {
            let parent = request.query("parentId").unwrap_or_default();
            let mut standing = standing;
            let Some(t) = standing.find(|t| id(t, &t.posts[0]) == parent) else {
                return refused(404, "commentNotFound");
            };
            let all: Vec<&Post> = t.replies().filter(|p| after.is_none_or(|n| p.id > n)).collect();
            let next = (all.len() > size).then(|| all[size - 1].id);
            let page = all.into_iter().take(size).map(|p| comment(stage, t, p)).collect();
            ("youtube#commentListResponse", page, next)
        }
        _ => return refused(404, "notFound"),
    };
    let mut reply = json!({"kind": kind, "etag": "x", "pageInfo": {"totalResults": items.len(), "resultsPerPage": size}, "items": items});
    if let Some(next) = next {
        reply["nextPageToken"] = format!("after-{next}").into();
    }
    Response::json(&reply)
}
