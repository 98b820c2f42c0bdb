//! Field notes: what was heard at a conference, typed offline, one line each.
//!
//! A file is plain text. Lines `event:`, `date:`, `by:`, `consent:` and `talk:` say what holds for the notes below them. Each
//! other line is a note, with or without a bullet; an indented line goes on with the note above. Marks stand at the end of
//! a note: `@owner` and `>2026-10-02` for the follow-up, `!none`, `!quote` or `!name` for what may be done with the words,
//! `{who said it}`, and `#bug` or another kind. `docs/field-notes.md` shows an example.

use rapport_model::{NeedKind, Time};

use crate::handwritten::{Finding, day, field};

/// What may be done with words.
pub const CONSENTS: [&str; 3] = ["none", "quote", "name"];
const KEYS: [&str; 5] = ["event", "date", "by", "consent", "talk"];

/// One note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its line in the file.
    pub line: usize,
    /// The event where it was heard.
    pub event: String,
    /// The day.
    pub date: Time,
    /// Who wrote it down.
    pub by: Option<String>,
    /// The words, without the marks.
    pub text: String,
    /// `none`, `quote` or `name`; none unless something else was written down.
    pub consent: String,
    /// Who said it, kept apart from the words.
    pub said_by: Option<String>,
    /// Who follows up.
    pub owner: Option<String>,
    /// Until when.
    pub due: Option<Time>,
    /// What it is, where the writer says so.
    pub kind: Option<NeedKind>,
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// The notes in order.
    pub notes: Vec<Note>,
    /// Talks that the file says were given: event, title, line.
    pub talks: Vec<(String, String, usize)>,
}

/// What holds for the notes that follow.
#[derive(Default)]
struct Holding {
    event: Option<String>,
    date: Option<Time>,
    by: Option<String>,
    consent: Option<String>,
}

/// Reads a file of notes. What cannot be read is among the findings, with its line.
#[must_use]
pub fn read(text: &str) -> (Notes, Vec<Finding>) {
    let (mut out, mut findings) = (Notes::default(), Vec::new());
    let mut holding = Holding::default();
    // Line and words of the note that may go on.
    let mut open: Option<(usize, String)> = None;
    let mut told = (false, false);
    for (n, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let number = n + 1;
        let indented = line.starts_with("  ") || line.starts_with('\t');
        if indented
            && !bulleted(line.trim_start())
            && !line.trim().is_empty()
            && let Some((_, words)) = &mut open
        {
            words.push(' ');
            words.push_str(line.trim());
            continue;
        }
        if let Some((at, words)) = open.take() {
            close(at, &words, &holding, &mut out, &mut findings);
        }
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with("# ") || bare.chars().all(|c| "-=*_#".contains(c)) {
            continue;
        }
        if !bulleted(bare)
            && let Some((key, value)) = field(bare, &KEYS)
        {
            header(number, key, value, &mut holding, &mut out, &mut findings);
            continue;
        }
        // Said once, at the first note that misses it.
        if holding.event.is_none() && !std::mem::replace(&mut told.0, true) {
            findings.push(Finding::wrong(number, "no line event: stands above this note"));
        }
        if holding.date.is_none() && !std::mem::replace(&mut told.1, true) {
            findings.push(Finding::wrong(
                number,
                "no line date: stands above this note; wanted is date: 2026-09-17",
            ));
        }
        open = Some((number, unbulleted(bare).to_owned()));
    }
    if let Some((at, words)) = open {
        close(at, &words, &holding, &mut out, &mut findings);
    }
    if out.notes.is_empty() && findings.is_empty() {
        findings.push(Finding::wrong(1, "there is no note in this file"));
    }
    findings.sort();
    (out, findings)
}

fn bulleted(line: &str) -> bool {
    unbulleted(line).len() < line.len()
}

fn unbulleted(line: &str) -> &str {
    for bullet in ["- ", "* ", "+ ", "\u{2022} ", "[ ] ", "[x] "] {
        if let Some(rest) = line.strip_prefix(bullet) {
            return unbulleted(rest.trim_start());
        }
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &line[digits..];
    match rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") ")) {
        Some(words) if (1..=3).contains(&digits) => words.trim_start(),
        _ => line,
    }
}

