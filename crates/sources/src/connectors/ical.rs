//! iCalendar: what a community's, a meetup's or a team's calendar announces, event by event.
//!
//! Events are nobody's: who organises and who attends is left out before anything is kept, and so are events that the
//! calendar calls private. Of two states of one event in a document the higher sequence stands. A series is kept as its
//! rule; a part of it that was moved or called off is an activity of its own, in the series' thread.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use calcard::common::PartialDateTime;
use calcard::common::timezone::Tz;
use calcard::icalendar::timezone::TzResolver;
use calcard::icalendar::{ICalendarComponent, ICalendarProperty as P, ICalendarStatus, ICalendarValue as V};
use chrono::TimeZone;
use rapport_model::{Activity, Key, Record, Reject, Time};

use crate::contract::{About, Connector, Detected, Item, Out, Peek, Plan, Reader, Unreadable, go_on};
use crate::events::series::calendar;
use crate::events::{DAY, State, Told};
use crate::markup;

mod blocks;

use blocks::{Block, Calendar};

/// The connector.
pub(crate) struct ICal;

/// How the replies of a living calendar are called.
pub(crate) const ITEM: &str = "live/calendar.ics";
const LARGEST: u64 = 32 << 20;

impl Connector for ICal {
    fn about(&self) -> &'static About {
        &About {
            name: "ical",
            reads: "iCalendar: events of a calendar, with series, time zones and what was called off",
            how_to_get: "rapport add https://community.example.org/calendar.ics; or export a calendar as a file .ics.",
            terms: "as whoever keeps the calendar states",
            limits: "who organises and attends is left out, and so are private events; a change of all later parts of a series (RANGE) counts for one",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        peek.items().iter().filter(|name| is_calendar(name)).take(20).find_map(|name| {
            let head = String::from_utf8_lossy(&peek.head(name, 64 * 1024)).into_owned();
            is_one(&head).then(|| {
                let file = peek.name();
                let file = file.rsplit_once('.').filter(|_| is_calendar(file)).map_or(file, |(name, _)| name);
                let what = own_address(&head).unwrap_or_else(|| file.to_lowercase());
                Detected { sure: 95, what, why: format!("{name} is an iCalendar") }
            })
        })
    }

    fn reader(&self, _what: &str) -> Box<dyn Reader> {
        Box::new(Events)
    }
}

fn is_calendar(name: &str) -> bool {
    let name = name.to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    [".ics", ".ical", ".icalendar"].iter().any(|end| name.ends_with(end))
}

/// Whether a document begins as a calendar.
pub(crate) fn is_one(head: &str) -> bool {
    let start = head.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    start.get(..15).is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:VCALENDAR"))
}

/// Where the calendar says that it stands, without the scheme.
fn own_address(head: &str) -> Option<String> {
    let head = head.split("BEGIN:VEVENT").next()?;
    let own = head.lines().find_map(|line| {
        let upper = line.get(..7)?.to_ascii_uppercase();
        upper.starts_with("SOURCE").then(|| line.split_once("://"))?
    });
    let what = own?.1.trim().trim_end_matches('/').to_lowercase();
    (!what.is_empty() && what.len() < 150 && !what.contains('?')).then_some(what)
}

struct Events;

impl Reader for Events {
    fn plan(&self, name: &str) -> Plan {
        if is_calendar(name) { Plan::Read(0) } else { Plan::Skip }
    }

    fn read(&mut self, item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let mut bytes = Vec::new();
        body.take(LARGEST).read_to_end(&mut bytes)?;
        let calendar = Calendar::of(&bytes);
        let zones = Zones::of(&calendar.zones);
        let mut read: Vec<(usize, Result<One, Reject>)> = Vec::new();
        let mut newest: BTreeMap<Key, usize> = BTreeMap::new();
        for block in &calendar.blocks {
            let one = match zones.event(block, calendar.cancels, item.name == ITEM) {
                Ok(Some(one)) => Ok(one),
                Ok(None) => continue,
                Err(why) => Err(Reject::new(format!("byte {}", block.at), why, block.text.as_bytes())),
            };
            if let Ok(one) = &one {
                let here = newest.entry(one.activity.key.clone()).or_insert(read.len());
                let before =
                    read.get(*here).and_then(|(_, held)| held.as_ref().ok()).map(|held| held.sequence);
                if before <= Some(one.sequence) {
                    *here = read.len();
                }
            }
            read.push((read.len(), one));
        }
        for (n, one) in read {
            match one {
                Ok(one) if newest.get(&one.activity.key) == Some(&n) => {
                    go_on(out.record(Record::one(one.raw.as_bytes(), one.activity)))?;
                }
                Ok(_) => {}
                Err(told) => go_on(out.reject(told))?,
            }
        }
        match calendar.broken {
            Some((at, why)) => Err(Unreadable::Shape { at: format!("byte {at}"), why: why.to_owned() }),
            None => Ok(()),
        }
    }
}

/// One event that was read.
struct One {
    sequence: i64,
    raw: String,
    activity: Activity,
}

/// The zones that a calendar names and brings along.
struct Zones(TzResolver<String>);

impl Zones {
    fn of(text: &str) -> Zones {
        let all = format!("BEGIN:VCALENDAR\r\n{text}END:VCALENDAR\r\n");
        let calendar = calendar(&all).unwrap_or_default();
        Zones(calendar.build_owned_tz_resolver().with_default(Tz::UTC))
    }

