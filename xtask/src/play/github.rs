//! GitHub's REST lists and two GraphQL connections, over one repository `tidewater/relay`.

use serde_json::{Value, json};

use super::{Post, Request, Response, Stage, Thread, seconds, stamp};

const WEB: &str = "https://github.com/tidewater/relay";

fn user(stage: &Stage, post: &Post) -> Value {
    account(stage, stage.community.people[post.author], post.author + 100)
}

/// Somebody, with all that the service says of an account.
fn account(stage: &Stage, login: &str, id: usize) -> Value {
    let mut user = json!({"login": login, "id": id, "node_id": format!("U_{id}"), "type": "User", "site_admin": false, "gravatar_id": "",
        "avatar_url": format!("https://avatars.githubusercontent.com/u/{id}?v=4"), "html_url": format!("https://github.com/{login}"),
        "url": format!("{}/users/{login}", stage.base)});
    for more in [
        "events",
        "followers",
        "following",
        "gists",
        "organizations",
        "received_events",
        "repos",
        "starred",
        "subscriptions",
    ] {
        user[format!("{more}_url")] = json!(format!("{}/users/{login}/{more}", stage.base));
    }
    user
}

/// How often each reaction was given to something.
fn rollup(url: &str, liked: usize) -> Value {
    json!({"url": format!("{url}/reactions"), "total_count": liked, "+1": liked, "-1": 0, "laugh": 0, "hooray": 0, "confused": 0,
        "heart": 0, "rocket": 0, "eyes": 0})
}

fn issue(stage: &Stage, t: &Thread) -> Value {
    let first = &t.posts[0];
    let kind = if t.pull { "pull" } else { "issues" };
    let url = format!("{}/repos/tidewater/relay/issues/{}", stage.base, t.number);
    let mut issue = json!({
        "url": url, "comments_url": format!("{url}/comments"), "events_url": format!("{url}/events"),
        "labels_url": format!("{url}/labels{{/name}}"), "node_id": format!("I_{}", t.number), "locked": false, "milestone": null,
        "author_association": "NONE",
        "repository_url": format!("{}/repos/tidewater/relay", stage.base),
        "html_url": format!("{WEB}/{kind}/{}", t.number),
        "id": 9_000_000 + t.number, "number": t.number, "title": t.title, "user": user(stage, first),
        "labels": [{"id": 1, "node_id": "LA_1", "name": "needs-triage", "color": "ededed", "default": false, "description": null,
            "url": format!("{}/repos/tidewater/relay/labels/needs-triage", stage.base)}],
        "state": if t.closed.is_some() { "closed" } else { "open" },
        "comments": t.replies().count(), "created_at": stamp(first.at), "updated_at": stamp(t.changed),
        "closed_at": t.closed.map(stamp), "body": first.text, "state_reason": null,
        "assignee": null, "assignees": [], "reactions": rollup(&url, t.liked.len()),
    });
    if t.pull {
        let html = format!("{WEB}/pull/{}", t.number);
        issue["pull_request"] = json!({"url": url.replace("/issues/", "/pulls/"), "html_url": html, "diff_url": format!("{html}.diff"),
            "patch_url": format!("{html}.patch"), "merged_at": null});
    }
    issue
}

fn comment(stage: &Stage, t: &Thread, p: &Post) -> Value {
    let kind = if t.pull { "pull" } else { "issues" };
    let url = format!("{}/repos/tidewater/relay/issues/comments/{}", stage.base, p.id);
    json!({
        "id": p.id, "node_id": format!("IC_{}", p.id), "url": url, "html_url": format!("{WEB}/{kind}/{}#issuecomment-{}", t.number, p.id),
        "issue_url": format!("{}/repos/tidewater/relay/issues/{}", stage.base, t.number),
        "user": user(stage, p), "created_at": stamp(p.at), "updated_at": stamp(p.edited), "body": p.text,
        "author_association": "NONE", "reactions": rollup(&url, 0),
    })
}

