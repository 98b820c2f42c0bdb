//! The desk: one file per verb, and the list that every face is made from.

use std::path::PathBuf;

use clap::{ArgMatches, Command};
use rapport_insight::members::{Declared, member};
use rapport_model::Time;
use rapport_store::{Judge, Store};
use serde::Serialize;

use crate::config::Config;
use crate::fault::Fault;

mod add;
mod choices;
mod demo;
mod export;
mod filter;
mod init;
pub(crate) mod metrics;
pub(crate) mod needs;
mod people;
mod report;
mod roster;
mod search;
mod sources;
mod sql;
mod text;
mod thread;
mod upkeep;

/// Where the work happens: one data folder, one moment.
pub(crate) struct Desk {
    pub(crate) folder: PathBuf,
    pub(crate) json: bool,
    /// Now, or the moment given with `--as-of`.
    pub(crate) now: Time,
    /// The moment was given.
    pub(crate) fixed: bool,
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
    add::SYNC,
    sources::VERB,
    needs::VERB,
    thread::VERB,
    choices::CLAIM,
    choices::SNOOZE,
    choices::MET,
    search::VERB,
    metrics::VERB,
    report::VERB,
    sql::VERB,
    people::VERB,
    roster::VERB,
    text::VERB,
    export::EXPORT,
    export::IMPORT,
    upkeep::BACKUP,
    upkeep::CHECK,
    upkeep::REBUILD,
];

impl Desk {
    pub(crate) fn config(&self) -> Result<Config, Fault> {
        Config::load(&self.folder)
    }
    pub(crate) fn reading(&self) -> Result<Store, Fault> {
        Ok(Store::read(&self.folder)?)
    }
    pub(crate) fn writing(&self) -> Result<Store, Fault> {
        Ok(Store::open(&self.folder)?)
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
pub(crate) fn with_judge<T>(declared: &Declared, act: impl FnOnce(Judge<'_>) -> T) -> T {
    act(Judge { thread: &rapport_insight::threads::judge, member: &|who| member(who, declared) })
}

/// Who sits at the desk, for claims and the audit log.
pub(crate) fn me() -> String {
    std::env::var("RAPPORT_USER").or_else(|_| std::env::var("USER")).unwrap_or_else(|_| "me".to_owned())
}
