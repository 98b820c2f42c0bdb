//! `feedback deliver`: a plan first, sent on a person's word. What did not arrive is said plainly and can be tried again
//! without being there twice.

use clap::Args;
use rapport_model::Time;
use rapport_practice::brief::markdown;
use rapport_practice::feedback::{State, Step};
use rapport_store::{Delivery, Feedback, Store};
use serde::Serialize;

use super::briefing::{brief, sight};
use super::{find, state, take};
use crate::config::deliver::Deliver as Config;
use crate::delivery::secrets::Secrets;
use crate::delivery::{Errand, Outcome, Parcel, UNCLEAR, Way, send, ways};
use crate::desk::{Answer, Desk, me};
use crate::fault::{Fault, FaultKind};
use crate::page::{bold, dim, line, moment};

/// Arguments of `feedback deliver`.
#[derive(Args)]
pub(super) struct Deliver {
    /// The feedback
    feedback: i64,
    /// Send it; without this the plan is printed
    #[arg(long)]
    yes: bool,
    /// Only this way: file, github, gitlab, gitea, mail or webhook
    #[arg(long)]
    only: Option<String>,
    /// Also what may have come through already, or was asked to wait
    #[arg(long)]
    again: bool,
    /// It was handed over otherwise: say how, and nothing is sent
    #[arg(long, value_name = "HOW", conflicts_with = "only")]
    by_hand: Option<String>,
}

/// One way of the plan, or what became of it.
#[derive(Clone, Serialize)]
pub(super) struct Leg {
    feedback: i64,
    way: String,
    target: String,
    /// Before sending: `send`, `skip`; after: `sent`, `undelivered`.
    pub(super) state: String,
    why: Option<String>,
    url: Option<String>,
    retry_at: Option<Time>,
}

pub(super) fn deliver(desk: &Desk, args: &Deliver) -> Result<Answer, Fault> {
    desk.reading()?;
    if let Some(how) = &args.by_hand {
        return by_hand(desk, args, how);
    }
    let mut legs = plan(desk, args.feedback, args.only.as_deref(), args.again)?;
    if args.yes {
        legs = go(desk, args.feedback, legs)?;
    }
    let failed = legs.iter().any(|l| l.state == "undelivered");
    let mut answer = desk.answer(&legs, || text(desk, args.feedback, &legs, args.yes))?;
    answer.findings = failed;
    Ok(answer)
}

fn by_hand(desk: &Desk, args: &Deliver, how: &str) -> Result<Answer, Fault> {
    let sight = sight(desk)?;
    let mut store = desk.writing()?;
    let f = find(&store, args.feedback)?;
    let leg = Leg {
        feedback: f.id,
        way: "hand".to_owned(),
        target: how.trim().to_owned(),
        state: if args.yes { "sent" } else { "send" }.to_owned(),
        why: None,
        url: None,
        retry_at: None,
    };
    if args.yes {
        let body = markdown(&brief(desk, &store, &sight, &f)?);
        let done = Outcome::Sent { remote: None, url: None, note: None };
        record(desk, &mut store, &f, &leg, &body, 1, &done)?;
        arrived(desk, &mut store, f.id)?;
    }
    let legs = [leg];
    desk.answer(&legs, || text(desk, f.id, &legs, args.yes))
}

fn configured(desk: &Desk, f: &Feedback) -> Result<Config, Fault> {
    desk.config()?.deliver.get(&f.department).cloned().ok_or_else(|| {
        Fault::new(FaultKind::Refused, format!("rapport.toml says no way to {}", f.department)).hint(format!(
            "add [deliver.{}] to it (rapport reference config), or {} feedback deliver {} --by-hand \"in the meeting\" --yes",
            f.department,
            desk.program(),
            f.id
        ))
    })
}

fn kept<'a>(before: &'a [Delivery], way: &Way) -> Option<&'a Delivery> {
    before.iter().find(|d| d.way == way.name() && d.target == way.target())
}

