//! Somebody as told in an application: what they do, for how long, for whom.

use serde::{Deserialize, Deserializer};

/// An application. Everything may be missing: what is missing is asked for.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Person {
    /// What the job is called. Decides nothing.
    pub title: Option<String>,
    /// What kind of company it is. Decides nothing.
    pub employer_kind: Option<String>,
    /// The department or departments that the person reports to.
    #[serde(deserialize_with = "one_or_more")]
    pub reports_to: Vec<String>,
    /// What the working time goes into.
    pub duties: Vec<Duty>,
    /// The same in free text.
    pub duties_text: Option<String>,
    /// Hours a week.
    pub hours_per_week: Option<f64>,
    /// What is done outside the job.
    pub beside_the_job: Vec<String>,
    /// The person has to reach a sum of sales.
    pub sales_quota: bool,
    /// For how many clients the person works.
    pub clients: Option<u32>,
    /// `employee`, `contractor`, `freelance`.
    pub contract: Option<String>,
    /// No job at the moment; the last one is judged.
    pub between_roles: bool,
    /// The last job.
    pub last_role: Option<Job>,
    /// Several jobs at once.
    pub jobs: Vec<Job>,
}

/// One part of the work.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Duty {
    /// Which function of the definition, or any other word.
    pub function: String,
    /// The share of the working time, 0 to 1.
    #[serde(default)]
    pub share: Option<f64>,
}

/// A job beside others, or the last one.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Job {
    /// What the working time goes into.
    pub duties: Vec<Duty>,
    /// The same in free text.
    pub duties_text: Option<String>,
    /// Hours a week.
    pub hours_per_week: Option<f64>,
    /// The line.
    #[serde(deserialize_with = "one_or_more")]
    pub reports_to: Vec<String>,
    /// When it ended.
    pub ended: Option<String>,
}

/// An application that cannot be judged as it stands.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BadPerson {
    /// A share that is none.
    #[error("the share of '{function}' is {share}; wanted is a number from 0 to 1 (60 % is 0.6)")]
    Share {
        /// Of what.
        function: String,
        /// As given.
        share: f64,
    },
    /// Hours that no week has.
    #[error("hours_per_week is {0}; a week has 0 to 168")]
    Hours(f64),
    /// More parts than any job has.
    #[error("{0} duties are more than can be judged; wanted are at most 100")]
    Many(usize),
}

impl Person {
    /// Checks the numbers.
    ///
    /// # Errors
    /// [`BadPerson`] says which one cannot be.
    pub fn check(&self) -> Result<(), BadPerson> {
        let jobs = || self.jobs.iter().chain(&self.last_role);
        let duties = self.duties.iter().chain(jobs().flat_map(|job| &job.duties));
        let count = duties.clone().count() + self.jobs.len() + self.beside_the_job.len();
        if count > 100 {
            return Err(BadPerson::Many(count));
        }
        for duty in duties {
            if let Some(share) = duty.share
                && !(0.0..=1.0).contains(&share)
            {
                return Err(BadPerson::Share { function: shown(&duty.function, 60), share });
            }
        }
        for hours in [self.hours_per_week].into_iter().chain(jobs().map(|job| job.hours_per_week)).flatten() {
            if !(0.0..=168.0).contains(&hours) {
                return Err(BadPerson::Hours(hours));
            }
        }
        Ok(())
    }
}

fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    match value {
        serde_json::Value::Null => Ok(Vec::new()),
        serde_json::Value::String(line) => Ok(vec![line]),
        serde_json::Value::Array(lines) => lines
            .into_iter()
            .map(|line| match line {
                serde_json::Value::String(line) => Ok(line),
                other => Err(serde::de::Error::custom(format!("reports_to holds {other}, wanted is a text"))),
            })
            .collect(),
        other => Err(serde::de::Error::custom(format!("reports_to is {other}, wanted is a text"))),
    }
}

/// A text of somebody else's, short and on one line, for repeating it.
pub(super) fn shown(text: &str, most: usize) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_control() || is_hidden(c) { ' ' } else { c }).take(most * 4).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if plain.chars().count() <= most {
        return plain;
    }
    let cut: String = plain.chars().take(most.saturating_sub(1)).collect();
    format!("{}\u{2026}", cut.trim_end())
}

/// Marks that turn the direction of writing or cannot be seen.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A word as names of the definition are written: lower-case, joined by `-`.
pub(super) fn slug(text: &str) -> String {
    let lower: String = text
        .chars()
        .take(200)
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    lower.split_whitespace().collect::<Vec<_>>().join("-")
}
