//! Slack, living, as a customer's own internal app sees it: the public channels that the app is in, each from its newest
//! message back to what was known and a week behind that; the threads whose count of replies is another than the log's;
//! and with every look one older page, and a few of its threads, anew: nothing else tells what was edited or deleted there.

mod walk;

use rapport_model::Time;
use serde::Deserialize;

use super::manners::{self, Verdict};
use super::{Ask, At, Live, LiveAbout, Place, Progress, Reply, Turn, encoded, web};
use crate::live::github::{state, value};
use walk::Walk;

/// The channel.
pub(super) struct Slack;

/// People and channels come in pages of this size.
const LISTED: usize = 500;
/// Messages of one request at most.
const PAGE: usize = 999;

/// The public channels, as they stand in the cursor of their stream.
#[derive(Debug, Default, serde::Serialize, Deserialize)]
#[serde(default)]
struct Channels {
    /// Where the next page begins.
    next: String,
    /// Those that the app is in, by id, in order.
    readable: std::collections::BTreeSet<String>,
    /// Those that it is not in.
    closed: std::collections::BTreeSet<String>,
}

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    channels: Vec<Listed>,
    #[serde(default)]
    members: Vec<Member>,
    #[serde(default)]
    response_metadata: Metadata,
}

#[derive(Deserialize)]
struct Listed {
    id: String,
    #[serde(default)]
    is_member: bool,
    #[serde(default)]
    is_private: bool,
    #[serde(default)]
    is_im: bool,
    #[serde(default)]
    is_mpim: bool,
}

#[derive(Deserialize)]
struct Member {
    team_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    next_cursor: String,
}

#[derive(Deserialize)]
struct Said {
    ok: bool,
    #[serde(default)]
    error: String,
    #[serde(default)]
    needed: Option<String>,
}

