//! Work on the project itself: `cargo run -p xtask -- world | scale | bytes`.

mod bytes;
mod crowd;
mod html;
mod judge;
mod mail;
mod mill;
mod options;
#[allow(dead_code, unused_imports, missing_docs, unreachable_pub)] // tests use what the command does not
mod play;
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
cargo run -p xtask -- play --port N [--activities THREADS] [--seed S] [--at SECONDS] [--pause SECONDS] [--generous]
    a server that plays the services of an invented community, each in its folder: http://127.0.0.1:N/github
cargo run --release -p xtask -- judge kind|answered|replies|similar|topics|trends|people|employers [--data DIR]
    how good a judgement is on labelled data
cargo run --release -p xtask -- train replies|kind|mean [--data DIR]
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
        "play" => perform(&options),
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

/// Plays until it is stopped.
fn perform(options: &Options) -> Result<(), Fault> {
    let port = options.number("port", Some(8750))?;
    let threads = usize::try_from(options.number("activities", Some(300))?)?;
    let seed = options.number("seed", Some(7))?;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
    let now = options.number("at", Some(now))?;
    let pause = options.number("pause", Some(0))?;
    let community = play::Community::new(threads, i64::try_from(now)?, seed);
    let stages = play::SERVICES.iter().map(|service| {
        let mut stage = play::Stage::new(service, community.clone());
        // Where a client's id and secret become a token, both are the same word.
        let token = if *service == "reddit" { "played:played" } else { "played" };
        stage.token = Some(token.to_owned());
        if options.has("generous") {
            stage.quota = u64::MAX;
        }
        if pause > 0 {
            // What a service does when it has had enough: the third request is refused.
            stage.faults.insert(2, play::Fault::Pause(pause));
        }
        stage
    });
    let server = play::socket::Server::start(u16::try_from(port)?, stages.collect())?;
    println!("playing at {} (token: played; Reddit: played:played)", server.address);
    let mut told = 0;
    loop {
        std::thread::sleep(std::time::Duration::from_secs(1));
        let failures = server.failures();
        for failure in failures.iter().skip(told) {
            println!("{failure}");
        }
        told = failures.len();
    }
}
