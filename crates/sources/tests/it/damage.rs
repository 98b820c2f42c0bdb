//! Broken downloads and flipped bytes: what stood before the damage is read, what is lost is told, nothing panics.

use rapport_model::Key;
use rapport_sources::contract::{Plan, Record};
use rapport_sources::scan::Elements;

use crate::fixtures::{Fixture, all, hear_all};
use crate::fuzzed::Heard;
use crate::mutated::Chance;

type Items = Vec<(Plan, String, Vec<u8>)>;

/// One item with those that have to be read before it, and what they give undamaged.
struct Case {
    label: String,
    fixture: Fixture,
    what: String,
    items: Items,
    whole: Heard,
    /// Where each record ends.
    ends: Vec<usize>,
}

impl Case {
    fn bytes(&self) -> &[u8] {
        &self.items.last().unwrap().2
    }

    fn read(&self, bytes: Vec<u8>) -> Heard {
        let mut items = self.items.clone();
        items.last_mut().unwrap().2 = bytes;
        hear_all(self.fixture.connector, &self.what, &items).pop().unwrap().1
    }

    /// Formats that say where they end: a cut is always seen.
    fn has_an_end(&self) -> bool {
        let name = &self.items.last().unwrap().1;
        let lines = self.fixture.connector.about().name == "gharchive";
        (name.ends_with(".json") || name.ends_with(".xml")) && !lines
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for fixture in all() {
        let (label, what, items) = (fixture.label(), fixture.what(), fixture.items());
        for n in 0..items.len() {
            let mut mine: Items = items.iter().filter(|(plan, ..)| *plan == Plan::Setup).cloned().collect();
            mine.retain(|item| item.1 != items[n].1);
            mine.push(items[n].clone());
            let whole = hear_all(fixture.connector, &what, &mine).pop().unwrap().1;
            let mut ends = ends(&whole.records, &items[n].2);
            if fixture.connector.about().name == "git" {
                ends.iter_mut().for_each(|end| *end += 1); // a NUL ends each
            }
            let again =
                crate::fixtures::of(fixture.connector).into_iter().find(|f| f.version == fixture.version);
            cases.push(Case {
                label: format!("{label} {}", items[n].1),
                fixture: again.unwrap(),
                what: what.clone(),
                items: mine,
                whole,
                ends,
            });
        }
    }
    cases
}

/// Where each record's bytes end in the item. A row of a table carries its header before it.
fn ends(records: &[Record], bytes: &[u8]) -> Vec<usize> {
    let mut from = 0;
    let mut end = |record: &Record| {
        let find = |needle: &[u8]| Some(memchr_find(&bytes[from..], needle)? + from + needle.len());
        let row = record.raw.iter().position(|b| *b == b'\n').map_or(&[][..], |n| &record.raw[n + 1..]);
        let named = || listed(record, bytes).or_else(|| from_line(record, &bytes[from..]).map(|n| n + from));
        from = find(&record.raw)
            .or_else(|| find(row))
            .or_else(|| selected(record, bytes))
            .or_else(named)
            .unwrap_or(from);
        from
    };
    records.iter().map(&mut end).collect()
}

/// Where the element ends of which a record is a selection: the one that names it.
fn selected(record: &Record, bytes: &[u8]) -> Option<usize> {
    let name = format!("\"name\": \"{}\"", record.activities.first()?.key);
    // One of its days, of its sessions, of what its calendar holds: nothing is read before all of it is here.
    let whole: [&[u8]; 3] = [b"\"site_id\"", b"\"startsAt\"", b"BEGIN:VEVENT"];
    if whole.iter().any(|mark| memchr_find(&record.raw, mark).is_some()) {
        return Some(bytes.len());
    }
    let mut body = bytes;
    let mut elements =
        Elements::new(&mut body, &["data.children[]", "[].data.children[]", "json.data.things[]"]);
    while let Ok(Some(element)) = elements.next() {
        if memchr_find(element.bytes, name.as_bytes()).is_some() {
            return Some(usize::try_from(element.offset).unwrap() + element.bytes.len());
        }
    }
    None
}

/// Where the element of a list ends of which a record keeps some fields: the one that has them all.
fn listed(record: &Record, bytes: &[u8]) -> Option<usize> {
    let kept: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&record.raw).ok()?;
    let mut body = bytes;
    let mut elements = Elements::new(&mut body, &["[]"]);
    while let Ok(Some(element)) = elements.next() {
        let whole: Option<serde_json::Map<String, serde_json::Value>> =
            serde_json::from_slice(element.bytes).ok();
        if whole.is_some_and(|whole| kept.iter().all(|(key, value)| whole.get(key) == Some(value))) {
            return Some(usize::try_from(element.offset).unwrap() + element.bytes.len());
        }
    }
    None
}

