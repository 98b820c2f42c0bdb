//! Drafts: from a gap, a topic, evidence, threads, or by hand; their words changed, their ground widened, thrown away.

use std::collections::BTreeSet;

use clap::Args;
use rapport_model::{NeedKind, Time};
use rapport_practice::brief::{Candidate, Severity, Sought, ask, severity, strongest};
use rapport_practice::evidence::{Stage, telling_words};
use rapport_practice::routing::{GapKind, department};
use rapport_store::{Evidence, EvidenceWanted, Feedback, Store, StoreError};

use super::briefing::{members, sentences, sight, trend, weight};
use super::{find, shown, state, whole};
use crate::delivery::secrets::chance;
use crate::desk::org::force::in_force;
use crate::desk::thread::unknown;
use crate::desk::topics::sight::{Placed, Sight, usual_kind};
use crate::desk::{Answer, Desk, evidence, gaps, me};
use crate::fault::{Fault, FaultKind};
use crate::page::line;

/// The words on a brief that a person may set.
#[derive(Args, Default)]
pub(super) struct Words {
    /// In a few words
    #[arg(long)]
    title: Option<String>,
    /// What is asked, in a sentence
    #[arg(long)]
    ask: Option<String>,
    /// The department: product, engineering, marketing, or what rapport.toml names
    #[arg(long, value_name = "DEPARTMENT")]
    to: Option<String>,
    /// P0 people cannot work, P1 blocked, P2 costs time again and again, P3 can wait
    #[arg(long)]
    severity: Option<String>,
    /// Where on the journey: discover, evaluate, learn, build, scale, operate
    #[arg(long)]
    stage: Option<String>,
    /// Who is suggested to take it
    #[arg(long)]
    owner: Option<String>,
    /// By when a decision is asked for
    #[arg(long, value_name = "DATE")]
    decide_by: Option<String>,
    /// What they tried, a line each, instead of what the threads say
    #[arg(long)]
    tried: Option<String>,
    /// Ways around, a line each, instead of what the threads say
    #[arg(long)]
    workaround: Option<String>,
    /// What is not known, a line each
    #[arg(long)]
    unknown: Option<String>,
}

/// Arguments of `feedback new`.
#[derive(Args)]
pub(super) struct New {
    /// From the gap of this topic, as `gaps` lists it
    #[arg(long, value_name = "TOPIC", group = "from")]
    gap: Option<u32>,
    /// From this topic
    #[arg(long, value_name = "TOPIC", group = "from")]
    topic: Option<u32>,
    /// From this evidence
    #[arg(long, num_args = 1.., value_name = "N", group = "from")]
    evidence: Vec<i64>,
    /// From these threads
    #[arg(long, num_args = 1.., value_name = "THREAD", group = "from")]
    thread: Vec<i64>,
    /// By hand: --title, --ask and --to say it all
    #[arg(long, group = "from")]
    by_hand: bool,
    #[command(flatten)]
    words: Words,
}

/// Arguments of `feedback edit`.
#[derive(Args)]
pub(super) struct Edit {
    /// The feedback
    feedback: i64,
    #[command(flatten)]
    words: Words,
}

/// Arguments of `feedback add`.
#[derive(Args)]
pub(super) struct Widen {
    /// The feedback
    feedback: i64,
    /// Evidence that it rests on, too
    #[arg(long, num_args = 1.., value_name = "N")]
    evidence: Vec<i64>,
    /// Threads whose askers it speaks for, too
    #[arg(long, num_args = 1.., value_name = "THREAD")]
    thread: Vec<i64>,
}

/// Arguments of `feedback drop`.
#[derive(Args)]
pub(super) struct Drop {
    /// The draft
    feedback: i64,
}

/// The note on evidence that the program took from a thread's opening, until a person marks better words.
pub(super) const TAKEN: &str = "taken from the opening";
/// So many openings are taken.
const OPENINGS: usize = 12;
/// And so much of each.
const OPENING: usize = 280;

