//! The verdict: each clause by itself, then the whole, the one question that decides, and what would change it.

use serde::Serialize;

use super::letter;
use super::person::{Duty, Job, Person, shown, slug};
use super::{BadPerson, Definition, FunctionKind};
use crate::org::Fit;

/// The three verdicts there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// All clauses hold.
    Practitioner,
    /// One does not: what the person contributes is named.
    Recognised,
    /// It depends on an answer.
    Open,
}

impl Verdict {
    /// All verdicts.
    pub const ALL: [Verdict; 3] = [Verdict::Practitioner, Verdict::Recognised, Verdict::Open];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Verdict::Practitioner => "practitioner",
            Verdict::Recognised => "recognised",
            Verdict::Open => "open",
        }
    }
    /// Reads the word back.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Verdict> {
        Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == word)
    }
}

/// One clause of the definition, applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// Its name.
    pub clause: String,
    /// Whether it holds; nothing when that is not known.
    pub holds: Option<bool>,
    /// What it says.
    pub words: String,
    /// What it found in this application.
    pub because: String,
}

/// Something to know beside the verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Finding(pub String);

/// The answer to one application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// The clause that decided it, when one did.
    pub clause: Option<String>,
    /// Every clause.
    pub clauses: Vec<Clause>,
    /// Stable names of what was found beside: `conflict-of-interest`, `outside-the-definition`, `more-than-one-line`,
    /// `shares-do-not-add-up`.
    pub findings: Vec<Finding>,
    /// The findings in words.
    pub says: Vec<String>,
    /// What the person contributes.
    pub recognises: Vec<String>,
    /// The one question that decides.
    pub question: Option<String>,
    /// Why it is asked.
    pub why: Option<String>,
    /// What would change the verdict.
    pub what_would_change_it: Vec<String>,
    /// What else to know.
    pub note: Option<String>,
    /// Whether a person should look at it: always, unless it is a yes. A no takes two people.
    pub offers_human_review: bool,
    /// A draft to send.
    pub letter: String,
    /// The definition it was judged by.
    pub definition: String,
}

/// What the working time goes into.
#[derive(Default)]
struct Work {
    devrel: f64,
    related: f64,
    /// Functions that depend on something, and those that nobody has listed: name, question, why.
    unclear: Vec<(f64, String, String, String)>,
    named: Vec<(String, FunctionKind, f64)>,
    /// What the shares leave over.
    rest: f64,
    adds_up: bool,
    shared: bool,
    given: bool,
}

const EPSILON: f64 = 0.005;

/// Judges one application. The same application gets the same verdict.
///
/// # Errors
/// When a number in it cannot be.
pub fn judge(definition: &Definition, person: &Person) -> Result<Judgement, BadPerson> {
    person.check()?;
    let job = job(person);
    let work = work(definition, &job.duties);
    let mut notes = Vec::new();
    let mut ask: Option<(String, String)> = None;
    let mut asks = |question: String, why: &str| {
        ask.get_or_insert((question, why.to_owned()));
    };

    let function = function_clause(definition, &work);
    let sole = sole_clause(definition, &work);
    let full = full_time_clause(definition, job.hours_per_week);

    if person.between_roles {
        notes.push("between roles: the last role is judged".to_owned());
    }
    if !work.given {
        asks(duties_question(definition, person, &job), "no shares of the working time are given");
    } else if !work.shared {
        asks(
            "Which share of your working time does each of these duties take?".to_owned(),
            "a duty without a share may be all of the job or an hour of it",
        );
    } else if let Some((_, _, question, why)) = work.unclear.iter().max_by(|a, b| a.0.total_cmp(&b.0)) {
        asks(question.clone(), why);
    } else if work.rest > 1.0 - definition.sole.from + EPSILON {
        asks(
            format!("What does the remaining {} of your working time go into?", percent(work.rest)),
            "the shares leave a part of the working time open",
        );
    }
    let several = several(definition, person);
    if several {
        asks(definition.several.question.clone(), &definition.several.why);
    }
    if person.jobs.len() > 1 {
        asks(
            "Is one of these jobs by itself full-time, or do they make up a working week only together?"
                .to_owned(),
            "the definition speaks of one full-time job",
        );
    }
    if full.holds.is_none() {
        let question = match job.hours_per_week {
            None => "How many hours a week is this job?".to_owned(),
            Some(hours) => format!("Are {hours} hours a week a full-time job at your employer?"),
        };
        asks(question, "whether it is full-time depends on it");
    }

    let (findings, says) = findings(definition, person, &job, &work);
    let clauses = vec![function, sole, full];
    let failing = clauses.iter().find(|c| c.holds == Some(false)).map(|c| c.clause.clone());
    let unknown = clauses.iter().find(|c| c.holds.is_none()).map(|c| c.clause.clone());
    let doubt = unknown.is_some() || several || person.jobs.len() > 1;
    let (verdict, clause) = match (failing, doubt) {
        (Some(failing), _) => (Verdict::Recognised, Some(failing)),
        (None, true) => (Verdict::Open, unknown.or_else(|| Some("sole".to_owned()))),
        (None, false) => (Verdict::Practitioner, None),
    };
    let (question, why) = match verdict {
        Verdict::Open => ask.map_or((None, None), |(question, why)| (Some(question), Some(why))),
        _ => (None, None),
    };
    if let Some(title) = &person.title {
        notes.extend(title_note(definition, title, verdict));
    }
    if verdict == Verdict::Practitioner && job.reports_to.is_empty() && !person.between_roles {
        notes.push("the line is not given: product, marketing or engineering?".to_owned());
    }
    let mut judgement = Judgement {
        verdict,
        clause,
        findings,
        says,
        recognises: recognises(definition, person, &work, verdict),
        question,
        why,
        what_would_change_it: changes(definition, verdict, &clauses, several),
        clauses,
        note: (!notes.is_empty()).then(|| notes.join("; ")),
        offers_human_review: verdict != Verdict::Practitioner,
        letter: String::new(),
        definition: definition.label(),
    };
    judgement.letter = letter::draft(&judgement);
    Ok(judgement)
}

