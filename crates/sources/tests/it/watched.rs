//! That the played server sees what a client does wrong, and what every channel does right: where its token goes, how long it
//! waits where nobody says, when it comes back.

use std::collections::BTreeMap;

use rapport_sources::transport::Manners;

use crate::live::{each, services};
use crate::played::play::{Fault, Request};
use crate::played::{Log, NOW, Played, none, run, settle};

/// What a client of good manners says.
fn polite(path: &str) -> Request {
    let headers = [("user-agent", "rapport/0"), ("accept", "application/json")];
    Request {
        method: "GET".to_owned(),
        path: path.to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body: Vec::new(),
    }
}

/// What the server notes of these requests, each so many milliseconds after the one before.
fn noted(service: &'static str, token: Option<&str>, asks: &[(i64, Request)]) -> Vec<String> {
    let played = Played::new(service, 40, 3);
    let mut stage = played.stage.borrow_mut();
    stage.quota = u64::MAX;
    stage.token = token.map(str::to_owned);
    let mut now = NOW;
    for (later, ask) in asks {
        now += later;
        stage.answer(ask, now);
    }
    stage.failures.clone()
}

fn with(request: Request, name: &str, value: &str) -> Request {
    let mut headers = request.headers;
    headers.insert(name.to_owned(), value.to_owned());
    Request { headers, ..request }
}

/// What is to be noted (nothing where it is empty), the service, its token, and the requests with the time before each.
type Case = (&'static str, &'static str, Option<&'static str>, Vec<(i64, Request)>);

#[test]
fn the_server_sees_a_client_without_manners() {
    let messages = "/api/v1/messages?anchor=0&num_after=10&narrow=web-public";
    let many = |path: &str, every: i64, n: usize| vec![(every, polite(path)); n];
    let cases: Vec<Case> = vec![
        ("", "zulip", None, many(messages, 300, 400)),
        ("within 60000 ms", "zulip", None, many(messages, 290, 400)),
        ("", "slack", None, many("/conversations.history?channel=C0HELP", 1_200, 90)),
        ("within 60000 ms", "slack", None, many("/conversations.history?channel=C0HELP", 1_000, 90)),
        ("", "slack", None, many("/users.list", 3_000, 40)),
        ("within 60000 ms", "slack", None, many("/users.list", 2_000, 40)),
        ("within 10000 ms", "discourse", None, many("/latest.json", 150, 80)),
        ("within 1000 ms", "gitea", None, many("/api/v1/repos/tidewater/relay", 40, 30)),
        ("less than a second", "crates", None, many("/api/v1/crates/relay", 900, 2)),
        ("nobody says who", "gitea", None, vec![(0, with(polite("/"), "user-agent", "curl/8"))]),
        ("was posted", "gitea", None, vec![(0, Request { method: "POST".into(), ..polite("/issues") })]),
        ("was posted", "gitea", None, vec![(0, Request { method: "DELETE".into(), ..polite("/issues") })]),
        ("stands in the address", "gitlab", Some("t0p"), vec![(0, polite("/api/v4/x?private_token=t0p"))]),
        (
            "none belongs, in authorization",
            "gitlab",
            Some("t0p"),
            vec![(0, with(polite("/api/v4/x"), "authorization", "Bearer t0p"))],
        ),
        ("", "gitlab", Some("t0p"), vec![(0, with(polite("/api/v4/x"), "private-token", "t0p"))]),
    ];
    for (wanted, service, token, asks) in cases {
        let noted = noted(service, token, &asks);
        match wanted {
            "" => assert_eq!(noted, Vec::<String>::new(), "{service}"),
            _ => assert!(noted.iter().any(|said| said.contains(wanted)), "{service}: {wanted}: {noted:?}"),
        }
    }
    // Asked for a pause, and here again before it is over.
    let played = Played::new("github", 40, 3);
    let mut stage = played.stage.borrow_mut();
    stage.faults.insert(0, Fault::Pause(30));
    stage.answer(&polite("/repos/tidewater/relay/issues"), NOW);
    stage.answer(&polite("/repos/tidewater/relay/issues"), NOW + 29_999);
    assert_eq!(stage.failures.len(), 1, "{:?}", stage.failures);
    stage.answer(&polite("/repos/tidewater/relay/issues"), NOW + 30_000);
    assert_eq!(stage.failures.len(), 1, "{:?}", stage.failures);
}

#[test]
fn a_token_is_shown_where_the_service_wants_it_and_nowhere_else() {
    // These have none. Reddit's is another for every hour, and has a test of its own.
    let without = ["hackernews", "bluesky", "pipermail", "hyperkitty", "reddit"];
    each(|service| {
        if without.contains(&service) {
            return;
        }
        let token = "bot@tidewater.example:k3y-0f-0urs";
        let played = Played::new(service, 40, 7);
        played.stage.borrow_mut().token = Some(token.to_owned());
        let mut log = Log::default();
        settle(&played, &mut log, Some(token));
        assert!(log.messages() > 0, "{service}");
        let stage = played.stage.borrow();
        assert_eq!(stage.named, stage.asked, "{service}: every request shows it");
        drop(stage);
        none(&played, service);
    });
}

#[test]
fn where_nobody_says_how_long_it_waits_a_minute_and_doubles() {
    each(|service| {
        let played = Played::new(service, 200, 3);
        for n in 0..3 {
            played.stage.borrow_mut().faults.insert(n, Fault::Unsaid);
        }
        let mut log = Log::default();
        let manners = Manners { patience_ms: 3_600_000, ..Manners::default() };
        run(&played, &mut log, None, manners);
        let waits = played.waits.borrow();
        let long: Vec<u64> = waits.iter().copied().filter(|wait| *wait >= 60_000).collect();
        assert_eq!(long, [60_000, 120_000, 240_000], "{service}: {waits:?}");
        drop(waits);
        none(&played, service);
    });
}

#[test]
fn two_clients_do_not_come_back_in_the_same_moment() {
    for service in services() {
        let pauses = |seed: u64| {
            let played = Played::new(service, 200, 3);
            for n in 0..4 {
                played.stage.borrow_mut().faults.insert(n, Fault::Broken);
            }
            run(&played, &mut Log::default(), None, Manners { seed, ..Manners::default() });
            let waits = played.waits.borrow();
            waits.iter().copied().filter(|wait| *wait >= 1_000).collect::<Vec<u64>>()
        };
        let all: Vec<Vec<u64>> = (1..=5).map(|n| pauses(n * 7_919)).collect();
        let apart: BTreeMap<u64, usize> = all.iter().map(|waits| (waits.iter().sum(), waits.len())).collect();
        assert_eq!(apart.len(), 5, "{service}: {all:?}");
        assert!(apart.values().all(|n| *n >= 4), "{service}: {all:?}");
        assert_eq!(all[0], pauses(7_919), "{service}: the same chance, the same pauses");
    }
}

#[test]
fn a_feed_that_gives_no_etag_is_asked_by_its_date() {
    let played = Played::new("feed", 60, 3);
    played.stage.borrow_mut().dated = true;
    played.stage.borrow_mut().faults.insert(0, Fault::Pause(30));
    let mut log = Log::default();
    assert_eq!(settle(&played, &mut log, None), 2, "a pause until a date, kept");
    assert_eq!((settle(&played, &mut log, None), played.stage.borrow().unchanged), (1, 1));
    let stored = log.stored;
    played.stage.borrow_mut().community.open(NOW / 1000 + 60);
    settle(&played, &mut log, None);
    assert_eq!((log.stored, played.stage.borrow().unchanged), (stored + 1, 1), "it changed, and came");
    none(&played, "feed");
}
