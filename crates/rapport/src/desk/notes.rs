//! `notes`: what was heard at an event, typed offline; each note becomes evidence, and follow-ups come due.

use std::path::PathBuf;

use clap::{ArgMatches, Args, Command};
use rapport_insight::kind;
use rapport_model::{NeedKind, Time};
use rapport_practice::evidence::stage;
use rapport_practice::handwritten::{Finding, refused};
use rapport_practice::notes::{Note, TalkState, read, same_event};
use rapport_store::{Event, Evidence, EvidenceChange, EvidenceWanted, FieldNote, Store, Talk};
use serde::Serialize;

use super::add::parsed;
use super::field::{Places, date, midnight, next, said, text_of};
use super::{Answer, Desk, Verb, me};
use crate::fault::{Fault, FaultKind};
use crate::page::{bold, count, dim, line};
use crate::report::print::Print;
use crate::report::trip;

pub(crate) const VERB: Verb = Verb {
    name: "notes",
    about: "Field notes of an event in, evidence and follow-ups out",
    example: "rapport notes add harbour-dev-days.txt\nrapport notes due\nrapport notes report \"Harbour Dev Days 2026\" --format html --out trip.html",
    args: |command| {
        command
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(Add::augment_args(Command::new("add")).about(
                "Take rough notes in; each becomes evidence, and an accepted talk of the event becomes given",
            ))
            .subcommand(
                List::augment_args(Command::new("list"))
                    .about("The notes, with their evidence and follow-up"),
            )
            .subcommand(
                Due::augment_args(Command::new("due")).about("Follow-ups that are open, the oldest first"),
            )
            .subcommand(Done::augment_args(Command::new("done")).about("A follow-up is done"))
            .subcommand(
                ReportOf::augment_args(Command::new("report")).about("A trip report on the event, drafted"),
            )
    },
    call,
};

/// Arguments of `notes add`.
#[derive(Args)]
struct Add {
    /// Text files, see docs/field-notes.md
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Arguments of `notes list`.
#[derive(Args)]
struct List {
    /// Only this event
    #[arg(long)]
    event: Option<String>,
}

/// Arguments of `notes due`.
#[derive(Args)]
struct Due {
    /// What comes due within so many days
    #[arg(long, default_value_t = 14)]
    days: u32,
    /// Only of this person
    #[arg(long)]
    owner: Option<String>,
}

/// Arguments of `notes done`.
#[derive(Args)]
struct Done {
    /// The note's number
    note: i64,
    /// What came of it
    #[arg(long)]
    word: Option<String>,
    /// It is open after all
    #[arg(long)]
    undo: bool,
}

/// Arguments of `notes report`.
#[derive(Args)]
struct ReportOf {
    /// The event's name
    event: String,
    /// For readers outside DevRel: without what may not be quoted
    #[arg(long)]
    outside: bool,
    #[command(flatten)]
    print: Print,
}

/// One note as it is kept.
#[derive(Clone, Serialize)]
pub(crate) struct Row {
    pub(crate) note: i64,
    pub(crate) event: String,
    pub(crate) date: Time,
    pub(crate) text: String,
    /// `none`, `quote` or `name`.
    pub(crate) consent: String,
    /// Who said it: for DevRel alone, unless they consented to their name.
    pub(crate) said_by: Option<String>,
    pub(crate) writer: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) due: Option<Time>,
    pub(crate) done_at: Option<Time>,
    pub(crate) done_word: Option<String>,
    pub(crate) overdue: bool,
    pub(crate) evidence: Option<i64>,
    pub(crate) kind: Option<String>,
    pub(crate) topic: Option<i64>,
    pub(crate) label: Option<String>,
}

/// What came of one file.
#[derive(Serialize)]
struct Added {
    file: String,
    new: usize,
    known: usize,
    notes: Vec<Row>,
    /// Talks that are given now.
    talks_given: Vec<String>,
    findings: Vec<Finding>,
}

