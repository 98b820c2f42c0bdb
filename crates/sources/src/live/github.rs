//! GitHub, living: issues, pull requests and comments by the time of their last change, releases, and, with a token,
//! discussions, reviews and who reacted to issues from GraphQL.
//!
//! Lists are walked by `since`, oldest change first, and every page begins at the last change of the page before: a
//! thread that changes meanwhile moves to the end, where it is met again, and nothing slides out of a page unseen.

mod graph;
mod reactions;
mod recount;

use rapport_model::{Key, Page, ThreadRef, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::manners::{self, Verdict, by_their_clock};
pub(super) use recount::{Watched, missing, recounted, watch};

use super::{Ask, At, Held, Live, LiveAbout, Place, Progress, Reply, Turn, is_name, web};

/// The channel.
pub(super) struct GitHub;

const STREAMS: [&str; 5] = ["issues", "comments", "review comments", "deleted comments", "releases"];
const WITH_TOKEN: [&str; 8] = [
    "issues",
    "comments",
    "review comments",
    "deleted comments",
    "releases",
    "discussions",
    "reviews",
    "reactions",
];
const PER_PAGE: usize = 100;
/// How far a list by `since` has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Walk {
    /// Begin at this change.
    since: Option<String>,
    /// And this page of it; more than 1 only where very many changed in one second.
    page: u64,
    /// The last change that is in.
    last: Option<String>,
    progress: Progress,
    /// The list was at its end once.
    round: bool,
    /// The threads that changed last, and how many comments each had then.
    watched: Vec<Watched>,
}

/// Which releases are in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Releases {
    page: u64,
    /// The newest of the last round; of this one.
    known: u64,
    newest: u64,
    progress: Progress,
}

/// What a page of any list tells beside its content.
#[derive(Deserialize)]
struct Listed {
    id: u64,
    number: Option<u64>,
    updated_at: Option<String>,
    comments: Option<u64>,
    pull_request: Option<serde::de::IgnoredAny>,
}

pub(super) fn state<T: Default + for<'d> Deserialize<'d>>(cursor: &Value) -> T {
    // A cursor of another shape (an older program's) begins anew: what is known is known, nothing doubles.
    T::deserialize(cursor).unwrap_or_default()
}

pub(super) fn value<T: Serialize>(state: &T) -> Value {
    serde_json::to_value(state).unwrap_or(Value::Null)
}

/// One second before: the service's `since` may or may not include its own second.
pub(super) fn before(stamp: &str) -> String {
    Time::parse(stamp).map_or_else(|_| stamp.to_owned(), |at| at.plus_millis(-1000).to_string())
}

