//! Gitea's lists, over one repository `tidewater/relay`: pages of 50, newest issues first.

use serde_json::{Value, json};

use super::{Post, Request, Response, Stage, Thread, seconds, stamp};

const WEB: &str = "https://codeberg.org/tidewater/relay";

fn user(stage: &Stage, p: &Post) -> Value {
    let name = stage.community.people[p.author];
    json!({"id": p.author + 1, "login": name, "full_name": "", "email": format!("{name}@noreply.codeberg.org")})
}

fn issue(stage: &Stage, t: &Thread) -> Value {
    let first = &t.posts[0];
    let kind = if t.pull { "pulls" } else { "issues" };
    json!({
        "id": 80_000 + t.number, "url": format!("https://codeberg.org/api/v1/repos/tidewater/relay/issues/{}", t.number),
        "html_url": format!("{WEB}/{kind}/{}", t.number), "number": t.number, "user": user(stage, first), "original_author": "",
        "original_author_id": 0, "title": t.title, "body": first.text, "labels": [{"id": 1, "name": "needs-triage"}],
        "state": if t.closed.is_some() { "closed" } else { "open" }, "comments": t.replies().count(), "created_at": stamp(first.at),
        "updated_at": stamp(t.changed), "closed_at": t.closed.map(stamp),
        "pull_request": if t.pull { json!({"merged": false, "merged_at": null}) } else { Value::Null },
        "repository": {"id": 3, "name": "relay", "owner": "tidewater", "full_name": "tidewater/relay"},
    })
}

fn comment(stage: &Stage, t: &Thread, p: &Post) -> Value {
    let kind = if t.pull { "pulls" } else { "issues" };
    let url = format!("{WEB}/{kind}/{}", t.number);
    json!({
        "id": p.id, "html_url": format!("{url}#issuecomment-{}", p.id), "pull_request_url": if t.pull { url.as_str() } else { "" },
        "issue_url": if t.pull { "" } else { url.as_str() }, "user": user(stage, p), "original_author": "", "body": p.text,
        "created_at": stamp(p.at), "updated_at": stamp(p.edited),
    })
}

pub fn answer(stage: &Stage, request: &Request) -> Response {
    let Some(rest) = request.bare().strip_prefix("/api/v1/repos/tidewater/relay") else {
        return Response::status(404, &json!({"message": "not found"}));
    };
    let since = request.query("since").and_then(|s| seconds(&s)).unwrap_or(0);
    let threads = &stage.community.threads;
    let limit = usize::try_from(request.number("limit").unwrap_or(30).clamp(1, 50)).unwrap_or(30);
    let page = usize::try_from(request.number("page").unwrap_or(1).max(1)).unwrap_or(1);
    let skip = (page - 1) * limit;
    let (total, items): (usize, Vec<Value>) = match rest {
        "" => {
            return Response::json(
                &json!({"id": 3, "full_name": "tidewater/relay", "open_issues_count": threads.len()}),
            );
        }
        "/issues" => {
            let found: Vec<&Thread> = threads.iter().rev().filter(|t| t.changed >= since).collect();
            (found.len(), found.into_iter().skip(skip).take(limit).map(|t| issue(stage, t)).collect())
        }
        "/issues/comments" => {
            let mut found: Vec<(u64, &Thread, &Post)> = Vec::new();
            for t in threads {
                found.extend(t.replies().filter(|p| p.edited >= since).map(|p| (p.id, t, p)));
            }
            found.sort_by_key(|(id, _, _)| *id);
            (
                found.len(),
                found.into_iter().skip(skip).take(limit).map(|(_, t, p)| comment(stage, t, p)).collect(),
            )
        }
        "/releases" => (
            1,
            vec![
                json!({"id": 1, "tag_name": "v1.0.0", "name": "", "body": "First.", "html_url": format!("{WEB}/releases/tag/v1.0.0"),
            "draft": false, "created_at": "2026-06-01T10:00:00Z", "published_at": "2026-06-01T10:00:00Z", "author": {"id": 9, "login": "mara-tw"}}),
            ],
        ),
        other => {
            let number = other
                .strip_prefix("/issues/")
                .and_then(|r| r.strip_suffix("/comments"))
                .and_then(|n| n.parse::<u64>().ok());
            let Some(t) = number.and_then(|n| threads.iter().find(|t| t.number == n)) else {
                return Response::status(404, &json!({"message": "not found"}));
            };
            let said: Vec<Value> = t.replies().map(|p| comment(stage, t, p)).collect();
            return Response::json(&Value::Array(said));
        }
    };
    Response::json(&Value::Array(items)).with("x-total-count", total)
}

/// What the service would deliver by webhook about one of its comments, or about a thread itself.
pub fn delivery(
    stage: &Stage,
    number: u64,
    post: Option<u64>,
    action: &str,
) -> Option<(&'static str, Value)> {
    let t = stage.community.threads.iter().find(|t| t.number == number)?;
    let mut body = json!({"action": action, "issue": issue(stage, t), "is_pull": t.pull,
        "repository": {"id": 3, "full_name": "tidewater/relay", "html_url": WEB, "private": false}});
    let Some(id) = post else { return Some(("issues", body)) };
    body["comment"] = comment(stage, t, t.posts.iter().find(|p| p.id == id)?);
    Some((if t.pull { "pull_request_comment" } else { "issue_comment" }, body))
}
