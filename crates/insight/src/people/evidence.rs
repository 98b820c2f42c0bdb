//! How likely two groups of identities are one person: evidence weighed as in Fellegi and Sunter (1969).
//!
//! Every kind of evidence says how much likelier it is among identities of one person than among those of two, as a
//! natural logarithm. The sum begins with how unlikely it is that any two people of the data are one.

use std::collections::BTreeSet;

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
    /// They go by one name.
    pub named: bool,
    /// Why they may not be linked without a person's word, however likely.
    pub held: Option<String>,
}

/// The most that one kind of evidence can say beyond the rarest chance: people do share odd names.
const MOST: f64 = 4.6;

/// Kinds of evidence are never wholly independent: so much is held back from every sum. Chosen on the lists that the
/// weights were made on, so that what is linked at 0.95 is right there 99 times in 100.
const HELD_BACK: f64 = 1.25;

struct Part {
    weight: f64,
    why: String,
    /// The two go by one full name, so that logins made of it are to be expected.
    full: bool,
}

impl Part {
    fn new(weight: f64, why: String) -> Part {
        Part { weight, why, full: false }
    }
    fn nothing() -> Part {
        Part::new(0.0, String::new())
    }
}

/// The words of a reason, when somebody will read it: most pairs are weighed and forgotten.
fn told(tell: bool, words: std::fmt::Arguments<'_>) -> String {
    if tell { words.to_string() } else { String::new() }
}

/// Weighs what two groups show; `tell` puts the reasons in words.
pub(super) fn weigh(a: &Profile, b: &Profile, rarity: &Rarity, tell: bool) -> Weighed {
    let login = by_login(a, b, rarity, false, tell);
    let name = by_name(a, b, rarity, tell);
    let login = if name.full { by_login(a, b, rarity, true, tell) } else { login };
    let cross = by_derived(a, b, rarity, name.full, tell);
    let domain = by_domain(a, b, rarity, tell);
    let mut sum = -rarity.people().ln() - HELD_BACK;
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
        Some("a name or a login alone links no account".to_owned())
    };
    // Beside a name alone, or a login alone, an account stays a guess however rare either is.
    let guess = held.is_some() && !(named && beside);
    Weighed {
        confidence: if guess { 0.9 } else { 1.0 } / (1.0 + (-sum).exp()),
        reasons: parts.into_iter().filter(|p| !p.why.is_empty()).map(|p| p.why).collect(),
        named,
        held,
    }
}

/// Full names, and names of one word against them.
fn by_name(a: &Profile, b: &Profile, rarity: &Rarity, tell: bool) -> Part {
    let mut best: Option<Part> = None;
    let mut clash = false;
    for x in &a.names {
        for y in &b.names {
            let mut part = full_names(x, y, rarity, tell);
            if a.pieced.contains(x) || b.pieced.contains(y) {
                part.weight = part.weight.max(0.0);
            }
            clash |= part.weight <= -2.0;
            if best.as_ref().is_none_or(|b| part.weight > b.weight) {
                best = Some(part);
            }
        }
    }
    let best = best.map(|mut best| {
        // Somebody who goes by two names that have nothing in common may be two people.
        if clash && best.weight > 0.0 {
            best.weight -= 4.0;
        }
        best
    });
    match best {
        Some(best) if best.weight != 0.0 => return best,
        _ => {}
    }
    let one_word = |x: &Profile, y: &Profile| {
        let words = || y.names.iter().flatten().chain(&y.single);
        x.single
            .iter()
            .filter(|s| s.chars().count() >= 3 && words().any(|w| w == *s))
            // Seen as a login on both sides it is weighed there.
            .filter(|s| !(x.logins.contains(*s) && (y.logins.contains(*s) || y.locals.contains(*s))))
            .map(|s| (rarity.word(s).max(8e-4), s.clone()))
            .min_by(|p, q| p.0.total_cmp(&q.0))
    };
    match one_word(a, b).or_else(|| one_word(b, a)) {
        Some((share, word)) => Part::new(
            (-share.ln() - 1.5).clamp(0.0, 5.0),
            told(tell, format_args!("both are called '{word}'")),
        ),
        None => Part::nothing(),
    }
}

