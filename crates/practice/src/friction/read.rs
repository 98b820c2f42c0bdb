//! Reading a friction log: the head, then step by step. Everything that is wrong is found in one go.

use super::{Log, Step, Tone, tone};
use crate::handwritten::{Finding, day, field};

const KEYS: [&str; 10] = [
    "scenario",
    "date",
    "persona",
    "size",
    "recorder",
    "version",
    "goal",
    "consent",
    "bad-moods",
    "good-moods",
];
const FIELDS: [&str; 5] = ["mood", "pro", "con", "success", "where"];
/// A step does not begin later than this after the first one.
const LONGEST: u32 = 14 * 24 * 60;

/// Reads a log. What cannot be read is among the findings, with its line; without one that refuses, there is a log.
#[must_use]
pub fn read(text: &str) -> (Option<Log>, Vec<Finding>) {
    let mut findings = Vec::new();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    let (mut log, body) = head(&lines, &mut findings);
    steps(&lines, body, &mut log, &mut findings);
    check(&log, lines.len(), &mut findings);
    findings.sort();
    let whole = !crate::handwritten::refused(&findings);
    (whole.then_some(log), findings)
}

fn empty() -> Log {
    Log {
        scenario: String::new(),
        date: rapport_model::Time::MIN,
        persona: String::new(),
        size: String::new(),
        recorder: None,
        version: None,
        goal: None,
        consent: "none".to_owned(),
        story: String::new(),
        steps: Vec::new(),
        moods: (Vec::new(), Vec::new()),
    }
}

/// The head between two lines `+++`, and the line that the rest begins at.
fn head(lines: &[&str], findings: &mut Vec<Finding>) -> (Log, usize) {
    let mut log = empty();
    let first = lines.iter().position(|l| !l.trim().is_empty()).unwrap_or(0);
    if lines.get(first).map(|l| l.trim()) != Some("+++") {
        findings.push(Finding::wrong(
            first + 1,
            "a friction log begins with a line +++, its head in TOML, and another line +++",
        ));
        return (log, first);
    }
    let Some(length) = lines[first + 1..].iter().position(|l| l.trim() == "+++") else {
        findings.push(Finding::wrong(first + 1, "the head has no end: a second line +++ is missing"));
        return (log, lines.len());
    };
    let (from, to) = (first + 1, first + 1 + length);
    let source = lines[from..to].join("\n");
    let table: toml::Table = match source.parse() {
        Ok(table) => table,
        Err(error) => {
            let error: toml::de::Error = error;
            let at =
                error.span().map_or(0, |span| source[..span.start.min(source.len())].matches('\n').count());
            findings.push(Finding::wrong(from + at + 1, error.message().to_owned()));
            return (log, to + 1);
        }
    };
    let at = |key: &str| {
        let found = lines[from..to].iter().position(|l| l.split('=').next().is_some_and(|k| k.trim() == key));
        found.map_or(first + 1, |n| from + n + 1)
    };
    for key in table.keys().filter(|k| !KEYS.contains(&k.as_str())) {
        findings
            .push(Finding::wrong(at(key), format!("'{key}' is no key; the keys are {}", KEYS.join(", "))));
    }
    let mut word = |key: &str, needed: bool| -> Option<String> {
        match table.get(key) {
            Some(toml::Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Some(_) => {
                findings.push(Finding::wrong(at(key), format!("{key} wants words in quotation marks")));
                None
            }
            None if needed => {
                findings.push(Finding::wrong(first + 1, format!("the head has no {key}")));
                None
            }
            None => None,
        }
    };
    log.scenario = word("scenario", true).unwrap_or_default();
    log.persona = word("persona", true).unwrap_or_default();
    log.size = word("size", true).unwrap_or_default();
    (log.recorder, log.version, log.goal) =
        (word("recorder", false), word("version", false), word("goal", false));
    if let Some(consent) = word("consent", false) {
        match consent.as_str() {
            "none" | "quote" | "name" => log.consent = consent,
            _ => findings.push(Finding::wrong(at("consent"), "consent is none, quote or name")),
        }
    }
    // A date may be written as TOML's own or as text.
    match table.get("date").map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)) {
        None => findings.push(Finding::wrong(first + 1, "the head has no date")),
        Some(text) => match day(&text) {
            Some(time) => log.date = time,
            None => {
                findings
                    .push(Finding::wrong(at("date"), format!("'{text}' is no day; wanted is 2026-09-14")));
            }
        },
    }
    for (key, place) in [("bad-moods", &mut log.moods.0), ("good-moods", &mut log.moods.1)] {
        let Some(value) = table.get(key) else { continue };
        let words = value.as_array().map(|list| list.iter().map(|w| w.as_str().map(str::to_owned)).collect());
        match words {
            Some(Some(words)) => *place = words,
            _ => findings.push(Finding::wrong(at(key), format!("{key} wants a list of words: [\"meh\"]"))),
        }
    }
    (log, to + 1)
}

/// A step's time as it is written.
enum Clock {
    /// Of the day, in minutes.
    OfDay(u32),
    /// Since the first step, in minutes.
    Since(u32),
}

