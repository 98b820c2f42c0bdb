//! How long the judgements take: a kind, who answers whom, threads like one.

use rapport_insight::replies::{self, Message};
use rapport_insight::similar::{self, Candidate, Index};
use rapport_insight::{kind, text::vectors};

fn main() {
    divan::main();
}

/// Invented openings of the length that people write in trackers.
fn openings() -> Vec<String> {
    const TITLES: [&str; 5] = [
        "Client hangs when the token expires mid-stream",
        "Where is the migration guide from v2 to v3?",
        "Please add a dry run to relayctl replay",
        "Signature differs on the second delivery",
        "How do I rotate the signing key without downtime?",
    ];
    const PART: &str =
        "We run three workers behind a proxy and since the upgrade the retries arrive out of order. ";
    (0..500).map(|n| format!("{} ({n})\n{}", TITLES[n % 5], PART.repeat(1 + n % 6))).collect()
}

#[divan::bench]
fn kind_of_a_text(bencher: divan::Bencher) {
    let texts = openings();
    bencher
        .counter(divan::counter::ItemsCount::new(texts.len()))
        .bench(|| texts.iter().filter(|text| kind::judge(kind::base(), text, text).sure()).count());
}

#[divan::bench]
fn meaning_of_a_thread(bencher: divan::Bencher) {
    let texts = openings();
    bencher.counter(divan::counter::ItemsCount::new(texts.len())).bench(|| {
        texts.iter().filter_map(|text| similar::meaning(text, text)).map(|v| i32::from(v[0])).sum::<i32>()
    });
}

#[divan::bench]
fn threads_like_one_of_500(bencher: divan::Bencher) {
    let texts = openings();
    let index = Index::new(&texts);
    bencher.bench(|| index.find(&texts[7], 20, |n| n == 7));
}

#[divan::bench]
fn rank_100_candidates(bencher: divan::Bencher) {
    let texts = openings();
    let candidates: Vec<Candidate<'_>> =
        texts[..100].iter().map(|body| Candidate { title: "", body, cosine: 0.0, days: None }).collect();
    bencher.bench(|| similar::rank("signature on retries", &texts[7], &candidates));
}

#[divan::bench]
fn cosines_of_100_000(bencher: divan::Bencher) {
    let vectors: Vec<vectors::Small> = openings().iter().filter_map(|t| similar::meaning("", t)).collect();
    let asked = vectors[0];
    bencher.counter(divan::counter::ItemsCount::new(100_000_usize)).bench(|| {
        vectors.iter().cycle().take(100_000).map(|v| vectors::small_cosine(&asked, v)).fold(0.0_f32, f32::max)
    });
}

#[divan::bench]
fn who_answers_whom(bencher: divan::Bencher) {
    let texts = openings();
    let people = ["ada", "bo", "cy", "dee"];
    let at = replies::when("2026-01-01T10:00:00Z");
    let chat: Vec<Message<'_>> =
        texts.iter().enumerate().map(|(n, text)| Message { at, author: people[n * 7 % 4], text }).collect();
    bencher.counter(divan::counter::ItemsCount::new(chat.len())).bench(|| replies::answers(&chat));
}
