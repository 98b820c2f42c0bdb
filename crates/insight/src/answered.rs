//! How far a need has come, judged from the thread itself: a mark, the asker's word, a fix that is out, a reply, and
//! whether the asker was left asking.

use rapport_model::{Act, Because, Entry, Mark, MemberKind, NeedState, ThreadFacts, ThreadKind, Time};

/// The asker is content.
const THANKS: &[&str] = &[
    "thanks",
    "thank you",
    "thx",
    "that works",
    "that worked",
    "this worked",
    "works now",
    "solved",
    "fixed it",
    "that did it",
    "did the trick",
    "makes sense",
    "fixes it",
    "saved my",
    "cheers",
    "\u{634}\u{643}\u{631}\u{627}",
    "\u{8c22}\u{8c22}",
    "danke",
    "gracias",
    "merci",
    "obrigado",
    "\u{3042}\u{308a}\u{304c}\u{3068}\u{3046}",
    "\u{441}\u{43f}\u{430}\u{441}\u{438}\u{431}\u{43e}",
];
/// The asker found it without anybody.
const SETTLED: &[&str] = &[
    "i solved",
    "solved it",
    "found the answer",
    "found the solution",
    "found the problem",
    "found the issue",
    "figured it out",
    "figured out the",
    "never mind",
    "nevermind",
    "got it working",
    "it works now",
    "fixed it myself",
    "i fixed it",
];
/// Somebody says that the fix is out.
const OUT: &[&str] = &[
    "fixed in v",
    "fixed in 0",
    "fixed in 1",
    "fixed in 2",
    "fixed in 3",
    "fixed in release",
    "fixed in the latest",
    "fixed by #",
    "released in",
    "shipped in",
    "is now available in",
    "landed in",
];
/// The asker is not content.
const STILL: &[&str] = &[
    "still not",
    "still doesn't",
    "still does not",
    "still get",
    "still fails",
    "still the same",
    "still broken",
    "still have",
    "still having",
    "didn't work",
    "did not work",
    "didn't help",
    "did not help",
    "doesn't work",
    "does not work",
    "doesn't help",
    "not working",
    "no luck",
    "any update",
    "any news",
    "any other idea",
    "anyone else",
];
const ME_TOO: &[&str] = &[
    "same here",
    "me too",
    "+1",
    "same issue",
    "same problem",
    "also seeing",
    "also affected",
    "seeing this too",
    "having the same",
    "have the same",
    "hit this too",
    "i have this too",
    "any update",
    "any news",
    "bump",
];
/// A longer message that begins with "same here" usually goes on to help.
const ME_TOO_LONGEST: usize = 160;

/// What was found.
pub(crate) struct Found {
    pub(crate) state: NeedState,
    pub(crate) because: Because,
    /// Since when it waits, when that is not the opening.
    pub(crate) since: Option<Time>,
}

/// The strongest sign decides: a mark, then the asker's word, then a fix that is out, then a reply.
pub(crate) fn judge(
    facts: &ThreadFacts,
    entries: &[Entry],
    after: &[&Entry],
    others: &[&Entry],
    opening: &Entry,
) -> Found {
    let found = |state, because: &str| Found { state, because: because.to_owned(), since: None };
    if facts.accepted.is_some() || entries.iter().any(|e| e.act == Act::Accepted) {
        return found(NeedState::Met, "an answer was accepted");
    }
    if facts.resolved || entries.iter().any(|e| e.act == Act::Resolved) {
        return found(NeedState::Met, "marked as resolved");
    }
    match facts.mark {
        Some(Mark::NotPlanned) => return found(NeedState::Declined, "closed as not planned"),
        Some(Mark::Merged) => return found(NeedState::Met, "merged"),
        Some(Mark::Closed) if others.is_empty() => {
            return found(NeedState::Met, "closed as done, without a reply by anyone else");
        }
        Some(Mark::Closed) => return found(NeedState::Met, "closed after a reply"),
        Some(Mark::Open) | None => {}
    }
    let asker = |e: &&&Entry| e.who.is_some() && e.who == opening.who;
    let answers = |e: &&&Entry| !is_me_too(&e.text) && !is_remark(facts, e);
    let reply = others.iter().find(|e| !is_me_too(&e.text));
    let left_asking = left_asking(after, others, opening);
    if left_asking.is_none() {
        if let Some(reply) = reply
            && let Some(word) = after
                .iter()
                .filter(asker)
                .filter(|e| e.at >= reply.at)
                .find_map(|e| said(&e.text, THANKS, 400))
        {
            return found(NeedState::Met, &format!("the asker wrote '{word}' after a reply"));
        }
        if let Some(word) = after.iter().filter(asker).find_map(|e| said(&e.text, SETTLED, 2_000)) {
            return found(NeedState::Met, &format!("the asker wrote '{word}'"));
        }
        if is_site(facts, opening) && after.iter().filter(asker).any(|e| !is_remark(facts, e)) {
            return found(NeedState::Met, "the asker answered it");
        }
        if let Some(word) = others.iter().find_map(|e| said(&e.text, OUT, 2_000)) {
            return found(NeedState::Met, &format!("somebody wrote '{word}'"));
        }
    }
    if let (Some(answer), None) = (others.iter().find(answers), left_asking) {
        let by = if answer.member.is_ours() { "one of ours" } else { "a community member" };
        return found(NeedState::Answered, &format!("{by} replied"));
    }
    Found {
        state: NeedState::Waiting,
        because: waiting_because(facts, after, others, opening, left_asking),
        since: left_asking.map(|e| e.at),
    }
}

