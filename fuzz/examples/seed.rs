//! Writes the seed corpora from the fixtures: `cargo run --release --example seed`, then `cargo fuzz run TARGET`.

#![allow(clippy::unwrap_used)] // it has failed

#[path = "../../crates/sources/tests/it/fixtures.rs"]
#[allow(dead_code)] // the tests use more of it
mod fixtures;
#[path = "../../crates/sources/tests/it/fuzzed.rs"]
#[allow(dead_code)]
mod fuzzed;

fn main() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (target, seeds) in fixtures::seeded() {
        let folder = corpus.join(target.name);
        std::fs::create_dir_all(&folder).unwrap();
        for (n, seed) in seeds.iter().enumerate() {
            std::fs::write(folder.join(format!("fixture-{n:02}")), seed).unwrap();
        }
        println!("{:<14} {} seeds", target.name, seeds.len());
    }
}
