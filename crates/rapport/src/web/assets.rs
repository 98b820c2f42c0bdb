//! Style and scripts, shipped in the program. Their address carries the program's version, so that a browser may keep them.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

const FILES: [(&str, &str, &str); 7] = [
    ("app.css", "text/css; charset=utf-8", include_str!("../../assets/app.css")),
    ("app.js", "text/javascript; charset=utf-8", include_str!("../../assets/app.js")),
    ("chart.js", "text/javascript; charset=utf-8", include_str!("../../assets/chart.js")),
    ("htmx.min.js", "text/javascript; charset=utf-8", include_str!("../../assets/htmx.min.js")),
    ("thread.js", "text/javascript; charset=utf-8", include_str!("../../assets/thread.js")),
    ("uPlot.min.css", "text/css; charset=utf-8", include_str!("../../assets/uPlot.min.css")),
    ("uPlot.min.js", "text/javascript; charset=utf-8", include_str!("../../assets/uPlot.min.js")),
];

pub(super) async fn asset(Path((_, name)): Path<(String, String)>) -> Response {
    match FILES.iter().find(|(known, _, _)| *known == name) {
        Some((_, kind, body)) => {
            let keep = "public, max-age=31536000, immutable";
            ([(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, keep)], *body).into_response()
        }
        None => (StatusCode::NOT_FOUND, "no such file\n").into_response(),
    }
}
