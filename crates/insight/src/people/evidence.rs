//! How likely two groups of identities are one person: evidence weighed as in Fellegi and Sunter (1969).
//!
//! Every kind of evidence says how much likelier it is among identities of one person than among those of two, as a
//! natural logarithm. The sum begins with how unlikely it is that any two people of the data are one.

use super::names::{self, Likeness};
use super::profile::Profile;
use super::rarity::{Rarity, is_given};

/// What two groups have in common, weighed.
#[derive(Clone, Debug)]
pub(super) struct Weighed {
    /// How likely they are one person.
    pub confidence: f64,
    /// Why, the strongest first.
    pub reasons: Vec<String>,
    /// Why they may not be linked without a person's word, however likely.
    pub held: Option<String>,
}

/// The most that one kind of evidence can say beyond the rarest chance: people do share odd names.
const MOST: f64 = 4.6;

struct Part {
    weight: f64,
    why: String,
}

/// Weighs what two groups show.
pub(super) fn weigh(a: &Profile, b: &Profile, rarity: &Rarity) -> Weighed {
    let name = by_name(a, b, rarity);
    let login = by_login(a, b, rarity, &name);
    let cross = by_derived(a, b, rarity, &name);
    let domain = by_domain(a, b, rarity);
    let mut sum = -rarity.people().ln();
    let mut parts = Vec::new();
    let mut beside = false;
    sum += name.weight;
    let named = name.weight > 0.0;
    parts.push(name);
    // A login that is the name in other letters is seen from both sides: the weaker view counts little.
    let (more, less) = if login.weight >= cross.weight { (login, cross) } else { (cross, login) };
    for (share, part) in [(1.0, more), (0.25, less)] {
        if part.weight > 0.0 {
            sum += part.weight * share;
            beside |= part.weight * share >= 1.0;
            parts.push(part);
        }
    }
    if domain.weight > 0.0 {
        sum += domain.weight;
        beside |= domain.weight >= 1.5;
        parts.push(domain);
    }
    parts.sort_by(|x, y| y.weight.total_cmp(&x.weight));
    let held = if let Some(place) = a.two_accounts(b) {
        Some(format!("both have an account at {place}, and one person has one there"))
    } else if (a.addresses_only && b.addresses_only) || (named && beside) {
        None
    } else {
        Some("an account is linked on a name and something beside it, not on one of them alone".to_owned())
    };
    Weighed {
        confidence: 1.0 / (1.0 + (-sum).exp()),
        reasons: parts.into_iter().filter(|p| !p.why.is_empty()).map(|p| p.why).collect(),
        held,
    }
}

/// Full names, and names of one word against them.
fn by_name(a: &Profile, b: &Profile, rarity: &Rarity) -> Part {
    let mut best: Option<Part> = None;
    let mut clash = false;
    for x in &a.names {
        for y in &b.names {
            let part = full_names(x, y, rarity);
            clash |= part.weight < 0.0;
            if best.as_ref().is_none_or(|b| part.weight > b.weight) {
                best = Some(part);
            }
        }
    }
    if let Some(mut best) = best {
        // Somebody who appears under two names may be two people.
        if clash && best.weight > 0.0 {
            best.weight -= 1.5;
        }
        return best;
    }
    let one_word = |x: &Profile, y: &Profile| {
        let words = || y.names.iter().flatten().chain(&y.single);
        x.single
            .iter()
            .filter(|s| s.len() >= 3 && words().any(|w| w == *s))
            .map(|s| (rarity.word(s), s.clone()))
            .min_by(|p, q| p.0.total_cmp(&q.0))
    };
    match one_word(a, b).or_else(|| one_word(b, a)) {
        Some((share, word)) => {
            Part { weight: (-share.ln() - 1.5).clamp(0.0, 5.0), why: format!("both are called '{word}'") }
        }
        None => Part { weight: 0.0, why: String::new() },
    }
}

fn full_names(x: &[String], y: &[String], rarity: &Rarity) -> Part {
    let full = |words: &[String], less: f64, why: String| {
        let chance = rarity.namesakes(words);
        Part { weight: rarity.people().ln() + (-chance.ln()).min(MOST) - less, why }
    };
    let shared = |words: &[String]| words.iter().map(|w| -rarity.word(w).ln()).sum::<f64>();
    let (shown_x, shown_y) = (x.join(" "), y.join(" "));
    let cap = rarity.people().ln() + MOST;
    match names::likeness(x, y) {
        Likeness::Equal => {
            let chance = rarity.namesakes(x);
            let how = if chance < 0.02 {
                "rare"
            } else if chance < 0.2 {
                "not rare"
            } else {
                "common"
            };
            full(x, 0.0, format!("the same full name, '{shown_x}', which is {how} here"))
        }
        Likeness::Longer(words) => {
            full(&words, 0.7, format!("'{shown_x}' and '{shown_y}' differ by a further name"))
        }
        Likeness::Initial(words) => Part {
            weight: (shared(&words) + 2.7 - 1.2).min(cap - 1.2),
            why: format!("'{shown_x}' and '{shown_y}' differ by an initial"),
        },
        Likeness::Nickname(words) => Part {
            weight: (shared(&words) + 4.0 - 0.7).min(cap - 0.7),
            why: format!("'{shown_x}' and '{shown_y}' differ by a short form"),
        },
        Likeness::Typo(words) => Part {
            weight: (shared(&words) + 4.5).min(cap - 0.7),
            why: format!("'{shown_x}' and '{shown_y}' differ by a slip"),
        },
        Likeness::Part(words) => {
            let weight = shared(&words);
            // A shared given name with another family name tells against them; a shared rare name a little for them.
            let weight =
                if x.len() > 1 && y.len() > 1 { (weight - 8.0).clamp(-3.0, 1.0) } else { weight - 2.0 };
            Part { weight, why: String::new() }
        }
        Likeness::Other => Part { weight: -3.5, why: String::new() },
    }
}

