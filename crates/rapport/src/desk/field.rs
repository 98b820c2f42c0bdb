//! What the verbs for friction logs, field notes and docs searches share: reading a file that a person wrote, saying what
//! is wrong in it, and finding the topic that a text belongs to.

use std::path::Path;

use rapport_insight::nearest::Known;
use rapport_insight::text::clean;
use rapport_model::Time;
use rapport_practice::handwritten::{Finding, day};

use super::Desk;
use super::topics::sight::{Sight, see, words};
use crate::fault::{Fault, FaultKind};
use crate::page::{dim, line};

/// A file's text.
pub(super) fn text_of(path: &Path) -> Result<String, Fault> {
    let bytes =
        std::fs::read(path).map_err(|e| Fault::new(FaultKind::Source, format!("{}: {e}", path.display())))?;
    String::from_utf8(bytes).map_err(|e| {
        let at = e.as_bytes()[..e.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count();
        Fault::new(FaultKind::Source, format!("{}:{}: not UTF-8 from here on", path.display(), at + 1))
            .hint("save the file as UTF-8")
    })
}

/// A file's name without its folders.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}

/// Findings as lines `file:12: what`.
pub(super) fn said(path: &Path, findings: &[Finding]) -> String {
    let word = |f: &Finding| if f.refuses { "" } else { "worth a look: " };
    findings
        .iter()
        .map(|f| format!("{}:{}: {}{}\n", path.display(), f.line, word(f), line(&f.say, 200)))
        .collect()
}

/// A day given on the command line.
pub(super) fn day_of(flag: &str, text: Option<&str>, desk: &Desk) -> Result<Time, Fault> {
    let Some(text) = text else { return Ok(midnight(desk.now)) };
    day(text).ok_or_else(|| Fault::usage(format!("{flag}: '{text}' is no day; wanted is 2026-09-17")))
}

/// The beginning of a moment's day.
pub(super) fn midnight(at: Time) -> Time {
    at.plus_millis(-at.millis().rem_euclid(86_400_000))
}

/// `2026-09-17`
pub(super) fn date(at: Time) -> String {
    at.to_string().get(..10).unwrap_or_default().to_owned()
}

/// The topics, and what is needed to say which one a text belongs to.
pub(crate) struct Places {
    pub(crate) sight: Sight,
    known: Known,
}

/// A topic that a text belongs to, and why.
pub(super) struct PlacedText {
    pub(super) topic: u32,
    pub(super) label: String,
    pub(super) because: String,
}

impl Places {
    /// Of the folder, which is made when it is not there yet: a team may begin with what it wrote itself.
    pub(crate) fn new(desk: &Desk) -> Result<Places, Fault> {
        drop(desk.writing()?);
        Places::read(desk)
    }

    /// Of the folder as it is.
    pub(crate) fn read(desk: &Desk) -> Result<Places, Fault> {
        let sight = see(desk)?;
        let store = desk.reading()?;
        let texts: Vec<String> =
            sight.asks.iter().map(|a| words(&store, a.ask.thread)).collect::<Result<_, _>>()?;
        let known = Known::new(&texts, sight.asks.iter().map(|a| a.topic).collect());
        Ok(Places { sight, known })
    }

    /// The topic of a text; none when it is near to nothing that was asked.
    pub(super) fn topic(&self, text: &str) -> Option<PlacedText> {
        let near = self.known.topic(&clean::joined("", text))?;
        let like = self.sight.asks.get(near.text)?;
        Some(PlacedText {
            topic: near.topic,
            label: self.sight.label(near.topic).to_owned(),
            because: format!("like “{}” (cosine {:.2})", line(&like.title(), 80), near.cosine),
        })
    }
}

/// Every next command, in the quiet line at the end.
pub(super) fn next(desk: &Desk, verbs: &[&str]) -> String {
    let p = desk.program();
    let all: Vec<String> = verbs.iter().map(|v| format!("{p} {v}")).collect();
    dim(&format!("\nnext: {}\n", all.join(" \u{b7} ")))
}
