//! The identity ledger: what was said of people, in order. Nothing in it is ever changed; a later entry takes an earlier
//! one back, and everything is as it was before.

use std::collections::{BTreeMap, BTreeSet};

use crate::identity::MemberKind;
use crate::need::Because;
use crate::time::Time;

/// What one entry says of one identity or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The two are one person.
    Same,
    /// The two are not the same person, however alike they look.
    Apart,
    /// The identity is of this kind, whatever the rules say.
    Kind(MemberKind),
    /// The entry of this number does not hold any more.
    Undo(i64),
}

impl Word {
    /// The word as written in the ledger: the word itself, and its kind or the number that it takes back beside it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Word::Same => "same",
            Word::Apart => "apart",
            Word::Kind(_) => "kind",
            Word::Undo(_) => "undo",
        }
    }
}

/// What is to be said: an entry that has no number, author and moment yet.
#[derive(Clone, Debug, PartialEq)]
pub struct ToSay {
    /// What is said.
    pub word: Word,
    /// Of which identity.
    pub a: i64,
    /// And of which other.
    pub b: Option<i64>,
    /// How sure that is, where it was weighed.
    pub confidence: Option<f64>,
    /// Why.
    pub because: Because,
}

/// One entry of the ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// Its number, rising.
    pub id: i64,
    /// When it was said.
    pub at: Time,
    /// Who said it.
    pub who: String,
    /// The program said it, on evidence; else a person.
    pub automatic: bool,
    /// What was said.
    pub said: ToSay,
}

/// The entries in order, and what follows from them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    entries: Vec<Said>,
    /// The numbers of those that hold.
    holds: BTreeSet<i64>,
}

impl Ledger {
    /// Takes the entries in any order.
    #[must_use]
    pub fn new(mut entries: Vec<Said>) -> Ledger {
        entries.sort_by_key(|entry| entry.id);
        let mut taken: BTreeSet<i64> = BTreeSet::new();
        let mut holds = BTreeSet::new();
        // From the end: what takes an entry back may itself have been taken back.
        for entry in entries.iter().rev() {
            if taken.contains(&entry.id) {
                continue;
            }
            match entry.said.word {
                Word::Undo(of) => {
                    taken.insert(of);
                }
                _ => {
                    holds.insert(entry.id);
                }
            }
        }
        Ledger { entries, holds }
    }

    /// Every entry, also those taken back.
    #[must_use]
    pub fn entries(&self) -> &[Said] {
        &self.entries
    }

    /// The entries that hold, in order.
    pub fn in_force(&self) -> impl Iterator<Item = &Said> {
        self.entries.iter().filter(|entry| self.holds.contains(&entry.id))
    }

    /// Whether an entry holds.
    #[must_use]
    pub fn holds(&self, id: i64) -> bool {
        self.holds.contains(&id)
    }

    /// The links that hold: entry and the two identities.
    pub fn links(&self) -> impl Iterator<Item = (&Said, i64, i64)> {
        self.in_force().filter(|e| e.said.word == Word::Same).filter_map(|e| Some((e, e.said.a, e.said.b?)))
    }

    /// The pairs that are not the same person, as was said: entry and the two identities.
    pub fn apart(&self) -> impl Iterator<Item = (&Said, i64, i64)> {
        self.in_force().filter(|e| e.said.word == Word::Apart).filter_map(|e| Some((e, e.said.a, e.said.b?)))
    }

    /// What kinds were said of identities; the last word on each counts.
    #[must_use]
    pub fn kinds(&self) -> BTreeMap<i64, (&Said, MemberKind)> {
        let kind = |entry: &Said| if let Word::Kind(kind) = entry.said.word { Some(kind) } else { None };
        self.in_force().filter_map(|e| Some((e.said.a, (e, kind(e)?)))).collect()
    }

    /// Who is one person: every identity that is linked to another, with the person, who goes by the smallest number of
    /// all its identities. Whoever is linked to nobody is a person alone and not in here.
    #[must_use]
    pub fn persons(&self) -> BTreeMap<i64, i64> {
        persons(self.links().map(|(_, a, b)| (a, b)))
    }
}

/// Who is one person by these links; see [`Ledger::persons`].
pub fn persons(links: impl Iterator<Item = (i64, i64)>) -> BTreeMap<i64, i64> {
    let mut above: BTreeMap<i64, i64> = BTreeMap::new();
    fn top(above: &mut BTreeMap<i64, i64>, mut at: i64) -> i64 {
        while let Some(next) = above.get(&at).copied().filter(|next| *next != at) {
            let over = above.get(&next).copied().unwrap_or(next);
            above.insert(at, over);
            at = next;
        }
        at
    }
    for (a, b) in links {
        above.entry(a).or_insert(a);
        above.entry(b).or_insert(b);
        let (x, y) = (top(&mut above, a), top(&mut above, b));
        above.insert(x.max(y), x.min(y));
    }
    let all: Vec<i64> = above.keys().copied().collect();
    all.into_iter().map(|id| (id, top(&mut above, id))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: i64, word: Word, a: i64, b: i64) -> Said {
        let said = ToSay { word, a, b: Some(b), confidence: None, because: String::new() };
        Said { id, at: Time::MIN, who: "mara".into(), automatic: false, said }
    }

    fn check(entries: Vec<Said>, wanted: &[(i64, i64)]) {
        let ledger = Ledger::new(entries);
        assert_eq!(ledger.persons().into_iter().collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn what_is_taken_back_was_never_so_and_can_be_said_again() {
        let (one, two) = (entry(1, Word::Same, 7, 5), entry(2, Word::Same, 9, 7));
        check(vec![one.clone(), two.clone()], &[(5, 5), (7, 5), (9, 5)]);
        let undo = entry(3, Word::Undo(1), 7, 5);
        check(vec![one.clone(), two.clone(), undo.clone()], &[(7, 7), (9, 7)]);
        let again = entry(4, Word::Undo(3), 7, 5);
        check(vec![two, again, undo, one], &[(5, 5), (7, 5), (9, 5)]);
    }

    #[test]
    fn the_last_word_on_a_kind_counts() {
        let kind = |id, kind| entry(id, Word::Kind(kind), 4, 0);
        let all = vec![kind(1, MemberKind::Bot), kind(2, MemberKind::Community)];
        assert_eq!(Ledger::new(all.clone()).kinds()[&4].1, MemberKind::Community);
        let back = [all, vec![entry(3, Word::Undo(2), 4, 0)]].concat();
        assert_eq!(Ledger::new(back).kinds()[&4].1, MemberKind::Bot);
    }

    #[test]
    fn links_make_persons_in_any_order() {
        let links = [(1, 2), (3, 4), (8, 9), (4, 1), (6, 9)];
        let wanted = persons(links.into_iter());
        let turned = persons(links.into_iter().rev().map(|(a, b)| (b, a)));
        assert_eq!(wanted, turned);
        assert_eq!(wanted.into_values().collect::<Vec<_>>(), [1, 1, 1, 1, 6, 6, 6]);
    }
}
