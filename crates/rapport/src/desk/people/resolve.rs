//! `people resolve`: judges identities in a pipe, without a folder.

use clap::Args;
use rapport_insight::people::{Identity, Options, Resolved, resolve};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::desk::Answer;
use crate::desk::filter::{self, Line};
use crate::fault::Fault;

/// Arguments of `people resolve`.
#[derive(Args)]
pub(super) struct Resolve {
    /// Link from this confidence on; what falls short is suggested
    #[arg(long, default_value_t = 0.95)]
    at: f64,
}

/// One identity of the pipe; its id may be any JSON value.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    place: Option<String>,
    #[serde(default)]
    handle: Option<String>,
}

pub(super) fn resolve_pipe(args: &Resolve) -> Result<Answer, Fault> {
    if !(0.5..=1.0).contains(&args.at) {
        return Err(Fault::usage(format!("--at is {}; wanted is 0.5 to 1", args.at)));
    }
    let lines = filter::all::<Asked>(std::io::stdin().lock())?;
    Ok(filter::write(&mut std::io::stdout().lock(), answers(&lines, args.at)))
}

fn answers(lines: &[Line<Asked>], at: f64) -> Vec<(Value, Result<Value, String>)> {
    let mut ids: Vec<&Value> = Vec::new();
    let mut identities: Vec<Identity> = Vec::new();
    for (id, asked) in lines {
        let Ok(asked) = asked else { continue };
        ids.push(id);
        identities.push(Identity {
            id: id.as_str().map_or_else(|| id.to_string(), str::to_owned),
            name: asked.name.clone(),
            email: asked.email.clone(),
            place: asked.place.clone().unwrap_or_default(),
            handle: asked.handle.clone(),
        });
    }
    let said = |found: &Resolved| {
        let suggested: Vec<Value> = found
            .suggested
            .iter()
            .map(
                |s| json!({ "person": ids[s.person], "confidence": cut(s.confidence), "because": s.because }),
            )
            .collect();
        json!({
            "person": ids[found.person],
            "confidence": cut(found.confidence),
            "because": found.because,
            "suggested": suggested,
        })
    };
    let found = resolve(&identities, &Options { at, ..Options::default() });
    let mut values = found.iter().map(said).collect::<Vec<_>>().into_iter();
    lines
        .iter()
        .map(|(id, asked)| {
            let answer = match asked {
                Ok(_) => values.next().ok_or_else(|| "no answer".to_owned()),
                Err(error) => Err(error.clone()),
            };
            (id.clone(), answer)
        })
        .collect()
}

/// A confidence with as many digits as it is worth, never rounded up to certain.
fn cut(confidence: f64) -> f64 {
    (confidence * 1_000.0).floor() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_the_order_of_the_lines_with_bad_ones_in_their_place() {
        let input = concat!(
            "{\"id\":9,\"name\":\"Asa Lindqvist\",\"email\":\"asa@tidewater.example\",\"place\":\"git\"}\n",
            "{\"id\":\"x\",\"name\":7}\n",
            "{\"id\":3,\"name\":\"asal\",\"email\":\"Asa@Tidewater.example\",\"place\":\"mail\"}\n",
        );
        let answers = answers(&filter::all(input.as_bytes()).unwrap(), 0.95);
        assert_eq!(answers.len(), 3);
        assert_eq!(answers[0].1.as_ref().unwrap()["person"], 3, "the smallest id stands for the person");
        assert_eq!(answers[2].1.as_ref().unwrap()["person"], 3);
        assert!(answers[1].1.is_err());
        let mut out = Vec::new();
        assert!(filter::write(&mut out, answers).findings);
        let out = String::from_utf8(out).unwrap();
        assert!(out.lines().nth(1).unwrap().starts_with("{\"id\":\"x\",\"error\":"), "{out}");
    }
}
