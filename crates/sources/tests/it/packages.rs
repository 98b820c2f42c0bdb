//! Package registries: every version and every day once, what is revised follows, and nobody is asked for more than needed.

use std::collections::BTreeMap;

use rapport_model::Act;
use rapport_sources::live::Ended;
use rapport_sources::transport::{Manners, Stop};

use crate::played::play::{Fault, Random, packages, stamp};
use crate::played::{Log, NOW, Played, run, settle};
use crate::played::{none, same};

const DAY: i64 = 86_400_000;

fn each(law: impl Fn(&'static str)) {
    ["crates", "npm", "pypi"].into_iter().for_each(law);
}

/// What the log holds: versions, and days with their counts.
fn held(log: &Log, act: Act) -> BTreeMap<String, String> {
    let rows = log.rows.iter().filter(|(_, row)| row.newest.act == act && !row.newest.deleted);
    rows.map(|(key, row)| (key.clone(), row.newest.detail.clone().unwrap_or_default())).collect()
}

/// What the registry shows at this moment, of so many days at most.
fn shown(played: &Played, most: i64) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let (stage, yesterday) = (played.stage.borrow(), played.time.get().div_euclid(DAY) - 1);
    let mark = if stage.service == "npm" { "deprecated" } else { "yanked" };
    let versions = packages::versions(&stage).into_iter().map(|(num, _, back)| {
        let mark = if back { format!(" ({mark})") } else { String::new() };
        (format!("release/{num}"), format!("relay {num}{mark}"))
    });
    let days = (yesterday - most + 1..=yesterday).filter_map(|day| {
        let n = packages::downloads(&stage, day);
        (n > 0).then(|| (format!("day/{}", &stamp(day * 86_400)[..10]), format!("downloads={n}")))
    });
    (versions.collect(), days.collect())
}

fn most(service: &str) -> i64 {
    if service == "crates" { 90 } else { 180 }
}

fn counted(log: &Log) -> BTreeMap<String, String> {
    held(log, Act::Other).into_iter().filter(|(_, n)| n != "downloads=0").collect()
}

#[test]
fn every_version_and_every_day_come_in_once_and_an_idle_look_is_two_requests() {
    each(|service| {
        let played = Played::new(service, 230, 7);
        let mut log = Log::default();
        assert_eq!(settle(&played, &mut log, None), 2, "{service}");
        let (versions, days) = shown(&played, most(service));
        assert_eq!((held(&log, Act::Released), counted(&log)), (versions, days), "{service}");
        assert!(held(&log, Act::Released).len() == 23 && counted(&log).len() >= 90, "{service}");
        assert_eq!(log.rejects, 0, "{service}");
        assert!(log.rows.values().all(|r| r.newest.who.is_none()), "{service}: counts are nobody's");
        let stored = log.stored;
        played.time.set(played.time.get() + 3_600_000);
        assert_eq!(settle(&played, &mut log, None), 2, "{service}");
        assert_eq!(log.stored, stored, "{service}: nothing is new, nothing is stored");
        none(&played, service);
    });
}

#[test]
fn a_day_later_the_new_day_and_what_was_revised_follow() {
    each(|service| {
        let played = Played::new(service, 230, 11);
        let mut log = Log::default();
        settle(&played, &mut log, None);
        let before = log.stored;
        // A day of five days ago counts more, a version is yanked, another is out.
        {
            let community = &mut played.stage.borrow_mut().community;
            community.reply(40, NOW / 1000 - 5 * 86_400);
            community.threads[20].closed = Some(NOW / 1000);
            while community.threads.len() % 10 != 1 {
                community.open(NOW / 1000);
            }
        }
        played.time.set(played.time.get() + DAY);
        assert_eq!(settle(&played, &mut log, None), 2, "{service}");
        let (versions, days) = shown(&played, most(service));
        let mut here = counted(&log);
        // What the registry no longer shows is kept.
        let oldest = days.keys().next().cloned().unwrap();
        here.retain(|day, _| *day >= oldest);
        assert_eq!(held(&log, Act::Released), versions, "{service}");
        assert_eq!(here, days, "{service}");
        assert!(versions.values().any(|v| v.ends_with(')')), "{service}: taken back");
        assert!(log.stored - before <= 5, "{service}: {} rows for a day", log.stored - before);
        none(&played, service);
    });
}

