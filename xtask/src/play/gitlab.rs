//! GitLab's lists of issues, merge requests and notes, over one project `tidewater/relay`.

use serde_json::{Value, json};

use super::{Post, Request, Response, Stage, Thread, seconds, stamp};

const WEB: &str = "https://gitlab.com/tidewater/relay/-";

fn fine(seconds: i64) -> String {
    stamp(seconds).replace('Z', ".000Z")
}

fn author(stage: &Stage, p: &Post) -> Value {
    let name = stage.community.people[p.author];
    json!({"id": p.author + 1, "username": name, "name": name, "state": "active", "web_url": format!("https://gitlab.com/{name}")})
}

fn thread(stage: &Stage, t: &Thread) -> Value {
    let first = &t.posts[0];
    let kind = if t.pull { "merge_requests" } else { "issues" };
    let mut value = json!({
        "id": 70_000 + t.number, "iid": t.number, "project_id": 7, "title": t.title, "description": first.text,
        "state": if t.closed.is_some() { "closed" } else { "opened" }, "created_at": fine(first.at), "updated_at": fine(t.changed),
        "closed_at": t.closed.map(fine), "labels": ["needs-triage"], "author": author(stage, first),
        "user_notes_count": t.replies().count(), "web_url": format!("{WEB}/{kind}/{}", t.number), "confidential": false,
    });
    if t.pull {
        value["source_branch"] = "fix".into();
        value["merged_at"] = Value::Null;
    }
    value
}

/// One merge request by itself, its versions, or one of them.
fn merge(stage: &Stage, rest: &str) -> Option<Value> {
    let parts: Vec<&str> = rest.trim_matches('/').split('/').collect();
    let ["merge_requests", iid, below @ ..] = parts.as_slice() else { return None };
    let iid: u64 = iid.parse().ok()?;
    let t = stage.community.threads.iter().find(|t| t.pull && t.number == iid)?;
    let version = || json!({"id": 90_000 + iid, "state": "collected", "created_at": fine(t.posts[0].at)});
    match below {
        [] => {
            let mut alone = thread(stage, t);
            alone["merged_by"] = Value::Null;
            Some(alone)
        }
        ["versions"] => Some(json!([version()])),
        ["versions", _] => {
            let mut whole = version();
            whole["commits"] = json!([]);
            whole["diffs"] = json!([]);
            Some(whole)
        }
        _ => None,
    }
}

pub fn answer(stage: &Stage, request: &Request) -> Response {
    let Some(rest) = request.bare().strip_prefix("/api/v4/projects/tidewater%2Frelay") else {
        return Response::status(404, &json!({"message": "404 Project Not Found"}));
    };
    if rest.is_empty() {
        return Response::json(&json!({"id": 7, "path_with_namespace": "tidewater/relay"}));
    }
    let mut words = rest.trim_start_matches('/').split('/');
    let pulls = words.next() == Some("merge_requests");
    if let Some(alone) = merge(stage, rest) {
        return Response::json(&alone);
    }
    let per = usize::try_from(request.number("per_page").unwrap_or(20).clamp(1, 100)).unwrap_or(20);
    let page = usize::try_from(request.number("page").unwrap_or(1).max(1)).unwrap_or(1);
    let skip = (page - 1) * per;
    let (total, items): (usize, Vec<Value>) = match words.next().and_then(|n| n.parse::<u64>().ok()) {
        None => {
            let since = request.query("updated_after").and_then(|s| seconds(&s)).unwrap_or(0);
            let mut found: Vec<&Thread> =
                stage.community.threads.iter().filter(|t| t.pull == pulls && t.changed >= since).collect();
            found.sort_by_key(|t| (t.changed, t.number));
            (found.len(), found.into_iter().skip(skip).take(per).map(|t| thread(stage, t)).collect())
        }
        Some(_) if request.bare().ends_with("/award_emoji") => (0, Vec::new()),
        Some(iid) => {
            let Some(t) = stage.community.threads.iter().find(|t| t.number == iid && t.pull == pulls) else {
                return Response::status(404, &json!({"message": "404 Not found"}));
            };
            let kind = if t.pull { "MergeRequest" } else { "Issue" };
            let note = |p: &Post| {
                json!({"id": p.id, "body": p.text, "author": author(stage, p), "created_at": fine(p.at), "updated_at": fine(p.edited),
                    "system": false, "noteable_id": 70_000 + iid, "noteable_type": kind, "noteable_iid": iid, "internal": false})
            };
            (t.replies().count(), t.replies().skip(skip).take(per).map(note).collect())
        }
    };
    let next = if total > page * per { (page + 1).to_string() } else { String::new() };
    let response = Response::json(&Value::Array(items)).with("x-total", total).with("x-next-page", &next);
    if next.is_empty() {
        return response;
    }
    // Some clients go by the link alone. It leads to the root of the host, as this API does.
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let rest: Vec<&str> =
        query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("page=")).collect();
    let root = stage.base.trim_end_matches("/gitlab");
    response.with("link", format!("<{root}{path}?{}&page={next}>; rel=\"next\"", rest.join("&")))
}

/// What the service would deliver by webhook about one of its notes, or about a thread itself. It has no word for a note
/// that was deleted.
pub fn delivery(
    stage: &Stage,
    number: u64,
    post: Option<u64>,
    action: &str,
) -> Option<(&'static str, Value)> {
    let t = stage.community.threads.iter().find(|t| t.number == number)?;
    let (kind, event) =
        if t.pull { ("merge_request", "Merge Request Hook") } else { ("issue", "Issue Hook") };
    let project = json!({"id": 7, "web_url": "https://gitlab.com/tidewater/relay"});
    let user = |p: &Post| {
        let author = author(stage, p);
        json!({"id": author["id"], "name": author["name"], "username": author["username"]})
    };
    let Some(id) = post else {
        let first = &t.posts[0];
        let mut a = thread(stage, t);
        for (name, value) in [
            ("author_id", a["author"]["id"].clone()),
            ("url", a["web_url"].clone()),
            ("action", action.into()),
            ("labels", json!([{"title": "needs-triage"}])),
        ] {
            a[name] = value;
        }
        return Some((
            event,
            json!({"object_kind": kind, "event_type": kind, "user": user(first), "project": project, "object_attributes": a}),
        ));
    };
    if action == "deleted" {
        return None;
    }
    let p = t.posts.iter().find(|p| p.id == id)?;
    let of = if t.pull { "MergeRequest" } else { "Issue" };
    let mut body = json!({"object_kind": "note", "event_type": "note", "user": user(p), "project": project,
        "object_attributes": {"id": p.id, "note": p.text, "noteable_type": of, "author_id": p.author + 1, "system": false,
            "action": action, "created_at": fine(p.at), "updated_at": fine(p.edited)}});
    body[kind] = json!({"iid": t.number, "confidential": false});
    Some(("Note Hook", body))
}
