//! `talks`: calls for papers and what became of the talks sent in.

use std::path::PathBuf;

use clap::{ArgMatches, Args, Command};
use rapport_model::Time;
use rapport_practice::handwritten::day;
use rapport_practice::notes::{TalkState, same_event};
use rapport_store::{Event, Talk};
use serde::{Deserialize, Serialize};

use super::add::parsed;
use super::field::{date, day_of, midnight, next, text_of};
use super::{Answer, Desk, Verb, me};
use crate::fault::{Fault, FaultKind};
use crate::page::{bold, count, dim, line};

pub(crate) const VERB: Verb = Verb {
    name: "talks",
    about: "Calls for papers, and what became of the talks sent in",
    example: "rapport talks import conferences/python.json\nrapport talks deadlines --area python\nrapport talks propose \"Webhooks that survive a retry\" --event \"Harbour Dev Days 2026\"\nrapport talks move 1 accepted",
    args: |command| {
        command
            .subcommand(Command::new("list").about("Every talk, by where it stands"))
            .subcommand(Propose::augment_args(Command::new("propose")).about("A talk is sent in"))
            .subcommand(
                Move::augment_args(Command::new("move")).about("A talk is accepted, given or declined"),
            )
            .subcommand(
                Deadlines::augment_args(Command::new("deadlines"))
                    .about("Calls for papers that are open, the next deadline first"),
            )
            .subcommand(
                Import::augment_args(Command::new("import"))
                    .about("Read events and their deadlines from conference-data JSON"),
            )
    },
    call,
};

/// Arguments of `talks propose`.
#[derive(Args)]
struct Propose {
    /// The talk's title
    title: String,
    /// The event's name
    #[arg(long)]
    event: String,
    /// The event's first day: 2026-09-17
    #[arg(long)]
    on: Option<String>,
    /// Who speaks
    #[arg(long)]
    speaker: Option<String>,
}

/// Arguments of `talks move`.
#[derive(Args)]
struct Move {
    /// The talk's number
    talk: i64,
    /// Where it stands now
    #[arg(value_parser = TalkState::ALL.map(TalkState::as_str))]
    to: String,
    /// A word on it
    #[arg(long)]
    note: Option<String>,
}

/// Arguments of `talks deadlines`.
#[derive(Args)]
struct Deadlines {
    /// Within so many days
    #[arg(long, default_value_t = 60)]
    days: u32,
    /// Only of this area: the name of the file that was imported
    #[arg(long)]
    area: Option<String>,
}

