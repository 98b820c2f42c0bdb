//! Gaps of the documentation: what people ask or search again and again, and what it is that the docs lack.
//!
//! Subjects are questions that ask the same (`subjects`). What is lacking is judged from words in the threads, from whether
//! an answer links a page, and from searches that found nothing; each reason is told. Nothing is judged from one voice:
//! three people who asked, or three searches that found nothing, make a gap.

mod rates;
mod signs;
mod subjects;

use std::collections::{BTreeMap, BTreeSet};

pub use rates::{Change, LEAST, Rate, change};
pub use signs::{Lack, links_docs, signs};
pub use subjects::{MOST, subjects};

/// Asked by so many people, or searched in vain so often, a subject is a gap.
pub const VOICES: usize = 3;

/// One thread of a subject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Its number.
    pub thread: i64,
    /// Who asked.
    pub person: i64,
    /// What words in it say, and the words themselves: each counts once for the thread.
    pub signs: Vec<(Lack, &'static str)>,
    /// Somebody replied.
    pub answered: bool,
    /// A reply links a page of the docs.
    pub page: Option<String>,
}

/// What was searched on a subject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Searched {
    /// The words.
    pub query: String,
    /// How often.
    pub searches: u64,
    /// How often nothing came.
    pub nothing: u64,
}

/// What the docs lack on a subject, and why we think so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What is lacking.
    pub lack: Lack,
    /// The reasons, the strongest first.
    pub because: Vec<String>,
    /// Distinct people who asked.
    pub people: usize,
    /// Searches that found nothing.
    pub nothing: u64,
}

