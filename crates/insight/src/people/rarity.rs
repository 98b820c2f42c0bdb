//! How rare a name, a login or a host is: from the data itself, with what is known of names beforehand.

use std::collections::HashMap;

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

/// Counts over the groups of identities.
#[derive(Debug, Default)]
pub(super) struct Rarity {
    people: f64,
    words: HashMap<String, u32>,
    logins: HashMap<String, u32>,
    domains: HashMap<String, u32>,
}

impl Rarity {
    /// Counts. A word of a name counts once per different full name: one person with five addresses makes no name common.
    pub(super) fn count(profiles: &[Profile]) -> Rarity {
        let mut found = Rarity::default();
        let mut names: Vec<&Vec<String>> = profiles.iter().flat_map(|p| &p.names).collect();
        names.sort_unstable();
        names.dedup();
        for name in &names {
            let mut once: Vec<&String> = name.iter().collect();
            once.sort_unstable();
            once.dedup();
            for word in once {
                *found.words.entry(word.clone()).or_default() += 1;
            }
        }
        for profile in profiles {
            let both: std::collections::BTreeSet<&String> =
                profile.logins.iter().chain(&profile.locals).chain(&profile.single).collect();
            for login in both {
                *found.logins.entry(login.clone()).or_default() += 1;
            }
            for domain in &profile.domains {
                *found.domains.entry(domain.clone()).or_default() += 1;
            }
        }
        #[allow(clippy::cast_precision_loss)] // counts of people
        let people = profiles.len() as f64;
        found.people = people.max(LEAST_PEOPLE);
        found
    }

    /// How many people there are, at least [`LEAST_PEOPLE`].
    pub(super) fn people(&self) -> f64 {
        self.people
    }

    /// The share of people who have this word in their name.
    pub(super) fn word(&self, word: &str) -> f64 {
        let others = f64::from(self.words.get(word).copied().unwrap_or(0).saturating_sub(1));
        let seen = (others + 0.3) / self.people;
        let known = if is_family(word) {
            0.004
        } else if is_given(word) {
            0.006
        } else if word.chars().count() == 1 && word.is_ascii() {
            0.06
        } else if word.chars().count() <= 3 && word.is_ascii() {
            0.001
        } else {
            0.0
        };
        seen.max(known)
    }

    /// How many other people are to be expected with this full name by chance.
    pub(super) fn namesakes(&self, words: &[String]) -> f64 {
        let mut shares: Vec<f64> = words.iter().map(|w| self.word(w)).collect();
        shares.sort_by(f64::total_cmp);
        let all: f64 = shares.iter().take(3).product();
        // Common given and family names come from the same countries: together they are commoner than chance says.
        let kin = words.iter().filter(|w| self.word(w) >= 0.003).count() >= 2;
        self.people * all * if kin { 4.0 } else { 1.0 }
    }

    /// The share of people who would choose this login by chance.
    pub(super) fn login(&self, login: &str) -> f64 {
        let letters: String = login.chars().filter(|c| !c.is_ascii_digit()).collect();
        let digits = login.len() - letters.len();
        let length = login.chars().count();
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
        let by_length = 10_f64.powf(-0.62 * (length as f64)) * 3.0;
        let by_length = by_length.clamp(5e-6, 0.05);
        // A login that is a given name is shared by namesakes; digits behind it tell them apart.
        let known = self.words.contains_key(letters.as_str()) || is_given(&letters) || is_family(&letters);
        let by_name = match (known, digits) {
            (true, 0) => (self.word(&letters) * 0.5).max(4e-4),
            (true, 1..=2) => self.word(&letters) * 0.02,
            (true, _) => self.word(&letters) * 0.002,
            _ => 0.0,
        };
        let others = f64::from(self.logins.get(login).copied().unwrap_or(0).saturating_sub(2));
        let by_count = if known { others / self.people } else { others * 0.05 / self.people };
        by_length.max(by_name).max(by_count)
    }

    /// The share of people at this host.
    pub(super) fn domain(&self, domain: &str) -> f64 {
        (f64::from(self.domains.get(domain).copied().unwrap_or(0).saturating_sub(1)) + 1.0) / self.people
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
