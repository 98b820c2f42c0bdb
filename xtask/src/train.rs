//! Makes the weight files that ship with the program, from labelled data: `train replies | kind`.

pub(crate) mod forest;
pub(crate) mod logistic;

use std::path::PathBuf;

use crate::options::Options;
use crate::{Fault, judge};

/// Trains one model on all of its data and writes its file.
pub(crate) fn train(what: &str, options: &Options) -> Result<(), Fault> {
    let data = judge::data(options);
    match what {
        "replies" => {
            let logs = judge::replies::logs(&data)?;
            let forest = judge::replies::learn(&logs.iter().collect::<Vec<_>>());
            write("replies/trees.bin", &forest.write())
        }
        "kind" => {
            let (texts, domains) = judge::kind::labelled(&data)?;
            write("kind/weights.bin", &judge::kind::ship(&texts, domains).write())
        }
        _ => Err("which model? replies, kind".into()),
    }
}

fn write(name: &str, bytes: &[u8]) -> Result<(), Fault> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../crates/insight/models").join(name);
    std::fs::write(&path, bytes).map_err(|e| format!("{}: {e}", path.display()))?;
    println!("wrote {} ({} bytes)", path.display(), bytes.len());
    Ok(())
}
