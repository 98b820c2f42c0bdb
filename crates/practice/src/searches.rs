//! Logs of what people searched in the docs: CSV of several makers, told apart by the names of their columns, and the
//! replies of Plausible's stats API.

mod plausible;

use std::collections::BTreeMap;

use rapport_model::Time;

use crate::handwritten::{Finding, day};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// When; the day that the caller gave where the log has no column for it.
    pub at: Time,
    /// The words.
    pub query: String,
    /// How many pages came; none when the log does not tell.
    pub results: Option<i64>,
    /// How often.
    pub searches: i64,
}

const QUERY: [&str; 10] = [
    "query",
    "search query",
    "search",
    "search term",
    "search terms",
    "term",
    "keyword",
    "q",
    "value",
    "name",
];
const RESULTS: [&str; 8] = [
    "results",
    "result count",
    "number of results",
    "num results",
    "hits",
    "nb hits",
    "nbhits",
    "total results",
];
const COUNT: [&str; 8] = ["count", "searches", "events", "times", "n", "total", "total events", "visitors"];
const WHEN: [&str; 6] = ["date", "day", "at", "time", "timestamp", "searched at"];

/// Reads a log. `date` stands for rows without a day, `nothing` says that every search in this log found nothing (what some
/// makers export as their list of searches without results).
#[must_use]
pub fn read(text: &str, date: Option<Time>, nothing: bool) -> (Vec<Search>, Vec<Finding>) {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') {
        return plausible::read(text, date, nothing);
    }
    let head = text.lines().next().unwrap_or("");
    let often = |c: char| head.matches(c).count();
    let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|d| often(char::from(*d))).unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let names: Vec<String> = match reader.headers() {
        Ok(names) => names.iter().map(|n| n.trim().to_lowercase().replace(['_', '-'], " ")).collect(),
        Err(error) => return (Vec::new(), vec![Finding::wrong(1, error.to_string())]),
    };
    // The first of the names that a maker may have used, in that order: `value` is a query only where no `query` is.
    let column = |known: &[&str]| known.iter().find_map(|k| names.iter().position(|n| n == k));
    let (query, results, count, when) = (column(&QUERY), column(&RESULTS), column(&COUNT), column(&WHEN));
    // Plausible exports every custom property in one file, a row for each value: downloads and missing pages among them.
    let property =
        names.iter().position(|n| n == "property").filter(|_| query.is_some_and(|q| names[q] == "value"));
    let Some(query) = query else {
        let say =
            format!("no column for the query among '{}'; wanted is one of {}", cut(head), QUERY.join(", "));
        return (Vec::new(), vec![Finding::wrong(1, say)]);
    };
    if when.is_none() && date.is_none() {
        let say = "no column for the day; say with --date which day this log is of";
        return (Vec::new(), vec![Finding::wrong(1, say)]);
    }
    let (mut rows, mut findings) = (Vec::new(), Vec::new());
    let mut others: BTreeMap<String, usize> = BTreeMap::new();
    if results.is_none() && !nothing {
        findings
            .push(Finding::odd(1, "no column says how many results came: what found nothing is not known"));
    }
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                findings.push(Finding::wrong(usize::try_from(line).unwrap_or(1), error.to_string()));
                continue;
            }
        };
        let line = record.position().map_or(1, csv::Position::line);
        let line = usize::try_from(line).unwrap_or(1);
        let cell = |n: Option<usize>| n.and_then(|n| record.get(n)).map(str::trim).filter(|c| !c.is_empty());
        if property.is_some() {
            let named = cell(property).unwrap_or("");
            if !plausible::searched(named) {
                *others.entry(cut(named)).or_default() += 1;
                continue;
            }
            if cell(Some(query)) == Some(plausible::NONE) {
                continue;
            }
        }
        let Some(words) = cell(Some(query)) else {
            findings.push(Finding::odd(line, "a row without a query"));
            continue;
        };
        if words.split_whitespace().any(address) {
            findings.push(Finding::odd(line, "the query holds a mail address and is left out"));
            continue;
        }
        let at = match cell(when) {
            None => date,
            Some(text) => day(text).or_else(|| Time::parse(text).ok()).or_else(|| {
                findings.push(Finding::odd(line, format!("'{}' is no day; the row is left out", cut(text))));
                None
            }),
        };
        let mut number = |n: Option<usize>, what: &str| match cell(n) {
            None => Some(None),
            Some(text) => match text.replace([',', '\u{a0}', ' '], "").parse::<i64>() {
                Ok(number) if number >= 0 => Some(Some(number)),
                _ => {
                    findings.push(Finding::odd(
                        line,
                        format!("'{}' is no number of {what}; the row is left out", cut(text)),
                    ));
                    None
                }
            },
        };
        let (Some(results), Some(searches)) = (number(results, "results"), number(count, "searches")) else {
            continue;
        };
        let Some(at) = at else { continue };
        rows.push(Search {
            at,
            query: words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect(),
            results: if nothing { Some(0) } else { results },
            searches: searches.unwrap_or(1),
        });
    }
    if !others.is_empty() {
        let names: Vec<&str> = others.keys().take(10).map(String::as_str).collect();
        let say = format!(
            "{} rows are of properties that are no searches ({}) and are left out",
            others.values().sum::<usize>(),
            names.join(", ")
        );
        findings.push(Finding::odd(1, say));
    }
    if rows.is_empty() && !crate::handwritten::refused(&findings) {
        findings.push(Finding::wrong(1, "no row of this log can be read"));
    }
    findings.sort();
    (rows, findings)
}

