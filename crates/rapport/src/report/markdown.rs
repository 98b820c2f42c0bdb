//! The report as Markdown: diffable, quotable.

use std::fmt::Write;

use serde_json::Value;

use super::gather::{Asks, Report};
use crate::page::{line, moment, span};

/// Writes it.
pub(crate) fn write(report: &Report) -> String {
    let mut out = String::new();
    let _ = pages(&mut out, report); // writing into a String cannot fail
    out
}

/// Community text inside Markdown: what would change the page is escaped.
pub(crate) fn plain(text: &str, most: usize) -> String {
    let mut out = String::new();
    for c in line(text, most).chars() {
        if "\\`*_[]<>|#!".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The left column in words.
pub(crate) fn met_words(a: &Asks) -> String {
    let times = match (a.median_s, a.p90_s) {
        (Some(median), Some(p90)) => {
            format!(" The first answer took {} at the median, 90 % came within {}.", span(median), span(p90))
        }
        _ => String::new(),
    };
    format!(
        "{} people asked for {} things. {} were answered by a human and {} more are settled.{times}",
        a.people, a.needs, a.answered, a.met
    )
}

/// The right column in words.
pub(crate) fn waiting_words(a: &Asks) -> String {
    format!(
        "{} wait for a human. {} waited so long that they count as stale. {} were declined.",
        a.waiting, a.stale, a.declined
    )
}

fn pages(out: &mut String, r: &Report) -> std::fmt::Result {
    writeln!(out, "# {}: what developers needed\n", plain(&r.community, 80))?;
    writeln!(out, "{}, as of {}\n", r.period, moment(r.as_of))?;
    writeln!(out, "| needs met | what waits |\n|---|---|")?;
    writeln!(out, "| {} | {} |\n", met_words(&r.asked), waiting_words(&r.asked))?;
    if !r.waiting.is_empty() {
        writeln!(out, "## Who waits\n\n| since | kind | source | what | why |\n|---|---|---|---|---|")?;
        for n in &r.waiting {
            let title = plain(&n.title, 100);
            let title = match &n.url {
                Some(url) if url.starts_with("http") => {
                    format!("[{title}](<{}>)", url.replace(['<', '>', '\n'], ""))
                }
                _ => title,
            };
            let since = n.waiting_since.map_or_else(String::new, |s| span(r.as_of.seconds_since(s)));
            writeln!(
                out,
                "| {since} | {} | {} | {title} | {} |",
                n.kind,
                plain(&n.source, 60),
                plain(&n.why, 120)
            )?;
        }
        writeln!(out)?;
    }
    for (heading, rows) in [("By kind", &r.kinds), ("By source", &r.sources)] {
        writeln!(
            out,
            "## {heading}\n\n| | needs | people | answered | settled | wait | stale | declined | median | 90 % |"
        )?;
        writeln!(out, "|---|---|---|---|---|---|---|---|---|---|")?;
        for (name, a) in rows {
            let time = |s: Option<f64>| s.map_or_else(|| "-".to_owned(), span);
            writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                plain(name, 60),
                a.needs,
                a.people,
                a.answered,
                a.met,
                a.waiting,
                a.stale,
                a.declined,
                time(a.median_s),
                time(a.p90_s)
            )?;
        }
        writeln!(out)?;
    }
    writeln!(out, "## The numbers, with their definitions\n")?;
    for (name, definition, value) in &r.metrics {
        writeln!(out, "### {name}\n\n{definition}\n")?;
        table(out, value)?;
    }
    writeln!(out, "## What is not known\n")?;
    for sentence in &r.not_known {
        writeln!(out, "- {}", plain(sentence, 300))?;
    }
    Ok(())
}

fn table(out: &mut String, value: &Value) -> std::fmt::Result {
    let (heads, rows) = cells(value);
    if heads.is_empty() {
        return writeln!(out, "Nothing in this period.\n");
    }
    writeln!(out, "| {} |\n|{}", heads.join(" | "), "---|".repeat(heads.len()))?;
    for row in rows {
        writeln!(out, "| {} |", row.iter().map(|c| plain(c, 80)).collect::<Vec<_>>().join(" | "))?;
    }
    writeln!(out)
}

/// A metric's rows as heads and cells.
pub(crate) fn cells(value: &Value) -> (Vec<String>, Vec<Vec<String>>) {
    let rows: Vec<&Value> = match value {
        Value::Array(rows) => rows.iter().collect(),
        other => vec![other],
    };
    let Some(Value::Object(first)) = rows.first() else { return (Vec::new(), Vec::new()) };
    let heads: Vec<String> = first.keys().map(|k| k.trim_end_matches("_s").replace('_', " ")).collect();
    let cell = |key: &str, value: &Value| match value {
        Value::Null => "-".to_owned(),
        Value::Number(n) if key.ends_with("_s") => n.as_f64().map_or_else(String::new, span),
        Value::String(s) => s.clone(),
        other => other.to_string(),
    };
    let body = rows.iter().map(|r| first.keys().map(|k| cell(k, &r[k.as_str()])).collect()).collect();
    (heads, body)
}
