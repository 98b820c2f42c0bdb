//! JSON strings in, one a line; their token ids out. `bench/wordpiece.py` compares them with Hugging Face's.

#![expect(clippy::disallowed_methods, reason = "a program at the edge: it reads a pipe")]

use std::io::{BufRead, Write};

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        writeln!(out, "{:?}", rapport_insight::text::wordpiece::tokens(&text, usize::MAX >> 8))?;
    }
    Ok(())
}
