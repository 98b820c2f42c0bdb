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

/// What can go wrong, by status and by the name of its answer.
const FAULTS: [(&str, &str); 7] = [
    ("400", "Usage"),
    ("401", "LogIn"),
    ("403", "NotAllowed"),
    ("405", "OtherMethod"),
    ("409", "Refused"),
    ("422", "Source"),
    ("503", "Store"),
];

/// The words for each of these answers.
fn faults() -> Map<String, Value> {
    let about = |why: &str| match why {
        "Usage" => "an argument is missing, unknown or out of its bounds",
        "LogIn" => "others may come here, and nobody has logged in",
        "NotAllowed" => "the request comes from elsewhere, or the role may not do this",
        "OtherMethod" => "this verb is called another way",
        "Refused" => "a rule forbids it",
        "Source" => "what is read or written to cannot be reached or read",
        _ => "the data folder cannot be read or written",
    };
    let each = FAULTS.iter().map(|(_, why)| {
        let content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Fault" } } });
        ((*why).to_owned(), json!({ "description": about(why), "content": content }))
    });
    each.collect()
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
                "200": { "description": "the verb's answer: rows, one object, or a document", "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Answer" } } } }
            }
        });
        for (code, why) in FAULTS {
            operation["responses"][code] = json!({ "$ref": format!("#/components/responses/{why}") });
        }
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
    paths.insert("/api/activities".to_owned(), json!({ "post": activities() }));
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Rapport", "version": env!("CARGO_PKG_VERSION"),
                  "description": "Every verb of the command line over HTTP, with the same arguments and the same JSON." },
        "paths": paths,
        "components": {
            "responses": faults(),
            "schemas": {
                "Answer": { "oneOf": [
                    { "type": "array", "description": "rows, each with the fields of its verb" },
                    { "type": "object", "description": "one answer, with the fields of its verb" },
                    { "type": "string", "description": "a document to keep as a file" }
                ] },
                "Fault": {
                    "type": "object", "required": ["error"], "additionalProperties": false,
                    "properties": {
                        "error": { "type": "string", "description": "what went wrong" },
                        "next": { "type": "array", "items": { "type": "string" }, "description": "what to do now" }
                    }
                }
            }
        }
    })
}

/// The one address that is no verb: rows from anywhere, signed, at the door beside the guard.
fn activities() -> Value {
    let header = |name: &str, about: &str| json!({ "name": name, "in": "header", "required": true, "schema": { "type": "string" }, "description": about });
    let body = |about: &str| json!({ "schema": { "description": about } });
    let mut operation = json!({
        "operationId": "activities",
        "summary": "Takes activities from anywhere, in the activities format, signed as Standard Webhooks has it",
        "parameters": [
            { "name": "source", "in": "query", "required": true, "schema": { "type": "string" }, "description": "what the source is called behind activities:" },
            header("webhook-id", "names the delivery: one that came before is not taken again"),
            header("webhook-timestamp", "seconds since 1970, within five minutes of now"),
            header("webhook-signature", "v1,BASE64 of HMAC-SHA256 over ID.TIMESTAMP.BODY with the hook's secret")
        ],
        "requestBody": { "required": true, "content": {
            "application/json": body("a list of rows"), "application/x-ndjson": body("a row a line"),
            "text/csv": body("a head, and a row a line"), "text/tab-separated-values": body("the same with tabs")
        } },
        "responses": { "202": { "description": "kept, and read in a moment: its id as `taken`" },
                       "200": { "description": "it came before: its id as `known`" } }
    });
    for (code, about) in [
        ("400", "no source is named"),
        ("401", "the signature is not right, or too old"),
        ("403", "the hook has no secret here"),
        ("408", "the body did not come to its end in time"),
        ("413", "larger than 4 MiB"),
        ("429", "too many at once; Retry-After says when"),
        ("503", "it cannot be kept now; Retry-After says when"),
    ] {
        let content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Fault" } } });
        operation["responses"][code] = json!({ "description": about, "content": content });
    }
    operation
}

fn parameters(arguments: &Value) -> Value {
    let required = arguments["required"].as_array().cloned().unwrap_or_default();
    let properties = arguments["properties"].as_object().cloned().unwrap_or_default();
    let each = properties.into_iter().map(|(name, schema)| {
        json!({ "name": name, "in": "query", "required": required.contains(&json!(name)), "schema": schema })
    });
    Value::Array(each.collect())
}