/// The job that is judged: the one told, the last one, or all of several together, weighed by their hours.
fn job(person: &Person) -> Job {
    let own = || Job {
        duties: person.duties.clone(),
        duties_text: person.duties_text.clone(),
        hours_per_week: person.hours_per_week,
        reports_to: person.reports_to.clone(),
        ended: None,
    };
    if person.between_roles && person.duties.is_empty() {
        return person.last_role.clone().unwrap_or_default();
    }
    if person.jobs.is_empty() {
        return own();
    }
    let mut jobs = person.jobs.clone();
    if !person.duties.is_empty() {
        jobs.push(own());
    }
    let hours: Option<f64> = jobs.iter().map(|job| job.hours_per_week).sum();
    let mut all = Job { hours_per_week: hours, reports_to: person.reports_to.clone(), ..Job::default() };
    #[allow(clippy::cast_precision_loss)] // at most 101 jobs
    let even = 1.0 / jobs.len() as f64;
    for job in jobs {
        let weight = match (job.hours_per_week, hours) {
            (Some(own), Some(hours)) if hours > 0.0 => own / hours,
            _ => even,
        };
        all.duties.extend(
            job.duties.into_iter().map(|d| Duty { function: d.function, share: d.share.map(|s| s * weight) }),
        );
        all.reports_to.extend(job.reports_to);
        all.duties_text = all.duties_text.or(job.duties_text);
    }
    all
}

fn work(definition: &Definition, duties: &[Duty]) -> Work {
    let mut work = Work { shared: true, adds_up: true, given: !duties.is_empty(), ..Work::default() };
    // A single duty without a share is the job.
    let lone = duties.len() == 1 && duties[0].share.is_none();
    let total: f64 = duties.iter().map(|d| if lone { 1.0 } else { d.share.unwrap_or(0.0) }).sum();
    work.shared = lone || duties.iter().all(|d| d.share.is_some());
    if work.given && work.shared {
        work.adds_up = (total - 1.0).abs() <= 0.011;
        work.given = total > 0.0;
        work.rest = (1.0 - total).max(0.0);
    }
    let scale = total.max(1.0);
    for duty in duties {
        let share = if lone { 1.0 } else { duty.share.unwrap_or(0.0) / scale };
        let name = shown(&duty.function.replace(['-', '_'], " "), 60);
        let counts = share > 0.0 || !work.shared;
        match definition.function(&duty.function) {
            _ if !counts => {}
            Some(function) => {
                let plain = function.id.replace('-', " ");
                match function.kind {
                    FunctionKind::Devrel => work.devrel += share,
                    FunctionKind::Related => work.related += share,
                    FunctionKind::Asks => work.unclear.push((
                        share,
                        plain.clone(),
                        function.question.clone().unwrap_or_default(),
                        function.why.clone().unwrap_or_default(),
                    )),
                }
                work.named.push((plain, function.kind, share));
            }
            None => {
                let name = if name.is_empty() { "a duty without a name".to_owned() } else { name };
                work.unclear.push((
                    share,
                    name.clone(),
                    format!(
                        "Is '{name}' work with technologists and for them, and to bring back what they need; or is it another role?"
                    ),
                    format!("'{name}' is not among the functions that this definition lists, and the list is open"),
                ));
                work.named.push((name, FunctionKind::Asks, share));
            }
        }
    }
    if work.shared {
        // A trifle that is unclear changes nothing.
        let small = 1.0 - definition.sole.from + EPSILON;
        if work.unclear.iter().map(|u| u.0).sum::<f64>() + work.rest <= small {
            work.unclear.clear();
        }
    }
    work
}

