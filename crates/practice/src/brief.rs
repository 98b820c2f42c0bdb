//! The brief: one page that a product manager can decide from. Numbers are distinct people; quotes carry their link and
//! no name; what is not known is said.

use rapport_model::Time;

use crate::evidence::Stage;

mod quoting;
mod sought;

pub use quoting::{Candidate, inert, scrub, strongest};
pub use sought::{Sought, sought};

/// How bad it is, in words. `P0` is never concluded by the program: only a person says that nothing else matters now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// People cannot work, and nothing helps.
    P0,
    /// People are blocked; at best there is a way around.
    P1,
    /// It costs people time, again and again.
    P2,
    /// It is in the way, and can wait.
    P3,
}

impl Severity {
    /// All of them.
    pub const ALL: [Severity; 4] = [Severity::P0, Severity::P1, Severity::P2, Severity::P3];

    /// `P0` to `P3`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::P0 => "P0",
            Severity::P1 => "P1",
            Severity::P2 => "P2",
            Severity::P3 => "P3",
        }
    }
    /// Reads the word back, in either case.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Severity> {
        Severity::ALL.into_iter().find(|s| s.as_str().eq_ignore_ascii_case(word))
    }
    /// What it means.
    #[must_use]
    pub const fn means(self) -> &'static str {
        match self {
            Severity::P0 => "people cannot work, and nothing helps",
            Severity::P1 => "people are blocked; at best there is a way around",
            Severity::P2 => "it costs people time, again and again",
            Severity::P3 => "it is in the way, and can wait",
        }
    }
    /// Working days within which a decision is asked for.
    #[must_use]
    pub const fn decide_within(self) -> i64 {
        match self {
            Severity::P0 => 1,
            Severity::P1 => 5,
            Severity::P2 => 15,
            Severity::P3 => 30,
        }
    }
}

/// What a severity is concluded from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// Distinct people who asked.
    pub people: usize,
    /// Of them, people without an answer.
    pub unmet: usize,
    /// Threads that are bugs or friction, and threads in all.
    pub broken: usize,
    /// Threads in all.
    pub threads: usize,
    /// It rises beyond chance.
    pub rising: bool,
    /// It happens to people who run it in production.
    pub operating: bool,
    /// Somebody named a way around.
    pub workaround: bool,
}

/// The severity that the numbers speak for, and why.
#[must_use]
pub fn severity(w: &Weight) -> (Severity, String) {
    let mostly_broken = w.broken * 2 > w.threads;
    let mut why = vec![format!("{} asked", people(w.people))];
    if w.unmet > 0 {
        why.push(format!("{} without an answer", w.unmet));
    }
    if mostly_broken {
        why.push(format!("{} of {} threads say that it is broken", w.broken, w.threads));
    }
    if w.rising {
        why.push("it rises beyond chance".to_owned());
    }
    if w.workaround {
        why.push("a way around is named".to_owned());
    }
    let blocked = mostly_broken && w.operating && !w.workaround && w.people >= 3;
    let severity = if blocked || (w.rising && mostly_broken && w.people >= 3) {
        Severity::P1
    } else if w.people >= 3 || w.rising || (mostly_broken && w.unmet > 0) {
        Severity::P2
    } else {
        Severity::P3
    };
    (severity, why.join(", "))
}

/// A quote in the brief.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The words, scrubbed.
    pub words: String,
    /// Where, in words.
    pub channel: String,
    /// When.
    pub at: Time,
    /// A link that opens it.
    pub url: Option<String>,
    /// Its licence, where quoting asks for something.
    pub licence: String,
    /// Who said it, only where that is allowed.
    pub name: Option<String>,
}

/// Something that was found in a message: what was tried, a way around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The sentence, scrubbed.
    pub words: String,
    /// Where and when it was said, in words; empty for what the team wrote itself.
    pub place: String,
    /// A link that opens it.
    pub url: Option<String>,
}

/// Everything on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// In a few words.
    pub title: String,
    /// What is asked, in a sentence.
    pub ask: String,
    /// Of whom.
    pub department: String,
    /// Why of them.
    pub department_because: String,
    /// Who is suggested to take it; empty for nobody.
    pub owner: String,
    /// By when a decision is asked for.
    pub decide_by: Option<Time>,
    /// How bad it is.
    pub severity: Severity,
    /// Why.
    pub severity_because: String,
    /// Where on the journey.
    pub stage: String,
    /// Distinct people.
    pub people: usize,
    /// Their messages and those of who answered.
    pub messages: u64,
    /// Threads.
    pub threads: usize,
    /// Where they asked, with how many threads, the most first.
    pub places: Vec<(String, usize)>,
    /// People without an answer.
    pub unmet: usize,
    /// The first and the last time it was asked.
    pub between: Option<(Time, Time)>,
    /// How it changes, in words.
    pub trend: String,
    /// The strongest quotes.
    pub quotes: Vec<Quote>,
    /// What people tried.
    pub tried: Vec<Found>,
    /// Ways around.
    pub workaround: Vec<Found>,
    /// What is not known.
    pub unknowns: Vec<String>,
}

