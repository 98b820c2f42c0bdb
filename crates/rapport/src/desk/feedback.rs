//! `feedback`: what a community's needs ask of a department, from the first draft to the people who asked being told.

mod answer;
mod briefing;
mod deliver;
mod leave;
mod link;
mod new;
mod sync;
mod tell;

use clap::{ArgMatches, Args, Command};
use rapport_model::Time;
use rapport_practice::feedback::{Refusal, State, Step, Turn, next, steps, turn};
use rapport_store::{Feedback, FeedbackStep, Store};
use serde::Serialize;

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::fault::{Fault, FaultKind};
use crate::page::{bold, count, dim, line, moment};

pub(crate) const VERB: Verb = Verb {
    name: "feedback",
    about: "What developers need of a department: written, delivered, decided, shipped, and told to those who asked",
    example: "rapport feedback\nrapport feedback new --topic 3\nrapport feedback show 1\nrapport feedback deliver 1          # prints the plan\nrapport feedback deliver 1 --yes\nrapport feedback sync --yes\nrapport feedback answer 1 --decline --reason \"too few need it\"\nrapport feedback shipped 1 --release 3.1\nrapport feedback told 1\nrapport feedback told 1 --place 2 --yes",
    args: |command| {
        List::augment_args(command)
            .args_conflicts_with_subcommands(true)
            .subcommand(List::augment_args(Command::new("list")).about("Every feedback and whose turn it is"))
            .subcommand(
                new::New::augment_args(Command::new("new"))
                    .about("Write a draft from a gap, a topic, evidence, threads, or by hand"),
            )
            .subcommand(new::Edit::augment_args(Command::new("edit")).about("Change a draft's words"))
            .subcommand(new::Widen::augment_args(Command::new("add")).about("Add evidence or threads to it"))
            .subcommand(new::Drop::augment_args(Command::new("drop")).about("Throw a draft away"))
            .subcommand(
                Show::augment_args(Command::new("show"))
                    .about("The brief on one page, and what became of it"),
            )
            .subcommand(
                deliver::Deliver::augment_args(Command::new("deliver"))
                    .about("Send it to its department: prints the plan, sends with --yes"),
            )
            .subcommand(sync::Sync::augment_args(Command::new("sync")).about(
                "Try again what is undelivered, and read what trackers say: prints the plan, acts with --yes",
            ))
            .subcommand(
                answer::AnswerArgs::augment_args(Command::new("answer"))
                    .about("Record what the department says: read, accepted, declined with a reason"),
            )
            .subcommand(
                link::Link::augment_args(Command::new("link"))
                    .about("Make a link that answers without an account, or take links back"),
            )
            .subcommand(answer::Shipped::augment_args(Command::new("shipped")).about("Record that it is out"))
            .subcommand(
                tell::Told::augment_args(Command::new("told"))
                    .about("Places to reply, a draft for each, marked as sent on your word"),
            )
    },
    call,
};

/// Arguments of `feedback list`.
#[derive(Args)]
struct List {
    /// Only for this department
    #[arg(long)]
    to: Option<String>,
    /// Only in this state: draft, delivered, acknowledged, accepted, declined, shipped, told
    #[arg(long)]
    state: Option<String>,
}

/// Arguments of `feedback show`.
#[derive(Args)]
struct Show {
    /// The feedback; not with --link
    #[arg(required_unless_present = "link")]
    feedback: Option<i64>,
    /// As whoever holds this link of `feedback link` sees it
    #[arg(long, conflicts_with = "feedback")]
    link: Option<String>,
    /// The brief alone, as Markdown
    #[arg(long)]
    markdown: bool,
}

fn call(desk: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    match matches.subcommand() {
        None => list(desk, &parsed(matches)?),
        Some(("list", sub)) => list(desk, &parsed(sub)?),
        Some(("new", sub)) => new::new(desk, &parsed(sub)?),
        Some(("edit", sub)) => new::edit(desk, &parsed(sub)?),
        Some(("add", sub)) => new::widen(desk, &parsed(sub)?),
        Some(("drop", sub)) => new::drop(desk, &parsed(sub)?),
        Some(("show", sub)) => show(desk, &parsed(sub)?),
        Some(("deliver", sub)) => deliver::deliver(desk, &parsed(sub)?),
        Some(("sync", sub)) => sync::sync(desk, &parsed(sub)?),
        Some(("answer", sub)) => answer::answer(desk, &parsed(sub)?),
        Some(("link", sub)) => link::link(desk, &parsed(sub)?),
        Some(("shipped", sub)) => answer::shipped(desk, &parsed(sub)?),
        Some(("told", sub)) => tell::told(desk, &parsed(sub)?),
        Some((other, _)) => Err(Fault::usage(format!("feedback has no '{other}'"))),
    }
}

