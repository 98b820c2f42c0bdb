//! How rare a name, a login or a host is: from the data itself, with what is known of names beforehand.

use std::collections::{BTreeSet, HashMap};

use super::names::{Likeness, likeness};
use super::profile::Profile;

/// Given names that many people have, whatever the data at hand shows.
const GIVEN: &[&str] = &[
    "john",
    "david",
    "michael",
    "james",
    "robert",
    "daniel",
    "thomas",
    "paul",
    "mark",
    "peter",
    "andrew",
    "chris",
    "matt",
    "matthew",
    "alex",
    "alexander",
    "martin",
    "stefan",
    "steven",
    "brian",
    "kevin",
    "jason",
    "eric",
    "adam",
    "ben",
    "sam",
    "tom",
    "mike",
    "dan",
    "nick",
    "joe",
    "jan",
    "max",
    "maria",
    "anna",
    "sarah",
    "jose",
    "juan",
    "carlos",
    "luis",
    "pedro",
    "ivan",
    "sergey",
    "dmitry",
    "alexey",
    "andrey",
    "wei",
    "jun",
    "lei",
    "yang",
    "yu",
    "jie",
    "ming",
    "hao",
    "xin",
    "ying",
    "rahul",
    "amit",
    "rohit",
    "abhishek",
    "ankit",
    "vishal",
    "akash",
    "aman",
    "mohit",
    "shubham",
    "harsh",
    "ayush",
    "aditya",
    "arjun",
    "vivek",
    "nikhil",
    "sachin",
    "manish",
    "mohammed",
    "mohamed",
    "muhammad",
    "ahmed",
    "ali",
    "omar",
    "william",
    "richard",
    "george",
    "simon",
    "philip",
    "patrick",
    "tim",
    "jonathan",
    "josh",
    "ryan",
    "scott",
    "jeff",
    "greg",
    "steve",
    "anthony",
    "christian",
    "andreas",
];

/// Family names that many people have.
const FAMILY: &[&str] = &[
    "smith",
    "jones",
    "brown",
    "johnson",
    "williams",
    "miller",
    "davis",
    "wilson",
    "taylor",
    "anderson",
    "thomas",
    "moore",
    "martin",
    "lee",
    "white",
    "harris",
    "clark",
    "lewis",
    "walker",
    "hall",
    "young",
    "king",
    "wright",
    "kumar",
    "singh",
    "sharma",
    "gupta",
    "patel",
    "jain",
    "verma",
    "yadav",
    "shah",
    "agarwal",
    "mishra",
    "das",
    "roy",
    "khan",
    "ahmed",
    "ali",
    "wang",
    "li",
    "zhang",
    "liu",
    "chen",
    "yang",
    "zhao",
    "huang",
    "wu",
    "zhou",
    "xu",
    "sun",
    "ma",
    "zhu",
    "hu",
    "lin",
    "he",
    "guo",
    "luo",
    "gao",
    "kim",
    "park",
    "choi",
    "jung",
    "nguyen",
    "tran",
    "le",
    "pham",
    "garcia",
    "rodriguez",
    "martinez",
    "lopez",
    "gonzalez",
    "hernandez",
    "perez",
    "sanchez",
    "silva",
    "santos",
    "oliveira",
    "souza",
    "muller",
    "mueller",
    "schmidt",
    "schneider",
    "fischer",
    "weber",
    "meyer",
    "wagner",
    "becker",
    "ivanov",
    "smirnov",
    "kuznetsov",
    "popov",
    "tanaka",
    "suzuki",
    "sato",
    "takahashi",
    "rossi",
    "dubois",
    "nielsen",
    "jensen",
    "hansen",
    "andersson",
    "johansson",
    "novak",
    "cohen",
    "murphy",
    "campbell",
    "mitchell",
];

/// A community is counted as at least this large: in a list of ten people a John Smith is as common as anywhere.
const LEAST_PEOPLE: f64 = 2_000.0;

