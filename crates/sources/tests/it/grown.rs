//! Inputs that are made to take for ever or to fill the memory: what is read takes time in proportion to its bytes.

use std::time::Instant;

use crate::fuzzed::target;

/// A target, and an input that grows with a number.
type Grown = (&'static str, fn(usize) -> String);

fn repeat(n: usize, piece: impl Fn(usize) -> String) -> String {
    (0..n).map(piece).collect()
}

const GROWN: &[Grown] = &[
    ("markup", |n| format!("<a{}>", repeat(n, |i| format!(" a{i}")))),
    ("markup", |n| "<blockquote>".repeat(n)),
    ("markup", |n| "<!--".repeat(n)),
    ("markup", |n| "&".repeat(n)),
    ("markup", |n| format!("<a{}", repeat(n, |i| format!(" b{i}=\">\"")))),
    ("scan", |n| format!(" {}", "[".repeat(n))),
    ("scan", |n| format!(" {}", "{\"a\":".repeat(n))),
    ("scan", |n| format!(" {{{}", repeat(n, |i| format!("\"{i}\":0,")))),
    ("slack", |n| format!("\u{0}[{{\"ts\":\"1\",\"text\":\"{}\"}}]", "<".repeat(n))),
    ("slack", |n| {
        let users = repeat(n, |i| format!("\"U{i}\","));
        format!("\u{0}[{{\"ts\":\"1\",\"reactions\":[{{\"name\":\"x\",\"users\":[{users}\"\"]}}]}}]")
    }),
    ("discord", |n| {
        discord(
            &repeat(n, |_| "<@1>".to_owned()),
            &repeat(n, |i| format!("{{\"id\":\"{i}\",\"name\":\"<@{}><@{}>\"}},", i + 1, i + 1)),
        )
    }),
    ("discord", |n| discord(&"<@".repeat(n), "")),
    ("git", |n| {
        format!(
            "a\u{1f}\u{1f}\u{1f}\u{1f}A\u{1f}a@x\u{1f}2026-01-01\u{1f}\u{1f}{}\0",
            repeat(n, |i| format!("co-authored-by: <{i}@x>\n"))
        )
    }),
    ("activities", |n| format!("\u{2}{{\"at\":\"2026\"{}}}", repeat(n, |i| format!(",\"a{i}\":\"1\"")))),
    ("activities", |n| format!("\u{1}{}\n{}", repeat(n, |i| format!("a{i},")), "x\n".repeat(n))),
    ("activities", |n| format!("\u{1}at,text\n{}", "\"x,\n".repeat(n))),
    ("activities", |n| format!("\u{1}at,text\n{}", "1,\"\n".repeat(n))),
    ("activities", |n| format!("\u{3}{}", repeat(n, |i| format!("{{\"b{i}\":1}}\n")))),
    ("stackexchange", |n| format!("\u{1}<posts><row {}/></posts>", repeat(n, |i| format!("a{i}=\"\" ")))),
    ("stackexchange", |n| format!("\u{1}<posts>{}", "<".repeat(n))),
    ("github", |n| {
        let comments = repeat(n, |_| "{\"createdAt\":\"2026-01-01\"},".to_owned());
        format!(
            "{{\"issues\":[{{\"number\":1,\"createdAt\":\"2026-01-01\",\"comments\":[{comments}{{}}]}}]}}"
        )
    }),
    ("mbox", |n| format!("From x  Tue Jan  2 13:59:13 2024\nSubject: {}\n\nx\n", "re:[a] ".repeat(n))),
    ("mbox", |n| format!("From x  Tue Jan  2 13:59:13 2024\nFrom: {}\n\nx\n", "<a@x>,(".repeat(n))),
    ("mbox", |n| format!("From x  Tue Jan  2 13:59:13 2024\nReferences: {}\n\nx\n", "<a@x> ".repeat(n))),
    ("mbox", |n| {
        format!(
            "From x  Tue Jan  2 13:59:13 2024\nContent-Type: multipart/mixed; boundary=b\n\n{}",
            "--b\nContent-Type: multipart/mixed; boundary=b\n\n".repeat(n)
        )
    }),
    ("mbox", |n| format!("From x  Tue Jan  2 13:59:13 2024\n\n{}", "\nFrom x 10:00 2024\n".repeat(n))),
    ("mbox", |n| format!("From x  Tue Jan  2 13:59:13 2024\nSubject: {}\n\nx\n", "=?utf-8?Q?a?= ".repeat(n))),
    ("zulip", |n| format!("[{}", "{\"id\":1},".repeat(n))),
    ("discourse", |n| format!("{{\"post_stream\":{{\"posts\":[{}", "{\"id\":1},".repeat(n))),
    ("gharchive", |n| {
        format!(
            "{{\"type\":\"PushEvent\",\"id\":1,\"repo\":{{\"name\":\"a/b\"}},\"created_at\":\"2026-01-01\",\"payload\":{{\"commits\":[{}{{\"sha\":\"x\"}}]}}}}",
            repeat(n, |i| format!("{{\"sha\":\"{i}\"}},"))
        )
    }),
];

fn discord(content: &str, mentions: &str) -> String {
    format!(
        "{{\"guild\":{{\"id\":\"1\"}},\"channel\":{{\"id\":\"2\"}},\"messages\":[{{\"id\":\"3\",\"timestamp\":\"2026-01-01\",\"content\":\"{content}\",\"mentions\":[{mentions}{{\"id\":\"0\"}}]}}]}}"
    )
}

/// The place in an archive is written as a control character: so many items are left empty.
fn placed(text: &str, items: usize) -> Vec<u8> {
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(place @ 0..=3) if items > 1 => {
            [vec![0xFF; if *place == 0 { 2 } else { usize::from(*place) }].as_slice(), &bytes[1..]].concat()
        }
        _ => bytes.to_vec(),
    }
}

#[test]
fn a_megabyte_made_to_hurt_is_read_in_proportion_to_its_size() {
    for (n, (name, make)) in GROWN.iter().enumerate() {
        let target = target(name);
        let unit = make(64).len().div_ceil(64);
        let input = placed(&make((1 << 20) / unit), target.items.len());
        let began = Instant::now();
        (target.run)(&input);
        let took = began.elapsed().as_secs_f64();
        // A quadratic reader takes minutes for this; a linear one, unoptimised and beside other work, well below.
        assert!(took < 8.0, "{name}, input {n}: {took:.1} s for {} bytes", input.len());
        eprintln!("{name} {n}: {took:.2} s for {} bytes", input.len());
    }
}