/// What would go where, and what would not.
pub(super) fn plan(desk: &Desk, id: i64, only: Option<&str>, again: bool) -> Result<Vec<Leg>, Fault> {
    let store = desk.reading()?;
    let f = find(&store, id)?;
    if state(&f) == State::Told {
        return Err(super::refused(
            desk,
            &f,
            &rapport_practice::feedback::Refusal::NotFrom { from: "told", to: "delivered" },
        ));
    }
    let config = configured(desk, &f)?;
    let secrets = Secrets::of(&desk.folder)?;
    let before = store.deliveries(id)?;
    let mut legs = Vec::new();
    for way in ways(&desk.folder, &config) {
        if only.is_some_and(|only| only != way.name()) {
            continue;
        }
        let old = kept(&before, &way);
        let sort = match way {
            Way::Tracker(_) => Some("TOKEN"),
            Way::Webhook => Some("WEBHOOK"),
            _ => None,
        };
        let lacks = sort.and_then(|sort| secrets.get(sort, &f.department).err());
        let skip = match old {
            Some(d) if d.state == "sent" => Some("it is there already".to_owned()),
            Some(d) if !again && unclear(d) => Some(format!("the last try {UNCLEAR}: look, then --again")),
            Some(d) if !again && d.retry_at.is_some_and(|at| at > desk.now) => {
                Some(format!("not before {}", d.retry_at.map(moment).unwrap_or_default()))
            }
            _ => None,
        };
        let state = if skip.is_some() { "skip" } else { "send" };
        let again = old
            .filter(|d| d.state != "sent")
            .map(|d| format!("tried {} times; {}", d.tries, d.why.as_deref().unwrap_or("cut off")));
        legs.push(Leg {
            feedback: id,
            way: way.name().to_owned(),
            target: way.target(),
            state: state.to_owned(),
            why: skip.or(lacks).or(again),
            url: old.and_then(|d| d.url.clone()),
            retry_at: old.and_then(|d| d.retry_at),
        });
    }
    if legs.is_empty() {
        let what = only.map_or_else(|| "no way".to_owned(), |only| format!("no way '{only}'"));
        return Err(Fault::usage(format!("[deliver.{}] has {what}", f.department))
            .hint("rapport reference config  shows the keys"));
    }
    Ok(legs)
}

/// Nobody can ask a mail or chat server whether a message came through.
fn unclear(d: &Delivery) -> bool {
    let blind = matches!(d.way.as_str(), "mail" | "webhook");
    blind && (d.state == "sending" || d.why.as_ref().is_some_and(|why| why.contains(UNCLEAR)))
}

