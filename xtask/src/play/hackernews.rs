//! The Hacker News search: newest first, a thousand hits and no more.

use serde_json::{Value, json};

use super::{Request, Response, Stage, Thread, stamp};

pub fn answer(stage: &Stage, request: &Request) -> Response {
    if request.bare() != "/api/v1/search_by_date" {
        return Response::status(404, &json!({"message": "not found"}));
    }
    let filters = request.query("numericFilters").unwrap_or_default();
    let bound = |sign: &str| {
        filters
            .split(',')
            .find_map(|f| f.strip_prefix("created_at_i")?.strip_prefix(sign)?.parse::<i64>().ok())
    };
    let (low, high) = (bound(">=").unwrap_or(0), bound("<=").unwrap_or(i64::MAX));
    let mut all: Vec<(i64, u64, &Thread)> = Vec::new();
    for t in &stage.community.threads {
        let shown = t.posts.iter().filter(|p| !p.deleted && (low..=high).contains(&p.at));
        all.extend(shown.map(|p| (p.at, p.id, t)));
    }
    all.sort_by_key(|(at, id, _)| std::cmp::Reverse((*at, *id)));
    let per = usize::try_from(request.number("hitsPerPage").unwrap_or(20).min(1_000)).unwrap_or(20);
    let hits: Vec<Value> = all.iter().take(per).filter_map(|(_, id, t)| hit(stage, t, *id)).collect();
    Response::json(
        &json!({"hits": hits, "nbHits": all.len(), "page": 0, "hitsPerPage": per, "query": request.query("query"), "exhaustiveNbHits": true}),
    )
}

fn hit(stage: &Stage, t: &Thread, id: u64) -> Option<Value> {
    let (first, p) = (&t.posts[0], t.posts.iter().find(|p| p.id == id)?);
    let mut hit = json!({"objectID": p.id.to_string(), "created_at": stamp(p.at), "created_at_i": p.at, "updated_at": stamp(p.edited),
        "author": stage.community.people[p.author], "story_id": first.id});
    if p.id == first.id {
        hit["title"] = t.title.clone().into();
        hit["story_text"] = p.text.clone().into();
        hit["_tags"] = json!(["story", format!("story_{}", p.id)]);
    } else {
        hit["comment_text"] = p.text.clone().into();
        hit["parent_id"] = first.id.into();
        hit["story_title"] = t.title.clone().into();
        hit["_tags"] = json!(["comment", format!("story_{}", first.id)]);
    }
    Some(hit)
}
