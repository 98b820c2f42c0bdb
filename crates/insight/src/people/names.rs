//! Names as people write them: folded to plain letters, cut into words, compared with initials, nicknames and typos.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Letters with marks, by the plain letters they are read as.
const FOLDS: &[(&str, &str)] = &[
    ("a", "àáâãäåāăąǎạảấầẩẫậắằẳẵặ"),
    ("c", "çćĉċč"),
    ("d", "ďđð"),
    ("e", "èéêëēĕėęěẹẻẽếềểễệ"),
    ("g", "ĝğġģǧ"),
    ("h", "ĥħ"),
    ("i", "ìíîïĩīĭįıǐịỉ"),
    ("j", "ĵ"),
    ("k", "ķ"),
    ("l", "ĺļľŀł"),
    ("n", "ñńņňŉ"),
    ("o", "òóôõöøōŏőǒọỏốồổỗộơớờởỡợ"),
    ("r", "ŕŗř"),
    ("s", "śŝşšș"),
    ("t", "ţťŧț"),
    ("u", "ùúûüũūŭůűųǔụủưứừửữự"),
    ("w", "ŵ"),
    ("y", "ýÿŷỳỵỷỹ"),
    ("z", "źżž"),
    ("ss", "ß"),
    ("ae", "æ"),
    ("oe", "œ"),
    ("th", "þ"),
];

/// Short forms and their long ones; a person may use either.
const NICKNAMES: &[&[&str]] = &[
    &["alexander", "alex", "sasha", "aleksandr", "alexandre", "aleksander", "alexandr", "alejandro"],
    &["andrew", "andy", "drew", "andrei", "andrey", "andreas"],
    &["anthony", "tony", "anton", "antonio"],
    &["benjamin", "ben"],
    &["charles", "charlie", "chuck"],
    &["christopher", "chris", "christian", "kris"],
    &["daniel", "dan", "danny"],
    &["david", "dave"],
    &["dmitry", "dmitri", "dmitriy", "dima"],
    &["edward", "ed", "eddie", "ted"],
    &["elizabeth", "liz", "beth", "lisa"],
    &["eugene", "gene", "evgeny", "evgeniy"],
    &["francis", "francesco", "frank", "franz", "fran"],
    &["frederick", "fred", "frederic", "fredrik"],
    &["gregory", "greg"],
    &["jacob", "jake"],
    &["james", "jim", "jimmy", "jamie"],
    &["jeffrey", "jeff", "geoffrey", "geoff"],
    &["jonathan", "jon", "john", "johnny"],
    &["joseph", "joe", "joey"],
    &["joshua", "josh"],
    &["katherine", "kate", "kathy", "catherine", "cathy", "katie"],
    &["kenneth", "ken"],
    &["lawrence", "larry"],
    &["margaret", "maggie", "meg"],
    &["matthew", "matt", "mat", "matthias", "matthieu"],
    &["michael", "mike", "mick", "mikhail", "misha", "michal"],
    &["nathan", "nate", "nathaniel"],
    &["nicholas", "nick", "nicolas", "nikolai", "nico"],
    &["patrick", "pat"],
    &["peter", "pete", "pyotr"],
    &["philip", "phil", "phillip"],
    &["rebecca", "becky"],
    &["richard", "rick", "dick", "rich"],
    &["robert", "rob", "bob", "bobby"],
    &["ronald", "ron"],
    &["samuel", "sam", "samantha"],
    &["sergey", "sergei", "sergio", "serge"],
    &["stephen", "steve", "steven", "stefan", "stephan"],
    &["susan", "sue"],
    &["thomas", "tom", "tommy"],
    &["timothy", "tim"],
    &["victor", "viktor", "vic"],
    &["vladimir", "vova", "vlad"],
    &["walter", "walt"],
    &["william", "bill", "will", "billy", "liam"],
    &["zachary", "zach", "zack"],
];

/// Every form, with the rows of [`NICKNAMES`] that it stands in.
static FORMS: LazyLock<HashMap<&str, Vec<usize>>> = LazyLock::new(|| {
    let mut found: HashMap<&str, Vec<usize>> = HashMap::new();
    for (row, forms) in NICKNAMES.iter().enumerate() {
        for form in *forms {
            found.entry(form).or_default().push(row);
        }
    }
    found
});

