//! Topics: what keeps coming back, week by week, and what people say about that.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use rapport_model::Time;
use serde::Deserialize;

use super::drafts::{Department, departments};
use super::{Frame, html, page};
use crate::fault::Fault;
use crate::report::html::esc;
use crate::web::timeline::{self, Band, Mark, Sort, Week};
use crate::web::{App, markup, words};

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    scope: Option<String>,
}

/// `topics`, as far as the pages show it. Who may see counts alone is told no words of anybody.
#[derive(Deserialize)]
struct Row {
    id: u32,
    label: String,
    kind: String,
    people: usize,
    messages: u64,
    threads: usize,
    waiting: usize,
    #[serde(default)]
    terms: Vec<String>,
    #[serde(default)]
    example: String,
    #[serde(default)]
    of: Vec<Member>,
}

#[derive(Deserialize)]
struct Member {
    thread: i64,
    source: String,
    title: String,
    url: Option<String>,
    state: String,
    cosine: f64,
}

/// `topics show`, as far as the page draws it.
#[derive(Deserialize)]
struct Shown {
    kept: bool,
    direction: String,
    rate_ratio: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    timeline: Vec<Seen>,
    expected: Option<Expected>,
    happened: Vec<Happened>,
}

#[derive(Deserialize)]
struct Expected {
    a_week: f64,
    low: f64,
    high: Option<f64>,
    seen: f64,
    weeks: usize,
}

#[derive(Deserialize)]
struct Happened {
    at: Time,
    sort: String,
    what: String,
}

#[derive(Deserialize)]
struct Seen {
    from: Time,
    people: u32,
    messages: u32,
}

/// What was said about topics and holds: `topics undo --list`.
#[derive(Deserialize)]
struct Holds {
    number: i64,
    what: String,
}

#[derive(Template)]
#[template(path = "topics.html")]
struct Topics {
    frame: Frame,
    rows: Vec<Row>,
    rest: Vec<Row>,
    holds: Vec<Holds>,
    scope: String,
    widest: usize,
}

/// The weeks of a topic, drawn and as rows.
struct Drawn {
    kept: bool,
    direction: String,
    ratio: Option<String>,
    expected: Option<String>,
    /// Drawing, data and table.
    figure: String,
}

#[derive(Template)]
#[template(path = "topic.html")]
struct Topic {
    frame: Frame,
    row: Row,
    terms: String,
    more: usize,
    /// Only threads in this state are shown; empty when all are.
    state: String,
    drawn: Option<Drawn>,
    others: Vec<Row>,
    departments: Vec<Department>,
}

/// Threads of one topic on its page, those that fit best.
const MEMBERS: usize = 200;
/// Topics at the top of the list; smaller ones are folded away.
const TOP: usize = 40;
/// A topic of more threads is drawn when somebody asks: each of its conversations is read for it.
const AT_ONCE: usize = 500;

pub(in crate::web) async fn list(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    page(app, move |app| {
        let scope = asked.scope.filter(|s| !s.is_empty()).unwrap_or_default();
        let option = format!("--scope={scope}");
        let mut call = vec!["topics"];
        if !scope.is_empty() {
            call.push(&option);
        }
        let mut rows: Vec<Row> = app.ask(&call)?;
        let widest = rows.iter().map(|r| r.people).max().unwrap_or(1).max(1);
        let rest = rows.split_off(TOP.min(rows.len()));
        let mut holds = held(app);
        for one in &mut holds {
            one.what = words::short(&one.what, 160);
        }
        html(&Topics {
            frame: Frame::new(app, app.t("base-topics"), "topics"),
            rows,
            rest,
            holds,
            scope,
            widest,
        })
    })
    .await
}

/// Whoever may not change topics sees no list of changes.
fn held(app: &App) -> Vec<Holds> {
    let call = ["topics", "undo", "--list"].map(str::to_owned);
    let answer = app.look(true, &call).ok();
    answer.and_then(|answer| serde_json::from_str(&answer.json).ok()).unwrap_or_default()
}

/// What is wanted of one topic: the weeks, however many threads are read for them, and which threads.
#[derive(Deserialize)]
pub(in crate::web) struct Wanted {
    weeks: Option<String>,
    /// Only threads in this state.
    state: Option<String>,
}

pub(in crate::web) async fn one(
    State(app): State<Arc<App>>,
    Path(id): Path<u32>,
    Query(wanted): Query<Wanted>,
) -> Response {
    page(app, move |app| html(&topic(app, id, &wanted)?)).await
}

fn topic(app: &App, id: u32, wanted: &Wanted) -> Result<Topic, Fault> {
    let rows: Vec<Row> = app.ask(&["topics", &format!("--of={id}")])?;
    let mut row = rows.into_iter().next().ok_or_else(|| {
        Fault::usage(app.t("topics-missing").with("topic", id)).hint(app.t("topics-missing-next"))
    })?;
    row.of.sort_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.thread.cmp(&b.thread)));
    let whole = row.of.len();
    let state = wanted.state.as_deref().unwrap_or_default();
    row.of.retain(|member| state.is_empty() || member.state == state);
    let all = row.of.len();
    row.of.truncate(MEMBERS);
    for member in &mut row.of {
        member.title = words::short(&member.title, 160);
        member.url = markup::link(member.url.as_deref()).map(str::to_owned);
    }
    // A role that sees counts alone may not ask for one topic's evidence.
    let drawn = if wanted.weeks.is_some() || whole <= AT_ONCE { drawn(app, id).ok() } else { None };
    let mut others: Vec<Row> = app.ask(&["topics"])?;
    others.retain(|other| other.id != id);
    Ok(Topic {
        frame: Frame::new(app, words::short(&row.label, 80), "topics"),
        terms: row.terms.join(", "),
        more: all - row.of.len(),
        state: words::short(state, 20),
        drawn,
        others,
        departments: departments(app)?,
        row,
    })
}

