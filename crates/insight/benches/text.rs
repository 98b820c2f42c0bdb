//! How many short messages a second one core turns into vectors.

use rapport_insight::text::{vectors, wordpiece};

fn main() {
    divan::main();
}

/// Invented messages of the length that people write in chats and titles: 12 words on average.
fn messages() -> Vec<String> {
    const PARTS: [&str; 12] = [
        "how do I rotate the signing key without downtime?",
        "the client hangs when the token expires mid-stream",
        "is there a migration guide from v2 to v3 of the tidewater SDK",
        "getting `permission denied` on the staging bucket since Friday",
        "thanks, that worked for me",
        "webhook retries arrive out of order and the signature never matches",
        "would be great if the CLI could print JSON",
        "can someone review my pull request about rate limits",
        "build fails on arm64 with undefined symbol errors in the linker step",
        "docs say the default timeout is thirty seconds but I see ten",
        "we upgraded the cluster yesterday and now half of the workers restart every few minutes, any idea?",
        "+1, same here on Windows 11",
    ];
    (0..1_000).map(|n| format!("{} {n}", PARTS[n % PARTS.len()])).collect()
}

#[divan::bench]
fn message_to_vector(bencher: divan::Bencher) {
    let messages = messages();
    bencher
        .counter(divan::counter::ItemsCount::new(messages.len()))
        .bench(|| messages.iter().filter_map(|m| vectors::vector(m)).map(|v| v[0]).sum::<f32>());
}

#[divan::bench]
fn message_to_tokens(bencher: divan::Bencher) {
    let messages = messages();
    let mut out = Vec::new();
    bencher.counter(divan::counter::ItemsCount::new(messages.len())).bench_local(|| {
        let mut n = 0;
        for message in &messages {
            wordpiece::tokens_into(message, 512, &mut out);
            n += out.len();
        }
        n
    });
}
