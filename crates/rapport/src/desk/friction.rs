//! `friction`: logs of one person walking through one scenario; each bad step becomes evidence.

use std::path::PathBuf;

use clap::{ArgMatches, Args, Command};
use rapport_model::{NeedKind, Time};
use rapport_practice::evidence::stage;
use rapport_practice::friction::{self, Compared, Log, Step, compare};
use rapport_practice::handwritten::Finding;
use rapport_store::{Evidence, EvidenceWanted, FrictionLog, Store};
use serde::Serialize;

use super::add::parsed;
use super::field::{Places, date, name_of, next, said, text_of};
use super::{Answer, Desk, Verb, me};
use crate::fault::{Fault, FaultKind};
use crate::page::{bold, count, dim, line, span};
use crate::report::friction::page;
use crate::report::print::Print;

pub(crate) const VERB: Verb = Verb {
    name: "friction",
    about: "Friction logs in, evidence out",
    example: "rapport friction template > first-webhook.md\nrapport friction add first-webhook.md\nrapport friction show 1 --format html --out first-webhook.html",
    args: |command| {
        command
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(
                Add::augment_args(Command::new("add"))
                    .about("Take logs in; each bad step becomes evidence, linked to the topic it is about"),
            )
            .subcommand(List::augment_args(Command::new("list")).about(
                "The logs, with the time to first success of each, beside the last one of its scenario",
            ))
            .subcommand(Show::augment_args(Command::new("show")).about("One log on one readable page"))
            .subcommand(
                Remove::augment_args(Command::new("remove")).about("Take a log out again, with its evidence"),
            )
            .subcommand(Command::new("template").about("An empty log to fill in"))
    },
    call,
};

/// Arguments of `friction add`.
#[derive(Args)]
struct Add {
    /// Logs: Markdown with a head in TOML, see docs/friction-log.md
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Arguments of `friction list`.
#[derive(Args)]
struct List {
    /// Only this scenario
    #[arg(long)]
    scenario: Option<String>,
}

/// Arguments of `friction show`.
#[derive(Args)]
struct Show {
    /// The log's number
    log: i64,
    #[command(flatten)]
    print: Print,
}

/// Arguments of `friction remove`.
#[derive(Args)]
struct Remove {
    /// The log's number
    log: i64,
}

/// What came of one file.
#[derive(Serialize)]
struct Added {
    file: String,
    /// None when the file has to be mended first.
    log: Option<i64>,
    /// False when the same text was there already.
    new: bool,
    scenario: Option<String>,
    steps: usize,
    first_success_min: Option<u32>,
    evidence: Vec<Bad>,
    findings: Vec<Finding>,
}

/// One step that went badly, as evidence.
#[derive(Serialize)]
pub(crate) struct Bad {
    pub(crate) evidence: i64,
    /// The step, from 1.
    pub(crate) step: usize,
    pub(crate) title: String,
    pub(crate) because: String,
    pub(crate) topic: Option<i64>,
    pub(crate) label: Option<String>,
    /// Why that topic.
    pub(crate) topic_because: Option<String>,
}

/// One log with what is known about it.
#[derive(Serialize)]
pub(crate) struct Row {
    pub(crate) log: i64,
    pub(crate) scenario: String,
    pub(crate) date: Time,
    pub(crate) persona: String,
    pub(crate) size: String,
    pub(crate) recorder: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) steps: usize,
    pub(crate) bad_steps: usize,
    /// Minutes from the first step to the first success.
    pub(crate) first_success_min: Option<u32>,
    /// The last log of the same scenario before this one.
    pub(crate) before: Option<Before>,
}

/// The log before.
#[derive(Serialize)]
pub(crate) struct Before {
    pub(crate) log: i64,
    pub(crate) date: Time,
    pub(crate) first_success_min: Option<u32>,
    /// How it changed, in words.
    pub(crate) change: String,
}