fn drawn(app: &App, id: u32) -> Result<Drawn, Fault> {
    let shown: Shown = app.ask(&["topics", "show", "--", &id.to_string()])?;
    let mut marks: Vec<Mark> = shown.happened.iter().map(|happened| mark(app, happened)).collect();
    // The end of a week belongs to it.
    let ends: Vec<Time> = shown.timeline.iter().map(|seen| seen.from.plus_millis(7 * 86_400_000)).collect();
    let mut weeks: Vec<Week> = shown.timeline.iter().map(week).collect();
    for (mark, happened) in marks.drain(..).zip(&shown.happened) {
        if let Some(n) = ends.iter().position(|end| happened.at <= *end) {
            weeks[n].marks.push(mark);
        }
    }
    let band =
        shown.expected.as_ref().map(|e| Band { mid: e.a_week, low: e.low, high: e.high, weeks: e.weeks });
    let chart = timeline::chart(app.texts, &weeks, band.as_ref());
    let svg = timeline::weeks(app.texts, &weeks, band.as_ref());
    Ok(Drawn {
        kept: shown.kept,
        direction: shown.direction,
        ratio: match (shown.low, shown.rate_ratio, shown.high) {
            (Some(low), Some(mid), Some(high)) => Some(format!(
                "{} {}",
                timeline::interval(app.texts, low, mid, high),
                esc(&app
                    .t("topics-ratio")
                    .with("ratio", format!("{mid:.2}"))
                    .with("low", format!("{low:.2}"))
                    .with("high", format!("{high:.2}"))
                    .to_string())
            )),
            _ => None,
        },
        expected: shown.expected.map(|e| {
            let tenth = |n: f64| format!("{n:.1}");
            match e.high {
                Some(high) => app
                    .t("topics-expected")
                    .with("low", tenth(e.low))
                    .with("high", tenth(high))
                    .with("expected", tenth(e.a_week))
                    .with("seen", tenth(e.seen))
                    .n("weeks", e.weeks)
                    .to_string(),
                None => app
                    .t("topics-expected-open")
                    .with("low", tenth(e.low))
                    .with("expected", tenth(e.a_week))
                    .with("seen", tenth(e.seen))
                    .n("weeks", e.weeks)
                    .to_string(),
            }
        }),
        figure: chart.figure(app.texts, &svg, &timeline::table(app.texts, &weeks)),
    })
}

fn week(seen: &Seen) -> Week {
    Week {
        from: seen.from.to_string().chars().take(10).collect(),
        at: seen.from.millis() / 1_000,
        messages: seen.messages,
        people: seen.people,
        marks: Vec::new(),
    }
}

fn mark(app: &App, happened: &Happened) -> Mark {
    let what = words::short(&happened.what, 60);
    let (sort, says) = match happened.sort.as_str() {
        "event" => (Sort::Event, app.t("topics-mark-event")),
        "docs" => (Sort::Docs, app.t("topics-mark-docs")),
        "shipped" => (Sort::Shipped, app.t("topics-mark-shipped")),
        _ => (Sort::Release, app.t("topics-mark-release")),
    };
    Mark { at: happened.at.millis() / 1_000, sort, says: format!("{says}: {what}") }
}

/// What a person says about a topic; then back to it, or to the list where it is gone.
pub(in crate::web) async fn act(
    State(app): State<Arc<App>>,
    Path((id, act)): Path<(u32, String)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    page(app, move |app| {
        let all = |key: &str| -> Vec<String> {
            form.iter().filter(|(k, v)| k == key && !v.trim().is_empty()).map(|(_, v)| v.clone()).collect()
        };
        let one = |key: &str| all(key).into_iter().next();
        if !app.ours(&one("token").unwrap_or_default()) {
            return Err(Fault::usage(app.t("page-stale")).hint(app.t("page-stale-next")));
        }
        app.act(true, &call(app, id, &act, &all)?)?;
        let back = match act.as_str() {
            "merge" | "declare" | "undo" => "/topics".to_owned(),
            _ => format!("/topics/{id}"),
        };
        Ok(Redirect::to(&back).into_response())
    })
    .await
}

/// The words of the verb that a form stands for.
fn call(app: &App, id: u32, act: &str, all: &impl Fn(&str) -> Vec<String>) -> Result<Vec<String>, Fault> {
    let mut call = vec!["topics".to_owned(), act.to_owned()];
    let mut operands = vec![id.to_string()];
    match act {
        "pin" => {}
        "rename" => operands.extend(all("name")),
        "merge" => operands.extend(all("into")),
        "not" => operands.extend(all("threads")),
        "split" => {
            call.extend(all("name").iter().map(|name| format!("--name={name}")));
            operands.extend(all("threads"));
        }
        "declare" => {
            operands = all("name");
            let words = all("words").join(",");
            let each = words.split(',').map(str::trim).filter(|word| !word.is_empty());
            call.extend(each.map(|word| format!("--word={word}")));
            call.extend(all("example").iter().map(|example| format!("--example={example}")));
        }
        "undo" => operands = all("number"),
        _ => return Err(Fault::usage(app.t("topics-no-act").with("act", words::short(act, 20)))),
    }
    call.push("--".to_owned());
    call.append(&mut operands);
    Ok(call)
}
