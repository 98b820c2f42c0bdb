//! Activities from anywhere: the documented table of who did what when, as CSV, as JSON lines or as a JSON list; and
//! exports of member-and-activity tools (Orbit and its kind), whose columns are read by their usual names.
//!
//! The format is described in `docs/activities-format.md`. A column that is not known stays in the record's raw bytes
//! and is named once per file.

mod row;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead, Read};

use rapport_model::{Key, Place, Record};

use self::row::Row;
use crate::contract::{About, Connector, Detected, Item, Out, Peek, Plan, Reader, Reject, Unreadable, go_on};
use crate::lines::Lines;
use crate::scan::{Elements, LARGEST};

/// The connector.
pub(crate) struct Activities;

impl Connector for Activities {
    fn about(&self) -> &'static About {
        &About {
            name: "activities",
            reads: "Activities from anywhere: CSV, JSON lines or a JSON list of who did what when; Orbit exports",
            how_to_get: "docs/activities-format.md describes the columns; only a time is always needed.",
            terms: "as you state",
            limits: "complete only as far as whoever wrote the file was",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        let named = peek.items().iter().filter(|n| form(n).is_some() && !is_members(n)).take(20);
        named.into_iter().find_map(|name| {
            let head = peek.head(name, 256 * 1024);
            let columns: Vec<String> = match form(name)? {
                Form::Table => table::columns(head.split(|b| *b == b'\n').next()?)?.0,
                _ => first_object(&head)?.columns(),
            };
            let sure = row::fits(&columns)?;
            let what = ["csv", "tsv", "json", "jsonl", "ndjson"]
                .iter()
                .find_map(|end| peek.name().strip_suffix(end)?.strip_suffix('.'))
                .unwrap_or(peek.name());
            let why = format!("{name} has columns of activities: {}", columns.join(", "));
            Some(Detected { sure, what: what.to_lowercase(), why })
        })
    }

    fn reader(&self, what: &str) -> Box<dyn Reader> {
        Box::new(Feed { place: Place::new(&format!("activities:{what}")), members: HashMap::new() })
    }
}

enum Form {
    Table,
    Json,
    Lines,
}

fn form(name: &str) -> Option<Form> {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    match name.rsplit_once('.')?.1 {
        "csv" | "tsv" => Some(Form::Table),
        "json" => Some(Form::Json),
        "jsonl" | "ndjson" => Some(Form::Lines),
        _ => None,
    }
}

/// Exports of this kind come as two tables; the members' is read first, for their names.
fn is_members(name: &str) -> bool {
    name.rsplit('/').next().unwrap_or(name).to_lowercase().starts_with("member")
}

/// How many unknown columns are named.
const NAMED: usize = 50;

/// The lists that a document which is an object may hold: first who, then what.
const WHO: [&str; 2] = ["members[]", "included[]"];
const WHAT: [&str; 2] = ["activities[]", "data[]"];

/// Whether a document is one object around lists, told from its beginning; else each line is an object.
fn is_document(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&head[..head.len().min(4_096)]).into_owned();
    let inside = text.trim_start_matches('\u{feff}').trim_start().strip_prefix('{').map(str::trim_start);
    let first = inside.and_then(|t| t.strip_prefix('"')).and_then(|t| t.split_once('"'));
    first.is_some_and(|(key, rest)| {
        let opens = rest.trim_start().trim_start_matches(':').trim_start().starts_with(['[', '{']);
        opens && matches!(key, "data" | "activities" | "members" | "included" | "links" | "meta")
    })
}

fn first_object(head: &[u8]) -> Option<Row> {
    let start = head.iter().find(|b| !b.is_ascii_whitespace() && !matches!(b, 0xEF | 0xBB | 0xBF))?;
    let mut body = head;
    if *start == b'[' || is_document(head) {
        let mut elements = Elements::new(&mut body, &["[]", WHAT[0], WHAT[1]]);
        return Row::from_json(elements.next().ok()??.bytes).ok();
    }
    Row::from_json(Lines::new(&mut body).next().ok()??).ok()
}

struct Feed {
    place: Place,
    /// Members by their id in the export.
    members: HashMap<String, Row>,
}

/// What reading one item needs to remember.
struct Reading<'o> {
    members_only: bool,
    out: &'o mut dyn Out,
    unknown: BTreeSet<String>,
    /// How often a row without an id was met that says the same.
    same: HashMap<Key, u32>,
}

