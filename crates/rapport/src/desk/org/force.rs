//! Which organisation is in force: the file while it can be used, else the last good copy, which the folder keeps.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rapport_model::Time;
use rapport_practice::definition::Definition;
use rapport_practice::org::{Finding, Organisation, Preset, read_beside};
use rapport_store::{OrgCopy, Store, StoreError};
use serde::Serialize;

use crate::desk::{Desk, me};
use crate::fault::Fault;
use crate::page::moment;

/// Where the organisation in force comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Basis {
    /// The file as it is.
    File,
    /// The file cannot be used: the copy of this moment.
    Kept(Time),
    /// There is no file: three departments and nobody in them.
    Nothing,
}

/// The organisation in force, and all that is judged with it.
pub(crate) struct InForce {
    pub(crate) org: Organisation,
    pub(crate) preset: Preset,
    pub(crate) definition: Definition,
    pub(crate) basis: Basis,
    pub(crate) file: PathBuf,
    /// What is wrong with the form of the file as it is now.
    pub(crate) form: Vec<Finding>,
}

impl InForce {
    /// What a reader has to know who sees something made with it.
    pub(crate) fn note(&self) -> Option<String> {
        match self.basis {
            Basis::File => None,
            Basis::Kept(at) => Some(format!(
                "{} has mistakes; the organisation of {} is in force (rapport org check)",
                self.file.display(),
                moment(at)
            )),
            Basis::Nothing if self.form.is_empty() => Some(
                "no organisation is declared: departments and routes are the usual ones (rapport org example)"
                    .to_owned(),
            ),
            Basis::Nothing => Some(format!(
                "{} has mistakes and no good copy was ever kept: departments and routes are the usual ones (rapport org check)",
                self.file.display()
            )),
        }
    }
}

/// The organisation's file of a folder.
pub(crate) fn file(desk: &Desk) -> Result<PathBuf, Fault> {
    Ok(desk.folder.join(desk.config()?.org.file))
}

/// The file's text; nothing where there is none.
pub(crate) fn text(path: &Path) -> Result<Option<String>, Fault> {
    match std::fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|e| {
            let at = e.utf8_error().valid_up_to();
            Fault::usage(format!("{}: not UTF-8 from byte {at} on", path.display()))
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Fault::usage(format!("{}: {error}", path.display()))),
    }
}

/// The organisation in force. A good file that is new is kept, when nobody else is writing.
pub(crate) fn in_force(desk: &Desk) -> Result<InForce, Fault> {
    let file = file(desk)?;
    let definition = definition(desk)?;
    let finish = |org: Organisation, basis, form| {
        let preset = preset(desk, &org)?;
        Ok(InForce { org, preset, definition, basis, file: file.clone(), form })
    };
    let Some(text) = text(&file)? else { return finish(Organisation::default(), Basis::Nothing, Vec::new()) };
    let presets = presets(desk)?;
    let (org, form) = read_beside(&text, &presets);
    if let Some(org) = org {
        keep(desk, &file, &text)?;
        return finish(org, Basis::File, form);
    }
    let copy = match desk.reading() {
        Ok(store) => store.org_copy(None)?,
        Err(_) => None,
    };
    match copy.and_then(|copy| Some((read_beside(&copy.text, &presets).0?, copy.at))) {
        Some((org, at)) => finish(org, Basis::Kept(at), form),
        None => finish(Organisation::default(), Basis::Nothing, form),
    }
}

/// The organisation that was in force at a moment, from the copies.
pub(crate) fn at_that_time(desk: &Desk, at: Time) -> Result<Option<(Organisation, Time)>, Fault> {
    let (copy, presets) = (desk.reading()?.org_copy(Some(at))?, presets(desk)?);
    Ok(copy.and_then(|copy| Some((read_beside(&copy.text, &presets).0?, copy.at))))
}

/// Keeps the file's text in the folder when there is one and the text is new there.
fn keep(desk: &Desk, file: &Path, text: &str) -> Result<(), Fault> {
    let newest = match desk.reading() {
        Ok(store) => store.org_copy(None)?,
        Err(_) => return Ok(()), // nothing was ever read here: there is no folder to keep it in
    };
    if newest.is_some_and(|copy| copy.text == text) {
        return Ok(());
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let copy = OrgCopy { at: desk.now, who: me(), file: name, text: text.to_owned() };
    match Store::open(&desk.folder).and_then(|mut store| store.keep_org(&copy)) {
        Ok(_) | Err(StoreError::Busy(_) | StoreError::Disk { .. }) => Ok(()), // the next run keeps it
        Err(error) => Err(error.into()),
    }
}

/// The preset of the employer's kind: the user's own from `presets/` in the folder, else ours.
pub(super) fn preset(desk: &Desk, org: &Organisation) -> Result<Preset, Fault> {
    let kind = &org.employer.kind;
    Preset::of(kind, &presets(desk)?).map_err(|e| {
        Fault::usage(format!("{}: {e}", desk.folder.join("presets").join(format!("{kind}.toml")).display()))
    })
}

/// The user's own presets, by kind.
pub(super) fn presets(desk: &Desk) -> Result<BTreeMap<String, String>, Fault> {
    let mut own = BTreeMap::new();
    let entries = match std::fs::read_dir(desk.folder.join("presets")) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(own),
        Err(error) => return Err(Fault::usage(format!("presets: {error}"))),
    };
    for entry in entries {
        let path = entry?.path();
        let kind = path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned);
        let (Some(kind), true) = (kind, path.extension().is_some_and(|e| e == "toml")) else { continue };
        let Some(text) = text(&path)? else { continue };
        // One that cannot be read is told of before it makes others look wrong.
        Preset::read(&text).map_err(|e| Fault::usage(format!("{}: {e}", path.display())))?;
        own.insert(kind, text);
    }
    Ok(own)
}

/// The definition in force.
pub(crate) fn definition(desk: &Desk) -> Result<Definition, Fault> {
    let named = desk.config()?.roster.definition;
    if named.is_empty() { Ok(Definition::ours()) } else { load(&desk.folder.join(named)) }
}

/// A definition from a file.
pub(crate) fn load(path: &Path) -> Result<Definition, Fault> {
    let text =
        text(path)?.ok_or_else(|| Fault::usage(format!("{}: there is no such file", path.display())))?;
    Definition::read(&text).map_err(|e| Fault::usage(format!("{}: {e}", path.display())))
}