fn clause(definition: &Definition, id: &str, holds: Option<bool>, because: String) -> Clause {
    Clause { clause: id.to_owned(), holds, words: definition.clause(id).to_owned(), because }
}

fn listed(work: &Work, kind: FunctionKind) -> String {
    let parts: Vec<String> = work
        .named
        .iter()
        .filter(|n| n.1 == kind)
        .map(|n| if work.shared { format!("{} {}", n.0, percent(n.2)) } else { n.0.clone() })
        .collect();
    parts.join(", ")
}

fn function_clause(definition: &Definition, work: &Work) -> Clause {
    let does = work.named.iter().any(|n| n.1 == FunctionKind::Devrel);
    let (holds, because) = if !work.given {
        (None, "no duties are given that could be weighed".to_owned())
    } else if does {
        (Some(true), listed(work, FunctionKind::Devrel))
    } else if !work.unclear.is_empty() || work.rest > 1.0 - definition.sole.from + EPSILON {
        let unclear: Vec<&str> = work.unclear.iter().map(|u| u.1.as_str()).collect();
        let unclear =
            if unclear.is_empty() { "a part that is not told".to_owned() } else { unclear.join(", ") };
        (None, format!("depends on: {unclear}"))
    } else {
        (Some(false), format!("the job is {}", listed(work, FunctionKind::Related)))
    };
    clause(definition, "function", holds, because)
}

fn sole_clause(definition: &Definition, work: &Work) -> Clause {
    let other = 1.0 - definition.sole.from + EPSILON;
    let related = work.named.iter().any(|n| n.1 == FunctionKind::Related);
    let (holds, because) = if !work.given {
        (None, "no shares of the working time are given".to_owned())
    } else if work.shared && work.related > other {
        (Some(false), format!("beside it: {}", listed(work, FunctionKind::Related)))
    } else if !work.shared && related {
        (None, "how much of the time other roles take is not given".to_owned())
    } else if !work.unclear.is_empty() || work.rest > other {
        (None, "a part of the working time is unclear".to_owned())
    } else {
        (Some(true), "nothing else takes a part of the job that counts".to_owned())
    };
    clause(definition, "sole", holds, because)
}

fn full_time_clause(definition: &Definition, hours: Option<f64>) -> Clause {
    let from = definition.full_time.from;
    let (holds, because) = match hours {
        None => (None, "the hours are not given".to_owned()),
        Some(hours) if hours >= from => (Some(true), format!("{hours} hours a week")),
        Some(hours) if hours < definition.full_time.surely_below => {
            (Some(false), format!("{hours} hours a week; full-time begins at {from}"))
        }
        Some(hours) => (None, format!("{hours} hours a week, which is full-time at some employers")),
    };
    clause(definition, "full-time", holds, because)
}

fn several(definition: &Definition, person: &Person) -> bool {
    let contract = person.contract.as_deref().map(slug);
    person.clients.is_some_and(|clients| clients > 0)
        || contract.is_some_and(|contract| definition.several.contracts.contains(&contract))
}

fn duties_question(definition: &Definition, person: &Person, job: &Job) -> String {
    if job.duties_text.as_deref().or(person.duties_text.as_deref()).is_some_and(|t| !t.trim().is_empty()) {
        let examples: Vec<String> = definition
            .functions
            .iter()
            .filter(|f| f.kind == FunctionKind::Devrel)
            .take(4)
            .map(|f| f.id.replace('-', " "))
            .collect();
        return format!(
            "Which share of your working time goes into work such as {}, and which into anything else?",
            examples.join(", ")
        );
    }
    if person.between_roles {
        return "What did the working time of your last role go into, and in which shares?".to_owned();
    }
    "What does your working time go into, and in which shares?".to_owned()
}

