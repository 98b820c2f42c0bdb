//! What kind of thing a thread asks for, by rules that a reader can follow: labels first, then the place, then words.

pub mod features;
pub mod model;

use rapport_model::{Because, NeedKind, ThreadFacts, ThreadKind};

/// Label words per kind, as trackers use them.
const LABELS: &[(&str, &[&str])] = &[
    ("bug", &["bug", "defect", "regression", "crash"]),
    ("feature", &["enhancement", "feature", "feature-request", "feature request", "proposal", "wishlist"]),
    ("docs", &["documentation", "docs", "doc"]),
    ("question", &["question", "support", "help wanted?", "how-to"]),
    ("friction", &["friction", "papercut", "usability", "dx", "ux"]),
];

/// Words in the opening per kind. Checked in this order; the first that fits decides.
const WORDS: &[(&str, &[&str])] = &[
    (
        "docs",
        &[
            "documentation",
            "docs say",
            "in the docs",
            "migration guide",
            "the readme",
            "tutorial is",
            "docs are",
            "where is the guide",
            "documented",
        ],
    ),
    (
        "feature",
        &[
            "feature request",
            "would be nice",
            "would be great if",
            "please add",
            "it would help if",
            "support for",
            "proposal",
            "could you add",
            "wish",
        ],
    ),
    (
        "bug",
        &[
            "bug",
            "crash",
            "exception",
            "stack trace",
            "traceback",
            "regression",
            "panic",
            "segfault",
            "fails with",
            "error:",
            "hangs",
            "broken",
            "stopped working",
            "does not work",
            "doesn't work",
            "unexpected",
        ],
    ),
];

const ASKING: &[&str] = &[
    "how do",
    "how can",
    "how to",
    "how should",
    "is there",
    "is it possible",
    "does anyone",
    "has anyone",
    "can i ",
    "can someone",
    "could someone",
    "anyone ",
    "what is",
    "what's the",
    "why ",
    "where ",
    "which ",
    "help",
    "wondering",
    "should i",
    "any idea",
    "wie ",
    "warum",
    "cómo",
    "por qué",
    "comment ",
    "pourquoi",
    "ですか",
    "ますか",
];

/// The kind of need a thread carries, with the words that caused it; `None` when it asks for nothing.
#[must_use]
pub fn kind(facts: &ThreadFacts, opening: &str) -> Option<(NeedKind, Because)> {
    let found = |kind: &str, because: String| Some((NeedKind::named(kind), because));
    for label in &facts.labels {
        let plain = label.to_lowercase();
        let words: Vec<&str> = plain.split(['/', ':', ' ']).collect();
        for (kind, names) in LABELS {
            if names.iter().any(|name| *name == plain || words.contains(name)) {
                return found(kind, format!("labelled '{label}'"));
            }
        }
    }
    let own = own_words(opening);
    let title = facts.title.as_deref().unwrap_or("").to_lowercase();
    let text = format!("{title}\n{own}");
    let asks = asks(&title) || asks(&own);
    let asking = text.lines().flat_map(|l| l.split(['.', '!', ','])).find_map(|sentence| {
        let sentence = sentence.trim_start();
        ASKING.iter().find(|word| sentence.starts_with(*word))
    });
    let place = facts.kind.unwrap_or(ThreadKind::Topic);
    if place == ThreadKind::ChangeRequest {
        return None; // a contribution offers something; its review time is a metric, not a need
    }
    // A chat, a mail or a forum also carries announcements and talk: there a need has to sound like one.
    let must_ask = matches!(place, ThreadKind::Chat | ThreadKind::Mail | ThreadKind::Topic);
    let words =
        WORDS.iter().find_map(|(kind, words)| words.iter().find(|w| text.contains(*w)).map(|w| (*kind, *w)));
    if must_ask && !asks && asking.is_none() && !matches!(words, Some(("bug", _))) {
        return None;
    }
    if place == ThreadKind::Question {
        return found("question", "asked on a Q&A site".to_owned());
    }
    if let Some((kind, word)) = words {
        return found(kind, format!("says '{}'", word.trim()));
    }
    if asks {
        return found("question", "asks with a question mark".to_owned());
    }
    match asking {
        Some(word) => found("question", format!("asks '{}'", word.trim())),
        None => found("other", "opened in a tracker, and nothing says what for".to_owned()),
    }
}

/// How much of a long text may carry its question: people ask at the beginning or at the end.
const HEAD: usize = 500;

/// A question mark that ends a sentence, in the first or last part of the text.
fn asks(text: &str) -> bool {
    let all: Vec<char> = text.trim_end().chars().collect();
    all.iter().enumerate().any(|(n, c)| match c {
        '\u{ff1f}' | '\u{061f}' => true,
        '?' => {
            let ends = all.get(n + 1).is_none_or(|next| next.is_whitespace() || "?!)\"'*_".contains(*next));
            let near = n < HEAD || n + HEAD > all.len();
            ends && near && n > 0
        }
        _ => false,
    })
}

/// What the author wrote, lower-cased: without quotes, code, links and `:emoji:`.
fn own_words(text: &str) -> String {
    let mut fenced = false;
    let mut kept = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced && !line.starts_with('>') {
            let words = line
                .split_whitespace()
                .filter(|w| !(w.contains("://") || w.len() > 2 && w.starts_with(':') && w.ends_with(':')));
            kept.push_str(&words.collect::<Vec<_>>().join(" ").to_lowercase());
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(place: ThreadKind, title: &str, text: &str, wanted: Option<&str>) {
        let facts = ThreadFacts { kind: Some(place), title: Some(title.into()), ..ThreadFacts::default() };
        assert_eq!(kind(&facts, text).map(|(k, _)| k.as_str().to_owned()).as_deref(), wanted, "{title}");
    }

    #[test]
    fn tells_needs_from_talk() {
        check(ThreadKind::Issue, "Client hangs when the token expires", "", Some("bug"));
        check(ThreadKind::Chat, "", "good morning all", None);
        check(ThreadKind::Chat, "", "how do I rotate the signing key", Some("question"));
        check(ThreadKind::Topic, "Where is the migration guide for v3?", "", Some("docs"));
        check(ThreadKind::ChangeRequest, "Fix typo?", "", None);
        check(ThreadKind::Mail, "Release 3.1", "Out now. See https://example.org/?v=3", None);
        check(ThreadKind::Chat, "", ":tada: Released! It is faster where it matters. Try it out.", None);
        check(ThreadKind::Chat, "", "```\nwhy?\n```", None);
        check(ThreadKind::Issue, "Track the rollout", "", Some("other"));
    }

    #[test]
    fn labels_decide_before_words() {
        let facts = ThreadFacts {
            kind: Some(ThreadKind::Issue),
            title: Some("This crashes".into()),
            labels: vec!["type/enhancement".into()],
            ..ThreadFacts::default()
        };
        assert_eq!(kind(&facts, "").map(|(k, _)| k), Some(NeedKind::named("feature")));
    }
}
