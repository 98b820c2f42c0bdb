//! Mastodon, living: statuses from the newest back to what was known, and the replies of those that have some. The API
//! tells no changes: with each look two older pages are read anew, and a thread whose number of replies is another than
//! the log's, or that is missing, is asked for by itself.

use std::collections::BTreeSet;

use rapport_model::{Key, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::github::{state, value};
use super::manners::{self, Quota, Verdict, by_their_clock};
use super::{Ask, At, Held, Live, LiveAbout, Place, Progress, Reply, Turn, encoded, web};
use crate::connectors::mastodon::{CONTEXT, LIST, Status, key};

/// The channel.
pub(super) struct Mastodon;

const PAGE: usize = 40;
/// Older pages that one look reads anew.
const PAGES: u32 = 2;
/// Replies that a server shows of a thread: to everybody, and to an account.
const SHOWN: (usize, usize) = (60, 4_096);

/// How far one walk through the statuses is: from the newest back, or around.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Walk {
    /// The number of the account that is meant.
    account: Option<String>,
    /// Every status up to this one is in.
    known: Option<String>,
    /// The newest of the round that is under way.
    newest: Option<String>,
    /// Go on below this one.
    before: Option<String>,
    /// Pages of this look.
    pages: u32,
    /// The list is through; what is queued remains.
    listed: bool,
    queue: Vec<String>,
    progress: Progress,
}

#[derive(Deserialize)]
struct Context {
    ancestors: Vec<Status>,
    descendants: Vec<Status>,
}

const NEW: &str = "statuses";
const OLDER: &str = "older statuses";

/// Statuses are numbered by time: a longer number is a later one.
fn later(a: &str, b: &str) -> bool {
    (a.len(), a) > (b.len(), b)
}

impl Live for Mastodon {
    fn about(&self) -> &'static LiveAbout {
        &LiveAbout {
            name: "mastodon",
            title: "Mastodon",
            addresses: &["mastodon:#tag@social.example.org", "mastodon:@name@social.example.org"],
            token: "Most servers show hashtags to everybody. With an account's access token threads are read beyond their 60th reply.",
            token_env: &[],
            limits: "300 requests in 5 minutes: serial, with a rest between, pauses until the moment that the server names; deletions and edits of older statuses are met within one round of looks, two pages of 40 each",
            interval: 1_800,
            gap_ms: 900,
        }
    }

    fn terms(&self) -> Option<&'static str> {
        Some(
            "people write there for their followers, and servers have rules of their own: only what is public is read, whoever writes #nobot into the profile is left out, what is deleted there is deleted here, and nothing is ever posted",
        )
    }

    fn place(&self, address: &str) -> Option<Place> {
        let rest = address.strip_prefix("mastodon:")?;
        if rest.contains("://") {
            return self.hosted(rest);
        }
        let (what, host) = rest.rsplit_once('@')?;
        named(what, &format!("https://{host}"))
    }

    fn hosted(&self, url: &str) -> Option<Place> {
        let (_, path) = web(url)?;
        let what = match path.as_slice() {
            [tags, tag] if tags == "tags" => format!("#{tag}"),
            [name] if name.starts_with('@') && !name[1..].contains('@') => name.clone(),
            _ => return None,
        };
        named(&what, &super::origin(url)?)
    }

    fn streams(&self, _place: &Place) -> Vec<&'static str> {
        vec![NEW, OLDER]
    }

    fn next(&self, place: &Place, at: At<'_>) -> Option<Ask> {
        let walk: Walk = state(at.cursor);
        let api = format!("{}/api/v1", place.base);
        let what = place.what.rsplit_once('@')?.0;
        if let Some(id) = walk.queue.first() {
            return Some(Ask::get(format!("{api}/statuses/{}/context", encoded(id)), ""));
        }
        let account = walk.account.clone().or_else(|| account(at.held));
        let list = match (what.strip_prefix('#'), what.strip_prefix('@'), account) {
            (Some(tag), _, _) => format!("{api}/timelines/tag/{}?limit={PAGE}", encoded(tag)),
            (_, Some(_), Some(id)) => {
                format!("{api}/accounts/{}/statuses?limit={PAGE}&exclude_reblogs=true", encoded(&id))
            }
            (_, Some(name), None) => {
                return Some(Ask::get(format!("{api}/accounts/lookup?acct={}", encoded(name)), ""));
            }
            _ => return None,
        };
        let before = walk.before.map(|id| format!("&max_id={}", encoded(&id))).unwrap_or_default();
        Some(Ask::get(format!("{list}{before}"), ""))
    }

    fn turn(&self, place: &Place, at: At<'_>, ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        let mut walk: Walk = state(at.cursor);
        if ask.url.contains("/accounts/lookup") {
            let found: Value = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
            walk.account = Some(found["id"].as_str().ok_or("the account's id is missing")?.to_owned());
            return Ok(settled(walk, None));
        }
        if walk.queue.is_empty() {
            return listed(walk, at, reply);
        }
        let context: Context = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
        let asked = walk.queue.remove(0);
        let mut whole = Vec::new();
        match context.ancestors.first() {
            // It answers somebody: the thread is read from its beginning.
            Some(root) if root.in_reply_to_id.is_none() && !walk.queue.contains(&root.id) => {
                walk.queue.push(root.id.clone());
            }
            Some(_) => {}
            None => {
                let most = if place.token { SHOWN.1 } else { SHOWN.0 };
                if context.descendants.len() < most {
                    let shown = context.descendants.iter().map(|s| key(&s.id));
                    let seen = shown.chain([key(&asked)]).map(|key| key.fingerprint()).collect();
                    whole.push((key(&asked), seen));
                }
            }
        }
        walk.progress.done += (context.ancestors.len() + context.descendants.len()) as u64;
        Ok(Turn { whole, ..settled(walk, Some(CONTEXT)) })
    }

    fn gone(&self, _place: &Place, at: At<'_>, _ask: &Ask) -> Option<Turn> {
        let mut walk: Walk = state(at.cursor);
        if walk.queue.is_empty() {
            return None;
        }
        // What was deleted takes no answers with it: they stand elsewhere.
        let gone = key(&walk.queue.remove(0));
        let rest: BTreeSet<u64> =
            at.held.keys(&gone).iter().filter(|k| **k != gone).map(Key::fingerprint).collect();
        Some(Turn { whole: vec![(gone, rest)], ..settled(walk, None) })
    }

    fn verdict(&self, ask: &Ask, reply: &Reply, tries: u32, now: Time) -> Verdict {
        match (reply.status, resets(reply, now)) {
            (429, Some(until)) if reply.header("retry-after").is_none() => {
                Verdict::Later { until, why: "its quota is used up".to_owned(), host: true }
            }
            _ => manners::http(ask, reply, tries, now),
        }
    }

    fn quota(&self, reply: &Reply, now: Time) -> Option<Quota> {
        let number = |name: &str| reply.header(name)?.trim().parse().ok();
        Some(Quota {
            remaining: number("x-ratelimit-remaining")?,
            limit: number("x-ratelimit-limit"),
            resets: resets(reply, now),
        })
    }
}

