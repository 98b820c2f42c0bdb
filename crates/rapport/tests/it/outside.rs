//! A server on this machine that plays what feedback goes to: the issue APIs of GitHub, GitLab and Gitea in their own
//! shapes with their limits and errors, and a chat webhook. It can fail in every way that was asked of it.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// One way to fail, once.
#[derive(Clone)]
pub(crate) enum Fails {
    /// This status, these header lines, this body.
    Status(u16, &'static str, &'static str),
    /// Takes the request and says nothing.
    Silent,
    /// Does what was asked, then breaks off in the middle of the answer.
    CutAfterwards,
    /// Does what was asked, then says nothing.
    SilentAfterwards,
}

/// An issue as the server holds it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Issue {
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) labels: Vec<String>,
    pub(crate) closed: bool,
    pub(crate) reason: Option<&'static str>,
    pub(crate) milestone: Option<&'static str>,
    /// Who (bots end in `[bot]`) and what.
    pub(crate) comments: Vec<(&'static str, &'static str)>,
}

#[derive(Default)]
pub(crate) struct Held {
    pub(crate) issues: Vec<Issue>,
    pub(crate) messages: Vec<Value>,
    /// Methods and paths, in order.
    pub(crate) asked: Vec<String>,
    /// Fails for the next requests that make something.
    pub(crate) fails: VecDeque<Fails>,
    /// How many issues were there before, older than anything of ours.
    pub(crate) others: usize,
}

pub(crate) struct Outside {
    pub(crate) root: String,
    pub(crate) held: Arc<Mutex<Held>>,
}

pub(crate) const TOKEN: &str = "t0ken-of-the-test";

impl Outside {
    pub(crate) fn new() -> Outside {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let held = Arc::new(Mutex::new(Held::default()));
        let (shared, at) = (Arc::clone(&held), root.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, at) = (Arc::clone(&shared), at.clone());
                std::thread::spawn(move || serve(stream, &shared, &at));
            }
        });
        Outside { root, held }
    }

    pub(crate) fn fail(&self, fails: Fails) {
        self.held.lock().unwrap().fails.push_back(fails);
    }
    pub(crate) fn issues(&self) -> Vec<Issue> {
        self.held.lock().unwrap().issues.clone()
    }
    pub(crate) fn asked(&self) -> Vec<String> {
        self.held.lock().unwrap().asked.clone()
    }
}

struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Value,
}

fn request(stream: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(n, _)| n == "content-length").map_or(0, |(_, v)| v.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Request { method, path, headers, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
}

fn serve(stream: TcpStream, held: &Mutex<Held>, root: &str) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(asked) = request(&mut reader) {
        let makes = asked.method == "POST";
        let fails = {
            let mut held = held.lock().unwrap();
            held.asked.push(format!("{} {}", asked.method, asked.path));
            if makes { held.fails.pop_front() } else { None }
        };
        let silent = |stream: &TcpStream| {
            // Until the other side has had enough.
            let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
            let _ = (&*stream).read(&mut [0; 1]);
        };
        let (status, extra, body) = match &fails {
            Some(Fails::Status(status, headers, body)) => {
                (*status, (*headers).to_owned(), (*body).to_owned())
            }
            Some(Fails::Silent) => return silent(&stream),
            _ => answer(&asked, held, root),
        };
        match fails {
            Some(Fails::SilentAfterwards) => return silent(&stream),
            Some(Fails::CutAfterwards) => {
                let half = &body[..body.len() / 2];
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n{extra}\r\n{half}",
                    body.len()
                );
                return;
            }
            _ => {
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{extra}\r\n{body}",
                    body.len()
                );
            }
        }
    }
}

type Said = (u16, String, String);

fn said(status: u16, body: &Value) -> Said {
    (status, String::new(), body.to_string())
}

