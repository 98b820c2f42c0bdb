//! The invented world as it is written down: `company/people.toml` and `company/threads/*.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::Fault;

mod moments;

/// The last moment that the world knows.
pub(crate) const NOW: &str = "2026-09-28T06:00:00Z";

/// Everybody and everything that was said.
#[derive(Debug)]
pub(crate) struct World {
    /// The people, bots included, in the order of the file.
    pub(crate) people: Vec<Person>,
    /// The threads of all channels.
    pub(crate) threads: Vec<Thread>,
    /// Mails that no well-behaved program wrote.
    pub(crate) malformed: Vec<Malformed>,
}

/// Somebody.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Person {
    /// What messages call them.
    pub(crate) id: String,
    /// Their full name.
    pub(crate) name: String,
    /// community, practitioner, staff or bot.
    #[serde(default = "community")]
    pub(crate) kind: String,
    /// Their mail address.
    pub(crate) email: Option<String>,
    /// What their profile says.
    #[serde(default)]
    pub(crate) title: String,
    /// The account they use, by place.
    #[serde(default)]
    pub(crate) handles: BTreeMap<String, String>,
    /// How their commits are signed.
    #[serde(default)]
    pub(crate) git: Vec<String>,
    /// Why their accounts are one person's.
    pub(crate) same: Option<String>,
    /// Who has the same name and is somebody else.
    pub(crate) lookalike: Option<String>,
    /// Where they work.
    pub(crate) company: Option<String>,
    /// The account was deleted.
    #[serde(default)]
    pub(crate) gone: bool,
}

fn community() -> String {
    "community".to_owned()
}

/// One conversation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Thread {
    /// Its name in this world.
    pub(crate) id: String,
    /// github, github-discussions, forum, slack, discord, discord-csv, list, qa, zulip or generic.
    pub(crate) channel: String,
    /// issue, change-request, question, topic, chat or mail.
    pub(crate) kind: String,
    /// Its title, or for a chat what it is about.
    pub(crate) title: String,
    /// Its number where the channel numbers.
    pub(crate) number: Option<u64>,
    /// The category, chat channel or list.
    pub(crate) place: Option<String>,
    /// The planted topic it belongs to.
    pub(crate) topic: Option<String>,
    /// Labels or tags.
    #[serde(default)]
    pub(crate) labels: Vec<String>,
    /// What happened beside messages.
    #[serde(default)]
    pub(crate) events: Vec<Event>,
    /// The number of the accepted message, from 1.
    pub(crate) accept: Option<usize>,
    /// Which part it plays on the weekend before the Monday.
    pub(crate) weekend: Option<String>,
    /// Threads with the same word here are one question.
    pub(crate) cross_post: Option<String>,
    /// What is wrong with its text.
    pub(crate) hostile: Option<String>,
    /// Whether it asks for anything.
    #[serde(default = "yes")]
    pub(crate) asks: bool,
    /// Whether its opening is evidence for its topic.
    #[serde(default = "yes")]
    pub(crate) evidence: bool,
    /// Only the company's own people wrote.
    #[serde(default)]
    pub(crate) staff_only: bool,
    /// Closed as not planned.
    #[serde(default)]
    pub(crate) declined: bool,
    /// Marked as resolved.
    #[serde(default)]
    pub(crate) resolved: bool,
    /// The messages in order.
    #[serde(rename = "m")]
    pub(crate) messages: Vec<Message>,
}

fn yes() -> bool {
    true
}

/// One message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    /// Who wrote it.
    pub(crate) by: String,
    /// When.
    pub(crate) at: String,
    /// What it says now.
    #[serde(default)]
    pub(crate) text: String,
    /// When it was edited.
    pub(crate) edited: Option<String>,
    /// What it said before.
    pub(crate) before: Option<String>,
    /// When it was deleted.
    pub(crate) deleted: Option<String>,
    /// Reactions, `emoji:somebody,somebody`.
    #[serde(default)]
    pub(crate) react: Vec<String>,
    /// The number of the message it answers, from 1.
    pub(crate) re: Option<usize>,
    /// review, review-comment or comment.
    #[serde(rename = "as")]
    pub(crate) role: Option<String>,
    /// The verdict of a review.
    pub(crate) state: Option<String>,
    /// The charset of a mail.
    pub(crate) charset: Option<String>,
    /// It is filled up to this many bytes.
    pub(crate) pad: Option<usize>,
    /// The text is HTML already.
    #[serde(default)]
    pub(crate) html: bool,
    /// It is evidence for the topic, too.
    #[serde(default)]
    pub(crate) ev: bool,
}

/// A mail that is copied into the archive as it stands here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Malformed {
    /// Where in the archive it stands: behind everything older.
    pub(crate) at: String,
    /// What is wrong with it.
    pub(crate) why: String,
    /// Whether a reader can still make an activity of it.
    pub(crate) readable: bool,
    /// Its lines.
    pub(crate) raw: String,
}

/// Something that is no message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    /// When.
    pub(crate) at: String,
    /// closed, reopened, merged, labeled or unlabeled.
    pub(crate) what: String,
    /// By whom.
    pub(crate) by: String,
    /// Which label.
    pub(crate) value: Option<String>,
}

/// The folder `company/`.
pub(crate) fn company() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../company")
}

impl World {
    /// Reads the world and checks that everybody named in it exists.
    pub(crate) fn load(company: &Path) -> Result<World, Fault> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct People {
            person: Vec<Person>,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Threads {
            #[serde(default)]
            thread: Vec<Thread>,
            #[serde(default)]
            malformed: Vec<Malformed>,
        }
        let people: People = toml::from_str(&std::fs::read_to_string(company.join("people.toml"))?)
            .map_err(|e| format!("people.toml: {e}"))?;
        let mut files: Vec<PathBuf> = std::fs::read_dir(company.join("threads"))?
            .map(|entry| entry.map(|e| e.path()))
            .collect::<Result<_, _>>()?;
        files.sort();
        let (mut threads, mut malformed) = (Vec::new(), Vec::new());
        for file in files {
            let text = std::fs::read_to_string(&file)?;
            let read: Threads = toml::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))?;
            threads.extend(read.thread);
            malformed.extend(read.malformed);
        }
        let world = World { people: people.person, threads, malformed };
        for thread in &world.threads {
            for message in &thread.messages {
                world.person(&message.by).map_err(|e| format!("{}: {e}", thread.id))?;
            }
        }
        Ok(world)
    }

    /// Somebody by their name in this world.
    pub(crate) fn person(&self, id: &str) -> Result<&Person, Fault> {
        self.people.iter().find(|p| p.id == id).ok_or_else(|| format!("there is nobody called '{id}'").into())
    }

    /// The account that somebody uses in a place.
    pub(crate) fn handle(&self, id: &str, place: &str) -> Result<&str, Fault> {
        let person = self.person(id)?;
        person
            .handles
            .get(place)
            .map(String::as_str)
            .ok_or_else(|| format!("{id} has no account in '{place}'").into())
    }

    /// A number for somebody, for places that number their accounts.
    pub(crate) fn number(&self, id: &str) -> u64 {
        (1..).zip(&self.people).find(|(_, p)| p.id == id).map_or(0, |(n, _)| n)
    }

    /// The threads of a channel.
    pub(crate) fn of<'w>(&'w self, channel: &'w str) -> impl Iterator<Item = &'w Thread> {
        self.threads.iter().filter(move |t| t.channel == channel)
    }
}
