//! What people do for others, who is a champion, and who may need a kind word. Lists with evidence.
//!
//! NEVER here: a score, an order of people by worth, a count of followers.

use std::collections::{BTreeMap, BTreeSet};

use rapport_model::{Act, Month, NeedKind, Time};
use serde::{Deserialize, Serialize};

/// A way of helping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Help {
    /// A reply to somebody who asked.
    Answer,
    /// A review of somebody's change.
    Review,
    /// Work on the documentation, or an answer about it.
    Docs,
    /// A reply to somebody in their first weeks.
    Mentoring,
    /// A release, an event, a tracker kept in order.
    Organising,
}

impl Help {
    /// All ways, in the order in which they are told.
    pub const ALL: [Help; 5] = [Help::Answer, Help::Review, Help::Docs, Help::Mentoring, Help::Organising];

    /// The word as written in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Help::Answer => "answer",
            Help::Review => "review",
            Help::Docs => "docs",
            Help::Mentoring => "mentoring",
            Help::Organising => "organising",
        }
    }
}

/// One thing done, as evidence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Given {
    /// Who: the person.
    pub person: i64,
    /// For whom, where it was for somebody.
    pub to: Option<i64>,
    /// How it helped.
    pub help: Help,
    /// When.
    pub at: Time,
    /// What it was.
    pub what: String,
    /// A link to it.
    pub url: Option<String>,
    /// The asker or the place marked it as the answer.
    pub accepted: bool,
}

/// What is told of one deed in somebody's thread.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    /// What was done.
    pub act: Act,
    /// When.
    pub at: Time,
    /// What the thread asks for, if it does.
    pub need: Option<&'a NeedKind>,
    /// Title, labels and container of the thread.
    pub about: &'a str,
    /// When the opener was seen first.
    pub newcomer_since: Option<Time>,
}

/// Somebody is new for so many days.
pub const NEW_DAYS: i64 = 30;
const DAY: i64 = 86_400_000;

/// The ways in which a deed helped: a reply to a newcomer is an answer and mentoring.
#[must_use]
pub fn helps(deed: &Deed<'_>) -> Vec<Help> {
    let mut found = Vec::new();
    match deed.act {
        Act::Replied if deed.need.is_some() => found.push(Help::Answer),
        Act::Reviewed => found.push(Help::Review),
        Act::Merged | Act::Closed | Act::Labelled | Act::Released | Act::Attended => {
            found.push(Help::Organising);
        }
        _ => return found,
    }
    let written = matches!(deed.act, Act::Replied | Act::Reviewed);
    if written && (deed.need.is_some_and(|need| need.as_str() == "docs") || is_docs(deed.about)) {
        found.push(Help::Docs);
    }
    let new = deed.newcomer_since.is_some_and(|since| {
        let age = deed.at.millis() - since.millis();
        (0..=NEW_DAYS * DAY).contains(&age)
    });
    if written && new {
        found.push(Help::Mentoring);
    }
    found
}

/// Whether a title or label speaks of documentation.
#[must_use]
pub fn is_docs(about: &str) -> bool {
    let lower = about.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).any(|word| {
        matches!(word, "docs" | "doc" | "documentation" | "readme" | "tutorial" | "tutorials" | "guide")
    })
}

/// What a champion has to have done: a data file.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Criteria {
    /// Their name.
    pub name: String,
    /// Their version.
    pub version: u32,
    /// How long a term lasts.
    pub term_months: u32,
    /// How far back a review looks.
    pub window_months: u32,
    /// How far ahead a review looks for terms that end.
    pub look_ahead_days: u32,
    /// One of them is enough.
    pub criterion: Vec<Criterion>,
}

/// One criterion.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Criterion {
    /// Its name.
    pub id: String,
    /// What it asks, for people.
    pub words: String,
    /// Which ways of helping count.
    pub kinds: Vec<Help>,
    /// At least so many different people were helped.
    #[serde(default)]
    pub people: usize,
    /// At least so many times.
    #[serde(default)]
    pub times: usize,
    /// In at least so many months.
    #[serde(default)]
    pub months: usize,
}

const OURS: &str = include_str!("../champions/criteria-1.toml");

impl Criteria {
    /// The criteria that come with the program.
    ///
    /// # Panics
    /// Never: a test reads the file that is compiled in.
    #[must_use]
    #[allow(clippy::expect_used)] // compiled in, and read by a test
    pub fn ours() -> Criteria {
        Criteria::read(OURS).expect("the criteria that come with the program are whole")
    }