/// What people and programs put where a name belongs, and what stands beside a name without being one.
const NO_NAMES: &[&str] = &[
    "unknown",
    "root",
    "user",
    "admin",
    "administrator",
    "ubuntu",
    "your",
    "name",
    "firstname",
    "lastname",
    "test",
    "tester",
    "me",
    "dad",
    "none",
    "null",
    "nobody",
    "anonymous",
    "localhost",
    "noreply",
    "git",
    "github",
    "dev",
    "developer",
    "guest",
    "bot",
    "pc",
    "laptop",
    "desktop",
    "system",
    "vagrant",
    "docker",
    "runner",
    "build",
    "ci",
    "jenkins",
    "info",
    "support",
    "mail",
    "email",
    "the",
    "team",
    "mr",
    "dr",
    "student",
    "example",
    "default",
    "debian",
    "fedora",
    "pi",
    "oracle",
    "owner",
    "hello",
    "contact",
];

/// Plain lower-case letters for a text; marks fall away, other scripts stay.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_ascii() {
            out.push(c);
        } else if !('\u{300}'..='\u{36f}').contains(&c) {
            match FOLDS.iter().find(|(_, marked)| marked.contains(c)) {
                Some((plain, _)) => out.push_str(plain),
                None => out.push(c),
            }
        }
    }
    out
}

/// The words of a name, in the order written. `Last, First` is turned round, what is in brackets falls away,
/// `CamelCase` is cut.
pub(super) fn words(name: &str) -> Vec<String> {
    // Mail archives write `asa at tidewater.example (Asa Lindqvist)`: the name is what is in brackets.
    let name = match name.trim().strip_suffix(')').and_then(|name| name.split_once('(')) {
        Some((address, inside)) if is_obfuscated(address) => inside,
        _ => name,
    };
    let mut plain = String::new();
    let mut depth = 0_u32;
    let mut before = ' ';
    let mut run = 0_u32;
    for c in name.chars().take(200) {
        match c {
            '(' | '[' | '<' | '{' => depth += 1,
            ')' | ']' | '>' | '}' => depth = depth.saturating_sub(1),
            '\'' | '\u{2019}' | '`' if depth == 0 => {}
            _ if depth > 0 => {}
            c if c.is_alphabetic() || c == ',' || is_mark(c) => {
                if c.is_uppercase() && before.is_lowercase() && run >= 3 {
                    plain.push(' ');
                    run = 0;
                }
                run += 1;
                plain.push(c);
            }
            _ => {
                run = 0;
                plain.push(' ');
            }
        }
        before = c;
    }
    let folded = fold(&plain);
    let turned = match folded.split_once(',') {
        Some((last, first)) if !first.trim().is_empty() && !first.contains(',') => format!("{first} {last}"),
        _ => folded,
    };
    turned.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// An address with its sign in words, and nothing else.
fn is_obfuscated(text: &str) -> bool {
    matches!(text.split_whitespace().collect::<Vec<_>>()[..], [_, "at", host] if host.contains('.'))
        || matches!(text.split_whitespace().collect::<Vec<_>>()[..], [address] if address.contains('@'))
}

fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// A word that is nobody's name.
pub(super) fn no_name(word: &str) -> bool {
    NO_NAMES.contains(&word)
}

/// A word that only names of programs, machines and groups have.
pub(super) fn no_person(word: &str) -> bool {
    [
        "bot",
        "robot",
        "jenkins",
        "ci",
        "zuul",
        "automation",
        "builder",
        "team",
        "infra",
        "github",
        "gitlab",
        "proxy",
    ]
    .contains(&word)
}

/// How two full names compare. The words that both share come with it, for their rarity.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Likeness {
    /// The same words, in any order.
    Equal,
    /// The same, one of them with more words in the middle or at the end.
    Longer(Vec<String>),
    /// A word of one is an initial in the other.
    Initial(Vec<String>),
    /// A short form of a given name.
    Nickname(Vec<String>),
    /// One word differs by a slip.
    Typo(Vec<String>),
    /// One word is shared, the rest differs.
    Part(Vec<String>),
    /// Nothing is shared.
    Other,
}