/// `09:12`, `+12`, `+12 min` or `+1:20` at the beginning of a heading, and what follows.
fn clock(heading: &str) -> Option<(Clock, &str)> {
    let since = heading.strip_prefix('+');
    let bare = since.unwrap_or(heading);
    let end = bare.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(bare.len());
    let (written, rest) = bare.split_at(end);
    let minutes = match written.split_once(':') {
        Some((hours, minutes)) if minutes.len() == 2 => {
            let (h, m): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
            (m < 60 && (since.is_some() || h < 24)).then(|| h.saturating_mul(60).saturating_add(m))?
        }
        None if since.is_some() => written.parse().ok()?,
        _ => return None,
    };
    let rest = rest.trim_start();
    let rest = if since.is_some() { rest.strip_prefix("min").unwrap_or(rest) } else { rest };
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || "-:\u{2013}\u{2014}".contains(c));
    Some((if since.is_some() { Clock::Since(minutes) } else { Clock::OfDay(minutes) }, rest.trim()))
}

/// Minutes since the first step, from a clock of the day that may pass midnight.
fn minute(clock: &Clock, start: &mut Option<u32>, last: u32) -> u32 {
    match clock {
        Clock::Since(minutes) => *minutes,
        Clock::OfDay(of_day) => {
            let start = *start.get_or_insert(of_day.saturating_sub(last));
            // The first such time of day at or after the last step.
            let mut since = (*of_day + 1_440 - start % 1_440) % 1_440;
            while since < last {
                since += 1_440;
            }
            since
        }
    }
}

fn steps(lines: &[&str], from: usize, log: &mut Log, findings: &mut Vec<Finding>) {
    let mut start: Option<u32> = None;
    let mut last = 0;
    let mut fenced = false;
    let mut lost = false;
    for (n, line) in lines.iter().enumerate().skip(from) {
        let number = n + 1;
        fenced ^= line.trim_start().starts_with("```");
        if !fenced && let Some(heading) = line.strip_prefix("## ") {
            let Some((clock, title)) = clock(heading.trim()) else {
                findings.push(Finding::wrong(
                    number,
                    format!(
                        "step '{}' has no time; wanted is ## 09:12 or ## +12 before its heading",
                        cut(heading)
                    ),
                ));
                lost = true;
                continue;
            };
            lost = false;
            let at = minute(&clock, &mut start, last);
            if at < last {
                findings.push(Finding::wrong(number, format!("this step begins {at} min after the first one, the step before it {last} min: steps go forward")));
            } else if at > last + 12 * 60 && !log.steps.is_empty() {
                let say = format!("{} h pass before this step: is its time right?", (at - last) / 60);
                findings.push(Finding::odd(number, say));
            }
            if at > LONGEST {
                findings.push(Finding::wrong(number, "a log of more than two weeks is several logs"));
            }
            if log.steps.is_empty() && at > 0 {
                findings.push(Finding::odd(number, format!("the first step begins at +{at} min: times count from the first step, so this shows as a late start")));
            }
            if title.is_empty() {
                findings.push(Finding::wrong(number, "this step has no heading after its time"));
            }
            last = at.max(last);
            log.steps.push(Step { line: number, minute: at, title: title.to_owned(), ..Step::default() });
            continue;
        }
        let Some(step) = log.steps.last_mut().filter(|_| !lost) else {
            if !lost {
                log.story.push_str(line);
                log.story.push('\n');
            }
            continue;
        };
        match field(line, &FIELDS).filter(|_| !fenced) {
            Some((key, "")) => findings.push(Finding::wrong(number, format!("{key}: has nothing after it"))),
            Some(("mood", mood)) => {
                if tone(&log.moods, mood) == Tone::Unknown {
                    let say = format!(
                        "no list knows the mood '{}'; put it under bad-moods or good-moods in the head",
                        cut(mood)
                    );
                    findings.push(Finding::odd(number, say));
                }
                if step.mood.replace(mood.to_owned()).is_some() {
                    findings.push(Finding::wrong(
                        number,
                        "a second mood in one step; write both on one line, or begin a new step",
                    ));
                }
            }
            Some(("pro", text)) => step.pros.push(text.to_owned()),
            Some(("con", text)) => step.cons.push(text.to_owned()),
            Some(("where", url)) => step.place = Some(url.to_owned()),
            Some((_, when)) => match (when.to_lowercase().as_str(), clock(when)) {
                ("yes", _) => step.success = Some(step.minute),
                ("no", _) => {}
                (_, Some((clock, ""))) => {
                    let at = minute(&clock, &mut start, step.minute);
                    last = last.max(at);
                    step.success = Some(at);
                    if at < step.minute {
                        findings.push(Finding::wrong(number, "success comes before its step begins"));
                    }
                }
                _ => findings.push(Finding::wrong(
                    number,
                    format!("success is yes, no or a time, not '{}'", cut(when)),
                )),
            },
            None => {
                step.text.push_str(line);
                step.text.push('\n');
            }
        }
    }
    log.story = log.story.trim().to_owned();
    for step in &mut log.steps {
        step.text = step.text.trim().to_owned();
    }
}

/// What only the whole log tells.
fn check(log: &Log, lines: usize, findings: &mut Vec<Finding>) {
    if log.steps.is_empty() && !findings.iter().any(|f| f.say.starts_with("step ")) {
        findings.push(Finding::wrong(
            lines.max(1),
            "there is no step; a step begins with ## 09:12 and a heading",
        ));
    }
    if !log.steps.is_empty() && log.first_success().is_none() {
        findings.push(Finding::odd(
            lines.max(1),
            "nothing is marked with success: yes, so there is no time to first success",
        ));
    }
}

fn cut(text: &str) -> String {
    text.chars().take(60).collect()
}