/// A Q&A site, where answers and remarks are two things.
fn is_site(facts: &ThreadFacts, opening: &Entry) -> bool {
    facts.kind == Some(ThreadKind::Question) && opening.key.as_str().starts_with("post/")
}

/// A remark under a question or an answer of a Q&A site, which numbers them apart: people ask back there, and answer
/// elsewhere.
fn is_remark(facts: &ThreadFacts, entry: &Entry) -> bool {
    facts.kind == Some(ThreadKind::Question)
        && entry.reply_to.is_some()
        && entry.key.as_str().starts_with("comment/")
}

/// The asker's last message, when nobody has written since and it asks on or says that it did not help.
fn left_asking<'a>(after: &[&'a Entry], others: &[&Entry], opening: &Entry) -> Option<&'a Entry> {
    let last = after.iter().rfind(|e| e.who.is_some() && e.member.is_human())?;
    let replied = others.iter().any(|e| !is_me_too(&e.text));
    if !replied || last.who != opening.who {
        return None;
    }
    let own = own(&last.text);
    let asks = own.trim_end().trim_end_matches([')', '"', '!', '*']).ends_with(['?', '\u{ff1f}', '\u{061f}']);
    let thanks = THANKS.iter().any(|word| own.contains(word));
    let still = STILL.iter().any(|word| own.contains(word));
    (still || asks && !thanks).then_some(*last)
}

fn waiting_because(
    facts: &ThreadFacts,
    after: &[&Entry],
    others: &[&Entry],
    opening: &Entry,
    left_asking: Option<&Entry>,
) -> Because {
    if left_asking.is_some() {
        return "the asker asked again after the last reply".to_owned();
    }
    let bots = after.iter().any(|e| e.member == MemberKind::Bot);
    let asker = after.iter().any(|e| e.who.is_some() && e.who == opening.who);
    let mut parts: Vec<String> = Vec::new();
    let (same, remarks): (Vec<&&Entry>, Vec<&&Entry>) = others.iter().partition(|e| is_me_too(&e.text));
    if !remarks.is_empty() && remarks.iter().all(|e| is_remark(facts, e)) {
        parts.push("remarked on, not answered".to_owned());
    } else {
        match (bots, asker) {
            (true, true) => parts.push("only a bot and the asker wrote since".to_owned()),
            (true, false) => parts.push("a bot answered, no human".to_owned()),
            (false, true) => parts.push("only the asker wrote since".to_owned()),
            (false, false) if others.is_empty() => parts.push("nobody has replied".to_owned()),
            (false, false) => {}
        }
    }
    match same.len() {
        0 => {}
        1 => parts.push("1 other said it is the same for them".to_owned()),
        n => parts.push(format!("{n} others said it is the same for them")),
    }
    parts.join("; ")
}

/// What a judge sees in a reply's words, in the judge's own: when the words are erased with their writer, this stands
/// for them, and the thread is judged as before.
#[must_use]
pub(crate) fn trace(text: &str) -> String {
    let own = own(text);
    let first = |words: &[&'static str]| words.iter().find(|word| own.contains(*word)).copied();
    let short =
        |longest: usize, words: &[&'static str]| (own.len() <= longest).then(|| first(words)).flatten();
    let me_too = short(ME_TOO_LONGEST, ME_TOO);
    let mut seen: Vec<&str> = me_too.into_iter().collect();
    seen.extend(short(400, THANKS));
    seen.extend(short(2_000, SETTLED));
    seen.extend(short(2_000, OUT));
    // A word that would also say "same here", which a long text does not.
    seen.extend(
        first(STILL).map(|word| if me_too.is_none() && ME_TOO.contains(&word) { STILL[0] } else { word }),
    );
    let asks = own.trim_end().trim_end_matches([')', '"', '!', '*']).ends_with(['?', '\u{ff1f}', '\u{061f}']);
    let mut trace = seen.join(". ");
    if asks && first(THANKS).is_none() {
        trace.push('?');
    }
    trace
}

pub(crate) fn is_me_too(text: &str) -> bool {
    said(text, ME_TOO, ME_TOO_LONGEST).is_some()
}

/// The first of these words that a text of at most so many bytes says itself, not in a quote.
fn said<'a>(text: &str, words: &[&'a str], longest: usize) -> Option<&'a str> {
    let own = own(text);
    (own.len() <= longest).then(|| words.iter().find(|word| own.contains(*word)).copied()).flatten()
}

fn own(text: &str) -> String {
    text.lines().filter(|l| !l.starts_with('>')).collect::<Vec<_>>().join(" ").trim().to_lowercase()
}
