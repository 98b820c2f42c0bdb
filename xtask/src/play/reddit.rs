//! Reddit: the community r/relay. Lists end at 1,000 and lose their thread when the entry they are to go on after is gone;
//! trees hide what is deep or late behind stubs; what is deleted vanishes from lists, stays in trees where something hangs
//! on it, and is told as deleted (or, a fifth of it, not at all) to whoever asks by name.

use serde_json::{Value, json};

use super::{Post, Request, Response, Stage, Thread};

const TOLD: usize = 1_000;
/// A token is good for so long, in milliseconds.
const GOOD: i64 = 3_600_000;

pub fn is_exchange(request: &Request) -> bool {
    request.bare() == "/api/v1/access_token"
}

/// The headers of the limit: what is left has a fraction.
pub fn limited(response: Response, left: u64, used: u64, rest: i64) -> Response {
    response
        .with("x-ratelimit-remaining", format!("{left}.0"))
        .with("x-ratelimit-used", used)
        .with("x-ratelimit-reset", (rest + 999) / 1_000)
}

/// A post's number as Reddit writes it: in base 36.
pub fn id(post: &Post) -> String {
    let mut n = post.id + 50_000;
    let mut out = Vec::new();
    while n > 0 {
        out.push(b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::try_from(n % 36).unwrap_or(0)]);
        n /= 36;
    }
    out.reverse();
    String::from_utf8(out).unwrap_or_default()
}

fn edited(p: &Post) -> Value {
    if p.edited > p.at { json!(p.edited as f64) } else { false.into() }
}

fn submission(stage: &Stage, t: &Thread) -> Value {
    let (p, gone) = (&t.posts[0], t.posts[0].deleted);
    let author = if gone { "[deleted]" } else { stage.community.people[p.author] };
    let own = id(p);
    json!({"kind": "t3", "data": {"id": own, "name": format!("t3_{own}"), "subreddit": "Relay", "subreddit_id": "t5_2relay",
        "title": t.title, "selftext": if gone { "[deleted]" } else { p.text.as_str() }, "author": author, "author_fullname": format!("t2_{}", p.author),
        "author_flair_text": "veteran", "score": 7 + stage.asked % 3, "ups": 7, "is_self": true, "over_18": false, "created_utc": p.at as f64,
        "edited": edited(p), "num_comments": t.posts.len() - 1, "permalink": format!("/r/Relay/comments/{own}/some_words/"),
        "url": format!("https://www.reddit.com/r/Relay/comments/{own}/some_words/"), "link_flair_text": "help",
        "removed_by_category": if gone { "deleted".into() } else { Value::Null }}})
}

/// What a comment answers: the one before it, or the post.
fn parent(t: &Thread, n: usize) -> usize {
    if n > 1 && !t.posts[n].id.is_multiple_of(3) { n - 1 } else { 0 }
}

fn comment(stage: &Stage, t: &Thread, n: usize) -> Value {
    let p = &t.posts[n];
    let (own, link, above) = (id(p), id(&t.posts[0]), parent(t, n));
    let words = match (p.deleted, p.id % 2) {
        (false, _) => p.text.as_str(),
        (true, 0) => "[removed]",
        (true, _) => "[deleted]",
    };
    let author = if p.deleted { "[deleted]" } else { stage.community.people[p.author] };
    let above = format!("{}_{}", if above == 0 { "t3" } else { "t1" }, id(&t.posts[above]));
    json!({"kind": "t1", "data": {"id": own, "name": format!("t1_{own}"), "subreddit": "Relay", "link_id": format!("t3_{link}"), "parent_id": above,
        "body": words, "author": author, "author_flair_text": null, "score": 1 + stage.asked % 3, "created_utc": p.at as f64, "edited": edited(p),
        "permalink": format!("/r/Relay/comments/{link}/some_words/{own}/"), "replies": ""}})
}

fn listing(children: &[Value], after: Option<&str>) -> Value {
    json!({"kind": "Listing", "data": {"after": after, "before": null, "dist": children.len(), "modhash": null, "children": children}})
}

