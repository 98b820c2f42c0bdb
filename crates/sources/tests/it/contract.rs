//! The contract, law by law.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use rapport_model::Time;
use rapport_sources::contract::Plan;
use rapport_sources::{Archive, CONNECTORS, Done, connector, detect, read};

use crate::expected::since;
use crate::fixtures::{Read, all, hear_all, names, of, read_at, root, zipped};
use crate::fuzzed::Heard;

#[test]
fn every_connector_has_fixtures_and_every_fixture_a_connector() {
    for c in CONNECTORS {
        let versions: Vec<String> = of(*c).into_iter().map(|f| f.version).collect();
        for wanted in ["older", "newer", "dirty"] {
            assert!(versions.iter().any(|v| v == wanted), "fixtures/{}/{wanted} is missing", c.about().name);
        }
    }
    for folder in names(&root()).iter().filter(|name| root().join(name).is_dir()) {
        assert!(connector(folder).is_some(), "fixtures/{folder} is no connector's");
    }
}

#[test]
fn an_archive_is_known_by_its_content_and_its_place_has_one_name() {
    for c in CONNECTORS {
        let mut places = BTreeSet::new();
        for fixture in of(*c) {
            let found = detect(&Archive::open(&fixture.path).unwrap());
            let (first, detected) =
                found.first().unwrap_or_else(|| panic!("{}: nobody reads it", fixture.label()));
            assert_eq!(first.about().name, c.about().name, "{}: {}", fixture.label(), names_of(&found));
            let second = found.get(1).map_or(0, |(_, d)| d.sure);
            assert!(second < detected.sure, "{}: {} is as sure", fixture.label(), names_of(&found));
            if ["older", "newer"].contains(&fixture.version.as_str()) {
                places.insert(detected.what.clone());
            }
        }
        assert_eq!(places.len(), 1, "{}: two states of one place are one source: {places:?}", c.about().name);
    }
}

#[test]
fn a_list_of_an_older_gitlab_is_one_of_gitlab() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("issues.json");
    let issue = r#"[{"id": 1, "iid": 7, "project_id": 2, "title": "Relay stops", "description": "After a night.", "state": "opened",
        "author": {"username": "ada", "web_url": "https://gitlab.example.org/ada"}, "created_at": "2018-03-01T10:00:00Z",
        "updated_at": "2018-03-01T10:00:00Z", "web_url": "https://gitlab.example.org/tidewater/relay/issues/7"}]"#;
    std::fs::write(&file, issue).unwrap();
    let found = detect(&Archive::open(&file).unwrap());
    let first = found.first().map(|(c, d)| (c.about().name, d.what.as_str()));
    assert_eq!(first, Some(("gitlab", "gitlab.example.org/tidewater/relay")), "{}", names_of(&found));
}

