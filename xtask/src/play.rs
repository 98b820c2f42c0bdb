//! A server that plays the services of an invented community, with their limits and their faults, and that watches who
//! asks: too early, too parallel, without a name. For tests, in memory or over a socket; nothing here is real.

// Paths are written out: tests of other crates take this file in from elsewhere.
#[path = "play/bluesky.rs"]
pub mod bluesky;
#[path = "play/community.rs"]
pub mod community;
#[path = "play/discord.rs"]
pub mod discord;
#[path = "play/discourse.rs"]
pub mod discourse;
#[path = "play/events.rs"]
pub mod events;
#[path = "play/feed.rs"]
pub mod feed;
#[path = "play/gitea.rs"]
pub mod gitea;
#[path = "play/github.rs"]
pub mod github;
#[path = "play/gitlab.rs"]
pub mod gitlab;
#[path = "play/hackernews.rs"]
pub mod hackernews;
#[path = "play/lists.rs"]
pub mod lists;
#[path = "play/mastodon.rs"]
pub mod mastodon;
#[path = "play/matrix.rs"]
pub mod matrix;
#[path = "play/stamp.rs"]
mod moments;
#[path = "play/packages.rs"]
pub mod packages;
#[path = "play/plausible.rs"]
pub mod plausible;
#[path = "play/reddit.rs"]
pub mod reddit;
#[path = "play/slack.rs"]
pub mod slack;
#[path = "play/socket.rs"]
pub mod socket;
#[path = "play/stackexchange.rs"]
pub mod stackexchange;
#[path = "play/watch.rs"]
mod watch;
#[path = "play/youtube.rs"]
pub mod youtube;
#[path = "play/zulip.rs"]
pub mod zulip;

use std::collections::BTreeMap;

pub use community::{Community, Post, Random, Thread, Told};
pub use moments::{seconds, stamp};
use serde_json::Value;

/// Who is played.
pub const SERVICES: [&str; 24] = [
    "github",
    "discourse",
    "stackexchange",
    "zulip",
    "gitlab",
    "gitea",
    "feed",
    "hackernews",
    "slack",
    "discord",
    "matrix",
    "mastodon",
    "bluesky",
    "pipermail",
    "hyperkitty",
    "youtube",
    "crates",
    "npm",
    "pypi",
    "reddit",
    "plausible",
    "conferences",
    "ical",
    "sessionize",
];

/// One request, as a service sees it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    /// Path with query, below the service's own folder.
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Request {
    /// A query parameter, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (decoded(key) == name).then(|| decoded(value))
        })
    }
    pub fn queries(&self, name: &str) -> Vec<String> {
        let query = self.path.split_once('?').map_or("", |(_, q)| q);
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| decoded(key) == name).map(|(_, value)| decoded(value)).collect()
    }
    pub fn number(&self, name: &str) -> Option<u64> {
        self.query(name)?.parse().ok()
    }
    pub fn bare(&self) -> &str {
        self.path.split('?').next().unwrap_or("")
    }
}

/// What a service would deliver by webhook of what just happened: the event, what its headers say of the place, the body.
/// None where it has no word for it.
pub fn delivery(stage: &Stage, number: u64, post: Option<u64>, action: &str) -> Option<Delivery> {
    let told = match stage.service {
        "github" => github::delivery(stage, number, post, action),
        "gitlab" => gitlab::delivery(stage, number, post, action),
        "gitea" => gitea::delivery(stage, number, post, action),
        "discourse" => discourse::delivery(stage, number, post, action),
        other => panic!("{other} delivers nothing"),
    };
    told.map(|(event, body)| Delivery { event, hint: "https://forum.tidewater.example", body })
}

/// One delivery of a webhook.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub event: &'static str,
    /// Where it says that it comes from, in a header.
    pub hint: &'static str,
    pub body: Value,
}

