//! Vectors for other programs: a JSON string a line in; out, for each, `DIMS` little-endian f32 (zeros: no known word).
//! `bench/topics.py` gives them to BERTopic, so that both work from the same meaning.

#![expect(clippy::disallowed_methods, reason = "a program at the edge: it reads a pipe")]

use std::io::{BufRead, Write};

use rapport_insight::text::clean::joined;
use rapport_insight::text::vectors::{DIMS, vector};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        let direction = vector(&joined("", &text)).unwrap_or([0.0; DIMS]);
        for x in direction {
            out.write_all(&x.to_le_bytes())?;
        }
    }
    out.flush()?;
    Ok(())
}
