//! `backup`, `check`, `rebuild`: keeping the folder well.

use std::path::PathBuf;

use clap::Args;
use rapport_store::Store;
use serde::Serialize;

use super::add::parsed;
use super::{Answer, Desk, Verb, learned, me, with_judge};
use crate::fault::Fault;

pub(crate) const BACKUP: Verb = Verb {
    name: "backup",
    about: "Copy the folder's database, consistent even while another process writes",
    example: "rapport backup ./rapport-2026-09-28.sqlite",
    args: Backup::augment_args,
    call: |desk, matches| {
        let args: Backup = parsed(matches)?;
        desk.reading()?.backup(&args.to)?;
        // A folder that nobody may write to can be copied all the same; then nothing is noted.
        if let Ok(mut store) = desk.noting() {
            let _ = store.note("backup", &args.to.display().to_string(), &me(), desk.now);
        }
        desk.answer(&args.to, || format!("Copied to {}\n", args.to.display()))
    },
};
pub(crate) const CHECK: Verb = Verb {
    name: "check",
    about: "Is everything whole? The file, every count, the roll-ups against the log",
    example: "rapport check",
    args: |command| command,
    call: |desk, _| check(desk),
};
pub(crate) const REBUILD: Verb = Verb {
    name: "rebuild",
    about: "Make all derived tables again from the log (after a change of rapport.toml, for example)",
    example: "rapport rebuild",
    args: |command| command,
    call: |desk, _| rebuild(desk),
};

/// Arguments of `backup`.
#[derive(Args)]
struct Backup {
    /// The new file
    to: PathBuf,
}

#[derive(Serialize)]
struct Finding {
    check: &'static str,
    says: String,
}

fn check(desk: &Desk) -> Result<Answer, Fault> {
    let findings: Vec<Finding> =
        desk.reading()?.check()?.into_iter().map(|f| Finding { check: f.check, says: f.says }).collect();
    let mut answer = desk.answer(&findings, || {
        if findings.is_empty() {
            return format!("All is well: {} checks.\n", Store::checks());
        }
        let mut out: String = findings.iter().map(|f| format!("not so: {}: {}\n", f.check, f.says)).collect();
        out.push_str("\nnext: rapport rebuild  mends what is derived; for the rest restore a backup\n");
        out
    })?;
    answer.findings = !findings.is_empty();
    Ok(answer)
}

fn rebuild(desk: &Desk) -> Result<Answer, Fault> {
    desk.reading()?; // a folder that is not there is said to be so, not made
    let declared = desk.config()?.declared();
    let mut store = desk.writing()?;
    let learned = learned(&store)?;
    let bar = indicatif::ProgressBar::new_spinner();
    let members = with_judge(&declared, &learned, |judge| store.rejudge_members(judge))?;
    let rows = with_judge(&declared, &learned, |judge| {
        store.rebuild(judge, &mut |done| bar.set_message(format!("{done} revisions read")))
    })?;
    bar.finish_and_clear();
    super::people::link::link(desk, &mut store, &desk.config()?, false)?;
    desk.answer(&serde_json::json!({ "revisions": rows, "members_changed": members }), || {
        format!("Rebuilt from {rows} revisions; {members} identities changed their kind.\n")
    })
}
