//! Which identities are one person, against lists that communities keep of their own people.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use rapport_insight::people::{Identity, Options as How, Resolved, resolve};
use serde::Deserialize;

use crate::Fault;
use crate::options::Options;
use crate::random::Random;

/// Identities with the person whom the truth gives each.
struct Labelled {
    identities: Vec<Identity>,
    truth: Vec<String>,
}

/// Prints precision, recall and F1 over pairs, and the time for 100,000 made identities.
pub(crate) fn people(options: &Options) -> Result<(), Fault> {
    let data = options.path("data").unwrap_or_else(|_| PathBuf::from("../shared/data"));
    let at = match options.text("at") {
        Ok(text) => text.parse::<f64>()?,
        Err(_) => How::default().at,
    };
    let how = How { at, ..How::default() };
    println!("{:<34} {:>6} {:>7} {:>9} {:>7} {:>7}", "pairs", "people", "of", "precision", "recall", "F1");
    let mailmap = mailmap(&data.join("mailmap-truth/sympy/identities.tsv"))?;
    score("mailmap, all", &mailmap, &how);
    let (tuned, kept) = halves(&mailmap);
    score("mailmap, half looked at", &tuned, &how);
    score("mailmap, half kept apart", &kept, &how);
    if let Ok(file) = options.path("tsv") {
        score("the list given", &self::mailmap(&file)?, &how);
    }
    let openstack = openstack(&data.join("affiliations/stackalytics.json"))?;
    score("affiliations, as in git", &openstack, &how);
    if options.has("mistakes") {
        mistakes(if options.has("all") { &mailmap } else { &tuned }, &how);
    }
    if options.has("mistakes-affiliations") {
        mistakes(&openstack, &how);
    }
    let many = made(100_000);
    let start = Instant::now();
    let found = resolve(&many, &how);
    let people: BTreeSet<usize> = found.iter().map(|r| r.person).collect();
    println!("{} made identities: {:.2?}, {} people", many.len(), start.elapsed(), people.len());
    Ok(())
}

/// Lines of count, name, address, and the name and address that the list gives them.
fn mailmap(path: &Path) -> Result<Labelled, Fault> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut found = Labelled { identities: Vec::new(), truth: Vec::new() };
    for (n, line) in text.lines().enumerate() {
        let [_, name, email, person, address] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(format!("{}:{}: not five fields", path.display(), n + 1).into());
        };
        found.identities.push(git(n, name, email));
        found.truth.push(format!("{person} <{address}>"));
    }
    Ok(found)
}

fn git(n: usize, name: &str, email: &str) -> Identity {
    Identity {
        id: n.to_string(),
        name: Some(name.to_owned()),
        email: Some(email.to_owned()),
        place: "git".into(),
        handle: None,
    }
}

#[derive(Deserialize)]
struct Affiliations {
    users: Vec<User>,
}
#[derive(Deserialize)]
struct User {
    user_name: String,
    emails: Vec<String>,
    launchpad_id: Option<String>,
    github_id: Option<String>,
}

/// One identity per address. Every third is signed with a login instead of the name, as happens in git.
fn openstack(path: &Path) -> Result<Labelled, Fault> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let read: Affiliations = serde_json::from_str(&text)?;
    let mut found = Labelled { identities: Vec::new(), truth: Vec::new() };
    for (person, user) in read.users.iter().enumerate() {
        let login = user.github_id.as_ref().or(user.launchpad_id.as_ref()).unwrap_or(&user.user_name);
        for (n, email) in user.emails.iter().enumerate() {
            let name = if (person + n) % 3 == 0 { login } else { &user.user_name };
            found.identities.push(git(found.identities.len(), name, email));
            found.truth.push(format!("{person} {}", user.user_name));
        }
    }
    Ok(found)
}

/// Two halves by person, the same on every machine.
fn halves(all: &Labelled) -> (Labelled, Labelled) {
    let mut halves = [(); 2].map(|()| Labelled { identities: Vec::new(), truth: Vec::new() });
    for (identity, person) in all.identities.iter().zip(&all.truth) {
        let side = usize::from(Random::new(7, person).next() % 2 == 1);
        halves[side].identities.push(identity.clone());
        halves[side].truth.push(person.clone());
    }
    let [one, other] = halves;
    (one, other)
}