/// Where the row of a table ends of which a record keeps some columns: the one that has them all.
fn from_line(record: &Record, bytes: &[u8]) -> Option<usize> {
    let kept: serde_json::Value = serde_json::from_slice(&record.raw).ok()?;
    let values = kept.as_object()?.values().filter_map(serde_json::Value::as_str);
    let kept: Vec<String> = values.map(|value| value.replace('"', "\"\"")).collect();
    let mut end = 0;
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        end += line.len();
        if kept.iter().all(|value| memchr_find(line, value.as_bytes()).is_some()) {
            return Some(end - usize::from(line.ends_with(b"\n")));
        }
    }
    None
}

fn memchr_find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() { None } else { bytes.windows(needle.len()).position(|w| w == needle) }
}

fn keys(record: &Record) -> Vec<&Key> {
    record.activities.iter().map(|a| &a.key).collect()
}

/// Whether the damage can have changed no record but the last.
fn undamaged(whole: &Heard, found: &Heard, count: usize, label: &str) {
    assert!(found.records.len() >= count, "{label}: {} of {count} good records", found.records.len());
    for (n, (a, b)) in whole.records.iter().zip(&found.records).take(count).enumerate() {
        assert_eq!(keys(a), keys(b), "{label}: record {n} became another");
        if n + 1 < count {
            assert_eq!(a.raw, b.raw, "{label}: record {n} has other bytes");
            let texts = |r: &Record| r.activities.iter().map(|a| a.text.clone()).collect::<Vec<_>>();
            assert_eq!(texts(a), texts(b), "{label}: record {n} says something else");
        }
    }
}

#[test]
fn a_cut_at_any_byte_loses_nothing_before_it_and_is_told() {
    for case in cases() {
        let bytes = case.bytes();
        let read = case.items.last().unwrap().0 != Plan::Setup;
        if read && case.whole == Heard::default() {
            continue; // private: nobody looks how it ends
        }
        for cut in 0..bytes.len() {
            let label = format!("{} cut at {cut} of {}", case.label, bytes.len());
            let found = case.read(bytes[..cut].to_vec());
            let before = case.ends.iter().filter(|end| **end <= cut).count();
            undamaged(&case.whole, &found, before, &label);
            if bytes[cut..].iter().all(|b| b.is_ascii_whitespace() || *b == 0) {
                continue;
            }
            if case.has_an_end() {
                assert!(!found.rejects.is_empty(), "{label}: nobody says that it is cut off");
                continue;
            }
            // What lies between the last good record and the cut is rejected, or the beginning of the next record.
            let last = case.ends.get(before.wrapping_sub(1)).copied().unwrap_or(0);
            let left = &bytes[last..cut];
            let blank = left.iter().all(|b| b.is_ascii_whitespace() || *b == 0);
            let header = case.items.last().unwrap().1.ends_with(".csv") && before == 0;
            let told = !found.rejects.is_empty() || found.records.iter().any(|r| !r.rejects.is_empty());
            let hangs_on =
                found.records.last().is_some_and(|r| r.raw.trim_ascii().ends_with(left.trim_ascii()));
            let begun = found.records.len() > before || hangs_on;
            assert!(blank || header || told || begun, "{label}: {:?} is lost", String::from_utf8_lossy(left));
        }
    }
}

#[test]
fn flipped_bytes_do_no_harm_to_what_stands_before_them() {
    let mut chance = Chance(0x5eed);
    for case in cases() {
        for _ in 0..300 {
            let mut bytes = case.bytes().to_vec();
            if bytes.is_empty() {
                continue;
            }
            let at = chance.below(bytes.len());
            bytes[at] ^= 1 << chance.below(8);
            let found = case.read(bytes);
            // The line break behind a record, of up to two bytes, parts it from the next.
            let before = case.ends.iter().filter(|end| **end + 1 < at).count();
            undamaged(&case.whole, &found, before, &format!("{} flipped at {at}", case.label));
        }
    }
}
