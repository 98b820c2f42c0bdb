//! Bluesky beyond the laws of every channel: what is deleted there, an author's own posts, a search that is closed.

use rapport_sources::live::{Ask, At, Place, Reply};
use serde_json::json;

use crate::played::{Log, NOW, Played, channel, settle, settle_all};

#[test]
fn a_deleted_post_is_deleted_here_and_its_answers_stay() {
    let played = Played::new("bluesky", 250, 5);
    let mut log = Log::default();
    settle(&played, &mut log, None);
    let before = log.messages();
    let number = (60..90)
        .find(|n| played.stage.borrow().community.threads[*n].replies().count() > 1)
        .expect("a thread with answers");
    played.stage.borrow_mut().community.threads[number].posts[0].deleted = true;
    played.time.set(NOW + 86_400_000);
    settle_all(&played, &mut log);
    assert_eq!(log.messages(), before - 1, "one is gone, what answers it is not");
    let gone: Vec<&String> = log.rows.iter().filter(|(_, row)| row.gone).map(|(key, _)| key).collect();
    let post = &played.stage.borrow().community.threads[number].posts[0];
    assert!(gone.len() == 1 && gone[0].ends_with(&format!("3k{:011}", post.id)), "{gone:?}");
    assert_eq!(played.failures(), Vec::<String>::new());
}

fn turn(
    place: &Place,
    cursor: &serde_json::Value,
    body: &serde_json::Value,
) -> (String, serde_json::Value, bool) {
    let live = channel("bluesky");
    let log = Log::default();
    let at = At { stream: "posts", cursor, held: &log };
    let ask: Ask = live.next(place, at).unwrap();
    let reply = Reply { status: 200, body: body.to_string().into_bytes(), ..Reply::default() };
    let turn = live.turn(place, at, &ask, &reply).unwrap();
    (ask.url, turn.cursor, turn.end)
}

#[test]
fn an_authors_feed_is_read_by_the_services_own_cursor() {
    let place = channel("bluesky").place("https://bsky.app/profile/ada-k.tidewater.example").unwrap();
    assert_eq!(place.what, "@ada-k.tidewater.example");
    let view = |n: u32| {
        json!({"post": {"uri": format!("at://did:plc:ada/app.bsky.feed.post/3k{n}"), "indexedAt": format!("2026-05-04T12:{n}:00Z"),
            "record": {"text": "x", "createdAt": format!("2026-05-04T12:{n}:00Z")}}})
    };
    let (url, cursor, end) =
        turn(&place, &json!(null), &json!({"feed": [view(30), view(20)], "cursor": "2026 older"}));
    assert!(
        url.contains("getAuthorFeed?actor=ada-k.tidewater.example&filter=posts_with_replies") && !end,
        "{url}"
    );
    let (url, cursor, end) = turn(&place, &cursor, &json!({"feed": [view(10)]}));
    assert!(url.ends_with("&cursor=2026%20older") && end, "{url}");
    // The next look ends where it meets what it knows, whatever comes behind.
    let (url, _, end) =
        turn(&place, &cursor, &json!({"feed": [view(40), view(30), view(20)], "cursor": "more"}));
    assert!(!url.contains("cursor=") && end, "{url}");
}

#[test]
fn a_search_that_is_closed_says_what_stays_open() {
    use rapport_sources::live::Verdict;
    let live = channel("bluesky");
    let place = live.place("bluesky:#Relay").unwrap();
    assert_eq!(place.what, "#relay");
    let log = Log::default();
    let ask = live.next(&place, At { stream: "posts", cursor: &json!(null), held: &log }).unwrap();
    assert!(ask.url.contains("searchPosts?q=%23relay&sort=latest&limit=100&tag=relay"), "{}", ask.url);
    let closed = Reply { status: 403, ..Reply::default() };
    let now = rapport_model::Time::from_millis(NOW).unwrap();
    let verdict = live.verdict(&ask, &closed, 0, now);
    assert!(
        matches!(&verdict, Verdict::Denied { hint, .. } if hint.contains("bluesky:@NAME")),
        "{verdict:?}"
    );
}
