//! `thread`: one conversation, whole, with what the program concludes and why.

use clap::Args;
use rapport_model::{MemberKind, Time};
use serde::Serialize;

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::fault::{Fault, FaultKind};
use crate::page::{block, bold, count, dim, line, moment};

pub(crate) const VERB: Verb = Verb {
    name: "thread",
    about: "Read one thread: who said what, and how far its need has come",
    example: "rapport thread 12",
    args: Thread::augment_args,
    call: |desk, matches| thread(desk, &parsed(matches)?),
};

/// Arguments of `thread`.
#[derive(Args)]
struct Thread {
    /// The thread's number, as `needs` shows it
    thread: i64,
}

#[derive(Serialize)]
struct Shown {
    thread: i64,
    source: String,
    key: String,
    title: String,
    kind: Option<rapport_model::ThreadKind>,
    url: Option<String>,
    container: Option<String>,
    opened_at: Time,
    need: Option<String>,
    need_why: String,
    state: rapport_model::NeedState,
    why: String,
    people: u32,
    messages: u32,
    lines: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    /// Its number among the thread's messages, from 1; none for what has no words. `evidence mark --message` takes it.
    message: Option<usize>,
    activity: i64,
    act: rapport_model::Act,
    at: Time,
    who: Option<String>,
    member: MemberKind,
    text: String,
    url: Option<String>,
    detail: Option<String>,
    revisions: u32,
}

pub(crate) fn unknown(thread: i64) -> Fault {
    Fault::new(FaultKind::Usage, format!("there is no thread {thread}"))
        .hint("rapport needs --all  lists them")
}

fn thread(desk: &Desk, args: &Thread) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    let row = store.thread(args.thread)?.ok_or_else(|| unknown(args.thread))?;
    let mut messages = 0;
    let mut number = |says: bool| {
        messages += usize::from(says);
        says.then_some(messages)
    };
    let lines = store.lines(args.thread)?.into_iter().map(|l| Line {
        message: number(l.act.is_message() && !l.text.trim().is_empty()),
        activity: l.id,
        act: l.act,
        at: l.at,
        who: l.who,
        member: l.member,
        text: l.text,
        url: l.url,
        detail: l.detail,
        revisions: l.revisions,
    });
    let shown = Shown {
        thread: row.id,
        source: row.source,
        key: row.key,
        title: row.title,
        kind: row.kind,
        url: row.url,
        container: row.container,
        opened_at: row.opened_at,
        need: row.need.map(|n| n.as_str().to_owned()),
        need_why: row.need_because,
        state: row.state,
        why: row.because,
        people: row.people,
        messages: row.messages,
        lines: lines.collect(),
    };
    desk.answer(&shown, || text(&shown, &desk.program()))
}

fn text(shown: &Shown, program: &str) -> String {
    let mut out = format!("{}\n", bold(&line(&shown.title, 120)));
    let kind = shown.kind.map_or("thread", rapport_model::ThreadKind::as_str);
    let place = shown.container.as_deref().map(|c| format!(" in {}", line(c, 40))).unwrap_or_default();
    out.push_str(&dim(&format!(
        "{kind}{place}, {}; {}, {}\n",
        shown.source,
        count(shown.people as usize, "person", "people"),
        count(shown.messages as usize, "message", "messages"),
    )));
    if let Some(url) = &shown.url {
        out.push_str(&dim(&format!("{}\n", line(url, 200))));
    }
    match &shown.need {
        Some(need) => {
            out.push_str(&format!(
                "{need} ({}): {} because {}\n",
                shown.need_why,
                shown.state.as_str(),
                shown.why
            ));
        }
        None => out.push_str("asks for nothing, as far as can be told\n"),
    }
    for said in &shown.lines {
        let who = line(said.who.as_deref().unwrap_or("(account gone)"), 60);
        let member = match said.member {
            MemberKind::Community => String::new(),
            other => format!(" [{}]", other.as_str()),
        };
        let detail = said.detail.as_deref().map(|d| format!(" {}", line(d, 40))).unwrap_or_default();
        let edits =
            if said.revisions > 0 { format!(", revised {} times", said.revisions) } else { String::new() };
        out.push_str(&format!(
            "\n{}{}{member} {}{detail}  {}\n",
            dim(&said.message.map(|n| format!("{n}  ")).unwrap_or_default()),
            bold(&who),
            said.act.as_str(),
            dim(&format!("{}{edits}", moment(said.at)))
        ));
        out.push_str(&block(&said.text, "  ", 60));
    }
    out.push_str(&dim(&format!("\nnext: {program} evidence mark {} --message 1\n", shown.thread)));
    out
}