fn call(desk: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    match matches.subcommand() {
        Some(("add", matches)) => add(desk, &parsed(matches)?),
        Some(("list", matches)) => list(desk, &parsed(matches)?),
        Some(("due", matches)) => due(desk, &parsed(matches)?),
        Some(("done", matches)) => done(desk, &parsed(matches)?),
        Some(("report", matches)) => report(desk, &parsed(matches)?),
        _ => Err(Fault::usage("what about notes? see: rapport notes --help")),
    }
}

fn add(desk: &Desk, args: &Add) -> Result<Answer, Fault> {
    let texts: Vec<(PathBuf, String)> =
        args.files.iter().map(|f| Ok((f.clone(), text_of(f)?))).collect::<Result<_, Fault>>()?;
    let places = Places::new(desk)?;
    let mut store = desk.writing()?;
    let mut all = Vec::new();
    let mut text = String::new();
    let mut bad = false;
    let mut first_event = None;
    for (path, body) in &texts {
        let (read, mut findings) = read(body);
        let mut added = Added {
            file: path.display().to_string(),
            new: 0,
            known: 0,
            notes: Vec::new(),
            talks_given: Vec::new(),
            findings: Vec::new(),
        };
        if refused(&findings) {
            bad = true;
        } else {
            let mut numbers = Vec::new();
            let mut events = Vec::new();
            for note in &read.notes {
                let (id, new, event) = keep(desk, &mut store, &places, note)?;
                if new {
                    added.new += 1;
                } else {
                    added.known += 1;
                }
                numbers.push(id);
                if !events.contains(&event) {
                    events.push(event);
                }
            }
            for event in events {
                added.talks_given.extend(given(desk, &mut store, event, &read.talks, &mut findings)?);
            }
            added.notes =
                rows(desk, &store, &places)?.into_iter().filter(|r| numbers.contains(&r.note)).collect();
        }
        text.push_str(&said(path, &findings));
        if refused(&findings) {
            text.push_str(&format!("{}: not taken in; mend these lines first\n", path.display()));
        } else {
            let known =
                if added.known > 0 { format!(", {} known already", added.known) } else { String::new() };
            text.push_str(&bold(&format!("{} taken in{known}\n", count(added.new, "note", "notes"))));
            for r in &added.notes {
                text.push_str(&line_of(r));
            }
            for talk in &added.talks_given {
                text.push_str(&format!("The talk “{}” is given now.\n", line(talk, 80)));
            }
            first_event = first_event.or_else(|| added.notes.first().map(|n| n.event.clone()));
        }
        added.findings = findings;
        all.push(added);
    }
    let mut answer = desk.answer(&all, || {
        let report = first_event.map(|e| format!("notes report \"{}\"", line(&e, 80)));
        let mut verbs = vec!["notes due"];
        verbs.extend(report.as_deref());
        verbs.extend(["talks", "evidence list"]);
        format!("{text}{}", next(desk, &verbs))
    })?;
    answer.findings = bad;
    Ok(answer)
}

fn line_of(r: &Row) -> String {
    let mut out = format!("{:>4}  {}\n", r.note, line(&r.text, 110));
    let mut words = vec![format!("consent: {}", r.consent)];
    words.extend(follow(r));
    words.extend(r.kind.clone().filter(|k| k != "other"));
    words.extend(r.label.as_ref().map(|l| format!("topic {} “{}”", r.topic.unwrap_or(0), line(l, 50))));
    words.extend(r.evidence.map(|e| format!("evidence {e}")));
    out.push_str(&dim(&format!("      {}\n", words.join(" \u{b7} "))));
    out
}

/// Who follows up until when, in words.
pub(crate) fn follow(r: &Row) -> Option<String> {
    let owner = r.owner.as_deref().map_or_else(|| "nobody".to_owned(), |o| line(o, 40));
    match (r.owner.is_some() || r.due.is_some(), r.due) {
        (false, _) => None,
        (_, Some(due)) => Some(format!(
            "{owner} follows up until {}{}",
            date(due),
            if r.overdue { " (overdue)" } else { "" }
        )),
        (_, None) => Some(format!("{owner} follows up, no day set")),
    }
}

