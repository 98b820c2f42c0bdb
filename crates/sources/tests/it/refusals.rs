//! What Slack and Discord answer when they do not give: each in its own way, and each with what to do about it.

use rapport_model::Time;
use rapport_sources::live::{Ask, Reply, Verdict};

use crate::played::channel;

fn now() -> Time {
    Time::parse("2026-10-20T08:00:00Z").unwrap()
}

fn verdict(service: &'static str, url: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Verdict {
    let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let reply = Reply { status, headers, body: body.as_bytes().to_vec() };
    channel(service).verdict(&Ask::get(url.to_owned(), "messages"), &reply, 0, now())
}

fn slack(status: u16, headers: &[(&str, &str)], body: &str) -> Verdict {
    verdict("slack", "https://slack.com/api/conversations.history?channel=C1", status, headers, body)
}

#[test]
fn slack_refuses_with_a_good_status() {
    assert!(matches!(slack(200, &[], r#"{"ok":true,"messages":[]}"#), Verdict::Good { .. }));
    let later = |seconds: i64| now().plus_millis(seconds * 1_000);
    for (status, headers, seconds) in
        [(429, vec![("retry-after", "30")], 30), (200, vec![("retry-after", "7")], 7), (200, vec![], 60)]
    {
        let told = slack(status, &headers, r#"{"ok":false,"error":"ratelimited"}"#);
        assert!(
            matches!(told, Verdict::Later { until, host: true, .. } if until == later(seconds)),
            "{told:?}"
        );
    }
    for error in ["not_in_channel", "channel_not_found", "thread_not_found"] {
        let told = slack(200, &[], &format!(r#"{{"ok":false,"error":"{error}"}}"#));
        assert_eq!(told, Verdict::Gone, "{error}");
    }
    let denied = |body: &str| match slack(200, &[], body) {
        Verdict::Denied { why, hint } => (why, hint),
        other => panic!("{body}: {other:?}"),
    };
    let (why, hint) =
        denied(r#"{"ok":false,"error":"missing_scope","needed":"channels:history","provided":"users:read"}"#);
    assert!(why.contains("channels:history") && hint.contains("install the app again"), "{why} {hint}");
    assert!(denied(r#"{"ok":false,"error":"invalid_auth"}"#).0.contains("token"));
    let hostile = denied(r#"{"ok":false,"error":"\u001b[31m<script>"}"#).0;
    assert!(!hostile.contains(['\u{1b}', '<']), "{hostile}");
    assert!(matches!(slack(200, &[], r#"{"ok":false,"error":"internal_error"}"#), Verdict::Again { .. }));
    assert!(matches!(slack(200, &[], "<html>"), Verdict::Again { .. }), "half an answer is none");
    assert!(matches!(slack(503, &[], "<html>"), Verdict::Again { .. }));
}

#[test]
fn discord_pauses_a_bucket_or_everything_and_refuses_a_channel_or_everything() {
    let messages = "https://discord.com/api/v10/channels/9/messages?limit=100&after=0";
    for (body, headers, whole) in [
        (r#"{"message":"You are being rate limited.","retry_after":1.337,"global":false}"#, vec![], false),
        (r#"{"message":"You are being rate limited.","retry_after":1.337,"global":true}"#, vec![], true),
        (r#"{"retry_after":1.337}"#, vec![("x-ratelimit-global", "true")], true),
    ] {
        let told = verdict("discord", messages, 429, &headers, body);
        let until = now().plus_millis(1_337);
        assert!(
            matches!(&told, Verdict::Later { until: u, host, .. } if *u == until && *host == whole),
            "{told:?}"
        );
    }
    let told = verdict("discord", messages, 429, &[("retry-after", "65")], "error code: 1015");
    assert!(matches!(told, Verdict::Later { until, host: true, .. } if until == now().plus_millis(65_000)));
    let access = r#"{"message":"Missing Access","code":50001}"#;
    assert_eq!(verdict("discord", messages, 403, &[], access), Verdict::Gone);
    let guild = "https://discord.com/api/v10/guilds/5/channels";
    for (url, status) in [(guild, 403), (guild, 404), (messages, 401)] {
        let told = verdict("discord", url, status, &[], access);
        assert!(
            matches!(&told, Verdict::Denied { hint, .. } if !hint.is_empty()),
            "{url} {status}: {told:?}"
        );
    }
}

#[test]
fn discord_says_how_long_a_bucket_rests() {
    let headers =
        [("x-ratelimit-remaining", "0"), ("x-ratelimit-limit", "5"), ("x-ratelimit-reset-after", "0.75")];
    let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let reply = Reply { status: 200, headers, body: Vec::new() };
    let quota = channel("discord").quota(&reply, now()).unwrap();
    assert_eq!((quota.remaining, quota.limit, quota.resets), (0, Some(5), Some(now().plus_millis(750))));
}

#[test]
fn only_a_workspace_or_a_server_is_a_place() {
    let what = |service: &'static str, address: &str| channel(service).place(address).map(|p| p.what);
    assert_eq!(what("slack", "slack:t0tide").as_deref(), Some("t0tide"));
    assert_eq!(what("slack", "https://app.slack.com/client/T0TIDE/C0HELP").as_deref(), Some("t0tide"));
    assert_eq!(what("discord", "https://discord.com/channels/500/9").as_deref(), Some("500"));
    for (service, address) in [
        ("slack", "slack:general"),
        ("slack", "https://slack.example/client/T0TIDE"),
        ("discord", "https://discord.com/channels/@me/9"),
        ("discord", "discord:abc"),
        ("discord", "https://discord.com.evil.example/channels/5"),
    ] {
        assert_eq!(what(service, address), None, "{address}");
    }
}
