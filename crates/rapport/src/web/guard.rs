//! Who may ask: requests to this machine by its own name, forms from our own pages; and what a page may do.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use subtle::ConstantTimeEq;

use super::pages::asks;
use super::texts::Text;
use super::visitor::{ASKED, Asked, VISITOR, Visitor};
use super::{App, feeds};

/// What our own pages may load and do: nothing from elsewhere, no inline script or style.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Refuses names that are not this machine's (a page elsewhere can point its own name here) and writes from other sites;
/// sets the headers that every answer carries.
pub(super) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = match admitted(&app, &request) {
        Ok(visitor) => {
            let looks = matches!(*request.method(), Method::GET);
            let asked = looks.then(|| Asked::by(&visitor, request.uri(), request.headers()));
            let acts = !matches!(*request.method(), Method::GET | Method::HEAD);
            let acting = acts.then(|| (visitor.clone(), request.uri().path().to_owned()));
            let response = VISITOR.scope(visitor, ASKED.scope(asked, next.run(request))).await;
            if let Some((visitor, path)) = acting {
                app.acted(&visitor, &path);
            }
            response
        }
        Err(refusal) => *refusal,
    };
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

/// The session's secret, from the cookie.
pub(super) fn cookie(headers: &HeaderMap) -> Option<&str> {
    named(headers, "rapport=")
}

/// What a cookie holds; `name` ends with `=`.
pub(super) fn named<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';')).find_map(|part| part.trim().strip_prefix(name))
}

/// Who asks, or why that is refused. Without a session only the way in is open.
fn admitted(app: &App, request: &Request) -> Result<Visitor, Box<Response>> {
    let refuse =
        |why: Text<'_>| Box::new((StatusCode::FORBIDDEN, format!("rapport: {why}\n")).into_response());
    let (method, headers, path) = (request.method(), request.headers(), request.uri().path());
    let visitor = match app.shared {
        true => cookie(headers).and_then(|secret| app.sessions.visitor(secret)),
        false => Some(app.local.clone()),
    };
    // A feed reader has a key in place of a session.
    let visitor = visitor.or_else(|| feeds::visitor(app, path, request.uri().query().unwrap_or_default()));
    permitted(app, visitor.as_ref(), method, headers).map_err(refuse)?;
    // A link that answers without an account carries its own signature.
    let way_in = matches!(path, "/login" | "/login/leave" | "/login/return" | "/setup")
        || path.starts_with("/assets/")
        || path.starts_with("/answer/")
        || path == "/asks" && asks::public(app);
    match visitor {
        Some(visitor) => Ok(visitor),
        None if way_in => Ok(Visitor { name: String::new(), role: Some("viewer".to_owned()), token: String::new() }),
        None if path.starts_with("/feeds/") || path == "/live" => {
            Err(Box::new((StatusCode::UNAUTHORIZED, "this key opens no feed\n").into_response()))
        }
        None if path.starts_with("/api/") => Err(Box::new((
            StatusCode::UNAUTHORIZED,
            [(header::CONTENT_TYPE, "application/json")],
            "{\"error\":\"log in first\",\"next\":[\"POST /login with name and password, and send its cookie\"]}",
        )
            .into_response())),
        None => Err(Box::new(Redirect::to(&format!("/login?back={}", urlencoded(path))).into_response())),
    }
}

pub(super) fn urlencoded(path: &str) -> String {
    path.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b == b'/' || b == b'-' {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

fn permitted<'a>(
    app: &'a App,
    visitor: Option<&Visitor>,
    method: &Method,
    headers: &HeaderMap,
) -> Result<(), Text<'a>> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    // A session's cookie goes only where it was set, so a strange name has none; without sessions the name is the guard.
    let known = ours(host) || app.public_host() == Some(host) || app.shared && app.public_host().is_none();
    if !known {
        return Err(app.t("base-other-name").with("command", "`rapport serve`"));
    }
    if matches!(*method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    let same_site = match (headers.get("sec-fetch-site"), text(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => origin.split_once("://").is_some_and(|(_, name)| name == host),
        (None, None) => true, // no browser: curl, a script
    };
    if !same_site {
        return Err(app.t("base-other-site"));
    }
    // A form can be sent by any site without asking; JSON and our own header cannot.
    let json = text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
    let token = headers
        .get("x-rapport-token")
        .is_some_and(|t| visitor.is_some_and(|v| same(t.as_bytes(), v.token.as_bytes())));
    let form =
        text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    // A form's own token stands in its body and is checked where the body is read.
    if json || token || form { Ok(()) } else { Err(app.t("base-stale")) }
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
    a.ct_eq(b).into()
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
