//! What a thread's history amounts to: who asked, who answered first, how far the need has come, and why.

use std::collections::BTreeSet;

use rapport_model::{
    Act, Because, Entry, Mark, NeedKind, NeedState, Opening, ThreadFacts, ThreadHistory, ThreadKind,
    ThreadState,
};

use crate::{answered, kind, same};

/// Judges one thread. Looks at nothing but the history; never at the clock.
#[must_use]
pub fn judge(history: &ThreadHistory) -> ThreadState {
    let entries = &history.entries;
    let messages: Vec<&Entry> = entries.iter().filter(|e| e.act.is_message()).collect();
    let opened = messages.iter().position(|e| e.act == Act::Opened);
    let at = opened.unwrap_or(0);
    let facts = facts(entries, messages.get(at).copied());
    let Some(opening) = messages.get(at).copied() else {
        return empty(facts, entries);
    };
    let human_opener = opened.is_some() && opening.who.is_some() && opening.member.is_human();
    let others: Vec<&Entry> = messages[at + 1..]
        .iter()
        .copied()
        .filter(|e| e.who.is_some() && e.who != opening.who && e.member.is_human())
        .collect();
    let response = others.first().copied();
    let writers: BTreeSet<i64> =
        messages.iter().filter(|e| e.member.is_human()).filter_map(|e| e.who).collect();
    let closed_at = closed_at(&facts, entries);
    let need = match facts.erased.as_ref().and_then(|erased| erased.asked.as_deref()) {
        _ if !human_opener || opening.member.is_ours() => None,
        Some("") => None,
        Some(kind) => Some((NeedKind::named(kind), "as judged before its words were erased".to_owned())),
        None => kind::kind(&facts, &opening.text),
    };
    let (need, kind_because) = need.map_or((None, String::new()), |(kind, because)| (Some(kind), because));
    let found = answered::judge(&facts, entries, &messages[at + 1..], &others, opening);
    let (state, because) = (found.state, found.because);
    let (need, kind_because) = match need {
        None if human_opener && !opening.member.is_ours() => asked_after_all(&facts, state, &others),
        need => (need, kind_because),
    };
    let waits = need.is_some() && state == NeedState::Waiting;
    ThreadState {
        opening: Some(Opening { id: opening.id, at: opening.at, who: opening.who }),
        human_opener,
        first_response: response.map(|e| (e.id, e.at, e.who.unwrap_or_default())),
        last_at: messages.last().map(|e| e.at),
        messages: u32::try_from(messages.len()).unwrap_or(u32::MAX),
        people: u32::try_from(writers.len()).unwrap_or(u32::MAX),
        waiting_since: waits.then_some(found.since.unwrap_or(opening.at)),
        need,
        kind_because,
        state,
        because,
        closed_at,
        reach: reach(entries, &others, opening),
        sketch: if human_opener {
            same::sketch(facts.title.as_deref().unwrap_or(""), &opening.text)
        } else {
            Vec::new()
        },
        facts,
    }
}

/// What did not sound like a question was one when its answer was accepted or its asker was content with a reply.
fn asked_after_all(facts: &ThreadFacts, state: NeedState, others: &[&Entry]) -> (Option<NeedKind>, Because) {
    let change = facts.kind == Some(ThreadKind::ChangeRequest);
    let question = |because: &str| (Some(NeedKind::named("question")), because.to_owned());
    match () {
        () if change => (None, String::new()),
        () if facts.accepted.is_some() => question("an answer to it was accepted"),
        () if facts.resolved => question("it was marked as resolved"),
        () if state == NeedState::Met && !others.is_empty() && !matches!(facts.mark, Some(Mark::Closed)) => {
            question("the asker was content with a reply")
        }
        () => (None, String::new()),
    }
}

/// A thread of which nothing but events is known.
fn empty(facts: ThreadFacts, entries: &[Entry]) -> ThreadState {
    ThreadState {
        closed_at: closed_at(&facts, entries),
        facts,
        opening: None,
        human_opener: false,
        first_response: None,
        last_at: None,
        messages: 0,
        people: 0,
        need: None,
        kind_because: String::new(),
        state: NeedState::Waiting,
        because: "nothing of it is known but events".to_owned(),
        waiting_since: None,
        reach: 0,
        sketch: Vec::new(),
    }
}

