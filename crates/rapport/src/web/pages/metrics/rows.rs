//! A metric's answer as a table whose numbers open their rows, and as CSV.

use std::fmt::Write;

use serde_json::Value;

use super::Wanted;
use crate::desk::metrics::BEHIND;
use crate::report::html::esc;
use crate::web::pages::any;
use crate::web::texts::Texts;
use crate::web::{markup, words};

/// Rows of one metric among all.
pub(super) const FEW: usize = 12;
/// Rows of one metric by itself.
pub(super) const MANY: usize = 500;
/// Threads named in one row.
const THREADS: usize = 300;

/// Rows behind one number.
pub(super) const MOST: usize = 2_000;

/// The column whose rows are behind a number, where it has any: a middle is the middle of those that were counted.
fn opens<'a>(name: &str, column: &'a str) -> Option<&'a str> {
    let counted = match (name, column) {
        (_, "median_s" | "p90_s") => "n",
        // Month by month, what was never closed is what is open.
        ("time-to-close", "never") => "open",
        _ => column,
    };
    let (_, all) = BEHIND.iter().find(|(known, _)| *known == name)?;
    all.contains(&counted).then_some(counted)
}

/// Every key of the rows, in the order in which they come.
fn columns(all: &[Value]) -> Vec<&str> {
    let mut columns: Vec<&str> = Vec::new();
    for key in all.iter().filter_map(Value::as_object).flat_map(|row| row.keys()) {
        if !columns.contains(&key.as_str()) {
            columns.push(key);
        }
    }
    columns
}