/// Keeps one note and its evidence. Gives its number, whether it is new, and its event.
fn keep(desk: &Desk, store: &mut Store, places: &Places, note: &Note) -> Result<(i64, bool, i64), Fault> {
    let who = me();
    let known = store.events()?.into_iter().filter(|e| same_event(&e.name, &note.event));
    // Of several years the one nearest to the note's day.
    let distance = |e: &Event| e.starts.map_or(i64::MAX, |s| (s.millis() - note.date.millis()).abs());
    let event = match known.min_by_key(distance) {
        Some(event) if event.starts.is_none() || distance(&event) < 200 * 86_400_000 => event.id,
        _ => {
            let new = Event {
                id: 0,
                name: note.event.clone(),
                starts: Some(note.date),
                ends: Some(note.date),
                place: None,
                url: None,
                area: None,
                call_url: None,
                call_until: None,
            };
            store.add_event(&new, &who, desk.now)?.0
        }
    };
    store.widen_event(event, note.date)?;
    let kept = FieldNote {
        id: 0,
        event,
        date: note.date,
        text: note.text.clone(),
        said_by: note.said_by.clone(),
        consent: note.consent.clone(),
        writer: note.by.clone(),
        owner: note.owner.clone(),
        due: note.due,
        done: None,
    };
    let (id, new) = store.add_note(&kept, &who, desk.now)?;
    let wanted = EvidenceWanted { origin: Some("field-note".to_owned()), ..EvidenceWanted::default() };
    let of = format!("note/{id}");
    if let Some(old) = store.evidence(&wanted)?.into_iter().find(|e| e.of.as_deref() == Some(of.as_str())) {
        if old.consent != note.consent {
            let change = EvidenceChange { consent: Some(note.consent.clone()), ..EvidenceChange::default() };
            store.change_evidence(old.id, &change, &who, desk.now)?;
        }
        return Ok((id, new, event));
    }
    let (kind, because) = match &note.kind {
        Some(kind) => (kind.clone(), "the note says so".to_owned()),
        None => judged(&note.text),
    };
    let (stage, stage_because) = stage(&note.text);
    store.add_evidence(&Evidence {
        id: 0,
        origin: "field-note".to_owned(),
        thread: None,
        activity: None,
        source: None,
        of: Some(of),
        quote: note.text.clone(),
        url: None,
        said_at: note.date,
        channel: note.event.clone(),
        licence: "noted by the team".to_owned(),
        consent: note.consent.clone(),
        who: None,
        kind,
        kind_because: because,
        stage: stage.as_str().to_owned(),
        stage_because,
        topic: places.topic(&note.text)?.map(|near| i64::from(near.topic)),
        note: None,
        by: who,
        at: desk.now,
    })?;
    Ok((id, new, event))
}

/// What a note is, by its words.
fn judged(text: &str) -> (NeedKind, String) {
    if let Some(word) = kind::names_docs(text) {
        return (NeedKind::named("docs"), format!("says '{word}'"));
    }
    let judged = kind::judge(kind::base(), text, "");
    let kind = if judged.sure() { judged.kind } else { "other" };
    (NeedKind::named(kind), format!("its words ({:.0} % sure)", judged.confidence * 100.0))
}

