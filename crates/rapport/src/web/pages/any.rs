//! Every verb has a page: a form made from its arguments, and its answer as tables. Verbs with a page of their own are
//! nicer there; none is missing here.

use std::fmt::Write;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use rapport_model::Time;
use serde_json::{Map, Value};

use super::{Frame, html, page, role};
use crate::call::{Effect, effect, served, words as command};
use crate::desk::wall;
use crate::fault::Fault;
use crate::reference::schema;
use crate::report::html::esc;
use crate::web::guard::urlencoded;
use crate::web::texts::Texts;
use crate::web::{App, markup, words};

struct Entry {
    verb: String,
    path: String,
    about: String,
}

#[derive(Template)]
#[template(path = "verbs.html")]
struct Verbs {
    frame: Frame,
    reads: Vec<Entry>,
    writes: Vec<Entry>,
}

struct Field {
    name: String,
    help: String,
    kind: &'static str,
    options: Vec<String>,
    required: bool,
    value: String,
}

#[derive(Template)]
#[template(path = "verb.html")]
struct Verb {
    frame: Frame,
    verb: String,
    path: String,
    about: String,
    reads: bool,
    fields: Vec<Field>,
    answer: Option<String>,
    /// The same as a terminal shows it, where nothing is done by asking twice.
    text: Option<String>,
    fault: Option<(String, Vec<String>)>,
}

/// Every verb.
pub(in crate::web) async fn list(State(app): State<Arc<App>>) -> Response {
    page(app, |app| {
        let role = role(app);
        let of = |wanted: Effect| {
            let all = schema::all().into_iter().filter(|v| wall::open(role, &v.verb));
            let each = all.filter(|v| effect(&v.verb) == wanted).map(|v| Entry {
                path: v.verb.replace(' ', "/"),
                verb: v.verb,
                about: v.about,
            });
            each.collect::<Vec<_>>()
        };
        let (reads, writes) = (of(Effect::Reads), of(Effect::Writes));
        html(&Verbs { frame: Frame::new(app, app.t("base-everything"), "desk"), reads, writes })
    })
    .await
}

/// One verb's form; with arguments in the address, a verb that only looks answers at once.
pub(in crate::web) async fn show(
    State(app): State<Arc<App>>,
    Path(path): Path<String>,
    Query(given): Query<Vec<(String, String)>>,
) -> Response {
    page(app, move |app| {
        let verb = path.replace('/', " ");
        let ask = effect(&verb) == Effect::Reads && (!given.is_empty() || needs_nothing(&verb));
        html(&view(app, &verb, &given, ask)?)
    })
    .await
}

/// Calls a verb that changes something.
pub(in crate::web) async fn call(
    State(app): State<Arc<App>>,
    Path(path): Path<String>,
    Form(given): Form<Vec<(String, String)>>,
) -> Response {
    page(app, move |app| {
        let token = given.iter().find(|(key, _)| key == "token").map(|(_, v)| v.as_str()).unwrap_or_default();
        if !app.ours(token) {
            return Err(Fault::usage(app.t("page-stale")).hint(app.t("page-stale-next")));
        }
        let given: Vec<(String, String)> = given.into_iter().filter(|(key, _)| key != "token").collect();
        html(&view(app, &path.replace('/', " "), &given, true)?)
    })
    .await
}

/// Where a question in SQL is answered, row by row.
pub(super) fn sql(query: &str) -> String {
    format!("/desk/sql?query={}", urlencoded(query))
}

fn needs_nothing(verb: &str) -> bool {
    let all = schema::all();
    all.iter().any(|c| c.verb == verb && c.arguments["required"].as_array().is_none_or(Vec::is_empty))
}

fn view(app: &App, verb: &str, given: &[(String, String)], ask: bool) -> Result<Verb, Fault> {
    let known = schema::all().into_iter().find(|c| c.verb == verb);
    let known = known.filter(|c| effect(&c.verb) != Effect::Terminal).ok_or_else(|| {
        Fault::usage(app.t("any-no-verb").with("verb", verb)).hint(app.t("any-no-verb-next"))
    })?;
    wall::admits(role(app), verb)?;
    let arguments = served(&known.arguments);
    let (mut answer, mut fault, mut text) = (None, None, None);
    if ask {
        match answered(app, verb, &arguments, given) {
            Ok(value) => {
                answer = Some(table(app.texts, &value));
                if effect(verb) == Effect::Reads {
                    let said =
                        app.look(false, &object(&arguments, given).and_then(|o| command(verb, &o))?)?;
                    text = Some(words::plain(&said.text)).filter(|t| !t.trim().is_empty());
                }
            }
            Err(failed) => fault = Some((failed.message, failed.hints)),
        }
    }
    Ok(Verb {
        frame: Frame::new(app, verb, "desk"),
        path: verb.replace(' ', "/"),
        verb: verb.to_owned(),
        about: known.about,
        reads: effect(verb) == Effect::Reads,
        fields: fields(&arguments, given),
        answer,
        text,
        fault,
    })
}