fn header(
    number: usize,
    key: &str,
    value: &str,
    holding: &mut Holding,
    out: &mut Notes,
    findings: &mut Vec<Finding>,
) {
    if value.is_empty() {
        findings.push(Finding::wrong(number, format!("{key}: has nothing after it")));
        return;
    }
    match key {
        "event" => {
            // Another event has another day.
            *holding = Holding { event: Some(value.to_owned()), by: holding.by.take(), ..Holding::default() };
        }
        "date" => match day(value) {
            Some(time) => holding.date = Some(time),
            None => {
                // A day is there, and this finding says all about it.
                holding.date = Some(Time::MIN);
                findings.push(Finding::wrong(number, format!("'{value}' is no day; wanted is 2026-09-17")));
            }
        },
        "by" => holding.by = Some(value.trim_start_matches('@').to_owned()),
        "talk" => match &holding.event {
            Some(event) => out.talks.push((event.clone(), value.to_owned(), number)),
            None => findings.push(Finding::wrong(number, "talk: belongs to an event; write event: above it")),
        },
        _ if CONSENTS.contains(&value) => holding.consent = Some(value.to_owned()),
        _ => findings.push(Finding::wrong(number, format!("consent is none, quote or name, not '{value}'"))),
    }
}

/// Takes the marks off the end of a note.
fn close(number: usize, words: &str, holding: &Holding, out: &mut Notes, findings: &mut Vec<Finding>) {
    let mut note = Note {
        line: number,
        event: holding.event.clone().unwrap_or_default(),
        date: holding.date.unwrap_or(Time::MIN),
        by: holding.by.clone(),
        text: String::new(),
        consent: holding.consent.clone().unwrap_or_else(|| "none".to_owned()),
        said_by: None,
        owner: None,
        due: None,
        kind: None,
    };
    let mut rest = words.trim();
    let mut seen = Vec::new();
    loop {
        if rest.ends_with('}')
            && let Some(at) = rest.rfind('{')
        {
            let inner = rest[at + 1..rest.len() - 1].trim();
            once(number, '{', &mut seen, findings);
            note.said_by = Some(inner.to_owned()).filter(|t| !t.is_empty());
            rest = rest[..at].trim_end();
            continue;
        }
        let (before, token) = rest.rsplit_once(char::is_whitespace).unwrap_or(("", rest));
        let Some(sign) = token.chars().next() else { break };
        let mark = &token[sign.len_utf8()..];
        let taken = match sign {
            '@' if !mark.is_empty() => {
                note.owner = Some(mark.trim_end_matches([',', '.', ';']).to_owned());
                true
            }
            '>' => {
                note.due = day(mark);
                if note.due.is_none() {
                    findings.push(Finding::wrong(
                        number,
                        format!("'{token}' is no day to follow up; wanted is >2026-10-02"),
                    ));
                }
                true
            }
            '!' if mark.chars().next().is_some_and(char::is_alphabetic) => {
                if CONSENTS.contains(&mark) {
                    mark.clone_into(&mut note.consent);
                } else {
                    findings.push(Finding::wrong(
                        number,
                        format!("'{token}' is no consent; wanted is !none, !quote or !name"),
                    ));
                }
                true
            }
            '#' if NeedKind::KNOWN.contains(&mark) => {
                note.kind = Some(NeedKind::named(mark));
                true
            }
            _ => false,
        };
        if !taken {
            break;
        }
        once(number, sign, &mut seen, findings);
        rest = before.trim_end();
    }
    rest.clone_into(&mut note.text);
    if note.text.is_empty() {
        findings.push(Finding::wrong(number, "a note of marks alone: what was heard?"));
    }
    let inside = |t: &&str| {
        t.starts_with('>') && day(&t[1..]).is_some()
            || CONSENTS.iter().any(|c| t.strip_prefix('!') == Some(c))
    };
    if let Some(token) = note.text.split_whitespace().find(inside) {
        findings.push(Finding::odd(
            number,
            format!("'{token}' stands inside the note and is taken as text; marks go to its end"),
        ));
    }
    match (&note.owner, note.due) {
        (Some(owner), None) if !seen.contains(&'>') => {
            findings.push(Finding::odd(number, format!("{owner} follows up, but until when? >2026-10-02")));
        }
        (None, Some(_)) => findings.push(Finding::odd(number, "a day to follow up, but by whom? @name")),
        (_, Some(due)) if due < note.date => {
            findings.push(Finding::odd(number, "the follow-up is due before the note's own day"));
        }
        _ => {}
    }
    if note.consent == "name" && note.said_by.is_none() {
        findings.push(Finding::odd(number, "consent to the name, but no name: {who said it}"));
    }
    out.notes.push(note);
}

fn once(number: usize, sign: char, seen: &mut Vec<char>, findings: &mut Vec<Finding>) {
    if seen.contains(&sign) {
        findings.push(Finding::wrong(number, format!("a second mark {sign} on one note")));
    }
    seen.push(sign);
}

/// How a talk stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TalkState {
    /// Sent in.
    Proposed,
    /// The event wants it.
    Accepted,
    /// It was held.
    Given,
    /// The event, or the speaker, said no.
    Declined,
}