/// A page of a list, with the links to its neighbours.
fn paged<T>(stage: &Stage, request: &Request, all: &[T], show: impl Fn(&T) -> Value) -> Response {
    let per = usize::try_from(request.number("per_page").unwrap_or(30).clamp(1, 100)).unwrap_or(30);
    let page = usize::try_from(request.number("page").unwrap_or(1).max(1)).unwrap_or(1);
    let last = all.len().div_ceil(per).max(1);
    let items: Vec<Value> = all.iter().skip((page - 1) * per).take(per).map(show).collect();
    let response = Response::json(&Value::Array(items));
    if page >= last {
        return response;
    }
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let rest: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("page=")).collect();
    let url = |n: usize| format!("{}{path}?{}&page={n}", stage.base, rest.join("&"));
    response.with("link", format!("<{}>; rel=\"next\", <{}>; rel=\"last\"", url(page + 1), url(last)))
}

pub fn answer(stage: &Stage, request: &Request) -> Response {
    // An Enterprise server has the same below a folder.
    let path = request.bare().trim_start_matches("/api/v3");
    match path {
        "/rate_limit" => {
            return Response::json(
                &json!({"resources": {"core": {"limit": 5000, "remaining": 5000, "reset": 0}}}),
            );
        }
        _ if path.ends_with("/reactions") || path.ends_with("/orgs") => return Response::json(&json!([])),
        _ if path.starts_with("/users/") => {
            return Response::json(&json!({"login": &path[7..], "id": 1, "name": null}));
        }
        _ => {}
    }
    if path == "/graphql" {
        return graph(stage, request);
    }
    let Some(list) = path.strip_prefix("/repos/tidewater/relay/") else {
        return Response::status(404, &json!({"message": "Not Found"}));
    };
    let since = request.query("since").and_then(|s| seconds(&s)).unwrap_or(0);
    let ascending = request.query("direction").as_deref() == Some("asc");
    let mut dated: Vec<(i64, u64, &Thread, Option<&Post>)> = Vec::new();
    match list {
        "issues" => {
            let changed = stage.community.threads.iter().filter(|t| t.changed >= since);
            dated.extend(changed.map(|t| (t.changed, t.number, t, None)));
        }
        "issues/comments" => {
            for t in &stage.community.threads {
                let changed = t.replies().filter(|p| p.edited >= since);
                dated.extend(changed.map(|p| (p.edited, p.id, t, Some(p))));
            }
        }
        "pulls/comments" => {}
        "releases" => {
            let release = |n: u64| {
                let url = format!("{}/repos/tidewater/relay/releases/{n}", stage.base);
                json!({"id": n, "tag_name": format!("v1.{n}.0"), "name": format!("Relay 1.{n}"), "draft": false, "prerelease": false,
                    "node_id": format!("RE_{n}"), "url": url, "assets_url": format!("{url}/assets"), "assets": [],
                    "upload_url": format!("https://uploads.github.com/repos/tidewater/relay/releases/{n}/assets{{?name,label}}"),
                    "tarball_url": format!("{}/repos/tidewater/relay/tarball/v1.{n}.0", stage.base),
                    "zipball_url": format!("{}/repos/tidewater/relay/zipball/v1.{n}.0", stage.base), "target_commitish": "main",
                    "html_url": format!("{WEB}/releases/tag/v1.{n}.0"), "author": account(stage, "mara-tw", 900),
                    "created_at": "2026-06-01T10:00:00Z", "published_at": "2026-06-01T10:00:00Z", "body": "Fixes."})
            };
            let all: Vec<Value> = (1..=3).rev().map(release).collect();
            return paged(stage, request, &all, Value::clone);
        }
        _ if list.starts_with("pulls/") => {
            return pull(stage, list).map_or_else(
                || Response::status(404, &json!({"message": "Not Found"})),
                |value| Response::json(&value),
            );
        }
        _ => {
            let number = list
                .strip_prefix("issues/")
                .and_then(|r| r.strip_suffix("/comments"))
                .and_then(|n| n.parse::<u64>().ok());
            let Some(t) = number.and_then(|n| stage.community.threads.iter().find(|t| t.number == n)) else {
                return Response::status(404, &json!({"message": "Not Found"}));
            };
            let all: Vec<Value> = t.replies().map(|p| comment(stage, t, p)).collect();
            return paged(stage, request, &all, Value::clone);
        }
    }
    dated.sort_by_key(|(at, id, _, _)| (*at, *id));
    if !ascending {
        dated.reverse();
    }
    paged(stage, request, &dated, |(_, _, t, p)| p.map_or_else(|| issue(stage, t), |p| comment(stage, t, p)))
}

