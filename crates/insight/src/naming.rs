//! By which words a person is found in other people's texts: names, logins, addresses. Which of them are everyday words,
//! too, and name somebody only where a name is meant.

use std::collections::{BTreeMap, HashSet};

use rapport_model::naming::words;
use rapport_model::{Naming, Who};

use crate::text::wordpiece;

/// Whether a word (lower case) stands in texts without naming anybody.
#[must_use]
pub fn is_everyday(word: &str) -> bool {
    let count = word.chars().count();
    if count < 4 || word.chars().all(|c| c.is_ascii_digit()) {
        return true;
    }
    let tokens = wordpiece::tokens(word, 3);
    tokens.len() == 1 && tokens[0] != wordpiece::UNKNOWN && !wordpiece::piece(tokens[0]).1
}

/// Everything that names the person behind these identities. `taken` are the words of other people's names and logins:
/// a first name that somebody else bears, too, names neither.
#[must_use]
pub fn namings(identities: &[Who], taken: &HashSet<String>) -> Vec<Naming> {
    let mut all: BTreeMap<String, Naming> = BTreeMap::new();
    let mut add = |text: &str, weak: bool| {
        let key = words(text);
        if key.is_empty() || key.bytes().all(|b| b.is_ascii_digit()) {
            return;
        }
        let naming = all.entry(key).or_insert_with(|| Naming { text: text.trim().to_owned(), weak });
        naming.weak &= weak;
    };
    for who in identities {
        for address in [who.email.as_deref(), Some(who.key.as_str()).filter(|key| key.contains('@'))]
            .into_iter()
            .flatten()
        {
            add(address, false);
            if let Some((local, _)) = address.split_once('@') {
                login(local, taken, &mut add);
            }
        }
        for text in [who.handle.as_deref(), Some(who.key.as_str())].into_iter().flatten() {
            if !text.contains('@') {
                login(text, taken, &mut add);
            }
        }
        if let Some(name) = who.name.as_deref() {
            full_name(name, taken, &mut add);
        }
    }
    all.into_values().collect()
}

/// A login is a name of its own unless all its words are everyday ones.
fn login(text: &str, taken: &HashSet<String>, add: &mut impl FnMut(&str, bool)) {
    let joined = words(text);
    let parts: Vec<&str> = joined.split(' ').collect();
    let weak = match parts.as_slice() {
        [one] => is_everyday(one) || taken.contains(*one),
        many => many.iter().all(|part| is_everyday(part)),
    };
    add(text, weak);
}

fn full_name(name: &str, taken: &HashSet<String>, add: &mut impl FnMut(&str, bool)) {
    let joined = words(name);
    let parts: Vec<&str> = joined.split(' ').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [] => {}
        [_] => login(name, taken, add),
        many => {
            add(name, false);
            if let [first, last] = many {
                add(&format!("{last} {first}"), false);
            }
            // Of a longer name people write the first and the last.
            if let [first, .., last] = many
                && many.len() > 2
            {
                add(&format!("{first} {last}"), false);
            }
            for part in many.iter().filter(|part| part.chars().count() > 2 && !taken.contains(**part)) {
                add(part, is_everyday(part));
            }
        }
    }
}

/// What judges see in a text, in their own words: kept for an erased text, so that counts stay.
#[must_use]
pub fn trace(text: &str) -> String {
    crate::answered::trace(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rapport_model::Place;

    #[test]
    fn rare_words_name_by_themselves_and_everyday_ones_do_not() {
        let mut who = Who::new(&Place::new("mail"), "ines.quandt@example.org");
        who.email = Some("ines.quandt@example.org".into());
        who.name = Some("Ines Quandt".into());
        who.handle = Some("max".into());
        let taken = HashSet::from(["ines".to_owned()]);
        let found = namings(&[who], &taken);
        let said: Vec<(&str, bool)> = found.iter().map(|n| (n.text.as_str(), n.weak)).collect();
        assert_eq!(
            said,
            [
                ("ines.quandt", false),
                ("ines.quandt@example.org", false),
                ("max", true),
                ("quandt", false),
                ("quandt ines", false),
            ]
        );
    }

    #[test]
    fn what_is_kept_of_a_text_is_judged_as_the_text_was() {
        for (text, wanted) in [
            ("Thank you so much Piet, that worked!", "thank you"),
            ("Same here, on 2.4", "same here"),
            ("It still fails for me. Any idea?", "still fails?"),
            ("> thanks\nSee the manual.", ""),
            ("Ah, never mind: I had a typo", "never mind"),
        ] {
            assert_eq!(trace(text), wanted, "{text}");
            assert_eq!(trace(&trace(text)), wanted, "once more changes nothing");
        }
    }
}
