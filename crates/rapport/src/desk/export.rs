//! `export`: everything the documented views hold, as JSON lines that other programs read.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use rapport_store::questions::free::EXPORTED;
use serde::Serialize;
use serde_json::Value;

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::fault::Fault;

pub(crate) const VERB: Verb = Verb {
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

fn export(desk: &Desk, args: &Export) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    std::fs::create_dir_all(&args.to)?;
    let mut written = Vec::new();
    for (name, query) in EXPORTED {
        let file = args.to.join(format!("{name}.jsonl"));
        let mut out = BufWriter::new(File::create(&file)?);
        let mut rows = 0;
        let mut failed = None;
        store.sql(query, &mut |columns, row| {
            let object: serde_json::Map<String, Value> = columns.iter().cloned().zip(row).collect();
            let wrote = serde_json::to_writer(&mut out, &object)
                .map_err(std::io::Error::from)
                .and_then(|()| out.write_all(b"\n"));
            rows += 1;
            failed = wrote.err();
            failed.is_none()
        })?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        out.flush()?;
        written.push(Written { file, rows });
    }
    desk.answer(&written, || {
        written.iter().map(|w| format!("{:>9} rows  {}\n", w.rows, w.file.display())).collect()
    })
}
