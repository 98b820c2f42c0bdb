//! Each sign that a need was answered, and each that it was not.

use rapport_model::{
    Act, Entry, Key, Mark, MemberKind, NeedState, ThreadFacts, ThreadHistory, ThreadKind, Time,
};

use crate::threads::judge;

fn said(n: i64, who: i64, text: &str) -> Entry {
    Entry {
        id: n,
        key: Key::new(format!("m/{n}")),
        act: if n == 0 { Act::Opened } else { Act::Replied },
        at: Time::from_seconds(1_000 + n).unwrap(),
        who: Some(who),
        member: if who >= 100 { MemberKind::Staff } else { MemberKind::Community },
        reply_to: None,
        facts: None,
        text: text.into(),
    }
}

/// A thread that the first writer opened, with what its source says about it.
fn thread(facts: ThreadFacts, messages: &[(i64, &str)]) -> ThreadHistory {
    let facts =
        ThreadFacts { kind: facts.kind.or(Some(ThreadKind::Issue)), title: Some("It hangs".into()), ..facts };
    let mut entries: Vec<Entry> = (0..).zip(messages).map(|(n, (who, text))| said(n, *who, text)).collect();
    entries[0].facts = Some(facts);
    ThreadHistory { entries, ..ThreadHistory::default() }
}

fn check(facts: ThreadFacts, messages: &[(i64, &str)], state: NeedState, because: &str) {
    let found = judge(&thread(facts, messages));
    assert_eq!((found.state, found.because.as_str()), (state, because), "{messages:?}");
    assert_eq!(found.waiting_since.is_some(), state == NeedState::Waiting && found.need.is_some());
}

fn plain() -> ThreadFacts {
    ThreadFacts::default()
}

#[test]
fn an_accepted_answer_decides_whatever_else_is_said() {
    let facts = ThreadFacts { accepted: Some(Key::new("m/1")), mark: Some(Mark::NotPlanned), ..plain() };
    check(
        facts,
        &[(1, "why?"), (2, "so"), (1, "still not working")],
        NeedState::Met,
        "an answer was accepted",
    );
}

#[test]
fn a_resolved_mark_decides_before_words() {
    let facts = ThreadFacts { resolved: true, ..plain() };
    check(facts, &[(1, "why?"), (2, "so"), (1, "no luck")], NeedState::Met, "marked as resolved");
    let mut history = thread(plain(), &[(1, "why?"), (2, "so")]);
    history.entries.push(Entry { act: Act::Resolved, ..said(2, 2, "") });
    assert_eq!(judge(&history).state, NeedState::Met);
}

#[test]
fn thanks_count_after_a_reply_and_only_in_the_askers_own_words() {
    check(
        plain(),
        &[(1, "why?"), (2, "so"), (1, "thank you!")],
        NeedState::Met,
        "the asker wrote 'thank you' after a reply",
    );
    check(
        plain(),
        &[(1, "why?"), (1, "thanks in advance")],
        NeedState::Waiting,
        "only the asker wrote since",
    );
    check(
        plain(),
        &[(1, "why?"), (2, "so"), (3, "thank you!")],
        NeedState::Answered,
        "a community member replied",
    );
    check(
        plain(),
        &[(1, "why?"), (2, "so"), (1, "> thanks\nsame as before")],
        NeedState::Answered,
        "a community member replied",
    );
}

#[test]
fn the_asker_may_find_it_alone() {
    check(plain(), &[(1, "why?"), (1, "Never mind, a typo")], NeedState::Met, "the asker wrote 'never mind'");
}

#[test]
fn a_fix_that_is_out_meets_the_need() {
    check(plain(), &[(1, "It hangs"), (100, "Fixed in v2.1")], NeedState::Met, "somebody wrote 'fixed in v'");
    check(
        plain(),
        &[(1, "It hangs"), (100, "Fixed in v2.1"), (1, "It still fails with v2.1")],
        NeedState::Waiting,
        "the asker asked again after the last reply",
    );
}

#[test]
fn a_close_by_the_maintainers_says_how_it_ended() {
    let closed = |mark| ThreadFacts { mark: Some(mark), ..plain() };
    check(closed(Mark::NotPlanned), &[(1, "why?")], NeedState::Declined, "closed as not planned");
    check(closed(Mark::Closed), &[(1, "why?"), (100, "so")], NeedState::Met, "closed after a reply");
    check(
        closed(Mark::Closed),
        &[(1, "why?")],
        NeedState::Met,
        "closed as done, without a reply by anyone else",
    );
    check(closed(Mark::Open), &[(1, "why?")], NeedState::Waiting, "nobody has replied");
}

#[test]
fn the_last_speaker_counts_when_they_ask_on() {
    let asked_again = "the asker asked again after the last reply";
    check(
        plain(),
        &[(1, "why?"), (2, "which version?"), (1, "2.0, any idea?")],
        NeedState::Waiting,
        asked_again,
    );
    check(
        plain(),
        &[(1, "why?"), (2, "so"), (1, "I will try")],
        NeedState::Answered,
        "a community member replied",
    );
    check(
        plain(),
        &[(1, "why?"), (2, "so"), (1, "how?"), (2, "like this")],
        NeedState::Answered,
        "a community member replied",
    );
    let found = judge(&thread(plain(), &[(1, "why?"), (2, "so"), (1, "and then?")]));
    assert_eq!(found.waiting_since, Time::from_seconds(1_002), "it waits since the asker asked again");
}

#[test]
fn who_only_says_the_same_answers_nobody() {
    check(
        plain(),
        &[(1, "why?"), (2, "+1"), (3, "me too")],
        NeedState::Waiting,
        "2 others said it is the same for them",
    );
    let help = format!("Same here. {}", "What helped me was to set the timeout to ten seconds. ".repeat(4));
    check(plain(), &[(1, "why?"), (2, &help)], NeedState::Answered, "a community member replied");
}

#[test]
fn a_remark_on_a_question_site_is_no_answer() {
    let facts = ThreadFacts { kind: Some(ThreadKind::Question), ..plain() };
    let mut history = thread(facts, &[(1, "why?"), (2, "what did you try?")]);
    history.entries[0].key = Key::new("post/1");
    history.entries[1].key = Key::new("comment/1");
    history.entries[1].reply_to = Some(Key::new("post/1"));
    let found = judge(&history);
    assert_eq!((found.state, found.because.as_str()), (NeedState::Waiting, "remarked on, not answered"));
}

#[test]
fn an_account_that_is_gone_answers_nobody() {
    let mut history = thread(plain(), &[(1, "why?"), (2, "so")]);
    history.entries[1].who = None;
    assert_eq!(judge(&history).state, NeedState::Waiting);
}
