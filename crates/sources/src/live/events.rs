//! Calendars, programmes and lists of conferences, living: one document each, asked for only when it changed.

use serde_json::{Value, json};

use super::{Ask, At, Live, LiveAbout, Place, Progress, Reply, Turn, origin, web};
use crate::connectors::{conferences, ical, sessionize};

/// What tells events.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Calendar,
    Conferences,
    Sessionize,
}

/// A channel of events.
pub(super) struct Events(pub(super) Kind);

const LIMITS: &str = "one request a look, answered with 304 when nothing is new; what leaves the document stays as it was told last, and what is called off says so";

impl Live for Events {
    fn about(&self) -> &'static LiveAbout {
        match self.0 {
            Kind::Calendar => &LiveAbout {
                name: "ical",
                title: "Calendar",
                addresses: &[
                    "ical:https://community.example.org/calendar.ics",
                    "https://community.example.org/calendar.ics",
                    "webcal://community.example.org/calendar.ics",
                ],
                token: "None is needed; a calendar that is not public has its secret in its address.",
                token_env: &[],
                limits: LIMITS,
                interval: 6 * 3_600,
                gap_ms: 1_000,
            },
            Kind::Conferences => &LiveAbout {
                name: "conferences",
                title: "List of conferences",
                addresses: &[
                    "conferences:https://raw.githubusercontent.com/tech-conferences/conference-data/main/conferences/2026/python.json",
                ],
                token: "None is needed.",
                token_env: &[],
                limits: LIMITS,
                interval: 24 * 3_600,
                gap_ms: 1_000,
            },
            Kind::Sessionize => &LiveAbout {
                name: "sessionize",
                title: "Sessionize",
                addresses: &["sessionize:ID", "https://sessionize.com/api/v2/ID/view/All"],
                token: "None is needed: the organisers made the endpoint, whose number is its key.",
                token_env: &[],
                limits: LIMITS,
                interval: 6 * 3_600,
                gap_ms: 1_000,
            },
        }
    }

    fn place(&self, address: &str) -> Option<Place> {
        let named = address.strip_prefix(self.about().name).and_then(|rest| rest.strip_prefix(':'));
        let address = match address.strip_prefix("webcal://") {
            Some(rest) => format!("https://{rest}"),
            None => address.to_owned(),
        };
        match (self.0, named) {
            (Kind::Sessionize, Some(id)) if !id.is_empty() && id.chars().all(char::is_alphanumeric) => {
                self.hosted(&format!("https://sessionize.com/api/v2/{id}/view/All"))
            }
            (_, Some(url)) if url.contains("://") => self.hosted(url),
            (_, Some(_)) => None,
            (Kind::Calendar, None) => {
                let path = web(&address)?.1;
                path.last()?.to_lowercase().ends_with(".ics").then(|| self.hosted(&address))?
            }
            (Kind::Sessionize, None) => {
                let (host, path) = web(&address)?;
                (host == "sessionize.com" && path.first().is_some_and(|first| first == "api"))
                    .then(|| self.hosted(&address))?
            }
            (Kind::Conferences, None) => None,
        }
    }

    fn probe(&self, url: &str) -> Option<Ask> {
        // Only what reads as if it were one: an address nobody knows is not asked for three times more.
        let url_low = url.split(['?', '#']).next()?.to_lowercase();
        let perhaps = match self.0 {
            Kind::Calendar => ["ical", "calendar", "/ics"].iter().any(|word| url_low.contains(word)),
            Kind::Conferences => url_low.ends_with(".json"),
            Kind::Sessionize => false,
        };
        perhaps.then(|| ask(url))
    }

    fn is_it(&self, reply: &Reply) -> bool {
        let head = String::from_utf8_lossy(&reply.body[..reply.body.len().min(1 << 20)]).into_owned();
        match self.0 {
            Kind::Calendar => ical::is_one(&head),
            Kind::Conferences => conferences::is_one(&head),
            Kind::Sessionize => sessionize::is_one(&head),
        }
    }

    fn hosted(&self, url: &str) -> Option<Place> {
        origin(url)?;
        let what = url.split_once("://")?.1.trim_end_matches('/').to_lowercase();
        Some(Place { what, base: url.to_owned(), token: false })
    }

    fn streams(&self, _place: &Place) -> Vec<&'static str> {
        vec!["events"]
    }

    fn next(&self, place: &Place, _at: At<'_>) -> Option<Ask> {
        Some(ask(&place.base))
    }

    fn turn(&self, place: &Place, at: At<'_>, _ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        if reply.status == 304 {
            let done = at.cursor["events"].as_u64().unwrap_or(0);
            let progress = Progress { done, about: None };
            return Ok(Turn { cursor: at.cursor.clone(), end: true, progress, ..Turn::default() });
        }
        if !self.is_it(reply) {
            return Err(format!("it is no {}", self.about().title.to_lowercase()));
        }
        let (mark, item): (&[u8], String) = match self.0 {
            Kind::Calendar => (b"BEGIN:VEVENT", ical::ITEM.to_owned()),
            Kind::Sessionize => (b"\"startsAt\"", sessionize::ITEM.to_owned()),
            // A list says by its name what it is about.
            Kind::Conferences => {
                let last = place.base.split(['?', '#']).next().unwrap_or_default();
                let name =
                    last.rsplit('/').next().and_then(|name| name.strip_suffix(".json")).unwrap_or("list");
                (b"\"startDate\"", format!("live/{name}.json"))
            }
        };
        let done = memchr::memmem::find_iter(&reply.body, mark).count() as u64;
        let cursor: Value = json!({ "events": done });
        let progress = Progress { done, about: None };
        Ok(Turn { cursor, item: Some(item), end: true, progress, ..Turn::default() })
    }
}

fn ask(url: &str) -> Ask {
    Ask { conditional: true, accept: "text/calendar, application/json;q=0.9", ..Ask::get(url.to_owned(), "") }
}
