//! Work on the project itself: `cargo run -p xtask -- world | scale | bytes`.

mod bytes;
mod crowd;
mod html;
mod judge;
mod mail;
mod mill;
mod options;
mod random;
mod render;
mod scale;
mod train;
mod when;
mod world;

use std::process::ExitCode;

use options::Options;

/// What can go wrong here is told to the person who ran it, and nobody else.
type Fault = Box<dyn std::error::Error>;

const HELP: &str = "\
cargo run -p xtask -- world [--check]
    renders the invented world into company/, or fails when what is there differs
cargo run -p xtask -- scale --activities N --out DIR [--seed S]
    a large community over three years: archives that `rapport add` reads
cargo run -p xtask -- bytes --mb N --kind discourse|zulip|mbox --out PATH [--seed S]
    one archive of about this size
cargo run --release -p xtask -- judge kind|answered|replies|similar|topics|trends|people [--data DIR]
    how good a judgement is on labelled data
cargo run --release -p xtask -- train replies|kind [--data DIR]
    makes the weight files that ship with the program";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let verb = words.next().unwrap_or_default();
    let what = if matches!(verb.as_str(), "judge" | "train") {
        words.next().unwrap_or_default()
    } else {
        String::new()
    };
    let done = Options::parse(words).and_then(|options| match verb.as_str() {
        "scale" => scale::scale(&options),
        "world" => render::world(&options),
        "bytes" => bytes::bytes(&options),
        "judge" => judge::judge(&what, &options),
        "train" => train::train(&what, &options),
        _ => Err(HELP.into()),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}