/// Compares two names of at least two words each.
pub(super) fn likeness(a: &[String], b: &[String]) -> Likeness {
    let mut rest_b: Vec<&String> = b.iter().collect();
    let mut rest_a = Vec::new();
    let mut shared = Vec::new();
    for word in a {
        match rest_b.iter().position(|other| *other == word) {
            Some(at) => {
                rest_b.remove(at);
                shared.push(word.clone());
            }
            None => rest_a.push(word),
        }
    }
    let long = shared.iter().filter(|w| w.chars().count() > 1).count();
    if rest_a.is_empty() && rest_b.is_empty() {
        return Likeness::Equal;
    }
    let joined = |rest: &[&String]| rest.iter().map(|w| w.as_str()).collect::<String>();
    if joined(&rest_a) == joined(&rest_b) {
        return Likeness::Equal; // Jean Pierre, Jeanpierre
    }
    if a.concat() == b.concat() {
        return Likeness::Equal;
    }
    if long >= 2 && (rest_a.is_empty() || rest_b.is_empty()) {
        return Likeness::Longer(shared);
    }
    if long == 0 {
        return match pairwise(&rest_a, &rest_b, |x, y| slip(x, y) && x.len().min(y.len()) >= 5) {
            true if rest_a.len() >= 2 => Likeness::Typo(Vec::new()),
            _ => Likeness::Other,
        };
    }
    if rest_a.is_empty() || rest_b.is_empty() {
        return Likeness::Part(shared);
    }
    if pairwise(&rest_a, &rest_b, initial) {
        return Likeness::Initial(shared);
    }
    if pairwise(&rest_a, &rest_b, nickname) {
        return Likeness::Nickname(shared);
    }
    if pairwise(&rest_a, &rest_b, |x, y| initial(x, y) || slip(x, y) || nickname(x, y)) {
        return Likeness::Typo(shared);
    }
    Likeness::Part(shared)
}

/// Every word of the shorter list has its partner in the other.
fn pairwise(a: &[&String], b: &[&String], same: impl Fn(&str, &str) -> bool) -> bool {
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut free: Vec<&&String> = many.iter().collect();
    few.iter().all(|x| match free.iter().position(|y| same(x, y)) {
        Some(at) => {
            free.remove(at);
            true
        }
        None => false,
    })
}

fn initial(x: &str, y: &str) -> bool {
    let (short, long) = if x.len() <= y.len() { (x, y) } else { (y, x) };
    short.chars().count() == 1 && long.starts_with(short)
}

fn nickname(x: &str, y: &str) -> bool {
    let (short, long) = if x.len() <= y.len() { (x, y) } else { (y, x) };
    (short.len() >= 3 && long.len() > short.len() && long.starts_with(short))
        || FORMS
            .get(x)
            .is_some_and(|of| FORMS.get(y).is_some_and(|others| of.iter().any(|n| others.contains(n))))
}

/// One letter too many, too few or wrong, or two swapped; in words long enough that this is a slip and no other name.
fn slip(x: &str, y: &str) -> bool {
    let (x, y): (Vec<char>, Vec<char>) = (x.chars().collect(), y.chars().collect());
    let (short, long) = if x.len() <= y.len() { (&x, &y) } else { (&y, &x) };
    if short.len() < 4 || long.len() - short.len() > 1 {
        return false;
    }
    let head = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let tail = short.iter().rev().zip(long.iter().rev()).take_while(|(a, b)| a == b).count();
    let differ = long.len() - (head + tail).min(short.len());
    differ <= 1
        || (differ == 2
            && short.len() == long.len()
            && short[head] == long[head + 1]
            && short[head + 1] == long[head])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str) -> Likeness {
        likeness(&words(a), &words(b))
    }

    #[test]
    fn names_are_read_as_people_write_them() {
        assert_eq!(words("Lindqvist, Åsa"), ["asa", "lindqvist"]);
        assert_eq!(words("Åsa Lindqvist (she/her)"), ["asa", "lindqvist"]);
        assert_eq!(words("asa at tidewater.example (\u{c5}sa Lindqvist)"), ["asa", "lindqvist"]);
        assert_eq!(words("AsaLindqvist"), ["asa", "lindqvist"]);
        assert_eq!(words("O\u{2019}Hara-Weiß"), ["ohara", "weiss"]);
        assert_eq!(words("A\u{30a}sa"), ["asa"]);
        assert!(words("=").is_empty());
    }

    #[test]
    fn names_compare_by_their_words() {
        let shared = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        assert_eq!(check("Åsa Lindqvist", "lindqvist asa"), Likeness::Equal);
        assert_eq!(
            check("Åsa M. Lindqvist", "Åsa Lindqvist"),
            Likeness::Longer(shared(&["asa", "lindqvist"]))
        );
        assert_eq!(check("A. Lindqvist", "Åsa Lindqvist"), Likeness::Initial(shared(&["lindqvist"])));
        assert_eq!(check("Bob Lindqvist", "Robert Lindqvist"), Likeness::Nickname(shared(&["lindqvist"])));
        assert_eq!(check("Asa Lindqvist", "Asa Lindkvist"), Likeness::Typo(shared(&["asa"])));
        assert_eq!(check("Asa Lindqvist", "Asa Holm"), Likeness::Part(shared(&["asa"])));
        assert_eq!(check("Asa Lindqvist", "Per Holm"), Likeness::Other);
    }
}