/// Goes the ways of a plan, one after the other.
pub(super) fn go(desk: &Desk, id: i64, plan: Vec<Leg>) -> Result<Vec<Leg>, Fault> {
    let sight = sight(desk)?;
    let mut store = desk.writing()?;
    let f = find(&store, id)?;
    let config = configured(desk, &f)?;
    let secrets = Secrets::of(&desk.folder)?;
    let page = markdown(&brief(desk, &store, &sight, &f)?);
    let before = store.deliveries(id)?;
    let mut parcel = Parcel {
        title: line(&f.title, 200),
        ask: f.ask.clone(),
        marker: f.marker.clone(),
        answer: None,
        url: before.iter().find_map(|d| d.url.clone().filter(|u| u.starts_with("http"))),
        page,
    };
    let mut legs = Vec::new();
    for leg in plan {
        let ways = ways(&desk.folder, &config);
        let way = ways.iter().find(|w| w.name() == leg.way && w.target() == leg.target);
        let (Some(way), "send") = (way, leg.state.as_str()) else {
            legs.push(leg);
            continue;
        };
        let old = kept(&before, way);
        let tries = old.map_or(0, |d| d.tries) + 1;
        if matches!(way, Way::Mail(_)) && !config.answer_at.is_empty() {
            parcel.answer = Some(super::link::made(desk, &mut store, &f, &config.answer_at)?);
        }
        // Written before it is sent: whatever cuts this off, the next try knows to look first.
        let sending = Delivery {
            feedback: id,
            way: leg.way.clone(),
            target: leg.target.clone(),
            state: "sending".to_owned(),
            remote: None,
            url: None,
            why: None,
            tries,
            first_at: old.map_or(desk.now, |d| d.first_at),
            last_at: desk.now,
            retry_at: None,
            digest: Store::digest(&parcel.page),
            answered: None,
        };
        store.note_delivery(&sending, &me())?;
        let errand = Errand {
            department: &f.department,
            secrets: &secrets,
            timeout_seconds: config.timeout_seconds,
            now: desk.now,
            again: tries > 1,
        };
        let outcome = send(way, &parcel, &errand);
        if let Outcome::Sent { url: Some(url), .. } = &outcome
            && parcel.url.is_none()
            && url.starts_with("http")
        {
            parcel.url = Some(url.clone());
        }
        legs.push(record(desk, &mut store, &f, &leg, &parcel.page, tries, &outcome)?);
    }
    if legs.iter().any(|l| l.state == "sent") {
        arrived(desk, &mut store, id)?;
    }
    Ok(legs)
}

fn record(
    desk: &Desk,
    store: &mut Store,
    f: &Feedback,
    leg: &Leg,
    body: &str,
    tries: u32,
    outcome: &Outcome,
) -> Result<Leg, Fault> {
    let (state, remote, url, why, retry_at) = match outcome {
        Outcome::Sent { remote, url, note } => ("sent", remote.clone(), url.clone(), note.clone(), None),
        Outcome::Undelivered { why, retry_at } => ("undelivered", None, None, Some(why.clone()), *retry_at),
    };
    let d = Delivery {
        feedback: f.id,
        way: leg.way.clone(),
        target: leg.target.clone(),
        state: state.to_owned(),
        remote,
        url: url.clone(),
        why: why.clone(),
        tries,
        first_at: desk.now,
        last_at: desk.now,
        retry_at,
        digest: Store::digest(body),
        answered: None,
    };
    store.note_delivery(&d, &me())?;
    Ok(Leg { state: state.to_owned(), why, url, retry_at, ..leg.clone() })
}

/// The first arrival makes a draft delivered.
fn arrived(desk: &Desk, store: &mut Store, id: i64) -> Result<(), Fault> {
    let f = find(store, id)?;
    if state(&f) == State::Draft {
        take(desk, store, &f, &Step::Deliver, &me(), "verb")?;
    }
    Ok(())
}

fn text(desk: &Desk, id: i64, legs: &[Leg], done: bool) -> String {
    let head = if done { "Feedback" } else { "Nothing was sent. The plan for feedback" };
    let mut out = format!("{}\n\n", bold(&format!("{head} {id}")));
    for l in legs {
        out.push_str(&format!("  {:<12} {:<8} {}\n", l.state, l.way, line(&l.target, 100)));
        for says in l.why.iter().chain(&l.url) {
            out.push_str(&dim(&format!("               {}\n", line(says, 150))));
        }
        if let (Some(at), "undelivered") = (l.retry_at, l.state.as_str()) {
            out.push_str(&dim(&format!("               not again before {}\n", moment(at))));
        }
    }
    let p = desk.program();
    let next = match (done, legs.iter().any(|l| l.state == "undelivered")) {
        (false, _) => format!("{p} feedback show {id} \u{b7} {p} feedback deliver {id} --yes"),
        (true, true) => format!(
            "mend what it names, then {p} feedback deliver {id} --yes: what is there is not sent twice"
        ),
        (true, false) => format!("{p} feedback show {id} \u{b7} {p} feedback sync"),
    };
    out.push_str(&dim(&format!("\nnext: {next}\n")));
    out
}
