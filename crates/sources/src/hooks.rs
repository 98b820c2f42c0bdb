//! Webhooks: what a delivery says, in the shapes that its service's API would have said it in. So the same connector
//! reads both, with the same keys, and whichever comes second is known.
//!
//! Pure like a connector: [`signed`] tells whether a delivery is its sender's own, [`read`] what it means. What a
//! delivery cannot tell exactly is not guessed: the source is asked to be looked at ([`Told::wanted`]).

mod discourse;
mod gitea;
mod github;
mod gitlab;
pub mod signed;
mod slack;

use std::collections::BTreeSet;
use std::io::BufRead;

use rapport_model::{Act, Activity, Key, Page, Record, Reject, Time};
use serde_json::Value;

use crate::bounds;
use crate::contract::{Connector, Item, Unreadable};
use crate::gathered::Gathered;
use crate::registry::connector;

/// One kind of webhook.
#[derive(Debug)]
pub struct Hook {
    /// Its name, the connector that reads it, and the end of its address.
    pub name: &'static str,
    /// What people call the service.
    pub title: &'static str,
    /// Where deliveries are posted to.
    pub path: &'static str,
    /// The variable that holds its secret.
    pub secret: &'static str,
    /// How to set it up at the service, step by step.
    pub steps: &'static str,
    /// Its first delivery makes the source: there is no address that could be added before.
    pub makes: bool,
}

/// Every kind of webhook that is understood, in alphabetical order.
pub static HOOKS: &[Hook] = &[
    Hook {
        name: "activities",
        title: "Anything else",
        path: "/api/activities?source=NAME",
        secret: "RAPPORT_HOOK_ACTIVITIES",
        steps: "Post rows of the activities format (JSON list, JSON lines or CSV) with the headers webhook-id, webhook-timestamp and webhook-signature of the Standard Webhooks scheme: v1, and the base64 of HMAC-SHA256 over id.timestamp.body.",
        makes: true,
    },
    Hook {
        name: "discourse",
        title: "Discourse",
        path: "/hooks/discourse",
        secret: "RAPPORT_HOOK_DISCOURSE",
        steps: "Admin, API, Webhooks, Add: payload URL, content type application/json, the secret; events Post, Topic and Solved; under categories choose the public ones. Add the forum with `rapport add` first.",
        makes: false,
    },
    Hook {
        name: "gitea",
        title: "Gitea, Forgejo",
        path: "/hooks/gitea",
        secret: "RAPPORT_HOOK_GITEA",
        steps: "Repository settings, Webhooks, Add Webhook, Gitea: target URL, POST, either content type, the secret; custom events Issues, Issue Comment, Pull Request, Pull Request Comment, Release. Add the repository with `rapport add` first.",
        makes: false,
    },
    Hook {
        name: "github",
        title: "GitHub",
        path: "/hooks/github",
        secret: "RAPPORT_HOOK_GITHUB",
        steps: "Repository (or organisation) settings, Webhooks, Add webhook: payload URL, either content type, the secret; events Issues, Issue comments, Pull requests, Pull request reviews, Pull request review comments, Discussions, Discussion comments, Releases. Add each repository with `rapport add` first.",
        makes: false,
    },
    Hook {
        name: "gitlab",
        title: "GitLab",
        path: "/hooks/gitlab",
        secret: "RAPPORT_HOOK_GITLAB",
        steps: "Project settings, Webhooks: URL, the secret as signing token (or as secret token on older servers); triggers Comments, Issues events, Merge request events. Add the project with `rapport add` first.",
        makes: false,
    },
    Hook {
        name: "slack",
        title: "Slack",
        path: "/hooks/slack",
        secret: "RAPPORT_HOOK_SLACK",
        steps: "Your own app at api.slack.com: Basic Information, Signing Secret; Event Subscriptions: request URL, bot event message.channels. Invite the app into the channels to be heard; private ones are never taken.",
        makes: true,
    },
];

/// The hook of this name.
#[must_use]
pub fn hook(name: &str) -> Option<&'static Hook> {
    HOOKS.iter().find(|h| h.name == name)
}

/// What a delivery says.
#[derive(Debug)]
pub struct Told {
    /// What its source is called behind the hook's name.
    pub what: String,
    /// Its rows.
    pub page: Page,
    /// Opened without its author: the log may know who it is. Without, it is not taken.
    pub anonymous: Vec<Key>,
    /// It could not tell everything exactly: the source should be looked at soon.
    pub wanted: bool,
}

/// What a delivery means.
#[derive(Debug)]
pub enum Meaning {
    /// Something was said, edited or deleted.
    Told(Box<Told>),
    /// Nothing for us, and why.
    Nothing(String),
}

/// A delivery in the shapes of the API.
#[derive(Default)]
struct Said {
    what: String,
    /// Documents for the connector, each with the name under which it reads them.
    items: Vec<(String, Value)>,
    /// The act that the documents only carry along.
    without: Option<Act>,
    gone: Gone,
    /// Threads that are gone as a whole.
    gone_threads: Vec<Key>,
    /// What comes back was gone: it counts as changed now.
    back: bool,
    /// When the source last changed it, where the connector does not read that.
    changed: Option<Time>,
    /// The name of the channel is not told.
    nameless: bool,
    anonymous: bool,
    wanted: bool,
}

/// What of the documents the source does not show any more.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Gone {
    #[default]
    Nothing,
    /// What was said on the thread that is told beside.
    Replies,
    Everything,
}

impl Said {
    fn of(what: String) -> Said {
        Said { what, ..Said::default() }
    }

    /// A list as an item for the connector.
    fn list(mut self, elements: Vec<Value>) -> Said {
        self.items.push(("live/hook.json".to_owned(), Value::Array(elements)));
        self
    }
}

