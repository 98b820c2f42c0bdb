//! `evidence`: a sentence of a thread is marked, and is evidence: with its link, date, channel and licence, and what it
//! is about.

use clap::{ArgMatches, Args, Command};
use rapport_insight::kind;
use rapport_model::{NeedKind, ThreadFacts, Time};
use rapport_practice::brief::scrub;
use rapport_practice::evidence::{Stage, as_said, first_words, stage};
use rapport_sources::connector;
use rapport_store::{Evidence, EvidenceChange, EvidenceWanted, Store, ThreadRow};
use serde::Serialize;

use super::add::parsed;
use super::thread::unknown;
use super::{Answer, Desk, Verb, me};
use crate::fault::{Fault, FaultKind};
use crate::page::{bold, count, dim, line, moment};

pub(crate) const VERB: Verb = Verb {
    name: "evidence",
    about: "Sentences that were marked in threads: what feedback rests on",
    example: "rapport evidence mark 12 --words \"only lets me resend one at a time\"\nrapport evidence mark 12 --message 4\nrapport evidence\nrapport evidence change 3 --stage operate\nrapport evidence undo 3",
    args: |command| {
        List::augment_args(command)
            .args_conflicts_with_subcommands(true)
            .subcommand(
                Mark::augment_args(Command::new("mark")).about("Make a sentence of a thread evidence"),
            )
            .subcommand(
                Change::augment_args(Command::new("change"))
                    .about("Say what it is about: the kind, the stage, the topic, what its author allowed"),
            )
            .subcommand(Undo::augment_args(Command::new("undo")).about("Take a mark back"))
    },
    call,
};

/// Arguments of `evidence`.
#[derive(Args)]
struct List {
    /// Only from this thread
    #[arg(long)]
    thread: Option<i64>,
    /// Only of this topic
    #[arg(long)]
    topic: Option<i64>,
    /// Only what this feedback rests on
    #[arg(long)]
    feedback: Option<i64>,
    /// Only of this origin: thread, friction-log, field-note or hand
    #[arg(long)]
    origin: Option<String>,
    /// Show who said it: for eyes inside `DevRel`
    #[arg(long)]
    names: bool,
}

/// Arguments of `evidence mark`.
#[derive(Args)]
struct Mark {
    /// The thread's number
    thread: i64,
    /// The words, as they stand in it
    #[arg(long)]
    words: Option<String>,
    /// The whole message of this number, as `rapport thread` counts them; without it and --words the first one
    #[arg(long, value_name = "N")]
    message: Option<usize>,
    /// What it is, if not what the words suggest
    #[arg(long)]
    kind: Option<String>,
    /// Where on the journey, if not what the words suggest
    #[arg(long)]
    stage: Option<String>,
    /// A word on it
    #[arg(long)]
    note: Option<String>,
}

/// Arguments of `evidence change`.
#[derive(Args)]
struct Change {
    /// The evidence
    evidence: i64,
    /// What it is: question, bug, feature, docs, friction
    #[arg(long)]
    kind: Option<String>,
    /// Where on the journey: discover, evaluate, learn, build, scale, operate
    #[arg(long)]
    stage: Option<String>,
    /// The topic; 0 lets the thread's topic speak again
    #[arg(long)]
    topic: Option<i64>,
    /// What its author allowed, as recorded: none, quote or name
    #[arg(long, value_parser = ["none", "quote", "name"])]
    consent: Option<String>,
    /// A word on it
    #[arg(long)]
    note: Option<String>,
}

/// Arguments of `evidence undo`.
#[derive(Args)]
struct Undo {
    /// The evidence
    evidence: i64,
}

/// One piece of evidence, as other programs read it. Nobody is named in it unless that was asked for.
#[derive(Serialize)]
struct Row {
    evidence: i64,
    origin: String,
    thread: Option<i64>,
    source: Option<String>,
    of: Option<String>,
    quote: String,
    url: Option<String>,
    said_at: Time,
    channel: String,
    licence: String,
    /// `none`, `quote` or `name`.
    consent: String,
    kind: String,
    kind_why: String,
    stage: String,
    stage_why: String,
    topic: Option<i64>,
    note: Option<String>,
    marked_by: String,
    marked_at: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    said_by: Option<String>,
}

fn call(desk: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    match matches.subcommand() {
        Some(("mark", sub)) => mark(desk, &parsed(sub)?),
        Some(("change", sub)) => change(desk, &parsed(sub)?),
        Some(("undo", sub)) => undo(desk, &parsed(sub)?),
        _ => list(desk, &parsed(matches)?),
    }
}

