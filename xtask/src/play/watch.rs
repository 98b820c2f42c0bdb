//! Watches who asks: too early, too fast, without a name, for more than reading, with a token where none belongs.

use super::{Request, Stage, bucket, packages, reddit};

/// How many requests a service takes in so many milliseconds, as it publishes it; where it says nothing, no more than this
/// client's own channels promise.
fn paces(service: &str, request: &Request) -> &'static [(i64, usize)] {
    match service {
        "github" => &[(60_000, 900), (1_000, 15)],
        "discourse" => &[(60_000, 200), (10_000, 50)],
        "stackexchange" => &[(1_000, 30)],
        // By the method's tier.
        "slack" if request.bare().ends_with(".list") => &[(60_000, 20)],
        "slack" => &[(60_000, 50)],
        "discord" => &[(1_000, 50)],
        "zulip" => &[(60_000, 200)],
        "gitlab" => &[(60_000, 500), (1_000, 15)],
        "hackernews" => &[(3_600_000, 10_000), (1_000, 5)],
        "reddit" => &[(600_000, 1_000), (1_000, 5)],
        "bluesky" => &[(300_000, 3_000), (1_000, 5)],
        _ => &[(1_000, 15)],
    }
}

/// What counts together: Slack's limits are each method's own.
fn method<'a>(service: &str, path: &'a str) -> &'a str {
    if service == "slack" { path.split('?').next().unwrap_or(path) } else { "" }
}

/// The header that has to hold the token, whole; none where it stands in the address.
fn header(service: &str, token: &str) -> Option<(&'static str, String)> {
    match service {
        "gitlab" => Some(("private-token", token.to_owned())),
        "gitea" => Some(("authorization", format!("token {token}"))),
        "discourse" => Some(("api-key", token.to_owned())),
        "discord" => Some(("authorization", format!("Bot {token}"))),
        "zulip" => Some(("authorization", format!("Basic {}", reddit::base64(token)))),
        "stackexchange" | "youtube" => None,
        _ => Some(("authorization", format!("Bearer {token}"))),
    }
}

impl Stage {
    pub(super) fn watch(&mut self, request: &Request, now: i64) {
        let mine = bucket(self.service, request);
        for name in [String::new(), mine] {
            if let Some(until) = self.held.get(&name).filter(|until| now < **until) {
                let early = until - now;
                self.failures.push(format!("{early} ms too early: {}", request.path));
            }
        }
        let named = method(self.service, request.bare());
        for (window, most) in paces(self.service, request) {
            let alike = self.log.iter().rev().take_while(|(at, _)| now - at < *window);
            let within = alike.filter(|(_, path)| method(self.service, path) == named).count();
            if within > *most {
                self.failures.push(format!("{within} requests within {window} ms: {}", request.path));
            }
        }
        if !request.headers.get("user-agent").is_some_and(|agent| agent.starts_with("rapport/")) {
            self.failures.push(format!("nobody says who asks: {}", request.path));
        }
        if !request.headers.contains_key("accept") {
            self.failures.push(format!("nobody says what form is wanted: {}", request.path));
        }
        if matches!(self.service, "crates" | "npm" | "pypi") {
            packages::watch(self, request, now);
        }
        self.watch_token(request);
        let asks = match self.service {
            "reddit" => reddit::is_exchange(request),
            "plausible" => request.bare() == "/api/v2/query",
            _ => request.bare() == "/graphql",
        };
        let looks = matches!(request.method.as_str(), "GET" | "") || request.method == "POST" && asks;
        if !looks {
            self.failures.push(format!("something was posted: {} {}", request.method, request.path));
        }
    }

    /// A token goes where the service wants it, and nowhere else. Reddit's are seen to where they are granted.
    fn watch_token(&mut self, request: &Request) {
        let Some(token) = self.token.clone().filter(|_| self.service != "reddit") else { return };
        let wanted = header(self.service, &token);
        let bare = request.bare().to_owned();
        if wanted.is_some() && request.path.contains(token.as_str()) {
            self.failures.push(format!("a token stands in the address: {bare}"));
        }
        let shown = match &wanted {
            Some((name, value)) => request.headers.get(*name) == Some(value),
            None => request.query("key").as_ref() == Some(&token),
        };
        let others = request.headers.iter().filter(|(name, value)| {
            value.contains(token.as_str())
                && wanted.as_ref().is_none_or(|(own, whole)| name.as_str() != *own || *value != whole)
        });
        for (name, _) in others {
            self.failures.push(format!("a token where none belongs, in {name}: {bare}"));
        }
        self.named += u64::from(shown);
    }
}