/// The opening's facts, filled up from the rest in order of time.
fn facts(entries: &[Entry], opening: Option<&Entry>) -> ThreadFacts {
    let mut facts = opening.and_then(|e| e.facts.clone()).unwrap_or_default();
    for entry in entries {
        if let Some(more) = &entry.facts {
            facts.fill(more);
        }
    }
    facts
}

fn closed_at(facts: &ThreadFacts, entries: &[Entry]) -> Option<rapport_model::Time> {
    if facts.mark == Some(Mark::Open) {
        return None;
    }
    let last = entries.iter().rfind(|e| matches!(e.act, Act::Closed | Act::Merged | Act::Reopened))?;
    facts.closed_at.or((last.act != Act::Reopened).then_some(last.at))
}

/// Distinct humans besides the asker who reacted to the opening or wrote that they have it too.
fn reach(entries: &[Entry], others: &[&Entry], opening: &Entry) -> u32 {
    let reacted = entries
        .iter()
        .filter(|e| e.act == Act::Reacted && e.member.is_human() && e.who != opening.who)
        .filter(|e| e.reply_to.as_ref().is_none_or(|to| *to == opening.key))
        .filter_map(|e| e.who);
    let wrote = others.iter().filter(|e| answered::is_me_too(&e.text)).filter_map(|e| e.who);
    u32::try_from(reacted.chain(wrote).collect::<BTreeSet<_>>().len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rapport_model::{Key, MemberKind, ThreadKind, Time};

    fn entry(n: i64, who: i64, member: MemberKind, text: &str) -> Entry {
        Entry {
            id: n,
            key: Key::new(format!("m/{n}")),
            act: if n == 0 { Act::Opened } else { Act::Replied },
            at: Time::from_seconds(1_000 + n).unwrap(),
            who: Some(who),
            member,
            reply_to: None,
            facts: (n == 0).then(|| ThreadFacts {
                kind: Some(ThreadKind::Issue),
                title: Some("It hangs".into()),
                ..ThreadFacts::default()
            }),
            text: text.into(),
        }
    }

    fn check(entries: &[(i64, MemberKind, &str)], state: NeedState, because: &str) {
        let entries = entries.iter().enumerate();
        let entries =
            entries.map(|(n, (who, member, text))| entry(i64::try_from(n).unwrap(), *who, *member, text));
        let found = judge(&ThreadHistory { key: None, entries: entries.collect() });
        assert_eq!((found.state, found.because.as_str()), (state, because));
    }

    #[test]
    fn a_bot_or_the_asker_answers_nobody() {
        use MemberKind::{Bot, Community, Staff};
        check(&[(1, Community, "why?")], NeedState::Waiting, "nobody has replied");
        check(&[(1, Community, "why?"), (9, Bot, "hello")], NeedState::Waiting, "a bot answered, no human");
        check(
            &[(1, Community, "why?"), (1, Community, "ping")],
            NeedState::Waiting,
            "only the asker wrote since",
        );
        check(
            &[(1, Community, "why?"), (2, Community, "Same here!")],
            NeedState::Waiting,
            "1 other said it is the same for them",
        );
        check(
            &[(1, Community, "why?"), (2, Community, "because")],
            NeedState::Answered,
            "a community member replied",
        );
        check(&[(1, Community, "why?"), (3, Staff, "because")], NeedState::Answered, "one of ours replied");
        check(
            &[(1, Community, "why?"), (3, Staff, "because"), (1, Community, "thanks, that works")],
            NeedState::Met,
            "the asker wrote 'thanks' after a reply",
        );
    }

    #[test]
    fn the_first_response_is_any_other_human() {
        let entries = vec![
            entry(0, 1, MemberKind::Community, "why?"),
            entry(1, 9, MemberKind::Bot, "hello"),
            entry(2, 1, MemberKind::Community, "ping"),
            entry(3, 2, MemberKind::Community, "me too"),
            entry(4, 3, MemberKind::Community, "because"),
        ];
        let found = judge(&ThreadHistory { key: None, entries });
        assert_eq!(found.first_response.map(|(id, _, who)| (id, who)), Some((3, 2)));
        assert_eq!((found.messages, found.people, found.reach), (5, 3, 1));
    }
}
