//! `init`: a `rapport.toml` by asking, or with `--yes` the commented defaults.

use std::io::{BufRead, IsTerminal, Write};

use clap::Args;

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::config::{Config, FILE};
use crate::fault::{Fault, FaultKind};

pub(crate) const VERB: Verb = Verb {
    name: "init",
    about: "Write a rapport.toml: who is staff, what is promised",
    example: "rapport init --yes",
    args: Init::augment_args,
    call: |desk, matches| init(desk, &parsed(matches)?),
};

/// Arguments of `init`.
#[derive(Args)]
struct Init {
    /// Ask nothing, take the defaults
    #[arg(long)]
    yes: bool,
}

fn init(desk: &Desk, args: &Init) -> Result<Answer, Fault> {
    let path = desk.folder.join(FILE);
    if path.exists() {
        return Err(Fault::new(FaultKind::Refused, format!("{} exists already", path.display()))
            .hint("edit it; rapport rebuild  applies it"));
    }
    let mut config = Config::default();
    if !args.yes {
        if !std::io::stdin().is_terminal() {
            return Err(Fault::usage("there is nobody to ask here").hint("rapport init --yes"));
        }
        config.community.name = ask("What is the community called?", &config.community.name)?;
        let domains = ask("Mail domains of your staff (several with spaces)?", "")?;
        config.people.staff_domains = domains.split_whitespace().map(str::to_lowercase).collect();
    }
    let body = toml::to_string_pretty(&config).map_err(|e| Fault::usage(e.to_string()))?;
    std::fs::create_dir_all(&desk.folder)?;
    std::fs::write(&path, format!("{HEAD}\n{body}"))?;
    desk.answer(&path, || {
        format!(
            "Wrote {}\n\nnext: rapport add <an export, archive or clone> \u{b7} rapport org example > {}\n",
            path.display(),
            desk.folder.join(&config.org.file).display()
        )
    })
}

const HEAD: &str = "# What Rapport is told about your community. After a change: rapport rebuild
# [people] staff, practitioners, bots, humans: logins, addresses or names as their source shows them.
# staff-domains: mail domains of staff. staff-titles: words in a chat profile that mark staff.
# [answers] within-working-days: the promise that `metrics late` measures (Monday to Friday).
";

fn ask(question: &str, default: &str) -> Result<String, Fault> {
    let mut out = std::io::stderr();
    write!(out, "{question} [{default}] ")?;
    out.flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let line = line.trim();
    Ok(if line.is_empty() { default.to_owned() } else { line.to_owned() })
}
