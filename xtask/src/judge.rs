//! How good the judgements are, measured on labelled data: `judge kind | answered | replies | similar | topics |
//! trends | people | employers`.

mod answered;
pub(crate) mod csv;
mod employers;
pub(crate) mod kind;
mod markup;
mod people;
pub(crate) mod replies;
mod similar;
mod topics;
mod trends;

use std::path::PathBuf;

use crate::Fault;
use crate::options::Options;

/// Runs the measurement of one judgement.
pub(crate) fn judge(what: &str, options: &Options) -> Result<(), Fault> {
    match what {
        "replies" => replies::judge(&data(options)),
        "kind" => kind::judge(&data(options)),
        "trends" => trends::trends(options),
        "topics" => topics::topics(&data(options)),
        "similar" => similar::similar(&data(options)),
        "answered" => answered::judge(&data(options)),
        "people" => people::people(options),
        "employers" => employers::employers_judged(&data(options)),
        _ => {
            Err("which judgement? kind, answered, replies, similar, topics, trends, people, employers".into())
        }
    }
}

/// Where the labelled data lies.
pub(crate) fn data(options: &Options) -> PathBuf {
    options.path("data").unwrap_or_else(|_| PathBuf::from("../shared/data"))
}
