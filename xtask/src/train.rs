//! Makes the weight files that ship with the program, from labelled data: `train replies | kind | mean`.

pub(crate) mod forest;
pub(crate) mod logistic;

use std::path::PathBuf;

use rapport_insight::similar;
use rapport_insight::text::vectors::DIMS;

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
        "mean" => write("static-minilm-256/mean.f32", &mean(&data)?),
        _ => Err("which model? replies, kind, mean".into()),
    }
}

/// What the texts of several trackers share: the mean of their directions.
fn mean(data: &std::path::Path) -> Result<Vec<u8>, Fault> {
    let file = std::fs::read_to_string(data.join("text/nlbse2024-train.csv"))?;
    let (mut sum, mut n) = ([0.0_f32; DIMS], 0.0_f32);
    for fields in judge::csv::records(&file).skip(1) {
        let [_, _, _, title, body] = fields.as_slice() else { continue };
        for (sum, x) in sum.iter_mut().zip(similar::direction(title, body).into_iter().flatten()) {
            *sum += x;
        }
        n += 1.0;
    }
    Ok(sum.iter().flat_map(|x| (x / n.max(1.0)).to_le_bytes()).collect())
}

fn write(name: &str, bytes: &[u8]) -> Result<(), Fault> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../crates/insight/models").join(name);
    std::fs::write(&path, bytes).map_err(|e| format!("{}: {e}", path.display()))?;
    println!("wrote {} ({} bytes)", path.display(), bytes.len());
    Ok(())
}