/// `1 person`, `3 people`.
#[must_use]
pub fn people(n: usize) -> String {
    if n == 1 { "1 person".to_owned() } else { format!("{n} people") }
}

fn day(at: Time) -> String {
    at.to_string().get(..10).unwrap_or_default().to_owned()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The page as Markdown. What was said by others cannot act in it: no markup of theirs, no mention.
#[must_use]
pub fn markdown(brief: &Brief) -> String {
    let b = brief;
    let mut out =
        format!("# {}\n\n**The ask, to {}:** {}\n\n", inert(&b.title), capital(&b.department), inert(&b.ask));
    let mut row = |what: &str, says: &str| {
        if !says.is_empty() {
            out.push_str(&format!("- **{what}:** {says}\n"));
        }
    };
    row("Decide by", &b.decide_by.map(day).unwrap_or_default());
    row("Suggested owner", &inert(&b.owner));
    row("Severity", &format!("{}, {} ({})", b.severity.as_str(), b.severity.means(), b.severity_because));
    row("Who hurts", &hurts(b));
    let means = Stage::from_word(&b.stage).map(|s| format!(" ({})", s.means())).unwrap_or_default();
    row("Stage", &format!("{}{means}", b.stage));
    let threads = if b.threads == 1 { "1 thread".to_owned() } else { format!("{} threads", b.threads) };
    row("Counted", &format!("{}, {} messages in {threads}", people(b.people), b.messages));
    row("Trend", &b.trend);
    row(&format!("Why {}", capital(&b.department)), &inert(&b.department_because));
    out.push_str("\n## In their words\n\n");
    if b.quotes.is_empty() {
        out.push_str("No quote was marked.\n");
    }
    for q in &b.quotes {
        let name = q.name.as_ref().map(|n| format!("{}, ", inert(n))).unwrap_or_default();
        let place = format!("{name}{}, {}", inert(&q.channel), day(q.at));
        let place =
            q.url.as_ref().map_or_else(|| place.clone(), |url| format!("[{place}]({})", address(url)));
        let licence = if q.licence.starts_with("CC ") { format!(" ({})", q.licence) } else { String::new() };
        out.push_str(&format!("> {}\n>\n> \u{2014} {place}{licence}\n\n", inert(&q.words)));
    }
    list(&mut out, "What they tried", &b.tried, "No message says.");
    list(&mut out, "Ways around", &b.workaround, "Nobody has named one.");
    out.push_str("## Not known\n\n");
    for unknown in &b.unknowns {
        out.push_str(&format!("- {}\n", inert(unknown)));
    }
    if b.unknowns.is_empty() {
        out.push_str("- Nothing was noted.\n");
    }
    out
}

fn list(out: &mut String, title: &str, found: &[Found], none: &str) {
    out.push_str(&format!("## {title}\n\n"));
    for f in found {
        let place = inert(&f.place);
        let link = match (&f.url, place.is_empty()) {
            (Some(url), false) => format!(" ([{place}]({}))", address(url)),
            (None, false) => format!(" ({place})"),
            (_, true) => String::new(),
        };
        out.push_str(&format!("- {}{link}\n", inert(&f.words)));
    }
    if found.is_empty() {
        out.push_str(&format!("{none}\n"));
    }
    out.push('\n');
}

fn hurts(b: &Brief) -> String {
    let mut places: Vec<String> =
        b.places.iter().take(4).map(|(place, n)| format!("{} {n}", inert(place))).collect();
    if b.places.len() > 4 {
        let more = b.places.len() - 4;
        places.push(if more == 1 { "1 more place".to_owned() } else { format!("{more} more places") });
    }
    let asked = if places.is_empty() { String::new() } else { format!(", in {}", places.join(", ")) };
    let unmet = match b.unmet {
        0 if b.threads == 0 => String::new(),
        0 => "; each got a reply".to_owned(),
        n if n == b.people => "; none of them has an answer".to_owned(),
        1 => "; one of them has no answer".to_owned(),
        n => format!("; {n} of them have no answer"),
    };
    let when = match b.between {
        Some((first, last)) if day(first) == day(last) => format!("; on {}", day(first)),
        Some((first, last)) => format!("; from {} to {}", day(first), day(last)),
        None => String::new(),
    };
    format!("{}{asked}{unmet}{when}", people(b.people))
}

/// A link that cannot end its own brackets.
fn address(url: &str) -> String {
    url.chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .map(|c| match c {
            '(' => "%28".to_owned(),
            ')' => "%29".to_owned(),
            '<' => "%3C".to_owned(),
            '>' => "%3E".to_owned(),
            c => c.to_string(),
        })
        .collect()
}

/// What is asked of the department when nobody wrote a sentence. `kind` is what most of the needs are.
#[must_use]
pub fn ask(gap: Option<&str>, kind: &str, label: &str, asked: usize) -> String {
    let who = people(asked);
    match (gap, kind) {
        (Some("docs"), _) | (None, "docs") => {
            format!("Make the answer to \u{201c}{label}\u{201d} easy to find: {who} asked, though it exists.")
        }
        (Some("support"), _) => {
            format!("Name somebody who answers questions on \u{201c}{label}\u{201d}: {who} asked.")
        }
        (Some("market"), _) => {
            format!("Say what we offer for \u{201c}{label}\u{201d}: {who} asked outside our own channels.")
        }
        (_, "bug") => format!("Mend \u{201c}{label}\u{201d}, or say that it stays: {who} ran into it."),
        (_, "feature") => {
            format!(
                "Decide whether \u{201c}{label}\u{201d} is built, and for which release: {who} asked for it."
            )
        }
        _ => format!("Decide what is done about \u{201c}{label}\u{201d}: {who} asked."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brief() -> Brief {
        let at = |text: &str| Time::parse(text).unwrap();
        Brief {
            title: "Replay failed deliveries".to_owned(),
            ask: ask(None, "feature", "replay", 5),
            department: "product".to_owned(),
            department_because: "4 of its needs are wishes".to_owned(),
            owner: String::new(),
            decide_by: Some(at("2026-10-12")),
            severity: Severity::P2,
            severity_because: "5 people asked".to_owned(),
            stage: "operate".to_owned(),
            people: 5,
            messages: 18,
            threads: 5,
            places: vec![("forum".to_owned(), 3), ("chat".to_owned(), 2)],
            unmet: 1,
            between: Some((at("2026-04-15"), at("2026-08-04"))),
            trend: "too rare to say".to_owned(),
            quotes: vec![Quote {
                words: "only lets me <b>resend</b> one ![x](y) at a time".to_owned(),
                channel: "forum".to_owned(),
                at: at("2026-04-15"),
                url: Some("https://forum.example/t/(1)".to_owned()),
                licence: "CC BY-SA".to_owned(),
                name: None,
            }],
            tried: vec![],
            workaround: vec![Found { words: "a loop".to_owned(), place: "list".to_owned(), url: None }],
            unknowns: vec![],
        }
    }

    #[test]
    fn the_page_is_a_page_and_nothing_in_it_acts() {
        let page = markdown(&brief());
        assert!(page.lines().count() < 45, "{page}");
        for says in [
            "**The ask, to Product:** Decide whether",
            "- **Decide by:** 2026-10-12",
            "P2, it costs people time, again and again (5 people asked)",
            "5 people, in forum 3, chat 2; one of them has no answer; from 2026-04-15 to 2026-08-04",
            "[forum, 2026-04-15](https://forum.example/t/%281%29) (CC BY-SA)",
            "Nothing was noted.",
            "- a loop (list)",
        ] {
            assert!(page.contains(says), "{says} in {page}");
        }
        assert!(
            !page.contains("<b>") && !page.contains("![x]") && !page.contains("Suggested owner"),
            "{page}"
        );
    }

    #[test]
    fn severity_says_why_and_leaves_the_worst_to_people() {
        let w = Weight { people: 4, unmet: 2, broken: 3, threads: 4, operating: true, ..Weight::default() };
        assert_eq!(
            severity(&w),
            (
                Severity::P1,
                "4 people asked, 2 without an answer, 3 of 4 threads say that it is broken".to_owned()
            )
        );
        assert_eq!(severity(&Weight { workaround: true, ..w }).0, Severity::P2);
        assert_eq!(severity(&Weight { people: 1, threads: 1, ..Weight::default() }).0, Severity::P3);
        assert_eq!(Severity::from_word("p0"), Some(Severity::P0));
    }
}