fn full_names(x: &[String], y: &[String], rarity: &Rarity, tell: bool) -> Part {
    let people = rarity.people().ln();
    let full = |words: &[String], less: f64| people + (-rarity.namesakes(words).ln()).min(MOST) - less;
    let shared = |words: &[String]| words.iter().map(|w| -rarity.word(w).ln()).sum::<f64>();
    // How rare the commonest of the words is in which they differ.
    let other = |words: &[String]| {
        let rest = x.iter().chain(y).filter(|w| !words.contains(w) && w.chars().count() > 1);
        rest.map(|w| -rarity.word(w).ln()).min_by(f64::total_cmp).unwrap_or(0.0)
    };
    let differ = |weight: f64, by: &str| Part {
        weight: weight.min(people + MOST - 0.7),
        why: told(tell, format_args!("'{}' and '{}' differ by {by}", x.join(" "), y.join(" "))),
        full: true,
    };
    match names::likeness(x, y) {
        Likeness::Equal => {
            let chance = rarity.namesakes(x);
            let how = match chance {
                c if c < 0.02 => "rare",
                c if c < 0.2 => "not rare",
                _ => "common",
            };
            let why = told(tell, format_args!("the same full name, '{}', which is {how} here", x.join(" ")));
            Part { weight: full(x, 0.0), why, full: true }
        }
        Likeness::Longer(words) => {
            let (long, short) = if x.len() >= y.len() { (x, y) } else { (y, x) };
            let initial = long.iter().filter(|w| !short.contains(w)).all(|w| w.chars().count() <= 2);
            differ(full(&words, if initial { 0.5 } else { 1.3 }), "a further name")
        }
        Likeness::Initial(words) => {
            differ((shared(&words) + 2.7 - 1.2).min(people + MOST - 1.2), "an initial")
        }
        Likeness::Nickname(words) => differ(shared(&words) + other(&words).min(5.0) - 1.2, "a short form"),
        Likeness::Typo(words) if words.is_empty() => differ(other(&words) + 2.0, "two slips"),
        Likeness::Typo(words) => differ(shared(&words) + other(&words) - 2.0, "a slip"),
        // A family shares its name, and many share a given name: what differs tells against them.
        Likeness::Part(_) => Part::new(-2.5, String::new()),
        Likeness::Other => Part::new(-3.5, String::new()),
    }
}

/// The same login or the same name before the @. Namesakes choose the same logins: made of a name that both go by
/// anyway, it adds little.
fn by_login(a: &Profile, b: &Profile, rarity: &Rarity, named: bool, tell: bool) -> Part {
    let mut best = Part::nothing();
    let sides = [
        (&a.logins, &b.logins, 0.0, 0),
        (&a.logins, &b.locals, 0.3, 1),
        (&a.locals, &b.logins, 0.3, 1),
        (&a.locals, &b.locals, 0.6, 2),
    ];
    for (x, y, less, how) in sides {
        if x.is_empty() || y.is_empty() {
            continue;
        }
        for login in x.intersection(y) {
            let rare = -rarity.login(login).ln();
            let own = made(login, a, rarity).or_else(|| made(login, b, rarity));
            let weight = match own {
                Some(own) if named => rare.min(if own.plain { 0.8 } else { 2.0 }),
                Some(own) if own.all => rare.min(own.weight + 0.7),
                _ => rare,
            };
            let weight = weight.min(rarity.people().ln() + MOST) - less;
            if weight > best.weight {
                let why = match how {
                    0 => told(tell, format_args!("the same login, '{login}'")),
                    1 => told(tell, format_args!("the login '{login}' is also what stands before the @")),
                    _ => told(tell, format_args!("the same '{login}' before the @")),
                };
                best = Part::new(weight, why);
            }
        }
    }
    best
}

