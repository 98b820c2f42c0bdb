//! The fuzzer's side of `crates/sources/tests/it/fuzzed.rs`, which holds the targets: the tests run the same functions.

#[path = "../../crates/sources/tests/it/fuzzed.rs"]
#[allow(dead_code)] // the tests use more of it
mod fuzzed;

/// Feeds one input to a target.
pub fn run(name: &str, data: &[u8]) {
    (fuzzed::target(name).run)(data);
}
