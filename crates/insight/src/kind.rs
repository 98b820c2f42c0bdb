//! What kind of thing a thread asks for: labels first, then the place, then a model of how such texts are worded, and
//! where it is not sure, words that a reader can follow.

pub mod features;
mod learn;
pub mod model;

use std::sync::OnceLock;

pub use learn::{Example, LEAST, Learned, Worth, examples, learn, worth};
use model::{KINDS, Model};

use crate::text::language::{self, Language};
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
    kind_by(base(), facts, opening)
}

/// The kind that one of these labels names, and that label.
#[must_use]
pub fn by_label(labels: &[String]) -> Option<(&'static str, &str)> {
    labels.iter().find_map(|label| {
        let plain = label.to_lowercase();
        let words: Vec<&str> = plain.split(['/', ':', ' ']).collect();
        let named = LABELS
            .iter()
            .find(|(_, names)| names.iter().any(|name| *name == plain || words.contains(name)))?;
        Some((named.0, label.as_str()))
    })
}

/// The same as [`kind`], by another model.
#[must_use]
pub fn kind_by(model: &Model, facts: &ThreadFacts, opening: &str) -> Option<(NeedKind, Because)> {
    let found = |kind: &str, because: String| Some((NeedKind::named(kind), because));
    let place = facts.kind.unwrap_or(ThreadKind::Topic);
    if place == ThreadKind::ChangeRequest {
        return None; // a contribution offers something; its review time is a metric, not a need
    }
    if let Some((kind, label)) = by_label(&facts.labels) {
        return found(kind, format!("labelled '{label}'"));
    }
    let own = own_words(opening);
    let title = facts.title.as_deref().unwrap_or("").to_lowercase();
    let text = format!("{title}\n{own}");
    let asks = asks(&title) || asks(&own);
    let asking = text.lines().flat_map(|l| l.split(['.', '!', ','])).find_map(|sentence| {
        let sentence = sentence.trim_start();
        ASKING.iter().find(|word| sentence.starts_with(*word))
    });
    // A chat, a mail or a forum also carries announcements and talk: there a need has to sound like one.
    let must_ask = matches!(place, ThreadKind::Chat | ThreadKind::Mail | ThreadKind::Topic);
    // A long text mentions its docs in passing; what is about them says so in the title or at once.
    let words = WORDS.iter().find_map(|(kind, words)| {
        let where_to_look = if *kind == "docs" && own.len() > SHORT { &title } else { &text };
        words.iter().find(|w| where_to_look.contains(*w)).map(|w| (*kind, *w))
    });
    if must_ask && !asks && asking.is_none() && !matches!(words, Some(("bug", _))) {
        return None;
    }
    if place == ThreadKind::Question {
        return found("question", "asked on a Q&A site".to_owned());
    }
    if let Some(("docs", word)) = words {
        return found("docs", format!("says '{}'", word.trim()));
    }
    let judged = judge(model, facts.title.as_deref().unwrap_or(""), opening);
    if judged.sure() {
        return found(judged.kind, judged.because);
    }
    if let Some((kind, word)) = words {
        return found(kind, format!("says '{}'", word.trim()));
    }
    if asks {
        return found("question", "asks with a question mark".to_owned());
    }
    match asking {
        Some(word) => found("question", format!("asks '{}'", word.trim())),
        None => found(
            "other",
            match judged.language {
                Language::Other(code) => {
                    format!("opened in a tracker in another language ({code}) than the judgement knows")
                }
                _ => "opened in a tracker, and nothing says what for".to_owned(),
            },
        ),
    }
}

/// What the model says of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The likeliest of those that were allowed.
    pub kind: &'static str,
    /// How likely it is, 0 to 1; set by texts the model had not seen.
    pub confidence: f32,
    /// What speaks for it most.
    pub because: Because,
    /// Too few words, or words of another language than the model's: the likelihood means little.
    pub out_of_depth: bool,
    /// The language it is in: the model knows English.
    pub language: Language,
}

impl Judged {
    /// Sure enough to be said without being asked for.
    #[must_use]
    pub fn sure(&self) -> bool {
        !self.out_of_depth && self.confidence >= SURE
    }
}

