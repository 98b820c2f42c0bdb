//! Which identities are one person: linked on evidence that holds, else suggested with reasons.
//!
//! The same account and the same personal address are certain. Beyond that every kind of evidence is weighed by how
//! rare it is in the data ([`evidence`]). NEVER here: a link on a name alone between accounts, or two accounts of one
//! place in one person by guesswork. Git authors and mail senders are addresses, of which a person has many: there a
//! full name that is rare in the data may be enough.

mod address;
pub mod apart;
pub mod behaviour;
mod blocks;
pub mod employers;
mod evidence;
mod groups;
mod names;
mod profile;
mod rarity;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use rapport_model::Because;

/// One identity, as a source shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// What the caller calls it.
    pub id: String,
    /// The display name.
    pub name: Option<String>,
    /// The mail address.
    pub email: Option<String>,
    /// Where it lives: `git` and `mail` (with or without `:more`) hold addresses, every other place accounts.
    pub place: String,
    /// The login or screen name there.
    pub handle: Option<String>,
}

/// How sure a link has to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Linked from this confidence on.
    pub at: f64,
    /// Suggested from this confidence on.
    pub suggest: f64,
    /// At most this many suggestions per identity.
    pub most: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options { at: 0.95, suggest: 0.5, most: 5 }
    }
}

/// What is known beforehand, by positions in the list of identities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Pairs that are one person, as somebody said.
    pub same: Vec<(usize, usize)>,
    /// Pairs that are not.
    pub apart: Vec<(usize, usize)>,
    /// Names, logins, addresses and hosts that say nothing of who somebody is, as people write them.
    pub no_evidence: Vec<String>,
    /// Only pairs in which one of these takes part are weighed; all when `None`.
    pub only: Option<BTreeSet<usize>>,
}

/// Two identities that are one person on evidence that holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Positions in the list of identities, the smaller first.
    pub pair: (usize, usize),
    /// How sure that is.
    pub confidence: f64,
    /// Why.
    pub because: Because,
}

/// Two persons that may be one; a person decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Maybe {
    /// All identities of either, as positions.
    pub sides: [Vec<usize>; 2],
    /// How likely it is.
    pub confidence: f64,
    /// Why, and what holds it back.
    pub because: Because,
    /// They go by one name, and only something beside it is missing to link them.
    pub by_name: bool,
}

/// Which identities are one person, beyond what is known: the links to make, and what is left to a person's word.
#[must_use]
pub fn link(identities: &[Identity], known: &Known, options: &Options) -> (Vec<Link>, Vec<Maybe>) {
    let order = order(identities);
    let sorted: Vec<&Identity> = order.iter().map(|at| &identities[*at]).collect();
    let mut place = vec![0; order.len()];
    for (at, original) in order.iter().enumerate() {
        place[*original] = at;
    }
    let moved = |pairs: &[(usize, usize)]| pairs.iter().map(|(a, b)| (place[*a], place[*b])).collect();
    let known = Known {
        same: moved(&known.same),
        apart: moved(&known.apart),
        no_evidence: known.no_evidence.clone(),
        only: known.only.as_ref().map(|only| only.iter().map(|at| place[*at]).collect()),
    };
    let found = groups::group(&sorted, &known, options);
    let links = found.joins.iter().filter(|join| !join.known).map(|join| {
        let [a, b] = join.sides.map(|at| order[at]);
        Link { pair: (a.min(b), a.max(b)), confidence: join.confidence, because: join.reasons.join("; ") }
    });
    let maybes = found.maybes.iter().map(|maybe| Maybe {
        sides: maybe.groups.map(|g| found.profiles[g].members.iter().map(|at| order[*at]).collect()),
        confidence: maybe.confidence,
        because: maybe.reasons.join("; "),
        by_name: maybe.by_name,
    });
    (links.collect(), maybes.collect())
}

/// Shorter ids first, so that numbers come in their order.
fn order(identities: &[Identity]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..identities.len()).collect();
    order.sort_by(|a, b| {
        let key = |at: &usize| (identities[*at].id.len(), &identities[*at]);
        key(a).cmp(&key(b))
    });
    order
}

/// What was found out about one identity.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The person: the position of the identity whose id stands for all of them.
    pub person: usize,
    /// Why it belongs to this person.
    pub because: Because,
    /// How sure that is: 1 for the same account or address, and for somebody who is alone.
    pub confidence: f64,
    /// Who else it may be, the likeliest first.
    pub suggested: Vec<Suggestion>,
}

/// Somebody who may be the same person.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// The other person, as a position like [`Resolved::person`].
    pub person: usize,
    /// How likely it is.
    pub confidence: f64,
    /// Why, and what holds it back.
    pub because: Because,
}

/// Says for every identity which person it belongs to, in the order given. The partition does not depend on that order.
#[must_use]
pub fn resolve(identities: &[Identity], options: &Options) -> Vec<Resolved> {
    let order = order(identities);
    let sorted: Vec<&Identity> = order.iter().map(|at| &identities[*at]).collect();
    let found = groups::group(&sorted, &Known::default(), options);

    let mut answers: Vec<Option<Resolved>> = vec![None; identities.len()];
    let mut why: Vec<Option<&groups::Join>> = vec![None; identities.len()];
    for join in &found.joins {
        for at in &join.came {
            why[*at].get_or_insert(join);
        }
    }
    // Who stood first and others came to is told the surest reason that any of them came.
    for join in &found.joins {
        for at in join.sides {
            why[at].get_or_insert(join);
        }
    }
    let mut suggested: Vec<Vec<Suggestion>> = vec![Vec::new(); found.profiles.len()];
    let head = |group: usize| order[found.profiles[group].members[0]];
    for maybe in &found.maybes {
        let [a, b] = maybe.groups;
        for (one, other) in [(a, b), (b, a)] {
            suggested[one].push(Suggestion {
                person: head(other),
                confidence: maybe.confidence,
                because: maybe.reasons.join("; "),
            });
        }
    }
    for (group, profile) in found.profiles.iter().enumerate() {
        let list = &mut suggested[group];
        list.sort_by(|x, y| {
            y.confidence
                .total_cmp(&x.confidence)
                .then_with(|| identities[x.person].cmp(&identities[y.person]))
        });
        list.truncate(options.most);
        for member in &profile.members {
            let (because, confidence) = match why[*member] {
                None => ("nothing links it to another".to_owned(), 1.0),
                Some(join) => {
                    let other = if join.sides[0] == *member { join.sides[1] } else { join.sides[0] };
                    (format!("with {}: {}", sorted[other].id, join.reasons.join("; ")), join.confidence)
                }
            };
            answers[order[*member]] =
                Some(Resolved { person: head(group), because, confidence, suggested: list.clone() });
        }
    }
    answers.into_iter().flatten().collect()
}