pub fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let hex = (bytes[i] == b'%').then(|| text.get(i + 1..i + 3)).flatten();
        match hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                i += 3;
            }
            None => {
                out.push(if bytes[i] == b'+' { b' ' } else { bytes[i] });
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// What goes back.
#[derive(Clone, Debug, Default)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Only so much of the body is sent before the line drops.
    pub cut: Option<usize>,
    /// Milliseconds before the body comes.
    pub slow: u64,
}

impl Response {
    pub fn json(value: &Value) -> Response {
        Response {
            status: 200,
            headers: vec![("content-type".into(), "application/json".into())],
            body: value.to_string().into_bytes(),
            ..Response::default()
        }
    }
    pub fn status(status: u16, value: &Value) -> Response {
        Response { status, ..Response::json(value) }
    }
    #[must_use]
    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Response {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }
}

/// What a service does wrong, or asks for, instead of answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The service's usual way to ask for a pause of so many seconds.
    Pause(u64),
    /// GitHub's secondary limit without a word on how long; a bare 429 elsewhere.
    Unsaid,
    /// An answer with `backoff`, and its content (Stack Exchange); a plain pause elsewhere.
    Backoff(u64),
    /// A broken server.
    Broken,
    /// The line drops in the middle of the body.
    Cut,
    /// The body comes late.
    Slow(u64),
}

/// One service on stage.
pub struct Stage {
    pub service: &'static str,
    pub community: Community,
    /// What happens to the n-th request (from 0) instead of an answer.
    pub faults: BTreeMap<u64, Fault>,
    /// There are places that are not for us to hear.
    pub shut: bool,
    /// The community goes on while it is read: one change before every so many requests.
    pub lively: Option<u64>,
    /// Requests in an hour (a day for Stack Exchange).
    pub quota: u64,
    /// A token that opens more.
    pub token: Option<String>,
    /// How many requests showed it, as the service wants it.
    pub named: u64,
    /// It says when it last changed, and gives no `ETag`.
    pub dated: bool,
    /// Requests so far, and each with its moment.
    pub asked: u64,
    pub log: Vec<(i64, String)>,
    /// What the client did wrong.
    pub failures: Vec<String>,
    /// No request before these moments, by bucket; the bucket "" is all.
    held: BTreeMap<String, i64>,
    window: i64,
    used: u64,
    /// How many answers said that nothing changed.
    pub unchanged: u64,
    /// Where the service believes to stand, for the links it gives.
    pub base: String,
}

/// Which of a service's limits a request counts against.
fn bucket(service: &str, request: &Request) -> String {
    match service {
        "github" if request.bare() == "/graphql" => "graphql".to_owned(),
        "github" => "core".to_owned(),
        "discord" => discord::bucket(request).to_owned(),
        // The counts are another host's.
        "npm" | "pypi" if packages::counts(request) => "counts".to_owned(),
        "npm" | "pypi" => "registry".to_owned(),
        "stackexchange" => request.bare().trim_start_matches("/2.3").to_owned(),
        _ => String::new(),
    }
}

impl Stage {
    pub fn new(service: &'static str, mut community: Community) -> Stage {
        community.fixed = ["hackernews", "pipermail", "hyperkitty"].contains(&service);
        community.openings = matches!(service, "mastodon" | "youtube");
        community.unedited = service == "bluesky";
        Stage {
            service,
            community,
            faults: BTreeMap::new(),
            shut: false,
            lively: None,
            quota: match service {
                "github" => 60,
                "stackexchange" | "mastodon" => 300,
                "reddit" => 1_000,
                "plausible" => 600,
                _ => u64::MAX,
            },
            token: None,
            named: 0,
            dated: false,
            asked: 0,
            log: Vec::new(),
            failures: Vec::new(),
            held: BTreeMap::new(),
            window: 0,
            used: 0,
            unchanged: 0,
            base: String::new(),
        }
    }