/// One feedback, as other programs read it.
#[derive(Serialize)]
struct Row {
    feedback: i64,
    title: String,
    ask: String,
    department: String,
    department_why: String,
    /// `gap`, `topic`, `evidence`, `threads` or `hand`.
    origin: String,
    topic: Option<i64>,
    gap: Option<String>,
    kind: String,
    stage: String,
    severity: String,
    severity_why: String,
    owner: String,
    decide_by: Option<Time>,
    state: String,
    since: Time,
    /// Whose turn it is, in words; none when it is closed.
    waiting: Option<String>,
    waiting_days: Option<i64>,
    late_days: i64,
    release: Option<String>,
    reason: Option<String>,
    evidence: usize,
    places: usize,
    /// People who asked, and who of them has heard back.
    asked: usize,
    told: usize,
    left_alone: usize,
    deliveries: Vec<Delivered>,
    by: String,
    at: Time,
    /// `show`: the page as Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    brief: Option<String>,
    /// `show`: every step.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<Taken>,
}

/// One way it went.
#[derive(Serialize)]
struct Delivered {
    way: String,
    target: String,
    /// `sent`, `undelivered`, or `sending` where a try was cut off.
    state: String,
    why: Option<String>,
    tries: u32,
    url: Option<String>,
    retry_at: Option<Time>,
    last_at: Time,
    answered: Option<String>,
}

/// One step.
#[derive(Serialize)]
struct Taken {
    at: Time,
    who: String,
    step: String,
    state: String,
    via: String,
    reason: Option<String>,
    release: Option<String>,
}

fn missing(id: i64) -> Fault {
    Fault::usage(format!("there is no feedback {id}")).hint("rapport feedback  lists it")
}

fn find(store: &Store, id: i64) -> Result<Feedback, Fault> {
    store.feedback_of(id)?.ok_or_else(|| missing(id))
}

fn state(f: &Feedback) -> State {
    State::from_word(&f.state).unwrap_or(State::Draft)
}

/// A department's name at the beginning of a sentence.
fn named(department: &str) -> String {
    let mut letters = department.chars();
    letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect())
}

/// `waiting on Product 14 d, 3 d late`
fn waiting(f: &Feedback, turn: Turn, untold: usize) -> String {
    let late = if turn.late > 0 { format!(", {} d late", turn.late) } else { String::new() };
    match state(f) {
        State::Draft => "not delivered".to_owned(),
        State::Accepted => format!("accepted, not shipped for {} d", turn.days),
        _ if turn.theirs => format!("waiting on {} {} d{late}", named(&f.department), turn.days),
        _ if untold == 0 => "all told; close it".to_owned(),
        _ => format!("{untold} who asked wait to hear, {} d", turn.days),
    }
}

fn row(desk: &Desk, store: &Store, f: &Feedback) -> Result<Row, Fault> {
    let heard = tell::count_of(store, f)?;
    let turn = turn(state(f), f.since, f.decide_by, desk.now);
    let deliveries = store.deliveries(f.id)?.into_iter().map(|d| Delivered {
        way: d.way,
        target: d.target,
        state: d.state,
        why: d.why,
        tries: d.tries,
        url: d.url,
        retry_at: d.retry_at,
        last_at: d.last_at,
        answered: d.answered,
    });
    let wanted = rapport_store::EvidenceWanted { feedback: Some(f.id), ..Default::default() };
    Ok(Row {
        feedback: f.id,
        title: f.title.clone(),
        ask: f.ask.clone(),
        department: f.department.clone(),
        department_why: f.department_because.clone(),
        origin: f.origin.clone(),
        topic: f.topic,
        gap: f.gap.clone(),
        kind: f.kind.as_str().to_owned(),
        stage: f.stage.clone(),
        severity: f.severity.clone(),
        severity_why: f.severity_because.clone(),
        owner: f.owner.clone(),
        decide_by: f.decide_by,
        state: f.state.clone(),
        since: f.since,
        waiting: turn.map(|t| waiting(f, t, heard.untold())),
        waiting_days: turn.filter(|t| t.theirs).map(|t| t.days),
        late_days: turn.map_or(0, |t| t.late),
        release: f.release.clone(),
        reason: f.reason.clone(),
        evidence: store.evidence(&wanted)?.len(),
        places: store.feedback_threads(f.id)?.len(),
        asked: heard.asked,
        told: heard.told,
        left_alone: heard.leave_alone,
        deliveries: deliveries.collect(),
        by: f.by.clone(),
        at: f.at,
        brief: None,
        steps: Vec::new(),
    })
}

