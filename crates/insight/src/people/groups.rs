//! From pairs to people: the certain first, then the likeliest, each time with everything known of both sides.
//!
//! Two groups join only when the two groups as they are by then fit together, so that a chain of half-fitting
//! identities does not pull two people into one.

use std::collections::{BTreeSet, HashMap};

use super::blocks;
use super::evidence;
use super::names;
use super::profile::Profile;
use super::rarity::Rarity;
use super::{Identity, Known, Options};

/// What joined two groups.
pub(super) struct Join {
    /// A member of either side, as positions in the sorted identities.
    pub sides: [usize; 2],
    /// The members of the smaller side, whom the reasons brought in.
    pub came: Vec<usize>,
    pub confidence: f64,
    pub reasons: Vec<String>,
    /// It was known beforehand.
    pub known: bool,
}

/// Two groups that may be one person.
pub(super) struct Maybe {
    pub groups: [usize; 2],
    pub confidence: f64,
    pub reasons: Vec<String>,
    /// They go by one name, and only something beside it is missing.
    pub by_name: bool,
}

/// The outcome: the groups, how they came about, and what is left to a person's word.
pub(super) struct Groups {
    pub profiles: Vec<Profile>,
    pub joins: Vec<Join>,
    pub maybes: Vec<Maybe>,
}

/// Rounds of joining; each sees the groups that the one before has made.
const ROUNDS: usize = 5;

/// Groups sorted identities.
pub(super) fn group(sorted: &[&Identity], known: &Known, options: &Options) -> Groups {
    let mut joins = Vec::new();
    let mut profiles = certain(sorted, known, &mut joins);
    // Groups in which one of those is that are looked at.
    let marked = |profiles: &[Profile]| -> Option<Vec<bool>> {
        let only = known.only.as_ref()?;
        Some(profiles.iter().map(|p| p.members.iter().any(|at| only.contains(at))).collect())
    };
    let rarity = Rarity::count(&profiles);
    for profile in &mut profiles {
        profile.signs = blocks::signs(profile);
    }
    // What was weighed in the first round need not be weighed again where both sides stayed as they were.
    let mut once = Once::default();
    for round in 0..ROUNDS {
        let (next, joined) = likely(profiles, &rarity, options, round == 0, &marked, &mut once, &mut joins);
        profiles = next;
        if !joined || round + 1 == ROUNDS {
            break;
        }
    }
    let mut maybes = Vec::new();
    for (a, b) in blocks::pairs(&profiles, marked(&profiles).as_deref()) {
        let (a, b) = (a as usize, b as usize);
        if profiles[a].is_apart(&profiles[b]) {
            continue;
        }
        let likely = once.is_likely(&profiles[a], &profiles[b]).unwrap_or_else(|| {
            evidence::weigh(&profiles[a], &profiles[b], &rarity, false).confidence >= options.suggest
        });
        if likely {
            let found = evidence::weigh(&profiles[a], &profiles[b], &rarity, true);
            let mut reasons = found.reasons;
            reasons.extend(found.held);
            let by_name = found.named && profiles[a].two_accounts(&profiles[b]).is_none();
            maybes.push(Maybe { groups: [a, b], confidence: found.confidence, reasons, by_name });
        }
    }
    Groups { profiles, joins, maybes }
}

/// What the first round weighed, by the first members of either side.
#[derive(Default)]
struct Once {
    /// Every pair, in order.
    weighed: Vec<(usize, usize)>,
    /// Those that may be one person, in order.
    likely: Vec<(usize, usize)>,
}

impl Once {
    /// Whether two may be one person, when that is known and both are as they were then.
    fn is_likely(&self, a: &Profile, b: &Profile) -> Option<bool> {
        let pair = (*a.members.first()?, *b.members.first()?);
        (!a.changed && !b.changed && self.weighed.binary_search(&pair).is_ok())
            .then(|| self.likely.binary_search(&pair).is_ok())
    }
}