/// What a draft is made from.
struct Ground {
    origin: &'static str,
    label: String,
    topic: Option<i64>,
    gap: Option<&'static str>,
    department: Option<(String, String)>,
    threads: Vec<i64>,
    evidence: Vec<i64>,
}

fn ground(desk: &Desk, store: &Store, sight: &Sight, args: &New) -> Result<Ground, Fault> {
    let of_topic = |topic: u32| -> Result<Vec<i64>, Fault> {
        let threads: Vec<i64> = sight.of(topic).map(|p| p.ask.thread).collect();
        if threads.is_empty() {
            return Err(Fault::usage(format!("there is no topic {topic}")).hint("rapport topics  lists them"));
        }
        Ok(threads)
    };
    let marked = |threads: &[i64], topic: Option<u32>| -> Result<Vec<i64>, Fault> {
        let wanted: BTreeSet<i64> = threads.iter().copied().collect();
        let all = store.evidence(&EvidenceWanted::default())?;
        let fits = |e: &&Evidence| {
            e.thread.is_some_and(|t| wanted.contains(&t))
                || (e.topic.is_some() && e.topic == topic.map(i64::from))
        };
        Ok(all.iter().filter(fits).map(|e| e.id).collect())
    };
    if let Some(topic) = args.gap {
        let found = gaps::found(desk, sight)?;
        let gap = found.into_iter().find(|g| g.id == topic).ok_or_else(|| {
            Fault::new(FaultKind::Refused, format!("topic {topic} is no gap beyond chance")).hint(format!(
                "{p} gaps  lists them; {p} feedback new --topic {topic}  takes the topic as it is",
                p = desk.program()
            ))
        })?;
        return Ok(Ground {
            origin: "gap",
            label: sight.label(topic).to_owned(),
            topic: Some(i64::from(topic)),
            gap: Some(gap.kind),
            department: Some((
                gap.department.to_owned(),
                gap.why.replacen(&format!("; to {}, because ", gap.department), "; ", 1),
            )),
            evidence: marked(&gap.members, Some(topic))?,
            threads: of_topic(topic)?,
        });
    }
    if let Some(topic) = args.topic {
        let threads = of_topic(topic)?;
        return Ok(Ground {
            origin: "topic",
            label: sight.label(topic).to_owned(),
            topic: Some(i64::from(topic)),
            gap: None,
            department: None,
            evidence: marked(&threads, Some(topic))?,
            threads,
        });
    }
    let mut threads = args.thread.clone();
    for id in &args.evidence {
        let piece = store.evidence_of(*id)?.ok_or_else(|| {
            Fault::usage(format!("there is no evidence {id}")).hint("rapport evidence  lists it")
        })?;
        threads.extend(piece.thread);
    }
    let mut label = String::new();
    for thread in &threads {
        let found = store.thread(*thread)?.ok_or_else(|| unknown(*thread))?;
        if label.is_empty() {
            label = line(&found.title, 90);
        }
    }
    let mut seen = BTreeSet::new();
    threads.retain(|t| seen.insert(*t));
    let origin = match (args.evidence.is_empty(), args.thread.is_empty()) {
        (false, _) => "evidence",
        (true, false) => "threads",
        _ => "hand",
    };
    let mut pieces = args.evidence.clone();
    if origin == "threads" {
        pieces = marked(&threads, None)?;
    }
    Ok(Ground { origin, label, topic: None, gap: None, department: None, threads, evidence: pieces })
}

/// Quotes of the openings that no person has marked: the strongest, one per thread.
fn openings(desk: &Desk, store: &Store, threads: &[i64], held: usize) -> Result<Vec<Evidence>, Fault> {
    let mut pieces: Vec<(Evidence, u32)> = Vec::new();
    for thread in threads.iter().rev().take(200) {
        let Some(found) = store.thread(*thread)? else { continue };
        let lines = store.lines(*thread)?;
        let Some(said) = lines.iter().find(|l| l.act.is_message() && !l.text.trim().is_empty()) else {
            continue;
        };
        let quote = telling_words(&said.text, OPENING);
        if quote.chars().count() >= 20 {
            let piece = evidence::piece(desk, store, &found, said, quote)?;
            pieces.push((Evidence { note: Some(TAKEN.to_owned()), ..piece }, found.reach));
        }
    }
    let candidates: Vec<Candidate<'_>> = pieces
        .iter()
        .map(|(e, reach)| Candidate {
            words: &e.quote,
            who: e.who.unwrap_or(-e.said_at.millis()),
            place: &e.channel,
            marked: false,
            reach: *reach,
        })
        .collect();
    let chosen = strongest(&candidates, OPENINGS.saturating_sub(held));
    Ok(chosen.into_iter().map(|n| pieces[n].0.clone()).collect())
}