fn list(desk: &Desk, args: &List) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    if let Some(word) = &args.state
        && State::from_word(word).is_none()
    {
        return Err(
            Fault::usage(format!("'{word}' is no state")).hint(State::ALL.map(State::as_str).join(", "))
        );
    }
    let rows: Vec<Row> = store
        .feedback()?
        .iter()
        .filter(|f| args.to.as_ref().is_none_or(|to| f.department.eq_ignore_ascii_case(to)))
        .filter(|f| args.state.as_ref().is_none_or(|state| f.state == *state))
        .map(|f| row(desk, &store, f))
        .collect::<Result<_, Fault>>()?;
    desk.answer(&rows, || {
        let p = desk.program();
        if rows.is_empty() {
            let next = format!("\nnext: {p} gaps \u{b7} {p} feedback new --topic TOPIC \u{b7} {p} feedback new --evidence 1\n");
            return format!("No feedback here.\n{}", dim(&next));
        }
        let open = rows.iter().filter(|r| r.waiting_days.is_some()).count();
        let head = format!("{}, {open} with a department", count(rows.len(), "feedback", "pieces of feedback"));
        let mut out = format!("{}   {}\n\n", bold(&head), dim(&format!("as of {}", moment(desk.now))));
        for r in &rows {
            out.push_str(&format!(
                "{:>4}  {}  {:<12} {:<12} {}\n",
                r.feedback,
                r.severity,
                line(&r.department, 12),
                r.state,
                bold(&line(&r.title, 70))
            ));
            let mut says = r.waiting.clone().unwrap_or_else(|| "closed".to_owned());
            if matches!(r.state.as_str(), "shipped" | "declined" | "told") {
                says = format!("{says}; told {} of {}", r.told, r.asked);
            }
            for d in r.deliveries.iter().filter(|d| d.state != "sent") {
                says = format!("{says}; {} {}: {}", d.way, d.state, d.why.as_deref().unwrap_or("cut off"));
            }
            out.push_str(&dim(&format!("          {}\n", line(&says, 150))));
        }
        let first = rows[0].feedback;
        out.push_str(&dim(&format!("\nnext: {p} feedback show {first} \u{b7} {p} feedback deliver {first} \u{b7} {p} feedback sync\n")));
        out
    })
}

fn show(desk: &Desk, args: &Show) -> Result<Answer, Fault> {
    let sight = briefing::sight(desk)?;
    let store = desk.reading()?;
    let f = match (&args.link, args.feedback) {
        (Some(word), _) => answer::through(desk, &store, word)?.1,
        (None, Some(id)) => find(&store, id)?,
        (None, None) => return Err(Fault::usage("which feedback?")),
    };
    let brief = rapport_practice::brief::markdown(&briefing::brief(desk, &store, &sight, &f)?);
    if args.markdown && !desk.json {
        return Ok(Answer { json: String::new(), text: brief, findings: false });
    }
    let whole = Row { brief: Some(brief), ..whole(desk, &store, &f)? };
    desk.answer(&whole, || shown(desk, &whole))
}

/// A row with every step.
fn whole(desk: &Desk, store: &Store, f: &Feedback) -> Result<Row, Fault> {
    let steps = store.feedback_steps(f.id)?.into_iter().map(|s| Taken {
        at: s.at,
        who: s.who,
        step: s.step,
        state: s.state,
        via: s.via,
        reason: s.reason,
        release: s.release,
    });
    Ok(Row { steps: steps.collect(), ..row(desk, store, f)? })
}

