//! Every verb as JSON: `GET /api/needs?all=true` for what only looks, `POST /api/claim` with an object for what changes
//! something, and the document that describes them, made from the registry of verbs.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::App;
use super::pages::{page, status};
use crate::call::{Effect, effect, served, words};
use crate::fault::Fault;
use crate::reference::schema;

/// `GET /api/needs?source=x`: only for verbs that look.
pub(super) async fn get(
    State(app): State<Arc<App>>,
    Path(verb): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    page(app, move |app| {
        let verb = verb.replace('/', " ");
        if effect(&verb) != Effect::Reads {
            return Ok(said(
                StatusCode::METHOD_NOT_ALLOWED,
                &json!({ "error": format!("'{verb}' is called with POST") }),
            ));
        }
        Ok(answered(typed(&verb, query).and_then(|arguments| {
            let call = words(&verb, &arguments)?;
            Ok(app.look(true, &call)?.json.clone())
        })))
    })
    .await
}

/// `POST /api/claim {"thread": 12}`.
pub(super) async fn post(
    State(app): State<Arc<App>>,
    Path(verb): Path<String>,
    body: Result<axum::Json<Map<String, Value>>, axum::extract::rejection::JsonRejection>,
) -> Response {
    page(app, move |app| {
        let verb = verb.replace('/', " ");
        let arguments = match body {
            Ok(axum::Json(arguments)) => arguments,
            Err(error) => return Ok(said(error.status(), &json!({ "error": error.body_text() }))),
        };
        if effect(&verb) == Effect::Terminal {
            let why = format!("'{verb}' lives on the command line");
            return Ok(said(StatusCode::METHOD_NOT_ALLOWED, &json!({ "error": why })));
        }
        Ok(answered(words(&verb, &arguments).and_then(|call| Ok(app.act(true, &call)?.json))))
    })
    .await
}

/// The query's texts as the types that the verb's schema names.
fn typed(verb: &str, query: Vec<(String, String)>) -> Result<Map<String, Value>, Fault> {
    let all = schema::all();
    let known = all.iter().find(|c| c.verb == verb).map(|c| &c.arguments["properties"]);
    let mut arguments = Map::new();
    for (key, text) in query {
        let kind = known.and_then(|k| k[&key]["type"].as_str()).unwrap_or("string");
        match kind {
            "boolean" => {
                let truth = text.parse().map_err(|_| Fault::usage(format!("'{key}' is true or false")))?;
                arguments.insert(key, Value::Bool(truth));
            }
            "array" => match arguments.entry(key).or_insert_with(|| json!([])) {
                Value::Array(all) => all.push(Value::String(text)),
                other => *other = json!([text]),
            },
            _ => {
                arguments.insert(key, Value::String(text));
            }
        }
    }
    Ok(arguments)
}

fn answered(answer: Result<String, Fault>) -> Response {
    match answer {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(fault) => said(status(&fault), &json!({ "error": fault.message, "next": fault.hints })),
    }
}

fn said(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// The OpenAPI document.
pub(super) async fn document() -> Response {
    said(StatusCode::OK, &openapi())
}

fn openapi() -> Value {
    let mut paths = Map::new();
    for verb in schema::all() {
        let effect = effect(&verb.verb);
        if effect == Effect::Terminal {
            continue;
        }
        let arguments = served(&verb.arguments);
        let mut operation = json!({
            "operationId": verb.verb.replace(' ', "-"),
            "summary": verb.about,
            "responses": {
                "200": { "description": "the verb's answer", "content": { "application/json": { "schema": {} } } },
                "default": { "description": "what went wrong and what to do next", "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Fault" } } } }
            }
        });
        let method = if effect == Effect::Reads {
            operation["parameters"] = parameters(&arguments);
            "get"
        } else {
            operation["requestBody"] =
                json!({ "required": true, "content": { "application/json": { "schema": arguments } } });
            "post"
        };
        paths.insert(format!("/api/{}", verb.verb.replace(' ', "/")), json!({ method: operation }));
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Rapport", "version": env!("CARGO_PKG_VERSION"),
                  "description": "Every verb of the command line over HTTP, with the same arguments and the same JSON." },
        "paths": paths,
        "components": { "schemas": { "Fault": { "type": "object", "required": ["error"], "properties": {
            "error": { "type": "string" }, "next": { "type": "array", "items": { "type": "string" } } } } } }
    })
}

fn parameters(arguments: &Value) -> Value {
    let required = arguments["required"].as_array().cloned().unwrap_or_default();
    let properties = arguments["properties"].as_object().cloned().unwrap_or_default();
    let each = properties.into_iter().map(|(name, schema)| {
        json!({ "name": name, "in": "query", "required": required.contains(&json!(name)), "schema": schema })
    });
    Value::Array(each.collect())
}