impl Reader for Feed {
    fn plan(&self, name: &str) -> Plan {
        match form(name) {
            None => Plan::Skip,
            Some(_) if is_members(name) => Plan::Setup,
            Some(_) => Plan::Read(0),
        }
    }

    fn read(&mut self, item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let members_only = is_members(&item.name);
        let mut reading = Reading { members_only, out, unknown: BTreeSet::new(), same: HashMap::new() };
        let result = match form(&item.name) {
            Some(Form::Table) => {
                table::rows(body, &mut |row, at, raw| self.take(row, &at, raw, &mut reading))
            }
            Some(Form::Json) => self.json(body, &mut reading),
            _ => self.lines(body, &mut reading),
        };
        if !reading.unknown.is_empty() && !members_only {
            let names: Vec<String> = reading.unknown.into_iter().take(NAMED).collect();
            let why = format!("columns without a meaning here, kept but not read: {}", names.join(", "));
            go_on(reading.out.reject(Reject::new("columns", why, b"")))?;
        }
        result
    }
}

impl Feed {
    fn lines(&mut self, body: &mut dyn BufRead, reading: &mut Reading<'_>) -> Result<(), Unreadable> {
        let mut lines = Lines::new(body);
        while let Some(line) = lines.next()? {
            let raw = line.to_vec();
            self.take(Row::from_json(&raw), &lines.at(), &raw, reading)?;
        }
        Ok(())
    }

    fn json(&mut self, body: &mut dyn BufRead, reading: &mut Reading<'_>) -> Result<(), Unreadable> {
        let head = body.fill_buf()?;
        if head.is_empty() {
            return Err(Unreadable::Shape {
                at: "byte 0".to_owned(),
                why: "the document is empty".to_owned(),
            });
        }
        let start = head.iter().find(|b| !b.is_ascii_whitespace() && !matches!(b, 0xEF | 0xBB | 0xBF));
        if start == Some(&b'[') {
            let mut elements = Elements::new(body, &["[]"]);
            while let Some(element) = elements.next()? {
                let (raw, at) = (element.bytes.to_vec(), element.at());
                self.take(Row::from_json(&raw), &at, &raw, reading)?;
            }
            return Ok(());
        }
        if !is_document(head) {
            return self.lines(body, reading);
        }
        // Who they are stands behind what they did: small enough to hold, or else no export of this kind.
        let mut all = Vec::new();
        let ended = (&mut *body).take(LARGEST as u64).read_to_end(&mut all);
        let mut slice = all.as_slice();
        let mut elements = Elements::new(&mut slice, &WHO);
        while let Ok(Some(element)) = elements.next() {
            // What is broken here is told by the second walk.
            if let Ok(row) = Row::from_json(element.bytes) {
                self.member(row);
            }
        }
        let mut slice = all.as_slice();
        let mut elements = Elements::new(&mut slice, &WHAT);
        let walked = loop {
            let (raw, at) = match elements.next() {
                Ok(Some(element)) => (element.bytes.to_vec(), element.at()),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            };
            self.take(Row::from_json(&raw), &at, &raw, reading)?;
        };
        ended?; // what could not be fetched explains best why the walk came to no end
        walked
    }

    fn member(&mut self, row: Row) {
        if let Some(id) = row.get(&row::MEMBER_ID) {
            self.members.insert(id.to_owned(), row);
        }
    }

    fn take(
        &mut self,
        row: Result<Row, String>,
        at: &str,
        raw: &[u8],
        reading: &mut Reading<'_>,
    ) -> Result<(), Unreadable> {
        let row = match row {
            Ok(row) => row,
            Err(why) => return go_on(reading.out.reject(Reject::new(at, why, raw))),
        };
        if reading.members_only {
            self.member(row);
            return Ok(());
        }
        if reading.unknown.len() < NAMED {
            reading.unknown.extend(row.unknown());
        }
        let member = row.get(&row::PERSON_ID).and_then(|id| self.members.get(id));
        match row.activity(&self.place, member, &mut reading.same) {
            Ok(activity) => go_on(reading.out.record(Record::one(raw, activity))),
            Err(why) => go_on(reading.out.reject(Reject::new(at, why, raw))),
        }
    }
}
