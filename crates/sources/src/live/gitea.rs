//! Gitea and Forgejo, living: issues and comments that changed since the last look, page by page.
//!
//! Its pages are counted and can skip. Issues come newest first: what is new pushes the rest towards us. Comments come
//! oldest first, so the first round reads them from the last page to the first: what is deleted pulls the rest towards
//! us. Later looks overlap, begin again when a list shrinks, and count the comments of every thread that changed.

use rapport_model::{Key, Page, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::github::{self, state, value};
use super::{Ask, At, Held, Live, LiveAbout, Place, Progress, Reply, Turn, encoded, is_name, origin, web};

/// The channel.
pub(super) struct Gitea;

const PER_PAGE: u64 = 50;
/// Two looks share so many seconds.
const OVERLAP_MS: i64 = 120_000;

/// How far a walk through the pages is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Walk {
    since: Option<String>,
    page: u64,
    newest: Option<String>,
    /// How many there were at the page before.
    total: Option<u64>,
    progress: Progress,
    round: bool,
    watched: Vec<github::Watched>,
}

#[derive(Deserialize)]
struct Listed {
    number: Option<u64>,
    updated_at: Option<String>,
    comments: Option<u64>,
    pull_request: Option<Value>,
}

impl Live for Gitea {
    fn about(&self) -> &'static LiveAbout {
        &LiveAbout {
            name: "gitea",
            title: "Gitea",
            addresses: &["gitea:codeberg.org/owner/repo", "https://codeberg.org/owner/repo"],
            token: "Public repositories need none. A token that reads issues opens private ones.",
            token_env: &[],
            limits: "serial requests, pages of 50; looks overlap by two minutes",
            interval: 300,
            gap_ms: 300,
        }
    }

    fn place(&self, address: &str) -> Option<Place> {
        if let Some(rest) = address.strip_prefix("gitea:").or_else(|| address.strip_prefix("forgejo:")) {
            return self.hosted(&format!("https://{rest}"));
        }
        let (host, _) = web(address)?;
        ["codeberg.org", "gitea.com"].contains(&host.as_str()).then(|| self.hosted(address))?
    }

    fn probe(&self, url: &str) -> Option<Ask> {
        Some(Ask::get(repo(&self.hosted(url)?), ""))
    }

    fn is_it(&self, reply: &Reply) -> bool {
        serde_json::from_slice::<Value>(&reply.body)
            .is_ok_and(|v| v["full_name"].is_string() && v["open_issues_count"].is_number())
    }

    fn hosted(&self, url: &str) -> Option<Place> {
        let (host, path) = web(url)?;
        let (owner, repo) = (path.first()?.to_lowercase(), path.get(1)?.to_lowercase());
        let repo = repo.strip_suffix(".git").unwrap_or(&repo);
        (is_name(&owner) && is_name(repo)).then_some(())?;
        Some(Place { what: format!("{host}/{owner}/{repo}"), base: origin(url)?, token: false })
    }

    fn streams(&self, _place: &Place) -> Vec<&'static str> {
        vec!["issues", "comments", "deleted comments", "releases"]
    }

    fn next(&self, place: &Place, at: At<'_>) -> Option<Ask> {
        let repo = repo(place);
        if at.stream == "deleted comments" {
            // It gives all comments of a thread at once, however many.
            let (thread, _) = github::missing(at.cursor, at.held, None)?;
            let number = thread.rsplit('/').next()?;
            return Some(Ask::get(format!("{repo}/issues/{number}/comments"), ""));
        }
        let walk: Walk = state(at.cursor);
        let page = walk.page.max(1);
        if at.stream == "releases" {
            return Some(Ask {
                conditional: page == 1,
                ..Ask::get(format!("{repo}/releases?limit={PER_PAGE}&page={page}"), "")
            });
        }
        let list = if at.stream == "issues" { "issues?state=all&" } else { "issues/comments?" };
        let since = walk.since.as_deref().map_or_else(String::new, |s| format!("&since={}", encoded(s)));
        let conditional = page == 1 && walk.round;
        Some(Ask { conditional, ..Ask::get(format!("{repo}/{list}limit={PER_PAGE}&page={page}{since}"), "") })
    }

    fn turn(&self, _place: &Place, at: At<'_>, ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        let mut walk: Walk = state(at.cursor);
        if reply.status == 304 {
            return Ok(Turn {
                cursor: at.cursor.clone(),
                end: true,
                progress: walk.progress,
                ..Turn::default()
            });
        }
        let listed: Vec<Listed> = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
        let item = Some(format!("live/{}.json", at.stream));
        if at.stream == "deleted comments" {
            return Ok(Turn { item, ..github::recounted(at, ask, reply) });
        }
        let total = reply.header("x-total-count").and_then(|n| n.parse::<u64>().ok());
        let backwards = at.stream == "comments" && !walk.round;
        let shrank = !backwards
            && walk.page > 1
            && total.is_some_and(|now| walk.total.is_some_and(|before| now < before));
        walk.newest = walk.newest.max(listed.iter().filter_map(|l| l.updated_at.clone()).max());
        walk.total = total;
        if at.stream == "issues" {
            for l in &listed {
                let (Some(number), Some(comments)) = (l.number, l.comments) else { continue };
                let kind =
                    if l.pull_request.as_ref().is_some_and(|p| !p.is_null()) { "pull" } else { "issue" };
                let changed = l.updated_at.as_deref();
                github::watch(&mut walk.watched, format!("{kind}/{number}"), comments, changed);
            }
        }
        let mut end = false;
        let mut through = (listed.len() as u64) < PER_PAGE;
        if backwards {
            through = match walk.page {
                // The first request only tells where the end is.
                0 => total.is_some_and(|n| n <= PER_PAGE),
                page => page == 1,
            };
        }
        if backwards && !through {
            let last = total.unwrap_or(0).div_ceil(PER_PAGE).max(1);
            walk.page = if walk.page == 0 { last + 1 } else { walk.page }.saturating_sub(1).max(1);
        } else if shrank {
            // Something was deleted and the rest moved up: what was missed stands on an earlier page.
            walk.page = 1;
        } else if through {
            end = true;
            let known = walk.newest.take().and_then(|text| Time::parse(&text).ok());
            let since = known.map(|at| at.plus_millis(-OVERLAP_MS).to_string());
            walk.since = since.max(walk.since.take());
            (walk.page, walk.round, walk.total) = (1, true, None);
        } else {
            walk.page = walk.page.max(1) + 1;
        }
        let passed = walk.page.saturating_sub(1) * PER_PAGE;
        let known = if backwards { total.unwrap_or(0).saturating_sub(passed + PER_PAGE) } else { passed };
        if !walk.round {
            walk.progress = Progress { done: known, about: total };
        } else if end && walk.progress.about.is_some_and(|about| about > walk.progress.done) {
            walk.progress.done = walk.progress.about.unwrap_or(0);
        } else if end && walk.progress.done == 0 {
            walk.progress.done = listed.len() as u64;
        }
        Ok(Turn { cursor: value(&walk), item, end, progress: walk.progress, ..Turn::default() })
    }

    fn gone(&self, _place: &Place, at: At<'_>, ask: &Ask) -> Option<Turn> {
        (at.stream == "deleted comments")
            .then(|| Turn { whole: Vec::new(), ..github::recounted(at, ask, &Reply::default()) })
    }

    fn authorize(&self, token: &str) -> (&'static str, String) {
        ("authorization", format!("token {token}"))
    }

    fn mend(&self, page: &mut Page, held: &dyn Held) {
        for (thread, seen) in &mut page.whole {
            // The list of an issue's comments says nothing about what else is known of it.
            let comments = format!("{thread}/c/");
            let others =
                held.keys(thread).into_iter().filter(|key: &Key| !key.as_str().starts_with(&comments));
            seen.extend(others.map(|key| key.fingerprint()));
        }
    }
}

fn repo(place: &Place) -> String {
    let path = place.what.split_once('/').map_or("", |(_, path)| path);
    format!("{}/api/v1/repos/{path}", place.base)
}
