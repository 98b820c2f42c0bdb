//! Deliveries of webhooks mean what the API would have said, for every hook; GitHub's shapes are the published ones.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use rapport_model::{Act, Activity, ItemInfo, Key, Record, Time};
use rapport_sources::hooks::{Meaning, Told, hook, read};
use rapport_sources::live::Held;
use rapport_sources::{Item, Out, Reject, connector};
use serde_json::{Value, json};

use crate::npm;

fn at() -> Time {
    Time::parse("2026-09-28T08:00:00Z").unwrap()
}

fn told(name: &str, event: &str, hint: &str, body: &Value) -> Told {
    match read(hook(name).unwrap(), event, hint, body.to_string().as_bytes(), at()) {
        Ok(Meaning::Told(told)) => *told,
        other => panic!("{name} {event}: {other:?}"),
    }
}

fn silent(name: &str, event: &str, body: &Value) -> String {
    match read(hook(name).unwrap(), event, "https://forum.example.org", body.to_string().as_bytes(), at()) {
        Ok(Meaning::Nothing(why)) => why,
        other => panic!("{name} {event}: {other:?}"),
    }
}

fn activities(told: &Told) -> Vec<&Activity> {
    told.page.records.iter().flat_map(|r| &r.activities).collect()
}

fn acts(told: &Told) -> Vec<(Act, &str, bool)> {
    activities(told).iter().map(|a| (a.act, a.key.as_str(), a.deleted)).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/deliveries")
}

fn recorded(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder().join(format!("{name}.json"))).unwrap()).unwrap()
}

/// What polling makes of a list.
#[derive(Default)]
struct Polled(Vec<Record>);

impl Out for Polled {
    fn record(&mut self, record: Record) -> std::ops::ControlFlow<()> {
        self.0.push(record);
        std::ops::ControlFlow::Continue(())
    }
    fn reject(&mut self, reject: Reject) -> std::ops::ControlFlow<()> {
        panic!("{}: {}", reject.at, reject.why);
    }
    fn whole_thread(&mut self, _: Key) {}
}

fn polled(kind: &str, what: &str, item: &str, list: &Value) -> BTreeMap<String, [u8; 16]> {
    let mut out = Polled::default();
    let bytes = list.to_string();
    let mut body = bytes.as_bytes();
    let item = Item { name: item.to_owned() };
    connector(kind).unwrap().reader(what).read(&item, &mut body, &mut out).unwrap();
    out.0.iter().flat_map(|r| &r.activities).map(|a| (a.key.to_string(), a.digest())).collect()
}