    /// Reads a file of criteria.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(text: &str) -> Result<Criteria, String> {
        let read: Criteria = toml::from_str(text).map_err(|e| e.to_string())?;
        match read.criterion.iter().find(|c| c.kinds.is_empty() || (c.people == 0 && c.times == 0)) {
            Some(c) => {
                Err(format!("criterion '{}' asks for nothing: it needs kinds, and people or times", c.id))
            }
            None if read.criterion.is_empty() => Err("there is no criterion".to_owned()),
            None => Ok(read),
        }
    }

    /// Which criteria somebody meets by what they gave, each with the evidence that counts for it.
    #[must_use]
    pub fn met<'a>(&self, given: &[&'a Given]) -> Vec<(&Criterion, Vec<&'a Given>)> {
        let mut found = Vec::new();
        for criterion in &self.criterion {
            let counted: Vec<&Given> =
                given.iter().copied().filter(|g| criterion.kinds.contains(&g.help)).collect();
            let people: BTreeSet<i64> = counted.iter().filter_map(|g| g.to).collect();
            let months: BTreeSet<Month> = counted.iter().map(|g| g.at.month()).collect();
            if people.len() >= criterion.people
                && counted.len() >= criterion.times
                && months.len() >= criterion.months
            {
                found.push((criterion, counted));
            }
        }
        found
    }
}

/// Where somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The term runs.
    Champion,
    /// It runs and ends soon.
    Ending,
    /// It is over: thanked, and free to come back.
    Alumni,
}

/// Where a term stands at a moment; `None` when it has not begun or was taken back.
#[must_use]
pub fn standing(begins: Time, ends: Time, now: Time, look_ahead_days: u32) -> Option<Standing> {
    if ends <= begins || begins > now {
        return None;
    }
    let left = ends.millis() - now.millis();
    Some(match left {
        ..=0 => Standing::Alumni,
        left if left <= i64::from(look_ahead_days) * DAY => Standing::Ending,
        _ => Standing::Champion,
    })
}

/// So many months after a moment, at the same day where the month has it.
#[must_use]
pub fn months_after(at: Time, months: u32) -> Time {
    let text = at.to_string();
    let part =
        |range: std::ops::Range<usize>| text.get(range).and_then(|t| t.parse::<u32>().ok()).unwrap_or(1);
    let index = part(5..7) - 1 + months;
    let (year, month) = (part(0..4) + index / 12, index % 12 + 1);
    let rest = text.get(10..).unwrap_or("T00:00:00Z");
    (0..4)
        .filter_map(|less| part(8..10).checked_sub(less))
        .find_map(|day| Time::parse(&format!("{year:04}-{month:02}-{day:02}{rest}")).ok())
        .unwrap_or(at)
}

/// So many people helped in a month are seen by everybody.
const QUIET: usize = 3;

/// People who help steadily, a little at a time, and whom nobody has thanked: at least three people in at least two
/// months, never more than three in one, and no reply was ever marked as the answer.
#[must_use]
pub fn quiet(given: &[Given]) -> BTreeSet<i64> {
    let mut by: BTreeMap<i64, (BTreeMap<Month, BTreeSet<i64>>, bool)> = BTreeMap::new();
    for g in given {
        let entry = by.entry(g.person).or_default();
        entry.0.entry(g.at.month()).or_default().extend(g.to);
        entry.1 |= g.accepted;
    }
    by.into_iter()
        .filter(|(_, (months, accepted))| {
            let people: BTreeSet<&i64> = months.values().flatten().collect();
            let little = months.values().all(|people| people.len() <= QUIET);
            people.len() >= 3 && months.len() >= 2 && little && !accepted
        })
        .map(|(person, _)| person)
        .collect()
}

/// Somebody who carried a lot for months and fell silent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stopped {
    /// Who.
    pub person: i64,
    /// The last month with anything.
    pub last: Month,
    /// Months of load before, in which so much was written.
    pub months: Vec<(Month, i64)>,
}

/// A month with so many messages is one of load.
const LOAD: i64 = 8;
/// So many months of load within half a year make it a habit.
const LOADED: usize = 3;
/// Whole months of silence.
const SILENT: i32 = 2;

