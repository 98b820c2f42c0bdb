//! Plausible: which custom properties are searches, and a reply of its stats API (version 2).

use rapport_model::Time;
use serde::Deserialize;
use serde_json::Value;

use super::{Search, address, cut};
use crate::handwritten::{Finding, day};

/// What Plausible writes for events that lack the property.
pub(super) const NONE: &str = "(none)";

/// Names under which sites keep the words of a search; `search_query` is what Plausible's own plugin sends.
const PROPERTIES: [&str; 8] =
    ["search_query", "search", "query", "search_term", "searchterm", "term", "keyword", "q"];
/// Names under which they keep how many pages came.
const RESULTS: [&str; 4] = ["result_count", "results", "results_count", "hits"];

/// A reply, which repeats the query that it answers.
#[derive(Deserialize)]
struct Reply {
    results: Vec<Row>,
    query: Query,
}

#[derive(Deserialize)]
struct Row {
    dimensions: Vec<Value>,
    metrics: Vec<Value>,
}

#[derive(Deserialize)]
struct Query {
    metrics: Vec<String>,
    dimensions: Vec<String>,
    date_range: Value,
}

/// Whether a property holds the words of a search.
pub(super) fn searched(property: &str) -> bool {
    PROPERTIES.contains(&property.trim().to_lowercase().replace([' ', '-'], "_").as_str())
}

/// Reads a reply to a breakdown by the property of a search. Rows without a day get `date`, else the last day asked for.
pub(super) fn read(text: &str, date: Option<Time>, nothing: bool) -> (Vec<Search>, Vec<Finding>) {
    let wrong = |say: String| (Vec::new(), vec![Finding::wrong(1, say)]);
    let reply: Reply = match serde_json::from_str(text) {
        Ok(reply) => reply,
        Err(error) => return wrong(format!("no reply of Plausible's stats API: {error}")),
    };
    let asked = &reply.query;
    let dimension = |is: &dyn Fn(&str) -> bool| {
        asked.dimensions.iter().position(|d| d.strip_prefix("event:props:").is_some_and(is))
    };
    let Some(query) = dimension(&searched) else {
        return wrong(format!(
            "no dimension holds the words of a search; wanted is event:props: with one of {}",
            PROPERTIES.join(", ")
        ));
    };
    let metric = |name: &str| asked.metrics.iter().position(|m| m == name);
    let Some(count) = metric("events").or_else(|| metric("visitors")) else {
        return wrong("no metric says how often: wanted is events or visitors".to_owned());
    };
    let results = dimension(&|name| RESULTS.contains(&name));
    let when = asked.dimensions.iter().position(|d| d.starts_with("time"));
    let last = asked.date_range.get(1).and_then(Value::as_str).and_then(starts);
    let Some(date) = date.or(last) else {
        return wrong("the range of days is not told; say with --date which day this reply is of".to_owned());
    };
    let (mut rows, mut findings) = (Vec::new(), Vec::new());
    if results.is_none() && !nothing {
        findings.push(Finding::odd(1, "nothing says how many results came: what found nothing is not known"));
    }
    for (n, row) in reply.results.iter().enumerate() {
        let n = n + 1;
        let told = |at: Option<usize>| at.and_then(|at| row.dimensions.get(at)).and_then(Value::as_str);
        let Some(words) = told(Some(query)).filter(|w| !w.trim().is_empty()) else {
            findings.push(Finding::odd(n, "a row without a query"));
            continue;
        };
        if words == NONE {
            continue;
        }
        if words.split_whitespace().any(address) {
            findings.push(Finding::odd(n, "the query holds a mail address and is left out"));
            continue;
        }
        let Some(searches) = row.metrics.get(count).and_then(Value::as_i64).filter(|n| *n >= 0) else {
            findings.push(Finding::odd(n, "no number of searches; the row is left out"));
            continue;
        };
        let at = match (when, told(when)) {
            (None, _) => date,
            (Some(_), told) => match told.and_then(starts) {
                Some(at) => at,
                None => {
                    let say = format!("'{}' is no day; the row is left out", cut(told.unwrap_or("")));
                    findings.push(Finding::odd(n, say));
                    continue;
                }
            },
        };
        let came = told(results).and_then(|r| r.parse().ok()).filter(|r: &i64| *r >= 0);
        rows.push(Search {
            at,
            query: words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect(),
            results: if nothing { Some(0) } else { came },
            searches,
        });
    }
    if rows.is_empty() {
        findings.push(Finding::wrong(1, "no row of this reply can be read"));
    }
    findings.sort();
    (rows, findings)
}

/// The day that a text begins with.
fn starts(text: &str) -> Option<Time> {
    day(text.get(..10)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_read_with_its_own_days() {
        let text = r#"{"results":[
            {"dimensions":["helm  chart","0","2026-08-03"],"metrics":[3,5]},
            {"dimensions":["(none)","(none)","2026-08-03"],"metrics":[9,9]},
            {"dimensions":["me@example.org","0","2026-08-03"],"metrics":[1,1]},
            {"dimensions":["retry","many","soon"],"metrics":[1,1]},
            {"dimensions":["retry","(none)","2026-08-04"],"metrics":[1,null]}],"meta":{},
            "query":{"site_id":"docs.example.org","metrics":["visitors","events"],
            "date_range":["2026-08-01T00:00:00+00:00","2026-08-31T23:59:59+00:00"],
            "dimensions":["event:props:search_query","event:props:result_count","time:day"]}}"#;
        let (rows, findings) = read(text, None, false);
        let at = day("2026-08-03").expect("a day");
        assert_eq!(rows, [Search { at, query: "helm chart".into(), results: Some(0), searches: 5 }]);
        assert_eq!(findings.iter().map(|f| f.line).collect::<Vec<_>>(), [3, 4, 5]);
    }

    #[test]
    fn without_days_the_last_of_the_range_stands_and_other_replies_are_refused() {
        let reply = |dimension: &str, metric: &str| {
            format!(
                r#"{{"results":[{{"dimensions":["tls"],"metrics":[2]}}],"query":{{"metrics":["{metric}"],"dimensions":["{dimension}"],"date_range":["2026-08-01T00:00:00+02:00","2026-08-31T23:59:59+02:00"]}}}}"#
            )
        };
        let (rows, _) = read(&reply("event:props:query", "events"), None, false);
        let at = day("2026-08-31").expect("a day");
        assert_eq!(rows, [Search { at, query: "tls".into(), results: None, searches: 2 }]);
        for other in [reply("event:page", "events"), reply("event:props:query", "bounce_rate"), "{}".into()] {
            assert!(crate::handwritten::refused(&read(&other, None, false).1), "{other}");
        }
    }
}
