//! Rapport: the working system for Developer Relations. See `docs/ARCHITECTURE.md` for the map.

mod call;
mod cli;
mod config;
mod delivery;
mod desk;
mod fault;
mod mcp;
mod page;
mod period;
mod reference;
mod report;
mod web;

fn main() -> std::process::ExitCode {
    cli::run(std::env::args_os().collect())
}