/// The names of everybody who wrote where a quote stands.
pub(crate) fn names_around(store: &Store, thread: Option<i64>) -> Result<Vec<String>, Fault> {
    let Some(thread) = thread else { return Ok(Vec::new()) };
    Ok(store.voices(thread)?.into_iter().flat_map(|voice| voice.names).collect())
}

/// Whether its author said yes to being named: for this quote, or for all.
pub(crate) fn may_name(store: &Store, e: &Evidence) -> Result<bool, Fault> {
    if e.consent == "name" {
        return Ok(true);
    }
    Ok(e.who.map(|who| store.consent(who)).transpose()?.is_some_and(|c| c.may_name()))
}

/// A quote as it may be read outside: without names where none is allowed.
pub(crate) fn open_words(store: &Store, e: &Evidence) -> Result<String, Fault> {
    if may_name(store, e)? {
        return Ok(e.quote.clone());
    }
    let mut names = names_around(store, e.thread)?;
    names.extend(store.full_names_in(&e.quote)?);
    Ok(scrub(&e.quote, &names))
}

fn row(store: &Store, e: Evidence, names: bool) -> Result<Row, Fault> {
    let said_by = match (names, e.thread, e.who) {
        (true, Some(thread), Some(who)) => {
            store.voices(thread)?.into_iter().find(|v| v.id == who).and_then(|v| v.names.into_iter().next())
        }
        _ => None,
    };
    Ok(Row {
        quote: if names { e.quote.clone() } else { open_words(store, &e)? },
        evidence: e.id,
        origin: e.origin,
        thread: e.thread,
        source: e.source,
        of: e.of,
        url: e.url,
        said_at: e.said_at,
        channel: e.channel,
        licence: e.licence,
        consent: e.consent,
        kind: e.kind.as_str().to_owned(),
        kind_why: e.kind_because,
        stage: e.stage,
        stage_why: e.stage_because,
        topic: e.topic,
        note: e.note,
        marked_by: e.by,
        marked_at: e.at,
        said_by,
    })
}

/// A kind that people use, or a slip.
fn known_kind(word: &str) -> Result<NeedKind, Fault> {
    if NeedKind::KNOWN.contains(&word) {
        return Ok(NeedKind::named(word));
    }
    Err(Fault::usage(format!("'{word}' is no kind"))
        .hint(format!("kinds are {}", NeedKind::KNOWN.join(", "))))
}

fn known_stage(word: &str) -> Result<Stage, Fault> {
    Stage::from_word(word).ok_or_else(|| {
        Fault::usage(format!("'{word}' is no stage"))
            .hint(format!("stages are {}", Stage::ALL.map(Stage::as_str).join(", ")))
    })
}

/// What a quote of a thread is: the thread's own kind where the words alone say nothing.
fn suggest_kind(thread: &ThreadRow, quote: &str) -> (NeedKind, String) {
    let facts = ThreadFacts { kind: thread.kind, ..ThreadFacts::default() };
    match (kind::kind(&facts, quote), &thread.need) {
        (Some((kind, because)), _) if kind.as_str() != "other" => (kind, because),
        (_, Some(need)) => (need.clone(), format!("its thread: {}", thread.need_because)),
        (Some(found), None) => found,
        (None, None) => (NeedKind::named("other"), "nothing in it says".to_owned()),
    }
}

/// A source and a channel of it as people say them: `GitHub acme/relay`, `Slack #help`, `forum.acme.example`.
pub(crate) fn spoken(source: &str, container: Option<&str>) -> String {
    let (connector, what) = source.split_once(':').unwrap_or(("", source));
    let service = match connector {
        "github" | "gharchive" => "GitHub ",
        "gitlab" => "GitLab ",
        "slack" => "Slack ",
        "discord" => "Discord ",
        "zulip" => "Zulip ",
        "mbox" => "list ",
        _ => "",
    };
    // A workspace's number says nothing to anybody.
    let bare = matches!(connector, "slack" | "discord");
    let channel = container
        .map(str::trim)
        .filter(|c| !c.is_empty() && !c.starts_with("category ") && !what.contains(c))
        .map(|c| if bare && !c.starts_with('#') { format!("#{c}") } else { c.to_owned() });
    match (channel, bare) {
        (Some(channel), true) => format!("{service}{channel}"),
        (Some(channel), false) => format!("{service}{what}, {channel}"),
        (None, true) => service.trim().to_owned(),
        (None, false) => format!("{service}{what}"),
    }
}

