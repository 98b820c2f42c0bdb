//! Reddit beyond the laws of every channel: its client's token of an hour, lists that end, trees behind stubs, and what is
//! taken back there.

use rapport_model::Time;
use rapport_sources::live::{Ask, Ended, Reply, Verdict};
use rapport_sources::transport::{Manners, Stop};

use crate::played::play::{Response, reddit};
use crate::played::{Log, NOW, Played, channel, place, run, settle, settle_all};
use crate::played::{none, same};

const DAY: i64 = 86_400_000;
const PAIR: &str = "cl1ent:s3cret";

fn asked(played: &Played, part: &str) -> usize {
    played.stage.borrow().log.iter().filter(|(_, path)| path.contains(part)).count()
}

#[test]
fn an_id_and_a_secret_become_a_token_that_is_renewed_when_it_ends() {
    let played = Played::new("reddit", 300, 5);
    played.stage.borrow_mut().token = Some(PAIR.to_owned());
    let mut log = Log::default();
    settle(&played, &mut log, Some(PAIR));
    assert_eq!(log.messages(), played.stage.borrow().community.standing());
    assert_eq!(asked(&played, "/api/v1/access_token"), 1, "one is good for an hour");
    // It ends in the middle of a look: its 59th minute is over when the pause is.
    let before = played.stage.borrow().asked;
    played.stage.borrow_mut().faults.insert(before + 2, crate::played::play::Fault::Pause(3_595));
    let patient = Manners { patience_ms: 7_200_000, ..Manners::default() };
    assert_eq!(run(&played, &mut log, Some(PAIR), patient).0, Ended::All);
    assert_eq!(asked(&played, "/api/v1/access_token"), 3, "one for the look, one after the pause");
    none(&played, "reddit");
    // What others hold in their hands is not the pair, and is refused as it is.
    for wrong in ["cl1ent:wrong", "a-token-of-yesterday"] {
        let (ended, _) = run(&played, &mut log, Some(wrong), Manners::default());
        let Ended::Stopped(Stop::Denied { why, hint }) = ended else { panic!("{wrong}: {ended:?}") };
        assert!(hint.contains("RAPPORT_REDDIT_TOKEN") && !why.contains(wrong), "{why}; {hint}");
    }
}

#[test]
fn a_token_that_is_taken_back_early_is_had_anew_once() {
    use rapport_sources::transport::{Lost, Machine, Pass, Secret, Transport, Wire};
    /// Grants tokens, of which only those from the n-th on are good.
    struct Server(u32, u32, Vec<String>);
    impl Wire for Server {
        fn send(&mut self, ask: &Ask, headers: &[(String, String)]) -> Result<Reply, Lost> {
            let header = |name: &str| headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
            let body = if ask.url.ends_with("access_token") {
                assert_eq!(header("authorization"), "Basic Y2wxZW50OnMzY3JldA==");
                assert_eq!(header("content-type"), "application/x-www-form-urlencoded");
                assert_eq!(ask.post.as_deref(), Some("grant_type=client_credentials"));
                self.0 += 1;
                format!("{{\"access_token\": \"granted{}\", \"expires_in\": 86400}}", self.0)
            } else {
                "{}".to_owned()
            };
            let said = header("authorization").to_owned();
            self.2.push(format!("{} {said}", ask.url));
            let good = ask.url.ends_with("access_token") || self.0 >= self.1;
            Ok(Reply { status: if good { 200 } else { 401 }, body: body.into_bytes(), ..Reply::default() })
        }
    }
    let live = channel("reddit");
    let here = place("reddit");
    let (origins, exchange) = (live.hosts(&here), live.exchange(&here));
    let token = Secret::new(PAIR);
    let pass =
        Pass { live, origins: &origins, token: Some(&token), exchange: exchange.as_ref(), validators: None };
    let ask = Ask::get("https://oauth.reddit.com/r/relay/new".to_owned(), "");
    for (good, sent, fine) in [(1, 2, true), (2, 4, true), (9, 4, false)] {
        let mut wire = Server(0, good, Vec::new());
        let manners = Manners { gap_ms: Some(0), ..Manners::default() };
        let got = Transport::new(&mut wire, &Machine, manners).ask(&ask, pass, &mut |_| {});
        assert_eq!((wire.2.len(), got.is_ok()), (sent, fine), "{:?}", wire.2);
        let shown =
            wire.2.iter().filter(|line| line.contains("/new")).all(|line| line.contains("Bearer granted"));
        assert!(shown, "the secret is shown to the exchange alone: {:?}", wire.2);
        assert!(!format!("{got:?}").contains("s3cret"));
    }
}

