//! What every request shares: the folder, the moment, the token that forms carry, and answers kept for a moment.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use rapport_model::Time;
use serde::de::DeserializeOwned;

use crate::cli;
use crate::desk::{self, Answer, Desk};
use crate::fault::Fault;

/// One served folder.
pub(crate) struct App {
    pub(super) folder: PathBuf,
    /// The moment given with `--as-of`.
    pub(super) fixed: Option<Time>,
    /// What every form of ours carries and no other site knows.
    pub(super) token: String,
    /// In whose name a form acts.
    pub(super) who: String,
    kept: Mutex<HashMap<Vec<String>, Kept>>,
}

/// An answer, and of which state of the folder it is.
struct Kept {
    state: Vec<Option<(u64, SystemTime)>>,
    at: Instant,
    answer: Arc<Answer>,
}

/// Ages in answers move on with the clock: an answer is kept no longer than this.
const LONGEST: Duration = Duration::from_secs(60);
/// So many answers are kept.
const MOST: usize = 200;

impl App {
    /// # Errors
    /// When the machine gives no random bytes.
    pub(crate) fn new(desk: &Desk) -> Result<App, Fault> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes).map_err(|e| Fault::usage(format!("no random bytes: {e}")))?;
        Ok(App {
            folder: desk.folder.clone(),
            fixed: desk.fixed.then_some(desk.now),
            token: bytes.iter().map(|b| format!("{b:02x}")).collect(),
            who: desk::me(),
            kept: Mutex::default(),
        })
    }

    /// The present moment, or the given one.
    pub(super) fn now(&self) -> Time {
        self.fixed.unwrap_or_else(cli::clock)
    }

    fn words(&self, json: bool, words: &[String]) -> Vec<String> {
        let mut all = vec!["--data".to_owned(), self.folder.display().to_string()];
        if let Some(time) = self.fixed {
            all.push(format!("--as-of={time}"));
        }
        if json {
            all.push("--json".to_owned());
        }
        all.extend(words.iter().cloned());
        all
    }

    /// Calls a verb that may change something.
    pub(super) fn act(&self, json: bool, words: &[String]) -> Result<Answer, Fault> {
        desk::acting(&self.who, || cli::answer(&self.words(json, words)))
    }

    /// Calls a verb that only looks; the same question is answered once per state of the folder.
    pub(super) fn look(&self, json: bool, words: &[String]) -> Result<Arc<Answer>, Fault> {
        let key = self.words(json, words);
        let state = self.state();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(&key)
            && known.state == state
            && (self.fixed.is_some() || known.at.elapsed() < LONGEST)
        {
            return Ok(Arc::clone(&known.answer));
        }
        drop(kept);
        let answer = Arc::new(cli::answer(&key)?);
        kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(key, Kept { state, at: Instant::now(), answer: Arc::clone(&answer) });
        Ok(answer)
    }

    /// What a verb answers, as the rows that a page shows.
    pub(super) fn ask<T: DeserializeOwned>(&self, words: &[&str]) -> Result<T, Fault> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        let answer = self.look(true, &words)?;
        serde_json::from_str(&answer.json)
            .map_err(|e| Fault::usage(format!("'{}' answered in an unknown shape: {e}", words.join(" "))))
    }

    /// Sizes and times of the files that answers are made from: any change is another state.
    fn state(&self) -> Vec<Option<(u64, SystemTime)>> {
        ["rapport.sqlite", "rapport.sqlite-wal", crate::config::FILE, "org.toml"]
            .iter()
            .map(|name| {
                let about = std::fs::metadata(self.folder.join(name)).ok()?;
                Some((about.len(), about.modified().ok()?))
            })
            .collect()
    }
}
