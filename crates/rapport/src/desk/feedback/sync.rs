//! `feedback sync`: what trackers say is read and taken as steps; what is undelivered is planned again.

use clap::Args;
use rapport_practice::answers::{Meant, meant};
use rapport_practice::feedback::State;
use rapport_store::Delivery;
use serde::Serialize;

use super::{deliver, find, state, take};
use crate::config::deliver::Tracker;
use crate::delivery::Errand;
use crate::delivery::secrets::Secrets;
use crate::delivery::tracker::Open;
use crate::desk::{Answer, Desk};
use crate::fault::Fault;
use crate::page::{bold, dim, line};

/// Arguments of `feedback sync`.
#[derive(Args)]
pub(super) struct Sync {
    /// Only this feedback
    feedback: Option<i64>,
    /// Take the steps and send what is undelivered; without this it is only said
    #[arg(long)]
    yes: bool,
}

/// What one tracker says of one feedback.
#[derive(Serialize)]
struct Heard {
    feedback: i64,
    title: String,
    way: String,
    url: Option<String>,
    /// What the tracker says: `closed as done, milestone 3.1`; none when it could not be asked.
    says: Option<String>,
    /// The step that it means.
    step: Option<String>,
    /// The state before, and after where the step was taken.
    state: String,
    /// Why nothing follows, or what is lacking.
    why: Option<String>,
}

pub(super) fn sync(desk: &Desk, args: &Sync) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    let config = desk.config()?;
    let secrets = Secrets::of(&desk.folder)?;
    let mut heard = Vec::new();
    let mut again = Vec::new();
    let mut asks: Vec<(i64, Delivery, Tracker, u64)> = Vec::new();
    for f in store.feedback()?.iter().filter(|f| args.feedback.is_none_or(|id| id == f.id)) {
        let Some(deliver) = config.deliver.get(&f.department) else { continue };
        let all = store.deliveries(f.id)?;
        if all.iter().any(|d| d.state != "sent") && state(f) != State::Told {
            again.push(f.id);
        }
        if matches!(state(f), State::Draft | State::Told) {
            continue;
        }
        let Some(tracker) = &deliver.tracker else { continue };
        let at = crate::delivery::Way::Tracker(tracker.clone());
        let sent = |d: &&Delivery| d.state == "sent" && d.way == at.name() && d.target == at.target();
        asks.extend(
            all.iter().find(sent).map(|d| (f.id, d.clone(), tracker.clone(), deliver.timeout_seconds)),
        );
    }
    if let Some(id) = args.feedback {
        find(&store, id)?;
    }
    drop(store);
    for (id, delivery, tracker, timeout_seconds) in &asks {
        heard.push(ask(desk, &secrets, (*id, delivery, tracker, *timeout_seconds), args.yes)?);
    }
    let mut legs = Vec::new();
    for id in again {
        let plan = deliver::plan(desk, id, None, false)?;
        legs.extend(if args.yes { deliver::go(desk, id, plan)? } else { plan });
    }
    let failed = legs.iter().any(|l| l.state == "undelivered") || heard.iter().any(|h| h.says.is_none());
    let value = serde_json::json!({ "heard": heard, "sent": legs });
    let mut answer = desk.answer(&value, || text(desk, args, &heard, legs.len()))?;
    answer.findings = failed;
    Ok(answer)
}

fn ask(
    desk: &Desk,
    secrets: &Secrets,
    (id, delivery, tracker, timeout_seconds): (i64, &Delivery, &Tracker, u64),
    yes: bool,
) -> Result<Heard, Fault> {
    let f = find(&desk.reading()?, id)?;
    let errand = Errand { department: &f.department, secrets, timeout_seconds, now: desk.now, again: false };
    let number = delivery.remote.as_deref().unwrap_or_default();
    let seen = Open::new(tracker, &errand).and_then(|open| open.look(number));
    let mut heard = Heard {
        feedback: id,
        title: f.title.clone(),
        way: delivery.way.clone(),
        url: delivery.url.clone(),
        says: None,
        step: None,
        state: f.state.clone(),
        why: None,
    };
    let seen = match seen {
        Ok(seen) => seen,
        Err(failed) => {
            heard.why = Some(failed.why);
            return Ok(heard);
        }
    };
    heard.says = Some(seen.says());
    match meant(state(&f), &seen) {
        Meant::Nothing => {}
        Meant::Lacks(what) => heard.why = Some(what),
        Meant::Step(step) => {
            heard.step = Some(step.as_str().to_owned());
            heard.why = step.reason().map(str::to_owned);
            if yes {
                let mut store = desk.writing()?;
                let to =
                    take(desk, &mut store, &f, &step, &format!("{} {number}", delivery.way), &delivery.way)?;
                heard.state = to.as_str().to_owned();
            }
        }
    }
    if yes && heard.says != delivery.answered {
        let mut store = desk.writing()?;
        let noted = Delivery { answered: heard.says.clone(), ..delivery.clone() };
        store.note_delivery(&noted, &delivery.way)?;
    }
    Ok(heard)
}

fn text(desk: &Desk, args: &Sync, heard: &[Heard], again: usize) -> String {
    let mut out = String::new();
    if heard.is_empty() && again == 0 {
        out.push_str("Nothing is with a tracker, and nothing is undelivered.\n");
    }
    for h in heard {
        out.push_str(&format!("{:>4}  {}  {}\n", h.feedback, bold(&line(&h.title, 70)), dim(&h.way)));
        let says = match (&h.says, &h.step, args.yes) {
            (None, ..) => "not asked".to_owned(),
            (Some(says), None, _) => format!("{says}; it stays {}", h.state),
            (Some(says), Some(step), false) => format!("{says}: would {step}"),
            (Some(says), Some(_), true) => format!("{says}: now {}", h.state),
        };
        let why = h.why.as_ref().map(|w| format!(": {}", line(w, 140))).unwrap_or_default();
        out.push_str(&dim(&format!("      {says}{why}\n")));
    }
    if again > 0 {
        let done = if args.yes { "tried again" } else { "would be tried again" };
        out.push_str(&format!("{again} ways {done}: {} feedback\n", desk.program()));
    }
    let p = desk.program();
    let next = if args.yes { format!("{p} feedback") } else { format!("{p} feedback sync --yes") };
    out.push_str(&dim(&format!("\nnext: {next}\n")));
    out
}