fn shown(desk: &Desk, r: &Row) -> String {
    let says = r.waiting.as_deref().unwrap_or("closed");
    let mut out = format!("{}  {}\n\n", bold(&format!("feedback {}: {}", r.feedback, r.state)), dim(says));
    if let Some(brief) = &r.brief {
        out.push_str(&format!("{brief}\n{}\n", bold("What became of it")));
    }
    for s in &r.steps {
        let release = s.release.as_ref().map(|r| format!(" for {}", line(r, 40))).unwrap_or_default();
        let reason = s.reason.as_ref().map(|r| format!(": {}", line(r, 120))).unwrap_or_default();
        let by = if s.via == "verb" { s.who.clone() } else { format!("{} by {}", s.who, s.via) };
        out.push_str(&format!("  {}  {}{release}, {}{reason}\n", dim(&moment(s.at)), s.state, line(&by, 60)));
    }
    for d in &r.deliveries {
        let url = d.url.as_ref().map(|u| format!(", {}", line(u, 120))).unwrap_or_default();
        let why = d.why.as_ref().map(|w| format!(": {}", line(w, 140))).unwrap_or_default();
        let says = d.answered.as_ref().map(|a| format!(" ({a})")).unwrap_or_default();
        out.push_str(&format!(
            "  {}  {} to {} {}{url}{says}{why}\n",
            dim(&moment(d.last_at)),
            d.way,
            line(&d.target, 80),
            d.state
        ));
    }
    let (p, n) = (desk.program(), r.feedback);
    let next = match r.state.as_str() {
        "draft" => format!("{p} feedback edit {n} --ask \"\u{2026}\" \u{b7} {p} feedback deliver {n}"),
        "delivered" | "acknowledged" => {
            format!("{p} feedback sync \u{b7} {p} feedback answer {n} --accept \u{b7} {p} feedback link {n}")
        }
        "accepted" => format!("{p} feedback sync \u{b7} {p} feedback shipped {n}"),
        "shipped" | "declined" => format!("{p} feedback told {n}"),
        _ => format!("{p} feedback"),
    };
    out.push_str(&dim(&format!("\nnext: {next}\n")));
    out
}

/// A refused step, in words with what can be done.
fn refused(desk: &Desk, f: &Feedback, refusal: &Refusal) -> Fault {
    let (p, n) = (desk.program(), f.id);
    let hint = match refusal {
        Refusal::NotFrom { .. } => match state(f) {
            State::Draft => format!("{p} feedback deliver {n}"),
            State::Delivered | State::Acknowledged => format!("{p} feedback answer {n} --accept"),
            State::Accepted => format!("{p} feedback shipped {n}"),
            State::Declined | State::Shipped => {
                format!("{p} feedback told {n}, or {p} feedback answer {n} --reopen --reason \"\u{2026}\"")
            }
            State::Told => format!("it is closed; {p} feedback new makes another"),
        },
        Refusal::NoReason => format!("{p} feedback answer {n} --decline --reason \"\u{2026}\""),
        Refusal::Untold { .. } => format!("{p} feedback told {n}, or --close --why \"\u{2026}\""),
    };
    Fault::new(FaultKind::Refused, format!("feedback {n}: {refusal}")).hint(hint)
}

/// Takes a step, and those before it that it means; all or none. Gives the state it is in then.
fn take(
    desk: &Desk,
    store: &mut Store,
    f: &Feedback,
    wanted: &Step,
    who: &str,
    via: &str,
) -> Result<State, Fault> {
    let taken = steps(state(f), wanted).map_err(|refusal| refused(desk, f, &refusal))?;
    let mut rows = Vec::new();
    let mut at = state(f);
    for (step, reached) in &taken {
        debug_assert_eq!(next(at, step), Ok(*reached), "a way is made of steps");
        at = *reached;
        rows.push(FeedbackStep {
            at: desk.now,
            who: who.to_owned(),
            step: step.as_str().to_owned(),
            state: reached.as_str().to_owned(),
            via: via.to_owned(),
            reason: step.reason().map(|r| r.trim().to_owned()).filter(|r| !r.is_empty()),
            release: step.release().map(|r| r.trim().to_owned()).filter(|r| !r.is_empty()),
        });
    }
    // Having been read is no answer: the wait counts from delivery on.
    let since = (at != State::Acknowledged).then_some(desk.now);
    if !store.take_steps(f.id, &f.state, &rows, since)? {
        return Err(Fault::new(
            FaultKind::Refused,
            format!("feedback {} has moved on in the meantime", f.id),
        )
        .hint(format!("{} feedback show {}", desk.program(), f.id)));
    }
    Ok(at)
}
