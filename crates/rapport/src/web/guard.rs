//! Who may ask: requests to this machine by its own name, forms from our own pages; and what a page may do.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::App;

/// What our own pages may load and do: nothing from elsewhere, no inline script or style.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Refuses names that are not this machine's (a page elsewhere can point its own name here) and writes from other sites;
/// sets the headers that every answer carries.
pub(super) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if let Err(why) = permitted(&app, request.method(), request.headers()) {
        return (StatusCode::FORBIDDEN, format!("rapport: {why}\n")).into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::CACHE_CONTROL, "no-store");
    response
}

fn permitted(app: &App, method: &Method, headers: &HeaderMap) -> Result<(), &'static str> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    if !ours(host) {
        return Err(
            "this name is not this machine's own; open http://127.0.0.1 with the port that `rapport serve` names",
        );
    }
    if matches!(*method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    let same_site = match (headers.get("sec-fetch-site"), text(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => origin.strip_prefix("http://") == Some(host),
        (None, None) => true, // no browser: curl, a script
    };
    if !same_site {
        return Err("a form of another site wanted to change something here");
    }
    // A form can be sent by any site without asking; JSON and our own header cannot.
    let json = text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
    let token = headers.get("x-rapport-token").is_some_and(|t| same(t.as_bytes(), app.token.as_bytes()));
    let form =
        text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    // A form's own token stands in its body and is checked where the body is read.
    if json || token || form { Ok(()) } else { Err("the page is from before the last start; load it again") }
}

/// Whether a `Host` header names this machine itself.
fn ours(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => return rest.starts_with("::1]"),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

/// Compares in the same time whatever differs.
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |seen, (x, y)| seen | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine() {
        for host in ["127.0.0.1:7462", "localhost:7462", "localhost", "[::1]:7462", "127.0.0.2"] {
            assert!(ours(host), "{host}");
        }
        for host in
            ["", "evil.example", "127.0.0.1.evil.example", "[::2]:1", "localhost.evil.example", "10.0.0.1"]
        {
            assert!(!ours(host), "{host}");
        }
    }
}
