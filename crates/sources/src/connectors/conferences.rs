//! Conferences: lists of events with their calls for papers, in the shape of conference-data (JSON), and as tables (CSV)
//! with the same columns.

use std::collections::BTreeSet;
use std::io::{BufRead, Read};

use rapport_model::{Key, Record, Reject, Time};
use serde_json::{Map, Value};

use crate::contract::{About, Connector, Detected, Item, Out, Peek, Plan, Reader, Unreadable, go_on};
use crate::events::{State, Told};
use crate::scan::{Elements, LARGEST};

/// The connector.
pub(crate) struct Conferences;

/// What stays of an event, and by which other names a table may call it.
const COLUMNS: [(&str, &[&str]); 13] = [
    ("name", &["event", "title", "conference"]),
    ("url", &["link", "website"]),
    ("startDate", &["starts", "start", "date", "from", "begins"]),
    ("endDate", &["ends", "end", "to", "until"]),
    ("city", &["place", "location", "where"]),
    ("country", &[]),
    ("online", &[]),
    ("area", &["topic", "topics", "category"]),
    ("cfpUrl", &["cfp", "callurl", "callforpapers"]),
    ("cfpEndDate", &["cfpend", "cfpuntil", "calluntil", "cfpdeadline", "deadline"]),
    ("status", &["state"]),
    ("description", &["about"]),
    ("id", &["uid"]),
];

impl Connector for Conferences {
    fn about(&self) -> &'static About {
        &About {
            name: "conferences",
            reads: "Lists of conferences and their calls for papers: conference-data JSON, or CSV with its columns",
            how_to_get: "rapport add https://raw.githubusercontent.com/tech-conferences/conference-data/main/conferences/2026/python.json; or a file of that shape; or a CSV with name, startDate, endDate, city, country, url, cfpUrl, cfpEndDate.",
            terms: "conference-data: MIT; else the list's own",
            limits: "a list is as complete as those who keep it; an event that is renamed or moved to another city is another event",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        peek.items().iter().filter(|name| form(name).is_some()).take(20).find_map(|name| {
            let head = peek.head(name, 256 * 1024);
            let head = String::from_utf8_lossy(&head);
            let columns = if form(name)? == Form::Table { table_of(&head)? } else { list_of(&head)? };
            let has = |column: &str| columns.contains(&column);
            let calls = has("cfpUrl") || has("cfpEndDate") || has("endDate") || has("city");
            let fits = has("name") && has("startDate") && calls;
            let file = peek.name();
            let file = file.rsplit_once('.').filter(|_| form(file).is_some()).map_or(file, |(name, _)| name);
            fits.then(|| Detected {
                sure: 88,
                what: file.to_lowercase(),
                why: format!("{name} is a list of events: {}", columns.join(", ")),
            })
        })
    }

    fn reader(&self, _what: &str) -> Box<dyn Reader> {
        Box::new(List)
    }
}

#[derive(PartialEq, Eq)]
enum Form {
    Json,
    Table,
}

fn form(name: &str) -> Option<Form> {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    match name.rsplit_once('.')?.1 {
        "json" => Some(Form::Json),
        "csv" | "tsv" => Some(Form::Table),
        _ => None,
    }
}

/// What a column is called here.
fn column(name: &str) -> Option<&'static str> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    COLUMNS
        .iter()
        .find(|(own, others)| own.eq_ignore_ascii_case(&plain) || others.contains(&plain.as_str()))
        .map(|c| c.0)
}

fn table_of(head: &str) -> Option<Vec<&'static str>> {
    let line = head.trim_start_matches('\u{feff}').lines().next()?;
    let delimiter = char::from(delimiter(line));
    Some(line.split(delimiter).filter_map(|name| column(name.trim().trim_matches('"'))).collect())
}

fn delimiter(line: &str) -> u8 {
    let often = |d: &u8| line.bytes().filter(|b| b == d).count();
    [b',', b';', b'\t'].into_iter().max_by_key(often).unwrap_or(b',')
}

/// Whether a document is a list of events.
pub(crate) fn is_one(head: &str) -> bool {
    list_of(head).is_some_and(|columns| columns.contains(&"name") && columns.contains(&"startDate"))
}

/// The fields of a list's first event.
fn list_of(head: &str) -> Option<Vec<&'static str>> {
    let start = head.trim_start_matches('\u{feff}').trim_start().strip_prefix('[')?.trim_start();
    let mut first = serde_json::Deserializer::from_str(start).into_iter::<Map<String, Value>>();
    let first = first.next()?.ok()?;
    // Exactly so written: other lists have a "name", too.
    Some(COLUMNS.iter().map(|c| c.0).filter(|name| first.contains_key(*name)).collect())
}

struct List;

impl Reader for List {
    fn plan(&self, name: &str) -> Plan {
        if form(name).is_some() { Plan::Read(0) } else { Plan::Skip }
    }