impl TalkState {
    /// All states.
    pub const ALL: [TalkState; 4] =
        [TalkState::Proposed, TalkState::Accepted, TalkState::Given, TalkState::Declined];
    /// The word as written in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            TalkState::Proposed => "proposed",
            TalkState::Accepted => "accepted",
            TalkState::Given => "given",
            TalkState::Declined => "declined",
        }
    }
    /// Reads the word back.
    #[must_use]
    pub fn from_word(word: &str) -> Option<TalkState> {
        TalkState::ALL.into_iter().find(|s| s.as_str() == word)
    }
    /// Whether a talk may go from here to there. A talk that was declined may still be taken (a speaker dropped out), one
    /// that was given stays given.
    #[must_use]
    pub const fn may_become(self, next: TalkState) -> bool {
        !matches!(
            (self, next),
            (TalkState::Given, _)
                | (TalkState::Proposed, TalkState::Proposed | TalkState::Given)
                | (TalkState::Accepted, TalkState::Accepted | TalkState::Proposed)
                | (TalkState::Declined, TalkState::Declined | TalkState::Given)
        )
    }
}

/// Whether two names mean the same event: case, punctuation and a year that only one of them carries aside.
#[must_use]
pub fn same_event(one: &str, other: &str) -> bool {
    let words = |name: &str| -> (Vec<String>, Option<String>) {
        let all = name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase);
        let (years, words): (Vec<String>, Vec<String>) =
            all.partition(|w| w.len() == 4 && w.starts_with("20") && w.bytes().all(|b| b.is_ascii_digit()));
        (words, years.into_iter().next())
    };
    let ((one, first), (other, second)) = (words(one), words(other));
    one == other && !one.is_empty() && (first == second || first.is_none() || second.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTES: &str = "# rough\nevent: Harbour Dev Days 2026\ndate: 2026-09-17\nby: noor\nconsent: quote\ntalk: Webhooks that survive a retry\n\n\
        - signature fails on the second delivery {Jo, Harbour Foods} !name @linnea >2026-10-02\n\
        2) wants replay of a range,\n   not one by one #feature !none\n\
        rate limit page does not say Retry-After @noor >2026-09-25\ndate: 2026-09-18\n* package @tidewater/sdk is hard to find\n";

    #[test]
    fn rough_notes_are_read() {
        let (read, findings) = read(NOTES);
        assert_eq!(findings, []);
        assert_eq!(
            read.talks,
            [("Harbour Dev Days 2026".to_owned(), "Webhooks that survive a retry".to_owned(), 6)]
        );
        let all: Vec<(usize, &str, &str)> =
            read.notes.iter().map(|n| (n.line, n.text.as_str(), n.consent.as_str())).collect();
        assert_eq!(
            all,
            [
                (8, "signature fails on the second delivery", "name"),
                (9, "wants replay of a range, not one by one", "none"),
                (11, "rate limit page does not say Retry-After", "quote"),
                (13, "package @tidewater/sdk is hard to find", "quote"),
            ]
        );
        let first = &read.notes[0];
        assert_eq!(
            (first.owner.as_deref(), first.said_by.as_deref()),
            (Some("linnea"), Some("Jo, Harbour Foods"))
        );
        assert_eq!(first.due.map(|t| t.to_string()).as_deref(), Some("2026-10-02T00:00:00Z"));
        assert_eq!(read.notes[1].kind.as_ref().map(NeedKind::as_str), Some("feature"));
        assert_eq!(read.notes[3].date.to_string(), "2026-09-18T00:00:00Z");
        assert!(read.notes.iter().all(|n| n.by.as_deref() == Some("noor")));
    }

    #[test]
    fn every_fault_is_found_with_its_line() {
        let text = "- before any event\ntalk: x\nevent: E\ndate: next week\nconsent: perhaps\n- a >Friday\n- b !maybe @x\n- >2026-10-01 @y\n- c @x @y >2026-10-01\n- d >2026-10-01 !quote and more\n- e @z\n";
        let (_, findings) = read(text);
        let wrong: Vec<usize> = findings.iter().filter(|f| f.refuses).map(|f| f.line).collect();
        let odd: Vec<usize> = findings.iter().filter(|f| !f.refuses).map(|f| f.line).collect();
        assert_eq!(wrong, [1, 1, 2, 4, 5, 6, 7, 8, 9], "{findings:#?}");
        assert_eq!(odd, [7, 10, 11], "{findings:#?}");
        assert_eq!(read("\n\n").1[0].line, 1);
    }

    #[test]
    fn talks_move_and_events_are_told_apart() {
        use TalkState::{Accepted, Declined, Given, Proposed};
        assert!(Proposed.may_become(Accepted) && Accepted.may_become(Given) && Declined.may_become(Accepted));
        assert!(!Proposed.may_become(Given) && !Given.may_become(Declined));
        assert!(
            same_event("Harbour Dev-Days", "harbour dev days 2026") && !same_event("Conf 2025", "Conf 2026")
        );
        assert!(!same_event("2026", "2025"));
    }
}