/// The same login or the same name before the @.
fn by_login(a: &Profile, b: &Profile, rarity: &Rarity, name: &Part) -> Part {
    let mut best = Part { weight: 0.0, why: String::new() };
    let sides = [
        (&a.logins, &b.logins, 0.0, "the same login, '{}'"),
        (&a.logins, &b.locals, 0.3, "the login '{}' is also what stands before the @"),
        (&a.locals, &b.logins, 0.3, "the login '{}' is also what stands before the @"),
        (&a.locals, &b.locals, 0.6, "the same '{}' before the @"),
    ];
    for (x, y, less, words) in sides {
        for login in x.intersection(y) {
            let share = rarity.login(login);
            let own = made_of(login, a, rarity).or_else(|| made_of(login, b, rarity));
            // Namesakes choose the same logins: made of the name that is shared anyway, it adds little.
            let weight = match own {
                Some(_) if name.weight > 3.0 => 2.0,
                Some(derived) => (-share.ln()).min(derived - 0.5),
                None => -share.ln(),
            };
            let weight = weight.min(rarity.people().ln() + MOST) - less;
            if weight > best.weight {
                best = Part { weight, why: words.replace("{}", login) };
            }
        }
    }
    best
}

/// A login of one that is made of the other's full name.
fn by_derived(a: &Profile, b: &Profile, rarity: &Rarity, name: &Part) -> Part {
    let mut best = Part { weight: 0.0, why: String::new() };
    for (x, y) in [(a, b), (b, a)] {
        for login in x.logins.iter().chain(&x.locals) {
            if let Some(weight) = made_of(login, y, rarity) {
                let weight = if name.weight > 3.0 { weight.min(1.2) } else { weight };
                if weight > best.weight {
                    let shown = y.names.iter().next().map(|n| n.join(" ")).unwrap_or_default();
                    best = Part { weight, why: format!("'{login}' is made of the name '{shown}'") };
                }
            }
        }
    }
    best
}

/// How much it says that a login is made of one of the names of a group; `None` when it is not.
fn made_of(login: &str, of: &Profile, rarity: &Rarity) -> Option<f64> {
    let letters: String = login.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    if letters.chars().count() < 3 {
        return None;
    }
    of.names
        .iter()
        .filter_map(|name| made_of_name(&letters, login != letters, name, rarity))
        .max_by(f64::total_cmp)
}

fn made_of_name(letters: &str, digits: bool, name: &[String], rarity: &Rarity) -> Option<f64> {
    let (first, last) = (name.first()?, name.last()?);
    let rare = |word: &str| -rarity.word(word).ln();
    let initial = |word: &str| word.chars().next().map(String::from).unwrap_or_default();
    let less = if digits { 0.8 } else { 0.0 };
    let cap = rarity.people().ln() + MOST;
    let whole = name.concat();
    let both = rarity.people().ln() - rarity.namesakes(name).ln();
    let found = if letters == whole
        || letters == format!("{first}{last}")
        || letters == format!("{last}{first}")
    {
        both - 0.7
    } else if last.len() >= 3
        && (letters == format!("{}{last}", initial(first)) || letters == format!("{last}{}", initial(first)))
    {
        rare(last) + 2.2 - 0.7
    } else if name.len() > 2
        && letters == name.iter().map(|w| initial(w)).collect::<String>() + &last[initial(last).len()..]
    {
        rare(last) + 3.5
    } else if first.len() >= 3 && letters == format!("{first}{}", initial(last)) {
        rare(first) + 1.8 - 0.7
    } else if name.iter().filter(|w| w.len() >= 3 && letters.contains(w.as_str())).count() >= 2 {
        both - 1.2
    } else if let Some(word) = name.iter().find(|w| w.len() >= 4 && *w == letters) {
        rare(word) - if is_given(word) || word == first { 3.0 } else { 1.5 }
    } else if let Some(word) = name.iter().skip(1).find(|w| w.len() >= 6 && letters.contains(w.as_str())) {
        rare(word) - 2.0
    } else if let Some(word) = name.iter().find(|w| w.len() >= 5 && letters.contains(w.as_str())) {
        rare(word) - 3.5
    } else {
        return None;
    };
    Some((found - less).clamp(0.0, cap))
}

/// The same host, when few are there.
fn by_domain(a: &Profile, b: &Profile, rarity: &Rarity) -> Part {
    a.domains
        .intersection(&b.domains)
        .map(|domain| Part {
            weight: (-rarity.domain(domain).ln() * 0.5 - 1.0).clamp(0.0, 2.5),
            why: format!("both write from {domain}"),
        })
        .max_by(|x, y| x.weight.total_cmp(&y.weight))
        .unwrap_or(Part { weight: 0.0, why: String::new() })
}
