//! `text similar`: which texts of a corpus are like each text.

use std::path::PathBuf;

use clap::Args;
use rapport_insight::similar::Index;
use rapport_model::Time;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::desk::similar::days_between;
use crate::desk::{Answer, filter};
use crate::fault::Fault;

/// Arguments of `text similar`.
#[derive(Args)]
pub(super) struct Similar {
    /// The texts to look in, JSON lines {"id","text"}, a "title" may stand apart, and "at" (a time) tells what is near
    #[arg(long)]
    corpus: PathBuf,
    /// How many hits at most
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    top: u16,
}

#[derive(Deserialize)]
struct Text {
    id: Value,
    #[serde(default)]
    title: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    at: Option<Time>,
}

impl Text {
    fn whole(&self) -> String {
        if self.title.is_empty() { self.text.clone() } else { format!("{}\n{}", self.title, self.text) }
    }
}

/// Answers `{"id","hits":[{"id","score"}]}`. The text of the corpus with the same id is no hit.
pub(super) fn similar(args: &Similar) -> Result<Answer, Fault> {
    let path = args.corpus.display();
    let file = std::fs::File::open(&args.corpus).map_err(|e| Fault::usage(format!("{path}: {e}")))?;
    let (mut ids, mut times, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    for (n, (_, line)) in filter::all::<Text>(file)?.into_iter().enumerate() {
        let line = line.map_err(|e| Fault::usage(format!("{path}, text {}: {e}", n + 1)))?;
        texts.push(line.whole());
        ids.push(line.id);
        times.push(line.at);
    }
    let index = Index::new(&texts);
    filter::each(std::io::stdin().lock(), &mut std::io::stdout().lock(), |asked: Text| {
        let days = |n: usize| Some(days_between(asked.at?, times[n]?));
        let hits = index.find_lately(&asked.whole(), usize::from(args.top), |n| ids[n] == asked.id, days);
        let hits: Vec<Value> = hits.iter().map(|h| json!({ "id": ids[h.text], "score": h.score })).collect();
        Ok(json!({ "hits": hits }))
    })
}
