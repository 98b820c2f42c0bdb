//! A Plausible: what people searched in docs.tidewater.example. Every thread of the community is searched for as often as
//! something is said in it, on that day; late words revise an old day. A thread called `flood N` is a day of N queries.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Request, Response, Stage, Thread, fingerprint, seconds, stamp};

pub const SITE: &str = "docs.tidewater.example";
const DAY: i64 = 86_400;

/// A query and how many pages came, as the site sends them.
fn searched(title: &str, number: u64) -> (String, String) {
    let words = title.split(" (").next().unwrap_or("").to_lowercase();
    let words = if number.is_multiple_of(17) { "key of ada@example.org".to_owned() } else { words };
    let query = format!("{words} {}", number % 5);
    let came = match fingerprint(query.as_bytes()) % 4 {
        0 => "0".to_owned(),
        1 => "(none)".to_owned(),
        n => (n * 3).to_string(),
    };
    (query, came)
}

/// Whether what a thread is searched for finds nothing.
pub fn is_vain(t: &Thread) -> bool {
    searched(&t.title, t.number).1 == "0" && !t.number.is_multiple_of(17)
}

/// What was searched on a day, by its number, and how often.
pub fn day(stage: &Stage, day: i64) -> BTreeMap<(String, String), u64> {
    let mut all = BTreeMap::new();
    for t in &stage.community.threads {
        let said = t.posts.iter().filter(|p| p.at.div_euclid(DAY) == day && !p.deleted).count() as u64;
        if said == 0 {
            continue;
        }
        match t.title.strip_prefix("flood ").and_then(|n| n.parse::<u64>().ok()) {
            Some(most) => all.extend((0..most).map(|n| ((format!("flood {n:05}"), "0".to_owned()), 1))),
            None => *all.entry(searched(&t.title, t.number)).or_default() += said,
        }
    }
    all
}

fn refused(status: u16, why: &str) -> Response {
    Response::status(status, &json!({"error": why}))
}

fn number(text: Option<&str>) -> Option<i64> {
    Some(seconds(&format!("{}T00:00:00Z", text?))?.div_euclid(DAY))
}

pub fn answer(stage: &Stage, request: &Request, now: i64) -> Response {
    if request.bare() != "/api/v2/query" {
        return refused(404, "not found");
    }
    let given = request.headers.get("authorization");
    if stage.token.as_ref().is_some_and(|key| given.is_none_or(|given| *given != format!("Bearer {key}"))) {
        return refused(401, "Missing API key. Please use a valid Plausible API key as a Bearer Token.");
    }
    if stage.shut {
        return refused(402, "The account that owns this API key does not have access to Stats API.");
    }
    let Ok(query) = serde_json::from_slice::<Value>(&request.body) else { return refused(400, "no JSON") };
    if query["site_id"] != SITE {
        return refused(401, "Invalid API key or site ID.");
    }
    let words = query["dimensions"][0].as_str().unwrap_or("");
    if query["metrics"] != json!(["events"])
        || !words.starts_with("event:props:")
        || query["dimensions"][2] != "time:day"
    {
        return refused(400, "Invalid metrics or dimensions");
    }
    let today = now.div_euclid(DAY * 1_000);
    let (from, to) = match &query["date_range"] {
        range if *range == "7d" => (today - 6, today),
        range => match (number(range[0].as_str()), number(range[1].as_str())) {
            (Some(from), Some(to)) if from <= to => (from, to),
            _ => return refused(400, "Invalid date_range"),
        },
    };
    let limit =
        usize::try_from(query["pagination"]["limit"].as_u64().unwrap_or(10_000).min(10_000)).unwrap_or(0);
    let offset = usize::try_from(query["pagination"]["offset"].as_u64().unwrap_or(0)).unwrap_or(0);
    let mut rows = Vec::new();
    // A property that the site does not send is none everywhere, and filtered out.
    if words == "event:props:search_query" {
        for n in from..=to {
            let date = stamp(n * DAY).chars().take(10).collect::<String>();
            for ((words, came), count) in day(stage, n) {
                rows.push(json!({"dimensions": [words, came, date], "metrics": [count]}));
            }
        }
    }
    let rows: Vec<Value> = rows.into_iter().skip(offset).take(limit).collect();
    let moment = |day: i64, rest: i64| stamp(day * DAY + rest).replace('Z', "+00:00");
    Response::json(
        &json!({"results": rows, "meta": {}, "query": {"site_id": SITE, "metrics": query["metrics"],
        "date_range": [moment(from, 0), moment(to, DAY - 1)], "filters": query["filters"], "dimensions": query["dimensions"],
        "order_by": query["order_by"], "include": {}, "pagination": {"limit": limit, "offset": offset}}}),
    )
}