    /// Answers one request at this moment.
    pub fn answer(&mut self, request: &Request, now: i64) -> Response {
        let n = self.asked;
        self.asked += 1;
        self.log.push((now, request.path.clone()));
        self.watch(request, now);
        if self.lively.is_some_and(|every| n % every == every - 1) {
            self.community.change(now);
        }
        let mine = bucket(self.service, request);
        // The whole window over: the quota is full again.
        let length = match self.service {
            "stackexchange" => 86_400_000,
            "mastodon" => 300_000,
            "reddit" => 600_000,
            _ => 3_600_000,
        };
        if now >= self.window {
            self.window = if length == 86_400_000 { (now / length + 1) * length } else { now + length };
            self.used = 0;
        }
        let whole = self.allowed(request);
        if self.used >= whole {
            self.held.insert(mine, self.window);
            return self.used_up(now);
        }
        match self.faults.remove(&n) {
            Some(Fault::Pause(seconds)) => return self.paused(&mine, seconds, now),
            Some(Fault::Unsaid) => {
                self.held.insert(String::new(), now + 60_000);
                let status = if self.service == "github" { 403 } else { 429 };
                if self.service == "slack" {
                    // Its refusals come with a good status, too.
                    return Response::json(&serde_json::json!({"ok": false, "error": "ratelimited"}));
                }
                return Response::status(
                    status,
                    &serde_json::json!({"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}),
                );
            }
            Some(Fault::Backoff(seconds)) => {
                if self.service != "stackexchange" {
                    return self.paused(&mine, seconds, now);
                }
                self.held.insert(mine, now + i64::try_from(seconds).unwrap_or(0) * 1000);
                let mut response = self.content(request, now);
                let mut body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
                body["backoff"] = seconds.into();
                response.body = body.to_string().into_bytes();
                return response;
            }
            Some(Fault::Broken) => {
                self.held.insert(String::new(), now + 1_000);
                return Response {
                    status: 502,
                    body: b"<html>Bad gateway</html>".to_vec(),
                    ..Response::default()
                };
            }
            Some(Fault::Cut) => {
                self.held.insert(String::new(), now + 1_000);
                let mut response = self.unheard(request, now);
                response.cut = Some(response.body.len() / 2);
                return response;
            }
            Some(Fault::Slow(millis)) => {
                let mut response = self.unheard(request, now);
                response.slow = millis;
                return response;
            }
            None => {}
        }
        self.content(request, now)
    }

    /// An answer that does not arrive, or not in time: nobody can keep to what it says of limits.
    fn unheard(&mut self, request: &Request, now: i64) -> Response {
        let held = self.held.clone();
        let response = self.content(request, now);
        self.held = held;
        response
    }

    /// Forgets the pauses that it asked for.
    pub fn forgive(&mut self) {
        self.held.clear();
    }

    fn allowed(&self, request: &Request) -> u64 {
        let named = self.token.as_ref().is_some_and(|token| {
            request.headers.values().any(|v| v.contains(token.as_str()))
                || request.path.contains(token.as_str())
        });
        match (self.service, named) {
            ("github", true) => self.quota.max(5_000),
            ("stackexchange", true) => self.quota.max(10_000),
            _ => self.quota,
        }
    }

    fn content(&mut self, request: &Request, now: i64) -> Response {
        let mut response = match self.service {
            "github" => github::answer(self, request),
            "discord" => discord::answer(self, request, now),
            "discourse" => discourse::answer(self, request),
            "stackexchange" => stackexchange::answer(self, request),
            "gitlab" => gitlab::answer(self, request),
            "gitea" => gitea::answer(self, request),
            "feed" => feed::answer(self, request),
            "conferences" | "ical" | "sessionize" => events::answer(self, request),
            "hackernews" => hackernews::answer(self, request),
            "crates" | "npm" | "pypi" => packages::answer(self, request, now),
            "plausible" => plausible::answer(self, request, now),
            "reddit" => reddit::answer(self, request, now),
            "slack" => slack::answer(self, request),
            "bluesky" => bluesky::answer(self, request),
            "mastodon" => mastodon::answer(self, request),
            "matrix" => matrix::answer(self, request),
            "pipermail" | "hyperkitty" => lists::answer(self, request, now),
            "youtube" => youtube::answer(self, request),
            "zulip" => zulip::answer(self, request),
            other => panic!("nobody plays {other}"),
        };
        if response.status == 200 && request.method == "GET" && self.service != "stackexchange" {
            let (name, asks, state) = if self.dated {
                let posts = self.community.threads.iter().flat_map(|t| &t.posts);
                ("last-modified", "if-modified-since", http_date(posts.map(|p| p.edited).max().unwrap_or(0)))
            } else {
                ("etag", "if-none-match", format!("W/\"{:016x}\"", fingerprint(&response.body)))
            };
            if request.headers.get(asks) == Some(&state) {
                self.unchanged += 1;
                // What did not change costs nothing.
                return self.told(Response { status: 304, ..Response::default() }.with(name, state), now);
            }
            response = response.with(name, state);
        }
        self.used += 1;
        let whole = self.allowed(request);
        if self.service == "stackexchange" {
            let mut body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
            body["quota_max"] = whole.into();
            body["quota_remaining"] = whole.saturating_sub(self.used).into();
            response.body = body.to_string().into_bytes();
        } else if matches!(self.service, "github" | "mastodon") {
            response = response
                .with("x-ratelimit-limit", whole)
                .with("x-ratelimit-remaining", whole.saturating_sub(self.used));
        } else if self.service == "reddit" {
            let left = whole.saturating_sub(self.used);
            response = reddit::limited(response, left, self.used, self.window - now);
        }
        if self.service == "discord" {
            // Every twentieth request uses a bucket up, for less than a second.
            let left = 19 - self.asked % 20;
            if left == 0 {
                self.held.insert(bucket(self.service, request), now + 400);
            }
            response = response
                .with("x-ratelimit-limit", 20)
                .with("x-ratelimit-remaining", left)
                .with("x-ratelimit-reset-after", "0.400")
                .with("x-ratelimit-bucket", "abcd1234");
        }
        if self.used >= whole && matches!(self.service, "github" | "stackexchange" | "mastodon" | "reddit") {
            self.held.insert(bucket(self.service, request), self.window);
        }
        self.told(response, now)
    }

    fn told(&self, response: Response, now: i64) -> Response {
        if self.service == "gitlab" {
            response.with("date", http_date(now.div_euclid(1_000)))
        } else if self.service == "github" {
            response.with("x-ratelimit-reset", (self.window + 999) / 1000)
        } else if self.service == "mastodon" {
            response.with("x-ratelimit-reset", moment(self.window))
        } else {
            response
        }
    }

    fn paused(&mut self, mine: &str, seconds: u64, now: i64) -> Response {
        let until = now + i64::try_from(seconds).unwrap_or(0) * 1000;
        let wait = serde_json::json!({"error_id": 502, "error_name": "throttle_violation",
            "error_message": format!("too many requests from this IP, more requests available in {seconds} seconds")});
        match (self.service, mine) {
            ("github", "graphql") => {
                self.held.insert(mine.to_owned(), until);
                Response::json(&serde_json::json!({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}))
                    .with("x-ratelimit-remaining", 0)
                    .with("x-ratelimit-reset", (until + 999) / 1000)
            }
            ("github", _) => {
                self.held.insert(String::new(), until);
                Response::status(403, &serde_json::json!({"message": "slow down"}))
                    .with("retry-after", seconds)
            }
            ("discord", _) => {
                self.held.insert(mine.to_owned(), until);
                Response::status(
                    429,
                    &serde_json::json!({"message": "You are being rate limited.", "retry_after": seconds, "global": false}),
                )
                .with("retry-after", seconds)
                .with("x-ratelimit-bucket", mine)
            }
            ("stackexchange", _) => {
                self.held.insert(String::new(), until);
                Response::status(400, &wait)
            }
            ("bluesky", _) => {
                self.held.insert(String::new(), until);
                Response::status(
                    429,
                    &serde_json::json!({"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}),
                )
                .with("ratelimit-limit", 3_000)
                .with("ratelimit-remaining", 0)
                .with("ratelimit-reset", (until + 999) / 1000)
            }
            ("mastodon", _) => {
                self.held.insert(String::new(), until);
                Response::status(429, &serde_json::json!({"error": "Too many requests"}))
                    .with("x-ratelimit-remaining", 0)
                    .with("x-ratelimit-reset", moment(until))
            }
            ("reddit", _) => {
                self.held.insert(String::new(), until);
                let refused =
                    Response::status(429, &serde_json::json!({"message": "Too Many Requests", "error": 429}));
                reddit::limited(refused, 0, self.used, until - now)
            }
            // Servers of the protocol's older versions tell it in the body alone.
            ("matrix", _) => {
                self.held.insert(String::new(), until);
                Response::status(
                    429,
                    &serde_json::json!({"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests", "retry_after_ms": seconds * 1000}),
                )
            }
            // A date, in whole seconds, in place of a number of them.
            ("feed" | "hyperkitty", _) => {
                let until = (until + 999) / 1_000;
                self.held.insert(String::new(), until * 1_000);
                let busy =
                    Response { status: 503, body: b"<html>Busy</html>".to_vec(), ..Response::default() };
                busy.with("retry-after", http_date(until))
            }
            ("npm" | "pypi", _) => {
                self.held.insert(mine.to_owned(), until);
                Response::status(429, &serde_json::json!({"error": "slow down"})).with("retry-after", seconds)
            }
            _ => {
                self.held.insert(String::new(), until);
                Response::status(
                    429,
                    &serde_json::json!({"errors": ["too many"], "extras": {"wait_seconds": seconds}}),
                )
                .with("retry-after", seconds)
            }
        }
    }

    fn used_up(&self, now: i64) -> Response {
        match self.service {
            "stackexchange" => Response::status(
                400,
                &serde_json::json!({"error_id": 502, "error_message":
                    format!("too many requests from this IP, more requests available in {} seconds", (self.window - now + 999) / 1000)}),
            ),
            "mastodon" => Response::status(429, &serde_json::json!({"error": "Too many requests"}))
                .with("x-ratelimit-remaining", 0)
                .with("x-ratelimit-reset", moment(self.window)),
            "reddit" => {
                let refused = serde_json::json!({"message": "Too Many Requests", "error": 429});
                reddit::limited(Response::status(429, &refused), 0, self.used, self.window - now)
            }
            // Without a word on how long.
            "plausible" => Response::status(429, &serde_json::json!({"error": "Too many API requests."})),
            _ => Response::status(403, &serde_json::json!({"message": "API rate limit exceeded"}))
                .with("x-ratelimit-remaining", 0)
                .with("x-ratelimit-reset", (self.window + 999) / 1000),
        }
    }
}

pub fn fingerprint(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A moment with its milliseconds: `2026-09-28T08:00:00.250Z`.
/// `Tue, 20 Oct 2026 08:00:00 GMT`
fn http_date(seconds: i64) -> String {
    let day = |n: i64| ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][usize::try_from(n).unwrap_or(0)];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = stamp(seconds);
    let month = text[5..7].parse::<usize>().map_or("Jan", |n| MONTHS[n - 1]);
    let weekday = day(seconds.div_euclid(86_400).rem_euclid(7));
    format!("{weekday}, {} {month} {} {} GMT", &text[8..10], &text[..4], &text[11..19])
}

fn moment(millis: i64) -> String {
    stamp(millis.div_euclid(1_000)).replace('Z', &format!(".{:03}Z", millis.rem_euclid(1_000)))
}
