//! The organisation, as its file says it: employer, departments, people and their lines, interfaces, priorities, routes.
//!
//! NEVER here: a kind of employer that is scored lower because nobody has listed it; a file that hides its second mistake
//! behind its first.

mod check;
mod lines;
pub mod lints;
mod preset;
mod read;
mod sheet;
#[cfg(test)]
mod tests;
mod what_if;

use std::collections::BTreeMap;

use rapport_model::{Department, Slug, Time};
use serde::Serialize;

pub use check::{Facts, Traffic, check, practitioners};
pub use lines::{Fit, Line, Step, fit, line};
pub use lints::{At, Finding, Level};
pub use preset::{BadPreset, KINDS, Preset};
pub use read::{read, read_beside};
pub use what_if::{Alternative, BadChange, Dark, NewLine, Outcome, Starved, parse, what_if, with_lines};

/// A commented file to begin with.
pub const EXAMPLE: &str = include_str!("../presets/org-example.toml");

/// The whole organisation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Organisation {
    /// The company, foundation or project.
    pub employer: Employer,
    /// Its departments, in the order of the file.
    pub departments: Vec<DepartmentEntry>,
    /// Its people, as far as they do this work.
    pub people: Vec<Member>,
    /// With whom the team speaks.
    pub interfaces: Vec<Interface>,
    /// What is made.
    pub products: Vec<Product>,
    /// What the products consist of, for matching.
    pub areas: Vec<Area>,
    /// What the employer wants.
    pub priorities: Vec<Priority>,
    /// What goes where, before the preset's own routes.
    pub routes: Vec<Route>,
    /// What is agreed.
    pub rules: Rules,
}

/// The employer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Employer {
    /// Its name.
    pub name: Option<String>,
    /// Its kind: one of [`KINDS`], or any other word.
    pub kind: Slug,
}

/// A department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DepartmentEntry {
    /// Its name in commands and routes.
    pub id: Department,
    /// Its name for people.
    pub name: String,
    /// What it counts as for the definition, when its own name does not say so: `product`, `marketing`, `engineering`,
    /// `sales`, `business-development` or anything else.
    pub counts_as: Slug,
    /// Who receives what is delivered to it.
    pub owner: Option<String>,
    /// Within how many days it has agreed to decide.
    pub decide_within_days: u32,
    /// The department above it.
    pub reports_to: Option<Department>,
    /// Where it stands.
    pub at: Option<At>,
}

/// Somebody who does this work, alone or beside another role.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Member {
    /// A short name.
    pub id: Slug,
    /// The name for people.
    pub name: String,
    /// What the job is called. Decides nothing.
    pub title: Option<String>,
    /// To whom: people or departments. One is the rule.
    pub reports_to: Vec<Slug>,
    /// What the working time goes into, in shares.
    pub functions: BTreeMap<Slug, f64>,
    /// Hours a week.
    pub hours: Option<f64>,
    /// For which departments, in shares; the measured mix is taken when this is not given.
    pub works_for: BTreeMap<Department, f64>,
    /// There is a sum of sales to reach.
    pub sales_quota: bool,
    /// Where it stands.
    pub at: Option<At>,
}

/// How the team and a department speak.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interface {
    /// The department.
    pub with: Department,
    /// The named person there.
    pub person: Option<String>,
    /// Who of the team keeps it.
    pub kept_by: Option<Slug>,
    /// Where they speak.
    pub channel: Option<String>,
    /// The department whose meeting or manager carries it: it goes dark when the line leaves that department.
    pub through: Option<Department>,
    /// The last time, as the file knows it; deliveries and talks that the program knows count as well.
    pub last_spoke: Option<Time>,
    /// Where it stands.
    pub at: Option<At>,
}

/// Something that is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Product {
    /// A short name.
    pub id: Slug,
    /// The name for people.
    pub name: String,
}

/// A part of a product, or of the field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Area {
    /// A short name.
    pub id: Slug,
    /// The product it belongs to.
    pub product: Option<Slug>,
    /// Words that speak of it.
    pub words: Vec<String>,
}

