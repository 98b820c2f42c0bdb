//! `feedback told`: where people asked, with a draft for each place in its own form. A person sends each and says so.

use std::collections::BTreeMap;

use clap::Args;
use rapport_insight::text::language::{Language, language};
use rapport_model::Time;
use rapport_practice::feedback::{State, Step};
use rapport_practice::telling::{Asked, Count, Draft, Form, News, Spot, draft};
use rapport_store::{Feedback, Store, Told as Reply};
use serde::Serialize;

use super::{briefing, find, leave, state, take};
use crate::desk::topics::sight::{Placed as Seen, Sight};
use crate::desk::{Answer, Desk, me};
use crate::fault::{Fault, FaultKind};
use crate::page::{block, bold, count, dim, line, moment};

/// Arguments of `feedback told`.
#[derive(Args)]
pub(super) struct Told {
    /// The feedback
    feedback: i64,
    /// Only this place, as the list numbers them
    #[arg(long)]
    place: Option<usize>,
    /// Say that the reply at --place was sent
    #[arg(long, requires = "place")]
    yes: bool,
    /// What was sent, if not the draft: a word on it
    #[arg(long)]
    note: Option<String>,
    /// Where to read on; the drafts name it
    #[arg(long, value_name = "URL")]
    link: Option<String>,
    /// Close it
    #[arg(long, conflicts_with = "place")]
    close: bool,
    /// Why it is closed though people who asked have not heard
    #[arg(long, requires = "close")]
    why: Option<String>,
}

/// One place to reply.
#[derive(Serialize)]
struct Place {
    place: usize,
    thread: i64,
    source: String,
    title: String,
    url: Option<String>,
    asked_at: Time,
    /// `github-markdown`, `discourse`, `stackexchange-comment`, `slack-mrkdwn`, `discord`, `zulip`, `mail`, `plain`.
    form: &'static str,
    subject: Option<String>,
    in_reply_to: Option<String>,
    /// The thread's language where it is not English, as the draft is.
    language: Option<&'static str>,
    draft: String,
    /// When the reply was sent.
    told_at: Option<Time>,
    told_by: Option<String>,
    /// The same person asked at these places, too.
    also_at: Vec<usize>,
}

/// The whole list.
#[derive(Serialize)]
struct Shown {
    feedback: i64,
    title: String,
    state: String,
    asked: usize,
    told: usize,
    left_alone: usize,
    says: String,
    places: Vec<Place>,
    /// Threads of the topic that came since: not a part of it yet.
    since: Vec<i64>,
}

/// The person behind an asker; somebody unknown is a person of their own.
fn person(sight: &Sight, thread: i64, asker: Option<i64>) -> i64 {
    let seen = sight.asks.iter().find(|p| p.ask.thread == thread).map(Seen::person);
    seen.or(asker).unwrap_or(-thread)
}

/// How many of those who asked have heard back.
pub(super) fn count_of(store: &Store, f: &Feedback) -> Result<Count, Fault> {
    let alone = leave::leave_alone(store)?;
    let told: Vec<i64> = store.told(f.id)?.iter().map(|t| t.thread).collect();
    let persons = store.persons()?;
    let mut spots = Vec::new();
    for thread in store.feedback_threads(f.id)? {
        let asker = store.place(thread)?.and_then(|p| p.asker);
        let person = asker.map_or(-thread, |who| persons.get(&who).copied().unwrap_or(who));
        spots.push(Spot { person, told: told.contains(&thread), leave_alone: alone.contains(&person) });
    }
    Ok(Count::of(&spots))
}

/// Whether it shipped; else it was declined.
fn shipped(store: &Store, f: &Feedback) -> Result<bool, Fault> {
    let steps = store.feedback_steps(f.id)?;
    Ok(steps
        .iter()
        .rev()
        .find(|s| matches!(s.step.as_str(), "ship" | "decline"))
        .is_some_and(|s| s.step == "ship"))
}

fn news(desk: &Desk, store: &Store, f: &Feedback, link: Option<String>) -> Result<News, Fault> {
    Ok(News {
        title: f.title.clone(),
        shipped: shipped(store, f)?,
        release: f.release.clone(),
        reason: f.reason.clone(),
        link,
        ours: desk.config()?.community.name,
    })
}

/// The language of what was asked, where it is surely not English.
fn language_of(sight: &Sight, thread: i64) -> Option<&'static str> {
    let placed = sight.asks.iter().find(|p| p.ask.thread == thread)?;
    match language(&placed.words()) {
        Language::Other(code) => Some(code),
        _ => None,
    }
}

