//! Which metrics are drawn, and how: medians with what nine of ten took, each case where there are few, counts a month.

use rapport_model::Time;
use serde_json::Value;

use super::{Wanted, rows};
use crate::web::chart::{Chart, Look, SERIES, Series, Unit};
use crate::web::texts::{Texts, key};

/// The chart of a metric, with at most so many rows of its table; nothing where nothing changes with time.
pub(super) fn figure(
    texts: &Texts,
    name: &str,
    value: &Value,
    months: &Value,
    wanted: &Wanted,
    most: usize,
) -> String {
    let chart = match name {
        "time-to-first-response" => durations(texts, &texts.t("chart-first-response").to_string(), months),
        "time-to-close" => durations(texts, &texts.t("chart-close").to_string(), months),
        "closure-ratio" => {
            counts(texts, &texts.t("chart-closure").to_string(), months, &["opened", "closed"])
        }
        "unanswered" => counts(texts, &texts.t("chart-unanswered").to_string(), months, &["n", "unanswered"]),
        "contributors" => {
            counts(texts, &texts.t("chart-contributors").to_string(), value, &["new", "returning"])
        }
        "downloads" => downloads(texts, value),
        _ => None,
    };
    let Some(chart) = chart else { return String::new() };
    let table = match months {
        Value::Array(_) => rows::table(texts, name, &without_cases(months), wanted, most, None),
        _ => rows::table(texts, name, value, wanted, most, None),
    };
    chart.figure(texts, &chart.svg(texts), &table)
}

/// The cases of small months are drawn; the number of the month opens them.
fn without_cases(months: &Value) -> Value {
    let mut all = months.clone();
    for row in all.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        row.remove("each");
    }
    all
}

/// The middle of a month, or the first moment of a day, as seconds.
fn moment(text: &str) -> Option<i64> {
    let day = if text.len() == 7 { format!("{text}-15T00:00:00Z") } else { format!("{text}T00:00:00Z") };
    Time::parse(&day).ok().map(|at| at.millis() / 1_000)
}

fn list(value: &Value) -> Option<&Vec<Value>> {
    value.as_array().filter(|rows| !rows.is_empty())
}

/// A moment, how it reads, and what is known of it: median, nine of ten, one case.
type Point = (i64, String, [Option<f64>; 3]);

fn durations(texts: &Texts, title: &str, months: &Value) -> Option<Chart> {
    let mut points: Vec<Point> = Vec::new();
    for row in list(months)? {
        let month = row["month"].as_str()?;
        if let Some(median) = row["median_s"].as_f64() {
            points.push((moment(month)?, month.to_owned(), [Some(median), row["p90_s"].as_f64(), None]));
        }
        for case in row["each"].as_array().into_iter().flatten() {
            let Some(at) = case["opened_at"].as_str().and_then(|at| Time::parse(at).ok()) else { continue };
            let day = at.to_string().chars().take(10).collect();
            points.push((at.millis() / 1_000, day, [None, None, case["took_s"].as_f64()]));
        }
    }
    points.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    if points.is_empty() {
        return None;
    }
    let values = |n: usize| points.iter().map(|p| p.2[n]).collect::<Vec<_>>();
    let wanted = [
        (key("chart-median"), Look::Line, 0),
        (key("chart-within"), Look::Band, 1),
        (key("chart-case"), Look::Dots, 2),
    ];
    let series = wanted.into_iter().map(|(name, look, n)| Series {
        name: texts.t(name).to_string(),
        look,
        values: values(n),
    });
    let series: Vec<Series> = series.filter(|s| s.values.iter().any(Option::is_some)).collect();
    Some(Chart {
        title: title.to_owned(),
        unit: Unit::Seconds,
        at: points.iter().map(|p| p.0).collect(),
        named: points.iter().map(|p| p.1.clone()).collect(),
        series,
        marks: Vec::new(),
    })
}

fn counts(texts: &Texts, title: &str, rows: &Value, names: &[&str]) -> Option<Chart> {
    let mut all: Vec<(i64, &str, &Value)> = list(rows)?
        .iter()
        .filter_map(|row| row["month"].as_str().and_then(|text| Some((moment(text)?, text, row))))
        .collect();
    all.sort_by_key(|row| row.0);
    let chart = Chart {
        title: title.to_owned(),
        unit: Unit::Count,
        at: all.iter().map(|row| row.0).collect(),
        named: all.iter().map(|row| row.1.to_owned()).collect(),
        series: names
            .iter()
            .map(|name| Series {
                name: if *name == "n" { texts.t("page-all").to_string() } else { rows::reads(texts, name) },
                look: Look::Bars,
                values: all.iter().map(|row| row.2[*name].as_f64()).collect(),
            })
            .collect(),
        marks: Vec::new(),
    };
    (!chart.at.is_empty()).then_some(chart)
}

/// A line a package, those most downloaded.
fn downloads(texts: &Texts, value: &Value) -> Option<Chart> {
    let rows = list(value)?;
    let mut weeks: Vec<&str> = rows.iter().filter_map(|row| row["week"].as_str()).collect();
    weeks.sort_unstable();
    weeks.dedup();
    let mut sources: Vec<(&str, f64)> = Vec::new();
    for row in rows {
        let (Some(source), Some(n)) = (row["source"].as_str(), row["downloads"].as_f64()) else { continue };
        match sources.iter_mut().find(|s| s.0 == source) {
            Some(one) => one.1 += n,
            None => sources.push((source, n)),
        }
    }
    sources.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let known: Vec<(i64, &str)> = weeks.iter().filter_map(|week| Some((moment(week)?, *week))).collect();
    let of = |source: &str, week: &str| {
        let row = rows.iter().find(|r| r["source"] == source && r["week"] == week)?;
        row["downloads"].as_f64()
    };
    let series = sources.iter().take(SERIES).map(|(source, _)| Series {
        name: (*source).to_owned(),
        look: Look::Line,
        values: known.iter().map(|(_, week)| of(source, week)).collect(),
    });
    let chart = Chart {
        title: texts.t("chart-downloads").to_string(),
        unit: Unit::Count,
        at: known.iter().map(|w| w.0).collect(),
        named: known.iter().map(|w| w.1.to_owned()).collect(),
        series: series.collect(),
        marks: Vec::new(),
    };
    (!chart.at.is_empty()).then_some(chart)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_month_of_few_is_its_cases_and_one_of_many_its_median() {
        let texts = Texts::of("en").unwrap();
        let months = json!([
            { "month": "2026-06", "n": 40, "never": 0, "median_s": 60.0, "p90_s": 600.0 },
            { "month": "2026-07", "n": 1, "never": 2, "median_s": null, "p90_s": null,
              "each": [{ "thread": 4, "opened_at": "2026-07-02T10:00:00Z", "took_s": 30.0 }] },
        ]);
        let chart = durations(texts, "T", &months).unwrap();
        assert_eq!(chart.named, ["2026-06", "2026-07-02"]);
        let values: Vec<_> = chart.series.iter().map(|s| s.values.clone()).collect();
        assert_eq!(values, [[Some(60.0), None], [Some(600.0), None], [None, Some(30.0)]]);
        let made = figure(
            texts,
            "time-to-first-response",
            &json!([]),
            &months,
            &Wanted { opens: true, ..Wanted::default() },
            rows::MANY,
        );
        assert!(made.contains("within=2026-07") && !made.contains(">each<"), "{made}");
        assert!(durations(texts, "T", &json!([])).is_none());
    }
}