/// Accepted talks of an event whose notes came in are given: those that the file names, else all of them.
fn given(
    desk: &Desk,
    store: &mut Store,
    event: i64,
    named: &[(String, String, usize)],
    findings: &mut Vec<Finding>,
) -> Result<Vec<String>, Fault> {
    let events = store.events()?;
    let Some(held) = events.iter().find(|e| e.id == event) else { return Ok(Vec::new()) };
    let here: Vec<&(String, String, usize)> =
        named.iter().filter(|(name, _, _)| same_event(name, &held.name)).collect();
    let talks: Vec<Talk> = store.talks()?.into_iter().filter(|t| t.event == event).collect();
    let same = |t: &Talk, title: &str| t.title.trim().to_lowercase() == title.trim().to_lowercase();
    for (_, title, number) in &here {
        match talks.iter().find(|t| same(t, title)) {
            Some(talk) if talk.state == "accepted" || talk.state == "given" => {}
            Some(talk) => findings.push(Finding::odd(
                *number,
                format!(
                    "this talk stands as {}, so it was not moved to given: rapport talks move {} accepted",
                    talk.state, talk.id
                ),
            )),
            None => findings.push(Finding::odd(
                *number,
                "the tracker has no such talk at this event: rapport talks propose",
            )),
        }
    }
    let mut moved = Vec::new();
    for talk in talks.iter().filter(|t| t.state == "accepted") {
        let state = TalkState::from_word(&talk.state).is_some_and(|s| s.may_become(TalkState::Given));
        if state && (here.is_empty() || here.iter().any(|(_, title, _)| same(talk, title))) {
            let at = held.ends.or(held.starts).unwrap_or(desk.now).min(desk.now);
            store.move_talk(talk.id, "given", Some("the event's notes came in"), &me(), at)?;
            moved.push(talk.title.clone());
        }
    }
    Ok(moved)
}

/// Every note until now, with what is known about it.
pub(crate) fn rows(desk: &Desk, store: &Store, places: &Places) -> Result<Vec<Row>, Fault> {
    let wanted = EvidenceWanted { origin: Some("field-note".to_owned()), ..EvidenceWanted::default() };
    let marked = store.evidence(&wanted)?;
    let events = store.events()?;
    let today = midnight(desk.now);
    let notes = store.notes()?.into_iter().filter(|n| n.date <= desk.now);
    notes
        .map(|n| {
            let of = format!("note/{}", n.id);
            let found = marked.iter().find(|e| e.of.as_deref() == Some(of.as_str()));
            let topic = found.and_then(|e| e.topic);
            let label = topic.map(|t| places.label(t)).transpose()?;
            Ok(Row {
                note: n.id,
                event: events.iter().find(|e| e.id == n.event).map(|e| e.name.clone()).unwrap_or_default(),
                date: n.date,
                text: n.text,
                consent: n.consent,
                said_by: n.said_by,
                writer: n.writer,
                owner: n.owner,
                due: n.due,
                overdue: n.done.is_none() && n.due.is_some_and(|d| d < today),
                done_at: n.done.as_ref().map(|d| d.0),
                done_word: n.done.and_then(|d| d.2),
                evidence: found.map(|e| e.id),
                kind: found.map(|e| e.kind.as_str().to_owned()),
                topic,
                label: label.filter(|l| !l.is_empty()),
            })
        })
        .collect()
}

fn list(desk: &Desk, args: &List) -> Result<Answer, Fault> {
    let places = Places::read(desk)?;
    let mut rows = rows(desk, &desk.reading()?, &places)?;
    rows.retain(|r| args.event.as_ref().is_none_or(|e| same_event(e, &r.event)));
    desk.answer(&rows, || {
        if rows.is_empty() {
            return format!("No field note yet.\n{}", next(desk, &["notes add FILE"]));
        }
        let mut out = String::new();
        let mut event = "";
        for r in &rows {
            if r.event != event {
                out.push_str(&bold(&format!("{}\n", line(&r.event, 80))));
                event = &r.event;
            }
            out.push_str(&line_of(r));
        }
        format!("{out}{}", next(desk, &["notes due", "evidence list"]))
    })
}