#[test]
fn a_first_look_that_is_short_says_so_and_a_gap_is_filled_by_trees() {
    let played = Played::new("reddit", 1_300, 7);
    let mut log = Log::default();
    settle(&played, &mut log, None);
    let posts = || log.rows.keys().filter(|k| k.starts_with("t3_")).count();
    assert_eq!(posts(), 1_000, "the list has no more");
    let live = channel("reddit");
    let said = live.short("posts", &log.cursors["posts"]);
    assert!(said.is_some_and(|said| said.contains("only the newest 1,000")), "{said:?}");
    // Every comment under them is here, those of the older ones by their trees.
    let stage = played.stage.borrow();
    let newest = stage.community.threads[300..].iter();
    assert_eq!(log.messages(), newest.map(|t| 1 + t.replies().count()).sum::<usize>());
    drop(stage);
    let small = Played::new("reddit", 300, 7);
    let mut all = Log::default();
    settle(&small, &mut all, None);
    assert_eq!(live.short("posts", &all.cursors["posts"]), None);
    // More comments than the list tells, between two looks: on posts that are known.
    {
        let community = &mut small.stage.borrow_mut().community;
        for n in 0..1_500 {
            community.reply(n % 300, NOW / 1_000 + 60 + i64::try_from(n).unwrap());
        }
    }
    small.time.set(NOW + DAY);
    settle(&small, &mut all, None);
    assert_eq!(all.messages(), small.stage.borrow().community.standing());
    none(&small, "reddit");
    none(&played, "reddit");
}

#[test]
fn what_is_deleted_or_removed_loses_its_words_and_its_author() {
    let played = Played::new("reddit", 250, 5);
    let mut log = Log::default();
    settle(&played, &mut log, None);
    let (mut lost, mut post) = (Vec::new(), String::new());
    {
        let community = &mut played.stage.borrow_mut().community;
        for n in [40, 41, 42, 43, 44, 45, 46, 47] {
            if let Some(p) = community.threads[n].posts.iter_mut().skip(1).find(|p| p.id % 5 != 0) {
                p.deleted = true;
                lost.push(format!("t1_{}", reddit::id(p)));
            }
        }
        let first = community.threads[50..].iter_mut().find(|t| t.posts[0].id % 5 != 0).unwrap();
        first.posts[0].deleted = true;
        post.push_str(&format!("t3_{}", reddit::id(&first.posts[0])));
    }
    assert!(lost.len() > 4);
    played.time.set(NOW + DAY);
    settle_all(&played, &mut log);
    for key in lost.iter().chain([&post]) {
        let row = &log.rows[key];
        assert!(row.newest.deleted && row.newest.text.is_empty() && row.newest.who.is_none(), "{row:?}");
        assert!(row.newest.facts.as_ref().is_none_or(|facts| facts.title.is_none()), "{row:?}");
    }
    assert_eq!(log.messages(), played.stage.borrow().community.standing() - 1, "the post is one of those");
    none(&played, "reddit");
}

