//! GitLab's deliveries: attributes of what changed, whoever changed it. Where the author is not the one who acted, the
//! log may know; what cannot be told from them is left to a look.

use serde_json::{Value, json};

use super::{Heard, Said, nothing, place, text};

pub(super) fn heard(body: &Value) -> Result<Heard, String> {
    let Some(what) = text(body, "/project/web_url").and_then(place) else {
        return nothing("it is about no project");
    };
    let kind = text(body, "/object_kind").unwrap_or_default();
    let a = body.get("object_attributes").filter(|a| a.is_object()).ok_or("object_attributes is missing")?;
    let hidden = |v: &Value| v["confidential"].as_bool() == Some(true);
    let event = text(body, "/event_type").unwrap_or_default();
    if hidden(a)
        || hidden(&body["issue"])
        || a["internal"].as_bool() == Some(true)
        || event.starts_with("confidential")
    {
        return nothing("it is confidential");
    }
    // Who acted is the author when it is new, or when the numbers say so.
    let own = a["author_id"].as_u64().is_some() && a["author_id"] == body["user"]["id"];
    let user = own.then(|| json!({ "username": body["user"]["username"], "name": body["user"]["name"] }));
    let mut said = Said::of(what);
    said.anonymous = !own;
    let mut labels: Vec<&str> = ["/labels", "/object_attributes/labels"]
        .iter()
        .find_map(|path| body.pointer(path)?.as_array())
        .into_iter()
        .flatten()
        .filter_map(|l| l["title"].as_str())
        .collect();
    labels.sort_unstable();
    let opening = json!({
        "id": a["id"], "iid": a["iid"], "title": a["title"], "description": a["description"], "state": a["state"],
        "author": user, "created_at": time(&a["created_at"]), "updated_at": time(&a["updated_at"]),
        "closed_at": time(&a["closed_at"]), "web_url": a["url"], "labels": labels,
    });
    match kind {
        "issue" => Ok(Heard::Said(Box::new(said.list(vec![opening])))),
        "merge_request" => {
            // When it was merged or closed stands nowhere in the delivery.
            if text(a, "/state") != Some("opened") {
                said.wanted = true;
                return Ok(Heard::Said(Box::new(said)));
            }
            let mut opening = opening;
            opening["source_branch"] = json!(text(a, "/source_branch").unwrap_or_default());
            Ok(Heard::Said(Box::new(said.list(vec![opening]))))
        }
        "note" => {
            let on = match text(a, "/noteable_type") {
                Some("Issue") => &body["issue"]["iid"],
                Some("MergeRequest") => &body["merge_request"]["iid"],
                _ => return nothing("a note on neither an issue nor a merge request"),
            };
            Ok(Heard::Said(Box::new(said.list(vec![json!({
                "id": a["id"], "body": a["note"], "author": user, "created_at": time(&a["created_at"]),
                "updated_at": time(&a["updated_at"]), "system": a["system"].as_bool() == Some(true),
                "noteable_iid": on, "noteable_type": a["noteable_type"],
            })]))))
        }
        other => nothing(format!("'{other}' is none of the events that are listened to")),
    }
}

/// `2026-09-01 10:00:00 UTC` is what older servers write.
fn time(value: &Value) -> Value {
    match value.as_str() {
        Some(text) => match text.strip_suffix(" UTC") {
            Some(civil) => json!(format!("{}Z", civil.replacen(' ', "T", 1))),
            None => json!(text),
        },
        None => Value::Null,
    }
}
