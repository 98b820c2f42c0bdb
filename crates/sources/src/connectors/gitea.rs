//! Gitea and Forgejo: lists of issues, pull requests, comments and releases as their API gives them. The shapes follow
//! GitHub's and are read by the same eyes; what differs is where the accounts live.

use crate::contract::{About, Connector, Detected, Peek, Reader};

/// The connector.
pub(crate) struct Gitea;

impl Connector for Gitea {
    fn about(&self) -> &'static About {
        &About {
            name: "gitea",
            reads: "Gitea and Forgejo repositories (Codeberg, too): lists of issues, pull requests, comments and releases from the API",
            how_to_get: "rapport add https://codeberg.org/OWNER/REPO; or save /api/v1/repos/OWNER/REPO/issues?state=all and .../issues/comments as JSON files.",
            terms: "each author's own; the repository's licence does not cover its discussions",
            limits: "reviews of pull requests are not asked for",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        let mut json = peek.items().iter().filter(|n| n.ends_with(".json")).take(20);
        json.find_map(|name| {
            let head = String::from_utf8_lossy(&peek.head(name, 64 * 1024)).into_owned();
            let fits = head.trim_start().starts_with('[')
                && head.contains("\"original_author\"")
                && head.contains("\"html_url\"");
            let what =
                super::github::after(&head, "\"html_url\"").filter(|_| fits).and_then(|url| place(&url))?;
            Some(Detected { sure: 95, why: format!("{name} holds issues of {what}"), what })
        })
    }

    fn reader(&self, what: &str) -> Box<dyn Reader> {
        super::github::repository(what.split('/').next().unwrap_or(what))
    }
}

/// `https://codeberg.org/a/b/issues/1` -> `codeberg.org/a/b`
fn place(url: &str) -> Option<String> {
    let mut parts = url.split_once("://")?.1.split('/').filter(|p| !p.is_empty());
    Some(format!("{}/{}/{}", parts.next()?, parts.next()?, parts.next()?).to_lowercase())
}