fn address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(before, after)| !before.is_empty() && after.contains('.'))
}

fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Rows = Vec<(String, Option<i64>, i64)>;

    fn check(text: &str, date: Option<&str>, nothing: bool) -> (Rows, Vec<usize>) {
        let (rows, findings) = read(text, date.and_then(day), nothing);
        (
            rows.into_iter().map(|r| (r.query, r.results, r.searches)).collect(),
            findings.iter().map(|f| f.line).collect(),
        )
    }

    #[test]
    fn several_makers_are_read() {
        let own = "date,query,results,count\n2026-08-03,retry  signature,0,7\n2026-08-03,\"rate, limit\",12,\"1,204\"\n";
        assert_eq!(
            check(own, None, false),
            (vec![("retry signature".into(), Some(0), 7), ("rate, limit".into(), Some(12), 1204)], vec![])
        );
        let events = "property;value;visitors;events\nsearch;helm chart;3;5\n";
        assert_eq!(check(events, Some("2026-08-03"), false), (vec![("helm chart".into(), None, 5)], vec![1]));
        let without = "search,count\nhelm chart,5\n";
        assert_eq!(
            check(without, Some("2026-08-03"), true),
            (vec![("helm chart".into(), Some(0), 5)], vec![])
        );
    }

    #[test]
    fn of_an_export_of_all_properties_only_searches_are_read() {
        let text = "property,value,visitors,events,percentage\nurl,https://docs.example.org/a.zip,9,9,1.0\npath,/gone,4,4,1.0\nsearch_query,helm chart,3,5,60.0\nsearch_query,(none),2,2,40.0\n";
        assert_eq!(
            check(text, Some("2026-08-03"), false),
            (vec![("helm chart".into(), None, 5)], vec![1, 1])
        );
        let none = "property,value,visitors,events,percentage\nplatform,web,9,9,1.0\n";
        let (rows, findings) = read(none, day("2026-08-03"), false);
        assert!(rows.is_empty() && crate::handwritten::refused(&findings), "{findings:?}");
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_line() {
        let text = "date,query,results,count\nyesterday,a,1,1\n2026-08-03,,1,1\n2026-08-03,b,many,1\n2026-08-03,me@example.org lost my key,0,1\n2026-08-03T10:00:00Z,c,1,-2\n2026-08-03,d\n";
        let (rows, lines) = check(text, None, false);
        assert_eq!((rows, lines), (vec![("d".into(), None, 1)], vec![2, 3, 4, 5, 6]));
        assert_eq!(check("a,b\n1,2\n", None, false).1, [1]);
        assert_eq!(check("query\nx\n", None, false).1, [1]);
        assert_eq!(check("", None, false).1, [1]);
    }
}
