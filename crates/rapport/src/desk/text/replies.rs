//! `text replies`: who answers whom in a chat without threads.

use clap::Args;
use rapport_insight::replies::{self, Message};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{Answer, filter};
use crate::fault::Fault;

/// Arguments of `text replies`.
#[derive(Args)]
pub(super) struct Replies {}

/// One message; what is missing is missing in the export.
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    at: Option<Value>,
    #[serde(default)]
    author: Option<Value>,
    #[serde(default)]
    text: Option<Value>,
}

/// All lines are read before the first answer: names are learned from the whole chat.
pub(super) fn answer(_: &Replies) -> Result<Answer, Fault> {
    let lines = filter::all::<Said>(std::io::stdin().lock())?;
    let word = |value: &Option<Value>| match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    // A line that could not be read is nobody's message, and nobody answers it.
    let said: Vec<Option<[String; 3]>> = lines
        .iter()
        .map(|(_, said)| {
            said.as_ref().ok().map(|said| [word(&said.at), word(&said.author), word(&said.text)])
        })
        .collect();
    let at: Vec<usize> = (0..said.len()).filter(|n| said[*n].is_some()).collect();
    let messages: Vec<Message<'_>> = said
        .iter()
        .flatten()
        .map(|[at, author, text]| Message { at: replies::when(at), author, text })
        .collect();
    let mut found = replies::answers(&messages).into_iter();
    let ids: Vec<Value> = at.iter().map(|n| lines[*n].0.clone()).collect();
    let answers: Vec<(Value, Result<Value, String>)> = lines
        .into_iter()
        .map(|(id, said)| {
            let answer = said.map(|_| {
                let reply = found.next();
                let to = reply.and_then(|r| r.answers).map_or(Value::Null, |to| ids[to].clone());
                let sure = reply.map_or(0.0, |r| (f64::from(r.confidence) * 1_000.0).round() / 1_000.0);
                json!({ "answers": to, "confidence": sure })
            });
            (id, answer)
        })
        .collect();
    Ok(filter::write(&mut std::io::stdout().lock(), answers))
}
