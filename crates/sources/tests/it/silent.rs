//! What happens at a service without a word of it in any list: a post is deleted or restored in the middle of a thread and
//! moves nothing. Each is met, within the rounds that docs/channels.md names, and nothing else is.

use std::collections::BTreeSet;

use crate::played::play::Community;
use crate::played::{Log, NOW, Played, none, same, settle};

/// The messages that stand, what opens a thread among them.
fn standing(played: &Played) -> usize {
    let stage = played.stage.borrow();
    stage.community.threads.iter().flat_map(|t| &t.posts).filter(|post| !post.deleted).count()
}

fn agrees(played: &Played, log: &Log) -> bool {
    log.messages() == standing(played)
}

/// Looks until the log is as the service shows it; how many looks that took.
fn looks_until(played: &Played, log: &mut Log, most: u32) -> u32 {
    for n in 1..=most {
        played.time.set(played.time.get() + 600_000);
        settle(played, log, None);
        if agrees(played, log) {
            return n;
        }
    }
    panic!("{} messages after {most} looks, and {} stand", log.messages(), standing(played));
}

fn fresh(played: &Played, log: &Log, label: &str) {
    let mut fresh = Log::default();
    settle(played, &mut fresh, None);
    same(log, &fresh, label);
    none(played, label);
}

/// Threads with at least so many replies, from the oldest.
fn with_replies(community: &Community, least: usize) -> Vec<usize> {
    (0..community.threads.len()).filter(|t| community.threads[*t].replies().count() >= least).collect()
}

#[test]
fn a_post_that_goes_from_the_middle_of_a_topic_is_missed_and_one_that_comes_back_is_back() {
    let played = Played::new("discourse", 120, 17);
    let mut log = Log::default();
    settle(&played, &mut log, None);
    assert!(agrees(&played, &log));
    let threads = with_replies(&played.stage.borrow().community, 3);
    assert!(threads.len() > 20);
    // Nothing of it bumps a topic: not the newest post's going, either.
    let mut gone = Vec::new();
    for (n, thread) in threads.iter().enumerate().take(20) {
        let mut stage = played.stage.borrow_mut();
        let posts = stage.community.threads[*thread].posts.len();
        let post = if n % 3 == 0 { posts - 1 } else { 1 + n % (posts - 1) };
        if stage.community.threads[*thread].accepted != Some(stage.community.threads[*thread].posts[post].id)
        {
            stage.community.remove(*thread, post);
            gone.push((*thread, post));
        }
    }
    assert!(gone.len() > 10, "{gone:?}");
    let stored = log.stored;
    let looks = looks_until(&played, &mut log, 40);
    // 480 posts or so are ten pages; three of them a look.
    assert!(looks <= 5, "{looks} looks");
    assert_eq!(log.stored, stored, "nothing else is new");
    fresh(&played, &log, "deleted");
    // Moderators think again.
    for (thread, post) in &gone {
        played.stage.borrow_mut().community.restore(*thread, *post);
    }
    assert!(!agrees(&played, &log));
    let looks = looks_until(&played, &mut log, 40);
    assert!(looks <= 5, "{looks} looks");
    fresh(&played, &log, "restored");
    let keys: BTreeSet<&String> = log.rows.keys().collect();
    assert_eq!(keys.len(), log.rows.len());
    // And once more in the other direction, for good.
    played.stage.borrow_mut().community.remove(gone[0].0, gone[0].1);
    looks_until(&played, &mut log, 40);
    fresh(&played, &log, "deleted again");
}

#[test]
fn a_topic_that_is_closed_without_a_word_is_closed_here_within_a_round() {
    let played = Played::new("discourse", 120, 17);
    let mut log = Log::default();
    settle(&played, &mut log, None);
    played.stage.borrow_mut().community.threads[3].closed = Some(NOW / 1_000);
    for _ in 0..6 {
        played.time.set(played.time.get() + 600_000);
        settle(&played, &mut log, None);
    }
    fresh(&played, &log, "closed");
}