/// The arguments as their schema types them.
fn object(arguments: &Value, given: &[(String, String)]) -> Result<Map<String, Value>, Fault> {
    let mut object = Map::new();
    for (key, text) in given.iter().filter(|(_, text)| !text.trim().is_empty()) {
        let value = match arguments["properties"][key]["type"].as_str() {
            Some("boolean") => Value::Bool(text == "true" || text == "on"),
            Some("array") => text.split_whitespace().map(|word| Value::String(word.to_owned())).collect(),
            _ => Value::String(text.clone()),
        };
        object.insert(key.clone(), value);
    }
    Ok(object)
}

fn answered(app: &App, verb: &str, arguments: &Value, given: &[(String, String)]) -> Result<Value, Fault> {
    let call = command(verb, &object(arguments, given)?)?;
    let json = match effect(verb) {
        Effect::Reads => app.look(true, &call)?.json.clone(),
        _ => app.act(true, &call)?.json,
    };
    if json.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&json).map_err(|e| app.misread(verb, &e))
}

fn fields(arguments: &Value, given: &[(String, String)]) -> Vec<Field> {
    let required = arguments["required"].as_array().cloned().unwrap_or_default();
    let properties = arguments["properties"].as_object().cloned().unwrap_or_default();
    let each = properties.into_iter().map(|(name, schema)| {
        let options: Vec<String> = schema["enum"]
            .as_array()
            .map(|all| all.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect())
            .unwrap_or_default();
        Field {
            help: schema["description"].as_str().unwrap_or_default().to_owned(),
            kind: match schema["type"].as_str() {
                Some("boolean") => "checkbox",
                Some("integer" | "number") => "number",
                _ if !options.is_empty() => "select",
                _ => "text",
            },
            value: given.iter().find(|(key, _)| *key == name).map(|(_, v)| v.clone()).unwrap_or_default(),
            required: required.contains(&Value::String(name.clone())),
            options,
            name,
        }
    });
    each.collect()
}

/// Rows shown of one table; the rest is counted.
const ROWS: usize = 150;
/// Threads that a cell links.
const THREADS: usize = 100;

/// Any answer as HTML: a list of objects as a table, an object as its parts, links as links, threads as ours.
pub(super) fn table(texts: &Texts, value: &Value) -> String {
    let mut out = String::new();
    let _ = write(texts, &mut out, value, 0); // writing into a String cannot fail
    out
}

