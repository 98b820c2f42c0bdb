//! The roster: who applied, what the definition says with its clauses, what people said, and the letter. The program judges
//! and drafts; people decide, two of them where the answer is no.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use rapport_model::Time;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Frame, checked, html, page};
use crate::fault::Fault;
use crate::web::sent::with_file;
use crate::web::texts::key;
use crate::web::{App, words};

/// `roster list`, as far as the page shows it.
#[derive(Deserialize)]
struct Row {
    id: i64,
    name: String,
    at: Time,
    verdict: String,
    clause: Option<String>,
    question: Option<String>,
    standing: String,
}

/// `roster show`.
#[derive(Deserialize)]
struct Case {
    id: i64,
    name: String,
    at: Time,
    verdict: String,
    standing: String,
    judgement: Judgement,
    words: Vec<Word>,
}

#[derive(Deserialize)]
struct Judgement {
    clauses: Vec<Clause>,
    findings: Vec<Value>,
    recognises: Vec<String>,
    question: Option<String>,
    why: Option<String>,
    what_would_change_it: Vec<String>,
    letter: String,
    definition: String,
}

#[derive(Deserialize)]
struct Clause {
    clause: String,
    holds: Option<bool>,
    words: String,
    because: String,
}

#[derive(Deserialize)]
struct Word {
    at: Time,
    who: String,
    verdict: String,
    because: Option<String>,
}

/// `roster definitions`.
#[derive(Deserialize)]
struct Known {
    definition: String,
    in_force: bool,
}

/// One group of applications: those that have come as far.
struct Group {
    head: &'static str,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "roster.html")]
struct Roster {
    frame: Frame,
    groups: Vec<Group>,
    kinds: Vec<String>,
    known: Vec<Known>,
    /// The definition that is compared with, and who would be judged otherwise by it, as the verb says it.
    flips: Option<(String, String)>,
    /// What was sent and is not taken in, and why.
    draft: HashMap<String, String>,
    fault: Option<(String, Vec<String>)>,
}

#[derive(Template)]
#[template(path = "case.html")]
struct Shown {
    frame: Frame,
    case: Case,
    findings: Vec<String>,
}

/// How far a decision can have come, in the order of what is to be done, and what it is called.
const STANDINGS: [(&str, &str); 5] = [
    ("needs-second", key("roster-needs-second")),
    ("undecided", key("roster-undecided")),
    ("asked", key("roster-asked")),
    ("disagreed", key("roster-disagreed")),
    ("decided", key("roster-decided")),
];

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    to: Option<String>,
}

pub(in crate::web) async fn list(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    page(app, move |app| html(&roster(app, asked.to, HashMap::new(), None)?)).await
}

fn roster(
    app: &App,
    to: Option<String>,
    draft: HashMap<String, String>,
    fault: Option<Fault>,
) -> Result<Roster, Fault> {
    let mut rows: Vec<Row> = app.ask(&["roster", "list"])?;
    let mut groups = Vec::new();
    for (standing, head) in STANDINGS {
        let (these, others) = rows.into_iter().partition(|row| row.standing == standing);
        rows = others;
        groups.push(Group { head, rows: these });
    }
    groups.push(Group { head: key("roster-otherwise"), rows });
    groups.retain(|group| !group.rows.is_empty());
    for row in groups.iter_mut().flat_map(|group| &mut group.rows) {
        row.name = words::short(&row.name, 80);
    }
    #[derive(Deserialize)]
    struct Kind {
        kind: String,
    }
    let kinds: Vec<Kind> = app.ask(&["org", "kinds"]).unwrap_or_default();
    let flips = match to.filter(|to| !to.is_empty()) {
        Some(to) => {
            let call = ["roster".to_owned(), "flips".to_owned(), format!("--to={to}")];
            Some((to, words::plain(&app.look(false, &call)?.text)))
        }
        None => None,
    };
    Ok(Roster {
        frame: Frame::new(app, app.t("roster-back"), "roster"),
        groups,
        kinds: kinds.into_iter().map(|kind| kind.kind).collect(),
        known: app.ask(&["roster", "definitions"])?,
        flips,
        draft,
        fault: fault.map(|fault| (fault.message, fault.hints)),
    })
}

pub(in crate::web) async fn one(State(app): State<Arc<App>>, Path(id): Path<i64>) -> Response {
    page(app, move |app| {
        let mut case: Case = app.ask(&["roster", "show", "--", &id.to_string()])?;
        case.name = words::short(&case.name, 80);
        let said = |finding: &Value| match finding {
            Value::String(text) => text.clone(),
            other => other["says"]
                .as_str()
                .or(other["code"].as_str())
                .map_or_else(|| other.to_string(), str::to_owned),
        };
        let findings = case.judgement.findings.iter().map(said).collect();
        html(&Shown { frame: Frame::new(app, case.name.clone(), "roster"), case, findings })
    })
    .await
}