/// A thread of so many comments, read; which of its posts go; what the log says in the end, after so many requests.
fn long(service: &'static str, comments: usize, gone: &[usize]) -> u64 {
    let played = Played::new(service, 30, 5);
    played.stage.borrow_mut().quota = u64::MAX;
    for n in 0..comments {
        played.stage.borrow_mut().community.reply(7, NOW / 1_000 - 5_000 + i64::try_from(n).unwrap());
    }
    let mut log = Log::default();
    settle(&played, &mut log, None);
    assert!(agrees(&played, &log), "{service}");
    let change = |log: &mut Log, remove: bool, at: i64| {
        for post in gone {
            let community = &mut played.stage.borrow_mut().community;
            let post = if *post == usize::MAX { community.threads[7].posts.len() - 1 } else { *post };
            if remove {
                community.remove(7, post);
            } else {
                community.restore(7, post);
            }
            community.threads[7].changed = NOW / 1_000 + at;
        }
        played.time.set(NOW + at * 1_000 + 60_000);
        let sent = settle(&played, log, None);
        assert!(agrees(&played, log), "{service}: with the very next look");
        sent
    };
    let sent = change(&mut log, true, 600);
    change(&mut log, false, 1_200);
    change(&mut log, true, 1_800);
    // What is said meanwhile is not taken for what went.
    played.stage.borrow_mut().community.reply(7, NOW / 1_000 + 2_400);
    change(&mut log, false, 2_400);
    fresh(&played, &log, service);
    sent
}

#[test]
fn a_comment_that_goes_from_a_long_thread_is_missed() {
    // The first, some in the middle, the last one of all.
    let gone = [1, 40, 99, 100, 101, 150, 199, 200, 201, usize::MAX];
    for service in ["github", "gitea"] {
        let sent = long(service, 350, &gone);
        let pages = if service == "github" { 4 } else { 1 };
        assert!(sent <= 5 + pages, "{service}: {sent} requests");
        long(service, 99, &gone[..3]);
        long(service, 130, &[usize::MAX]);
    }
}

#[test]
fn a_long_thread_goes_on_changing_while_its_pages_are_read() {
    for seed in 1..=20 {
        let played = Played::new("github", 30, seed);
        played.stage.borrow_mut().quota = u64::MAX;
        for n in 0..420 {
            played.stage.borrow_mut().community.reply(7, NOW / 1_000 - 5_000 + n);
        }
        let mut log = Log::default();
        settle(&played, &mut log, None);
        let mut chance = crate::played::play::Random(seed);
        for round in 1..=12 {
            let at = NOW / 1_000 + round * 600;
            for _ in 0..3 {
                let community = &mut played.stage.borrow_mut().community;
                let posts = community.threads[7].posts.len() as u64;
                community.remove(7, usize::try_from(1 + chance.below(posts - 1)).unwrap());
                community.threads[7].changed = at;
            }
            played.time.set(at * 1_000 + 5_000);
            // Killed at some page of it, and something is said and something goes before the next run.
            log.dies = Some((chance.below(8), chance.below(2) == 0));
            crate::played::run(&played, &mut log, None, rapport_sources::transport::Manners::default());
            log.dies = None;
            let community = &mut played.stage.borrow_mut().community;
            community.reply(7, at + 30);
            let posts = community.threads[7].posts.len() as u64;
            community.remove(7, usize::try_from(1 + chance.below(posts - 1)).unwrap());
            community.threads[7].changed = at + 30;
        }
        for _ in 0..2 {
            played.time.set(played.time.get() + 3_600_000);
            settle(&played, &mut log, None);
        }
        fresh(&played, &log, &format!("seed {seed}"));
    }
}

/// The reactions that stand in the log, by issue and person.
fn reacted(log: &Log) -> BTreeSet<String> {
    log.standing().into_keys().filter(|key| key.contains("/reaction/")).collect()
}

/// And at the service.
fn liked(played: &Played) -> BTreeSet<String> {
    let community = &played.stage.borrow().community;
    let issues = community.threads.iter().filter(|t| !t.pull);
    let named = |by: usize| community.people[by].to_lowercase();
    let of = |n: u64, by: usize| format!("issue/{n}/reaction/thumbs_up/{}", named(by));
    issues.flat_map(|t| t.liked.iter().map(move |(by, _)| of(t.number, *by))).collect()
}

