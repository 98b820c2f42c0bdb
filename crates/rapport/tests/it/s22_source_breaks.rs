//! s22, the part about files: what is broken is named and kept, the rest goes on.

use std::fs;

use crate::world::{Desk, company};

#[test]
fn a_bad_record_is_set_aside_with_its_bytes() {
    let desk = Desk::new();
    let read = desk.json(&["add", company().join("list").to_str().unwrap()]);
    assert_eq!((read[0]["stored"].as_u64(), read[0]["rejected"].as_u64()), (Some(14), Some(1)));
    let source = read[0]["source"].as_str().unwrap();
    let rejects = desk.json(&["sources", "--rejects", source]);
    assert!(rejects[0]["bytes"].as_str().unwrap().contains("It cannot be placed in time."));
    assert!(rejects[0]["where"].as_str().unwrap().contains("relay-users.mbox byte "));
    desk.is_well();
}

#[test]
fn a_garbled_archive_gives_what_its_front_holds() {
    let desk = Desk::new();
    let whole = fs::read(company().join("github/archive.json")).unwrap();
    let place = tempfile::TempDir::new().unwrap();
    let path = place.path().join("archive.json");
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let read = desk.json(&["add", path.to_str().unwrap()]);
    assert!(read[0]["stored"].as_u64() > Some(0) && read[0]["rejected"].as_u64() == Some(1), "{read}");
    // The whole archive then adds the rest, once.
    fs::write(&path, &whole).unwrap();
    desk.json(&["sync"]);
    let again = desk.json(&["add", "--again", path.to_str().unwrap()]);
    assert_eq!(again[0]["stored"].as_u64(), Some(0), "{again}");
    desk.is_well();
}

#[test]
fn edits_labels_and_deletions_become_revisions() {
    let desk = Desk::world();
    let count = |query: &str| desk.json(&["sql", query])[0]["n"].as_u64().unwrap();
    assert_eq!(count("SELECT count(*) AS n FROM activities WHERE deleted = 1"), 1, "the deleted comment");
    assert_eq!(
        count("SELECT count(*) AS n FROM activities WHERE revision > 0 AND deleted = 0"),
        3,
        "edited in the tracker and in chat"
    );
    assert_eq!(
        count("SELECT count(*) AS n FROM activities WHERE text LIKE '%mypy says the python sdk is untyped%'"),
        1
    );
}

#[test]
fn a_second_writer_is_told_so() {
    let desk = Desk::world();
    let lock = fs::File::open(desk.0.path().join("lock")).unwrap();
    lock.lock().unwrap();
    let output = desk.run(&["add", company().join("chat").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("another Rapport process is writing"));
    assert!(desk.run(&["needs"]).status.success(), "reading goes on");
}

#[test]
fn nothing_is_no_shape() {
    let desk = Desk::new();
    let place = tempfile::TempDir::new().unwrap();
    fs::write(place.path().join("notes.bin"), [0, 159, 146, 150]).unwrap();
    let output = desk.run(&["add", place.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--kind"));
}

#[test]
fn one_streams_folder_of_a_zulip_archive_is_enough() {
    let desk = Desk::new();
    let whole = company().join("zulip");
    let stream =
        fs::read_dir(&whole).unwrap().map(|entry| entry.unwrap().path()).find(|p| p.is_dir()).unwrap();
    let read = desk.json(&["add", stream.to_str().unwrap()]);
    let name = format!("zulip:{}", stream.file_name().unwrap().to_str().unwrap());
    assert_eq!((read[0]["source"].as_str(), read[0]["rejected"].as_u64()), (Some(name.as_str()), Some(0)));
    assert!(read[0]["threads"].as_u64() > Some(0), "{read}");
    let again = desk.json(&["add", "--again", stream.to_str().unwrap()]);
    assert_eq!(again[0]["stored"].as_u64(), Some(0), "{again}");
    desk.is_well();
}