/// The answer as a table; `in_all` where the answer is the beginning of a longer one. Months come newest first where not all
/// of them are shown.
pub(super) fn table(
    texts: &Texts,
    name: &str,
    value: &Value,
    wanted: &Wanted,
    most: usize,
    in_all: Option<usize>,
) -> String {
    let Value::Array(all) = value else {
        return parts(texts, name, value, wanted);
    };
    let mut columns = columns(all);
    if columns.contains(&"who") {
        // The name opens the person.
        columns.retain(|column| *column != "person");
    }
    if columns.contains(&"title") {
        // The title opens the thread, and that the place where it was asked.
        columns.retain(|column| !matches!(*column, "thread" | "url"));
    }
    if columns.is_empty() {
        return format!("<p class=\"soft\">{}</p>", esc(&texts.t("metrics-none").to_string()));
    }
    let class = |column: &str| {
        let number = column != "thread" && all.iter().any(|row| row[column].is_number());
        if number { " class=\"n\"" } else { "" }
    };
    let mut out = String::from("<div class=\"wide\" tabindex=\"0\"><table><thead><tr>");
    for column in &columns {
        let _ = write!(out, "<th scope=\"col\"{}>{}</th>", class(column), esc(&reads(texts, column)));
    }
    out.push_str("</tr></thead><tbody>");
    let newest = columns.contains(&"month") && all.len() > most;
    let order: Box<dyn Iterator<Item = &Value>> =
        if newest { Box::new(all.iter().rev()) } else { Box::new(all.iter()) };
    for row in order.take(most) {
        out.push_str("<tr>");
        for column in &columns {
            let _ = write!(out, "<td{}>{}</td>", class(column), cell(texts, name, row, column, wanted));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    let there = in_all.unwrap_or(all.len());
    if there > most {
        let to = wanted.at("/metrics", &[("name", name), ("rows", "1")]);
        let more = texts.t("metrics-more").n("n", there - most).to_string();
        let _ = write!(out, "<p class=\"soft\"><a href=\"{}\">{}</a></p>", esc(&to), esc(&more));
    }
    out
}

/// One answer that is no list, part by part.
fn parts(texts: &Texts, name: &str, value: &Value, wanted: &Wanted) -> String {
    let mut out = String::from("<dl>");
    for (key, part) in value.as_object().into_iter().flatten() {
        let shown = match part {
            Value::Array(_) => table(texts, "", part, wanted, MANY, None),
            Value::Object(_) => any::table(texts, part),
            _ => cell(texts, name, value, key, wanted),
        };
        let _ = write!(out, "<dt>{}</dt><dd>{shown}</dd>", esc(&reads(texts, key)));
    }
    out + "</dl>"
}

/// `median_s` as people say it.
pub(super) fn reads(texts: &Texts, column: &str) -> String {
    match column {
        "median_s" => texts.t("chart-median").to_string(),
        "p90_s" => texts.t("chart-within").to_string(),
        "took_s" => texts.t("metrics-took").to_string(),
        other => other.replace('_', " "),
    }
}

fn cell(texts: &Texts, name: &str, row: &Value, column: &str, wanted: &Wanted) -> String {
    let open = |text: &str| {
        // Who may not see rows sees the number; nothing is behind a nought.
        let counted = opens(name, column).filter(|_| wanted.opens && text != "0");
        let Some(counted) = counted else { return esc(text) };
        let mut more = vec![("name", name), ("behind", counted)];
        for (key, from) in
            [("source", "source"), ("kind", "thread_kind"), ("within", "month"), ("within", "week")]
        {
            if let Some(value) = row[from].as_str() {
                more.push((key, value));
            }
        }
        let of = row["source"].as_str().or_else(|| row["month"].as_str()).unwrap_or(name);
        let says = texts.t("metrics-rows-of").with("n", text).with("what", reads(texts, column));
        let says = says.with("of", words::short(of, 60)).to_string();
        let to = wanted.at("/metrics", &more);
        format!("<a href=\"{}\" aria-label=\"{}\">{}</a>", esc(&to), esc(&says), esc(text))
    };
    match (column, &row[column]) {
        (_, Value::Null) => "<span class=\"soft\">\u{2013}</span>".to_owned(),
        ("thread", Value::Number(id)) => format!("<a href=\"/thread/{id}\">{id}</a>"),
        ("title", Value::String(title)) => match row["thread"].as_i64() {
            Some(id) => format!("<a href=\"/thread/{id}\">{}</a>", esc(&words::short(title, 140))),
            None => esc(&words::short(title, 140)),
        },
        ("threads", Value::Array(ids)) => {
            let links = ids.iter().take(THREADS).map(|id| format!("<a href=\"/thread/{id}\">{id}</a>"));
            let mut out = format!("<span class=\"refs\">{}</span>", links.collect::<Vec<_>>().join(" "));
            if ids.len() > THREADS {
                let more = texts.t("metrics-more-json").n("n", ids.len() - THREADS).to_string();
                let _ = write!(out, " {}", esc(&more));
            }
            out
        }
        ("who", Value::String(who)) => match row["person"].as_i64().filter(|_| wanted.people) {
            Some(id) => format!("<a href=\"/people/{id}\">{}</a>", esc(&words::short(who, 80))),
            None => esc(&words::short(who, 80)),
        },
        (key, Value::Number(n)) if key.ends_with("_s") => {
            n.as_f64().map(|s| open(&texts.span(s))).unwrap_or_default()
        }
        ("contributions", Value::Number(n)) if row["person"].is_i64() && wanted.people => {
            let says = texts.t("metrics-rows-of").n("n", n).with("what", column);
            let says = says.with("of", words::short(row["who"].as_str().unwrap_or_default(), 60)).to_string();
            format!("<a href=\"/people/{}#did\" aria-label=\"{}\">{n}</a>", row["person"], esc(&says))
        }
        (_, Value::Number(n)) => open(&n.to_string()),
        (key, Value::String(at)) if key.ends_with("_at") => {
            esc(&at.chars().take(16).collect::<String>().replace('T', " "))
        }
        (_, Value::String(text)) => match markup::link(Some(text)) {
            Some(url) => format!(
                "<a href=\"{}\" rel=\"noopener noreferrer nofollow\">{}</a>",
                esc(url),
                esc(&words::short(url, 40))
            ),
            None => esc(&words::short(text, 140)),
        },
        (_, other) => esc(&words::short(&other.to_string(), 200)),
    }
}

/// The answer as CSV. A spreadsheet takes a text that begins like a formula for one: such texts get a quote before them.
pub(super) fn csv(value: &Value) -> String {
    let one = [value.clone()];
    let all: &[Value] = value.as_array().map_or(&one, Vec::as_slice);
    let columns = columns(all);
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut out = columns.iter().map(|c| quoted(c)).collect::<Vec<_>>().join(",");
    out.push_str("\r\n");
    for row in all {
        let cells = columns.iter().map(|column| match &row[*column] {
            Value::Null => String::new(),
            Value::Number(n) => n.to_string(),
            Value::String(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) => {
                quoted(&format!("'{text}"))
            }
            Value::String(text) => quoted(text),
            Value::Array(parts) => {
                quoted(&parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
            }
            other => quoted(&other.to_string()),
        });
        out.push_str(&cells.collect::<Vec<_>>().join(","));
        out.push_str("\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_open_their_rows_and_nothing_acts() {
        let value = json!([{ "source": "a&b\"<x>", "thread_kind": "issue", "n": 3, "never": 1, "median_s": 60.0 },
                           { "source": "c", "thread_kind": "chat", "n": 0, "never": 1, "median_s": null }]);
        let mut wanted = Wanted { period: "2026-Q3".to_owned(), opens: true, ..Wanted::default() };
        let texts = Texts::of("en").unwrap();
        let made = table(texts, "unanswered", &value, &wanted, 1, None);
        let address =
            "name=unanswered&amp;behind=n&amp;source=a%26b%22%3Cx%3E&amp;kind=issue&amp;period=2026-Q3";
        assert!(made.contains(address), "{made}");
        assert!(made.contains(">1 min<") && made.contains("1 more") && !made.contains("<x>"), "{made}");
        let rows = table(texts, "unanswered", &json!([{ "n": 2, "threads": [7, 8] }]), &wanted, 9, None);
        assert!(rows.contains("href=\"/thread/8\""), "{rows}");
        let people = json!([{ "person": 3, "who": "A <b>", "contributions": 4 }]);
        let named = |wanted: &Wanted| table(texts, "", &people, wanted, 9, None);
        assert!(named(&wanted).contains("<td>A &lt;b&gt;</td>"), "{}", named(&wanted));
        wanted.people = true;
        assert!(named(&wanted).contains("href=\"/people/3\""), "{}", named(&wanted));
        // Who may not open rows reads the number.
        wanted.opens = false;
        let made = table(texts, "unanswered", &value, &wanted, 9, None);
        assert!(made.contains("<td class=\"n\">3</td>") && !made.contains("href"), "{made}");
        wanted.opens = true;
        let one = table(texts, "absence-factor", &json!({ "absence_factor": 2 }), &wanted, 9, None);
        assert!(one.contains("behind=absence%5Ffactor") && one.contains(">2</a>"), "{one}");
    }

    #[test]
    fn a_spreadsheet_finds_no_formula() {
        let made =
            csv(&json!([{ "n": -2, "threads": [1, 2], "title": "=HYPERLINK(\"http://x\")" }, { "n": 1 }]));
        assert_eq!(made.lines().nth(1), Some("-2,\"1 2\",\"'=HYPERLINK(\"\"http://x\"\")\""), "{made}");
        assert_eq!(made.lines().count(), 3);
    }
}
