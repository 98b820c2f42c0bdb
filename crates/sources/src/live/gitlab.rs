//! GitLab, living: issues and merge requests by their last change, and the notes of those that have any.

use std::collections::BTreeSet;

use rapport_model::{Key, Page, Time};
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
    /// Threads whose notes were read within the second of their last change: it may have brought more.
    doubt: Vec<Queued>,
    /// The threads that were read last.
    noted: Vec<Noted>,
    progress: Progress,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Queued {
    iid: u64,
    page: u64,
    /// Its last change, as it was listed.
    #[serde(default)]
    changed: String,
}

/// A thread, how many notes it showed when it was read as a whole, and how often it was read again for what came since.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Noted(u64, u64, u32);

/// So many of them are remembered, and read again so often.
const NOTED: usize = 400;
const AGAIN: u32 = 8;

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
    internal: Option<bool>,
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
            return Ok(settled(walk, at, true));
        }
        if !walk.queue.is_empty() {
            return notes(walk, at, reply);
        }
        let here = at;
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
                walk.noted.iter_mut().filter(|noted| noted.0 == l.iid).for_each(|noted| noted.2 = 0);
                walk.queue.push(Queued { iid: l.iid, page: 1, changed: l.updated_at.clone() });
            } else {
                walk.note(l.iid, Some(0));
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
        let item = Some(format!("live/{}.json", here.stream));
        Ok(Turn { item, ..settled(walk, here, !more) })
    }

    fn gone(&self, _place: &Place, at: At<'_>, _ask: &Ask) -> Option<Turn> {
        let mut walk: Walk = state(at.cursor);
        if walk.queue.is_empty() {
            return None;
        }
        walk.queue.remove(0);
        Some(settled(walk, at, false))
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

fn kind(stream: &str) -> &'static str {
    if stream == "issues" { "issue" } else { "merge" }
}

impl Walk {
    /// How many notes a thread showed as a whole; none when it has too many to say.
    fn note(&mut self, iid: u64, shown: Option<u64>) {
        let times = self.noted.iter().find(|noted| noted.0 == iid).map_or(0, |noted| noted.2);
        self.noted.retain(|noted| noted.0 != iid);
        self.noted.extend(shown.map(|shown| Noted(iid, shown, times)));
        let surplus = self.noted.len().saturating_sub(NOTED);
        self.noted.drain(..surplus);
    }

    /// Queues the threads of which the log holds more notes than they showed. A delivery brought them late, or while the
    /// thread was asked for: what is gone since, nobody tells a second time.
    fn recount(&mut self, at: At<'_>) {
        for Noted(iid, shown, times) in &mut self.noted {
            let thread = Key::new(format!("{}/{iid}", kind(at.stream)));
            let prefix = format!("{thread}/note/");
            let holds = at.held.keys(&thread).iter().filter(|key| key.as_str().starts_with(&prefix)).count();
            if holds as u64 > *shown && *times < AGAIN {
                *times += 1;
                self.queue.push(Queued { iid: *iid, page: 1, changed: String::new() });
            }
        }
    }
}

fn notes(mut walk: Walk, at: At<'_>, reply: &Reply) -> Result<Turn, String> {
    let notes: Vec<Note> = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
    let queued = walk.queue.remove(0);
    let more = reply.link("next").is_some() || reply.header("x-next-page").is_some_and(|n| !n.is_empty());
    let mut whole = Vec::new();
    if more {
        walk.note(queued.iid, None);
        walk.queue.insert(0, Queued { page: queued.page + 1, ..queued });
    } else {
        if queued.page == 1 {
            // All notes in one reply: what the log has beyond them was deleted.
            let thread = Key::new(format!("{}/{}", kind(at.stream), queued.iid));
            let mut seen: BTreeSet<u64> =
                notes.iter().map(|n| Key::new(format!("{thread}/note/{}", n.id)).fingerprint()).collect();
            seen.insert(thread.fingerprint());
            whole.push((thread, seen));
            let shown = notes.iter().filter(|n| n.internal != Some(true)).count();
            walk.note(queued.iid, Some(shown as u64));
        }
        if within(&queued.changed, reply) {
            walk.doubt.push(Queued { page: 1, ..queued });
        }
    }
    let item = Some("live/notes.json".to_owned());
    Ok(Turn { item, whole, ..settled(walk, at, false) })
}

/// Whether a reply is from the very second of a change that was told to the second only: another may have come in it.
fn within(changed: &str, reply: &Reply) -> bool {
    let told = reply.header("date").and_then(super::manners::http_date);
    let (Ok(changed), Some(told)) = (Time::parse(changed), told) else { return false };
    changed.millis() % 1_000 == 0 && told <= changed
}

/// The cursor behind a step. The list is asked for until it has no more, and then once again when notes were read since:
/// what changed meanwhile is met.
fn settled(mut walk: Walk, at: At<'_>, through: bool) -> Turn {
    walk.listed |= through;
    if through && walk.queue.is_empty() {
        walk.queue.append(&mut walk.doubt);
        if walk.queue.is_empty() {
            walk.recount(at);
        }
    }
    let end = through && walk.queue.is_empty();
    Turn { cursor: value(&walk), end, progress: walk.progress, ..Turn::default() }
}