fn call(desk: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    match matches.subcommand() {
        Some(("add", matches)) => add(desk, &parsed(matches)?),
        Some(("list", matches)) => list(desk, &parsed(matches)?),
        Some(("show", matches)) => show(desk, &parsed(matches)?),
        Some(("remove", matches)) => remove(desk, &parsed(matches)?),
        _ => desk.answer(&TEMPLATE, || TEMPLATE.to_owned()),
    }
}

fn add(desk: &Desk, args: &Add) -> Result<Answer, Fault> {
    let texts: Vec<(PathBuf, String)> =
        args.files.iter().map(|f| Ok((f.clone(), text_of(f)?))).collect::<Result<_, Fault>>()?;
    let places = Places::new(desk)?;
    let mut store = desk.writing()?;
    let mut all = Vec::new();
    let mut text = String::new();
    for (path, body) in &texts {
        let (log, findings) = friction::read(body);
        text.push_str(&said(path, &findings));
        let mut added = Added {
            file: path.display().to_string(),
            log: None,
            new: false,
            scenario: log.as_ref().map(|l| l.scenario.clone()),
            steps: log.as_ref().map_or(0, |l| l.steps.len()),
            first_success_min: log.as_ref().and_then(Log::first_success),
            evidence: Vec::new(),
            findings,
        };
        if let Some(log) = &log {
            let kept = FrictionLog {
                id: 0,
                scenario: log.scenario.clone(),
                date: log.date,
                name: name_of(path),
                text: body.clone(),
                who: me(),
                at: desk.now,
            };
            let (id, new) = store.add_friction(&kept)?;
            (added.log, added.new) = (Some(id), new);
            for (n, step) in log.steps.iter().enumerate() {
                if let Some(because) = log.bad(step) {
                    added.evidence.push(mark(desk, &mut store, &places, (id, log), (n + 1, step), because)?);
                }
            }
            text.push_str(&told(&added));
        } else {
            text.push_str(&format!("{}: not taken in; mend these lines first\n", path.display()));
        }
        all.push(added);
    }
    let refused = all.iter().any(|a| a.log.is_none());
    let shown: Vec<String> = all.iter().filter_map(|a| a.log).map(|l| format!("friction show {l}")).collect();
    let mut answer = desk.answer(&all, || {
        let mut verbs: Vec<&str> = shown.iter().take(1).map(String::as_str).collect();
        verbs.extend(["friction list", "evidence list"]);
        format!("{text}{}", next(desk, &verbs))
    })?;
    answer.findings = refused;
    Ok(answer)
}

fn told(added: &Added) -> String {
    let word = if added.new { "" } else { " (known already)" };
    let success = match added.first_success_min {
        Some(minutes) => format!("first success after {}", minutes_words(minutes)),
        None => "no success".to_owned(),
    };
    let mut out = format!(
        "{}\n",
        bold(&format!(
            "{} {}: {}, {}, {success}{word}",
            added.log.unwrap_or(0),
            line(added.scenario.as_deref().unwrap_or(""), 60),
            count(added.steps, "step", "steps"),
            count(added.evidence.len(), "bad one", "bad ones")
        ))
    );
    for bad in &added.evidence {
        out.push_str(&format!("   {}. {}   {}\n", bad.step, line(&bad.title, 70), dim(&bad.because)));
        let topic = match (&bad.label, &bad.topic_because) {
            (Some(label), Some(because)) => format!("topic {}: {because}", line(label, 60)),
            _ => "no topic is near".to_owned(),
        };
        out.push_str(&dim(&format!("      evidence {}, {topic}\n", bad.evidence)));
    }
    out
}