/// The stage that most of it speaks of.
fn usual_stage(pieces: &[Evidence]) -> String {
    // What the words caused counts before what was only assumed.
    let said: Vec<&str> =
        pieces.iter().filter(|e| !e.stage_because.starts_with("nothing")).map(|e| e.stage.as_str()).collect();
    if said.is_empty() { Stage::Build.as_str().to_owned() } else { usual_kind(said.into_iter()) }
}

pub(super) fn new(desk: &Desk, args: &New) -> Result<Answer, Fault> {
    let sight = sight(desk)?;
    let store = desk.reading()?;
    let mut ground = ground(desk, &store, &sight, args)?;
    if ground.threads.is_empty()
        && ground.evidence.is_empty()
        && (args.words.title.is_none() || args.words.ask.is_none() || args.words.to.is_none())
    {
        return Err(Fault::usage("what is the feedback made from?").hint(
            "--gap TOPIC, --topic TOPIC, --evidence N\u{2026}, --thread N\u{2026}; or --by-hand with --title, --ask and --to",
        ));
    }
    if matches!(ground.origin, "evidence" | "threads") && args.words.title.is_none() {
        // A thread's title is its asker's words; feedback outlives them.
        return Err(Fault::usage("what is it called, in your own words?")
            .hint(format!("--title \"\u{2026}\"; its thread says: {}", ground.label)));
    }
    let fresh = openings(desk, &store, &unmarked(&store, &ground)?, ground.evidence.len())?;
    let mut pieces = fresh.clone();
    for id in &ground.evidence {
        pieces.extend(store.evidence_of(*id)?);
    }
    let about = members(&sight, &ground.threads);
    if let Some(title) = &args.words.title {
        ground.label = title.trim().to_owned();
    }
    let mut draft = draft(desk, &store, &sight, &ground, &about, &pieces)?;
    apply(desk, &mut draft, &args.words)?;
    drop_reading(store);
    let mut store = desk.writing()?;
    let mut evidence = ground.evidence.clone();
    for piece in &fresh {
        evidence.push(store.add_evidence(piece)?);
    }
    let id = store.add_feedback(&draft, &evidence, &ground.threads)?;
    said(desk, &store, &sight, id)
}

/// A reader holds one moment; the writer must not wait for it.
fn drop_reading(store: Store) {
    std::mem::drop(store);
}

fn unmarked(store: &Store, ground: &Ground) -> Result<Vec<i64>, Fault> {
    // Whoever chose the evidence has chosen the quotes.
    if ground.origin == "evidence" {
        return Ok(Vec::new());
    }
    let mut held = BTreeSet::new();
    for id in &ground.evidence {
        held.extend(store.evidence_of(*id)?.and_then(|e| e.thread));
    }
    Ok(ground.threads.iter().copied().filter(|t| !held.contains(t)).collect())
}