#[test]
fn a_list_goes_on_though_the_entries_that_it_went_on_after_are_gone() {
    let played = Played::new("reddit", 300, 5);
    let mut log = Log::default();
    // The process dies behind the first page of posts; the last entries of that page go meanwhile.
    for gone in [3, 8] {
        log.dies = Some((0, false));
        assert!(matches!(run(&played, &mut log, None, Manners::default()).0, Ended::Unwritten(_)));
        log.dies = None;
        {
            let community = &mut played.stage.borrow_mut().community;
            let standing: Vec<usize> =
                (0..300).rev().filter(|n| !community.threads[*n].posts[0].deleted).collect();
            let page = if gone == 3 { &standing[..100] } else { &standing[100 - 3..200 - 3] };
            for n in &page[100 - gone..] {
                community.threads[*n].posts[0].deleted = true;
            }
        }
    }
    settle(&played, &mut log, None);
    settle_all(&played, &mut log);
    let mut fresh = Log::default();
    played.time.set(played.time.get() + DAY);
    settle(&played, &mut fresh, None);
    same(&log, &fresh, "reddit");
    let standing = played.stage.borrow().community.threads.iter().filter(|t| !t.posts[0].deleted).count();
    let posts = log.standing().keys().filter(|key| key.starts_with("t3_")).count();
    assert_eq!((posts, standing), (289, 289));
    none(&played, "reddit");
}

#[test]
fn what_is_kept_of_a_record_has_no_score_of_anybody() {
    use rapport_sources::contract::{Item, Out, Record, Reject};
    use std::ops::ControlFlow;
    #[derive(Default)]
    struct All(Vec<Record>);
    impl Out for All {
        fn record(&mut self, record: Record) -> ControlFlow<()> {
            self.0.push(record);
            ControlFlow::Continue(())
        }
        fn reject(&mut self, reject: Reject) -> ControlFlow<()> {
            panic!("{}", reject.why)
        }
        fn whole_thread(&mut self, _: rapport_model::Key) {}
    }
    let body = r#"{"kind":"Listing","data":{"children":[{"kind":"t1","data":{"id":"ab1","link_id":"t3_ab0","parent_id":"t3_ab0","subreddit":"relay",
        "author":"gwen","author_fullname":"t2_x","author_flair_text":"vet","author_premium":true,"link_karma":9,"body":"Fine.","score":41,"ups":41,"created_utc":1790000000.0,"edited":false,"replies":""}}]}}"#;
    let mut all = All::default();
    let item = Item { name: "live/listing.json".to_owned() };
    let reader = &mut rapport_sources::connector("reddit").unwrap().reader("relay");
    reader.read(&item, &mut body.as_bytes(), &mut all).unwrap();
    let raw = String::from_utf8(all.0[0].raw.clone()).unwrap();
    for word in ["41", "karma", "flair_text", "premium", "t2_x", "ups"] {
        assert!(!raw.contains(word), "{word}: {raw}");
    }
    // What is kept reads as what came.
    let again = format!("{{\"data\":{{\"children\":[{raw}]}}}}");
    let mut twice = All::default();
    reader.read(&item, &mut again.as_bytes(), &mut twice).unwrap();
    assert_eq!(all.0, twice.0);
}