fn page(request: &Request, all: &[Value]) -> Response {
    let size = usize::try_from(request.number("limit").unwrap_or(25).clamp(1, 100)).unwrap_or(25);
    let all = &all[..all.len().min(TOLD)];
    let begin = match request.query("after") {
        None => 0,
        Some(after) => match all.iter().position(|thing| thing["data"]["name"] == after.as_str()) {
            Some(at) => at + 1,
            None => return Response::json(&listing(&[], None)),
        },
    };
    let shown: Vec<Value> = all[begin..].iter().take(size).cloned().collect();
    let last = shown.last().filter(|_| begin + size < all.len());
    let after = last.and_then(|thing| thing["data"]["name"].as_str());
    Response::json(&listing(&shown, after))
}

/// Whether a comment is shown in a tree: it stands, or something under it does.
fn shows(t: &Thread, n: usize) -> bool {
    !t.posts[n].deleted || (n + 1..t.posts.len()).any(|m| parent(t, m) == n && shows(t, m))
}

/// Some threads are so large that most of them hides behind stubs.
fn is_large(t: &Thread) -> bool {
    t.number.is_multiple_of(10)
}

/// What hangs on a comment (or on the post, 0), to a depth.
fn branch(stage: &Stage, t: &Thread, above: usize, depth: usize) -> Vec<Value> {
    let under: Vec<usize> = (1..t.posts.len()).filter(|m| parent(t, *m) == above && shows(t, *m)).collect();
    let name = |n: usize| format!("{}_{}", if n == 0 { "t3" } else { "t1" }, id(&t.posts[n]));
    if depth == 0 && !under.is_empty() {
        return vec![
            json!({"kind": "more", "data": {"count": 0, "name": "t1__", "id": "_", "parent_id": name(above), "depth": 9, "children": []}}),
        ];
    }
    let most = if is_large(t) && above == 0 { 1 } else { usize::MAX };
    let mut out: Vec<Value> = under
        .iter()
        .take(most)
        .map(|n| {
            let mut thing = comment(stage, t, *n);
            let answers = branch(stage, t, *n, depth - 1);
            if !answers.is_empty() {
                thing["data"]["replies"] = listing(&answers, None);
            }
            thing
        })
        .collect();
    let rest: Vec<String> = under.iter().skip(most).map(|n| id(&t.posts[*n])).collect();
    if let Some(first) = rest.first() {
        out.push(json!({"kind": "more", "data": {"count": rest.len(), "name": format!("t1_{first}"), "id": first, "parent_id": name(above), "depth": 0, "children": rest}}));
    }
    out
}

fn refused(status: u16, reason: &str) -> Response {
    let message = if status == 403 { "Forbidden" } else { "Not Found" };
    Response::status(status, &json!({"reason": reason, "message": message, "error": status}))
}

/// Base64, as clients write an id and a secret.
pub fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in text.as_bytes().chunks(3) {
        let byte = |n: usize| u32::from(*three.get(n).unwrap_or(&0));
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for n in 0..=three.len() {
            out.push(char::from(LETTERS[(word >> (18 - 6 * n) & 63) as usize]));
        }
    }
    while !out.len().is_multiple_of(4) {
        out.push('=');
    }
    out
}

fn exchange(stage: &Stage, request: &Request, now: i64) -> Response {
    let wanted = stage.token.as_ref().map(|pair| format!("Basic {}", base64(pair)));
    let given = request.headers.get("authorization");
    let form = request.headers.get("content-type").map(String::as_str);
    if request.method != "POST" || given.is_none() || wanted.as_ref() != given {
        return Response::status(401, &json!({"message": "Unauthorized", "error": 401}));
    }
    if form != Some("application/x-www-form-urlencoded") || request.body != b"grant_type=client_credentials" {
        return Response::json(&json!({"error": "unsupported_grant_type"}));
    }
    Response::json(
        &json!({"access_token": format!("granted-{}", now + GOOD), "token_type": "bearer", "expires_in": GOOD / 1_000, "scope": "*"}),
    )
}

