//! The desk: one file per verb, and the list that every face is made from.

use std::path::{Path, PathBuf};

use clap::{ArgMatches, Command};
use rapport_insight::kind::Learned;
use rapport_insight::members::{Declared, member};
use rapport_insight::threads::judge_by;
use rapport_model::Time;
use rapport_store::{Judge, Store};
use serde::Serialize;

use crate::config::Config;
use crate::fault::Fault;

pub(crate) mod account;
mod add;
mod audit;
mod choices;
mod consent;
pub(crate) mod demo;
pub(crate) mod digest;
pub(crate) mod docs;
pub(crate) mod ending;
pub(crate) mod events;
mod evidence;
mod export;
mod export_person;
mod feedback;
pub(crate) mod feeds;
mod field;
mod filter;
mod focus;
mod forget;
pub(crate) mod friction;
pub(crate) mod gaps;
pub(crate) mod hooks;
mod init;
mod kind;
pub(crate) mod live;
mod mcp;
pub(crate) mod metrics;
pub(crate) mod needs;
pub(crate) mod notes;
pub(crate) mod org;
pub(crate) mod people;
mod person;
mod reference;
pub(crate) mod relations;
pub(crate) mod report;
mod rest;
mod roster;
mod search;
mod serve;
mod settings;
pub(crate) mod similar;
mod sources;
mod sql;
pub(crate) mod sync;
mod talks;
mod text;
mod thread;
pub(crate) mod topics;
pub(crate) mod trends;
mod upkeep;
pub(crate) mod wall;

/// Where the work happens: one data folder, one moment.
pub(crate) struct Desk {
    pub(crate) folder: PathBuf,
    pub(crate) json: bool,
    /// Now, or the moment given with `--as-of`.
    pub(crate) now: Time,
    /// The moment was given.
    pub(crate) fixed: bool,
    /// What the person at the desk works as.
    pub(crate) role: wall::Role,
}

/// What a verb says.
pub(crate) struct Answer {
    /// JSON, when asked for.
    pub(crate) json: String,
    /// For a person.
    pub(crate) text: String,
    /// Something was found that a script should notice: exit code 1.
    pub(crate) findings: bool,
}

/// One verb: what the command line, the JSON route, the MCP tool and the reference page are made from.
pub(crate) struct Verb {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) example: &'static str,
    pub(crate) args: fn(Command) -> Command,
    pub(crate) call: fn(&Desk, &ArgMatches) -> Result<Answer, Fault>,
}

/// Every verb, in the order a newcomer meets them.
pub(crate) static VERBS: &[Verb] = &[
    demo::VERB,
    init::VERB,
    add::ADD,
    sync::VERB,
    sources::VERB,
    rest::PAUSE,
    rest::RESUME,
    hooks::VERB,
    needs::VERB,
    thread::VERB,
    choices::CLAIM,
    choices::SNOOZE,
    choices::MET,
    kind::VERB,
    search::VERB,
    evidence::VERB,
    similar::VERB,
    topics::VERB,
    trends::VERB,
    gaps::VERB,
    focus::VERB,
    friction::VERB,
    notes::VERB,
    events::VERB,
    talks::VERB,
    docs::VERB,
    feedback::VERB,
    people::VERB,
    org::VERB,
    people::say::MERGE,
    people::say::UNMERGE,
    people::bots::VERB,
    people::champions::VERB,
    forget::VERB,
    export_person::VERB,
    consent::CONSENT,
    consent::INTRODUCE,
    roster::VERB,
    metrics::VERB,
    relations::VERB,
    report::VERB,
    digest::VERB,
    sql::VERB,
    text::VERB,
    serve::VERB,
    mcp::VERB,
    account::VERB,
    feeds::VERB,
    settings::VERB,
    audit::VERB,
    export::EXPORT,
    export::IMPORT,
    upkeep::BACKUP,
    upkeep::CHECK,
    upkeep::REBUILD,
    reference::VERB,
];

impl Verb {
    /// The verb as a part of the command line; it may hold verbs of its own. What it is about is set last, for a
    /// derived arguments type brings its own words.
    pub(crate) fn command(&self) -> Command {
        let after = format!("Example:\n  {}", self.example.replace('\n', "\n  "));
        (self.args)(Command::new(self.name)).about(self.about).long_about(None).after_help(after)
    }
}

impl Desk {
    pub(crate) fn config(&self) -> Result<Config, Fault> {
        Config::load(&self.folder)
    }
    /// How to call the program on this folder, for the commands that an answer names.
    pub(crate) fn program(&self) -> String {
        let usual = self.folder == Path::new("rapport-data") || std::env::var_os("RAPPORT_DATA").is_some();
        if usual { "rapport".to_owned() } else { format!("rapport --data {}", self.folder.display()) }
    }
    pub(crate) fn reading(&self) -> Result<Store, Fault> {
        let mut store = Store::read(&self.folder)?;
        if !self.role.is_devrel() {
            store.veil()?;
        }
        Ok(store)
    }
    pub(crate) fn writing(&self) -> Result<Store, Fault> {
        Ok(Store::open(&self.folder)?)
    }
    /// To write down what a person says, also while a source is being read.
    pub(crate) fn noting(&self) -> Result<Store, Fault> {
        Ok(Store::beside(&self.folder)?)
    }
    /// An answer in whichever form was asked for; the other is not made.
    pub(crate) fn answer<T: Serialize>(
        &self,
        value: &T,
        text: impl FnOnce() -> String,
    ) -> Result<Answer, Fault> {
        if self.json {
            let json = serde_json::to_string_pretty(value).map_err(|e| Fault::usage(e.to_string()))?;
            return Ok(Answer { json, text: String::new(), findings: false });
        }
        Ok(Answer { json: String::new(), text: text(), findings: false })
    }
}

/// Calls `act` with the judges that the floors above the store provide.
pub(crate) fn with_judge<T>(declared: &Declared, learned: &Learned, act: impl FnOnce(Judge<'_>) -> T) -> T {
    act(Judge {
        thread: &|history| judge_by(history, learned),
        replies: &rapport_insight::replies::links,
        member: &|who, behaviour| member(who, declared, behaviour),
    })
}

/// What the judgement of kinds learned in this folder.
pub(crate) fn learned(store: &Store) -> Result<Learned, Fault> {
    let mut learned = Learned::default();
    for one in store.learned()? {
        learned.take(one.source, &one.weights);
    }
    Ok(learned)
}

thread_local! {
    /// The person for whom another face calls a verb.
    static ACTING: std::cell::RefCell<Option<String>> = const { std::cell::RefCell::new(None) };
}

/// Calls `act` in somebody's name: what it writes says that this person did it.
pub(crate) fn acting<T>(who: &str, act: impl FnOnce() -> T) -> T {
    let before = ACTING.replace(Some(who.to_owned()));
    let done = act();
    ACTING.set(before);
    done
}

/// Who sits at the desk, for claims and the audit log.
pub(crate) fn me() -> String {
    if let Some(who) = ACTING.with_borrow(Clone::clone) {
        return who;
    }
    std::env::var("RAPPORT_USER").or_else(|_| std::env::var("USER")).unwrap_or_else(|_| "me".to_owned())
}