/// The licence of what a source holds.
pub(crate) fn licence(store: &Store, source: &str) -> Result<String, Fault> {
    let found = store.sources()?.into_iter().find(|s| s.name.as_str() == source);
    let terms = found.and_then(|s| connector(&s.kind)).map(|c| c.about().terms);
    Ok(terms.unwrap_or("not known").to_owned())
}

/// A piece of evidence from a thread, with what its words suggest.
pub(crate) fn piece(
    desk: &Desk,
    store: &Store,
    thread: &ThreadRow,
    said: &rapport_store::Line,
    quote: String,
) -> Result<Evidence, Fault> {
    let (kind, kind_because) = suggest_kind(thread, &quote);
    let (mut at, mut because) = stage(&quote);
    // One sentence often says less than the message it stands in.
    if !because.starts_with("says") {
        let (wider, why) = stage(&format!("{} {}", thread.title, said.text));
        if why.starts_with("says") {
            (at, because) = (wider, format!("its message {why}"));
        }
    }
    Ok(Evidence {
        id: 0,
        origin: "thread".to_owned(),
        thread: Some(thread.id),
        activity: Some(said.id),
        source: None,
        of: None,
        url: said.url.clone().or_else(|| thread.url.clone()),
        said_at: said.at,
        channel: spoken(&thread.source, thread.container.as_deref()),
        licence: licence(store, &thread.source)?,
        consent: "none".to_owned(),
        who: store.speaker(said.id)?,
        kind,
        kind_because,
        stage: at.as_str().to_owned(),
        stage_because: because,
        topic: None,
        note: None,
        by: me(),
        at: desk.now,
        quote,
    })
}

/// Longer than this, a quote is a copy of a message.
const LONGEST: usize = 600;

fn mark(desk: &Desk, args: &Mark) -> Result<Answer, Fault> {
    desk.reading()?;
    let mut store = desk.writing()?;
    let thread = store.thread(args.thread)?.ok_or_else(|| unknown(args.thread))?;
    let said: Vec<_> = store
        .lines(args.thread)?
        .into_iter()
        .filter(|l| l.act.is_message() && !l.text.trim().is_empty())
        .collect();
    let look = format!("{} thread {}", desk.program(), args.thread);
    let none = |why: String| Fault::usage(why).hint(format!("{look}  shows its messages with their numbers"));
    let (line, quote) = match (&args.words, args.message) {
        (Some(words), n) => {
            let among = said.iter().enumerate().filter(|(at, _)| n.is_none_or(|n| at + 1 == n));
            among
                .filter_map(|(_, l)| Some((l, as_said(&l.text, words)?)))
                .next()
                .ok_or_else(|| none(format!("these words do not stand in thread {}", args.thread)))?
        }
        (None, n) => {
            let n = n.unwrap_or(1);
            let l = n.checked_sub(1).and_then(|at| said.get(at)).ok_or_else(|| {
                none(format!("thread {} has no message {n}; it has {}", args.thread, said.len()))
            })?;
            (l, first_words(&l.text, LONGEST))
        }
    };
    if quote.chars().count() > LONGEST {
        return Err(Fault::usage(format!("a quote has at most {LONGEST} characters"))
            .hint("mark the sentence that says it; the link opens the rest"));
    }
    if quote.is_empty() {
        return Err(
            none("that message has no sentence of its own".to_owned()).hint("name the words with --words")
        );
    }
    let mut new = piece(desk, &store, &thread, line, quote)?;
    if let Some(word) = &args.kind {
        (new.kind, new.kind_because) = (known_kind(word)?, format!("{} said so", me()));
    }
    if let Some(word) = &args.stage {
        (new.stage, new.stage_because) =
            (known_stage(word)?.as_str().to_owned(), format!("{} said so", me()));
    }
    new.note.clone_from(&args.note);
    let id = store.add_evidence(&new)?;
    shown(desk, &store, id, "marked")
}

fn shown(desk: &Desk, store: &Store, id: i64, done: &str) -> Result<Answer, Fault> {
    let found = store.evidence_of(id)?.ok_or_else(|| missing(id))?;
    let row = row(store, found, false)?;
    desk.answer(&row, || {
        let mut out = format!("{} {done}\n", bold(&format!("evidence {id}")));
        out.push_str(&said(&row));
        let p = desk.program();
        out.push_str(&dim(&format!(
            "\nnext: {p} evidence change {id} --stage \u{2026} \u{b7} {p} feedback new --evidence {id} \u{b7} {p} evidence undo {id}\n"
        )));
        out
    })
}

