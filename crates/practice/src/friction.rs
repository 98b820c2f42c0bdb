//! Friction logs: one person walks through one scenario and writes down how it went, step by step.
//!
//! A log is Markdown with a head in TOML between two lines `+++`; `docs/friction-log.md` describes it. Moods are the
//! writer's own words: a step without one has none, and a word that neither list knows makes no step bad.

use rapport_model::Time;

mod read;

pub use read::read;

/// One log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// What was tried: logs of one scenario are compared.
    pub scenario: String,
    /// The day.
    pub date: Time,
    /// As whom: "backend developer, new to webhooks".
    pub persona: String,
    /// How large the undertaking was: "one afternoon", "team of four".
    pub size: String,
    /// Who wrote it.
    pub recorder: Option<String>,
    /// Which version of the product.
    pub version: Option<String>,
    /// What should have been reached.
    pub goal: Option<String>,
    /// What may be done with its words: `none`, `quote` or `name`.
    pub consent: String,
    /// What was written before the first step.
    pub story: String,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Words of mood that the log itself declares, before the usual ones: bad, then good.
    pub moods: (Vec<String>, Vec<String>),
}

/// One step of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Its line in the file.
    pub line: usize,
    /// Minutes since the first step.
    pub minute: u32,
    /// Its heading.
    pub title: String,
    /// The mood, in the writer's words; none when nothing was written.
    pub mood: Option<String>,
    /// What was written.
    pub text: String,
    /// What was good.
    pub pros: Vec<String>,
    /// What was not.
    pub cons: Vec<String>,
    /// A link to where it happened.
    pub place: Option<String>,
    /// It worked, at this minute since the first step.
    pub success: Option<u32>,
}

/// Words that say that it does not go well.
pub const BAD: [&str; 30] = [
    "angry",
    "annoyed",
    "anxious",
    "baffled",
    "blocked",
    "bored",
    "confused",
    "desperate",
    "disappointed",
    "discouraged",
    "doubtful",
    "frustrated",
    "helpless",
    "impatient",
    "insecure",
    "irritated",
    "lost",
    "nervous",
    "overwhelmed",
    "puzzled",
    "sad",
    "sceptical",
    "skeptical",
    "stuck",
    "suspicious",
    "tired",
    "uncertain",
    "unhappy",
    "unsure",
    "worried",
];
/// Words that say that it does.
pub const GOOD: [&str; 24] = [
    "amused",
    "calm",
    "cheerful",
    "confident",
    "content",
    "curious",
    "delighted",
    "eager",
    "excited",
    "fine",
    "focused",
    "glad",
    "happy",
    "hopeful",
    "impressed",
    "interested",
    "neutral",
    "ok",
    "okay",
    "pleased",
    "proud",
    "relaxed",
    "relieved",
    "satisfied",
];

/// How a mood's words stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// At least one of its words is a bad one.
    Bad,
    /// All known words are good ones.
    Good,
    /// No list knows any of its words.
    Unknown,
}

/// How a mood stands, by the log's own lists (bad, good) and the usual ones alone.
#[must_use]
pub fn tone(own: &(Vec<String>, Vec<String>), mood: &str) -> Tone {
    let mut tone = Tone::Unknown;
    for word in mood.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '\'').filter(|w| !w.is_empty())
    {
        let word = word.to_lowercase();
        let among = |list: &[String]| list.iter().any(|w| w.to_lowercase() == word);
        if among(&own.0) || (BAD.contains(&word.as_str()) && !among(&own.1)) {
            return Tone::Bad;
        }
        if among(&own.1) || GOOD.contains(&word.as_str()) {
            tone = Tone::Good;
        }
    }
    tone
}

impl Log {
    /// Why a step went badly: a bad mood, or a con; none when it did not.
    #[must_use]
    pub fn bad(&self, step: &Step) -> Option<String> {
        let mood = step.mood.as_deref().filter(|m| tone(&self.moods, m) == Tone::Bad);
        match (mood, step.cons.len()) {
            (Some(mood), 0) => Some(format!("the writer was {mood}")),
            (Some(mood), n) => Some(format!("the writer was {mood} and noted {}", cons(n))),
            (None, 0) => None,
            (None, n) => Some(format!("the writer noted {}", cons(n))),
        }
    }

    /// Minutes from the first step to the first success; none when nothing worked.
    #[must_use]
    pub fn first_success(&self) -> Option<u32> {
        self.steps.iter().filter_map(|s| s.success).min()
    }

    /// The words of a step that stand for it: its cons, else what was written, else its heading.
    #[must_use]
    pub fn quote(&self, step: &Step) -> String {
        if !step.cons.is_empty() {
            return step.cons.join("\n");
        }
        let text = step.text.trim();
        if text.is_empty() { step.title.clone() } else { text.to_owned() }
    }
}

fn cons(n: usize) -> String {
    if n == 1 { "a con".to_owned() } else { format!("{n} cons") }
}

/// How this log's time to first success stands to the last one of its scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// Both reached it: this many minutes less (negative: more) than the last time.
    Minutes(i64),
    /// It worked now, and not the last time.
    NowWorks,
    /// It worked the last time, and not now.
    NoLonger,
    /// Neither reached it.
    Neither,
}

/// Compares two logs of one scenario.
#[must_use]
pub fn compare(now: Option<u32>, before: Option<u32>) -> Compared {
    match (now, before) {
        (Some(now), Some(before)) => Compared::Minutes(i64::from(before) - i64::from(now)),
        (Some(_), None) => Compared::NowWorks,
        (None, Some(_)) => Compared::NoLonger,
        (None, None) => Compared::Neither,
    }
}

#[cfg(test)]
mod tests;