#[test]
fn who_reacts_to_an_issue_is_met_and_so_is_who_takes_it_back() {
    let played = Played::new("github", 700, 23);
    played.stage.borrow_mut().token = Some("t0ken".to_owned());
    for t in &mut played.stage.borrow_mut().community.threads {
        let n = usize::try_from(t.number).unwrap();
        t.liked = (0..n % 4).map(|by| ((n + by) % 12, t.posts[0].at + 60)).collect();
    }
    let mut log = Log::default();
    settle(&played, &mut log, Some("t0ken"));
    assert!(liked(&played).len() > 500);
    assert_eq!(reacted(&log), liked(&played), "the first look has all, of closed issues, too");
    assert_eq!(log.rejects, 0);
    let messages = log.messages();
    // Nothing of this moves an issue up in any list.
    for t in &mut played.stage.borrow_mut().community.threads {
        if t.closed.is_none() {
            match t.number % 3 {
                0 => t.liked.push(((usize::try_from(t.number).unwrap() + 7) % 12, NOW / 1_000)),
                1 => drop(t.liked.pop()),
                _ => {}
            }
        }
    }
    let missed = liked(&played);
    assert_ne!(reacted(&log), missed);
    // 560 issues or less: six pages, one a look, the newest one in between.
    for look in 1.. {
        assert!(look <= 14, "{:?}", reacted(&log).symmetric_difference(&missed).collect::<Vec<_>>());
        played.time.set(played.time.get() + 300_000);
        settle(&played, &mut log, Some("t0ken"));
        if reacted(&log) == missed {
            break;
        }
    }
    assert_eq!(log.messages(), messages, "nothing else came or went");
    none(&played, "github");
}

#[test]
fn of_a_very_popular_issue_nothing_counts_as_taken_back() {
    let played = Played::new("github", 10, 23);
    played.stage.borrow_mut().token = Some("t0ken".to_owned());
    // Of 130 a page shows a hundred.
    let of = |played: &Played, people: usize| {
        let all = (0..130).map(|n| (if n < 100 { n % people } else { n % 12 }, NOW / 1_000));
        played.stage.borrow_mut().community.threads[0].liked = all.collect();
    };
    of(&played, 12);
    let mut log = Log::default();
    settle(&played, &mut log, Some("t0ken"));
    let before = reacted(&log);
    assert_eq!(before.len(), 12);
    of(&played, 2);
    for _ in 0..3 {
        settle(&played, &mut log, Some("t0ken"));
    }
    assert_eq!(reacted(&log), before);
}

#[test]
fn a_mail_that_a_lists_owner_takes_out_is_missed() {
    let played = Played::new("hyperkitty", 300, 29);
    let mut log = Log::default();
    settle(&played, &mut log, None);
    assert!(agrees(&played, &log));
    let remove = |thread: usize, post: usize| played.stage.borrow_mut().community.remove(thread, post);
    // One of the last days is missed with the next look.
    played.stage.borrow_mut().community.reply(299, NOW / 1_000 - 86_400);
    played.time.set(NOW + 60_000);
    settle(&played, &mut log, None);
    let last = played.stage.borrow().community.threads[299].posts.len() - 1;
    remove(299, last);
    played.time.set(NOW + 120_000);
    let sent = settle(&played, &mut log, None);
    assert!(agrees(&played, &log) && sent == 2, "{sent} requests");
    // Older ones: an answer, and what opened a thread, whose answers stay.
    let threads = with_replies(&played.stage.borrow().community, 2);
    for (n, thread) in threads.iter().enumerate().step_by(9) {
        remove(*thread, if n % 2 == 0 { 0 } else { 1 });
    }
    let stored = log.stored;
    let looks = looks_until(&played, &mut log, 40);
    // 1,200 mails or so in 118 days, 500 a look.
    assert!((2..=5).contains(&looks), "{looks} looks");
    assert_eq!(log.stored, stored, "nothing else is new");
    fresh(&played, &log, "hyperkitty");
    // A week is over, and another: what was open is closed, and nothing is lost on the way.
    for day in 1..=30 {
        played.time.set(NOW + day * 86_400_000);
        let now = NOW / 1_000 + day * 86_400;
        let thread = usize::try_from(day).unwrap();
        played.stage.borrow_mut().community.reply(thread, now - 3_600);
        if day % 3 == 0 {
            let last = played.stage.borrow().community.threads[thread - 1].posts.len() - 1;
            remove(thread - 1, last);
        }
        // Killed behind the first reply or before it, on some days.
        log.dies = (day % 4 == 0).then_some((u64::from(day % 8 == 0), day % 3 == 0));
        crate::played::run(&played, &mut log, None, rapport_sources::transport::Manners::default());
        log.dies = None;
        settle(&played, &mut log, None);
    }
    looks_until(&played, &mut log, 40);
    fresh(&played, &log, "hyperkitty, a month later");
    // More than half of a stretch at once is no deletion, but tidying or a fault.
    let before = log.messages();
    for thread in 0..300 {
        let posts = played.stage.borrow().community.threads[thread].posts.len();
        (0..posts).for_each(|post| remove(thread, post));
    }
    for _ in 0..10 {
        played.time.set(played.time.get() + 900_000);
        settle(&played, &mut log, None);
    }
    // Where twenty or fewer were, they count as taken out.
    assert!(log.messages() + 60 > before, "{} of {before}", log.messages());
}