fn due(desk: &Desk, args: &Due) -> Result<Answer, Fault> {
    let places = Places::read(desk)?;
    let until = midnight(desk.now).plus_millis(i64::from(args.days) * 86_400_000);
    let mut rows = rows(desk, &desk.reading()?, &places)?;
    rows.retain(|r| {
        let wanted = r.due.is_some_and(|d| d <= until) || (r.owner.is_some() && r.due.is_none());
        let owner = args
            .owner
            .as_ref()
            .is_none_or(|o| r.owner.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(o)));
        r.done_at.is_none() && wanted && owner
    });
    rows.sort_by_key(|r| (r.due.unwrap_or(Time::MAX), r.note));
    desk.answer(&rows, || {
        if rows.is_empty() {
            return format!(
                "No follow-up comes due within {} days.\n{}",
                args.days,
                next(desk, &["notes list"])
            );
        }
        let late = rows.iter().filter(|r| r.overdue).count();
        let mut out = bold(&format!("{}, {late} overdue\n\n", count(rows.len(), "follow-up", "follow-ups")));
        for r in &rows {
            out.push_str(&format!(
                "{:>4}  {:<10}  {:<12}  {}\n",
                r.note,
                r.due.map_or_else(|| "no day".to_owned(), date),
                line(r.owner.as_deref().unwrap_or("nobody"), 12),
                line(&r.text, 90)
            ));
            out.push_str(&dim(&format!(
                "      {}{}\n",
                line(&r.event, 60),
                if r.overdue { ", overdue" } else { "" }
            )));
        }
        let first = format!("notes done {}", rows[0].note);
        format!("{out}{}", next(desk, &[&first, "notes list"]))
    })
}

fn done(desk: &Desk, args: &Done) -> Result<Answer, Fault> {
    desk.reading()?;
    let mut store = desk.writing()?;
    let word = (!args.undo).then(|| args.word.clone().unwrap_or_default());
    if !store.follow_up(args.note, word.as_deref(), &me(), desk.now)? {
        return Err(Fault::new(FaultKind::Usage, format!("there is no note {}", args.note))
            .hint("rapport notes list"));
    }
    drop(store);
    let places = Places::read(desk)?;
    let row = rows(desk, &desk.reading()?, &places)?.into_iter().find(|r| r.note == args.note);
    desk.answer(&row, || {
        format!(
            "note {}: the follow-up is {}\n{}",
            args.note,
            if args.undo { "open again" } else { "done" },
            next(desk, &["notes due"])
        )
    })
}

/// What a trip report is made from.
#[derive(Serialize)]
pub(crate) struct Trip {
    pub(crate) event: String,
    pub(crate) starts: Option<Time>,
    pub(crate) ends: Option<Time>,
    pub(crate) place: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) as_of: Time,
    /// Title, speaker, state.
    pub(crate) talks: Vec<(String, Option<String>, String)>,
    pub(crate) notes: Vec<Row>,
    /// Notes that may not be quoted and were left out.
    pub(crate) left_out: usize,
}

fn report(desk: &Desk, args: &ReportOf) -> Result<Answer, Fault> {
    let places = Places::read(desk)?;
    let store = desk.reading()?;
    let mut notes = rows(desk, &store, &places)?;
    notes.retain(|r| same_event(&args.event, &r.event));
    let name = notes.last().map_or_else(|| args.event.clone(), |n| n.event.clone());
    // Of an event of several years the newest.
    notes.retain(|r| r.event == name);
    let event =
        store.events()?.into_iter().rev().find(|e| e.name == name || same_event(&e.name, &args.event));
    let Some(event) = event else {
        return Err(Fault::usage(format!("there is no event '{}'", line(&args.event, 80)))
            .hint("rapport notes list  shows the events with notes; rapport talks  those with talks"));
    };
    for note in &mut notes {
        if note.consent != "name" && args.outside {
            note.said_by = None;
        }
    }
    let before = notes.len();
    notes.retain(|n| !args.outside || n.consent != "none");
    let talks = store.talks()?.into_iter().filter(|t| t.event == event.id);
    let trip = Trip {
        event: event.name,
        starts: event.starts,
        ends: event.ends,
        place: event.place,
        url: event.url,
        as_of: desk.now,
        talks: talks.map(|t| (t.title, t.speaker, t.state)).collect(),
        left_out: before - notes.len(),
        notes,
    };
    args.print.answer(desk, &trip, &trip::page(&trip))
}
