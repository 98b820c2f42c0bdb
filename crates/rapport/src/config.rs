//! `rapport.toml` in the data folder: what the owner declares.

use std::collections::BTreeMap;
use std::path::Path;

use rapport_insight::members::Declared;
use serde::{Deserialize, Serialize};

use self::deliver::Deliver;
use crate::fault::Fault;

pub(crate) mod asks;
mod org;

pub(crate) use org::{Org, Roster};
mod reports;

pub(crate) use reports::{Digest, Docs, Reporting};
pub(crate) mod deliver;
pub(crate) mod login;
pub(crate) mod network;
mod schedule;
pub(crate) mod topics;
mod web;

pub(crate) use schedule::Schedule;

/// The whole file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Config {
    /// The community.
    pub(crate) community: Community,
    /// Who is who.
    pub(crate) people: People,
    /// What is promised.
    pub(crate) answers: Answers,
    /// The public page of asks.
    pub(crate) asks: asks::Asks,
    /// The organisation.
    pub(crate) org: Org,
    /// Who is a practitioner.
    pub(crate) roster: Roster,
    /// The documentation.
    pub(crate) docs: Docs,
    /// The digest.
    pub(crate) digest: Digest,
    /// The reports.
    pub(crate) report: Reporting,
    /// How feedback reaches each department.
    pub(crate) deliver: BTreeMap<String, Deliver>,
    /// Who else says who somebody is.
    pub(crate) login: login::Login,
    /// How the living channels are reached.
    pub(crate) network: network::Network,
    /// Areas of the product that are topics, by their names.
    pub(crate) topics: BTreeMap<String, topics::Area>,
    /// How often `serve` and `sync --watch` look.
    pub(crate) schedule: Schedule,
    /// How the web app speaks.
    pub(crate) web: web::Web,
}

/// The community.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Community {
    /// Its name, for reports.
    pub(crate) name: String,
}

/// Who is who. Logins, addresses or names as their source shows them; case does not matter.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct People {
    /// Mail domains of staff.
    pub(crate) staff_domains: Vec<String>,
    /// Words in a profile title that mark staff.
    pub(crate) staff_titles: Vec<String>,
    /// Staff.
    pub(crate) staff: Vec<String>,
    /// DevRel practitioners.
    pub(crate) practitioners: Vec<String>,
    /// Bots that the rules miss.
    pub(crate) bots: Vec<String>,
    /// Humans that the rules take for bots.
    pub(crate) humans: Vec<String>,
    /// Identities are linked on evidence that holds; else every link is only suggested.
    pub(crate) link: bool,
    /// Names, logins, addresses and hosts that say nothing of who somebody is.
    pub(crate) no_evidence: Vec<String>,
}

/// What is promised.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Answers {
    /// A human reply within this many working days.
    pub(crate) within_working_days: f64,
    /// After this many days without an answer a need counts as stale.
    pub(crate) stale_after_days: u32,
}

impl Default for Community {
    fn default() -> Community {
        Community { name: "our community".to_owned() }
    }
}
impl Default for People {
    fn default() -> People {
        People {
            staff_domains: Vec::new(),
            staff_titles: Vec::new(),
            staff: Vec::new(),
            practitioners: Vec::new(),
            bots: Vec::new(),
            humans: Vec::new(),
            link: true,
            no_evidence: Vec::new(),
        }
    }
}
impl Default for Answers {
    fn default() -> Answers {
        Answers { within_working_days: 2.0, stale_after_days: 180 }
    }
}

/// The file's name.
pub(crate) const FILE: &str = "rapport.toml";

impl Config {
    /// Reads the folder's file; the defaults where there is none.
    pub(crate) fn load(folder: &Path) -> Result<Config, Fault> {
        let path = folder.join(FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let read: Result<Config, String> = toml::from_str(&text).map_err(|error| error.to_string());
                let checked = read.and_then(|config| {
                    topics::check(&config.topics).and_then(|()| config.login.check()).map(|()| config)
                });
                checked.map_err(|error| {
                    Fault::usage(format!("{}: {error}", path.display()))
                        .hint("mend the line, or move the file away to use the defaults")
                })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Config::default()),
            Err(error) => Err(Fault::usage(format!("{}: {error}", path.display()))),
        }
    }

    /// What is declared about people, as the judges want it.
    pub(crate) fn declared(&self) -> Declared {
        let lower = |list: &[String]| list.iter().map(|name| name.trim().to_lowercase()).collect();
        Declared {
            staff_domains: lower(&self.people.staff_domains),
            staff: lower(&self.people.staff),
            practitioners: lower(&self.people.practitioners),
            bots: lower(&self.people.bots),
            humans: lower(&self.people.humans),
            staff_titles: lower(&self.people.staff_titles),
        }
    }
}
