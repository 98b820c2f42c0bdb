//! What moves on the map when priorities change, and why.

use std::collections::BTreeMap;

use rapport_model::Slug;
use serde::Serialize;

use super::{Focus, Match, Spot};

/// Where a topic stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "list", content = "rank")]
pub enum Place {
    /// In the plan, at this rank from 1.
    Both(usize),
    /// Needed only.
    IndustryOnly,
    /// Nobody asks in it.
    Nowhere,
}

/// One topic that stands elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Move {
    /// The topic.
    pub topic: u32,
    /// Its name.
    pub label: String,
    /// Where it stood.
    pub from: Place,
    /// Where it stands.
    pub to: Place,
    /// Why.
    pub because: String,
}

impl Place {
    /// In words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Place::Both(rank) => format!("{rank} in the plan"),
            Place::IndustryOnly => "needed, and no priority".to_owned(),
            Place::Nowhere => "nobody asks".to_owned(),
        }
    }
}

/// Every topic that stands elsewhere than before, in the order of where it stood.
#[must_use]
pub fn moves(before: &Focus, after: &Focus) -> Vec<Move> {
    let (old, new) = (places(before), places(after));
    let mut found: Vec<Move> = old
        .iter()
        .filter_map(|(topic, (from, was))| {
            let (to, is) = new.get(topic).map_or((Place::Nowhere, None), |(to, is)| (*to, Some(*is)));
            (*from != to).then(|| Move {
                topic: *topic,
                label: was.label.clone(),
                from: *from,
                to,
                because: because(was, is),
            })
        })
        .collect();
    for (topic, (to, is)) in new.iter().filter(|(topic, _)| !old.contains_key(topic)) {
        let because = is.because.clone();
        found.push(Move { topic: *topic, label: is.label.clone(), from: Place::Nowhere, to: *to, because });
    }
    let rank = |place: Place| match place {
        Place::Both(rank) => rank,
        Place::IndustryOnly => usize::MAX - 1,
        Place::Nowhere => usize::MAX,
    };
    found.sort_by_key(|m| (rank(m.from), rank(m.to), m.topic));
    found
}

fn places(focus: &Focus) -> BTreeMap<u32, (Place, &Spot)> {
    let both = focus.both.iter().enumerate().map(|(n, s)| (s.topic, (Place::Both(n + 1), s)));
    let only = focus.industry_only.iter().map(|s| (s.topic, (Place::IndustryOnly, s)));
    both.chain(only).collect()
}

fn because(was: &Spot, is: Option<&Spot>) -> String {
    let Some(is) = is else { return "nobody asks in it now".to_owned() };
    let of = |spot: &Spot, name: &Slug| spot.matches.iter().find(|m| m.priority == *name).cloned();
    let worth = |found: &Match| found.weight * found.strength;
    let mut said = Vec::new();
    for lost in was.matches.iter().filter(|m| of(is, &m.priority).is_none()) {
        said.push(match was.matches.len() {
            1 => format!("{} was its only priority", lost.priority),
            _ => format!("{} no longer speaks for it", lost.priority),
        });
    }
    for won in is.matches.iter().filter(|m| of(was, &m.priority).is_none()) {
        said.push(format!("{} speaks for it now", won.priority));
    }
    for now in &is.matches {
        match of(was, &now.priority) {
            Some(then) if worth(now) > worth(&then) + 1e-9 => {
                said.push(format!("{} weighs more", now.priority));
            }
            Some(then) if worth(now) < worth(&then) - 1e-9 => {
                said.push(format!("{} weighs less", now.priority));
            }
            _ => {}
        }
    }
    if is.people != was.people {
        said.push(format!("{} people asked, {} before", is.people, was.people));
    }
    if said.is_empty() {
        said.push("others moved around it; nothing of its own changed".to_owned());
    }
    said.join("; ")
}
