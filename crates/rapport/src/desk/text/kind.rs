//! `text kind`: what each text asks for.

use clap::Args;
use rapport_insight::kind::{self, model::KINDS};
use rapport_insight::text::language::Language;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{Answer, filter};
use crate::fault::Fault;

/// Arguments of `text kind`.
#[derive(Args)]
pub(super) struct Kind {
    /// Always answer with one of these, separated by commas: bug, feature, question. Without it a text that the
    /// model is not sure of is 'other'
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

#[derive(Deserialize)]
struct Text {
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    body: Option<String>,
}

/// What a rule's word is worth: how often it is right has not been measured.
const BY_RULE: f32 = 0.5;

pub(super) fn answer(args: &Kind) -> Result<Answer, Fault> {
    let only: Vec<&str> = args.only.iter().map(|word| word.trim()).filter(|word| !word.is_empty()).collect();
    if let Some(odd) = only.iter().find(|word| !KINDS.contains(word)) {
        return Err(Fault::usage(format!("'{odd}' is none of {}", KINDS.join(", "))));
    }
    filter::each(std::io::stdin().lock(), &mut std::io::stdout().lock(), |text: Text| {
        if text.title.is_none() && text.body.is_none() {
            return Err("neither 'title' nor 'body' is there".to_owned());
        }
        Ok(judge(&text.title.unwrap_or_default(), &text.body.unwrap_or_default(), &only))
    })
}

fn judge(title: &str, body: &str, only: &[&str]) -> Value {
    let said = |kind: &str, confidence: f32, because: &str| {
        let confidence = (f64::from(confidence) * 1_000.0).round() / 1_000.0;
        json!({ "kind": kind, "confidence": confidence, "because": because })
    };
    let allowed = if only.is_empty() { &KINDS } else { only };
    let judged = kind::judge_among(kind::base(), title, body, allowed);
    if !only.is_empty() || judged.sure() {
        return said(judged.kind, judged.confidence, &judged.because);
    }
    if let Some(word) = kind::names_docs(title) {
        return said("docs", BY_RULE, &format!("says '{word}' in the title"));
    }
    let sum = if let Language::Other(code) = judged.language {
        format!("in another language ({code}) than the model knows")
    } else if judged.out_of_depth {
        "too few words that are known".to_owned()
    } else {
        format!("not sure: perhaps a {}, for {}", judged.kind, judged.because)
    };
    said("other", 1.0 - judged.confidence, &sum)
}
