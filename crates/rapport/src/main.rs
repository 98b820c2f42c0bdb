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

/// Verbs make and drop trees of values of many megabytes on whichever thread comes; the system's allocator keeps a share of
/// each thread's for itself, which grew to four times what was in use.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::run(std::env::args_os().collect())
}
