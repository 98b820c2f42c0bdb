//! Which groups are worth comparing: those that share something, and nobody shares it with too many.

use std::collections::{BTreeSet, HashMap};

use super::names;
use super::profile::Profile;

/// A sign shared by more groups than this tells nobody apart; what is rare about them shows in another sign.
const MOST: usize = 40;

/// Pairs of groups that share a sign, in order.
pub(super) fn pairs(profiles: &[Profile]) -> Vec<(usize, usize)> {
    let mut blocks: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, profile) in profiles.iter().enumerate() {
        for sign in signs(profile) {
            blocks.entry(sign).or_default().push(at);
        }
    }
    let mut found: Vec<(usize, usize)> = Vec::new();
    for block in blocks.values().filter(|block| block.len() > 1 && block.len() <= MOST) {
        for (n, a) in block.iter().enumerate() {
            found.extend(block[n + 1..].iter().map(|b| (*a.min(b), *a.max(b))));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn signs(profile: &Profile) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for name in &profile.names {
        let mut sorted = name.clone();
        sorted.sort_unstable();
        found.insert(format!("n {}", sorted.join(" ")));
        found.insert(format!("l {}", name.concat()));
        let (Some(first), Some(last)) = (name.first(), name.last()) else { continue };
        let initial = |word: &str| word.chars().next().map(String::from).unwrap_or_default();
        let begin = |word: &str| word.chars().take(3).collect::<String>();
        found.insert(format!("l {first}{last}"));
        found.insert(format!("l {last}{first}"));
        found.insert(format!("l {}{last}", initial(first)));
        found.insert(format!("l {last}{}", initial(first)));
        found.insert(format!("l {first}{}", initial(last)));
        found.insert(format!("p {} {last}", initial(first)));
        found.insert(format!("p {} {first}", initial(last)));
        found.insert(format!("b {} {}", begin(first).min(begin(last)), begin(first).max(begin(last))));
        for word in name.iter().filter(|w| w.chars().count() >= 4) {
            found.insert(format!("l {word}"));
        }
        // A slip or a short form: the rarer word stays as it is.
        for (n, word) in name.iter().enumerate().filter(|(_, w)| w.chars().count() >= 4) {
            for (m, other) in name.iter().enumerate().filter(|(m, _)| *m != n) {
                let _ = m;
                found.insert(format!("s {word} {}", initial(other)));
            }
        }
    }
    for login in profile.logins.iter().chain(&profile.locals).chain(&profile.single) {
        found.insert(format!("l {login}"));
        let letters = login.trim_end_matches(|c: char| c.is_ascii_digit());
        if letters.len() >= 4 && letters.len() < login.len() {
            found.insert(format!("l {letters}"));
        }
    }
    for domain in &profile.domains {
        found.insert(format!("d {}", names::fold(domain)));
    }
    found
}
