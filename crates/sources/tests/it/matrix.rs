//! Matrix beyond the laws of every channel: rooms that are closed to us, a whole server, words that only a re-read tells.

use rapport_model::Act;
use rapport_sources::connector;
use rapport_sources::live::{Ended, Place, sync};
use rapport_sources::transport::{Manners, Secret, Stop, Transport};

use crate::played::play::Told;
use crate::played::{Line, Log, NOW, Played, channel, settle};

fn look(played: &Played, log: &mut Log, address: &str) -> Ended {
    let live = channel("matrix");
    let place = Place { token: true, ..live.place(address).unwrap() };
    let mut line = Line(played);
    let token = Secret::new("t0ken");
    let mut transport = Transport::new(&mut line, played, Manners::default());
    sync(live, connector("matrix").unwrap(), &place, Some(&token), &mut transport, log)
}

#[test]
fn a_server_means_its_public_rooms_and_an_encrypted_one_is_named() {
    let played = Played::new("matrix", 30, 5);
    let mut log = Log::default();
    assert_eq!(look(&played, &mut log, "matrix:tidewater.example"), Ended::All);
    assert_eq!(log.messages(), played.stage.borrow().community.standing());
    assert_eq!(log.rejects, 1, "the encrypted room is told");
    assert!(!played.stage.borrow().log.iter().any(|(_, path)| path.contains("board")), "and not asked for");
    played.time.set(NOW + 86_400_000);
    look(&played, &mut log, "matrix:tidewater.example");
    assert_eq!(log.rejects, 1, "once");
}

#[test]
fn a_closed_room_is_told_in_words() {
    let played = Played::new("matrix", 5, 5);
    for (address, words) in [
        ("matrix:!board:tidewater.example", "encrypted"),
        ("matrix:!elsewhere:tidewater.example", "has not joined"),
        ("matrix:#nowhere:tidewater.example", "404"),
    ] {
        let mut log = Log::default();
        let ended = look(&played, &mut log, address);
        assert!(
            matches!(&ended, Ended::Stopped(Stop::Denied { why, .. }) if why.contains(words)),
            "{address}: {ended:?}"
        );
        assert!(log.rows.is_empty());
    }
}

#[test]
fn state_is_nobodys_message_and_relations_are_kept() {
    let played = Played::new("matrix", 40, 5);
    let mut log = Log::default();
    settle(&played, &mut log, None);
    assert!(log.rows.keys().all(|key| key.starts_with("event/$p")), "names and power levels are no needs");
    let of = |act: Act| log.rows.values().filter(|r| r.newest.act == act).count();
    assert_eq!(of(Act::Opened), 40, "one for each thread");
    assert!(log.rows.values().all(|r| !r.newest.text.contains("> <@")), "no quotes of what is answered");
    let first = log.rows.values().next().unwrap();
    let url = first.newest.url.as_deref().unwrap();
    assert!(url.starts_with("https://matrix.to/#/!relay:tidewater.example/$p"), "{url}");
    assert_eq!(first.newest.facts.as_ref().unwrap().container.as_deref(), Some("#relay:tidewater.example"));
    // An edit and a redaction of old messages: two events are read again, no history.
    {
        let community = &mut played.stage.borrow_mut().community;
        community.edit(3, NOW / 1000 + 60);
        let thread = community.threads.iter().position(|t| t.replies().count() > 2).unwrap();
        community.delete(thread, NOW / 1000 + 61);
    }
    let asked = played.stage.borrow().log.len();
    played.time.set(NOW + 3_600_000);
    settle(&played, &mut log, None);
    let stage = played.stage.borrow();
    let paths: Vec<&str> = stage.log[asked..].iter().map(|(_, path)| path.as_str()).collect();
    assert_eq!(paths.iter().filter(|p| p.contains("/event/")).count(), 2, "{paths:#?}");
    assert_eq!(log.messages(), stage.community.standing());
    let edited = stage.community.story.iter().find(|(told, ..)| *told == Told::Edited).unwrap().1;
    assert!(log.rows[&format!("event/$p{edited}")].newest.text.contains("Edited"));
}

#[test]
fn addresses_are_understood() {
    let live = channel("matrix");
    for (address, what, base) in [
        ("matrix:#relay:Tidewater.example", "#relay:Tidewater.example", "https://tidewater.example"),
        (
            "matrix:m.tidewater.example/#relay:tidewater.example",
            "#relay:tidewater.example",
            "https://m.tidewater.example",
        ),
        ("matrix:http://127.0.0.1:8008/!a:x.example", "!a:x.example", "http://127.0.0.1:8008"),
        (
            "https://matrix.to/#/%23relay%3Atidewater.example?via=x",
            "#relay:tidewater.example",
            "https://tidewater.example",
        ),
        ("matrix:m.tidewater.example", "m.tidewater.example", "https://m.tidewater.example"),
    ] {
        let place = live.place(address).unwrap_or_else(|| panic!("{address}"));
        assert_eq!((place.what.as_str(), place.base.as_str()), (what, base), "{address}");
    }
    for no in [
        "matrix:#relay",
        "matrix:#:x",
        "matrix:#a b:x.example",
        "matrix:#a:x/y",
        "https://matrix.to/#/@ada:x.example",
    ] {
        assert!(live.place(no).is_none(), "{no}");
    }
}