/// Something that the employer wants.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Priority {
    /// A short name.
    pub id: Slug,
    /// In words.
    pub text: String,
    /// How much it weighs beside the others.
    pub weight: f64,
    /// From which day.
    pub from: Option<Time>,
    /// Until which day, included.
    pub until: Option<Time>,
    /// Words that speak of it.
    pub words: Vec<String>,
    /// Areas that it is about.
    pub areas: Vec<Slug>,
}

/// What goes to which department. All conditions that are given have to hold; of the words and areas, one each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Route {
    /// Where to.
    pub to: Department,
    /// Why.
    pub because: Option<String>,
    /// Words in the topic's name or its threads.
    pub words: Vec<String>,
    /// Kinds of need.
    pub kinds: Vec<Slug>,
    /// Areas.
    pub areas: Vec<Slug>,
    /// `product` or `market`.
    pub scope: Option<rapport_model::Scope>,
}

/// What is agreed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rules {
    /// An interface is alive when something was said within so many days.
    pub alive_within_days: u32,
    /// Within how many days a department decides, unless it says otherwise.
    pub decide_within_days: u32,
    /// The mix of the work that is expected; from the line when it is not given.
    pub expected_lean: BTreeMap<Department, f64>,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { alive_within_days: 45, decide_within_days: 14, expected_lean: BTreeMap::new() }
    }
}

impl Default for Organisation {
    /// What holds where no file says otherwise: the three departments, and nobody in them.
    fn default() -> Organisation {
        let departments = Department::THREE.into_iter().filter_map(|id| Department::new(id).ok());
        Organisation {
            employer: Employer { name: None, kind: named("other") },
            departments: departments.map(|id| DepartmentEntry::plain(id, 14)).collect(),
            people: Vec::new(),
            interfaces: Vec::new(),
            products: Vec::new(),
            areas: Vec::new(),
            priorities: Vec::new(),
            routes: Vec::new(),
            rules: Rules::default(),
        }
    }
}

impl DepartmentEntry {
    fn plain(id: Department, decide_within_days: u32) -> DepartmentEntry {
        DepartmentEntry {
            name: title(id.as_str()),
            counts_as: id.0.clone(),
            id,
            owner: None,
            decide_within_days,
            reports_to: None,
            at: None,
        }
    }
}

impl Organisation {
    /// A department.
    #[must_use]
    pub fn department(&self, id: &str) -> Option<&DepartmentEntry> {
        self.departments.iter().find(|d| d.id.as_str() == id)
    }
    /// Somebody.
    #[must_use]
    pub fn member(&self, id: &str) -> Option<&Member> {
        self.people.iter().find(|p| p.id.as_str() == id)
    }
    /// The departments that count as one of the three, by what they count as.
    #[must_use]
    pub fn counting_as(&self, duty: &str) -> Option<&DepartmentEntry> {
        self.departments.iter().find(|d| d.counts_as.as_str() == duty)
    }
    /// What a department is called for people; its own word when it is not declared.
    #[must_use]
    pub fn called(&self, id: &str) -> String {
        self.department(id).map_or_else(|| title(id), |d| d.name.clone())
    }
    /// The priorities that hold on a day.
    pub fn priorities_on(&self, day: Time) -> impl Iterator<Item = &Priority> {
        const DAY: i64 = 86_400_000;
        self.priorities.iter().filter(move |p| {
            p.from.is_none_or(|from| from <= day) && p.until.is_none_or(|until| day < until.plus_millis(DAY))
        })
    }
}

/// A name that is known to be one.
fn named(word: &'static str) -> Slug {
    match Slug::new(word) {
        Ok(slug) => slug,
        Err(bad) => unreachable!("{bad}"),
    }
}

/// A name as people write it: `developer-experience` is `Developer experience`.
fn title(id: &str) -> String {
    let plain = id.replace('-', " ");
    let mut letters = plain.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}