/// Makes evidence of a bad step.
fn mark(
    desk: &Desk,
    store: &mut Store,
    places: &Places,
    (id, log): (i64, &Log),
    (number, step): (usize, &Step),
    because: String,
) -> Result<Bad, Fault> {
    let quote = log.quote(step);
    let words = format!("{}\n{}\n{quote}", step.title, step.text);
    let near = places.topic(&words)?;
    let (stage, stage_because) = stage(&words);
    let evidence = store.add_evidence(&Evidence {
        id: 0,
        origin: "friction-log".to_owned(),
        thread: None,
        activity: None,
        source: None,
        of: Some(of(id, number)),
        quote,
        url: step.place.clone().filter(|p| p.starts_with("https://") || p.starts_with("http://")),
        said_at: log.date,
        channel: format!("friction log \"{}\"", log.scenario),
        licence: "written by the team".to_owned(),
        consent: log.consent.clone(),
        who: None,
        kind: NeedKind::named("friction"),
        kind_because: because.clone(),
        stage: stage.as_str().to_owned(),
        stage_because,
        topic: near.as_ref().map(|n| i64::from(n.topic)),
        note: Some(step.title.clone()),
        by: me(),
        at: desk.now,
    })?;
    Ok(Bad {
        evidence,
        step: number,
        title: step.title.clone(),
        because,
        topic: near.as_ref().map(|n| i64::from(n.topic)),
        label: near.as_ref().map(|n| n.label.clone()),
        topic_because: near.map(|n| n.because),
    })
}

/// How evidence names the step it is from.
fn of(log: i64, step: usize) -> String {
    format!("friction/{log} step {step}")
}

/// Every log that can still be read, the oldest first.
pub(crate) fn logs(store: &Store, until: Time) -> Result<Vec<(FrictionLog, Log)>, Fault> {
    let kept = store.friction_logs()?.into_iter().filter(|kept| kept.date <= until);
    Ok(kept.filter_map(|kept| friction::read(&kept.text).0.map(|log| (kept, log))).collect())
}

/// A log as a row, beside the last one of its scenario.
pub(crate) fn row(all: &[(FrictionLog, Log)], n: usize) -> Row {
    let (kept, log) = &all[n];
    let same = |l: &Log| l.scenario.to_lowercase() == log.scenario.to_lowercase();
    let before = all[..n].iter().rev().find(|(_, l)| same(l)).map(|(k, l)| {
        let first = l.first_success();
        Before {
            log: k.id,
            date: l.date,
            first_success_min: first,
            change: change(log.first_success(), first),
        }
    });
    Row {
        log: kept.id,
        scenario: log.scenario.clone(),
        date: log.date,
        persona: log.persona.clone(),
        size: log.size.clone(),
        recorder: log.recorder.clone(),
        version: log.version.clone(),
        steps: log.steps.len(),
        bad_steps: log.steps.iter().filter(|s| log.bad(s).is_some()).count(),
        first_success_min: log.first_success(),
        before,
    }
}

fn change(now: Option<u32>, before: Option<u32>) -> String {
    match compare(now, before) {
        Compared::Minutes(0) => "as long as the last time".to_owned(),
        Compared::Minutes(n) => {
            let words = minutes_words(u32::try_from(n.abs()).unwrap_or(0));
            format!("{words} {} than the last time", if n > 0 { "less" } else { "more" })
        }
        Compared::NowWorks => "it works now, and did not the last time".to_owned(),
        Compared::NoLonger => "it worked the last time, and does not now".to_owned(),
        Compared::Neither => "it did not work the last time either".to_owned(),
    }
}

/// Minutes in words.
pub(crate) fn minutes_words(minutes: u32) -> String {
    if minutes == 0 { "0 min".to_owned() } else { span(f64::from(minutes) * 60.0) }
}

fn list(desk: &Desk, args: &List) -> Result<Answer, Fault> {
    let all = logs(&desk.reading()?, desk.now)?;
    let wanted =
        |r: &Row| args.scenario.as_ref().is_none_or(|s| s.to_lowercase() == r.scenario.to_lowercase());
    let rows: Vec<Row> = (0..all.len()).map(|n| row(&all, n)).filter(wanted).collect();
    desk.answer(&rows, || {
        if rows.is_empty() {
            return format!(
                "No friction log yet.\n{}",
                next(desk, &["friction template", "friction add FILE"])
            );
        }
        let mut out = String::new();
        for r in &rows {
            let success = r.first_success_min.map_or_else(
                || "no success".to_owned(),
                |m| format!("first success after {}", minutes_words(m)),
            );
            out.push_str(&format!("{:>4}  {}  {}\n", r.log, date(r.date), bold(&line(&r.scenario, 70))));
            let before = r
                .before
                .as_ref()
                .map_or_else(String::new, |b| format!("; {}, log {} of {}", b.change, b.log, date(b.date)));
            out.push_str(&dim(&format!(
                "      {}, {}: {} of {} steps bad, {success}{before}\n",
                line(&r.persona, 60),
                line(&r.size, 30),
                r.bad_steps,
                r.steps
            )));
        }
        let first = format!("friction show {}", rows[0].log);
        format!("{out}{}", next(desk, &[&first, "evidence list"]))
    })
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    row: &'a Row,
    evidence: Vec<Bad>,
    text: &'a str,
}