impl Live for GitHub {
    fn about(&self) -> &'static LiveAbout {
        &LiveAbout {
            name: "github",
            title: "GitHub",
            addresses: &["github:owner/repo", "https://github.com/owner/repo"],
            token: "Without a token 60 requests an hour, and neither discussions nor reviews nor who reacted; with one 5,000. A fine-grained token that reads public repositories is enough.",
            token_env: &["RAPPORT_GITHUB_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"],
            limits: "serial requests; an unchanged list (304) costs nothing; pauses as told, a minute and doubling where it does not say",
            interval: 300,
            gap_ms: 100,
        }
    }

    fn place(&self, address: &str) -> Option<Place> {
        let (owner, repo) = match address.strip_prefix("github:") {
            Some(rest) => rest.split_once('/').map(|(o, r)| (o.to_owned(), r.to_owned()))?,
            None => {
                let (host, path) = web(address)?;
                (host == "github.com" || host == "www.github.com").then_some(())?;
                (path.first()?.clone(), path.get(1)?.clone())
            }
        };
        let repo = repo.strip_suffix(".git").unwrap_or(&repo).to_lowercase();
        let owner = owner.to_lowercase();
        (is_name(&owner) && is_name(&repo)).then(|| Place {
            what: format!("{owner}/{repo}"),
            base: "https://api.github.com".to_owned(),
            token: false,
        })
    }

    fn streams(&self, place: &Place) -> Vec<&'static str> {
        if place.token { WITH_TOKEN.to_vec() } else { STREAMS.to_vec() }
    }

    fn next(&self, place: &Place, at: At<'_>) -> Option<Ask> {
        let At { stream, cursor, held } = at;
        let repo = format!("{}/repos/{}", place.base, place.what);
        match stream {
            "discussions" | "reviews" => Some(graph::ask(place, stream, cursor)),
            reactions::STREAM => Some(reactions::ask(place, cursor)),
            "releases" => {
                let at: Releases = state(cursor);
                Some(get(format!("{repo}/releases?per_page={PER_PAGE}{}", page(at.page)), at.page < 2))
            }
            "deleted comments" => {
                let (missing, last) = missing(cursor, held, Some(PER_PAGE as u64))?;
                let number = missing.rsplit('/').next()?;
                let page = page(last);
                Some(get(format!("{repo}/issues/{number}/comments?per_page={PER_PAGE}{page}"), false))
            }
            _ => {
                let at: Walk = state(cursor);
                let list = match stream {
                    "issues" => "issues?state=all&",
                    "comments" => "issues/comments?",
                    _ => "pulls/comments?",
                };
                let since =
                    at.since.as_deref().map_or_else(String::new, |s| format!("&since={}", super::encoded(s)));
                let order = "sort=updated&direction=asc";
                Some(get(format!("{repo}/{list}{order}&per_page={PER_PAGE}{since}{}", page(at.page)), true))
            }
        }
    }

    fn turn(&self, _place: &Place, at: At<'_>, ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        let At { stream, cursor, .. } = at;
        if stream == "discussions" || stream == "reviews" {
            return graph::turn(stream, cursor, reply);
        }
        if stream == reactions::STREAM {
            return reactions::turn(at, reply);
        }
        if reply.status == 304 {
            let mut at: Walk = state(cursor);
            at.round = true;
            let progress = at.progress;
            let cursor = if stream == "releases" { cursor.clone() } else { value(&at) };
            return Ok(Turn { cursor, end: true, progress, ..Turn::default() });
        }
        let listed: Vec<Listed> = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
        let mut turn = match stream {
            "releases" => released(state(cursor), &listed, reply),
            "deleted comments" => recounted(at, ask, reply),
            _ => walked(state(cursor), &listed, reply, stream == "issues"),
        };
        turn.item = Some(format!("live/{stream}.json"));
        Ok(turn)
    }

    fn gone(&self, _place: &Place, at: At<'_>, ask: &Ask) -> Option<Turn> {
        let At { stream, .. } = at;
        match stream {
            // The issue itself went away since it was listed: nothing to count there.
            "deleted comments" => Some(Turn { whole: Vec::new(), ..recounted(at, ask, &Reply::default()) }),
            _ => None,
        }
    }

    fn note(&self, read: &[&str]) -> Option<&'static str> {
        let all = read.contains(&"discussions");
        Some(if all {
            ""
        } else {
            "without a token neither discussions nor reviews come in, nor who reacted"
        })
    }

    fn verdict(&self, ask: &Ask, reply: &Reply, tries: u32, now: Time) -> Verdict {
        let said = || String::from_utf8_lossy(&reply.body[..reply.body.len().min(4_096)]).to_lowercase();
        let later = |until: Time, why: &str, host: bool| Verdict::Later { until, why: why.to_owned(), host };
        let minute = || now.plus_millis(manners::doubled(60_000, tries));
        let reset = || {
            let epoch = reply.header("x-ratelimit-reset")?.parse().ok()?;
            Some(by_their_clock(reply, Time::from_seconds(epoch)?, now))
        };
        if matches!(reply.status, 403 | 429) {
            if let Some(until) = manners::retry_after(reply, now) {
                return later(until, "it asks for a pause", true);
            }
            if reply.header("x-ratelimit-remaining") == Some("0") {
                let why = if ask.bucket == "core" {
                    "the hour's requests are used up"
                } else {
                    "the hour's points are used up"
                };
                return later(reset().unwrap_or_else(minute), why, false);
            }
            if reply.status == 429 || said().contains("rate limit") || said().contains("abuse") {
                return later(minute(), "it asks for a pause", true);
            }
        }
        if ask.bucket == "graphql" && reply.status == 200 {
            let said = said();
            if said.contains("\"rate_limited\"") {
                return later(reset().unwrap_or_else(minute), "the hour's points are used up", false);
            }
            if said.contains("secondary rate limit") {
                return later(minute(), "it asks for a pause", true);
            }
        }
        manners::http(ask, reply, tries, now)
    }

    fn mend(&self, page: &mut Page, held: &dyn Held) {
        // An archive's comments have no ids: who wrote when names them. What the log has from one keeps that name.
        let mut last: Option<(Key, Vec<Key>)> = None;
        for said in page.records.iter_mut().flat_map(|r| &mut r.activities) {
            let ThreadRef::Key(thread) = &said.thread else { continue };
            let prefix = format!("{thread}/c/");
            if !said.key.as_str().starts_with(&prefix) {
                continue;
            }
            if last.as_ref().is_none_or(|(of, _)| of != thread) {
                last = Some((thread.clone(), held.keys(thread)));
            }
            let author = said.who.as_ref().and_then(|w| w.handle.as_deref()).unwrap_or("");
            let archived = Key::of_content(&prefix, &[author, &said.at.to_string()]);
            if last.as_ref().is_some_and(|(_, keys)| keys.contains(&archived)) {
                said.key = archived;
            }
        }
        let shown: Vec<u64> =
            page.records.iter().flat_map(|r| &r.activities).map(|a| a.key.fingerprint()).collect();
        let of_reactions = page.item.name == reactions::STREAM;
        for (thread, seen) in &mut page.whole {
            // The list of an issue's comments says nothing about its reviews; that of its reactions nothing about comments.
            let begins = if of_reactions {
                crate::connectors::github::reactions(thread)
            } else {
                format!("{thread}/c/")
            };
            let others = held.keys(thread).into_iter().filter(|key| !key.as_str().starts_with(&begins));
            seen.extend(others.map(|key| key.fingerprint()));
            seen.extend(&shown);
        }
    }
}

