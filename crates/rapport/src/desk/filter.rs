//! Filters for pipes: JSON lines in, JSON lines out, in the same order. No data folder is needed.
//!
//! Every question is an object with an `id`, and its answer carries the same `id`. A line that cannot be read is
//! answered in its place with `{"id","error"}`, the rest goes on, and the exit code is 1.

use std::io::{BufRead, BufReader, Read, Write};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::Answer;
use crate::fault::Fault;

/// A longer line is refused: nobody wrote it, and it would fill the memory.
const LONGEST: usize = 64 << 20;
/// How many lines are worked on at once, at most.
const BATCH: usize = 1024;

/// One line: its id, and the question or what is wrong with it.
pub(crate) type Line<T> = (Value, Result<T, String>);

/// Answers each line by itself, as soon as it is there; lines that are there together are shared among the cores.
///
/// # Errors
/// When the input breaks off. A reader that has gone is no error.
pub(crate) fn each<T>(
    input: impl Read,
    output: &mut impl Write,
    answer: impl Fn(T) -> Result<Value, String> + Sync,
) -> Result<Answer, Fault>
where
    T: DeserializeOwned + Send,
{
    let mut input = BufReader::with_capacity(1 << 20, input);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut faults = false;
    loop {
        let batch = batch(&mut input)?;
        if batch.is_empty() {
            return Ok(done(faults));
        }
        let share = batch.len().div_ceil(cores).max(16);
        let answer = &answer;
        let parts: Vec<Vec<(Value, bool)>> = std::thread::scope(|scope| {
            let hands: Vec<_> = batch
                .chunks(share)
                .map(|part| {
                    scope.spawn(move || {
                        part.iter()
                            .map(|line| {
                                let (id, asked) = parse::<T>(line);
                                reply(id, asked.and_then(answer))
                            })
                            .collect()
                    })
                })
                .collect();
            hands
                .into_iter()
                .map(|hand| hand.join().unwrap_or_else(|e| std::panic::resume_unwind(e)))
                .collect()
        });
        for (line, fault) in parts.into_iter().flatten() {
            faults |= fault;
            if writeln!(output, "{line}").is_err() {
                return Ok(done(faults));
            }
        }
        let _ = output.flush();
    }
}

/// Reads all lines, for answers that need every question at once; blank lines are passed over.
///
/// # Errors
/// When the input breaks off.
pub(crate) fn all<T: DeserializeOwned>(input: impl Read) -> Result<Vec<Line<T>>, Fault> {
    let mut input = BufReader::with_capacity(1 << 20, input);
    let mut lines = Vec::new();
    loop {
        let batch = batch(&mut input)?;
        if batch.is_empty() {
            return Ok(lines);
        }
        lines.extend(batch.iter().map(|line| parse::<T>(line)));
    }
}

/// Writes the answers of [`all`] in order.
pub(crate) fn write(
    output: &mut impl Write,
    answers: impl IntoIterator<Item = (Value, Result<Value, String>)>,
) -> Answer {
    let mut faults = false;
    for (id, answer) in answers {
        let (line, fault) = reply(id, answer);
        faults |= fault;
        if writeln!(output, "{line}").is_err() {
            break;
        }
    }
    let _ = output.flush();
    done(faults)
}

fn done(findings: bool) -> Answer {
    Answer { json: String::new(), text: String::new(), findings }
}

/// The lines that are there already, at least one (none at the end of the input), at most [`BATCH`].
fn batch(input: &mut BufReader<impl Read>) -> Result<Vec<Vec<u8>>, Fault> {
    let mut lines = Vec::new();
    while lines.len() < BATCH && (lines.is_empty() || input.buffer().contains(&b'\n')) {
        let mut line = Vec::new();
        let most = LONGEST as u64 + 1;
        let n = input.by_ref().take(most).read_until(b'\n', &mut line)?;
        if n == 0 {
            break;
        }
        if line.len() > LONGEST {
            skip_line(input)?;
        } else if line.trim_ascii().is_empty() {
            continue;
        }
        lines.push(line);
    }
    Ok(lines)
}

fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let here = input.fill_buf()?;
        let (n, end) = match here.iter().position(|b| *b == b'\n') {
            Some(at) => (at + 1, true),
            None => (here.len(), here.is_empty()),
        };
        input.consume(n);
        if end {
            return Ok(());
        }
    }
}

fn parse<T: DeserializeOwned>(line: &[u8]) -> Line<T> {
    if line.len() > LONGEST {
        return (Value::Null, Err(format!("the line is longer than {} MiB", LONGEST >> 20)));
    }
    let text = String::from_utf8_lossy(line);
    let value: Value = match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(error) => return (Value::Null, Err(format!("no JSON: {error}"))),
    };
    let Value::Object(fields) = &value else { return (Value::Null, Err("no JSON object".to_owned())) };
    let id = fields.get("id").cloned().unwrap_or(Value::Null);
    if id.is_null() {
        return (id, Err("the field 'id' is missing".to_owned()));
    }
    match serde_json::from_value(value) {
        Ok(asked) => (id, Ok(asked)),
        Err(error) => (id, Err(error.to_string())),
    }
}

fn reply(id: Value, answer: Result<Value, String>) -> (Value, bool) {
    match answer {
        Ok(Value::Object(fields)) => {
            let mut line = Map::new();
            line.insert("id".to_owned(), id);
            line.extend(fields.into_iter().filter(|(name, _)| name != "id"));
            (Value::Object(line), false)
        }
        Ok(other) => (json!({ "id": id, "answer": other }), false),
        Err(error) => (json!({ "id": id, "error": error }), true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Asked {
        n: u64,
    }

    fn check(input: &str, wanted: &str, findings: bool) {
        let mut out = Vec::new();
        let answer =
            each(input.as_bytes(), &mut out, |asked: Asked| Ok(json!({ "twice": asked.n * 2 }))).unwrap();
        assert_eq!((String::from_utf8(out).unwrap().as_str(), answer.findings), (wanted, findings));
    }

    #[test]
    fn a_bad_line_is_answered_in_its_place() {
        check("", "", false);
        check(
            "{\"id\":1,\"n\":2}\n\n{\"id\":\"b\",\"n\":3}",
            "{\"id\":1,\"twice\":4}\n{\"id\":\"b\",\"twice\":6}\n",
            false,
        );
        check(
            "{\"id\":1,\"n\":\"x\"}\n{\"id\":2,\"n\":1}\n",
            "{\"id\":1,\"error\":\"invalid type: string \\\"x\\\", expected u64\"}\n{\"id\":2,\"twice\":2}\n",
            true,
        );
        check("[1]\n", "{\"id\":null,\"error\":\"no JSON object\"}\n", true);
        check("{\"n\":1}\n", "{\"id\":null,\"error\":\"the field 'id' is missing\"}\n", true);
    }

    #[test]
    fn many_lines_keep_their_order() {
        let input: String = (0..5_000).map(|n| format!("{{\"id\":{n},\"n\":{n}}}\n")).collect();
        let wanted: String = (0..5_000).map(|n| format!("{{\"id\":{n},\"twice\":{}}}\n", n * 2)).collect();
        check(&input, &wanted, false);
    }
}