fn show(desk: &Desk, args: &Show) -> Result<Answer, Fault> {
    let places = Places::read(desk)?;
    let store = desk.reading()?;
    let all = logs(&store, desk.now)?;
    let n = all.iter().position(|(k, _)| k.id == args.log).ok_or_else(|| absent(args.log))?;
    let (kept, log) = &all[n];
    let row = row(&all, n);
    let marked = store
        .evidence(&EvidenceWanted { origin: Some("friction-log".to_owned()), ..EvidenceWanted::default() })?;
    let evidence: Vec<Bad> = log
        .steps
        .iter()
        .enumerate()
        .filter_map(|(at, step)| {
            let name = of(kept.id, at + 1);
            let found = marked.iter().find(|e| e.of.as_deref() == Some(name.as_str()))?;
            let label = match found.topic.map(|t| places.label(t)).transpose() {
                Ok(label) => label,
                Err(fault) => return Some(Err(fault)),
            };
            Some(Ok(Bad {
                evidence: found.id,
                step: at + 1,
                title: step.title.clone(),
                because: found.kind_because.clone(),
                topic: found.topic,
                label: label.filter(|l| !l.is_empty()),
                topic_because: None,
            }))
        })
        .collect::<Result<_, Fault>>()?;
    let page = page(&row, log, &evidence);
    args.print.answer(desk, &Shown { row: &row, evidence, text: &kept.text }, &page)
}

fn absent(log: i64) -> Fault {
    Fault::new(FaultKind::Usage, format!("there is no friction log {log}")).hint("rapport friction list")
}

#[derive(Serialize)]
struct Removed {
    log: i64,
    evidence: usize,
}

fn remove(desk: &Desk, args: &Remove) -> Result<Answer, Fault> {
    desk.reading()?;
    let mut store = desk.writing()?;
    if !store.friction_logs()?.iter().any(|l| l.id == args.log) {
        return Err(absent(args.log));
    }
    let begins = format!("friction/{} step ", args.log);
    let marked = store
        .evidence(&EvidenceWanted { origin: Some("friction-log".to_owned()), ..EvidenceWanted::default() })?;
    let mine: Vec<i64> = marked
        .iter()
        .filter(|e| e.of.as_ref().is_some_and(|of| of.starts_with(&begins)))
        .map(|e| e.id)
        .collect();
    for id in &mine {
        // Refused while feedback rests on it: then the log stays, too.
        store.remove_evidence(*id, &me(), desk.now)?;
    }
    store.remove_friction(args.log, &me(), desk.now)?;
    let removed = Removed { log: args.log, evidence: mine.len() };
    desk.answer(&removed, || {
        format!("friction log {} is out, and {} of its evidence\n", removed.log, removed.evidence)
    })
}

const TEMPLATE: &str = r#"+++
scenario = "first webhook"
date = 2026-09-14
persona = "backend developer, new to webhooks"
size = "one person, one afternoon"
# recorder = "you"
# version = "3.0.1"
# goal = "the first event arrives"
# consent = "quote"
# bad-moods = ["meh"]
+++
What was there before the first step.

## 09:00 Find the way in
mood: curious
where: https://docs.example.com/start
What happened, as a story.
pro: what was good
con: what was not

## 09:20 The first event arrives
mood: relieved
success: yes
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_a_log() {
        let (log, findings) = friction::read(TEMPLATE);
        assert_eq!(findings, []);
        assert_eq!(log.unwrap().first_success(), Some(20));
    }
}
