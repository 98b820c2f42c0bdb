//! How good the judgements are, on labelled data: one file per judgement.

mod people;

use crate::Fault;
use crate::options::Options;

/// Measures one judgement and prints what it found.
pub(crate) fn judge(what: &str, options: &Options) -> Result<(), Fault> {
    match what {
        "people" => people::people(options),
        _ => Err(format!("'{what}' is no judgement; there is: people").into()),
    }
}
