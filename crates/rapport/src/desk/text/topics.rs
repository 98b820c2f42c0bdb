//! `text topics`: what each text is about.

use std::collections::HashMap;

use clap::Args;
use rapport_insight::text::clean;
use rapport_insight::topics::{self, Options};
use serde::Deserialize;
use serde_json::json;

use crate::desk::{Answer, filter};
use crate::fault::Fault;

/// Arguments of `text topics`.
#[derive(Args)]
pub(super) struct Topics {
    /// How many topics to look for; without it, as many as the texts show, at most 60
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    count: Option<u16>,
}

#[derive(Deserialize)]
struct Text {
    #[serde(default)]
    title: String,
    text: String,
}

/// Answers `{"id","topic","label"}`; a text that is about something else has the topic -1 and the label "other".
pub(super) fn topics(args: &Topics) -> Result<Answer, Fault> {
    let lines = filter::all::<Text>(std::io::stdin().lock())?;
    let texts: Vec<String> = lines
        .iter()
        .filter_map(|(_, asked)| asked.as_ref().ok())
        .map(|asked| clean::joined(&asked.title, &asked.text))
        .collect();
    let found = topics::find(&texts, &Options { count: args.count.map(usize::from), ..Options::default() });
    let labels: HashMap<_, _> = found.topics.topics.iter().map(|t| (t.id, t.label.as_str())).collect();
    let mut places = found.places.iter();
    let answers = lines.into_iter().map(|(id, asked)| {
        let answer = asked.map(|_| match places.next().and_then(|place| place.topic) {
            Some(topic) => json!({ "topic": topic, "label": labels.get(&topic) }),
            None => json!({ "topic": -1, "label": "other" }),
        });
        (id, answer)
    });
    Ok(filter::write(&mut std::io::stdout().lock(), answers))
}