#[test]
fn githubs_deliveries_have_polling_s_keys() {
    use Act::{Opened, Replied};
    type Said<'a> = (Act, &'a str, bool);
    let cases: &[(&str, &[Said<'_>])] = &[
        ("issues.opened", &[(Opened, "issue/1", false)]),
        ("issues.edited", &[(Opened, "issue/1", false)]),
        ("issues.labeled", &[(Opened, "issue/1", false)]),
        ("issues.deleted", &[(Opened, "issue/1", true)]),
        ("issue_comment.created", &[(Opened, "issue/1", false), (Replied, "issue/1/c/492700400", false)]),
        ("issue_comment.edited", &[(Opened, "issue/1", false), (Replied, "issue/1/c/492700400", false)]),
        ("issue_comment.deleted", &[(Opened, "issue/1", false), (Replied, "issue/1/c/492700400", true)]),
        ("pull_request.opened", &[(Opened, "pull/2", false)]),
        ("pull_request.closed", &[(Opened, "pull/2", false)]),
        (
            "pull_request_review.submitted",
            &[(Opened, "pull/2", false), (Act::Reviewed, "pull/2/review/237895671", false)],
        ),
    ];
    for (name, wanted) in cases {
        let event = name.split('.').next().unwrap();
        let body = recorded(name);
        let told = told("github", event, "", &body);
        assert_eq!(told.what, "tidewater/relay", "{name}");
        assert_eq!(acts(&told), *wanted, "{name}");
        assert_eq!(
            told.page.records[0].raw,
            body.to_string().into_bytes(),
            "the bytes are kept as they came"
        );
        assert_eq!(told.page.whole.len(), usize::from(*name == "issues.deleted"), "{name}");
    }
    // The same issue and comment from the API are the same revisions.
    let body = recorded("issue_comment.created");
    let list = json!([body["issue"], body["comment"]]);
    let ours = told("github", "issue_comment", "", &body);
    let ours: BTreeMap<String, [u8; 16]> =
        activities(&ours).iter().map(|a| (a.key.to_string(), a.digest())).collect();
    assert_eq!(ours, polled("github", "tidewater/relay", "live/issues.json", &list));
    let review = recorded("pull_request_review.submitted");
    let reviewed = told("github", "pull_request_review", "", &review);
    assert_eq!(activities(&reviewed)[1].detail.as_deref(), Some("COMMENTED"), "as the API says it");
    let comment =
        told("github", "pull_request_review_comment", "", &recorded("pull_request_review_comment.created"));
    assert!(activities(&comment).iter().any(|a| a.key.as_str().starts_with("pull/2/rc/")), "{comment:?}");
    let release = told("github", "release", "", &recorded("release.published"));
    assert_eq!(activities(&release)[0].act, Act::Released);
    assert!(silent("github", "ping", &recorded("ping.ping")).contains("set up"));
    assert!(silent("github", "star", &json!({"repository": {"full_name": "a/b"}})).contains("star"));
}

#[test]
fn discussions_are_told_as_graphql_tells_them() {
    let created = recorded("discussion.created");
    let told_created = told("github", "discussion", "", &created);
    let number = created["discussion"]["number"].as_u64().unwrap();
    assert_eq!(acts(&told_created), [(Act::Opened, format!("discussion/{number}").as_str(), false)]);
    let d = &created["discussion"];
    let node = json!({"data": {"repository": {"nameWithOwner": "tidewater/relay", "discussions": {"nodes": [{
        "number": d["number"], "title": d["title"], "url": d["html_url"], "body": d["body"],
        "author": {"login": d["user"]["login"], "__typename": "User"}, "createdAt": d["created_at"],
        "updatedAt": d["updated_at"], "closed": false, "labels": {"nodes": []},
        "category": {"name": d["category"]["name"], "isAnswerable": d["category"]["is_answerable"]},
        "comments": {"totalCount": 0, "nodes": []}}]}}}});
    let ours = activities(&told_created)[0];
    let theirs = polled("github", "tidewater/relay", "live/discussions.json", &node);
    assert_eq!(theirs.get(ours.key.as_str()), Some(&ours.digest()));
    let answered = told("github", "discussion", "", &recorded("discussion.answered"));
    let found: Vec<Act> = activities(&answered).iter().map(|a| a.act).collect();
    assert_eq!(found, [Act::Opened, Act::Replied, Act::Accepted]);
    assert!(activities(&answered)[0].facts.as_ref().unwrap().accepted.is_some());
    let mut said = recorded("discussion_comment.created");
    said["comment"]["parent_id"] = json!(17);
    let reply = told("github", "discussion_comment", "", &said);
    assert!(reply.wanted, "which comment it answers only polling knows");
    assert_eq!(activities(&reply).iter().map(|a| a.act).collect::<Vec<_>>(), [Act::Replied]);
}

#[test]
fn gitea_tells_its_own_objects() {
    let issue = json!({"id": 90, "number": 4, "title": "It never verifies", "html_url": "https://code.example.org/Tide/Relay/issues/4",
        "user": {"login": "ada-k", "id": 3}, "body": "Why?", "state": "open", "labels": [], "comments": 1, "original_author": "",
        "created_at": "2026-09-01T10:00:00Z", "updated_at": "2026-09-02T10:00:00Z", "closed_at": null, "pull_request": null});
    let comment = json!({"id": 77, "html_url": "https://code.example.org/Tide/Relay/issues/4#issuecomment-77", "body": "Same here.",
        "issue_url": "https://code.example.org/Tide/Relay/issues/4", "pull_request_url": "", "user": {"login": "bruno"},
        "created_at": "2026-09-02T10:00:00Z", "updated_at": "2026-09-02T10:00:00Z"});
    let repository = json!({"full_name": "Tide/Relay", "html_url": "https://code.example.org/Tide/Relay"});
    let body = json!({"action": "created", "issue": issue, "comment": comment, "repository": repository});
    let said = told("gitea", "issue_comment", "", &body);
    assert_eq!(said.what, "code.example.org/tide/relay");
    assert_eq!(acts(&said), [(Act::Opened, "issue/4", false), (Act::Replied, "issue/4/c/77", false)]);
    let list = json!([issue, comment]);
    let theirs = polled("gitea", &said.what, "live/issues.json", &list);
    assert!(activities(&said).iter().all(|a| theirs.get(a.key.as_str()) == Some(&a.digest())));
    let gone = json!({"action": "deleted", "issue": issue, "comment": comment, "repository": repository});
    assert_eq!(acts(&told("gitea", "issue_comment", "", &gone))[1], (Act::Replied, "issue/4/c/77", true));
    assert!(silent("gitea", "push", &json!({"repository": repository})).contains("push"));
}

fn gitlab(user: u64) -> Value {
    json!({"object_kind": "issue", "event_type": "issue", "user": {"id": user, "name": "Ada K", "username": "ada-k"},
        "project": {"web_url": "https://git.example.org/tide/relay"}, "labels": [{"title": "zeta"}, {"title": "api"}],
        "object_attributes": {"id": 500, "iid": 9, "author_id": 3, "title": "It never verifies", "description": "Why?",
            "state": "opened", "created_at": "2026-09-01 10:00:00 UTC", "updated_at": "2026-09-02 10:00:00 UTC",
            "closed_at": null, "confidential": false, "url": "https://git.example.org/tide/relay/-/issues/9", "action": "open"}})
}

#[test]
fn gitlab_names_who_acted_and_nobody_is_guessed() {
    let said = told("gitlab", "Issue Hook", "", &gitlab(3));
    assert_eq!((said.what.as_str(), said.anonymous.len()), ("git.example.org/tide/relay", 0));
    let list = json!([{"id": 500, "iid": 9, "title": "It never verifies", "description": "Why?", "state": "opened",
        "author": {"username": "ada-k", "name": "Ada K"}, "created_at": "2026-09-01T10:00:00.000Z",
        "updated_at": "2026-09-02T10:00:00.000Z", "web_url": "https://git.example.org/tide/relay/-/issues/9",
        "labels": ["api", "zeta"]}]);
    let theirs = polled("gitlab", &said.what, "live/issues.json", &list);
    assert_eq!(theirs.get("issue/9"), Some(&activities(&said)[0].digest()));
    let other = told("gitlab", "Issue Hook", "", &gitlab(8));
    assert_eq!(other.anonymous.len(), 1, "somebody else edited it");
    let mut hidden = gitlab(3);
    hidden["object_attributes"]["confidential"] = json!(true);
    assert!(silent("gitlab", "Issue Hook", &hidden).contains("confidential"));
    let note = json!({"object_kind": "note", "event_type": "note", "user": {"id": 4, "name": "Bruno", "username": "bruno"},
        "project": {"web_url": "https://git.example.org/tide/relay"}, "issue": {"iid": 9, "confidential": false},
        "object_attributes": {"id": 71, "note": "Same here.", "noteable_type": "Issue", "author_id": 4, "system": false,
            "created_at": "2026-09-02 11:00:00 UTC", "updated_at": "2026-09-02 11:00:00 UTC"}});
    let said = told("gitlab", "Note Hook", "", &note);
    assert_eq!(acts(&said), [(Act::Replied, "issue/9/note/71", false)]);
    let mut merged = gitlab(3);
    merged["object_kind"] = json!("merge_request");
    merged["object_attributes"]["state"] = json!("merged");
    let said = told("gitlab", "Merge Request Hook", "", &merged);
    assert!(said.wanted && activities(&said).is_empty(), "when it was merged is not told");
}

/// A log that holds one issue, told to the second.
struct ToTheSecond;

impl Held for ToTheSecond {
    fn opening(&self, _: &Key) -> Option<Key> {
        None
    }
    fn keys(&self, _: &Key) -> Vec<Key> {
        Vec::new()
    }
    fn threads(&self, _: &Key, _: &Key) -> Vec<Key> {
        Vec::new()
    }
    fn between(&self, _: &Key, _: &Key, _: &str) -> Vec<(Key, Key)> {
        Vec::new()
    }
    fn cursor(&self, _: &str) -> Option<Value> {
        None
    }
    fn at(&self, key: &Key) -> Option<Time> {
        (key.as_str() == "issue/9").then(|| Time::parse("2026-09-01T10:00:00Z").unwrap())
    }
}

#[test]
fn a_time_that_was_told_to_the_second_is_no_edit_when_polling_knows_it_better() {
    let said = told("gitlab", "Issue Hook", "", &gitlab(3));
    let mut page = said.page.clone();
    let live = rapport_sources::live::registry::live("gitlab").unwrap();
    page.records[0].activities[0].at = Time::parse("2026-09-01T10:00:00.417Z").unwrap();
    live.mend(&mut page, &ToTheSecond);
    assert_eq!(page.records[0].activities[0].digest(), activities(&said)[0].digest());
    page.records[0].activities[0].at = Time::parse("2026-09-01T10:00:01.417Z").unwrap();
    live.mend(&mut page, &ToTheSecond);
    assert_ne!(page.records[0].activities[0].digest(), activities(&said)[0].digest(), "another moment");
}

#[test]
fn discourse_tells_posts_and_topics() {
    let post = json!({"id": 30, "username": "ada-k", "name": "Ada K", "created_at": "2026-09-01T10:00:00.123Z",
        "cooked": "<p>Why?</p>", "raw": "Why?", "post_number": 1, "post_type": 1, "updated_at": "2026-09-01T10:00:00.123Z",
        "topic_id": 12, "topic_slug": "it-never-verifies", "topic_title": "It never verifies", "category_id": 5,
        "topic_archetype": "regular"});
    let host = "https://forum.example.org";
    let said = told("discourse", "post_created", host, &json!({"post": post}));
    assert_eq!(
        (said.what.as_str(), acts(&said)),
        ("forum.example.org", vec![(Act::Opened, "post/30", false)])
    );
    let theirs =
        polled("discourse", "forum.example.org", "live/posts.json", &json!({"latest_posts": [post]}));
    assert_eq!(theirs.get("post/30"), Some(&activities(&said)[0].digest()));
    let gone = told("discourse", "post_destroyed", host, &json!({"post": post}));
    assert!(activities(&gone)[0].deleted);
    let back = told("discourse", "post_recovered", host, &json!({"post": post}));
    assert!(!activities(&back)[0].deleted && activities(&back)[0].updated == Some(at()));
    let mut mail = post.clone();
    mail["topic_archetype"] = json!("private_message");
    assert!(silent("discourse", "post_created", &json!({"post": mail})).contains("private"));
    let topic =
        json!({"id": 12, "created_at": "2026-09-01T10:00:00Z", "slug": "it-never-verifies", "closed": true});
    let closed = told("discourse", "topic_edited", host, &json!({"topic": topic}));
    assert_eq!(acts(&closed), [(Act::Labelled, "topic/12/state", false)]);
    let gone = told("discourse", "topic_destroyed", host, &json!({"topic": topic}));
    assert_eq!(gone.page.whole[0].0.as_str(), "topic/12");
}

fn slack(event: &Value) -> Value {
    json!({"type": "event_callback", "team_id": "T01", "event_id": "Ev1", "event": event})
}

#[test]
fn slack_tells_public_channels_alone() {
    let said = |event: &Value| told("slack", "event_callback", "", &slack(event));
    let message = json!({"type": "message", "channel": "C01", "channel_type": "channel", "user": "U1",
        "text": "Why &amp; how?", "ts": "1790415000.000100"});
    let first = said(&message);
    assert_eq!(first.what, "t01");
    assert_eq!(acts(&first), [(Act::Opened, "C01/1790415000.000100", false)]);
    assert_eq!(activities(&first)[0].text, "Why & how?");
    let edited = said(
        &json!({"type": "message", "subtype": "message_changed", "channel": "C01", "channel_type": "channel",
        "message": {"user": "U1", "text": "How?", "ts": "1790415000.000100", "edited": {"user": "U1", "ts": "1790415100.000000"}}}),
    );
    assert!(activities(&edited)[0].updated > activities(&first)[0].updated);
    let gone = said(
        &json!({"type": "message", "subtype": "message_deleted", "channel": "C01", "channel_type": "channel",
        "deleted_ts": "1790415000.000100", "previous_message": {"user": "U1", "text": "How?", "ts": "1790415000.000100"}}),
    );
    assert!(activities(&gone)[0].deleted);
    for kind in ["im", "mpim", "group"] {
        let mut event = message.clone();
        event["channel_type"] = json!(kind);
        assert!(silent("slack", "event_callback", &slack(&event)).contains("private"), "{kind}");
    }
}

#[test]
fn rows_of_the_activities_format_are_read_and_set_aside_one_by_one() {
    let rows = r#"[{"id":"q1","at":"2026-09-25T17:00:00Z","person_id":"u7","act":"opened","title":"Replay one event","text":"Can I?"},{"id":"q2","text":"no time"}]"#;
    let Ok(Meaning::Told(told)) =
        read(hook("activities").unwrap(), "hook.json", "Helpdesk", rows.as_bytes(), at())
    else {
        panic!("it is read");
    };
    assert_eq!((told.what.as_str(), told.page.records.len(), told.page.rejects.len()), ("helpdesk", 1, 1));
    let nameless = read(hook("activities").unwrap(), "hook.json", " ", rows.as_bytes(), at());
    assert!(nameless.is_err(), "which source it is has to be said");
}

#[test]
fn garbled_deliveries_break_nothing() {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).unwrap()
    };
    let mut bodies: Vec<(&str, String, Vec<u8>)> = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        let event = name.split('.').next().unwrap().to_owned();
        bodies.push(("github", event, std::fs::read(entry.path()).unwrap()));
    }
    bodies.sort();
    bodies.push(("gitlab", "Issue Hook".into(), gitlab(3).to_string().into_bytes()));
    let mut read_well = 0;
    for (name, event, body) in &bodies {
        for _ in 0..60 {
            let mut body = body.clone();
            match next(3) {
                0 => body.truncate(next(body.len())),
                1 => {
                    let at = next(body.len());
                    body[at] = u8::try_from(next(256)).unwrap();
                }
                _ => {
                    // A value of another kind in the place of one.
                    let mut value: Value = serde_json::from_slice(&body).unwrap();
                    if let Some(fields) = value.as_object_mut() {
                        let key = fields.keys().nth(next(fields.len())).cloned().unwrap();
                        fields[&key] =
                            [json!(null), json!(7), json!("x"), json!([]), json!({})][next(5)].clone();
                    }
                    body = value.to_string().into_bytes();
                }
            }
            // Whatever it is, it is said or refused, and never a panic.
            read_well += usize::from(read(hook(name).unwrap(), event, "", &body, at()).is_ok());
        }
    }
    assert!(read_well > 100, "{read_well}");
    let item = ItemInfo { name: "hook".to_owned(), len: 0, stamp: "hook".to_owned() };
    let told = told("github", "issues", "", &recorded("issues.opened"));
    assert_eq!(told.page.item, item, "one name, for a name of its own each would fill the list of items");
}