/// From this confidence on nine of ten answers are right where the model knows the kind of project, and four of five
/// where it does not.
pub const SURE: f32 = 0.7;
/// A text up to this long is about what it mentions.
const SHORT: usize = 400;
/// Bytes by which a text's language is told.
const READ: usize = 2_000;
/// A judgement needs so many words, and this share of them known.
const LEAST_WORDS: usize = 4;
const LEAST_KNOWN: f32 = 0.5;

/// The model that comes with the program; `models/kind` says from what and how good.
#[must_use]
pub fn base() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| Model::read(include_bytes!("../models/kind/weights.bin")).unwrap_or_default())
}

/// Judges a text by its wording alone: bug, feature or question.
#[must_use]
pub fn judge(model: &Model, title: &str, body: &str) -> Judged {
    judge_among(model, title, body, &KINDS)
}

/// The same among some of the kinds: what is left out is not an answer, however likely.
#[must_use]
pub fn judge_among(model: &Model, title: &str, body: &str, only: &[&str]) -> Judged {
    let seen = features::see(title, body);
    let row = model::row(&seen, &model.rarity);
    let verdict = model.judge(&row);
    let allowed = (0..KINDS.len()).filter(|k| only.contains(&KINDS[*k]));
    let best = allowed.clone().max_by(|a, b| verdict.shares[*a].total_cmp(&verdict.shares[*b])).unwrap_or(0);
    let all: f32 = allowed.map(|k| verdict.shares[k]).sum();
    let reasons = model::reasons(model, &seen, &row, best, &verdict);
    let because =
        if reasons.is_empty() { "nothing in it says what for".to_owned() } else { reasons.join(", ") };
    let single = |gram: &&features::Gram| gram.place != features::Place::Form && !gram.words.contains(' ');
    let words = seen.grams.iter().filter(single).count();
    let known = seen
        .grams
        .iter()
        .filter(single)
        .filter(|g| model.rarity.get(g.slot as usize).is_some_and(|r| *r > 0));
    let language = language::language(&format!("{title}\n{}", &body[..body.floor_char_boundary(READ)]));
    let out_of_depth = words < LEAST_WORDS
        || (known.count() as f32) < LEAST_KNOWN * words as f32
        || matches!(language, Language::Other(_));
    Judged {
        kind: KINDS[best],
        confidence: verdict.shares[best] / all.max(1e-9),
        because,
        out_of_depth,
        language,
    }
}

/// Words in a title that say it is about the docs.
#[must_use]
pub fn names_docs(title: &str) -> Option<&'static str> {
    let title = title.to_lowercase();
    WORDS
        .iter()
        .filter(|(kind, _)| *kind == "docs")
        .flat_map(|(_, words)| *words)
        .find(|w| title.contains(**w))
        .copied()
}

/// How much of a long text may carry its question: people ask at the beginning or at the end.
const HEAD: usize = 500;

/// A question mark that ends a sentence, in the first or last part of the text.
fn asks(text: &str) -> bool {
    let all: Vec<char> = text.trim_end().chars().collect();
    all.iter().enumerate().any(|(n, c)| match c {
        '\u{ff1f}' | '\u{061f}' => true,
        // Japanese asks with a particle at the end of the sentence.
        '\u{304b}' => all.get(n + 1).is_none_or(|next| *next == '\u{3002}' || *next == '\n') && n > 1,
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
    fn another_language_is_out_of_its_depth() {
        let (title, body) = (
            "Le client ne d\u{e9}marre pas",
            "Il y a une erreur dans les logs quand je le lance avec le proxy.",
        );
        let judged = judge(base(), title, body);
        assert_eq!(judged.language, Language::Other("fr"));
        assert!(judged.out_of_depth && !judged.sure());
        let issue = ThreadFacts {
            kind: Some(ThreadKind::Issue),
            title: Some("Bericht f\u{fc}r die Leitung".into()),
            ..ThreadFacts::default()
        };
        let (kind, why) =
            kind(&issue, "Der Bericht ist noch nicht da, ich warte auf die Zahlen von der Leitung.").unwrap();
        assert_eq!(kind, NeedKind::named("other"));
        assert!(why.contains("(de)"), "{why}");
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
