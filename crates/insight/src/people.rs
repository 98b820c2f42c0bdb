//! Which identities are one person: linked on evidence that holds, else suggested with reasons.
//!
//! The same account and the same personal address are certain. Beyond that every kind of evidence is weighed by how
//! rare it is in the data ([`evidence`]). NEVER here: a link on a name alone between accounts, or two accounts of one
//! place in one person by guesswork. Git authors and mail senders are addresses, of which a person has many: there a
//! full name that is rare in the data may be enough.

mod address;
pub mod behaviour;
mod blocks;
mod evidence;
mod groups;
mod names;
mod profile;
mod rarity;
#[cfg(test)]
mod tests;

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
    let mut order: Vec<usize> = (0..identities.len()).collect();
    // Shorter ids first, so that numbers come in their order.
    order.sort_by(|a, b| {
        let key = |at: &usize| (identities[*at].id.len(), &identities[*at]);
        key(a).cmp(&key(b))
    });
    let sorted: Vec<&Identity> = order.iter().map(|at| &identities[*at]).collect();
    let found = groups::group(&sorted, options);

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