fn draft(
    desk: &Desk,
    store: &Store,
    sight: &Sight,
    ground: &Ground,
    about: &[&Placed],
    pieces: &[Evidence],
) -> Result<Feedback, Fault> {
    let of = |kind: &str| about.iter().filter(|p| p.ask.kind.as_str() == kind).count() as u64;
    let kind = match about.is_empty() {
        true => usual_kind(pieces.iter().map(|e| e.kind.as_str())),
        false => usual_kind(about.iter().map(|p| p.ask.kind.as_str())),
    };
    let (department, because) = ground.department.clone().unwrap_or_else(|| {
        let (department, _) = department(GapKind::Product, of("bug"), of("feature"));
        let kinds = [
            ("bug", "bug", "bugs"),
            ("feature", "wish", "wishes"),
            ("docs", "about the docs", "about the docs"),
            ("question", "question", "questions"),
        ];
        let counted: Vec<String> = kinds
            .iter()
            .map(|(kind, one, many)| (of(kind), one, many))
            .filter(|(n, ..)| *n > 0)
            .map(|(n, one, many)| format!("{n} {}", if n == 1 { one } else { many }))
            .collect();
        let what = if department == "engineering" { "to be mended" } else { "to be decided" };
        let counted = if counted.is_empty() { String::new() } else { format!(" ({})", counted.join(", ")) };
        (department.to_owned(), format!("it is something {what}{counted}"))
    });
    let stage = usual_stage(pieces);
    let (rising, _) = trend(desk, sight, &ground.threads);
    let around = !sentences(store, &ground.threads, Sought::Workaround)?.is_empty();
    let weight = weight(about, rising, &stage, around);
    let (severity, why) = severity(&weight);
    // Threads know persons; pieces from elsewhere only who said them.
    let asked = match about.is_empty() {
        true => pieces.iter().filter_map(|e| e.who).collect::<BTreeSet<_>>().len(),
        false => weight.people,
    };
    Ok(Feedback {
        id: 0,
        ask: ask(ground.gap, &kind, &ground.label, asked),
        title: ground.label.clone(),
        department,
        department_because: because,
        origin: ground.origin.to_owned(),
        topic: ground.topic,
        gap: ground.gap.map(str::to_owned),
        kind: NeedKind::named(&kind),
        stage,
        severity: severity.as_str().to_owned(),
        severity_because: why,
        tried: String::new(),
        workaround: String::new(),
        unknowns: String::new(),
        owner: String::new(),
        decide_by: None,
        state: "draft".to_owned(),
        since: desk.now,
        release: None,
        reason: None,
        marker: chance(12)?.iter().map(|b| format!("{b:02x}")).collect(),
        by: me(),
        at: desk.now,
    })
}

/// What a person said goes before what was suggested.
fn apply(desk: &Desk, f: &mut Feedback, words: &Words) -> Result<(), Fault> {
    let said_so = format!("{} said so", me());
    for (mine, said) in [
        (&mut f.title, &words.title),
        (&mut f.ask, &words.ask),
        (&mut f.owner, &words.owner),
        (&mut f.tried, &words.tried),
        (&mut f.workaround, &words.workaround),
        (&mut f.unknowns, &words.unknown),
    ] {
        if let Some(said) = said {
            said.trim().clone_into(mine);
        }
    }
    if let Some(to) = &words.to {
        f.department = to.trim().to_lowercase();
        f.department_because.clone_from(&said_so);
    }
    if let Some(word) = &words.severity {
        let severity = Severity::from_word(word)
            .ok_or_else(|| Fault::usage(format!("'{word}' is no severity")).hint("P0, P1, P2 or P3"))?;
        severity.as_str().clone_into(&mut f.severity);
        f.severity_because.clone_from(&said_so);
    }
    if let Some(word) = &words.stage {
        let stage = Stage::from_word(word).ok_or_else(|| {
            Fault::usage(format!("'{word}' is no stage")).hint(Stage::ALL.map(Stage::as_str).join(", "))
        })?;
        stage.as_str().clone_into(&mut f.stage);
    }
    if let Some(date) = &words.decide_by {
        f.decide_by = Some(Time::parse(date).map_err(|e| Fault::usage(format!("--decide-by: {e}")))?);
    }
    let config = desk.config()?;
    if f.owner.is_empty() {
        let house = in_force(desk)?;
        f.owner = house.org.department(&f.department).and_then(|d| d.owner.clone()).unwrap_or_default();
    }
    if let Some(deliver) = config.deliver.get(&f.department) {
        if !deliver.owner.is_empty() && words.owner.is_none() {
            f.owner.clone_from(&deliver.owner);
        }
        if f.decide_by.is_none() && deliver.decide_within_days > 0 {
            f.decide_by = Some(later(f.at, i64::from(deliver.decide_within_days)));
        }
    }
    if f.decide_by.is_none() {
        let severity = Severity::from_word(&f.severity).unwrap_or(Severity::P3);
        // Working days, in weeks of five.
        f.decide_by = Some(later(f.at, severity.decide_within() * 7 / 5));
    }
    if f.title.is_empty() || f.ask.is_empty() || f.department.is_empty() {
        return Err(Fault::usage("a title, an ask and a department are needed").hint("--title, --ask, --to"));
    }
    Ok(())
}

