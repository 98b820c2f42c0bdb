//! `sql`: any question, read only, over the documented views.

use clap::Args;
use serde_json::{Map, Value};

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::fault::Fault;
use crate::page::{bold, dim, line};

pub(crate) const VERB: Verb = Verb {
    name: "sql",
    about: "Ask the folder anything in SQL (read only): views activities, threads, needs, people",
    example: "rapport sql \"SELECT state, count(*) FROM needs GROUP BY state\"",
    args: Sql::augment_args,
    call: |desk, matches| sql(desk, &parsed(matches)?),
};

/// Arguments of `sql`.
#[derive(Args)]
struct Sql {
    /// One SELECT
    query: String,
    /// How many rows at most
    #[arg(long, default_value_t = 1_000)]
    top: usize,
}

fn sql(desk: &Desk, args: &Sql) -> Result<Answer, Fault> {
    let mut rows: Vec<Vec<Value>> = Vec::new();
    let mut more = false;
    let columns = desk
        .reading()?
        .sql(&args.query, &mut |_, row| {
            more = rows.len() == args.top;
            if !more {
                rows.push(row);
            }
            !more
        })
        .map_err(|e| {
            Fault::from(e).hint(
                "rapport sql \"SELECT name, sql FROM sqlite_schema WHERE type = 'view'\"  shows the views",
            )
        })?;
    let objects: Vec<Map<String, Value>> =
        rows.iter().map(|row| columns.iter().cloned().zip(row.iter().cloned()).collect()).collect();
    desk.answer(&objects, || {
        let mut out = table(&columns, &rows);
        if more {
            out.push_str(&format!("there are more: --top {}\n", (args.top * 10).max(10)));
        }
        out
    })
}

fn table(columns: &[String], rows: &[Vec<Value>]) -> String {
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            row.iter()
                .map(|v| match v {
                    Value::Null => "-".to_owned(),
                    Value::String(s) => line(s, 60),
                    other => other.to_string(),
                })
                .collect()
        })
        .collect();
    let width = |n: usize| {
        cells.iter().map(|row| row[n].chars().count()).chain([columns[n].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let join = |row: &[String]| {
        let padded: Vec<String> = row.iter().zip(&widths).map(|(c, w)| format!("{c:<w$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut out = format!("{}\n", bold(&join(columns)));
    for row in &cells {
        out.push_str(&join(row));
        out.push('\n');
    }
    out.push_str(&dim(&format!("{} rows\n", rows.len())));
    out
}
