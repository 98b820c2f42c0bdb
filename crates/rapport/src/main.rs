//! Rapport: the working system for Developer Relations. See `docs/ARCHITECTURE.md` for the map.

mod cli;
mod config;
mod delivery;
mod desk;
mod fault;
mod page;
mod period;
mod reference;
mod report;

fn main() -> std::process::ExitCode {
    cli::run(std::env::args_os().collect())
}