/// Who stopped suddenly after months of load, as of a month that has just begun: at least three of the six months until
/// the last one were full, the last one was no fading, and since then two whole months and more passed, but not a year.
/// `loads` are in order of person and month; `heard` is until when the places were heard in which each wrote, for nobody
/// is silent where nobody listened.
#[must_use]
pub fn stopped(loads: &[(i64, Month, i64)], heard: &BTreeMap<i64, Month>, now: Month) -> Vec<Stopped> {
    let index = |month: Month| month.0 / 100 * 12 + month.0 % 100 - 1;
    let mut by: BTreeMap<i64, Vec<(Month, i64)>> = BTreeMap::new();
    for (person, month, n) in loads.iter().filter(|(_, month, _)| *month <= now) {
        by.entry(*person).or_default().push((*month, *n));
    }
    let mut found = Vec::new();
    for (person, months) in by {
        let Some((last, ended)) = months.last().copied() else { continue };
        let until = heard.get(&person).copied().unwrap_or(now).min(now);
        let silent = index(until) - index(last) - 1;
        let months: Vec<(Month, i64)> =
            months.into_iter().filter(|(month, n)| index(last) - index(*month) < 6 && *n >= LOAD).collect();
        let usual = months.iter().map(|(_, n)| *n).max().unwrap_or(0);
        if silent >= SILENT && index(now) - index(last) <= 12 && months.len() >= LOADED && ended * 3 >= usual
        {
            found.push(Stopped { person, last, months });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Time {
        Time::parse(&format!("{text}T00:00:00Z")).unwrap()
    }

    fn given(person: i64, to: i64, help: Help, at: &str) -> Given {
        Given { person, to: Some(to), help, at: day(at), what: String::new(), url: None, accepted: false }
    }

    #[test]
    fn a_reply_to_a_newcomer_about_docs_helps_in_three_ways() {
        let docs = NeedKind::named("docs");
        let deed = Deed {
            act: Act::Replied,
            at: day("2026-05-10"),
            need: Some(&docs),
            about: "Where is the page?",
            newcomer_since: Some(day("2026-05-02")),
        };
        assert_eq!(helps(&deed), [Help::Answer, Help::Docs, Help::Mentoring]);
        assert_eq!(
            helps(&Deed { newcomer_since: Some(day("2025-05-02")), ..deed }),
            [Help::Answer, Help::Docs]
        );
        assert!(helps(&Deed { need: None, ..deed }).is_empty(), "talk is no answer");
        assert!(is_docs("README: typo") && !is_docs("docker fails"));
    }

    #[test]
    fn criteria_count_people_times_and_months() {
        let ours = Criteria::ours();
        let mut all: Vec<Given> =
            (0..4).map(|n| given(1, n, Help::Answer, &format!("2026-0{}-03", n + 1))).collect();
        let met = |all: &[Given]| {
            let refs: Vec<&Given> = all.iter().collect();
            ours.met(&refs).iter().map(|(c, e)| (c.id.clone(), e.len())).collect::<Vec<_>>()
        };
        assert!(met(&all).is_empty(), "four people are not five");
        all.push(given(1, 9, Help::Review, "2026-04-09"));
        all.push(given(1, 9, Help::Mentoring, "2026-04-09"));
        assert_eq!(met(&all), [("answers".to_owned(), 5)]);
        assert!(Criteria::read("name = 'x'\nversion = 1\nterm-months = 1\nwindow-months = 1\nlook-ahead-days = 1\ncriterion = []").is_err());
    }

    #[test]
    fn terms_end_and_make_alumni() {
        let begins = day("2026-01-31");
        let ends = months_after(begins, 1);
        assert_eq!(ends, day("2026-02-28"));
        assert_eq!(months_after(day("2026-11-15"), 3), day("2027-02-15"));
        let at = |now: &str| standing(begins, months_after(begins, 12), day(now), 60);
        assert_eq!(at("2026-01-01"), None);
        assert_eq!(at("2026-06-01"), Some(Standing::Champion));
        assert_eq!(at("2026-12-20"), Some(Standing::Ending));
        assert_eq!(at("2027-01-31"), Some(Standing::Alumni));
        assert_eq!(standing(begins, begins, day("2026-06-01"), 60), None, "taken back");
    }

    #[test]
    fn who_stopped_suddenly_is_noticed_and_who_faded_is_not() {
        let months = [1, 2, 3, 4].map(|m| Month(202_600 + m));
        let all = |n: [i64; 4]| months.iter().zip(n).map(|(m, n)| (7, *m, n)).collect::<Vec<_>>();
        let check = |n, now: i32| stopped(&all(n), &BTreeMap::new(), Month(now)).len();
        let heard = BTreeMap::from([(7, Month(202_605))]);
        assert!(stopped(&all([20, 18, 22, 15]), &heard, Month(202_607)).is_empty(), "the archive ends there");
        assert_eq!(check([20, 18, 22, 15], 202_607), 1);
        assert_eq!(check([20, 18, 22, 15], 202_606), 0, "a holiday is no stop");
        assert_eq!(check([20, 18, 9, 1], 202_607), 0, "faded away");
        assert_eq!(check([2, 3, 2, 9], 202_607), 0, "never much");
        assert_eq!(check([20, 18, 22, 15], 202_707), 0, "long ago");
    }

    #[test]
    fn quiet_helpers_are_those_whom_nobody_marked() {
        let mut all: Vec<Given> =
            (0..3).map(|n| given(1, n, Help::Answer, &format!("2026-0{}-03", n + 1))).collect();
        assert_eq!(quiet(&all), BTreeSet::from([1]));
        all.extend((10..14).map(|to| given(1, to, Help::Answer, "2026-03-09")));
        assert!(quiet(&all).is_empty(), "four in a month are seen");
        all.truncate(3);
        all[0].accepted = true;
        assert!(quiet(&all).is_empty());
    }
}