fn answer(asked: &Request, held: &Mutex<Held>, root: &str) -> Said {
    let header = |name: &str| asked.headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
    let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
    if path == "/services/T0/B0/secret" {
        held.lock().unwrap().messages.push(asked.body.clone());
        return (200, String::new(), "ok".to_owned());
    }
    let (kind, rest) = if let Some(rest) = path.strip_prefix("/api/v4") {
        ("gitlab", rest)
    } else if let Some(rest) = path.strip_prefix("/api/v1") {
        ("gitea", rest)
    } else {
        ("github", path)
    };
    let authorised = match kind {
        "gitlab" => header("private-token") == TOKEN,
        "gitea" => header("authorization") == format!("token {TOKEN}"),
        _ => header("authorization") == format!("Bearer {TOKEN}"),
    };
    if !authorised {
        return said(
            401,
            &json!({ "message": if kind == "gitlab" { "401 Unauthorized" } else { "Bad credentials" } }),
        );
    }
    let base =
        if kind == "gitlab" { "/projects/tidewater-relay%2Frelay" } else { "/repos/tidewater-relay/relay" };
    let Some(rest) = rest.strip_prefix(base) else {
        return said(404, &json!({ "message": "Not Found", "status": "404" }));
    };
    let mut held = held.lock().unwrap();
    let parts: Vec<&str> = rest.trim_matches('/').split('/').collect();
    match (asked.method.as_str(), parts.as_slice()) {
        ("GET", ["labels"]) => {
            said(200, &json!([{ "id": 7, "name": "other" }, { "id": 9, "name": "from-developers" }]))
        }
        ("POST", ["issues"]) => {
            let text = |key: &str| asked.body[key].as_str().unwrap_or_default().to_owned();
            let labels = match &asked.body["labels"] {
                Value::Array(all) => {
                    all.iter().map(|l| l.as_str().map_or_else(|| l.to_string(), str::to_owned)).collect()
                }
                Value::String(all) => all.split(',').map(str::to_owned).collect(),
                _ => Vec::new(),
            };
            let body = text(if kind == "gitlab" { "description" } else { "body" });
            held.issues.push(Issue { title: text("title"), body, labels, ..Issue::default() });
            let n = held.issues.len();
            said(201, &shape(kind, n, &held.issues[n - 1], root))
        }
        ("GET", ["issues"]) => page(kind, &held, query, &format!("{root}{path}"), root),
        ("GET", ["issues", n]) => {
            let n: usize = n.parse().unwrap();
            match n.checked_sub(1).and_then(|at| held.issues.get(at)) {
                Some(issue) => said(200, &shape(kind, n, issue, root)),
                None => said(404, &json!({ "message": "Not Found" })),
            }
        }
        ("GET", ["issues", n, "comments" | "notes"]) => {
            let issue = &held.issues[n.parse::<usize>().unwrap() - 1];
            let mut all: Vec<Value> = issue
                .comments
                .iter()
                .enumerate()
                .map(|(id, (who, body))| match kind {
                    "gitlab" => json!({ "id": id, "body": body, "system": who.ends_with("[bot]"), "author": { "username": who } }),
                    _ => json!({ "id": id, "body": body, "user": { "login": who, "type": if who.ends_with("[bot]") { "Bot" } else { "User" } } }),
                })
                .collect();
            if kind == "gitlab" {
                all.reverse();
            }
            said(200, &Value::Array(all))
        }
        _ => said(404, &json!({ "message": "Not Found" })),
    }
}

fn shape(kind: &str, n: usize, issue: &Issue, root: &str) -> Value {
    let web = format!("{root}/tidewater-relay/relay/issues/{n}");
    let milestone = issue.milestone.map(|title| json!({ "title": title }));
    match kind {
        "gitlab" => json!({
            "id": n + 9000, "iid": n, "title": issue.title, "description": issue.body, "web_url": web, "labels": issue.labels,
            "state": if issue.closed { "closed" } else { "opened" }, "milestone": milestone, "assignees": [],
        }),
        _ => json!({
            "id": n + 9000, "number": n, "title": issue.title, "body": issue.body, "html_url": web,
            "labels": issue.labels.iter().map(|l| json!({ "name": l })).collect::<Vec<_>>(),
            "state": if issue.closed { "closed" } else { "open" }, "state_reason": issue.reason, "milestone": milestone,
            "assignees": [], "assignee": null,
        }),
    }
}

/// Pages of two: ours come after all the others.
fn page(kind: &str, held: &Held, query: &str, url: &str, root: &str) -> Said {
    let number =
        query.split('&').find_map(|part| part.strip_prefix("page=")).map_or(1, |n| n.parse().unwrap());
    let other =
        |n: usize| Issue { title: format!("Older {n}"), body: "Not ours.".to_owned(), ..Issue::default() };
    let others = (0..held.others).map(|n| shape(kind, n + 500, &other(n), root));
    let ours = held.issues.iter().enumerate().map(|(n, issue)| shape(kind, n + 1, issue, root));
    let all: Vec<Value> = others.chain(ours).collect();
    let shown: Vec<Value> = all.iter().skip((number - 1) * 2).take(2).cloned().collect();
    let bare: Vec<&str> = query.split('&').filter(|p| !p.starts_with("page=")).collect();
    let link = match all.len() > number * 2 {
        true => format!("link: <{url}?{}&page={}>; rel=\"next\"\r\n", bare.join("&"), number + 1),
        false => String::new(),
    };
    (200, link, Value::Array(shown).to_string())
}