/// Shares of people, counted over the groups of identities.
#[derive(Debug, Default)]
pub(super) struct Rarity {
    people: f64,
    /// A word's share, and the Chinese syllables that it is made of.
    words: HashMap<String, (f64, Option<usize>)>,
    logins: HashMap<String, f64>,
    domains: HashMap<String, f64>,
}

impl Rarity {
    /// Counts. A word of a name counts once per different full name: one person with five addresses makes no name common.
    pub(super) fn count(profiles: &[Profile]) -> Rarity {
        #[allow(clippy::cast_precision_loss)] // a count of people
        let people = (profiles.len() as f64).max(LEAST_PEOPLE);
        let mut full: Vec<&Vec<String>> = profiles.iter().flat_map(|p| &p.names).collect();
        full.sort_unstable();
        full.dedup();
        let mut words: HashMap<String, u32> = HashMap::new();
        for name in &full {
            for word in name.iter().collect::<BTreeSet<_>>() {
                *words.entry(word.clone()).or_default() += 1;
            }
        }
        let mut logins: HashMap<&String, Vec<&Profile>> = HashMap::new();
        let mut domains: HashMap<&String, u32> = HashMap::new();
        for profile in profiles {
            for login in
                profile.logins.iter().chain(&profile.locals).chain(&profile.single).collect::<BTreeSet<_>>()
            {
                logins.entry(login).or_default().push(profile);
            }
            for domain in &profile.domains {
                *domains.entry(domain).or_default() += 1;
            }
        }
        let mut found = Rarity { people, ..Rarity::default() };
        found.words = words
            .iter()
            .map(|(word, n)| (word.clone(), (found.share_of_word(word, *n), syllables(word))))
            .collect();
        found.domains =
            domains.iter().map(|(domain, n)| ((*domain).clone(), f64::from((*n).max(1)) / people)).collect();
        let shares: HashMap<String, f64> =
            logins.iter().map(|(login, who)| ((*login).clone(), found.share_of_login(login, who))).collect();
        found.logins = shares;
        found
    }

    /// How many people there are, at least [`LEAST_PEOPLE`].
    pub(super) fn people(&self) -> f64 {
        self.people
    }

    /// The share of people who have this word in their name.
    pub(super) fn word(&self, word: &str) -> f64 {
        self.words.get(word).map_or_else(|| self.share_of_word(word, 0), |(share, _)| *share)
    }

    fn share_of_word(&self, word: &str, names: u32) -> f64 {
        let seen = (f64::from(names.saturating_sub(1)) + 0.3) / self.people;
        let short = word.is_ascii().then_some(word.len());
        let known = match short {
            _ if is_family(word) => 0.004,
            _ if is_given(word) => 0.006,
            Some(1) => 0.06,
            Some(2..=3) => 0.001,
            _ => 0.0,
        };
        seen.max(known)
    }

