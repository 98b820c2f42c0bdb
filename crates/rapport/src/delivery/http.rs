//! One HTTP request to a configured host: no redirect is followed, nothing is sent in the clear over a network, every
//! answer is bounded, and what went wrong says whether the other side may have acted.

use std::time::Duration;

use rapport_model::Time;
use ureq::http::{Request, Response};
use ureq::{Agent, Body};

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
    /// The next page, where a `Link` header names one.
    pub(crate) next: Option<String>,
    /// Seconds to wait, where it says so.
    pub(crate) wait: Option<i64>,
    /// Where it went, where it says so.
    pub(crate) location: Option<String>,
}

/// What kept an answer away.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Nothing was sent.
    NotSent(String),
    /// It was sent, and no whole answer came: the other side may have acted.
    Unclear(String),
}

/// More than this is no answer of a tracker.
const MOST: u64 = 16 << 20;

/// A client for one host.
pub(crate) struct Caller {
    agent: Agent,
    root: String,
    headers: Vec<(&'static str, String)>,
    seconds: u64,
    now: Time,
}

impl Caller {
    /// A client that speaks only to what begins with `root`.
    pub(crate) fn new(
        root: &str,
        headers: Vec<(&'static str, String)>,
        seconds: u64,
        now: Time,
    ) -> Result<Caller, String> {
        let root = root.trim().trim_end_matches('/').to_owned();
        let near = ["localhost", "127.0.0.1", "[::1]"]
            .contains(&host(&root).split(':').next().unwrap_or_default())
            || host(&root).starts_with("[::1]");
        if !(root.starts_with("https://") || (near && root.starts_with("http://"))) {
            return Err(format!("{} is not https: nothing is sent in the clear", host(&root)));
        }
        let config = Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(seconds.max(1))))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("rapport/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Caller { agent: config.into(), root, headers, seconds, now })
    }

    /// One request. `path` begins with `/`, or is a whole address under the root.
    pub(crate) fn call(&self, method: &str, path: &str, json: Option<&str>) -> Result<Reply, Trouble> {
        let url = if path.starts_with('/') { format!("{}{path}", self.root) } else { path.to_owned() };
        if !url.starts_with(&format!("{}/", self.root)) && url != self.root {
            return Err(Trouble::NotSent(format!("{} is not the configured host", host(&url))));
        }
        let mut request = Request::builder().method(method).uri(&url);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let sent = match json {
            Some(json) => request
                .header("content-type", "application/json")
                .body(json.to_owned())
                .map(|request| self.agent.run(request)),
            None => request.body(()).map(|request| self.agent.run(request)),
        };
        let answer =
            sent.map_err(|_| Trouble::NotSent("the address or a header is not well formed".to_owned()))?;
        self.read(answer.map_err(|error| self.trouble(&error))?)
    }

    fn trouble(&self, error: &ureq::Error) -> Trouble {
        let at = host(&self.root);
        match error {
            ureq::Error::HostNotFound => Trouble::NotSent(format!("there is no host {at}")),
            ureq::Error::ConnectionFailed => Trouble::NotSent(format!("{at} does not take the connection")),
            ureq::Error::Io(io) if io.kind() == std::io::ErrorKind::ConnectionRefused => {
                Trouble::NotSent(format!("{at} does not take the connection"))
            }
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) => {
                Trouble::NotSent(format!("{at}: no trusted connection ({error})"))
            }
            ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
                Trouble::NotSent(format!("{at} does not answer"))
            }
            ureq::Error::Timeout(_) => {
                Trouble::Unclear(format!("{at} gave no answer within {} s", self.seconds))
            }
            _ => Trouble::Unclear(format!("{at} broke off ({error})")),
        }
    }

    fn read(&self, answer: Response<Body>) -> Result<Reply, Trouble> {
        let header = |name: &str| answer.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let status = answer.status().as_u16();
        let next = header("link").and_then(|links| next_page(&links));
        let location = header("location");
        let number = |name: &str| header(name).and_then(|text| text.trim().parse::<i64>().ok());
        let spent = number("x-ratelimit-remaining").is_some_and(|left| left <= 0);
        let reset = number("x-ratelimit-reset").or_else(|| number("ratelimit-reset"));
        let wait = number("retry-after").or_else(|| {
            reset.filter(|_| spent || status == 429).map(|at| (at - self.now.millis() / 1000).max(1))
        });
        let body = answer.into_body().into_with_config().limit(MOST).read_to_string();
        let body = body.map_err(|error| {
            Trouble::Unclear(format!("{} broke off in the middle of its answer ({error})", host(&self.root)))
        })?;
        Ok(Reply { status, body, next, wait, location })
    }
}

/// The host of an address, without what may be secret.
pub(crate) fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
    rest.rsplit_once('@').map_or(rest, |(_, host)| host).to_owned()
}

/// The address that a `Link` header marks as next.
fn next_page(links: &str) -> Option<String> {
    links.split(',').find(|part| part.contains("rel=\"next\"")).and_then(|part| {
        let (_, rest) = part.split_once('<')?;
        rest.split_once('>').map(|(url, _)| url.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_elsewhere_or_in_the_clear() {
        let now = Time::MIN;
        assert!(Caller::new("http://tracker.example", Vec::new(), 1, now).is_err());
        assert!(Caller::new("http://localhost.example", Vec::new(), 1, now).is_err());
        assert!(Caller::new("http://127.0.0.1:1", Vec::new(), 1, now).is_ok());
        let caller = Caller::new("https://api.tracker.example", Vec::new(), 1, now).unwrap();
        for elsewhere in ["https://api.tracker.example.evil.example/x", "https://evil.example/"] {
            assert!(matches!(caller.call("GET", elsewhere, None), Err(Trouble::NotSent(_))), "{elsewhere}");
        }
        assert_eq!(host("https://user:pass@hooks.example/services/T0/secret"), "hooks.example");
        assert_eq!(
            next_page("<https://a/x?page=2>; rel=\"next\", <https://a/x?page=9>; rel=\"last\"").as_deref(),
            Some("https://a/x?page=2")
        );
    }
}
