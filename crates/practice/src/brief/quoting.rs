//! Other people's words in our pages: without names and addresses, without markup, the strongest first.

/// Words that are names of people and much else besides: never taken for a name on their own.
const ORDINARY: &[&str] = &[
    "will",
    "may",
    "mark",
    "grant",
    "art",
    "bill",
    "rose",
    "hope",
    "joy",
    "faith",
    "grace",
    "frank",
    "jack",
    "miles",
    "drew",
    "gene",
    "sky",
    "max",
    "rob",
    "pat",
    "bug",
    "admin",
    "test",
    "user",
    "team",
    "support",
    "dev",
    "the",
    "and",
    "you",
    "bot",
    "guest",
    "none",
    "null",
    "root",
    "me",
    "api",
    "relay",
    "developer",
    "community",
    "help",
    "sunny",
    "ray",
];

/// The text without mail addresses, without `@mentions`, and without the names that are given: those of everybody who
/// wrote in the thread.
#[must_use]
pub fn scrub(text: &str, names: &[String]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for name in names.iter().map(|n| n.trim()).filter(|n| n.chars().count() >= 3) {
        parts.push(name.to_owned());
        // A name's parts, too: people are greeted by their first name, and lists put an address before it.
        if name.contains(char::is_whitespace) {
            parts.extend(
                name.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '\''))
                    .filter(|p| p.chars().count() >= 3 && p.starts_with(char::is_uppercase))
                    .map(str::to_owned),
            );
        }
        if let Some((local, host)) = name.split_once('@') {
            parts.push(format!("{local} at {host}"));
        }
    }
    parts.retain(|p| !ORDINARY.contains(&p.to_lowercase().as_str()) && !p.chars().all(char::is_numeric));
    parts.sort_by_key(|p| std::cmp::Reverse(p.len()));
    parts.dedup();
    let mut out = words_away(text);
    for part in &parts {
        out = whole_words_away(&out, part);
    }
    out
}

/// Addresses and mentions.
fn words_away(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_whitespace() {
            out.push_str(&without_at(&word));
            word.clear();
            out.push(c);
        } else {
            word.push(c);
        }
    }
    out.pop();
    out
}

fn without_at(word: &str) -> String {
    let Some(at) = word.find('@') else { return word.to_owned() };
    let mine = |c: char| c.is_alphanumeric() || "._%+-".contains(c);
    let before = word[..at].trim_end_matches(mine);
    let after = word[at + 1..].trim_start_matches(mine);
    let (local, host) = (&word[before.len()..at], &word[at + 1..word.len() - after.len()]);
    // What ends the sentence stays.
    let end: String = host.chars().rev().take_while(|c| ".-".contains(*c)).collect();
    let after = format!("{end}{after}");
    let rest = if after.contains('@') { without_at(&after) } else { after };
    match (local.is_empty(), host.trim_end_matches(['.', '-']).is_empty()) {
        (false, false) => format!("{before}[address]{rest}"),
        (true, false) => format!("{before}[somebody]{rest}"),
        _ => format!("{before}{local}@{rest}"),
    }
}

fn whole_words_away(text: &str, name: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let before = rest[..at].chars().next_back().or_else(|| out.chars().next_back());
        let end = at + name.len();
        if inside(before) || inside(rest[end..].chars().next()) {
            let step = at + name.chars().next().map_or(1, char::len_utf8);
            out.push_str(&rest[..step]);
            rest = &rest[step..];
        } else {
            out.push_str(&rest[..at]);
            out.push_str("[name]");
            rest = &rest[end..];
        }
    }
    out.push_str(rest);
    out
}

/// Text of others on one line that does nothing in a Markdown page: no tag, no picture, no link, no mention, no control
/// or direction characters.
#[must_use]
pub fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut letters = joined.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c if c.is_control() => {}
            '<' => out.push_str("&lt;"),
            '!' if letters.peek() == Some(&'[') => out.push_str("\\!"),
            ']' if letters.peek() == Some(&'(') => out.push_str("\\]"),
            // A mention would call somebody.
            '@' if letters.peek().is_some_and(|n| n.is_alphanumeric()) => out.push_str("@\u{200b}"),
            c => out.push(c),
        }
    }
    out
}

/// One quote that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// The words.
    pub words: &'a str,
    /// Who said it, as a number.
    pub who: i64,
    /// Where.
    pub place: &'a str,
    /// A person marked it, not the program.
    pub marked: bool,
    /// Others who said that they have it too.
    pub reach: u32,
}

