//! Evidence: where on the journey something happened, and the words as they stand in the message.
//!
//! The stage is a suggestion made of words; a person changes it. Words of several languages count.

use std::fmt;

use rapport_model::spaced;

mod words;

pub use words::{as_said, first_words, lacking, prose, sentences, telling_words};

/// Where on a developer's journey something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Hears of it, asks what it is.
    Discover,
    /// Weighs it against something else.
    Evaluate,
    /// Takes the first steps.
    Learn,
    /// Builds with it.
    Build,
    /// Grows with it: limits, load, cost.
    Scale,
    /// Keeps it running: deploys, upgrades, outages.
    Operate,
}

impl Stage {
    /// All stages, in the order of the journey.
    pub const ALL: [Stage; 6] =
        [Stage::Discover, Stage::Evaluate, Stage::Learn, Stage::Build, Stage::Scale, Stage::Operate];

    /// The word as written in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Stage::Discover => "discover",
            Stage::Evaluate => "evaluate",
            Stage::Learn => "learn",
            Stage::Build => "build",
            Stage::Scale => "scale",
            Stage::Operate => "operate",
        }
    }
    /// What people do there.
    #[must_use]
    pub const fn means(self) -> &'static str {
        match self {
            Stage::Discover => "hearing of it",
            Stage::Evaluate => "weighing it",
            Stage::Learn => "taking the first steps",
            Stage::Build => "building with it",
            Stage::Scale => "growing with it",
            Stage::Operate => "keeping it running",
        }
    }
    /// Reads the word back.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Stage> {
        Stage::ALL.into_iter().find(|stage| stage.as_str() == word)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Words per stage. Whole words, except that one ending in `*` is how a word begins.
const WORDS: &[(Stage, &[&str])] = &[
    (
        Stage::Discover,
        &[
            "heard of",
            "came across",
            "what is it",
            "what does it do",
            "use case",
            "use cases",
            "is this for",
            "new here",
            "is it a",
            "just found",
        ],
    ),
    (
        Stage::Evaluate,
        &[
            "compared to",
            "compare",
            "comparison",
            "versus",
            "vs",
            "alternative",
            "alternatives",
            "instead of using",
            "pricing",
            "price",
            "free tier",
            "free plan",
            "proof of concept",
            "poc",
            "trial",
            "evaluating",
            "considering",
            "is it mature",
            "production ready",
            "roadmap",
            "licence",
            "license",
            "soc 2",
            "compliance",
            "competitor",
            "are there plans",
        ],
    ),
    (
        Stage::Learn,
        &[
            "getting started",
            "get started",
            "quickstart",
            "quick start",
            "tutorial",
            "tutorials",
            "docs",
            "documentation",
            "guide",
            "guides",
            "example",
            "examples",
            "beginner",
            "first time",
            "first steps",
            "hello world",
            "readme",
            "course",
            "learning",
            "how do i start",
            "where do i find",
            "explained",
            "not documented",
            "workshop",
        ],
    ),
    (
        Stage::Build,
        &[
            "sdk",
            "library",
            "implement*",
            "compile*",
            "type",
            "types",
            "typed",
            "mypy",
            "function",
            "method",
            "class",
            "locally",
            "localhost",
            "unit test",
            "unit tests",
            "test",
            "tests",
            "debug*",
            "import",
            "module",
            "parse*",
            "header",
            "signature",
            "api",
            "endpoint",
            "code",
            "build",
            "builds",
            "integrat*",
            "callback",
            "handler",
            "plugin",
        ],
    ),
    (
        Stage::Scale,
        &[
            "rate limit",
            "rate limited",
            "rate limits",
            "429",
            "quota",
            "quotas",
            "throughput",
            "latency",
            "slow",
            "slower",
            "at scale",
            "load",
            "per second",
            "millions",
            "concurren*",
            "performance",
            "memory",
            "expensive",
            "cost",
            "costs",
            "batch",
            "one at a time",
            "bulk",
            "limit",
            "limits",
        ],
    ),
    (
        Stage::Operate,
        &[
            "production",
            "deploy*",
            "cluster",
            "kubernetes",
            "container",
            "docker",
            "image",
            "outage",
            "down",
            "downtime",
            "incident",
            "upgrade*",
            "upgrading",
            "update to",
            "migrat*",
            "monitor*",
            "alert*",
            "restart*",
            "rollback",
            "on call",
            "dead letter",
            "dead letters",
            "failed deliveries",
            "backup",
            "certificate",
            "firewall",
            "proxy",
            "ip range",
            "ip ranges",
            "expires",
            "rotate*",
            "agent",
            "logs",
            "crashes",
            "server was down",
            "probe",
            "replay",
            "resend",
        ],
    ),
];

/// The stage that a text speaks of, and the words that caused it. The stage with the most different words wins; of two
/// that are even, the later one, for who runs a thing has built it.
#[must_use]
pub fn stage(text: &str) -> (Stage, String) {
    let plain = spaced(text);
    let mut best: Option<(Stage, Vec<&str>)> = None;
    for (stage, words) in WORDS {
        let found: Vec<&str> = words.iter().copied().filter(|word| occurs(&plain, word)).collect();
        if !found.is_empty() && best.as_ref().is_none_or(|(_, most)| found.len() >= most.len()) {
            best = Some((*stage, found));
        }
    }
    match best {
        Some((stage, mut words)) => {
            words.truncate(4);
            let words: Vec<String> = words.iter().map(|w| format!("'{}'", w.trim_end_matches('*'))).collect();
            (stage, format!("says {}", words.join(", ")))
        }
        None => (Stage::Build, "nothing in it says; most who write are building".to_owned()),
    }
}

fn occurs(plain: &str, word: &str) -> bool {
    match word.strip_suffix('*') {
        Some(begins) => plain.contains(&format!(" {begins}")),
        None => plain.contains(&format!(" {word} ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stage_names_the_words_that_caused_it() {
        for (text, wanted, because) in [
            (
                "Our endpoint was down for two hours. 1,900 deliveries ended up in the dead letter list, only one at a time.",
                Stage::Operate,
                "says 'down', 'dead letter'",
            ),
            (
                "Is there a tutorial or an example for the first steps?",
                Stage::Learn,
                "says 'tutorial', 'example', 'first steps'",
            ),
            (
                "What does the free tier cover, compared to the others?",
                Stage::Evaluate,
                "says 'compared to', 'free tier'",
            ),
            ("mypy sees no types in the SDK", Stage::Build, "says 'sdk', 'types', 'mypy'"),
            ("We get 429 at 200 calls per second", Stage::Scale, "says '429', 'per second'"),
            ("Hello?", Stage::Build, "nothing in it says; most who write are building"),
        ] {
            assert_eq!(stage(text), (wanted, because.to_owned()), "{text}");
        }
        assert_eq!(
            stage("a downtown contest").1,
            "nothing in it says; most who write are building",
            "whole words"
        );
    }
}
