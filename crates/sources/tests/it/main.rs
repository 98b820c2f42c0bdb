//! What every connector promises, looped over the registry: no connector passes without fixtures.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests read fixtures and write into temporary folders"
)]
#![allow(clippy::unwrap_used)] // a test that cannot go on has failed

mod bluesky;
mod contract;
mod damage;
mod expected;
mod fixtures;
mod fuzzed;
mod grown;
mod hooks;
mod interrupted;
mod lists;
#[path = "../../../rapport/tests/it/listserver.rs"]
#[allow(dead_code)]
mod listserver;
mod live;
mod mastodon;
mod matrix;
mod mutated;
mod npm;
mod overlap;
mod packages;
mod plausible;
mod played;
mod reddit;
mod refusals;
mod shapes;
mod silent;
#[path = "../../../rapport/tests/it/tls.rs"]
#[allow(dead_code)]
mod tls;
mod watched;
mod youtube;
