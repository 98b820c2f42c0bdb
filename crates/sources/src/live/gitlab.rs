//! GitLab, living: issues and merge requests by their last change, and the notes of those that have any.

use std::collections::BTreeSet;

use rapport_model::{Key, Page};
use serde::{Deserialize, Serialize};

use super::github::{before, state, value};
use super::{Ask, At, Held, Live, LiveAbout, Place, Progress, Reply, Turn, encoded, is_name, origin, web};

/// The channel.
pub(super) struct GitLab;

/// How far a list by change has come, and whose notes are still to be read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Walk {
    since: Option<String>,
    page: u64,
    last: Option<String>,
    /// Which of that very moment are in.
    edge: Vec<u64>,
    /// The list is through; what is queued remains.
    listed: bool,
    queue: Vec<Queued>,
    progress: Progress,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Queued {
    iid: u64,
    page: u64,
}

#[derive(Deserialize)]
struct Listed {
    iid: u64,
    updated_at: String,
    #[serde(default)]
    user_notes_count: u64,
}

#[derive(Deserialize)]
struct Note {
    id: u64,
}

const PER_PAGE: usize = 100;

impl Live for GitLab {
    fn about(&self) -> &'static LiveAbout {
        &LiveAbout {
            name: "gitlab",
            title: "GitLab",
            addresses: &["gitlab:group/project", "https://gitlab.com/group/project"],
            token: "Public projects need none. A token with read_api reads what its owner may read; more requests a minute.",
            token_env: &[],
            limits: "serial requests; the notes of a thread are one request each time it changed; pauses as told (429)",
            interval: 300,
            gap_ms: 200,
        }
    }

    fn place(&self, address: &str) -> Option<Place> {
        if let Some(rest) = address.strip_prefix("gitlab:") {
            return self.hosted(&format!("https://gitlab.com/{rest}"));
        }
        let (host, _) = web(address)?;
        (host == "gitlab.com" || host.starts_with("gitlab.")).then(|| self.hosted(address))?
    }

    fn probe(&self, url: &str) -> Option<Ask> {
        let place = self.hosted(url)?;
        Some(Ask::get(project(&place), ""))
    }

    fn is_it(&self, reply: &Reply) -> bool {
        serde_json::from_slice::<serde_json::Value>(&reply.body)
            .is_ok_and(|v| v["path_with_namespace"].is_string())
    }

    fn hosted(&self, url: &str) -> Option<Place> {
        let (host, path) = web(url)?;
        let path: Vec<String> = path.into_iter().take_while(|part| part != "-").collect();
        (path.len() >= 2 && path.iter().all(|p| is_name(p))).then_some(())?;
        let path = path.join("/");
        let path = path.strip_suffix(".git").unwrap_or(&path).to_lowercase();
        Some(Place { what: format!("{host}/{path}"), base: origin(url)?, token: false })
    }

    fn streams(&self, _place: &Place) -> Vec<&'static str> {
        vec!["issues", "merge requests"]
    }

    fn next(&self, place: &Place, at: At<'_>) -> Option<Ask> {
        let walk: Walk = state(at.cursor);
        let list = if at.stream == "issues" { "issues" } else { "merge_requests" };
        let base = format!("{}/{list}", project(place));
        let page = |n: u64| if n > 1 { format!("&page={n}") } else { String::new() };
        if let Some(queued) = walk.queue.first() {
            let url = format!(
                "{base}/{}/notes?sort=asc&order_by=created_at&per_page={PER_PAGE}{}",
                queued.iid,
                page(queued.page)
            );
            return Some(Ask::get(url, ""));
        }
        let since =
            walk.since.as_deref().map_or_else(String::new, |s| format!("&updated_after={}", encoded(s)));
        let url = format!(
            "{base}?scope=all&order_by=updated_at&sort=asc&per_page={PER_PAGE}{since}{}",
            page(walk.page)
        );
        Some(Ask { conditional: true, ..Ask::get(url, "") })
    }

    fn turn(&self, _place: &Place, at: At<'_>, _ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        let mut walk: Walk = state(at.cursor);
        if reply.status == 304 {
            return Ok(Turn { end: true, progress: walk.progress, cursor: value(&walk), ..Turn::default() });
        }
        if !walk.queue.is_empty() {
            return notes(walk, at.stream, reply);
        }
        let listed: Vec<Listed> = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
        for l in &listed {
            let at = Some(&l.updated_at);
            if at < walk.last.as_ref() || (at == walk.last.as_ref() && walk.edge.contains(&l.iid)) {
                continue;
            }
            if at > walk.last.as_ref() {
                (walk.last, walk.edge) = (at.cloned(), Vec::new());
            }
            walk.edge.push(l.iid);
            walk.progress.done += 1;
            if l.user_notes_count > 0 || walk.listed {
                walk.queue.push(Queued { iid: l.iid, page: 1 });
            }
        }
        let more = reply.link("next").is_some() || reply.header("x-next-page").is_some_and(|n| !n.is_empty());
        if walk.page <= 1 {
            let total = reply.header("x-total").and_then(|n| n.parse::<u64>().ok());
            if walk.progress.about.is_none_or(|about| about < walk.progress.done) {
                walk.progress.about = total.map(|n| n.max(walk.progress.done));
            }
        }
        if let Some(newest) = listed.iter().map(|l| l.updated_at.as_str()).max() {
            let since = before(newest);
            if walk.since.as_deref().is_none_or(|held| held < since.as_str()) {
                (walk.since, walk.page) = (Some(since), 1);
            } else if more {
                walk.page = walk.page.max(1) + 1;
            }
        }
        if !more {
            walk.page = 1;
        }
        let item = Some(format!("live/{}.json", at.stream));
        Ok(Turn { item, ..settled(walk, !more) })
    }

    fn gone(&self, _place: &Place, at: At<'_>, _ask: &Ask) -> Option<Turn> {
        let mut walk: Walk = state(at.cursor);
        if walk.queue.is_empty() {
            return None;
        }
        walk.queue.remove(0);
        Some(settled(walk, false))
    }

    fn mend(&self, page: &mut Page, held: &dyn Held) {
        // A delivery of a webhook may tell times to the second; what the log has from one keeps that time.
        for said in page.records.iter_mut().flat_map(|r| &mut r.activities) {
            let whole = said.at.millis() / 1000 * 1000;
            if whole != said.at.millis()
                && let Some(at) = held.at(&said.key).filter(|at| at.millis() == whole)
            {
                said.at = at;
            }
        }
    }

    fn authorize(&self, token: &str) -> (&'static str, String) {
        ("private-token", token.to_owned())
    }
}