fn write(texts: &Texts, out: &mut String, value: &Value, depth: usize) -> std::fmt::Result {
    match value {
        Value::Array(rows) if rows.is_empty() => {
            write!(out, "<p class=\"soft\">{}</p>", esc(&texts.t("any-nothing").to_string()))
        }
        Value::Array(rows) if rows.iter().all(Value::is_object) && depth < 3 => {
            let mut columns: Vec<&str> = Vec::new();
            for key in rows.iter().filter_map(Value::as_object).flat_map(|row| row.keys()) {
                if !columns.contains(&key.as_str()) {
                    columns.push(key);
                }
            }
            write!(out, "<div class=\"wide\" tabindex=\"0\"><table><thead><tr>")?;
            for column in &columns {
                write!(out, "<th scope=\"col\">{}</th>", esc(&column.replace('_', " ")))?;
            }
            write!(out, "</tr></thead><tbody>")?;
            for row in rows.iter().take(ROWS) {
                write!(out, "<tr>")?;
                for column in &columns {
                    write!(out, "<td>")?;
                    cell(texts, out, column, row.get(*column).unwrap_or(&Value::Null), depth)?;
                    write!(out, "</td>")?;
                }
                write!(out, "</tr>")?;
            }
            write!(out, "</tbody></table></div>")?;
            match rows.len() {
                n if n > ROWS => write!(
                    out,
                    "<p class=\"soft\">{}</p>",
                    esc(&texts.t("any-more").n("n", n - ROWS).to_string())
                ),
                _ => Ok(()),
            }
        }
        Value::Array(parts) => {
            for (n, part) in parts.iter().take(ROWS).enumerate() {
                if n > 0 {
                    out.push_str(if part.is_object() { "<br>" } else { ", " });
                }
                write(texts, out, part, depth + 1)?;
            }
            Ok(())
        }
        Value::Object(parts) => {
            write!(out, "<dl>")?;
            for (key, part) in parts {
                write!(out, "<dt>{}</dt><dd>", esc(&key.replace('_', " ")))?;
                cell(texts, out, key, part, depth + 1)?;
                write!(out, "</dd>")?;
            }
            write!(out, "</dl>")
        }
        Value::Null => write!(out, "<span class=\"soft\">\u{2013}</span>"),
        Value::String(text) => match markup::link(Some(text)) {
            Some(url) => write!(
                out,
                "<a href=\"{}\" rel=\"noopener noreferrer nofollow\">{}</a>",
                esc(url),
                esc(&words::short(url, 60))
            ),
            None => write!(out, "{}", esc(&words::short(text, 600))),
        },
        other => write!(out, "{other}"),
    }
}

fn cell(texts: &Texts, out: &mut String, key: &str, value: &Value, depth: usize) -> std::fmt::Result {
    match (key, value) {
        ("thread", Value::Number(id)) => write!(out, "<a href=\"/thread/{id}\">{id}</a>"),
        (key, Value::Number(n)) if key.ends_with("_s") => match n.as_f64() {
            Some(seconds) => write!(out, "<span title=\"{n} s\">{}</span>", esc(&texts.span(seconds))),
            None => write!(out, "{n}"),
        },
        (key, Value::String(text)) if key.ends_with("_at") => match Time::parse(text) {
            Ok(at) => write!(out, "<span title=\"{}\">{}</span>", esc(text), esc(&texts.moment(&at))),
            Err(_) => write(texts, out, value, depth),
        },
        (_, Value::Number(n)) if n.is_f64() => write!(out, "{}", rounded(n.as_f64().unwrap_or(f64::NAN))),
        // The threads behind a number: each opens.
        ("threads", Value::Array(ids)) if ids.iter().all(Value::is_u64) => {
            for (n, id) in ids.iter().take(THREADS).enumerate() {
                let before = if n > 0 { ", " } else { "" };
                write!(out, "{before}<a href=\"/thread/{id}\">{id}</a>")?;
            }
            match ids.len() {
                n if n > THREADS => {
                    let more = texts.t("any-more").n("n", n - THREADS).to_string();
                    write!(out, " <span class=\"soft\">{}</span>", esc(&more))
                }
                _ => Ok(()),
            }
        }
        ("topic", Value::Number(id)) => write!(out, "<a href=\"/topics/{id}\">{id}</a>"),
        (_, Value::Object(_)) if depth > 3 => write!(out, "<code>{}</code>", esc(&value.to_string())),
        _ => write(texts, out, value, depth),
    }
}

/// Four digits are as much as a reader takes in.
fn rounded(number: f64) -> String {
    let text = if number.abs() >= 1_000.0 { format!("{number:.0}") } else { format!("{number:.3}") };
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn any_answer_is_shown_and_none_can_act() {
        let texts = Texts::of("en").unwrap();
        let html = table(
            texts,
            &json!([{ "thread": 3, "title": "<script>", "url": "https://x.example/\"a" },
                                 { "thread": 4, "more": [1, 2], "url": "javascript:x" }]),
        );
        assert!(html.contains("<a href=\"/thread/3\">3</a>"));
        assert!(html.contains("&lt;script&gt;") && !html.contains("<script>"));
        assert!(html.contains("https://x.example/&quot;a"));
        assert!(!html.contains("href=\"javascript"));
        assert!(table(texts, &json!({ "p90_s": 83_429.999 })).contains(">23 h<"));
        assert!(table(texts, &json!({ "ratio": 1.500_000_1 })).contains(">1.5<"));
        assert!(table(texts, &json!([])).contains("nothing"));
        assert!(table(texts, &json!({ "a": { "b": { "c": { "d": { "e": 1 } } } } })).contains("<code>"));
    }
}