/// Joins what is the same account or the same personal address.
fn certain(sorted: &[&Identity], known: &Known, joins: &mut Vec<Join>) -> Vec<Profile> {
    let no_evidence: BTreeSet<String> =
        known.no_evidence.iter().map(|text| names::fold(text.trim())).collect();
    let mut profiles: Vec<Option<Profile>> = sorted
        .iter()
        .enumerate()
        .map(|(at, identity)| Some(Profile::of(at, identity, &no_evidence)))
        .collect();
    for (a, b) in &known.apart {
        for (one, other) in [(*a, *b), (*b, *a)] {
            if let Some(Some(profile)) = profiles.get_mut(one) {
                profile.apart.insert(other);
            }
        }
    }
    let mut parent: Vec<usize> = (0..profiles.len()).collect();
    // Who is said to be apart from somebody is few: whole sides are compared only for them.
    let mut sides: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut join = |parent: &mut Vec<usize>, x: usize, y: usize| {
        if !known.apart.is_empty() {
            let mut both = [x, y].map(|top| sides.remove(&top).unwrap_or_else(|| vec![top]));
            let clash = both[0].iter().any(|at| {
                profiles[*at].as_ref().is_some_and(|p| both[1].iter().any(|b| p.apart.contains(b)))
            });
            if clash {
                let [one, other] = both;
                sides.insert(x, one);
                sides.insert(y, other);
                return false;
            }
            let [one, other] = &mut both;
            one.append(other);
            sides.insert(x.min(y), std::mem::take(one));
        }
        parent[x.max(y)] = x.min(y);
        true
    };
    for (a, b) in &known.same {
        let (x, y) = (root(&mut parent, *a), root(&mut parent, *b));
        if x != y && join(&mut parent, x, y) {
            joins.push(Join {
                sides: [*a, *b],
                came: vec![*b],
                confidence: 1.0,
                reasons: vec!["it was said so".to_owned()],
                known: true,
            });
        }
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (at, profile) in profiles.iter().enumerate() {
        let Some(profile) = profile else { continue };
        let mut signs: Vec<(String, String)> = Vec::new();
        for (place, login) in &profile.accounts {
            let shown = login.trim_start_matches('\u{0}');
            signs.push((format!("a {place} {login}"), format!("the same account, '{shown}' at {place}")));
        }
        for key in &profile.keys {
            let why = match key.strip_prefix('#').and_then(|key| key.split_once('@')) {
                Some((number, place)) => format!("the same account, number {number} at {place}"),
                None => format!("the same address, {key}"),
            };
            signs.push((format!("k {key}"), why));
        }
        for (sign, why) in signs {
            match seen.get(&sign) {
                None => {
                    seen.insert(sign, at);
                }
                Some(first) => {
                    let (x, y) = (root(&mut parent, *first), root(&mut parent, at));
                    if x != y && join(&mut parent, x, y) {
                        joins.push(Join {
                            sides: [*first, at],
                            came: vec![at],
                            confidence: 1.0,
                            reasons: vec![why],
                            known: false,
                        });
                    }
                }
            }
        }
    }
    for at in 0..sorted.len() {
        let top = root(&mut parent, at);
        if top != at
            && let Some(taken) = profiles[at].take()
            && let Some(group) = &mut profiles[top]
        {
            group.join(&taken);
        }
    }
    profiles.into_iter().flatten().collect()
}

fn root(parent: &mut [usize], mut at: usize) -> usize {
    while parent[at] != at {
        parent[at] = parent[parent[at]];
        at = parent[at];
    }
    at
}

/// Which groups are looked at; all, when it says nothing.
type Marked<'a> = &'a dyn Fn(&[Profile]) -> Option<Vec<bool>>;

/// One round: the likeliest pairs first, weighed again when one side has grown meanwhile.
fn likely(
    mut profiles: Vec<Profile>,
    rarity: &Rarity,
    options: &Options,
    first: bool,
    marked: Marked<'_>,
    once: &mut Once,
    joins: &mut Vec<Join>,
) -> (Vec<Profile>, bool) {
    let mut found: Vec<(f64, usize, usize)> = Vec::new();
    for (a, b) in blocks::pairs(&profiles, marked(&profiles).as_deref()) {
        let (a, b) = (a as usize, b as usize);
        // Two that are as they were in the round before were weighed then.
        if !first && !profiles[a].grown && !profiles[b].grown {
            continue;
        }
        if profiles[a].is_apart(&profiles[b]) {
            continue;
        }
        let weighed = evidence::weigh(&profiles[a], &profiles[b], rarity, false);
        if first && let (Some(x), Some(y)) = (profiles[a].members.first(), profiles[b].members.first()) {
            once.weighed.push((*x, *y));
            if weighed.confidence >= options.suggest {
                once.likely.push((*x, *y));
            }
        }
        if weighed.confidence >= options.at && weighed.held.is_none() {
            found.push((weighed.confidence, a, b));
        }
    }
    for profile in &mut profiles {
        profile.grown = false;
    }
    found.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let mut parent: Vec<usize> = (0..profiles.len()).collect();
    let mut profiles: Vec<Option<Profile>> = profiles.into_iter().map(Some).collect();
    let mut joined = false;
    for (_, a, b) in found {
        let (x, y) = (root(&mut parent, a), root(&mut parent, b));
        if x == y {
            continue;
        }
        let (low, high) = (x.min(y), x.max(y));
        let (Some(one), Some(other)) = (&profiles[low], &profiles[high]) else { continue };
        let weighed = evidence::weigh(one, other, rarity, true);
        if one.is_apart(other) || weighed.confidence < options.at || weighed.held.is_some() {
            continue;
        }
        let came = if one.members.len() >= other.members.len() { &other.members } else { &one.members };
        joins.push(Join {
            sides: [one.members[0], other.members[0]],
            came: came.clone(),
            confidence: weighed.confidence,
            reasons: weighed.reasons,
            known: false,
        });
        if let Some(taken) = profiles[high].take()
            && let Some(group) = &mut profiles[low]
        {
            group.join(&taken);
            group.grown = true;
            group.changed = true;
            group.signs = blocks::signs(group);
        }
        parent[high] = low;
        joined = true;
    }
    (profiles.into_iter().flatten().collect(), joined)
}
