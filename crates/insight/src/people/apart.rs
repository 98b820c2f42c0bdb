//! Taking persons apart: which entries of the ledger have to be taken back, and what stays together.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rapport_model::ledger::Word;
use rapport_model::{Ledger, Said, ToSay};

/// The links to take back so that two identities of one person are of two: of each way that leads from one to the other
/// the weakest link, which is the program's before a person's, and among those the least sure, and the latest.
#[must_use]
pub fn between(ledger: &Ledger, a: i64, b: i64) -> Vec<&Said> {
    let links: Vec<(&Said, i64, i64)> = ledger.links().collect();
    let mut cut: BTreeSet<i64> = BTreeSet::new();
    while let Some(way) = way(&links, &cut, a, b) {
        let weakest = way.into_iter().min_by(|x, y| {
            let sure = |entry: &Said| entry.said.confidence.unwrap_or(1.0);
            (!x.automatic).cmp(&!y.automatic).then(sure(x).total_cmp(&sure(y))).then(y.id.cmp(&x.id))
        });
        match weakest {
            Some(entry) => cut.insert(entry.id),
            None => break,
        };
    }
    links.into_iter().map(|(entry, _, _)| entry).filter(|entry| cut.contains(&entry.id)).collect()
}

/// A shortest way from one identity to another over links that are not cut.
fn way<'a>(links: &[(&'a Said, i64, i64)], cut: &BTreeSet<i64>, a: i64, b: i64) -> Option<Vec<&'a Said>> {
    let mut beside: BTreeMap<i64, Vec<(i64, &Said)>> = BTreeMap::new();
    for (entry, x, y) in links.iter().filter(|(entry, _, _)| !cut.contains(&entry.id)) {
        beside.entry(*x).or_default().push((*y, entry));
        beside.entry(*y).or_default().push((*x, entry));
    }
    let mut came: BTreeMap<i64, Option<(i64, &Said)>> = BTreeMap::from([(a, None)]);
    let mut next = VecDeque::from([a]);
    while let Some(at) = next.pop_front() {
        for (to, entry) in beside.get(&at).into_iter().flatten() {
            if !came.contains_key(to) {
                came.insert(*to, Some((at, entry)));
                next.push_back(*to);
            }
        }
    }
    let mut found = Vec::new();
    let mut at = b;
    while let Some((from, entry)) = *came.get(&at)? {
        found.push(entry);
        at = from;
    }
    Some(found)
}

/// What to say so that one identity is a person alone again, and is not taken for the others any more; the others stay
/// together.
#[must_use]
pub fn leave(ledger: &Ledger, identity: i64, because: &str) -> Vec<ToSay> {
    let say = |word, a, b| ToSay { word, a, b: Some(b), confidence: None, because: because.to_owned() };
    let persons = ledger.persons();
    let Some(person) = persons.get(&identity) else { return Vec::new() };
    let others: Vec<i64> =
        persons.iter().filter(|(id, of)| *of == person && **id != identity).map(|(id, _)| *id).collect();
    let touching: Vec<(&Said, i64, i64)> =
        ledger.links().filter(|(_, a, b)| *a == identity || *b == identity).collect();
    let mut words: Vec<ToSay> =
        touching.iter().map(|(entry, a, b)| say(Word::Undo(entry.id), *a, *b)).collect();
    // Who was one person only by way of it stays so.
    let rest = rapport_model::ledger::persons(
        ledger.links().map(|(_, a, b)| (a, b)).filter(|(a, b)| *a != identity && *b != identity),
    );
    let heads: BTreeSet<i64> = others.iter().map(|id| rest.get(id).copied().unwrap_or(*id)).collect();
    let heads: Vec<i64> = heads.into_iter().collect();
    words.extend(heads.windows(2).map(|pair| say(Word::Same, pair[0], pair[1])));
    words.extend(others.iter().map(|other| say(Word::Apart, identity.min(*other), identity.max(*other))));
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use rapport_model::Time;

    fn ledger(links: &[(i64, i64, f64, bool)]) -> Ledger {
        let entries = links.iter().zip(1..).map(|((a, b, sure, automatic), id)| {
            let said = ToSay {
                word: Word::Same,
                a: *a,
                b: Some(*b),
                confidence: Some(*sure),
                because: String::new(),
            };
            Said { id, at: Time::MIN, who: "mara".into(), automatic: *automatic, said }
        });
        Ledger::new(entries.collect())
    }

    #[test]
    fn the_weakest_link_of_every_way_is_taken_back() {
        let all = ledger(&[(1, 2, 0.99, true), (2, 3, 0.96, true), (1, 4, 1.0, false), (4, 3, 0.97, true)]);
        let cut: Vec<i64> = between(&all, 1, 3).iter().map(|entry| entry.id).collect();
        assert_eq!(cut, [2, 4]);
        assert!(between(&all, 1, 9).is_empty());
    }

    #[test]
    fn who_leaves_is_alone_and_the_others_stay_together() {
        let all = ledger(&[(1, 2, 1.0, true), (2, 3, 1.0, true), (5, 6, 1.0, true)]);
        let words = leave(&all, 2, "a mistake");
        let mut entries = all.entries().to_vec();
        for (word, id) in words.into_iter().zip(10..) {
            entries.push(Said { id, at: Time::MIN, who: "mara".into(), automatic: false, said: word });
        }
        let after = Ledger::new(entries);
        assert_eq!(after.persons().into_iter().collect::<Vec<_>>(), [(1, 1), (3, 1), (5, 5), (6, 5)]);
        let apart: Vec<(i64, i64)> = after.apart().map(|(_, a, b)| (a, b)).collect();
        assert_eq!(apart, [(1, 2), (2, 3)]);
        assert!(leave(&all, 9, "").is_empty());
    }
}
