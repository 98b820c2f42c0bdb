//! Mailing lists, living, wherever they can be read: a public-inbox by its git repositories, Mailman's archives by month,
//! a folder of a mailbox by IMAP, a newsgroup by NNTP. All of them are sources of the kind `mbox`: what an export of the
//! list brought is known when the living list brings it, because both go by Message-ID.

mod archive;
mod days;
mod numbered;

use serde::{Deserialize, Serialize};

use super::github::{state, value};
use super::{Ask, At, Live, LiveAbout, Place, Progress, Reply, Turn, base64, encoded, origin, web};
use crate::connectors::mbox::ROW;

/// The channel.
pub(super) struct Lists;

/// How a list is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// IMAP and NNTP: by number.
    Numbered,
    /// A public-inbox's repositories.
    Inbox,
    /// Mailman 2: a file a month.
    Months,
    /// Mailman 3: an export between two days.
    Days,
}

fn way(base: &str) -> Way {
    if base.starts_with("git+") {
        Way::Inbox
    } else if base.starts_with("http") {
        if base.contains('@') { Way::Days } else { Way::Months }
    } else {
        Way::Numbered
    }
}

impl Live for Lists {
    fn about(&self) -> &'static LiveAbout {
        &LiveAbout {
            name: "mbox",
            title: "Mailing list",
            addresses: &[
                "public-inbox:https://lists.example.org/relay-users/",
                "https://lists.example.org/pipermail/relay-users/",
                "hyperkitty:https://lists.example.org/archives/list/relay-users@lists.example.org/",
                "imaps://mail.example.org/Lists/relay-users",
                "nntp://news.example.org/comp.lang.relay",
            ],
            token: "Public archives need none. IMAP, and news servers that ask for it, want `user:password` (an app password where there is one), which is sent on an encrypted line only: `imap://` and `nntp://` go on behind STARTTLS, or not at all.",
            token_env: &["RAPPORT_MAIL_TOKEN"],
            limits: "500 mails or 8 MiB a reply; mails over 16 MiB are set aside; nothing is marked as seen; of the newest 20,000 mails of a folder or group, what is expunged or cancelled counts as deleted, unless more than half of it goes at once: that is tidying; Mailman 3's archive is read anew in turns, some 500 mails each look, for what its owner took out",
            interval: 900,
            gap_ms: 100,
        }
    }

    fn place(&self, address: &str) -> Option<Place> {
        for prefix in ["public-inbox:", "pipermail:", "hyperkitty:"] {
            if let Some(url) = address.strip_prefix(prefix) {
                let place = self.hosted(url)?;
                let wanted = if prefix == "public-inbox:" { Way::Inbox } else { way(&place.base) };
                return if wanted == way(&place.base) { Some(place) } else { inbox(url) };
            }
        }
        if let Some((scheme, rest)) = address.split_once("://")
            && ["imap", "imaps", "nntp", "nntps"].contains(&scheme)
        {
            let (host, name) = rest.trim_end_matches('/').split_once('/')?;
            // A login in an address would stand in listings: it belongs into the file of tokens.
            if host.is_empty() || name.is_empty() || host.contains('@') || name.contains(['?', '#']) {
                return None;
            }
            let host = host.to_lowercase();
            let bare = host.rsplit_once(':').map_or(host.as_str(), |(bare, _)| bare);
            let what = if scheme.starts_with("nntp") { name.to_owned() } else { format!("{bare}/{name}") };
            let path = name.split('/').map(encoded).collect::<Vec<_>>().join("/");
            return Some(Place { what, base: format!("{scheme}://{host}/{path}"), token: false });
        }
        let (_, path) = web(address)?;
        let known =
            path.iter().any(|part| part == "pipermail") || path.iter().any(|part| part == "hyperkitty");
        let listed = path.windows(2).any(|two| two[0] == "list" && two[1].contains('@'));
        (known || listed).then(|| self.hosted(address))?
    }

    fn probe(&self, url: &str) -> Option<Ask> {
        let bare = url.split(['?', '#']).next()?.trim_end_matches('/');
        Some(Ask { accept: "text/plain", ..Ask::get(format!("{bare}/_/text/config/raw"), "") })
    }

    fn is_it(&self, reply: &Reply) -> bool {
        memchr::memmem::find(&reply.body[..reply.body.len().min(65_536)], b"[publicinbox ").is_some()
    }

    fn hosted(&self, url: &str) -> Option<Place> {
        let (host, path) = web(url)?;
        let bare = host.rsplit_once(':').map_or(host.as_str(), |(bare, _)| bare);
        let up_to = |n: usize| format!("{}/{}", origin(url).unwrap_or_default(), path[..n].join("/"));
        if let Some(at) = path.iter().position(|part| part.contains('@')) {
            // Mailman names a list in its List-Id by its address, with a dot for the @.
            return Some(Place {
                what: path[at].replace('@', ".").to_lowercase(),
                base: up_to(at + 1),
                token: false,
            });
        }
        if let Some(at) = path.iter().position(|part| part == "pipermail") {
            let list = path.get(at + 1)?.to_lowercase();
            return Some(Place { what: format!("{list}.{bare}"), base: up_to(at + 2), token: false });
        }
        inbox(url)
    }

    fn streams(&self, place: &Place) -> Vec<&'static str> {
        match way(&place.base) {
            Way::Numbered => vec!["mails", "standing"],
            Way::Inbox | Way::Days => vec!["mails"],
            Way::Months => vec!["months"],
        }
    }

    fn next(&self, place: &Place, at: At<'_>) -> Option<Ask> {
        match way(&place.base) {
            Way::Numbered => numbered::next(place, at),
            Way::Inbox => {
                let at: Commits = state(at.cursor);
                let epoch = if at.older { String::new() } else { format!("/{}", at.epoch) };
                Some(Ask::get(format!("{}{epoch}?after={}", place.base, at.after), ""))
            }
            Way::Months => Some(archive::next_month(place, at)),
            Way::Days => Some(days::next(place, at)),
        }
    }

    fn turn(&self, place: &Place, at: At<'_>, ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        match way(&place.base) {
            Way::Numbered => numbered::turn(at, reply),
            Way::Inbox => commits(at, reply),
            Way::Months => archive::month(at, ask, reply),
            Way::Days => days::turn(at, reply),
        }
    }

    fn gone(&self, place: &Place, at: At<'_>, _ask: &Ask) -> Option<Turn> {
        match way(&place.base) {
            // There is no next repository yet: the next look goes on in the one before it.
            Way::Inbox => {
                let mut at: Commits = state(at.cursor);
                if at.epoch == 0 {
                    // It has no numbered repositories: the older layout is one, at the list's own address.
                    let begun = at.older || !at.after.is_empty() || at.progress.done > 0;
                    at.older = true;
                    let turn = Turn { cursor: value(&at), progress: at.progress, ..Turn::default() };
                    return (!begun).then_some(turn);
                }
                (at.epoch, at.after) = (at.epoch - 1, std::mem::take(&mut at.before));
                at.progress.about = Some(at.progress.done);
                Some(Turn { cursor: value(&at), end: true, progress: at.progress, ..Turn::default() })
            }
            Way::Months => archive::no_month(at),
            Way::Numbered | Way::Days => None,
        }
    }

    fn authorize(&self, token: &str) -> (&'static str, String) {
        ("authorization", format!("Basic {}", base64(token.as_bytes())))
    }
}