/// When the quota is full again: a moment in words, where other services count seconds.
fn resets(reply: &Reply, now: Time) -> Option<Time> {
    let told = Time::parse(reply.header("x-ratelimit-reset")?.trim()).ok()?;
    Some(by_their_clock(reply, told, now))
}

fn named(what: &str, base: &str) -> Option<Place> {
    let (_, host) = base.split_once("://")?;
    let plain = |text: &str| {
        text.chars().count() > 1 && text.chars().skip(1).all(|c| c.is_alphanumeric() || "_.-".contains(c))
    };
    let fits = what.starts_with(['#', '@']) && plain(what) && host.contains(['.', ':']);
    let host = host.to_lowercase();
    let whole = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-.:".contains(c));
    (fits && whole).then(|| Place {
        what: format!("{}@{host}", what.to_lowercase()),
        base: base.to_lowercase(),
        token: false,
    })
}

/// The account's number is asked for once, by the first stream.
fn account(held: &dyn Held) -> Option<String> {
    let walk: Walk = state(&held.cursor(NEW)?);
    walk.account
}

/// A page of statuses.
fn listed(mut walk: Walk, at: At<'_>, reply: &Reply) -> Result<Turn, String> {
    let page: Vec<Value> = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
    let all = page.len();
    let read: Vec<Status> = page.into_iter().filter_map(|s| serde_json::from_value(s).ok()).collect();
    let fresh = at.stream == NEW;
    for status in read.iter().filter(|s| s.is_ours()) {
        let new = fresh && walk.known.as_ref().is_none_or(|known| later(&status.id, known));
        walk.progress.done += u64::from(new);
        let own = key(&status.id);
        let held = at.held.keys(&own).len() as u64;
        let wanted = if status.in_reply_to_id.is_some() {
            new
        } else if new && held == 0 {
            status.replies_count > 0
        } else {
            status.replies_count + 1 != held
        };
        if wanted && !walk.queue.contains(&status.id) {
            walk.queue.push(status.id.clone());
        }
    }
    // What the log has between the page's ends, and the page has not, was deleted, or has lost its tag.
    let times = || read.iter().filter_map(|s| Time::parse(&s.created_at).ok());
    if let (Some(from), Some(to)) = (times().min(), times().max()) {
        let here: BTreeSet<Key> = read.iter().map(|s| key(&s.id)).collect();
        // At the ends, others of the same moment may stand on the next page.
        let between = at.held.opened(from.plus_millis(1), to.plus_millis(-1));
        for missing in between.into_iter().filter(|k| !here.contains(k)) {
            let id = missing.as_str().strip_prefix("status/").unwrap_or_default().to_owned();
            if !id.is_empty() && !walk.queue.contains(&id) {
                walk.queue.push(id);
            }
        }
    }
    let ids = || read.iter().map(|s| s.id.as_str());
    let lowest = ids().reduce(|a, b| if later(a, b) { b } else { a }).map(str::to_owned);
    let highest = ids().reduce(|a, b| if later(b, a) { b } else { a }).map(str::to_owned);
    // A server may give fewer than were asked for, and names the next page as long as there is one.
    let more = all > 0 && lowest.is_some() && (reply.link("next").is_some() || all >= PAGE);
    walk.pages += 1;
    if fresh {
        if walk.newest.is_none() {
            walk.newest = highest;
        }
        let met = walk.known.as_ref().zip(lowest.as_ref()).is_some_and(|(known, low)| !later(low, known));
        walk.listed = met || !more;
        walk.before = lowest.filter(|_| !walk.listed);
        if walk.listed {
            walk.known = walk.newest.take().or(walk.known);
        }
    } else {
        walk.listed = walk.pages >= PAGES || !more;
        walk.before = lowest.filter(|_| more);
    }
    Ok(settled(walk, Some(LIST)))
}

/// The cursor behind a step; the look ends when the list is through and nothing is queued.
fn settled(mut walk: Walk, item: Option<&str>) -> Turn {
    let end = walk.listed && walk.queue.is_empty();
    if end {
        (walk.listed, walk.pages) = (false, 0);
    }
    let item = item.map(str::to_owned);
    Turn { cursor: value(&walk), item, end, progress: walk.progress, ..Turn::default() }
}