fn get(url: String, conditional: bool) -> Ask {
    Ask { conditional, accept: "application/vnd.github+json", ..Ask::get(url, "core") }
}

fn page(number: u64) -> String {
    if number > 1 { format!("&page={number}") } else { String::new() }
}

fn walked(mut at: Walk, listed: &[Listed], reply: &Reply, issues: bool) -> Turn {
    let newest = listed.iter().filter_map(|l| l.updated_at.as_deref()).max();
    let new = listed.iter().filter(|l| l.updated_at.as_deref() > at.last.as_deref()).count() as u64;
    let end = reply.link("next").is_none();
    if at.page <= 1 {
        let last = reply.link("last").and_then(|url| {
            let page = url.split(['?', '&']).find_map(|part| part.strip_prefix("page="))?;
            page.parse::<u64>().ok()
        });
        // The estimate of a round's beginning is kept: counted in pages, later ones only swing.
        let before = at.progress.done;
        if at.progress.about.is_none_or(|about| about <= before) {
            at.progress.about = Some(match last {
                Some(pages) if !end => before + pages * PER_PAGE as u64,
                _ => before + new,
            });
        }
    }
    at.progress.done += new;
    if let Some(newest) = newest {
        let since = before(newest);
        if at.since.as_deref().is_none_or(|held| held < since.as_str()) {
            (at.since, at.page) = (Some(since), 1);
        } else if !end {
            at.page = at.page.max(1) + 1;
        }
        at.last = at.last.max(Some(newest.to_owned()));
    }
    if issues {
        for l in listed {
            let (Some(number), Some(comments)) = (l.number, l.comments) else { continue };
            let kind = if l.pull_request.is_some() { "pull" } else { "issue" };
            watch(&mut at.watched, format!("{kind}/{number}"), comments, l.updated_at.as_deref());
        }
    }
    if end {
        at.page = 1;
        at.round = true;
        at.progress.about = Some(at.progress.done);
    }
    Turn { cursor: value(&at), end, progress: at.progress, ..Turn::default() }
}

fn released(mut at: Releases, listed: &[Listed], reply: &Reply) -> Turn {
    at.newest = listed.iter().map(|l| l.id).max().unwrap_or(0).max(at.newest);
    at.progress.done += listed.iter().filter(|l| l.id > at.known).count() as u64;
    let met = listed.iter().any(|l| l.id <= at.known);
    let end = met || reply.link("next").is_none();
    if end {
        (at.page, at.known, at.newest) = (1, at.newest, 0);
    } else {
        at.page = at.page.max(1) + 1;
    }
    Turn { cursor: value(&at), end, progress: at.progress, ..Turn::default() }
}