fn is_id(text: &str, first: char) -> bool {
    text.len() > 2
        && text.len() < 30
        && text.starts_with(first)
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

impl Live for Slack {
    fn about(&self) -> &'static LiveAbout {
        &LiveAbout {
            name: "slack",
            title: "Slack",
            addresses: &["slack:T0123ABCD", "https://app.slack.com/client/T0123ABCD"],
            token: "needed: the bot token (xoxb-) of an app that your own workspace made for itself at api.slack.com/apps, with the \
                    scopes channels:read, channels:history and users:read (users:read.email adds addresses); invite the app to each \
                    channel that it should hear. The workspace's id stands in the address of Slack in a browser.",
            token_env: &["RAPPORT_SLACK_TOKEN", "SLACK_BOT_TOKEN"],
            limits: "public channels that the app is in, never private ones or direct messages, whatever the token could read; serial \
                     requests, 50 a minute at most, pauses exactly as told (Retry-After); a thread with replies is a request of its own, \
                     10,000 of them take three and a half hours the first time; edits, deletions and replies within a week's messages are met with \
                     the next look, older ones as the rest is read again page by page; an app that is offered to other workspaces \
                     gets 15 messages a minute from Slack: make your own",
            interval: 900,
            gap_ms: 1_200,
        }
    }

    fn place(&self, address: &str) -> Option<Place> {
        let team = match address.strip_prefix("slack:") {
            Some(team) => team.to_uppercase(),
            None => {
                let (host, path) = web(address)?;
                (host == "app.slack.com" && path.first().is_some_and(|p| p == "client")).then_some(())?;
                path.get(1)?.clone()
            }
        };
        is_id(&team, 'T').then(|| Place {
            what: team.to_lowercase(),
            base: "https://slack.com/api".to_owned(),
            token: false,
        })
    }

    fn streams(&self, _place: &Place) -> Vec<&'static str> {
        vec!["people", "channels", "messages"]
    }

    fn directories(&self) -> &'static [&'static str] {
        &["people", "channels"]
    }

    fn next(&self, place: &Place, at: At<'_>) -> Option<Ask> {
        let base = &place.base;
        match at.stream {
            "people" => {
                let next: String = state(at.cursor);
                let url = format!("{base}/users.list?limit={LISTED}&cursor={}", encoded(&next));
                Some(Ask::get(url, "users.list"))
            }
            "channels" => {
                let listed: Channels = state(at.cursor);
                let url = format!(
                    "{base}/conversations.list?types=public_channel&exclude_archived=false&limit={LISTED}&cursor={}",
                    encoded(&listed.next)
                );
                Some(Ask::get(url, "conversations.list"))
            }
            _ => {
                let listed: Channels = at.held.cursor("channels").map(|c| state(&c)).unwrap_or_default();
                state::<Walk>(at.cursor).ask(base, &listed.readable)
            }
        }
    }

    fn turn(&self, place: &Place, at: At<'_>, _ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        if at.stream == "messages" {
            let listed: Channels = at.held.cursor("channels").map(|c| state(&c)).unwrap_or_default();
            let mut walk: Walk = state(at.cursor);
            walk.told.clone_from(&listed.closed);
            return walk.turn(&listed.readable, at.held, &reply.body);
        }
        let page: Listing = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
        let next = page.response_metadata.next_cursor;
        if at.stream == "people" {
            // A token of another workspace would mix two communities in one source.
            let ours = |m: &Member| m.team_id.as_ref().is_none_or(|team| team.to_lowercase() == place.what);
            if !page.members.is_empty() && !page.members.iter().any(ours) && at.cursor.is_null() {
                return Err(format!("the token belongs to another workspace than {}", place.what));
            }
            let end = next.is_empty();
            let item = Some("live/users.json".to_owned());
            return Ok(Turn { cursor: value(&next), item, end, ..Turn::default() });
        }
        let walk: Walk = at.held.cursor("messages").map(|c| state(&c)).unwrap_or_default();
        let mut listed: Channels = state(at.cursor);
        let public = |c: &&Listed| !c.is_private && !c.is_im && !c.is_mpim && is_id(&c.id, 'C');
        for channel in page.channels.iter().filter(public) {
            let list = if channel.is_member { &mut listed.readable } else { &mut listed.closed };
            list.insert(channel.id.clone());
        }
        // Which channels are not heard is said once, and again when it is others.
        let silent = listed.closed.iter().all(|id| walk.told.contains(id));
        let item = Some(if silent { "live/channels.json" } else { "live/channels-told.json" }.to_owned());
        let end = next.is_empty();
        listed.next = next;
        let progress = Progress { done: listed.readable.len() as u64, about: None };
        Ok(Turn { cursor: value(&listed), item, end, progress, ..Turn::default() })
    }

    fn gone(&self, _place: &Place, at: At<'_>, _ask: &Ask) -> Option<Turn> {
        let listed: Channels = at.held.cursor("channels").map(|c| state(&c)).unwrap_or_default();
        (at.stream == "messages").then(|| state::<Walk>(at.cursor).passed_over(&listed.readable))
    }

    fn verdict(&self, ask: &Ask, reply: &Reply, tries: u32, now: Time) -> Verdict {
        let said = serde_json::from_slice::<Said>(&reply.body);
        let said = match said {
            Ok(said) if reply.status == 200 || reply.status == 429 => said,
            Err(_) if reply.status == 200 => {
                return Verdict::Again { why: "it answers what is no JSON".to_owned() };
            }
            _ => return manners::http(ask, reply, tries, now),
        };
        if said.ok {
            return manners::http(ask, reply, tries, now);
        }
        match said.error.as_str() {
            "ratelimited" | "rate_limited" => manners::http(ask, &Reply { status: 429, ..reply.clone() }, tries, now),
            "internal_error" | "fatal_error" | "request_timeout" | "service_unavailable" => {
                Verdict::Again { why: format!("it answers {}", said.error) }
            }
            "not_in_channel" | "channel_not_found" | "thread_not_found" | "message_not_found" | "is_archived"
            | "invalid_cursor" | "invalid_ts_latest" => Verdict::Gone,
            "missing_scope" => Verdict::Denied {
                why: format!("the app may not do that: it lacks the scope {}", clean(said.needed.as_deref().unwrap_or("?"))),
                hint: "add the scope at api.slack.com/apps (OAuth & Permissions) and install the app again".to_owned(),
            },
            "invalid_auth" | "not_authed" | "account_inactive" | "token_revoked" | "token_expired" => Verdict::Denied {
                why: format!("it wants a token, or does not accept this one ({})", said.error),
                hint: "the bot token of your workspace's own app goes into the file tokens in the data folder, as  slack.com = \"xoxb-...\"  (chmod 600), or into SLACK_BOT_TOKEN; rapport reference connectors  says how to make the app".to_owned(),
            },
            other => Verdict::Denied {
                why: format!("it refuses ({})", clean(other)),
                hint: "check the app's scopes and the workspace's rules for apps".to_owned(),
            },
        }
    }
}

/// A word of the service, fit to be shown.
fn clean(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || "_:,.- ".contains(*c)).take(100).collect()
}
