//! Deliveries of Gitea and Forgejo: the objects in them are those of the API.

use rapport_model::Key;
use serde_json::Value;

use super::{Gone, Heard, Said, nothing, place, text};

pub(super) fn heard(event: &str, body: &Value) -> Result<Heard, String> {
    let action = text(body, "/action").unwrap_or_default();
    let url = text(body, "/repository/html_url").and_then(place);
    let Some(what) = url else { return nothing(format!("'{event}' is about no repository")) };
    if body["repository"]["private"].as_bool() == Some(true) && action.is_empty() {
        return nothing("nothing is said in it");
    }
    let mut elements = Vec::new();
    for name in ["issue", "pull_request", "comment", "release"] {
        if let Some(object) = body.get(name).filter(|v| v.is_object()) {
            elements.push(object.clone());
        }
    }
    let said = match event {
        _ if elements.is_empty() => {
            return nothing(format!("'{event}' is none of the events that are listened to"));
        }
        "issue_comment" | "pull_request_comment" => {
            let mut said = Said::of(what).list(elements);
            if action == "deleted" {
                said.gone = Gone::Replies;
            }
            said
        }
        _ if event.starts_with("issue")
            || event.starts_with("pull_request") && body.get("review").is_none() =>
        {
            let mut said = Said::of(what);
            if event == "issues" && action == "deleted" {
                let number = body["issue"]["number"].as_u64().ok_or("the number is missing")?;
                (said.gone, said.gone_threads) =
                    (Gone::Everything, vec![Key::new(format!("issue/{number}"))]);
            }
            said.list(elements)
        }
        "release" => {
            let mut said = Said::of(what).list(elements);
            if action == "deleted" {
                said.gone = Gone::Everything;
            }
            said
        }
        _ => return nothing(format!("'{event}' is none of the events that are listened to")),
    };
    Ok(Heard::Said(Box::new(said)))
}
