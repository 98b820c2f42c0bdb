//! Events of both shapes.

use super::*;

fn read(line: &str) -> Vec<Activity> {
    let feed = Feed { place: Place::new("github.com"), mail: Place::new(Place::MAIL) };
    feed.event(line.as_bytes()).unwrap().activities
}

fn event(kind: &str, payload: &str) -> String {
    format!(
        r#"{{"id":"71","type":"{kind}","actor":{{"id":3,"login":"Noor"}},"repo":{{"id":1,"name":"Acme/Relay"}},"payload":{payload},"public":true,"created_at":"2026-03-01T10:00:00Z"}}"#
    )
}

#[test]
fn a_comment_brings_the_opening_along() {
    let found = read(&event(
        "IssueCommentEvent",
        r#"{"action":"created","issue":{"number":12,"title":"Fails","body":null,"html_url":"https://github.com/Acme/Relay/pull/12","state":"closed","user":{"login":"Ida"},"labels":[{"name":"bug"}],"created_at":"2026-02-01T00:00:00Z","updated_at":"2026-03-01T10:00:00Z","closed_at":"2026-02-03T00:00:00Z","pull_request":{}},"comment":{"id":9,"user":{"login":"helper","type":"Bot"},"body":"Look <b>","created_at":"2026-03-01T09:59:59Z"}}"#,
    ));
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].key.as_str(), "acme/relay/pull/12");
    assert_eq!(found[0].who.as_ref().map(|w| w.key.as_str()), Some("ida"));
    let facts = found[0].facts.as_ref().unwrap();
    assert_eq!((facts.mark, facts.labels.as_slice()), (None, ["bug".to_owned()].as_slice()));
    assert_eq!(found[1].key.as_str(), "acme/relay/pull/12/c/9");
    assert_eq!(found[1].thread, ThreadRef::Key(found[0].key.clone()));
    assert!(found[1].who.as_ref().is_some_and(|w| w.bot));
    assert_eq!(found[1].at.to_string(), "2026-03-01T09:59:59Z");
}

#[test]
fn trimmed_payloads_stand_on_the_event_alone() {
    let pull = r#"{"action":"ACTION","number":4,"pull_request":{"id":8,"number":4,"url":"https://api.github.com/repos/Acme/Relay/pulls/4"}}"#;
    let opened = read(&event("PullRequestEvent", &pull.replace("ACTION", "opened")));
    assert_eq!((opened.len(), opened[0].act, opened[0].key.as_str()), (1, Act::Opened, "acme/relay/pull/4"));
    assert_eq!(opened[0].who.as_ref().map(Who::shown), Some("Noor"));
    let merged = read(&event("PullRequestEvent", &pull.replace("ACTION", "merged")));
    assert_eq!((merged.len(), merged[0].act), (1, Act::Merged));
    assert_eq!(merged[0].key.as_str(), "acme/relay/pull/4/merged/2026-03-01T10:00:00Z");
    assert!(read(&event("PullRequestEvent", &pull.replace("ACTION", "synchronize"))).is_empty());
    let push = read(&event("PushEvent", r#"{"push_id":1,"ref":"refs/heads/main","head":"ab"}"#));
    assert_eq!((push.len(), push[0].act), (1, Act::Other));
    let inline = r#"{"action":"created","comment":{"id":5,"html_url":"https://github.com/Acme/Relay/pull/4#discussion_r5","in_reply_to_id":3}}"#;
    let inline = read(&event("PullRequestReviewCommentEvent", inline));
    assert_eq!(inline[0].key.as_str(), "acme/relay/pull/4/rc/5");
    assert_eq!(inline[0].reply_to.as_ref().map(Key::as_str), Some("acme/relay/pull/4/rc/3"));
}

#[test]
fn closings_reviews_and_discussions() {
    let issue = r#"{"action":"closed","issue":{"number":2,"title":"T","body":"b","state":"closed","state_reason":"not_planned","created_at":"2026-02-01T00:00:00Z","closed_at":"2026-03-01T09:59:58Z","user":null}}"#;
    let found = read(&event("IssuesEvent", issue));
    assert_eq!(found.len(), 2);
    assert!(found[0].who.is_none());
    assert_eq!(found[0].facts.as_ref().unwrap().mark, Some(Mark::NotPlanned));
    assert_eq!(found[1].key.as_str(), "acme/relay/issue/2/closed/2026-03-01T09:59:58Z");
    let review = r#"{"action":"created","review":{"id":6,"user":{"login":"rev"},"body":"ok","state":"approved","submitted_at":"2026-03-01T09:00:00Z"},"pull_request":{"number":4}}"#;
    let found = read(&event("PullRequestReviewEvent", review));
    assert_eq!((found[0].act, found[0].detail.as_deref()), (Act::Reviewed, Some("APPROVED")));
    let topic = r#"{"action":"created","discussion":{"number":7,"title":"How?","body":"x","created_at":"2026-03-01T09:00:00Z","user":{"login":"q"},"category":{"name":"Q&A"}}}"#;
    let found = read(&event("DiscussionEvent", topic));
    assert_eq!(found[0].key.as_str(), "acme/relay/discussion/7");
    assert_eq!(found[0].facts.as_ref().unwrap().container.as_deref(), Some("Q&A"));
}

#[test]
fn commits_are_their_authors() {
    let push = r#"{"size":3,"commits":[{"sha":"a1","author":{"email":"IDA@example.org","name":"Ida"},"message":"m\n","distinct":true},{"sha":"a2","author":{"email":"da39a3ee5e6b4b0d3255bfef95601890afd80709@example.org","name":"x[bot]"},"message":"","distinct":true},{"sha":"a0","author":{"email":"","name":""},"message":"old","distinct":false}]}"#;
    let found = read(&event("PushEvent", push));
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].key.as_str(), "acme/relay/commit/a1");
    let who = found[1].who.as_ref().unwrap();
    assert_eq!((who.email.as_deref(), who.bot), (None, true));
}

#[test]
fn what_nobody_asks_about_is_a_record_without_activities() {
    for kind in ["DeleteEvent", "GollumEvent", "PublicEvent", "SomethingNewEvent"] {
        assert!(read(&event(kind, "{}")).is_empty());
    }
    let branch = r#"{"ref":"main","ref_type":"branch"}"#;
    assert!(read(&event("CreateEvent", branch)).is_empty());
    let feed = Feed { place: Place::new("github.com"), mail: Place::new(Place::MAIL) };
    assert!(feed.event(event("IssuesEvent", "{}").as_bytes()).is_err());
    assert!(feed.event(br#"{"type":"WatchEvent","actor":"ida","actor_attributes":{}}"#).is_err());
}