/// A pull request by itself, its one review, its one commit.
fn pull(stage: &Stage, list: &str) -> Option<Value> {
    let mut parts = list.split('/').skip(1);
    let number: u64 = parts.next()?.parse().ok()?;
    let t = stage.community.threads.iter().find(|t| t.pull && t.number == number)?;
    match parts.next() {
        None => {
            let mut pull = issue(stage, t);
            for (field, value) in [
                ("id", json!(8_000_000 + t.number)),
                ("base", json!({"ref": "main"})),
                ("merged_by", Value::Null),
                ("review_comments", json!(0)),
                ("requested_reviewers", json!([])),
                ("commits", json!(1)),
            ] {
                pull[field] = value;
            }
            Some(pull)
        }
        Some("reviews") => Some(json!([{
            "id": 500_000 + t.number, "user": {"login": "mara-tw", "id": 900, "type": "User"}, "body": "Reads well.",
            "state": "APPROVED", "html_url": format!("{WEB}/pull/{}#r", t.number), "submitted_at": stamp(t.posts[0].at + 60)}])),
        Some("commits") => Some(json!([{"sha": format!("{:040x}", t.number)}])),
        Some(_) => Some(json!([])),
    }
}

/// Who reacted to what opens a thread.
fn liked(stage: &Stage, t: &Thread) -> Value {
    let nodes = t.liked.iter().map(|(by, at)| {
        json!({"content": "THUMBS_UP", "createdAt": stamp(*at), "user": {"__typename": "User", "login": stage.community.people[*by]}})
    });
    json!({"totalCount": t.liked.len(), "nodes": nodes.take(100).collect::<Vec<_>>()})
}

/// Issues in the order of their making, and who reacted to each.
fn reactions(stage: &Stage, query: &str, after: Option<u64>) -> Response {
    let (open, newest) = (query.contains("states: [OPEN]"), query.contains("direction: DESC"));
    let mut all: Vec<&Thread> =
        stage.community.threads.iter().filter(|t| !(t.pull || open && t.closed.is_some())).collect();
    all.sort_by_key(|t| (t.posts[0].at, t.number));
    if newest {
        all.reverse();
    }
    // A page goes on behind the issue that the one before ended with, whatever became of that.
    let from = after.map_or(0, |last| {
        let at = stage.community.threads.iter().find(|t| t.number == last).map_or(0, |t| t.posts[0].at);
        let before = |t: &&Thread| {
            if newest {
                (t.posts[0].at, t.number) >= (at, last)
            } else {
                (t.posts[0].at, t.number) <= (at, last)
            }
        };
        all.iter().take_while(|t| before(t)).count()
    });
    let page: Vec<&Thread> = all.iter().skip(from).take(100).copied().collect();
    let nodes = page.iter().map(
        |t| json!({"number": t.number, "createdAt": stamp(t.posts[0].at), "reactions": liked(stage, t)}),
    );
    let end = page.last().map(|t| t.number.to_string());
    let info = json!({"hasNextPage": all.len() > from + page.len(), "endCursor": end});
    let issues = json!({"totalCount": all.len(), "pageInfo": info, "nodes": nodes.collect::<Vec<_>>()});
    Response::json(&json!({"data": {"repository": {"nameWithOwner": "tidewater/relay", "issues": issues}}}))
}