/// The message id that a mail's key is made of, where the mail had one.
fn message_id(key: &str) -> Option<String> {
    key.strip_prefix("msg/").filter(|id| id.contains('@')).map(str::to_owned)
}

fn places(store: &Store, sight: &Sight, f: &Feedback, news: &News) -> Result<Vec<Place>, Fault> {
    let alone = leave::leave_alone(store)?;
    let told: BTreeMap<i64, Reply> = store.told(f.id)?.into_iter().map(|t| (t.thread, t)).collect();
    let mut places: Vec<Place> = Vec::new();
    let mut people: Vec<i64> = Vec::new();
    for thread in store.feedback_threads(f.id)? {
        let Some(at) = store.place(thread)? else { continue };
        let person = person(sight, thread, at.asker);
        if alone.contains(&person) {
            continue;
        }
        let form = Form::of(&at.connector, at.kind);
        let title = line(at.title.lines().next().unwrap_or_default(), 120);
        let asked = Asked {
            title: title.clone(),
            at: at.opened_at,
            message_id: at.opening_key.as_deref().and_then(message_id),
        };
        let Draft { subject, in_reply_to, body, .. } = draft(form, news, &asked);
        let sent = told.get(&thread);
        places.push(Place {
            place: places.len() + 1,
            thread,
            source: at.source,
            title,
            url: at.url,
            asked_at: at.opened_at,
            form: form.as_str(),
            subject,
            in_reply_to,
            language: language_of(sight, thread),
            draft: body,
            told_at: sent.map(|t| t.at),
            told_by: sent.map(|t| t.who.clone()),
            also_at: Vec::new(),
        });
        people.push(person);
    }
    for n in 0..places.len() {
        places[n].also_at =
            (0..people.len()).filter(|m| *m != n && people[*m] == people[n]).map(|m| m + 1).collect();
    }
    Ok(places)
}

pub(super) fn told(desk: &Desk, args: &Told) -> Result<Answer, Fault> {
    let sight = briefing::sight(desk)?;
    let store = desk.reading()?;
    let f = find(&store, args.feedback)?;
    if !state(&f).awaits_telling() && state(&f) != State::Told {
        let p = desk.program();
        return Err(Fault::new(
            FaultKind::Refused,
            format!("feedback {} is {}: there is nothing to tell yet", f.id, f.state),
        )
        .hint(format!("{p} feedback show {} \u{b7} {p} feedback sync", f.id)));
    }
    let news = news(desk, &store, &f, args.link.clone())?;
    let list = places(&store, &sight, &f, &news)?;
    if args.close {
        return close(desk, store, &f, args.why.clone());
    }
    if let (Some(n), true) = (args.place, args.yes) {
        let place = n.checked_sub(1).and_then(|n| list.get(n)).ok_or_else(|| no_place(n, list.len()))?;
        return sent(desk, store, &f, place, args);
    }
    if let Some(n) = args.place
        && (n == 0 || n > list.len())
    {
        return Err(no_place(n, list.len()));
    }
    let heard = count_of(&store, &f)?;
    let held = store.feedback_threads(f.id)?;
    let since = f.topic.and_then(|t| u32::try_from(t).ok()).map_or_else(Vec::new, |topic| {
        sight.of(topic).map(|p| p.ask.thread).filter(|t| !held.contains(t)).collect()
    });
    let shown = Shown {
        feedback: f.id,
        title: f.title.clone(),
        state: f.state.clone(),
        asked: heard.asked,
        told: heard.told,
        left_alone: heard.leave_alone,
        says: says(&store, &f, &heard)?,
        places: list.into_iter().filter(|p| args.place.is_none_or(|n| p.place == n)).collect(),
        since,
    };
    desk.answer(&shown, || text(desk, &shown))
}

fn no_place(n: usize, many: usize) -> Fault {
    Fault::usage(format!("there is no place {n}; there are {many}"))
        .hint("rapport feedback told N  lists them")
}

/// `shipped and told 11 of 12; 1 asked not to be contacted`
fn says(store: &Store, f: &Feedback, heard: &Count) -> Result<String, Fault> {
    let what = if shipped(store, f)? { "shipped" } else { "declined" };
    Ok(format!("{what} and {}", heard.words()))
}

