//! The organisation: the chart of lines and interfaces, what is wrong with it, and what another line would do.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use rapport_model::Time;
use serde::Deserialize;

use super::{Frame, html, page};
use crate::web::texts::Texts;
use crate::web::{App, words};

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    what: Option<String>,
}

/// `org show`, as far as the page shows it.
#[derive(Deserialize)]
struct Org {
    employer: Option<String>,
    kind: String,
    in_force: String,
    departments: Vec<Department>,
    people: Vec<Person>,
    lean: Vec<Lean>,
    lean_basis: String,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Department {
    id: String,
    name: String,
    fit: String,
    owner: Option<String>,
    decide_within_days: u32,
    reports_to: Option<String>,
    waiting: usize,
    #[serde(default)]
    waiting_in: usize,
    #[serde(default)]
    waiting_threads: Vec<i64>,
    interfaces: Vec<Interface>,
}

#[derive(Deserialize)]
struct Interface {
    person: String,
    kept_by: Option<String>,
    channel: String,
    last: Option<Time>,
    what: String,
    alive: bool,
}

#[derive(Deserialize)]
struct Person {
    id: String,
    name: String,
    verdict: String,
    because: String,
    reports_to: Vec<String>,
}

#[derive(Deserialize)]
struct Lean {
    name: String,
    share: f64,
    expected: f64,
}

impl Lean {
    fn percent(&self) -> String {
        format!("{:.0}", self.share * 100.0)
    }
    fn wanted(&self) -> String {
        format!("{:.0}", self.expected * 100.0)
    }
}

#[derive(Deserialize)]
struct Finding {
    code: String,
    level: String,
    says: String,
    fix: String,
    clause: Option<String>,
}

/// A box of the chart.
struct Block {
    x: i32,
    y: i32,
    sort: String,
    name: String,
    under: String,
}

/// A line of the chart.
struct Edge {
    x1: i32,
    y1: i32,
    x2: i32,
    y2: i32,
    sort: &'static str,
}

#[derive(Template)]
#[template(path = "organisation.html")]
struct Shown {
    frame: Frame,
    org: Org,
    blocks: Vec<Block>,
    edges: Vec<Edge>,
    width: i32,
    height: i32,
    what: String,
    /// What another line would do.
    would: Option<String>,
    fault: Option<(String, Vec<String>)>,
}

/// Boxes are so wide and high, so far apart.
const WIDE: i32 = 168;
const HIGH: i32 = 46;
const ACROSS: i32 = 190;
const DOWN: i32 = 92;

pub(in crate::web) async fn show(State(app): State<Arc<App>>, Query(asked): Query<Asked>) -> Response {
    page(app, move |app| {
        let org: Org = app.ask(&["org", "show"])?;
        let what = asked.what.map(|w| w.trim().to_owned()).unwrap_or_default();
        let (mut would, mut fault) = (None, None);
        if !what.is_empty() {
            let call = ["org", "what-if", "--", &what].map(str::to_owned);
            match app.look(false, &call) {
                Ok(answer) => would = Some(words::plain(&answer.text)),
                Err(failed) => fault = Some((failed.message, failed.hints)),
            }
        }
        let (blocks, edges, width, height) = chart(app.texts, &org);
        let frame = Frame::new(app, app.t("base-organisation"), "organisation");
        html(&Shown { frame, org, blocks, edges, width, height, what, would, fault })
    })
    .await
}

/// Departments in a row; below each, those who report to it, and below them those who report to them.
fn chart(texts: &Texts, org: &Org) -> (Vec<Block>, Vec<Edge>, i32, i32) {
    let (mut blocks, mut edges) = (Vec::new(), Vec::new());
    let mut at: Vec<(&str, i32, i32)> = Vec::new();
    let mut column = 0;
    let mut deepest = 0;
    for department in &org.departments {
        let first = column;
        // Breadth first; a ring of lines ends where somebody is there already.
        let mut row: Vec<&str> = vec![department.id.as_str()];
        let mut depth = 0;
        let mut widest = 1;
        at.push((department.id.as_str(), first, 0));
        while !row.is_empty() {
            let below: Vec<&Person> = org
                .people
                .iter()
                .filter(|p| {
                    p.reports_to.iter().any(|to| row.contains(&to.as_str()))
                        && !at.iter().any(|(id, _, _)| *id == p.id)
                })
                .collect();
            depth += 1;
            for (n, person) in below.iter().enumerate() {
                at.push((person.id.as_str(), first + i32::try_from(n).unwrap_or(0), depth));
                deepest = deepest.max(depth);
            }
            widest = widest.max(i32::try_from(below.len()).unwrap_or(1));
            row = below.iter().map(|p| p.id.as_str()).collect();
        }
        column = first + widest;
    }
    // Who reports to nobody that is known stands behind the departments.
    for person in &org.people {
        if !at.iter().any(|(id, _, _)| *id == person.id) {
            at.push((person.id.as_str(), column, 1));
            deepest = deepest.max(1);
            column += 1;
        }
    }
    let place = |id: &str| {
        at.iter().find(|(known, _, _)| *known == id).map(|(_, x, y)| (8 + x * ACROSS, 8 + y * DOWN))
    };
    let mut line = |from: &str, to: &str, sort: &'static str| {
        if let (Some((x1, y1)), Some((x2, y2))) = (place(from), place(to)) {
            let aside = if sort == "line" { WIDE / 2 } else { WIDE / 4 };
            // Upwards from the lower box; between boxes of one row from side to side.
            let (y1, y2) = if y1 > y2 { (y1, y2 + HIGH) } else { (y1 + HIGH, y2 + HIGH) };
            edges.push(Edge { x1: x1 + aside, y1, x2: x2 + aside, y2, sort });
        }
    };
    for department in &org.departments {
        if let Some(above) = &department.reports_to {
            line(&department.id, above, "line");
        }
        for interface in &department.interfaces {
            let keeper = interface.kept_by.as_deref();
            if let Some(keeper) = org.people.iter().find(|p| Some(p.name.as_str()) == keeper) {
                line(&keeper.id, &department.id, if interface.alive { "interface" } else { "dark" });
            }
        }
    }
    for person in &org.people {
        for above in &person.reports_to {
            line(&person.id, above, "line");
        }
    }
    for department in &org.departments {
        if let Some((x, y)) = place(&department.id) {
            let under = match department.waiting {
                0 => department.owner.clone().unwrap_or_else(|| texts.t("organisation-no-owner").to_string()),
                n => texts.t("organisation-waits").n("n", n).to_string(),
            };
            let sort =
                format!("department {}", if department.fit == "conflict" { "conflict" } else { "fits" });
            blocks.push(Block {
                x,
                y,
                sort,
                name: words::short(&department.name, 20),
                under: words::short(&under, 24),
            });
        }
    }
    for person in &org.people {
        if let Some((x, y)) = place(&person.id) {
            let (name, under) = (words::short(&person.name, 20), words::short(&person.verdict, 24));
            blocks.push(Block { x, y, sort: format!("person {}", person.verdict), name, under });
        }
    }
    (blocks, edges, 16 + column.max(1) * ACROSS, 24 + deepest * DOWN + HIGH)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn everybody_is_on_the_chart_once_whatever_the_lines_are() {
        let department = |id: &str| {
            json!({"id": id, "name": id, "fit": "fits", "owner": null, "decide_within_days": 14,
            "reports_to": null, "waiting": 0, "interfaces": [{"person": "x", "kept_by": "b", "channel": "c", "last": null,
            "what": "", "alive": true}]})
        };
        let person = |id: &str, to: &[&str]| {
            json!({"id": id, "name": id, "verdict": "practitioner", "because": "",
            "reports_to": to})
        };
        let org: Org = serde_json::from_value(json!({"employer": null, "kind": "saas", "in_force": "file",
            "departments": [department("p"), department("e")], "lean": [], "lean_basis": "", "findings": [],
            "people": [person("a", &["p"]), person("b", &["a"]), person("c", &["e", "p"]), person("d", &["f"]),
                person("f", &["d"]), person("g", &[])]}))
        .unwrap();
        let (blocks, edges, width, height) = chart(Texts::of("en").unwrap(), &org);
        assert_eq!(blocks.len(), 8);
        let mut places: Vec<(i32, i32)> = blocks.iter().map(|b| (b.x, b.y)).collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), 8, "none hides another");
        assert!(blocks.iter().all(|b| b.x + WIDE <= width && b.y + HIGH <= height));
        assert_eq!(edges.iter().filter(|e| e.sort == "interface").count(), 2);
        assert_eq!(edges.iter().filter(|e| e.sort == "line").count(), 6);
    }
}