/// What the form says of a person, as an application; none where it has no name.
fn application(form: &HashMap<String, String>) -> Option<Value> {
    let given = |key: &str| form.get(key).map(|v| v.trim()).filter(|v| !v.is_empty());
    let lines = |key: &str| -> Vec<&str> {
        given(key)
            .map(|text| text.lines().map(str::trim).filter(|line| !line.is_empty()).collect())
            .unwrap_or_default()
    };
    let mut person = serde_json::Map::new();
    for key in ["title", "employer_kind", "duties_text", "contract"] {
        if let Some(value) = given(key) {
            person.insert(key.to_owned(), json!(value));
        }
    }
    if let Some(hours) = given("hours").and_then(|hours| hours.replace(',', ".").parse::<f64>().ok()) {
        person.insert("hours_per_week".to_owned(), json!(hours));
    }
    if let Some(line) = given("reports_to") {
        person.insert("reports_to".to_owned(), json!(line));
    }
    // `developer advocacy 60 %`, a line each.
    let duties: Vec<Value> = lines("duties").into_iter().filter_map(duty).collect();
    if !duties.is_empty() {
        person.insert("duties".to_owned(), json!(duties));
    }
    let beside = lines("beside");
    if !beside.is_empty() {
        person.insert("beside_the_job".to_owned(), json!(beside));
    }
    given("name").map(|name| json!({ "id": name, "person": person }))
}

/// `developer advocacy 60 %` as a duty with its share.
fn duty(line: &str) -> Option<Value> {
    let (function, share) = line.trim_end_matches(['%', ' ']).rsplit_once(' ')?;
    let share: f64 = share.replace(',', ".").parse().ok()?;
    let function = function.trim().to_lowercase().replace(' ', "-");
    Some(json!({ "function": function, "share": share / 100.0 }))
}

/// An application comes in.
pub(in crate::web) async fn apply(
    State(app): State<Arc<App>>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        checked(app, &form)?;
        let lines = form.get("duties").map(String::as_str).unwrap_or_default();
        let unread = lines.lines().find(|line| !line.trim().is_empty() && duty(line).is_none());
        let refused = match (application(&form), unread) {
            (None, _) => Fault::usage(app.t("roster-no-name")),
            (_, Some(line)) => Fault::usage(app.t("roster-no-duty").with("line", words::short(line, 60)))
                .hint(app.t("roster-no-duty-next")),
            (Some(line), None) => {
                match with_file(app, &["roster", "apply"], "application.jsonl", &format!("{line}\n")) {
                    Ok(_) => return Ok(Redirect::to("/roster").into_response()),
                    Err(fault) => fault,
                }
            }
        };
        html(&roster(app, None, form, Some(refused))?)
    })
    .await
}

/// What a person says of an application, or that it is taken out.
pub(in crate::web) async fn say(
    State(app): State<Arc<App>>,
    Path((id, act)): Path<(i64, String)>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        checked(app, &form)?;
        let given = |key: &str| form.get(key).map(|v| v.trim()).filter(|v| !v.is_empty());
        let mut call = vec!["roster".to_owned(), act.clone()];
        match act.as_str() {
            "decide" => {
                call.extend(given("because").map(|why| format!("--because={why}")));
                let verdict = given("verdict").unwrap_or_default().to_owned();
                call.extend(["--".to_owned(), id.to_string(), verdict]);
            }
            "withdraw" => call.extend(["--".to_owned(), id.to_string()]),
            other => {
                return Err(Fault::usage(app.t("roster-no-act").with("act", words::short(other, 20))));
            }
        }
        app.act(true, &call)?;
        let next = if act == "withdraw" { "/roster".to_owned() } else { format!("/roster/{id}") };
        Ok(Redirect::to(&next).into_response())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_an_application() {
        let form = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<HashMap<_, _>>()
        };
        let sent = form(&[
            ("name", "dana"),
            ("title", "Developer Advocate"),
            ("hours", "38,5"),
            ("duties", "Developer Advocacy 60 %\r\nsoftware engineering 40\n"),
            ("beside", ""),
        ]);
        let wanted = json!({ "id": "dana", "person": { "title": "Developer Advocate", "hours_per_week": 38.5, "duties": [
            { "function": "developer-advocacy", "share": 0.6 }, { "function": "software-engineering", "share": 0.4 }] } });
        assert_eq!(application(&sent), Some(wanted));
        assert_eq!(application(&form(&[("title", "x")])), None);
        assert_eq!(duty("advocacy"), None);
    }
}