/// The end of a day so many days later.
fn later(at: Time, days: i64) -> Time {
    const DAY: i64 = 86_400_000;
    let midnight = at.millis().div_euclid(DAY) * DAY;
    Time::from_millis(midnight).unwrap_or(at).plus_millis(days * DAY)
}

fn said(desk: &Desk, store: &Store, sight: &Sight, id: i64) -> Result<Answer, Fault> {
    let f = find(store, id)?;
    let brief = rapport_practice::brief::markdown(&super::briefing::brief(desk, store, sight, &f)?);
    let row = super::Row { brief: Some(brief), ..whole(desk, store, &f)? };
    desk.answer(&row, || shown(desk, &row))
}

pub(super) fn edit(desk: &Desk, args: &Edit) -> Result<Answer, Fault> {
    let sight = sight(desk)?;
    let mut store = desk.writing()?;
    let mut f = find(&store, args.feedback)?;
    draft_only(desk, &f, "what was delivered stays as it was read")?;
    apply(desk, &mut f, &args.words)?;
    store.edit_feedback(&f, &me(), desk.now)?;
    said(desk, &store, &sight, args.feedback)
}

fn draft_only(desk: &Desk, f: &Feedback, why: &str) -> Result<(), Fault> {
    if state(f) == rapport_practice::feedback::State::Draft {
        return Ok(());
    }
    Err(Fault::new(FaultKind::Refused, format!("feedback {} is {}: {why}", f.id, f.state)).hint(format!(
        "{} feedback show {}",
        desk.program(),
        f.id
    )))
}

pub(super) fn widen(desk: &Desk, args: &Widen) -> Result<Answer, Fault> {
    let sight = sight(desk)?;
    let mut store = desk.writing()?;
    find(&store, args.feedback)?;
    let mut threads = args.thread.clone();
    for id in &args.evidence {
        let piece = store.evidence_of(*id)?.ok_or_else(|| {
            Fault::usage(format!("there is no evidence {id}")).hint("rapport evidence  lists it")
        })?;
        threads.extend(piece.thread);
    }
    for thread in &threads {
        store.thread(*thread)?.ok_or_else(|| unknown(*thread))?;
    }
    if threads.is_empty() && args.evidence.is_empty() {
        return Err(Fault::usage("what is added?").hint("--evidence N\u{2026} or --thread N\u{2026}"));
    }
    store.widen_feedback(args.feedback, &args.evidence, &threads, &me(), desk.now)?;
    said(desk, &store, &sight, args.feedback)
}

pub(super) fn drop(desk: &Desk, args: &Drop) -> Result<Answer, Fault> {
    desk.reading()?;
    let mut store = desk.writing()?;
    let f = find(&store, args.feedback)?;
    draft_only(desk, &f, "what was delivered is not thrown away")?;
    let rested = store.evidence(&EvidenceWanted { feedback: Some(f.id), ..Default::default() })?;
    store.drop_draft(f.id, &me(), desk.now)?;
    // What the program took for this draft goes with it, unless other feedback rests on it; what a person marked stays.
    for piece in rested.iter().filter(|e| e.note.as_deref() == Some(TAKEN)) {
        match store.remove_evidence(piece.id, &me(), desk.now) {
            Ok(_) | Err(StoreError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    desk.answer(&serde_json::json!({ "feedback": f.id, "dropped": true }), || {
        format!("feedback {} thrown away\n", f.id)
    })
}