/// Arguments of `talks import`.
#[derive(Args)]
struct Import {
    /// JSON files of conference-data: a list of {"name", "url", "startDate", "endDate", "city", "cfpUrl", "cfpEndDate"}
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Row {
    talk: i64,
    title: String,
    event: String,
    event_starts: Option<Time>,
    speaker: Option<String>,
    state: String,
    since: Time,
    /// Where it may go from there.
    may_become: Vec<&'static str>,
    steps: Vec<StepRow>,
    /// What a person should look at.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[derive(Serialize)]
struct StepRow {
    state: String,
    at: Time,
    who: String,
    note: Option<String>,
}

fn call(desk: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    match matches.subcommand() {
        Some(("propose", matches)) => propose(desk, &parsed(matches)?),
        Some(("move", matches)) => moved(desk, &parsed(matches)?),
        Some(("deadlines", matches)) => deadlines(desk, &parsed(matches)?),
        Some(("import", matches)) => import(desk, &parsed(matches)?),
        _ => list(desk),
    }
}

fn rows(desk: &Desk, only: Option<i64>) -> Result<Vec<Row>, Fault> {
    let store = desk.reading()?;
    let events = store.events()?;
    let row = |t: Talk| {
        let event = events.iter().find(|e| e.id == t.event);
        let over = event.and_then(|e| e.ends.or(e.starts)).is_some_and(|last| last < midnight(desk.now));
        let note = match t.state.as_str() {
            "proposed" if event.and_then(|e| e.starts).is_some_and(|s| s < desk.now) => {
                Some("the event has begun and nobody said yes or no".to_owned())
            }
            "accepted" if over => Some("the event is over; its notes have not come in".to_owned()),
            _ => None,
        };
        let from = TalkState::from_word(&t.state);
        let next = TalkState::ALL.into_iter().filter(|to| from.is_some_and(|from| from.may_become(*to)));
        Row {
            may_become: next.map(TalkState::as_str).collect(),
            talk: t.id,
            title: t.title,
            event: event.map(|e| e.name.clone()).unwrap_or_default(),
            event_starts: event.and_then(|e| e.starts),
            speaker: t.speaker,
            state: t.state,
            since: t.since,
            steps: t
                .steps
                .into_iter()
                .map(|(state, at, who, note)| StepRow { state, at, who, note })
                .collect(),
            note,
        }
    };
    Ok(store.talks()?.into_iter().filter(|t| only.is_none_or(|id| t.id == id)).map(row).collect())
}

fn list(desk: &Desk) -> Result<Answer, Fault> {
    let mut rows = rows(desk, None)?;
    rows.sort_by_key(|r| (TalkState::from_word(&r.state), r.event_starts, r.talk));
    desk.answer(&rows, || {
        if rows.is_empty() {
            return format!(
                "No talk yet.\n{}",
                next(desk, &["talks deadlines", "talks propose TITLE --event EVENT"])
            );
        }
        let mut out = String::new();
        for state in TalkState::ALL {
            let here: Vec<&Row> = rows.iter().filter(|r| r.state == state.as_str()).collect();
            if here.is_empty() {
                continue;
            }
            out.push_str(&bold(&format!("{} {}\n", here.len(), state.as_str())));
            for r in here {
                out.push_str(&talk_line(r));
            }
        }
        format!("{out}{}", next(desk, &["talks deadlines", "talks move TALK accepted", "notes add FILE"]))
    })
}

fn talk_line(r: &Row) -> String {
    let on = r.event_starts.map_or_else(String::new, |s| format!(" on {}", date(s)));
    let by = r.speaker.as_ref().map_or_else(String::new, |s| format!(", {}", line(s, 40)));
    let note = r.note.as_ref().map_or_else(String::new, |n| format!("; {n}"));
    format!(
        "{:>4}  {}\n{}",
        r.talk,
        line(&r.title, 100),
        dim(&format!("      {}{on}{by}; {} since {}{note}\n", line(&r.event, 60), r.state, date(r.since)))
    )
}

fn one(desk: &Desk, talk: i64) -> Result<Answer, Fault> {
    let rows = rows(desk, Some(talk))?;
    desk.answer(&rows, || {
        format!("{}{}", rows.iter().map(talk_line).collect::<String>(), next(desk, &["talks"]))
    })
}

fn propose(desk: &Desk, args: &Propose) -> Result<Answer, Fault> {
    let on = args.on.as_deref().map(|d| day_of("--on", Some(d), desk)).transpose()?;
    let (title, name) = (args.title.trim(), args.event.trim());
    if title.is_empty() || name.is_empty() {
        return Err(Fault::usage("a talk has a title, and an event a name"));
    }
    let mut store = desk.writing()?;
    // The next event of that name; one that is over is another year's.
    let known = store.events()?.into_iter().filter(|e| same_event(&e.name, name));
    let known = known.filter(|e| match on {
        Some(on) => e.starts.is_none_or(|s| s == on),
        None => e.ends.or(e.starts).is_none_or(|last| last >= midnight(desk.now)),
    });
    let event = match known.min_by_key(|e| e.starts) {
        Some(mut event) => {
            event.starts = event.starts.or(on);
            store.add_event(&event, &me(), desk.now)?;
            event.id
        }
        None => {
            let new = Event {
                id: 0,
                name: name.to_owned(),
                starts: on,
                ends: on,
                place: None,
                url: None,
                area: None,
                call_url: None,
                call_until: None,
            };
            store.add_event(&new, &me(), desk.now)?.0
        }
    };
    let twin = store.talks()?.into_iter().find(|t| t.event == event && t.title.eq_ignore_ascii_case(title));
    if let Some(twin) = twin {
        return Err(Fault::new(
            FaultKind::Refused,
            format!("talk {} has this title at this event: {}", twin.id, twin.state),
        )
        .hint("rapport talks"));
    }
    let talk = Talk {
        id: 0,
        title: title.to_owned(),
        event,
        speaker: args.speaker.clone(),
        state: "proposed".to_owned(),
        since: desk.now,
        steps: Vec::new(),
    };
    let id = store.add_talk(&talk, &me(), desk.now)?;
    drop(store);
    one(desk, id)
}

fn moved(desk: &Desk, args: &Move) -> Result<Answer, Fault> {
    desk.reading()?;
    let mut store = desk.writing()?;
    let talk = store.talks()?.into_iter().find(|t| t.id == args.talk);
    let talk =
        talk.ok_or_else(|| Fault::usage(format!("there is no talk {}", args.talk)).hint("rapport talks"))?;
    let (Some(from), Some(to)) = (TalkState::from_word(&talk.state), TalkState::from_word(&args.to)) else {
        return Err(Fault::usage(format!("talk {} stands as '{}'", talk.id, talk.state)));
    };
    if !from.may_become(to) {
        let fault = Fault::new(
            FaultKind::Refused,
            format!("a talk that is {} does not become {}", talk.state, args.to),
        );
        return Err(fault.hint(format!("rapport talks move {} accepted  comes before given", talk.id)));
    }
    store.move_talk(talk.id, to.as_str(), args.note.as_deref(), &me(), desk.now)?;
    drop(store);
    one(desk, talk.id)
}

#[derive(Serialize)]
struct Deadline {
    event: String,
    starts: Option<Time>,
    place: Option<String>,
    url: Option<String>,
    area: Option<String>,
    call_url: Option<String>,
    call_until: Time,
    days_left: i64,
    talks: Vec<String>,
}

fn deadlines(desk: &Desk, args: &Deadlines) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    let talks = store.talks()?;
    let today = midnight(desk.now);
    let until = today.plus_millis(i64::from(args.days) * 86_400_000);
    let elsewhere = |own: Option<&str>| {
        let is = |a: &String| own.is_some_and(|own| own.split(", ").any(|o| o.eq_ignore_ascii_case(a)));
        args.area.as_ref().is_some_and(|a| !is(a))
    };
    let mut rows: Vec<Deadline> = Vec::new();
    for e in store.events()? {
        let Some(last) = e.call_until.filter(|t| *t >= today && *t <= until) else { continue };
        if elsewhere(e.area.as_deref()) {
            continue;
        }
        let mine = talks.iter().filter(|t| t.event == e.id).map(|t| format!("{} ({})", t.title, t.state));
        rows.push(Deadline {
            talks: mine.collect(),
            event: e.name,
            starts: e.starts,
            place: e.place,
            url: e.url,
            area: e.area,
            call_url: e.call_url,
            call_until: last,
            days_left: (last.millis() - today.millis()) / 86_400_000,
        });
    }
    // What sources announce, too, where no list that was imported has it.
    let two_years = until.plus_millis(2 * 365 * 86_400_000);
    for e in super::events::between(&store, today, two_years)? {
        let Some(last) = e.call_until.filter(|t| *t >= today && *t <= until) else { continue };
        let known = rows.iter().any(|row| {
            let same_day = row.starts.is_some_and(|day| date(day) == date(e.starts));
            let same_call = row.call_url.is_some() && row.call_url == e.call_url;
            same_call || same_day && row.event.eq_ignore_ascii_case(&e.event)
        });
        if e.state == "cancelled" || elsewhere(e.area.as_deref()) || known {
            continue;
        }
        rows.push(Deadline {
            talks: Vec::new(),
            event: e.event,
            starts: Some(e.starts),
            place: e.place,
            url: e.url,
            area: e.area,
            call_url: e.call_url,
            call_until: last,
            days_left: (last.millis() - today.millis()) / 86_400_000,
        });
    }
    rows.sort_by(|a, b| a.call_until.cmp(&b.call_until).then_with(|| a.event.cmp(&b.event)));
    desk.answer(&rows, || {
        if rows.is_empty() {
            return format!(
                "No call for papers ends within {} days.\n{}",
                args.days,
                next(desk, &["talks import FILE", "talks"])
            );
        }
        let mut out = bold(&format!(
            "{} within {} days\n\n",
            count(rows.len(), "call for papers ends", "calls for papers end"),
            args.days
        ));
        for r in &rows {
            let left = match r.days_left {
                0 => "today".to_owned(),
                n => format!("{n} d left"),
            };
            out.push_str(&format!("  {}  {left:>9}  {}\n", date(r.call_until), line(&r.event, 60)));
            let mut words: Vec<String> = Vec::new();
            words.extend(r.starts.map(|s| format!("on {}", date(s))));
            words.extend(r.place.as_ref().map(|p| line(p, 40)));
            words.extend(r.call_url.as_ref().or(r.url.as_ref()).map(|u| line(u, 90)));
            words.extend(r.talks.iter().map(|t| line(t, 80)));
            out.push_str(&dim(&format!("      {}\n", words.join(" \u{b7} "))));
        }
        format!("{out}{}", next(desk, &["talks propose TITLE --event EVENT", "talks"]))
    })
}

/// One event of conference-data; what it has besides is not needed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: String,
    url: Option<String>,
    start_date: Option<String>,
    end_date: Option<String>,
    city: Option<String>,
    country: Option<String>,
    #[serde(default)]
    online: bool,
    cfp_url: Option<String>,
    cfp_end_date: Option<String>,
}