fn project(place: &Place) -> String {
    let path = place.what.split_once('/').map_or("", |(_, path)| path);
    format!("{}/api/v4/projects/{}", place.base, encoded(path))
}

fn notes(mut walk: Walk, stream: &str, reply: &Reply) -> Result<Turn, String> {
    let notes: Vec<Note> = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
    let queued = walk.queue.remove(0);
    let more = reply.link("next").is_some() || reply.header("x-next-page").is_some_and(|n| !n.is_empty());
    let mut whole = Vec::new();
    if more {
        walk.queue.insert(0, Queued { iid: queued.iid, page: queued.page + 1 });
    } else if queued.page == 1 {
        // All notes in one reply: what the log has beyond them was deleted.
        let kind = if stream == "issues" { "issue" } else { "merge" };
        let thread = Key::new(format!("{kind}/{}", queued.iid));
        let mut seen: BTreeSet<u64> =
            notes.iter().map(|n| Key::new(format!("{thread}/note/{}", n.id)).fingerprint()).collect();
        seen.insert(thread.fingerprint());
        whole.push((thread, seen));
    }
    let item = Some("live/notes.json".to_owned());
    Ok(Turn { item, whole, ..settled(walk, false) })
}

/// The cursor behind a step. The list is asked for until it has no more, and then once again when notes were read since:
/// what changed meanwhile is met.
fn settled(mut walk: Walk, through: bool) -> Turn {
    let end = through && walk.queue.is_empty();
    walk.listed |= through;
    Turn { cursor: value(&walk), end, progress: walk.progress, ..Turn::default() }
}