#[test]
fn a_hundred_interruptions_leave_no_gap_and_no_double() {
    each(|service| {
        let played = Played::new(service, 400, 23);
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
                Ended::Stopped(other) => panic!("{service} {n}: {other:?}"),
                Ended::All | Ended::Unwritten(_) => {}
            }
            // Some looks are minutes apart, some hours.
            played.time.set(played.time.get() + 61_000 + i64::try_from(chance.below(4)).unwrap() * 3_600_000);
        }
        log.dies = None;
        played.stage.borrow_mut().lively = None;
        played.time.set(played.time.get() + DAY);
        settle(&played, &mut log, None);
        let (versions, days) = shown(&played, most(service).min(30));
        assert_eq!(held(&log, Act::Released), versions, "{service}");
        let mut here = counted(&log);
        here.retain(|day, _| days.contains_key(day));
        assert_eq!(here, days, "{service}");
        if service != "npm" {
            // Another process: the log that knows of the rest between two requests is another, too.
            let mut fresh = Log::default();
            fresh.limits.clone_from(&log.limits);
            settle(&played, &mut fresh, None);
            log.rows.retain(|key, _| fresh.rows.contains_key(key) || !key.starts_with("day/"));
            same(&log, &fresh, service);
        }
        none(&played, service);
    });
}

#[test]
fn npm_is_walked_back_to_the_first_release_and_a_long_silence_leaves_no_gap() {
    let played = Played::new("npm", 230, 5);
    // The first release is three years old.
    let long = NOW / 1000 - 3 * 365 * 86_400;
    played.stage.borrow_mut().community.threads[0].posts[0].at = long;
    let mut log = Log::default();
    let sent = settle(&played, &mut log, None);
    assert_eq!(sent, 4, "the versions, a year, and two stretches of 540 days");
    let (_, days) = shown(&played, 3 * 365);
    assert_eq!(counted(&log), days);
    assert_eq!(days.len(), 3 * 365, "to the day");
    // Nobody looks for two years: the gap is filled, and no more than it.
    played.time.set(played.time.get() + 730 * DAY);
    assert_eq!(settle(&played, &mut log, None), 4);
    assert_eq!(counted(&log), shown(&played, 5 * 365).1);
    assert_eq!(settle(&played, &mut log, None), 2);
    none(&played, "npm");
}

#[test]
fn a_pause_of_one_host_is_kept_and_told() {
    each(|service| {
        for n in [0, 1] {
            let played = Played::new(service, 60, 3);
            played.stage.borrow_mut().faults.insert(n, Fault::Pause(30));
            let mut log = Log::default();
            assert_eq!(settle(&played, &mut log, None), 3, "{service}");
            let long: Vec<u64> = played.waits.borrow().iter().copied().filter(|w| *w > 10_000).collect();
            assert!(long.len() == 1 && (30_000..31_500).contains(&long[0]), "{service}: waited {long:?} ms");
            assert!(!log.pauses.is_empty(), "{service}: a status is told");
            none(&played, service);
        }
    });
}

#[test]
fn the_rest_between_two_requests_outlives_a_look() {
    each(|service| {
        let played = Played::new(service, 60, 3);
        let mut log = Log::default();
        settle(&played, &mut log, None);
        settle(&played, &mut log, None);
        let moments: Vec<i64> = played.stage.borrow().log.iter().map(|(at, _)| *at).collect();
        assert!(service != "crates" || moments.windows(2).all(|w| w[1] - w[0] >= 1_000), "{moments:?}");
        none(&played, service);
    });
}

#[test]
fn the_second_host_is_shown_no_token_and_a_package_without_counts_is_there() {
    let played = Played::new("npm", 60, 3);
    let mut log = Log::default();
    run(&played, &mut log, Some("t0ken"), Manners::default());
    let place = crate::played::channel("npm").place("https://www.npmjs.com/package/@tidewater/relay/v/1.0.0");
    assert_eq!(place.unwrap().what, "@tidewater/relay");
    assert_eq!(crate::played::channel("pypi").place("pypi:Tide_Relay").unwrap().what, "tide-relay");
    assert!(crate::played::channel("crates").place("crates:a/b").is_none());
    none(&played, "npm");
}