#[derive(Serialize)]
struct Imported {
    file: String,
    read: usize,
    new: usize,
    known: usize,
    rejected: Vec<String>,
}

fn import(desk: &Desk, args: &Import) -> Result<Answer, Fault> {
    let mut store = desk.writing()?;
    let mut all = Vec::new();
    for path in &args.files {
        let text = text_of(path)?;
        let list: Vec<serde_json::Value> = serde_json::from_str(&text).map_err(|e| {
            Fault::new(FaultKind::Source, format!("{}: {e}", path.display()))
                .hint("wanted is a JSON list of events")
        })?;
        let area = path.file_stem().map(|s| s.to_string_lossy().into_owned());
        let mut done = Imported {
            file: path.display().to_string(),
            read: list.len(),
            new: 0,
            known: 0,
            rejected: Vec::new(),
        };
        for (n, value) in list.into_iter().enumerate() {
            match event(value, area.as_deref()) {
                Ok(mut event) => {
                    // One event of two lists has two areas.
                    let twin = store
                        .events()?
                        .into_iter()
                        .find(|e| e.name == event.name && e.starts == event.starts);
                    if let (Some(old), Some(new)) = (twin.and_then(|t| t.area), &event.area)
                        && !old.split(", ").any(|a| a == new)
                    {
                        event.area = Some(format!("{old}, {new}"));
                    }
                    if store.add_event(&event, &me(), desk.now)?.1 { done.new += 1 } else { done.known += 1 }
                }
                Err(why) => done.rejected.push(format!("[{n}]: {why}")),
            }
        }
        all.push(done);
    }
    drop(store);
    let mut answer = desk.answer(&all, || {
        let mut out = String::new();
        for one in &all {
            out.push_str(&format!(
                "{}: {} read, {} new, {} known, {} set aside\n",
                one.file,
                one.read,
                one.new,
                one.known,
                one.rejected.len()
            ));
            for why in one.rejected.iter().take(10) {
                out.push_str(&dim(&format!("  {}\n", line(why, 160))));
            }
        }
        format!("{out}{}", next(desk, &["talks deadlines"]))
    })?;
    answer.findings = all.iter().any(|one| !one.rejected.is_empty());
    Ok(answer)
}

fn event(value: serde_json::Value, area: Option<&str>) -> Result<Event, String> {
    let one: Listed = serde_json::from_value(value).map_err(|e| e.to_string())?;
    if one.name.trim().is_empty() {
        return Err("an event without a name".to_owned());
    }
    let at = |text: &Option<String>| match text.as_deref().filter(|t| !t.trim().is_empty()) {
        None => Ok(None),
        Some(text) => day(text).map(Some).ok_or_else(|| format!("'{}' is no day", line(text, 40))),
    };
    let place: Vec<String> =
        [one.city, one.country].into_iter().flatten().filter(|p| !p.trim().is_empty()).collect();
    let place = match (place.join(", "), one.online) {
        (place, true) if place.is_empty() => Some("online".to_owned()),
        (place, _) => Some(place).filter(|p| !p.is_empty()),
    };
    Ok(Event {
        id: 0,
        name: one.name.trim().to_owned(),
        starts: at(&one.start_date)?,
        ends: at(&one.end_date)?,
        place,
        url: one.url,
        area: area.map(str::to_owned),
        call_url: one.cfp_url.filter(|u| !u.trim().is_empty()),
        call_until: at(&one.cfp_end_date)?,
    })
}