/// The published schemas take our recorded deliveries, and every published example of the events is understood.
#[test]
fn githubs_published_shapes() {
    let packages = [
        ("@octokit/webhooks-examples", "7.6.1"),
        ("@octokit/webhooks-schemas", "7.6.1"),
        ("ajv", "8.17.1"),
        ("ajv-formats", "3.0.1"),
    ];
    let Some(modules) = npm::installed("webhooks", &packages) else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/deliveries.mjs");
    let done = Command::new("node").arg(script).arg(&modules).arg(folder()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let said: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(said["wrong"], json!([]), "recorded deliveries that the schema refuses");
    assert!(said["checked"].as_u64().unwrap() >= 15);
    let events = [
        "issues",
        "issue_comment",
        "pull_request",
        "pull_request_review",
        "pull_request_review_comment",
        "discussion",
        "discussion_comment",
        "release",
    ];
    let path = modules.join("node_modules/@octokit/webhooks-examples/api.github.com/index.json");
    let published: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let (mut understood, mut seen) = (0, 0);
    for event in published.iter().filter(|e| events.contains(&e["name"].as_str().unwrap())) {
        let name = event["name"].as_str().unwrap();
        for example in event["examples"].as_array().unwrap() {
            seen += 1;
            let read = read(hook("github").unwrap(), name, "", example.to_string().as_bytes(), at());
            assert!(matches!(read, Ok(Meaning::Told(_))), "{name} {}: {read:?}", example["action"]);
            understood += 1;
        }
    }
    println!("{understood} of {seen} published examples understood");
    assert!(seen > 60, "{seen}");
}
