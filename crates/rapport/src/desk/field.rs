//! What the verbs for friction logs, field notes and docs searches share: reading a file that a person wrote, saying what
//! is wrong in it, and finding the topic that a text belongs to.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::path::Path;

use rapport_insight::nearest::Known;
use rapport_insight::similar;
use rapport_insight::text::clean;
use rapport_model::Time;
use rapport_practice::handwritten::{Finding, day};
use rapport_store::Store;

use super::Desk;
use super::similar::cosine;
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

/// The topics, and what is needed to say which one a text belongs to; each is made when it is first asked for.
pub(crate) struct Places<'d> {
    desk: &'d Desk,
    store: Store,
    sight: OnceCell<Sight>,
    /// Where nothing is too much: all threads, known by their words.
    all: OnceCell<Known>,
    /// Else some of all times, by which a text's nearest are weighed: place and words.
    some: OnceCell<Vec<(usize, String)>>,
}

/// So many threads are compared one by one. Of more only the nearest by their kept meaning, and with them `SAMPLE` from all
/// times, which tell how rare a word is and what all have in common.
const ALL: usize = 3_000;
const NEAREST: usize = 200;
const SAMPLE: usize = 1_500;

/// A topic that a text belongs to, and why.
pub(super) struct PlacedText {
    pub(super) topic: u32,
    pub(super) label: String,
    pub(super) because: String,
}

impl<'d> Places<'d> {
    /// Of the folder, which is made when it is not there yet: a team may begin with what it wrote itself. The topics are
    /// made at once: finding them may write, which nobody can do who writes already.
    pub(crate) fn new(desk: &'d Desk) -> Result<Places<'d>, Fault> {
        drop(desk.writing()?);
        let places = Places::read(desk)?;
        places.sight()?;
        Ok(places)
    }

    /// Of the folder as it is.
    pub(crate) fn read(desk: &'d Desk) -> Result<Places<'d>, Fault> {
        let (sight, all, some) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Ok(Places { desk, store: desk.reading()?, sight, all, some })
    }

    fn sight(&self) -> Result<&Sight, Fault> {
        if let Some(sight) = self.sight.get() {
            return Ok(sight);
        }
        let made = see(self.desk)?;
        Ok(self.sight.get_or_init(|| made))
    }

    /// A topic's name; empty when there is none of that number.
    pub(crate) fn label(&self, topic: i64) -> Result<String, Fault> {
        let Ok(topic) = u32::try_from(topic) else { return Ok(String::new()) };
        Ok(self.sight()?.label(topic).to_owned())
    }

    /// The topic of a text; none when it is near to nothing that was asked.
    pub(super) fn topic(&self, text: &str) -> Result<Option<PlacedText>, Fault> {
        let sight = self.sight()?;
        let text = clean::joined("", text);
        let near = if sight.asks.len() <= ALL {
            if self.all.get().is_none() {
                let every = (0..sight.asks.len()).map(|n| self.words(n)).collect::<Result<Vec<_>, _>>()?;
                let _ = self.all.set(Known::new(&every, sight.asks.iter().map(|a| a.topic).collect()));
            }
            self.all.get().and_then(|known| known.topic(&text)).map(|near| (near, near.text))
        } else {
            let among = self.among(&text)?;
            let words: Vec<&str> = among.iter().map(|(_, words)| words.as_str()).collect();
            let known = Known::new(&words, among.iter().map(|(n, _)| sight.asks[*n].topic).collect());
            known.topic(&text).map(|near| (near, among[near.text].0))
        };
        let Some((near, like)) = near else { return Ok(None) };
        Ok(Some(PlacedText {
            topic: near.topic,
            label: sight.label(near.topic).to_owned(),
            because: format!("like “{}” (cosine {:.2})", line(&sight.asks[like].title(), 80), near.cosine),
        }))
    }

    /// The threads that a text is compared with where there are many: the nearest by their kept meaning, and the sample.
    fn among(&self, text: &str) -> Result<Vec<(usize, String)>, Fault> {
        let sight = self.sight()?;
        if self.some.get().is_none() {
            let step = sight.asks.len().div_ceil(SAMPLE);
            let some = (0..sight.asks.len()).step_by(step).map(|n| Ok((n, self.words(n)?)));
            let _ = self.some.set(some.collect::<Result<_, Fault>>()?);
        }
        let mut among = self.some.get().cloned().unwrap_or_default();
        let Some(meaning) = similar::meaning("", text) else { return Ok(among) };
        let near = self.store.near(&[&meaning], None, NEAREST, &cosine)?.into_iter().flatten();
        let wanted: HashSet<i64> = near.map(|near| near.thread).collect();
        let there: HashSet<usize> = among.iter().map(|(n, _)| *n).collect();
        for (n, _) in sight.asks.iter().enumerate().filter(|(_, a)| wanted.contains(&a.ask.thread)) {
            if !there.contains(&n) {
                among.push((n, self.words(n)?));
            }
        }
        Ok(among)
    }

    fn words(&self, n: usize) -> Result<String, Fault> {
        words(&self.store, self.sight()?.asks[n].ask.thread)
    }
}

/// Every next command, in the quiet line at the end.
pub(super) fn next(desk: &Desk, verbs: &[&str]) -> String {
    let p = desk.program();
    let all: Vec<String> = verbs.iter().map(|v| format!("{p} {v}")).collect();
    dim(&format!("\nnext: {}\n", all.join(" \u{b7} ")))
}
