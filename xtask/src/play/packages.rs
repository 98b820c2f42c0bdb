//! Package registries: the package `relay`. Every tenth thread of the community is a release, a closed one is yanked, and
//! what is said on a day moves that day's downloads, late words an old day's: counts are revised.

use serde_json::{Map, Value, json};

use super::{Request, Response, Stage, fingerprint, seconds, stamp};

const DAY: i64 = 86_400;

/// Whether a request goes to the host of the counts.
pub fn counts(request: &Request) -> bool {
    request.path.starts_with("/downloads/") || request.path.starts_with("/api/packages/")
}

/// crates.io asks for a second between two requests.
pub fn watch(stage: &mut Stage, request: &Request, now: i64) {
    let last = stage.log.len().checked_sub(2).and_then(|n| stage.log.get(n)).map(|(at, _)| *at);
    if counts(request) && request.headers.contains_key("authorization") {
        stage.failures.push(format!("a token of the registry's: {}", request.path));
    }
    if stage.service == "crates" && last.is_some_and(|last| now - last < 1_000) {
        stage.failures.push(format!("less than a second after the last: {}", request.path));
    }
}

/// A version: its number, its moment, whether it was taken back.
pub fn versions(stage: &Stage) -> Vec<(String, i64, bool)> {
    let tenth = stage.community.threads.iter().filter(|t| t.number % 10 == 1);
    tenth.map(|t| (format!("0.{}.0", t.number / 10), t.posts[0].at, t.closed.is_some())).collect()
}

fn first(stage: &Stage) -> i64 {
    stage.community.threads.iter().map(|t| t.posts[0].at).min().unwrap_or(0).div_euclid(DAY)
}

/// The downloads of a day, by its number: none before the first release.
pub fn downloads(stage: &Stage, day: i64) -> u64 {
    if day < first(stage) {
        return 0;
    }
    let posts = stage.community.threads.iter().flat_map(|t| &t.posts);
    let said = posts.filter(|p| p.at.div_euclid(DAY) == day && !p.deleted).count() as u64;
    200 + fingerprint(&day.to_le_bytes()) % 300 + 7 * said
}

fn date(day: i64) -> String {
    stamp(day * DAY).chars().take(10).collect()
}

fn number(text: &str) -> Option<i64> {
    Some(seconds(&format!("{text}T00:00:00Z"))?.div_euclid(DAY))
}

pub fn answer(stage: &Stage, request: &Request, now: i64) -> Response {
    let yesterday = now.div_euclid(DAY * 1000) - 1;
    match (stage.service, request.bare()) {
        ("crates", "/api/v1/crates/relay") => of_crates(stage),
        ("crates", "/api/v1/crates/relay/downloads") => days_of_crates(stage, yesterday),
        ("npm", "/relay") => of_npm(stage),
        ("pypi", "/pypi/relay/json") => of_pypi(stage),
        ("pypi", "/api/packages/relay/overall") => days_of_pypi(stage, request, yesterday),
        ("npm", path) => {
            match path.strip_prefix("/downloads/range/").and_then(|p| p.strip_suffix("/relay")) {
                Some(range) => days_of_npm(stage, range, yesterday),
                None => Response::status(404, &json!({"error": "not found"})),
            }
        }
        _ => Response::status(404, &json!({"errors": [{"detail": "Not Found"}]})),
    }
}

fn of_crates(stage: &Stage) -> Response {
    let list: Vec<Value> = versions(stage)
        .into_iter()
        .rev()
        .enumerate()
        .map(|(n, (num, at, yanked))| {
            json!({"id": 1_000 + n, "crate": "relay", "num": num, "created_at": stamp(at), "updated_at": stamp(at),
                "downloads": 10 * n, "yanked": yanked, "license": "MIT",
                "links": {"version_downloads": format!("/api/v1/crates/relay/{num}/downloads")}})
        })
        .collect();
    Response::json(&json!({"categories": null, "crate": {"id": "relay", "name": "relay", "downloads": 12_345,
        "links": {"version_downloads": "/api/v1/crates/relay/downloads"}}, "keywords": null, "versions": list}))
}

fn days_of_crates(stage: &Stage, yesterday: i64) -> Response {
    let (mut single, mut extra) = (Vec::new(), Vec::new());
    for day in yesterday - 89..=yesterday {
        let n = downloads(stage, day);
        if n == 0 {
            continue;
        }
        for (version, part) in [(7, n / 3), (8, n / 4)] {
            single.push(json!({"version": version, "downloads": part, "date": date(day)}));
        }
        extra.push(json!({"date": date(day), "downloads": n - n / 3 - n / 4}));
    }
    Response::json(&json!({"version_downloads": single, "meta": {"extra_downloads": extra}}))
}

fn of_npm(stage: &Stage) -> Response {
    let (mut list, mut time) = (Map::new(), Map::new());
    time.insert("created".to_owned(), stamp(first(stage) * DAY).into());
    for (num, at, taken_back) in versions(stage) {
        let mut manifest = json!({"name": "relay", "version": num});
        if taken_back {
            manifest["deprecated"] = "use the next one".into();
        }
        list.insert(num.clone(), manifest);
        time.insert(num, stamp(at).into());
    }
    Response::json(
        &json!({"_id": "relay", "name": "relay", "dist-tags": {"latest": "0.1.0"}, "versions": list, "time": time}),
    )
}

fn days_of_npm(stage: &Stage, range: &str, yesterday: i64) -> Response {
    let ends = match range {
        "last-month" => Some((yesterday - 29, yesterday)),
        "last-year" => Some((yesterday - 364, yesterday)),
        _ => range.split_once(':').and_then(|(from, to)| Some((number(from)?, number(to)?))),
    };
    let Some((from, to)) = ends.filter(|(from, to)| from <= to && to - from < 549) else {
        return Response::status(400, &json!({"error": "end date > start date, or more than 18 months"}));
    };
    let days: Vec<Value> =
        (from..=to).map(|day| json!({"downloads": downloads(stage, day), "day": date(day)})).collect();
    Response::json(&json!({"start": date(from), "end": date(to), "package": "relay", "downloads": days}))
}

fn of_pypi(stage: &Stage) -> Response {
    let mut list = Map::new();
    for (num, at, yanked) in versions(stage) {
        let file = |name: String, at: i64| json!({"filename": name, "upload_time_iso_8601": stamp(at), "yanked": yanked, "packagetype": "sdist"});
        list.insert(
            num.clone(),
            json!([
                file(format!("relay-{num}-py3-none-any.whl"), at),
                file(format!("relay-{num}.tar.gz"), at + 2)
            ]),
        );
    }
    Response::json(&json!({"info": {"name": "relay", "package_url": "https://pypi.org/project/relay/"},
        "last_serial": 1, "releases": list, "urls": []}))
}

fn days_of_pypi(stage: &Stage, request: &Request, yesterday: i64) -> Response {
    let mut list = Vec::new();
    for day in yesterday - 179..=yesterday {
        let n = downloads(stage, day);
        if n == 0 {
            continue;
        }
        if request.query("mirrors").as_deref() != Some("false") {
            list.push(json!({"category": "with_mirrors", "date": date(day), "downloads": n * 3}));
        }
        list.push(json!({"category": "without_mirrors", "date": date(day), "downloads": n}));
    }
    Response::json(&json!({"data": list, "package": "relay", "type": "overall_downloads"}))
}