/// What a service's translator makes of a body.
enum Heard {
    Said(Box<Said>),
    Nothing(String),
}

fn nothing(why: impl Into<String>) -> Result<Heard, String> {
    Ok(Heard::Nothing(why.into()))
}

/// What a delivery means. `event` and `hint` are what its sender's headers say of it, `at` is when it came.
///
/// # Errors
/// When it has no shape that is known, in words.
pub fn read(hook: &Hook, event: &str, hint: &str, body: &[u8], at: Time) -> Result<Meaning, String> {
    let reader = connector(hook.name).ok_or("nobody reads it")?;
    if hook.name == "activities" {
        return rows(reader, event, hint, body);
    }
    let value: Value = serde_json::from_slice(body).map_err(|e| format!("no JSON: {e}"))?;
    let heard = match hook.name {
        "github" => github::heard(event, &value),
        "gitea" => gitea::heard(event, &value),
        "gitlab" => gitlab::heard(&value),
        "discourse" => discourse::heard(event, hint, &value),
        _ => slack::heard(&value),
    }?;
    let said = match heard {
        Heard::Nothing(why) => return Ok(Meaning::Nothing(bounds::cut(why, 200))),
        Heard::Said(said) => *said,
    };
    named(&said.what)?;
    Ok(Meaning::Told(Box::new(told(reader, said, body, at)?)))
}

/// The name of a source comes out of foreign bytes and stands in every listing.
fn named(what: &str) -> Result<(), String> {
    let fits = !what.trim().is_empty() && what.len() <= 200 && !what.contains(char::is_control);
    if fits { Ok(()) } else { Err("it does not say where it comes from".to_owned()) }
}

fn told(connector: &dyn Connector, said: Said, body: &[u8], at: Time) -> Result<Told, String> {
    let mut gathered = Gathered::default();
    let mut reader = connector.reader(&said.what);
    for (name, value) in &said.items {
        let bytes = value.to_string();
        item(&mut gathered, &mut *reader, name, bytes.as_bytes())?;
    }
    if let Some(reject) = gathered.rejects.first() {
        return Err(reject.why.clone());
    }
    let mut activities: Vec<Activity> = gathered.records.into_iter().flat_map(|r| r.activities).collect();
    activities.retain(|a| said.without != Some(a.act));
    let mut whole = Vec::new();
    for activity in &mut activities {
        activity.updated = activity.updated.or(said.changed);
        if let Some(facts) = activity.facts.as_mut().filter(|_| said.nameless) {
            facts.container = None;
        }
        let gone = match said.gone {
            Gone::Nothing => false,
            Gone::Replies => activity.act != Act::Opened,
            Gone::Everything => true,
        };
        if gone {
            // A deletion is the last change: what is told late of the time before does not undo it.
            (activity.deleted, activity.updated) = (true, Some(after(activity.updated, at)));
        } else if said.back {
            activity.updated = Some(after(activity.updated, at));
        }
    }
    for thread in said.gone_threads {
        let own = activities.iter().map(|a| a.key.fingerprint()).collect::<BTreeSet<u64>>();
        whole.push((thread, own));
    }
    let anonymous =
        if said.anonymous { activities.iter().map(|a| a.key.clone()).collect() } else { Vec::new() };
    let mut records = Vec::new();
    if !activities.is_empty() {
        let mut record =
            Record { raw: body.to_vec(), activities, rejects: Vec::new(), whole: None, fixed: false };
        bounds::record(&mut record);
        records.push(record);
    }
    let page = Gathered { records, whole, ..Gathered::default() }.page("hook", "hook");
    Ok(Told { what: said.what, page, anonymous, wanted: said.wanted })
}

/// This moment, or the one behind the last change where the service's clock is ahead of ours.
fn after(updated: Option<Time>, at: Time) -> Time {
    updated.map_or(at, |updated| at.max(updated.plus_millis(1)))
}

/// Rows of the activities format: each is a record of its own.
fn rows(connector: &dyn Connector, form: &str, what: &str, body: &[u8]) -> Result<Meaning, String> {
    let what = what.trim().to_lowercase();
    named(&what)?;
    let mut gathered = Gathered::default();
    item(&mut gathered, &mut *connector.reader(&what), form, body)?;
    // A delivery tells of one thing; it never shows that the rest of a thread is gone.
    gathered.whole.clear();
    let page = gathered.page("hook", "hook");
    Ok(Meaning::Told(Box::new(Told { what, page, anonymous: Vec::new(), wanted: false })))
}

/// Reads a form of a delivery as an item of the connector's, into what was gathered before.
fn item(
    into: &mut Gathered,
    reader: &mut dyn crate::contract::Reader,
    name: &str,
    bytes: &[u8],
) -> Result<(), String> {
    let mut body: &[u8] = bytes;
    let item = Item { name: name.to_owned() };
    match reader.read(&item, &mut body as &mut dyn BufRead, into) {
        Ok(()) | Err(Unreadable::Stopped) => Ok(()),
        Err(Unreadable::Io(error)) => Err(error.to_string()),
        // What was read before stands; the rest is told as what could not be.
        Err(Unreadable::Shape { at, why }) => {
            into.rejects.push(bounds::reject(Reject::new(at, why, bytes)));
            Ok(())
        }
    }
}

/// A text inside a body, by its path.
fn text<'v>(value: &'v Value, path: &str) -> Option<&'v str> {
    value.pointer(path)?.as_str()
}

/// `https://host/a/b` -> `host/a/b`, in small letters.
fn place(url: &str) -> Option<String> {
    let (host, path) = crate::live::web(url)?;
    Some(std::iter::once(host).chain(path).collect::<Vec<_>>().join("/").to_lowercase())
}