    /// How many other people are to be expected with this full name by chance.
    pub(super) fn namesakes<'a>(&self, words: impl IntoIterator<Item = &'a String>) -> f64 {
        let words: Vec<&String> = words.into_iter().collect();
        // Few syllables make most Chinese names, so that a pair of them is commoner than the data at hand shows.
        let known = words.iter().map(|w| match self.words.get(*w) {
            Some(known) => *known,
            None => (self.share_of_word(w, 0), syllables(w)),
        });
        let (mut shares, counts): (Vec<f64>, Vec<Option<usize>>) = known.unzip();
        let counts: Vec<usize> = counts.into_iter().flatten().collect();
        let pinyin = counts.len() == words.len() && counts.contains(&1);
        if pinyin {
            for (share, n) in shares.iter_mut().zip(counts) {
                *share = share.max(if n == 1 { 0.003 } else { 6e-4 });
            }
        }
        shares.sort_by(f64::total_cmp);
        let all: f64 = shares.iter().take(3).product();
        // Common given and family names come from the same countries: together they are commoner than chance says.
        let kin = pinyin || shares.iter().filter(|share| **share >= 0.0015).count() >= 2;
        self.people * all * if kin { 4.0 } else { 1.0 }
    }

    /// The share of people who would choose this login by chance.
    pub(super) fn login(&self, login: &str) -> f64 {
        self.logins.get(login).copied().unwrap_or_else(|| self.share_of_login(login, &[]))
    }

    fn share_of_login(&self, login: &str, who: &[&Profile]) -> f64 {
        let letters: String = login.chars().filter(|c| !c.is_ascii_digit()).collect();
        let digits = login.len() - letters.len();
        #[allow(clippy::cast_precision_loss)] // a length
        let length = login.chars().count() as f64;
        let by_length = (10_f64.powf(-0.72 * length) * 3.0).clamp(5e-6, 0.05);
        // A login that is a given name is shared by namesakes; digits behind it tell them apart.
        let known = self.words.contains_key(letters.as_str()) || is_given(&letters) || is_family(&letters);
        let by_name = match (known, digits) {
            (true, 0) => (self.word(&letters) * 0.5).max(4e-4),
            (true, 1..=2) => self.word(&letters) * 0.02,
            (true, _) => self.word(&letters) * 0.002,
            _ => 0.0,
        };
        // An initial and a family name, or syllables of a Chinese name.
        let tail =
            |part: Option<&str>| part.is_some_and(|part| part.len() >= 3 && self.words.contains_key(part));
        let by_parts = match syllables(&letters) {
            Some(1 | 2) => 4e-4,
            Some(_) => 5e-5,
            None if tail(letters.get(1..)) || tail(letters.get(..letters.len().saturating_sub(1))) => 4e-4,
            None => 0.0,
        } * if digits >= 3 {
            0.01
        } else if digits > 0 {
            0.1
        } else {
            1.0
        };
        // Used by people of different names it is a word of the project or a duty, and nobody's.
        let mut called: Vec<&Vec<String>> = Vec::new();
        for name in who.iter().flat_map(|p| p.names.difference(&p.pieced)) {
            if called.iter().all(|other| matches!(likeness(name, other), Likeness::Other | Likeness::Part(_)))
            {
                called.push(name);
            }
            if called.len() > 20 {
                break;
            }
        }
        #[allow(clippy::cast_precision_loss)] // at most 21
        let by_count = if called.len() >= 2 { called.len() as f64 / self.people } else { 0.0 };
        by_length.max(by_name).max(by_parts).max(by_count)
    }

    /// The share of people at this host.
    pub(super) fn domain(&self, domain: &str) -> f64 {
        self.domains.get(domain).copied().unwrap_or(1.0 / self.people)
    }
}

/// A given name that many people have.
pub(super) fn is_given(word: &str) -> bool {
    GIVEN.contains(&word)
}
/// A family name that many people have.
pub(super) fn is_family(word: &str) -> bool {
    FAMILY.contains(&word)
}

const INITIALS: &[&str] = &[
    "", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "zh", "ch", "sh", "r", "z",
    "c", "s", "y", "w",
];
const FINALS: &[&str] = &[
    "a", "o", "e", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "ong", "i", "ia", "ie", "iao", "iu",
    "ian", "in", "iang", "ing", "iong", "u", "ua", "uo", "uai", "ui", "uan", "un", "uang", "ue",
];

/// How many Chinese syllables a word is made of, at most three; `None` when it is made of something else.
fn syllables(word: &str) -> Option<usize> {
    fn fits(rest: &str, left: usize) -> Option<usize> {
        if rest.is_empty() {
            return Some(0);
        }
        if left == 0 {
            return None;
        }
        (1..=rest.len().min(6)).filter(|n| rest.is_char_boundary(*n)).rev().find_map(|n| {
            let (head, tail) = rest.split_at(n);
            let syllable = INITIALS.iter().any(|i| {
                head.strip_prefix(i)
                    .is_some_and(|f| FINALS.contains(&f) && (!i.is_empty() || !f.starts_with(['i', 'u'])))
            });
            if syllable { fits(tail, left - 1).map(|more| more + 1) } else { None }
        })
    }
    if word.len() < 2 || !word.is_ascii() { None } else { fits(word, 3) }
}