fn inbox(url: &str) -> Option<Place> {
    let (host, path) = web(url)?;
    let list = path.last()?.to_lowercase();
    let bare = host.rsplit_once(':').map_or(host.as_str(), |(bare, _)| bare);
    let base = format!("git+{}/{}", origin(url)?, path.join("/"));
    Some(Place { what: format!("{list}.{bare}"), base, token: false })
}

/// How far a public-inbox's repositories are read: they are numbered, and the next one is begun when one is full.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Commits {
    epoch: u64,
    /// The last commit that is in.
    after: String,
    /// The last one of the repository before this.
    before: String,
    /// There is one repository only, which holds a mail a path.
    older: bool,
    progress: Progress,
}

fn commits(at: At<'_>, reply: &Reply) -> Result<Turn, String> {
    let mut at: Commits = state(at.cursor);
    let n = |name: &str| reply.header(name).and_then(|n| n.parse::<u64>().ok());
    let (left, taken) = n("left").zip(n("taken")).ok_or("it names no commits")?;
    at.after = reply.header("last").unwrap_or("").to_owned();
    at.progress.done += taken;
    at.progress.about = Some(at.progress.done + left);
    let end = left == 0 && at.older;
    if left == 0 && !at.older {
        (at.epoch, at.before, at.after) = (at.epoch + 1, std::mem::take(&mut at.after), String::new());
    }
    let item = Some(ROW.to_owned());
    Ok(Turn { cursor: value(&at), item, progress: at.progress, end, ..Turn::default() })
}

/// The id in a `Message-ID` header, as the reader takes it.
pub(crate) fn message_id(header: &str) -> Option<String> {
    let id = header.split_once('<')?.1.split('>').next()?;
    let id: String = id.chars().filter(|c| !c.is_whitespace()).collect();
    (!id.is_empty()).then_some(id)
}

fn header(reply: &Reply, name: &str) -> Option<u64> {
    reply.header(name)?.parse().ok()
}

fn lines(reply: &Reply) -> impl Iterator<Item = (u64, String)> {
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    let rows: Vec<(u64, String)> = text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(n, id)| Some((n.parse().ok()?, id.trim().to_owned())))
        .collect();
    rows.into_iter()
}