fn names_of(found: &[(&'static dyn rapport_sources::Connector, rapport_sources::Detected)]) -> String {
    found.iter().map(|(c, d)| format!("{} {}", c.about().name, d.sure)).collect::<Vec<_>>().join(", ")
}

#[test]
fn a_read_is_a_pure_function_of_the_bytes() {
    for fixture in all() {
        let label = fixture.label();
        let once = fixture.read(&|_| None);
        assert_eq!(once, fixture.read(&|_| None), "{label}: two replays");
        // The driver adds a reject of its own where an item breaks off; what it says may differ, not how many.
        let memory = hear_all(fixture.connector, &fixture.what(), &fixture.items());
        let shape = |read: &Read| -> Vec<(String, Vec<_>, usize)> {
            read.iter().map(|(name, h)| (name.clone(), h.records.clone(), h.rejects.len())).collect()
        };
        assert_eq!(shape(&once), shape(&memory), "{label}: from disk and from memory");
        if fixture.path.is_dir() && fixture.connector.about().name != "git" {
            let folder = tempfile::TempDir::new().unwrap();
            let name = fixture.path.file_name().unwrap().to_string_lossy().into_owned();
            let path = folder.path().join(format!("{name}.zip"));
            std::fs::write(&path, zipped(&Archive::open(&fixture.path).unwrap())).unwrap();
            let found = detect(&Archive::open(&path).unwrap());
            assert_eq!(found[0].1.what, fixture.what(), "{label}: the same place as a ZIP");
            assert_eq!(
                once,
                read_at(&path, fixture.connector, &found[0].1.what, &|_| None),
                "{label}: as a ZIP"
            );
        }
    }
}

#[test]
fn keys_are_unique_and_times_plausible() {
    let (earliest, latest) = (Time::parse("1990-01-01").unwrap(), Time::parse("2026-11-01").unwrap());
    for fixture in all() {
        let mut met = BTreeMap::new();
        let read = fixture.read(&|_| None);
        for a in read.iter().flat_map(|(_, heard)| &heard.records).flat_map(|r| &r.activities) {
            let label = format!("{} {}", fixture.label(), a.key);
            // A key comes again only for what is the same thing, met in another state.
            let thing = (a.act, a.at, a.thread.clone());
            assert_eq!(
                *met.entry(a.key.clone()).or_insert_with(|| thing.clone()),
                thing,
                "{label}: one key, two things"
            );
            if fixture.version != "dirty" {
                assert!((earliest..latest).contains(&a.at), "{label}: {}", a.at);
                assert!(a.at.to_string().ends_with('Z'), "{label}: {} is not UTC", a.at);
            }
        }
        assert!(!met.is_empty(), "{}: no activity at all", fixture.label());
        if fixture.version == "dirty" && fixture.connector.about().name != "git" {
            let told = read.iter().map(|(_, h)| h.rejects.len()).sum::<usize>();
            assert!(told > 0, "{}: dirt is told", fixture.label());
        }
    }
}

/// Whose format does not tell that something was deleted: it is only missing in the next export.
const CANNOT_TELL_DELETED: [&str; 18] = [
    "youtube",
    "bluesky",
    "conferences",
    "crates",
    "discord",
    "feed",
    "git",
    "gitea",
    "gitlab",
    "hackernews",
    "ical",
    "mastodon",
    "mbox",
    "plausible",
    "pypi",
    "sessionize",
    "stackexchange",
    "zulip",
];

#[test]
fn edits_and_deletes_become_revisions() {
    for c in CONNECTORS {
        let name = c.about().name;
        let both = of(*c);
        let version = |wanted: &str| both.iter().find(|f| f.version == wanted).unwrap().read(&|_| None);
        let (older, newer) = (version("older"), version("newer"));
        let since = since(&older, &newer);
        assert!(!since.new.is_empty(), "{name}: the newer state brings something new");
        let fixed = older
            .iter()
            .flat_map(|(_, heard)| &heard.records)
            .all(|r| r.fixed || r.activities.iter().all(|a| a.act == rapport_model::Act::Released));
        assert_eq!(since.edited.is_empty(), fixed, "{name}: edited {:?}", since.edited);
        assert_eq!(
            since.gone.is_empty(),
            CANNOT_TELL_DELETED.contains(&name),
            "{name}: gone {:?}",
            since.gone
        );
    }
}

/// What stands behind a cursor: the driver counts records and rejects in the order in which they come.
fn from(heard: &Heard, cursor: usize) -> Heard {
    let mut rest = Heard::default();
    let (mut records, mut rejects) = (heard.records.iter(), heard.rejects.iter());
    for (n, is_record) in heard.order.iter().enumerate() {
        if *is_record {
            rest.records.extend(records.next().filter(|_| n >= cursor).cloned());
        } else {
            rest.rejects.extend(rejects.next().filter(|_| n >= cursor).cloned());
        }
    }
    rest
}

#[test]
fn what_is_read_to_a_cursor_and_from_it_is_the_whole() {
    for fixture in all() {
        let whole = hear_all(fixture.connector, &fixture.what(), &fixture.items());
        let setup = |name: &str| fixture.connector.reader("x").plan(name) == Plan::Setup;
        for (name, heard) in whole.iter().filter(|(name, _)| !setup(name)) {
            // Where an item breaks off, the last reject is the driver's own and no part of the count.
            for cursor in 0..=heard.order.len() {
                let known =
                    |item: &str| if item == name { u64::try_from(cursor).ok() } else { Some(u64::MAX) };
                let read = fixture.read(&known);
                let mine = read.iter().find(|(item, _)| item == name).map(|(_, heard)| heard);
                let wanted = from(heard, cursor);
                let label = format!("{} {name} from {cursor}", fixture.label());
                assert_eq!(mine.map(|h| &h.records), Some(&wanted.records), "{label}");
                let broken = usize::from(heard.broke);
                let told = mine.map_or(0, |h| h.rejects.len());
                assert!(
                    (wanted.rejects.len()..=wanted.rejects.len() + broken).contains(&told),
                    "{label}: {told} rejects"
                );
                let others = read.iter().filter(|(item, _)| item != name && !setup(item)).count();
                assert_eq!(others, 0, "{label}: what is known to its end is not read again");
            }
        }
    }
}

#[test]
fn a_read_that_stops_after_any_page_goes_on_where_it_stopped() {
    let folder = tempfile::TempDir::new().unwrap();
    for (name, file) in
        [("gharchive", "2026-05-01-15.json"), ("mbox", "relay-users.mbox"), ("activities", "more.jsonl")]
    {
        let c = connector(name).unwrap();
        let version = if name == "activities" { "json" } else { "dirty" };
        let fixture = of(c).into_iter().find(|f| f.version == version).unwrap();
        let (_, _, bytes) = fixture.items().into_iter().find(|(_, item, _)| item.ends_with(file)).unwrap();
        let path = folder.path().join(file);
        let again = [bytes.as_slice(), b"\n"].concat().repeat(12_000 / fixture.read(&|_| None).len().max(6));
        std::fs::write(&path, again).unwrap();
        let archive = Archive::open(&path).unwrap();
        let whole = read_at(&path, c, "x", &|_| None).remove(0).1;
        let (mut pages, mut got) = (0, Heard::default());
        let done = Cell::new(0);
        loop {
            let ended = read(&archive, c, "x", &|_| Some(done.get()), &mut |page| {
                assert!(page.done >= done.get(), "a cursor never moves back");
                pages += 1;
                done.set(page.done);
                got.records.extend(page.records);
                got.rejects.extend(page.rejects);
                if page.last { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            if ended == Done::All {
                break;
            }
        }
        assert!(pages > 1, "{name}: {pages} pages");
        assert_eq!(
            (got.records.len(), got.rejects.len()),
            (whole.records.len(), whole.rejects.len()),
            "{name}"
        );
        assert!(
            got.records == whole.records && got.rejects == whole.rejects,
            "{name}: another order or content"
        );
    }
}