    /// The moment of a date in its zone: what falls into the hour that a clock skips is an hour later.
    fn moment(&self, at: &PartialDateTime, zone: Option<&str>) -> Option<Time> {
        let told = at.to_date_time()?;
        if !at.has_time() || told.offset.is_some() {
            let offset = told.offset.map_or(0, |offset| i64::from(offset.local_minus_utc()));
            return Time::from_seconds(told.date_time.and_utc().timestamp() - offset);
        }
        let zone = self.0.resolve_or_default(zone);
        let hour = chrono::TimeDelta::hours(1);
        let local = zone.from_local_datetime(&told.date_time).earliest();
        let local = local.or_else(|| zone.from_local_datetime(&(told.date_time + hour)).earliest())?;
        Time::from_seconds(local.timestamp())
    }

    /// A line of a rule, with the zone's usual name.
    fn known(&self, line: &str) -> String {
        let Some((before, rest)) = line.split_once(";TZID=") else { return line.to_owned() };
        let (zone, rest) = match rest.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
            Some(quoted) => quoted,
            None => rest.split_at(rest.find([':', ';']).unwrap_or(rest.len())),
        };
        let name = self.0.resolve(zone).and_then(|zone| zone.name()).unwrap_or("Etc/UTC".into());
        format!("{before};TZID={name}{rest}")
    }

    fn event(&self, block: &Block, cancels: bool, living: bool) -> Result<Option<One>, String> {
        let all = format!("BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n", block.text);
        let parsed = calendar(&all);
        let event = parsed.as_ref().and_then(|c| c.components.iter().find(|c| c.component_type.is_event()));
        let event = event.ok_or("it is no event")?;
        if block.hidden {
            return Ok(None);
        }
        let begins = date(event, &P::Dtstart).ok_or("nothing says when it begins")?;
        let days = !begins.0.has_time();
        let starts = self.moment(begins.0, begins.1).ok_or("its beginning is no moment")?;
        let ends = match date(event, &P::Dtend) {
            Some((at, zone)) => Some(self.moment(at, zone.or(begins.1)).ok_or("its end is no moment")?),
            None => lasts(event).map(|seconds| starts.plus_millis(seconds.saturating_mul(1_000))),
        };
        // The day behind the last is what a calendar writes.
        let ends = match ends {
            Some(ends) if days => Some(ends.plus_millis(-DAY).max(starts)),
            None if days => Some(starts),
            ends => ends.filter(|ends| *ends >= starts),
        };
        let called = date(event, &P::RecurrenceId);
        let called =
            called.map(|(at, zone)| self.moment(at, zone.or(begins.1)).ok_or("its part is no moment"));
        let instance = called.transpose()?;
        let name = text(event, &P::Summary).unwrap_or_default();
        let uid = match text(event, &P::Uid).filter(|uid| !uid.trim().is_empty()) {
            Some(uid) => Key::new(format!("event/{}", uid.trim())),
            None => Key::of_content("event/", &[&name, &starts.to_string()]),
        };
        let state = match event.status() {
            _ if cancels => State::Cancelled,
            Some(ICalendarStatus::Cancelled) => State::Cancelled,
            Some(ICalendarStatus::Tentative) => State::Tentative,
            _ => State::Planned,
        };
        let rule: Vec<String> = if instance.is_none() && block.repeats() {
            block.rule.iter().map(|line| self.known(line)).collect()
        } else {
            Vec::new()
        };
        let about = text(event, &P::Description).unwrap_or_default();
        let about =
            if about.contains("</") || about.contains("<br") { markup::from_html(&about) } else { about };
        let areas: Vec<String> = event
            .properties(&P::Categories)
            .flat_map(|entry| &entry.values)
            .filter_map(V::as_text)
            .map(str::to_owned)
            .collect();
        let told = Told {
            name,
            starts: Some(starts),
            ends,
            days,
            place: text(event, &P::Location),
            area: Some(areas.join(", ")).filter(|areas| !areas.is_empty()),
            state,
            rule,
            instance,
            about,
            ..Told::default()
        };
        let key = match instance {
            Some(at) => Key::new(format!("{uid}/at/{at}")),
            None => uid.clone(),
        };
        let url = event.property(&P::Url).and_then(|entry| entry.values.first()).and_then(V::as_text);
        let mut activity = told.activity(key, uid, url)?;
        let number = |name: &P| event.property(name).and_then(|e| e.values.first()).and_then(V::as_integer);
        if !living {
            // An older file that is read later is no change; a living calendar is as it is.
            activity.updated = date(event, &P::LastModified).and_then(|(at, zone)| self.moment(at, zone));
        }
        let sequence = number(&P::Sequence).unwrap_or(0);
        Ok(Some(One { sequence, raw: block.text.clone(), activity }))
    }
}

fn date<'e>(event: &'e ICalendarComponent, name: &P) -> Option<(&'e PartialDateTime, Option<&'e str>)> {
    let entry = event.property(name)?;
    Some((entry.values.first()?.as_partial_date_time()?, entry.tz_id()))
}

fn lasts(event: &ICalendarComponent) -> Option<i64> {
    match event.property(&P::Duration)?.values.first()? {
        V::Duration(long) => Some(long.as_seconds()).filter(|seconds| *seconds >= 0),
        _ => None,
    }
}

fn text(event: &ICalendarComponent, name: &P) -> Option<String> {
    let values: Vec<&str> = event.property(name)?.values.iter().filter_map(V::as_text).collect();
    Some(values.join(", ")).filter(|text| !text.trim().is_empty())
}
