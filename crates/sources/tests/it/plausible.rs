//! Plausible: every day once, what is revised replaces, what is no longer counted goes, and few requests.

use std::collections::BTreeMap;

use rapport_sources::live::{Ask, Ended, Reply, Verdict};
use rapport_sources::transport::{Manners, Stop};

use crate::played::play::{Fault, Random, plausible, stamp};
use crate::played::{Log, NOW, Played, channel, run, settle};
use crate::played::{none, same};

const DAY: i64 = 86_400_000;

type Day = BTreeMap<(String, Option<i64>), u64>;

/// What the log holds of a day, its parts put together.
fn held(log: &Log, date: &str) -> Day {
    let mut all = Day::new();
    let own = format!("day/{date}");
    for (key, row) in &log.rows {
        if *key != own && !key.starts_with(&format!("{own}/")) {
            continue;
        }
        assert!(row.newest.who.is_none() && row.newest.thread == rapport_model::ThreadRef::None);
        for line in row.newest.text.lines() {
            let parts: Vec<&str> = line.splitn(3, '\t').collect();
            let came = parts[1].parse().ok();
            let twice = all.insert((parts[2].to_owned(), came), parts[0].parse().unwrap());
            assert_eq!(twice, None, "{date}: {line}");
        }
    }
    all
}

/// What the site counts of so many days back; queries with a mail address are left out.
fn shown(played: &Played, days: i64) -> BTreeMap<String, Day> {
    let (stage, today) = (played.stage.borrow(), played.time.get().div_euclid(DAY));
    let day = |n: i64| {
        let all = plausible::day(&stage, n).into_iter().filter(|((query, _), _)| !query.contains('@'));
        all.map(|((query, came), n)| ((query, came.parse().ok()), n)).collect()
    };
    (today - days + 1..=today).map(|n| (stamp(n * 86_400)[..10].to_owned(), day(n))).collect()
}

fn agree(played: &Played, log: &Log, days: i64, label: &str) {
    for (date, wanted) in shown(played, days) {
        assert_eq!(held(log, &date), wanted, "{label}: {date}");
    }
}

#[test]
fn a_year_comes_in_and_an_idle_look_is_one_request() {
    let played = Played::new("plausible", 400, 7);
    let mut log = Log::default();
    assert_eq!(settle(&played, &mut log, None), 13, "seven days and twelve months");
    agree(&played, &log, 365, "first");
    assert_eq!((log.rows.len(), log.rejects), (365, 0), "days without a search, too");
    assert!(shown(&played, 365).values().filter(|day| !day.is_empty()).count() > 100);
    let stored = log.stored;
    played.time.set(played.time.get() + 3_600_000);
    assert_eq!(settle(&played, &mut log, None), 1);
    assert_eq!(log.stored, stored, "nothing is new, nothing is stored");
    none(&played, "plausible");
}

#[test]
fn a_revised_count_replaces_and_what_is_no_longer_counted_goes() {
    let played = Played::new("plausible", 400, 11);
    let mut log = Log::default();
    settle(&played, &mut log, None);
    let before = log.stored;
    {
        let community = &mut played.stage.borrow_mut().community;
        let late = NOW / 1_000 - 3 * 86_400;
        community.reply(40, late);
        community.reply(40, late);
        // What was counted as people turned out to be a machine.
        let said = community.threads.iter_mut().flat_map(|t| t.posts.iter_mut());
        let gone = said.filter(|p| p.at > NOW / 1_000 - 5 * 86_400 && p.at < NOW / 1_000 - 4 * 86_400);
        assert!(gone.map(|p| p.deleted = true).count() > 0);
    }
    agree(&Played::new("plausible", 400, 11), &log, 7, "before");
    played.time.set(played.time.get() + DAY);
    assert_eq!(settle(&played, &mut log, None), 1);
    agree(&played, &log, 7, "after");
    assert!(log.stored - before <= 4, "{} days for those that changed and the new one", log.stored - before);
    // Nobody looks for two months: no day is missing, and no more than those are asked for.
    played.time.set(played.time.get() + 60 * DAY);
    assert_eq!(settle(&played, &mut log, None), 3);
    assert_eq!(log.rows.len(), 365 + 61);
    none(&played, "plausible");
}

#[test]
fn a_day_with_more_queries_than_a_reply_holds_comes_in_parts_that_shrink_again() {
    let played = Played::new("plausible", 100, 5);
    let flood = |most: u64| {
        let community = &mut played.stage.borrow_mut().community;
        let number = community.threads.iter().position(|t| t.title.starts_with("flood"));
        let number = number.unwrap_or_else(|| community.open(NOW / 1_000 - 2 * 86_400));
        community.threads[number].title = format!("flood {most}");
    };
    flood(4_500);
    let mut log = Log::default();
    settle(&played, &mut log, None);
    agree(&played, &log, 365, "flooded");
    assert_eq!(log.rows.keys().filter(|key| key.matches('/').count() == 2).count(), 2, "three parts");
    for most in [2_000, 1_999, 3, 6_001, 0] {
        flood(most);
        played.time.set(played.time.get() + 3_600_000);
        settle(&played, &mut log, None);
        agree(&played, &log, 7, &format!("{most}"));
    }
    none(&played, "plausible");
}