/// Pairs within groups.
fn pairs<K: Ord>(keys: impl Iterator<Item = K>) -> u64 {
    let mut sizes: BTreeMap<K, u64> = BTreeMap::new();
    for key in keys {
        *sizes.entry(key).or_default() += 1;
    }
    sizes.values().map(|n| n * (n - 1) / 2).sum()
}

fn score(what: &str, labelled: &Labelled, how: &How) {
    let found = resolve(&labelled.identities, how);
    let said = pairs(found.iter().map(|r| r.person));
    let wanted = pairs(labelled.truth.iter());
    let right = pairs(found.iter().zip(&labelled.truth).map(|(r, t)| (r.person, t)));
    #[allow(clippy::cast_precision_loss)] // counts of pairs
    let share = |part: u64, whole: u64| if whole == 0 { 1.0 } else { part as f64 / whole as f64 };
    let (precision, recall) = (share(right, said), share(right, wanted));
    let people: BTreeSet<&String> = labelled.truth.iter().collect();
    println!(
        "{what:<34} {:>6} {:>7} {precision:>9.4} {recall:>7.4} {:>7.4}",
        people.len(),
        labelled.identities.len(),
        2.0 * precision * recall / (precision + recall)
    );
}

/// Every wrong link and every missed one, for reading.
fn mistakes(labelled: &Labelled, how: &How) {
    let found = resolve(&labelled.identities, how);
    let shown = |at: usize| {
        let who = &labelled.identities[at];
        format!("{} <{}>", who.name.as_deref().unwrap_or(""), who.email.as_deref().unwrap_or(""))
    };
    for a in 0..found.len() {
        for b in a + 1..found.len() {
            let same = labelled.truth[a] == labelled.truth[b];
            let said = found[a].person == found[b].person;
            if same != said {
                let why = if said { found[b].because.clone() } else { suggestion(&found, a, b) };
                println!("{}\t{}\t{}\t{why}", if said { "WRONG" } else { "missed" }, shown(a), shown(b));
            }
        }
    }
}

fn suggestion(found: &[Resolved], a: usize, b: usize) -> String {
    found[a]
        .suggested
        .iter()
        .find(|s| s.person == found[b].person)
        .map_or_else(String::new, |s| format!("suggested {:.2}: {}", s.confidence, s.because))
}

/// Many identities: people with one to three addresses, some signed with a login, names as frequent as a community's.
fn made(count: usize) -> Vec<Identity> {
    let mut random = Random::new(11, "people");
    let syllables = [
        "an", "be", "cor", "da", "el", "fi", "go", "hu", "is", "jo", "ka", "lu", "mo", "ne", "or", "pe",
        "ri", "su",
    ];
    let word = |rank: u64, parts: usize| {
        let mut pick = Random::new(rank, "word");
        (0..parts).map(|_| *pick.of(&syllables)).collect::<String>()
    };
    let mut found = Vec::with_capacity(count + 3);
    while found.len() < count {
        let (first, last) = (word(random.rank(3_000), 2), word(random.rank(30_000) + 9_000, 3));
        let number = random.below(10_000);
        let login = match random.below(3) {
            0 => format!("{first}{last}"),
            1 => format!("{}{last}{number}", &first[..1]),
            _ => format!("{}{number}", word(random.below(1 << 40), 3)),
        };
        for n in 0..1 + random.below(3) {
            let name = if random.percent(25) { login.clone() } else { format!("{first} {last}") };
            let host = ["gmail.com", "mail.example", "tidewater.example", "users.noreply.github.com"];
            let host = host[usize::try_from((n + random.below(2)) % 4).unwrap_or(0)];
            let local =
                if random.percent(50) { login.clone() } else { format!("{first}.{last}{}", number % 100) };
            found.push(git(found.len(), &name, &format!("{local}@{host}")));
        }
    }
    found.truncate(count);
    found
}
