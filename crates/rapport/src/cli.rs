//! The command line: parses, calls a verb, prints its answer. Holds no rule.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::{Command as Process, ExitCode, Stdio};

use clap::{Arg, ArgAction, Command};
use rapport_model::Time;

use crate::desk::wall::{self, Role};
use crate::desk::{Answer, Desk, VERBS};
use crate::fault::Fault;

/// Options that every verb takes stand together under this heading.
const EVERYWHERE: &str = "Everywhere";

/// The whole command line, made from the registry of verbs.
pub(crate) fn command() -> Command {
    let mut command = Command::new("rapport")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Hears what a community needs, shows who still waits, and carries what it learns.")
        .after_help("Begin with:  rapport add <an export, archive or clone>   or   rapport demo")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(
            Arg::new("data")
                .long("data")
                .global(true)
                .env("RAPPORT_DATA")
                .default_value("rapport-data")
                .value_name("FOLDER")
                .help_heading(EVERYWHERE)
                .help("The data folder"),
        )
        .arg(
            Arg::new("json")
                .long("json")
                .global(true)
                .action(ArgAction::SetTrue)
                .help_heading(EVERYWHERE)
                .help("Answer in JSON"),
        )
        .arg(
            Arg::new("as-of")
                .long("as-of")
                .global(true)
                .value_name("TIME")
                .help_heading(EVERYWHERE)
                .help("Take this moment as now: 2026-09-28T08:00:00Z"),
        )
        .arg(
            Arg::new("role")
                .long("role")
                .global(true)
                .env("RAPPORT_ROLE")
                .default_value(Role::default().as_str())
                .value_parser(Role::ALL.map(Role::as_str))
                .hide_possible_values(false)
                .value_name("ROLE")
                .help_heading(EVERYWHERE)
                .help(
                    "What you work as: outside DevRel people go by pseudonyms, sales sees counts and topics",
                ),
        );
    for verb in VERBS {
        command = command.subcommand(verb.command());
    }
    command
}

/// Runs one command line and returns the exit code.
pub(crate) fn run(args: Vec<OsString>) -> ExitCode {
    if args.len() < 2 {
        let _ = command().print_help();
        return ExitCode::from(2);
    }
    let matches = match command().try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let Some((name, sub)) = matches.subcommand() else { return ExitCode::from(2) };
    let Some(verb) = VERBS.iter().find(|verb| verb.name == name) else { return ExitCode::from(2) };
    let folder: PathBuf =
        sub.get_one::<String>("data").map_or_else(|| PathBuf::from("rapport-data"), PathBuf::from);
    let json = sub.get_flag("json");
    let now = match sub.get_one::<String>("as-of").map(|text| Time::parse(text)) {
        None => clock(),
        Some(Ok(time)) => time,
        Some(Err(error)) => return fail(&Fault::usage(format!("--as-of: {error}"))),
    };
    let role = sub.get_one::<String>("role").and_then(|word| Role::from_word(word)).unwrap_or_default();
    let desk = Desk { folder, json, now, fixed: sub.get_one::<String>("as-of").is_some(), role };
    match whole(|| wall::call(verb, &desk, sub)) {
        Some(Ok(answer)) => show(&answer, json),
        Some(Err(fault)) => fail(&fault),
        None => ExitCode::from(70),
    }
}

/// Runs `act`; none when it broke down, which is a mistake of the program: what and where it was has been said by then,
/// and how to report it follows.
fn whole<T>(act: impl FnOnce() -> T) -> Option<T> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(act)) {
        Ok(done) => Some(done),
        Err(_) => {
            let mut err = anstream::stderr().lock();
            let _ = writeln!(err, "\x1b[1;31mrapport:\x1b[0m a mistake of the program, not of yours");
            let _ = writeln!(err, "  next: please report the lines above; what was stored before is safe");
            None
        }
    }
}

fn clock() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).ok().and_then(Time::from_millis).unwrap_or(Time::MIN)
}

fn fail(fault: &Fault) -> ExitCode {
    let mut err = anstream::stderr().lock();
    let _ = writeln!(err, "\x1b[1;31mrapport:\x1b[0m {}", fault.message);
    for hint in &fault.hints {
        let _ = writeln!(err, "  next: {hint}");
    }
    ExitCode::from(fault.exit_code())
}

/// Prints the answer, through a pager when it is longer than the screen. A closed pipe is no error.
fn show(answer: &Answer, json: bool) -> ExitCode {
    let code = ExitCode::from(u8::from(answer.findings));
    if answer.json.is_empty() && answer.text.is_empty() {
        return code; // a filter has written its lines already
    }
    if json {
        let _ = writeln!(std::io::stdout().lock(), "{}", answer.json);
        return code;
    }
    if std::io::stdout().is_terminal() && answer.text.lines().count() > 50 {
        let pager = std::env::var("PAGER").unwrap_or_else(|_| "less".to_owned());
        let child = Process::new(&pager).env("LESS", "FRX").stdin(Stdio::piped()).spawn();
        if let Ok(mut child) = child {
            if let Some(stdin) = &mut child.stdin {
                let _ = stdin.write_all(answer.text.as_bytes());
            }
            let _ = child.wait();
            return code;
        }
    }
    let _ = write!(anstream::stdout().lock(), "{}", answer.text);
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn a_mistake_of_the_program_is_told_apart() {
        assert_eq!(whole(|| 7), Some(7));
        assert_eq!(whole(|| -> u8 { panic!("on purpose") }), None);
    }
}
