//! Who answers whom in a chat without threads.
//!
//! Each message answers one earlier message or begins a conversation. A ranking model over what can be seen of each
//! pair (who wrote, who is named, how far apart, which words return, who talked with whom) chooses among the last
//! messages and "none of them". Its trees are in `models/replies`, with how they were made and how good they are.

mod clock;
mod lines;
mod pairs;
pub mod trees;

use std::sync::OnceLock;

pub use clock::{When, when};
use lines::Chat;
use rapport_model::{ChatLine, ThreadFacts, ThreadKind};

use crate::kind::kind;
pub use pairs::FEATURES;
use trees::Forest;

/// How many messages by people are looked back upon.
pub const REACH: usize = 64;

/// One message of a chat, in order of time.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// When it was written, where that is told.
    pub at: Option<When>,
    /// Who wrote it; empty when it is the system's.
    pub author: &'a str,
    /// What it says.
    pub text: &'a str,
}

/// What a message answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reply {
    /// The index of the message that it answers; `None` when it begins a conversation.
    pub answers: Option<usize>,
    /// How sure that is, 0 to 1.
    pub confidence: f32,
}

/// A message with what may be its answer's target: `None` first (it begins a conversation), then back in time.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The index of the message.
    pub of: usize,
    /// The candidates.
    pub targets: Vec<Option<usize>>,
    /// [`FEATURES`] numbers per candidate.
    pub features: Vec<f32>,
}

/// For each message the one that it answers.
#[must_use]
pub fn answers(messages: &[Message<'_>]) -> Vec<Reply> {
    judge(messages, shipped())
}

fn shipped() -> &'static Forest {
    static FOREST: OnceLock<Forest> = OnceLock::new();
    FOREST.get_or_init(|| Forest::read(include_bytes!("../models/replies/trees.bin")).unwrap_or_default())
}

/// The same, by another model.
#[must_use]
pub fn judge(messages: &[Message<'_>], forest: &Forest) -> Vec<Reply> {
    judge_from(messages, 0, forest)
}

fn judge_from(messages: &[Message<'_>], from: usize, forest: &Forest) -> Vec<Reply> {
    let mut replies = vec![Reply { answers: None, confidence: 1.0 }; messages.len()];
    choices(messages, from, |choice| {
        let scores: Vec<f32> = choice.features.chunks(FEATURES).map(|row| forest.score(row)).collect();
        let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = scores.iter().map(|score| (score - highest).exp()).sum();
        let best = scores.iter().position(|score| *score >= highest).unwrap_or(0);
        replies[choice.of] = Reply { answers: choice.targets[best], confidence: 1.0 / sum };
    });
    replies
}

/// Nobody answers a chat message after so long without naming what they answer.
const LONGEST: i64 = 24 * 60 * 60 * 1_000;
/// From this confidence on a message is taken to answer another; one that asks something itself has to be surer,
/// for a question that is taken for an answer is not seen by anybody.
const SURE: f32 = 0.6;
const SURE_OF_A_QUESTION: f32 = 0.9;

/// Which earlier message each message of a chat answers, where that is sure enough to put them together. Those before
/// the index `from` are only looked back upon.
#[must_use]
pub fn links(lines: &[ChatLine], from: usize) -> Vec<Option<usize>> {
    let times: Vec<String> = lines.iter().map(|line| line.at.to_string()).collect();
    let messages: Vec<Message<'_>> = lines
        .iter()
        .zip(&times)
        .map(|(line, at)| Message { at: when(at), author: &line.author, text: &line.text })
        .collect();
    judge_from(&messages, from, shipped())
        .into_iter()
        .zip(lines)
        .map(|(reply, line)| {
            let to = reply.answers?;
            let near = line.at.millis() - lines[to].at.millis() <= LONGEST;
            (near && is_sure(&reply, &line.text)).then_some(to)
        })
        .collect()
}

/// Whether a message is taken to answer another when threads are put together.
#[must_use]
pub fn is_sure(reply: &Reply, text: &str) -> bool {
    let chat = ThreadFacts { kind: Some(ThreadKind::Chat), ..ThreadFacts::default() };
    reply.answers.is_some()
        && reply.confidence >= SURE
        && (reply.confidence >= SURE_OF_A_QUESTION || kind(&chat, text).is_none())
}

/// Hands out each message by a person, from the index `from` on, with its candidates: what a model learns from.
pub fn choices(messages: &[Message<'_>], from: usize, mut take: impl FnMut(Choice)) {
    let chat = Chat::read(messages);
    let mut past = pairs::Past::default();
    for (of, line) in chat.lines.iter().enumerate() {
        if line.system {
            continue;
        }
        if of >= from {
            let (targets, features) = past.candidates(&chat, of);
            take(Choice { of, targets, features });
        }
        past.push(&chat, of);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rapport_model::Time;

    fn chat(lines: &[(i64, &str, &str)]) -> Vec<Option<usize>> {
        let lines: Vec<ChatLine> = lines
            .iter()
            .map(|(minute, author, text)| ChatLine {
                at: Time::from_seconds(1_780_000_000 + minute * 60).unwrap(),
                author: (*author).to_owned(),
                text: (*text).to_owned(),
            })
            .collect();
        links(&lines, 0)
    }

    #[test]
    fn an_answer_is_put_to_its_question_and_a_question_stands_alone() {
        let found = chat(&[
            (0, "ada", "how do I rotate the signing key of an endpoint?"),
            (1, "bo", "ada: run relayctl keys rotate, the old key works for a day"),
            (300, "cy", "does anyone know where the helm chart is?"),
        ]);
        assert_eq!(found, [None, Some(0), None]);
        assert_eq!(
            chat(&[(0, "ada", "how do I rotate the key?"), (3_000, "bo", "ada: run relayctl")]),
            [None, None]
        );
        assert!(chat(&[]).is_empty());
    }
}
