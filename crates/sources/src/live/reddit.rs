//! Reddit, living: new posts and new comments from the newest back to what was known, each in one list of the whole
//! community. The tree under a post is asked for only where the lists have a gap: on a first look, and when more than
//! 1,000 comments came since the last. Reddit tells no changes: with each look some of what the log holds is read anew by
//! its names, so that a round of looks meets every edit, deletion and removal.

mod walk;

use std::collections::BTreeSet;

use rapport_model::Time;
use serde_json::Value;

use self::walk::{Stub, Walk, children, listed, read_anew, settled, tree};
use super::github::state;
use super::manners::{self, Quota, Verdict};
use super::{Ask, At, Exchange, Live, LiveAbout, Place, Reply, Turn, is_name, origin, web};

/// The channel.
pub(super) struct Reddit;

const API: &str = "https://oauth.reddit.com";
const POSTS: &str = "posts";
const COMMENTS: &str = "comments";
const THREADS: &str = "threads";
const OLDER: &str = "older posts and comments";
/// Ids of one request, and entries of one page.
const PAGE: usize = 100;

impl Live for Reddit {
    fn about(&self) -> &'static LiveAbout {
        &LiveAbout {
            name: "reddit",
            title: "Reddit",
            addresses: &["reddit:r/NAME", "https://www.reddit.com/r/NAME"],
            token: "The id and the secret of a client of your own (an app of the kind `script`, registered with Reddit), written CLIENT_ID:SECRET; the token of an hour that they are good for is kept in memory alone.",
            token_env: &["RAPPORT_REDDIT_TOKEN"],
            limits: "100 requests a minute for a client, over 10 minutes: serial, with a rest between, pauses until its window is over; lists end at the newest 1,000; edits and deletions are met within 24 looks, 100 entries a request",
            interval: 1_800,
            gap_ms: 650,
        }
    }

    fn terms(&self) -> Option<&'static str> {
        Some(
            "Reddit's Data API terms hold for your client: it asks only with OAuth, commercial use needs an agreement with Reddit, what is deleted or removed there loses its words and its author here within 24 looks (leave `sync` running; the log keeps the revision before it, which no page shows, until its author is forgotten), no model may be trained on it, no score of a person is kept, and nothing is ever posted; lists end at about 1,000 entries, so that a first look is short of what is older",
        )
    }

    fn place(&self, address: &str) -> Option<Place> {
        let name = match address.strip_prefix("reddit:") {
            Some(rest) => rest.strip_prefix("r/").unwrap_or(rest).to_owned(),
            None => {
                let (host, path) = web(address)?;
                let ours = ["reddit.com", "www.reddit.com", "old.reddit.com", "new.reddit.com"];
                let [r, name] = path.get(..2)? else { return None };
                (ours.contains(&host.as_str()) && r == "r").then(|| name.clone())?
            }
        };
        // These are views of everything, and no community's.
        let everything = ["all", "popular", "friends", "mod", "random"];
        let name = name.to_lowercase();
        let fits = is_name(&name) && name.len() <= 24 && !everything.contains(&name.as_str());
        fits.then(|| Place { what: name, base: API.to_owned(), token: false })
    }

    fn streams(&self, _place: &Place) -> Vec<&'static str> {
        vec![POSTS, COMMENTS, THREADS, OLDER]
    }

    fn hosts(&self, place: &Place) -> Vec<String> {
        let exchange = self.exchange(place).and_then(|e| origin(&e.url));
        origin(&place.base).into_iter().chain(exchange).collect()
    }

    fn exchange(&self, place: &Place) -> Option<Exchange> {
        // Whoever puts a host of their own in the API's place has it stand for both.
        let base = if place.base == API { "https://www.reddit.com" } else { place.base.as_str() };
        let form = "grant_type=client_credentials";
        Some(Exchange { url: format!("{base}/api/v1/access_token"), form })
    }

    fn next(&self, place: &Place, at: At<'_>) -> Option<Ask> {
        let walk: Walk = state(at.cursor);
        let base = &place.base;
        let url = if let Some(stub) = walk.stubs.last() {
            match stub {
                Stub::Children(post, ids) => format!(
                    "{base}/api/morechildren?api_type=json&link_id=t3_{post}&limit_children=false&sort=old&raw_json=1&children={}",
                    ids.iter().take(PAGE).map(String::as_str).collect::<Vec<_>>().join(",")
                ),
                Stub::Under(post, id) => {
                    format!("{base}/comments/{post}?comment={id}&limit=500&sort=old&raw_json=1")
                }
            }
        } else if let Some(post) = walk.queue.first() {
            format!("{base}/comments/{post}?limit=500&sort=old&raw_json=1")
        } else if at.stream == OLDER {
            let ids = walk.round(at);
            if ids.is_empty() {
                return None;
            }
            format!("{base}/api/info?raw_json=1&id={}", ids.join(","))
        } else {
            if at.stream == THREADS && walk.anchors.is_empty() && gaps(at) == walk.gaps {
                return None; // the lists have everything
            }
            let list = if at.stream == COMMENTS { "comments" } else { "new" };
            let after = walk.anchors.last().map(|name| format!("&after={name}")).unwrap_or_default();
            format!("{base}/r/{}/{list}?limit={PAGE}&raw_json=1{after}", place.what)
        };
        Some(Ask::get(url, ""))
    }

    fn turn(&self, _place: &Place, at: At<'_>, ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        let walk: Walk = state(at.cursor);
        let told: Value = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
        let things = children(&told).ok_or("it is no listing")?;
        if !walk.stubs.is_empty() || !walk.queue.is_empty() {
            return Ok(tree(walk, &things));
        }
        if at.stream == OLDER {
            let asked = ask.url.rsplit_once("&id=").map_or("", |(_, ids)| ids);
            let asked: BTreeSet<&str> = asked.split(',').collect();
            return Ok(read_anew(walk, at, &asked, &things));
        }
        let after = told["data"]["after"].is_string();
        Ok(listed(walk, at, &things, after))
    }

    fn barred(&self, place: &Place, _at: At<'_>, reply: &Reply) -> Option<(String, String)> {
        // Whoever asks for a community that is not there is led to a search for others.
        let told: Value = serde_json::from_slice(&reply.body).ok()?;
        let led = told["data"]["children"].as_array()?.iter().any(|thing| thing["kind"] == "t5");
        led.then(|| (format!("there is no r/{}", place.what), "check how it is written".to_owned()))
    }

    fn gone(&self, _place: &Place, at: At<'_>, _ask: &Ask) -> Option<Turn> {
        // A post went while its tree was to be read: the round will meet it.
        let mut walk: Walk = state(at.cursor);
        if walk.stubs.pop().is_none() {
            (!walk.queue.is_empty()).then(|| walk.queue.remove(0))?;
        }
        Some(settled(walk, false))
    }

    fn verdict(&self, ask: &Ask, reply: &Reply, tries: u32, now: Time) -> Verdict {
        let denied = |why: &str, hint: &str| Verdict::Denied { why: why.to_owned(), hint: hint.to_owned() };
        let told: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        match (reply.status, told["reason"].as_str()) {
            (429, _) if reply.header("retry-after").is_none() && reset(reply, now).is_some() => {
                let until = reset(reply, now).unwrap_or(now);
                Verdict::Later { until, why: "its quota is used up".to_owned(), host: true }
            }
            (400 | 401 | 403, _) if ask.url.ends_with("/access_token") => {
                denied("it does not accept the client's id and secret", CLIENT)
            }
            (401, _) => denied("it wants OAuth, or does not accept this token (401)", CLIENT),
            (403, Some("private")) => denied(
                "this community is private (403)",
                "only its members read it; a client by itself is none of them",
            ),
            (403, Some("quarantined")) => denied(
                "this community is quarantined (403)",
                "Reddit shows it only to people who agreed to see it; it is not read here",
            ),
            (403, _) => denied("it does not let us read this community (403)", CLIENT),
            (404, Some("banned")) => {
                denied("this community is banned (404)", "rapport pause SOURCE  ends the looks at it")
            }
            _ => manners::http(ask, reply, tries, now),
        }
    }

    fn quota(&self, reply: &Reply, now: Time) -> Option<Quota> {
        let remaining = number(reply, "x-ratelimit-remaining")?;
        let used = number(reply, "x-ratelimit-used");
        Some(Quota { remaining, limit: used.map(|used| used + remaining), resets: reset(reply, now) })
    }

    fn short(&self, stream: &str, cursor: &Value) -> Option<&'static str> {
        let walk: Walk = state(cursor);
        match stream {
            POSTS if walk.short => {
                Some("Reddit tells only the newest 1,000: older posts, where there are any, are not here")
            }
            _ => None,
        }
    }
}

const CLIENT: &str =
    "RAPPORT_REDDIT_TOKEN=CLIENT_ID:SECRET, or a line in the file tokens:  reddit.com = \"CLIENT_ID:SECRET\"";

/// How often the list of comments has ended before what was known.
fn gaps(at: At<'_>) -> u64 {
    at.held.cursor(COMMENTS).map_or(0, |cursor| state::<Walk>(&cursor).gaps)
}

/// A count that may be written with a fraction: `98.0`.
fn number(reply: &Reply, name: &str) -> Option<u64> {
    reply.header(name)?.trim().split('.').next()?.parse().ok()
}

/// When the window is over: seconds from now.
fn reset(reply: &Reply, now: Time) -> Option<Time> {
    let seconds = number(reply, "x-ratelimit-reset")?.min(3_600);
    Some(now.plus_millis(i64::try_from(seconds).ok()? * 1_000))
}