/// Discussions are the community's threads again, told by GraphQL; nobody reviews here.
fn graph(stage: &Stage, request: &Request) -> Response {
    let named = stage
        .token
        .as_ref()
        .is_some_and(|t| request.headers.get("authorization") == Some(&format!("Bearer {t}")));
    if !named {
        return Response::status(401, &json!({"message": "This endpoint requires you to be authenticated."}));
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let query = body["query"].as_str().unwrap_or_default();
    if query.contains(" issues(") {
        return reactions(stage, query, body["variables"]["after"].as_str().and_then(|a| a.parse().ok()));
    }
    let after = body["variables"]["after"].as_str().and_then(|a| {
        a.split_once(':').map(|(at, n)| (at.parse::<i64>().unwrap_or(0), n.parse::<u64>().unwrap_or(0)))
    });
    let discussions = body["query"].as_str().is_some_and(|q| q.contains("discussions("));
    let size = if discussions { 25 } else { 50 };
    let mut all: Vec<&Thread> = stage.community.threads.iter().filter(|t| discussions || t.pull).collect();
    all.sort_by_key(|t| std::cmp::Reverse((t.changed, t.number)));
    let rest: Vec<&&Thread> =
        all.iter().filter(|t| after.is_none_or(|a| (t.changed, t.number) < a)).collect();
    let login = |p: &Post| json!({"__typename": "User", "login": stage.community.people[p.author]});
    let node = |t: &Thread| {
        let said = |p: &Post| {
            json!({"id": format!("DC_{}", p.id), "url": format!("{WEB}/discussions/{}#c-{}", t.number, p.id), "body": p.text,
                "createdAt": stamp(p.at), "updatedAt": stamp(p.edited), "isAnswer": t.accepted == Some(p.id), "author": login(p),
                "replies": {"totalCount": 0, "nodes": []}})
        };
        let first = &t.posts[0];
        if !discussions {
            return json!({"number": t.number, "updatedAt": stamp(t.changed), "reviews": {"totalCount": 1, "nodes": [
                {"databaseId": 500_000 + t.number, "state": "APPROVED", "body": "Reads well.", "url": format!("{WEB}/pull/{}#r", t.number),
                 "submittedAt": stamp(first.at + 60), "updatedAt": stamp(first.at + 60), "author": {"__typename": "User", "login": "mara-tw"}}]}});
        }
        let comments: Vec<Value> = t.replies().map(said).collect();
        json!({"number": t.number, "title": t.title, "url": format!("{WEB}/discussions/{}", t.number), "body": first.text,
            "createdAt": stamp(first.at), "updatedAt": stamp(t.changed), "closed": t.closed.is_some(), "author": login(first),
            "closedAt": t.closed.map(stamp), "stateReason": t.closed.map(|_| "RESOLVED"), "answerChosenAt": null, "answerChosenBy": null,
            "answer": t.accepted.map(|id| json!({"id": format!("DC_{id}")})),
            "category": {"name": "Q&A", "isAnswerable": true}, "labels": {"nodes": []},
            "reactions": {"totalCount": 0, "nodes": []},
            "comments": {"totalCount": comments.len(), "nodes": comments}})
    };
    let nodes: Vec<Value> = rest.iter().take(size).map(|t| node(t)).collect();
    let end = rest.iter().take(size).next_back().map(|t| format!("{}:{}", t.changed, t.number));
    let connection = json!({"totalCount": all.len(), "pageInfo": {"hasNextPage": rest.len() > size, "endCursor": end}, "nodes": nodes});
    let name = if discussions { "discussions" } else { "pullRequests" };
    Response::json(&json!({"data": {"repository": {"nameWithOwner": "tidewater/relay", name: connection}}}))
}

/// What the service would deliver by webhook about one of its comments, or about a thread itself: the event, and the
/// objects as they stand, in the shapes of the lists above.
pub fn delivery(
    stage: &Stage,
    number: u64,
    post: Option<u64>,
    action: &str,
) -> Option<(&'static str, Value)> {
    let thread = stage.community.threads.iter().find(|t| t.number == number)?;
    let mut body = json!({
        "action": action, "issue": issue(stage, thread), "sender": {"login": "ada-k", "id": 1, "type": "User"},
        "repository": {"id": 7, "full_name": "Tidewater/Relay", "html_url": WEB, "private": false},
    });
    let Some(id) = post else { return Some(("issues", body)) };
    let post = thread.posts.iter().find(|p| p.id == id)?;
    body["comment"] = comment(stage, thread, post);
    Some(("issue_comment", body))
}