/// A login of one that is made of the other's full name.
fn by_derived(a: &Profile, b: &Profile, rarity: &Rarity, named: bool, tell: bool) -> Part {
    let mut best = Part::nothing();
    for (x, y) in [(a, b), (b, a)] {
        for login in x.logins.union(&x.locals) {
            let Some(Made { weight, name, word, .. }) = made(login, y, rarity) else { continue };
            // A given name as a login is the name over again.
            let weight = if named {
                weight.min(0.8)
            } else if word && x.single.contains(login) {
                0.0
            } else {
                weight
            };
            if weight > best.weight {
                let why = told(tell, format_args!("'{login}' is made of the name '{}'", name.join(" ")));
                best = Part::new(weight, why);
            }
        }
    }
    best
}

/// A login that is made of a name.
struct Made<'a> {
    weight: f64,
    name: &'a [String],
    /// Nothing else is in it but digits.
    all: bool,
    /// It is the whole name as it stands.
    plain: bool,
    /// It is one word of the name.
    word: bool,
}

/// How much it says that a login is made of one of the names of a group; `None` when it is not.
fn made<'a>(login: &str, of: &'a Profile, rarity: &Rarity) -> Option<Made<'a>> {
    let letters = login.trim_end_matches(|c: char| c.is_ascii_digit());
    if letters.chars().count() < 3 {
        return None;
    }
    of.names
        .iter()
        .filter_map(|name| made_of_name(letters, login != letters, name, rarity))
        .max_by(|x, y| x.weight.total_cmp(&y.weight))
}

fn made_of_name<'a>(letters: &str, digits: bool, name: &'a [String], rarity: &Rarity) -> Option<Made<'a>> {
    let (first, last) = (name.first()?, name.last()?);
    let rare = |word: &str| -rarity.word(word).ln();
    let two = |x: &str, y: &str| letters.strip_prefix(x) == Some(y);
    let initial = |word: &'_ String| word.chars().next().map_or(0, char::len_utf8);
    let (f, l) = (&first[..initial(first)], &last[..initial(last)]);
    let people = rarity.people().ln();
    let both = |words: &[&String]| people - rarity.namesakes(words.iter().copied()).ln();
    let inside: BTreeSet<&String> =
        name.iter().filter(|w| w.chars().count() >= 3 && letters.contains(w.as_str())).collect();
    let inside: Vec<&String> = inside.into_iter().collect();
    let covered: usize = inside.iter().map(|w| w.len()).sum();
    let word = name.iter().find(|w| w.chars().count() >= 3 && *w == letters);
    let plain = two(first, last) || two(last, first) || letters == name.concat();
    let (found, all) = if plain {
        (both(&[first, last]) - 0.7, true)
    } else if last.len() >= 3 && (two(f, last) || two(last, f)) {
        (rare(last) + 1.5, true)
    } else if first.len() >= 3 && two(first, l) {
        (rare(first) + 1.1, true)
    } else if inside.len() >= 2 && covered <= letters.len() && covered + 4 >= letters.len() {
        (both(&inside) - 1.2, covered + 1 >= letters.len())
    } else if let Some(word) = word {
        (rare(word) - if is_given(word) || word == first { 3.0 } else { 1.5 }, true)
    } else if let Some(word) = inside.iter().find(|w| w.len() >= 6 && **w != first) {
        (rare(word) - 2.0, false)
    } else if let Some(word) = inside.iter().find(|w| w.len() >= 5) {
        (rare(word) - 3.5, false)
    } else {
        return None;
    };
    let weight = (found - if digits { 0.8 } else { 0.0 }).clamp(0.0, people + MOST);
    Some(Made { weight, name, all, plain: plain && !digits, word: word.is_some() && !digits })
}

/// The same host, when few are there.
fn by_domain(a: &Profile, b: &Profile, rarity: &Rarity, tell: bool) -> Part {
    if a.domains.is_empty() || b.domains.is_empty() {
        return Part::nothing();
    }
    a.domains
        .intersection(&b.domains)
        .map(|domain| {
            let weight = (-rarity.domain(domain).ln() * 0.5 - 1.0).clamp(0.0, 2.5);
            Part::new(weight, told(tell, format_args!("both write from {domain}")))
        })
        .max_by(|x, y| x.weight.total_cmp(&y.weight))
        .unwrap_or_else(Part::nothing)
}
