//! Reports and the digest: preview, print and download.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{Frame, html, page as made, role};
use crate::desk::wall;
use crate::web::App;

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    period: Option<String>,
    /// For whom: a department's kind, leadership, or the community's digest; everything without.
    of: Option<String>,
    /// `html`, `markdown` or `json`.
    format: Option<String>,
    /// Save it instead of showing it.
    save: Option<String>,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Report {
    frame: Frame,
    period: String,
    of: String,
}

const FOR: [&str; 5] = ["product", "marketing", "engineering", "leadership", "digest"];

pub(in crate::web) async fn show(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    made(app, move |app| {
        wall::admits(role(app), "report")?;
        let (period, of) = (asked.period.unwrap_or_default(), asked.of.unwrap_or_default());
        html(&Report { frame: Frame::new(app, app.t("base-report"), "report"), period, of })
    })
    .await
}

/// The document itself. It brings its own style, so it gets its own policy: still no script and no request.
pub(in crate::web) async fn page(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    made(app, move |app| {
        let period = asked.period.as_deref().unwrap_or_default();
        let format = asked.format.as_deref().unwrap_or("html");
        let of = asked.of.as_deref().filter(|of| FOR.contains(of)).unwrap_or("all");
        let mut call = vec![if of == "digest" { "digest" } else { "report" }.to_owned()];
        if of != "digest" && of != "all" {
            call.push(format!("--for={of}"));
        }
        if !period.is_empty() {
            call.push(format!("--{}={period}", if of == "digest" { "week" } else { "period" }));
        }
        let json = format == "json";
        if !json {
            call.push(format!("--format={format}"));
        }
        let answer = app.look(json, &call)?;
        let (kind, end, body) = match format {
            "json" => ("application/json", "json", answer.json.clone()),
            "markdown" => ("text/markdown; charset=utf-8", "md", answer.text.clone()),
            _ => ("text/html; charset=utf-8", "html", answer.text.clone()),
        };
        let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";
        let mut response = (
            [
                (header::CONTENT_TYPE, kind),
                (header::CONTENT_SECURITY_POLICY, policy),
                (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
            ],
            body,
        )
            .into_response();
        if asked.save.is_some() {
            let plain = period.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>();
            let name = format!(
                "attachment; filename=\"{of}-{}.{end}\"",
                if plain.is_empty() { "now" } else { &plain }
            );
            if let Ok(value) = name.parse() {
                response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
            }
        }
        Ok(response)
    })
    .await
}