    fn read(&mut self, item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let file = item.name.rsplit('/').next().unwrap_or(&item.name);
        let area = file.split('.').next().unwrap_or(file).to_lowercase();
        let mut met = Met { area, keys: BTreeSet::new() };
        if form(&item.name) == Some(Form::Table) {
            return table(body, &mut met, out);
        }
        let mut elements = Elements::new(body, &["[]"]);
        while let Some(element) = elements.next()? {
            let at = element.at();
            match serde_json::from_slice::<Map<String, Value>>(element.bytes) {
                Ok(event) => met.take(&event, &at, out)?,
                Err(e) => go_on(out.reject(Reject::new(at, e.to_string(), element.bytes)))?,
            }
        }
        Ok(())
    }
}

fn table(body: &mut dyn BufRead, met: &mut Met, out: &mut dyn Out) -> Result<(), Unreadable> {
    let mut bytes = Vec::new();
    body.take(LARGEST as u64).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_start_matches('\u{feff}');
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(delimiter(text.lines().next().unwrap_or("")))
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut columns: Option<Vec<Option<&str>>> = None;
    for row in rows.records() {
        let row = row.map_err(|e| Unreadable::Shape { at: "a row".to_owned(), why: e.to_string() })?;
        let Some(columns) = &columns else {
            columns = Some(row.iter().map(column).collect());
            continue;
        };
        let at = format!("line {}", row.position().map_or(0, csv::Position::line));
        let mut event = Map::new();
        for (name, value) in columns.iter().zip(&row) {
            let value = value.trim();
            if let Some(name) = name.filter(|_| !value.is_empty()) {
                let yes = ["yes", "true", "1", "x"].contains(&value.to_lowercase().as_str());
                let value = if name == "online" { Value::Bool(yes) } else { Value::String(value.to_owned()) };
                event.insert(name.to_owned(), value);
            }
        }
        met.take(&event, &at, out)?;
    }
    Ok(())
}

/// What of one list was met.
struct Met {
    /// What the list is about: its name.
    area: String,
    keys: BTreeSet<Key>,
}

impl Met {
    fn take(&mut self, event: &Map<String, Value>, at: &str, out: &mut dyn Out) -> Result<(), Unreadable> {
        // In order of name, so that the same is the same bytes.
        let mut kept: Vec<(&str, &Value)> =
            COLUMNS.iter().filter_map(|c| Some((c.0, event.get(c.0)?))).collect();
        kept.sort_by_key(|(name, _)| *name);
        let kept: Map<String, Value> =
            kept.into_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect();
        let raw = Value::Object(kept).to_string();
        match self.record(event, &raw) {
            Ok(record) => go_on(out.record(record)),
            Err(why) => go_on(out.reject(Reject::new(at, why, raw.as_bytes()))),
        }
    }

    fn record(&mut self, event: &Map<String, Value>, raw: &str) -> Result<Record, String> {
        let text = |name: &str| {
            let text = event.get(name).and_then(Value::as_str).map(str::trim);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let day = |name: &str| match text(name) {
            None => Ok(None),
            Some(text) => day(&text).map(Some).ok_or_else(|| format!("its {name} is no day")),
        };
        let name = text("name").ok_or("it has no name")?;
        let starts = day("startDate")?.ok_or("nothing says when it begins")?;
        let online = event.get("online").and_then(Value::as_bool).unwrap_or(false);
        let place: Vec<String> = [text("city"), text("country")].into_iter().flatten().collect();
        let place = match place.join(", ") {
            place if place.is_empty() && online => Some("online".to_owned()),
            place => Some(place).filter(|place| !place.is_empty()),
        };
        let status = text("status").unwrap_or_default().to_lowercase();
        let told = Told {
            starts: Some(starts),
            ends: day("endDate")?.filter(|ends| *ends >= starts),
            days: true,
            place,
            area: text("area").or_else(|| Some(self.area.clone())),
            call_url: text("cfpUrl"),
            call_until: day("cfpEndDate")?,
            state: match status.as_str() {
                "cancelled" | "canceled" => State::Cancelled,
                "tentative" => State::Tentative,
                _ => State::Planned,
            },
            about: text("description").unwrap_or_default(),
            name,
            ..Told::default()
        };
        // It has no name of its own: what it is called, in which year, and where. That it is a week later is a change.
        let year = starts.date().year().to_string();
        let key = match text("id") {
            Some(id) => Key::new(format!("event/{}/{id}", self.area)),
            None => {
                let city = text("city").unwrap_or_default().to_lowercase();
                Key::of_content(&format!("event/{}/", self.area), &[&told.name.to_lowercase(), &year, &city])
            }
        };
        if !self.keys.insert(key.clone()) {
            return Err("it stands twice in this list".to_owned());
        }
        let activity = told.activity(key.clone(), key, text("url").as_deref())?;
        Ok(Record::one(raw.as_bytes(), activity))
    }
}

/// A day, also where its hour is told.
fn day(text: &str) -> Option<Time> {
    Time::parse(text.get(..10)?).ok()
}