fn findings(definition: &Definition, person: &Person, job: &Job, work: &Work) -> (Vec<Finding>, Vec<String>) {
    let mut found: Vec<(&str, String)> = Vec::new();
    let lines: Vec<(String, String)> = job
        .reports_to
        .iter()
        .map(|line| (slug(line), shown(line, 60)))
        .filter(|(line, _)| !line.is_empty())
        .collect();
    for (line, told) in &lines {
        if definition.fit(line) == Fit::Conflict {
            found.push((
                "conflict-of-interest",
                format!("reports to {told}, which sells to the people that the work is for"),
            ));
        } else if definition.fit(line) == Fit::Outside {
            found.push((
                "outside-the-definition",
                format!("reports to {told}, which is none of {}: no conflict, but not what the definition describes", definition.lines.fits.join(", ")),
            ));
        }
    }
    if person.sales_quota {
        found.push(("conflict-of-interest", "has to reach a sum of sales".to_owned()));
    }
    let mut different: Vec<&String> = lines.iter().map(|(line, _)| line).collect();
    different.sort_unstable();
    different.dedup();
    if different.len() > 1 {
        found.push(("more-than-one-line", format!("reports to {} departments", different.len())));
    }
    if !work.adds_up {
        found.push(("shares-do-not-add-up", "the shares of the duties do not add up to 1".to_owned()));
    }
    let mut names: Vec<Finding> = Vec::new();
    for (name, _) in &found {
        if !names.iter().any(|f| f.0 == *name) {
            names.push(Finding((*name).to_owned()));
        }
    }
    (names, found.into_iter().map(|(_, words)| words).collect())
}

fn recognises(definition: &Definition, person: &Person, work: &Work, verdict: Verdict) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut add = |text: String| {
        if !text.is_empty() && !found.contains(&text) {
            found.push(text);
        }
    };
    for told in &person.beside_the_job {
        let lower = told.to_lowercase();
        let known = definition.contributions.iter().find(|c| {
            c.all.iter().all(|w| lower.contains(w.as_str()))
                && c.any.iter().any(|w| lower.contains(w.as_str()))
        });
        add(known.map_or_else(|| shown(told, 120), |c| c.name.clone()));
    }
    if verdict == Verdict::Recognised {
        for (name, _, _) in work.named.iter().filter(|n| n.1 != FunctionKind::Related) {
            add(name.clone());
        }
        if found.is_empty() {
            for (name, _, _) in &work.named {
                found.push(format!("{name}, a role beside which the community grows"));
            }
        }
    }
    found
}

fn changes(definition: &Definition, verdict: Verdict, clauses: &[Clause], several: bool) -> Vec<String> {
    let from = definition.full_time.from;
    let sole = percent(definition.sole.from);
    let text = |clause: &Clause| match (clause.clause.as_str(), clause.holds) {
        ("function", Some(false)) => Some("work of Developer Relations as the job itself".to_owned()),
        ("sole", Some(false)) => {
            Some(format!("this work filling the job, {sole} or more of the working time"))
        }
        ("full-time", Some(false)) => Some(format!("the same work for {from} hours a week or more")),
        (_, None) => Some(format!("knowing whether the person {}", clause.words)),
        _ => None,
    };
    match verdict {
        Verdict::Practitioner => vec![
            format!(
                "another role taking more than {} of the working time",
                percent(1.0 - definition.sole.from)
            ),
            format!("fewer than {from} hours a week"),
        ],
        _ => {
            let mut found: Vec<String> = clauses.iter().filter_map(text).collect();
            if several {
                found.push("one employer, and this work as its full-time job".to_owned());
            }
            if found.is_empty() {
                found.push("one of the jobs being full-time by itself".to_owned());
            }
            found
        }
    }
}

/// A title is only ever compared with what the duties have decided.
fn title_note(definition: &Definition, title: &str, verdict: Verdict) -> Option<String> {
    let lower = title.to_lowercase();
    let has = |list: &[String]| list.iter().any(|word| lower.contains(word.as_str()));
    match verdict {
        Verdict::Practitioner if has(&definition.titles.devrel) => None,
        Verdict::Practitioner if has(&definition.titles.related) => {
            Some("by function; the title names another role and does not matter".to_owned())
        }
        Verdict::Practitioner => Some("by function; the title is unknown and does not matter".to_owned()),
        Verdict::Recognised if has(&definition.titles.devrel) => {
            Some("the title is one of Developer Relations; what decides is the work".to_owned())
        }
        _ => None,
    }
}

/// A share as people say it.
fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}
