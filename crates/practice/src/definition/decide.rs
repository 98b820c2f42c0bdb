//! Decisions on applications: a yes takes one word, a no the words of two people who say the same. Nobody decides about
//! themselves, and nothing is decided by the program.

use serde::Serialize;

use super::Verdict;

/// What one person said on an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub who: String,
    /// What.
    pub verdict: Verdict,
}

/// How far a decision has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "standing")]
pub enum Standing {
    /// Nobody has said anything.
    Undecided,
    /// The deciding question was put; the answer is awaited.
    Asked {
        /// By whom.
        by: String,
    },
    /// One person said no: a second has to say the same.
    NeedsSecond {
        /// Who said it.
        by: String,
    },
    /// Two people say different things: they have to talk, and say it again.
    Disagreed {
        /// Who says yes.
        yes: String,
        /// Who says no.
        no: String,
    },
    /// Decided.
    Decided {
        /// What.
        #[serde(rename = "decided")]
        verdict: Verdict,
        /// By whom.
        by: Vec<String>,
    },
}

/// A word that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// About oneself.
    #[error("nobody decides about themselves: somebody else has to")]
    Oneself,
    /// Said already.
    #[error("{0} has said so already; a refusal needs a second person's word")]
    Again(String),
    /// Not what the definition says, and no reason.
    #[error("the definition says '{0}'; whoever decides otherwise says why")]
    NoReason(&'static str),
}

/// Takes the words in order. The newest word of each person counts, and a question closes what was said before it.
#[must_use]
pub fn standing(words: &[Said]) -> Standing {
    let from = words.iter().rposition(|w| w.verdict == Verdict::Open).unwrap_or(0);
    let mut newest: Vec<&Said> = Vec::new();
    for word in &words[from..] {
        newest.retain(|w| !same(&w.who, &word.who));
        newest.push(word);
    }
    let of = |verdict: Verdict| newest.iter().filter(move |w| w.verdict == verdict).map(|w| w.who.clone());
    let (yes, no): (Vec<String>, Vec<String>) =
        (of(Verdict::Practitioner).collect(), of(Verdict::Recognised).collect());
    match (yes.as_slice(), no.as_slice()) {
        ([], []) => of(Verdict::Open).next_back().map_or(Standing::Undecided, |by| Standing::Asked { by }),
        (_, []) => Standing::Decided { verdict: Verdict::Practitioner, by: yes },
        ([], [by]) => Standing::NeedsSecond { by: by.clone() },
        ([], _) => Standing::Decided { verdict: Verdict::Recognised, by: no },
        ([yes, ..], [no, ..]) => Standing::Disagreed { yes: yes.clone(), no: no.clone() },
    }
}

/// Whether a word can be taken: not about oneself, not twice, and with a reason where it is not what the definition says.
///
/// # Errors
/// [`NotTaken`] says why not.
pub fn take(
    words: &[Said],
    applicant: &str,
    word: &Said,
    says: Verdict,
    because: Option<&str>,
) -> Result<(), NotTaken> {
    if same(applicant, &word.who) {
        return Err(NotTaken::Oneself);
    }
    if let Standing::NeedsSecond { by } = standing(words)
        && word.verdict == Verdict::Recognised
        && same(&by, &word.who)
    {
        return Err(NotTaken::Again(by));
    }
    if word.verdict != says && because.is_none_or(|b| b.trim().is_empty()) {
        return Err(NotTaken::NoReason(says.as_str()));
    }
    Ok(())
}

/// Two names of one person differ in case or spaces at most.
fn same(a: &str, b: &str) -> bool {
    let plain = |t: &str| t.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    plain(a) == plain(b)
}

#[cfg(test)]
mod tests {
    use Verdict::{Open, Practitioner, Recognised};

    use super::*;

    fn said(words: &[(&str, Verdict)]) -> Vec<Said> {
        words.iter().map(|(who, verdict)| Said { who: (*who).to_owned(), verdict: *verdict }).collect()
    }

    #[test]
    fn a_refusal_takes_two_and_a_yes_one() {
        let decided = |verdict, by: &[&str]| Standing::Decided {
            verdict,
            by: by.iter().map(|w| (*w).to_owned()).collect(),
        };
        for (words, wanted) in [
            (vec![], Standing::Undecided),
            (vec![("mara", Practitioner)], decided(Practitioner, &["mara"])),
            (vec![("mara", Recognised)], Standing::NeedsSecond { by: "mara".into() }),
            (vec![("mara", Recognised), (" Mara", Recognised)], Standing::NeedsSecond { by: " Mara".into() }),
            (vec![("mara", Recognised), ("jo", Recognised)], decided(Recognised, &["mara", "jo"])),
            (
                vec![("mara", Recognised), ("jo", Practitioner)],
                Standing::Disagreed { yes: "jo".into(), no: "mara".into() },
            ),
            (
                vec![("mara", Recognised), ("jo", Practitioner), ("jo", Recognised)],
                decided(Recognised, &["mara", "jo"]),
            ),
            (vec![("mara", Recognised), ("jo", Open)], Standing::Asked { by: "jo".into() }),
            (
                vec![("mara", Recognised), ("jo", Open), ("jo", Recognised)],
                Standing::NeedsSecond { by: "jo".into() },
            ),
            (vec![("jo", Open), ("mara", Practitioner)], decided(Practitioner, &["mara"])),
        ] {
            assert_eq!(standing(&said(&words)), wanted, "{words:?}");
        }
    }

    #[test]
    fn what_cannot_be_taken_says_why() {
        let word = |who: &str, verdict| Said { who: who.to_owned(), verdict };
        let before = said(&[("mara", Recognised)]);
        let taken =
            |who: &str, verdict, because| take(&before, "Dana", &word(who, verdict), Recognised, because);
        assert_eq!(taken("dana", Recognised, None), Err(NotTaken::Oneself));
        assert_eq!(taken("MARA", Recognised, None), Err(NotTaken::Again("mara".into())));
        assert_eq!(taken("jo", Practitioner, Some("  ")), Err(NotTaken::NoReason("recognised")));
        assert_eq!(taken("jo", Practitioner, Some("the shares were mistyped")), Ok(()));
        assert_eq!(taken("jo", Recognised, None), Ok(()));
    }
}