fn sent(desk: &Desk, store: Store, f: &Feedback, place: &Place, args: &Told) -> Result<Answer, Fault> {
    drop(store);
    let mut store = desk.writing()?;
    let reply = Reply {
        thread: place.thread,
        at: desk.now,
        who: me(),
        note: args.note.clone(),
        digest: Store::digest(&place.draft),
    };
    let new = store.note_told(f.id, &reply)?;
    let heard = count_of(&store, f)?;
    let mut now = f.state.clone();
    // The last who waited has heard: it closes by itself, and says of whom it did not.
    if state(f).awaits_telling() && heard.untold() == 0 {
        let why = (heard.leave_alone > 0).then(|| heard.words());
        let step = Step::Tell { untold: 0, why };
        take(desk, &mut store, f, &step, &me(), "verb")?.as_str().clone_into(&mut now);
    }
    let says = says(&store, f, &heard)?;
    let value = serde_json::json!({
        "feedback": f.id, "place": place.place, "thread": place.thread, "recorded": new, "state": now,
        "asked": heard.asked, "told": heard.told, "left_alone": heard.leave_alone, "says": says,
    });
    desk.answer(&value, || {
        let known = if new { "recorded as sent" } else { "was recorded before" };
        let p = desk.program();
        let next =
            if now == "told" { format!("{p} feedback") } else { format!("{p} feedback told {}", f.id) };
        format!(
            "place {} {known}: {}\n{}\n{}",
            place.place,
            line(&place.title, 80),
            bold(&says),
            dim(&format!("\nnext: {next}\n"))
        )
    })
}

fn close(desk: &Desk, store: Store, f: &Feedback, why: Option<String>) -> Result<Answer, Fault> {
    let heard = count_of(&store, f)?;
    drop(store);
    let mut store = desk.writing()?;
    // What is left open is a part of the reason.
    let why = match (why.filter(|w| !w.trim().is_empty()), heard.untold() + heard.leave_alone) {
        (Some(why), _) => Some(format!("{}: {}", heard.words(), why.trim())),
        (None, 0) => None,
        (None, _) if heard.untold() == 0 => Some(heard.words()),
        (None, _) => None,
    };
    let step = Step::Tell { untold: heard.untold(), why };
    let to = take(desk, &mut store, f, &step, &me(), "verb")?;
    let says = says(&store, f, &heard)?;
    let value = serde_json::json!({
        "feedback": f.id, "state": to.as_str(), "asked": heard.asked, "told": heard.told,
        "left_alone": heard.leave_alone, "says": says,
    });
    desk.answer(&value, || format!("feedback {} closed: {says}\n", f.id))
}

fn text(desk: &Desk, shown: &Shown) -> String {
    let mut out = format!("{}\n", bold(&format!("feedback {}: {}", shown.feedback, shown.says)));
    let left = shown.places.iter().filter(|p| p.told_at.is_none()).count();
    out.push_str(&dim(&format!(
        "{}, {left} without a reply. Read each draft, change it, send it yourself, then say so.\n",
        count(shown.places.len(), "place", "places")
    )));
    for p in &shown.places {
        let told = match (p.told_at, &p.told_by) {
            (Some(at), Some(by)) => format!("told {} by {by}", moment(at)),
            _ => p.form.to_owned(),
        };
        out.push_str(&format!("\n{:>3}  {}  {}\n", p.place, bold(&line(&p.title, 80)), dim(&told)));
        let url =
            p.url.as_deref().map_or_else(|| "no link: look for its title there".to_owned(), |u| line(u, 160));
        out.push_str(&dim(&format!("     {}  {url}\n", p.source)));
        if !p.also_at.is_empty() {
            let also: Vec<String> = p.also_at.iter().map(ToString::to_string).collect();
            out.push_str(&dim(&format!("     the same person asked at {}, too\n", also.join(", "))));
        }
        if let Some(code) = p.language.filter(|_| p.told_at.is_none()) {
            out.push_str(&dim(&format!(
                "     it was asked in another language ({code}); the draft is English\n"
            )));
        }
        if p.told_at.is_none() {
            for (name, value) in [("Subject", &p.subject), ("In-Reply-To", &p.in_reply_to)] {
                if let Some(value) = value {
                    out.push_str(&format!("     {name}: {}\n", line(value, 150)));
                }
            }
            out.push_str(&block(&p.draft, "     ", 30));
        }
    }
    if !shown.since.is_empty() {
        let list: Vec<String> = shown.since.iter().map(ToString::to_string).collect();
        out.push_str(&format!(
            "\n{} came to the topic since: {} feedback add {} --thread {}\n",
            count(shown.since.len(), "thread", "threads"),
            desk.program(),
            shown.feedback,
            list.join(" ")
        ));
    }
    let (p, n) = (desk.program(), shown.feedback);
    let first = shown.places.iter().find(|p| p.told_at.is_none()).map(|p| p.place);
    let next = match first {
        Some(place) => format!("{p} feedback told {n} --place {place} --yes"),
        None if shown.state == "told" => format!("{p} feedback"),
        None => format!("{p} feedback told {n} --close"),
    };
    out.push_str(&dim(&format!("\nnext: {next}\n")));
    out
}
