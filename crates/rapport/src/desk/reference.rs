//! `reference`: the program's own manual, as pages for people and as schemas for programs.

use clap::Args;
use serde_json::json;

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::fault::Fault;
use crate::reference::{PAGES, schema};

pub(crate) const VERB: Verb = Verb {
    name: "reference",
    about: "The manual of this very version: verbs, connectors, views, config, metrics",
    example: "rapport reference connectors\nrapport --json reference",
    args: Reference::augment_args,
    call: |desk, matches| reference(desk, &parsed(matches)?),
};

/// Arguments of `reference`.
#[derive(Args)]
struct Reference {
    /// Which page; all verbs when left out (with --json their arguments as JSON schema)
    #[arg(value_parser = PAGES.map(|(name, _)| name))]
    page: Option<String>,
}

fn reference(desk: &Desk, args: &Reference) -> Result<Answer, Fault> {
    let wanted = args.page.as_deref().unwrap_or("verbs");
    let text = PAGES.iter().find(|(name, _)| *name == wanted).map(|(_, page)| page()).unwrap_or_default();
    match &args.page {
        Some(page) => desk.answer(&json!({ "page": page, "markdown": text }), || text.clone()),
        None => desk.answer(&schema::all(), || text),
    }
}
