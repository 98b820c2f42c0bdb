//! What every connector promises, looped over the registry: no connector passes without fixtures.

#![allow(clippy::unwrap_used)] // a test that cannot go on has failed

mod contract;
mod damage;
mod expected;
mod fixtures;
mod fuzzed;
mod grown;
mod mutated;
