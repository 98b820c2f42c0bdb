//! Definitions: which there are, which is in force, and who would be judged otherwise by another.

use std::path::{Path, PathBuf};

use clap::Args;
use rapport_practice::definition::{Definition, Flip, Person, flips, standing};
use serde::Serialize;

use super::kept;
use crate::desk::org::force;
use crate::desk::{Answer, Desk};
use crate::fault::Fault;
use crate::page::{bold, count, dim, line};

/// Arguments of `roster flips`.
#[derive(Args)]
pub(super) struct Flips {
    /// The other definition: a file, or the name/version of one in rapport.toml
    #[arg(long, value_name = "DEFINITION")]
    to: PathBuf,
}
/// Arguments of `roster definitions`.
#[derive(Args)]
pub(super) struct Definitions {}

/// A definition, as other programs read it.
#[derive(Serialize)]
struct Known {
    definition: String,
    /// Its file; nothing for the one that comes with the program.
    file: Option<PathBuf>,
    in_force: bool,
}

/// Somebody who would be judged otherwise.
#[derive(Serialize)]
struct Flipped {
    #[serde(flatten)]
    flip: Flip,
    /// How far the decision has come; it stays.
    stands: rapport_practice::definition::Standing,
}

#[derive(Serialize)]
struct Flipping {
    from: String,
    to: String,
    applications: usize,
    flips: Vec<Flipped>,
}

/// Every definition with its file, the one in force first.
fn all(desk: &Desk) -> Result<Vec<(Definition, Option<PathBuf>)>, Fault> {
    let config = desk.config()?.roster;
    let named = Some(config.definition).filter(|named| !named.is_empty()).into_iter();
    let mut found = Vec::new();
    for file in named.clone().chain(config.definitions) {
        let path = desk.folder.join(&file);
        found.push((force::load(&path)?, Some(path)));
    }
    let ours = (Definition::ours(), None);
    if named.count() == 0 {
        found.insert(0, ours);
    } else {
        found.push(ours);
    }
    Ok(found)
}

/// The definition that somebody names: a file, or name/version; the one in force where nothing is named.
pub(super) fn named(desk: &Desk, name: Option<&Path>) -> Result<Definition, Fault> {
    let Some(name) = name else { return force::definition(desk) };
    if name.is_file() {
        return force::load(name);
    }
    let all = all(desk)?;
    let labels: Vec<String> = all.iter().map(|(d, _)| d.label()).collect();
    let found = all.into_iter().map(|(d, _)| d).find(|d| Path::new(&d.label()) == name);
    found.ok_or_else(|| {
        Fault::usage(format!("{}: there is no such file, and no such definition", name.display())).hint(
            format!(
                "definitions here: {}; [roster] definitions of rapport.toml names more",
                labels.join(", ")
            ),
        )
    })
}

pub(super) fn definitions(desk: &Desk) -> Result<Answer, Fault> {
    let known: Vec<Known> = all(desk)?
        .into_iter()
        .enumerate()
        .map(|(n, (d, file))| Known { definition: d.label(), file, in_force: n == 0 })
        .collect();
    desk.answer(&known, || {
        let row = |k: &Known| {
            let file = k
                .file
                .as_ref()
                .map_or_else(|| "comes with the program".to_owned(), |f| f.display().to_string());
            format!("{:<24} {file}{}\n", line(&k.definition, 60), if k.in_force { "   in force" } else { "" })
        };
        let p = desk.program();
        known.iter().map(row).collect::<String>()
            + &dim(&format!("\nnext: {p} roster flips --to DEFINITION\n"))
    })
}

pub(super) fn flipped(desk: &Desk, args: &Flips) -> Result<Answer, Fault> {
    let (old, new) = (force::definition(desk)?, named(desk, Some(&args.to))?);
    let office = kept::Office::open(desk)?;
    let people: Vec<(String, Person)> = office
        .applications
        .iter()
        .filter_map(|a| Some((a.name.clone(), serde_json::from_str(&a.person).ok()?)))
        .collect();
    let found = flips(&old, &new, &people);
    let flips = found
        .into_iter()
        .filter_map(|flip| {
            let id = office.applications.iter().find(|a| a.name == flip.id)?.id;
            Some(Flipped { stands: standing(&office.said(id)), flip })
        })
        .collect();
    let told = Flipping { from: old.label(), to: new.label(), applications: people.len(), flips };
    desk.answer(&told, || {
        let head = match told.flips.len() {
            0 => "Nobody would be judged otherwise".to_owned(),
            n => format!("{} would be judged otherwise", count(n, "person", "people")),
        };
        let mut out = format!(
            "{}   {}\n\n",
            bold(&head),
            dim(&format!(
                "{} instead of {}, {}",
                told.to,
                told.from,
                count(told.applications, "application", "applications")
            ))
        );
        for f in &told.flips {
            let clause = f.flip.clause_before.as_deref().or(f.flip.clause_after.as_deref()).unwrap_or("");
            out.push_str(&format!(
                "  {:<24} {} \u{2192} {}  {}\n",
                line(&f.flip.id, 24),
                f.flip.before.as_str(),
                f.flip.after.as_str(),
                dim(&format!("clause {clause}; {}", kept::stands(&f.stands)))
            ));
        }
        let p = desk.program();
        out.push_str(&dim(&format!(
            "\nNobody was changed. next: {p} roster show NAME \u{b7} {p} roster decide NAME VERDICT\n"
        )));
        out
    })
}