/// Judges one subject; none when too few voices speak of it.
#[must_use]
pub fn judge(asked: &[Asked], searched: &[Searched]) -> Option<Verdict> {
    let people: BTreeSet<i64> = asked.iter().map(|a| a.person).collect();
    let nothing: u64 = searched.iter().map(|s| s.nothing).sum();
    if people.len() < VOICES && nothing < VOICES as u64 {
        return None;
    }
    // Who says what: a thread counts once for each lack, however often it says so.
    let mut said: BTreeMap<Lack, (BTreeSet<i64>, BTreeSet<&'static str>)> = BTreeMap::new();
    for ask in asked {
        for (lack, words) in &ask.signs {
            let (threads, all) = said.entry(*lack).or_default();
            threads.insert(ask.thread);
            all.insert(words);
        }
    }
    let pages: Vec<&str> = asked.iter().filter_map(|a| a.page.as_deref()).collect();
    let answered = asked.iter().filter(|a| a.answered).count();
    let exists = !pages.is_empty() && pages.len() * 3 >= answered;
    let loudest = said.iter().max_by_key(|(lack, (threads, _))| (threads.len(), std::cmp::Reverse(**lack)));
    let mut because = Vec::new();
    let lack = match loudest {
        // "Where is it" of a page that nobody could point to is a page that is not there; "it is not there" of one that
        // others could point to is one that is hard to find.
        Some((Lack::HardToFind, _)) if !exists => Lack::Missing,
        Some((Lack::Missing, _)) if exists => Lack::HardToFind,
        Some((lack, _)) => *lack,
        None if exists => Lack::HardToFind,
        None => Lack::Missing,
    };
    for (said_lack, (threads, words)) in &said {
        let quoted: Vec<String> = words.iter().take(3).map(|w| format!("“{w}”")).collect();
        because.push((
            *said_lack == lack,
            threads.len(),
            format!(
                "{} {}: {}",
                threads.len(),
                if threads.len() == 1 { "thread says" } else { "threads say" },
                quoted.join(", ")
            ),
        ));
    }
    because.sort_by_key(|b| std::cmp::Reverse((b.0, b.1)));
    let mut because: Vec<String> = because.into_iter().map(|b| b.2).collect();
    if people.len() >= VOICES {
        because.insert(0, format!("asked by {} people", people.len()));
    }
    if nothing > 0 {
        let queries: Vec<String> =
            searched.iter().filter(|s| s.nothing > 0).take(3).map(|s| format!("“{}”", s.query)).collect();
        let times = if nothing == 1 { "one search".to_owned() } else { format!("{nothing} searches") };
        because.push(format!("{times} found nothing: {}", queries.join(", ")));
    }
    if let Some(page) = pages.first() {
        because.push(format!("{} of {answered} answers link a page, for example {page}", pages.len()));
    } else if answered > 0 && people.len() >= VOICES {
        because.push(format!("no answer links a page, of {answered}"));
    }
    Some(Verdict { lack, because, people: people.len(), nothing })
}

/// Orders gaps by two lists at once, people who asked and searches in vain, whose units do not compare: each place in a list
/// counts 1 / (60 + place), as for texts that are found by words and by meaning. Gives the order of the indices.
#[must_use]
pub fn ranked(gaps: &[Verdict]) -> Vec<usize> {
    let mut score = vec![0.0_f64; gaps.len()];
    let lists: [Vec<u64>; 2] =
        [gaps.iter().map(|g| g.people as u64).collect(), gaps.iter().map(|g| g.nothing).collect()];
    for list in lists {
        for (n, value) in list.iter().enumerate().filter(|(_, v)| **v > 0) {
            let before = list.iter().filter(|other| **other > *value).count();
            #[allow(clippy::cast_precision_loss)] // places of a short list
            let place = before as f64 + 1.0;
            score[n] += 1.0 / (60.0 + place);
        }
    }
    let mut order: Vec<usize> = (0..gaps.len()).collect();
    order.sort_by(|a, b| {
        score[*b].total_cmp(&score[*a]).then(gaps[*b].people.cmp(&gaps[*a].people)).then(a.cmp(b))
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(thread: i64, text: &str, page: Option<&str>) -> Asked {
        Asked { thread, person: thread, signs: signs(text), answered: true, page: page.map(str::to_owned) }
    }
    fn lack(asked: &[Asked]) -> Option<Lack> {
        judge(asked, &[]).map(|v| v.lack)
    }

    #[test]
    fn three_times_make_a_gap_and_words_say_which() {
        let three = |text: &str, page: Option<&str>| {
            [ask(1, text, page), ask(2, "how does it work?", page), ask(3, "help", None)]
        };
        assert_eq!(lack(&three("the docs are out of date", None)), Some(Lack::Outdated));
        assert_eq!(lack(&three("the example in the docs does not work", None)), Some(Lack::WrongExample));
        assert_eq!(lack(&three("that page is confusing", None)), Some(Lack::Unclear));
        assert_eq!(lack(&three("where is the guide?", None)), Some(Lack::Missing));
        assert_eq!(
            lack(&three("where is the guide?", Some("https://docs.example.com/x"))),
            Some(Lack::HardToFind)
        );
        assert_eq!(
            lack(&three("it is not documented", Some("https://docs.example.com/x"))),
            Some(Lack::HardToFind)
        );
        assert_eq!(lack(&three("no words on it", None)), Some(Lack::Missing));
        assert_eq!(lack(&[ask(1, "outdated", None), ask(2, "outdated", None)]), None, "two are two");
        let one_person: Vec<Asked> =
            (0..5).map(|n| Asked { person: 1, ..ask(n, "outdated docs", None) }).collect();
        assert_eq!(lack(&one_person), None, "one loud person is one person");
    }

    #[test]
    fn searches_in_vain_are_voices_and_reasons_are_told() {
        let searched = [Searched { query: "helm chart".to_owned(), searches: 12, nothing: 11 }];
        let verdict = judge(&[], &searched).unwrap();
        assert_eq!((verdict.lack, verdict.nothing), (Lack::Missing, 11));
        assert_eq!(verdict.because, ["11 searches found nothing: “helm chart”"]);
        let loud = judge(&[ask(1, "", None), ask(2, "", None), ask(3, "", None)], &[]).unwrap();
        assert_eq!(
            ranked(&[loud.clone(), verdict.clone(), Verdict { people: 4, nothing: 2, ..loud }]),
            [2, 1, 0]
        );
    }
}
