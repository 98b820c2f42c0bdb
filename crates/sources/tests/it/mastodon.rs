//! Mastodon beyond the laws of every channel: what is deleted there, and whose words are not for us.

use rapport_model::{Act, ThreadRef};

use crate::played::{Log, NOW, Played, channel, settle, settle_all};

#[test]
fn a_deleted_status_is_deleted_here_and_its_answers_stay() {
    let played = Played::new("mastodon", 130, 5);
    let mut log = Log::default();
    settle(&played, &mut log, None);
    let before = log.messages();
    let (number, answers) = {
        let stage = &mut played.stage.borrow_mut();
        // In the middle of a page, with answers that outlive it.
        let number = (40..60).find(|n| stage.community.threads[*n].replies().count() > 1).unwrap();
        let thread = &mut stage.community.threads[number];
        thread.posts[0].deleted = true;
        (thread.posts[0].id + 95, thread.replies().count())
    };
    played.time.set(NOW + 86_400_000);
    settle_all(&played, &mut log);
    let root = &log.rows[&format!("status/{number}")];
    assert!(root.gone, "the status is not shown any more");
    assert_eq!(log.messages(), before - 1);
    let here =
        log.rows.values().filter(|r| !r.gone && r.newest.thread == ThreadRef::Of(root.newest.key.clone()));
    assert_eq!(here.count(), answers);
    assert_eq!(played.failures(), Vec::<String>::new());
}

#[test]
fn it_is_off_until_somebody_agrees_and_says_to_what() {
    let live = channel("mastodon");
    let terms = live.terms().unwrap();
    assert!(terms.contains("#nobot") && terms.contains("deleted"), "{terms}");
    for (address, what) in [
        ("mastodon:#Relay@Social.tidewater.example", "#relay@social.tidewater.example"),
        ("mastodon:@ada@social.tidewater.example", "@ada@social.tidewater.example"),
        ("mastodon:https://social.tidewater.example/tags/relay", "#relay@social.tidewater.example"),
    ] {
        let place = live.place(address).unwrap_or_else(|| panic!("{address}"));
        assert_eq!((place.what.as_str(), place.base.as_str()), (what, "https://social.tidewater.example"));
    }
    // A web address alone does not say which software stands there.
    for no in [
        "https://social.tidewater.example/tags/relay",
        "mastodon:relay",
        "mastodon:#a/../b@x.example",
        "mastodon:#a@x/y",
    ] {
        assert!(live.place(no).is_none(), "{no}");
    }
}

#[test]
fn an_account_is_looked_up_once() {
    use rapport_sources::live::{Ask, At, Place, Reply};
    let live = channel("mastodon");
    let place: Place = live.place("mastodon:@ada@social.tidewater.example").unwrap();
    let log = Log::default();
    let at = |cursor| At { stream: "statuses", cursor, held: &log };
    let nothing = serde_json::Value::Null;
    let ask: Ask = live.next(&place, at(&nothing)).unwrap();
    assert!(ask.url.ends_with("/api/v1/accounts/lookup?acct=ada"), "{}", ask.url);
    let reply = Reply { status: 200, body: br#"{"id": "77", "acct": "ada"}"#.to_vec(), ..Reply::default() };
    let turn = live.turn(&place, at(&nothing), &ask, &reply).unwrap();
    assert!(!turn.end);
    let list = live.next(&place, at(&turn.cursor)).unwrap().url;
    assert!(list.contains("/api/v1/accounts/77/statuses?limit=40&exclude_reblogs=true"), "{list}");
}

#[test]
fn answers_know_what_they_answer() {
    let played = Played::new("mastodon", 50, 9);
    let mut log = Log::default();
    settle(&played, &mut log, None);
    let replies = log.rows.values().filter(|r| r.newest.act == Act::Replied);
    assert!(replies.clone().count() > 50 && replies.clone().all(|r| r.newest.reply_to.is_some()));
    let who = log.rows.values().next().unwrap().newest.who.clone().unwrap();
    assert!(who.key.ends_with("@social.tidewater.example"), "{}", who.key);
}