pub fn answer(stage: &Stage, request: &Request, now: i64) -> Response {
    if is_exchange(request) {
        return exchange(stage, request, now);
    }
    let bearer = request.headers.get("authorization").and_then(|v| v.strip_prefix("Bearer granted-"));
    let good = bearer.and_then(|n| n.parse::<i64>().ok()).is_some_and(|until| now < until);
    if stage.token.is_some() && !good {
        return Response::status(401, &json!({"message": "Unauthorized", "error": 401}));
    }
    if stage.shut {
        return refused(403, "private");
    }
    let threads = &stage.community.threads;
    let parts: Vec<&str> = request.bare().split('/').filter(|part| !part.is_empty()).collect();
    let with = |own: &str| threads.iter().find(|t| id(&t.posts[0]) == own);
    match parts.as_slice() {
        ["r", "quarantined", _] => refused(403, "quarantined"),
        ["r", "banned", _] => refused(404, "banned"),
        ["r", "relay", "new"] => {
            let mut all: Vec<&Thread> = threads.iter().filter(|t| !t.posts[0].deleted).collect();
            all.sort_by_key(|t| std::cmp::Reverse(t.posts[0].id));
            page(request, &all.iter().take(TOLD).map(|t| submission(stage, t)).collect::<Vec<_>>())
        }
        ["r", "relay", "comments"] => {
            let every = threads.iter().flat_map(|t| (1..t.posts.len()).map(move |n| (t, n)));
            let mut all: Vec<(&Thread, usize)> = every.filter(|(t, n)| !t.posts[*n].deleted).collect();
            all.sort_by_key(|(t, n)| std::cmp::Reverse(t.posts[*n].id));
            page(request, &all.iter().take(TOLD).map(|(t, n)| comment(stage, t, *n)).collect::<Vec<_>>())
        }
        ["comments", own] => {
            let Some(t) = with(own) else { return refused(404, "") };
            let post = listing(&[submission(stage, t)], None);
            let focus = request.query("comment");
            let tree = match focus.and_then(|c| (1..t.posts.len()).find(|n| id(&t.posts[*n]) == c)) {
                Some(n) => {
                    let mut thing = comment(stage, t, n);
                    thing["data"]["replies"] = listing(&branch(stage, t, n, 3), None);
                    vec![thing]
                }
                None => branch(stage, t, 0, if is_large(t) { 2 } else { 8 }),
            };
            Response::json(&json!([post, listing(&tree, None)]))
        }
        ["api", "morechildren"] => {
            let link = request.query("link_id").unwrap_or_default();
            let Some(t) = link.strip_prefix("t3_").and_then(with) else { return refused(404, "") };
            let wanted = request.query("children").unwrap_or_default();
            let wanted: Vec<&str> = wanted.split(',').take(100).collect();
            let mut things = Vec::new();
            for n in (1..t.posts.len()).filter(|n| wanted.contains(&id(&t.posts[*n]).as_str())) {
                // The answers come beside it and not inside it; the deepest are stubs again.
                let mut open = vec![(n, 3)];
                while let Some((n, depth)) = open.pop() {
                    things.push(comment(stage, t, n));
                    let under = (1..t.posts.len()).filter(|m| parent(t, *m) == n && shows(t, *m));
                    if depth > 0 {
                        open.extend(under.map(|m| (m, depth - 1)));
                    } else if under.count() > 0 {
                        things.extend(branch(stage, t, n, 0));
                    }
                }
            }
            Response::json(&json!({"json": {"errors": [], "data": {"things": things}}}))
        }
        ["api", "info"] => {
            let wanted = request.query("id").unwrap_or_default();
            let wanted: std::collections::BTreeSet<&str> = wanted.split(',').take(100).collect();
            let mut things = Vec::new();
            for t in threads {
                for (n, p) in t.posts.iter().enumerate() {
                    let name = format!("{}_{}", if n == 0 { "t3" } else { "t1" }, id(p));
                    // Some are not even told to be gone.
                    if !wanted.contains(name.as_str()) || (p.deleted && p.id.is_multiple_of(5)) {
                        continue;
                    }
                    things.push(if n == 0 { submission(stage, t) } else { comment(stage, t, n) });
                }
            }
            Response::json(&listing(&things, None))
        }
        // Whoever asks for a community that is not there is led to a search.
        ["r", name, _] => Response { status: 302, ..Response::default() }
            .with("location", format!("{}/subreddits/search?q={name}", stage.base)),
        ["subreddits", "search"] => Response::json(&listing(
            &[json!({"kind": "t5", "data": {"id": "2abc", "name": "t5_2abc", "display_name": "relays"}})],
            None,
        )),
        _ => refused(404, ""),
    }
}
