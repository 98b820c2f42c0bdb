//! `mcp`: the verbs as tools for an assistant.

use clap::Args;

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::fault::Fault;
use crate::mcp;

pub(crate) const VERB: Verb = Verb {
    name: "mcp",
    about: "The verbs as tools for an assistant, over the Model Context Protocol on standard input and output",
    example: "rapport --data ~/desk mcp\nrapport mcp --writes\nrapport --role sales mcp",
    args: Mcp::augment_args,
    call: |desk, matches| serve(desk, &parsed(matches)?),
};

/// Arguments of `mcp`.
#[derive(Args)]
struct Mcp {
    /// Also offer what writes down something that can be taken back: claims, evidence, topics, drafts
    #[arg(long)]
    writes: bool,
    /// Show people by name where the role may; else an assistant sees pseudonyms
    #[arg(long)]
    names: bool,
}

fn serve(desk: &Desk, args: &Mcp) -> Result<Answer, Fault> {
    desk.reading()?; // a folder that is not there is better said here than to an assistant
    mcp::serve(desk, mcp::Admitted { writes: args.writes, names: args.names })?;
    Ok(Answer { json: String::new(), text: String::new(), findings: false })
}