#[test]
fn a_hundred_interruptions_leave_no_gap_and_no_double() {
    let played = Played::new("plausible", 400, 23);
    {
        let community = &mut played.stage.borrow_mut().community;
        let number = community.open(NOW / 1_000 - 20 * 86_400);
        community.threads[number].title = "flood 2500".to_owned();
        // What is older than the seven days that are asked for again stays as it was counted.
        community.fixed = true;
    }
    played.stage.borrow_mut().lively = Some(3);
    let mut chance = Random(0xc0ffee);
    let mut log = Log::default();
    for n in 0..100 {
        log.dies = Some((chance.below(3), chance.below(2) == 0));
        let asked = played.stage.borrow().asked;
        let kinds = [Fault::Broken, Fault::Cut, Fault::Pause(7), Fault::Slow(90_000), Fault::Unsaid];
        let fault = kinds[usize::try_from(chance.below(5)).unwrap()];
        played.stage.borrow_mut().faults.insert(asked + chance.below(3), fault);
        match run(&played, &mut log, None, Manners::default()).0 {
            Ended::Stopped(Stop::Later { until, .. }) => {
                played.time.set(played.time.get().max(until.millis()));
            }
            Ended::Stopped(other) => panic!("{n}: {other:?}"),
            Ended::All | Ended::Unwritten(_) => {}
        }
        // Some looks are minutes apart, some hours.
        played.time.set(played.time.get() + 61_000 + i64::try_from(chance.below(4)).unwrap() * 3_600_000);
    }
    log.dies = None;
    played.stage.borrow_mut().lively = None;
    settle(&played, &mut log, None);
    settle(&played, &mut log, None);
    let mut fresh = Log::default();
    fresh.limits.clone_from(&log.limits);
    settle(&played, &mut fresh, None);
    agree(&played, &fresh, 365, "fresh");
    agree(&played, &log, 365, "interrupted");
    log.rows.retain(|key, _| fresh.rows.contains_key(key));
    same(&log, &fresh, "plausible");
    none(&played, "plausible");
}

#[test]
fn a_pause_is_kept_and_told_and_an_hour_has_six_hundred_requests() {
    let played = Played::new("plausible", 60, 3);
    played.stage.borrow_mut().faults.insert(1, Fault::Unsaid);
    let mut log = Log::default();
    settle(&played, &mut log, None);
    let longest = *played.waits.borrow().iter().max().unwrap();
    assert!((60_000..61_500).contains(&longest), "waited {longest} ms, told nothing of how long");
    assert!(!log.pauses.is_empty(), "a status is told");
    agree(&played, &log, 30, "after the pause");
    let asked = played.stage.borrow().asked;
    played.stage.borrow_mut().faults.insert(asked, Fault::Pause(1_200));
    let (ended, _) = run(&played, &mut log, None, Manners::default());
    assert!(matches!(ended, Ended::Stopped(Stop::Later { .. })), "nobody sits in front of it: {ended:?}");
    none(&played, "plausible");
}

#[test]
fn a_key_is_shown_to_its_host_alone_and_refusals_are_told_apart() {
    let played = Played::new("plausible", 60, 3);
    played.stage.borrow_mut().token = Some("k3y".to_owned());
    let mut log = Log::default();
    let (ended, _) = run(&played, &mut log, Some("wrong"), Manners::default());
    assert!(
        matches!(&ended, Ended::Stopped(Stop::Denied { why, .. }) if why.contains("Stats API")),
        "{ended:?}"
    );
    settle(&played, &mut log, Some("k3y"));
    agree(&played, &log, 30, "with a key");
    played.stage.borrow_mut().shut = true;
    let (ended, _) = run(&played, &mut log, Some("k3y"), Manners::default());
    assert!(matches!(&ended, Ended::Stopped(Stop::Denied { why, .. }) if why.contains("plan")), "{ended:?}");
    let live = channel("plausible");
    let ask = Ask::get("https://plausible.io/api/v2/query".to_owned(), "");
    let now = rapport_model::Time::parse("2026-11-25T03:00:00Z").unwrap();
    for (status, word) in [(400, "question"), (401, "key"), (402, "plan"), (404, "version 2")] {
        let told = live.verdict(&ask, &Reply { status, ..Reply::default() }, 0, now);
        assert!(matches!(&told, Verdict::Denied { why, .. } if why.contains(word)), "{told:?}");
    }
    none(&played, "plausible");
}
