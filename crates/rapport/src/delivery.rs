//! What leaves the house: feedback as a file, an issue, a mail or a chat message. Each goes to a configured place and
//! nowhere else, is a plan first, and says plainly what happened.

use rapport_model::Time;

use crate::config::deliver::{Deliver, Mail, Tracker};

mod http;
mod mail;
pub(crate) mod secrets;
pub(crate) mod tracker;
mod webhook;

mod wire;

pub(crate) use webhook::UNCLEAR;

/// What is sent.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    pub(crate) title: String,
    /// The brief, Markdown.
    pub(crate) page: String,
    /// The ask in a sentence, for a chat message.
    pub(crate) ask: String,
    /// Written into what is sent, and looked for before it is sent again.
    pub(crate) marker: String,
    /// A link that answers it without an account; only where a person alone reads it.
    pub(crate) answer: Option<String>,
    /// A link that opens it, once there is one.
    pub(crate) url: Option<String>,
}

/// What became of one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is there.
    Sent { remote: Option<String>, url: Option<String>, note: Option<String> },
    /// It is not there, or nobody can say that it is.
    Undelivered { why: String, retry_at: Option<Time> },
}

/// One way to a department.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    File(std::path::PathBuf),
    Tracker(Tracker),
    Mail(Mail),
    Webhook,
}

impl Way {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Way::File(_) => "file",
            Way::Tracker(tracker) => tracker.kind.as_str(),
            Way::Mail(_) => "mail",
            Way::Webhook => "webhook",
        }
    }

    /// Where it goes, without secrets.
    pub(crate) fn target(&self) -> String {
        match self {
            Way::File(folder) => folder.display().to_string(),
            Way::Tracker(tracker) => format!("{} at {}", tracker.repository, http::host(&tracker.api)),
            Way::Mail(mail) => format!("{} by {}", mail.to.join(", "), mail.server),
            Way::Webhook => "the configured webhook".to_owned(),
        }
    }
}

/// The ways of a department in the order in which they are gone: the tracker first, for what follows links to it.
pub(crate) fn ways(folder: &std::path::Path, deliver: &Deliver) -> Vec<Way> {
    let mut ways = Vec::new();
    ways.extend(deliver.tracker.clone().map(Way::Tracker));
    if !deliver.folder.is_empty() {
        ways.push(Way::File(folder.join(&deliver.folder)));
    }
    ways.extend(deliver.mail.clone().map(Way::Mail));
    if deliver.webhook {
        ways.push(Way::Webhook);
    }
    ways
}

/// What a way needs to be gone.
pub(crate) struct Errand<'a> {
    pub(crate) department: &'a str,
    pub(crate) secrets: &'a secrets::Secrets,
    pub(crate) timeout_seconds: u64,
    pub(crate) now: Time,
    /// It was tried before: what may have come through is looked for first.
    pub(crate) again: bool,
}

/// Goes one way.
pub(crate) fn send(way: &Way, parcel: &Parcel, errand: &Errand<'_>) -> Outcome {
    match way {
        Way::File(folder) => file(folder, parcel),
        Way::Tracker(at) => tracker::send(at, parcel, errand),
        Way::Mail(at) => mail::send(at, parcel, errand),
        Way::Webhook => webhook::send(parcel, errand),
    }
}

fn file(folder: &std::path::Path, parcel: &Parcel) -> Outcome {
    let slug: String = parcel
        .title
        .to_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .take(8)
        .collect::<Vec<_>>()
        .join("-");
    // The marker keeps two of one title apart, and one that is written again in its place.
    let path = folder.join(format!("{slug}-{}.md", parcel.marker.get(..8).unwrap_or(&parcel.marker)));
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, &parcel.page));
    match written {
        Ok(()) => Outcome::Sent { remote: None, url: Some(path.display().to_string()), note: None },
        Err(error) => Outcome::Undelivered { why: format!("{}: {error}", path.display()), retry_at: None },
    }
}
