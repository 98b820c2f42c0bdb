//! `export` and `import`: everything as JSON lines; the documented views for other programs, and beside them the whole
//! folder, from which a fresh one comes out the same.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use rapport_insight::kind::Learned;
use rapport_store::questions::free::EXPORTED;
use rapport_store::{Store, StoreError, TABLES};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::add::parsed;
use super::{Answer, Desk, Verb, learned, with_judge};
use crate::config::FILE as CONFIG;
use crate::fault::{Fault, FaultKind};
use crate::page::dim;

pub(crate) const EXPORT: Verb = Verb {
    name: "export",
    about: "Write everything as JSON lines into a folder",
    example: "rapport export ./out",
    args: Export::augment_args,
    call: |desk, matches| export(desk, &parsed(matches)?),
};

/// Arguments of `export`.
#[derive(Args)]
struct Export {
    /// A folder; made if it is not there
    to: PathBuf,
}

#[derive(Serialize)]
struct Written {
    file: PathBuf,
    rows: u64,
}

/// Arguments of `import`.
#[derive(Args)]
struct Import {
    /// A folder that `export` wrote
    from: PathBuf,
}

pub(crate) const IMPORT: Verb = Verb {
    name: "import",
    about: "Make a fresh folder from what `export` wrote; the screens come out the same",
    example: "rapport --data ./fresh import ./out",
    args: Import::augment_args,
    call: |desk, matches| import(desk, &parsed(matches)?),
};

/// What the folder is, and which program wrote it.
#[derive(Serialize, Deserialize)]
struct Manifest {
    format: String,
    schema: usize,
    tables: Vec<String>,
}

const FORMAT: &str = "rapport-folder";
/// The subfolder for the whole folder's rows.
const FOLDER: &str = "folder";

/// Writes rows as JSON lines while `rows` hands them over.
fn write(
    file: PathBuf,
    rows: impl FnOnce(&mut dyn FnMut(Map<String, Value>) -> bool) -> Result<(), StoreError>,
) -> Result<Written, Fault> {
    let mut out = BufWriter::new(File::create(&file)?);
    let (mut n, mut failed) = (0, None);
    rows(&mut |object| {
        let wrote = serde_json::to_writer(&mut out, &object)
            .map_err(std::io::Error::from)
            .and_then(|()| out.write_all(b"\n"));
        n += 1;
        failed = wrote.err();
        failed.is_none()
    })?;
    if let Some(error) = failed {
        return Err(Fault::new(FaultKind::Store, format!("{}: {error}", file.display())));
    }
    out.flush()?;
    Ok(Written { file, rows: n })
}

fn export(desk: &Desk, args: &Export) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    let whole = args.to.join(FOLDER);
    std::fs::create_dir_all(&whole)
        .map_err(|e| Fault::new(FaultKind::Store, format!("{}: {e}", whole.display())))?;
    let mut written = Vec::new();
    for (name, query) in EXPORTED {
        written.push(write(args.to.join(format!("{name}.jsonl")), |each| {
            store.sql(query, &mut |columns, row| each(columns.iter().cloned().zip(row).collect())).map(drop)
        })?);
    }
    for table in TABLES {
        written.push(write(whole.join(format!("{table}.jsonl")), |each| {
            store.dump(table, &mut |row| each(row))
        })?);
    }
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        schema: Store::schema_version(),
        tables: TABLES.iter().map(|&table| table.to_owned()).collect(),
    };
    // Last of all: a folder without it was not written to its end.
    serde_json::to_writer_pretty(File::create(whole.join("manifest.json"))?, &manifest)
        .map_err(std::io::Error::from)?;
    if let Ok(config) = std::fs::read(desk.folder.join(CONFIG)) {
        std::fs::write(whole.join(CONFIG), config)?;
    }
    desk.answer(&written, || {
        let lines = written.iter().map(|w| format!("{:>9} rows  {}\n", w.rows, w.file.display()));
        lines.chain([dim("\nnext: rapport --data NEW import THIS  makes a folder from it\n")]).collect()
    })
}

fn import(desk: &Desk, args: &Import) -> Result<Answer, Fault> {
    let whole = args.from.join(FOLDER);
    let not_ours = |why: String| {
        Fault::new(FaultKind::Source, format!("{}: {why}", whole.display()))
            .hint("name a folder that `rapport export` wrote to its end; archives come in with rapport add")
    };
    let manifest = std::fs::read(whole.join("manifest.json"))
        .map_err(|e| not_ours(format!("manifest.json cannot be read ({e})")))?;
    let manifest: Manifest =
        serde_json::from_slice(&manifest).map_err(|e| not_ours(format!("manifest.json: {e}")))?;
    if manifest.format != FORMAT || manifest.schema > Store::schema_version() {
        return Err(not_ours(format!(
            "written as {} {}, this program reads {FORMAT} up to {}",
            manifest.format,
            manifest.schema,
            Store::schema_version()
        )));
    }
    let mut store = desk.writing()?;
    if let (Ok(config), false) = (std::fs::read(whole.join(CONFIG)), desk.folder.join(CONFIG).exists()) {
        std::fs::write(desk.folder.join(CONFIG), config)?;
    }
    let declared = desk.config()?.declared();
    let bar = indicatif::ProgressBar::new_spinner();
    let mut load = store.begin_load().map_err(|e| Fault::from(e).hint("rapport --data NEW import …"))?;
    for table in &manifest.tables {
        let file = whole.join(format!("{table}.jsonl"));
        let lines = BufReader::new(File::open(&file).map_err(|e| not_ours(format!("{table}.jsonl: {e}")))?);
        for (n, line) in lines.lines().enumerate() {
            let at = |why: String| not_ours(format!("{table}.jsonl line {}: {why}", n + 1));
            let row =
                serde_json::from_str(&line.map_err(|e| at(e.to_string()))?).map_err(|e| at(e.to_string()))?;
            load.row(table, row).map_err(|e| at(e.to_string()))?;
            if n % 10_000 == 0 {
                bar.set_message(format!("{table}: {n} rows"));
            }
        }
    }
    let revisions = with_judge(&declared, &Learned::default(), |judge| {
        load.finish(judge, &mut |done| bar.set_message(format!("{done} revisions judged")))
    })?;
    // What was learned came in with the rest; now it can be judged by.
    let learned = learned(&store)?;
    if !learned.is_empty() {
        with_judge(&declared, &learned, |judge| store.rebuild(judge, &mut |_| ()))?;
    }
    bar.finish_and_clear();
    desk.answer(&serde_json::json!({ "revisions": revisions }), || {
        format!("Imported {revisions} revisions.\n{}", dim("\nnext: rapport check \u{b7} rapport needs\n"))
    })
}
