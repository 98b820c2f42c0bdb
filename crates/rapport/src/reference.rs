//! The reference pages, made from what the program itself runs on, so that they cannot say anything else.

pub(crate) mod config;
mod connectors;
mod lints;
mod metrics;
pub(crate) mod schema;
mod verbs;
mod views;

/// A page's name and what writes it.
type Page = (&'static str, fn() -> String);

/// Every page.
pub(crate) const PAGES: [Page; 6] = [
    ("verbs", verbs::page),
    ("connectors", connectors::page),
    ("views", views::page),
    ("config", config::page),
    ("metrics", metrics::page),
    ("lints", lints::page),
];

/// The head of a page.
fn head(title: &str, name: &str) -> String {
    format!("# {title}\n\n<!-- Made by `rapport reference {name}`; do not edit. -->\n\n")
}

/// Text for a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('\n', " ")
}