#[test]
fn its_refusals_are_told_apart() {
    let live = channel("reddit");
    let ask = Ask::get("https://oauth.reddit.com/r/relay/new".to_owned(), "");
    let now = Time::parse("2026-11-25T03:00:00Z").unwrap();
    let verdict = |status: u16, reason: &str| {
        let body = format!(r#"{{"message": "x", "error": {status}, "reason": "{reason}"}}"#).into_bytes();
        live.verdict(&ask, &Reply { status, body, ..Reply::default() }, 0, now)
    };
    for (status, reason, word) in [
        (403, "private", "private"),
        (403, "quarantined", "quarantined"),
        (403, "", "does not let us"),
        (404, "banned", "banned"),
        (401, "", "OAuth"),
    ] {
        let told = verdict(status, reason);
        assert!(matches!(&told, Verdict::Denied { why, .. } if why.contains(word)), "{told:?}");
    }
    assert_eq!(verdict(404, ""), Verdict::Gone);
    assert!(matches!(verdict(502, ""), Verdict::Again { .. }));
    // The window of ten minutes is over in 417 seconds; what is left of it is written with a fraction.
    let limited = reddit::limited(Response::default(), 0, 1_000, 416_500);
    let reply = Reply { status: 429, headers: limited.headers, body: b"{}".to_vec() };
    let until = now.plus_millis(417_000);
    assert!(matches!(live.verdict(&ask, &reply, 0, now), Verdict::Later { until: u, .. } if u == until));
    let quota = live.quota(&reply, now).unwrap();
    assert_eq!((quota.remaining, quota.limit, quota.resets), (0, Some(1_000), Some(until)));
}

#[test]
fn a_community_is_known_by_its_addresses_and_one_that_is_not_there_is_told() {
    let live = channel("reddit");
    for address in [
        "reddit:r/Relay",
        "reddit:relay",
        "https://www.reddit.com/r/relay/",
        "https://old.reddit.com/r/relay/comments/1kaa01/words/?sort=new",
    ] {
        assert_eq!(live.place(address).unwrap_or_else(|| panic!("{address}")).what, "relay");
    }
    for no in [
        "https://www.reddit.com/r/all",
        "https://www.reddit.com/user/gwen",
        "https://reddit.com.evil.example/r/relay",
        "reddit:r/one+two",
        "https://www.reddit.com/",
    ] {
        assert!(live.place(no).is_none(), "{no}");
    }
    assert!(live.terms().is_some_and(|terms| {
        ["OAuth", "1,000", "commercial", "deleted or removed"].iter().all(|word| terms.contains(word))
    }));
    let reply = br#"{"kind":"Listing","data":{"children":[{"kind":"t5","data":{"id":"2abc"}}]}}"#;
    let at = rapport_sources::live::At {
        stream: "posts",
        cursor: &serde_json::Value::Null,
        held: &Log::default(),
    };
    let barred =
        live.barred(&place("reddit"), at, &Reply { status: 200, body: reply.to_vec(), ..Reply::default() });
    assert!(barred.is_some_and(|(why, _)| why == "there is no r/relay"));
}

#[test]
fn a_comment_on_a_post_older_than_the_list_brings_its_thread() {
    let played = Played::new("reddit", 1_300, 7);
    let mut log = Log::default();
    settle(&played, &mut log, None);
    let (post, all) = {
        let community = &mut played.stage.borrow_mut().community;
        community.reply(5, NOW / 1_000 + 60);
        let thread = &community.threads[5];
        (format!("t3_{}", reddit::id(&thread.posts[0])), 1 + thread.replies().count())
    };
    assert!(!log.rows.contains_key(&post));
    played.time.set(played.time.get() + DAY);
    settle(&played, &mut log, None);
    assert!(log.rows.contains_key(&post), "its opening is asked for in the same look");
    let own = rapport_model::ThreadRef::Key(rapport_model::Key::new(&post));
    assert_eq!(log.rows.values().filter(|row| row.newest.thread == own).count(), all);
    none(&played, "reddit");
}

#[test]
fn a_comment_that_a_moderator_lets_through_late_is_met_within_a_round() {
    let played = Played::new("reddit", 250, 5);
    let change = |with: &dyn Fn(&mut crate::played::play::Community)| {
        with(&mut played.stage.borrow_mut().community);
    };
    let held_back = std::cell::RefCell::new(None);
    let number = played.stage.borrow().community.threads[..100].iter().position(|t| t.posts.len() > 3);
    let number = number.unwrap();
    change(&|community| *held_back.borrow_mut() = community.threads[number].posts.pop());
    let mut log = Log::default();
    settle(&played, &mut log, None);
    let before = log.messages();
    // It takes the place that its time gives it, behind a thousand others.
    change(&|community| community.threads[number].posts.extend(held_back.borrow_mut().take()));
    played.time.set(NOW + DAY);
    settle_all(&played, &mut log);
    assert_eq!(log.messages(), before + 1);
    assert_eq!(log.messages(), played.stage.borrow().community.standing());
    none(&played, "reddit");
}