/// Up to `most` quotes that say most: marked by a person before found by the program, concrete before general, from as
/// many people and places as there are. Gives their places in the list, the strongest first.
#[must_use]
pub fn strongest(all: &[Candidate<'_>], most: usize) -> Vec<usize> {
    let strength = |c: &Candidate<'_>| {
        let length = c.words.chars().count();
        let mut strength = i64::from(c.reach.min(10));
        strength += if c.marked { 100 } else { 0 };
        strength += if (60..=320).contains(&length) { 8 } else { 0 };
        // Numbers and times are what can be checked.
        strength += if c.words.bytes().any(|b| b.is_ascii_digit()) { 6 } else { 0 };
        strength += i64::try_from(crate::evidence::lacking(c.words)).unwrap_or(0).min(12);
        strength += if c.words.contains("we ") || c.words.contains("our ") || c.words.contains(" I ") {
            3
        } else {
            0
        };
        strength
    };
    let mut chosen: Vec<usize> = Vec::new();
    while chosen.len() < most.min(all.len()) {
        let left = (0..all.len()).filter(|n| !chosen.contains(n));
        let best = left.max_by_key(|n| {
            let c = &all[*n];
            let again = chosen.iter().filter(|m| all[**m].who == c.who).count();
            let near = chosen.iter().filter(|m| all[**m].place == c.place).count();
            let copies = chosen.iter().filter(|m| alike(all[**m].words, c.words)).count();
            let less = i64::try_from((again + copies) * 200 + near * 7).unwrap_or(i64::MAX);
            (strength(c) - less, std::cmp::Reverse(*n))
        });
        chosen.extend(best);
    }
    chosen
}

/// Half of their words are the same: one question asked in two places.
fn alike(a: &str, b: &str) -> bool {
    let words = |text: &str| -> std::collections::BTreeSet<String> {
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| w.len() > 2)
            .map(str::to_owned)
            .collect()
    };
    let (a, b) = (words(a), words(b));
    a.intersection(&b).count() * 2 > a.union(&b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_no_handle_no_address_is_left() {
        let names = [
            "Tom\u{e1}s Arrieta".to_owned(),
            "tarrieta".to_owned(),
            "Will Rose".to_owned(),
            "42".to_owned(),
            "ann@boats.example".to_owned(),
            "ann at boats (Ann Lee)".to_owned(),
        ];
        for (text, wanted) in [
            ("Thanks Tom\u{e1}s! Mail tomas@arrieta.example.net.", "Thanks [name]! Mail [address]."),
            ("ping @tarrieta, (@iquandt) please", "ping [somebody], ([somebody]) please"),
            ("<mailto:a.b+c@x.example> will it?", "<mailto:[address]> will it?"),
            ("tarrieta2 and tarrieta_x stay, tarrieta goes", "tarrieta2 and tarrieta_x stay, [name] goes"),
            ("5 @ 3 per day, will it?", "5 @ 3 per day, will it?"),
            ("by Will Rose", "by [name]"),
            ("write to ann at boats.example, or Ann", "write to [name], or [name]"),
            ("a@b.example,c@d.example", "[address],[address]"),
        ] {
            assert_eq!(scrub(text, &names), wanted);
        }
    }

    #[test]
    fn nothing_of_it_acts_in_a_page() {
        assert_eq!(
            inert("a <script>\n![p](http://x) \u{202e}@mara [l](u)"),
            "a &lt;script> \\![p\\](http://x) @\u{200b}mara [l\\](u)"
        );
    }

    #[test]
    fn quotes_come_from_many_people() {
        let say = |words, who, place, marked| Candidate { words, who, place, marked, reach: 0 };
        let long = "Our endpoint was down for 2 hours and 1,900 deliveries ended up in the list of the dead.";
        let all = [
            say("short", 1, "forum", false),
            say(long, 2, "chat", false),
            say(long, 2, "chat", false),
            say("marked by hand", 3, "list", true),
        ];
        assert_eq!(strongest(&all, 3), [3, 1, 0]);
        let copied = format!("Hello, {long}");
        let twice = [
            say(long, 1, "chat", false),
            say(&copied, 2, "list", false),
            say("Something else.", 3, "chat", false),
        ];
        assert_eq!(strongest(&twice, 2), [0, 2], "a copy says nothing new");
        assert_eq!(strongest(&[], 3), [0_usize; 0]);
    }
}