fn missing(id: i64) -> Fault {
    Fault::usage(format!("there is no evidence {id}")).hint("rapport evidence  lists it")
}

/// One piece as text.
fn said(row: &Row) -> String {
    let who = row.said_by.as_ref().map(|w| format!("{}, ", line(w, 40))).unwrap_or_default();
    let mut out = format!("      \u{201c}{}\u{201d}\n", line(&row.quote, 300));
    out.push_str(&dim(&format!("      {who}{}, {}\n", line(&row.channel, 60), moment(row.said_at))));
    if let Some(url) = &row.url {
        out.push_str(&dim(&format!("      {}\n", line(url, 200))));
    }
    out.push_str(&format!("      {}: {}\n", row.kind, line(&row.kind_why, 100)));
    out.push_str(&format!("      {}: {}\n", row.stage, line(&row.stage_why, 100)));
    out.push_str(&dim(&format!("      licence: {}; its author allowed: {}\n", row.licence, row.consent)));
    out
}

fn list(desk: &Desk, args: &List) -> Result<Answer, Fault> {
    if args.names && !desk.role.is_devrel() {
        return Err(Fault::new(FaultKind::Refused, format!("names are not for the role {}", desk.role))
            .hint("rapport evidence  shows the words without them"));
    }
    let store = desk.reading()?;
    let wanted = EvidenceWanted {
        thread: args.thread,
        topic: args.topic,
        feedback: args.feedback,
        origin: args.origin.clone(),
    };
    let found = store.evidence(&wanted)?;
    let rows: Vec<Row> =
        found.into_iter().map(|e| row(&store, e, args.names)).collect::<Result<_, Fault>>()?;
    desk.answer(&rows, || {
        let p = desk.program();
        if rows.is_empty() {
            return format!(
                "Nothing is marked.\n{}",
                dim(&format!("\nnext: {p} evidence mark THREAD --words \"\u{2026}\"\n"))
            );
        }
        let mut out = format!("{}\n", bold(&count(rows.len(), "piece of evidence", "pieces of evidence")));
        for r in &rows {
            let thread = r.thread.map(|t| format!("thread {t}")).or_else(|| r.of.clone()).unwrap_or_default();
            out.push_str(&format!("\n{:>4}  {}\n{}", r.evidence, dim(&thread), said(r)));
        }
        out.push_str(&dim(&format!(
            "\nnext: {p} feedback new --evidence {} \u{b7} {p} evidence change {} --kind \u{2026}\n",
            rows[0].evidence, rows[0].evidence
        )));
        out
    })
}

fn change(desk: &Desk, args: &Change) -> Result<Answer, Fault> {
    desk.reading()?;
    let mut store = desk.writing()?;
    let said_so = format!("{} said so", me());
    let stage = args.stage.as_deref().map(known_stage).transpose()?;
    let change = EvidenceChange {
        kind: args.kind.as_deref().map(known_kind).transpose()?.map(|k| (k, said_so.clone())),
        stage: stage.map(|s| (s.as_str().to_owned(), said_so)),
        topic: args.topic.map(|t| Some(t).filter(|t| *t != 0)),
        consent: args.consent.clone(),
        note: args.note.clone(),
    };
    if change == EvidenceChange::default() {
        return Err(
            Fault::usage("what is to be changed?").hint("--kind, --stage, --topic, --consent or --note")
        );
    }
    if !store.change_evidence(args.evidence, &change, &me(), desk.now)? {
        return Err(missing(args.evidence));
    }
    shown(desk, &store, args.evidence, "changed")
}

fn undo(desk: &Desk, args: &Undo) -> Result<Answer, Fault> {
    desk.reading()?;
    let mut store = desk.writing()?;
    let gone = store.remove_evidence(args.evidence, &me(), desk.now).map_err(|error| {
        let fault = Fault::from(error);
        match fault.kind {
            FaultKind::Refused => fault.hint("what was delivered keeps what it rests on; a draft is thrown away with rapport feedback drop"),
            _ => fault,
        }
    })?;
    if !gone {
        return Err(missing(args.evidence));
    }
    desk.answer(&serde_json::json!({ "evidence": args.evidence, "undone": true }), || {
        format!("evidence {} taken back\n", args.evidence)
    })
}
