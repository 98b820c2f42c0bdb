//! YouTube beyond the laws of every channel: what is deleted there, the day's units, a video without comments.

use rapport_model::Time;
use rapport_sources::live::{Ask, Reply, Verdict};

use crate::played::{Log, NOW, Played, channel, settle, settle_all};

#[test]
fn a_deleted_comment_takes_its_replies_with_it() {
    let played = Played::new("youtube", 250, 5);
    let mut log = Log::default();
    settle(&played, &mut log, None);
    let before = log.messages();
    let lost = {
        let community = &mut played.stage.borrow_mut().community;
        let number = (60..90).find(|n| community.threads[*n].replies().count() > 1).unwrap();
        let thread = &mut community.threads[number];
        thread.posts[0].deleted = true;
        1 + thread.replies().count()
    };
    played.time.set(NOW + 86_400_000);
    settle_all(&played, &mut log);
    assert_eq!(log.messages(), before - lost);
    assert_eq!(played.failures(), Vec::<String>::new());
}

#[test]
fn its_refusals_are_told_apart() {
    let live = channel("youtube");
    let ask = Ask::get("https://www.googleapis.com/youtube/v3/commentThreads".to_owned(), "");
    let now = Time::parse("2026-11-25T03:00:00Z").unwrap();
    let verdict = |status: u16, reason: &str| {
        let body = format!(r#"{{"error": {{"code": {status}, "errors": [{{"reason": "{reason}"}}]}}}}"#);
        live.verdict(&ask, &Reply { status, body: body.into_bytes(), ..Reply::default() }, 0, now)
    };
    // Midnight in California is 08:00 UTC in winter.
    let used_up = verdict(403, "quotaExceeded");
    let wanted = Time::parse("2026-11-25T08:00:00Z").unwrap();
    assert!(matches!(&used_up, Verdict::Later { until, .. } if *until == wanted), "{used_up:?}");
    let off = verdict(403, "commentsDisabled");
    assert!(matches!(&off, Verdict::Denied { why, .. } if why.contains("switched off")), "{off:?}");
    let key = verdict(403, "forbidden");
    assert!(matches!(&key, Verdict::Denied { why, .. } if why.contains("key")), "{key:?}");
    assert_eq!(verdict(400, "invalidPageToken"), Verdict::Gone);
    assert_eq!(live.token_parameter(), Some("key"));
}

#[test]
fn a_video_is_known_by_its_addresses() {
    let live = channel("youtube");
    for address in [
        "youtube:relay-3-abc",
        "https://www.youtube.com/watch?t=3&v=relay-3-abc",
        "https://youtu.be/relay-3-abc?t=9",
    ] {
        assert_eq!(live.place(address).unwrap_or_else(|| panic!("{address}")).what, "relay-3-abc");
    }
    for no in [
        "youtube:short",
        "https://www.youtube.com/@tidewater",
        "https://youtube.com.evil.example/watch?v=relay-3-abc",
    ] {
        assert!(live.place(no).is_none(), "{no}");
    }
}
