//! `kind`: a person says what a thread asks for, and lets the judgement learn from what was said and labelled.

use clap::Args;
use rapport_insight::kind::{self, LEAST, Learned, by_label};
use rapport_model::NeedKind;
use rapport_store::{Learned as Kept, Store};
use serde::Serialize;

use super::add::parsed;
use super::thread::unknown;
use super::{Answer, Desk, Verb, learned, me, with_judge};
use crate::fault::Fault;
use crate::page::{count, dim, line};

pub(crate) const VERB: Verb = Verb {
    name: "kind",
    about: "Say what a thread asks for; let the program learn from what you said and from labels",
    example: "rapport kind 12 bug\nrapport kind 12 --undo\nrapport kind --learn",
    args: Kind::augment_args,
    call: |desk, matches| answer(desk, &parsed(matches)?),
};

/// The kinds that a thread may be given; `none`: it asks for nothing.
const KINDS: [&str; 7] = ["bug", "feature", "question", "docs", "friction", "other", "none"];

/// Arguments of `kind`.
#[derive(Args)]
struct Kind {
    /// The thread's number
    #[arg(required_unless_present = "learn")]
    thread: Option<i64>,
    /// What it asks for
    #[arg(value_parser = KINDS)]
    kind: Option<String>,
    /// Take it back; with --learn: forget what was learned
    #[arg(long)]
    undo: bool,
    /// Learn, per source, from labels and from what people said, where that makes the judgement better
    #[arg(long, conflicts_with_all = ["thread", "kind"])]
    learn: bool,
}

#[derive(Serialize)]
struct Said {
    thread: i64,
    title: String,
    kind: Option<String>,
    why: String,
    by: String,
    undone: bool,
}

/// What learning came to for one source.
#[derive(Serialize)]
struct Lesson {
    source: String,
    /// Threads whose kind is told by a label or a person.
    examples: usize,
    /// Of these, judged right without and with learning, each by a judgement that had not seen it.
    right_before: usize,
    right_after: usize,
    kept: bool,
    /// Threads judged anew.
    judged: usize,
}

fn answer(desk: &Desk, args: &Kind) -> Result<Answer, Fault> {
    desk.reading()?; // where nothing was ever read there is nothing to say, and no folder is made
    let declared = desk.config()?.declared();
    let mut store = desk.writing()?;
    if args.learn {
        let lessons = lessons(desk, &mut store, args.undo)?;
        return desk.answer(&lessons, || told(desk, &lessons, args.undo));
    }
    let Some(thread) = args.thread else { return Err(Fault::usage("which thread?")) };
    store.thread(thread)?.ok_or_else(|| unknown(thread))?;
    let known = learned(&store)?;
    let who = me();
    match (&args.kind, args.undo) {
        (_, true) => {
            let undone =
                with_judge(&declared, &known, |judge| store.unsay_kind(thread, &who, desk.now, judge))?;
            if !undone {
                return Err(Fault::usage(format!("nobody said what thread {thread} asks for")));
            }
        }
        (Some(word), false) => {
            let kind = (word != "none").then(|| NeedKind::named(word));
            with_judge(&declared, &known, |judge| {
                store.say_kind(thread, kind.as_ref(), &who, desk.now, judge)
            })?;
        }
        (None, false) => {
            return Err(
                Fault::usage("which kind?").hint(format!("rapport kind {thread} {}", KINDS.join("|")))
            );
        }
    }
    let row = store.thread(thread)?.ok_or_else(|| unknown(thread))?;
    let said = Said {
        thread,
        title: row.title,
        kind: row.need.map(|kind| kind.as_str().to_owned()),
        why: row.need_because,
        by: who,
        undone: args.undo,
    };
    desk.answer(&said, || {
        let kind = said.kind.as_deref().unwrap_or("asks for nothing");
        let why = if said.why.is_empty() { String::new() } else { format!(" ({})", said.why) };
        let next = dim(&format!("\nnext: {r} thread {thread} \u{b7} {r} kind --learn\n", r = desk.program()));
        format!("{thread} {}: {kind}{why}\n{next}", line(&said.title, 80))
    })
}

fn lessons(desk: &Desk, store: &mut Store, undo: bool) -> Result<Vec<Lesson>, Fault> {
    let declared = desk.config()?.declared();
    let mut known = learned(store)?;
    let mut out = Vec::new();
    for (source, name) in store.source_names()? {
        let told = store.labelled(source)?;
        let kinds: Vec<(&str, &str, &str)> = told
            .iter()
            .filter_map(|t| {
                let kind = match &t.said {
                    Some(said) => said.as_ref()?.as_str(),
                    None => by_label(&t.labels)?.0,
                };
                Some((t.title.as_str(), t.text.as_str(), kind))
            })
            .collect();
        let examples = kind::examples(kinds);
        let mut lesson = Lesson {
            source: name,
            examples: examples.len(),
            right_before: 0,
            right_after: 0,
            kept: false,
            judged: 0,
        };
        let mut kept = None;
        if !undo && examples.len() >= LEAST {
            let worth = kind::worth(kind::base(), &examples);
            (lesson.right_before, lesson.right_after) = (worth.before, worth.after);
            if worth.after > worth.before {
                let weights = Learned::write(&kind::learn(kind::base(), &examples));
                let n = u32::try_from(examples.len()).unwrap_or(u32::MAX);
                kept = Some(Kept { source, examples: n, weights });
            }
        }
        lesson.kept = kept.is_some();
        match &kept {
            Some(kept) => known.take(source, &kept.weights),
            None => known.forget(source),
        }
        lesson.judged = with_judge(&declared, &known, |judge| {
            store.learn(source, kept.as_ref(), &me(), desk.now, judge)
        })?;
        out.push(lesson);
    }
    Ok(out)
}

fn told(desk: &Desk, lessons: &[Lesson], undo: bool) -> String {
    let mut out = String::new();
    for lesson in lessons {
        let n = lesson.examples;
        let says = match (undo, lesson.kept) {
            (true, _) if lesson.judged > 0 => format!("forgotten, {} threads judged anew", lesson.judged),
            (true, _) => "nothing was learned".to_owned(),
            (false, true) => format!(
                "learned from {n}: right on {} of them unseen, {} before; {} threads judged anew",
                lesson.right_after, lesson.right_before, lesson.judged
            ),
            (false, false) if n < LEAST => {
                format!(
                    "{}, {LEAST} are needed",
                    count(n, "thread with a kind told", "threads with a kind told")
                )
            }
            (false, false) => format!(
                "not learned from {n}: right on {} of them unseen, {} before",
                lesson.right_after, lesson.right_before
            ),
        };
        out.push_str(&format!("{:<40}  {says}\n", line(&lesson.source, 40)));
    }
    out.push_str(&dim(&format!("\nnext: {r} needs \u{b7} {r} kind --learn --undo\n", r = desk.program())));
    out
}
